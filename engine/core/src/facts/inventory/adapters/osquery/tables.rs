//! The tables of osquery that tell of software, and their columns.

use crate::facts::Software;
use crate::facts::inventory::at::At;
use crate::facts::inventory::node::Node;
use crate::instant::Instant;

/// The table that tells of the system.
pub(super) const SYSTEM: &str = "os_version";

/// Tables that list what is installed.
const INVENTORIES: [&str; 12] = [
    "programs",
    "apps",
    "deb_packages",
    "rpm_packages",
    "chrome_extensions",
    "vscode_extensions",
    "python_packages",
    "npm_packages",
    "homebrew_packages",
    "firefox_addons",
    "safari_extensions",
    "chocolatey_packages",
];

/// Tables that tell of software otherwise, or of the system.
const OTHERS: [&str; 6] = [
    "running_apps",
    "processes",
    "services",
    "drivers",
    "signature",
    SYSTEM,
];

/// Whether a table lists what is installed.
pub(super) fn is_inventory(table: &str) -> bool {
    INVENTORIES.contains(&table)
}

/// The source of the items of a table.
pub(super) fn source(table: &'static str) -> &'static str {
    match table {
        "running_apps" => "apps",
        _ => table,
    }
}

/// The table that the name of a query names, as whole words: the last one, and of several
/// there the longest.
pub(super) fn of_query(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let is_part = |character: Option<char>| character.is_some_and(char::is_alphanumeric);
    let end_in = |table: &str| {
        let mut found = name.rmatch_indices(table).map(|(at, _)| {
            let end = at + table.len();
            let before = name.get(..at).and_then(|text| text.chars().next_back());
            let after = name.get(end..).and_then(|text| text.chars().next());
            (end, is_part(before) || is_part(after))
        });
        found.find(|(_, is_inside)| !is_inside).map(|(end, _)| end)
    };
    INVENTORIES
        .into_iter()
        .chain(OTHERS)
        .filter_map(|table| Some((end_in(table)?, table.len(), table)))
        .max()
        .map(|(_, _, table)| table)
}

/// The table that has such columns.
pub(super) fn of_row(row: &Node) -> Option<&'static str> {
    let marks: [(&[&str], &str); 7] = [
        (&["identifying_number"], "programs"),
        (&["bundle_identifier", "bundle_short_version"], "apps"),
        (&["maintainer", "status"], "deb_packages"),
        (&["release", "epoch"], "rpm_packages"),
        (&["browser_type", "identifier"], "chrome_extensions"),
        (&["vscode_edition"], "vscode_extensions"),
        (&["team_identifier", "signed"], "signature"),
    ];
    let by_columns = marks
        .into_iter()
        .find(|(columns, _)| row.names_all(columns))
        .map(|(_, table)| table);
    by_columns.or_else(|| {
        // Queries that join tables say in a column of this name which row is of which.
        let stated = row.get("source").and_then(Node::as_text)?;
        INVENTORIES.into_iter().find(|table| *table == stated)
    })
}

/// The item that a row tells of.
pub(super) fn item(table: Option<&'static str>, row: &At<'_>) -> Software {
    let name = row.first_text(&["name", "display_name"]);
    let is_package = matches!(
        table,
        Some("deb_packages" | "rpm_packages" | "homebrew_packages")
    );
    let is_extension = matches!(
        table,
        Some("chrome_extensions" | "firefox_addons" | "safari_extensions")
    );
    // Team ID and authority of a signature that does not hold say nothing.
    let is_signed =
        table == Some("signature") && matches!(row.text("signed").as_deref(), Some("1" | "true"));
    let signed = |key| is_signed.then(|| row.text(key)).flatten();
    Software {
        package_id: if is_package {
            name.clone()
        } else {
            row.text("package_family_name")
        },
        name: name.unwrap_or_default(),
        version: version(table, row),
        publisher: row.first_text(&["publisher", "maintainer", "vendor", "author", "creator"]),
        source: table.map(|table| source(table).to_owned()),
        bundle_id: row.text("bundle_identifier"),
        extension_id: is_extension.then(|| row.text("identifier")).flatten(),
        product_code: row.text("identifying_number"),
        team_id: signed("team_identifier"),
        signer: signed("authority"),
        path: row.first_text(&["path", "install_location"]),
        install_time: row
            .get("install_time")
            .and_then(|_| row.unix_seconds("install_time"))
            .or_else(|| installed_on(row)),
        ..Software::default()
    }
}

fn version(table: Option<&str>, row: &At<'_>) -> Option<String> {
    let version = row.first_text(&["version", "bundle_short_version", "bundle_version"])?;
    if table != Some("rpm_packages") {
        return Some(version);
    }
    let release = row.text("release");
    let version = release.map_or_else(|| version.clone(), |part| format!("{version}-{part}"));
    Some(match row.text("epoch").filter(|epoch| epoch != "0") {
        Some(epoch) => format!("{epoch}:{version}"),
        None => version,
    })
}

/// The day of an installation, which Windows Installer writes as eight digits.
fn installed_on(row: &At<'_>) -> Option<Instant> {
    let date = row.text("install_date")?;
    let day = match (date.get(..4), date.get(4..6), date.get(6..8)) {
        (Some(year), Some(month), Some(day)) if date.len() == 8 => {
            format!("{year}-{month}-{day}T00:00:00Z").parse().ok()
        }
        _ => None,
    };
    day.or_else(|| row.instant("install_date"))
}

#[cfg(test)]
mod tests;
