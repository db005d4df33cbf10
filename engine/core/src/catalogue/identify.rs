//! Identification: which products an item of software is, and by which signs.
//!
//! Linear in the items. An item of which no identifier is known costs a few hash look-ups
//! and nothing else.

use crate::facts::Software;

use super::Catalogue;
use super::evidence::{Evidence, EvidenceKind, Strength, arrange, combined};
use super::index::{bundle_of, package_of};
use super::normalise;
use super::sign::{NamePattern, PathPattern, Sign, VendorSign};

/// States that an item is a product of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identification {
    /// The position of the item, from 0.
    pub index: usize,
    /// The product, as a position in the catalogue.
    pub product: usize,
    /// How far the evidence carries in all: strong or medium.
    pub strength: Strength,
    /// Whether the verified part of the evidence suffices by itself.
    pub verified: bool,
    /// What it rests on, strongest first.
    pub evidence: Vec<Evidence>,
}

/// Signs that an item might be a product, which do not suffice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearMiss {
    /// The position of the item, from 0.
    pub index: usize,
    /// The product, as a position in the catalogue.
    pub product: usize,
    /// The signs there are.
    pub evidence: Vec<Evidence>,
}

/// What one item was taken for, and for what it nearly was.
#[derive(Default)]
pub(super) struct Verdict {
    pub(super) identified: Vec<Identification>,
    pub(super) near: Vec<NearMiss>,
}

/// A vendor-wide sign that was found on an item.
struct FoundVendorSign {
    vendor: usize,
    evidence: Evidence,
}

pub(super) fn identify(catalogue: &Catalogue, index: usize, item: &Software) -> Verdict {
    let own = own_signs(catalogue, item);
    let shared = vendor_signs(catalogue, item);
    let mut verdict = Verdict::default();
    let mut vendors: Vec<usize> = own
        .iter()
        .filter_map(|(product, _)| catalogue.vendor_of(*product))
        .chain(shared.iter().map(|sign| sign.vendor))
        .collect();
    vendors.sort_unstable();
    vendors.dedup();
    for vendor in vendors {
        let wide: Vec<&Evidence> = shared
            .iter()
            .filter(|sign| sign.vendor == vendor)
            .map(|sign| &sign.evidence)
            .collect();
        let mut products: Vec<usize> = own
            .iter()
            .map(|(product, _)| *product)
            .filter(|product| catalogue.vendor_of(*product) == Some(vendor))
            .collect();
        products.sort_unstable();
        products.dedup();
        let (special, general): (Vec<usize>, Vec<usize>) = products
            .into_iter()
            .partition(|product| !catalogue.is_catch_all(*product));
        // A product that only recalled identifiers name does not hide what verified ones say
        // of its vendor.
        let certain = judge(&mut verdict, index, &special, &own, &wide);
        if !certain {
            let general = if general.is_empty() {
                catalogue.catch_all_of(vendor)
            } else {
                general
            };
            judge(&mut verdict, index, &general, &own, &wide);
        }
    }
    verdict
}

/// Weighs the signs of each product; says whether one was identified by verified ones.
fn judge(
    verdict: &mut Verdict,
    index: usize,
    products: &[usize],
    own: &[(usize, Evidence)],
    wide: &[&Evidence],
) -> bool {
    let mut certain = false;
    for product in products {
        let mut evidence: Vec<Evidence> = own
            .iter()
            .filter(|(of, _)| of == product)
            .map(|(_, evidence)| evidence.clone())
            .chain(wide.iter().map(|evidence| (*evidence).clone()))
            .collect();
        arrange(&mut evidence);
        match combined(&evidence) {
            Some(strength) => {
                let verified: Vec<Evidence> = evidence
                    .iter()
                    .filter(|sign| sign.verified)
                    .cloned()
                    .collect();
                let verified = combined(&verified).is_some();
                let product = *product;
                verdict.identified.push(Identification {
                    index,
                    product,
                    strength,
                    verified,
                    evidence,
                });
                certain |= verified;
            }
            None if evidence.is_empty() => {}
            None => verdict.near.push(NearMiss {
                index,
                product: *product,
                evidence,
            }),
        }
    }
    certain
}

/// The signs that point to one product each.
fn own_signs(catalogue: &Catalogue, item: &Software) -> Vec<(usize, Evidence)> {
    let index = &catalogue.index;
    let source = item.source.as_deref();
    let mut found = Vec::new();
    let mut add = |signs: Option<&[Sign]>, value: &str| {
        for sign in signs.into_iter().flatten() {
            if let Some(strength) = sign.strength_in(source) {
                let (kind, verified) = (sign.kind, sign.verified);
                let value = value.to_owned();
                found.push((
                    sign.product,
                    Evidence {
                        kind,
                        value,
                        strength,
                        verified,
                    },
                ));
            }
        }
    };

    if let Some(id) = package_of(item) {
        add(index.package_ids.get(id).map(Vec::as_slice), id);
    }
    if let Some(id) = bundle_of(item) {
        add(index.bundle_ids.get(id).map(Vec::as_slice), id);
        for signs in index.prefixes_of(id) {
            add(Some(signs), id);
        }
    }
    if let Some(id) = &item.extension_id {
        add(index.extension_ids.get(id).map(Vec::as_slice), id);
    }
    if let Some(id) = &item.team_id {
        add(index.team_ids.get(id).map(Vec::as_slice), id);
    }
    if let Some(code) = &item.product_code {
        add(
            index
                .product_codes
                .get(&normalise::product_code(code))
                .map(Vec::as_slice),
            code,
        );
    }
    if let Some(purl) = &item.purl {
        add(index.purl_signs(purl).map(Vec::as_slice), purl);
    }
    if let Some(hash) = &item.sha256 {
        add(index.sha256.get(hash).map(Vec::as_slice), &hash.to_string());
    }
    if let Some(name) = &item.cpe {
        let key = normalise::cpe(name);
        add(
            key.and_then(|key| index.cpes.get(&key)).map(Vec::as_slice),
            name,
        );
    }
    if let Some(signer) = &item.signer {
        add(
            index
                .signers
                .get(&normalise::statement(signer))
                .map(Vec::as_slice),
            signer,
        );
    }
    if let Some(name) = process_name(item) {
        add(index.process_names.get(&name).map(Vec::as_slice), &name);
        for (_, sign) in index
            .process_patterns
            .iter()
            .filter(|(regex, _)| regex.is_match(&name))
        {
            add(Some(std::slice::from_ref(sign)), &name);
        }
    }
    found.extend(packages_by_other_names(catalogue, item));
    found.extend(display_names(catalogue, item));
    found.extend(paths(catalogue, item));
    found
}

/// Packages named by a package URL or by a longer id of AppX: they count in the database that
/// these speak of, whatever the source of the item.
fn packages_by_other_names(catalogue: &Catalogue, item: &Software) -> Vec<(usize, Evidence)> {
    let index = &catalogue.index;
    let by_appx = package_of(item).and_then(|id| Some(("appx", index.appx_signs(id)?, id)));
    let by_purl = item.purl.as_deref().and_then(|purl| {
        let (database, signs) = index.purl_package_signs(purl)?;
        Some((database, signs, purl))
    });
    let mut found = Vec::new();
    for (database, signs, value) in by_appx.into_iter().chain(by_purl) {
        for sign in signs {
            if let Some(strength) = sign.strength_in(Some(database)) {
                let (kind, verified) = (sign.kind, sign.verified);
                let value = value.to_owned();
                found.push((
                    sign.product,
                    Evidence {
                        kind,
                        value,
                        strength,
                        verified,
                    },
                ));
            }
        }
    }
    found
}

/// The signs that point to a vendor.
fn vendor_signs(catalogue: &Catalogue, item: &Software) -> Vec<FoundVendorSign> {
    let index = &catalogue.index;
    let mut found = Vec::new();
    let mut add = |signs: Option<&Vec<VendorSign>>, value: &str| {
        for sign in signs.into_iter().flatten() {
            let evidence = Evidence {
                kind: sign.kind,
                value: value.to_owned(),
                strength: sign.kind.strength(sign.verified),
                verified: sign.verified,
            };
            found.push(FoundVendorSign {
                vendor: sign.vendor,
                evidence,
            });
        }
    };
    for (kind, text) in [
        (EvidenceKind::Publisher, &item.publisher),
        (EvidenceKind::Signer, &item.signer),
    ] {
        if let Some(text) = text {
            add(
                index
                    .vendor_statements
                    .get(&(kind, normalise::statement(text))),
                text,
            );
        }
    }
    if let Some(id) = &item.team_id {
        add(index.vendor_team_ids.get(id), id);
    }
    found
}

/// Names that begin like a known one; within a vendor the longest wins, but what nobody
/// verified does not win over what somebody did.
fn display_names(catalogue: &Catalogue, item: &Software) -> Vec<(usize, Evidence)> {
    // A file is named by whoever saved it.
    if item.source.as_deref() == Some("file") {
        return Vec::new();
    }
    let tokens = normalise::tokens(&item.name);
    let Some(patterns) = tokens
        .first()
        .and_then(|first| catalogue.index.names.get(first))
    else {
        return Vec::new();
    };
    let matching: Vec<&NamePattern> = patterns
        .iter()
        .filter(|pattern| pattern.matches(&tokens))
        .collect();
    matching
        .iter()
        .filter(|pattern| {
            let vendor = catalogue.vendor_of(pattern.product);
            let rival = matching.iter().any(|other| {
                other.tokens.len() > pattern.tokens.len()
                    && (other.verified || !pattern.verified)
                    && catalogue.vendor_of(other.product) == vendor
            });
            !rival
        })
        .map(|pattern| {
            let evidence = Evidence {
                kind: EvidenceKind::DisplayName,
                value: item.name.clone(),
                strength: EvidenceKind::DisplayName.strength(pattern.verified),
                verified: pattern.verified,
            };
            (pattern.product, evidence)
        })
        .collect()
}

fn paths(catalogue: &Catalogue, item: &Software) -> Vec<(usize, Evidence)> {
    let Some(path) = &item.path else {
        return Vec::new();
    };
    let components = normalise::path(path);
    let matching = catalogue
        .index
        .paths
        .iter()
        .filter(|pattern| pattern.matches(&components));
    matching
        .map(|pattern| {
            let evidence = Evidence {
                kind: EvidenceKind::Path,
                value: path.clone(),
                strength: EvidenceKind::Path.strength(pattern.verified),
                verified: pattern.verified,
            };
            (pattern.product, evidence)
        })
        .collect()
}

impl NamePattern {
    fn matches(&self, tokens: &[String]) -> bool {
        tokens
            .strip_prefix(self.tokens.as_slice())
            .is_some_and(|rest| {
                !self.exact || rest.iter().all(|token| normalise::is_version_like(token))
            })
    }
}

impl PathPattern {
    fn matches(&self, components: &[String]) -> bool {
        if self.anywhere {
            return components
                .windows(self.components.len())
                .any(|window| window == self.components);
        }
        components.starts_with(&self.components)
    }
}

/// The name of the process or service that an item is, in lower case.
fn process_name(item: &Software) -> Option<String> {
    match item.source.as_deref() {
        Some("process" | "processes" | "services") => Some(item.name.to_lowercase()),
        _ => {
            let path = item.path.as_deref()?;
            path.rsplit(['/', '\\'])
                .find(|part| !part.is_empty())
                .map(str::to_lowercase)
        }
    }
}
