//! Keys: digests of all that the outcome of a test can depend on.
//!
//! A test rule depends on the modules that are loaded for it and on `data`. A case depends on
//! its own file, on what software is, on instruments, data and waivers, and on the modules of
//! the policies that it wakes; which these are is told anew in each set. Where less would do,
//! more is digested: a test that runs in vain costs a moment, one that is wrongly taken for
//! passed lets a broken set go live.

use sha2::{Digest, Sha256};

use crate::bundle::{Bundle, Role, role};
use crate::cases::Case;
use crate::facts::{FactsInvalid, HostFacts};
use crate::rego::TestRule;
use crate::snapshot::Snapshot;

use super::Beside;

/// A digest of all that the outcome of a test can depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key([u8; 32]);

/// What the keys of one set are made of.
pub(super) struct Keys {
    /// Of each module, in the order of the snapshot.
    modules: Vec<[u8; 32]>,
    /// Of instruments and data.
    data: [u8; 32],
    /// Of what tests of rules alone see; zeros where there is nothing.
    fixtures: [u8; 32],
    /// Of the catalogue and the waivers.
    world: [u8; 32],
}

impl Keys {
    pub(super) fn of(snapshot: &Snapshot, beside: &Beside) -> Self {
        let bundle = snapshot.bundle();
        Self {
            modules: snapshot
                .modules()
                .iter()
                .map(|module| of_parts(&[module.path.as_bytes(), module.text.as_bytes()]))
                .collect(),
            data: of_files(bundle, &[Role::Instrument, Role::Data]),
            fixtures: beside
                .fixtures
                .as_ref()
                .map_or([0; 32], |fixtures| fixtures.digest()),
            world: of_files(bundle, &[Role::Catalogue, Role::Waivers]),
        }
    }

    pub(super) fn rule(&self, rule: &TestRule) -> Key {
        let mut parts: Vec<&[u8]> =
            vec![b"rule-1", rule.name.as_bytes(), &self.data, &self.fixtures];
        parts.extend(self.modules_at(rule.reach.iter()));
        Key(of_parts(&parts))
    }

    pub(super) fn case(
        &self,
        snapshot: &Snapshot,
        file: &[u8; 32],
        case: &Case,
        facts: &Result<HostFacts, FactsInvalid>,
    ) -> Key {
        // Which are in the file, unless it names none.
        let instants: Vec<String> = case
            .moments
            .iter()
            .map(|moment| moment.at.to_string())
            .collect();
        let mut parts: Vec<&[u8]> = vec![b"case-1", file, case.name.as_bytes()];
        parts.extend(instants.iter().map(String::as_bytes));
        parts.extend([&self.data[..], &self.world]);
        // Facts that are refused fail, and what fails is not remembered.
        if let Ok(facts) = facts {
            let record = facts.record();
            let identified = snapshot.catalogue().identify(&record.software);
            let woken = snapshot.woken(&identified, record);
            for policy in woken.iter().filter_map(|at| snapshot.policies().get(*at)) {
                parts.push(policy.id.as_bytes());
                parts.extend(self.modules_at(policy.package.modules.iter()));
            }
        }
        Key(of_parts(&parts))
    }

    fn modules_at<'a>(&self, positions: impl Iterator<Item = &'a usize>) -> Vec<&[u8]> {
        positions
            .filter_map(|at| self.modules.get(*at))
            .map(<[u8; 32]>::as_slice)
            .collect()
    }
}

fn of_files(bundle: &Bundle, roles: &[Role]) -> [u8; 32] {
    let mut parts: Vec<&[u8]> = Vec::new();
    for (path, content) in bundle.files() {
        if role(path).is_some_and(|role| roles.contains(&role)) {
            parts.extend([path.as_bytes(), content]);
        }
    }
    of_parts(&parts)
}

/// A digest in which each part stands with its length.
pub(super) fn of_parts(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}
