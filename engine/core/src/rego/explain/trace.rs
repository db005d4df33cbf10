//! Tracing: from a rule to the condition that decides it.

mod reasons;

use std::rc::Rc;

use regorus::Value;
use regorus::unstable::{Expr, Literal, LiteralStmt, Query, Rule, RuleHead};

use super::super::probe::{Code, Found, Prober, terms};
use super::super::syntax::names::Chain;
use super::frame::Frame;
use super::{Condition, Definition, Definitions, Place, Reading};

/// Readings of a condition, and values of a reading.
const READINGS: usize = 8;
const VALUES: usize = 3;

/// What is wanted of a term.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Want {
    /// Any value.
    Defined,
    /// One other than `false`.
    Truth,
    /// One that is no empty collection.
    Members,
}

impl Want {
    fn is_met_by(self, value: &Value) -> bool {
        match self {
            Self::Defined => true,
            Self::Truth => *value != Value::Bool(false),
            Self::Members => !terms::is_empty(value),
        }
    }
}

pub(super) struct Tracer<'a> {
    definitions: Definitions<'a>,
    packages: Vec<&'a str>,
    prober: Prober<'a>,
    depth: usize,
}

impl<'a> Tracer<'a> {
    pub(super) fn new(codes: &'a [Code<'a>], prober: Prober<'a>) -> Self {
        let mut definitions = Definitions::new();
        let mut packages = Vec::new();
        for code in codes {
            let package = code.module.package.as_str();
            packages.push(package);
            for rule in &code.ast.policy {
                if let Some(name) = name_of(rule) {
                    let of_name = definitions.entry((package, name)).or_default();
                    of_name.push((code, &**rule));
                }
            }
        }
        Self {
            definitions,
            packages,
            prober,
            depth: 0,
        }
    }

    /// The conditions of a rule that adds to a set, up to the first that does not hold, and
    /// what it adds.
    pub(super) fn member_rule(
        &mut self,
        code: &'a Code<'a>,
        rule: &'a Rule,
    ) -> (Vec<Condition>, Vec<Value>) {
        let Rule::Spec {
            head: RuleHead::Set { key: Some(key), .. },
            bodies,
            ..
        } = rule
        else {
            return (Vec::new(), Vec::new());
        };
        let start = Rc::new(Frame::start(code));
        let mut conditions = Vec::new();
        let mut end = Some(Rc::clone(&start));
        for body in bodies {
            (conditions, end) = self.body(&start, &body.query);
            if end.is_some() {
                break;
            }
        }
        let Some(end) = end else {
            return (conditions, Vec::new());
        };
        match self.values(&end, key) {
            Some(members) if members.is_empty() => {
                conditions.extend(self.value(&end, key, Want::Defined));
                (conditions, members)
            }
            Some(members) => (conditions, members),
            None => (conditions, Vec::new()),
        }
    }

    /// The conditions of a body up to the first that does not hold; and the place behind them,
    /// if all hold.
    fn body(&mut self, start: &Place<'a>, query: &'a Query) -> (Vec<Condition>, Option<Place<'a>>) {
        let end = query
            .stmts
            .iter()
            .fold(Frame::clone(start), |frame, stmt| frame.after(stmt));
        let all_hold = self.holds(&end) == Some(true);
        let mut conditions = Vec::new();
        let mut at = Rc::clone(start);
        for stmt in &query.stmts {
            let next = Rc::new(at.after(stmt));
            let held = all_hold || self.holds(&next) != Some(false);
            if !matches!(stmt.literal, Literal::SomeVars { .. }) || !held {
                let (span, text) = at.code.place(&stmt.span);
                conditions.push(Condition {
                    span,
                    text,
                    held,
                    readings: Vec::new(),
                    because: Vec::new(),
                });
            }
            if !held {
                if let Some(last) = conditions.last_mut() {
                    last.readings = self.readings(&at, stmt);
                    last.because = self.causes(&at, stmt);
                }
                return (conditions, None);
            }
            at = next;
        }
        (conditions, Some(Rc::new(end)))
    }

    fn holds(&mut self, frame: &Frame<'a>) -> Option<bool> {
        self.prober.holds(&frame.code.head, &frame.statements)
    }

    /// The values of a term; nothing if they cannot be told.
    fn values(&mut self, frame: &Frame<'a>, expr: &Expr) -> Option<Vec<Value>> {
        self.values_of(frame, &terms::source(expr.span()))
    }

    fn values_of(&mut self, frame: &Frame<'a>, term: &str) -> Option<Vec<Value>> {
        match self.prober.ask(&frame.code.head, term, &frame.statements) {
            Found::Values(values) => Some(values),
            Found::Untold => None,
        }
    }

    fn readings(&mut self, frame: &Frame<'a>, stmt: &'a LiteralStmt) -> Vec<Reading> {
        let own = terms::made_by(stmt);
        let read = terms::read_by(stmt);
        self.readings_of(frame, &read, &own)
    }

    /// What references are worth, but for those to names that are only made here.
    fn readings_of(&mut self, frame: &Frame<'a>, read: &[&Expr], own: &[&str]) -> Vec<Reading> {
        let mut readings = Vec::<Reading>::new();
        for expr in read {
            let root = Chain::of(expr).and_then(|chain| chain.name());
            if root.is_some_and(|root| own.contains(&root)) {
                continue;
            }
            let (_, name) = frame.code.place(expr.span());
            if readings.iter().any(|known| known.name == name) {
                continue;
            }
            // A name of a comprehension means nothing outside of it.
            let Some(values) = self.values(frame, expr) else {
                continue;
            };
            readings.push(Reading {
                name,
                more: values.len().saturating_sub(VALUES),
                values: values.iter().take(VALUES).map(terms::shown).collect(),
            });
            if readings.len() == READINGS {
                break;
            }
        }
        readings
    }

    /// The definitions that a reference leads to, and the steps that go on from there.
    fn resolve(
        &self,
        frame: &Frame<'a>,
        expr: &Expr,
    ) -> Option<(Vec<Definition<'a>>, Vec<String>)> {
        let path = Chain::of(expr)?.into_path();
        let (root, rest) = path.split_first()?;
        if root == "input" {
            return None;
        }
        if root != "data" {
            let key = (frame.code.module.package.as_str(), root.clone());
            return Some((self.definitions.get(&key)?.clone(), rest.to_vec()));
        }
        (1..rest.len()).rev().find_map(|end| {
            let package = rest.get(..end)?.join(".");
            let package = self.packages.iter().find(|known| **known == package)?;
            let key = (*package, rest.get(end)?.clone());
            let found = self.definitions.get(&key)?.clone();
            Some((found, rest.get(end + 1..)?.to_vec()))
        })
    }
}

fn name_of(rule: &Rule) -> Option<String> {
    let refr = match rule {
        Rule::Spec {
            head:
                RuleHead::Compr { refr, .. } | RuleHead::Set { refr, .. } | RuleHead::Func { refr, .. },
            ..
        }
        | Rule::Default { refr, .. } => refr,
    };
    Chain::of(refr)?.into_path().into_iter().next()
}
