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

use super::super::engine::configure;
use super::super::gate::Module;
use super::super::syntax;

/// Names for what is evaluated, which no author has.
const PROBE: &str = "embargo_probe_of_a_test";
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
    // The author's text is shown, and the one with imports written out is evaluated.
    let (mut shown, mut seen) = (Engine::new(), Engine::new());
    shown
        .add_policy(module.path.clone(), module.text.clone())
        .ok()?;
    module.load(&mut seen).ok()?;
    let (shown, seen) = (shown.get_modules().first()?, seen.get_modules().first()?);
    let probe = Probe {
        engine,
        package: &module.package,
        preamble: preamble(&module.package, seen),
    };
    let (shown, seen) = (Parts::of(shown, rule)?, Parts::of(seen, rule)?);

    let texts: Vec<&str> = seen
        .statements
        .iter()
        .map(|stmt| stmt.span.text())
        .collect();
    let holds = |count: usize| {
        let body = texts.get(..count)?;
        Some(!probe.values(body, "true", "")?.is_empty())
    };
    let failing = first_without(texts.len(), holds)?;
    let before = texts.get(..failing).unwrap_or_default();
    let (place, named, withs) = match (shown.statements.get(failing), seen.statements.get(failing))
    {
        (Some(shown), Some(seen)) => {
            let withs: Vec<&str> = seen.with_mods.iter().map(|with| with.span.text()).collect();
            let named = pairs(&in_statement(&shown.literal), &in_statement(&seen.literal));
            (&shown.span, named, withs.join(" "))
        }
        // The body holds, so that it is the value that is not true.
        _ => {
            let (shown, seen) = (shown.value?, seen.value?);
            let named = pairs(&in_value(shown), &in_value(seen));
            (shown.span(), named, String::new())
        }
    };
    let mut values = Vec::new();
    let locals = locals(seen.statements, failing);
    let locals = locals.into_iter().map(|name| (name.clone(), name, ""));
    let named = named
        .into_iter()
        .map(|(shown, seen)| (shown, seen, withs.as_str()));
    let mut known = BTreeSet::new();
    for (shown, seen, withs) in named.chain(locals) {
        if values.len() < VALUES && known.insert(shown.clone()) {
            values.extend(probe.line(before, &shown, &seen, withs));
        }
    }
    Some(Cause {
        span: syntax::span(&module.path, place),
        values,
    })
}

/// The number of statements that hold before the first that does not; nothing if it cannot be
/// told. That more statements hold in no more ways lets one halve.
fn first_without(count: usize, holds: impl Fn(usize) -> Option<bool>) -> Option<usize> {
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

/// The package and the imports that are not written out.
fn preamble(package: &str, ast: &Ast) -> String {
    let mut text = format!("package {package}\n");
    for import in &ast.imports {
        let path = import.refr.span().text();
        if path.starts_with("input") {
            let alias = import.r#as.as_ref().map(|alias| alias.text());
            let alias = alias.map(|alias| format!(" as {alias}"));
            text.push_str(&format!("import {path}{}\n", alias.unwrap_or_default()));
        }
    }
    text
}

struct Probe<'a> {
    engine: &'a Engine,
    package: &'a str,
    preamble: String,
}

impl Probe<'_> {
    /// The values that an expression has behind some statements; nothing if that cannot be
    /// evaluated.
    fn values(&self, before: &[&str], expr: &str, withs: &str) -> Option<Vec<Value>> {
        let mut body = String::new();
        for statement in before {
            body.push_str(statement);
            body.push('\n');
        }
        let text = format!(
            "{}\n{PROBE} contains {PROBED} if {{\n{body}{PROBED} := {expr} {withs}\n}}\n",
            self.preamble
        );
        let mut engine = self.engine.clone();
        engine
            .add_policy("embargo_probe.rego".to_owned(), text)
            .ok()?;
        configure(&mut engine, BUDGET);
        engine.set_input(Value::new_object());
        // They were printed when the test ran.
        engine.set_gather_prints(true);
        let rule = format!("data.{}.{PROBE}", self.package);
        let found = engine.eval_rule(rule).ok()?;
        Some(found.as_set().ok()?.iter().cloned().collect())
    }

    /// A line that shows the values of an expression; nothing if they cannot be told.
    fn line(&self, before: &[&str], shown: &str, seen: &str, withs: &str) -> Option<String> {
        let values = self.values(before, seen, withs)?;
        let shown = one_line(shown);
        let more = values.len().saturating_sub(WAYS);
        let ways: Vec<String> = values
            .iter()
            .take(WAYS)
            .map(|value| shortened(&written(value), VALUE_BYTES))
            .collect();
        Some(match (ways.is_empty(), more) {
            (true, _) => format!("{shown} is undefined"),
            (false, 0) => format!("{shown} = {}", ways.join(" or ")),
            (false, more) => format!("{shown} = {} or {more} more", ways.join(" or ")),
        })
    }
}

/// The expressions of a statement whose values tell why it does not hold.
fn in_statement(literal: &Literal) -> Vec<String> {
    let mut found = Vec::new();
    match literal {
        Literal::SomeVars { .. } => {}
        Literal::SomeIn { collection, .. } => whole(collection, &mut found),
        Literal::Every { domain, .. } => whole(domain, &mut found),
        Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => inside(expr, &mut found),
    }
    found
}

fn in_value(expr: &Expr) -> Vec<String> {
    let mut found = Vec::new();
    inside(expr, &mut found);
    found
}

/// The expression itself, unless it stands there as it is, and what it is made of.
fn whole(expr: &Expr, found: &mut Vec<String>) {
    if !is_constant(expr) {
        found.push(expr.span().text().to_owned());
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

fn inside(expr: &Expr, found: &mut Vec<String>) {
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

/// The same expressions in the author's text and in the evaluator's.
fn pairs(shown: &[String], seen: &[String]) -> Vec<(String, String)> {
    shown.iter().cloned().zip(seen.iter().cloned()).collect()
}

/// Names that the statements before the failing one give a value.
fn locals(statements: &[LiteralStmt], failing: usize) -> Vec<String> {
    let mut names = Vec::new();
    for statement in statements.iter().take(failing) {
        match &statement.literal {
            Literal::SomeIn { key, value, .. } => {
                key.iter().for_each(|key| pattern(key, &mut names));
                pattern(value, &mut names);
            }
            Literal::Expr { expr, .. } => {
                if let Expr::AssignExpr {
                    op: AssignOp::ColEq,
                    lhs,
                    ..
                } = &**expr
                {
                    pattern(lhs, &mut names);
                }
            }
            Literal::SomeVars { .. } | Literal::NotExpr { .. } | Literal::Every { .. } => {}
        }
    }
    names
}

fn pattern(expr: &Expr, names: &mut Vec<String>) {
    match expr {
        Expr::Var { span, .. } if span.text() != "_" => names.push(span.text().to_owned()),
        Expr::Array { items, .. } => items.iter().for_each(|item| pattern(item, names)),
        Expr::Object { fields, .. } => fields
            .iter()
            .for_each(|(_, _, value)| pattern(value, names)),
        _ => {}
    }
}

/// A value as an author writes it.
fn written(value: &Value) -> String {
    match value {
        Value::Set(items) => {
            let items: Vec<String> = items.iter().map(written).collect();
            if items.is_empty() {
                "set()".to_owned()
            } else {
                format!("{{{}}}", items.join(", "))
            }
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(written).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(key, value)| format!("{}: {}", written(key), written(value)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
        Value::Undefined => "undefined".to_owned(),
        _ => value.to_string(),
    }
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
