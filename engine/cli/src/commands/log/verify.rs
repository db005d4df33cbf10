//! `embargo log verify`: whether logs are as they were written, and whole.

use embargo_service::{Stored, StoredLog};

use super::entry::Entry;
use crate::args::log::Verify;
use crate::commands::Failure;
use crate::exit::Exit;
use crate::output;
use crate::output::words::plural;

/// Faults that are written out; the rest are counted.
const SHOWN: u64 = 1_000;

pub(super) fn run(verify: &Verify) -> Result<Exit, Failure> {
    let (mut entries, mut faults, mut unfinished) = (0_u64, 0_u64, 0_u64);
    let mut numbers = None;
    let mut fault = |said: String| {
        faults += 1;
        if faults <= SHOWN {
            output::print(&format!("{said}\n"))
        } else {
            Ok(())
        }
    };
    for found in StoredLog::open(&verify.logs)? {
        match found? {
            Stored::Entry {
                place,
                sequence,
                text,
            } => {
                if Entry::read(&text).is_none() {
                    fault(format!("{place}: this is no entry that a server wrote"))?;
                    continue;
                }
                entries += 1;
                if let Some(last) = sequence {
                    numbers = Some((numbers.map_or(last, |(first, _)| first), last));
                }
            }
            Stored::Fault {
                place,
                fault: found,
            } => fault(format!("{place}: {found}"))?,
            Stored::Unfinished { place, bytes } => {
                unfinished += bytes;
                output::remark(&format!(
                    "{place}: the last {bytes} bytes are no whole entry yet, or never became one"
                ));
            }
        }
    }
    let numbered =
        numbers.map_or_else(String::new, |(first, last)| format!(" ({first} to {last})"));
    let outcome = match faults {
        0 => "whole".to_owned(),
        many => format!("{many} {}", plural(many, "fault")),
    };
    let more = if unfinished > 0 {
        ", an unfinished end"
    } else {
        ""
    };
    let noun = if entries == 1 { "entry" } else { "entries" };
    output::print(&format!("{entries} {noun}{numbered}: {outcome}{more}\n"))?;
    Ok(if faults > 0 {
        Exit::Refused
    } else {
        Exit::Done
    })
}
