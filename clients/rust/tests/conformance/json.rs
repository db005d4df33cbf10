//! Messages of the API in their JSON form, and how an answer is held against what is wanted of it.

use std::sync::LazyLock;

use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};
use serde_json::Value;

static POOL: LazyLock<Option<DescriptorPool>> =
    LazyLock::new(|| DescriptorPool::decode(embargo_proto::FILE_DESCRIPTOR_SET).ok());

fn descriptor(name: &str) -> Result<MessageDescriptor, String> {
    let pool = POOL.as_ref().ok_or("the API has no descriptors")?;
    pool.get_message_by_name(&format!("embargo.v1.{name}"))
        .ok_or_else(|| format!("the API has no message `{name}`"))
}

/// The message of a JSON form.
pub(crate) fn message<M: Message + Default>(name: &str, form: &Value) -> Result<M, String> {
    let read = DynamicMessage::deserialize(descriptor(name)?, form.clone());
    let read = read.map_err(|cause| format!("{cause}: {name}"))?;
    read.transcode_to()
        .map_err(|cause| format!("{cause}: {name}"))
}

/// The JSON form of a message.
pub(crate) fn form<M: Message>(name: &str, message: &M) -> Result<Value, String> {
    let mut form = DynamicMessage::new(descriptor(name)?);
    form.transcode_from(message)
        .map_err(|cause| format!("{cause}: {name}"))?;
    serde_json::to_value(form).map_err(|cause| format!("{cause}: {name}"))
}

/// Where an answer is not what is wanted of it.
pub(crate) fn mismatch(want: &Value, got: Option<&Value>, path: &str) -> Option<String> {
    let differs = || {
        let got = got.map_or_else(|| "nothing".to_owned(), Value::to_string);
        Some(format!("`{path}` is {got}, wanted {want}"))
    };
    match (want, got) {
        (Value::Object(want), Some(Value::Object(got))) => want
            .iter()
            .find_map(|(key, want)| mismatch(want, got.get(key), &below(path, key))),
        (Value::Array(want), Some(Value::Array(got))) => {
            if want.len() != got.len() {
                return differs();
            }
            let pairs = want.iter().zip(got).enumerate();
            pairs.into_iter().find_map(|(at, (want, got))| {
                mismatch(want, Some(got), &below(path, &at.to_string()))
            })
        }
        (Value::Number(want), Some(Value::Number(got))) if want.as_f64() == got.as_f64() => None,
        (want, Some(got)) if want == got => None,
        _ => differs(),
    }
}

/// Whether an answer has what it must not have.
pub(crate) fn present(path: &str, got: &Value) -> Option<String> {
    let mut found = got;
    for key in path.split('.') {
        found = match found {
            Value::Array(items) => items.get(key.parse::<usize>().ok()?)?,
            other => other.get(key)?,
        };
    }
    Some(format!("`{path}` is {found}, wanted nothing"))
}

fn below(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}
