//! `embargo replay`: which decisions of a log other policies would change.
//!
//! The facts of each entry are judged again, for its action and at its instant, and what comes out
//! is compared with what the log says was answered, as `embargo diff` compares. What a log does not
//! have, or has only masked, is never taken for "no change" where it could matter.

mod again;
mod report;

use std::collections::VecDeque;
use std::sync::Arc;

use embargo_service::{Pending, Stored, StoredLog, load};

use crate::args::replay::Replay;
use crate::commands::Failure;
use crate::commands::diff::{Change, set};
use crate::exit::Exit;
use crate::offline::{self, Desk, Workers};
use crate::output;

use self::again::{Again, Left, Replayed};
use self::report::Report;

/// Entries that are judged at a time. It bounds memory.
const UNDER_WAY: usize = 64;

pub(crate) fn run(replay: &Replay) -> Result<Exit, Failure> {
    let source = set(&replay.policies)?;
    let snapshot = load(&source).map_err(|refused| {
        Failure::Said(format!(
            "the policies in {source} cannot be loaded\n\n{refused}"
        ))
    })?;
    let mut report = Report::new(replay, &source.to_string(), snapshot.id());
    let again =
        Arc::new(Again::new(Arc::clone(&snapshot)).ok_or_else(|| {
            Failure::Said("the descriptors of the API cannot be read".to_owned())
        })?);
    let desk = Desk::patient(snapshot, Workers::OneForEachCore)?;
    let mut under_way: VecDeque<Pending<Result<Replayed, Left>>> = VecDeque::new();
    report.begin()?;
    for found in StoredLog::open(&replay.logs)? {
        match found? {
            Stored::Entry { place, text, .. } => {
                let again = Arc::clone(&again);
                under_way.push_back(desk.start(move |evaluator| {
                    again.judge(&text, evaluator).map_err(|left| left.at(place))
                })?);
            }
            Stored::Fault { place, fault } => {
                output::complain(&format!("{place}: {fault}"));
                report.faults += 1;
            }
            Stored::Unfinished { place, bytes } => output::remark(&format!(
                "{place}: the last {bytes} bytes are no whole entry yet, or never became one"
            )),
        }
        while under_way.len() > UNDER_WAY {
            let Some(first) = under_way.pop_front() else {
                break;
            };
            settle(first, &mut report)?;
        }
    }
    for judging in under_way {
        settle(judging, &mut report)?;
    }
    let (is_incomplete, is_changed) = (report.is_incomplete(), report.tally.changed > 0);
    report.finish()?;
    Ok(if is_incomplete {
        Exit::Undecided
    } else if is_changed && replay.fail_on_change {
        Exit::Refused
    } else {
        Exit::Done
    })
}

fn settle(
    judging: Pending<Result<Replayed, Left>>,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    match offline::settled(judging) {
        Ok(Ok(replayed)) => {
            report.blind += u64::from(replayed.has_cut_paths);
            let (old, new) = (&replayed.old, &replayed.new);
            let change = Change::between(replayed.event_id, old, new);
            report.tally.add(change.as_ref(), old, new);
            change.map_or(Ok(()), |change| report.change(&change))
        }
        Ok(Err(left)) => {
            report.leave(&left);
            Ok(())
        }
        Err(failure) => {
            output::complain(&failure.to_string());
            report.tally.unjudged += 1;
            Ok(())
        }
    }
}
