//! The arguments of `embargo token`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use embargo_core::instant::Instant;
use embargo_service::Scope;

use super::instant;

#[derive(Debug, Args)]
pub(crate) struct Token {
    #[command(subcommand)]
    pub(crate) what: TokenWhat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenWhat {
    /// Make a token, and print it once, with the entry for the server's `identity.tokens_file`
    New(NewToken),
}

#[derive(Debug, Args)]
pub(crate) struct NewToken {
    /// What its caller is called
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,
    /// What it may do: decide, explain, policy-read, policy-test, admin, log-read
    #[arg(long, value_name = "SCOPES", value_delimiter = ',', required = true, value_parser = scope)]
    pub(crate) scopes: Vec<Scope>,
    /// Whose caller it is
    #[arg(long, value_name = "TENANT")]
    pub(crate) tenant: Option<String>,
    /// When it ends, in RFC 3339 [default: never]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) expires: Option<Instant>,
    /// Write the token to a new file that only its owner can read, and print the entry alone
    #[arg(long, short = 'o', value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

fn scope(text: &str) -> Result<Scope, String> {
    Scope::from_word(text).ok_or_else(|| {
        let known = Scope::ALL.map(Scope::word).join(", ");
        format!("write some of {known}")
    })
}
