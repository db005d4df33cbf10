//! Judging again: the facts of an entry as facts, and what was answered as it is compared.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use embargo_core::decision::{Evaluator, Question};
use embargo_core::facts::HostFacts;
use embargo_core::snapshot::Snapshot;
use embargo_service::{Place, codec};
use serde_json::{Value, json};

use crate::commands::diff::{Stand, Subject, Verdict};
use crate::commands::log::entry::{Entry, effect};

/// The method whose requests hold facts as entries have them.
const DECIDE_HOST: &str = "/embargo.v1.DecisionService/DecideHost";
/// What a path ends with that a mask has cut.
const CUT: char = '…';

/// What entries are judged by again.
#[derive(Debug)]
pub(super) struct Again {
    json: codec::Json,
    snapshot: Arc<Snapshot>,
    /// Whether what a mask took away matters, by its pointer.
    matters: Mutex<HashMap<String, bool>>,
}

/// An entry that was judged again.
#[derive(Debug)]
pub(super) struct Replayed {
    pub(super) event_id: String,
    pub(super) old: Verdict,
    pub(super) new: Verdict,
    /// Whether a mask has cut paths of software.
    pub(super) has_cut_paths: bool,
}

/// Why an entry was not judged again.
#[derive(Clone, Debug)]
pub(super) struct Left {
    pub(super) why: Why,
    /// Where it stands.
    pub(super) place: Option<Place>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Why {
    /// It is about a call that was refused: there is no decision to compare with.
    Refused,
    /// A mask has what bears on a decision, at this pointer.
    Masked(String),
    /// It is no entry, or one of another release.
    Unreadable,
    /// Its facts are not such that this release takes them.
    Facts,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused => f.write_str("were refused, and have no decision"),
            Self::Masked(pointer) => {
                write!(f, "have `{pointer}` masked, which bears on their decision")
            }
            Self::Unreadable => f.write_str("are no entries, or entries of another release"),
            Self::Facts => f.write_str("have facts that this release does not take"),
        }
    }
}

impl Left {
    pub(super) fn at(self, place: Place) -> Self {
        Self {
            place: Some(place),
            ..self
        }
    }
}

impl From<Why> for Left {
    fn from(why: Why) -> Self {
        Self { why, place: None }
    }
}

impl Again {
    /// None if the descriptors of the API are not sound.
    pub(super) fn new(snapshot: Arc<Snapshot>) -> Option<Self> {
        Some(Self {
            json: codec::Json::load()?,
            snapshot,
            matters: Mutex::default(),
        })
    }

    /// Judges an entry again.
    ///
    /// # Errors
    /// Why it cannot be.
    pub(super) fn judge(&self, text: &[u8], evaluator: &mut Evaluator) -> Result<Replayed, Left> {
        let entry = Entry::read(text).ok_or(Why::Unreadable)?;
        if entry.get("decision").is_none() && entry.get("error").is_some() {
            return Err(Why::Refused.into());
        }
        for pointer in entry.masked() {
            if self.matters(pointer) {
                return Err(Why::Masked(pointer.to_owned()).into());
            }
        }
        let old = answered(&entry).ok_or(Why::Unreadable)?;
        let (action, at) = entry
            .action()
            .zip(entry.evaluate_time())
            .ok_or(Why::Unreadable)?;
        let facts = self.facts(&entry).ok_or(Why::Facts)?;
        let has_cut_paths = cut_paths(&entry, &facts)?;
        let new = Verdict::of(&evaluator.decide(Question {
            facts: &facts,
            action,
            at,
        }));
        Ok(Replayed {
            event_id: entry.event_id().to_owned(),
            old,
            new,
            has_cut_paths,
        })
    }

    fn facts(&self, entry: &Entry) -> Option<HostFacts> {
        let mut facts = entry.get("facts")?.clone();
        let known = facts.as_object_mut()?;
        if !known.contains_key("hostId") {
            // Nothing depends on it, or the entry would have been left.
            known.insert("hostId".to_owned(), entry.event_id().into());
        }
        let request = json!({ "facts": facts }).to_string();
        let message = self.json.read_request(DECIDE_HOST, request.as_bytes())?;
        codec::request_facts(&message, message.len().max(1)).ok()
    }

    /// Whether what lies at a pointer bears on a decision.
    fn matters(&self, pointer: &str) -> bool {
        let mut known = self.matters.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(matters) = known.get(pointer) {
            return *matters;
        }
        let matters = matters(pointer, &self.snapshot);
        known.insert(pointer.to_owned(), matters);
        matters
    }
}

/// Whether what lies at a pointer into an entry bears on what the snapshot decides, or on what is
/// compared. What is not known is taken to.
fn matters(pointer: &str, snapshot: &Snapshot) -> bool {
    let parts: Vec<&str> = pointer.split('/').skip(1).collect();
    let depends = |path: &[&str]| snapshot.depends_on(path);
    match parts.as_slice() {
        ["facts", "hostId"] => depends(&["host", "id"]),
        ["facts", "groups", ..] => depends(&["host", "groups"]),
        ["facts", "attributes", below @ ..] => depends(&[&["host", "attributes"], below].concat()),
        ["facts", "purposes", ..] => depends(&["host", "purposes"]),
        ["facts", "formFactor"] => depends(&["host", "form_factor"]),
        ["facts", "collectTime"] => depends(&["host", "collect_time"]),
        [
            "facts",
            "os",
            field @ ("family" | "version" | "architecture"),
        ] => depends(&["host", "os", field]),
        ["facts", "os"] => depends(&["host", "os"]),
        ["facts", "owner"] => depends(&["host", "owner"]),
        ["facts", "owner", "usPerson"] => depends(&["host", "owner", "us_person"]),
        ["facts", "owner", "contractClauses", ..] => {
            depends(&["host", "owner", "contract_clauses"])
        }
        [
            "facts",
            "owner",
            field @ ("kind" | "jurisdictions" | "sectors"),
            ..,
        ] => depends(&["host", "owner", field]),
        // By a path software may also be recognised: that is looked at for each entry.
        ["facts", "software", _, field @ ("path" | "installTime")] => {
            let field = if *field == "path" {
                "path"
            } else {
                "install_time"
            };
            depends(&["identified", "*", "software", field]) || depends(&["software"])
        }
        ["facts" | "action" | "evaluateTime", ..] => true,
        ["decision"] => true,
        ["decision", "effect" | "omittedFindingCount", ..] => true,
        ["decision", "findings" | "failures"] => true,
        ["decision", "findings" | "failures", _] => true,
        ["decision", "findings" | "failures", _, field, ..] => matches!(
            *field,
            "policyId" | "instrumentId" | "effect" | "disposition" | "productId" | "software"
        ),
        _ => false,
    }
}

/// What was answered, as it is compared. None if a part of it is not known here.
fn answered(entry: &Entry) -> Option<Verdict> {
    let text = |value: &Value, key: &str| -> String {
        let text = value.get(key).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    let mut told: Vec<(Subject, Stand)> = Vec::new();
    for finding in entry.listed("findings") {
        let stand = match text(finding, "disposition").as_str() {
            "DISPOSITION_EXEMPT" => Stand::Exempt,
            "DISPOSITION_WAIVED" => Stand::Waived,
            "DISPOSITION_ACTIVE" => match effect(&text(finding, "effect"))?.word() {
                "warn" => Stand::Warn,
                "review" => Stand::Review,
                "deny" => Stand::Deny,
                _ => return None,
            },
            _ => return None,
        };
        let rule = match text(finding, "instrumentId") {
            instrument if instrument.is_empty() => text(finding, "policyId"),
            instrument => instrument,
        };
        told.push(((rule, text(finding, "productId")), stand));
    }
    for failure in entry.listed("failures") {
        told.push(((text(failure, "policyId"), String::new()), Stand::Failed));
    }
    let omitted = entry.get("decision")?.get("omittedFindingCount");
    let is_cut = omitted.is_some_and(|count| count != &json!(0));
    Some(Verdict::told(entry.effect()?, told, is_cut))
}

/// Whether masks have cut paths of software.
///
/// # Errors
/// If something was recognised by such a path.
fn cut_paths(entry: &Entry, facts: &HostFacts) -> Result<bool, Why> {
    const PATHS: &str = "/facts/software/*/path";
    let is_masked = entry.masked().any(|pointer| {
        let mut parts = pointer.split('/').skip(1);
        parts.next() == Some("facts") && parts.next() == Some("software")
    });
    if !is_masked {
        return Ok(false);
    }
    let software = &facts.record().software;
    let is_cut = |at: usize| {
        let path = software.get(at).map(|item| item.path.as_deref());
        // Removed, or cut.
        path.is_some_and(|path| path.is_none_or(|path| path.ends_with(CUT)))
    };
    for finding in entry.listed("findings") {
        let evidence = finding.get("evidence").and_then(Value::as_array);
        let is_by_path = evidence
            .into_iter()
            .flatten()
            .any(|sign| sign.get("kind").and_then(Value::as_str) == Some("path"));
        let index = finding
            .get("software")
            .and_then(|item| item.get("index"))
            .map_or(Some(0), Value::as_u64);
        let index = index.and_then(|index| usize::try_from(index).ok());
        if is_by_path && index.is_none_or(is_cut) {
            return Err(Why::Masked(PATHS.to_owned()));
        }
    }
    Ok((0..software.len()).any(is_cut))
}

#[cfg(test)]
mod tests {
    use embargo_service::{Source, load};

    use super::*;

    #[test]
    fn what_masks_take_away_by_themselves_bears_on_no_shipped_policy() {
        let snapshot = load(&Source::Embedded).unwrap();
        for pointer in [
            "/facts/hostId",
            "/facts/groups/*",
            "/facts/attributes",
            "/facts/software/*/path",
            "/decision/hostId",
            "/decision/findings/*/evidence/*/value",
            "/correlationId",
        ] {
            assert!(!matters(pointer, &snapshot), "{pointer}");
        }
        for pointer in [
            "/facts",
            "/facts/owner",
            "/facts/owner/kind",
            "/facts/software",
            "/facts/software/*/name",
            "/facts/coverage/*/state",
            "/facts/madeUp",
            "/decision/effect",
            "/decision/findings/*/productId",
            "/action",
        ] {
            assert!(matters(pointer, &snapshot), "{pointer}");
        }
    }
}
