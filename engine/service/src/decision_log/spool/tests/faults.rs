//! Faults of the disk: each operation fails in each way, and what was acknowledged is there.

use std::io;
use std::sync::Mutex;

use super::super::disk::Growing;
use super::*;

/// What the disk does wrong from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// No file can be made.
    Create,
    /// So many more bytes can be written, and then there is no room.
    Room(usize),
    /// Syncing fails though all was written; and nothing can be cut off.
    Sync,
    /// A name does not last.
    Folder,
    /// It hangs.
    Hang,
}

#[derive(Clone, Debug)]
struct Faulty(Arc<Mutex<Fault>>);

#[derive(Debug)]
struct FaultyFile {
    file: Box<dyn Growing>,
    faults: Faulty,
}

impl Faulty {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Fault::None)))
    }

    fn set(&self, fault: Fault) {
        *self.0.lock().unwrap() = fault;
    }

    fn now(&self) -> Fault {
        while *self.0.lock().unwrap() == Fault::Hang {
            std::thread::yield_now();
        }
        *self.0.lock().unwrap()
    }
}

fn full() -> io::Error {
    io::Error::from(io::ErrorKind::StorageFull)
}

impl Disk for Faulty {
    fn create(&self, path: &Path) -> io::Result<Box<dyn Growing>> {
        if self.now() == Fault::Create {
            return Err(full());
        }
        Ok(Box::new(FaultyFile {
            file: FileSystem.create(path)?,
            faults: self.clone(),
        }))
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        if self.now() == Fault::Folder {
            return Err(io::Error::other("the folder cannot be synced"));
        }
        FileSystem.sync_folder(folder)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        if self.now() == Fault::Sync {
            return Err(io::Error::other("nothing can be removed"));
        }
        FileSystem.remove(path)
    }
}

impl Growing for FaultyFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Fault::Room(room) = self.faults.now() else {
            return self.file.write(bytes);
        };
        let fits = room.min(bytes.len());
        self.faults.set(Fault::Room(room - fits));
        self.file.write(&bytes[..fits])?;
        if fits < bytes.len() {
            Err(full())
        } else {
            Ok(())
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.faults.now() == Fault::Sync {
            return Err(io::Error::other("the bytes may be anywhere"));
        }
        self.file.sync()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        if self.faults.now() == Fault::Sync {
            return Err(io::Error::other("nothing can be cut off"));
        }
        self.file.cut(length)
    }
}

fn open(folder: &Path, faults: &Faulty) -> Spool {
    Spool::open_on(settings(folder), Box::new(faults.clone())).unwrap()
}

/// Appends until it works again, which it does by itself.
async fn recovered(spool: &Spool, number: usize) {
    let begun = std::time::Instant::now();
    while let Err(refused) = spool.append(entry(number)).await {
        assert!(
            matches!(refused, SpoolError::Unwritable { .. }),
            "{refused}"
        );
        assert!(begun.elapsed() < Duration::from_secs(20), "{refused}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn whatever_fails_is_refused_with_its_cause_and_the_spool_recovers_by_itself() {
    // At each place of a segment: new, in its middle, and due to be left.
    for appended in [0, 1, 7, 40] {
        let mut faults = vec![Fault::Sync, Fault::Folder, Fault::Create];
        faults.extend([0, 1, 39, 41, 76, 77, 100, 300].map(Fault::Room));
        for fault in faults {
            let folder = tempfile::tempdir().unwrap();
            let disk = Faulty::new();
            let spool = open(folder.path(), &disk);
            append(&spool, 0..appended).await;
            disk.set(fault);
            let mut last = appended;
            // What fits is taken; sooner or later one is refused, and then the next, too.
            let is_of_new_files = matches!(fault, Fault::Create | Fault::Folder);
            let refused = loop {
                match spool.append(entry(last)).await {
                    Ok(()) => last += 1,
                    Err(refused) => break refused,
                }
                assert!(last < 200, "{fault:?} was not noticed");
            };
            let is_noticed_later = is_of_new_files || fault == Fault::Room(300);
            assert!(last <= appended + 1 || is_noticed_later, "{fault:?}");
            let said = refused.to_string();
            assert!(said.contains("\n  hint: "), "{said}");
            assert!(spool.standing().refusal.is_some());
            for _ in 0..3 {
                assert!(spool.append(entry(last)).await.is_err(), "{fault:?}");
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            disk.set(Fault::None);
            recovered(&spool, last).await;
            assert!(spool.standing().refusal.is_none());
            append(&spool, last + 1..last + 40).await;
            // What this process gives, and what the next one finds.
            let through = last + 40;
            assert_eq!(all(spool.clone()).await, wanted(0..through), "{fault:?}");
            drop(spool);
            let spool = Spool::open(settings(folder.path())).unwrap();
            let end = u64::try_from(through).unwrap();
            assert_eq!(spool.standing().last_sequence, end, "{fault:?}");
            assert_eq!(spool.standing().damaged, 0, "{fault:?}");
            append(&spool, through..through + 3).await;
            assert_eq!(all(spool).await, wanted(0..through + 3), "{fault:?}");
        }
    }
}

#[tokio::test]
async fn a_file_whose_sync_failed_is_not_written_to_again() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Faulty::new();
    let spool = open(folder.path(), &disk);
    append(&spool, 0..3).await;
    let before = files(folder.path());
    disk.set(Fault::Sync);
    assert!(spool.append(entry(3)).await.is_err());
    let left = fs::read(&before[0]).unwrap();
    disk.set(Fault::None);
    recovered(&spool, 3).await;
    append(&spool, 4..8).await;
    assert_eq!(fs::read(&before[0]).unwrap(), left);
    assert_eq!(files(folder.path()).len(), 2);
    // The entry that failed is in the file, whole, and does not count: it is there once.
    assert_eq!(all(spool).await, wanted(0..8));
}

#[tokio::test]
async fn a_process_that_dies_after_a_failure_leaves_a_spool_that_goes_on() {
    // It dies between the failure and the next segment: what failed may count, and is whole.
    let folder = tempfile::tempdir().unwrap();
    let disk = Faulty::new();
    let spool = open(folder.path(), &disk);
    append(&spool, 0..3).await;
    disk.set(Fault::Sync);
    assert!(spool.append(entry(3)).await.is_err());
    drop(spool);
    let spool = Spool::open(settings(folder.path())).unwrap();
    append(&spool, 4..6).await;
    let standing = spool.standing();
    assert_eq!((standing.last_sequence, standing.damaged), (6, 0));
    assert_eq!(all(spool).await, wanted(0..6));
}

#[tokio::test]
async fn a_disk_that_hangs_holds_nobody_up_for_longer_than_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Faulty::new();
    let limit = Duration::from_millis(100);
    let hasty = SpoolSettings {
        max_delay: limit,
        ..settings(folder.path())
    };
    let spool = Spool::open_on(hasty, Box::new(disk.clone())).unwrap();
    append(&spool, 0..1).await;
    disk.set(Fault::Hang);
    for _ in 0..2 {
        let slow = spool.append(entry(9)).await;
        assert!(matches!(slow, Err(SpoolError::Slow { .. })), "{slow:?}");
    }
    // By now nobody is made to wait.
    let begun = std::time::Instant::now();
    for _ in 0..100 {
        assert!(spool.append(entry(9)).await.is_err());
    }
    assert!(begun.elapsed() < limit * 20, "{:?}", begun.elapsed());
    assert_eq!(spool.standing().refused, 102);
    disk.set(Fault::None);
    let begun = std::time::Instant::now();
    while spool.append(entry(1)).await.is_err() {
        assert!(begun.elapsed() < Duration::from_secs(20));
    }
    // The first of those who were refused was being written; nobody waited for the others.
    let entries = all(spool).await;
    let unwritten = entries.iter().filter(|known| **known != entry(9));
    assert_eq!(unwritten.cloned().collect::<Vec<_>>(), wanted(0..2));
    assert!(entries.len() <= 3, "{}", entries.len());
}

#[tokio::test]
async fn a_full_spool_refuses_and_goes_on_once_sinks_have_taken_something() {
    let folder = tempfile::tempdir().unwrap();
    let small = SpoolSettings {
        max_bytes: 32 * 1_024,
        ..settings(folder.path())
    };
    let spool = Spool::open(small).unwrap();
    let mut reader = spool.reader("sink").unwrap();
    let mut taken = 0;
    let refused = loop {
        match spool.append(entry(taken)).await {
            Ok(()) => taken += 1,
            Err(refused) => break refused,
        }
    };
    assert!(matches!(refused, SpoolError::Full { .. }), "{refused}");
    let on_disk: u64 = files(folder.path())
        .iter()
        .map(|path| path.metadata().unwrap().len())
        .sum();
    assert!(on_disk <= 32 * 1_024 && on_disk > 30 * 1_024, "{on_disk}");
    let batch = reader.next().await.unwrap().unwrap();
    assert_eq!(batch.entries, wanted(0..batch.entries.len()));
    reader.acknowledge(batch.position).await.unwrap();
    append(&spool, taken..taken + 1).await;
}
