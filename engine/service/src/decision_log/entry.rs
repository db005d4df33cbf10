//! Entries: a decision, what it was made of, and who asked, as one line of JSON.
//!
//! An entry is written in one go, with masks applied as it is written: what a mask takes away is in
//! no text, not even for a moment. Names are those of `embargo.v1` in JSON.

mod decision;
mod facts;
mod form;
mod scrub;
mod writer;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use embargo_core::instant::Instant;

use super::draft::{Content, Draft};
use super::masks::Masks;
use super::settings::Labels;

pub use self::form::Format;
pub(super) use self::form::{Heading, render};
use self::writer::{Members, Writer};

/// The entry of a draft, without a line's end.
pub(super) fn entry(draft: &Draft, labels: &Labels, masks: &Masks) -> Vec<u8> {
    let mut writer = Writer::new(masks, draft.weight());
    writer.entry(|members| {
        head(members, draft, labels);
        body(members, draft);
    });
    writer.finish()
}

fn head(members: &mut Members<'_, '_>, draft: &Draft, labels: &Labels) {
    let call = &draft.call;
    members.text("eventId", &draft.event_id.to_string());
    members.text("timestamp", &time(draft.time));
    members.object("labels", |members| {
        members.text("id", &labels.instance);
        members.text("version", env!("CARGO_PKG_VERSION"));
        for (name, value) in &labels.more {
            members.text(name, value);
        }
    });
    members.text("door", call.caller.door.word());
    members.text("method", call.method);
    let principal = &call.caller.principal;
    members.object("principal", |members| {
        members.text("kind", principal.kind.word());
        members.text_unless_empty("name", &principal.name);
        members.optional_text("tenant", principal.tenant.as_deref());
    });
    if let Some(trace) = &call.trace {
        members.text("traceId", &trace.trace_id());
        members.text("spanId", &trace.span_id());
    }
}

fn body(members: &mut Members<'_, '_>, draft: &Draft) {
    match &draft.content {
        Content::Judged(judged) => {
            let active = &draft.call.active;
            members.object("snapshot", |members| {
                members.text("snapshotId", active.snapshot.id());
                if let Some(release) = &active.release {
                    members.text_unless_empty("revision", &release.revision);
                }
                members.long_number("generation", active.generation);
                members.instant("activateTime", active.activate_time);
                members.flag("recalled", active.is_recalled);
            });
            members.object("durations", |members| {
                members.text("queue", &seconds(judged.queued));
                members.text("evaluation", &seconds(judged.evaluated));
            });
            if let Some(first) = judged.decisions.first() {
                members.text("action", decision::action(first.action));
                members.instant("evaluateTime", first.evaluate_time);
            }
            // Facts before what quotes them, so that what is masked there is known here.
            members.object("facts", |members| {
                facts::write(members, judged.facts.record());
            });
            let mut decisions = judged.decisions.iter();
            if let Some(first) = decisions.next() {
                members.object("decision", |members| decision::write(members, first));
            }
            members.objects("laterDecisions", decisions, decision::write);
            members.scrubbed_unless_empty("correlationId", &draft.correlation_id);
        }
        Content::Refused(refused) => {
            members.object("error", |members| {
                members.text("code", refused.code);
                members.text("reason", refused.reason);
            });
        }
    }
}

/// An instant of the clock in RFC 3339.
pub(super) fn time(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    let nanos = i32::try_from(since.subsec_nanos()).unwrap_or_default();
    Instant::from_unix(seconds, nanos).map_or_else(|_| String::new(), |instant| instant.to_string())
}

/// A duration as protobuf maps it.
fn seconds(duration: Duration) -> String {
    format!("{}.{:09}s", duration.as_secs(), duration.subsec_nanos())
}
