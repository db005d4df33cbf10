//! Decisions as messages, strings moved.

use embargo_core::decision::{
    Decision, Disposition, FailureKind, Finding, NextEffect, PolicyFailure, WaiverRef,
};
use embargo_core::instrument::{Action, Effect};
use embargo_core::timeline::Segment;
use embargo_proto::v1 as pb;

use super::catalogue::{evidence, software_ref};
use super::policy::{diagnostic, span};
use super::time::timestamp;

pub(super) fn decision(decision: Decision) -> pb::Decision {
    let judgement = decision.judgement;
    pb::Decision {
        decision_id: decision.decision_id,
        host_id: decision.host_id,
        action: action(decision.action).into(),
        effect: effect(judgement.effect).into(),
        findings: judgement.findings.into_iter().map(finding).collect(),
        omitted_finding_count: u32::try_from(judgement.omitted_findings).unwrap_or(u32::MAX),
        failures: judgement.failures.into_iter().map(failure).collect(),
        missing_facts: judgement.missing_facts,
        snapshot_id: decision.snapshot_id.to_string(),
        evaluate_time: Some(timestamp(decision.evaluate_time)),
        next_change_time: decision.next_change_time.map(timestamp),
    }
}

pub(super) fn segment(segment: Segment) -> pb::TimelineSegment {
    pb::TimelineSegment {
        start_time: Some(timestamp(segment.start)),
        end_time: Some(timestamp(segment.end)),
        decision: Some(decision(segment.decision)),
    }
}

fn finding(finding: Finding) -> pb::Finding {
    let citations = finding
        .citations()
        .iter()
        .map(|citation| pb::Citation {
            title: citation.title.clone(),
            url: citation.url.clone(),
        })
        .collect();
    let (disposition, waiver) = match finding.disposition {
        Disposition::Active => (pb::finding::Disposition::Active, None),
        Disposition::Exempt => (pb::finding::Disposition::Exempt, None),
        Disposition::Waived(ref waiver) => (pb::finding::Disposition::Waived, Some(waiver)),
    };
    pb::Finding {
        instrument_id: finding.instrument_id().to_owned(),
        policy_id: finding.policy_id.to_string(),
        effect: effect(finding.effect).into(),
        disposition: disposition.into(),
        waiver: waiver.map(self::waiver),
        software: finding
            .software
            .map(|item| software_ref(item.index, item.name, item.version)),
        product_id: finding.product_id,
        vendor_id: finding.vendor_id,
        evidence: finding.evidence.into_iter().map(evidence).collect(),
        message: finding.message,
        detail: finding.detail,
        remediation: finding.remediation,
        citations,
        since_time: finding.since_time.map(timestamp),
        next: finding.next.map(next),
        rule_span: finding.rule_span.map(span),
    }
}

fn waiver(waiver: &WaiverRef) -> pb::Waiver {
    pb::Waiver {
        waiver_id: waiver.id.clone(),
        expire_time: Some(timestamp(waiver.expires)),
        owner: waiver.owner.clone(),
        reason: waiver.reason.clone(),
    }
}

fn next(next: NextEffect) -> pb::NextEffect {
    pb::NextEffect {
        effect: effect(next.effect).into(),
        time: Some(timestamp(next.time)),
    }
}

fn failure(failure: PolicyFailure) -> pb::PolicyFailure {
    let kind = match failure.kind {
        FailureKind::RuntimeError => pb::FailureKind::RuntimeError,
        FailureKind::BudgetExceeded => pb::FailureKind::BudgetExceeded,
        FailureKind::MalformedResult => pb::FailureKind::MalformedResult,
        FailureKind::EngineFault => pb::FailureKind::EngineFault,
    };
    pb::PolicyFailure {
        policy_id: failure.policy_id.to_string(),
        kind: kind.into(),
        diagnostic: Some(diagnostic(failure.diagnostic)),
    }
}

const fn action(action: Action) -> pb::Action {
    match action {
        Action::Presence => pb::Action::Presence,
        Action::Install => pb::Action::Install,
        Action::Update => pb::Action::Update,
        Action::Use => pb::Action::Use,
        Action::Acquire => pb::Action::Acquire,
        Action::Distribute => pb::Action::Distribute,
        Action::Connect => pb::Action::Connect,
    }
}

const fn effect(effect: Effect) -> pb::Effect {
    match effect {
        Effect::Allow => pb::Effect::Allow,
        Effect::Warn => pb::Effect::Warn,
        Effect::Review => pb::Effect::Review,
        Effect::Indeterminate => pb::Effect::Indeterminate,
        Effect::Deny => pb::Effect::Deny,
    }
}
