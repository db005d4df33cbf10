//! `embargo decide`: judge hosts, here or by a server.

use embargo_client::v1;
use embargo_core::decision::Question;
use embargo_core::facts::HostFacts;
use serde_json::Value;

use crate::args::{Decide, Format};
use crate::commands::Failure;
use crate::exit::{self, Exit};
use crate::offline::{self, Desk};
use crate::output::{self, Paint, json, pretty};
use crate::{facts_file, policies, remote};

pub(crate) fn run(decide: &Decide) -> Result<Exit, Failure> {
    let hosts = if decide.example {
        vec![facts_file::read(None)?]
    } else {
        decide
            .files
            .iter()
            .map(|file| facts_file::read(Some(file)))
            .collect::<Result<_, _>>()?
    };
    if decide.emit_input {
        return emit_input(decide, hosts);
    }
    let decisions = match &decide.asked.server {
        Some(server) => {
            let asked = &decide.asked;
            remote::wait(remote::decide(server, &hosts, asked.action, decide.at))?
        }
        None => {
            let desk = Desk::new(policies::snapshot(&decide.asked.policies)?)?;
            let at = decide.at.unwrap_or_else(offline::now);
            let judge = |facts| desk.decide(facts, decide.asked.action, at);
            hosts
                .into_iter()
                .map(judge)
                .collect::<Result<Vec<_>, _>>()?
        }
    };
    output::print(&written(&decisions, decide.asked.format))?;
    let ends = decisions
        .iter()
        .map(|decision| exit::of_effect(decision.effect(), decide.fail_on));
    Ok(ends.fold(Exit::Done, exit::graver))
}

/// One host gives one object, several a list.
fn written(decisions: &[v1::Decision], format: Format) -> String {
    match (format, decisions) {
        (Format::Json, [only]) => json::text(&json::decision(only)),
        (Format::Json, all) => json::text(&Value::Array(all.iter().map(json::decision).collect())),
        (Format::Pretty, all) => {
            let paint = Paint::for_results();
            let pages: Vec<String> = all
                .iter()
                .map(|decision| pretty::decision(decision, paint))
                .collect();
            pages.join("\n")
        }
    }
}

fn emit_input(decide: &Decide, hosts: Vec<HostFacts>) -> Result<Exit, Failure> {
    let desk = Desk::new(policies::snapshot(&decide.asked.policies)?)?;
    let at = decide.at.unwrap_or_else(offline::now);
    let action = decide.asked.action;
    for facts in hosts {
        let input = desk.work(move |evaluator| {
            evaluator.input_json(Question {
                facts: &facts,
                action,
                at,
            })
        })?;
        output::print(&format!("{input}\n"))?;
    }
    Ok(Exit::Done)
}
