//! What is wrong with a rule that the evaluator would notice only when it runs.

use crate::diagnostic::{Diagnostic, Span};
use crate::rego::builtins;
use crate::rego::functions::Function;
use crate::rego::gate::Module;
use crate::rego::syntax::RuleSyntax;

/// A name that nothing gives a value.
pub(in crate::rego) fn unbound_name(
    module: &Module,
    name: &str,
    span: &Span,
    meant: Option<&str>,
) -> Diagnostic {
    let hint = match meant {
        Some(known) => format!("did you mean `{known}`?"),
        None => "give it a value with `:=` or `some`, or define a rule of this name".to_owned(),
    };
    Diagnostic::error(
        "rego-unbound-name",
        format!("nothing gives `{name}` a value"),
    )
    .at(span.clone())
    .excerpt_from(&module.text)
    .hint(hint)
}

/// A call of one of our functions with too few or too many arguments.
pub(super) fn wrong_arguments(
    module: &Module,
    name: &str,
    given: usize,
    function: &Function,
    span: &Span,
) -> Diagnostic {
    Diagnostic::error(
        "rego-wrong-arguments",
        format!(
            "`{name}` is called with {given} arguments, and takes {}",
            function.arguments
        ),
    )
    .at(span.clone())
    .excerpt_from(&module.text)
    .hint(format!("write `{}`", function.signature))
}

/// A call of a function that is not on the closed list.
pub(super) fn refused_call<'a>(
    module: &Module,
    name: &str,
    span: &Span,
    own: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    let diagnostic = match builtins::refusal(name) {
        Some(reason) => Diagnostic::error(
            "rego-refused-function",
            format!("`{name}` may not be called"),
        )
        .hint(reason),
        None => {
            let unknown = Diagnostic::error(
                "rego-unknown-function",
                format!("there is no function `{name}`"),
            );
            match builtins::nearest(name, own) {
                Some(known) => unknown.hint(format!("did you mean `{known}`?")),
                None => unknown.hint("define it in the package, or import the package that does"),
            }
        }
    };
    diagnostic.at(span.clone()).excerpt_from(&module.text)
}

/// A name that can stand for too many things to tell what the rule reads.
pub(super) fn tangled_name(module: &Module, rule: &RuleSyntax, name: &str) -> Diagnostic {
    Diagnostic::error(
        "rego-tangled-name",
        format!("`{name}` can stand for too many things"),
    )
    .at(rule.span.clone())
    .excerpt_from(&module.text)
    .hint("give each thing a name of its own")
}

/// A rule with which rules use each other too often.
pub(super) fn too_many_uses(module: &Module, rule: &RuleSyntax) -> Diagnostic {
    Diagnostic::error(
        "rego-too-large",
        format!("with `{}`, rules use rules too often", rule.name),
    )
    .at(rule.span.clone())
    .excerpt_from(&module.text)
    .hint("refer to rules by their names, or move large data into `data/`")
}
