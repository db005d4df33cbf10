//! Code: a module whose text probes are made of.

use regorus::unstable::{Module as Ast, Ref, Span as AstSpan};

use crate::diagnostic::Span;

use super::super::gate::Module;
use super::super::syntax;
use super::super::syntax::names::Chain;
use super::{Head, terms};

/// A module as the evaluator reads it, and as its author does.
pub(in crate::rego) struct Code<'m> {
    pub(in crate::rego) module: &'m Module,
    pub(in crate::rego) ast: Ref<Ast>,
    pub(in crate::rego) head: Head,
}

impl<'m> Code<'m> {
    pub(in crate::rego) fn of(module: &'m Module, ast: Ref<Ast>) -> Self {
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
    pub(in crate::rego) fn place(&self, span: &AstSpan) -> (Span, String) {
        self.module
            .authors(&syntax::span(&self.module.path, &terms::whole(span)))
    }
}
