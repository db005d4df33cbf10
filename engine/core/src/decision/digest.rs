//! The encoding of facts as bytes in which equal facts are equal and different ones
//! differ, and the digest that names a decision.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use xxhash_rust::xxh3::xxh3_128;

use crate::catalogue::Identification;
use crate::facts::{Attribute, Coverage, HostRecord, OwnerKind, Software};
use crate::instant::Instant;
use crate::rego::HostPart;

use super::evaluator::Question;

/// Writes values one behind the other, each with its length, so that no two sequences
/// share an encoding.
#[derive(Default)]
pub(super) struct Encoder(Vec<u8>);

impl Encoder {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn number(&mut self, number: usize) {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    pub(super) fn text(&mut self, text: &str) {
        self.number(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    /// An absent text differs from an empty one.
    pub(super) fn optional(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.0.extend_from_slice(&u32::MAX.to_le_bytes()),
        }
    }

    pub(super) fn digest(&mut self, digest: Option<&crate::facts::Sha256>) {
        self.0.push(u8::from(digest.is_some()));
        if let Some(digest) = digest {
            self.0.extend_from_slice(&digest.0);
        }
    }

    pub(super) fn list(&mut self, values: Option<&[String]>) {
        match values {
            Some(values) => {
                self.number(values.len());
                values.iter().for_each(|value| self.text(value));
            }
            None => self.optional(None),
        }
    }

    pub(super) fn instant(&mut self, instant: Option<Instant>) {
        match instant {
            Some(instant) => {
                self.0.push(1);
                self.0
                    .extend_from_slice(&instant.unix_nanoseconds().to_le_bytes());
            }
            None => self.0.push(0),
        }
    }

    pub(super) fn coverage(&mut self, coverage: &[Coverage]) {
        self.number(coverage.len());
        for entry in coverage {
            self.text(&entry.source);
            self.text(entry.state.word());
            self.instant(entry.collect_time);
        }
    }

    pub(super) fn item(&mut self, item: &Software) {
        let fields = [
            &item.version,
            &item.publisher,
            &item.source,
            &item.bundle_id,
            &item.package_id,
            &item.extension_id,
            &item.product_code,
            &item.team_id,
            &item.signer,
            &item.purl,
            &item.cpe,
            &item.path,
            &item.embedded_in,
        ];
        // One bit for each field that is there, because most are not.
        let mut present = 0_u16;
        for (at, field) in fields.iter().enumerate() {
            present |= u16::from(field.is_some()) << at;
        }
        present |= u16::from(item.sha256.is_some()) << 13;
        present |= u16::from(item.install_time.is_some()) << 14;
        self.0.extend_from_slice(&present.to_le_bytes());
        self.text(&item.name);
        for field in fields.into_iter().flatten() {
            self.text(field);
        }
        if let Some(hash) = &item.sha256 {
            self.0.extend_from_slice(&hash.0);
        }
        if item.install_time.is_some() {
            self.instant(item.install_time);
        }
    }

    pub(super) fn attributes(&mut self, attributes: Option<&BTreeMap<String, Attribute>>) {
        match attributes {
            Some(fields) => {
                self.0.push(1);
                self.object(fields);
            }
            None => self.0.push(0),
        }
    }

    fn object(&mut self, fields: &BTreeMap<String, Attribute>) {
        self.number(fields.len());
        for (key, value) in fields {
            self.text(key);
            self.attribute(value);
        }
    }

    fn attribute(&mut self, value: &Attribute) {
        match value {
            Attribute::Null => self.0.push(0),
            Attribute::Bool(value) => self.0.extend_from_slice(&[1, u8::from(*value)]),
            Attribute::Number(value) => {
                self.0.push(2);
                self.0.extend_from_slice(&value.to_bits().to_le_bytes());
            }
            Attribute::Text(value) => {
                self.0.push(3);
                self.text(value);
            }
            Attribute::List(values) => {
                self.0.push(4);
                self.number(values.len());
                values.iter().for_each(|value| self.attribute(value));
            }
            Attribute::Object(fields) => {
                self.0.push(5);
                self.object(fields);
            }
        }
    }

    /// One part of the host. A part that is there and empty differs from one that is not.
    pub(super) fn host_part(&mut self, part: HostPart, record: &HostRecord) {
        let os = record.os.as_ref();
        let owner = record.owner.as_ref();
        match part {
            HostPart::Id => self.text(&record.host_id),
            HostPart::OsFamily => {
                self.0.push(u8::from(os.is_some()));
                self.optional(os.and_then(|os| os.family.as_deref()));
            }
            HostPart::OsVersion => {
                self.0.push(u8::from(os.is_some()));
                self.optional(os.and_then(|os| os.version.as_deref()));
            }
            HostPart::OsArchitecture => {
                self.0.push(u8::from(os.is_some()));
                self.optional(os.and_then(|os| os.architecture.as_deref()));
            }
            HostPart::FormFactor => self.optional(record.form_factor.as_deref()),
            HostPart::OwnerKind => {
                self.optional(owner.and_then(|owner| owner.kind).map(OwnerKind::word));
            }
            HostPart::Jurisdictions => self.list(owner.map(|owner| owner.jurisdictions.as_slice())),
            HostPart::Sectors => self.list(owner.map(|owner| owner.sectors.as_slice())),
            HostPart::UsPerson => {
                let us_person = owner.and_then(|owner| owner.us_person);
                self.0.push(us_person.map_or(2, u8::from));
            }
            HostPart::ContractClauses => {
                self.list(owner.map(|owner| owner.contract_clauses.as_slice()));
            }
            HostPart::Purposes => self.list(Some(&record.purposes)),
            HostPart::Groups => self.list(Some(&record.groups)),
            HostPart::Attributes => self.attributes(record.attributes.as_ref()),
            HostPart::CollectTime => self.instant(record.collect_time),
        }
    }

    fn host(&mut self, record: &HostRecord) {
        for part in HostPart::ALL {
            self.host_part(part, record);
        }
        self.coverage(&record.coverage);
    }
}

/// The id of a decision: a digest of facts, action, instant and snapshot.
///
/// All that can bear on the decision goes into a cryptographic digest as it is. The items
/// that nothing was recognised in go in by a fast hash: whoever makes two inventories meet
/// in it has made two inputs with the same decision share an id, and nothing more.
/// `whole` says that rules read the raw inventory, so that every item bears on it.
pub(super) fn decision_id(
    question: Question<'_>,
    snapshot: &str,
    identified: &[Identification],
    whole: bool,
    scratch: &mut Encoder,
) -> String {
    let record = question.facts.record();
    let mut digest = Sha256::new();

    scratch.clear();
    scratch.number(record.software.len());
    record.software.iter().for_each(|item| scratch.item(item));
    if whole {
        digest.update(scratch.bytes());
    } else {
        digest.update(xxh3_128(scratch.bytes()).to_le_bytes());
    }

    scratch.clear();
    scratch.text("embargo-decision-1");
    scratch.text(snapshot);
    scratch.text(question.action.word());
    scratch.instant(Some(question.at));
    scratch.host(record);
    for found in identified {
        scratch.number(found.index);
        scratch.number(found.product);
        if let Some(item) = record.software.get(found.index) {
            scratch.item(item);
        }
    }
    digest.update(scratch.bytes());
    crate::facts::Sha256(digest.finalize().into()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_empty_and_joined_texts_differ() {
        let encode = |write: &dyn Fn(&mut Encoder)| {
            let mut encoder = Encoder::default();
            write(&mut encoder);
            encoder.0
        };
        let encodings = [
            encode(&|e| e.optional(None)),
            encode(&|e| e.optional(Some(""))),
            encode(&|e| {
                e.text("ab");
                e.text("c");
            }),
            encode(&|e| {
                e.text("a");
                e.text("bc");
            }),
            encode(&|e| e.list(Some(&["a".to_owned(), "bc".to_owned()]))),
        ];
        for (at, one) in encodings.iter().enumerate() {
            assert!(
                encodings.iter().skip(at + 1).all(|other| other != one),
                "{at}"
            );
        }
    }
}
