//! What the adapters of package databases have in common.

use crate::facts::Software;

/// A package as a database lists it: by an id that is its name.
pub(super) fn item(source: &str, id: Option<String>, version: Option<String>) -> Software {
    Software {
        name: id.clone().unwrap_or_default(),
        package_id: id,
        version,
        source: Some(source.to_owned()),
        ..Software::default()
    }
}
