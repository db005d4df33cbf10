//! Sets whose every file carries the version, and whose files stay sound when they are cut short
//! at an empty line: what the server must not be taken in by.

use std::collections::BTreeMap;

/// Contents by path.
pub(super) type Files = BTreeMap<String, String>;

/// Rules alone, in one folder.
pub(super) fn small(version: &str) -> Files {
    let rule = |side: &str| {
        format!(
            "package restrictions.{side}\n\nwarn contains {{\"message\": \"{version}\"}} if \
             input.host.id\n\ndeny contains {{\"message\": \"banned\"}} if input.host.id == \
             \"{version}\"\n"
        )
    };
    ["left", "right"]
        .map(|side| (format!("rules/{side}.rego"), rule(side)))
        .into()
}

/// The rules, and as much data that the set has so many files.
pub(super) fn large(version: &str, files: usize) -> Files {
    let mut set = small(version);
    for at in set.len()..files {
        let folder = at % 20;
        set.insert(
            format!("data/f{folder}/d{at}.json"),
            format!("{{\"version\": \"{version}\", \"number\": {at}}}\n"),
        );
    }
    set
}
