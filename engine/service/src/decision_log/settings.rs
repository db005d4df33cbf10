//! What the decision log is told to do, checked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use embargo_core::instrument::Effect;

use crate::config::Door;

use super::entry::Format;
use super::event::Share;
use super::masks::Mask;
use super::spool::SpoolSettings;

/// Whether decisions are logged, and what happens where that does not go well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogMode {
    /// Nothing is logged.
    #[default]
    Off,
    /// No decision waits for the log. What it cannot keep up with is dropped and counted.
    Lossy,
    /// A decision is answered once its entry is on disk, and refused if it cannot be.
    Strict,
}

/// What the decision log does.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionLogSettings {
    /// Whether, and how surely.
    pub mode: LogMode,
    /// What every entry says of the server, beside its id and its version.
    pub labels: BTreeMap<String, String>,
    /// Whether calls that are refused are logged, too.
    pub refusals: bool,
    /// The share of entries that is kept of each effect. All, of one that is not named.
    pub sample: BTreeMap<Effect, Share>,
    /// The doors whose decisions are not logged.
    pub drop_doors: BTreeSet<Door>,
    /// The names of principals for whom nothing is logged.
    pub drop_principals: BTreeSet<String>,
    /// Whether personal facts are masked without being told.
    pub mask_personal: bool,
    /// What is masked besides, or shown all the same.
    pub masks: Vec<Mask>,
    /// The file that holds the key of HMACs. Without one they hold for one run of the server.
    pub hmac_key_file: Option<PathBuf>,
    /// Entries, and bytes of them, that wait to be written in lossy mode.
    pub queued_entries: usize,
    /// See above.
    pub queued_bytes: usize,
    /// Bytes that wait for each sink.
    pub sink_bytes: usize,
    /// Where entries are kept in strict mode until all sinks have them.
    pub spool: Option<SpoolSettings>,
    /// Lines on the standard output.
    pub stdout: Option<Format>,
    /// Lines in a file.
    pub file: Option<FileSettings>,
    /// To a service, as OPA does.
    pub http: Option<HttpSettings>,
    /// As logs of OpenTelemetry.
    pub otlp: Option<Format>,
}

impl Default for DecisionLogSettings {
    fn default() -> Self {
        Self {
            mode: LogMode::Off,
            labels: BTreeMap::new(),
            refusals: false,
            sample: BTreeMap::new(),
            drop_doors: BTreeSet::new(),
            drop_principals: BTreeSet::new(),
            mask_personal: true,
            masks: Vec::new(),
            hmac_key_file: None,
            queued_entries: 10_000,
            queued_bytes: 64 * 1_024 * 1_024,
            sink_bytes: 64 * 1_024 * 1_024,
            spool: None,
            stdout: None,
            file: None,
            http: None,
            otlp: None,
        }
    }
}

/// Lines in a file that is put aside when it is large.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSettings {
    /// Where. Older files have `.1`, `.2` and so on at the end.
    pub path: PathBuf,
    /// How entries are written.
    pub format: Format,
    /// Bytes after which a new file is begun.
    pub bytes: u64,
    /// How many older files are kept.
    pub kept: u32,
}

/// A service that takes decision logs as OPA sends them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpSettings {
    /// The base of its address. `/logs` and the partition follow.
    pub url: String,
    /// The last part of the path. None if it is empty.
    pub partition: String,
    /// How entries are written.
    pub format: Format,
    /// A file with the token that is sent as `authorization: Bearer`.
    pub token_file: Option<PathBuf>,
    /// The authorities by whose certificates the service is known. Those of the system without it.
    pub ca_file: Option<PathBuf>,
    /// The certificate and the key by which this server is known there.
    pub client: Option<(PathBuf, PathBuf)>,
    /// Bytes of a chunk before compression.
    pub chunk_bytes: usize,
    /// How long an entry waits for others.
    pub delay: Duration,
    /// How long an attempt may take.
    pub timeout: Duration,
}

/// What an entry says of its server.
#[derive(Clone, Debug)]
pub(super) struct Labels {
    /// Which run of a server it is.
    pub(super) instance: String,
    pub(super) more: BTreeMap<String, String>,
}
