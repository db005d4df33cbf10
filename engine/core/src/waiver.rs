//! Waivers: an operator's leave to go against an instrument for a time.
//!
//! Every waiver names who answers for it, why, and when it ends. A waived finding stays in
//! the answer, marked, and counts as WARN.

use serde::Deserialize;

use crate::catalogue::Catalogue;
use crate::diagnostic::{Diagnostic, is_enough};
use crate::facts::HostRecord;
use crate::instant::Instant;
use crate::instrument::Instrument;
use crate::likeness::did_you_mean;
use crate::yaml;

use std::collections::{BTreeMap, BTreeSet};

/// One waiver.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// The id, unique in the bundle.
    pub id: String,
    /// The instruments that it sets aside.
    pub instruments: Vec<String>,
    /// The hosts that it holds for.
    pub hosts: Hosts,
    /// The products that it holds for.
    pub products: Products,
    /// Why it was given.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Where it was agreed.
    pub ticket: String,
    /// The first instant at which it no longer holds.
    pub expires: Instant,
}

/// Hosts by id or group, or all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hosts {
    /// Hosts of these ids.
    #[serde(default)]
    pub ids: Vec<String>,
    /// Hosts in one of these groups.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Every host.
    #[serde(default)]
    pub all: bool,
}

/// Products by id or vendor, or all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Products {
    /// These products.
    #[serde(default)]
    pub ids: Vec<String>,
    /// Every product of these vendors.
    #[serde(default)]
    pub vendors: Vec<String>,
    /// Every product, and findings about the whole host.
    #[serde(default)]
    pub all: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WaiverFile {
    waivers: Vec<Waiver>,
}

/// What waivers may name.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    pub(crate) instruments: &'a BTreeMap<String, std::sync::Arc<Instrument>>,
    /// Instruments that are there and could not be read.
    pub(crate) unread: &'a BTreeSet<String>,
    /// Nothing, if a part of it could not be read.
    pub(crate) catalogue: Option<&'a Catalogue>,
}

/// Reads waiver files, given by path and text.
pub(crate) fn compile<'a>(
    files: impl Iterator<Item = (&'a str, &'a str)>,
    known: Known<'_>,
    remarks: &mut Vec<Diagnostic>,
) -> Vec<Waiver> {
    let mut waivers = Vec::<Waiver>::new();
    let mut ids = BTreeSet::new();
    for (path, text) in files {
        let file: WaiverFile = match yaml::read(path, text, "waiver-parse-error") {
            Ok(file) => file,
            Err(remark) => {
                remarks.push(remark);
                continue;
            }
        };
        for waiver in file.waivers {
            let mut fault = |value: &str, message: String, hint: &str| {
                if is_enough(remarks) {
                    return;
                }
                remarks.push(
                    yaml::remark(
                        path,
                        text,
                        value,
                        Diagnostic::error("waiver-invalid", message),
                    )
                    .hint(hint),
                );
            };
            if !ids.insert(waiver.id.clone()) {
                fault(
                    &waiver.id,
                    format!("two waivers are called `{}`", waiver.id),
                    "give each its own id",
                );
            }
            for (key, value) in [
                ("id", &waiver.id),
                ("reason", &waiver.reason),
                ("owner", &waiver.owner),
                ("ticket", &waiver.ticket),
            ] {
                if value.trim().is_empty() {
                    fault(
                        &waiver.id,
                        format!("the waiver `{}` has an empty `{key}`", waiver.id),
                        "a waiver says who answers for it, why, and where it was agreed",
                    );
                }
            }
            if waiver.instruments.is_empty() {
                fault(
                    &waiver.id,
                    format!("the waiver `{}` names no instrument", waiver.id),
                    "name what it sets aside",
                );
            }
            for id in waiver
                .instruments
                .iter()
                .filter(|id| !known.instruments.contains_key(*id) && !known.unread.contains(*id))
            {
                let ids = known.instruments.keys().map(String::as_str);
                fault(
                    id,
                    format!(
                        "the waiver `{}` names the instrument `{id}`, which is not there",
                        waiver.id
                    ),
                    &did_you_mean(id, ids, "correct the name, or remove the waiver"),
                );
            }
            let mut there = |what: &str, id: &str, ids: &mut dyn Iterator<Item = &str>| {
                let ids: Vec<&str> = ids.collect();
                if !ids.contains(&id) {
                    let message = format!(
                        "the waiver `{}` names the {what} `{id}`, which is not in the catalogue",
                        waiver.id
                    );
                    fault(id, message, &did_you_mean(id, ids, "correct the name"));
                }
            };
            if let Some(catalogue) = known.catalogue {
                for id in &waiver.products.ids {
                    there("product", id, &mut catalogue.product_ids());
                }
                for id in &waiver.products.vendors {
                    there("vendor", id, &mut catalogue.vendor_ids());
                }
            }
            let hosts = &waiver.hosts;
            if !hosts.all && hosts.ids.is_empty() && hosts.groups.is_empty() {
                fault(
                    &waiver.id,
                    format!("the waiver `{}` holds for no host", waiver.id),
                    "name `ids` or `groups`, or write `all: true`",
                );
            }
            let products = &waiver.products;
            if !products.all && products.ids.is_empty() && products.vendors.is_empty() {
                fault(
                    &waiver.id,
                    format!("the waiver `{}` holds for no product", waiver.id),
                    "name `ids` or `vendors`, or write `all: true`",
                );
            }
            waivers.push(waiver);
        }
    }
    waivers.sort_by(|a, b| a.id.cmp(&b.id));
    waivers
}

impl Waiver {
    /// Whether it holds for a host at an instant.
    #[must_use]
    pub fn holds(&self, host: &HostRecord, at: Instant) -> bool {
        at < self.expires && self.is_for(host)
    }

    /// Whether it is about a host, whenever.
    #[must_use]
    pub fn is_for(&self, host: &HostRecord) -> bool {
        self.hosts.all
            || self.hosts.ids.contains(&host.host_id)
            || self
                .hosts
                .groups
                .iter()
                .any(|group| host.groups.binary_search(group).is_ok())
    }

    /// Whether it is about a finding of this instrument and product; both ids are empty
    /// where there is none.
    #[must_use]
    pub fn covers(&self, instrument: &str, product: &str, vendor: &str) -> bool {
        let product_covered = self.products.all
            || self.products.ids.iter().any(|id| id == product)
            || self.products.vendors.iter().any(|id| id == vendor);
        product_covered && self.instruments.iter().any(|id| id == instrument)
    }
}
