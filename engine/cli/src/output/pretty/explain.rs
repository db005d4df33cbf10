//! An explanation for people: policy by policy, the rules, and the condition that decides each.

use std::collections::BTreeSet;

use embargo_client::v1;
use embargo_client::v1::rule_explanation::Outcome;

use super::{Page, clean, head, subject};
use crate::output::{Paint, words};

/// An explanation. Policies that were not evaluated are counted, or named if `everything` is
/// wanted.
pub(crate) fn explanation(
    answer: &v1::ExplainDecisionResponse,
    everything: bool,
    paint: Paint,
) -> String {
    let mut page = Page::default();
    if let Some(decision) = &answer.decision {
        head(&mut page, decision, paint);
    }
    for found in &answer.identifications {
        page.line(
            2,
            &format!(
                "{} is {}",
                subject(found.software.as_ref()),
                clean(&found.product_id)
            ),
        );
    }
    let mut left_out = LeftOut::default();
    for rules in answer.rules.chunk_by(|a, b| a.policy_id == b.policy_id) {
        let Some(first) = rules.first() else {
            continue;
        };
        let outcome = first.outcome();
        if !everything && left_out.takes(outcome, &first.policy_id) {
            continue;
        }
        page.blank();
        page.line(0, &paint.bold(&clean(&first.policy_id)));
        if !first.instrument_ids.is_empty() {
            page.line(
                2,
                &format!("puts into effect {}", first.instrument_ids.join(", ")),
            );
        }
        for rule in rules {
            self::rule(&mut page, rule, paint);
        }
        facts(&mut page, rules, paint);
    }
    left_out.finish(&mut page);
    page.0
}

fn rule(page: &mut Page, rule: &v1::RuleExplanation, paint: Paint) {
    let outcome = match rule.outcome() {
        Outcome::Matched => paint.red("matched"),
        Outcome::Waived => paint.yellow("waived"),
        Outcome::Exempt => paint.green("exempt"),
        Outcome::NotMatched => "not matched".to_owned(),
        Outcome::MissingFact => paint.yellow("not matched, and facts that it reads are absent"),
        Outcome::Failed => paint.red("failed: its policy could not be evaluated"),
        Outcome::NotConcerned => "not evaluated: none of its products was identified".to_owned(),
        Outcome::OutOfScope => "not evaluated: the owner is outside of its scope".to_owned(),
        Outcome::OutOfPhase => match &rule.phase_begin_time {
            Some(begins) => format!("out of phase: one begins at {}", words::instant(begins)),
            None => "out of phase: none is in force or to come".to_owned(),
        },
        Outcome::Unspecified => "unknown".to_owned(),
    };
    let place = rule.span.as_ref().map(place).unwrap_or_default();
    page.line(
        2,
        &format!("{:<7} {outcome}  {}", rule.set, paint.dim(&place)),
    );
    // That no phase is in force says it all.
    let decides = rule
        .conditions
        .last()
        .filter(|condition| !condition.held && rule.outcome() != Outcome::OutOfPhase);
    if let Some(condition) = decides {
        self::condition(page, 4, condition, paint);
    }
    let missing = decides.map_or(&[][..], |condition| &condition.missing_facts);
    if !missing.is_empty() {
        page.line(6, &format!("absent: {}", missing.join(", ")));
    }
}

/// A condition that does not hold, what it reads, and why.
fn condition(page: &mut Page, indent: usize, condition: &v1::ConditionExplanation, paint: Paint) {
    let place = condition.span.as_ref().map(place).unwrap_or_default();
    page.line(
        indent,
        &format!(
            "does not hold: {}  {}",
            clean(&condition.text),
            paint.dim(&place)
        ),
    );
    for reading in &condition.readings {
        let values = if reading.values.is_empty() {
            "undefined".to_owned()
        } else {
            reading.values.join(" | ")
        };
        let more = match reading.more_count {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        page.line(
            indent + 2,
            &format!("{} = {}{more}", clean(&reading.name), clean(&values)),
        );
    }
    for cause in &condition.because {
        self::condition(page, indent + 2, cause, paint);
    }
}

/// The facts that the rules read, once.
fn facts(page: &mut Page, rules: &[v1::RuleExplanation], paint: Paint) {
    let read: BTreeSet<(&str, &str)> = rules
        .iter()
        .flat_map(|rule| &rule.facts)
        .map(|fact| (fact.path.as_str(), fact.value_json.as_str()))
        .collect();
    for (at, (path, value)) in read.into_iter().enumerate() {
        let label = if at == 0 { "facts" } else { "" };
        let value = if value.is_empty() {
            paint.yellow("absent")
        } else {
            clean(value)
        };
        page.line(2, &format!("{label:<7} {path} = {value}"));
    }
}

fn place(span: &v1::SourceSpan) -> String {
    clean(&format!("{}:{}", span.path, span.start_line))
}

/// Policies that are not shown.
#[derive(Default)]
struct LeftOut<'a> {
    others: BTreeSet<&'a str>,
    out_of_scope: BTreeSet<&'a str>,
}

impl<'a> LeftOut<'a> {
    fn takes(&mut self, outcome: Outcome, policy: &'a str) -> bool {
        match outcome {
            Outcome::NotConcerned => self.others.insert(policy),
            Outcome::OutOfScope => self.out_of_scope.insert(policy),
            _ => return false,
        };
        true
    }

    fn finish(self, page: &mut Page) {
        let mut said = Vec::new();
        let mut say = |count: usize, what: &str| {
            if count > 0 {
                said.push(format!("{count} {what}"));
            }
        };
        say(
            self.others.len(),
            "are about products that were not identified",
        );
        say(self.out_of_scope.len(), "do not bind this owner");
        if !said.is_empty() {
            page.blank();
            page.line(
                0,
                &format!(
                    "not evaluated: of the policies {} (`-v` names them)",
                    said.join(", and ")
                ),
            );
        }
    }
}
