//! Reviews as the API server sends them, and as nobody should.

use axum::body::Bytes;

use super::*;

const SOUND: &str = r#"{
  "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
  "request": {
    "uid": "705ab4f5", "operation": "CREATE", "namespace": "default", "name": "h",
    "kind": {"group": "", "version": "v1", "kind": "ConfigMap"},
    "object": {
      "metadata": {"name": "h", "annotations": {"embargo.dev/facts": "{\"software\": [{\"name\": \"Editor\"}]}"}},
      "data": {"other": "value"}, "binaryData": null,
      "spec": {"template": {"metadata": {"annotations": {}}}}
    },
    "oldObject": null, "dryRun": false
  }
}"#;

#[test]
fn a_review_is_read() {
    let review = read(SOUND).unwrap();
    assert_eq!(review.uid, "705ab4f5");
    assert_eq!(review.operation, Operation::Create);
    assert_eq!(
        (review.namespace.as_str(), review.name.as_str()),
        ("default", "h")
    );
    assert!(review.object.contains("embargo.dev/facts"));
}

#[test]
fn what_cannot_be_answered_is_told_apart() {
    let with = |from: &str, to: &str| {
        assert!(SOUND.contains(from), "{from}");
        read(&SOUND.replacen(from, to, 1)).map(|_| ()).unwrap_err()
    };
    assert_eq!(
        with("admission.k8s.io/v1", "admission.k8s.io/v1beta1"),
        Unreadable::Version
    );
    assert_eq!(with("AdmissionReview", "Pod"), Unreadable::Version);
    assert_eq!(with("\"705ab4f5\"", "\"\""), Unreadable::Field("uid"));
    assert_eq!(with("\"705ab4f5\"", "7"), Unreadable::Field("uid"));
    assert_eq!(with("CREATE", "DELETE"), Unreadable::Operation);
    assert_eq!(with("CREATE", "CONNECT"), Unreadable::Operation);
    assert_eq!(with("\"CREATE\"", "null"), Unreadable::Field("operation"));
    assert_eq!(
        with("\"object\": {", "\"subject\": {"),
        Unreadable::Field("object")
    );
    assert_eq!(with("\"request\"", "\"response\""), Unreadable::Field(""));
    let long = format!("\"{}\"", "u".repeat(UID_BYTES + 1));
    assert_eq!(with("\"705ab4f5\"", &long), Unreadable::Field("uid"));
    assert!(matches!(read("nonsense"), Err(Unreadable::Json { .. })));
    assert!(matches!(read("[]"), Err(Unreadable::Json { .. })));
    let trailing = format!("{SOUND} {{}}");
    assert!(matches!(read(&trailing), Err(Unreadable::Json { .. })));
}

#[test]
fn a_key_that_is_needed_stands_once_and_others_are_not_looked_at() {
    assert!(pick(r#"{"a": 1, "a": 2}"#, ["a"]).is_err());
    assert!(pick(r#"{"a": null, "a": 2}"#, ["a"]).is_err());
    assert!(pick(r#"{"a": 1, "\u0061": 2}"#, ["a"]).is_err());
    let [a, b] = pick(r#"{"x": 1, "a": [1, 2], "x": {}, "b": null}"#, ["a", "b"]).unwrap();
    assert_eq!((a, b), (Some("[1, 2]"), None));
    assert!(pick("[]", ["a"]).is_err());
    assert!(pick("{} x", ["a"]).is_err());
}

#[test]
fn a_deep_object_costs_nothing() {
    let deep = "[".repeat(1_000_000);
    assert!(pick(&format!("{{\"a\": {deep}"), ["a"]).is_err());
    let closed = format!("{{\"a\": {deep}{}}}", "]".repeat(1_000_000));
    let [a] = pick(&closed, ["a"]).unwrap();
    assert_eq!(a.map(str::len), Some(2_000_000));
}

/// Whatever is done to a review, it is refused, or it is one with hosts, or it is answered without
/// a decision; nothing panics.
#[test]
fn damaged_reviews_are_refused_or_read() {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(below).unwrap()).unwrap()
    };
    let pieces: [&[u8]; 8] = [
        b"null",
        b"{",
        b"}",
        b"\"",
        b"[[[",
        b"\\ud800",
        b"\xff",
        b"\"object\":{},",
    ];
    let mut read = 0;
    for _ in 0..4_000 {
        let mut bytes = SOUND.as_bytes().to_vec();
        for _ in 0..=next(2) {
            let at = next(bytes.len());
            match next(4) {
                0 => bytes.truncate(at + 1),
                1 => bytes[at] = u8::try_from(next(256)).unwrap(),
                2 => drop(bytes.splice(at..at, pieces[next(pieces.len())].iter().copied())),
                _ => drop(bytes.drain(at..(at + 1 + next(8)).min(bytes.len()))),
            }
            if bytes.is_empty() {
                bytes.push(b'{');
            }
        }
        if let Ok(found) = super::super::read(&Bytes::from(bytes)) {
            read += 1;
            assert!(!found.uid.is_empty());
            assert!(found.subject.is_err() || found.subject.is_ok_and(|s| !s.hosts.is_empty()));
        }
    }
    assert!((100..3_900).contains(&read), "{read}");
}
