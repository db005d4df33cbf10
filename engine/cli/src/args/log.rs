//! The arguments of `embargo log`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use embargo_core::instant::Instant;

use super::instant;

#[derive(Debug, Args)]
pub(crate) struct Log {
    #[command(subcommand)]
    pub(crate) command: LogCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LogCommand {
    /// Print entries
    Cat(Cat),
    /// Check that a log is as it was written, and that nothing is missing
    Verify(Verify),
}

#[derive(Debug, Args)]
pub(crate) struct Cat {
    /// Spools, files with an entry on each line, also packed with gzip, or folders of these
    #[arg(value_name = "LOG", required = true)]
    pub(crate) logs: Vec<PathBuf>,
    /// Only entries with this effect; may be given several times
    #[arg(long, value_name = "EFFECT")]
    pub(crate) effect: Vec<EffectWord>,
    /// Only entries of this instant or later, in RFC 3339
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) since: Option<Instant>,
    /// Only entries before this instant, in RFC 3339
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) until: Option<Instant>,
    /// Only entries about this host, as the log calls it, such as `hmac:...`
    #[arg(long, value_name = "ID")]
    pub(crate) host: Option<String>,
    /// The file with the key of HMACs, to find a host that masks replaced by its own id
    #[arg(long, value_name = "FILE", requires = "host")]
    pub(crate) hmac_key_file: Option<PathBuf>,
    /// Only decisions that were asked for through this door, such as `grpc`
    #[arg(long, value_name = "DOOR")]
    pub(crate) door: Option<String>,
    /// Only what this principal asked for
    #[arg(long, value_name = "NAME")]
    pub(crate) principal: Option<String>,
    /// How entries are written
    #[arg(long, short = 'f', value_name = "FORMAT", default_value = "pretty")]
    pub(crate) format: CatFormat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CatFormat {
    /// For people: a line for each entry, and one for each thing that was found
    #[default]
    Pretty,
    /// Each entry as it stands in the log, on a line
    Jsonl,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EffectWord {
    Allow,
    Warn,
    Review,
    Indeterminate,
    Deny,
    /// A call that was refused, and has no decision
    None,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Spools, files with an entry on each line, also packed with gzip, or folders of these
    #[arg(value_name = "LOG", required = true)]
    pub(crate) logs: Vec<PathBuf>,
}
