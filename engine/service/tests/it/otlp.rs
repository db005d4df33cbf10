//! OpenTelemetry: what a collector is sent of calls, decisions and metrics.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use embargo_service::{OtlpSettings, Settings};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use tonic::Request;

use crate::asker;
use crate::bench::Bench;
use crate::collector::{Collector, attribute};
use crate::policies::{ask, bad_host, host, verdicts};
use crate::scrape::{Scrape, managed};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

fn settings(address: SocketAddr, protocol: &str, more: &[(&str, &str)]) -> Settings {
    let otlp = OtlpSettings::from_environment(|name| {
        let said = more.iter().find(|(known, _)| *known == name);
        match (said, name) {
            (Some((_, value)), _) => Some((*value).to_owned()),
            (None, "OTEL_EXPORTER_OTLP_ENDPOINT") => Some(format!("http://{address}")),
            (None, "OTEL_EXPORTER_OTLP_PROTOCOL") => Some(protocol.to_owned()),
            (None, "OTEL_EXPORTER_OTLP_HEADERS") => Some("x-key=hunter2".to_owned()),
            (None, "OTEL_BSP_SCHEDULE_DELAY") => Some("50".to_owned()),
            (None, "OTEL_METRIC_EXPORT_INTERVAL") => Some("100".to_owned()),
            _ => None,
        }
    });
    Settings {
        otlp: otlp.unwrap(),
        ..managed()
    }
}

fn named<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    let mut found = spans.iter().filter(|span| span.name == name);
    let first = found
        .next()
        .unwrap_or_else(|| panic!("no {name}: {spans:?}"));
    assert!(found.next().is_none(), "{name} twice");
    first
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_call_is_a_span_of_its_caller_s_trace_with_what_it_waited_for_below() {
    for protocol in ["grpc", "http/protobuf"] {
        let collector = Collector::default();
        let address = match protocol {
            "grpc" => collector.grpc().await,
            _ => collector.http().await,
        };
        let policies = verdicts();
        let settings = settings(address, protocol, &[]);
        let bench = Bench::start_with(policies.path(), settings).await;
        let mut request = Request::new(ask(host("deny")));
        let parent = format!("00-{TRACE}-b7ad6b7169203331-01");
        let metadata = request.metadata_mut();
        metadata.insert("traceparent", parent.parse().unwrap());
        metadata.insert("tracestate", "vendor=value".parse().unwrap());
        bench.decisions().decide_host(request).await.unwrap();
        collector
            .until(|collector| collector.spans().len() >= 3)
            .await;
        let spans = collector.spans();
        let call = named(&spans, "embargo.v1.DecisionService/DecideHost");
        assert_eq!(hexadecimal(&call.trace_id), TRACE);
        assert_eq!(hexadecimal(&call.parent_span_id), "b7ad6b7169203331");
        assert_eq!(call.trace_state, "vendor=value");
        assert_eq!(call.kind(), SpanKind::Server);
        for (key, value) in [
            ("rpc.system", "grpc"),
            ("rpc.service", "embargo.v1.DecisionService"),
            ("rpc.method", "DecideHost"),
            ("rpc.grpc.status_code", "0"),
            ("embargo.door", "grpc"),
        ] {
            assert_eq!(
                attribute(&call.attributes, key).as_deref(),
                Some(value),
                "{key}"
            );
        }
        let evaluated = named(&spans, "evaluate");
        for span in [evaluated, named(&spans, "wait for a worker")] {
            assert_eq!(span.parent_span_id, call.span_id);
            assert_eq!(span.trace_id, call.trace_id);
            assert!(span.start_time_unix_nano <= span.end_time_unix_nano);
            assert!(span.end_time_unix_nano <= call.end_time_unix_nano);
        }
        let effect = attribute(&evaluated.attributes, "embargo.effect");
        assert_eq!(effect.as_deref(), Some("DENY"));
        let policies: BTreeSet<_> = evaluated
            .events
            .iter()
            .filter_map(|event| attribute(&event.attributes, "embargo.policy.id"))
            .collect();
        let all = ["restrictions.failing", "restrictions.verdicts"].map(str::to_owned);
        assert_eq!(policies, BTreeSet::from(all));
        assert!(
            collector
                .keys
                .lock()
                .unwrap()
                .iter()
                .all(|key| key == "hunter2")
        );
    }
}

#[tokio::test]
async fn a_call_over_http_is_named_by_its_route_and_says_why_it_failed() {
    let collector = Collector::default();
    let address = collector.http().await;
    let policies = verdicts();
    let gzip = [("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")];
    let settings = settings(address, "http/protobuf", &gzip);
    let bench = Bench::start_with(policies.path(), settings).await;
    let body = "{\"facts\": {\"hostId\": \"\"}}";
    let answer = asker::post(bench.address, "/v1/hosts:decide?secret=1", body).await;
    assert_eq!(answer.status, 400);
    asker::post(bench.address, "/no/such/path", "{}").await;
    collector
        .until(|collector| collector.spans().len() >= 2)
        .await;
    let spans = collector.spans();
    let call = named(&spans, "POST /v1/hosts:decide");
    let told = |key| attribute(&call.attributes, key);
    assert_eq!(told("http.route").as_deref(), Some("/v1/hosts:decide"));
    assert_eq!(told("http.request.method").as_deref(), Some("POST"));
    assert_eq!(told("error.type").as_deref(), Some("FACTS_INVALID"));
    assert_eq!(call.parent_span_id, Vec::<u8>::new());
    // Not the server's fault, and so no error of its span.
    assert_eq!(call.status.clone().unwrap_or_default().code, 0);
    assert!(!format!("{spans:?}").contains("secret"));
    assert!(!format!("{spans:?}").contains("such/path"));
}

#[tokio::test]
async fn what_a_caller_or_the_sampler_does_not_want_traced_is_not() {
    let collector = Collector::default();
    let address = collector.grpc().await;
    let policies = verdicts();
    let bench = Bench::start_with(policies.path(), settings(address, "grpc", &[])).await;
    let mut unsampled = Request::new(ask(host("a")));
    let parent = format!("00-{TRACE}-b7ad6b7169203331-00");
    unsampled
        .metadata_mut()
        .insert("traceparent", parent.parse().unwrap());
    bench.decisions().decide_host(unsampled).await.unwrap();
    bench.decide(ask(host("b"))).await.unwrap();
    collector
        .until(|collector| collector.spans().len() >= 3)
        .await;
    let spans = collector.spans();
    named(&spans, "embargo.v1.DecisionService/DecideHost");
    assert!(
        spans
            .iter()
            .all(|span| hexadecimal(&span.trace_id) != TRACE)
    );
}

#[tokio::test]
async fn metrics_are_those_of_a_scrape_under_the_same_names() {
    let collector = Collector::default();
    let address = collector.grpc().await;
    let policies = verdicts();
    let bench = Bench::start_with(policies.path(), settings(address, "grpc", &[])).await;
    for id in ["deny", "warn", "indeterminate"] {
        bench.decide(ask(host(id))).await.unwrap();
    }
    bench.decide(ask(bad_host("x"))).await.unwrap_err();
    let before = collector.metrics.lock().unwrap().len();
    let is_later = |collector: &Collector| collector.metrics.lock().unwrap().len() > before + 1;
    collector.until(is_later).await;
    let scrape = Scrape::of(&bench).await;
    let sent = collector.metrics.lock().unwrap().last().unwrap().clone();
    let sent = &sent.resource_metrics[0];
    let resource = sent.resource.clone().unwrap().attributes;
    assert_eq!(
        attribute(&resource, "service.name").as_deref(),
        Some("embargo")
    );
    let metrics = &sent.scope_metrics[0].metrics;
    let mut names: BTreeSet<String> = BTreeSet::new();
    for metric in metrics {
        let is_histogram = matches!(metric.data, Some(Data::Histogram(_)));
        let endings: &[&str] = if is_histogram {
            &["_bucket", "_count", "_sum"]
        } else {
            &[""]
        };
        names.extend(endings.iter().map(|end| format!("{}{end}", metric.name)));
    }
    let mut scraped: BTreeSet<String> = scrape.labels().into_keys().collect();
    // The scrape itself is counted once it has ended.
    scraped.remove("embargo_management_requests_total");
    assert_eq!(names, scraped);
    let find = |name: &str| metrics.iter().find(|metric| metric.name == name);
    let Some(Data::Sum(decisions)) = &find("embargo_decisions_total").unwrap().data else {
        panic!("no sum");
    };
    let denied = decisions.data_points.iter().find(|point| {
        let is = |key, value: &str| attribute(&point.attributes, key).as_deref() == Some(value);
        is("effect", "DENY") && is("door", "grpc") && is("method", "DecideHost")
    });
    let one = opentelemetry_proto::tonic::metrics::v1::number_data_point::Value::AsDouble(1.0);
    assert_eq!(denied.unwrap().value, Some(one));
    let Some(Data::Histogram(evaluated)) =
        &find("embargo_evaluation_duration_seconds").unwrap().data
    else {
        panic!("no histogram");
    };
    let point = &evaluated.data_points[0];
    assert_eq!(point.count, 3);
    assert_eq!(point.bucket_counts.iter().sum::<u64>(), 3);
    assert_eq!(point.bucket_counts.len(), point.explicit_bounds.len() + 1);
}

#[tokio::test]
async fn a_message_that_is_refused_for_now_is_sent_again_and_the_rest_at_the_end() {
    let collector = Collector::default();
    *collector.refusing.lock().unwrap() = 1;
    let address = collector.http().await;
    let policies = verdicts();
    // Spans would wait for others for as long as the test may take.
    let patient = [
        ("OTEL_BSP_SCHEDULE_DELAY", "600000"),
        ("OTEL_METRICS_EXPORTER", "none"),
    ];
    let settings = settings(address, "http/protobuf", &patient);
    let telemetry = settings.telemetry.clone();
    let mut bench = Bench::start_with(policies.path(), settings).await;
    bench.decide(ask(host("a"))).await.unwrap();
    bench.stop();
    bench.stopped().await;
    named(&collector.spans(), "embargo.v1.DecisionService/DecideHost");
    let scrape = Scrape::read(&telemetry.prometheus_text());
    let sent = [("signal", "traces"), ("outcome", "sent")];
    assert_eq!(scrape.get("embargo_otlp_exports_total", &sent), 1.0);
    assert_eq!(scrape.get("embargo_otlp_spans_dropped_total", &[]), 0.0);
}

#[tokio::test]
async fn a_collector_that_is_gone_costs_spans_and_no_call() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = nobody.local_addr().unwrap();
    drop(nobody);
    let policies = verdicts();
    let small = [
        ("OTEL_BSP_MAX_QUEUE_SIZE", "4"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "200"),
    ];
    let settings = settings(address, "http/protobuf", &small);
    let bench = Bench::start_with(policies.path(), settings).await;
    // More calls than spans can wait, in a moment in which none of them can be sent.
    let mut asked = 0.0;
    loop {
        for number in 0..20 {
            let id = format!("h{number}");
            bench.decide(ask(host(&id))).await.unwrap();
            asked += 1.0;
        }
        let scrape = Scrape::of(&bench).await;
        let decided = scrape.get("embargo_decisions_total", &[("door", "grpc")]);
        assert_eq!(decided, asked);
        if scrape.get("embargo_otlp_spans_dropped_total", &[]) > 0.0 {
            break;
        }
        assert!(asked < 10_000.0, "no span was dropped");
    }
}
