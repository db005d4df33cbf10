//! The report as a SARIF 2.1.0 log: instruments are its rules, findings its results. A host
//! without a decision is a result under a rule of its own, and the run is no success.

use embargo_client::v1;
use serde_json::{Value, json};

use crate::output::pretty::subject;
use crate::output::sarif;
use crate::output::standing::{Standing, rule};
use crate::output::words;

use super::outcome::Outcome;
use super::report::{Host, NoDecision, Report};
use super::text;

/// Ids that no instrument has, for none has a `/`.
const NOT_DECIDED: &str = "embargo/not-decided";
const INDETERMINATE: &str = "embargo/indeterminate";

pub(super) fn log(report: &Report) -> Value {
    let mut rules = Rules::default();
    let mut results = Vec::new();
    if let Some(none) = &report.failure {
        results.push(undecided(None, none, "error", &mut rules));
    }
    for host in report.hosts() {
        of_host(host, &mut rules, &mut results);
    }
    let outcome = report.outcome();
    let is_decided = !report.hosts().any(|host| host.answer.is_err()) && report.failure.is_none();
    let invocation = json!({
        "executionSuccessful": is_decided,
        "exitCode": outcome.exit().code(),
        "exitCodeDescription": outcome.word(),
    });
    sarif::log(rules.0, results, [("invocations", json!([invocation]))])
}

/// The rules that results refer to, each once.
#[derive(Default)]
struct Rules(Vec<Value>);

impl Rules {
    /// The index of a rule, which is made if it is not there.
    fn index(&mut self, id: &str, make: impl FnOnce() -> Value) -> usize {
        let known = self.0.iter().position(|rule| rule["id"] == id);
        known.unwrap_or_else(|| {
            self.0.push(make());
            self.0.len() - 1
        })
    }
}

fn of_host(host: &Host, rules: &mut Rules, results: &mut Vec<Value>) {
    let decision = match &host.answer {
        Ok(decision) => decision,
        Err(none) => {
            let level = match host.outcome {
                Outcome::Pardoned => "note",
                _ => "error",
            };
            results.push(undecided(Some(host), none, level, rules));
            return;
        }
    };
    for finding in &decision.findings {
        results.push(found(host, finding, rules));
    }
    if host.outcome == Outcome::Indeterminate {
        results.push(indeterminate(host, decision, rules));
    }
}

fn found(host: &Host, finding: &v1::Finding, rules: &mut Rules) -> Value {
    let id = rule(finding);
    let index = rules.index(id, || instrument(id, finding));
    let standing = Standing::of(finding);
    let (kind, level) = match standing {
        Standing::Deny => ("fail", "error"),
        Standing::Review => ("fail", "warning"),
        Standing::Warn | Standing::Waived => ("fail", "note"),
        Standing::Exempt => ("notApplicable", "none"),
    };
    let mut result = json!({
        "ruleId": id,
        "ruleIndex": index,
        "kind": kind,
        "level": level,
        "message": {"text": format!("{}: {}", host.name(), text::told(finding))},
        "locations": [location(host, Some(finding))],
        "properties": {"disposition": standing.word(), "effect": words::effect(finding.effect)},
    });
    if let (Some(waiver), Some(result)) = (&finding.waiver, result.as_object_mut()) {
        let suppression = json!({
            "kind": "external",
            "status": "accepted",
            "justification": format!("{}, by {}: {}", waiver.waiver_id, waiver.owner, waiver.reason),
        });
        result.insert("suppressions".to_owned(), json!([suppression]));
    }
    result
}

/// An instrument as a rule. A decision has its citations and not its title.
fn instrument(id: &str, finding: &v1::Finding) -> Value {
    let citations = finding.citations.iter();
    let title = finding.citations.first().map(|citation| &citation.title);
    let title = match title {
        Some(title) => format!("{id}: {title}"),
        None => id.to_owned(),
    };
    let mut lines: Vec<String> = citations
        .clone()
        .map(|citation| format!("see: {}  {}", citation.title, citation.url))
        .map(|line| line.trim_end().to_owned())
        .collect();
    if !finding.remediation.is_empty() {
        lines.insert(0, finding.remediation.clone());
    }
    if lines.is_empty() {
        lines.push(finding.message.clone());
    }
    let mut rule = json!({
        "id": id,
        "shortDescription": {"text": title},
        "help": {"text": lines.join("\n")},
    });
    let url = citations.map(|citation| &citation.url);
    let url = url.into_iter().find(|url| !url.is_empty());
    if let (Some(url), Some(rule)) = (url, rule.as_object_mut()) {
        rule.insert("helpUri".to_owned(), json!(url));
    }
    rule
}

fn own_rule(id: &str, title: &str, help: &str) -> Value {
    json!({
        "id": id,
        "shortDescription": {"text": title},
        "help": {"text": help},
    })
}

fn indeterminate(host: &Host, decision: &v1::Decision, rules: &mut Rules) -> Value {
    let index = rules.index(INDETERMINATE, || {
        own_rule(
            INDETERMINATE,
            "a denial cannot be ruled out",
            "Collect the software again, or have the policy that failed mended.",
        )
    });
    let mut lines = vec![format!("{}: {}", host.name(), text::why(host))];
    lines.extend(decision.failures.iter().map(text::failed));
    json!({
        "ruleId": INDETERMINATE,
        "ruleIndex": index,
        "kind": "fail",
        "level": "error",
        "message": {"text": lines.join("\n")},
        "locations": [location(host, None)],
    })
}

fn undecided(host: Option<&Host>, none: &NoDecision, level: &str, rules: &mut Rules) -> Value {
    let index = rules.index(NOT_DECIDED, || {
        own_rule(
            NOT_DECIDED,
            "there is no decision",
            "Nobody checked this. Mend what the message names, and run the gate again.",
        )
    });
    let locations: Vec<Value> = host.iter().map(|host| location(host, None)).collect();
    json!({
        "ruleId": NOT_DECIDED,
        "ruleIndex": index,
        "kind": "fail",
        "level": level,
        "message": {"text": format!("no decision: {}", none.message)},
        "locations": locations,
        "properties": {"kind": none.lack.word()},
    })
}

/// The host and the software on it, and the file that tells of them.
fn location(host: &Host, finding: Option<&v1::Finding>) -> Value {
    let name = host.name();
    let software = finding.and_then(|finding| finding.software.as_ref());
    let logical = match software {
        Some(software) => json!({
            "name": subject(Some(software)),
            "fullyQualifiedName": format!("{name}/{}", software.name),
            "kind": "resource",
        }),
        None => json!({"name": name, "fullyQualifiedName": name, "kind": "resource"}),
    };
    let mut location = json!({"logicalLocations": [logical]});
    if let (Some(file), Some(location)) = (host.file(), location.as_object_mut()) {
        // Code scanning shows nothing that has no line.
        let line = host.line().unwrap_or(1);
        location.insert(
            "physicalLocation".to_owned(),
            json!({
                "artifactLocation": {"uri": sarif::uri(&file)},
                "region": {"startLine": line},
            }),
        );
    }
    location
}
