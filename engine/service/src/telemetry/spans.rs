//! Spans: one for each call that is traced, with its waits for workers and its decisions below it, in
//! the words of the semantic conventions of OpenTelemetry.
//!
//! Nothing stands in them that a caller sent, but for the trace that it says it belongs to.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use embargo_core::decision::{Decision, PolicyTime};
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::{
    Span as _, SpanBuilder, SpanContext, SpanKind, Status, TraceContextExt as _, Tracer as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracer;
use tonic::codegen::http::HeaderMap;

use super::method::Method;
use super::outcome::Outcome;

/// Makes spans.
pub(super) struct Tracing(pub(super) SdkTracer);

/// What a call brings along.
#[derive(Clone, Debug, Default)]
pub(crate) struct Incoming<'a> {
    /// The trace of the caller.
    parent: Option<SpanContext>,
    /// The verb and the route, where the call is not gRPC.
    http: Option<(&'static str, &'a str)>,
}

/// The trace and the span that a record belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceIds {
    trace: opentelemetry::TraceId,
    span: opentelemetry::SpanId,
    is_sampled: bool,
}

impl TraceIds {
    fn of(context: &SpanContext) -> Self {
        Self {
            trace: context.trace_id(),
            span: context.span_id(),
            is_sampled: context.is_sampled(),
        }
    }

    /// The id of the trace: 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> String {
        self.trace.to_string()
    }

    /// The id of the span: 16 hexadecimal digits.
    #[must_use]
    pub fn span_id(&self) -> String {
        self.span.to_string()
    }

    /// The bytes of both, for records in binary.
    #[must_use]
    pub const fn to_bytes(&self) -> ([u8; 16], [u8; 8]) {
        (self.trace.to_bytes(), self.span.to_bytes())
    }

    /// Whether the span is kept.
    #[must_use]
    pub const fn is_sampled(&self) -> bool {
        self.is_sampled
    }
}

impl<'a> Incoming<'a> {
    /// Of a call of gRPC.
    pub(crate) fn grpc(headers: &HeaderMap) -> Self {
        Self {
            parent: parent(headers),
            http: None,
        }
    }

    /// Of a call over HTTP. The route is what the server calls the path, not the path.
    pub(crate) fn http(headers: &HeaderMap, verb: &str, route: &'a str) -> Self {
        let verbs = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
        let verb = verbs.into_iter().find(|known| *known == verb);
        Self {
            parent: parent(headers),
            http: Some((verb.unwrap_or("_OTHER"), route)),
        }
    }

    /// The trace of the caller, if it says so.
    pub(super) fn trace(&self) -> Option<TraceIds> {
        self.parent.as_ref().map(TraceIds::of)
    }
}

/// The trace that `traceparent` tells, if it is sound.
fn parent(headers: &HeaderMap) -> Option<SpanContext> {
    struct Headers<'a>(&'a HeaderMap);
    impl Extractor for Headers<'_> {
        fn get(&self, key: &str) -> Option<&str> {
            self.0.get(key)?.to_str().ok()
        }
        fn keys(&self) -> Vec<&str> {
            vec!["traceparent", "tracestate"]
        }
    }
    if !headers.contains_key("traceparent") {
        return None;
    }
    let context =
        TraceContextPropagator::new().extract_with_context(&Context::new(), &Headers(headers));
    let parent = context.span().span_context().clone();
    parent.is_valid().then_some(parent)
}

impl Tracing {
    /// A span for a call, if it is traced.
    pub(super) fn begin(&self, method: Method, incoming: &Incoming<'_>) -> Option<CallSpan> {
        let parent = match &incoming.parent {
            Some(parent) => Context::new().with_remote_span_context(parent.clone()),
            None => Context::new(),
        };
        let mut attributes = vec![KeyValue::new("embargo.door", method.door.word())];
        let name = match incoming.http {
            Some((verb, route)) => {
                attributes.push(KeyValue::new("http.request.method", verb));
                attributes.push(KeyValue::new("http.route", route.to_owned()));
                attributes.push(KeyValue::new("embargo.method", method.name));
                format!("{verb} {route}")
            }
            None => {
                attributes.push(KeyValue::new("rpc.system", "grpc"));
                attributes.push(KeyValue::new("rpc.service", method.service));
                attributes.push(KeyValue::new("rpc.method", method.name));
                format!("{}/{}", method.service, method.name)
            }
        };
        let builder = SpanBuilder::from_name(name)
            .with_kind(SpanKind::Server)
            .with_attributes(attributes);
        let span = self.0.build_with_context(builder, &parent);
        span.is_recording().then(|| CallSpan {
            tracer: self.0.clone(),
            context: parent.with_span(span),
            is_http: incoming.http.is_some(),
        })
    }
}

/// The span of a call.
#[derive(Debug)]
pub(super) struct CallSpan {
    tracer: SdkTracer,
    context: Context,
    is_http: bool,
}

/// What a decision tells of itself.
pub(super) struct Decided<'a> {
    pub(super) decision: &'a Decision,
    pub(super) taken: Duration,
    pub(super) policies: &'a [(&'a Arc<str>, PolicyTime)],
}

impl CallSpan {
    pub(super) fn ids(&self) -> TraceIds {
        TraceIds::of(self.context.span().span_context())
    }

    /// A wait for a worker ends here.
    pub(super) fn waited(&self, waited: Duration) {
        let builder = SpanBuilder::from_name("wait for a worker");
        self.child(builder, waited);
    }

    /// A decision ends here.
    pub(super) fn decided(&self, decided: &Decided<'_>) {
        let Decided {
            decision,
            taken,
            policies,
        } = decided;
        let effect = decision.judgement.effect.word().to_ascii_uppercase();
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let mut attributes = vec![
            KeyValue::new("embargo.effect", effect),
            KeyValue::new("embargo.snapshot.id", decision.snapshot_id.to_string()),
            KeyValue::new(
                "embargo.finding.count",
                count(decision.judgement.findings.len()),
            ),
        ];
        let failures = &decision.judgement.failures;
        if !failures.is_empty() {
            attributes.push(KeyValue::new(
                "embargo.failure.count",
                count(failures.len()),
            ));
        }
        let builder = SpanBuilder::from_name("evaluate").with_attributes(attributes);
        let start = SystemTime::now().checked_sub(*taken);
        let start = start.unwrap_or_else(SystemTime::now);
        let mut span = self
            .tracer
            .build_with_context(builder.with_start_time(start), &self.context);
        for (policy, time) in *policies {
            let evaluations = i64::try_from(time.evaluations).unwrap_or(i64::MAX);
            span.add_event(
                "policy",
                vec![
                    KeyValue::new("embargo.policy.id", policy.to_string()),
                    KeyValue::new("embargo.policy.evaluations", evaluations),
                    KeyValue::new("embargo.policy.seconds", time.total.as_secs_f64()),
                    KeyValue::new("embargo.policy.failed", time.failures > 0),
                ],
            );
        }
        span.end();
    }

    fn child(&self, builder: SpanBuilder, taken: Duration) {
        let start = SystemTime::now().checked_sub(taken);
        let start = start.unwrap_or_else(SystemTime::now);
        let builder = builder.with_start_time(start);
        self.tracer.build_with_context(builder, &self.context).end();
    }

    /// The call ends here.
    pub(super) fn end(&self, outcome: &Outcome) {
        let span = self.context.span();
        if !self.is_http {
            let code = i64::from(i32::from(outcome.code));
            span.set_attribute(KeyValue::new("rpc.grpc.status_code", code));
        }
        if outcome.code != tonic::Code::Ok {
            let kind = if outcome.reason.is_empty() {
                outcome.word().to_owned()
            } else {
                outcome.reason.to_string()
            };
            span.set_attribute(KeyValue::new("error.type", kind));
        }
        if outcome.is_fault() {
            span.set_status(Status::error(outcome.reason.to_string()));
        }
        span.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn headers(traceparent: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", traceparent.parse().unwrap());
        headers.insert("tracestate", "vendor=value".parse().unwrap());
        headers
    }

    #[test]
    fn the_trace_of_a_caller_is_told_from_its_header() {
        let headers = headers(PARENT);
        let trace = Incoming::grpc(&headers).trace().unwrap();
        assert_eq!(trace.trace_id(), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(trace.span_id(), "b7ad6b7169203331");
        assert!(trace.is_sampled());
        let state = parent(&headers).unwrap();
        assert_eq!(state.trace_state().header(), "vendor=value");
    }

    #[test]
    fn a_header_that_is_malformed_is_none() {
        let zeros = "00-00000000000000000000000000000000-b7ad6b7169203331-01";
        for text in [
            "",
            "00",
            "nonsense",
            zeros,
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ] {
            assert_eq!(Incoming::grpc(&headers(text)).trace(), None, "{text}");
        }
        assert_eq!(Incoming::grpc(&HeaderMap::new()).trace(), None);
    }
}
