//! Drafts: a host as an adapter puts it together.
//!
//! Here, and nowhere in the adapters, values are brought within the limits on facts: a
//! record must not make its whole host unjudgeable, and no part of it may vanish without
//! a remark.

mod fit;

use crate::diagnostic::cut;
use crate::facts::forms::is_kebab_case;
use crate::facts::{
    Attribute, Coverage, CoverageState, HostRecord, OperatingSystem, Owner, OwnerKind, Software,
    limits,
};
use crate::instant::Instant;

use super::InventoriedHost;
use super::answers::Answers;
use super::at::At;
use super::remark::{self, Log, Remark, RemarkKind};

/// Items that are kept until it is known which of them later answers replace.
const KEPT: usize = 2 * limits::SOFTWARE;

/// The source that stands for the document as a whole.
const DOCUMENT: &str = "document";

/// A host of which a document tells.
pub(super) struct Draft<'l> {
    record: HostRecord,
    records: usize,
    answers: Answers,
    log: &'l Log,
}

impl<'l> Draft<'l> {
    pub(super) fn new(log: &'l Log) -> Self {
        Self {
            record: HostRecord::default(),
            records: 0,
            answers: Answers::default(),
            log,
        }
    }

    /// Names the host, if the document does.
    pub(super) fn host_id(&mut self, id: Option<String>) {
        let Some(id) = id.map(|id| self.without_null("host id", id)) else {
            return;
        };
        if id.len() > limits::HOST_ID_BYTES {
            self.changed("the host's id is longer than 256 bytes, and was left out");
        } else {
            self.record.host_id = id;
        }
    }

    /// States the system. `family` is a word such as `windows`, `macos`, `linux`, `android`,
    /// `ios`, `ipados`.
    pub(super) fn system(
        &mut self,
        family: Option<&str>,
        version: Option<String>,
        architecture: Option<String>,
    ) {
        let family = family.map(|word| word.to_ascii_lowercase().replace([' ', '_'], "-"));
        let system = OperatingSystem {
            family: family.filter(|word| is_kebab_case(word)),
            version: version.map(|text| self.fitting("os version", text, limits::TEXT_BYTES)),
            architecture: architecture
                .map(|text| self.fitting("architecture", text, limits::TEXT_BYTES)),
        };
        if system != OperatingSystem::default() {
            self.record.os = Some(system);
        }
    }

    /// The family of the system, as far as it is known.
    pub(super) fn family(&self) -> Option<&str> {
        self.record.os.as_ref()?.family.as_deref()
    }

    /// States the form factor, a word such as `mobile` or `laptop`.
    pub(super) fn form_factor(&mut self, word: &str) {
        self.record.form_factor = Some(word.to_owned());
    }

    pub(super) fn owner_kind(&mut self, kind: OwnerKind) {
        self.record.owner = Some(Owner {
            kind: Some(kind),
            ..Owner::default()
        });
    }

    /// Who owns the host, as far as it is known.
    pub(super) fn owned_as(&self) -> Option<OwnerKind> {
        self.record.owner.as_ref()?.kind
    }

    pub(super) fn group(&mut self, name: impl Into<String>) {
        let name = self.fitting("group", name.into(), limits::GROUP_BYTES);
        if self.record.groups.len() == limits::GROUPS {
            self.changed("there are more than 1,000 groups; the others were left out");
        }
        if self.record.groups.len() < limits::GROUPS && !name.is_empty() {
            self.record.groups.push(name);
        }
    }

    /// States a fact that the schema has no field for. Keys are in snake_case.
    pub(super) fn attribute(&mut self, key: &str, value: Attribute) {
        self.record
            .attributes
            .get_or_insert_default()
            .insert(key.to_owned(), value);
    }

    /// The same for a text, if there is one.
    pub(super) fn text_attribute(&mut self, key: &str, value: Option<String>) {
        if let Some(text) = value {
            let text = self.fitting(key, text, limits::TEXT_BYTES);
            self.attribute(key, Attribute::Text(text));
        }
    }

    /// States when the host was read.
    pub(super) fn collected(&mut self, at: Option<Instant>) {
        self.record.collect_time = at.or(self.record.collect_time);
    }

    /// States how completely a source was read; the first statement about a source stands.
    pub(super) fn cover(&mut self, source: &str, state: CoverageState) {
        let mut source = self.fitting("source", source.to_owned(), limits::SOURCE_BYTES);
        if source.is_empty() {
            DOCUMENT.clone_into(&mut source);
        }
        let covered = &mut self.record.coverage;
        if covered.iter().any(|known| known.source == source) {
            return;
        }
        // One entry is kept free for what is said of the document when it is finished.
        if covered.len() + 1 < limits::LIST {
            covered.push(Coverage {
                source,
                state,
                collect_time: None,
            });
        } else {
            self.log.add(
                RemarkKind::Unread,
                "",
                "there are more than 255 sources, and how far the others were read is not told",
            );
        }
    }

    /// Takes a record for an item of installed software. One without a name is named by its
    /// most telling id; one without any is unread.
    pub(super) fn item(&mut self, at: &At<'_>, item: Software) {
        self.item_at(at.place(), item);
    }

    /// Takes one more item of the record that was just taken: one that tells of several.
    pub(super) fn item_too(&mut self, at: &At<'_>, item: Software) {
        self.keep(at.place(), item);
    }

    /// The same as `item` by the record's place.
    pub(super) fn item_at(&mut self, place: &str, item: Software) {
        self.records += 1;
        self.keep(place, item);
    }

    fn keep(&mut self, place: &str, mut item: Software) {
        if self.record.software.len() == KEPT {
            let Remark {
                kind,
                place,
                message,
            } = remark::too_many_items(place);
            self.log.add(kind, place, message);
            return;
        }
        if item.name.is_empty() {
            let id = [
                &item.bundle_id,
                &item.package_id,
                &item.extension_id,
                &item.purl,
                &item.product_code,
                &item.path,
            ]
            .into_iter()
            .find_map(Clone::clone);
            let Some(id) = id else {
                let message =
                    "the record has neither a name nor an id, so that it cannot be told what it is";
                self.log.add(RemarkKind::Unread, place, message);
                return;
            };
            self.log.add(
                RemarkKind::Changed,
                place,
                "the record has no name, and is named by its id",
            );
            item.name = id;
        }
        fit::bring_within_limits(self.log, place, &mut item);
        self.record.software.push(item);
    }

    /// How many items there are.
    pub(super) const fn items(&self) -> usize {
        self.record.software.len()
    }

    /// States that a query was answered in full, at this instant and with the items from here
    /// on. A later answer of the same query takes the place of an earlier one.
    pub(super) fn answered(&mut self, at: &At<'_>, query: &str, when: Instant, from: usize) {
        let replaced = self.answers.add(query, when, from..self.items());
        if replaced > 0 {
            self.records = self.records.saturating_sub(replaced);
            let Remark {
                kind,
                place,
                message,
            } = remark::replaced(at.place(), replaced);
            self.log.add(kind, place, message);
        }
        if self.answers.are_many() {
            self.answers.settle(&mut self.record.software);
        }
    }

    /// Counts a record that names no installed software, with the reason.
    pub(super) fn skip(&mut self, at: &At<'_>, why: impl Into<String>) {
        self.records += 1;
        at.skipped(why);
    }

    /// Counts a record that cannot be read, with the reason.
    pub(super) fn lose(&mut self, at: &At<'_>, why: impl Into<String>) {
        self.records += 1;
        at.unread(why);
    }

    /// The same two by the record's place.
    pub(super) fn skip_at(&mut self, place: &str, why: impl Into<String>) {
        self.records += 1;
        self.log.add(RemarkKind::Skipped, place, why);
    }

    pub(super) fn lose_at(&mut self, place: &str, why: impl Into<String>) {
        self.records += 1;
        self.log.add(RemarkKind::Unread, place, why);
    }

    /// The host, with all that was remarked since the one before it. Where a part could not
    /// be read, what was covered is not covered; a part that lists nothing tells of nothing.
    pub(super) fn finish(mut self) -> InventoriedHost {
        self.answers.settle(&mut self.record.software);
        if self.items() > limits::SOFTWARE {
            let Remark { kind, message, .. } = remark::too_many_items("");
            self.log.add(kind, "", message);
            let software = &mut self.record.software;
            self.answers.truncate(software, limits::SOFTWARE);
        }
        if self.log.has_unread() {
            let covered = &mut self.record.coverage;
            for entry in covered.iter_mut() {
                if matches!(
                    entry.state,
                    CoverageState::Complete | CoverageState::Partial
                ) {
                    entry.state = CoverageState::Unreadable;
                }
            }
            if covered
                .iter()
                .all(|entry| entry.state != CoverageState::Unreadable)
            {
                covered.push(Coverage {
                    source: DOCUMENT.to_owned(),
                    state: CoverageState::Unreadable,
                    collect_time: None,
                });
            }
        }
        if self.record.software.is_empty() {
            for entry in &mut self.record.coverage {
                if entry.state == CoverageState::Partial {
                    entry.state = CoverageState::NotCollected;
                }
            }
        }
        InventoriedHost {
            record: self.record,
            records: self.records,
            remarks: self.log.take(),
            answers: self.answers,
        }
    }

    fn fitting(&self, what: &str, text: String, most: usize) -> String {
        let text = self.without_null(what, text);
        if text.len() > most {
            self.changed(&format!(
                "the {what} is longer than {most} bytes, and was cut"
            ));
        }
        cut(text, most)
    }

    fn without_null(&self, what: &str, mut text: String) -> String {
        if text.contains('\0') {
            text.retain(|character| character != '\0');
            self.changed(&format!("the {what} holds U+0000, which was dropped"));
        }
        text
    }

    fn changed(&self, message: &str) {
        self.log.add(RemarkKind::Changed, "", message);
    }
}
