//! Package URLs: which package they name, whatever the version and the distribution.

use std::borrow::Cow;

/// A package URL up to its version, percent-decoded as far as names need it, and for `deb`
/// and `rpm` without the distribution, which may be left out and does not change the package.
pub(super) fn key(purl: &str) -> String {
    let whole = decoded(name(purl)).to_lowercase();
    match distributed(&whole) {
        Some((kind, package)) => format!("pkg:{kind}/{package}"),
        None => whole,
    }
}

/// Whether a package URL is of a type whose namespace is a distribution.
pub(super) fn is_distributed(purl: &str) -> bool {
    distributed(purl).is_some()
}

/// The database that a package URL speaks of, as sources are called, and the name of the
/// package in it.
pub(super) fn package(purl: &str) -> Option<(&'static str, Cow<'_, str>)> {
    let whole = name(purl);
    if let Some((kind, package)) = distributed(whole) {
        let database = if kind == "deb" {
            "deb_packages"
        } else {
            "rpm_packages"
        };
        return Some((database, decoded(package)));
    }
    [
        ("pkg:npm/", "npm_packages"),
        ("pkg:pypi/", "python_packages"),
    ]
    .into_iter()
    .find_map(|(start, database)| Some((database, decoded(without_start(whole, start)?))))
}

/// The type of a package URL and the name of its package, for the packages of distributions.
fn distributed(purl: &str) -> Option<(&'static str, &str)> {
    let (kind, rest) = [("deb", "pkg:deb/"), ("rpm", "pkg:rpm/")]
        .into_iter()
        .find_map(|(kind, start)| Some((kind, without_start(purl, start)?)))?;
    Some((kind, rest.rsplit('/').next().unwrap_or(rest)))
}

/// What follows a beginning that is compared without regard to ASCII case.
fn without_start<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(start.len())?;
    head.eq_ignore_ascii_case(start).then_some(rest)
}

fn decoded(name: &str) -> Cow<'_, str> {
    if !name.contains('%') {
        return Cow::Borrowed(name);
    }
    let plain = name.replace("%40", "@");
    Cow::Owned(plain.replace("%2F", "/").replace("%2f", "/"))
}

/// The part of a package URL before version, qualifiers and subpath, as it stands.
pub(super) fn name(purl: &str) -> &str {
    let bare = purl.split(['?', '#']).next().unwrap_or_default();
    let name_start = bare.rfind('/').map_or(0, |slash| slash + 1);
    let version = bare
        .get(name_start..)
        .and_then(|name| name.rfind('@').filter(|at| *at > 0));
    version
        .and_then(|at| bare.get(..name_start + at))
        .unwrap_or(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_url_loses_version_and_qualifiers() {
        assert_eq!(
            key("pkg:maven/com.kaspersky.android-components/kaspresso@1.5.3?type=jar"),
            "pkg:maven/com.kaspersky.android-components/kaspresso"
        );
        assert_eq!(
            key("pkg:npm/%40kaspersky/hexa-ui@1.0.0"),
            "pkg:npm/@kaspersky/hexa-ui"
        );
        assert_eq!(
            key("pkg:npm/@kaspersky/hexa-ui"),
            "pkg:npm/@kaspersky/hexa-ui"
        );
        assert_eq!(key("pkg:pypi/opentip"), "pkg:pypi/opentip");
    }

    #[test]
    fn the_distribution_in_a_package_url_does_not_matter() {
        for text in [
            "pkg:deb/debian/kesl@12.2.0-2412?arch=amd64",
            "pkg:deb/ubuntu/kesl",
            "pkg:deb/kesl",
            "PKG:Deb/Debian/Kesl",
        ] {
            assert_eq!(key(text), "pkg:deb/kesl", "{text}");
        }
        assert_eq!(key("pkg:rpm/redhat/kesl@1"), "pkg:rpm/kesl");
        assert_eq!(key("pkg:maven/com.acme/kesl"), "pkg:maven/com.acme/kesl");
        assert_eq!(key("pkg:debug/debian/kesl"), "pkg:debug/debian/kesl");
    }

    #[test]
    fn a_package_url_names_a_package_in_a_database() {
        for (text, database, wanted) in [
            ("pkg:deb/debian/kesl@12?arch=amd64", "deb_packages", "kesl"),
            ("pkg:rpm/kesl", "rpm_packages", "kesl"),
            ("pkg:npm/%40acme/shield@1", "npm_packages", "@acme/shield"),
            ("pkg:NPM/shield", "npm_packages", "shield"),
            ("pkg:pypi/opentip@3", "python_packages", "opentip"),
        ] {
            let (found, name) = package(text).unwrap();
            assert_eq!((found, name.as_ref()), (database, wanted), "{text}");
        }
        for text in ["pkg:maven/com.acme/kesl", "kesl", "pkg:", "pkg:géant/é", ""] {
            assert!(package(text).is_none(), "{text}");
        }
    }
}
