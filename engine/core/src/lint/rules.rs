//! Rules that read what is not there, that take the product of the inventory with itself, or
//! whose package nobody would look for where it lies.

use crate::diagnostic::Diagnostic;
use crate::rego::{Graph, Module, RuleSyntax, advice};
use crate::snapshot::Snapshot;

pub(super) fn check(snapshot: &Snapshot, remarks: &mut Vec<Diagnostic>) {
    let graph = Graph::new(snapshot.modules());
    let rule_modules = snapshot.rule_modules().len();
    for (at, module) in snapshot.modules().iter().enumerate() {
        remarks.extend(misplaced(module));
        for rule in &module.rules {
            remarks.extend(graph.loose_ends(module, rule));
            // A test may make up any input, and runs once.
            if at < rule_modules {
                remarks.extend(strange_fields(module, rule));
                remarks.extend(cross_product(&graph, module, rule));
            }
        }
    }
}

fn strange_fields<'a>(
    module: &'a Module,
    rule: &'a RuleSyntax,
) -> impl Iterator<Item = Diagnostic> + 'a {
    rule.noted.strange.iter().filter_map(move |(path, span)| {
        let (message, hint) = advice(path)?;
        let remark = Diagnostic::warning("lint-unknown-field", message).at(span.clone());
        Some(remark.excerpt_from(&module.text).hint(hint))
    })
}

fn cross_product(graph: &Graph<'_>, module: &Module, rule: &RuleSyntax) -> Option<Diagnostic> {
    let span = rule
        .noted
        .cross
        .clone()
        .or_else(|| graph.swept_again(rule))?;
    let message = format!(
        "`{}` goes through `input.software` for each of its items",
        rule.name
    );
    Some(
        Diagnostic::warning("lint-cross-product", message)
            .at(span)
            .excerpt_from(&module.text)
            .hint(
                "read `input.identified`, or gather what is looked for in a set of its own first",
            ),
    )
}

/// A package is named like its folder or its file, with `_` for `-`.
fn misplaced(module: &Module) -> Option<Diagnostic> {
    let mut steps = module.package.split('.');
    let (root, name) = (steps.next()?, steps.next()?);
    let (folder, file) = module.path.rsplit_once('/').unwrap_or(("", &module.path));
    let plain = |text: &str| {
        let text = text.strip_suffix(".rego").unwrap_or(text);
        let text = text.strip_suffix("_test").unwrap_or(text);
        text.replace('-', "_")
    };
    let name = plain(name);
    let is_there = |place: &str| plain(place) == name;
    let folders = || folder.split('/').filter(|folder| !folder.is_empty());
    if is_there(file) || folders().any(is_there) {
        return None;
    }
    let wanted = name.replace('_', "-");
    let hint = match (root, folders().next_back()) {
        ("lib", _) => format!("call the file `{name}.rego`, or the package as the file is called"),
        // The folder of an instrument is named like the instrument.
        (_, Some(last)) if !["rules", "policies", "restrictions"].contains(&last) => format!(
            "call the package `restrictions.{}`, or the folder `{wanted}`",
            last.replace('-', "_")
        ),
        _ => format!("move it into a folder `{wanted}`"),
    };
    let message = format!(
        "the package `{}` lies neither in a folder nor in a file of its name",
        module.package
    );
    Some(
        Diagnostic::warning("lint-package-folder", message)
            .at(module.package_span.clone())
            .excerpt_from(&module.text)
            .hint(hint),
    )
}
