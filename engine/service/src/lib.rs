//! The Embargo service: where policies come from, how they are reloaded, the workers that
//! judge, and the gRPC transport.
//!
//! Two loops meet in one value, [`Present`]: the request loop borrows the active snapshot, the
//! reload loop replaces it whole. No rule runs on a thread of tokio, and no error becomes a
//! decision.

mod clock;
mod decision_log;
mod config;
mod identity;
mod source;
mod compile;
mod examine;
mod changes;
mod last_good;
mod load;
mod reload;
mod workers;
mod transport;
mod server;

pub use self::changes::Changes;
pub use self::clock::Clock;
pub use self::config::{
    Config, ConfigFault, ConfigInvalid, DecisionLogSection, Document, Door, DropSection, EnvoyPlace,
    EnvoySection, EnvoySettings, FileSinkSection, HttpSinkSection, MaskSection, MaskWord, Mode,
    OtlpSinkSection, SampleSection, SpoolSection, StdoutSinkSection,
    EvaluationSection, FILE_BYTES, File, Given, Key, Kind, Layers, LogFormat, LogSection, Origin,
    PoliciesSection, Program, Said, Secret, Settings, Size, Span, keys, schema,
};
pub use self::decision_log::spool::{
    Spool, SpoolBatch, SpoolError, SpoolReader, SpoolSettings, SpoolStanding,
};
pub use self::decision_log::stored::{
    At, Place, Stored, StoredFault, StoredLog, StoredUnreadable, masked,
};
pub use self::decision_log::{
    DecisionLogSettings, FileSettings, Format, HttpSettings, KeyUnusable, LogCounts, LogMode, LogUnusable, Mask,
    MaskOp, Share, SinkCounts,
};
pub use self::examine::{Bench, Examination, Next, Ran, Terms, Timing, bench};
pub use self::identity::{Caller, Principal, PrincipalKind, Scope, Scopes};
pub use self::load::{LoadError, fixtures_of, load, load_bundle, load_fixtures};
pub use self::reload::{Active, Present, ReloadReport, ReloadState};
pub use self::server::{Server, ServerError};
pub use self::source::{ReadSourceError, Source, shipped_bundle};
pub use self::transport::{codec, run_confined};
pub use self::workers::{Judge, Pending, QueueFull, Ticket, Unjudged};
