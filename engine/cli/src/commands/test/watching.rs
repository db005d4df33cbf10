//! `embargo test --watch`: run again whenever a file changes.

use embargo_service::Changes;

use crate::args::Test;
use crate::commands::Failure;
use crate::exit::Exit;
use crate::output::{self, Paint};

use super::{once, sets};

/// Runs until the process is ended, as by Ctrl-C.
pub(super) fn run(test: &Test) -> Result<Exit, Failure> {
    let places = sets::places(test);
    let names: Vec<String> = places
        .iter()
        .map(|place| place.display().to_string())
        .collect();
    if places.is_empty() {
        return Err(Failure::Said(
            "the shipped set has no files to watch\n  hint: name a policy folder or a case file"
                .to_owned(),
        ));
    }
    let mut changes = Changes::of(places);
    loop {
        // What keeps the tests from running is put right by the next change.
        if let Err(failure) = once(test) {
            output::complain(&failure.to_string());
        }
        let waiting = format!("watching {}; Ctrl-C ends", names.join(", "));
        output::remark(&Paint::for_errors().dim(&waiting));
        changes.wait();
        if Paint::for_results().is_on() {
            // A terminal shows the present run alone.
            output::print("\u{1b}[2J\u{1b}[H")?;
        } else {
            output::remark("files changed; running again");
        }
    }
}
