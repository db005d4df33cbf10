//! `embargo explain`: what became of each rule, and which condition decided it.

use embargo_client::v1;
use embargo_core::snapshot::Snapshot;

use crate::args::explain::Explain;
use crate::args::{FailOn, Format};
use crate::commands::Failure;
use crate::exit::{self, Exit};
use crate::intake::Intake;
use crate::offline::{self, Desk};
use crate::output::{self, Paint, json, pretty};
use crate::{policies, remote};

pub(crate) fn run(explain: &Explain) -> Result<Exit, Failure> {
    let facts = match &explain.file {
        Some(file) => Intake::new(None, &explain.about)?.only(file)?.facts,
        None => Intake::of_example()?.facts,
    };
    let action = explain.asked.action;
    let instrument = explain.instrument.as_deref();
    let mut answer = match &explain.asked.server {
        Some(server) => remote::wait(remote::explain(
            server,
            &explain.asked.access,
            &facts,
            action,
            explain.at,
        ))?,
        None => {
            let snapshot = policies::snapshot(&explain.asked.policies)?;
            if let Some(id) = instrument {
                known(&snapshot, id)?;
            }
            let at = explain.at.unwrap_or_else(offline::now);
            Desk::new(snapshot)?.explain(facts, action, at)?
        }
    };
    if let Some(id) = instrument {
        answer
            .rules
            .retain(|rule| rule.instrument_ids.iter().any(|known| known == id));
        if answer.rules.is_empty() {
            return Err(Failure::Said(format!(
                "no rule puts the instrument `{id}` into effect\n  hint: `embargo inspect` lists the instruments"
            )));
        }
    }
    let is_everything = explain.verbose || instrument.is_some();
    output::print(&match explain.asked.format {
        Format::Json => json::text(&json::explanation(&answer)),
        Format::Pretty => pretty::explanation(&answer, is_everything, Paint::for_results()),
    })?;
    let effect = answer.decision.as_ref().map(v1::Decision::effect);
    Ok(exit::of_effect(
        effect.unwrap_or(v1::Effect::Indeterminate),
        FailOn::Deny,
    ))
}

fn known(snapshot: &Snapshot, id: &str) -> Result<(), Failure> {
    match snapshot.instrument(id) {
        Some(_) => Ok(()),
        None => Err(Failure::Said(format!(
            "there is no instrument `{id}`\n  hint: `embargo inspect` lists the instruments"
        ))),
    }
}
