//! The arguments of `embargo diff`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use embargo_core::instant::Instant;
use embargo_core::instrument::Action;

use super::{Inventory, Policies, action, instant};

#[derive(Debug, Args)]
#[command(
    override_usage = "embargo diff [OPTIONS] OLD NEW HOSTS...\n       embargo diff [OPTIONS] --at INSTANT --at INSTANT HOSTS..."
)]
pub(crate) struct Diff {
    /// Two sets of policies, each a folder, a bundle or the word `shipped`, and hosts as `decide`
    /// takes them; with two `--at`, hosts only
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) policies: Policies,
    #[command(flatten)]
    pub(crate) inventory: Inventory,
    /// The instant to judge at, in RFC 3339 [default: now]; given twice, one set of policies is
    /// compared at two instants
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) at: Vec<Instant>,
    /// What is done with the software
    #[arg(long, value_name = "ACTION", default_value = "presence", value_parser = action)]
    pub(crate) action: Action,
    /// How the answer is written
    #[arg(long, short = 'f', value_name = "FORMAT", default_value = "pretty")]
    pub(crate) format: DiffFormat,
    /// How many hosts the form for people lists; the others have all
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) list: usize,
    /// End with exit code 1 if the decision on any host changes
    #[arg(long)]
    pub(crate) fail_on_change: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For people: counts, then hosts
    #[default]
    Pretty,
    /// One object: every host that changes as soon as it is known, then counts
    Json,
    /// A row for each thing that changes on a host
    Csv,
}
