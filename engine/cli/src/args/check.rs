//! Arguments of `embargo check`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use embargo_core::instant::Instant;

use super::{Policies, instant};

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The policy folder, or a bundle [default: as for other commands]
    #[arg(value_name = "DIR|FILE")]
    pub(crate) folder: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) policies: Policies,
    /// How remarks are written
    #[arg(long, short = 'f', value_name = "FORMAT", default_value = "pretty")]
    pub(crate) format: CheckFormat,
    /// Warnings count: end with exit code 1 if there is one
    #[arg(long)]
    pub(crate) strict: bool,
    /// The instant at which waivers are looked at, in RFC 3339 [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) at: Option<Instant>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people
    #[default]
    Pretty,
    /// The `Diagnostic` messages of the API, with their numbers
    Json,
    /// Annotations of a GitHub workflow
    Github,
    /// SARIF 2.1.0, for code scanning and editors
    Sarif,
}
