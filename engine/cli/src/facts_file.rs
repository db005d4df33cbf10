//! Files of facts: YAML or JSON, or standard input.

use std::io::Read as _;
use std::path::Path;

use embargo_core::facts::{self, HostFacts};

use crate::commands::Failure;

/// The example host, so that a pasted command works from anywhere.
const EXAMPLE: &str = include_str!("../examples/federal-laptop.yaml");
/// Bytes of a file of facts, at most: as many as a message may have.
const MOST_BYTES: u64 = 16 * 1_024 * 1_024;

/// The facts of a file; of the example, if no file is named.
///
/// # Errors
/// If the file cannot be read, is not of the form, or breaks a limit.
pub(crate) fn read(file: Option<&Path>) -> Result<HostFacts, Failure> {
    let Some(path) = file else {
        return parse("the example", EXAMPLE);
    };
    let name = path.display().to_string();
    if name == "-" {
        return parse(
            "standard input",
            &whole("standard input", std::io::stdin())?,
        );
    }
    let what = format!("`{name}`");
    let file = std::fs::File::open(path).map_err(|cause| Failure::Unreadable {
        what: what.clone(),
        cause,
    })?;
    parse(&name, &whole(&what, file)?)
}

/// All that there is to read. What is longer than the limit is refused: a part of the facts
/// must never pass for the whole.
fn whole(what: &str, from: impl std::io::Read) -> Result<String, Failure> {
    let mut text = String::new();
    let read = from.take(MOST_BYTES + 1).read_to_string(&mut text);
    read.map_err(|cause| Failure::Unreadable {
        what: what.to_owned(),
        cause,
    })?;
    if u64::try_from(text.len()).is_ok_and(|length| length <= MOST_BYTES) {
        return Ok(text);
    }
    Err(Failure::Said(format!(
        "{what} is longer than {MOST_BYTES} bytes, and no part of it was judged\n  hint: leave out what no rule asks for"
    )))
}

fn parse(name: &str, text: &str) -> Result<HostFacts, Failure> {
    let record = facts::read(name, text).map_err(Failure::Diagnostic)?;
    HostFacts::check(record).map_err(|cause| Failure::Facts {
        file: name.to_owned(),
        cause,
    })
}
