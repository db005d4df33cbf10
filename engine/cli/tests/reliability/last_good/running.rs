//! A server as a process whose whole log can be read, with a place for its policies and state.

use std::cell::Cell;
use std::fs::{self, File};
use std::net::SocketAddr;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::policies::{write, write_stamped};
use crate::support::embargo;

/// How long anything is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// A policy folder, a state folder and a log.
pub(super) struct Place {
    root: tempfile::TempDir,
    /// Sets that were put in place.
    written: Cell<usize>,
}

impl Place {
    pub(super) fn new() -> Self {
        Self {
            root: tempfile::tempdir().unwrap(),
            written: Cell::new(0),
        }
    }

    pub(super) fn policies(&self) -> PathBuf {
        self.root.path().join("policies")
    }

    pub(super) fn state(&self) -> PathBuf {
        self.root.path().join("state")
    }

    pub(super) fn last_good(&self) -> PathBuf {
        self.state().join("last-good")
    }

    /// Puts a good set in place, which carries its version.
    pub(super) fn write(&self, version: &str) {
        self.put(|folder| write_stamped(folder, version));
    }

    pub(super) fn break_policies(&self) {
        self.put(|folder| write(folder, "broken.rego", "package ("));
    }

    /// Puts a set in place at once: the policy folder is a link.
    fn put(&self, fill: impl FnOnce(&Path)) {
        let number = self.written.get();
        self.written.set(number + 1);
        let fresh = self.root.path().join(number.to_string());
        // So large that keeping it takes a while.
        let line = "# A comment, of which there are many.\n";
        let padding = format!("cases: []\n{}", line.repeat(12_000));
        write(&fresh, "cases/padding.yaml", &padding);
        fill(&fresh);
        let next = self.root.path().join("next");
        symlink(&fresh, &next).unwrap();
        fs::rename(&next, self.policies()).unwrap();
        if let Some(before) = number.checked_sub(2) {
            fs::remove_dir_all(self.root.path().join(before.to_string())).unwrap();
        }
    }

    /// `embargo serve` on these folders.
    pub(super) fn command(&self) -> Command {
        let mut command = embargo();
        command.args(self.arguments());
        command
    }

    pub(super) fn arguments(&self) -> Vec<String> {
        let text = |path: PathBuf| path.into_os_string().into_string().unwrap();
        let mut arguments: Vec<String> = ["serve", "--listen", "127.0.0.1:0"]
            .map(str::to_owned)
            .to_vec();
        arguments.extend(["--poll-interval".to_owned(), "100ms".to_owned()]);
        arguments.extend(["--policies".to_owned(), text(self.policies())]);
        arguments.extend(["--state".to_owned(), text(self.state())]);
        arguments
    }
}

/// A process, killed with the value.
pub(super) struct Running {
    process: Child,
    log: PathBuf,
    _folder: tempfile::TempDir,
}

impl Running {
    /// Starts a server and waits until it serves.
    pub(super) fn start(place: &Place, more: &[&str]) -> Self {
        let mut command = place.command();
        command.args(more);
        let mut server = Self::spawn(command);
        server.until_said("serving on ");
        server
    }

    pub(super) fn spawn(mut command: Command) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let stderr = File::create(&log).unwrap();
        let process = command
            .env("NO_COLOR", "1")
            .stdout(Stdio::null())
            .stderr(stderr)
            .spawn()
            .unwrap();
        Self {
            process,
            log,
            _folder: folder,
        }
    }

    pub(super) fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Waits until the log has this.
    pub(super) fn until_said(&mut self, text: &str) {
        assert!(self.says_or_ends(text), "it ended: {}", self.said());
    }

    /// Waits until the log has this, or the process has ended: then no.
    pub(super) fn says_or_ends(&mut self, text: &str) -> bool {
        let start = Instant::now();
        loop {
            let has_ended = self.process.try_wait().unwrap().is_some();
            if self.said().contains(text) {
                return true;
            }
            if has_ended {
                return false;
            }
            assert!(start.elapsed() < PATIENCE, "{text}: {}", self.said());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    pub(super) fn is_alive(&mut self) -> bool {
        self.process.try_wait().unwrap().is_none()
    }

    pub(super) fn address(&self) -> SocketAddr {
        let said = self.said();
        let rest = said.split("serving on ").nth(1).expect("it serves");
        rest.lines().next().unwrap().trim().parse().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // SIGKILL.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Waits until something holds.
pub(super) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
