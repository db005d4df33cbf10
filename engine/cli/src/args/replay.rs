//! The arguments of `embargo replay`.

use std::path::PathBuf;

use clap::Args;

use super::Format;

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// Spools, files with an entry on each line, also packed with gzip, or folders of these
    #[arg(value_name = "LOG", required = true)]
    pub(crate) logs: Vec<PathBuf>,
    /// The policies to judge by: a folder or the word `shipped`
    #[arg(long, short = 'd', value_name = "NEW")]
    pub(crate) policies: PathBuf,
    /// How the answer is written
    #[arg(long, short = 'f', value_name = "FORMAT", default_value = "pretty")]
    pub(crate) format: Format,
    /// How many entries the form for people lists; JSON has all
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) list: usize,
    /// End with exit code 1 if any decision changes
    #[arg(long)]
    pub(crate) fail_on_change: bool,
}
