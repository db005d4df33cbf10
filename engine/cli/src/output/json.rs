//! JSON: the messages of the API as a server writes them, too, and as text.

use serde_json::Value;

pub(crate) use embargo_service::codec::json::{
    decision, diagnostic, explanation, identification, timeline,
};

/// The text of a value, with a newline.
pub(crate) fn text(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
