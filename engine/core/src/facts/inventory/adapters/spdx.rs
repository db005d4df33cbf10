//! SPDX 2 in JSON: the packages of an image or an application.
//!
//! The document names what it describes, and no host. The package that it describes is the
//! thing itself; a document that describes several packages lists them as its contents.

use std::collections::HashSet;

use crate::facts::inventory::Hosts;
use crate::facts::inventory::at::At;
use crate::facts::inventory::format::{Adapter, Format};
use crate::facts::inventory::node::Node;
use crate::facts::{CoverageState, Software};

use super::sbom;

pub(super) const ADAPTER: Adapter = Adapter {
    format: Format::Spdx,
    recognises,
    tells_a_host: recognises,
    read,
};

/// The id of the document in its relationships.
const DOCUMENT: &str = "SPDXRef-DOCUMENT";

fn recognises(node: &Node) -> bool {
    node.get("spdxVersion")
        .and_then(Node::as_text)
        .is_some_and(|version| version.starts_with("SPDX-2."))
}

fn read(top: &At<'_>, hosts: &mut Hosts<'_>) {
    let mut draft = hosts.draft();
    if let Some(creation) = top.object("creationInfo") {
        draft.collected(creation.instant("created"));
    }
    let state = if top.get("packages").is_some() {
        CoverageState::Complete
    } else {
        CoverageState::NotCollected
    };
    draft.cover(sbom::SOURCE, state);
    let packages = top.list("packages");
    let described = described(top);
    let is_described = |package: &At<'_>| {
        let id = package.node().get("SPDXID").and_then(Node::as_text);
        id.is_some_and(|id| described.contains(id))
    };
    let has_subject = packages
        .iter()
        .filter(|package| is_described(package))
        .count()
        == 1;
    for package in &packages {
        let Node::Object(_) = package.node() else {
            draft.lose(package, "the package is not an object");
            continue;
        };
        if has_subject && is_described(package) {
            draft.skip(
                package,
                "this is what the document describes, and no item of it",
            );
            continue;
        }
        let (item, others) = item(package);
        let others = others.into_iter().map(|purl| Software {
            purl: Some(purl),
            ..item.clone()
        });
        let others: Vec<_> = others.collect();
        sbom::item(&mut draft, package, item);
        for other in others {
            sbom::item_too(&mut draft, package, other);
        }
    }
    hosts.add(draft);
}

/// The ids of what the document says that it describes.
fn described<'a>(top: &At<'a>) -> HashSet<&'a str> {
    let listed = top.list("documentDescribes");
    let mut ids: HashSet<&str> = listed.iter().filter_map(|id| id.node().as_text()).collect();
    for relationship in top.list("relationships") {
        let text = |key| relationship.node().get(key).and_then(Node::as_text);
        let (Some(one), Some(other)) = (text("spdxElementId"), text("relatedSpdxElement")) else {
            continue;
        };
        match text("relationshipType") {
            Some("DESCRIBES") if one == DOCUMENT => ids.insert(other),
            Some("DESCRIBED_BY") if other == DOCUMENT => ids.insert(one),
            _ => continue,
        };
    }
    ids
}

/// The item, and the package URLs that name other packages than its own.
fn item(package: &At<'_>) -> (Software, Vec<String>) {
    let (purl, cpe, others) = references(package);
    let item = Software {
        name: package.text("name").unwrap_or_default(),
        version: asserted(package, "versionInfo"),
        publisher: party(package, "supplier").or_else(|| party(package, "originator")),
        purl,
        cpe,
        ..Software::default()
    };
    (item, others)
}

/// The text of a key, unless it says that nothing is said.
fn asserted(package: &At<'_>, key: &str) -> Option<String> {
    package
        .text(key)
        .filter(|text| !matches!(text.as_str(), "NOASSERTION" | "NONE"))
}

/// The name of an organisation or a person, without the kind before and the address behind.
fn party(package: &At<'_>, key: &str) -> Option<String> {
    let text = asserted(package, key)?;
    let name = ["Organization:", "Person:"]
        .into_iter()
        .find_map(|kind| text.strip_prefix(kind))
        .unwrap_or(&text);
    let name = match name.rsplit_once('(') {
        Some((name, address)) if address.contains('@') || address.trim() == ")" => name,
        _ => name,
    };
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// Package URLs of other packages that are read of one package.
const OTHERS: usize = 20;

/// The first package URL, the first CPE name, with a remark where others say something else,
/// and the package URLs of other packages.
fn references(package: &At<'_>) -> (Option<String>, Option<String>, Vec<String>) {
    let (mut purl, mut cpe) = (None, None);
    let (mut packages, mut products) = (Vec::new(), 0_usize);
    for reference in package.list("externalRefs") {
        let kind = reference.text("referenceType").unwrap_or_default();
        // Old documents write the types as addresses.
        let kind = kind.rsplit('/').next().unwrap_or_default();
        let (first, name): (&mut Option<String>, fn(&str) -> &str) = match kind {
            "purl" => (&mut purl, package_of),
            "cpe23Type" | "cpe22Type" => (&mut cpe, product_of),
            _ => continue,
        };
        let Some(locator) = reference.text("referenceLocator") else {
            continue;
        };
        match first {
            Some(first) if name(first) == name(&locator) => {}
            Some(_) if kind != "purl" => products += 1,
            Some(_) if packages.len() < OTHERS => packages.push(locator),
            Some(_) => reference.unread("there are too many package URLs, and this was left out"),
            None => *first = Some(locator),
        }
    }
    if products > 0 {
        package.changed(format!(
            "of its CPE names the first was taken, and {products} others name another product"
        ));
    }
    if !packages.is_empty() {
        package.changed("names several packages; each is in the facts");
    }
    (purl, cpe, packages)
}

/// A package URL up to its version.
fn package_of(purl: &str) -> &str {
    let bare = purl.split(['?', '#']).next().unwrap_or_default();
    match bare.rsplit_once('@') {
        Some((package, version)) if !version.contains('/') => package,
        _ => bare,
    }
}

/// Vendor and product of a CPE name in either form, as they stand there.
fn product_of(cpe: &str) -> &str {
    let bare = cpe
        .strip_prefix("cpe:2.3:")
        .or_else(|| cpe.strip_prefix("cpe:/"))
        .unwrap_or(cpe);
    let (_, names) = bare.split_once(':').unwrap_or_default();
    let end = names.match_indices(':').nth(1);
    end.and_then(|(end, _)| names.get(..end)).unwrap_or(names)
}

#[cfg(test)]
mod tests;
