//! Memory of evaluations: a package is evaluated once for inputs that agree in all that it
//! reads.
//!
//! Hosts of one owner with the same products agree in what most rules read, whatever their
//! names and versions, so a fleet needs few evaluations. The key is the very content of
//! what is read, compared byte by byte; a digest could be made to meet another.

use std::collections::HashMap;
use std::sync::Arc;

use crate::catalogue::Catalogue;
use crate::facts::Software;
use crate::instant::Instant;
use crate::rego::{Entry, FoundPart, HostPart, InputParts, ReadSet, TimeRead};

use super::digest::Encoder;

/// Entries of one package, at most.
const ENTRIES: usize = 4_096;
/// Bytes of a key, at most; a longer one is not worth remembering.
const KEY_BYTES: usize = 16 * 1_024;

/// What one package gave for the inputs seen lately.
#[derive(Default)]
pub(super) struct Memo {
    known: HashMap<Vec<u8>, Arc<[Entry]>>,
}

impl Memo {
    pub(super) fn get(&self, key: &[u8]) -> Option<Arc<[Entry]>> {
        self.known.get(key).cloned()
    }

    pub(super) fn put(&mut self, key: &[u8], entries: Arc<[Entry]>) {
        if key.len() > KEY_BYTES {
            return;
        }
        if self.known.len() >= ENTRIES {
            // Starting over is cheaper than keeping account of use, and as bounded.
            self.known.clear();
        }
        self.known.insert(key.to_vec(), entries);
    }
}

/// Writes the content of what a package reads. Says no if it reads the raw inventory,
/// which is not worth remembering.
pub(super) fn key(
    reads: &ReadSet,
    parts: InputParts<'_>,
    boundaries: &[Instant],
    key: &mut Encoder,
) -> bool {
    key.clear();
    if reads.software {
        return false;
    }
    match reads.time {
        TimeRead::Never => {}
        TimeRead::Stepped => {
            key.number(boundaries.partition_point(|boundary| *boundary <= parts.at));
        }
        TimeRead::Free => key.instant(Some(parts.at)),
    }
    if reads.action {
        key.text(parts.action.word());
    }
    let record = parts.facts.record();
    for part in HostPart::ALL
        .into_iter()
        .filter(|part| reads.reads_host(*part))
    {
        key.host_part(part, record);
    }
    if reads.coverage {
        key.coverage(&record.coverage);
    }
    if reads.identified {
        key.number(parts.identified.len());
        for found in parts.identified {
            let Some(item) = record.software.get(found.index) else {
                return false;
            };
            for part in FoundPart::ALL
                .into_iter()
                .filter(|part| reads.reads_found(*part))
            {
                match part {
                    FoundPart::Product => key.text(product_id(parts.catalogue, found.product)),
                    FoundPart::Strength => key.text(found.strength.word()),
                    FoundPart::Evidence => {
                        key.number(found.evidence.len());
                        for sign in found.evidence.iter() {
                            key.text(sign.kind.word());
                            key.text(&sign.value);
                            key.text(sign.strength.word());
                        }
                    }
                    FoundPart::Index => key.number(found.index),
                    part => item_part(part, item, key),
                }
            }
        }
    }
    true
}

fn product_id(catalogue: &Catalogue, at: usize) -> &str {
    catalogue.product(at).map_or("", |product| &product.id)
}

fn item_part(part: FoundPart, item: &Software, key: &mut Encoder) {
    match part {
        FoundPart::Name => key.text(&item.name),
        FoundPart::Version => key.optional(item.version.as_deref()),
        FoundPart::Publisher => key.optional(item.publisher.as_deref()),
        FoundPart::Source => key.optional(item.source.as_deref()),
        FoundPart::EmbeddedIn => key.optional(item.embedded_in.as_deref()),
        _ => key.item(item),
    }
}
