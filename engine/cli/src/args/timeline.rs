//! The arguments of `embargo timeline`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use embargo_core::instant::Instant;
use embargo_core::instrument::Action;

use super::{About, Access, Policies, action, instant};

#[derive(Debug, Args)]
pub(crate) struct Timeline {
    /// A file of facts or an inventory of one host; `-` reads standard input
    #[arg(value_name = "FILE", required_unless_present = "example")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) policies: Policies,
    /// Ask this server instead of deciding here, such as `http://127.0.0.1:8181`
    /// Policies named beside it are not looked at
    #[arg(long, value_name = "URL")]
    pub(crate) server: Option<String>,
    #[command(flatten)]
    pub(crate) access: Access,
    /// What is done with the software
    #[arg(long, value_name = "ACTION", default_value = "presence", value_parser = action)]
    pub(crate) action: Action,
    /// How the answer is written
    #[arg(long, short = 'f', value_name = "FORMAT", default_value = "pretty")]
    pub(crate) format: TimelineFormat,
    #[command(flatten)]
    pub(crate) about: About,
    /// The first instant [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) from: Option<Instant>,
    /// The first instant after the timeline, at most 10 years later
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) until: Instant,
    /// Use an example host
    #[arg(long, conflicts_with = "file")]
    pub(crate) example: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum TimelineFormat {
    /// For people, with a bar for each stretch of time
    #[default]
    Pretty,
    /// The messages of the API
    Json,
    /// A picture, such as for a ticket
    Svg,
}
