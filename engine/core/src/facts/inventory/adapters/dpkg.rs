//! The status file of dpkg, `/var/lib/dpkg/status`: stanzas of fields, one a package.
//!
//! It names no host. A package is installed if its status says `install ok installed`;
//! one of which configuration files are left is not.

use crate::facts::inventory::Hosts;
use crate::facts::{CoverageState, Software};

/// The source of its items.
const SOURCE: &str = "deb_packages";

/// Whether the first stanza names a package and its status.
pub(super) fn recognises(text: &str) -> bool {
    let stanza = text
        .trim_start()
        .lines()
        .take_while(|line| !line.trim().is_empty());
    let (mut package, mut status) = (false, false);
    for (at, line) in stanza.enumerate() {
        package |= at == 0 && line.starts_with("Package:");
        status |= line.starts_with("Status:");
    }
    package && status
}

pub(super) fn read(text: &str, hosts: &mut Hosts<'_>) {
    let mut draft = hosts.draft();
    draft.system(Some("linux"), None, None);
    draft.cover(SOURCE, CoverageState::Complete);
    let mut stanza = Stanza::default();
    for (at, line) in text.lines().chain([""]).enumerate() {
        if !line.trim().is_empty() {
            stanza.add(at + 1, line);
            continue;
        }
        if stanza.line == 0 {
            continue;
        }
        let done = std::mem::take(&mut stanza);
        let place = format!("line {}", done.line);
        match (done.malformed, done.status) {
            (Some(line), _) => draft.lose_at(
                &format!("line {line}"),
                "the line is neither a field nor the continuation of one",
            ),
            (None, Some("install ok installed" | "hold ok installed")) => {
                let text = |value: Option<&str>| value.map(str::to_owned);
                draft.item_at(
                    &place,
                    Software {
                        name: done.package.unwrap_or_default().to_owned(),
                        package_id: text(done.package),
                        version: text(done.version),
                        publisher: text(done.maintainer),
                        source: Some(SOURCE.to_owned()),
                        ..Software::default()
                    },
                );
            }
            (None, Some(status))
                if status.ends_with("not-installed") || status.ends_with("config-files") =>
            {
                draft.skip_at(
                    &place,
                    format!("the package is not installed: its status is `{status}`"),
                );
            }
            (None, Some(status)) => draft.lose_at(
                &place,
                format!(
                    "whether the package is installed cannot be told: its status is `{status}`"
                ),
            ),
            (None, None) => draft.lose_at(&place, "the package has no status"),
        }
    }
    hosts.add(draft);
}

/// The fields of a stanza that are read.
#[derive(Default)]
struct Stanza<'a> {
    /// The line it begins on; 0 before it does.
    line: usize,
    package: Option<&'a str>,
    version: Option<&'a str>,
    status: Option<&'a str>,
    maintainer: Option<&'a str>,
    malformed: Option<usize>,
}

impl<'a> Stanza<'a> {
    fn add(&mut self, number: usize, line: &'a str) {
        if self.line == 0 {
            self.line = number;
        }
        if line.starts_with([' ', '\t']) {
            return;
        }
        let Some((field, value)) = line.split_once(':') else {
            self.malformed.get_or_insert(number);
            return;
        };
        let value = Some(value.trim()).filter(|value| !value.is_empty());
        let known = match field {
            "Package" => &mut self.package,
            "Version" => &mut self.version,
            "Status" => &mut self.status,
            "Maintainer" => &mut self.maintainer,
            _ => return,
        };
        if known.is_some() {
            self.malformed.get_or_insert(number);
        }
        *known = value;
    }
}

#[cfg(test)]
mod tests {
    use crate::facts::CoverageState;
    use crate::facts::inventory::{Format, RemarkKind, read};

    const STATUS: &str = "Package: example\nStatus: install ok installed\nMaintainer: Example Team <team@example.org>\nArchitecture: amd64\nVersion: 1:2.3~rc1-4\nDescription: one\n more: text\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n\nPackage: held\nStatus: hold ok installed\n";

    #[test]
    fn installed_packages_are_items_and_others_are_remarks() {
        let inventory = read("status", STATUS.as_bytes(), None).unwrap();
        assert_eq!(inventory.format, Format::Dpkg);
        let host = &inventory.hosts[0];
        assert_eq!((host.records, host.record.software.len()), (3, 2));
        let item = &host.record.software[0];
        assert_eq!(item.name, "example");
        assert_eq!(item.package_id.as_deref(), Some("example"));
        assert_eq!(item.version.as_deref(), Some("1:2.3~rc1-4"));
        assert_eq!(
            item.publisher.as_deref(),
            Some("Example Team <team@example.org>")
        );
        assert_eq!(host.remarks.len(), 1);
        assert_eq!(
            (host.remarks[0].kind, host.remarks[0].place.as_str()),
            (RemarkKind::Skipped, "line 9")
        );
        assert_eq!(host.record.coverage[0].state, CoverageState::Complete);
    }

    #[test]
    fn a_stanza_that_cannot_be_read_is_not_silence() {
        for broken in [
            "Package: a\nStatus: install ok half-installed\n",
            "Package: a\nStatus: install ok installed\nnonsense\n",
            "Package: a\nStatus: install ok installed\n\nPackage: b\nVersion: 1\n",
            "Package:\nStatus: install ok installed\n",
            "Package: a\nPackage: b\nStatus: install ok installed\n",
        ] {
            let host = &read("status", broken.as_bytes(), None).unwrap().hosts[0];
            assert!(
                host.remarks
                    .iter()
                    .any(|remark| remark.kind == RemarkKind::Unread),
                "{broken}"
            );
            assert_eq!(
                host.record.coverage[0].state,
                CoverageState::Unreadable,
                "{broken}"
            );
        }
    }
}
