//! Tracing: from a rule to the condition that decides it.

use std::rc::Rc;

use regorus::Value;
use regorus::unstable::{
    ArithOp, BinOp, Expr, Literal, LiteralStmt, Query, Ref, Rule, RuleAssign, RuleHead,
};

use super::super::syntax::names::Chain;
use super::frame::{Code, Frame, Origin};
use super::probe::{Found, Prober};
use super::{Condition, Definitions, Place, Reading, terms};

/// How far below a rule the reasons are looked for.
const DEPTH: usize = 12;
/// Definitions of one name that are looked into.
const ALTERNATIVES: usize = 4;
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

    /// Why a statement does not hold.
    fn causes(&mut self, frame: &Place<'a>, stmt: &'a LiteralStmt) -> Vec<Condition> {
        match &stmt.literal {
            Literal::SomeIn { collection, .. } => self.lacking(frame, collection, Want::Members),
            Literal::Expr { expr, .. } => match &**expr {
                Expr::AssignExpr { lhs, rhs, .. } | Expr::BoolExpr { lhs, rhs, .. } => {
                    let mut causes = self.lacking(frame, rhs, Want::Defined);
                    if !matches!(&**lhs, Expr::Var { .. }) && causes.is_empty() {
                        causes = self.lacking(frame, lhs, Want::Defined);
                    }
                    causes
                }
                Expr::Membership {
                    value, collection, ..
                } => {
                    let mut causes = self.lacking(frame, collection, Want::Members);
                    if causes.is_empty() {
                        causes = self.lacking(frame, value, Want::Defined);
                    }
                    causes
                }
                expr => self.lacking(frame, expr, Want::Truth),
            },
            Literal::SomeVars { .. } | Literal::NotExpr { .. } | Literal::Every { .. } => {
                Vec::new()
            }
        }
    }

    /// Why a term is not what is wanted; nothing if it is, or if it is for nothing else to say.
    fn lacking(&mut self, frame: &Place<'a>, expr: &'a Expr, want: Want) -> Vec<Condition> {
        if self.depth >= DEPTH {
            return Vec::new();
        }
        match self.values(frame, expr) {
            Some(values) if !values.iter().any(|value| want.is_met_by(value)) => {}
            Some(_) | None => return Vec::new(),
        }
        self.depth += 1;
        let mut reasons = self.reasons(frame, expr, want);
        self.depth -= 1;
        reasons.truncate(ALTERNATIVES);
        reasons
    }

    fn reasons(&mut self, frame: &Place<'a>, expr: &'a Expr, want: Want) -> Vec<Condition> {
        match expr {
            Expr::Call { fcn, params, .. } => self.call(frame, fcn, params, want),
            Expr::Var { .. } | Expr::RefDot { .. } | Expr::RefBrack { .. } => {
                self.reference(frame, expr, want)
            }
            Expr::SetCompr { query, .. }
            | Expr::ArrayCompr { query, .. }
            | Expr::ObjectCompr { query, .. } => {
                let (mut conditions, end) = self.body(frame, query);
                match end {
                    None => conditions.pop().into_iter().collect(),
                    Some(_) => Vec::new(),
                }
            }
            Expr::BinExpr { op, lhs, rhs, .. } => {
                let sides = match op {
                    BinOp::Union => [Some(lhs), Some(rhs)],
                    BinOp::Intersection => [Some(lhs), None],
                };
                let mut reasons = Vec::new();
                for side in sides.into_iter().flatten() {
                    reasons.extend(self.lacking(frame, side, want));
                }
                if reasons.is_empty() && matches!(op, BinOp::Intersection) {
                    reasons = self.lacking(frame, rhs, want);
                }
                reasons
            }
            Expr::ArithExpr { op, lhs, rhs, .. } => {
                let mut reasons = self.lacking(frame, lhs, want);
                if reasons.is_empty() && !matches!(op, ArithOp::Sub) {
                    reasons = self.lacking(frame, rhs, want);
                }
                reasons
            }
            Expr::BoolExpr { lhs, rhs, .. } | Expr::AssignExpr { lhs, rhs, .. } => {
                self.first_lacking(frame, [lhs, rhs], Want::Defined)
            }
            Expr::Array { items, .. } | Expr::Set { items, .. } => {
                self.first_lacking(frame, items, Want::Defined)
            }
            Expr::Object { fields, .. } => {
                let values = fields.iter().map(|(_, _, value)| value);
                self.first_lacking(frame, values, Want::Defined)
            }
            _ => Vec::new(),
        }
    }

    fn first_lacking(
        &mut self,
        frame: &Place<'a>,
        terms: impl IntoIterator<Item = &'a Ref<Expr>>,
        want: Want,
    ) -> Vec<Condition> {
        for term in terms {
            let reasons = self.lacking(frame, term, want);
            if !reasons.is_empty() {
                return reasons;
            }
        }
        Vec::new()
    }

    fn call(
        &mut self,
        frame: &Place<'a>,
        function: &'a Expr,
        arguments: &'a [Ref<Expr>],
        want: Want,
    ) -> Vec<Condition> {
        let lacking = self.first_lacking(frame, arguments, Want::Defined);
        if !lacking.is_empty() {
            return lacking;
        }
        let Some((definitions, _)) = self.resolve(frame, function) else {
            return Vec::new();
        };
        let texts: Vec<String> = arguments
            .iter()
            .map(|one| terms::source(one.span()))
            .collect();
        let given = self.values_of(frame, &format!("[{}]", texts.join(", ")));
        let Some(values) = given.and_then(|mut found| found.pop()) else {
            return Vec::new();
        };
        let Ok(values) = values
            .as_array()
            .map(|items| items.iter().cloned().collect::<Vec<Value>>())
        else {
            return Vec::new();
        };
        let mut reasons = Vec::new();
        for (code, rule) in definitions.into_iter().take(ALTERNATIVES) {
            let Rule::Spec {
                head: RuleHead::Func { args, .. },
                ..
            } = rule
            else {
                continue;
            };
            if let Some(start) = Frame::called(code, args, frame, arguments, &values) {
                reasons.extend(self.definition(&Rc::new(start), rule, want));
            }
        }
        reasons
    }

    fn reference(&mut self, frame: &Place<'a>, expr: &'a Expr, want: Want) -> Vec<Condition> {
        let Some(chain) = Chain::of(expr) else {
            return Vec::new();
        };
        if let Some(name) = chain.name() {
            match frame.origin(name) {
                Origin::Given(caller, argument) => {
                    return self.below(&caller, argument, &chain.steps, want);
                }
                Origin::Made(made) => return self.below(frame, made, &chain.steps, want),
                Origin::Elsewhere => {}
            }
        }
        let Some((definitions, rest)) = self.resolve(frame, expr) else {
            return Vec::new();
        };
        let mut reasons = Vec::new();
        for (code, rule) in definitions.into_iter().take(ALTERNATIVES) {
            let start = Rc::new(Frame::start(code));
            let field = value_of(rule).and_then(|value| field(value, &rest));
            match field {
                Some(field) => reasons.extend(self.value(&start, field, want)),
                None => reasons.extend(self.definition(&start, rule, want)),
            }
        }
        reasons
    }

    /// Why what lies below a term is not what is wanted.
    fn below(
        &mut self,
        frame: &Place<'a>,
        expr: &'a Expr,
        steps: &[String],
        want: Want,
    ) -> Vec<Condition> {
        if steps.is_empty() {
            return self.lacking(frame, expr, want);
        }
        if let Some(field) = field(expr, steps) {
            return self.lacking(frame, field, want);
        }
        let lacking = self.lacking(frame, expr, Want::Defined);
        if !lacking.is_empty() {
            return lacking;
        }
        let Some((definitions, mut rest)) = self.resolve(frame, expr) else {
            return Vec::new();
        };
        rest.extend(steps.iter().cloned());
        for (code, rule) in definitions {
            if let Some(field) = value_of(rule).and_then(|value| field(value, &rest)) {
                return self.value(&Rc::new(Frame::start(code)), field, want);
            }
        }
        Vec::new()
    }

    /// Why a definition does not give what is wanted.
    fn definition(&mut self, start: &Place<'a>, rule: &'a Rule, want: Want) -> Vec<Condition> {
        let Rule::Spec { head, bodies, .. } = rule else {
            return Vec::new();
        };
        let (assign, key) = match head {
            RuleHead::Compr { assign, .. } | RuleHead::Func { assign, .. } => {
                (assign.as_ref(), None)
            }
            RuleHead::Set { key, .. } => (None, key.as_ref()),
        };
        let value =
            |own: Option<&'a RuleAssign>| own.or(assign).map(|assign| &assign.value).or(key);
        if bodies.is_empty() {
            return value(None).map_or_else(Vec::new, |value| self.value(start, value, want));
        }
        let mut reasons = Vec::new();
        for body in bodies {
            let (mut conditions, end) = self.body(start, &body.query);
            match end {
                None => reasons.extend(conditions.pop()),
                Some(end) => {
                    if let Some(value) = value(body.assign.as_ref()) {
                        reasons.extend(self.value(&end, value, want));
                    }
                    break;
                }
            }
        }
        reasons
    }

    /// Why a value that a rule gives is not what is wanted.
    fn value(&mut self, frame: &Place<'a>, expr: &'a Expr, want: Want) -> Vec<Condition> {
        match self.values(frame, expr) {
            Some(values) if !values.iter().any(|value| want.is_met_by(value)) => {}
            Some(_) | None => return Vec::new(),
        }
        let because = self.lacking(frame, expr, want);
        // One that only passes on what another gives has nothing to say of its own.
        if !because.is_empty() {
            return because;
        }
        let (span, text) = frame.code.place(expr.span());
        let mut read = Vec::new();
        terms::read(expr, &mut read);
        vec![Condition {
            span,
            text,
            held: false,
            readings: self.readings_of(frame, &read, &[]),
            because,
        }]
    }

    /// The definitions that a reference leads to, and the steps that go on from there.
    fn resolve(
        &self,
        frame: &Frame<'a>,
        expr: &Expr,
    ) -> Option<(Vec<(&'a Code<'a>, &'a Rule)>, Vec<String>)> {
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

/// The value of a rule that has no conditions.
fn value_of(rule: &Rule) -> Option<&Expr> {
    match rule {
        Rule::Spec {
            head:
                RuleHead::Compr {
                    assign: Some(assign),
                    ..
                },
            bodies,
            ..
        } if bodies.is_empty() => Some(&assign.value),
        _ => None,
    }
}

/// The expression of a field of an object that is written out.
fn field<'e>(expr: &'e Expr, steps: &[String]) -> Option<&'e Expr> {
    let (first, rest) = steps.split_first()?;
    let Expr::Object { fields, .. } = expr else {
        return None;
    };
    let (_, _, value) = fields.iter().find(|(_, key, _)| {
        matches!(&**key, Expr::String { value, .. } if value.as_string().is_ok_and(|name| **name == **first))
    })?;
    if rest.is_empty() {
        Some(value)
    } else {
        field(value, rest)
    }
}
