//! Why a test rule is not true: the first condition of its body that does not hold, and the
//! values in it.
//!
//! The evaluator tells nothing of this. So the body is evaluated again in parts, as rules of
//! the same package in an engine of their own: the first statements, to find the one that
//! does not hold, and then what stands in it. What cannot be told that way is left out; the
//! failure itself is known already.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use regorus::unstable::{
    AssignOp, Expr, Literal, LiteralStmt, Module as Ast, Ref, Rule, RuleBody, RuleHead,
};
use regorus::{Engine, Value};

use crate::diagnostic::{Span, cut};

use super::super::gate::Module;
use super::super::probe::{Code, Found, Prober, terms};
use super::super::syntax;

/// A name for the value that is asked for, which no author has.
const PROBED: &str = "embargo_probed_value";
/// Values of a failure, at most.
const VALUES: usize = 8;
/// Values of one name, at most, where a statement before it holds in several ways.
const WAYS: usize = 3;
/// Bytes of an expression and of its value, at most.
const NAME_BYTES: usize = 100;
const VALUE_BYTES: usize = 400;
/// The time that each part may take.
const BUDGET: Duration = Duration::from_millis(200);

/// The condition that does not hold, and lines such as `count(deny) = 1`.
pub(super) struct Cause {
    pub(super) span: Span,
    pub(super) values: Vec<String>,
}

/// Why a rule of a module, given by its position, is not true. `engine` is one that has
/// loaded what the rule can reach.
pub(super) fn of(engine: &Engine, module: &Module, rule: usize) -> Option<Cause> {
    let found = AssertUnwindSafe(|| cause(engine, module, rule));
    catch_unwind(found).ok().flatten()
}

fn cause(engine: &Engine, module: &Module, rule: usize) -> Option<Cause> {
    let mut own = Engine::new();
    module.load(&mut own).ok()?;
    let code = Code::of(module, own.get_modules().first()?.clone());
    let mut engine = engine.clone();
    engine.set_input(Value::new_object());
    // They were printed when the test ran.
    engine.set_gather_prints(true);
    let mut probe = Probe {
        code: &code,
        prober: Prober::new(engine, BUDGET, &|| Duration::MAX),
    };
    let parts = Parts::of(&code.ast, rule)?;

    let texts: Vec<String> = parts
        .statements
        .iter()
        .map(|stmt| terms::source(&stmt.span))
        .collect();
    let failing = first_without(texts.len(), |count| {
        probe.prober.holds(&code.head, texts.get(..count)?)
    })?;
    let before = texts.get(..failing).unwrap_or_default();
    let (place, read, withs) = match parts.statements.get(failing) {
        Some(stmt) => {
            let withs: Vec<String> = stmt
                .with_mods
                .iter()
                .map(|with| terms::source(&with.span))
                .collect();
            (&stmt.span, in_statement(&stmt.literal), withs.join(" "))
        }
        // The body holds, so that it is the value that is not true.
        None => {
            let value = parts.value?;
            (value.span(), in_value(value), String::new())
        }
    };
    let read = read.into_iter().map(|expr| {
        let (_, shown) = code.place(expr.span());
        (shown, terms::source(expr.span()), withs.as_str())
    });
    let made = parts.statements.iter().take(failing);
    let made = made
        .flat_map(terms::made_by)
        .filter(|name| *name != "_")
        .map(|name| (name.to_owned(), name.to_owned(), ""));
    let mut values = Vec::new();
    let mut known = BTreeSet::new();
    for (shown, seen, withs) in read.chain(made) {
        if values.len() < VALUES && known.insert(shown.clone()) {
            values.extend(probe.line(before, &shown, &seen, withs));
        }
    }
    Some(Cause {
        span: code.place(place).0,
        values,
    })
}

/// The number of statements that hold before the first that does not; nothing if it cannot be
/// told. That more statements hold in no more ways lets one halve.
fn first_without(count: usize, mut holds: impl FnMut(usize) -> Option<bool>) -> Option<usize> {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle + 1)? {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Some(low)
}

/// The parts of a rule that matter here.
struct Parts<'a> {
    value: Option<&'a Expr>,
    statements: &'a [LiteralStmt],
}

impl<'a> Parts<'a> {
    fn of(ast: &'a Ast, rule: usize) -> Option<Self> {
        let mut rules = ast.policy.iter().filter(|rule| syntax::has_name(rule));
        let Rule::Spec {
            head: RuleHead::Compr { assign, .. },
            bodies,
            ..
        } = &**rules.nth(rule)?
        else {
            return None;
        };
        let statements = match bodies.as_slice() {
            [] => &[],
            [RuleBody { query, .. }] => query.stmts.as_slice(),
            // Which of several bodies should have held is not known.
            _ => return None,
        };
        Some(Self {
            value: assign.as_ref().map(|assign| &*assign.value),
            statements,
        })
    }
}

struct Probe<'a> {
    code: &'a Code<'a>,
    prober: Prober<'a>,
}

impl Probe<'_> {
    /// The values that an expression has behind some statements; nothing if that cannot be
    /// evaluated.
    fn values(&mut self, before: &[String], expr: &str, withs: &str) -> Option<Vec<Value>> {
        let mut statements = before.to_vec();
        statements.push(format!("{PROBED} := {expr} {withs}"));
        match self.prober.ask(&self.code.head, PROBED, &statements) {
            Found::Values(values) => Some(values),
            Found::Untold => None,
        }
    }

    /// A line that shows the values of an expression; nothing if they cannot be told.
    fn line(&mut self, before: &[String], shown: &str, seen: &str, withs: &str) -> Option<String> {
        let values = self.values(before, seen, withs)?;
        let shown = one_line(shown);
        let more = values.len().saturating_sub(WAYS);
        let ways: Vec<String> = values.iter().take(WAYS).map(written).collect();
        Some(match (ways.is_empty(), more) {
            (true, _) => format!("{shown} is undefined"),
            (false, 0) => format!("{shown} = {}", ways.join(" or ")),
            (false, more) => format!("{shown} = {} or {more} more", ways.join(" or ")),
        })
    }
}

/// The expressions of a statement whose values tell why it does not hold.
fn in_statement(literal: &Literal) -> Vec<&Expr> {
    let mut found = Vec::new();
    match literal {
        Literal::SomeVars { .. } => {}
        Literal::SomeIn { collection, .. } => whole(collection, &mut found),
        Literal::Every { domain, .. } => whole(domain, &mut found),
        Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => inside(expr, &mut found),
    }
    found
}

fn in_value(expr: &Expr) -> Vec<&Expr> {
    let mut found = Vec::new();
    inside(expr, &mut found);
    found
}

/// The expression itself, unless it stands there as it is, and what it is made of.
fn whole<'e>(expr: &'e Expr, found: &mut Vec<&'e Expr>) {
    if !is_constant(expr) {
        found.push(expr);
    }
    match expr {
        Expr::Call { params, .. } => params.iter().for_each(|param| whole(param, found)),
        Expr::ArithExpr { lhs, rhs, .. } | Expr::BinExpr { lhs, rhs, .. } => {
            whole(lhs, found);
            whole(rhs, found);
        }
        _ => {}
    }
}

fn inside<'e>(expr: &'e Expr, found: &mut Vec<&'e Expr>) {
    match expr {
        Expr::BoolExpr { lhs, rhs, .. } => {
            whole(lhs, found);
            whole(rhs, found);
        }
        Expr::AssignExpr { op, lhs, rhs, .. } => {
            if *op != AssignOp::ColEq {
                whole(lhs, found);
            }
            whole(rhs, found);
        }
        Expr::Membership {
            value, collection, ..
        } => {
            whole(value, found);
            whole(collection, found);
        }
        _ => whole(expr, found),
    }
}

fn is_constant(expr: &Expr) -> bool {
    let all = |items: &[Ref<Expr>]| items.iter().all(|item| is_constant(item));
    match expr {
        Expr::String { .. }
        | Expr::RawString { .. }
        | Expr::Number { .. }
        | Expr::Bool { .. }
        | Expr::Null { .. } => true,
        Expr::Array { items, .. } | Expr::Set { items, .. } => all(items),
        Expr::Object { fields, .. } => fields
            .iter()
            .all(|(_, key, value)| is_constant(key) && is_constant(value)),
        Expr::UnaryExpr { expr, .. } => is_constant(expr),
        // `set()` is how an empty set is written.
        Expr::Call { fcn, params, .. } => params.is_empty() && fcn.span().text() == "set",
        _ => false,
    }
}

/// A value as an author writes it.
fn written(value: &Value) -> String {
    let whole =
        terms::literal(value).unwrap_or_else(|| "a value that is too long to show".to_owned());
    shortened(&whole, VALUE_BYTES)
}

fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    shortened(&words.join(" "), NAME_BYTES)
}

fn shortened(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    format!("{}…", cut(text.to_owned(), most))
}
