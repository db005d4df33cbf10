//! `embargo timeline`: how a decision changes while time passes.

use crate::args::{Format, Timeline};
use crate::commands::Failure;
use crate::exit::Exit;
use crate::intake::Intake;
use crate::offline::{self, Desk};
use crate::output::{self, Paint, json, pretty};
use crate::{policies, remote};

pub(crate) fn run(timeline: &Timeline) -> Result<Exit, Failure> {
    let facts = match &timeline.file {
        Some(file) => Intake::new(None, &timeline.about)?.only(file)?.facts,
        None => Intake::of_example()?.facts,
    };
    let action = timeline.asked.action;
    let answer = match &timeline.asked.server {
        Some(server) => remote::wait(remote::timeline(
            server,
            &facts,
            action,
            timeline.from,
            timeline.until,
        ))?,
        None => {
            let desk = Desk::new(policies::snapshot(&timeline.asked.policies)?)?;
            let from = timeline.from.unwrap_or_else(offline::now);
            desk.timeline(facts, action, from, timeline.until)?
        }
    };
    output::print(&match timeline.asked.format {
        Format::Json => json::text(&json::timeline(&answer)),
        Format::Pretty => pretty::timeline(&answer, Paint::for_results()),
    })?;
    Ok(Exit::Done)
}
