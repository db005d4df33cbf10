//! Policies, snapshots, reloads and remarks as messages.

use embargo_core::diagnostic::{Diagnostic, MESSAGE_BYTES, Severity, Span, cut};
use embargo_core::snapshot::Policy;
use embargo_proto::v1 as pb;

use crate::reload::{Active, ReloadReport, ReloadState};

use super::time::timestamp;

pub(super) fn policy(policy: &Policy) -> pb::Policy {
    let mut instrument_ids: Vec<String> = policy
        .instruments
        .iter()
        .map(|instrument| instrument.id.clone())
        .collect();
    instrument_ids.sort_unstable();
    pb::Policy {
        policy_id: policy.id.to_string(),
        title: policy.title.clone(),
        description: policy.description.clone(),
        path: policy.folder.clone(),
        instrument_ids,
    }
}

pub(super) fn snapshot(active: &Active) -> pb::Snapshot {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    pb::Snapshot {
        r#ref: Some(snapshot_ref(active)),
        activate_time: Some(timestamp(active.activate_time)),
        policy_count: count(active.snapshot.policies().len()),
        instrument_count: count(active.snapshot.instruments().len()),
        product_count: count(active.snapshot.catalogue().products().len()),
        recalled: active.is_recalled,
        revision: active
            .release
            .as_ref()
            .map(|release| release.revision.clone())
            .unwrap_or_default(),
    }
}

pub(super) fn snapshot_ref(active: &Active) -> pb::SnapshotRef {
    pb::SnapshotRef {
        snapshot_id: active.snapshot.id().to_string(),
        generation: active.generation,
    }
}

pub(super) fn reload(report: &ReloadReport) -> pb::Reload {
    let state = match report.state {
        ReloadState::Activated => pb::reload::State::Activated,
        ReloadState::Unchanged => pb::reload::State::Unchanged,
        ReloadState::Rejected => pb::reload::State::Rejected,
    };
    pb::Reload {
        attempt_time: Some(timestamp(report.attempt_time)),
        state: state.into(),
        diagnostics: report.diagnostics.iter().cloned().map(diagnostic).collect(),
    }
}

pub(super) fn diagnostic(remark: Diagnostic) -> pb::Diagnostic {
    let severity = match remark.severity {
        Severity::Warning => pb::diagnostic::Severity::Warning,
        Severity::Error => pb::diagnostic::Severity::Error,
    };
    pb::Diagnostic {
        severity: severity.into(),
        code: remark.code.to_owned(),
        message: with_notes(remark.message, &remark.notes),
        span: remark.span.map(span),
        hint: remark.hint,
        excerpt: remark.excerpt,
    }
}

/// A message with what is shown below the source, for which the API has no field of its own.
fn with_notes(message: String, notes: &[String]) -> String {
    if notes.is_empty() {
        return message;
    }
    cut(format!("{message}: {}", notes.join(", ")), MESSAGE_BYTES)
}

pub(super) fn span(span: Span) -> pb::SourceSpan {
    pb::SourceSpan {
        path: span.path,
        start_line: span.start_line,
        start_column: span.start_column,
        end_line: span.end_line,
        end_column: span.end_column,
    }
}
