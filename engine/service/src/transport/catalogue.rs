//! Identifications and evidence as messages.

use embargo_core::catalogue::{Catalogue, Evidence, Identification, Strength};
use embargo_core::facts::Software;
use embargo_proto::v1 as pb;

pub(super) fn identification(
    found: &Identification,
    items: &[Software],
    catalogue: &Catalogue,
) -> pb::Identification {
    let product = catalogue.product(found.product);
    pb::Identification {
        software: items
            .get(found.index)
            .map(|item| software_ref(found.index, item.name.clone(), item.version.clone())),
        product_id: product.map_or_else(String::new, |product| product.id.clone()),
        vendor_id: product.map_or_else(String::new, |product| catalogue.vendor(product).id.clone()),
        product_class: product.map_or_else(String::new, |product| product.class.clone()),
        strength: strength(found.strength).into(),
        evidence: found.evidence.iter().cloned().map(evidence).collect(),
    }
}

pub(super) fn software_ref(index: usize, name: String, version: Option<String>) -> pb::SoftwareRef {
    pb::SoftwareRef {
        // There are at most 20,000 items.
        index: u32::try_from(index).unwrap_or(u32::MAX),
        name,
        version,
    }
}

pub(super) fn evidence(sign: Evidence) -> pb::Evidence {
    pb::Evidence {
        kind: sign.kind.word().to_owned(),
        value: sign.value,
        strength: strength(sign.strength).into(),
    }
}

const fn strength(strength: Strength) -> pb::evidence::Strength {
    match strength {
        Strength::Weak => pb::evidence::Strength::Weak,
        Strength::Medium => pb::evidence::Strength::Medium,
        Strength::Strong => pb::evidence::Strength::Strong,
    }
}
