//! Decisions as `embargo.v1` has them in JSON.
//!
//! A test holds that this is what the API would answer. Texts that a rule may have made from facts
//! are written without what masks took away there.

use embargo_core::catalogue::{Evidence, Strength};
use embargo_core::decision::{
    Decision, Disposition, FailureKind, Finding, Judgement, NextEffect, PolicyFailure, SoftwareRef,
    WaiverRef,
};
use embargo_core::diagnostic::{Diagnostic, MESSAGE_BYTES, Severity, Span, cut};
use embargo_core::instrument::{Action, Effect};

use super::writer::Members;

pub(super) fn write(members: &mut Members<'_, '_>, decision: &Decision) {
    let Decision {
        decision_id,
        host_id,
        action,
        judgement,
        snapshot_id,
        evaluate_time,
        next_change_time,
    } = decision;
    let Judgement {
        effect,
        findings,
        omitted_findings,
        failures,
        missing_facts,
    } = judgement;
    members.text("decisionId", decision_id);
    members.text("hostId", host_id);
    members.text("action", self::action(*action));
    members.text("effect", self::effect(*effect));
    members.objects("findings", findings, finding);
    if *omitted_findings > 0 {
        let omitted = u32::try_from(*omitted_findings).unwrap_or(u32::MAX);
        members.number("omittedFindingCount", omitted);
    }
    members.objects("failures", failures, failure);
    members.texts("missingFacts", missing_facts);
    members.text("snapshotId", snapshot_id);
    members.instant("evaluateTime", *evaluate_time);
    members.optional_instant("nextChangeTime", *next_change_time);
}

fn finding(members: &mut Members<'_, '_>, finding: &Finding) {
    members.text_unless_empty("instrumentId", finding.instrument_id());
    let Finding {
        instrument: _,
        policy_id,
        effect,
        disposition,
        software,
        product_id,
        vendor_id,
        evidence,
        message,
        detail,
        remediation,
        since_time,
        next,
        rule_span,
    } = finding;
    members.text("policyId", policy_id);
    members.text("effect", self::effect(*effect));
    match disposition {
        Disposition::Active => members.text("disposition", "DISPOSITION_ACTIVE"),
        Disposition::Exempt => members.text("disposition", "DISPOSITION_EXEMPT"),
        Disposition::Waived(leave) => {
            members.text("disposition", "DISPOSITION_WAIVED");
            members.object("waiver", |members| waiver(members, leave));
        }
    }
    if let Some(item) = software {
        members.object("software", |members| self::software(members, item));
    }
    members.text_unless_empty("productId", product_id);
    members.text_unless_empty("vendorId", vendor_id);
    members.objects("evidence", evidence, sign);
    members.scrubbed_unless_empty("message", message);
    members.scrubbed_unless_empty("detail", detail);
    members.scrubbed_unless_empty("remediation", remediation);
    members.objects("citations", finding.citations(), |members, citation| {
        members.text_unless_empty("title", &citation.title);
        members.text_unless_empty("url", &citation.url);
    });
    members.optional_instant("sinceTime", *since_time);
    if let Some(NextEffect { effect, time }) = next {
        members.object("next", |members| {
            members.text("effect", self::effect(*effect));
            members.instant("time", *time);
        });
    }
    if let Some(span) = rule_span {
        members.object("ruleSpan", |members| self::span(members, span));
    }
}

fn waiver(members: &mut Members<'_, '_>, waiver: &WaiverRef) {
    let WaiverRef {
        id,
        expires,
        owner,
        reason,
    } = waiver;
    members.text("waiverId", id);
    members.instant("expireTime", *expires);
    members.text_unless_empty("owner", owner);
    members.text_unless_empty("reason", reason);
}

fn software(members: &mut Members<'_, '_>, item: &SoftwareRef) {
    let SoftwareRef {
        index,
        name,
        version,
    } = item;
    let index = u32::try_from(*index).unwrap_or(u32::MAX);
    if index > 0 {
        members.number("index", index);
    }
    members.text("name", name);
    members.optional_text("version", version.as_deref());
}

fn sign(members: &mut Members<'_, '_>, sign: &Evidence) {
    let Evidence {
        kind,
        value,
        strength,
        verified: _,
    } = sign;
    members.text("kind", kind.word());
    members.scrubbed_unless_empty("value", value);
    members.text(
        "strength",
        match strength {
            Strength::Weak => "STRENGTH_WEAK",
            Strength::Medium => "STRENGTH_MEDIUM",
            Strength::Strong => "STRENGTH_STRONG",
        },
    );
}

fn failure(members: &mut Members<'_, '_>, failure: &PolicyFailure) {
    let PolicyFailure {
        policy_id,
        kind,
        diagnostic,
    } = failure;
    members.text("policyId", policy_id);
    members.text(
        "kind",
        match kind {
            FailureKind::RuntimeError => "FAILURE_KIND_RUNTIME_ERROR",
            FailureKind::BudgetExceeded => "FAILURE_KIND_BUDGET_EXCEEDED",
            FailureKind::MalformedResult => "FAILURE_KIND_MALFORMED_RESULT",
            FailureKind::EngineFault => "FAILURE_KIND_ENGINE_FAULT",
        },
    );
    members.object("diagnostic", |members| remark(members, diagnostic));
}

fn remark(members: &mut Members<'_, '_>, remark: &Diagnostic) {
    let Diagnostic {
        severity,
        code,
        message,
        span,
        hint,
        excerpt,
        notes,
    } = remark;
    members.text(
        "severity",
        match severity {
            Severity::Warning => "SEVERITY_WARNING",
            Severity::Error => "SEVERITY_ERROR",
        },
    );
    members.text("code", code);
    if notes.is_empty() {
        members.scrubbed_unless_empty("message", message);
    } else {
        let noted = cut(format!("{message}: {}", notes.join(", ")), MESSAGE_BYTES);
        members.scrubbed_unless_empty("message", &noted);
    }
    if let Some(span) = span {
        members.object("span", |members| self::span(members, span));
    }
    members.text_unless_empty("hint", hint);
    members.text_unless_empty("excerpt", excerpt);
}

fn span(members: &mut Members<'_, '_>, span: &Span) {
    let Span {
        path,
        start_line,
        start_column,
        end_line,
        end_column,
    } = span;
    members.text_unless_empty("path", path);
    for (key, number) in [
        ("startLine", start_line),
        ("startColumn", start_column),
        ("endLine", end_line),
        ("endColumn", end_column),
    ] {
        if *number > 0 {
            members.number(key, *number);
        }
    }
}

pub(in super::super) const fn action(action: Action) -> &'static str {
    match action {
        Action::Presence => "ACTION_PRESENCE",
        Action::Install => "ACTION_INSTALL",
        Action::Update => "ACTION_UPDATE",
        Action::Use => "ACTION_USE",
        Action::Acquire => "ACTION_ACQUIRE",
        Action::Distribute => "ACTION_DISTRIBUTE",
        Action::Connect => "ACTION_CONNECT",
    }
}

const fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Allow => "EFFECT_ALLOW",
        Effect::Warn => "EFFECT_WARN",
        Effect::Review => "EFFECT_REVIEW",
        Effect::Indeterminate => "EFFECT_INDETERMINATE",
        Effect::Deny => "EFFECT_DENY",
    }
}
