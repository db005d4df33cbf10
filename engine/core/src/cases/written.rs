//! Cases as they are written, and the check that makes cases of them.
//!
//! A case asks at one instant, `at`, for the answer `want`; or at several, `instants`, each
//! with its own, and `want` then holds at each of them.

use serde::Deserialize;

use crate::diagnostic::Diagnostic;
use crate::facts::HostRecord;
use crate::instant::Instant;
use crate::instrument::{Action, Effect};
use crate::yaml;

use super::{Case, Confidence, Moment, Want};

/// What is wrong with a case, and what would put it right.
type Fault = (&'static str, &'static str);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    cases: Vec<WrittenCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenCase {
    pub(super) name: String,
    #[serde(default)]
    question: String,
    facts: HostRecord,
    #[serde(default)]
    action: Action,
    at: Option<Instant>,
    instants: Option<Vec<WrittenMoment>>,
    want: Option<WrittenWant>,
    #[serde(default)]
    confidence: Option<Confidence>,
    #[serde(default)]
    note: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenMoment {
    at: Instant,
    effect: Effect,
    #[serde(default)]
    decided_by: Vec<String>,
    #[serde(default)]
    not_decided_by: Vec<String>,
    #[serde(default)]
    exempt_by: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenWant {
    effect: Option<Effect>,
    #[serde(default)]
    decided_by: Vec<String>,
    #[serde(default)]
    not_decided_by: Vec<String>,
    #[serde(default)]
    exempt_by: Vec<String>,
}

/// Reads a file.
pub(super) fn read(path: &str, text: &str) -> Result<Vec<WrittenCase>, Diagnostic> {
    let file: CaseFile = yaml::read(path, text, "case-parse-error")?;
    Ok(file.cases)
}

impl WrittenCase {
    /// The case, judged at `at` if it names no instant.
    pub(super) fn checked(self, at: Option<Instant>) -> Result<Case, Fault> {
        let want = self.want.unwrap_or_default();
        let moments = match (self.at, self.instants) {
            (Some(_), Some(_)) => {
                return Err(("names both `at` and `instants`", "keep one of the two"));
            }
            (None, Some(instants)) => each(instants, want)?,
            (own, None) => vec![one(own.or(at), want)?],
        };
        Ok(Case {
            name: self.name,
            question: self.question,
            facts: self.facts,
            action: self.action,
            moments,
            confidence: self.confidence,
            note: self.note,
        })
    }
}

fn one(at: Option<Instant>, want: WrittenWant) -> Result<Moment, Fault> {
    let at = at.ok_or((
        "names no instant",
        "give it `at` or `instants`; `embargo test --at INSTANT` judges those without",
    ))?;
    let effect = want
        .effect
        .ok_or(("wants no effect", "write `want: {effect: …}`"))?;
    let want = Want {
        effect,
        decided_by: want.decided_by,
        not_decided_by: want.not_decided_by,
        exempt_by: want.exempt_by,
    };
    Ok(Moment { at, want })
}

fn each(instants: Vec<WrittenMoment>, want: WrittenWant) -> Result<Vec<Moment>, Fault> {
    if want.effect.is_some() {
        return Err((
            "wants an effect beside those of its instants",
            "leave `effect` out of `want`",
        ));
    }
    if instants.is_empty() {
        return Err(("has an empty list of instants", "name at least one"));
    }
    let moments = instants.into_iter().map(|moment| Moment {
        at: moment.at,
        want: Want {
            effect: moment.effect,
            decided_by: both(&want.decided_by, moment.decided_by),
            not_decided_by: both(&want.not_decided_by, moment.not_decided_by),
            exempt_by: both(&want.exempt_by, moment.exempt_by),
        },
    });
    Ok(moments.collect())
}

fn both(of_all: &[String], own: Vec<String>) -> Vec<String> {
    let mut list = of_all.to_vec();
    list.extend(own);
    list
}

#[cfg(test)]
mod tests {
    use super::super::read;

    fn said(case: &str, at: Option<&str>) -> Result<usize, String> {
        let text = format!("cases:\n  - {{name: n, facts: {{host_id: h}}, {case}}}\n");
        let at = at.map(|at| at.parse().unwrap());
        match read("c.yaml", &text, at) {
            Ok(cases) => Ok(cases[0].moments.len()),
            Err(fault) => {
                let span = fault.span.clone().unwrap();
                assert_eq!((span.start_line, fault.code), (2, "case-parse-error"));
                Err(fault.to_string())
            }
        }
    }

    #[test]
    fn a_case_asks_at_one_instant_or_at_several() {
        let (at, other) = ("2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z");
        let one = format!("at: {at}, want: {{effect: allow}}");
        assert_eq!(said(&one, None), Ok(1));
        let two = format!("instants: [{{at: {at}, effect: allow}}, {{at: {other}, effect: deny}}]");
        assert_eq!(said(&two, None), Ok(2));
        assert_eq!(said("want: {effect: allow}", Some(at)), Ok(1));
        for (case, wanted) in [
            ("want: {effect: allow}".to_owned(), "names no instant"),
            (format!("at: {at}"), "wants no effect"),
            (format!("at: {at}, {two}"), "names both"),
            (format!("{two}, want: {{effect: deny}}"), "wants an effect"),
            ("instants: []".to_owned(), "empty list"),
            (format!("{one}, untill: {at}"), "untill"),
            (
                format!("at: {at}, want: {{effect: allow, decidedby: [x]}}"),
                "decidedby",
            ),
        ] {
            let refused = said(&case, None).unwrap_err();
            assert!(refused.contains(wanted), "{case}: {refused}");
        }
    }

    #[test]
    fn what_is_wanted_of_the_case_is_wanted_at_each_instant() {
        let text = "cases:
  - name: n
    facts: {host_id: h}
    instants:
      - {at: 2024-01-01T00:00:00Z, effect: warn, decided_by: [b]}
      - {at: 2025-01-01T00:00:00Z, effect: deny}
    want: {decided_by: [a], exempt_by: [c]}
";
        let cases = read("c.yaml", text, None).unwrap();
        let wanted: Vec<String> = cases[0]
            .moments
            .iter()
            .map(|moment| format!("{:?} {:?}", moment.want.decided_by, moment.want.exempt_by))
            .collect();
        assert_eq!(wanted, ["[\"a\", \"b\"] [\"c\"]", "[\"a\"] [\"c\"]"]);
    }
}
