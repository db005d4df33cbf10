//! Digests of files as OPA signs them.
//!
//! Of most files it is that of their bytes. Of those that OPA calls structured, which go by the
//! names `data.json`, `data.yaml` and `.manifest`, it is that of their content written as JSON
//! without space, with the members of objects in the order of their names: so that white space
//! makes no difference. What is read in two ways could be two things, so members that stand
//! twice are refused, and YAML is read by the reader that reads policies.

use std::collections::BTreeMap;
use std::fmt;

use embargo_core::read_document;
use ring::digest::{Algorithm, SHA256, SHA384, SHA512};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::SignatureInvalid;
use crate::archive::MANIFEST;

/// The algorithm of digests that are made here.
pub(super) const OURS: &str = "SHA-256";
/// Levels of structured files, at most.
const DEPTH: usize = 100;
/// From this magnitude on Go writes numbers with an exponent.
const LARGE: f64 = 1e21;
/// And below this one.
const SMALL: f64 = 1e-6;

/// The digest of a file in hexadecimal digits.
pub(super) fn of(path: &str, content: &[u8], algorithm: &str) -> Result<String, SignatureInvalid> {
    let algorithm: &'static Algorithm = match algorithm {
        OURS => &SHA256,
        "SHA-384" => &SHA384,
        "SHA-512" => &SHA512,
        other => {
            return Err(SignatureInvalid::Algorithm {
                found: format!(
                    "digests of `{}`",
                    other.escape_debug().take(32).collect::<String>()
                ),
            });
        }
    };
    let written = match path.rsplit('/').next().unwrap_or(path) {
        "data.json" | MANIFEST => Some(json(content)),
        "data.yaml" => Some(yaml(path, content)),
        _ => None,
    };
    let digest = match written {
        Some(Ok(written)) => ring::digest::digest(algorithm, written.as_bytes()),
        Some(Err(cause)) => {
            return Err(SignatureInvalid::Malformed {
                cause: format!("`{path}` has no digest: {cause}"),
            });
        }
        None => ring::digest::digest(algorithm, content),
    };
    let digits = digest.as_ref().iter();
    Ok(digits.map(|byte| format!("{byte:02x}")).collect())
}

/// A document in JSON as it is signed. Numbers stay as they are written.
fn json(content: &[u8]) -> Result<String, String> {
    let raw: &RawValue = serde_json::from_slice(content).map_err(|cause| cause.to_string())?;
    let mut written = String::new();
    write_raw(raw.get(), DEPTH, &mut written)?;
    Ok(written)
}

/// Members of an object, each name once, in the order of their names.
struct Members<'a>(BTreeMap<String, &'a RawValue>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;

        impl<'de> Visitor<'de> for Each {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                    if members.insert(name, value).is_some() {
                        return Err(A::Error::custom("a member stands twice"));
                    }
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Each)
    }
}

fn write_raw(raw: &str, depth: usize, written: &mut String) -> Result<(), String> {
    let depth = depth.checked_sub(1).ok_or("it is too deep")?;
    let failed = |cause: serde_json::Error| cause.to_string();
    match raw.trim_start().as_bytes().first() {
        Some(b'{') => {
            let Members(members) = serde_json::from_str(raw).map_err(failed)?;
            written.push('{');
            for (at, (name, value)) in members.iter().enumerate() {
                if at > 0 {
                    written.push(',');
                }
                write_text(name, written);
                written.push(':');
                write_raw(value.get(), depth, written)?;
            }
            written.push('}');
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(raw).map_err(failed)?;
            written.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    written.push(',');
                }
                write_raw(item.get(), depth, written)?;
            }
            written.push(']');
        }
        Some(b'"') => {
            let text: String = serde_json::from_str(raw).map_err(failed)?;
            write_text(&text, written);
        }
        // Numbers and words have one way to be written.
        _ => written.push_str(raw.trim()),
    }
    Ok(())
}

/// Text as Go writes it where it does not think of HTML.
fn write_text(text: &str, written: &mut String) {
    let plain = Value::from(text).to_string();
    for character in plain.chars() {
        match character {
            '\u{2028}' => written.push_str("\\u2028"),
            '\u{2029}' => written.push_str("\\u2029"),
            other => written.push(other),
        }
    }
}

/// A document in YAML as it is signed.
fn yaml(path: &str, content: &[u8]) -> Result<String, String> {
    let text = str::from_utf8(content).map_err(|_| "it is not UTF-8")?;
    let value = read_document(path, text).map_err(|remark| remark.message)?;
    let mut written = String::new();
    write_value(&value, &mut written);
    Ok(written)
}

fn write_value(value: &Value, written: &mut String) {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<&String, &Value> = members.iter().collect();
            written.push('{');
            for (at, (name, value)) in members.into_iter().enumerate() {
                if at > 0 {
                    written.push(',');
                }
                write_text(name, written);
                written.push(':');
                write_value(value, written);
            }
            written.push('}');
        }
        Value::Array(items) => {
            written.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    written.push(',');
                }
                write_value(item, written);
            }
            written.push(']');
        }
        Value::String(text) => write_text(text, written),
        Value::Number(number) => match number.as_f64() {
            Some(real) if number.is_f64() => written.push_str(&as_go_writes(real)),
            _ => written.push_str(&number.to_string()),
        },
        Value::Null | Value::Bool(_) => written.push_str(&value.to_string()),
    }
}

/// The shortest digits that give the number, with an exponent where Go writes one.
fn as_go_writes(real: f64) -> String {
    let size = real.abs();
    if size == 0.0 || (SMALL..LARGE).contains(&size) {
        return real.to_string();
    }
    let text = format!("{real:e}");
    match text.split_once('e') {
        Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn structured(text: &str) -> String {
        json(text.as_bytes()).unwrap()
    }

    #[test]
    fn structured_files_are_written_without_space_and_in_order() {
        for (text, wanted) in [
            (
                "{ \"b\" : [ 1 , 2.50, 1e3 ],\n \"a\": {} }",
                r#"{"a":{},"b":[1,2.50,1e3]}"#,
            ),
            (r#""<foo></foo>""#, r#""<foo></foo>""#),
            (r#"["\u0041\/","α",null,true]"#, r#"["A/","α",null,true]"#),
            ("\"\u{2028}\"", r#""\u2028""#),
            (
                "123.4567891111111111111111111111",
                "123.4567891111111111111111111111",
            ),
        ] {
            assert_eq!(structured(text), wanted);
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_has_no_digest() {
        for text in [
            r#"{"a":1,"a":2}"#,
            r#"[{"a":{"b":1,"\u0062":2}}]"#,
            "{} {}",
            "{",
            &format!("{}1{}", "[".repeat(120), "]".repeat(120)),
        ] {
            assert!(json(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn yaml_has_the_digest_of_the_json_that_says_the_same() {
        let yaml = "b: [1, 2.5, 1.0, 1.0e+30]\na: {x: \"yes\", y: null}\n";
        let json = r#"{"a":{"x":"yes","y":null},"b":[1,2.5,1,1e+30]}"#;
        let of = |path, content: &str| of(path, content.as_bytes(), OURS).unwrap();
        assert_eq!(of("x/data.yaml", yaml), of("x/data.json", json));
        // Another name, and it is its bytes.
        assert_ne!(of("x/list.yaml", yaml), of("x/list.json", json));
    }

    #[test]
    fn bytes_have_the_digest_that_everybody_knows() {
        let digest = of("a.rego", b"abc", OURS).unwrap();
        assert_eq!(
            digest,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert!(of("a.rego", b"abc", "MD5").is_err());
        assert!(of("a.rego", b"abc", "").is_err());
    }
}
