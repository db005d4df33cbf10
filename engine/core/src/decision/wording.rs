//! Wording: the texts of findings that rules leave to the instrument.

use std::sync::Arc;

use crate::catalogue::{Catalogue, Product};
use crate::diagnostic::cut;
use crate::facts::limits;
use crate::instrument::{Instrument, Phase};
use crate::snapshot::Policy;

use super::SoftwareRef;

/// The message of a finding that brings none of its own: the phase's, the instrument's, or
/// one made from its title.
pub(super) fn message(
    catalogue: &Catalogue,
    instrument: Option<&Arc<Instrument>>,
    phase: Option<&Phase>,
    policy: &Policy,
    product: Option<&Product>,
    software: Option<&SoftwareRef>,
) -> String {
    let template = phase
        .and_then(|phase| phase.message.as_deref())
        .or_else(|| {
            instrument
                .map(|instrument| instrument.message.as_str())
                .filter(|text| !text.is_empty())
        });
    let title = instrument.map_or(policy.title.as_str(), |instrument| &instrument.title);
    let title = if title.is_empty() { &*policy.id } else { title };
    let name = software.map_or("the host", |software| &software.name);
    let text = match template {
        Some(template) => template
            .replace("{product}", product.map_or(name, |product| &product.name))
            .replace(
                "{vendor}",
                product.map_or("its vendor", |product| &catalogue.vendor(product).name),
            )
            .replace("{software}", name),
        None => format!("{name} falls under {title}"),
    };
    cut(text, limits::TEXT_BYTES)
}
