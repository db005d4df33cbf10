//! The walk through one rule.

use std::collections::{BTreeMap, BTreeSet};

use regorus::unstable::{
    AssignOp, BoolOp, Expr, Literal, LiteralStmt, Query, Rule, RuleAssign, RuleBody, RuleHead,
};

use crate::diagnostic::Span;
use crate::instant::Instant;
use crate::rego::reads::ReadSet;

use super::names::{Chain, Meaning, is_literal_instant};
use super::{Imports, RuleSyntax, literal, span};

/// Instants of an instrument's phases.
const PHASE_INSTANTS: [&str; 2] = ["from_ns", "until_ns"];
/// How often names are looked through: `a := input.x; b := a.y; c := b.z`.
const ALIAS_ROUNDS: usize = 4;

pub(super) struct Walk<'a> {
    path: &'a str,
    package: &'a [String],
    imports: &'a Imports,
    constants: &'a BTreeSet<String>,
    /// Names that the rule itself declares, and what they can mean.
    locals: BTreeMap<String, BTreeSet<Meaning>>,
    reads: ReadSet,
    uses: BTreeSet<Vec<String>>,
    calls: BTreeMap<String, Span>,
    instants: BTreeSet<Instant>,
    texts: BTreeSet<String>,
    facts: BTreeSet<String>,
    /// Names that are neither declared nor imported, with the place of the first use.
    bare: BTreeMap<String, Span>,
    /// Names that stand where the evaluator may give them a value: in an index, in an
    /// argument, in a pattern.
    bindable: BTreeSet<String>,
    /// Whether the walk is in such a place.
    binds: bool,
    /// Only names are gathered; nothing is read.
    gathering: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        path: &'a str,
        package: &'a [String],
        imports: &'a Imports,
        constants: &'a BTreeSet<String>,
    ) -> Self {
        Self {
            path,
            package,
            imports,
            constants,
            locals: BTreeMap::new(),
            reads: ReadSet::default(),
            uses: BTreeSet::new(),
            calls: BTreeMap::new(),
            instants: BTreeSet::new(),
            texts: BTreeSet::new(),
            facts: BTreeSet::new(),
            bare: BTreeMap::new(),
            bindable: BTreeSet::new(),
            binds: false,
            gathering: true,
        }
    }

    pub(super) fn finish(mut self, rule: RuleSyntax) -> RuleSyntax {
        self.bare
            .retain(|name, _| !self.bindable.contains(name) && !self.locals.contains_key(name));
        RuleSyntax {
            unbound: self.bare,
            reads: self.reads,
            uses: self.uses,
            calls: self.calls,
            instants: self.instants,
            texts: self.texts,
            facts: self.facts,
            ..rule
        }
    }

    pub(super) fn rule(&mut self, rule: &Rule) {
        for _ in 0..ALIAS_ROUNDS {
            self.visit(rule);
        }
        self.gathering = false;
        self.visit(rule);
    }

    fn visit(&mut self, rule: &Rule) {
        match rule {
            Rule::Spec { head, bodies, .. } => {
                match head {
                    RuleHead::Compr { assign, refr, .. } => {
                        self.head_steps(refr);
                        self.assignment(assign.as_ref());
                    }
                    RuleHead::Set { key, refr, .. } => {
                        self.head_steps(refr);
                        key.iter().for_each(|key| self.expr(key));
                    }
                    RuleHead::Func {
                        args, assign, refr, ..
                    } => {
                        self.head_steps(refr);
                        for arg in args {
                            self.declare_pattern(arg, &[Meaning::Local]);
                        }
                        self.assignment(assign.as_ref());
                    }
                }
                for RuleBody { assign, query, .. } in bodies {
                    self.assignment(assign.as_ref());
                    self.query(query);
                }
            }
            Rule::Default { value, args, .. } => {
                for arg in args {
                    self.declare_pattern(arg, &[Meaning::Local]);
                }
                self.expr(value);
            }
        }
    }

    /// The keys of a head such as `limits[host]`.
    fn head_steps(&mut self, refr: &Expr) {
        if let Some(chain) = Chain::of(refr) {
            chain.indexes.iter().for_each(|index| self.expr(index));
        }
    }

    fn assignment(&mut self, assign: Option<&RuleAssign>) {
        if let Some(assign) = assign {
            self.expr(&assign.value);
        }
    }

    fn query(&mut self, query: &Query) {
        query.stmts.iter().for_each(|stmt| self.statement(stmt));
    }

    fn statement(&mut self, stmt: &LiteralStmt) {
        for with in &stmt.with_mods {
            // Evaluated under another input, which the facts do not settle.
            self.reads.merge(&ReadSet::everything());
            self.expr(&with.r#as);
        }
        match &stmt.literal {
            Literal::SomeVars { vars, .. } => {
                for var in vars {
                    self.declare(var.text(), Meaning::Local);
                }
            }
            Literal::SomeIn {
                key,
                value,
                collection,
                ..
            } => {
                let items: Vec<Meaning> = self
                    .meanings(collection)
                    .iter()
                    .map(|meaning| meaning.below(&["*".to_owned()]))
                    .collect();
                if !self.declare_pattern(value, &items) {
                    // Taken apart in place: all of each item counts.
                    items.iter().for_each(|item| self.read(item, false));
                    self.expr(value);
                }
                if let Some(key) = key {
                    self.declare_pattern(key, &[Meaning::Local]);
                }
                self.collection(collection);
            }
            Literal::Every {
                key,
                value,
                domain,
                query,
                ..
            } => {
                let items: Vec<Meaning> = self
                    .meanings(domain)
                    .iter()
                    .map(|meaning| meaning.below(&["*".to_owned()]))
                    .collect();
                for item in items {
                    self.declare(value.text(), item);
                }
                if let Some(key) = key {
                    self.declare(key.text(), Meaning::Local);
                }
                self.collection(domain);
                self.query(query);
            }
            Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => self.expr(expr),
        }
    }

    /// A collection that is gone through: of identifications, only what is read of each
    /// counts; of anything else, all of it.
    fn collection(&mut self, collection: &Expr) {
        let meanings = self.meanings(collection);
        let identified = |meaning: &Meaning| matches!(meaning, Meaning::Input(path) if matches!(path.as_slice(), [only] if only == "identified"));
        if !meanings.is_empty() && meanings.iter().all(identified) {
            self.reads.add_iteration();
        } else {
            self.expr(collection);
        }
    }

    /// Walks on where names may get their value.
    fn binding(&mut self, walk: impl FnOnce(&mut Self)) {
        let outside = std::mem::replace(&mut self.binds, true);
        walk(self);
        self.binds = outside;
    }

    fn exprs<'e>(&mut self, exprs: impl IntoIterator<Item = &'e regorus::unstable::Ref<Expr>>) {
        exprs.into_iter().for_each(|expr| self.expr(expr));
    }

    fn expr(&mut self, expr: &Expr) {
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
        // A name for a part of the input reads what is read through the name.
        let only_named = named && Chain::of(rhs).is_some() && !right.is_empty();
        if !only_named {
            self.expr(rhs);
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
        if is_literal_instant(expr) {
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

    fn call(&mut self, fcn: &Expr, params: &[regorus::unstable::Ref<Expr>]) {
        if let Some(chain) = Chain::of(fcn) {
            let user = self
                .meanings(fcn)
                .into_iter()
                .find_map(|meaning| match meaning {
                    Meaning::Data(path) => Some(path),
                    _ => None,
                });
            let is_import = chain
                .name()
                .is_some_and(|name| name == "data" || self.imports.0.contains_key(name));
            let name = chain.into_path().join(".");
            if !self.gathering {
                // A bare name may be a rule of the package; the graph knows which it is.
                if let Some(path) = user {
                    self.uses.insert(path);
                }
                if !is_import {
                    self.calls
                        .entry(name.clone())
                        .or_insert_with(|| span(self.path, fcn.span()));
                }
            }
            if name == "object.get" && self.object_get(params) {
                return;
            }
        }
        self.binding(|walk| walk.exprs(params));
    }

    /// `object.get(input, ["host", "os"], …)` reads that path, and copes with its absence.
    fn object_get(&mut self, params: &[regorus::unstable::Ref<Expr>]) -> bool {
        let [object, key, default] = params else {
            return false;
        };
        let steps: Option<Vec<String>> = match &**key {
            Expr::Array { items, .. } => items
                .iter()
                .map(|item| literal(item).map(str::to_owned))
                .collect(),
            single => literal(single).map(|text| vec![text.to_owned()]),
        };
        let (Some(steps), Some(chain)) = (steps, Chain::of(object)) else {
            return false;
        };
        let meanings = self.meanings(object);
        if meanings.is_empty() || meanings.contains(&Meaning::Local) {
            return false;
        }
        chain.indexes.iter().for_each(|index| self.expr(index));
        for meaning in &meanings {
            self.read(&meaning.below(&steps), false);
        }
        self.expr(default);
        true
    }

    fn reference(&mut self, expr: &Expr) {
        let Some(chain) = Chain::of(expr) else { return };
        self.binding(|walk| chain.indexes.iter().for_each(|index| walk.expr(index)));
        let Some(name) = chain.name() else {
            self.expr(chain.root);
            return;
        };
        self.note_bare(name, chain.root);
        for meaning in self.meanings(expr) {
            self.read(&meaning, true);
        }
    }

    fn note_bare(&mut self, name: &str, root: &Expr) {
        let known = matches!(name, "input" | "data" | "_") || self.imports.0.contains_key(name);
        if known || self.gathering {
            return;
        }
        if self.binds {
            self.bindable.insert(name.to_owned());
        }
        self.bare
            .entry(name.to_owned())
            .or_insert_with(|| span(self.path, root.span()));
    }

    fn read(&mut self, meaning: &Meaning, undefined_if_absent: bool) {
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
    fn meanings(&self, expr: &Expr) -> BTreeSet<Meaning> {
        if is_literal_instant(expr) {
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

    fn declare(&mut self, name: &str, meaning: Meaning) {
        self.locals
            .entry(name.to_owned())
            .or_default()
            .insert(meaning);
    }

    /// Declares the names of a pattern: a name alone stands for all that the value can be,
    /// names within an array or object for something made in the rule.
    fn declare_pattern(&mut self, pattern: &Expr, meanings: &[Meaning]) -> bool {
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
