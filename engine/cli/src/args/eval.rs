//! The arguments of `embargo eval`, with the letters of `opa eval`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::duration;

#[derive(Debug, Args)]
pub(crate) struct Eval {
    /// The query, such as `data.restrictions.example.deny`
    #[arg(value_name = "QUERY")]
    pub(crate) query: String,
    /// Rego files, data in JSON or YAML, or folders of these; in a folder, the names of folders
    /// are keys of `data`
    #[arg(long, short = 'd', value_name = "PATH")]
    pub(crate) data: Vec<PathBuf>,
    /// A policy folder of Embargo's, or `shipped`: its rules, and `data` as they see it
    #[arg(long, value_name = "DIR")]
    pub(crate) policies: Option<PathBuf>,
    /// The file of `input`, in JSON or YAML
    #[arg(long, short = 'i', value_name = "FILE", conflicts_with = "stdin_input")]
    pub(crate) input: Option<PathBuf>,
    /// Read `input` from standard input
    #[arg(long, short = 'I')]
    pub(crate) stdin_input: bool,
    /// How the answer is written
    #[arg(long, short = 'f', value_name = "FORMAT", default_value = "json")]
    pub(crate) format: EvalFormat,
    /// End with exit code 1 if the query is undefined
    #[arg(long, conflicts_with = "fail_defined")]
    pub(crate) fail: bool,
    /// End with exit code 1 if the query is defined
    #[arg(long)]
    pub(crate) fail_defined: bool,
    /// The package whose rules the query may name without their path
    #[arg(long, short = 'p', value_name = "PACKAGE")]
    pub(crate) package: Option<String>,
    /// An import of data for the query, such as `data.lib.scope`
    #[arg(long, value_name = "PATH")]
    pub(crate) import: Vec<String>,
    /// Let an error of a function be an error of the query, as it is for policies
    #[arg(long)]
    pub(crate) strict_builtin_errors: bool,
    /// How long the query may take, such as `10s`
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration)]
    pub(crate) timeout: Duration,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum EvalFormat {
    /// Results with expressions and bindings
    #[default]
    Json,
    /// For people
    Pretty,
    /// Values, texts without quotes
    Raw,
    /// The values of each result
    Values,
    /// The bindings of each result
    Bindings,
}
