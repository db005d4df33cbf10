//! A policy of a snapshot: one package of rules with the instruments it puts into effect.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::facts::HostRecord;
use crate::instant::Instant;
use crate::instrument::Instrument;
use crate::rego::{Metadata, Package};

/// One package of rules.
#[derive(Debug)]
pub struct Policy {
    /// The package path below `data`.
    pub id: Arc<str>,
    /// The title from the package's metadata; empty if it has none.
    pub title: String,
    /// The description from the package's metadata.
    pub description: String,
    /// The folder, relative to the bundle's root.
    pub folder: String,
    /// The instruments that it puts into effect, by id.
    pub instruments: Vec<Arc<Instrument>>,
    pub(crate) package: Package,
    /// The instants at which its outcome may turn, in order.
    pub(crate) boundaries: Vec<Instant>,
}

impl Policy {
    pub(super) fn new(
        package: Package,
        metadata: Metadata,
        folder: String,
        instruments: Vec<Arc<Instrument>>,
        known: &[Arc<Instrument>],
    ) -> Self {
        // A rule compares with the phases of the instruments that it names; if it names
        // none beyond its metadata and goes through all of them, with every phase.
        let named = |instrument: &&Arc<Instrument>| {
            package.texts.contains(&instrument.id)
                || instruments.iter().any(|own| own.id == instrument.id)
        };
        let names_any = known.iter().any(|instrument| named(&instrument));
        let all = package.uses_all_instruments || !names_any;
        let mut boundaries: BTreeSet<Instant> = package.instants.clone();
        for instrument in known.iter().filter(|instrument| all || named(instrument)) {
            boundaries.extend(instrument.boundaries());
        }
        if package.reads.turns_after {
            boundaries.extend(boundaries.clone().into_iter().map(Instant::next));
        }
        Self {
            id: Arc::from(package.id.as_str()),
            title: metadata.title,
            description: metadata.description,
            folder,
            boundaries: boundaries.into_iter().collect(),
            instruments,
            package,
        }
    }

    /// Whether it runs whatever is identified.
    pub(super) fn always_runs(&self) -> bool {
        self.instruments.is_empty()
            || self.package.reads.software
            || self
                .instruments
                .iter()
                .any(|instrument| instrument.concerns.is_none())
    }

    /// Whether what is known about the owner puts them outside of every instrument's scope.
    pub(crate) fn excludes(&self, host: &HostRecord) -> bool {
        let owner = host.owner.as_ref();
        let kind = owner.and_then(|owner| owner.kind);
        let jurisdictions = owner.map_or(&[][..], |owner| &owner.jurisdictions);
        !self.instruments.is_empty()
            && self
                .instruments
                .iter()
                .all(|instrument| instrument.scope.excludes(kind, jurisdictions))
    }
}
