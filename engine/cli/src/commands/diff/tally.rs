//! The tally: what is kept of all hosts, which is numbers and no host.

use std::collections::BTreeMap;

use embargo_core::instrument::Effect;

use super::verdict::{Change, Stand, Subject, Verdict};

/// Numbers of hosts.
#[derive(Debug, Default)]
pub(in crate::commands) struct Tally {
    /// Judged by both sides.
    pub(in crate::commands) hosts: u64,
    pub(in crate::commands) changed: u64,
    /// Not judged by both.
    pub(in crate::commands) unjudged: u64,
    /// On which a policy failed, on one side or on both.
    pub(in crate::commands) failed: u64,
    /// On which more was found than a decision holds.
    pub(in crate::commands) cut: u64,
    effects: BTreeMap<(Effect, Effect), u64>,
    moves: BTreeMap<(Subject, Stand, Stand), u64>,
}

impl Tally {
    pub(in crate::commands) fn add(
        &mut self,
        change: Option<&Change>,
        old: &Verdict,
        new: &Verdict,
    ) {
        self.hosts += 1;
        self.failed += u64::from(old.has_failed || new.has_failed);
        self.cut += u64::from(old.is_cut || new.is_cut);
        let Some(change) = change else { return };
        self.changed += 1;
        if change.old != change.new {
            let effects = self.effects.entry((change.old, change.new));
            *effects.or_default() += 1;
        }
        for moved in &change.moves {
            match self.moves.get_mut(moved) {
                Some(hosts) => *hosts += 1,
                None => drop(self.moves.insert(moved.clone(), 1)),
            }
        }
    }

    /// Whether there may be changes that were not seen.
    pub(in crate::commands) const fn is_incomplete(&self) -> bool {
        self.unjudged > 0 || self.failed > 0 || self.cut > 0
    }

    /// Changes of the whole decision, most hosts first.
    pub(in crate::commands) fn effects(&self) -> Vec<(u64, Effect, Effect)> {
        let effects = self.effects.iter();
        let mut rows: Vec<_> = effects
            .map(|((old, new), hosts)| (*hosts, *old, *new))
            .collect();
        rows.sort_by_key(|(hosts, ..)| std::cmp::Reverse(*hosts));
        rows
    }

    /// What stands otherwise than before, most hosts first, then by rule and product.
    pub(in crate::commands) fn moves(&self) -> Vec<(u64, &Subject, Stand, Stand)> {
        let moves = self.moves.iter();
        let mut rows: Vec<_> = moves
            .map(|((subject, old, new), hosts)| (*hosts, subject, *old, *new))
            .collect();
        rows.sort_by_key(|(hosts, ..)| std::cmp::Reverse(*hosts));
        rows
    }
}
