//! Limits as they are written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::values::{Size, Span};
use super::{LimitsSettings, RateSettings};

/// How much of the server callers may take. What is counted over all callers is named as refusals
/// name it.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsSection {
    /// Bytes of a request: `64KiB` to `16MiB`.
    pub request_bytes: Size,
    /// Bytes of an answer: `1MiB` to `16MiB`. The refusals of a whole batch take half a mebibyte.
    pub answer_bytes: Size,
    /// Calls at a time, over all connections: 1 to 1,000,000.
    pub concurrent_calls: usize,
    /// Batches at a time, each of which may hold a whole request: 1 to 10,000.
    pub concurrent_batches: usize,
    /// Streams of hosts at a time: 1 to 100,000.
    pub concurrent_streams: usize,
    /// Inventories that are read and judged at a time, each of which may take some hundred
    /// megabytes: 1 to 1,000.
    pub concurrent_inventories: usize,
    /// Watches at a time: 1 to 100,000.
    pub watches: usize,
    /// Bundles that are compiled or tested for callers at a time, in processes of their own: 1 to 64.
    pub bundle_compilations: usize,
    /// Texts of 32 KiB and more that are converted at a time, over all doors: 1 to 64. Reading takes
    /// many times their size.
    pub large_texts: usize,
    /// Such texts of Kubernetes and Envoy that are converted or wait for it: 1 to 1,000.
    pub waiting_texts: usize,
    /// Bytes of requests that have come and are not answered, over all calls: `1MiB` to `64GiB`.
    pub arriving_messages: Size,
    /// Bytes of answers that their callers have not taken, over all calls: `1MiB` to `64GiB`.
    pub untaken_answers: Size,
    /// Calls that wait for a worker: 1 to 1,000,000. Those beyond are refused at once.
    pub queued_calls: usize,
    /// Calls that wait for the worker that explains: 1 to 10,000.
    pub queued_explanations: usize,
    /// Items of software that wait for workers, over all calls: 20,000 to 100,000,000.
    pub queued_software: usize,
    /// Connections at a time: 1 to 1,000,000. Those beyond wait, and those without a call make room.
    pub connections: usize,
    /// Calls of one connection at a time: 1 to 10,000. Further ones wait on the caller's side.
    pub streams_per_connection: usize,
    /// Bytes of a call's headers in HTTP/2: `4KiB` to `1MiB`.
    pub header_bytes: Size,
    /// Bytes of one call that may be under way without being read: `64KiB` to `16MiB`.
    pub stream_window: Size,
    /// The same for all calls of a connection: `64KiB` to `1GiB`.
    pub connection_window: Size,
    /// Calls that were reset before they were looked at, after which a connection is closed: 1 to
    /// 10,000.
    pub pending_resets: usize,
    /// Calls that a connection may reset at once: 1 to 1,000,000.
    pub reset_burst: usize,
    /// Calls that it may then reset in a second: 1 to 1,000,000. Every 128 bytes that it is answered
    /// earn it one more.
    pub resets_per_second: usize,
    /// How long a connection may take to introduce itself, by TLS and by what HTTP/2 begins with:
    /// `100ms` to `5m`.
    pub handshake_timeout: Span,
    /// How long a head of HTTP/1.1 or a frame of HTTP/2 may take from its first byte to its last:
    /// `100ms` to `10m`.
    pub head_timeout: Span,
    /// How long a request may take from its first byte to its last: `100ms` to `1h`.
    pub message_timeout: Span,
    /// How long an answer may be there without any of it being taken, after which its connection is
    /// closed: `100ms` to `1h`.
    pub answer_timeout: Span,
    /// After how long a quiet connection of HTTP/2 is asked whether it is alive: `100ms` to `1h`.
    pub keepalive_interval: Span,
    /// How long it may then be silent before it is closed: `100ms` to `10m`.
    pub keepalive_timeout: Span,
    /// What one caller may ask for in a second.
    pub rate: RateSection,
}

/// What one caller may ask for in a second. A caller is whom its credential names, or, without one,
/// its address, of which IPv6 counts the first 64 bits.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RateSection {
    /// Calls in a second: 1 to 1,000,000. No limit where it is not given.
    pub calls_per_second: Option<u32>,
    /// Calls that may come at once: 1 to 1,000,000. Where it is not given: as many as in a second.
    pub burst: Option<u32>,
    /// Hosts in a second that are judged for a caller, over all its calls: 1 to 100,000,000. No limit
    /// where it is not given.
    pub hosts_per_second: Option<u32>,
    /// Callers of whom it is remembered what they asked for: 16 to 10,000,000. Those beyond share
    /// what one may ask for.
    pub callers: usize,
}

impl Default for LimitsSection {
    fn default() -> Self {
        let settings = LimitsSettings::default();
        let size = |bytes: usize| Size(u64::try_from(bytes).unwrap_or(u64::MAX));
        Self {
            request_bytes: size(settings.request_bytes),
            answer_bytes: size(settings.answer_bytes),
            concurrent_calls: settings.concurrent_calls,
            concurrent_batches: settings.concurrent_batches,
            concurrent_streams: settings.concurrent_streams,
            concurrent_inventories: settings.concurrent_inventories,
            watches: settings.watches,
            bundle_compilations: settings.bundle_compilations,
            large_texts: settings.large_texts,
            waiting_texts: settings.waiting_texts,
            arriving_messages: size(settings.arriving_messages),
            untaken_answers: size(settings.untaken_answers),
            queued_calls: settings.queued_calls,
            queued_explanations: settings.queued_explanations,
            queued_software: settings.queued_software,
            connections: settings.connections,
            streams_per_connection: settings.streams_per_connection,
            header_bytes: size(settings.header_bytes),
            stream_window: size(settings.stream_window),
            connection_window: size(settings.connection_window),
            pending_resets: settings.pending_resets,
            reset_burst: settings.reset_burst,
            resets_per_second: settings.resets_per_second,
            handshake_timeout: Span(settings.handshake_timeout),
            head_timeout: Span(settings.head_timeout),
            message_timeout: Span(settings.message_timeout),
            answer_timeout: Span(settings.answer_timeout),
            keepalive_interval: Span(settings.keepalive_interval),
            keepalive_timeout: Span(settings.keepalive_timeout),
            rate: RateSection::default(),
        }
    }
}

impl Default for RateSection {
    fn default() -> Self {
        let settings = RateSettings::default();
        Self {
            calls_per_second: settings.calls_per_second,
            burst: settings.burst,
            hosts_per_second: settings.hosts_per_second,
            callers: settings.callers,
        }
    }
}

impl LimitsSection {
    /// The settings that the section stands for. Ranges are looked at by whoever takes them.
    pub(crate) fn settings(&self) -> LimitsSettings {
        let size = |size: Size| usize::try_from(size.0).unwrap_or(usize::MAX);
        LimitsSettings {
            request_bytes: size(self.request_bytes),
            answer_bytes: size(self.answer_bytes),
            concurrent_calls: self.concurrent_calls,
            concurrent_batches: self.concurrent_batches,
            concurrent_streams: self.concurrent_streams,
            concurrent_inventories: self.concurrent_inventories,
            watches: self.watches,
            bundle_compilations: self.bundle_compilations,
            large_texts: self.large_texts,
            waiting_texts: self.waiting_texts,
            arriving_messages: size(self.arriving_messages),
            untaken_answers: size(self.untaken_answers),
            queued_calls: self.queued_calls,
            queued_explanations: self.queued_explanations,
            queued_software: self.queued_software,
            connections: self.connections,
            streams_per_connection: self.streams_per_connection,
            header_bytes: size(self.header_bytes),
            stream_window: size(self.stream_window),
            connection_window: size(self.connection_window),
            pending_resets: self.pending_resets,
            reset_burst: self.reset_burst,
            resets_per_second: self.resets_per_second,
            handshake_timeout: self.handshake_timeout.0,
            head_timeout: self.head_timeout.0,
            message_timeout: self.message_timeout.0,
            answer_timeout: self.answer_timeout.0,
            keepalive_interval: self.keepalive_interval.0,
            keepalive_timeout: self.keepalive_timeout.0,
            rate: RateSettings {
                calls_per_second: self.rate.calls_per_second,
                burst: self.rate.burst,
                hosts_per_second: self.rate.hosts_per_second,
                callers: self.rate.callers,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::keys;

    #[test]
    fn every_limit_of_the_file_reaches_its_setting() {
        assert_eq!(
            LimitsSection::default().settings(),
            LimitsSettings::default()
        );
        let mut value = serde_json::to_value(LimitsSection::default()).unwrap();
        let mut changed = Vec::new();
        for (name, value) in value.as_object_mut().unwrap() {
            if name != "rate" {
                *value = match value {
                    serde_json::Value::Number(_) => 77_777.into(),
                    _ if name.ends_with("timeout") || name.ends_with("interval") => "77ms".into(),
                    _ => "777B".into(),
                };
                changed.push(format!("limits.{name}"));
            }
        }
        let section: LimitsSection = serde_json::from_value(value).unwrap();
        let settings = section.settings();
        let defaults = LimitsSettings::default();
        let differing: Vec<&str> = settings.differing(&defaults).into_iter().collect();
        changed.sort_unstable();
        let mut differing: Vec<String> = differing.into_iter().map(ToOwned::to_owned).collect();
        differing.sort_unstable();
        assert_eq!(differing, changed);
        let known = keys().iter().filter(|key| key.path.starts_with("limits."));
        assert_eq!(known.count(), changed.len() + 4);
    }

    #[test]
    fn the_rate_of_the_file_reaches_its_setting() {
        let text =
            r#"{"rate": {"calls_per_second": 5, "burst": 6, "hosts_per_second": 7, "callers": 8}}"#;
        let section: LimitsSection = serde_json::from_str(text).unwrap();
        let wanted = RateSettings {
            calls_per_second: Some(5),
            burst: Some(6),
            hosts_per_second: Some(7),
            callers: 8,
        };
        assert_eq!(section.settings().rate, wanted);
    }
}
