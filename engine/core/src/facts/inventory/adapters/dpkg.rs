//! The status file of dpkg, `/var/lib/dpkg/status`: stanzas of fields, one a package.
//!
//! It names neither a host nor its system: dpkg is not of Linux alone. A status has three
//! words, such as `deinstall ok installed`: what is wanted, whether the package is sound,
//! and its state. The state tells what is there. A package that is unpacked and not yet
//! configured, or is to be removed and has not been, is installed; one of which only
//! configuration files are left is not. A package is listed once for each architecture.

use crate::facts::inventory::Hosts;
use crate::facts::{CoverageState, Software};

use super::packages;

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
        if let Some(line) = done.malformed {
            draft.lose_at(
                &format!("line {line}"),
                "the line is neither the first of its field nor the continuation of one",
            );
            continue;
        }
        match done.status.map(Presence::read) {
            Some(Presence::Installed) => draft.item_at(&place, done.item()),
            Some(Presence::NotInstalled(state)) => draft.skip_at(
                &place,
                format!("the package is not installed: its state is `{state}`"),
            ),
            Some(Presence::HalfInstalled) => draft.lose_at(
                &place,
                "whether the package is installed cannot be told: its state is `half-installed`",
            ),
            Some(Presence::Unknown) => draft.lose_at(
                &place,
                "whether the package is installed cannot be told: its status is not one of dpkg's",
            ),
            None => draft.lose_at(&place, "the package has no status"),
        }
    }
    hosts.add(draft);
}

/// What the status of a package says of its presence.
enum Presence {
    Installed,
    NotInstalled(&'static str),
    HalfInstalled,
    Unknown,
}

impl Presence {
    fn read(status: &str) -> Self {
        let mut words = status.split_whitespace();
        let wanted = words.next().unwrap_or_default();
        let sound = words.next().unwrap_or_default();
        let state = words.next().unwrap_or_default();
        let is_known = ["install", "hold", "deinstall", "purge", "unknown"].contains(&wanted)
            && ["ok", "reinstreq"].contains(&sound)
            && words.next().is_none();
        match state {
            _ if !is_known => Self::Unknown,
            "installed" | "unpacked" | "half-configured" | "triggers-awaited"
            | "triggers-pending" => Self::Installed,
            "not-installed" => Self::NotInstalled("not-installed"),
            "config-files" => Self::NotInstalled("config-files"),
            "half-installed" => Self::HalfInstalled,
            _ => Self::Unknown,
        }
    }
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
    fn item(&self) -> Software {
        let text = |value: Option<&str>| value.map(str::to_owned);
        Software {
            publisher: text(self.maintainer),
            ..packages::item(SOURCE, text(self.package), text(self.version))
        }
    }

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
    use crate::facts::inventory::{Format, InventoriedHost, RemarkKind, read};

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
        assert!(host.record.os.is_none());
    }

    fn of_status(status: &str) -> InventoriedHost {
        let text = format!("Package: tool\nStatus: {status}\nVersion: 1\n");
        read("status", text.as_bytes(), None).unwrap().hosts[0].clone()
    }

    #[test]
    fn the_state_tells_what_is_there() {
        for (status, installed) in [
            ("install ok installed", true),
            ("hold ok installed", true),
            ("deinstall ok installed", true),
            ("purge ok installed", true),
            ("install ok unpacked", true),
            ("install reinstreq half-configured", true),
            ("install ok triggers-awaited", true),
            ("install ok triggers-pending", true),
            ("deinstall ok config-files", false),
            ("purge ok not-installed", false),
        ] {
            let host = of_status(status);
            assert_eq!(host.records, 1, "{status}");
            assert_eq!(host.record.software.len() == 1, installed, "{status}");
            assert_eq!(host.remarks.is_empty(), installed, "{status}");
            assert_eq!(
                host.record.coverage[0].state,
                CoverageState::Complete,
                "{status}"
            );
        }
        for status in [
            "install ok half-installed",
            "install ok new",
            "installed",
            "ok installed",
            "install ok installed also",
            "want ok installed",
            "install bad installed",
        ] {
            let host = of_status(status);
            assert_eq!(host.remarks[0].kind, RemarkKind::Unread, "{status}");
            assert!(host.record.software.is_empty(), "{status}");
        }
    }

    #[test]
    fn a_package_of_several_architectures_is_an_item_for_each() {
        let stanza = |architecture: &str| {
            format!(
                "Package: tool\nStatus: install ok installed\nArchitecture: {architecture}\nMulti-Arch: same\nVersion: 1\n\n"
            )
        };
        let text = stanza("amd64") + &stanza("i386");
        let host = read("status", text.as_bytes(), None).unwrap().hosts[0].clone();
        assert_eq!((host.records, host.record.software.len()), (2, 2));
        assert!(host.remarks.is_empty());
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
