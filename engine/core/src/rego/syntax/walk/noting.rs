//! Noting: what bears on no outcome and is worth a remark, such as a field that the input
//! does not have.

use std::collections::BTreeSet;

use regorus::unstable::{Expr, Span as AstSpan};

use crate::rego::shape;
use crate::rego::syntax::names::{Chain, Meaning};
use crate::rego::syntax::{Reference, span};

use super::Walk;

/// How the raw inventory is being gone through at a place of a rule.
#[derive(Clone, Debug, Default)]
pub(super) struct Sweep {
    /// How many times at once.
    depth: usize,
    /// Names that `some` declares without a collection.
    free: BTreeSet<String>,
    /// Of these and of names that nothing declares, the ones that have a value by now.
    taken: BTreeSet<String>,
}

/// Names of either kind that are told apart, since each body has a copy of them.
const NAMES: usize = 32;

impl Sweep {
    pub(super) fn free(&mut self, name: &str) {
        if self.free.len() < NAMES {
            self.free.insert(name.to_owned());
        }
    }

    /// Whether a name has no value yet at its first use.
    fn takes(&mut self, name: &str) -> bool {
        self.taken.len() < NAMES && self.taken.insert(name.to_owned())
    }
}

impl Walk<'_> {
    /// Walks where what is gone through is gone through no longer behind it.
    pub(super) fn within(&mut self, walk: impl FnOnce(&mut Self)) {
        let outside = self.sweep.clone();
        walk(self);
        self.sweep = outside;
    }

    /// A reference, and what it can stand for.
    pub(super) fn note<'m>(
        &mut self,
        chain: &Chain<'_>,
        meanings: impl IntoIterator<Item = &'m Meaning>,
        is_call: bool,
    ) {
        if self.gathering || chain.name().is_none() {
            return;
        }
        let meanings: Vec<Meaning> = meanings.into_iter().cloned().collect();
        self.note_input(&meanings, &chain.places);
        for meaning in &meanings {
            match meaning {
                Meaning::Data(path) => self.note_rule(chain, path, is_call),
                Meaning::Input(path) => self.note_index(chain, path),
                Meaning::Instant | Meaning::Local => {}
            }
        }
    }

    /// A path of the input that leads nowhere, whatever the reference stands for. Where a name
    /// stands for one, the place that gave it this meaning has the remark.
    pub(super) fn note_input(&mut self, meanings: &[Meaning], places: &[&AstSpan]) {
        if self.gathering {
            return;
        }
        let mut first = None;
        for meaning in meanings {
            let Meaning::Input(path) = meaning else {
                return;
            };
            let Some(at) = shape::fault(path) else {
                return;
            };
            let before = path.len().saturating_sub(places.len());
            let Some(place) = at.checked_sub(before).and_then(|own| places.get(own)) else {
                return;
            };
            first.get_or_insert((path, at, *place));
        }
        if let Some((path, at, place)) = first {
            let path = path.iter().take(at + 1).cloned().collect();
            let place = span(self.path, place);
            self.noted.strange.entry(path).or_insert(place);
        }
    }

    /// A path to a rule of a package that lies elsewhere.
    fn note_rule(&mut self, chain: &Chain<'_>, path: &[String], is_call: bool) {
        let is_whole = chain.name() == Some("data");
        let is_imported = chain.name().is_some_and(|name| {
            !self.locals.contains_key(name) && self.imports.0.contains_key(name)
        });
        let is_package = path
            .first()
            .is_some_and(|first| first == "lib" || first == "restrictions");
        if !is_package || !(is_whole || is_imported) {
            return;
        }
        // Of an import, what it leads to has the first step that stands here.
        let kept = if is_whole {
            path.iter().take_while(|step| *step != "*").count()
        } else {
            path.len().saturating_sub(chain.steps.len()) + 1
        };
        let before = path.len().saturating_sub(chain.places.len());
        let own = kept.checked_sub(before + 1);
        let Some(place) = own.and_then(|own| chain.places.get(own)) else {
            return;
        };
        let path: Vec<String> = path.iter().take(kept).cloned().collect();
        if path.last().is_none_or(|last| last == "*") {
            return;
        }
        let span = span(self.path, place);
        let noted = self.noted.references.entry(path).or_insert(Reference {
            span,
            is_call,
            is_whole,
        });
        noted.is_call |= is_call;
    }

    /// An index that goes through the raw inventory: `input.software[_]`, or one by a name that
    /// has no value yet.
    fn note_index(&mut self, chain: &Chain<'_>, path: &[String]) {
        let before = path.len().saturating_sub(chain.steps.len());
        let is_raw = matches!(path, [first, any, ..] if first == "software" && any == "*");
        if !is_raw || before > 1 {
            return;
        }
        let Some(name) = chain
            .indexes
            .first()
            .and_then(|index| Chain::of(index))
            .filter(|index| index.steps.is_empty())
            .and_then(|index| index.name())
        else {
            return;
        };
        let may_be_any = self.sweep.free.contains(name) || !self.locals.contains_key(name);
        if name == "_" || (may_be_any && self.sweep.takes(name)) {
            self.sweep(chain.root);
        }
    }

    /// A collection that is gone through.
    pub(super) fn note_sweep(&mut self, collection: &Expr) {
        let is_raw = |meaning: &Meaning| matches!(meaning, Meaning::Input(path) if matches!(path.as_slice(), [only] if only == "software"));
        if !self.gathering && self.meanings(collection).iter().any(is_raw) {
            self.sweep(collection);
        }
    }

    fn sweep(&mut self, at: &Expr) {
        self.noted.sweeps = true;
        self.sweep.depth += 1;
        if self.sweep.depth > 1 {
            let place = || span(self.path, at.span());
            self.noted.cross.get_or_insert_with(place);
        }
    }

    /// A call of a function of the set where the raw inventory is being gone through.
    pub(super) fn note_swept(&mut self, path: &[String], at: &Expr) {
        if self.sweep.depth > 0 && !self.gathering {
            let place = || span(self.path, at.span());
            self.noted.swept.entry(path.to_vec()).or_insert_with(place);
        }
    }

    /// What is known at the end: the names that have values. Under another input than that of
    /// requests any field may stand.
    pub(super) fn note_names(&mut self) {
        if self.mocks {
            self.noted.strange.clear();
        }
        self.noted.names = self.locals.keys().cloned().collect();
        self.noted.names.extend(std::mem::take(&mut self.bindable));
    }
}
