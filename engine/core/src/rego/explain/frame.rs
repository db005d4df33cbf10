//! Frames: where in the rules a piece of text is read, and what holds there.

use std::collections::BTreeMap;
use std::rc::Rc;

use regorus::Value;
use regorus::unstable::{Expr, Literal, LiteralStmt, Module as Ast, Ref, Span as AstSpan};

use crate::diagnostic::Span;

use super::super::gate::Module;
use super::super::syntax;
use super::super::syntax::names::Chain;
use super::probe::Head;
use super::terms;

/// A module as the evaluator reads it, and as its author does.
pub(super) struct Code<'m> {
    pub(super) module: &'m Module,
    pub(super) ast: Ref<Ast>,
    pub(super) head: Head,
}

impl<'m> Code<'m> {
    pub(super) fn of(module: &'m Module, ast: Ref<Ast>) -> Self {
        let mut opening = format!("package {}\n\n", ast.package.refr.span().text());
        for import in &ast.imports {
            let root = Chain::of(&import.refr).map(Chain::into_path);
            let is_written_out = root
                .and_then(|path| path.into_iter().next())
                .is_some_and(|root| root == "data");
            if !is_written_out {
                opening.push_str(import.span.text());
                opening.push('\n');
            }
        }
        let steps = syntax::package_path(&ast);
        let path: String = steps.iter().map(|step| format!("[\"{step}\"]")).collect();
        Self {
            module,
            head: Head {
                opening,
                path: format!("data{path}"),
            },
            ast,
        }
    }

    /// The place of a piece of syntax in the author's text, and what stands there, on one
    /// line.
    pub(super) fn place(&self, span: &AstSpan) -> (Span, String) {
        self.module
            .authors(&syntax::span(&self.module.path, &terms::whole(span)))
    }
}

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
