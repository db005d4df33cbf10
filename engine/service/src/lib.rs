//! The Embargo service: where policies come from, how they are reloaded, the workers that
//! judge, and the gRPC transport.
//!
//! Two loops meet in one value, [`Present`]: the request loop borrows the active snapshot, the
//! reload loop replaces it whole. No rule runs on a thread of tokio, and no error becomes a
//! decision.

pub mod jose;

mod clock;
mod decision_log;
mod config;
mod identity;
mod archive;
mod signature;
mod release;
mod material;
mod source;
mod compile;
mod examine;
mod changes;
mod last_good;
mod load;
mod reload;
mod telemetry;
mod management;
mod workers;
mod transport;
mod tls;
mod server;

pub use self::archive::{
    Archive, ArchiveInvalid, INFLATED_BYTES, Manifest, PACKED_BYTES, WriteArchiveError, pack,
};
pub use self::changes::Changes;
pub use self::clock::Clock;
pub use self::config::{
    BundleSection, CertificateEntry, CertificateRule, ClientAuth, ClientSettings, Config,
    ConfigFault, ConfigInvalid, DecisionLogSection, Document, Door, DropSection, EnvoyPlace,
    EnvoySection, EnvoySettings, EvaluationSection, Exposed, FILE_BYTES, File, FileSinkSection,
    Given, HttpSinkSection, IdentitySection, IdentitySettings, JwtAlgorithm, JwtEntry, JwtIssuer,
    Key, Kind, Layers, LimitsSection, LimitsSettings, LogFormat, LogSection, ManagementSection,
    ManagementSettings, MaskSection, MaskWord, Mode, Named, Origin, OtlpSinkSection,
    PoliciesSection, Program, RateSection, RateSettings, Reflection, Said, SampleSection, Secret,
    Settings, SignatureSection, Size, Span, SpoolSection, StdoutSinkSection, TelemetrySection,
    TlsSection, TlsSettings, TlsVersion, keys, schema,
};
pub use self::decision_log::spool::{
    Spool, SpoolBatch, SpoolError, SpoolReader, SpoolSettings, SpoolStanding,
};
pub use self::decision_log::stored::{
    At, Place, Stored, StoredFault, StoredLog, StoredUnreadable, masked,
};
pub use self::decision_log::{
    DecisionLogSettings, FileSettings, Format, HttpSettings, KeyUnusable, LogCounts, LogMode,
    LogUnusable, Mask, MaskInvalid, MaskOp, Share, SinkCounts, SinkUnusable,
};
pub use self::examine::{Bench, Examination, Next, Ran, Terms, Timing, bench};
pub use self::identity::{Caller, NewToken, Principal, PrincipalKind, Scope, Scopes};
pub use self::load::{LoadError, fixtures_of, load, load_bundle, load_fixtures};
pub use self::material::{MaterialInvalid, MaterialState};
pub use self::release::{Release, ReleaseRefused};
pub use self::reload::{Active, Present, ReloadReport, ReloadState};
pub use self::server::{Materials, Server, ServerError};
pub use self::signature::{
    SignError, SignatureInvalid, SignatureSays, Signing, Trust, TrustInvalid, new_key,
};
pub use self::source::{
    BundlePlace, BundleSource, ReadSourceError, Remote, SignatureTerms, Source, shipped_bundle,
};
pub use self::telemetry::{
    BundlePoll, DecisionLogCounts, DecisionLogReading, METRICS, Metric, MetricKind, OtlpInvalid,
    OtlpSettings, SinkReading, Telemetry, TraceIds,
};
pub use self::transport::{Limits, codec, run_confined};
pub use self::workers::{Judge, Pending, QueueFull, Ticket, Unjudged};
