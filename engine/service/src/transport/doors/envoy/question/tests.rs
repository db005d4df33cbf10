//! Where facts, action and host stand in questions of Envoy.

use std::collections::HashMap;

use base64::engine::general_purpose::{STANDARD as PADDED, URL_SAFE_NO_PAD};
use embargo_proto::envoy::config::core::v3::{HeaderMap, HeaderValue, Metadata};
use embargo_proto::envoy::service::auth::v3::attribute_context::{HttpRequest, Peer, Request};

use super::*;

fn headers(pairs: &[(&str, &str)]) -> AttributeContext {
    let pairs = pairs.iter();
    let headers = pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    AttributeContext {
        request: Some(Request {
            http: Some(HttpRequest {
                headers: headers.collect(),
                ..HttpRequest::default()
            }),
        }),
        ..AttributeContext::default()
    }
}

#[test]
fn context_stands_over_a_header_and_a_certificate_over_a_name_that_was_sent() {
    let settings = EnvoySettings::default();
    let mut attributes = headers(&[("x-embargo-facts", "header"), ("x-embargo-host-id", "sent")]);
    let asked = Asked::of(&attributes, &settings).unwrap();
    assert_eq!(asked.facts, "header");
    assert_eq!(asked.place, "header:x-embargo-facts");
    assert_eq!(asked.host.as_deref(), Some("sent"));
    assert_eq!(asked.action, Action::Connect);
    attributes.source = Some(Peer {
        principal: "spiffe://a/h".to_owned(),
    });
    let context = [("embargo-facts".to_owned(), "context".to_owned())];
    attributes.context_extensions = context.into();
    let asked = Asked::of(&attributes, &settings).unwrap();
    assert_eq!(asked.facts, "context");
    assert_eq!(asked.host.as_deref(), Some("spiffe://a/h"));
}

#[test]
fn headers_that_are_sent_as_bytes_are_read_and_one_that_comes_twice_is_no_facts() {
    let value = |key: &str, text: &str| HeaderValue {
        key: key.to_owned(),
        raw_value: text.as_bytes().to_vec(),
        ..HeaderValue::default()
    };
    let of = |headers: Vec<HeaderValue>| {
        let mut attributes = AttributeContext::default();
        let http = HttpRequest {
            header_map: Some(HeaderMap { headers }),
            ..HttpRequest::default()
        };
        attributes.request = Some(Request { http: Some(http) });
        Asked::of(&attributes, &EnvoySettings::default())
            .unwrap()
            .facts
    };
    assert_eq!(of(vec![value("X-Embargo-Facts", "{}")]), "{}");
    let twice = of(vec![
        value("x-embargo-facts", "{\"host_id\": \"a\"}"),
        value("x-embargo-facts", "{\"host_id\": \"b\"}"),
    ]);
    assert!(record(&twice, "place", None).is_err(), "{twice}");
}

#[test]
fn metadata_is_followed_to_a_text_or_an_object() {
    let text = |text: &str| Value {
        kind: Some(Kind::StringValue(text.to_owned())),
    };
    let object = |fields: Vec<(&str, Value)>| Struct {
        fields: fields
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    };
    let facts = object(vec![("host_id", text("h"))]);
    let below = |inner: Struct| Value {
        kind: Some(Kind::StructValue(inner)),
    };
    let payload = object(vec![("facts", below(facts)), ("act", text("use"))]);
    let filter = object(vec![("payload", below(payload))]);
    let filters = HashMap::from([("jwt".to_owned(), filter)]);
    let attributes = AttributeContext {
        metadata_context: Some(Metadata {
            filter_metadata: filters,
        }),
        ..AttributeContext::default()
    };
    let place = |word: &str| vec![EnvoyPlace::from_word(word).unwrap()];
    let settings = EnvoySettings {
        facts: place("metadata:jwt/payload/facts"),
        action_from: place("metadata:jwt/payload/act"),
        host: place("metadata:jwt/payload"),
        ..EnvoySettings::default()
    };
    let asked = Asked::of(&attributes, &settings).unwrap();
    assert_eq!(asked.facts, r#"{"host_id":"h"}"#);
    assert_eq!(asked.action, Action::Use);
    let nowhere = EnvoySettings {
        facts: place("metadata:jwt/nothing/facts"),
        ..settings
    };
    let lack = Asked::of(&attributes, &nowhere).unwrap_err();
    assert_eq!(lack, Lack::Missing);
}

#[test]
fn an_action_that_is_none_is_refused_without_its_word() {
    let settings = EnvoySettings {
        action_from: vec![EnvoyPlace::Header("x-action".to_owned())],
        ..EnvoySettings::default()
    };
    let attributes = headers(&[("x-embargo-facts", "{}"), ("x-action", "secret")]);
    let lack = Asked::of(&attributes, &settings).unwrap_err();
    assert!(matches!(lack, Lack::Refused(Refusal::RequestInvalid(_))));
    assert!(!format!("{lack:?}").contains("secret"));
}

#[test]
fn facts_are_read_in_json_and_in_every_form_of_base64() {
    let json = r#"{"host_id": "h?>~", "software": [{"name": "ünder>?"}]}"#;
    for text in [
        json.to_owned(),
        PADDED.encode(json),
        URL_SAFE_NO_PAD.encode(json),
        format!(" {}\n", PADDED.encode(json)),
    ] {
        let read = record(&text, "place", None).unwrap();
        assert_eq!(read.host_id, "h?>~");
        assert_eq!(read.software.len(), 1);
    }
    let named = record(r#"{"host_id": "said"}"#, "place", Some("known".to_owned())).unwrap();
    assert_eq!(named.host_id, "known");
    let unnamed = record(r#"{"software": []}"#, "place", Some("known".to_owned())).unwrap();
    assert_eq!(unnamed.host_id, "known");
}

#[test]
fn what_is_no_facts_is_refused_without_its_value() {
    for text in [
        "secret",
        "host_id: secret",
        "[\"secret\"]",
        "{\"host_id\": [\"secret\"]}",
        "{\"secret-host\": 1",
        "{\"software\": []}",
        "%%%",
        "bnVsbA==",
        "/w==",
        "",
    ] {
        let refused = record(text, "place", None).unwrap_err();
        assert!(matches!(refused, Refusal::FactsInvalid { .. }), "{text}");
        assert!(!refused.to_string().contains("\"secret\""), "{refused}");
    }
}
