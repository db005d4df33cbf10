//! What the adapters of device management have in common.

use crate::facts::inventory::Hosts;
use crate::facts::inventory::at::At;
use crate::facts::inventory::draft::Draft;
use crate::facts::inventory::node::Node;
use crate::facts::{Attribute, CoverageState};

/// The source that a host of this family is expected to have.
pub(super) fn main_source(family: Option<&str>) -> &'static str {
    match family {
        Some("macos") => "apps",
        Some("windows") => "programs",
        Some("ios" | "ipados" | "tvos") => "ios_apps",
        Some("android") => "android_apps",
        _ => "software",
    }
}

/// The family of a platform by the words that management systems have for it. A word that
/// is not known stays as it is.
pub(super) fn family(platform: &str) -> String {
    let platform = platform.to_ascii_lowercase();
    match platform.as_str() {
        "mac" | "mac os x" | "os x" => "macos".to_owned(),
        "iphone" | "ipod" => "ios".to_owned(),
        "ipad" => "ipados".to_owned(),
        "appletv" | "apple tv" => "tvos".to_owned(),
        android if android.starts_with("android") => "android".to_owned(),
        _ => platform,
    }
}

/// Takes what a management system states about a device for attributes: the key of the
/// document and the key of the attribute.
pub(super) fn attributes(at: &At<'_>, draft: &mut Draft<'_>, keys: &[(&str, &str)]) {
    for (key, attribute) in keys {
        match at.flag(key) {
            Some(flag) => draft.attribute(attribute, Attribute::Bool(flag)),
            None => draft.text_attribute(attribute, at.text(key)),
        }
    }
}

/// Whether a list under a key has a value of a kind.
pub(super) fn holds(node: &Node, key: &str, kind: fn(&Node) -> bool) -> bool {
    node.get(key)
        .and_then(Node::as_list)
        .is_some_and(|values| values.iter().any(kind))
}

/// Whether it is an object; else the record is unread.
pub(super) fn is_object(at: &At<'_>, draft: &mut Draft<'_>) -> bool {
    let is = matches!(at.node(), Node::Object(_));
    if !is {
        draft.lose(at, "the record is not an object");
    }
    is
}

/// Reads each device of a list as a host of its own, whatever it is.
pub(super) fn read_each(
    devices: Vec<At<'_>>,
    hosts: &mut Hosts<'_>,
    read: impl Fn(&At<'_>, &mut Draft<'_>),
) {
    for device in devices {
        let mut draft = hosts.draft();
        if is_object(&device, &mut draft) {
            read(&device, &mut draft);
        }
        hosts.add(draft);
    }
}

/// Says that a document is a notification, of which nothing is judged.
pub(super) fn notification(at: &At<'_>, draft: &mut Draft<'_>, source: &str) {
    draft.cover(source, CoverageState::NotCollected);
    at.skipped(
        "the document is a notification: it names no software, so ask the system for the device's inventory",
    );
}

/// Says that a list of devices is one page of several, as far as the document tells it: how
/// many there are in all, under one of `totals`, or where the next page is, under one of
/// `nexts`.
pub(super) fn page(top: &At<'_>, here: usize, totals: &[&str], nexts: &[&str]) {
    let all = totals.iter().find_map(|key| count(top, key));
    let has_next = nexts.iter().any(|key| top.get(key).is_some());
    match all {
        Some(all) if all > here => top.changed(format!(
            "this page has {here} of {all} devices: the others are on pages that this document does not hold"
        )),
        _ if has_next => top.changed(
            "this page is not the last: more devices are on pages that this document does not hold",
        ),
        _ => {}
    }
}

/// The number under a key.
pub(super) fn count(at: &At<'_>, key: &str) -> Option<usize> {
    at.text(key)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::testing::hosts;
    use crate::facts::inventory::{Format, RemarkKind};

    #[test]
    fn a_page_of_several_is_told_for_what_it_is() {
        let android = r#""devices": [{"name": "enterprises/e/devices/d"}]"#;
        let intune = r#""value": [{"id": "i", "managedDeviceOwnerType": "company"}]"#;
        let jamf = r#""results": [{"udid": "u", "general": {}, "hardware": {}}]"#;
        let workspace = r#""Devices": [{"Uuid": "u", "SerialNumber": "s", "Platform": "Apple"}]"#;
        for (format, devices, last, page) in [
            (Format::Android, android, "", r#", "nextPageToken": "t""#),
            (Format::Intune, intune, "", r#", "@odata.nextLink": "u""#),
            (
                Format::Intune,
                intune,
                r#", "@odata.count": 1"#,
                r#", "@odata.count": 2"#,
            ),
            (
                Format::Jamf,
                jamf,
                r#", "totalCount": 1"#,
                r#", "totalCount": "2""#,
            ),
            (
                Format::WorkspaceOne,
                workspace,
                r#", "Total": 1"#,
                r#", "Total": 2"#,
            ),
        ] {
            let told = |rest: &str| {
                let hosts = hosts(format, &format!("{{{devices}{rest}}}"));
                let mut remarks = hosts.into_iter().flat_map(|host| host.remarks);
                remarks.find(|remark| remark.message.contains("page"))
            };
            assert_eq!(told(last), None, "{devices}");
            let remark = told(page).unwrap();
            assert_eq!(remark.kind, RemarkKind::Changed, "{devices}");
        }
    }
}
