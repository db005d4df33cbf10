//! The spool: entries of the decision log on disk, for strict mode.
//!
//! An entry whose append has returned without an error is on disk: written, synced, and in a
//! file whose name is synced. It survives the death of the process and of the machine, on
//! storage that keeps what it has said to be synced. An append that failed promises nothing, and
//! its entry may be there all the same.
//!
//! A spool is a folder of segments ([`frame`] says how they look), which one server at a time
//! has. Sinks read it, each at its own pace, and what all of them have acknowledged is deleted.

mod frame;
mod scan;
mod disk;
mod segments;
mod quarantine;
mod cursor;
mod failure;
mod opening;
mod shared;
mod writer;
mod reader;
mod walk;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

pub use self::failure::SpoolError;
pub use self::reader::{SpoolBatch, SpoolReader};

pub(crate) use self::walk::SpoolWalk;

use self::disk::{Disk, FileSystem};
use self::shared::Shared;
use self::writer::Writer;

/// How a spool is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpoolSettings {
    /// The folder, which is made if it is not there.
    pub folder: PathBuf,
    /// Bytes that all segments may have together.
    pub max_bytes: u64,
    /// Bytes after which a new segment is begun.
    pub segment_bytes: u64,
    /// How long an entry may take to be on disk before its append fails.
    pub max_delay: Duration,
    /// How long a segment is kept after that it was written last, though all sinks have what is
    /// in it. What is kept is deleted earlier if room is needed.
    pub retention: Duration,
}

impl SpoolSettings {
    /// The defaults, in a folder.
    #[must_use]
    pub const fn in_folder(folder: PathBuf) -> Self {
        Self {
            folder,
            max_bytes: 1_024 * 1_024 * 1_024,
            segment_bytes: 16 * 1_024 * 1_024,
            max_delay: Duration::from_secs(2),
            retention: Duration::ZERO,
        }
    }
}

/// How a spool is doing.
#[derive(Clone, Debug)]
pub struct SpoolStanding {
    /// Bytes of all segments.
    pub bytes: u64,
    /// Bytes that they may have.
    pub limit: u64,
    /// Segments.
    pub segments: usize,
    /// The number of the last entry that is on disk.
    pub last_sequence: u64,
    /// Entries that the slowest sink has not acknowledged; none without a sink.
    pub undelivered: Option<u64>,
    /// Bytes that wait to be written.
    pub queued_bytes: usize,
    /// Entries that were written since the start.
    pub records: u64,
    /// Syncs for them.
    pub groups: u64,
    /// Bytes of them.
    pub written_bytes: u64,
    /// The time that writing and syncing them took.
    pub writing: Duration,
    /// Appends that failed since the start.
    pub refused: u64,
    /// Stretches of damage that were found since the start.
    pub damaged: u64,
    /// Why the last append failed, if none has succeeded since.
    pub refusal: Option<SpoolError>,
}

/// A spool. Clones share it; it is closed when the last one is gone.
#[derive(Clone, Debug)]
pub struct Spool(Arc<Handle>);

#[derive(Debug)]
struct Handle {
    shared: Arc<Shared>,
    writer: Option<JoinHandle<()>>,
    _lock: File,
}

impl Spool {
    /// Opens a spool and takes up what is there.
    ///
    /// # Errors
    /// If another server has the folder, it cannot be used, or another release wrote it in a
    /// format of its own.
    pub fn open(settings: SpoolSettings) -> Result<Self, SpoolError> {
        Self::open_on(settings, Box::new(FileSystem))
    }

    fn open_on(settings: SpoolSettings, disk: Box<dyn Disk>) -> Result<Self, SpoolError> {
        let opened = opening::open(&settings.folder)?;
        let shared = Arc::new(Shared::new(
            settings,
            disk,
            opened.segments,
            opened.end.sequence,
            opened.damaged,
        ));
        let writer = Writer::new(Arc::clone(&shared), opened.end);
        let writing = std::thread::Builder::new()
            .name("embargo-spool".to_owned())
            .spawn(move || writer.run())
            .map_err(|cause| SpoolError::Unusable {
                path: shared.settings.folder.clone(),
                cause: Arc::new(cause),
            })?;
        Ok(Self(Arc::new(Handle {
            shared,
            writer: Some(writing),
            _lock: opened.lock,
        })))
    }

    /// Puts an entry on disk. Without an error it is there.
    ///
    /// # Errors
    /// Why it may not be there. Whoever waits for it must not be answered.
    pub async fn append(&self, entry: Vec<u8>) -> Result<(), SpoolError> {
        self.append_all(vec![entry]).await
    }

    /// Puts entries on disk, one behind the other. Without an error all of them are there.
    ///
    /// # Errors
    /// Why they may not be there. Whoever waits for them must not be answered.
    pub async fn append_all(&self, entries: Vec<Vec<u8>>) -> Result<(), SpoolError> {
        if entries.is_empty() {
            return Ok(());
        }
        let shared = &self.0.shared;
        let settled = shared.queue(entries)?;
        let outcome = match tokio::time::timeout(shared.settings.max_delay, settled).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(SpoolError::Closed),
            Err(_) => Err(shared.slow()),
        };
        if outcome.is_err() {
            shared.count_refused();
        }
        outcome
    }

    /// A reader for a sink, which goes on behind what the sink has acknowledged. Only what all
    /// sinks with a reader have acknowledged is deleted, so make them before anything else.
    ///
    /// # Errors
    /// If the cursor of the sink cannot be read.
    pub fn reader(&self, sink: &str) -> Result<SpoolReader, SpoolError> {
        SpoolReader::new(Arc::clone(&self.0.shared), sink)
    }

    /// No more is appended; readers end behind what is there.
    pub fn close(&self) {
        self.0.shared.close();
    }

    /// How it is doing.
    #[must_use]
    pub fn standing(&self) -> SpoolStanding {
        self.0.shared.standing()
    }
}

/// Whether a folder has segments of a spool.
///
/// # Errors
/// If it cannot be read.
pub(crate) fn is_spool(folder: &Path) -> io::Result<bool> {
    segments::is_spool(folder)
}

/// The number of a segment, by the name of its file.
pub(crate) fn segment_number(path: &Path) -> Option<u64> {
    segments::number_of(path)
}

/// A record that follows nothing, for tests.
#[cfg(test)]
pub(crate) fn write_frame(bytes: &mut Vec<u8>, sequence: u64, entry: &[u8]) {
    frame::write(bytes, sequence, frame::Link::default(), entry);
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.close();
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

#[cfg(test)]
mod tests;
