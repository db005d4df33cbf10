//! Assembly: from what rules returned to findings, and from findings to an effect.
//!
//! Here waivers are applied, what nobody verified loses its power to deny, and absent
//! facts are named; the same for every caller.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::catalogue::Identification;
use crate::diagnostic::{Diagnostic, cut};
use crate::instrument::{Effect, Instrument, Phase};
use crate::rego::{Entry, EntryKind, Target};
use crate::snapshot::{Policy, Snapshot};

use super::missing::{is_absent, software_is_unknown};
use super::order::order;
use super::wording;
use super::{
    Disposition, FINDINGS, FailureKind, Finding, InstrumentRef, Judgement, MISSING_FACTS,
    NextEffect, PolicyFailure, Question, SoftwareRef, WaiverRef,
};

const UNVERIFIED_PRODUCT: &str = "the identifiers by which the software was recognised are recalled, not verified, and do not deny by themselves";
const UNVERIFIED_PHASE: &str = "the phase that this rests on is recalled or interpreted, not verified, and does not deny by itself";

/// Bytes of a detail, at most.
const DETAIL_BYTES: usize = 4_096;

pub(super) struct Assembly<'a> {
    snapshot: &'a Snapshot,
    question: Question<'a>,
    identified: &'a [Identification],
    findings: Vec<Finding>,
    failures: Vec<PolicyFailure>,
    missing: BTreeSet<String>,
}

impl<'a> Assembly<'a> {
    pub(super) const fn new(
        snapshot: &'a Snapshot,
        question: Question<'a>,
        identified: &'a [Identification],
    ) -> Self {
        Self {
            snapshot,
            question,
            identified,
            findings: Vec::new(),
            failures: Vec::new(),
            missing: BTreeSet::new(),
        }
    }

    pub(super) fn fail(&mut self, failure: PolicyFailure) {
        self.failures.push(failure);
    }

    /// Takes the entries of a policy for findings, all or none.
    pub(super) fn add(&mut self, policy: &Policy, entries: &[Entry]) {
        let record = self.question.facts.record();
        for path in &policy.package.facts {
            if is_absent(path, record, self.identified) {
                self.missing.insert(path.clone());
            }
        }
        let mut found = Vec::with_capacity(entries.len());
        for entry in entries {
            match self.finding(policy, entry) {
                Ok(finding) => found.push(finding),
                Err(message) => {
                    self.failures.push(PolicyFailure {
                        policy_id: Arc::clone(&policy.id),
                        kind: FailureKind::MalformedResult,
                        diagnostic: Diagnostic::error("malformed-result", message),
                    });
                    return;
                }
            }
            self.missing.extend(entry.missing.iter().cloned());
        }
        self.findings.append(&mut found);
    }

    pub(super) fn finish(mut self) -> Judgement {
        let strongest = self
            .findings
            .iter()
            .map(Finding::counts_as)
            .max()
            .unwrap_or(Effect::Allow);
        let unknown = software_is_unknown(self.question.facts.record());
        if unknown {
            self.missing.insert("software".to_owned());
        }
        let effect = if self.failures.is_empty() && !unknown {
            strongest
        } else {
            strongest.max(Effect::Indeterminate)
        };
        self.findings.sort_by(|a, b| order(a).cmp(&order(b)));
        let omitted_findings = self.findings.len().saturating_sub(FINDINGS);
        self.findings.truncate(FINDINGS);
        self.failures.sort_by(|a, b| a.policy_id.cmp(&b.policy_id));
        let missing_facts = self.missing.into_iter().take(MISSING_FACTS).collect();
        Judgement {
            effect,
            findings: self.findings,
            omitted_findings,
            failures: self.failures,
            missing_facts,
        }
    }

    fn finding(&self, policy: &Policy, entry: &Entry) -> Result<Finding, String> {
        let instrument = self.instrument(policy, entry)?;
        let subject = self.subject(&entry.target)?;
        let phase = instrument.and_then(|instrument| self.phase(instrument, entry));
        // What would hold without the exemption.
        let exempted = || phase.map_or(Effect::Warn, |phase| phase.effect);
        let asked = entry.kind.effect().unwrap_or_else(exempted);
        let (effect, remark) = Self::weakened(asked, entry.kind, phase, &subject);
        let product = subject
            .identified
            .and_then(|found| self.snapshot.catalogue().product(found.product));
        let product_id = product
            .map(|product| product.id.clone())
            .or(subject.product)
            .unwrap_or_default();
        let vendor_id = product
            .map(|product| self.snapshot.catalogue().vendor(product).id.clone())
            .unwrap_or_default();
        let message = match &entry.message {
            Some(message) => message.clone(),
            None => wording::message(
                self.snapshot.catalogue(),
                instrument,
                phase,
                policy,
                product,
                subject.software.as_ref(),
            ),
        };
        let own_detail = entry.detail.clone().unwrap_or_default();
        let detail = match (own_detail.is_empty(), remark) {
            (_, None) => own_detail,
            (true, Some(remark)) => remark.to_owned(),
            (false, Some(remark)) => cut(format!("{own_detail}; {remark}"), DETAIL_BYTES),
        };
        let remediation = match (&entry.remediation, entry.kind) {
            (Some(own), _) => own.clone(),
            // Where the instrument itself lets the case pass there is nothing to do.
            (None, EntryKind::Exempt) => String::new(),
            (None, _) => instrument
                .map(|known| known.remediation.clone())
                .unwrap_or_default(),
        };
        Ok(Finding {
            disposition: self.disposition(entry.kind, instrument, &product_id, &vendor_id),
            since_time: phase.map(|phase| phase.from),
            next: instrument.and_then(|instrument| self.next(instrument, effect)),
            instrument: instrument.map(|instrument| InstrumentRef(Arc::clone(instrument))),
            policy_id: Arc::clone(&policy.id),
            effect,
            software: subject.software,
            product_id,
            vendor_id,
            evidence: subject
                .identified
                .map(|found| found.evidence.to_vec())
                .unwrap_or_default(),
            message,
            detail,
            remediation,
            rule_span: policy.package.spans.get(entry.kind.set()).cloned(),
        })
    }

    fn instrument(
        &self,
        policy: &'a Policy,
        entry: &Entry,
    ) -> Result<Option<&'a Arc<Instrument>>, String> {
        match &entry.instrument {
            Some(id) => policy
                .instruments
                .iter()
                .find(|instrument| instrument.id == *id)
                .map(Some)
                .ok_or_else(|| format!("a finding names the instrument `{id}`, which the package's metadata does not")),
            None => Ok(policy.instruments.first()),
        }
    }

    fn subject(&self, target: &Target) -> Result<Subject<'a>, String> {
        match target {
            Target::Host => Ok(Subject::default()),
            Target::Identified(at) => {
                let found = self.identified.get(*at).ok_or_else(|| {
                    format!(
                        "a finding names position {at} of `input.identified`, which is not there"
                    )
                })?;
                Ok(Subject {
                    software: self.software(found.index),
                    identified: Some(found),
                    product: None,
                })
            }
            Target::Software { index, product } => {
                let software = self.software(*index).ok_or_else(|| {
                    format!(
                        "a finding names position {index} of `input.software`, which is not there"
                    )
                })?;
                let identified = self.identified.iter().find(|found| {
                    let id = self
                        .snapshot
                        .catalogue()
                        .product(found.product)
                        .map(|known| &known.id);
                    found.index == *index
                        && product.as_ref().is_none_or(|product| id == Some(product))
                });
                // Without a named product, the catalogue's is taken only where it is certain.
                let several = self
                    .identified
                    .iter()
                    .filter(|found| found.index == *index)
                    .count()
                    > 1;
                let identified = identified.filter(|_| product.is_some() || !several);
                Ok(Subject {
                    software: Some(software),
                    identified,
                    product: product.clone(),
                })
            }
        }
    }

    fn software(&self, index: usize) -> Option<SoftwareRef> {
        let item = self.question.facts.record().software.get(index)?;
        Some(SoftwareRef {
            index,
            name: item.name.clone(),
            version: item.version.clone(),
        })
    }

    /// The phase that an entry rests on: the one it names, or of those in force the latest
    /// with its effect, or else the strongest.
    fn phase(&self, instrument: &'a Instrument, entry: &Entry) -> Option<&'a Phase> {
        if let Some(id) = &entry.phase {
            return instrument.phases.iter().find(|phase| phase.id == *id);
        }
        let wanted = entry.kind.effect();
        let in_force = || instrument.in_force(self.question.action, self.question.at);
        in_force()
            .filter(|phase| Some(phase.effect) == wanted)
            .max_by_key(|phase| phase.from)
            .or_else(|| in_force().max_by_key(|phase| (phase.effect, phase.from)))
    }

    /// What nobody has verified never denies by itself.
    fn weakened(
        asked: Effect,
        kind: EntryKind,
        phase: Option<&Phase>,
        subject: &Subject<'_>,
    ) -> (Effect, Option<&'static str>) {
        if kind == EntryKind::Exempt || asked != Effect::Deny {
            return (asked, None);
        }
        if subject.identified.is_some_and(|found| !found.verified) {
            return (Effect::Review, Some(UNVERIFIED_PRODUCT));
        }
        let rests_on_unverified = phase.is_some_and(|phase| !phase.provenance.is_verified());
        if rests_on_unverified {
            (Effect::Review, Some(UNVERIFIED_PHASE))
        } else {
            (asked, None)
        }
    }

    fn disposition(
        &self,
        kind: EntryKind,
        instrument: Option<&Arc<Instrument>>,
        product: &str,
        vendor: &str,
    ) -> Disposition {
        if kind == EntryKind::Exempt {
            return Disposition::Exempt;
        }
        let Some(instrument) = instrument else {
            return Disposition::Active;
        };
        let host = self.question.facts.record();
        // Of several, the one that holds longest says when the finding comes back.
        let waiver = self
            .snapshot
            .waivers()
            .iter()
            .filter(|waiver| {
                waiver.holds(host, self.question.at)
                    && waiver.covers(&instrument.id, product, vendor)
            })
            .max_by(|a, b| a.expires.cmp(&b.expires).then_with(|| b.id.cmp(&a.id)));
        match waiver {
            Some(waiver) => Disposition::Waived(WaiverRef {
                id: waiver.id.clone(),
                expires: waiver.expires,
                owner: waiver.owner.clone(),
                reason: waiver.reason.clone(),
            }),
            None => Disposition::Active,
        }
    }

    /// The next instant at which the phases make this effect stronger or end it.
    fn next(&self, instrument: &Instrument, effect: Effect) -> Option<NextEffect> {
        let strongest = |at| {
            instrument
                .in_force(self.question.action, at)
                .map(|phase| phase.effect)
                .max()
        };
        let present = strongest(self.question.at)?;
        let mut boundaries: Vec<_> = instrument
            .boundaries()
            .filter(|at| *at > self.question.at)
            .collect();
        boundaries.sort_unstable();
        boundaries
            .into_iter()
            .find_map(|time| match strongest(time) {
                None => Some(NextEffect {
                    effect: Effect::Allow,
                    time,
                }),
                Some(then) if then > present && present == effect => {
                    Some(NextEffect { effect: then, time })
                }
                Some(_) => None,
            })
    }
}

/// What a finding is about.
#[derive(Default)]
struct Subject<'a> {
    software: Option<SoftwareRef>,
    identified: Option<&'a Identification>,
    product: Option<String>,
}
