//! Arguments: what may be typed.

pub(crate) mod access;
pub(crate) mod explain;
pub(crate) mod token;
pub(crate) mod serve;
pub(crate) mod with;
pub(crate) mod gate;
mod manual;
mod test;
pub(crate) mod bundle;
pub(crate) mod check;
pub(crate) mod new;
pub(crate) mod bench;
pub(crate) mod diff;
pub(crate) mod eval;
pub(crate) mod log;
pub(crate) mod replay;
pub(crate) mod timeline;
mod config;
mod configured;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use embargo_core::facts::inventory;
use embargo_core::instant::Instant;
use embargo_core::instrument::Action;

pub(crate) use self::access::Access;
pub(crate) use self::check::{Check, CheckFormat};
pub(crate) use self::config::{ConfigCommand, ConfigWhat};
pub(crate) use self::configured::Configured;
pub(crate) use self::manual::{Completions, Man};
pub(crate) use self::new::{New, Schema, SchemaName};
pub(crate) use self::serve::{Serve, Serving};
pub(crate) use self::test::{Test, TestFormat};
pub(crate) use self::with::With;

/// May this software be on this device at this instant, which rule says so, and when does
/// the answer change?
#[derive(Debug, Parser)]
#[command(name = "embargo", version, about, after_help = crate::exit::codes(), disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve decisions over gRPC and take up changed policy files
    Serve(Serve),
    /// Run a command beside a server of its own, and end both
    With(With),
    /// Judge hosts
    Decide(Decide),
    /// Let a pipeline go ahead, or stop it
    Gate(gate::Gate),
    /// Show what became of each rule, and which condition decided it
    Explain(explain::Explain),
    /// Show how a decision changes while time passes
    Timeline(timeline::Timeline),
    /// Show which decisions change between two sets of policies, or two instants
    Diff(diff::Diff),
    /// Read decision logs, and check that they are whole
    Log(log::Log),
    /// Show which decisions of a decision log other policies would change
    Replay(replay::Replay),
    /// Show what is wrong with policies, and what is probably not meant
    Check(Check),
    /// Begin a set of policies in a new folder
    New(New),
    /// Print the JSON Schema of a kind of policy file, for editors
    Schema(Schema),
    /// Run tests of rules and case files
    Test(Test),
    /// Show which products software is, and by which evidence
    Identify(Identify),
    /// Show policies, instruments and waivers
    Inspect(Inspect),
    /// Pack sets of policies, sign them, and verify them
    Bundle(bundle::Bundle),
    /// Measure how long decisions take
    Bench(bench::Bench),
    /// Ask any query in Rego, with the flags of `opa eval`
    Eval(eval::Eval),
    /// Check the configuration of a server
    Config(ConfigCommand),
    /// Make tokens by which callers are known
    Token(token::Token),
    /// Ask a server whether it serves
    Healthcheck(Healthcheck),
    /// Print what a shell needs to complete commands
    Completions(Completions),
    /// Print manual pages, or write them all
    Man(Man),
    /// Print the version
    Version,
    /// Compile or test a bundle for a server, which starts this itself
    #[command(hide = true)]
    InternalRunTests,
}

/// Which policies judge.
#[derive(Clone, Debug, Args)]
pub(crate) struct Policies {
    /// The policy folder, or a bundle such as `policies.tar.gz` whose signature is not looked at
    /// [default: `policies` if it exists, else the shipped set]
    #[arg(long, short = 'd', value_name = "DIR|FILE", env = "EMBARGO_POLICIES")]
    pub(crate) policies: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Pretty,
    /// The messages of the API
    Json,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// A warning is refused too (exit code 1)
    Warn,
    /// A review is refused too (exit code 1 instead of 3)
    Review,
    /// Only a denial is refused
    #[default]
    Deny,
}

/// What is asked about hosts.
#[derive(Clone, Debug, Args)]
pub(crate) struct Asked {
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
    pub(crate) format: Format,
}

/// How files are read.
#[derive(Clone, Debug, Args)]
pub(crate) struct Inventory {
    /// What the files are, such as `fleet`, `jamf`, `spdx` or `dpkg` [default: told by content]
    #[arg(long, value_name = "FORMAT", value_parser = inventory_format)]
    pub(crate) from: Option<inventory::Format>,
    #[command(flatten)]
    pub(crate) about: About,
}

/// What is known about hosts beside their inventories.
#[derive(Clone, Debug, Args)]
pub(crate) struct About {
    /// A file of facts that hold for every host and stand over what inventories say: owner,
    /// purposes, groups
    #[arg(long, value_name = "FILE")]
    pub(crate) about: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Decide {
    /// Files of facts, inventories, or folders of these; a file may hold many hosts as a JSON
    /// array or one a line; `-` reads standard input
    #[arg(value_name = "FILE", required_unless_present = "example")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) asked: Asked,
    #[command(flatten)]
    pub(crate) inventory: Inventory,
    /// Print numbers of hosts by rule and product instead of their decisions
    #[arg(long, conflicts_with = "emit_input")]
    pub(crate) summary: bool,
    /// The instant to judge at, in RFC 3339 [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) at: Option<Instant>,
    /// The weakest effect that ends with exit code 1
    #[arg(long, value_name = "EFFECT", default_value = "deny")]
    pub(crate) fail_on: FailOn,
    /// Judge an example host
    #[arg(long, conflicts_with = "files")]
    pub(crate) example: bool,
    /// Print what rules would see instead of deciding, for use with OPA
    #[arg(long, conflicts_with = "server")]
    pub(crate) emit_input: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Identify {
    /// Files of facts, inventories, or folders of these; `-` reads standard input
    #[arg(value_name = "FILE", required_unless_present = "example")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) policies: Policies,
    #[command(flatten)]
    pub(crate) inventory: Inventory,
    /// How the answer is written
    #[arg(long, short = 'f', value_name = "FORMAT", default_value = "pretty")]
    pub(crate) format: Format,
    /// Use an example host
    #[arg(long, conflicts_with = "files")]
    pub(crate) example: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// An instrument or a policy to show in full
    #[arg(value_name = "ID")]
    pub(crate) id: Option<String>,
    #[command(flatten)]
    pub(crate) policies: Policies,
    /// How the answer is written
    #[arg(long, short = 'f', value_name = "FORMAT", default_value = "pretty")]
    pub(crate) format: Format,
    /// Print `data` as rules see it, for use with OPA
    #[arg(long, conflicts_with = "id")]
    pub(crate) data: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Healthcheck {
    /// The server, or with a path what is asked over HTTP, such as `http://127.0.0.1:9464/readyz`
    /// [default: the server that the configuration stands for]
    #[arg(value_name = "URL")]
    pub(crate) url: Option<String>,
    /// The same
    #[arg(long = "url", value_name = "URL", conflicts_with = "url", hide = true)]
    pub(crate) named_url: Option<String>,
    #[command(flatten)]
    pub(crate) configured: Configured,
    #[command(flatten)]
    pub(crate) access: Access,
    /// How long to wait, such as `2s`
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = duration)]
    pub(crate) timeout: Duration,
}

fn action(text: &str) -> Result<Action, String> {
    Action::from_word(text).ok_or_else(|| {
        let known: Vec<&str> = Action::ALL.iter().map(|action| action.word()).collect();
        format!("write one of {}", known.join(", "))
    })
}

fn inventory_format(text: &str) -> Result<inventory::Format, String> {
    inventory::Format::from_word(text)
        .ok_or_else(|| format!("write one of {}", inventory::Format::words()))
}

fn instant(text: &str) -> Result<Instant, String> {
    text.parse()
        .map_err(|error: embargo_core::instant::InstantError| error.to_string())
}

/// A time such as `500ms`, `2s`, `1m`.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits).unwrap_or((text, ""));
    let unit = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        _ => return Err("write a number and `ms`, `s` or `m`, such as `2s`".to_owned()),
    };
    let number: u64 = number
        .parse()
        .map_err(|_| "write a number and `ms`, `s` or `m`".to_owned())?;
    number
        .checked_mul(unit)
        .map(Duration::from_millis)
        .ok_or_else(|| "that is too long".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn times_have_a_unit() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        for wrong in ["", "2", "s", "2h", "-1s", "2 s"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
