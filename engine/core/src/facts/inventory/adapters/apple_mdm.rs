//! Apple device management: answers to commands and check-in messages as property lists,
//! and the status report of declarative management.
//!
//! An answer names the device by its UDID, or by the id of a user enrolment, which lists
//! managed apps only. Who the device is and what is on it come in answers of their own.

use crate::facts::inventory::Hosts;
use crate::facts::inventory::at::At;
use crate::facts::inventory::draft::Draft;
use crate::facts::inventory::format::{Adapter, Format};
use crate::facts::inventory::node::Node;
use crate::facts::{Attribute, CoverageState, Software};

pub(super) const ADAPTER: Adapter = Adapter {
    format: Format::AppleMdm,
    recognises: |node| is_answer(node) || is_check_in(node) || is_report(node),
    // Several answers may be of one device.
    tells_a_host: |_| false,
    read,
};

/// The keys under which answers carry what an inventory is made of.
const CONTENTS: [&str; 3] = [
    "InstalledApplicationList",
    "ManagedApplicationList",
    "QueryResponses",
];

/// How a device answers a command.
const STATUSES: [&str; 5] = [
    "Acknowledged",
    "Error",
    "CommandFormatError",
    "Idle",
    "NotNow",
];

fn names_device(node: &Node) -> bool {
    node.names("UDID") || node.names("EnrollmentID")
}

/// An answer to a command, or the question for the next one.
fn is_answer(node: &Node) -> bool {
    CONTENTS.into_iter().any(|key| node.names(key))
        || (names_device(node)
            && node
                .get("Status")
                .and_then(Node::as_text)
                .is_some_and(|status| STATUSES.contains(&status)))
}

/// What a device says of its enrolment.
fn is_check_in(node: &Node) -> bool {
    node.names_all(&["MessageType", "Topic"]) && names_device(node)
}

/// A status report of declarative management.
fn is_report(node: &Node) -> bool {
    matches!(node.get("StatusItems"), Some(Node::Object(_)))
}

fn read(top: &At<'_>, hosts: &mut Hosts<'_>) {
    let mut draft = hosts.draft();
    if is_report(top.node()) {
        read_report(top, &mut draft);
    } else {
        read_answer(top, &mut draft);
    }
    hosts.add(draft);
}

fn read_answer(top: &At<'_>, draft: &mut Draft<'_>) {
    draft.host_id(top.first_text(&["UDID", "EnrollmentID"]));
    if let Some(answers) = top.object("QueryResponses") {
        read_device(&answers, draft);
    }
    let source = source(draft.family(), top);
    let status = top.text("Status");
    if status.as_deref().is_some_and(|word| word != "Acknowledged") {
        draft.cover(source, CoverageState::NotCollected);
        top.skipped("the device did not carry the command out, so that this tells of no software");
        return;
    }
    // Of a device that is enrolled by its user, managed apps are all that may be listed.
    let by_user = !top.names("UDID") && top.names("EnrollmentID");
    let of_managed = if by_user {
        CoverageState::NotPermitted
    } else {
        CoverageState::Partial
    };
    if top.get("InstalledApplicationList").is_some() {
        for app in top.list("InstalledApplicationList") {
            read_installed(&app, source, draft);
        }
        let state = if by_user {
            of_managed
        } else {
            CoverageState::Complete
        };
        draft.cover(source, state);
    }
    if let Some(managed) = top.object("ManagedApplicationList") {
        for (id, app) in managed.fields() {
            read_managed(id, &app, source, draft);
        }
    }
    if top.get("ManagedApplicationList").is_some() {
        draft.cover(source, of_managed);
    }
    if !CONTENTS.into_iter().any(|key| top.names(key)) {
        top.skipped("this is a message about the device or its enrolment, and names no software");
    }
    draft.cover(source, CoverageState::NotCollected);
}

/// The source of the apps. An answer does not name the system; the UDID of a Mac is a UUID,
/// and that of other devices is not.
fn source(family: Option<&str>, top: &At<'_>) -> &'static str {
    let is_mac = match family {
        Some(family) => family == "macos",
        None => top.text("UDID").is_some_and(|id| {
            let groups: Vec<usize> = id.split('-').map(str::len).collect();
            groups == [8, 4, 4, 4, 12]
        }),
    };
    if is_mac { "apps" } else { "ios_apps" }
}

fn read_device(device: &At<'_>, draft: &mut Draft<'_>) {
    let named = device.first_text(&["UDID", "SerialNumber"]);
    if named.is_some() {
        draft.host_id(named);
    }
    let model = device.first_text(&["ProductName", "Model"]);
    let marketed = device.text("ModelName");
    let words = [model.as_deref(), marketed.as_deref()];
    let family = words.into_iter().flatten().find_map(family);
    draft.system(family, device.text("OSVersion"), None);
    if let Some(word) = words.into_iter().flatten().find_map(form_factor) {
        draft.form_factor(word);
    }
    draft.text_attribute("os_build", device.text("BuildVersion"));
    draft.text_attribute("device_name", device.text("DeviceName"));
    draft.text_attribute("host_name", device.text("HostName"));
    draft.text_attribute("model", marketed);
    if let Some(supervised) = device.flag("IsSupervised") {
        draft.attribute("supervised", Attribute::Bool(supervised));
    }
}

/// The system of a model, by the word it begins with.
fn family(model: &str) -> Option<&'static str> {
    let families = [
        ("iPhone", "ios"),
        ("iPod", "ios"),
        ("iPad", "ipados"),
        ("AppleTV", "tvos"),
        ("Apple TV", "tvos"),
        ("Watch", "watchos"),
        ("RealityDevice", "visionos"),
        ("Mac", "macos"),
        ("iMac", "macos"),
        ("VirtualMac", "macos"),
    ];
    of_model(&families, model)
}

fn form_factor(model: &str) -> Option<&'static str> {
    let factors = [
        ("iPhone", "mobile"),
        ("iPod", "mobile"),
        ("iPad", "mobile"),
        ("MacBook", "laptop"),
        ("iMac", "desktop"),
        ("Macmini", "desktop"),
        ("Mac mini", "desktop"),
        ("MacPro", "desktop"),
        ("Mac Pro", "desktop"),
        ("Mac Studio", "desktop"),
        ("VirtualMac", "virtual"),
    ];
    of_model(&factors, model)
}

fn of_model(table: &[(&str, &'static str)], model: &str) -> Option<&'static str> {
    let found = table.iter().find(|(start, _)| model.starts_with(start));
    found.map(|(_, word)| *word)
}

fn read_installed(app: &At<'_>, source: &str, draft: &mut Draft<'_>) {
    let Node::Object(_) = app.node() else {
        draft.lose(app, "the app is not a dictionary");
        return;
    };
    if app.flag("Installing") == Some(true) {
        draft.skip(app, "the app is still being downloaded");
        return;
    }
    let item = Software {
        name: app.text("Name").unwrap_or_default(),
        version: app.first_text(&["ShortVersion", "Version"]),
        source: Some(source.to_owned()),
        bundle_id: app.text("Identifier"),
        ..Software::default()
    };
    draft.item(app, item);
}

fn read_managed(id: &str, app: &At<'_>, source: &str, draft: &mut Draft<'_>) {
    let Node::Object(_) = app.node() else {
        draft.lose(app, "the app is not a dictionary");
        return;
    };
    let Some(status) = app.text("Status") else {
        draft.lose(
            app,
            "the app has no status, so that it cannot be told whether it is installed",
        );
        return;
    };
    match status.as_str() {
        "Managed"
        | "UserInstalledApp"
        | "PromptingForUpdate"
        | "PromptingForUpdateLogin"
        | "PromptingForManagement"
        | "ValidatingUpdate"
        | "Updating"
        | "UpdateRejected"
        | "ManagementRejected" => draft.item(
            app,
            Software {
                name: id.to_owned(),
                source: Some(source.to_owned()),
                bundle_id: Some(id.to_owned()),
                ..Software::default()
            },
        ),
        "Queued"
        | "NeedsRedemption"
        | "Redeeming"
        | "Prompting"
        | "PromptingForLogin"
        | "ValidatingPurchase"
        | "Installing"
        | "ManagedButUninstalled"
        | "UserRejected"
        | "Failed" => draft.skip(
            app,
            format!("the app is not installed: its status is `{status}`"),
        ),
        _ => draft.lose(
            app,
            format!("whether the app is installed cannot be told: its status is `{status}`"),
        ),
    }
}

fn read_report(top: &At<'_>, draft: &mut Draft<'_>) {
    let Some(items) = top.object("StatusItems") else {
        return;
    };
    let device = items.object("device");
    let part = |key| device.as_ref().and_then(|device| device.object(key));
    if let Some(identifier) = part("identifier") {
        draft.host_id(identifier.first_text(&["udid", "serial-number"]));
    }
    if let Some(system) = part("operating-system") {
        let family = system.text("family");
        draft.system(family.as_deref(), system.text("version"), None);
        draft.text_attribute("os_build", system.text("build-version"));
    }
    if let Some(model) = part("model") {
        let names = ["identifier", "marketing-name"].map(|key| model.text(key));
        if let Some(word) = names.iter().flatten().find_map(|name| form_factor(name)) {
            draft.form_factor(word);
        }
        let [_, marketed] = names;
        draft.text_attribute("model", marketed);
    }
    let apps = match draft.family() {
        Some("macos") => "apps",
        _ => "ios_apps",
    };
    let mut found = false;
    let managed = items.object("app").and_then(|app| app.object("managed"));
    for (at, source) in [
        (managed, apps),
        (items.object("package"), "package_receipts"),
    ] {
        let Some(at) = at.filter(|at| at.get("list").is_some()) else {
            continue;
        };
        found = true;
        for entry in at.list("list") {
            read_status(&entry, source, draft);
        }
        draft.cover(source, CoverageState::Partial);
    }
    for error in top.list("Errors") {
        if let Some(item @ ("app.managed.list" | "package.list")) =
            error.text("StatusItem").as_deref()
        {
            error.unread(format!("the device could not report `{item}`"));
        }
    }
    if !found {
        top.skipped("a status report without a list of apps names no software");
    }
    draft.cover(apps, CoverageState::NotCollected);
}

/// An app or package that declarative management installed, or is to install.
fn read_status(entry: &At<'_>, source: &str, draft: &mut Draft<'_>) {
    let Node::Object(_) = entry.node() else {
        draft.lose(entry, "the entry is not an object");
        return;
    };
    if entry.flag("_removed") == Some(true) {
        draft.skip(entry, "it was removed from the device");
        return;
    }
    match entry.text("state").as_deref() {
        None | Some("managed" | "installed" | "prompting-for-management") => {}
        Some(
            state @ ("optional"
            | "queued"
            | "not-present"
            | "prompting-for-consent"
            | "prompting-for-login"
            | "downloading"
            | "installing"
            | "managed-but-uninstalled"
            | "failed"),
        ) => {
            draft.skip(
                entry,
                format!("it is not installed: its state is `{state}`"),
            );
            return;
        }
        Some(state) => {
            draft.lose(
                entry,
                format!("whether it is installed cannot be told: its state is `{state}`"),
            );
            return;
        }
    }
    let id = entry.text("identifier");
    let is_package = source == "package_receipts";
    let item = Software {
        name: entry.text("name").unwrap_or_default(),
        version: entry.first_text(&["short-version", "version"]),
        source: Some(source.to_owned()),
        bundle_id: id.clone().filter(|_| !is_package),
        package_id: id.filter(|_| is_package),
        ..Software::default()
    };
    draft.item(entry, item);
}

#[cfg(test)]
mod tests;
