//! Tests of reading the standard variables.

use super::*;

fn read(variables: &[(&str, &str)]) -> Result<Option<OtlpSettings>, OtlpInvalid> {
    OtlpSettings::from_environment(|name| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}

fn refused(variables: &[(&str, &str)]) -> String {
    read(variables).unwrap_err().to_string()
}

const ENDPOINT: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318/");

#[test]
fn nothing_is_sent_unless_somebody_asks_for_it() {
    assert_eq!(read(&[]), Ok(None));
    assert_eq!(read(&[("OTEL_SERVICE_NAME", "edge")]), Ok(None));
    assert_eq!(read(&[ENDPOINT, ("OTEL_SDK_DISABLED", "true")]), Ok(None));
    let none = [
        ENDPOINT,
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OTEL_METRICS_EXPORTER", "none"),
    ];
    assert_eq!(read(&none), Ok(None));
    let asked = read(&[("OTEL_TRACES_EXPORTER", "otlp")]).unwrap().unwrap();
    let traces = asked.traces.unwrap();
    assert_eq!(traces.endpoint, "http://localhost:4318/v1/traces");
    assert_eq!(asked.metrics, None);
}

#[test]
fn what_is_said_of_a_signal_stands_over_what_is_said_of_all() {
    let settings = read(&[
        ENDPOINT,
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://traces/own"),
        ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "X-Key=a%20b, tenant=one"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "2500"),
        ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "gzip"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/etc/ca.pem"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "15000"),
    ]);
    let settings = settings.unwrap().unwrap();
    let (traces, metrics) = (settings.traces.unwrap(), settings.metrics.unwrap());
    assert_eq!(traces.endpoint, "https://traces/own");
    assert_eq!((traces.protocol, traces.gzip), (Protocol::Http, true));
    assert_eq!(traces.authorities, Some(PathBuf::from("/etc/ca.pem")));
    let headers: Vec<_> = traces
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.expose()))
        .collect();
    assert_eq!(headers, [("x-key", "a b"), ("tenant", "one")]);
    assert_eq!(metrics.endpoint, "http://collector:4318/");
    assert_eq!((metrics.protocol, metrics.gzip), (Protocol::Grpc, false));
    assert_eq!(metrics.timeout, Duration::from_millis(2_500));
    assert_eq!(settings.interval, Duration::from_secs(15));
}

#[test]
fn the_resource_names_the_service_and_what_is_said_of_it() {
    let named = |variables: &[(&str, &str)]| {
        let settings = read(&[&[ENDPOINT], variables].concat()).unwrap().unwrap();
        let found = settings.resource.into_iter();
        let mut found = found.filter(|(key, _)| key == "service.name" || key == "zone");
        let pair = |pair: (String, String)| pair.1;
        (found.next().map(pair), found.next().map(pair))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(named(&[]), (some("embargo"), None));
    let attributes = ("OTEL_RESOURCE_ATTRIBUTES", "service.name=a,zone=b%2Cc");
    assert_eq!(named(&[attributes]), (some("a"), some("b,c")));
    let both = [attributes, ("OTEL_SERVICE_NAME", "edge")];
    assert_eq!(named(&both), (some("b,c"), some("edge")));
}

#[test]
fn samplers_are_those_of_the_specification() {
    for (word, argument, heeds_parent, ratio) in [
        (None, "", true, 1.0),
        (Some("always_on"), "", false, 1.0),
        (Some("always_off"), "", false, 0.0),
        (Some("traceidratio"), "0.25", false, 0.25),
        (Some("parentbased_traceidratio"), "0.5", true, 0.5),
        (Some("parentbased_always_off"), "", true, 0.0),
    ] {
        let sampler = word.map(|word| ("OTEL_TRACES_SAMPLER", word));
        let mut variables = vec![ENDPOINT, ("OTEL_TRACES_SAMPLER_ARG", argument)];
        variables.extend(sampler);
        let wanted = Sampling {
            heeds_parent,
            ratio,
        };
        let settings = read(&variables).unwrap().unwrap();
        assert_eq!(settings.sampling, wanted, "{word:?}");
    }
}

#[test]
fn what_cannot_be_heeded_is_refused_with_its_variable_and_without_secrets() {
    for (name, value, said) in [
        (
            "OTEL_EXPORTER_OTLP_PROTOCOL",
            "http/json",
            "may be `grpc` or `http/protobuf`",
        ),
        (
            "OTEL_EXPORTER_OTLP_TIMEOUT",
            "soon",
            "must be a number of milliseconds",
        ),
        (
            "OTEL_EXPORTER_OTLP_COMPRESSION",
            "zip",
            "may be `gzip` or `none`",
        ),
        ("OTEL_TRACES_EXPORTER", "zipkin", "may be `otlp` or `none`"),
        ("OTEL_TRACES_SAMPLER", "sometimes", "may be `always_on`"),
        (
            "OTEL_METRIC_EXPORT_INTERVAL",
            "0",
            "must be a number of milliseconds",
        ),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "0", "must be 1 to 1000000"),
        (
            "OTEL_RESOURCE_ATTRIBUTES",
            "nonsense",
            "is no list of attributes",
        ),
        (
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            "collector:4317",
            "with its scheme",
        ),
        (
            "OTEL_EXPORTER_OTLP_HEADERS",
            "hunter2",
            "is no list of headers",
        ),
        (
            "OTEL_EXPORTER_OTLP_HEADERS",
            "key=hunter2%zz",
            "is no list of headers",
        ),
    ] {
        let refused = refused(&[ENDPOINT, (name, value)]);
        assert!(refused.starts_with(&format!("`{name}` ")), "{refused}");
        assert!(refused.contains(said), "{refused}");
        assert!(!refused.contains("hunter2"), "{refused}");
    }
    let ratio = [
        ENDPOINT,
        ("OTEL_TRACES_SAMPLER", "traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "2"),
    ];
    assert!(refused(&ratio).contains("must be 0 to 1"));
    let headers = [ENDPOINT, ("OTEL_EXPORTER_OTLP_HEADERS", "key=hunter2")];
    let settings = read(&headers).unwrap().unwrap();
    assert!(!format!("{settings:?}").contains("hunter2"));
}
