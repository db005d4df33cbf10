use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::mpsc;
use std::thread;

use tokio::sync::watch as channel;

use super::*;
use crate::reload::Present;

const RULE: &str = "package restrictions.one\n\nwarn contains \"VERSION\" if input.host.id\n";
const LIMIT: Duration = Duration::from_secs(1);

fn settings() -> Settings {
    Settings {
        poll_interval: Duration::from_millis(100),
        quiet_period: Duration::from_millis(10),
        quiet_limit: LIMIT,
        ..Settings::default()
    }
}

fn write(root: &Path, version: &str) {
    fs::write(root.join("rule.rego"), RULE.replace("VERSION", version)).unwrap();
}

/// Turns that run on a thread of their own until this is dropped.
struct Running {
    present: channel::Receiver<Present>,
    signals: SyncSender<Signal>,
    stopped: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Running {
    fn start(root: &Path, watch: impl FnOnce(SyncSender<Signal>) -> Option<Watch>) -> Self {
        let (sender, present) = channel::channel(Present::default());
        let (signals, woken) = mpsc::sync_channel(8);
        let stopped = Arc::new(AtomicBool::new(false));
        let source = Source::Folder(root.to_path_buf());
        let attempts = Attempts::new(sender, settings(), true, false);
        let flag = Arc::clone(&stopped);
        let mut turns = Turns::new(source, &settings(), attempts, signals.clone(), woken, flag);
        if let Some(watch) = watch(signals.clone()) {
            turns.watch = Some(watch);
        }
        let (first, done) = mpsc::channel();
        let thread = thread::spawn(move || turns.run(|| first.send(()).unwrap()));
        done.recv().unwrap();
        Self {
            present,
            signals,
            stopped,
            thread: Some(thread),
        }
    }

    async fn until(&mut self, generation: u64) {
        let reached = self.present.wait_for(|now| {
            let active = now.active.as_ref();
            active.is_some_and(|active| active.generation >= generation)
        });
        let waited = tokio::time::timeout(Duration::from_secs(20), reached).await;
        let active = waited.expect("in time").unwrap().active.clone();
        assert_eq!(active.unwrap().generation, generation);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Release);
        let _ = self.signals.try_send(Signal::Stop);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

#[tokio::test]
async fn without_any_event_changes_are_found_by_reading() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "v1");
    let at = root.path().to_path_buf();
    let mut turns = Running::start(root.path(), |signals| {
        let open = Box::new(|_| Err(notify::Error::new(notify::ErrorKind::MaxFilesWatch)));
        Some(Watch::opened_by(open, at, signals))
    });
    for generation in 2..5 {
        write(root.path(), &format!("v{generation}"));
        turns.until(generation).await;
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
#[tokio::test]
async fn a_file_that_is_never_closed_is_read_after_the_limit() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "v1");
    let mut turns = Running::start(root.path(), |_| None);
    let start = Instant::now();
    let mut file = fs::File::create(root.path().join("rule.rego")).unwrap();
    file.write_all(RULE.as_bytes()).unwrap();
    turns.until(2).await;
    assert!(start.elapsed() >= LIMIT);
    // It is not waited for once more.
    let start = Instant::now();
    fs::write(
        root.path().join("other.rego"),
        "package restrictions.other\n",
    )
    .unwrap();
    turns.until(3).await;
    assert!(start.elapsed() < LIMIT);
    file.write_all(b"\nwarn contains \"more\" if input.host.id\n")
        .unwrap();
    drop(file);
    turns.until(4).await;
}

#[cfg(any(target_os = "linux", target_os = "android"))]
#[tokio::test]
async fn changes_that_follow_each_other_are_one() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "v1");
    let mut turns = Running::start(root.path(), |_| None);
    let place = root.path().to_path_buf();
    // Several quiet periods in all, one file never closed before the next is open.
    let mut open = Vec::new();
    for at in 0..20 {
        let mut file = fs::File::create(place.join(format!("{at}.rego"))).unwrap();
        let text = format!("package restrictions.p{at}\n");
        file.write_all(text.as_bytes()).unwrap();
        open.push(file);
        if at > 0 {
            drop(open.remove(0));
        }
        thread::sleep(Duration::from_millis(12));
    }
    drop(open);
    turns.until(2).await;
}
