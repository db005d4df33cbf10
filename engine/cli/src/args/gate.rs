//! Arguments of `embargo gate`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use embargo_core::instant::Instant;
use embargo_core::instrument::Action;

use super::{Access, FailOn, Inventory, Policies, action, duration, instant};

/// What each exit code means to a pipeline.
const CODES: &str = "Exit codes:
  0  go ahead: allow or warn for every host, or no decision with --on-error allow
  1  stop: denied
  2  stop: no decision, or an indeterminate one
  3  stop: a person must decide";

#[derive(Debug, Args)]
#[command(after_help = CODES)]
pub(crate) struct Gate {
    /// Files of facts, inventories, or folders of these, as `decide` takes them; `-` reads
    /// standard input
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) policies: Policies,
    /// Ask this server instead of deciding here, such as `http://127.0.0.1:8181`;
    /// policies named beside it are not looked at
    #[arg(long, value_name = "URL")]
    pub(crate) server: Option<String>,
    #[command(flatten)]
    pub(crate) access: Access,
    /// What is done with the software
    #[arg(long, value_name = "ACTION", default_value = "presence", value_parser = action)]
    pub(crate) action: Action,
    /// The instant to judge at, in RFC 3339 [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) at: Option<Instant>,
    #[command(flatten)]
    pub(crate) inventory: Inventory,
    /// What happens if no decision can be had: the server is away, late, overloaded or without
    /// policies. Facts that are faulty and decisions that are indeterminate always stop
    #[arg(long, value_name = "ANSWER", default_value = "deny")]
    pub(crate) on_error: OnError,
    /// The weakest effect that ends with exit code 1
    #[arg(long, value_name = "EFFECT", default_value = "deny")]
    pub(crate) fail_on: FailOn,
    /// How long the connecting and then each decision may take, retries included, such as `10s`
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = some_time)]
    pub(crate) timeout: Duration,
    /// How the report is written
    #[arg(long, short = 'f', value_name = "FORMAT", default_value = "pretty")]
    pub(crate) format: GateFormat,
    /// Write the report to a file, and the form for people to standard output
    #[arg(long, short = 'o', value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnError {
    /// Stop with exit code 2
    #[default]
    Deny,
    /// Go ahead with exit code 0 and a warning
    Allow,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum GateFormat {
    /// For people
    #[default]
    Pretty,
    /// The outcome, and the decisions as messages of the API
    Json,
    /// XML as CI systems read it
    Junit,
    /// SARIF 2.1.0, for code scanning and editors
    Sarif,
    /// Annotations of a GitHub workflow, and the summary of its job
    Github,
}

/// A time in which something can happen.
fn some_time(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("no decision can be had in no time".to_owned()),
        time => Ok(time),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_in_which_nothing_can_happen_is_refused() {
        assert_eq!(some_time("1ms"), Ok(Duration::from_millis(1)));
        for wrong in ["0s", "0ms", "1"] {
            assert!(some_time(wrong).is_err(), "{wrong}");
        }
    }
}
