//! Places: where packages may lie, and what those of findings must be.

use crate::diagnostic::{Diagnostic, Span, is_enough};
use crate::rego::{Module, SETS};

/// Below which packages of findings lie.
const RESTRICTIONS: &str = "restrictions";
/// Below which packages of helpers lie.
const LIBRARY: &str = "lib";
/// Bytes of the name of a package, at most, as of the id of a policy.
const PACKAGE_BYTES: usize = 256;

/// Packages lie below `restrictions` or `lib`, sets of findings are sets, and a package
/// below `restrictions` that finds nothing is a mistake.
pub(super) fn check(modules: &[Module], rule_modules: usize, remarks: &mut Vec<Diagnostic>) {
    for (at, module) in modules.iter().enumerate() {
        let mut fault = |span: &Span, code: &'static str, message: String, hint: &str| {
            if is_enough(remarks) {
                return;
            }
            remarks.push(
                Diagnostic::error(code, message)
                    .at(span.clone())
                    .excerpt_from(&module.text)
                    .hint(hint),
            );
        };
        let steps: Vec<&str> = module.package.split('.').collect();
        let named = |step: &&str| {
            !step.is_empty()
                && step
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        if !steps.iter().all(named) {
            fault(
                &module.package_span,
                "rego-package",
                format!(
                    "the package `{}` is not made of plain names",
                    module.package
                ),
                "use letters, digits and `_`, with dots between",
            );
        }
        if module.package.len() > PACKAGE_BYTES {
            fault(
                &module.package_span,
                "rego-package",
                format!(
                    "the name of the package has {} bytes, and may have {PACKAGE_BYTES}",
                    module.package.len()
                ),
                "shorten it",
            );
        }
        let first = steps.first().copied().unwrap_or_default();
        let in_place = steps.len() > 1 && (first == RESTRICTIONS || first == LIBRARY);
        if !in_place {
            fault(
                &module.package_span,
                "rego-package",
                format!(
                    "the package `{}` lies neither below `restrictions` nor below `lib`",
                    module.package
                ),
                "call it `restrictions.<name>` if it finds something, and `lib.<name>` if it helps others",
            );
        }
        if at >= rule_modules {
            continue;
        }
        for rule in module.rules.iter().filter(|rule| rule.reads_fixtures()) {
            fault(
                &rule.span,
                "rego-testdata",
                format!("`{}` reads `data.testdata`", rule.name),
                "a server has no fixtures: read them in a `_test.rego` file, or move them below `data/`",
            );
        }
        for rule in module
            .rules
            .iter()
            .filter(|rule| first == RESTRICTIONS && SETS.contains(&rule.name.as_str()))
        {
            if !rule.is_set {
                fault(
                    &rule.span,
                    "rego-not-a-set",
                    format!("`{}` is not a set", rule.name),
                    "write `deny contains … if { … }`, so that no finding is undefined",
                );
            }
        }
        let is_test = module
            .rules
            .iter()
            .any(|rule| rule.name.starts_with("test_"));
        if is_test {
            remarks.push(
                Diagnostic::warning(
                    "rego-test-in-rules",
                    "tests stand beside rules that are served",
                )
                .at(Span::start_of(&module.path))
                .hint("move them to a file that ends in `_test.rego`"),
            );
        }
    }
}
