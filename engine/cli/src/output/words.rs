//! Words: the short lower-case form of the API's enums, and instants in RFC 3339.

pub(crate) use embargo_service::codec::words::{action, effect, instant, strength};

/// A word for so many.
pub(crate) fn plural(count: u64, word: &str) -> String {
    if count == 1 {
        word.to_owned()
    } else if let Some(begin) = word.strip_suffix('y') {
        format!("{begin}ies")
    } else {
        format!("{word}s")
    }
}
