//! Devices of the Pro API.

use crate::facts::inventory::at::At;
use crate::facts::inventory::draft::Draft;
use crate::facts::inventory::node::Node;
use crate::facts::{CoverageState, Software};

use super::super::devices::{attributes, family};

/// A computer or a mobile device, with or without what its sections hold.
pub(super) fn is_device(node: &Node) -> bool {
    let is_computer = node.names_all(&["general", "hardware"])
        && ["udid", "operatingSystem", "applications"]
            .into_iter()
            .any(|key| node.names(key));
    is_computer || is_mobile(node)
}

fn is_mobile(node: &Node) -> bool {
    node.names_all(&["mobileDeviceId", "general"])
}

pub(super) fn read(device: &At<'_>, draft: &mut Draft<'_>) {
    let general = device.object("general");
    let general = general.as_ref();
    let serial = device
        .object("hardware")
        .and_then(|hardware| hardware.text("serialNumber"));
    let managed_as = general.and_then(|general| general.text("managementId"));
    if let Some(general) = general {
        attributes(general, draft, &[("supervised", "supervised")]);
        super::site(general, draft);
    }
    if is_mobile(device.node()) {
        let udid = general.and_then(|general| general.text("udid"));
        let id = || device.text("mobileDeviceId");
        draft.host_id(udid.or(serial).or(managed_as).or_else(id));
        read_mobile(device, general, draft);
    } else {
        let udid = device.text("udid");
        let id = || device.text("id");
        draft.host_id(udid.or(serial).or(managed_as).or_else(id));
        read_computer(device, general, draft);
    }
}

fn read_computer(computer: &At<'_>, general: Option<&At<'_>>, draft: &mut Draft<'_>) {
    if let Some(system) = computer.object("operatingSystem") {
        draft.system(
            system.text("name").as_deref().map(family).as_deref(),
            system.text("version"),
            None,
        );
        draft.text_attribute("os_build", system.text("build"));
    }
    for group in computer.list("groupMemberships") {
        if let Some(name) = group.text("groupName") {
            draft.group(name);
        }
    }
    if let Some(general) = general {
        draft.collected(general.instant("reportDate"));
        attributes(
            general,
            draft,
            &[
                ("userApprovedMdm", "user_approved_mdm"),
                (
                    "enrolledViaAutomatedDeviceEnrollment",
                    "automated_enrollment",
                ),
            ],
        );
        if let Some(management) = general.object("remoteManagement") {
            attributes(&management, draft, &[("managed", "managed")]);
        }
    }
    super::read_applications(
        Some(computer),
        "apps",
        CoverageState::Complete,
        draft,
        |at| super::computer_application(at, "bundleId"),
    );
}

fn read_mobile(device: &At<'_>, general: Option<&At<'_>>, draft: &mut Draft<'_>) {
    let family = device.text("deviceType").as_deref().map(family);
    let mut state = CoverageState::Complete;
    let mut version = None;
    if let Some(general) = general {
        version = general.text("osVersion");
        draft.text_attribute("os_build", general.text("osBuild"));
        attributes(general, draft, &[("managed", "managed")]);
        state = super::ownership(general, "deviceOwnershipType", draft);
        draft.collected(general.instant("lastInventoryUpdateDate"));
    }
    draft.system(family.as_deref(), version, None);
    for group in device.list("groups") {
        if let Some(name) = group.text("groupName") {
            draft.group(name);
        }
    }
    super::read_applications(Some(device), "ios_apps", state, draft, |at| Software {
        name: at.text("name").unwrap_or_default(),
        version: super::mobile_version(at, "shortVersion", "version"),
        bundle_id: at.first_text(&["identifier", "bundleId"]),
        ..Software::default()
    });
}
