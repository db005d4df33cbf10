//! The arguments of `embargo bench`.

use std::path::PathBuf;

use clap::Args;
use embargo_core::instant::Instant;
use embargo_core::instrument::Action;

use super::{Format, Inventory, Policies, action, instant};

#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// Files of hosts, as `decide` takes them
    #[arg(value_name = "FILE", required_unless_present = "example")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) policies: Policies,
    #[command(flatten)]
    pub(crate) inventory: Inventory,
    /// What is done with the software
    #[arg(long, value_name = "ACTION", default_value = "presence", value_parser = action)]
    pub(crate) action: Action,
    /// The instant to judge at, in RFC 3339 [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) at: Option<Instant>,
    /// Hosts that are taken, the first of all; they are kept in memory
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) hosts: u32,
    /// Decisions that are measured in each way, at least; each host is judged equally often
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub(crate) decisions: u32,
    /// How the answer is written
    #[arg(long, short = 'f', value_name = "FORMAT", default_value = "pretty")]
    pub(crate) format: Format,
    /// Use an example host
    #[arg(long, conflicts_with = "files")]
    pub(crate) example: bool,
}
