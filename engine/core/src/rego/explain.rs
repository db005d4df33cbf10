//! Explaining: which condition of a rule does not hold, and what it read.
//!
//! The evaluator tells what a package gave and not why. So the conditions of a rule are asked
//! for as it stands (`probe`): the first, the first two, and so on, until one more of them
//! leaves nothing. If that one calls a function or rests on another rule, the same is done
//! there, with the values that it was given (`frame`), down to the condition that decides.

mod frame;
mod trace;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use regorus::unstable::{Ref, Rule, RuleHead};

use crate::diagnostic::{Diagnostic, Span};

use super::engine::loaded;
use super::functions::Errors;
use super::gate::Module;
use super::graph::{Graph, Package, SETS};
use super::input::{DataValues, InputParts, build};
use super::probe::{Code, Prober};
use super::result::{self, Entry, EntryKind};
use trace::Tracer;

/// What one probe may take.
const PROBE: Duration = Duration::from_millis(100);

/// A condition of a rule, or of what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Its place.
    pub span: Span,
    /// What stands there, on one line.
    pub text: String,
    /// Whether it holds, together with those before it.
    pub held: bool,
    /// What it reads, if it does not hold.
    pub readings: Vec<Reading>,
    /// Why it does not hold, where that is for another condition to say: the first that does
    /// not hold in each definition of what it rests on.
    pub because: Vec<Condition>,
}

/// What a condition reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The reference, as it is written.
    pub name: String,
    /// Its values in Rego's notation, one for each way in which the conditions before hold, at
    /// most three; none if it is undefined.
    pub values: Vec<String>,
    /// How many more there are.
    pub more: usize,
}

/// What became of one rule that adds to a set of findings.
pub(crate) struct RuleTrace {
    pub(crate) kind: EntryKind,
    pub(crate) span: Span,
    /// Up to the first that does not hold.
    pub(crate) conditions: Vec<Condition>,
    /// What it added; nothing if it did not hold or that cannot be told.
    pub(crate) entries: Vec<Entry>,
    /// Paths below `input` that it and what it rests on read, as facts are written.
    pub(crate) facts: BTreeSet<String>,
}

/// Explains the rules of a package that add to its sets of findings, in the order of their
/// places. `rest` says how much time is left.
///
/// # Errors
/// If the package cannot be loaded.
pub(crate) fn explain(
    modules: &[Module],
    package: &Package,
    data: &DataValues,
    parts: InputParts<'_>,
    rest: &dyn Fn() -> Duration,
) -> Result<Vec<RuleTrace>, Diagnostic> {
    let mut engine = loaded(modules, &package.modules, Errors::Raised)?;
    engine
        .add_data(data.root())
        .map_err(|error| Diagnostic::error("rego-data", error.to_string()))?;
    engine.set_input(build(parts));
    let asts = engine.get_modules().clone();
    let codes: Vec<Code<'_>> = package
        .modules
        .iter()
        .filter_map(|at| {
            let module = modules.get(*at)?;
            let ast = asts
                .iter()
                .find(|ast| *ast.package.span.source.file() == module.path)?;
            Some(Code::of(module, ast.clone()))
        })
        .collect();
    let graph = Graph::new(modules);
    let mut tracer = Tracer::new(&codes, Prober::new(engine, PROBE, rest));
    let mut traces = Vec::new();
    for code in codes
        .iter()
        .filter(|code| code.module.package == package.id)
    {
        for rule in &code.ast.policy {
            let Some(kind) = kind_of(rule) else {
                continue;
            };
            let (span, _) = code.place(rule.span());
            let (conditions, members) = tracer.member_rule(code, rule);
            let facts = graph.facts_of(code.module, kind.set(), &span);
            traces.push(RuleTrace {
                kind,
                span,
                conditions,
                entries: result::members(kind, &members),
                facts,
            });
        }
    }
    traces.sort_by(|a, b| a.span.cmp(&b.span));
    Ok(traces)
}

/// The set of findings that a rule adds to.
fn kind_of(rule: &Ref<Rule>) -> Option<EntryKind> {
    let Rule::Spec {
        head: RuleHead::Set { refr, .. },
        ..
    } = &**rule
    else {
        return None;
    };
    let name = refr.span().text();
    EntryKind::ALL
        .into_iter()
        .find(|kind| kind.set() == name && SETS.contains(&name))
}

/// A definition of a rule, and where it stands.
type Definition<'a> = (&'a Code<'a>, &'a Rule);

/// Definitions by package and name.
type Definitions<'a> = BTreeMap<(&'a str, String), Vec<Definition<'a>>>;

/// Shared places in the rules.
type Place<'a> = Rc<frame::Frame<'a>>;
