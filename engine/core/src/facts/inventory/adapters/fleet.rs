//! Fleet: a host with its software (`GET /hosts/:id`), hosts (`GET /hosts`), the software of
//! a host by title (`GET /hosts/:id/software`), or entries of it.

use std::collections::HashSet;

use crate::facts::inventory::Hosts;
use crate::facts::inventory::at::At;
use crate::facts::inventory::draft::Draft;
use crate::facts::inventory::format::{Adapter, Format};
use crate::facts::inventory::node::Node;
use crate::facts::{CoverageState, OwnerKind, Sha256, Software};

use super::devices::{count, holds, is_object, main_source, read_each};

pub(super) const ADAPTER: Adapter = Adapter {
    format: Format::Fleet,
    recognises: |node| {
        is_host(node)
            || holds(node, "hosts", is_host_itself)
            || is_titles(node)
            || is_entry(node)
            || is_entries(node)
    },
    tells_a_host: is_host,
    read,
};

/// `{host: {...}}`, with software or without.
fn is_host(node: &Node) -> bool {
    node.get("host").is_some_and(|host| {
        host.names("software") || host.names("hardware_serial") || host.names("osquery_version")
    })
}

fn is_host_itself(node: &Node) -> bool {
    node.names_all(&["uuid", "hardware_serial", "osquery_version"])
}

/// Software by title. A title of which nothing is installed has an empty list of versions.
fn is_titles(node: &Node) -> bool {
    holds(node, "software", |title| title.names("installed_versions"))
}

/// One entry of a host's software.
fn is_entry(node: &Node) -> bool {
    node.names_all(&["name", "version", "source", "bundle_identifier"])
}

fn is_entries(node: &Node) -> bool {
    node.as_list()
        .is_some_and(|entries| entries.iter().any(is_entry))
}

fn read(top: &At<'_>, hosts: &mut Hosts<'_>) {
    if top.names("hosts") {
        read_each(top.list("hosts"), hosts, read_host);
        return;
    }
    let mut draft = hosts.draft();
    if let Some(host) = top.object("host") {
        read_host(&host, &mut draft);
    } else if top.names("software") {
        read_titles(top, &mut draft);
    } else {
        // Entries by themselves do not say that there are no others.
        let entries = match top.node() {
            Node::List(_) => top.elements(),
            _ => vec![top.clone()],
        };
        for entry in entries {
            read_entry(&entry, CoverageState::Partial, &mut draft);
        }
    }
    hosts.add(draft);
}

fn read_host(host: &At<'_>, draft: &mut Draft<'_>) {
    draft.host_id(host.first_text(&["uuid", "hardware_serial", "id"]));
    let platform = host.text("platform");
    let platform = platform.map(|word| word.to_ascii_lowercase());
    let family = platform.as_deref().map(family);
    draft.system(family, host.text("os_version"), host.text("cpu_type"));
    draft.collected(
        ["software_updated_at", "detail_updated_at", "seen_time"]
            .into_iter()
            .find_map(|key| host.instant(key)),
    );
    let status = host
        .object("mdm")
        .and_then(|mdm| mdm.text("enrollment_status"))
        .map(|status| status.to_lowercase())
        .unwrap_or_default();
    let is_personal = status.contains("personal");
    if is_personal {
        draft.owner_kind(OwnerKind::Personal);
    } else if status.contains("company") {
        draft.owner_kind(OwnerKind::Business);
    }
    for label in host.list("labels") {
        if let Some(name) = label.text("name") {
            draft.group(name);
        }
    }
    if let Some(team) = host.text("team_name") {
        draft.group(team);
    }
    let main = main_source(draft.family());
    if host.get("software").is_none() {
        draft.cover(main, CoverageState::NotCollected);
        return;
    }
    // Of a person's own phone, management sees what it installed.
    if is_personal && matches!(main, "ios_apps" | "android_apps") {
        draft.cover(main, CoverageState::Partial);
    }
    for entry in host.list("software") {
        read_entry(&entry, CoverageState::Complete, draft);
    }
    draft.cover(main, CoverageState::Complete);
}

/// The family of a platform: Fleet names Linux hosts by their distribution.
fn family(platform: &str) -> &str {
    match platform {
        "darwin" => "macos",
        "chrome" => "chromeos",
        "windows" | "ios" | "ipados" | "android" | "freebsd" => platform,
        _ => "linux",
    }
}

/// The titles of a page. A page that is not the only one is a part.
fn read_titles(top: &At<'_>, draft: &mut Draft<'_>) {
    let titles = top.list("software");
    let goes_on = |meta: At<'_>| {
        meta.flag("has_next_results") == Some(true)
            || meta.flag("has_previous_results") == Some(true)
    };
    let is_part = top.object("meta").is_some_and(goes_on)
        || count(top, "count").is_some_and(|all| all > titles.len());
    let state = if is_part {
        CoverageState::Partial
    } else {
        CoverageState::Complete
    };
    for title in titles {
        if is_object(&title, draft) {
            read_title(&title, state, draft);
        }
    }
    // The titles of a host on which nothing is installed name no source.
    draft.cover(main_source(None), state);
}

fn read_title(title: &At<'_>, state: CoverageState, draft: &mut Draft<'_>) {
    if !title.names("installed_versions") {
        draft.lose(
            title,
            "the title does not say which versions of it are installed",
        );
        return;
    }
    let versions = title.list("installed_versions");
    if versions.is_empty() {
        draft.skip(title, "no version of the title is installed");
    }
    for version in versions {
        if is_object(&version, draft) {
            let mut item = entry(&version, title.text("name"), title.text("source"));
            item.extension_id = item.extension_id.or_else(|| title.text("extension_id"));
            take(&version, item, state, draft);
        }
    }
}

fn read_entry(at: &At<'_>, state: CoverageState, draft: &mut Draft<'_>) {
    if is_object(at, draft) {
        let item = entry(at, at.text("name"), at.text("source"));
        take(at, item, state, draft);
    }
}

/// Takes an entry for an item, and for one more for each further signature that is stated
/// of it: what another has signed is not the same thing.
fn take(at: &At<'_>, item: Software, state: CoverageState, draft: &mut Draft<'_>) {
    if let Some(source) = &item.source {
        draft.cover(source, state);
    }
    let mut first = true;
    for install in installs(at) {
        let item = Software {
            team_id: install.team_id,
            sha256: install.sha256,
            path: install.path,
            ..item.clone()
        };
        if first {
            draft.item(at, item);
        } else {
            draft.item_too(at, item);
        }
        first = false;
    }
}

fn entry(at: &At<'_>, name: Option<String>, source: Option<String>) -> Software {
    let is_package = matches!(source.as_deref(), Some("rpm_packages" | "deb_packages"));
    let version = match (at.text("version"), at.text("release")) {
        (Some(version), Some(release)) if is_package => Some(format!("{version}-{release}")),
        (version, _) => version,
    };
    Software {
        package_id: name.clone().filter(|_| is_package),
        name: name.unwrap_or_default(),
        version,
        publisher: at.text("vendor"),
        source,
        bundle_id: at.first_text(&["bundle_identifier", "application_id"]),
        extension_id: at.text("extension_id"),
        cpe: at.text("generated_cpe"),
        ..Software::default()
    }
}

/// Where an entry is installed, and who signed it there.
#[derive(Default)]
struct Install {
    team_id: Option<String>,
    sha256: Option<Sha256>,
    path: Option<String>,
}

/// Signatures of an entry that are read.
const SIGNATURES: usize = 100;

/// The first place for each signature that is stated, and at least one.
fn installs(at: &At<'_>) -> Vec<Install> {
    let mut paths = at.texts("installed_paths");
    let mut installs: Vec<Install> = Vec::new();
    let mut known = HashSet::new();
    let signatures = at.list("signature_information");
    if signatures.len() > SIGNATURES {
        at.unread("has more than 100 signatures, and the others were left out");
    }
    for signature in signatures.into_iter().take(SIGNATURES) {
        if !matches!(signature.node(), Node::Object(_)) {
            signature.unread("is not an object, and was left out");
            continue;
        }
        let install = Install {
            team_id: signature.text("team_identifier"),
            sha256: executable(&signature),
            path: signature.text("installed_path"),
        };
        paths.extend(install.path.clone());
        if known.insert((install.team_id.clone(), install.sha256)) {
            installs.push(install);
        }
    }
    if installs.is_empty() {
        installs.push(Install::default());
    }
    if let [only] = installs.as_mut_slice() {
        only.path = only.path.take().or_else(|| paths.first().cloned());
    }
    let told: HashSet<&String> = installs
        .iter()
        .filter_map(|install| install.path.as_ref())
        .collect();
    if !paths.iter().all(|path| told.contains(path)) {
        at.changed("is installed at several paths; the first of each signature is in the facts");
    }
    installs
}

/// The hash of the executable. What Fleet calls `hash_sha256` is the hash of the code
/// directory.
fn executable(signature: &At<'_>) -> Option<Sha256> {
    let at = signature.get("executable_sha256")?;
    let hash = Sha256::from_hex(&at.as_text()?);
    if hash.is_none() {
        at.changed("is not 64 hexadecimal digits, and was left out");
    }
    hash
}

#[cfg(test)]
mod tests;
