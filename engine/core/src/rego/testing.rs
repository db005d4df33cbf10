//! Test rules: every rule whose name begins with `test_`.
//!
//! The evaluator has no runner, and a test that fails is only absent from its answer, so
//! the names come from the syntax and each is asked for by itself. A package of tests has an
//! engine of its own with the modules that it can reach and no others: what a test gives is
//! then a function of these, and the evaluator's cost for a rule grows with the number of
//! loaded modules.

mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use regorus::{Engine, LimitError, Value};

use crate::diagnostic::Diagnostic;

use super::coverage::{self, Lines};
use super::engine::{configure, loaded};
use super::functions::Errors;
use super::gate::Module;
use super::graph::Graph;
use super::input::DataValues;

/// A rule that is a test.
#[derive(Clone, Debug)]
pub(crate) struct TestRule {
    /// The path below `data`.
    pub(crate) name: String,
    /// The module that it stands in, as a position.
    pub(crate) module: usize,
    /// Which of the module's rules it is.
    rule: usize,
    /// The modules that it can reach, as positions; the same value for all of a package.
    pub(crate) reach: Arc<BTreeSet<usize>>,
    /// Whether it reads what tests alone see.
    pub(crate) needs_fixtures: bool,
}

/// The test rules of all modules, those of a package one after the other.
pub(crate) fn test_rules(modules: &[Module]) -> Vec<TestRule> {
    let graph = Graph::new(modules);
    let mut found = BTreeMap::<&str, BTreeMap<&str, (usize, usize)>>::new();
    for (module, syntax) in modules.iter().enumerate() {
        for (rule, known) in syntax.rules.iter().enumerate() {
            if known.name.starts_with("test_") && !known.is_function {
                let of_package = found.entry(syntax.package.as_str()).or_default();
                of_package.entry(&known.name).or_insert((module, rule));
            }
        }
    }
    let mut rules = Vec::new();
    for (package, of_package) in found {
        let reach = Arc::new(graph.reach(package));
        let needing = graph.needing_fixtures(package);
        rules.extend(
            of_package
                .into_iter()
                .map(|(name, (module, rule))| TestRule {
                    name: format!("{package}.{name}"),
                    module,
                    rule,
                    reach: Arc::clone(&reach),
                    needs_fixtures: needing.contains(name),
                }),
        );
    }
    rules
}

/// The evaluator of the tests of one package.
pub(crate) struct TestEngine {
    engine: Engine,
}

impl TestEngine {
    /// Loads what the tests of a package can reach.
    pub(crate) fn build(
        modules: &[Module],
        reach: &BTreeSet<usize>,
        data: &DataValues,
    ) -> Result<Self, Diagnostic> {
        let mut engine = loaded(modules, reach, Errors::Raised)?;
        match engine.add_data(data.root()) {
            Ok(()) => Ok(Self { engine }),
            Err(error) => Err(Diagnostic::error("rego-data", error.to_string())),
        }
    }

    /// Notes from here on which lines are evaluated.
    pub(crate) fn note_lines(&mut self) {
        self.engine.set_enable_coverage(true);
    }

    /// Adds the lines that were evaluated.
    pub(crate) fn add_lines(&self, lines: &mut Lines) {
        coverage::add_evaluated(&self.engine, lines);
    }

    /// Runs a test, which may take `budget`; nothing, if it passes. After
    /// [`Outcome::EngineFault`] the engine must be dropped: its state is not known.
    pub(crate) fn run(&mut self, modules: &[Module], test: &TestRule, budget: Duration) -> Outcome {
        let Some(module) = modules.get(test.module) else {
            return Outcome::Failed(Diagnostic::error("test-error", "the test is not there"));
        };
        let placed = |diagnostic: Diagnostic| match module.rules.get(test.rule) {
            Some(rule) => diagnostic.at(rule.span.clone()).excerpt_from(&module.text),
            None => diagnostic,
        };
        let asked = catch_unwind(AssertUnwindSafe(|| {
            configure(&mut self.engine, budget);
            self.engine.set_input(Value::new_object());
            self.engine.eval_rule(format!("data.{}", test.name))
        }));
        let failure = match asked {
            Ok(Ok(Value::Bool(true))) => return Outcome::Passed,
            Ok(Ok(Value::Undefined)) => {
                let message =
                    "wanted true, got undefined: this condition in its body does not hold";
                self.caused(module, test, message).unwrap_or_else(|| {
                    let message =
                        "wanted true, got undefined: a condition in its body does not hold";
                    placed(Diagnostic::error("test-failed", message))
                        .hint("put `print(…)` before the condition to see its values")
                })
            }
            Ok(Ok(other)) => {
                let message = format!("wanted true, got {}", one_line(&other));
                self.caused(module, test, &message)
                    .unwrap_or_else(|| placed(Diagnostic::error("test-failed", message)))
            }
            Ok(Err(error)) => match error.downcast_ref() {
                Some(LimitError::TimeLimitExceeded { .. }) => placed(Diagnostic::error(
                    "test-budget",
                    format!("the test took longer than {budget:?}"),
                )),
                _ => {
                    let message = error.to_string();
                    Module::named_in(modules, &message)
                        .unwrap_or(module)
                        .fault("test-error", &message)
                }
            },
            Err(_) => {
                return Outcome::EngineFault(placed(Diagnostic::error(
                    "test-error",
                    "the evaluator gave up on the test",
                )));
            }
        };
        Outcome::Failed(failure)
    }

    /// The failure at the condition that does not hold, with the values in it.
    fn caused(&self, module: &Module, test: &TestRule, message: &str) -> Option<Diagnostic> {
        let cause = values::of(&self.engine, module, test.rule)?;
        let failure = Diagnostic::error("test-failed", message).at(cause.span);
        Some(failure.excerpt_from(&module.text).notes(cause.values))
    }
}

/// What became of a test rule.
pub(crate) enum Outcome {
    Passed,
    Failed(Diagnostic),
    /// The evaluator itself failed.
    EngineFault(Diagnostic),
}

fn one_line(value: &Value) -> String {
    let text = value
        .to_json_str()
        .unwrap_or_else(|_| "a value that cannot be shown".to_owned());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
