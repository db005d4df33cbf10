//! Syntax: what the engine needs to know of a rule without running it.
//!
//! What it reads of the input, which rules it uses, which functions it calls, which
//! instants it names. Whatever cannot be told from the syntax is taken for the most that
//! it could be.

pub(super) mod names;
mod walk;

use std::collections::{BTreeMap, BTreeSet};

use regorus::unstable::{Expr, Module as Ast, Rule, RuleHead, Span as AstSpan};

use crate::bundle::TESTDATA;
use crate::diagnostic::Span;
use crate::instant::Instant;

use super::reads::ReadSet;
use names::{Chain, Meaning};

/// One definition of a rule.
#[derive(Debug)]
pub(crate) struct RuleSyntax {
    /// The first part of its name below the package.
    pub(crate) name: String,
    pub(crate) span: Span,
    /// Whether it adds members to a set.
    pub(crate) is_set: bool,
    pub(crate) is_function: bool,
    pub(crate) reads: ReadSet,
    /// Paths below `data` that it uses, rules among them.
    pub(crate) uses: BTreeSet<Vec<String>>,
    /// Functions that are not rules and the number of arguments that they are given, with the
    /// place of the first such call.
    pub(crate) calls: BTreeMap<(String, usize), Span>,
    /// Names that nothing in the rule gives a value, unless they are rules.
    pub(crate) unbound: BTreeMap<String, Span>,
    /// Instants that it names.
    pub(crate) instants: BTreeSet<Instant>,
    /// Texts that it names; instrument ids among them.
    pub(crate) texts: BTreeSet<String>,
    /// Paths below `input` that are undefined when a fact is absent, as facts are written.
    pub(crate) facts: BTreeSet<String>,
    /// A name that can stand for more things than are told apart.
    pub(crate) tangled: Option<String>,
    /// What does not bear on its outcome and is remarked on.
    pub(crate) noted: Noted,
}

/// What of a rule is looked at only for remarks.
#[derive(Debug, Default)]
pub(crate) struct Noted {
    /// Names that something in the rule gives a value.
    pub(crate) names: BTreeSet<String>,
    /// Paths below `input` whose last step leads nowhere, with the place of that step.
    pub(crate) strange: BTreeMap<Vec<String>, Span>,
    /// Paths to rules of packages, written out or through an import.
    pub(crate) references: BTreeMap<Vec<String>, Reference>,
    /// The place where the raw inventory is gone through while it is gone through already.
    pub(crate) cross: Option<Span>,
    /// Whether it goes through the raw inventory.
    pub(crate) sweeps: bool,
    /// Paths to functions that are called for each item of the raw inventory.
    pub(crate) swept: BTreeMap<Vec<String>, Span>,
}

/// A reference to a rule of a package.
#[derive(Debug)]
pub(crate) struct Reference {
    /// Where its last settled step is written.
    pub(crate) span: Span,
    pub(crate) is_call: bool,
    /// Whether it is written out from `data` on and not through an import.
    pub(crate) is_whole: bool,
}

impl RuleSyntax {
    /// Whether it names what tests alone see.
    pub(crate) fn reads_fixtures(&self) -> bool {
        self.uses
            .iter()
            .any(|path| path.first().is_some_and(|root| root == TESTDATA))
    }
}

/// The names that a module brings in: alias to path.
pub(super) struct Imports(pub(super) BTreeMap<String, Meaning>);

/// The package of a module as path components.
pub(super) fn package_path(ast: &Ast) -> Vec<String> {
    Chain::of(&ast.package.refr)
        .map(|chain| chain.into_path())
        .unwrap_or_default()
}

/// Reads the rules of a module.
pub(super) fn rules(path: &str, ast: &Ast) -> Vec<RuleSyntax> {
    let package = package_path(ast);
    let imports = imports(ast);
    let constants = constants(ast);
    ast.policy
        .iter()
        .filter_map(|rule| {
            let name = rule_name(rule)?;
            let mut walk = walk::Walk::new(path, &package, &imports, &constants);
            walk.rule(rule);
            Some(walk.finish(RuleSyntax {
                name,
                span: span(path, rule.span()),
                is_set: matches!(
                    &**rule,
                    Rule::Spec {
                        head: RuleHead::Set { .. },
                        ..
                    }
                ),
                is_function: matches!(
                    &**rule,
                    Rule::Spec {
                        head: RuleHead::Func { .. },
                        ..
                    }
                ),
                reads: ReadSet::default(),
                uses: BTreeSet::new(),
                calls: BTreeMap::new(),
                unbound: BTreeMap::new(),
                instants: BTreeSet::new(),
                texts: BTreeSet::new(),
                facts: BTreeSet::new(),
                tangled: None,
                noted: Noted::default(),
            }))
        })
        .collect()
}

/// The place of a piece of syntax.
pub(super) fn span(path: &str, span: &AstSpan) -> Span {
    let text = span.text();
    let lines = u32::try_from(text.matches('\n').count()).unwrap_or(0);
    let last = text.rsplit('\n').next().unwrap_or_default();
    let last_bytes = u32::try_from(last.len()).unwrap_or(0);
    let start_column = column_in_bytes(span);
    Span {
        path: path.to_owned(),
        start_line: span.line,
        start_column,
        end_line: span.line.saturating_add(lines),
        end_column: if lines == 0 {
            start_column.saturating_add(last_bytes)
        } else {
            last_bytes.saturating_add(1)
        },
    }
}

/// The evaluator counts characters; the API counts bytes.
fn column_in_bytes(span: &AstSpan) -> u32 {
    let start = usize::try_from(span.start).unwrap_or(0);
    let before = span.source.contents().get(..start).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    u32::try_from(start - line_start + 1).unwrap_or(1)
}

/// Whether a rule is one that [`rules`] reads.
pub(super) fn has_name(rule: &Rule) -> bool {
    rule_name(rule).is_some()
}

fn rule_name(rule: &Rule) -> Option<String> {
    let refr = match rule {
        Rule::Spec {
            head:
                RuleHead::Compr { refr, .. } | RuleHead::Set { refr, .. } | RuleHead::Func { refr, .. },
            ..
        }
        | Rule::Default { refr, .. } => refr,
    };
    Chain::of(refr).and_then(|chain| chain.into_path().into_iter().next())
}

/// The paths below `data` that a module imports, with the place of each import's last step.
pub(super) fn imported(path: &str, ast: &Ast) -> Vec<(Vec<String>, Span)> {
    let below_data = |import: &regorus::unstable::Import| {
        let chain = Chain::of(&import.refr)?;
        let place = chain.places.last().map(|place| span(path, place))?;
        let whole = chain.into_path();
        let (root, rest) = whole.split_first()?;
        (root == "data").then(|| (rest.to_vec(), place))
    };
    ast.imports.iter().filter_map(below_data).collect()
}

pub(super) fn imports(ast: &Ast) -> Imports {
    let mut names = BTreeMap::new();
    for import in &ast.imports {
        let Some(path) = Chain::of(&import.refr).map(Chain::into_path) else {
            continue;
        };
        let alias = match &import.r#as {
            Some(alias) => Some(alias.text().to_owned()),
            None => path.last().cloned(),
        };
        let (Some(alias), Some((root, rest))) = (alias, path.split_first()) else {
            continue;
        };
        match root.as_str() {
            "data" => names.insert(alias, Meaning::Data(rest.to_vec())),
            "input" => names.insert(alias, Meaning::Input(rest.to_vec())),
            _ => None,
        };
    }
    Imports(names)
}

/// Rules of the module that are nothing but an instant: `_deadline := time.parse_rfc3339_ns("…")`.
fn constants(ast: &Ast) -> BTreeSet<String> {
    let mut constants = BTreeSet::new();
    for rule in &ast.policy {
        let Rule::Spec {
            head:
                RuleHead::Compr {
                    assign: Some(assign),
                    ..
                },
            bodies,
            ..
        } = &**rule
        else {
            continue;
        };
        let unconditional = bodies.iter().all(|body| body.query.stmts.is_empty());
        if unconditional && names::literal_instant(&assign.value).is_some() {
            constants.extend(rule_name(rule));
        }
    }
    constants
}

/// The text of a string literal.
fn literal(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::String { value, .. } | Expr::RawString { value, .. } => {
            value.as_string().ok().map(|text| &**text)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
