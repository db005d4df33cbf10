//! The account of a host: from which document it was read, and what became of the records.

use embargo_core::facts::HostFacts;
use embargo_core::facts::inventory::{Format, Remark, RemarkKind};

use super::Origin;
use crate::output;
use crate::output::words::plural;

/// Remarks that are shown of one host.
const SHOWN: usize = 20;

/// What was read of a host.
pub(crate) struct Account {
    pub(crate) origin: Origin,
    format: Format,
    pub(crate) host_id: String,
    /// How many records of software the document has for the host.
    pub(crate) records: usize,
    /// How many of them are items of the facts.
    pub(crate) items: usize,
    remarks: Vec<Remark>,
}

impl Account {
    pub(super) fn new(
        origin: Origin,
        format: Format,
        facts: &HostFacts,
        records: usize,
        mut remarks: Vec<Remark>,
    ) -> Self {
        remarks.sort_by_key(|remark| remark.kind);
        Self {
            origin,
            format,
            host_id: facts.record().host_id.clone(),
            records,
            items: facts.record().software.len(),
            remarks,
        }
    }

    /// How many remarks there are on what could not be read.
    pub(crate) fn unread(&self) -> usize {
        let unread = |remark: &&Remark| remark.kind == RemarkKind::Unread;
        self.remarks.iter().filter(unread).count()
    }

    /// Says on standard error what was read of an inventory; among many hosts, only what of
    /// it could not be.
    pub(crate) fn say(&self, among_many: bool) {
        if self.format == Format::Facts || (among_many && self.unread() == 0) {
            return;
        }
        output::remark(&output::pretty::clean(&self.to_string()));
        let remarks = self.remarks.iter();
        let said: Vec<_> = remarks
            .filter(|remark| !among_many || remark.kind == RemarkKind::Unread)
            .collect();
        for remark in said.iter().take(SHOWN) {
            output::remark(&format!("  {}", output::pretty::clean(&remark.to_string())));
        }
        if said.len() > SHOWN {
            output::remark(&format!("  and {} more remarks", said.len() - SHOWN));
        }
    }
}

impl std::fmt::Display for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}: {}, host {}: {}, {}",
            self.origin,
            self.format.word(),
            self.host_id,
            counted(self.records, "record"),
            counted(self.items, "item"),
        )?;
        match self.unread() {
            0 => Ok(()),
            unread => write!(f, ", {unread} could not be read"),
        }
    }
}

fn counted(count: usize, word: &str) -> String {
    let number = u64::try_from(count).unwrap_or(u64::MAX);
    format!("{number} {}", plural(number, word))
}
