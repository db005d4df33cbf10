//! What the system tells of the process.

use std::fs;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What one look at the process gives. What the system does not tell is absent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Process {
    pub(super) start_seconds: Option<f64>,
    pub(super) resident_bytes: Option<u64>,
    pub(super) open_files: Option<u64>,
    pub(super) cpu_seconds: Option<f64>,
}

/// Ticks of a second in `/proc`, which is what Linux has had for user space since it is.
const TICKS: f64 = 100.0;

/// When the process was first looked at, where the system does not tell when it began.
static BEGUN: LazyLock<SystemTime> = LazyLock::new(SystemTime::now);

impl Process {
    pub(super) fn look() -> Self {
        let stat = fs::read_to_string("/proc/self/stat").ok();
        let stat = stat.as_deref().and_then(Stat::read);
        let open = fs::read_dir("/proc/self/fd").ok();
        let begun = BEGUN.duration_since(UNIX_EPOCH).ok();
        let told = stat.as_ref().and_then(Stat::start_seconds);
        Self {
            start_seconds: told.or(begun.map(|begun| begun.as_secs_f64())),
            resident_bytes: fs::read_to_string("/proc/self/status")
                .ok()
                .and_then(|status| resident(&status)),
            // One of them is the folder that is read.
            open_files: open.and_then(|open| u64::try_from(open.count()).ok()?.checked_sub(1)),
            cpu_seconds: stat.map(|stat| stat.cpu_ticks / TICKS),
        }
    }
}

struct Stat {
    cpu_ticks: f64,
    start_ticks: f64,
}

impl Stat {
    fn read(text: &str) -> Option<Self> {
        // The name of the process may have spaces; what follows it does not.
        let (_, rest) = text.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let number = |at: usize| fields.get(at)?.parse::<f64>().ok();
        Some(Self {
            cpu_ticks: number(11)? + number(12)?,
            start_ticks: number(19)?,
        })
    }

    fn start_seconds(&self) -> Option<f64> {
        let stat = fs::read_to_string("/proc/stat").ok()?;
        let boot = stat.lines().find_map(|line| line.strip_prefix("btime "))?;
        let boot: u64 = boot.trim().parse().ok()?;
        let since = Duration::try_from_secs_f64(self.start_ticks / TICKS).ok()?;
        Some(
            Duration::from_secs(boot)
                .saturating_add(since)
                .as_secs_f64(),
        )
    }
}

fn resident(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn linux_tells_all_of_it() {
        let process = Process::look();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let started = process.start_seconds.unwrap();
        assert!(started <= now.as_secs_f64() + 2.0 && started > now.as_secs_f64() - 86_400.0);
        assert!(process.resident_bytes.unwrap() > 100_000);
        assert!(process.open_files.unwrap() >= 3);
        assert!(process.cpu_seconds.is_some());
    }

    #[test]
    fn a_name_with_spaces_and_parentheses_is_read_over() {
        let text = "1 (a ) b) S 1 1 1 0 -1 0 0 0 0 0 150 50 0 0 20 0 9 0 4200 1 1";
        let stat = Stat::read(text).unwrap();
        assert_eq!((stat.cpu_ticks, stat.start_ticks), (200.0, 4200.0));
        assert!(Stat::read("nonsense").is_none());
    }
}
