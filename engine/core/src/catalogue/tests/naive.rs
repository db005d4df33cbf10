//! Identification as it is defined, each product of each file against each item, compared
//! with the index.

use std::collections::BTreeSet;

use proptest::prelude::*;
use regex::Regex;

use crate::facts::Software;
use crate::yaml;

use super::super::Catalogue;
use super::super::entry::{CatalogueFile, Mark, ProductEntry, Value};
use super::super::evidence::{EvidenceKind, Strength, Weight, combined};
use super::super::{normalise, purl};
use super::written::{file, item};

/// What a product is identified by: its id, how far that carries, and whether the verified
/// part suffices.
type Identified = BTreeSet<(String, Strength, bool)>;

fn identify(files: &[CatalogueFile<'_>], item: &Software) -> Identified {
    let mut found = Identified::new();
    for file in files {
        let names = names(file, item);
        let wide = vendor_weights(file, item);
        let weigh = |product: &ProductEntry<'_>| {
            let mut own = product_weights(product, item);
            own.extend(
                names
                    .iter()
                    .filter(|(id, _)| *id == product.id)
                    .map(|(_, weight)| *weight),
            );
            let named = !own.is_empty();
            own.extend(&wide);
            (named, own)
        };
        let mut add = |product: &ProductEntry<'_>, signs: Vec<Weight>| {
            let Some(strength) = combined(signs.iter().copied()) else {
                return false;
            };
            let verified = combined(signs.into_iter().filter(|sign| sign.verified)).is_some();
            found.insert((product.id.to_string(), strength, verified));
            verified
        };
        let (general, special): (Vec<_>, Vec<_>) =
            file.products.iter().partition(|product| product.catch_all);
        let mut certain = false;
        for product in special {
            let (named, signs) = weigh(product);
            certain |= named && add(product, signs);
        }
        if certain {
            continue;
        }
        let any_named = general.iter().any(|product| weigh(product).0);
        for product in general {
            let (named, signs) = weigh(product);
            if named || !any_named {
                add(product, signs);
            }
        }
    }
    found
}

fn weight(kind: EvidenceKind, mark: Mark) -> Weight {
    Weight {
        kind,
        strength: kind.strength(mark.is_verified()),
        verified: mark.is_verified(),
    }
}

fn sourced_weight(
    item: &Software,
    kind: EvidenceKind,
    mark: Mark,
    sources: &[String],
) -> Option<Weight> {
    let mut weight = weight(kind, mark);
    match item.source.as_ref() {
        _ if sources.is_empty() => {}
        None => weight.strength = weight.strength.min(Strength::Medium),
        Some(source) if sources.contains(source) => {}
        Some(_) => return None,
    }
    Some(weight)
}

/// What a package URL or a longer id of AppX says of a package, whatever the item's source.
fn packages_by_other_names(product: &ProductEntry<'_>, item: &Software) -> Vec<Weight> {
    let by_purl = item.purl.as_deref().and_then(purl::package);
    let appx = item.package_id.as_deref().or_else(|| {
        let source = item.source.as_deref().unwrap_or_default();
        let lists =
            source.ends_with("_packages") || ["winget", "appx", "local_models"].contains(&source);
        lists.then_some(item.name.as_str())
    });
    let by_appx = appx.and_then(normalise::appx_name);
    let mut signs = Vec::new();
    for (database, name) in by_purl
        .iter()
        .map(|(database, name)| (*database, name.as_ref()))
        .chain(by_appx.map(|name| ("appx", name)))
    {
        let counts = |sources: &[String]| {
            sources.is_empty() || sources.iter().any(|source| source == database)
        };
        for id in &product.package_ids {
            if id.value.eq_ignore_ascii_case(name) && counts(&id.sources) {
                signs.push(weight(EvidenceKind::PackageName, id.mark));
            }
        }
    }
    signs
}

fn product_weights(product: &ProductEntry<'_>, item: &Software) -> Vec<Weight> {
    let mut signs = Vec::new();
    let mut sourced = |kind, mark, sources: &[String]| {
        signs.extend(sourced_weight(item, kind, mark, sources));
    };
    let source = item.source.as_deref().unwrap_or_default();
    let package = item.package_id.clone().or_else(|| {
        let lists =
            source.ends_with("_packages") || ["winget", "appx", "local_models"].contains(&source);
        lists.then(|| item.name.clone())
    });
    if let Some(mut package) = package {
        if source == "local_models" {
            package.truncate(package.find(':').unwrap_or(package.len()));
        }
        for id in &product.package_ids {
            if id.value.eq_ignore_ascii_case(&package) {
                sourced(EvidenceKind::PackageName, id.mark, &id.sources);
            }
        }
    }
    signs.extend(packages_by_other_names(product, item));
    let mut sourced = |kind, mark, sources: &[String]| {
        signs.extend(sourced_weight(item, kind, mark, sources));
    };
    let bundle = item.bundle_id.clone().or_else(|| {
        ["apps", "android_apps", "ios_apps"]
            .contains(&source)
            .then(|| item.name.clone())
    });
    if let Some(bundle) = bundle.map(|bundle| bundle.to_ascii_lowercase()) {
        for id in &product.bundle_ids {
            let value = id.value.to_ascii_lowercase();
            if bundle == value && !id.prefix || id.prefix && bundle.starts_with(&value) {
                sourced(EvidenceKind::BundleId, id.mark, &id.sources);
            }
        }
    }
    let lower = |text: &Option<String>| text.as_ref().map(|text| text.to_ascii_lowercase());
    let statement = |text: &Option<String>| text.as_deref().map(normalise::statement);
    let mut equal = |kind, values: &[Value<'_>], key: Option<String>, form: fn(&str) -> String| {
        let equal = values
            .iter()
            .filter(|value| key.as_deref() == Some(&form(&value.value)));
        equal.for_each(|value| sourced(kind, value.mark, &[]));
    };
    equal(
        EvidenceKind::ExtensionId,
        &product.extension_ids,
        lower(&item.extension_id),
        str::to_ascii_lowercase,
    );
    equal(
        EvidenceKind::TeamId,
        &product.team_ids,
        lower(&item.team_id),
        str::to_ascii_lowercase,
    );
    equal(
        EvidenceKind::Purl,
        &product.purls,
        item.purl.as_deref().map(purl::key),
        purl::key,
    );
    equal(
        EvidenceKind::Signer,
        &product.signers,
        statement(&item.signer),
        normalise::statement,
    );
    let cpe = |text: &str| normalise::cpe(text).unwrap();
    equal(
        EvidenceKind::Cpe,
        &product.cpes,
        item.cpe.as_deref().map(cpe),
        |text| normalise::cpe(text).unwrap(),
    );
    for path in &product.paths {
        if item
            .path
            .as_deref()
            .is_some_and(|path_of| path_matches(&path.value, path_of))
        {
            sourced(EvidenceKind::Path, path.mark, &[]);
        }
    }
    let process = match source {
        "process" | "processes" | "services" => Some(item.name.clone()),
        _ => item.path.as_deref().and_then(|path| parts(path).pop()),
    };
    for known in &product.process_names {
        let matches = |name: String| match known.pattern {
            true => Regex::new(&format!("^(?i:{})$", known.value))
                .unwrap()
                .is_match(&name.to_lowercase()),
            false => name.to_lowercase() == known.value.to_lowercase(),
        };
        if process.clone().is_some_and(matches) {
            sourced(EvidenceKind::ProcessName, known.mark, &[]);
        }
    }
    signs
}

fn vendor_weights(file: &CatalogueFile<'_>, item: &Software) -> Vec<Weight> {
    let vendor = &file.vendor;
    let mut signs = Vec::new();
    for (kind, values, text) in [
        (EvidenceKind::Publisher, &vendor.publishers, &item.publisher),
        (EvidenceKind::Signer, &vendor.signers, &item.signer),
    ] {
        let Some(text) = text else { continue };
        let equal = values
            .iter()
            .filter(|value| normalise::statement(&value.value) == normalise::statement(text));
        signs.extend(equal.map(|value| weight(kind, value.mark)));
    }
    if let Some(id) = &item.team_id {
        let equal = vendor
            .team_ids
            .iter()
            .filter(|value| value.value.eq_ignore_ascii_case(id));
        signs.extend(equal.map(|value| weight(EvidenceKind::TeamId, value.mark)));
    }
    signs
}

/// The names of a vendor's products that an item bears, without those that a longer one of
/// the vendor beats.
fn names(file: &CatalogueFile<'_>, item: &Software) -> Vec<(String, Weight)> {
    if item.source.as_deref() == Some("file") {
        return Vec::new();
    }
    let tokens: Vec<String> = normalise::tokens(&item.name).collect();
    let known = file.products.iter().flat_map(|product| {
        product
            .display_names
            .iter()
            .map(|name| (product.id.to_string(), name))
    });
    let matching: Vec<(String, usize, Mark)> = known
        .filter_map(|(id, name)| {
            let own: Vec<String> = normalise::tokens(&name.value).collect();
            let rest = tokens.strip_prefix(own.as_slice())?;
            let may_follow = |token: &String| normalise::is_version_like(token.as_bytes());
            (!name.exact || rest.iter().all(may_follow)).then_some((id, own.len(), name.mark))
        })
        .collect();
    let beaten = |length: usize, mark: Mark| {
        matching
            .iter()
            .any(|(_, other, by)| *other > length && (by.is_verified() || !mark.is_verified()))
    };
    matching
        .iter()
        .filter(|(_, length, mark)| !beaten(*length, *mark))
        .map(|(id, _, mark)| (id.clone(), weight(EvidenceKind::DisplayName, *mark)))
        .collect()
}

fn parts(path: &str) -> Vec<String> {
    path.split(['/', '\\'])
        .filter(|part| !part.is_empty())
        .map(str::to_lowercase)
        .collect()
}

fn path_matches(known: &str, path: &str) -> bool {
    match known.strip_prefix("**/") {
        Some(known) => {
            let known = parts(known);
            parts(path)
                .windows(known.len())
                .any(|window| window == known)
        }
        None => parts(path).starts_with(&parts(known)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_index_identifies_what_the_definition_does(
        texts in (file("v"), file("w")),
        items in prop::collection::vec(item(), 1..24),
    ) {
        let texts = [("v.yaml", texts.0.as_str()), ("w.yaml", texts.1.as_str())];
        let mut remarks = Vec::new();
        let catalogue = Catalogue::compile(texts.into_iter(), &mut remarks);
        prop_assert!(remarks.is_empty(), "{:?}", remarks);
        let files: Vec<CatalogueFile<'_>> =
            texts.iter().map(|(path, text)| yaml::read(path, text, "c").unwrap()).collect();
        let seen = catalogue.examine(&items);
        prop_assert_eq!(&seen.identified, &catalogue.identify(&items));
        for (index, item) in items.iter().enumerate() {
            let found: Identified = seen.identified.iter()
                .filter(|found| found.index == index)
                .map(|found| (catalogue.product(found.product).unwrap().id.clone(), found.strength, found.verified))
                .collect();
            prop_assert_eq!(found, identify(&files, item), "{:?}", item);
        }
    }
}
