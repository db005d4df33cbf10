use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};

use notify::event::{AccessKind, AccessMode, DataChange, ModifyKind};
use notify::{Config, Event, EventHandler, EventKind, RecursiveMode, Watcher};

use super::hearing::Handler;
use super::*;

const CHANGED: EventKind = EventKind::Modify(ModifyKind::Data(DataChange::Any));
const CLOSED: EventKind = EventKind::Access(AccessKind::Close(AccessMode::Write));

type Fault = fn() -> notify::Error;

/// A system whose watchers tell what the test says, and fail when it says so.
#[derive(Clone, Default)]
struct System {
    handlers: Arc<Mutex<Vec<Handler>>>,
    fault: Arc<Mutex<Option<Fault>>>,
}

struct Told(System);

impl Watcher for Told {
    fn new<F: EventHandler>(_: F, _: Config) -> notify::Result<Self> {
        Err(notify::Error::generic("not this way"))
    }

    fn watch(&mut self, _: &Path, mode: RecursiveMode) -> notify::Result<()> {
        let fault = *self.0.fault.lock().unwrap();
        match fault {
            Some(fault) if mode == RecursiveMode::Recursive => Err(fault()),
            _ => Ok(()),
        }
    }

    fn unwatch(&mut self, _: &Path) -> notify::Result<()> {
        Ok(())
    }

    fn kind() -> WatcherKind {
        WatcherKind::Inotify
    }
}

impl System {
    fn watch(&self, root: &Path) -> (Watch, Receiver<Signal>) {
        let (signals, woken) = sync_channel(8);
        let system = self.clone();
        let open = Box::new(move |handler| {
            system.handlers.lock().unwrap().push(handler);
            let watcher: Box<dyn Watcher + Send> = Box::new(Told(system.clone()));
            Ok(watcher)
        });
        let mut watch = Watch::opened_by(open, root.to_path_buf(), signals);
        watch.set();
        (watch, woken)
    }

    fn fail(&self, fault: Option<Fault>) {
        *self.fault.lock().unwrap() = fault;
    }

    /// Lets a watcher tell something, counted from the first that was opened.
    fn tell(&self, watcher: usize, event: notify::Result<Event>) {
        self.handlers.lock().unwrap()[watcher](event);
    }
}

fn of(kind: EventKind, path: &Path) -> notify::Result<Event> {
    Ok(Event::new(kind).add_path(path.to_path_buf()))
}

#[test]
fn a_watch_that_cannot_be_set_is_set_when_it_can_be() {
    let root = tempfile::tempdir().unwrap();
    let system = System::default();
    let faults: [Fault; 3] = [
        || notify::Error::new(ErrorKind::MaxFilesWatch),
        || notify::Error::io(std::io::Error::from_raw_os_error(24)),
        || panic!("as the library does where it has no thread"),
    ];
    for fault in faults {
        system.fail(Some(fault));
        let (mut watch, _woken) = system.watch(root.path());
        assert!(!watch.is_set() && watch.is_blind);
        assert!(watch.present.is_none(), "half a watch is none");
        system.fail(None);
        watch.set();
        assert!(watch.is_set() && !watch.is_blind);
        assert!(watch.present.is_some());
    }
}

#[test]
fn each_fault_names_what_to_raise() {
    let files = notify::Error::io(std::io::Error::from_raw_os_error(24));
    for (fault, wanted) in [
        (
            notify::Error::new(ErrorKind::MaxFilesWatch),
            "fs.inotify.max_user_watches",
        ),
        (files, "fs.inotify.max_user_instances"),
        (notify::Error::generic("x"), "--poll-interval"),
    ] {
        assert!(hint(&fault).contains(wanted), "{fault}");
    }
}

#[test]
fn what_is_gone_while_it_is_being_watched_makes_no_watch_blind() {
    let root = tempfile::tempdir().unwrap();
    let system = System::default();
    let (mut watch, _woken) = system.watch(root.path());
    system.fail(Some(|| notify::Error::new(ErrorKind::PathNotFound)));
    watch.set();
    assert!(!watch.is_set() && !watch.is_blind);
    assert!(watch.present.is_some(), "the one before still hears");
    system.fail(None);
    watch.set();
    assert!(watch.is_set());
}

#[cfg(any(target_os = "linux", target_os = "android"))]
#[test]
fn what_is_being_written_is_known_across_watchers() {
    let root = tempfile::tempdir().unwrap();
    let rule = root.path().join("rule.rego");
    let system = System::default();
    let (mut watch, woken) = system.watch(root.path());
    system.tell(0, of(CHANGED, &rule));
    assert!(woken.try_recv().is_ok());
    assert_eq!(watch.being_written(), Some(rule.clone()));
    // The fresh one never heard of it; the one before does not wake, and still knows.
    watch.set();
    assert_eq!(watch.being_written(), Some(rule.clone()));
    system.tell(0, of(CLOSED, &rule));
    assert!(woken.try_recv().is_err());
    assert_eq!(watch.being_written(), None);
    system.tell(1, of(CHANGED, &root.path().join("notes.txt")));
    assert_eq!(watch.being_written(), None);

    system.tell(1, of(CHANGED, &rule));
    watch.stop_waiting();
    assert_eq!(watch.being_written(), None);
    system.tell(1, of(CHANGED, &rule));
    assert_eq!(watch.being_written(), Some(rule));
}

#[cfg(any(target_os = "linux", target_os = "android"))]
#[test]
fn when_events_were_lost_nothing_is_known_of_files() {
    let root = tempfile::tempdir().unwrap();
    let system = System::default();
    let (mut watch, woken) = system.watch(root.path());
    assert!(watch.tells_of_closing());
    let lost = Event::new(EventKind::Other).set_flag(notify::event::Flag::Rescan);
    for event in [Ok(lost), Err(notify::Error::generic("x"))] {
        let watcher = system.handlers.lock().unwrap().len() - 1;
        system.tell(watcher, of(CHANGED, &root.path().join("rule.rego")));
        system.tell(watcher, event);
        assert!(woken.try_iter().count() > 1);
        assert!(!watch.tells_of_closing());
        assert_eq!(watch.being_written(), None);
        watch.set();
        assert!(!watch.tells_of_closing(), "nor of those from before");
        watch.set();
        assert!(watch.tells_of_closing());
    }
}

/// On a busy machine events come late, so that a file that is half written would pass for whole.
#[cfg(target_os = "linux")]
#[test]
fn late_events_are_caught_up_with() {
    use std::io::Write as _;
    use std::time::Duration;

    let root = tempfile::tempdir().unwrap();
    let open: Open = Box::new(|mut handler| {
        let late = move |event| {
            std::thread::sleep(Duration::from_millis(20));
            handler(event);
        };
        Ok(Box::new(notify::recommended_watcher(late)?))
    });
    let (signals, woken) = sync_channel(8);
    let mut watch = Watch::opened_by(open, root.path().to_path_buf(), signals);
    watch.set();
    let place = root.path().join("rule.rego");
    let mut file = std::fs::File::create(&place).unwrap();
    file.write_all(b"package").unwrap();
    assert_eq!(watch.being_written(), None, "nothing has been told yet");
    watch.catch_up();
    assert_eq!(watch.being_written(), Some(place));
    // What comes under a fresh watcher is caught up with, and so is what the one before knows.
    watch.set();
    drop(file);
    std::fs::write(root.path().join("other.rego"), "package").unwrap();
    while woken.try_recv().is_ok() {}
    watch.catch_up();
    assert_eq!(watch.being_written(), None);
    assert!(woken.try_recv().is_ok());
}
