//! `embargo new`: a working set of policies to start from, with its tests and their workflow.

use std::fs;
use std::io;
use std::path::Path;

use embargo_service::shipped_bundle;

use crate::args::New;
use crate::commands::{Failure, schema};
use crate::exit::Exit;
use crate::output;

/// The files of a new set, beside the schemas and the helpers for rules.
const FILES: [(&str, &str); 8] = [
    ("README.md", include_str!("../../template/README.md")),
    (
        "catalogue/example-chat.yaml",
        include_str!("../../template/catalogue/example-chat.yaml"),
    ),
    (
        "instruments/acceptable-use/instrument.yaml",
        include_str!("../../template/instruments/acceptable-use/instrument.yaml"),
    ),
    (
        "instruments/acceptable-use/rule.rego",
        include_str!("../../template/instruments/acceptable-use/rule.rego"),
    ),
    (
        "instruments/acceptable-use/rule_test.rego",
        include_str!("../../template/instruments/acceptable-use/rule_test.rego"),
    ),
    (
        "instruments/acceptable-use/cases.yaml",
        include_str!("../../template/instruments/acceptable-use/cases.yaml"),
    ),
    (
        "waivers/waivers.yaml",
        include_str!("../../template/waivers/waivers.yaml"),
    ),
    (
        ".github/workflows/policies.yml",
        include_str!("../../template/github/policies.yml"),
    ),
];

/// Helpers of the shipped set that are about its own instruments.
const NO_HELPER: &str = "lib/kaspersky";

pub(crate) fn run(new: &New) -> Result<Exit, Failure> {
    let folder = &new.folder;
    refuse_what_is_there(folder)?;
    for (path, text) in FILES.into_iter().chain(schema::FILES) {
        write(folder, path, text.as_bytes())?;
    }
    let shipped = shipped_bundle().map_err(|error| Failure::Diagnostic(error.diagnostic()))?;
    for (path, content) in shipped.files() {
        if path.starts_with("lib/") && !path.starts_with(NO_HELPER) {
            write(folder, path, content)?;
        }
    }
    let shown = folder.display();
    output::print(&format!(
        "a set of policies is in {shown}: README.md says what is where\n\n\
         embargo check --strict {shown}\n\
         embargo test {shown}\n\
         embargo serve -d {shown}\n"
    ))?;
    Ok(Exit::Done)
}

/// Nothing is written where anything is.
fn refuse_what_is_there(folder: &Path) -> Result<(), Failure> {
    let unreadable = |cause| Failure::Unreadable {
        what: format!("`{}`", folder.display()),
        cause,
    };
    match fs::read_dir(folder) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(cause) => Err(unreadable(cause)),
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(Err(cause)) => Err(unreadable(cause)),
            Some(Ok(_)) => Err(Failure::Said(format!(
                "`{}` is not empty, and nothing was written\n  hint: name a folder that is not there yet",
                folder.display()
            ))),
        },
    }
}

fn write(folder: &Path, path: &str, content: &[u8]) -> Result<(), Failure> {
    let whole = folder.join(path);
    let written = match whole.parent() {
        Some(parent) => fs::create_dir_all(parent).and_then(|()| fs::write(&whole, content)),
        None => fs::write(&whole, content),
    };
    written
        .map_err(|cause| Failure::Said(format!("`{}` cannot be written: {cause}", whole.display())))
}
