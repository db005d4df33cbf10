//! RPM: the lines of `rpm -qa`, or Red Hat's manifest of an image.
//!
//! Neither names a host. Lines have no epoch; a manifest has one in the name of the source
//! package alone, where it is the package's own only if both have one version. The keys
//! that are imported into an RPM database appear among its packages, and are no software.

use crate::facts::CoverageState;
use crate::facts::inventory::Hosts;
use crate::facts::inventory::at::At;
use crate::facts::inventory::draft::Draft;
use crate::facts::inventory::format::{Adapter, Format};
use crate::facts::inventory::node::Node;
use crate::facts::inventory::text;

use super::packages;

pub(super) const ADAPTER: Adapter = Adapter {
    format: Format::Rpm,
    recognises: is_manifest,
    tells_a_host: is_manifest,
    read,
};

/// The source of its items.
const SOURCE: &str = "rpm_packages";

/// The package under whose name keys are imported.
const KEY: &str = "gpg-pubkey";

/// The type that a manifest states for itself.
const TYPE: &str = "containerImageRPMManifest";

/// Architectures that packages are built for.
const ARCHITECTURES: [&str; 40] = [
    "noarch",
    "x86_64",
    "x86_64_v2",
    "x86_64_v3",
    "x86_64_v4",
    "amd64",
    "ia32e",
    "i386",
    "i486",
    "i586",
    "i686",
    "athlon",
    "geode",
    "aarch64",
    "armv5tel",
    "armv6hl",
    "armv6l",
    "armv7hl",
    "armv7hnl",
    "armv7l",
    "ppc",
    "ppc64",
    "ppc64le",
    "s390",
    "s390x",
    "riscv64",
    "loongarch64",
    "ia64",
    "alpha",
    "sparc",
    "sparcv9",
    "sparc64",
    "mips",
    "mipsel",
    "mips64",
    "mips64el",
    "m68k",
    "e2k",
    "src",
    "nosrc",
];

/// What the name of a package file is made of.
struct Nvra<'a> {
    name: &'a str,
    version: &'a str,
    release: &'a str,
}

impl<'a> Nvra<'a> {
    /// Takes `name-version-release.architecture` apart from its end, because names have
    /// hyphens and digits. An unknown architecture is refused: it is the end of a release.
    fn read(text: &'a str) -> Option<Self> {
        let (rest, architecture) = text.rsplit_once('.')?;
        if !ARCHITECTURES.contains(&architecture) {
            return None;
        }
        let (rest, release) = rest.rsplit_once('-')?;
        let (name, version) = rest.rsplit_once('-')?;
        let is_word = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"._+~^-:".contains(&byte))
        };
        [name, version, release]
            .into_iter()
            .all(is_word)
            .then_some(Self {
                name,
                version,
                release,
            })
    }
}

/// Whether the line is an imported key. Its version and release are hexadecimal; it has no
/// architecture.
fn is_key(line: &str) -> bool {
    let bare = line.strip_suffix(".(none)").unwrap_or(line);
    let numbers = bare
        .strip_prefix(KEY)
        .and_then(|rest| rest.strip_prefix('-'))
        .and_then(|rest| rest.split_once('-'));
    numbers.is_some_and(|(version, release)| {
        [version, release]
            .into_iter()
            .all(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_hexdigit()))
    })
}

/// Whether the first line that is not a key names a package.
pub(super) fn recognises_lines(text: &str) -> bool {
    text::lines(text)
        .map(|(_, line)| line.trim())
        .find(|line| !is_key(line))
        .is_some_and(|line| Nvra::read(line).is_some())
}

/// Reads the lines of `rpm -qa`.
pub(super) fn read_lines(text: &str, hosts: &mut Hosts<'_>) {
    let mut draft = hosts.draft();
    draft.cover(SOURCE, CoverageState::Complete);
    for (at, line) in text::lines(text) {
        let place = format!("line {at}");
        let line = line.trim();
        if is_key(line) {
            draft.skip_at(&place, KEY_IS_NO_SOFTWARE);
        } else if let Some(parts) = Nvra::read(line) {
            draft.item_at(
                &place,
                packages::item(
                    SOURCE,
                    Some(parts.name.to_owned()),
                    Some(joined(None, parts.version, Some(parts.release))),
                ),
            );
        } else {
            draft.lose_at(
                &place,
                "the line is not `name-version-release.architecture`, as `rpm -qa` writes it",
            );
        }
    }
    hosts.add(draft);
}

/// What is remarked of keys, here and in Trivy's lists.
pub(super) const KEY_IS_NO_SOFTWARE: &str = "it is an imported key and no software";

/// Whether a package of this name is a key.
pub(super) fn names_key(name: &str) -> bool {
    name == KEY
}

/// A version in the form by which RPM orders them, `[epoch:]version[-release]`. An epoch
/// of zero is none.
pub(super) fn joined(epoch: Option<&str>, version: &str, release: Option<&str>) -> String {
    let version = version.strip_prefix("0:").unwrap_or(version);
    let epoch = epoch.filter(|epoch| *epoch != "0" && !version.contains(':'));
    let head = epoch.map(|epoch| format!("{epoch}:")).unwrap_or_default();
    let tail = release
        .map(|release| format!("-{release}"))
        .unwrap_or_default();
    format!("{head}{version}{tail}")
}

fn is_manifest(node: &Node) -> bool {
    let is_typed = node.get("object_type").and_then(Node::as_text) == Some(TYPE);
    let has_package = || {
        let packages = node.get("rpms").and_then(Node::as_list);
        packages.unwrap_or_default().iter().any(|package| {
            package.names_all(&["name", "version", "release"])
                || package.names("nvra")
                || package.names("srpm_nevra")
        })
    };
    is_typed || has_package()
}

fn read(top: &At<'_>, hosts: &mut Hosts<'_>) {
    let mut draft = hosts.draft();
    let state = if top.get("rpms").is_some() {
        CoverageState::Complete
    } else {
        CoverageState::NotCollected
    };
    draft.cover(SOURCE, state);
    for entry in top.list("rpms") {
        read_entry(&entry, &mut draft);
    }
    hosts.add(draft);
}

fn read_entry(at: &At<'_>, draft: &mut Draft<'_>) {
    let Node::Object(_) = at.node() else {
        draft.lose(at, "the package is not an object");
        return;
    };
    let nvra = at.text("nvra");
    let parts = nvra.as_deref().and_then(Nvra::read);
    let of_parts = |part: fn(&Nvra<'_>) -> String| parts.as_ref().map(part);
    let name = at
        .text("name")
        .or_else(|| of_parts(|parts| parts.name.to_owned()));
    if name.as_deref().is_some_and(names_key) {
        draft.skip(at, KEY_IS_NO_SOFTWARE);
        return;
    }
    let version = at
        .text("version")
        .or_else(|| of_parts(|parts| parts.version.to_owned()));
    let release = at
        .text("release")
        .or_else(|| of_parts(|parts| parts.release.to_owned()));
    let version = version.map(|version| {
        let epoch = epoch(at, &version);
        joined(epoch.as_deref(), &version, release.as_deref())
    });
    draft.item(at, packages::item(SOURCE, name, version));
}

/// The epoch of the source package, if the package has its version: then it is its own.
fn epoch(at: &At<'_>, version: &str) -> Option<String> {
    let source = at.text("srpm_nevra")?;
    let (rest, _) = source.rsplit_once('-')?;
    let (_, of_source) = rest.rsplit_once('-')?;
    let (epoch, of_source) = of_source.split_once(':')?;
    if epoch.is_empty() || !epoch.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if of_source != version {
        if epoch != "0" {
            at.changed(
                "the source package has another version, so that its epoch was left out of the \
                 package's",
            );
        }
        return None;
    }
    Some(epoch.to_owned())
}

#[cfg(test)]
mod tests;
