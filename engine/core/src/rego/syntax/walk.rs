//! The walk through one rule: its head, its statements, the names that it declares.

mod expressions;
mod noting;

use std::collections::{BTreeMap, BTreeSet};

use regorus::unstable::{Expr, Literal, LiteralStmt, Query, Rule, RuleAssign, RuleBody, RuleHead};

use crate::diagnostic::Span;
use crate::instant::Instant;
use crate::rego::reads::ReadSet;

use super::names::{Chain, Meaning};
use super::{Imports, Noted, RuleSyntax};

/// Instants of an instrument's phases.
const PHASE_INSTANTS: [&str; 2] = ["from_ns", "until_ns"];
/// How often names are looked through: `a := input.x; b := a.y; c := b.z`.
const ALIAS_ROUNDS: usize = 4;

/// Things that one name can stand for: `a := input.x; a = input.y` are two. Names that are
/// made of each other would else double them in every line.
const MEANINGS: usize = 16;

pub(super) struct Walk<'a> {
    path: &'a str,
    package: &'a [String],
    imports: &'a Imports,
    constants: &'a BTreeSet<String>,
    /// Names that the rule itself declares, and what they can mean.
    locals: BTreeMap<String, BTreeSet<Meaning>>,
    /// Of these, the parameters of a function.
    parameters: BTreeSet<String>,
    reads: ReadSet,
    uses: BTreeSet<Vec<String>>,
    calls: BTreeMap<(String, usize), Span>,
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
    /// Whether it is in a head, where nothing does.
    in_head: bool,
    /// Only names are gathered; nothing is read.
    gathering: bool,
    /// A name that can stand for too many things.
    tangled: Option<String>,
    noted: Noted,
    /// How the raw inventory is being gone through.
    sweep: noting::Sweep,
    /// Whether a statement is evaluated under another input.
    mocks: bool,
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
            parameters: BTreeSet::new(),
            reads: ReadSet::default(),
            uses: BTreeSet::new(),
            calls: BTreeMap::new(),
            instants: BTreeSet::new(),
            texts: BTreeSet::new(),
            facts: BTreeSet::new(),
            bare: BTreeMap::new(),
            bindable: BTreeSet::new(),
            binds: false,
            in_head: false,
            gathering: true,
            tangled: None,
            noted: Noted::default(),
            sweep: noting::Sweep::default(),
            mocks: false,
        }
    }

    pub(super) fn finish(mut self, rule: RuleSyntax) -> RuleSyntax {
        self.bare
            .retain(|name, _| !self.bindable.contains(name) && !self.locals.contains_key(name));
        self.note_names();
        RuleSyntax {
            unbound: self.bare,
            reads: self.reads,
            uses: self.uses,
            calls: self.calls,
            instants: self.instants,
            texts: self.texts,
            facts: self.facts,
            tangled: self.tangled,
            noted: self.noted,
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
                        key.iter().for_each(|key| self.head(key));
                    }
                    RuleHead::Func {
                        args, assign, refr, ..
                    } => {
                        self.head_steps(refr);
                        for arg in args {
                            self.declare_pattern(arg, &[Meaning::Local]);
                            let name = Chain::of(arg).and_then(|chain| chain.name());
                            self.parameters.extend(name.map(str::to_owned));
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
            chain.indexes.iter().for_each(|index| self.head(index));
        }
    }

    fn assignment(&mut self, assign: Option<&RuleAssign>) {
        if let Some(assign) = assign {
            self.head(&assign.value);
        }
    }

    /// An expression outside of a body: no name gets its value there, whatever it stands in,
    /// and the evaluator does not notice.
    fn head(&mut self, expr: &Expr) {
        self.in_head = true;
        self.expr(expr);
        self.in_head = false;
    }

    fn query(&mut self, query: &Query) {
        let outside = std::mem::replace(&mut self.in_head, false);
        self.within(|walk| query.stmts.iter().for_each(|stmt| walk.statement(stmt)));
        self.in_head = outside;
    }

    fn statement(&mut self, stmt: &LiteralStmt) {
        if self.tangled.is_some() {
            return;
        }
        for with in &stmt.with_mods {
            // Evaluated under another input, which the facts do not settle.
            self.mocks = true;
            self.reads.merge(&ReadSet::everything());
            self.expr(&with.r#as);
        }
        match &stmt.literal {
            Literal::SomeVars { vars, .. } => {
                for var in vars {
                    self.declare(var.text(), Meaning::Local);
                    self.sweep.free(var.text());
                }
            }
            Literal::SomeIn {
                key,
                value,
                collection,
                ..
            } => {
                let items = self.items_of(collection);
                if !self.declare_pattern(value, &items) {
                    // Taken apart in place: all of each item counts.
                    items.iter().for_each(|item| self.read(item, false));
                    self.expr(value);
                }
                if let Some(key) = key {
                    self.declare_pattern(key, &[Meaning::Local]);
                }
                self.collection(collection);
                self.note_sweep(collection);
            }
            Literal::Every {
                key,
                value,
                domain,
                query,
                ..
            } => {
                for item in self.items_of(domain) {
                    self.declare(value.text(), item);
                }
                if let Some(key) = key {
                    self.declare(key.text(), Meaning::Local);
                }
                self.collection(domain);
                self.within(|walk| {
                    walk.note_sweep(domain);
                    walk.query(query);
                });
            }
            Literal::Expr { expr, .. } => self.expr(expr),
            Literal::NotExpr { expr, .. } => self.within(|walk| walk.expr(expr)),
        }
    }

    /// What an item of a collection can be.
    fn items_of(&self, collection: &Expr) -> Vec<Meaning> {
        let meanings = self.meanings(collection);
        if meanings.is_empty() {
            return vec![Meaning::Local];
        }
        let item = ["*".to_owned()];
        meanings
            .iter()
            .map(|meaning| meaning.below(&item))
            .collect()
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
}
