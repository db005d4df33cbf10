//! Devices of the Classic API.

use crate::facts::inventory::at::At;
use crate::facts::inventory::draft::Draft;
use crate::facts::inventory::node::Node;
use crate::facts::{CoverageState, Software};

use super::super::devices::{attributes, family};

/// `{computer: {...}}` or `{mobile_device: {...}}`, with a section or more.
pub(super) fn is_device(node: &Node) -> bool {
    ["computer", "mobile_device"].into_iter().any(|key| {
        node.get(key).is_some_and(|device| {
            device.get("general").is_some() || device.names("software") || device.names("hardware")
        })
    })
}

pub(super) fn read_computer(computer: &At<'_>, draft: &mut Draft<'_>) {
    if let Some(general) = computer.object("general") {
        identify(&general, draft);
        draft.collected(general.instant("report_date_utc"));
        attributes(&general, draft, &[("supervised", "supervised")]);
        if let Some(management) = general.object("remote_management") {
            attributes(&management, draft, &[("managed", "managed")]);
        }
    }
    if let Some(hardware) = computer.object("hardware") {
        draft.system(
            hardware.text("os_name").as_deref().map(family).as_deref(),
            hardware.text("os_version"),
            hardware.text("processor_architecture"),
        );
        draft.text_attribute("os_build", hardware.text("os_build"));
    }
    if let Some(accounts) = computer.object("groups_accounts") {
        for group in accounts.texts("computer_group_memberships") {
            draft.group(group);
        }
    }
    super::read_applications(
        computer.object("software").as_ref(),
        "apps",
        CoverageState::Complete,
        draft,
        |at| super::computer_application(at, "bundle_id"),
    );
}

pub(super) fn read_mobile(device: &At<'_>, draft: &mut Draft<'_>) {
    let mut state = CoverageState::Complete;
    if let Some(general) = device.object("general") {
        identify(&general, draft);
        draft.system(
            general.text("os_type").as_deref().map(family).as_deref(),
            general.text("os_version"),
            None,
        );
        draft.text_attribute("os_build", general.text("os_build"));
        state = super::ownership(&general, "device_ownership_level", draft);
        let keys = ["managed", "supervised", "shared"].map(|key| (key, key));
        attributes(&general, draft, &keys);
        draft.collected(general.instant("last_inventory_update_utc"));
    }
    for group in device.list("mobile_device_groups") {
        if let Some(name) = group.text("name") {
            draft.group(name);
        }
    }
    super::read_applications(Some(device), "ios_apps", state, draft, |at| Software {
        name: at.text("application_name").unwrap_or_default(),
        version: super::mobile_version(at, "application_short_version", "application_version"),
        bundle_id: at.text("identifier"),
        ..Software::default()
    });
}

fn identify(general: &At<'_>, draft: &mut Draft<'_>) {
    draft.host_id(general.first_text(&["udid", "serial_number"]));
    super::site(general, draft);
}
