//! The arguments of `embargo config`.

use clap::{Args, Subcommand};

use super::Format;
use super::configured::Configured;

#[derive(Debug, Args)]
pub(crate) struct ConfigCommand {
    #[command(subcommand)]
    pub(crate) what: ConfigWhat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigWhat {
    /// Check a configuration, and print every setting with its value and who says so
    Check(CheckConfig),
}

#[derive(Debug, Args)]
pub(crate) struct CheckConfig {
    #[command(flatten)]
    pub(crate) configured: Configured,
    /// Print only settings that differ from their defaults
    #[arg(long)]
    pub(crate) changed: bool,
    /// How the settings are written
    #[arg(long, short = 'f', value_name = "FORMAT", default_value = "pretty")]
    pub(crate) format: Format,
}
