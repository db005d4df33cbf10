//! Jamf: computers and mobile devices of the Classic API, in XML or JSON, and of the Pro API,
//! and webhooks.
//!
//! It states no publisher and no signer. A section that was not asked for is not there, or
//! null.

mod classic;
mod pro;

use crate::facts::inventory::Hosts;
use crate::facts::inventory::at::At;
use crate::facts::inventory::draft::Draft;
use crate::facts::inventory::format::{Adapter, Format};
use crate::facts::inventory::node::Node;
use crate::facts::{CoverageState, OwnerKind, Software};

use super::devices::{holds, is_object, main_source, notification, page, read_each};

pub(super) const ADAPTER: Adapter = Adapter {
    format: Format::Jamf,
    recognises: |node| is_host(node) || holds(node, "results", pro::is_device),
    tells_a_host: is_host,
    read,
};

fn is_host(node: &Node) -> bool {
    is_webhook(node) || classic::is_device(node) || pro::is_device(node)
}

fn is_webhook(node: &Node) -> bool {
    node.names("event")
        && node
            .get("webhook")
            .is_some_and(|webhook| webhook.names("webhookEvent"))
}

fn read(top: &At<'_>, hosts: &mut Hosts<'_>) {
    if !is_host(top.node()) {
        let devices = top.list("results");
        page(top, devices.len(), &["totalCount"], &[]);
        read_each(devices, hosts, pro::read);
        return;
    }
    let mut draft = hosts.draft();
    if is_webhook(top.node()) {
        read_webhook(top, &mut draft);
    } else if let Some(computer) = top.object("computer") {
        classic::read_computer(&computer, &mut draft);
    } else if let Some(device) = top.object("mobile_device") {
        classic::read_mobile(&device, &mut draft);
    } else {
        pro::read(top, &mut draft);
    }
    hosts.add(draft);
}

/// A notification. Of what happens to a computer beside its inventory, the computer stands
/// in an object of its own.
fn read_webhook(top: &At<'_>, draft: &mut Draft<'_>) {
    let word = top
        .object("webhook")
        .and_then(|webhook| webhook.text("webhookEvent"))
        .unwrap_or_default();
    if let Some(event) = top.object("event") {
        let device = event.object("computer").unwrap_or(event);
        draft.host_id(device.first_text(&["udid", "serialNumber"]));
        draft.system(None, device.text("osVersion"), None);
        draft.text_attribute("os_build", device.text("osBuild"));
    }
    let source = match word.as_str() {
        word if word.starts_with("Computer") => "apps",
        word if word.starts_with("MobileDevice") => "ios_apps",
        _ => main_source(None),
    };
    notification(top, draft, source);
}

/// Reads the applications under a key, if there are any to be read.
fn read_applications(
    holder: Option<&At<'_>>,
    source: &'static str,
    state: CoverageState,
    draft: &mut Draft<'_>,
    item: fn(&At<'_>) -> Software,
) {
    let Some(holder) = holder.filter(|holder| holder.get("applications").is_some()) else {
        draft.cover(source, CoverageState::NotCollected);
        return;
    };
    for application in holder.list("applications") {
        if is_object(&application, draft) {
            let item = Software {
                source: Some(source.to_owned()),
                ..item(&application)
            };
            draft.item(&application, item);
        }
    }
    draft.cover(source, state);
}

/// An application of a computer. The two APIs differ in the key of its bundle id.
fn computer_application(at: &At<'_>, bundle_id: &str) -> Software {
    Software {
        name: at.text("name").unwrap_or_default(),
        version: at.text("version"),
        bundle_id: at.text(bundle_id),
        path: at.text("path"),
        ..Software::default()
    }
}

/// The version of a mobile application: the short one, which is compared.
fn mobile_version(at: &At<'_>, short: &str, long: &str) -> Option<String> {
    let (short, long) = (at.text(short), at.text(long));
    if short.is_some() && long.is_some() && short != long {
        at.changed("has two versions that differ; the short one is in the facts");
    }
    short.or(long)
}

/// Who owns a mobile device, as far as the word says it: of an institution it is not told
/// which kind it is. Of a person's own device, management sees what it installed.
fn ownership(at: &At<'_>, key: &str, draft: &mut Draft<'_>) -> CoverageState {
    let level = at.text(key);
    let is_personal = level
        .as_ref()
        .is_some_and(|level| level.to_ascii_lowercase().contains("personal"));
    draft.text_attribute("ownership_level", level);
    if is_personal {
        draft.owner_kind(OwnerKind::Personal);
        return CoverageState::Partial;
    }
    CoverageState::Complete
}

/// Takes the site of a device for a group. None at all is a site that is called None.
fn site(general: &At<'_>, draft: &mut Draft<'_>) {
    if let Some(site) = general.object("site")
        && site.text("id").as_deref() != Some("-1")
        && let Some(name) = site.text("name")
    {
        draft.group(name);
    }
}

#[cfg(test)]
mod tests;
