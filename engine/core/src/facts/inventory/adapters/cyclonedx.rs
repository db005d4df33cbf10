//! CycloneDX in JSON and in XML: the components of an image or an application.
//!
//! The document names what it describes, and no host. Components may be made of components;
//! one inside of an application is a part of that product.

mod part;

use crate::facts::inventory::Hosts;
use crate::facts::inventory::at::At;
use crate::facts::inventory::draft::Draft;
use crate::facts::inventory::format::{Adapter, Format};
use crate::facts::inventory::node::Node;
use crate::facts::inventory::xml;
use crate::facts::{CoverageState, Software};

use self::part::Part;
use super::sbom;

pub(super) const ADAPTER: Adapter = Adapter {
    format: Format::CycloneDx,
    recognises: |node| is_json(node) || is_xml(node),
    tells_a_host: |node| is_json(node) || is_xml(node),
    read,
};

fn is_json(node: &Node) -> bool {
    node.get("bomFormat").and_then(Node::as_text) == Some("CycloneDX")
}

fn is_xml(node: &Node) -> bool {
    let Node::Object(fields) = node else {
        return false;
    };
    let is_namespace = |(key, value): &(String, Node)| {
        key.starts_with(xml::NAMESPACE)
            && value
                .as_text()
                .is_some_and(|text| text.starts_with("http://cyclonedx.org/schema/bom/"))
    };
    node.get(xml::NAME).and_then(Node::as_text) == Some("bom") && fields.iter().any(is_namespace)
}

fn read(top: &At<'_>, hosts: &mut Hosts<'_>) {
    let mut draft = hosts.draft();
    let document = Part::of(top.clone(), is_xml(top.node()));
    let described = document.object("metadata").and_then(|metadata| {
        draft.collected(metadata.instant("timestamp"));
        metadata.object("component")
    });
    draft.cover(sbom::SOURCE, coverage(&document));
    if let Some(described) = &described {
        described
            .at()
            .skipped("this is what the document describes, and no item of it");
        read_components(described, &mut draft);
    }
    for component in document.list("components", "component") {
        read_component(&component, None, &mut draft);
    }
    hosts.add(draft);
}

/// How much of what it describes the document lists, as far as it says so.
fn coverage(document: &Part<'_>) -> CoverageState {
    if !document.names("components") {
        return CoverageState::NotCollected;
    }
    let compositions = document.list("compositions", "composition");
    let is_partial = |composition: &Part<'_>| {
        composition
            .text("aggregate")
            .is_some_and(|word| !matches!(word.as_str(), "complete" | "not_specified"))
    };
    if compositions.iter().any(is_partial) {
        CoverageState::Partial
    } else {
        CoverageState::Complete
    }
}

fn read_components(parent: &Part<'_>, draft: &mut Draft<'_>) {
    let product = parent
        .text("name")
        .filter(|_| parent.text("type").as_deref() == Some("application"));
    for component in parent.list("components", "component") {
        read_component(&component, product.as_deref(), draft);
    }
}

fn read_component(component: &Part<'_>, product: Option<&str>, draft: &mut Draft<'_>) {
    let Node::Object(_) = component.at().node() else {
        draft.lose(component.at(), "the component is not an object");
        return;
    };
    match component.text("type").as_deref() {
        Some(kind @ ("data" | "device" | "cryptographic-asset")) => draft.skip(
            component.at(),
            format!("a component of the type `{kind}` is no software"),
        ),
        _ => sbom::item(draft, component.at(), item(component, product)),
    }
    if component.names("components") {
        read_components(component, draft);
    }
}

fn item(component: &Part<'_>, product: Option<&str>) -> Software {
    let name = component.text("name");
    // A scope is a part of the name in the registry of npm.
    let scope = component
        .text("group")
        .filter(|group| group.starts_with('@'));
    let name = match (scope, name) {
        (Some(scope), Some(name)) => Some(format!("{scope}/{name}")),
        (_, name) => name,
    };
    let supplier = || component.object("supplier")?.text("name");
    Software {
        name: name.unwrap_or_default(),
        version: component.text("version"),
        publisher: component
            .text("publisher")
            .or_else(supplier)
            .or_else(|| component.text("author")),
        purl: component.text("purl"),
        cpe: component.text("cpe"),
        embedded_in: product.map(str::to_owned),
        ..Software::default()
    }
}

#[cfg(test)]
mod tests;
