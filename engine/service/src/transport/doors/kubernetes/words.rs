//! The one table of this door: how the API server is told each effect and each lack of one.
//!
//! What whoever applies the object can bring about is an answer, and never lets the object in. What
//! only the server can bring about is no answer, so that the failure policy of the webhook decides.

use embargo_core::decision::Decision;
use embargo_core::diagnostic::cut;
use embargo_core::instrument::{Action, Effect};
use serde_json::{Map, Value, json};

use super::super::super::status::Refusal;
use super::super::grounds::{Ground, grounds, line};

/// Bytes of a message of a status, at most.
const MESSAGE_BYTES: usize = 2_048;
/// What the API server hands on of warnings: characters of one, how many, bytes of all.
const WARNING_CHARS: usize = 120;
const WARNINGS: usize = 32;
const WARNINGS_BYTES: usize = 4_096;

/// What is said where an object carries no facts.
const MISSING: &str = "embargo has nothing to judge: the object carries no facts, which is not the same as no software. Put facts into the annotation `embargo.dev/facts`, an inventory into the key `inventory` of its data, or a bill of materials into the annotation `embargo.dev/sbom`; or leave the object out of the webhook's rules";

/// Why there is no decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// The object carries no facts.
    Missing,
    /// What it carries is refused, or the server cannot answer.
    Refused(Refusal),
}

impl From<Refusal> for Lack {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// How an effect is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) allowed: bool,
    pub(super) code: u16,
    pub(super) reason: &'static str,
}

/// The words for an effect.
pub(super) const fn of_effect(effect: Effect) -> Words {
    let (allowed, code, reason) = match effect {
        Effect::Allow => (true, 200, "Allowed"),
        Effect::Warn => (true, 200, "AllowedWithWarnings"),
        Effect::Review => (false, 403, "ReviewRequired"),
        Effect::Indeterminate => (false, 403, "Indeterminate"),
        Effect::Deny => (false, 403, "Denied"),
    };
    Words {
        allowed,
        code,
        reason,
    }
}

/// The words for a lack of a decision; none for an error of the server.
pub(super) const fn of_lack(lack: &Lack) -> Option<Words> {
    let (code, reason) = match lack {
        Lack::Missing => (422, "FactsMissing"),
        Lack::Refused(refusal) => match refusal {
            Refusal::FactsInvalid { .. } => (422, "FactsInvalid"),
            Refusal::RequestInvalid(_) => (422, "AnnotationInvalid"),
            Refusal::InventoryInvalid { .. } => (422, "InventoryInvalid"),
            Refusal::BatchTooLarge { .. } => (422, "TooManyHosts"),
            // Whoever applies many objects could have errors let one in otherwise.
            Refusal::RateLimited { .. } => (429, "TooManyRequests"),
            Refusal::PageTokenInvalid
            | Refusal::BundleInvalid(_)
            | Refusal::BundleRejected { .. }
            | Refusal::PolicyNotFound { .. }
            | Refusal::SnapshotMismatch { .. }
            | Refusal::NoSnapshot
            | Refusal::Draining
            | Refusal::Overloaded(_)
            | Refusal::DecisionLogUnavailable
            | Refusal::AnswerTooLarge { .. }
            | Refusal::DeadlinePassed
            | Refusal::CredentialsMissing
            | Refusal::CredentialsInvalid(_)
            | Refusal::ScopeMissing(_)
            | Refusal::ServerFault => return None,
        },
    };
    Some(Words {
        allowed: false,
        code,
        reason,
    })
}

/// The response about hosts that were judged; the gravest decides. None if there are none.
pub(super) fn decided(decisions: &[Decision], action: Action) -> Option<Map<String, Value>> {
    let effect = |decision: &Decision| decision.judgement.effect;
    let (at, gravest) = decisions
        .iter()
        .enumerate()
        .rev()
        .max_by_key(|(_, decision)| effect(decision))?;
    let alike = decisions
        .iter()
        .filter(|decision| effect(decision) == effect(gravest))
        .count();
    let words = of_effect(effect(gravest));
    let mut response = Map::new();
    response.insert("allowed".to_owned(), words.allowed.into());
    let all: Vec<Ground> = decisions
        .iter()
        .filter(|decision| effect(decision) == effect(gravest))
        .flat_map(grounds)
        .collect();
    let warned = if words.allowed {
        &all
    } else {
        let hosts = match decisions.len() {
            1 => String::new(),
            all => format!(" on {alike} of {all} hosts, first on host {}", at + 1),
        };
        let message = message(effect(gravest), action, &hosts, &all);
        response.insert("status".to_owned(), status(words, &message));
        all.get(1..).unwrap_or_default()
    };
    let warnings = warnings(warned);
    if !warnings.is_empty() {
        response.insert("warnings".to_owned(), warnings.into());
    }
    let next = decisions.iter().filter_map(|one| one.next_change_time);
    let mut annotations = json!({
        "decision-id": gravest.decision_id,
        "snapshot-id": &*gravest.snapshot_id,
        "effect": effect(gravest).word(),
        "host-count": decisions.len().to_string(),
    });
    if let (Some(next), Some(fields)) = (next.min(), annotations.as_object_mut()) {
        fields.insert("next-change-time".to_owned(), next.to_string().into());
    }
    response.insert("auditAnnotations".to_owned(), annotations);
    Some(response)
}

/// The response where there is no decision; none for an error of the server.
pub(super) fn lacking(lack: &Lack) -> Option<Map<String, Value>> {
    let words = of_lack(lack)?;
    let message = match lack {
        Lack::Missing => MISSING.to_owned(),
        Lack::Refused(refusal) => {
            let said = line(&refusal.to_string().replace("\n  ", ". "));
            match refusal {
                Refusal::RateLimited { .. } => {
                    format!("embargo did not look at what the object carries: {said}")
                }
                _ => format!("embargo cannot judge what the object carries: {said}"),
            }
        }
    };
    let mut response = Map::new();
    response.insert("allowed".to_owned(), false.into());
    let mut status = status(words, &message);
    if let Lack::Refused(refusal) = lack
        && let Some(delay) = refusal.retry_after()
        && let Some(fields) = status.as_object_mut()
    {
        let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
        let details = json!({ "retryAfterSeconds": seconds });
        fields.insert("details".to_owned(), details);
    }
    response.insert("status".to_owned(), status);
    let effect = json!({ "effect": "none" });
    response.insert("auditAnnotations".to_owned(), effect);
    Some(response)
}

fn status(words: Words, message: &str) -> Value {
    json!({
        "status": "Failure",
        "code": words.code,
        "reason": words.reason,
        "message": cut(message.to_owned(), MESSAGE_BYTES),
    })
}

fn message(effect: Effect, action: Action, hosts: &str, grounds: &[Ground]) -> String {
    let lead = match effect {
        Effect::Allow | Effect::Warn => format!("embargo allows this ({action}){hosts}"),
        Effect::Review => {
            format!("embargo leaves this ({action}) to a person{hosts}, which is no denial")
        }
        Effect::Indeterminate => {
            format!("embargo cannot decide about this ({action}){hosts}, which is no denial")
        }
        Effect::Deny => format!("embargo denies this ({action}){hosts}"),
    };
    let Some(first) = grounds.first() else {
        return lead;
    };
    let mut message = format!("{lead}: {}", first.said);
    for part in [&first.remedy, &first.source] {
        if !part.is_empty() {
            message = format!("{message} | {part}");
        }
    }
    match grounds.len() {
        0 | 1 => message,
        all => format!("{message} | and {} more, as warnings", all - 1),
    }
}

/// The warnings that fit; the last says how many do not.
fn warnings(grounds: &[Ground]) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    let mut bytes = 0;
    let mut left_out = 0_usize;
    for ground in grounds {
        let text: String = ground.said.chars().take(WARNING_CHARS).collect();
        if told.contains(&text) {
            continue;
        }
        // Room is kept for the last one.
        let fits =
            told.len() + 1 < WARNINGS && bytes + text.len() + 2 * WARNING_CHARS <= WARNINGS_BYTES;
        if fits {
            bytes += text.len();
            told.push(text);
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 {
        told.push(format!("{left_out} more were left out"));
    }
    told
}

#[cfg(test)]
mod tests;
