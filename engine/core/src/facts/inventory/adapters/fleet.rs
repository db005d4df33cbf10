//! Fleet: a host with its software (`GET /hosts/:id`), the software of a host by title
//! (`GET /hosts/:id/software`), or one entry of it.

use crate::facts::inventory::Hosts;
use crate::facts::inventory::at::At;
use crate::facts::inventory::draft::Draft;
use crate::facts::inventory::format::{Adapter, Format};
use crate::facts::inventory::node::Node;
use crate::facts::{CoverageState, OwnerKind, Sha256, Software};

pub(super) const ADAPTER: Adapter = Adapter {
    format: Format::Fleet,
    recognises: |node| is_host(node) || is_titles(node) || is_entry(node),
    tells_a_host: is_host,
    read,
};

/// `{host: {...}}`, with software or without.
fn is_host(node: &Node) -> bool {
    node.get("host").is_some_and(|host| {
        host.names("software") || host.names("hardware_serial") || host.names("osquery_version")
    })
}

/// Software by title. A title of which nothing is installed has an empty list of versions.
fn is_titles(node: &Node) -> bool {
    node.first_of("software")
        .is_some_and(|title| title.names("installed_versions"))
}

/// One entry of a host's software.
fn is_entry(node: &Node) -> bool {
    node.names_all(&["name", "version", "source", "bundle_identifier"])
}

fn read(top: &At<'_>, hosts: &mut Hosts<'_>) {
    let mut draft = hosts.draft();
    if let Some(host) = top.object("host") {
        read_host(&host, &mut draft);
    } else if top.names("software") {
        for title in top.list("software") {
            read_title(&title, &mut draft);
        }
    } else {
        read_entry(top, &mut draft);
    }
    hosts.add(draft);
}

fn read_host(host: &At<'_>, draft: &mut Draft<'_>) {
    draft.host_id(host.first_text(&["uuid", "hardware_serial", "id"]));
    let platform = host.text("platform");
    let family = platform.as_deref().map(family);
    draft.system(family, host.text("os_version"), host.text("cpu_type"));
    draft.collected(
        ["software_updated_at", "detail_updated_at", "seen_time"]
            .into_iter()
            .find_map(|key| host.instant(key)),
    );
    let status = host
        .get("mdm")
        .and_then(|mdm| mdm.text("enrollment_status"));
    match status.map(|status| status.to_lowercase()) {
        Some(status) if status.contains("personal") => draft.owner_kind(OwnerKind::Personal),
        Some(status) if status.contains("company") => draft.owner_kind(OwnerKind::Business),
        _ => {}
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
    for entry in host.list("software") {
        read_entry(&entry, draft);
    }
    draft.cover(main, CoverageState::Complete);
}

/// The family of a platform: Fleet names Linux hosts by their distribution.
fn family(platform: &str) -> &str {
    match platform {
        "darwin" => "macos",
        "windows" | "ios" | "ipados" | "android" | "chrome" => platform,
        _ => "linux",
    }
}

/// The source that a host of this family is expected to have.
fn main_source(family: Option<&str>) -> &'static str {
    match family {
        Some("macos") => "apps",
        Some("windows") => "programs",
        Some("ios" | "ipados") => "ios_apps",
        Some("android") => "android_apps",
        _ => "software",
    }
}

fn read_title(title: &At<'_>, draft: &mut Draft<'_>) {
    let versions = title.list("installed_versions");
    if versions.is_empty() {
        draft.skip(title, "no version of the title is installed");
        return;
    }
    for version in versions {
        let mut item = entry(&version);
        item.name = title.text("name").unwrap_or_default();
        item.source = title.text("source");
        item.extension_id = item.extension_id.or_else(|| title.text("extension_id"));
        finish(&version, item, draft);
    }
}

fn read_entry(entry_at: &At<'_>, draft: &mut Draft<'_>) {
    let Node::Object(_) = entry_at.node() else {
        draft.lose(entry_at, "the entry is not an object");
        return;
    };
    let item = entry(entry_at);
    finish(entry_at, item, draft);
}

fn finish(at: &At<'_>, item: Software, draft: &mut Draft<'_>) {
    if let Some(source) = &item.source {
        draft.cover(source, CoverageState::Complete);
    }
    draft.item(at, item);
}

fn entry(at: &At<'_>) -> Software {
    let source = at.text("source");
    let joins_release = matches!(source.as_deref(), Some("rpm_packages" | "deb_packages"));
    let version = match (at.text("version"), at.text("release")) {
        (Some(version), Some(release)) if joins_release => Some(format!("{version}-{release}")),
        (version, _) => version,
    };
    let name = at.text("name").unwrap_or_default();
    let signature = at.list("signature_information").into_iter().next();
    let signed = |key| signature.as_ref().and_then(|signature| signature.text(key));
    let hash = signed("executable_sha256").and_then(|hex| Sha256::from_hex(&hex));
    Software {
        package_id: (joins_release && !name.is_empty()).then(|| name.clone()),
        name,
        version,
        publisher: at.text("vendor"),
        source,
        bundle_id: at.first_text(&["bundle_identifier", "application_id"]),
        extension_id: at.text("extension_id"),
        team_id: signed("team_identifier"),
        sha256: hash,
        cpe: at.text("generated_cpe"),
        path: at
            .texts("installed_paths")
            .into_iter()
            .next()
            .or_else(|| signed("installed_path")),
        ..Software::default()
    }
}
