//! References that lead nowhere: to the evaluator they are undefined, so that a rule which
//! rests on one never fires, or fails when it does.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Span, is_enough};
use crate::likeness::{did_you_mean, nearest};
use crate::rego::gate::Module;
use crate::rego::syntax::{Reference, RuleSyntax};
use crate::rego::unread::Unread;

use super::{Graph, Node};

/// Where a path below `data` leads that names a rule of a package.
enum Lead<'p> {
    /// To something, or to what cannot be told.
    Somewhere,
    /// To a package that has no rule of this name.
    NoRule(String, &'p str),
    /// To no package.
    NoPackage,
}

impl Graph<'_> {
    /// The names of the rules of a module's package.
    pub(super) fn names_of<'g>(&'g self, module: &'g Module) -> impl Iterator<Item = &'g str> {
        self.names_in(&module.package)
    }

    fn names_in<'g>(&'g self, package: &'g str) -> impl Iterator<Item = &'g str> {
        let rules: &'g BTreeMap<(&'g str, &'g str), Vec<Node>> = &self.rules;
        rules
            .range((package, "")..)
            .take_while(move |((at, _), _)| *at == package)
            .map(|((_, name), _)| *name)
    }

    /// What a name without a value was probably meant to be: a name of the rule, a rule of the
    /// package, or something imported.
    pub(super) fn meant<'g>(
        &'g self,
        module: &'g Module,
        rule: &'g RuleSyntax,
        name: &str,
    ) -> Option<&'g str> {
        let own = rule.noted.names.iter().map(String::as_str);
        let imported = module
            .imports
            .iter()
            .filter_map(|(path, _)| path.last().map(String::as_str));
        nearest(
            name,
            own.chain(self.names_of(module))
                .chain(imported)
                .chain(["input", "data"]),
        )
    }

    fn lead<'p>(&self, path: &'p [String]) -> Lead<'p> {
        let is_packages = path
            .first()
            .is_some_and(|first| first == "lib" || first == "restrictions");
        if !is_packages || path.iter().any(|step| step == "*") {
            return Lead::Somewhere;
        }
        let rules: &BTreeMap<(&str, &str), Vec<Node>> = &self.rules;
        for end in (1..=path.len()).rev() {
            let package = path.get(..end).unwrap_or_default().join(".");
            if self.packages.contains_key(package.as_str()) {
                return match path.get(end) {
                    Some(name) if !rules.contains_key(&(package.as_str(), name.as_str())) => {
                        Lead::NoRule(package, name)
                    }
                    _ => Lead::Somewhere,
                };
            }
        }
        let whole = format!("{}.", path.join("."));
        if self.packages.keys().any(|known| known.starts_with(&whole)) {
            return Lead::Somewhere;
        }
        Lead::NoPackage
    }

    /// Imports that lead nowhere; the names that they were to bring in.
    pub(super) fn check_imports(
        &self,
        module: &Module,
        unread: &Unread,
        remarks: &mut Vec<Diagnostic>,
    ) -> Vec<String> {
        let mut lost = Vec::new();
        for (path, span) in &module.imports {
            let whole = path.join(".");
            if is_enough(remarks) || unread.may_hold(&whole) {
                continue;
            }
            let (message, hint) = match self.lead(path) {
                Lead::Somewhere => continue,
                Lead::NoRule(package, name) => {
                    let known = self.names_in(&package);
                    let hint = did_you_mean(name, known, "name a rule that the package has");
                    (
                        format!("the package `{package}` has no rule `{name}`"),
                        hint,
                    )
                }
                Lead::NoPackage => {
                    let known = self.packages.keys().copied();
                    let hint = did_you_mean(&whole, known, "write the package, or name another");
                    (format!("there is no package `{whole}`"), hint)
                }
            };
            lost.extend(path.last().cloned());
            remarks.push(
                Diagnostic::error("rego-import", message)
                    .at(span.clone())
                    .excerpt_from(&module.text)
                    .hint(hint),
            );
        }
        lost
    }

    /// Calls of functions that the package which they are looked for in does not have.
    pub(super) fn check_calls(
        &self,
        module: &Module,
        rule: &RuleSyntax,
        unread: &Unread,
        remarks: &mut Vec<Diagnostic>,
    ) {
        for (path, reference) in rule.noted.references.iter().filter(|(_, to)| to.is_call) {
            if is_enough(remarks) || unread.may_hold(&path.join(".")) {
                continue;
            }
            if let Some((what, hint)) = self.missing(path, reference, "function") {
                remarks.push(
                    Diagnostic::error("rego-unknown-function", what)
                        .at(reference.span.clone())
                        .excerpt_from(&module.text)
                        .hint(hint),
                );
            }
        }
    }

    /// References to rules that are not there, other than calls, which are refused.
    pub(crate) fn loose_ends(&self, module: &Module, rule: &RuleSyntax) -> Vec<Diagnostic> {
        let others = rule.noted.references.iter().filter(|(_, to)| !to.is_call);
        others
            .filter_map(|(path, reference)| {
                let (what, hint) = self.missing(path, reference, "rule")?;
                Some(
                    Diagnostic::warning("lint-unknown-rule", what)
                        .at(reference.span.clone())
                        .excerpt_from(&module.text)
                        .hint(hint),
                )
            })
            .collect()
    }

    /// What is missing at the end of a path. Through an import that leads nowhere nothing is:
    /// the import has the remark.
    fn missing(
        &self,
        path: &[String],
        reference: &Reference,
        what: &str,
    ) -> Option<(String, String)> {
        match self.lead(path) {
            Lead::NoRule(package, name) => {
                let otherwise = format!("define it in `{package}`");
                Some((
                    format!("the package `{package}` has no {what} `{name}`"),
                    did_you_mean(name, self.names_in(&package), &otherwise),
                ))
            }
            Lead::NoPackage if reference.is_whole => {
                let whole = path.join(".");
                let known = self.packages.keys().copied();
                Some((
                    format!("`data.{whole}` leads to no package"),
                    did_you_mean(&whole, known, "write the package, or name another"),
                ))
            }
            Lead::NoPackage | Lead::Somewhere => None,
        }
    }

    /// The place where a function is called for each item of the raw inventory that goes
    /// through the raw inventory itself.
    pub(crate) fn swept_again(&self, rule: &RuleSyntax) -> Option<Span> {
        rule.noted.swept.iter().find_map(|(path, span)| {
            let sweeps = self
                .targets(path)
                .into_iter()
                .filter_map(|node| self.rule(node))
                .any(|target| target.is_function && target.noted.sweeps);
            sweeps.then(|| span.clone())
        })
    }
}
