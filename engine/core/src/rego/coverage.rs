//! Coverage: the lines of rules that were evaluated, and those that can be.
//!
//! A line can be evaluated if a condition, a value or a part of one begins on it. What the
//! evaluator looks up, the inside of a reference or the name of a function, begins none: it
//! does not note these. A module that nothing reached has lines all the same.

use std::collections::{BTreeMap, BTreeSet};

use regorus::Engine;
use regorus::unstable::{Expr, Literal, Query, Ref, Rule, RuleAssign, RuleHead};

use super::gate::Module;

/// Lines, counted from 1, by the path of their file.
pub(crate) type Lines = BTreeMap<String, BTreeSet<u32>>;

/// Adds the lines that an evaluator which notes them has evaluated.
pub(super) fn add_evaluated(engine: &Engine, lines: &mut Lines) {
    // Without a report there is nothing to add, and lines then show as not evaluated.
    let files = engine.get_coverage_report().map(|report| report.files);
    for file in files.into_iter().flatten() {
        lines.entry(file.path).or_default().extend(file.covered);
    }
}

/// The lines of a module that can be evaluated.
pub(crate) fn countable(module: &Module) -> BTreeSet<u32> {
    let mut engine = Engine::new();
    let mut lines = Countable::default();
    if module.load(&mut engine).is_ok() {
        for ast in engine.get_modules() {
            ast.policy.iter().for_each(|rule| lines.rule(rule));
        }
    }
    lines.0
}

#[derive(Default)]
struct Countable(BTreeSet<u32>);

impl Countable {
    fn rule(&mut self, rule: &Rule) {
        match rule {
            Rule::Spec { head, bodies, .. } => {
                match head {
                    RuleHead::Compr { assign, .. } | RuleHead::Func { assign, .. } => {
                        self.assignment(assign.as_ref());
                    }
                    RuleHead::Set { key, .. } => self.exprs(key),
                }
                for body in bodies {
                    self.query(&body.query);
                }
            }
            Rule::Default { value, .. } => self.expr(value),
        }
    }

    fn assignment(&mut self, assign: Option<&RuleAssign>) {
        if let Some(assign) = assign {
            self.expr(&assign.value);
        }
    }

    fn query(&mut self, query: &Query) {
        for stmt in &query.stmts {
            match &stmt.literal {
                Literal::SomeVars { .. } => {}
                Literal::SomeIn { collection, .. } => self.expr(collection),
                Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => self.expr(expr),
                Literal::Every { domain, query, .. } => {
                    self.expr(domain);
                    self.query(query);
                }
            }
        }
    }

    fn exprs<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Ref<Expr>>) {
        exprs.into_iter().for_each(|expr| self.expr(expr));
    }

    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::ArrayCompr { query, .. }
            | Expr::SetCompr { query, .. }
            | Expr::ObjectCompr { query, .. } => self.query(query),
            Expr::AssignExpr { rhs, .. } => self.expr(rhs),
            Expr::Array { items, .. } | Expr::Set { items, .. } => {
                self.line(expr);
                self.exprs(items);
            }
            Expr::Object { fields, .. } => {
                self.line(expr);
                self.exprs(fields.iter().map(|(_, _, value)| value));
            }
            Expr::Call { params, .. } => {
                self.line(expr);
                self.exprs(params);
            }
            Expr::BinExpr { lhs, rhs, .. }
            | Expr::BoolExpr { lhs, rhs, .. }
            | Expr::ArithExpr { lhs, rhs, .. } => {
                self.line(expr);
                self.exprs([lhs, rhs]);
            }
            Expr::Membership {
                value, collection, ..
            } => {
                self.line(expr);
                self.exprs([value, collection]);
            }
            Expr::String { .. }
            | Expr::RawString { .. }
            | Expr::Number { .. }
            | Expr::Bool { .. }
            | Expr::Null { .. }
            | Expr::Var { .. }
            | Expr::UnaryExpr { .. }
            | Expr::RefDot { .. }
            | Expr::RefBrack { .. } => self.line(expr),
        }
    }

    fn line(&mut self, expr: &Expr) {
        self.0.insert(expr.span().line);
    }
}

#[cfg(test)]
mod tests {
    use super::super::gate;
    use super::*;

    const TEXT: &str = "package a

one if {
	input.x
	count({y |
		some y in input.ys
		y > 1
	}) == 2
}

two := 1 if input.z

default three := {
	\"k\": 1,
	\"l\": 2,
}
";

    fn countable_of(text: &str) -> Vec<u32> {
        let module = gate::parse("a.rego", text).unwrap();
        countable(&module).into_iter().collect()
    }

    #[test]
    fn conditions_and_values_count_and_nothing_else() {
        assert_eq!(countable_of(TEXT), [4, 5, 6, 7, 8, 11, 13, 14, 15]);
    }

    #[test]
    fn what_is_evaluated_throughout_is_covered_throughout() {
        let module = gate::parse("a.rego", TEXT).unwrap();
        let mut engine = Engine::new();
        module.load(&mut engine).unwrap();
        engine.set_enable_coverage(true);
        let mut lines = Lines::new();
        for (rule, input) in [
            ("one", "{\"x\": 1, \"ys\": [1, 2, 3], \"z\": 1}"),
            ("two", "{\"z\": 1}"),
            ("three", "{}"),
        ] {
            engine.set_input_json(input).unwrap();
            engine.eval_rule(format!("data.a.{rule}")).unwrap();
        }
        add_evaluated(&engine, &mut lines);
        let covered: Vec<u32> = lines["a.rego"].iter().copied().collect();
        assert_eq!(covered, countable_of(TEXT));
    }
}
