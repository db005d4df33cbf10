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
        let mut text = String::new();
        std::io::stdin()
            .take(MOST_BYTES)
            .read_to_string(&mut text)
            .map_err(|cause| Failure::Unreadable {
                what: "standard input".to_owned(),
                cause,
            })?;
        return parse("standard input", &text);
    }
    let text = std::fs::File::open(path)
        .and_then(|file| {
            let mut text = String::new();
            file.take(MOST_BYTES)
                .read_to_string(&mut text)
                .map(|_| text)
        })
        .map_err(|cause| Failure::Unreadable {
            what: format!("`{name}`"),
            cause,
        })?;
    parse(&name, &text)
}

fn parse(name: &str, text: &str) -> Result<HostFacts, Failure> {
    let record = facts::read(name, text).map_err(Failure::Diagnostic)?;
    HostFacts::check(record).map_err(|cause| Failure::Facts {
        file: name.to_owned(),
        cause,
    })
}
