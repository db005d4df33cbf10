//! The index: from an identifier to the products it is a sign of.
//!
//! Built once for a snapshot. Every look-up is by hash or by first token, so that its
//! cost does not grow with the catalogue.

use std::collections::{BTreeSet, HashMap};

use regex::Regex;

use crate::facts::{Sha256, Software};

use super::entry::{Mark, ProductEntry, VendorEntry};
use super::evidence::EvidenceKind;
use super::folded::FoldedMap;
use super::normalise;
use super::sign::{NamePattern, PathPattern, Sign, VendorSign};

#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) package_ids: FoldedMap<Vec<Sign>>,
    pub(super) bundle_ids: FoldedMap<Vec<Sign>>,
    /// Beginnings of bundle ids without the last dot.
    pub(super) bundle_prefixes: FoldedMap<Vec<Sign>>,
    /// How many components the known beginnings have.
    pub(super) prefix_lengths: BTreeSet<usize>,
    pub(super) extension_ids: FoldedMap<Vec<Sign>>,
    pub(super) team_ids: FoldedMap<Vec<Sign>>,
    pub(super) vendor_team_ids: FoldedMap<Vec<VendorSign>>,
    pub(super) product_codes: HashMap<String, Vec<Sign>>,
    pub(super) purls: FoldedMap<Vec<Sign>>,
    pub(super) sha256: HashMap<Sha256, Vec<Sign>>,
    pub(super) cpes: HashMap<String, Vec<Sign>>,
    pub(super) signers: HashMap<String, Vec<Sign>>,
    pub(super) vendor_statements: HashMap<(EvidenceKind, String), Vec<VendorSign>>,
    /// Patterns by their first token.
    pub(super) names: FoldedMap<Vec<NamePattern>>,
    /// First tokens of publishers and signers: what decides whether a look is worth it.
    pub(super) statement_tokens: FoldedMap<()>,
    pub(super) paths: Vec<PathPattern>,
    pub(super) process_names: HashMap<String, Vec<Sign>>,
    pub(super) process_patterns: Vec<(Regex, Sign)>,
}

/// Why an entry cannot be indexed: the value and the reason.
pub(super) struct Unusable {
    pub(super) value: String,
    pub(super) reason: &'static str,
}

impl Index {
    /// Whether any identifier of the item is known, or its name or publisher begins like a
    /// known one. Says no for nearly every item, fast. Signs that never suffice without one
    /// of these are not looked at.
    pub(super) fn may_know(&self, item: &Software) -> bool {
        self.knows_name(&item.name)
            || item
                .publisher
                .as_deref()
                .is_some_and(|text| self.knows_statement(text))
            || item
                .signer
                .as_deref()
                .is_some_and(|text| self.knows_statement(text))
            || package_of(item)
                .is_some_and(|id| self.package_ids.contains(id) || self.appx_signs(id).is_some())
            || bundle_of(item).is_some_and(|id| {
                self.bundle_ids.contains(id) || self.prefixes_of(id).next().is_some()
            })
            || self.knows_other_id(item)
    }

    fn knows_other_id(&self, item: &Software) -> bool {
        item.extension_id
            .as_deref()
            .is_some_and(|id| self.extension_ids.contains(id))
            || item
                .team_id
                .as_deref()
                .is_some_and(|id| self.vendor_team_ids.contains(id) || self.team_ids.contains(id))
            || item.purl.as_deref().is_some_and(|purl| {
                self.purl_signs(purl).is_some() || self.purl_package_signs(purl).is_some()
            })
            || item.product_code.as_deref().is_some_and(|code| {
                self.product_codes
                    .contains_key(&normalise::product_code(code))
            })
            || item
                .sha256
                .as_ref()
                .is_some_and(|hash| self.sha256.contains_key(hash))
    }

    /// What a package URL is a sign of.
    pub(super) fn purl_signs(&self, purl: &str) -> Option<&Vec<Sign>> {
        let name = normalise::purl_name(purl);
        if name.contains('%') || normalise::is_distributed(name) {
            return self.purls.get(&normalise::purl(name));
        }
        self.purls.get(name)
    }

    /// What the package that a package URL names is a sign of, and in which database.
    pub(super) fn purl_package_signs(&self, purl: &str) -> Option<(&'static str, &Vec<Sign>)> {
        let (database, name) = normalise::purl_package(purl)?;
        Some((database, self.package_ids.get(&name)?))
    }

    /// What the name in a family name or full name of AppX is a sign of.
    pub(super) fn appx_signs(&self, id: &str) -> Option<&Vec<Sign>> {
        self.package_ids.get(normalise::appx_name(id)?)
    }

    fn knows_name(&self, name: &str) -> bool {
        match normalise::first_ascii_token(name) {
            Some(token) => self.names.contains(token),
            None => normalise::tokens(name)
                .first()
                .is_some_and(|token| self.names.contains(token)),
        }
    }

    fn knows_statement(&self, text: &str) -> bool {
        match normalise::first_ascii_token(text) {
            Some(token) => self.statement_tokens.contains(token),
            None => normalise::tokens(text)
                .first()
                .is_some_and(|token| self.statement_tokens.contains(token)),
        }
    }

    /// The known beginnings of a bundle id.
    pub(super) fn prefixes_of<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Vec<Sign>> {
        self.prefix_lengths.iter().filter_map(move |length| {
            let mut dots = id.bytes().enumerate().filter(|(_, byte)| *byte == b'.');
            let (end, _) = dots.nth(length.checked_sub(1)?)?;
            self.bundle_prefixes.get(id.get(..end)?)
        })
    }

    pub(super) fn add_vendor(&mut self, vendor: usize, entry: &VendorEntry) -> Vec<Unusable> {
        let mut unusable = Vec::new();
        for (kind, values) in [
            (EvidenceKind::Publisher, &entry.publishers),
            (EvidenceKind::Signer, &entry.signers),
        ] {
            for value in values {
                let statement = normalise::statement(&value.value);
                let Some(token) = normalise::tokens(&value.value).into_iter().next() else {
                    unusable.push(empty(&value.value));
                    continue;
                };
                self.statement_tokens.entry(&token);
                let sign = VendorSign {
                    vendor,
                    kind,
                    verified: value.mark.is_verified(),
                };
                self.vendor_statements
                    .entry((kind, statement))
                    .or_default()
                    .push(sign);
            }
        }
        for value in &entry.team_ids {
            let verified = value.mark.is_verified();
            let sign = VendorSign {
                vendor,
                kind: EvidenceKind::TeamId,
                verified,
            };
            self.vendor_team_ids.entry(&value.value).push(sign);
        }
        unusable
    }

    pub(super) fn add_product(&mut self, product: usize, entry: &ProductEntry) -> Vec<Unusable> {
        let mut unusable = Vec::new();
        let sign = |kind, mark: Mark, sources: &[String]| Sign {
            product,
            kind,
            verified: mark.is_verified(),
            sources: sources.to_vec(),
        };
        for id in &entry.package_ids {
            self.package_ids.entry(&id.value).push(sign(
                EvidenceKind::PackageName,
                id.mark,
                &id.sources,
            ));
        }
        for id in &entry.bundle_ids {
            let sign = sign(EvidenceKind::BundleId, id.mark, &id.sources);
            if !id.prefix {
                self.bundle_ids.entry(&id.value).push(sign);
            } else if let Some(beginning) = id.value.strip_suffix('.') {
                self.prefix_lengths.insert(beginning.split('.').count());
                self.bundle_prefixes.entry(beginning).push(sign);
            } else {
                unusable.push(Unusable {
                    value: id.value.clone(),
                    reason: "a prefix of bundle ids must end with a dot, or it would match `com.examples` for `com.example`",
                });
            }
        }
        for id in &entry.extension_ids {
            self.extension_ids
                .entry(&id.value)
                .push(sign(EvidenceKind::ExtensionId, id.mark, &[]));
        }
        for id in &entry.team_ids {
            self.team_ids
                .entry(&id.value)
                .push(sign(EvidenceKind::TeamId, id.mark, &[]));
        }
        for code in &entry.product_codes {
            let key = normalise::product_code(&code.value);
            if key.len() != 32 {
                unusable.push(Unusable {
                    value: code.value.clone(),
                    reason: "a product code is a GUID",
                });
            }
            let sign = sign(EvidenceKind::ProductCode, code.mark, &[]);
            self.product_codes.entry(key).or_default().push(sign);
        }
        for purl in &entry.purls {
            if !purl.value.starts_with("pkg:") {
                unusable.push(Unusable {
                    value: purl.value.clone(),
                    reason: "a package URL begins with `pkg:`",
                });
            }
            let sign = sign(EvidenceKind::Purl, purl.mark, &[]);
            self.purls.entry(&normalise::purl(&purl.value)).push(sign);
        }
        for hash in &entry.sha256 {
            match Sha256::from_hex(&hash.value) {
                Some(digest) => {
                    let sign = sign(EvidenceKind::Sha256, hash.mark, &[]);
                    self.sha256.entry(digest).or_default().push(sign);
                }
                None => unusable.push(Unusable {
                    value: hash.value.clone(),
                    reason: "a SHA-256 digest is 64 hexadecimal digits",
                }),
            }
        }
        for name in &entry.cpes {
            match normalise::cpe(&name.value) {
                Some(key) => {
                    let sign = sign(EvidenceKind::Cpe, name.mark, &[]);
                    self.cpes.entry(key).or_default().push(sign);
                }
                None => unusable.push(Unusable {
                    value: name.value.clone(),
                    reason: "a CPE name begins with `cpe:/` or `cpe:2.3:` and names vendor and product",
                }),
            }
        }
        for signer in &entry.signers {
            if let Some(token) = normalise::tokens(&signer.value).into_iter().next() {
                self.statement_tokens.entry(&token);
            }
            let sign = sign(EvidenceKind::Signer, signer.mark, &[]);
            self.signers
                .entry(normalise::statement(&signer.value))
                .or_default()
                .push(sign);
        }
        unusable.extend(self.add_names_and_places(product, entry));
        unusable
    }

    fn add_names_and_places(&mut self, product: usize, entry: &ProductEntry) -> Vec<Unusable> {
        let mut unusable = Vec::new();
        for name in &entry.display_names {
            let tokens = normalise::tokens(&name.value);
            let Some(first) = tokens.first().cloned() else {
                unusable.push(empty(&name.value));
                continue;
            };
            let verified = name.mark.is_verified();
            let pattern = NamePattern {
                tokens,
                exact: name.exact,
                product,
                verified,
            };
            self.names.entry(&first).push(pattern);
        }
        for path in &entry.paths {
            let (anywhere, rest) = match path.value.strip_prefix("**/") {
                Some(rest) => (true, rest),
                None => (false, path.value.as_str()),
            };
            let components = normalise::path(rest);
            if components.is_empty() {
                unusable.push(empty(&path.value));
                continue;
            }
            let verified = path.mark.is_verified();
            self.paths.push(PathPattern {
                components,
                anywhere,
                product,
                verified,
            });
        }
        for process in &entry.process_names {
            let kind = EvidenceKind::ProcessName;
            let verified = process.mark.is_verified();
            let sign = Sign {
                product,
                kind,
                verified,
                sources: Vec::new(),
            };
            if !process.pattern {
                self.process_names
                    .entry(process.value.to_lowercase())
                    .or_default()
                    .push(sign);
                continue;
            }
            match Regex::new(&format!("^(?i:{})$", process.value)) {
                Ok(regex) => self.process_patterns.push((regex, sign)),
                Err(_) => unusable.push(Unusable {
                    value: process.value.clone(),
                    reason: "the pattern is not a regular expression",
                }),
            }
        }
        unusable
    }
}

/// The name by which a package database lists an item, if it comes from one. The name of a
/// local model is that before its tag.
pub(super) fn package_of(item: &Software) -> Option<&str> {
    let lists_packages = |source: &str| {
        source.ends_with("_packages") || matches!(source, "winget" | "appx" | "local_models")
    };
    let id = item.package_id.as_deref().or_else(|| {
        item.source
            .as_deref()
            .filter(|source| lists_packages(source))
            .map(|_| &*item.name)
    })?;
    match item.source.as_deref() {
        Some("local_models") => id.split(':').next(),
        _ => Some(id),
    }
}

/// The bundle or application id of an item; some lists of apps name an app by it.
pub(super) fn bundle_of(item: &Software) -> Option<&str> {
    let lists_apps = |source: &str| matches!(source, "android_apps" | "ios_apps" | "apps");
    item.bundle_id.as_deref().or_else(|| {
        item.source
            .as_deref()
            .filter(|source| lists_apps(source))
            .map(|_| &*item.name)
    })
}

fn empty(value: &str) -> Unusable {
    Unusable {
        value: value.to_owned(),
        reason: "the value has no letter or digit",
    }
}
