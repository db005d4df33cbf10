//! Reviews of admission: what the API server asks, and the form of an answer.
//!
//! Only what is needed is taken out of the text, so that an object of any shape and size costs no
//! memory of its own; a key that is needed and stands twice is a fault.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use thiserror::Error;

/// The version of the contract.
const VERSION: &str = "admission.k8s.io/v1";
const KIND: &str = "AdmissionReview";
/// Bytes of a request's uid, at most. Kubernetes sends 36.
const UID_BYTES: usize = 128;

/// What the API server asks.
#[derive(Debug)]
pub(super) struct Review<'a> {
    pub(super) uid: String,
    pub(super) operation: Operation,
    pub(super) namespace: String,
    /// Empty where the API server is still to make one up.
    pub(super) name: String,
    /// The object as it is to be, in JSON.
    pub(super) object: &'a str,
}

/// What is done with the object, of that which can be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Create,
    Update,
}

/// Why a text is no review that can be answered. The API server's failure policy decides then.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum Unreadable {
    #[error(
        "the content is no AdmissionReview in JSON (line {line}, column {column})\n  hint: let only the API server call this path"
    )]
    Json { line: usize, column: usize },
    #[error(
        "the content is no AdmissionReview of {VERSION}\n  hint: write `admissionReviewVersions: [\"v1\"]` in the configuration of the webhook"
    )]
    Version,
    #[error(
        "the review has no sound `request.{0}`\n  hint: let only the API server call this path"
    )]
    Field(&'static str),
    #[error(
        "the operation is neither CREATE nor UPDATE, and nothing else brings software\n  hint: write `operations: [\"CREATE\", \"UPDATE\"]` in the rules of the webhook"
    )]
    Operation,
}

impl From<serde_json::Error> for Unreadable {
    /// Its own words may repeat a value.
    fn from(fault: serde_json::Error) -> Self {
        Self::Json {
            line: fault.line(),
            column: fault.column(),
        }
    }
}

/// Reads a review.
///
/// # Errors
/// If it cannot be answered as one.
pub(super) fn read(text: &str) -> Result<Review<'_>, Unreadable> {
    let [version, kind, request] = pick(text, ["apiVersion", "kind", "request"])?;
    if said(version).as_deref() != Some(VERSION) || said(kind).as_deref() != Some(KIND) {
        return Err(Unreadable::Version);
    }
    let request = request.ok_or(Unreadable::Field(""))?;
    let keys = ["uid", "operation", "namespace", "name", "object"];
    let [uid, operation, namespace, name, object] =
        pick(request, keys).map_err(|_| Unreadable::Field(""))?;
    let uid = said(uid).unwrap_or_default();
    if uid.is_empty() || uid.len() > UID_BYTES {
        return Err(Unreadable::Field("uid"));
    }
    let operation = match said(operation).as_deref() {
        Some("CREATE") => Operation::Create,
        Some("UPDATE") => Operation::Update,
        Some(_) => return Err(Unreadable::Operation),
        None => return Err(Unreadable::Field("operation")),
    };
    Ok(Review {
        uid,
        operation,
        namespace: said(namespace).unwrap_or_default(),
        name: said(name).unwrap_or_default(),
        object: object.ok_or(Unreadable::Field("object"))?,
    })
}

/// An answer to the review of this uid.
pub(super) fn answer(uid: &str, mut response: serde_json::Map<String, Value>) -> Vec<u8> {
    response.insert("uid".to_owned(), uid.into());
    serde_json::json!({"apiVersion": VERSION, "kind": KIND, "response": response})
        .to_string()
        .into_bytes()
}

/// The text that a value is, if it is one.
pub(super) fn said(value: Option<&str>) -> Option<String> {
    serde_json::from_str(value?).ok()
}

/// The values of some keys of an object, each in JSON; what is null is not there.
///
/// # Errors
/// If the text is no object, or one of the keys stands twice.
pub(super) fn pick<'a, const N: usize>(
    text: &'a str,
    keys: [&str; N],
) -> Result<[Option<&'a str>; N], serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let picked = reader.deserialize_map(Pick(&keys))?;
    reader.end()?;
    Ok(picked)
}

struct Pick<'k, const N: usize>(&'k [&'k str; N]);

impl<'de, const N: usize> Visitor<'de> for Pick<'_, N> {
    type Value = [Option<&'de str>; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = [None; N];
        let mut seen = [false; N];
        while let Some(at) = map.next_key_seed(Key(self.0))? {
            let place = at.and_then(|at| Some((found.get_mut(at)?, seen.get_mut(at)?)));
            match place {
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
                Some((_, true)) => return Err(A::Error::custom("a key stands twice")),
                Some((place, seen)) => {
                    let value: &RawValue = map.next_value()?;
                    *place = (value.get() != "null").then(|| value.get());
                    *seen = true;
                }
            }
        }
        Ok(found)
    }
}

/// Which of the keys a key is.
struct Key<'k>(&'k [&'k str]);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, key: D) -> Result<Self::Value, D::Error> {
        key.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|known| *known == key))
    }
}

#[cfg(test)]
mod tests;
