//! The walk through expressions: what they read, call and name.

use std::collections::BTreeSet;

use regorus::unstable::{AssignOp, BoolOp, Expr, Ref};

use crate::instant::Instant;
use crate::rego::builtins;
use crate::rego::syntax::names::{Chain, Meaning, literal_instant};
use crate::rego::syntax::{literal, span};

use super::{MEANINGS, PHASE_INSTANTS, Walk};

impl Walk<'_> {
    /// Walks on where names may get their value.
    fn binding(&mut self, walk: impl FnOnce(&mut Self)) {
        let outside = std::mem::replace(&mut self.binds, true);
        walk(self);
        self.binds = outside;
    }

    fn exprs<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Ref<Expr>>) {
        exprs.into_iter().for_each(|expr| self.expr(expr));
    }

    pub(super) fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::String { .. } | Expr::RawString { .. } => self.text(expr),
            Expr::Number { value, .. } => self.number(value),
            Expr::Bool { .. } | Expr::Null { .. } => {}
            Expr::Var { .. } | Expr::RefDot { .. } | Expr::RefBrack { .. } => self.reference(expr),
            Expr::Array { items, .. } => self.binding(|walk| walk.exprs(items)),
            Expr::Set { items, .. } => self.exprs(items),
            Expr::Object { fields, .. } => self.binding(|walk| {
                for (_, key, value) in fields {
                    walk.expr(key);
                    walk.expr(value);
                }
            }),
            Expr::ArrayCompr { term, query, .. } | Expr::SetCompr { term, query, .. } => {
                self.query(query);
                self.expr(term);
            }
            Expr::ObjectCompr {
                key, value, query, ..
            } => {
                self.query(query);
                self.expr(key);
                self.expr(value);
            }
            Expr::Call { fcn, params, .. } => self.call(fcn, params),
            Expr::UnaryExpr { expr, .. } => self.expr(expr),
            Expr::BoolExpr { op, lhs, rhs, .. } => self.comparison(op, lhs, rhs),
            Expr::BinExpr { lhs, rhs, .. } | Expr::ArithExpr { lhs, rhs, .. } => {
                self.expr(lhs);
                self.expr(rhs);
            }
            Expr::AssignExpr { op, lhs, rhs, .. } => self.assign(op, lhs, rhs),
            Expr::Membership {
                key,
                value,
                collection,
                ..
            } => {
                key.iter().for_each(|key| self.expr(key));
                self.expr(value);
                self.expr(collection);
            }
        }
    }

    fn assign(&mut self, op: &AssignOp, lhs: &Expr, rhs: &Expr) {
        let right: Vec<Meaning> = self.meanings(rhs).into_iter().collect();
        let named = self.declare_pattern(lhs, &right);
        if matches!(op, AssignOp::Eq) {
            let left: Vec<Meaning> = self.meanings(lhs).into_iter().collect();
            self.declare_pattern(rhs, &left);
        }
        if !named {
            self.expr(lhs);
        }
        match Chain::of(rhs).filter(|_| named) {
            // A name for a part of the input reads what is read through the name, and at once
            // what says which part.
            Some(chain) if chain.name().is_some() => {
                self.note(&chain, &right, false);
                self.steps(&chain, &right);
            }
            _ => self.expr(rhs),
        }
    }

    /// The steps of a reference that are not literals, and its first name.
    fn steps<'m>(&mut self, chain: &Chain<'_>, meanings: impl IntoIterator<Item = &'m Meaning>) {
        self.binding(|walk| chain.indexes.iter().for_each(|index| walk.expr(index)));
        if let Some(name) = chain.name() {
            self.note_bare(name, chain.root);
        }
        // Which instrument a parameter names, the caller says by its id. Any other step may
        // lead to all of them.
        let by_parameter = chain
            .indexes
            .last()
            .and_then(|index| Chain::of(index)?.name())
            .is_some_and(|name| self.parameters.contains(name));
        let any_instrument = |meaning: &Meaning| matches!(meaning, Meaning::Data(path) if matches!(path.as_slice(), [root, any, ..] if root == "instruments" && any == "*"));
        if !by_parameter && meanings.into_iter().any(any_instrument) {
            self.read(&Meaning::Data(vec!["instruments".to_owned()]), false);
        }
    }

    /// An instant compared with instants of the sources matters only between them.
    fn comparison(&mut self, op: &BoolOp, lhs: &Expr, rhs: &Expr) {
        // Whether the outcome turns at the instant itself or a nanosecond behind it.
        let turns_after = match op {
            BoolOp::Lt | BoolOp::Ge => [false, true],
            BoolOp::Le | BoolOp::Gt => [true, false],
            BoolOp::Eq | BoolOp::Ne => {
                self.expr(lhs);
                self.expr(rhs);
                return;
            }
        };
        for ((now, other), after) in [(lhs, rhs), (rhs, lhs)].into_iter().zip(turns_after) {
            if self.is_now(now) && self.is_source_instant(other) {
                self.reads.add_step(after);
                if let (Some(instant), false) = (literal_instant(other), self.gathering) {
                    self.instants.insert(instant);
                }
                self.expr(other);
                return;
            }
        }
        self.expr(lhs);
        self.expr(rhs);
    }

    fn is_now(&self, expr: &Expr) -> bool {
        let meanings = self.meanings(expr);
        let is_now = |meaning: &Meaning| matches!(meaning, Meaning::Input(path) if matches!(path.as_slice(), [only] if only == "now_ns"));
        !meanings.is_empty() && meanings.iter().all(is_now)
    }

    fn is_source_instant(&self, expr: &Expr) -> bool {
        if literal_instant(expr).is_some() {
            return true;
        }
        let meanings = self.meanings(expr);
        !meanings.is_empty()
            && meanings.iter().all(|meaning| match meaning {
                Meaning::Instant => true,
                Meaning::Data(path) => {
                    let is_phase = path.first().is_some_and(|root| root == "instruments")
                        && path
                            .last()
                            .is_some_and(|field| PHASE_INSTANTS.contains(&field.as_str()));
                    let own = path.strip_prefix(self.package);
                    is_phase || matches!(own, Some([name]) if self.constants.contains(name))
                }
                _ => false,
            })
    }

    fn call(&mut self, fcn: &Expr, params: &[Ref<Expr>]) {
        if let Some(chain) = Chain::of(fcn) {
            let meanings: Vec<Meaning> = self.meanings(fcn).into_iter().collect();
            self.note(&chain, &meanings, true);
            let user = meanings.into_iter().find_map(|meaning| match meaning {
                Meaning::Data(path) => Some(path),
                _ => None,
            });
            let is_import = chain
                .name()
                .is_some_and(|name| name == "data" || self.imports.0.contains_key(name));
            let mut name = chain.into_path().join(".");
            if name == "walk" && !params.first().is_some_and(|walked| self.is_tree(walked)) {
                name = builtins::WALK_OF_WHAT_IS_MADE.to_owned();
            }
            if !self.gathering {
                // A bare name may be a rule of the package; the graph knows which it is.
                if let Some(path) = user {
                    self.note_swept(&path, fcn);
                    self.uses.insert(path);
                }
                if !is_import {
                    self.calls
                        .entry((name.clone(), params.len()))
                        .or_insert_with(|| span(self.path, fcn.span()));
                }
            }
            if name == "object.get" && self.object_get(params) {
                return;
            }
        }
        self.binding(|walk| walk.exprs(params));
    }

    /// Whether an expression is for certain a part of the input or of the data files. What a
    /// rule makes may hold the same part many times, and walking it could fill the memory.
    fn is_tree(&self, expr: &Expr) -> bool {
        let meanings = self.meanings(expr);
        !meanings.is_empty()
            && meanings.iter().all(|meaning| match meaning {
                Meaning::Input(_) => true,
                Meaning::Data(path) => path
                    .first()
                    .is_some_and(|first| first != "restrictions" && first != "lib"),
                Meaning::Instant | Meaning::Local => false,
            })
    }

    /// `object.get(input, ["host", "os"], …)` reads that path, and copes with its absence.
    fn object_get(&mut self, params: &[Ref<Expr>]) -> bool {
        let [object, key, default] = params else {
            return false;
        };
        let keys: Vec<&Expr> = match &**key {
            Expr::Array { items, .. } => items.iter().map(|item| &**item).collect(),
            single => vec![single],
        };
        let places: Vec<_> = keys.iter().map(|key| key.span()).collect();
        let steps: Option<Vec<String>> = keys
            .iter()
            .map(|key| literal(key).map(str::to_owned))
            .collect();
        let (Some(steps), Some(chain)) = (steps, Chain::of(object)) else {
            return false;
        };
        let meanings = self.meanings(object);
        if meanings.is_empty() || meanings.contains(&Meaning::Local) {
            return false;
        }
        self.steps(&chain, &meanings);
        let whole: Vec<Meaning> = meanings.iter().map(|from| from.below(&steps)).collect();
        self.note_input(&whole, &places);
        for meaning in &whole {
            self.read(meaning, false);
        }
        self.expr(default);
        true
    }

    fn reference(&mut self, expr: &Expr) {
        let Some(chain) = Chain::of(expr) else { return };
        let meanings = self.meanings(expr);
        self.steps(&chain, &meanings);
        if chain.name().is_none() {
            self.expr(chain.root);
            return;
        }
        self.note(&chain, &meanings, false);
        for meaning in &meanings {
            self.read(meaning, true);
        }
    }

    fn note_bare(&mut self, name: &str, root: &Expr) {
        let known = matches!(name, "input" | "data" | "_") || self.imports.0.contains_key(name);
        if known || self.gathering {
            return;
        }
        if self.binds && !self.in_head {
            self.bindable.insert(name.to_owned());
        }
        self.bare
            .entry(name.to_owned())
            .or_insert_with(|| span(self.path, root.span()));
    }

    pub(super) fn read(&mut self, meaning: &Meaning, undefined_if_absent: bool) {
        if self.gathering {
            return;
        }
        match meaning {
            Meaning::Input(path) => {
                let steps: Vec<&str> = path.iter().map(String::as_str).collect();
                self.reads.add(&steps);
                let is_fact = matches!(
                    steps.as_slice(),
                    ["host", _, ..] | ["identified", "*", "software", _, ..]
                );
                if undefined_if_absent && is_fact {
                    self.facts.insert(steps.join(".").replace(".*", "[]"));
                }
            }
            Meaning::Data(path) => {
                self.uses.insert(path.clone());
            }
            Meaning::Instant | Meaning::Local => {}
        }
    }

    /// What an expression can stand for; nothing if it is not a reference.
    pub(super) fn meanings(&self, expr: &Expr) -> BTreeSet<Meaning> {
        if literal_instant(expr).is_some() {
            return [Meaning::Instant].into();
        }
        let Some(chain) = Chain::of(expr) else {
            return BTreeSet::new();
        };
        let Some(name) = chain.name() else {
            return [Meaning::Local].into();
        };
        let roots = match name {
            "input" => [Meaning::Input(Vec::new())].into(),
            "data" => [Meaning::Data(Vec::new())].into(),
            _ => match (self.locals.get(name), self.imports.0.get(name)) {
                (Some(meanings), _) => meanings.clone(),
                (None, Some(meaning)) => [meaning.clone()].into(),
                (None, None) => {
                    let mut path = self.package.to_vec();
                    path.push(name.to_owned());
                    [Meaning::Data(path)].into()
                }
            },
        };
        if chain.steps.is_empty() {
            return roots;
        }
        roots.iter().map(|root| root.below(&chain.steps)).collect()
    }

    pub(super) fn declare(&mut self, name: &str, meaning: Meaning) {
        let meanings = self.locals.entry(name.to_owned()).or_default();
        if meanings.len() < MEANINGS {
            meanings.insert(meaning);
        } else if !meanings.contains(&meaning) {
            self.tangled.get_or_insert_with(|| name.to_owned());
        }
    }

    /// Declares the names of a pattern: a name alone stands for all that the value can be,
    /// names within an array or object for something made in the rule.
    pub(super) fn declare_pattern(&mut self, pattern: &Expr, meanings: &[Meaning]) -> bool {
        match pattern {
            Expr::Var { span, .. } => {
                let name = span.text();
                if name == "_" {
                    return true;
                }
                if self.imports.0.contains_key(name) || name == "input" || name == "data" {
                    return false;
                }
                if meanings.is_empty() {
                    self.declare(name, Meaning::Local);
                }
                for meaning in meanings {
                    self.declare(name, meaning.clone());
                }
                true
            }
            Expr::Array { items, .. } => {
                items.iter().for_each(|item| {
                    self.declare_pattern(item, &[Meaning::Local]);
                });
                false
            }
            Expr::Object { fields, .. } => {
                fields.iter().for_each(|(_, _, value)| {
                    self.declare_pattern(value, &[Meaning::Local]);
                });
                false
            }
            _ => false,
        }
    }

    fn text(&mut self, expr: &Expr) {
        let Some(text) = literal(expr).filter(|_| !self.gathering) else {
            return;
        };
        if let Ok(instant) = text.parse() {
            self.instants.insert(instant);
        }
        self.texts.insert(text.to_owned());
    }

    fn number(&mut self, value: &regorus::Value) {
        // Nanoseconds since 1970 of the years that rules are about have 17 digits and more.
        const LEAST: i64 = 10_000_000_000_000_000;
        if let Ok(nanoseconds) = value.as_i64()
            && nanoseconds.unsigned_abs() >= LEAST.unsigned_abs()
        {
            self.instants
                .extend(Instant::from_unix_nanoseconds(i128::from(nanoseconds)));
        }
    }
}
