//! The arguments of `embargo serve`, and those of any command that serves.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use embargo_service::Door;

use super::bundle::ServedBundle;
use super::envoy::Envoy;
use super::{Policies, duration};

#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) serving: Serving,
    /// The address to listen on
    #[arg(
        long,
        value_name = "ADDR",
        default_value = "127.0.0.1:8181",
        env = "EMBARGO_LISTEN"
    )]
    pub(crate) listen: String,
    /// End at once if no policies can judge at the start, instead of waiting for a fix
    #[arg(long)]
    pub(crate) exit_on_invalid: bool,
}

/// What is served and how, wherever it listens.
#[derive(Debug, Args)]
pub(crate) struct Serving {
    #[command(flatten)]
    pub(crate) policies: Policies,
    #[command(flatten)]
    pub(crate) bundle: ServedBundle,
    /// How often the policy folder is read in case no file event came, such as `2s`
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = duration)]
    pub(crate) poll_interval: Duration,
    /// A folder to keep the last good policies in, by which the server judges after a restart
    /// while the policy folder is broken
    #[arg(long, value_name = "DIR", env = "EMBARGO_STATE")]
    pub(crate) state: Option<PathBuf>,
    /// Let changed policies go live even if their own tests fail
    #[arg(long)]
    pub(crate) skip_tests_on_reload: bool,
    /// How long running calls may take to finish on shutdown, such as `10s`
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub(crate) drain_timeout: Duration,
    /// Threads that judge [default: one for each core]
    #[arg(long, value_name = "N")]
    pub(crate) workers: Option<usize>,
    /// What the log shows: error, warn, info, debug, trace [default: info; of `with`, warn]
    #[arg(long, value_name = "LEVEL", env = "EMBARGO_LOG")]
    pub(crate) log_level: Option<String>,
    /// How the log is written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,
    /// The ways to ask that are open: grpc, http, opa, kubernetes, envoy, authzen
    #[arg(
        long,
        value_name = "DOORS",
        value_delimiter = ',',
        value_parser = door,
        default_values = Door::ALL.map(Door::word),
        hide_default_value = true,
        env = "EMBARGO_DOORS"
    )]
    pub(crate) doors: Vec<Door>,
    #[command(flatten)]
    pub(crate) envoy: Envoy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

fn door(text: &str) -> Result<Door, String> {
    Door::from_word(text).ok_or_else(|| {
        let known = Door::ALL.map(Door::word).join(", ");
        format!("write some of {known}")
    })
}
