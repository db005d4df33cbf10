//! What the operator says about hosts, put together with what an inventory says of them.
//!
//! Inventories know what is installed; whose device it is and what it is used for they
//! mostly do not. What the operator says stands over what an inventory says.

use thiserror::Error;

use crate::diagnostic::Diagnostic;
use crate::facts::{HostFacts, HostRecord, OperatingSystem, Owner};

use crate::yaml;

use super::InventoriedHost;

/// Facts about hosts without their software.
#[derive(Clone, Debug, Default)]
pub struct About(HostRecord);

/// Why a record says more than it may about hosts of inventories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("states {0}, which the inventory states: leave it out here")]
pub struct AboutInvalid(pub &'static str);

impl About {
    /// Reads a file of facts in which no host need be named.
    ///
    /// # Errors
    /// What is wrong with the file, or that it states what inventories state.
    pub fn read(path: &str, text: &str) -> Result<Self, Diagnostic> {
        let record = yaml::read::<HostRecord>(path, text, "facts-parse-error")?;
        Self::new(record).map_err(|invalid| {
            let message = format!("the file {invalid}");
            yaml::remark(
                path,
                text,
                invalid.0,
                Diagnostic::error("facts-about-hosts", message),
            )
        })
    }

    /// Takes a record for what is said about hosts.
    ///
    /// # Errors
    /// If it states software, coverage or a time of collection, which are the inventory's.
    pub fn new(record: HostRecord) -> Result<Self, AboutInvalid> {
        for (stated, what) in [
            (!record.software.is_empty(), "software"),
            (!record.coverage.is_empty(), "coverage"),
            (record.collect_time.is_some(), "collect_time"),
        ] {
            if stated {
                return Err(AboutInvalid(what));
            }
        }
        Ok(Self(record))
    }

    /// Whether it names a host, which only one can be.
    #[must_use]
    pub const fn names_host(&self) -> bool {
        !self.0.host_id.is_empty()
    }

    /// What a host is called: as the inventory says, or else as is said here, or `unnamed`.
    #[must_use]
    pub fn name_of<'a>(&'a self, host: &'a InventoriedHost, unnamed: &'a str) -> &'a str {
        let mut names = [&host.record.host_id, &self.0.host_id].into_iter();
        let named = names.find(|name| !name.is_empty());
        named.map_or(unnamed, String::as_str)
    }

    /// The record of a host of an inventory. Scalars and lists that are said here stand over
    /// the inventory's; groups and attributes of both are kept. A host that neither names is
    /// called `unnamed`.
    #[must_use]
    pub fn complete(&self, host: InventoriedHost, unnamed: &str) -> HostRecord {
        let mut host = host;
        host.settle();
        let said = self.0.clone();
        let host_id = self.name_of(&host, unnamed).to_owned();
        let mut record = host.record;
        record.host_id = host_id;
        record.os = either(said.os, record.os, |said, read| OperatingSystem {
            family: said.family.or(read.family),
            version: said.version.or(read.version),
            architecture: said.architecture.or(read.architecture),
        });
        record.form_factor = said.form_factor.or(record.form_factor);
        record.owner = either(said.owner, record.owner, |said, read| Owner {
            kind: said.kind.or(read.kind),
            jurisdictions: over(said.jurisdictions, read.jurisdictions),
            sectors: over(said.sectors, read.sectors),
            us_person: said.us_person.or(read.us_person),
            contract_clauses: over(said.contract_clauses, read.contract_clauses),
        });
        record.purposes = over(said.purposes, record.purposes);
        record.groups.extend(said.groups);
        record.attributes = either(said.attributes, record.attributes, |said, mut read| {
            read.extend(said);
            read
        });
        record
    }

    /// The same as facts.
    ///
    /// # Errors
    /// As [`HostFacts::check`].
    pub fn facts(
        &self,
        host: InventoriedHost,
        unnamed: &str,
    ) -> Result<HostFacts, crate::facts::FactsInvalid> {
        HostFacts::check(self.complete(host, unnamed))
    }
}

fn either<T>(said: Option<T>, read: Option<T>, both: impl FnOnce(T, T) -> T) -> Option<T> {
    match (said, read) {
        (Some(said), Some(read)) => Some(both(said, read)),
        (said, read) => said.or(read),
    }
}

fn over(said: Vec<String>, read: Vec<String>) -> Vec<String> {
    if said.is_empty() { read } else { said }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::OwnerKind;

    fn record(yaml: &str) -> HostRecord {
        yaml::read("a.yaml", yaml, "x").unwrap()
    }

    #[test]
    fn what_is_said_stands_and_the_inventory_fills_the_rest() {
        let about = About::new(record(
            "{host_id: said, owner: {kind: government, jurisdictions: [US]}, groups: [a]}",
        ))
        .unwrap();
        let read = |host_id: &str| InventoriedHost {
            record: record(&format!(
                "{{host_id: '{host_id}', os: {{family: linux}}, owner: {{kind: business, us_person: true}}, groups: [b], software: [{{name: x}}]}}"
            )),
            ..InventoriedHost::default()
        };
        let whole = about.complete(read("own"), "file");
        assert_eq!(whole.host_id, "own");
        let owner = whole.owner.unwrap();
        assert_eq!(owner.kind, Some(OwnerKind::Government));
        assert_eq!(
            (owner.us_person, owner.jurisdictions),
            (Some(true), vec!["US".to_owned()])
        );
        assert_eq!(whole.groups, ["b", "a"]);
        assert_eq!(about.complete(read(""), "file").host_id, "said");
        assert_eq!(About::default().complete(read(""), "file").host_id, "file");
    }

    #[test]
    fn what_is_installed_is_the_inventorys() {
        assert_eq!(
            About::new(record("{host_id: h, software: [{name: x}]}")).unwrap_err(),
            AboutInvalid("software")
        );
    }
}
