//! Items: by which names a catalogue may know them.

use crate::facts::Software;

/// The source whose items are named with a tag behind a colon.
pub(super) const LOCAL_MODELS: &str = "local_models";

/// Whether the name of an item is one that its maker gave it; a file is named by whoever
/// saved it.
pub(super) fn names_something(item: &Software) -> bool {
    item.source.as_deref() != Some("file")
}

/// A name in a package database, as it stands and as it is compared.
pub(super) struct PackageName<'a> {
    pub(super) whole: &'a str,
    pub(super) key: &'a str,
}

/// The name by which a package database or a model store lists an item, if it comes from
/// one. A model is compared without its tag: `model:7b` is `model`.
pub(super) fn package_of(item: &Software) -> Option<PackageName<'_>> {
    let source = item.source.as_deref();
    let is_model = source == Some(LOCAL_MODELS);
    let lists_packages =
        |source: &str| source.ends_with("_packages") || matches!(source, "winget" | "appx");
    let whole = item
        .package_id
        .as_deref()
        .or_else(|| (is_model || source.is_some_and(lists_packages)).then_some(&*item.name))?;
    let key = match whole.split_once(':') {
        Some((model, _)) if is_model => model,
        _ => whole,
    };
    Some(PackageName { whole, key })
}

/// The bundle or application id of an item; some lists of apps name an app by it.
pub(super) fn bundle_of(item: &Software) -> Option<&str> {
    let lists_apps = |source: &str| matches!(source, "android_apps" | "ios_apps" | "apps");
    item.bundle_id.as_deref().or_else(|| {
        item.source
            .as_deref()
            .filter(|source| lists_apps(source))
            .map(|_| &*item.name)
    })
}

const fn is_separator(byte: u8) -> bool {
    matches!(byte, b'/' | b'\\')
}

/// The name of the process or service that an item is.
pub(super) fn process_of(item: &Software) -> Option<&str> {
    match item.source.as_deref() {
        Some("process" | "processes" | "services") => Some(&item.name),
        _ => {
            let path = item.path.as_deref()?;
            let mut bytes = path.bytes();
            let end = bytes.rposition(|byte| !is_separator(byte))? + 1;
            let start = bytes.rposition(is_separator).map_or(0, |at| at + 1);
            path.get(start..end)
        }
    }
}
