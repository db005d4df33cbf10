//! Workspace ONE UEM: devices, the apps of a device, and event notifications.

use crate::facts::inventory::Hosts;
use crate::facts::inventory::at::At;
use crate::facts::inventory::draft::Draft;
use crate::facts::inventory::format::{Adapter, Format};
use crate::facts::inventory::node::Node;
use crate::facts::{CoverageState, OwnerKind, Software};

use super::devices::{count, holds, is_object, main_source, notification, page, read_each};

pub(super) const ADAPTER: Adapter = Adapter {
    format: Format::WorkspaceOne,
    recognises: |node| is_host(node) || holds(node, "Devices", is_device) || is_apps(node),
    tells_a_host: is_host,
    read,
};

fn is_host(node: &Node) -> bool {
    is_event(node) || is_device(node)
}

fn is_event(node: &Node) -> bool {
    node.names_all(&["EventType", "DeviceUUID"])
}

fn is_device(node: &Node) -> bool {
    node.names_all(&["SerialNumber", "Platform"])
        && ["Uuid", "Udid", "Id"]
            .into_iter()
            .any(|key| node.names(key))
}

fn is_apps(node: &Node) -> bool {
    node.get("app_items").is_some_and(|apps| {
        node.names("TotalResults")
            || apps
                .as_list()
                .is_some_and(|apps| apps.iter().any(|app| app.names("installed_status")))
    })
}

fn read(top: &At<'_>, hosts: &mut Hosts<'_>) {
    if !is_host(top.node()) && top.names("Devices") {
        let devices = top.list("Devices");
        page(top, devices.len(), &["Total"], &[]);
        read_each(devices, hosts, |device, draft| {
            read_device(device, draft);
            read_apps(device, draft);
        });
        return;
    }
    let mut draft = hosts.draft();
    read_device(top, &mut draft);
    if is_event(top.node()) {
        let source = main_source(draft.family());
        notification(top, &mut draft, source);
    } else {
        read_apps(top, &mut draft);
    }
    hosts.add(draft);
}

fn read_device(device: &At<'_>, draft: &mut Draft<'_>) {
    let id = device.first_text(&["Uuid", "DeviceUUID", "Udid", "SerialNumber"]);
    let number = || device.object("Id").and_then(|id| id.text("Value"));
    draft.host_id(id.or_else(number));
    let platform = device.text("Platform");
    let family = platform.as_deref().map(family);
    draft.system(family, device.text("OperatingSystem"), None);
    draft.text_attribute("os_build", device.text("OSBuildVersion"));
    let ownership = device.text("Ownership");
    match ownership.as_deref() {
        Some(word) if word.starts_with("Corporate") => draft.owner_kind(OwnerKind::Business),
        Some(word) if word.starts_with("Employee") => draft.owner_kind(OwnerKind::Personal),
        _ => {}
    }
    draft.text_attribute("ownership_level", ownership);
    let location = device
        .object("LocationGroupId")
        .and_then(|group| group.text("Name"));
    let organisation = device.text("OrganizationGroupName");
    for group in [location, organisation].into_iter().flatten() {
        draft.group(group);
    }
    // A notification tells when something happened, not when the host was read.
    draft.collected(device.instant("LastSeen"));
}

fn read_apps(holder: &At<'_>, draft: &mut Draft<'_>) {
    // The list of apps does not say of which platform they are.
    let source = draft.family().map(|family| main_source(Some(family)));
    let main = source.unwrap_or_else(|| main_source(None));
    if holder.get("app_items").is_none() {
        draft.cover(main, CoverageState::NotCollected);
        return;
    }
    let apps = holder.list("app_items");
    let is_part = count(holder, "TotalResults").is_some_and(|all| all > apps.len());
    // Of what an employee owns, the system may keep to the apps that it manages.
    let is_own = draft.owned_as() == Some(OwnerKind::Personal);
    for app in apps {
        if is_object(&app, draft) {
            read_app(&app, source, draft);
        }
    }
    let state = if is_part || is_own {
        CoverageState::Partial
    } else {
        CoverageState::Complete
    };
    draft.cover(main, state);
}

fn read_app(app: &At<'_>, source: Option<&str>, draft: &mut Draft<'_>) {
    let status = app.text("installed_status");
    let word = status
        .as_deref()
        .map(|status| status.to_ascii_lowercase().replace([' ', '_'], ""));
    match word.as_deref() {
        Some("installed") => {
            let item = Software {
                name: app.text("name").unwrap_or_default(),
                version: app.text("installed_version"),
                source: source.map(str::to_owned),
                bundle_id: app.text("bundle_id"),
                ..Software::default()
            };
            draft.item(app, item);
        }
        Some("notinstalled" | "uninstalled" | "removed") => {
            draft.skip(app, "the app is not installed, as its status says");
        }
        Some(_) => draft.lose(
            app,
            format!(
                "whether the app is installed cannot be told: its status is `{}`",
                status.unwrap_or_default()
            ),
        ),
        None => draft.lose(app, "whether the app is installed is not said"),
    }
}

/// The family of a platform. Phones and tablets of Apple are one platform.
fn family(platform: &str) -> &str {
    match platform {
        "Apple" => "ios",
        "AppleOsX" => "macos",
        "WinRT" => "windows",
        _ => platform,
    }
}

#[cfg(test)]
mod tests;
