//! Frames: where in the rules a piece of text is read, and what holds there.

use std::collections::BTreeMap;
use std::rc::Rc;

use regorus::Value;
use regorus::unstable::{Expr, Literal, LiteralStmt, Ref};

use super::super::probe::{Code, terms};

/// Where a piece of text is read.
#[derive(Clone)]
pub(super) struct Frame<'a> {
    pub(super) code: &'a Code<'a>,
    /// The statements that hold there, as the evaluator reads them.
    pub(super) statements: Vec<String>,
    /// What each parameter was given, and where.
    given: BTreeMap<&'a str, (Rc<Self>, &'a Expr)>,
    /// The expressions that give names their values.
    made: BTreeMap<&'a str, &'a Expr>,
}

/// What a name stands for in a frame.
pub(super) enum Origin<'a> {
    /// An argument of a call, and where it is read.
    Given(Rc<Frame<'a>>, &'a Expr),
    /// An expression of the same body.
    Made(&'a Expr),
    /// Nothing local.
    Elsewhere,
}

impl<'a> Frame<'a> {
    /// At the start of a rule.
    pub(super) const fn start(code: &'a Code<'a>) -> Self {
        Self {
            code,
            statements: Vec::new(),
            given: BTreeMap::new(),
            made: BTreeMap::new(),
        }
    }

    /// At the start of a function that was called; nothing if the values are too long to be
    /// handed on, or not as many as there are parameters.
    pub(super) fn called(
        code: &'a Code<'a>,
        parameters: &'a [Ref<Expr>],
        caller: &Rc<Self>,
        arguments: &'a [Ref<Expr>],
        values: &[Value],
    ) -> Option<Self> {
        if parameters.len() != arguments.len() || parameters.len() != values.len() {
            return None;
        }
        let mut frame = Self::start(code);
        for ((parameter, argument), value) in parameters.iter().zip(arguments).zip(values) {
            let pattern = terms::source(parameter.span());
            if pattern == "_" {
                continue;
            }
            let value = terms::literal(value)?;
            if let Expr::Var { .. } = &**parameter {
                frame.statements.push(format!("{pattern} := {value}"));
                let name = parameter.span().text();
                frame.given.insert(name, (Rc::clone(caller), argument));
            } else {
                frame.statements.push(format!("{pattern} = {value}"));
            }
        }
        Some(frame)
    }

    /// Behind a statement.
    pub(super) fn after(&self, stmt: &'a LiteralStmt) -> Self {
        let mut next = self.clone();
        next.statements.push(terms::source(&stmt.span));
        if let Literal::Expr { expr, .. } = &stmt.literal
            && let Expr::AssignExpr { lhs, rhs, .. } = &**expr
            && let Expr::Var { span, .. } = &**lhs
        {
            next.made.insert(span.text(), rhs);
        }
        for name in terms::made_by(stmt) {
            next.given.remove(name);
        }
        next
    }

    /// What a name stands for.
    pub(super) fn origin(&self, name: &str) -> Origin<'a> {
        if let Some((frame, expr)) = self.given.get(name) {
            return Origin::Given(Rc::clone(frame), expr);
        }
        match self.made.get(name) {
            Some(expr) => Origin::Made(expr),
            None => Origin::Elsewhere,
        }
    }
}
