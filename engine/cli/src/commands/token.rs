//! `embargo token new`: a static token, and what the server keeps of it.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use embargo_service::{NewToken, Scope};

use crate::args::token::{self, Token, TokenWhat};
use crate::commands::Failure;
use crate::exit::Exit;
use crate::output;

/// Its owner reads and writes it, and nobody else.
const OWNER_ONLY: u32 = 0o600;

pub(crate) fn run(token: &Token) -> Result<Exit, Failure> {
    let TokenWhat::New(asked) = &token.what;
    if asked.name.is_empty() || asked.name.contains(char::is_control) {
        return Err(Failure::Said(
            "the name is empty or has control characters\n  hint: write what its caller is called, such as `mdm`".to_owned(),
        ));
    }
    let new = NewToken::random().ok_or_else(|| {
        Failure::Said(
            "the system gives no random numbers\n  hint: try again, or on another machine"
                .to_owned(),
        )
    })?;
    let entry = entry(asked, &new);
    match &asked.output {
        Some(file) => {
            write(file, &new.token)?;
            output::print(&entry)?;
        }
        None => output::print(&format!(
            "{}\n\n# the token above is shown once; the server keeps this of it, in `identity.tokens_file`:\n{entry}",
            new.token
        ))?,
    }
    Ok(Exit::Done)
}

/// The entry of the server's file. Texts are written as JSON has them, which YAML reads.
fn entry(asked: &token::NewToken, new: &NewToken) -> String {
    let text = |text: &str| serde_json::Value::from(text).to_string();
    let scopes: Vec<&str> = asked
        .scopes
        .iter()
        .map(|scope| Scope::word(*scope))
        .collect();
    let mut entry = format!(
        "- name: {}\n  sha256: {}\n  scopes: [{}]\n",
        text(&asked.name),
        text(&new.sha256),
        scopes.join(", ")
    );
    if let Some(tenant) = &asked.tenant {
        entry.push_str(&format!("  tenant: {}\n", text(tenant)));
    }
    if let Some(expires) = asked.expires {
        entry.push_str(&format!("  expires: {}\n", text(&expires.to_string())));
    }
    entry
}

fn write(file: &Path, token: &str) -> Result<(), Failure> {
    let said = |cause: std::io::Error| {
        Failure::Said(format!(
            "the token cannot be written to {}: {cause}\n  hint: name a file that is not there yet",
            file.display()
        ))
    };
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(OWNER_ONLY)
        .open(file)
        .map_err(said)?;
    file.write_all(format!("{token}\n").as_bytes())
        .map_err(said)
}
