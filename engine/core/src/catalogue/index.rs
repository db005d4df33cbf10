//! The index: from an identifier to the products it is a sign of.
//!
//! Built once for a snapshot, product by product. How it is asked stands in `lookup`.

use std::collections::HashSet;
use std::sync::Arc;

use crate::facts::Sha256;

use super::entry::{Mark, ProductEntry, Value, VendorEntry};
use super::evidence::EvidenceKind;
use super::item::LOCAL_MODELS;
use super::normalise;
use super::process::ProcessPatterns;
use super::purl;
use super::sign::{NameSign, PathSign, Sign, VendorSign};
use super::trie::Trie;

#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) package_ids: Trie<Sign>,
    pub(super) bundle_ids: Trie<Sign>,
    /// Beginnings of bundle ids by their components.
    pub(super) bundle_beginnings: Trie<Sign>,
    pub(super) extension_ids: Trie<Sign>,
    pub(super) team_ids: Trie<Sign>,
    pub(super) vendor_team_ids: Trie<VendorSign>,
    pub(super) product_codes: Trie<Sign>,
    pub(super) purls: Trie<Sign>,
    pub(super) sha256: Trie<Sign>,
    pub(super) cpes: Trie<Sign>,
    /// Signers and publishers by their words.
    pub(super) signers: Trie<Sign>,
    pub(super) vendor_signers: Trie<VendorSign>,
    pub(super) publishers: Trie<VendorSign>,
    /// Names by their tokens.
    pub(super) names: Trie<NameSign>,
    /// Paths from the root, by their components.
    pub(super) paths: Trie<PathSign>,
    /// Parts of paths, by their components.
    pub(super) path_parts: Trie<PathSign>,
    pub(super) process_names: Trie<Sign>,
    pub(super) process_patterns: ProcessPatterns,
    /// Lists of sources, so that equal ones are held once.
    sources: HashSet<Arc<[String]>>,
}

/// Why an entry cannot be indexed: the value and the reason.
pub(super) struct Unusable {
    pub(super) value: String,
    pub(super) reason: &'static str,
}

impl Unusable {
    fn new(value: &str, reason: &'static str) -> Self {
        Self {
            value: value.to_owned(),
            reason,
        }
    }

    fn empty(value: &str) -> Self {
        Self::new(value, "the value has no letter or digit")
    }
}

impl Index {
    pub(super) fn add_vendor(&mut self, vendor: usize, entry: &VendorEntry<'_>) -> Vec<Unusable> {
        let mut unusable = Vec::new();
        let sign = |kind, value: &Value<'_>| VendorSign {
            vendor,
            kind,
            verified: value.mark.is_verified(),
        };
        for (kind, values, known) in [
            (
                EvidenceKind::Publisher,
                &entry.publishers,
                &mut self.publishers,
            ),
            (
                EvidenceKind::Signer,
                &entry.signers,
                &mut self.vendor_signers,
            ),
        ] {
            for value in values {
                insert_statement(known, value, sign(kind, value), &mut unusable);
            }
        }
        for value in &entry.team_ids {
            let sign = sign(EvidenceKind::TeamId, value);
            self.vendor_team_ids.insert_word(&value.value, sign);
        }
        unusable
    }

    pub(super) fn add_product(
        &mut self,
        product: usize,
        entry: &ProductEntry<'_>,
    ) -> Vec<Unusable> {
        let mut unusable = Vec::new();
        self.add_ids(product, entry, &mut unusable);
        self.add_digests_and_statements(product, entry, &mut unusable);
        self.add_names_and_places(product, entry, &mut unusable);
        unusable
    }

    fn add_ids(&mut self, product: usize, entry: &ProductEntry<'_>, unusable: &mut Vec<Unusable>) {
        for id in &entry.package_ids {
            if id.value.contains(':') && id.sources.iter().any(|source| source == LOCAL_MODELS) {
                unusable.push(Unusable::new(
                    &id.value,
                    "models are compared without what follows the first `:`, so leave it out",
                ));
            }
            let mut sign = sign(product, EvidenceKind::PackageName, id.mark);
            sign.sources = self.shared(&id.sources);
            self.package_ids.insert_word(&id.value, sign);
        }
        for id in &entry.bundle_ids {
            let mut sign = sign(product, EvidenceKind::BundleId, id.mark);
            sign.sources = self.shared(&id.sources);
            if !id.prefix {
                self.bundle_ids.insert_word(&id.value, sign);
            } else if let Some(beginning) = id.value.strip_suffix('.') {
                self.bundle_beginnings.insert(beginning.split('.'), sign);
            } else {
                unusable.push(Unusable::new(
                    &id.value,
                    "a prefix of bundle ids must end with a dot, or it would match `com.examples` for `com.example`",
                ));
            }
        }
        for (kind, values, known) in [
            (
                EvidenceKind::ExtensionId,
                &entry.extension_ids,
                &mut self.extension_ids,
            ),
            (EvidenceKind::TeamId, &entry.team_ids, &mut self.team_ids),
        ] {
            for value in values {
                known.insert_word(&value.value, sign(product, kind, value.mark));
            }
        }
        for code in &entry.product_codes {
            match normalise::product_code(&code.value) {
                Some(key) => {
                    let sign = sign(product, EvidenceKind::ProductCode, code.mark);
                    self.product_codes.insert([key], sign);
                }
                None => unusable.push(Unusable::new(&code.value, "a product code is a GUID")),
            }
        }
        for value in &entry.purls {
            if !value.value.starts_with("pkg:") {
                unusable.push(Unusable::new(
                    &value.value,
                    "a package URL begins with `pkg:`",
                ));
            }
            let sign = sign(product, EvidenceKind::Purl, value.mark);
            self.purls.insert_word(&purl::key(&value.value), sign);
        }
    }

    fn add_digests_and_statements(
        &mut self,
        product: usize,
        entry: &ProductEntry<'_>,
        unusable: &mut Vec<Unusable>,
    ) {
        for hash in &entry.sha256 {
            match Sha256::from_hex(&hash.value) {
                Some(digest) => {
                    let sign = sign(product, EvidenceKind::Sha256, hash.mark);
                    self.sha256.insert_word(&digest.to_string(), sign);
                }
                None => unusable.push(Unusable::new(
                    &hash.value,
                    "a SHA-256 digest is 64 hexadecimal digits",
                )),
            }
        }
        for name in &entry.cpes {
            match normalise::cpe(&name.value) {
                Some(key) => {
                    let sign = sign(product, EvidenceKind::Cpe, name.mark);
                    self.cpes.insert_word(&key, sign);
                }
                None => unusable.push(Unusable::new(
                    &name.value,
                    "a CPE name begins with `cpe:/` or `cpe:2.3:` and names vendor and product",
                )),
            }
        }
        for signer in &entry.signers {
            let sign = sign(product, EvidenceKind::Signer, signer.mark);
            insert_statement(&mut self.signers, signer, sign, unusable);
        }
    }

    fn add_names_and_places(
        &mut self,
        product: usize,
        entry: &ProductEntry<'_>,
        unusable: &mut Vec<Unusable>,
    ) {
        for name in &entry.display_names {
            let sign = NameSign {
                product,
                verified: name.mark.is_verified(),
                exact: name.exact,
            };
            let named = if name.value.is_ascii() {
                self.names
                    .insert(normalise::ascii_tokens(&name.value), sign)
            } else {
                self.names.insert(normalise::tokens(&name.value), sign)
            };
            if !named {
                unusable.push(Unusable::empty(&name.value));
            }
        }
        for path in &entry.paths {
            let (known, value) = match path.value.strip_prefix("**/") {
                Some(part) => (&mut self.path_parts, part),
                None => (&mut self.paths, &*path.value),
            };
            let value = normalise::lower(value);
            let sign = PathSign {
                product,
                verified: path.mark.is_verified(),
            };
            if !known.insert(normalise::components(&value), sign) {
                unusable.push(Unusable::empty(&path.value));
            }
        }
        for process in &entry.process_names {
            let sign = sign(product, EvidenceKind::ProcessName, process.mark);
            if !process.pattern {
                let name = normalise::lower(&process.value);
                self.process_names.insert_word(&name, sign);
            } else if self.process_patterns.insert(&process.value, sign).is_err() {
                unusable.push(Unusable::new(
                    &process.value,
                    "the pattern is not a regular expression",
                ));
            }
        }
    }

    /// The same list, held once; nothing if it is empty.
    fn shared(&mut self, sources: &[String]) -> Option<Arc<[String]>> {
        if sources.is_empty() {
            return None;
        }
        if let Some(known) = self.sources.get(sources) {
            return Some(Arc::clone(known));
        }
        let shared = Arc::<[String]>::from(sources);
        self.sources.insert(Arc::clone(&shared));
        Some(shared)
    }

    /// Makes the index ready to be asked, and no larger than it needs to be.
    ///
    /// # Errors
    /// If the patterns for processes are too large together.
    pub(super) fn finish(&mut self) -> Result<(), regex::Error> {
        self.sources = HashSet::new();
        for ids in [
            &mut self.package_ids,
            &mut self.bundle_ids,
            &mut self.bundle_beginnings,
            &mut self.extension_ids,
            &mut self.team_ids,
            &mut self.product_codes,
            &mut self.purls,
            &mut self.sha256,
            &mut self.cpes,
            &mut self.signers,
            &mut self.process_names,
        ] {
            ids.shrink();
        }
        for wide in [
            &mut self.vendor_team_ids,
            &mut self.vendor_signers,
            &mut self.publishers,
        ] {
            wide.shrink();
        }
        self.names.shrink();
        self.paths.shrink();
        self.path_parts.shrink();
        self.process_patterns.finish()
    }
}

fn sign(product: usize, kind: EvidenceKind, mark: Mark) -> Sign {
    Sign {
        product,
        kind,
        verified: mark.is_verified(),
        sources: None,
    }
}

/// Adds a publisher or signer, which has to have a letter or digit to be one.
fn insert_statement<S>(
    known: &mut Trie<S>,
    value: &Value<'_>,
    sign: S,
    unusable: &mut Vec<Unusable>,
) {
    if normalise::tokens(&value.value).next().is_none() {
        unusable.push(Unusable::empty(&value.value));
        return;
    }
    match normalise::plain_words(&value.value) {
        Some(words) => known.insert(words, sign),
        None => known.insert(normalise::statement(&value.value).split(' '), sign),
    };
}
