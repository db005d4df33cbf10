//! Arguments of `embargo explain`.

use std::path::PathBuf;

use clap::Args;
use embargo_core::instant::Instant;

use super::{About, Asked, instant};

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A file of facts or an inventory of one host; `-` reads standard input
    #[arg(value_name = "FILE", required_unless_present = "example")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) asked: Asked,
    #[command(flatten)]
    pub(crate) about: About,
    /// The instant to judge at, in RFC 3339 [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) at: Option<Instant>,
    /// Explain the rules of this instrument alone, also where they were not evaluated
    #[arg(long, value_name = "ID")]
    pub(crate) instrument: Option<String>,
    /// Name the policies that were not evaluated, too
    #[arg(long, short = 'v')]
    pub(crate) verbose: bool,
    /// Use an example host
    #[arg(long, conflicts_with = "file")]
    pub(crate) example: bool,
}
