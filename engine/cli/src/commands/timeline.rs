//! `embargo timeline`: how a decision changes while time passes.

use crate::args::timeline::{Timeline, TimelineFormat};
use crate::commands::Failure;
use crate::exit::Exit;
use crate::intake::Intake;
use crate::offline::{self, Desk, Workers};
use crate::output::{self, Paint, json, timeline as rendered};
use crate::{policies, remote};

pub(crate) fn run(timeline: &Timeline) -> Result<Exit, Failure> {
    let facts = match &timeline.file {
        Some(file) => Intake::new(None, &timeline.about)?.only(file)?.facts,
        None => Intake::of_example()?.facts,
    };
    let action = timeline.action;
    let answer = match &timeline.server {
        Some(server) => remote::wait(remote::timeline(
            server,
            &timeline.access,
            &facts,
            action,
            timeline.from,
            timeline.until,
        ))?,
        None => {
            let desk = Desk::patient(policies::snapshot(&timeline.policies)?, Workers::One)?;
            let from = timeline.from.unwrap_or_else(offline::now);
            desk.timeline(facts, action, from, timeline.until)?
        }
    };
    output::print(&match timeline.format {
        TimelineFormat::Json => json::text(&json::timeline(&answer)),
        TimelineFormat::Pretty => rendered::page(&answer, Paint::for_results(), output::columns()),
        TimelineFormat::Svg => rendered::picture(&answer)?,
    })?;
    Ok(Exit::Done)
}
