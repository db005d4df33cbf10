//! Asking the index: which signs an item carries.
//!
//! Texts in ASCII are compared as they stand; only others are normalised first. What is not
//! known is found out without allocating.

use std::borrow::Cow;

use crate::facts::{Sha256, Software};

use super::evidence::EvidenceKind;
use super::index::Index;
use super::item::{bundle_of, names_something, package_of, process_of};
use super::normalise;
use super::purl;
use super::sign::{Found, NameSign, PathSign, Sign, VendorSign};
use super::trie::{Node, ROOT, Trie};

impl Index {
    /// Whether the item carries signs that could suffice together, for whatever product: a
    /// strong one, or a medium one and a second of another kind. Says no for nearly every
    /// item, fast, and never for one that is identified.
    pub(super) fn may_know(&self, item: &Software) -> bool {
        if self.knows_id(item) {
            return true;
        }
        let medium = [
            names_something(item) && !self.names_of(&item.name).is_empty(),
            item.product_code
                .as_deref()
                .is_some_and(|code| self.codes_of(code).is_some()),
            item.publisher
                .as_deref()
                .is_some_and(|text| statement(&self.publishers, text).is_some()),
            item.signer.as_deref().is_some_and(|text| {
                statement(&self.signers, text).is_some()
                    || statement(&self.vendor_signers, text).is_some()
            }),
        ];
        match medium.into_iter().filter(|known| *known).count() {
            0 => false,
            1 => self.knows_weak_sign(item),
            _ => true,
        }
    }

    /// Whether an identifier is known that can suffice alone.
    fn knows_id(&self, item: &Software) -> bool {
        package_of(item).is_some_and(|id| {
            self.package_ids.contains(id.key)
                || normalise::appx_name(id.whole)
                    .is_some_and(|name| self.package_ids.contains(name))
        }) || bundle_of(item).is_some_and(|id| {
            self.bundle_ids.contains(id) || self.beginnings_of(id).next().is_some()
        }) || item
            .extension_id
            .as_deref()
            .is_some_and(|id| self.extension_ids.contains(id))
            || item
                .team_id
                .as_deref()
                .is_some_and(|id| self.vendor_team_ids.contains(id) || self.team_ids.contains(id))
            || item.purl.as_deref().is_some_and(|purl| {
                self.purl_node(purl).is_some()
                    || purl::package(purl).is_some_and(|(_, name)| self.package_ids.contains(&name))
            })
            || item
                .sha256
                .as_ref()
                .is_some_and(|hash| self.digest_node(hash).is_some())
    }

    fn knows_weak_sign(&self, item: &Software) -> bool {
        item.path
            .as_deref()
            .is_some_and(|path| !self.paths_of(path).is_empty())
            || process_of(item).is_some_and(|name| !self.processes_of(name).is_empty())
            || item
                .cpe
                .as_deref()
                .and_then(normalise::cpe)
                .is_some_and(|key| self.cpes.contains(&key))
    }

    /// The signs that point to one product each.
    pub(super) fn own_signs<'a>(&self, item: &'a Software) -> Vec<Found<'a>> {
        let mut found = Signs {
            source: item.source.as_deref(),
            found: Vec::new(),
        };
        if let Some(id) = package_of(item) {
            found.add(self.package_ids.get(id.key), id.whole);
            // Windows lists packages of AppX by longer ids in other sources too.
            if let Some(name) = normalise::appx_name(id.whole) {
                found.add_in(Some("appx"), self.package_ids.get(name), id.whole);
            }
        }
        if let Some(id) = bundle_of(item) {
            found.add(self.bundle_ids.get(id), id);
            found.add(self.beginnings_of(id), id);
        }
        if let Some(id) = &item.extension_id {
            found.add(self.extension_ids.get(id), id);
        }
        if let Some(id) = &item.team_id {
            found.add(self.team_ids.get(id), id);
        }
        if let Some(code) = &item.product_code {
            found.add_at(&self.product_codes, self.codes_of(code), code);
        }
        if let Some(purl) = &item.purl {
            found.add_at(&self.purls, self.purl_node(purl), purl);
            if let Some((database, name)) = purl::package(purl) {
                found.add_in(Some(database), self.package_ids.get(&name), purl);
            }
        }
        if let Some(hash) = &item.sha256
            && let Some(node) = self.digest_node(hash)
        {
            found.add(self.sha256.values(node), hash.to_string());
        }
        if let Some(name) = &item.cpe
            && let Some(key) = normalise::cpe(name)
        {
            found.add(self.cpes.get(&key), name);
        }
        if let Some(signer) = &item.signer {
            found.add_at(&self.signers, statement(&self.signers, signer), signer);
        }
        if let Some(name) = process_of(item) {
            for sign in self.processes_of(name) {
                found.add([sign], name.to_lowercase());
            }
        }
        if let Some(path) = &item.path {
            for sign in self.paths_of(path) {
                found.push(EvidenceKind::Path, sign.product, sign.verified, path);
            }
        }
        found.found
    }

    /// The signs that point to a vendor.
    pub(super) fn vendor_signs<'a>(&self, item: &'a Software) -> Vec<Found<'a>> {
        let mut found = Vec::new();
        let mut add = |signs: &Trie<VendorSign>, node: Option<Node>, value: &'a str| {
            let signs = node.into_iter().flat_map(|node| signs.values(node));
            found.extend(signs.map(|sign| Found {
                of: sign.vendor,
                kind: sign.kind,
                strength: sign.kind.strength(sign.verified),
                verified: sign.verified,
                value: Cow::Borrowed(value),
            }));
        };
        if let Some(publisher) = &item.publisher {
            let node = statement(&self.publishers, publisher);
            add(&self.publishers, node, publisher);
        }
        if let Some(signer) = &item.signer {
            let node = statement(&self.vendor_signers, signer);
            add(&self.vendor_signers, node, signer);
        }
        if let Some(id) = &item.team_id {
            let node = self.vendor_team_ids.step(ROOT, id.as_bytes());
            add(&self.vendor_team_ids, node, id);
        }
        found
    }

    /// What a name says, each with the number of its words.
    pub(super) fn names_of(&self, name: &str) -> Vec<(usize, &NameSign)> {
        if name.is_ascii() {
            return self.names_by(normalise::ascii_tokens(name));
        }
        // Most names are not worth normalising, for their first word is not known.
        if let Some(first) = normalise::first_ascii_token(name)
            && self.names.step(ROOT, first.as_bytes()).is_none()
        {
            return Vec::new();
        }
        self.names_by(normalise::tokens(name))
    }

    fn names_by<T: AsRef<[u8]>>(
        &self,
        mut tokens: impl Iterator<Item = T> + Clone,
    ) -> Vec<(usize, &NameSign)> {
        let mut matching = Vec::new();
        let (mut node, mut depth) = (ROOT, 0);
        while let Some(next) = tokens
            .next()
            .and_then(|token| self.names.step(node, token.as_ref()))
        {
            (node, depth) = (next, depth + 1);
            let here = self.names.values(node).filter(|sign| {
                !sign.exact
                    || tokens
                        .clone()
                        .all(|token| normalise::is_version_like(token.as_ref()))
            });
            matching.extend(here.map(|sign| (depth, sign)));
        }
        matching
    }

    fn paths_of(&self, path: &str) -> Vec<&PathSign> {
        let lower = normalise::lower(path);
        let mut matching = Vec::new();
        let mut components = normalise::components(&lower);
        follow(&self.paths, ROOT, components.clone(), &mut matching);
        while let Some(component) = components.next() {
            if let Some(node) = self.path_parts.step(ROOT, component) {
                matching.extend(self.path_parts.values(node));
                follow(&self.path_parts, node, components.clone(), &mut matching);
            }
        }
        matching
    }

    fn processes_of(&self, name: &str) -> Vec<&Sign> {
        let lower = normalise::lower(name);
        let mut matching = self.process_patterns.matching(&lower);
        matching.extend(self.process_names.get(&lower));
        matching
    }

    /// What the known beginnings of a bundle id say.
    fn beginnings_of(&self, id: &str) -> impl Iterator<Item = &Sign> {
        let mut node = Some(ROOT);
        let whole = id.bytes().filter(|byte| *byte == b'.').count();
        id.split('.')
            .take(whole)
            .map_while(move |component| {
                node = self.bundle_beginnings.step(node?, component.as_bytes());
                node
            })
            .flat_map(|node| self.bundle_beginnings.values(node))
    }

    fn codes_of(&self, code: &str) -> Option<Node> {
        self.product_codes
            .step(ROOT, &normalise::product_code(code)?)
    }

    fn purl_node(&self, purl: &str) -> Option<Node> {
        let name = purl::name(purl);
        if name.contains('%') || purl::is_distributed(name) {
            return self.purls.step(ROOT, purl::key(name).as_bytes());
        }
        self.purls.step(ROOT, name.as_bytes())
    }

    fn digest_node(&self, hash: &Sha256) -> Option<Node> {
        if self.sha256.is_empty() {
            return None;
        }
        self.sha256.step(ROOT, hash.to_string().as_bytes())
    }
}

/// Signs of products, as they are found.
struct Signs<'a, 's> {
    source: Option<&'s str>,
    found: Vec<Found<'a>>,
}

impl<'a> Signs<'a, '_> {
    fn add<'i>(
        &mut self,
        signs: impl IntoIterator<Item = &'i Sign>,
        value: impl Into<Cow<'a, str>>,
    ) {
        self.add_in(self.source, signs, value);
    }

    /// The same for an item that is named as another source names it.
    fn add_in<'i>(
        &mut self,
        source: Option<&str>,
        signs: impl IntoIterator<Item = &'i Sign>,
        value: impl Into<Cow<'a, str>>,
    ) {
        let value = value.into();
        for sign in signs {
            if let Some(strength) = sign.strength_in(source) {
                self.found.push(Found {
                    of: sign.product,
                    kind: sign.kind,
                    strength,
                    verified: sign.verified,
                    value: value.clone(),
                });
            }
        }
    }

    fn add_at(&mut self, signs: &Trie<Sign>, node: Option<Node>, value: &'a str) {
        self.add(node.into_iter().flat_map(|node| signs.values(node)), value);
    }

    fn push(&mut self, kind: EvidenceKind, product: usize, verified: bool, value: &'a str) {
        self.found.push(Found {
            of: product,
            kind,
            strength: kind.strength(verified),
            verified,
            value: Cow::Borrowed(value),
        });
    }
}

/// Gathers what is held on the way that words lead from a node.
fn follow<'i, 'w, V>(
    trie: &'i Trie<V>,
    mut node: Node,
    words: impl Iterator<Item = &'w [u8]>,
    matching: &mut Vec<&'i V>,
) {
    for word in words {
        let Some(next) = trie.step(node, word) else {
            return;
        };
        node = next;
        matching.extend(trie.values(node));
    }
}

/// Where a publisher or signer stands, compared as a whole.
fn statement<S>(known: &Trie<S>, text: &str) -> Option<Node> {
    let node = match normalise::plain_words(text) {
        Some(words) => known.walk(words),
        None => {
            // Most are not worth normalising, for their first word is not known.
            if let Some(first) = normalise::first_plain_word(text) {
                known.step(ROOT, first)?;
            }
            known.walk(normalise::statement(text).split(' '))
        }
    };
    node.filter(|node| known.values(*node).next().is_some())
}
