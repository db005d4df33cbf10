//! Snapshots: one compiled, content-addressed, immutable set of catalogue, instruments,
//! rules, waivers and data.
//!
//! Only [`Snapshot::compile`] makes one, and only from a bundle without errors. Its id is
//! the digest of the sources, so that equal content has equal ids everywhere.

mod barred;
mod compile;
mod data;
mod missing;
mod places;
mod policy;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::bundle::{Bundle, Role, TESTDATA, role};
use crate::catalogue::{Catalogue, Identification};
use crate::diagnostic::Diagnostic;
use crate::facts::HostRecord;
use crate::instant::Instant;
use crate::instrument::Instrument;
use crate::rego::{DataValues, HostPart, Module, ReadSet, render_data};
use crate::trial::Fixtures;
use crate::waiver::Waiver;

use self::barred::Barred;

pub(crate) use self::data::place;

pub use self::policy::Policy;

/// A set of policies that is ready to judge.
#[derive(Debug)]
pub struct Snapshot {
    id: Arc<str>,
    bundle: Bundle,
    catalogue: Catalogue,
    instruments: BTreeMap<String, Arc<Instrument>>,
    waivers: Vec<Waiver>,
    /// Rules first, then tests of rules.
    modules: Vec<Module>,
    /// How many of the modules are rules.
    rule_modules: usize,
    policies: Vec<Policy>,
    data: BTreeMap<String, serde_json::Value>,
    /// For each product of the catalogue, the policies that it wakes.
    woken_by: Vec<Vec<usize>>,
    /// The policies that always run.
    always: Vec<usize>,
    /// Every instant that a rule can compare with, in order.
    boundaries: Vec<Instant>,
    warnings: Vec<Diagnostic>,
    barred: Barred,
}

impl Snapshot {
    /// Compiles a bundle.
    ///
    /// # Errors
    /// All remarks, worst first, if there is an error among them.
    pub fn compile(bundle: Bundle) -> Result<Self, Vec<Diagnostic>> {
        compile::compile(bundle)
    }

    /// The digest of the sources: 64 lower-case hexadecimal digits.
    #[must_use]
    pub const fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// The sources.
    #[must_use]
    pub const fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// What software is.
    #[must_use]
    pub const fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The instruments, by id.
    pub fn instruments(&self) -> impl ExactSizeIterator<Item = &Arc<Instrument>> {
        self.instruments.values()
    }

    /// An instrument by its id.
    #[must_use]
    pub fn instrument(&self, id: &str) -> Option<&Arc<Instrument>> {
        self.instruments.get(id)
    }

    /// The policies, by id.
    #[must_use]
    pub fn policies(&self) -> &[Policy] {
        &self.policies
    }

    /// A policy by its id.
    #[must_use]
    pub fn policy(&self, id: &str) -> Option<&Policy> {
        let at = self
            .policies
            .binary_search_by(|policy| (*policy.id).cmp(id))
            .ok()?;
        self.policies.get(at)
    }

    /// The sources that a policy was compiled from, by path: its rules without tests, and
    /// its instruments.
    #[must_use]
    pub fn sources(&self, policy: &Policy) -> Vec<(&str, &[u8])> {
        let is_own = |path: &str| {
            let own_rule = self
                .modules
                .iter()
                .take(self.rule_modules)
                .any(|module| module.path == path && *module.package == *policy.id);
            let own_instrument = policy
                .instruments
                .iter()
                .any(|instrument| path == format!("{}/instrument.yaml", instrument.folder));
            own_rule || own_instrument
        };
        self.bundle
            .files()
            .filter(|(path, _)| is_own(path))
            .collect()
    }

    /// The waivers, by id.
    #[must_use]
    pub fn waivers(&self) -> &[Waiver] {
        &self.waivers
    }

    /// Remarks that did not keep the set from being compiled.
    #[must_use]
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// `data` as rules see it, as JSON, for those who run the rules under OPA.
    #[must_use]
    pub fn data_json(&self) -> String {
        render_data(
            self.instruments.values().map(|instrument| &**instrument),
            &self.data,
        )
    }

    /// The case files of the bundle, by path.
    pub fn case_files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.bundle
            .files()
            .filter(|(path, _)| role(path) == Some(Role::Cases))
            .filter_map(|(path, content)| Some((path, std::str::from_utf8(content).ok()?)))
    }

    pub(crate) fn data_values(&self) -> DataValues {
        DataValues::new(
            self.instruments.values().map(|instrument| &**instrument),
            &self.data,
        )
    }

    /// The same with what tests alone see.
    pub(crate) fn data_values_with(&self, fixtures: &Fixtures) -> DataValues {
        let mut data = self.data.clone();
        data.insert(TESTDATA.to_owned(), fixtures.value());
        DataValues::new(
            self.instruments.values().map(|instrument| &**instrument),
            &data,
        )
    }

    /// Whether any policy can have something to say about the product at a position of the
    /// catalogue.
    pub(crate) fn concerns(&self, product: usize) -> bool {
        !self.always.is_empty()
            || self
                .woken_by
                .get(product)
                .is_some_and(|woken| !woken.is_empty())
    }

    /// Rules first, then tests of rules.
    pub(crate) fn modules(&self) -> &[Module] {
        &self.modules
    }

    pub(crate) fn rule_modules(&self) -> &[Module] {
        self.modules.get(..self.rule_modules).unwrap_or_default()
    }

    /// Has a policy not evaluated any more, because it did not come back once. It counts as
    /// failed from here on, wherever this snapshot judges.
    pub fn bar(&self, policy: usize) {
        self.barred.bar(policy);
    }

    /// Whether a policy is not evaluated any more, because it did not come back once.
    #[must_use]
    pub fn is_barred(&self, policy: usize) -> bool {
        self.barred.contains(policy)
    }

    pub(crate) fn boundaries(&self) -> &[Instant] {
        &self.boundaries
    }

    /// Whether a rule reads the raw inventory.
    #[must_use]
    pub fn reads_software(&self) -> bool {
        self.policies
            .iter()
            .any(|policy| policy.package.reads.software)
    }

    /// Whether what lies at or below a path of the input, such as `["host", "groups"]`, can bear on
    /// a decision: through a rule that reads it, the
    /// scope of an instrument, or a waiver that holds for some hosts.
    #[must_use]
    pub fn depends_on(&self, path: &[&str]) -> bool {
        let mut asked = ReadSet::default();
        asked.add(path);
        // Whether software was read at all bears on every decision.
        if asked.coverage {
            return true;
        }
        let of_scopes =
            asked.reads_host(HostPart::OwnerKind) || asked.reads_host(HostPart::Jurisdictions);
        let reads = |policy: &Policy| {
            policy.package.reads.meets(&asked) || (of_scopes && !policy.instruments.is_empty())
        };
        let waives = |waiver: &Waiver| {
            (asked.reads_host(HostPart::Id) && !waiver.hosts.ids.is_empty())
                || (asked.reads_host(HostPart::Groups) && !waiver.hosts.groups.is_empty())
        };
        self.policies.iter().any(reads) || self.waivers.iter().any(waives)
    }

    /// The policies that must be evaluated for these identifications, in ascending order.
    pub(crate) fn woken(&self, identified: &[Identification], host: &HostRecord) -> Vec<usize> {
        let mut woken = self.always.clone();
        for found in identified {
            woken.extend(self.woken_by.get(found.product).into_iter().flatten());
        }
        woken.sort_unstable();
        woken.dedup();
        woken.retain(|at| {
            self.policies
                .get(*at)
                .is_some_and(|policy| !policy.excludes(host))
        });
        woken
    }
}
