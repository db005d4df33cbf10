//! Memory of identifications: software that many hosts have is looked up once.
//!
//! Only items are kept that carry signs at all; of any other it is cheaper to find that out
//! than to remember it. The key is the very content of what identification reads, compared
//! byte by byte, so that an item is never taken for another.

use std::collections::HashMap;
use std::mem;

use xxhash_rust::xxh3::xxh3_64;

use crate::catalogue::{Catalogue, Identification};
use crate::facts::Software;

use super::digest::Encoder;

/// Items that are remembered, at most.
const ITEMS: usize = 16_384;
/// Bytes of a key, at most; a longer one is not worth remembering. With `PRODUCTS` this
/// bounds what may be kept to some tens of MB, whoever asks.
const KEY_BYTES: usize = 512;
/// Products that an item is, at most, to be remembered.
const PRODUCTS: usize = 4;

/// What items seen lately were identified as, by one catalogue.
pub(super) struct Recall {
    /// What was kept or asked for lately, and what was so before. When the first half is
    /// full, the second is forgotten.
    young: HashMap<u64, Kept>,
    old: HashMap<u64, Kept>,
    half: usize,
    key: Encoder,
}

/// One item. Another of the same hash takes its place.
struct Kept {
    key: Box<[u8]>,
    found: Box<[Identification]>,
}

impl Default for Recall {
    fn default() -> Self {
        Self::with_room(ITEMS)
    }
}

impl Recall {
    fn with_room(items: usize) -> Self {
        Self {
            young: HashMap::new(),
            old: HashMap::new(),
            half: items / 2,
            key: Encoder::default(),
        }
    }

    /// The same as [`Catalogue::identify`]. All calls have to be with one catalogue.
    pub(super) fn identify(
        &mut self,
        catalogue: &Catalogue,
        items: &[Software],
    ) -> Vec<Identification> {
        let mut identified = Vec::new();
        for (index, item) in items.iter().enumerate() {
            if catalogue.may_know(item) {
                self.identify_item(catalogue, index, item, &mut identified);
            }
        }
        identified
    }

    fn identify_item(
        &mut self,
        catalogue: &Catalogue,
        index: usize,
        item: &Software,
        into: &mut Vec<Identification>,
    ) {
        write_key(item, &mut self.key);
        let hash = xxh3_64(self.key.bytes());
        if let Some(found) = self.get(hash) {
            into.extend(found.iter().map(|found| Identification {
                index,
                ..found.clone()
            }));
            return;
        }
        let first = into.len();
        catalogue.identify_item(index, item, into);
        let found = into.get(first..).unwrap_or_default();
        if self.key.bytes().len() <= KEY_BYTES && found.len() <= PRODUCTS {
            let kept = Kept {
                key: self.key.bytes().into(),
                found: found.into(),
            };
            self.keep(hash, kept);
        }
    }

    fn get(&mut self, hash: u64) -> Option<&[Identification]> {
        let key = self.key.bytes();
        let is_same = |kept: &Kept| *kept.key == *key;
        if !self.young.get(&hash).is_some_and(is_same) {
            self.old.get(&hash).filter(|kept| is_same(kept))?;
            let kept = self.old.remove(&hash)?;
            self.keep(hash, kept);
        }
        self.young.get(&hash).map(|kept| &*kept.found)
    }

    fn keep(&mut self, hash: u64, kept: Kept) {
        if self.young.len() >= self.half {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(hash, kept);
    }
}

/// Writes all that identification reads of an item, and nothing that it does not.
fn write_key(item: &Software, key: &mut Encoder) {
    let Software {
        name,
        version: _,
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
        embedded_in: _,
        install_time: _,
    } = item;
    key.clear();
    key.text(name);
    for field in [
        publisher,
        source,
        bundle_id,
        package_id,
        extension_id,
        product_code,
        team_id,
        signer,
        purl,
        cpe,
        path,
    ] {
        key.optional(field.as_deref());
    }
    key.digest(sha256.as_ref());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CATALOGUE: &str = "
vendor: {id: acme, name: Acme, publishers: [{value: Acme Labs, mark: V2}]}
products:
  - {id: acme.shield, name: Shield, display_names: [{value: Acme Shield, mark: V2}], package_ids: [{value: shld, sources: [deb_packages], mark: V2}]}
  - {id: acme.other, name: Other, catch_all: true, paths: [{value: /opt/acme, mark: R}], sha256: [{value: 0101010101010101010101010101010101010101010101010101010101010101, mark: V1}]}
";

    fn catalogue() -> Catalogue {
        let mut remarks = Vec::new();
        let catalogue = Catalogue::compile([("a.yaml", CATALOGUE)].into_iter(), &mut remarks);
        assert!(remarks.is_empty(), "{remarks:?}");
        catalogue
    }

    fn item() -> impl Strategy<Value = Software> {
        let of = |values: &'static [&'static str]| {
            prop::option::of(prop::sample::select(values).prop_map(str::to_owned))
        };
        (
            "(Acme|acme) (Shield|Lance|shield 2)",
            of(&["1", "2"]),
            of(&["Acme Labs", "ACME LABS", "Others"]),
            of(&["deb_packages", "programs", "file"]),
            of(&["shld", "SHLD", "x"]),
            of(&["/opt/acme", "/opt/acme/", "/opt"]),
            prop::option::of(prop::sample::select(vec![[1; 32], [2; 32]])),
        )
            .prop_map(
                |(name, version, publisher, source, package_id, path, sha256)| Software {
                    name,
                    version,
                    publisher,
                    source,
                    package_id,
                    path,
                    sha256: sha256.map(crate::facts::Sha256),
                    ..Software::default()
                },
            )
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_remembered_equals_what_is_looked_up(
            hosts in prop::collection::vec(prop::collection::vec(item(), 0..12), 1..20),
            room in 2..32_usize,
        ) {
            let catalogue = catalogue();
            let mut recall = Recall::with_room(room);
            for host in &hosts {
                prop_assert_eq!(recall.identify(&catalogue, host), catalogue.identify(host));
                prop_assert!(recall.young.len() + recall.old.len() <= room);
            }
        }
    }

    fn shield(publisher: &str) -> Software {
        Software {
            name: "Acme Shield".to_owned(),
            publisher: Some(publisher.to_owned()),
            path: Some("/opt/acme".to_owned()),
            ..Software::default()
        }
    }

    #[test]
    fn what_is_asked_for_again_outlives_what_is_not() {
        let catalogue = catalogue();
        let mut recall = Recall::with_room(4);
        let mut ask = |item: &Software| {
            let seen = recall.young.len() + recall.old.len();
            recall.identify(&catalogue, std::slice::from_ref(item));
            (seen, recall.young.len() + recall.old.len())
        };
        let usual = shield("Acme Labs");
        for number in 0..20 {
            ask(&shield(&format!("Other {number}")));
            ask(&usual);
            let (before, after) = ask(&usual);
            assert_eq!(before, after, "known at once");
        }
        let kept = recall.young.values().chain(recall.old.values());
        assert_eq!(kept.filter(|kept| kept.found.len() == 1).count(), 1);
    }

    #[test]
    fn what_would_take_much_room_and_what_is_unknown_are_not_kept() {
        let catalogue = catalogue();
        let mut recall = Recall::default();
        let large = shield(&"x".repeat(KEY_BYTES));
        let unknown = Software {
            name: "Else".to_owned(),
            ..Software::default()
        };
        recall.identify(&catalogue, &[large, unknown]);
        assert!(recall.young.is_empty());
    }
}
