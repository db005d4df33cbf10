//! Test rules: every rule whose name begins with `test_`.
//!
//! The evaluator has no runner, and a test that fails is only absent from its answer, so
//! the names come from the syntax and each is asked for by itself.

use std::time::Duration;

use regorus::{Engine, Value};

use crate::diagnostic::Diagnostic;

use super::engine::configure;
use super::functions;
use super::gate::Module;
use super::input::DataValues;

/// What became of one test rule.
#[derive(Debug)]
pub struct RuleTest {
    /// The path of the rule below `data`.
    pub name: String,
    /// Why it did not pass; nothing if it did.
    pub failure: Option<Diagnostic>,
}

/// Runs the test rules of all modules whose full name the filter accepts. What `print`
/// says goes to `heard`.
pub(crate) fn run_tests(
    modules: &[&Module],
    data: &DataValues,
    budget: Duration,
    accept: &dyn Fn(&str) -> bool,
    mut heard: impl FnMut(RuleTest),
) -> Result<(), Diagnostic> {
    let mut engine = Engine::new();
    functions::add(&mut engine)?;
    for module in modules {
        module.load(&mut engine)?;
    }
    configure(&mut engine, budget);
    if let Err(error) = engine.add_data(data.root()) {
        return Err(Diagnostic::error("rego-data", error.to_string()));
    }
    let mut names: Vec<(String, &Module, usize)> = Vec::new();
    for module in modules {
        for (at, rule) in module.rules.iter().enumerate() {
            let name = format!("{}.{}", module.package, rule.name);
            let is_test = rule.name.starts_with("test_") && !rule.is_function;
            if is_test && accept(&name) && !names.iter().any(|(known, ..)| *known == name) {
                names.push((name, module, at));
            }
        }
    }
    for (name, module, at) in names {
        let failure = run_one(&mut engine, &name, module, at);
        heard(RuleTest { name, failure });
    }
    Ok(())
}

fn run_one(engine: &mut Engine, name: &str, module: &Module, at: usize) -> Option<Diagnostic> {
    let rule = module.rules.get(at)?;
    let shown =
        |diagnostic: Diagnostic| diagnostic.at(rule.span.clone()).excerpt_from(&module.text);
    engine.set_input(Value::new_object());
    match engine.eval_rule(format!("data.{name}")) {
        Ok(Value::Bool(true)) => None,
        Ok(Value::Undefined) => Some(
            shown(Diagnostic::error(
                "test-failed",
                "wanted true, got undefined: a condition in its body does not hold",
            ))
            .hint("put `print(…)` before the condition to see its values"),
        ),
        Ok(other) => Some(shown(Diagnostic::error(
            "test-failed",
            format!("wanted true, got {}", one_line(&other)),
        ))),
        Err(error) => Some(module.fault("test-error", &error.to_string())),
    }
}

fn one_line(value: &Value) -> String {
    let text = value
        .to_json_str()
        .unwrap_or_else(|_| "a value that cannot be shown".to_owned());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
