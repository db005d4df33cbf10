//! Microsoft Intune: managed devices and detected apps of Microsoft Graph, and the rows of
//! the report `AppInvRawData`.
//!
//! Apps that Intune does not manage are listed of devices that are marked as the company's
//! only, so that any other list is a part.

mod rows;

use crate::facts::inventory::Hosts;
use crate::facts::inventory::at::At;
use crate::facts::inventory::draft::Draft;
use crate::facts::inventory::format::{Adapter, Format};
use crate::facts::inventory::node::Node;
use crate::facts::{CoverageState, OwnerKind, Software};

use super::devices::{attributes, family, holds, is_object, main_source, page, read_each};

pub(super) use self::rows::{read_csv, recognises_csv};

pub(super) const ADAPTER: Adapter = Adapter {
    format: Format::Intune,
    recognises: |node| {
        let value = node.get("value").or_else(|| node.get("values"));
        is_of_intune(node) || value.is_some_and(is_of_intune)
    },
    tells_a_host: |node| is_device(node) || node.get("value").is_some_and(is_device),
    read,
};

fn is_of_intune(node: &Node) -> bool {
    let is_known = |node| is_device(node) || is_app(node) || rows::is_row(node);
    match node.as_list() {
        Some(values) => values.iter().any(is_known),
        None => is_device(node),
    }
}

fn is_device(node: &Node) -> bool {
    node.names("managedDeviceOwnerType")
        || is_typed(node, "#microsoft.graph.managedDevice")
        || holds(node, "detectedApps", is_app)
}

fn is_app(node: &Node) -> bool {
    node.names_all(&["displayName", "sizeInByte"]) || is_typed(node, "#microsoft.graph.detectedApp")
}

fn is_typed(node: &Node, name: &str) -> bool {
    node.get("@odata.type").and_then(Node::as_text) == Some(name)
}

fn read(top: &At<'_>, hosts: &mut Hosts<'_>) {
    let body = ["value", "values"]
        .iter()
        .find_map(|key| top.get(key))
        .filter(|_| !is_device(top.node()))
        .unwrap_or_else(|| top.clone());
    let Node::List(values) = body.node() else {
        let mut draft = hosts.draft();
        read_device(&body, &mut draft);
        hosts.add(draft);
        return;
    };
    if values.iter().any(is_device) {
        page(top, values.len(), &["@odata.count"], &["@odata.nextLink"]);
        read_each(body.elements(), hosts, read_device);
    } else if values.iter().any(rows::is_row) {
        rows::read(body.elements(), hosts);
    } else {
        let mut draft = hosts.draft();
        body.changed(
            "the list is one of apps and does not say of which device, so that it is taken for a part of what is on one",
        );
        for app in body.elements() {
            read_app(&app, CoverageState::Partial, &mut draft);
        }
        draft.cover(main_source(None), CoverageState::Partial);
        hosts.add(draft);
    }
}

fn read_device(device: &At<'_>, draft: &mut Draft<'_>) {
    let directory_id = device.text("azureADDeviceId").filter(|id| !is_zero(id));
    draft.host_id(directory_id.or_else(|| device.first_text(&["id", "serialNumber"])));
    let (version, build) = device.text("osVersion").map_or((None, None), with_build);
    let platform = device.text("operatingSystem");
    draft.system(platform.as_deref().map(family).as_deref(), version, None);
    draft.text_attribute("os_build", build);
    let owner = device.text("managedDeviceOwnerType");
    match owner.as_deref() {
        Some("company") => draft.owner_kind(OwnerKind::Business),
        Some("personal") => draft.owner_kind(OwnerKind::Personal),
        _ => {}
    }
    attributes(
        device,
        draft,
        &[
            ("deviceEnrollmentType", "enrollment_type"),
            ("isSupervised", "supervised"),
            ("userPrincipalName", "user_principal_name"),
        ],
    );
    if let Some(category) = device.text("deviceCategoryDisplayName") {
        draft.group(category);
    }
    draft.collected(device.instant("lastSyncDateTime"));
    let main = main_source(draft.family());
    if device.get("detectedApps").is_none() {
        draft.cover(main, CoverageState::NotCollected);
        return;
    }
    let goes_on = device.get("detectedApps@odata.nextLink").is_some();
    let state = if owner.as_deref() == Some("company") && !goes_on {
        CoverageState::Complete
    } else {
        CoverageState::Partial
    };
    for app in device.list("detectedApps") {
        read_app(&app, state, draft);
    }
    draft.cover(main, state);
}

/// An app as Graph has it. Its `id` is Intune's own.
fn read_app(app: &At<'_>, state: CoverageState, draft: &mut Draft<'_>) {
    if is_object(app, draft) {
        let keys = ["displayName", "version", "publisher", "platform"];
        take(app, keys, state, draft);
    }
}

/// Takes an app with the name, the version, the publisher and the platform under these keys.
fn take(at: &At<'_>, keys: [&str; 4], state: CoverageState, draft: &mut Draft<'_>) {
    let [name, version, publisher, platform] = keys;
    let source = at.text(platform).and_then(|platform| source(&platform));
    if let Some(source) = source {
        draft.cover(source, state);
    }
    let item = Software {
        name: at.text(name).unwrap_or_default(),
        version: at.text(version),
        publisher: at.text(publisher),
        source: source.map(str::to_owned),
        ..Software::default()
    };
    draft.item(at, item);
}

/// The source of an app's platform, such as `androidWorkProfile`.
fn source(platform: &str) -> Option<&'static str> {
    let platform = platform.to_ascii_lowercase();
    ["windows", "macos", "ios", "android"]
        .into_iter()
        .find(|family| platform.starts_with(family))
        .map(|family| main_source(Some(family)))
}

/// A version such as `14.5 (23F79)` and its build.
fn with_build(text: String) -> (Option<String>, Option<String>) {
    let parts = text
        .strip_suffix(')')
        .and_then(|rest| rest.split_once(" ("));
    match parts {
        Some((version, build)) => (Some(version.to_owned()), Some(build.to_owned())),
        None => (Some(text), None),
    }
}

/// Whether it is the id of a device that no directory knows.
fn is_zero(id: &str) -> bool {
    id.bytes().all(|byte| matches!(byte, b'0' | b'-'))
}

#[cfg(test)]
mod tests;
