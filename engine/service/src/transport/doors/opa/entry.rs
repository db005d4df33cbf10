//! Entry points: the closed list of what a path can name, and the result of each.

use embargo_core::decision::Judgement;
use embargo_core::snapshot::Snapshot;
use embargo_proto::v1 as pb;
use serde_json::{Map, Value, json};

use super::super::super::codec::json::decision;
use super::super::sentences::Sentences;
use super::words::allow;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// Everything.
    Root,
    /// All that there is below `embargo`.
    Embargo,
    /// The decision in full.
    Decision,
    /// The word of its effect.
    Effect,
    /// Whether it is allowed; undefined if it could not be told.
    Allow,
    /// What denies.
    Deny,
    /// What a person must look at.
    Review,
    /// What is worth knowing.
    Warn,
    /// What stands in the way.
    Violations,
    /// What AWX and AAP read.
    Aap,
    /// What one policy says.
    Policy(String),
}

/// Where the packages of policies are.
const POLICIES: &str = "restrictions";

impl Entry {
    /// What a path names, if it names anything.
    pub(super) fn of(path: &str) -> Option<Self> {
        let steps: Vec<&str> = path.trim_matches('/').split('/').collect();
        Some(match steps.as_slice() {
            [""] => Self::Root,
            ["embargo"] => Self::Embargo,
            ["embargo", name] => match *name {
                "decision" => Self::Decision,
                "effect" => Self::Effect,
                "allow" => Self::Allow,
                "deny" => Self::Deny,
                "review" => Self::Review,
                "warn" => Self::Warn,
                "violations" => Self::Violations,
                "aap" => Self::Aap,
                _ => return None,
            },
            [POLICIES, rest @ ..] if !rest.is_empty() => {
                // A step with a dot is no name, and must not pass for two.
                if rest
                    .iter()
                    .any(|step| step.is_empty() || step.contains('.'))
                {
                    return None;
                }
                Self::Policy(steps.join("."))
            }
            _ => return None,
        })
    }

    /// The result, or nothing if it is undefined.
    pub(super) fn result(
        &self,
        judgement: &Judgement,
        message: &pb::Decision,
        snapshot: &Snapshot,
    ) -> Option<Value> {
        let allowed = allow(judgement.effect);
        Some(match self {
            Self::Root => json!({"embargo": embargo(judgement, message)}),
            Self::Embargo => embargo(judgement, message),
            Self::Decision => decision(message),
            Self::Effect => judgement.effect.word().into(),
            Self::Allow => allowed?.into(),
            Self::Deny => Sentences::of(judgement).deny.into(),
            Self::Review => Sentences::of(judgement).review.into(),
            Self::Warn => Sentences::of(judgement).warn.into(),
            Self::Violations => Sentences::of(judgement).violations().into(),
            Self::Aap => aap(allowed, &Sentences::of(judgement)),
            Self::Policy(id) => {
                snapshot.policy(id)?;
                let said = Sentences::of_policy(judgement, id);
                json!({
                    "deny": said.deny,
                    "review": said.review,
                    "warn": said.warn,
                    "exempt": said.exempt,
                })
            }
        })
    }
}

fn embargo(judgement: &Judgement, message: &pb::Decision) -> Value {
    let allowed = allow(judgement.effect);
    let said = Sentences::of(judgement);
    let mut all = Map::new();
    all.insert("aap".to_owned(), aap(allowed, &said));
    all.insert("violations".to_owned(), said.violations().into());
    all.insert("decision".to_owned(), decision(message));
    all.insert("effect".to_owned(), judgement.effect.word().into());
    if let Some(allowed) = allowed {
        all.insert("allow".to_owned(), allowed.into());
    }
    all.insert("deny".to_owned(), said.deny.into());
    all.insert("review".to_owned(), said.review.into());
    all.insert("warn".to_owned(), said.warn.into());
    Value::Object(all)
}

/// Exactly the two keys that AWX and AAP read.
fn aap(allowed: Option<bool>, said: &Sentences) -> Value {
    let is_allowed = allowed == Some(true);
    let mut violations = said.violations();
    if !is_allowed && violations.is_empty() {
        // AWX lets a job run where nothing is violated, whatever `allowed` says.
        violations.push("it is not allowed".to_owned());
    }
    json!({"allowed": is_allowed, "violations": violations})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_entry_points_of_the_list_are_found() {
        for (path, wanted) in [
            ("", Some(Entry::Root)),
            ("embargo", Some(Entry::Embargo)),
            ("embargo/", Some(Entry::Embargo)),
            ("embargo/allow", Some(Entry::Allow)),
            ("embargo/aap", Some(Entry::Aap)),
            (
                "restrictions/ban",
                Some(Entry::Policy("restrictions.ban".into())),
            ),
            (
                "restrictions/us/ban",
                Some(Entry::Policy("restrictions.us.ban".into())),
            ),
            ("restrictions", None),
            ("restrictions/us.ban", None),
            ("restrictions//ban", None),
            ("restrictions/..", None),
            ("embargo/decision/effect", None),
            ("embargo/allowed", None),
            ("Embargo/allow", None),
            ("embargo//allow", None),
            ("system/main", None),
            ("instruments", None),
            ("lib/verdict", None),
        ] {
            assert_eq!(Entry::of(path), wanted, "{path}");
        }
    }
}
