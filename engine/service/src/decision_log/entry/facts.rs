//! Facts as `embargo.v1` has them in JSON.
//!
//! Every record is taken apart by all its fields, so that a new one is not forgotten here.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use embargo_core::facts::{
    Attribute, Coverage, CoverageState, HostRecord, OperatingSystem, Owner, OwnerKind, Software,
};

use super::super::masks::Node;
use super::writer::{Members, Writer};

pub(super) fn write(members: &mut Members<'_, '_>, record: &HostRecord) {
    let HostRecord {
        host_id,
        os,
        form_factor,
        owner,
        purposes,
        groups,
        software,
        coverage,
        collect_time,
        attributes,
    } = record;
    members.text("hostId", host_id);
    if let Some(os) = os {
        members.object("os", |members| system(members, os));
    }
    members.optional_text("formFactor", form_factor.as_deref());
    if let Some(owner) = owner {
        members.object("owner", |members| self::owner(members, owner));
    }
    members.texts("purposes", purposes);
    members.texts("groups", groups);
    members.objects("software", software, item);
    members.objects("coverage", coverage, self::coverage);
    members.optional_instant("collectTime", *collect_time);
    if let Some(attributes) = attributes {
        members.member("attributes", |writer, node| {
            fields(writer, node, attributes)
        });
    }
}

fn system(members: &mut Members<'_, '_>, system: &OperatingSystem) {
    let OperatingSystem {
        family,
        version,
        architecture,
    } = system;
    members.optional_text("family", family.as_deref());
    members.optional_text("version", version.as_deref());
    members.optional_text("architecture", architecture.as_deref());
}

fn owner(members: &mut Members<'_, '_>, owner: &Owner) {
    let Owner {
        kind,
        jurisdictions,
        sectors,
        us_person,
        contract_clauses,
    } = owner;
    if let Some(kind) = kind {
        members.text(
            "kind",
            match kind {
                OwnerKind::Government => "KIND_GOVERNMENT",
                OwnerKind::Contractor => "KIND_CONTRACTOR",
                OwnerKind::Business => "KIND_BUSINESS",
                OwnerKind::Personal => "KIND_PERSONAL",
            },
        );
    }
    members.texts("jurisdictions", jurisdictions);
    members.texts("sectors", sectors);
    if let Some(us_person) = us_person {
        members.flag("usPerson", *us_person);
    }
    members.texts("contractClauses", contract_clauses);
}

fn item(members: &mut Members<'_, '_>, item: &Software) {
    let Software {
        name,
        version,
        publisher,
        source,
        bundle_id,
        package_id,
        extension_id,
        product_code,
        team_id,
        signer,
        sha256,
        purl,
        cpe,
        path,
        embedded_in,
        install_time,
    } = item;
    members.text("name", name);
    for (key, value) in [
        ("version", version),
        ("publisher", publisher),
        ("source", source),
        ("bundleId", bundle_id),
        ("packageId", package_id),
        ("extensionId", extension_id),
        ("productCode", product_code),
        ("teamId", team_id),
        ("signer", signer),
    ] {
        members.optional_text(key, value.as_deref());
    }
    if let Some(digest) = sha256 {
        members.text("sha256", &STANDARD.encode(digest.0));
    }
    for (key, value) in [
        ("purl", purl),
        ("cpe", cpe),
        ("path", path),
        ("embeddedIn", embedded_in),
    ] {
        members.optional_text(key, value.as_deref());
    }
    members.optional_instant("installTime", *install_time);
}

fn coverage(members: &mut Members<'_, '_>, coverage: &Coverage) {
    let Coverage {
        source,
        state,
        collect_time,
    } = coverage;
    members.text("source", source);
    members.text(
        "state",
        match state {
            CoverageState::Complete => "STATE_COMPLETE",
            CoverageState::Partial => "STATE_PARTIAL",
            CoverageState::NotPermitted => "STATE_NOT_PERMITTED",
            CoverageState::NotCollected => "STATE_NOT_COLLECTED",
            CoverageState::Unreadable => "STATE_UNREADABLE",
        },
    );
    members.optional_instant("collectTime", *collect_time);
}

fn fields(writer: &mut Writer<'_>, node: Node, fields: &BTreeMap<String, Attribute>) -> bool {
    writer.object(node, |members| {
        for (key, value) in fields {
            members.member(key, |writer, node| attribute(writer, node, value));
        }
    })
}

/// Facts hold 24 levels at most, so that this ends.
fn attribute(writer: &mut Writer<'_>, node: Node, value: &Attribute) -> bool {
    match value {
        Attribute::Null => writer.null(node),
        Attribute::Bool(value) => writer.flag(node, *value),
        Attribute::Number(value) => writer.real(node, *value),
        Attribute::Text(text) => writer.text(node, text),
        Attribute::List(values) => writer.list(node, values, attribute),
        Attribute::Object(members) => fields(writer, node, members),
    }
}
