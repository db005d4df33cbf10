//! The shape of an instrument file, and what is checked beyond it.

use serde::Deserialize;

use crate::catalogue::Catalogue;
use crate::diagnostic::{Diagnostic, is_enough};
use crate::facts::OwnerKind;
use crate::instant::Instant;
use crate::likeness::did_you_mean;
use crate::yaml;

use super::{Action, CITATIONS, Effect, Instrument, SENTENCE_BYTES};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InstrumentFile {
    pub(super) id: String,
    title: String,
    issuer: String,
    #[serde(default)]
    role: Role,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    citations: Vec<Citation>,
    concerns: Option<Concerns>,
    #[serde(default)]
    scope: Scope,
    #[serde(default)]
    message: String,
    #[serde(default)]
    remediation: String,
    #[expect(dead_code, reason = "remarks for the reader of the file")]
    #[serde(default)]
    notes: Vec<String>,
    #[serde(default)]
    phases: Vec<Phase>,
}

/// What an instrument does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// It binds those it addresses.
    #[default]
    Binding,
    /// It advises and binds nobody.
    Advisory,
    /// It binds nobody who owns a device; known for completeness.
    Context,
}

/// A text that an instrument rests on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Citation {
    /// How it is cited.
    pub title: String,
    /// Where it is found; empty if it has no address.
    #[serde(default)]
    pub url: String,
}

/// The identifications that wake a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Concerns {
    /// Every product of these vendors.
    #[serde(default)]
    pub vendors: Vec<String>,
    /// These products.
    #[serde(default)]
    pub products: Vec<String>,
    /// Every product of these classes.
    #[serde(default)]
    pub classes: Vec<String>,
}

/// The widest circle of those whom an instrument can bind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Owners subject to one of these jurisdictions.
    pub jurisdictions: Option<Vec<String>>,
    /// Owners of one of these kinds.
    pub owner_kinds: Option<Vec<OwnerKind>>,
}

/// How an instant is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The issuer published it to the hour.
    Published,
    /// The day is published; the start of it is assumed.
    AssumedStartOfDay,
    /// The day is published; the end of it is assumed.
    AssumedEndOfDay,
}

/// Where a statement comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provenance {
    /// The official text, or a copy of it.
    VerifiedPrimary,
    /// A note, a report or a database about it.
    VerifiedSecondary,
    /// Date arithmetic on a verified statement.
    Computed,
    /// Common knowledge that nobody has looked up.
    Recalled,
    /// A reading of how a text applies.
    Interpretation,
    /// The organisation's own rule.
    Own,
}

impl Provenance {
    /// Whether somebody has verified the statement. What is recalled or interpreted never
    /// denies by itself.
    #[must_use]
    pub const fn is_verified(self) -> bool {
        !matches!(self, Self::Recalled | Self::Interpretation)
    }
}

/// A stretch of time in which an instrument has an effect on actions. Half-open.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// The id, unique within the instrument.
    pub id: String,
    /// The first instant.
    pub from: Instant,
    /// The first instant after it; none, if no end is known.
    pub until: Option<Instant>,
    /// The actions concerned.
    pub actions: Vec<Action>,
    /// The effect on those who are bound.
    pub effect: Effect,
    /// How the instants are known.
    pub basis: Basis,
    /// Where the phase comes from.
    pub provenance: Provenance,
    /// The message of findings that rest on this phase; the instrument's, if none.
    pub message: Option<String>,
    /// A remark for the reader.
    pub note: Option<String>,
}

impl Phase {
    /// Whether the phase is in force for an action at an instant.
    #[must_use]
    pub fn holds(&self, action: Action, at: Instant) -> bool {
        self.from <= at
            && self.until.is_none_or(|until| at < until)
            && self.actions.contains(&action)
    }
}

impl InstrumentFile {
    pub(super) fn into_instrument(self, folder: &str, data: serde_json::Value) -> Instrument {
        let mut phases = self.phases;
        phases.sort_by_key(|phase| phase.from);
        Instrument {
            id: self.id,
            title: self.title,
            issuer: self.issuer,
            role: self.role,
            summary: self.summary,
            citations: self.citations,
            concerns: self.concerns,
            scope: self.scope,
            message: self.message,
            remediation: self.remediation,
            phases,
            folder: folder.to_owned(),
            data,
        }
    }
}

pub(super) fn check(
    path: &str,
    text: &str,
    folder: &str,
    file: &InstrumentFile,
    catalogue: Option<&Catalogue>,
    remarks: &mut Vec<Diagnostic>,
) {
    let mut fault = |value: &str, code: &'static str, message: String, hint: &str| {
        if is_enough(remarks) {
            return;
        }
        remarks.push(yaml::remark(path, text, value, Diagnostic::error(code, message)).hint(hint));
    };
    let name = folder.rsplit('/').next().unwrap_or_default();
    if name != file.id {
        fault(
            &file.id,
            "instrument-folder",
            format!(
                "the instrument is called `{}` and its folder `{name}`",
                file.id
            ),
            "give both the same name",
        );
    }
    if file.citations.len() > CITATIONS {
        fault(
            "citations",
            "instrument-citations",
            format!(
                "there are {} citations, and a finding carries {CITATIONS}",
                file.citations.len()
            ),
            "keep those that carry the rule",
        );
    }
    for citation in &file.citations {
        let has_scheme =
            citation.url.starts_with("https://") || citation.url.starts_with("http://");
        if !citation.url.is_empty() && !has_scheme {
            fault(
                &citation.url,
                "instrument-citations",
                format!(
                    "`{}` is not an absolute http or https address",
                    citation.url
                ),
                "leave `url` out if the text has no address",
            );
        }
    }
    for (key, sentence) in [
        ("message", &file.message),
        ("remediation", &file.remediation),
    ] {
        if sentence.len() > SENTENCE_BYTES {
            fault(
                key,
                "instrument-text",
                format!(
                    "`{key}` has {} bytes, and may have {SENTENCE_BYTES}",
                    sentence.len()
                ),
                "say it in one sentence",
            );
        }
    }
    if let (Some(concerns), Some(catalogue)) = (&file.concerns, catalogue) {
        for id in &concerns.vendors {
            concerned(&mut fault, "vendor", id, || catalogue.vendor_ids());
        }
        for id in &concerns.products {
            concerned(&mut fault, "product", id, || catalogue.product_ids());
        }
        for id in &concerns.classes {
            concerned(&mut fault, "class", id, || catalogue.classes());
        }
    }
    for (at, phase) in file.phases.iter().enumerate() {
        check_phase(&mut fault, phase);
        if file
            .phases
            .iter()
            .take(at)
            .any(|other| other.id == phase.id)
        {
            fault(
                &phase.id,
                "instrument-phase",
                format!("two phases are called `{}`", phase.id),
                "give each phase its own id",
            );
        }
    }
}

/// An id that an instrument concerns is one of the catalogue.
fn concerned<'a, I: Iterator<Item = &'a str>>(
    fault: &mut impl FnMut(&str, &'static str, String, &str),
    what: &str,
    id: &str,
    known: impl Fn() -> I,
) {
    if known().any(|known| known == id) {
        return;
    }
    let otherwise = "correct the name, or add it to the catalogue";
    fault(
        id,
        "instrument-concerns",
        format!("the catalogue has no {what} `{id}`, so the rule would never run for it"),
        &did_you_mean(id, known(), otherwise),
    );
}

fn check_phase(fault: &mut impl FnMut(&str, &'static str, String, &str), phase: &Phase) {
    if !phase.provenance.is_verified() && phase.effect == Effect::Deny {
        fault(
            &phase.id,
            "instrument-unverified-denial",
            format!(
                "the phase `{}` denies, and nobody has verified it",
                phase.id
            ),
            "make it `review` or `warn`, or find the source and say so in `provenance`",
        );
    }
    if matches!(phase.effect, Effect::Allow | Effect::Indeterminate) {
        fault(
            &phase.id,
            "instrument-phase",
            format!("the phase `{}` has the effect `{}`", phase.id, phase.effect),
            "write `deny`, `review` or `warn`",
        );
    }
    if phase.until.is_some_and(|until| until <= phase.from) {
        fault(
            &phase.id,
            "instrument-phase",
            format!("the phase `{}` ends before it begins", phase.id),
            "`until` is the first instant after the phase",
        );
    }
    if phase.actions.is_empty() {
        fault(
            &phase.id,
            "instrument-phase",
            format!("the phase `{}` names no action", phase.id),
            "name the actions that it concerns",
        );
    }
}
