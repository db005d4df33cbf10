//! The evaluator of one package.
//!
//! Each worker has one of its own for each package that it has needed, with private
//! copies of sources and data, because shared reference counts make two threads slower
//! than one. A package is asked for all of its sets at once, through an entry point that
//! is made for it; no text of a request ever becomes part of a query.

use std::num::NonZeroU32;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use regorus::utils::limits::ExecutionTimerConfig;
use regorus::{Engine, LimitError};

use crate::decision::FailureKind;
use crate::diagnostic::{Diagnostic, Span};

use super::gate::{Module, from_evaluator};
use super::graph::Package;
use super::input::{DataValues, InputParts, build};
use super::result::{self, Entry};

/// Steps of the evaluator between two looks at the timer.
const STEPS_BETWEEN_LOOKS: NonZeroU32 = match NonZeroU32::new(64) {
    Some(steps) => steps,
    None => NonZeroU32::MIN,
};
const ENTRY_POINT: &str = "data.embargo_entry.findings";

/// Why a package gave no findings.
pub(crate) struct Failure {
    pub(crate) kind: FailureKind,
    pub(crate) diagnostic: Diagnostic,
}

/// The evaluator of one package.
pub(crate) struct PackageEngine {
    engine: Engine,
}

impl PackageEngine {
    /// Loads the modules that a package needs and compiles them.
    pub(crate) fn build(
        modules: &[Module],
        package: &Package,
        data: &DataValues,
    ) -> Result<Self, Diagnostic> {
        let mut engine = Engine::new();
        let needed = package.modules.iter().filter_map(|at| modules.get(*at));
        for module in needed {
            engine
                .add_policy(module.path.clone(), module.text.clone())
                .map_err(|error| {
                    from_evaluator(
                        &module.path,
                        &module.text,
                        "rego-parse-error",
                        &error.to_string(),
                    )
                })?;
        }
        let entry = entry_point(package);
        let broken = |error: &dyn std::fmt::Display, code| {
            let message = error.to_string();
            let module = modules
                .iter()
                .find(|module| message.contains(&format!("--> {}:", module.path)));
            match module {
                Some(module) => from_evaluator(&module.path, &module.text, code, &message),
                None => Diagnostic::error(
                    code,
                    message.split_whitespace().collect::<Vec<_>>().join(" "),
                ),
            }
        };
        engine
            .add_policy("embargo_entry.rego".to_owned(), entry)
            .map_err(|error| broken(&error, "rego-compile-error"))?;
        engine
            .add_data(data.root())
            .map_err(|error| broken(&error, "rego-data"))?;
        engine.set_strict_builtin_errors(true);
        Ok(Self { engine })
    }

    /// Compiles what is loaded, which the evaluator otherwise does at the first use.
    pub(crate) fn prepare(
        &mut self,
        modules: &[Module],
        package: &Package,
    ) -> Result<(), Diagnostic> {
        // Asking for anything compiles everything; only faults of compiling matter here.
        self.engine.set_input(regorus::Value::new_object());
        let asked = catch_unwind(AssertUnwindSafe(|| {
            self.engine.eval_rule("data.embargo_entry.ready".to_owned())
        }));
        let first = package
            .modules
            .iter()
            .filter_map(|at| modules.get(*at))
            .find(|module| module.package == package.id);
        let (path, text) = first.map_or(("", ""), |module| {
            (module.path.as_str(), module.text.as_str())
        });
        match asked {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => {
                let message = error.to_string();
                let module = modules
                    .iter()
                    .find(|module| message.contains(&format!("--> {}:", module.path)));
                let (path, text) = module.map_or((path, text), |module| {
                    (module.path.as_str(), module.text.as_str())
                });
                Err(from_evaluator(path, text, "rego-compile-error", &message))
            }
            Err(_) => Err(Diagnostic::error(
                "rego-compile-error",
                "the evaluator gave up on the package",
            )
            .at(Span::start_of(path))),
        }
    }

    /// Evaluates the package. After an [`FailureKind::EngineFault`] the engine must be
    /// dropped: its state is not known.
    pub(crate) fn evaluate(
        &mut self,
        parts: InputParts<'_>,
        budget: Duration,
    ) -> Result<Vec<Entry>, Failure> {
        let input = build(parts);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            set_timer(&mut self.engine, budget);
            self.engine.set_input(input);
            self.engine.eval_rule(ENTRY_POINT.to_owned())
        }));
        match outcome {
            Ok(Ok(value)) => result::read(&value).map_err(|message| Failure {
                kind: FailureKind::MalformedResult,
                diagnostic: Diagnostic::error("malformed-result", message),
            }),
            Ok(Err(error))
                if matches!(
                    error.downcast_ref(),
                    Some(LimitError::TimeLimitExceeded { .. })
                ) =>
            {
                Err(Failure {
                    kind: FailureKind::BudgetExceeded,
                    diagnostic: Diagnostic::error(
                        "budget-exceeded",
                        format!("the policy took longer than {} ms", budget.as_millis()),
                    ),
                })
            }
            Ok(Err(error)) => Err(Failure {
                kind: FailureKind::RuntimeError,
                diagnostic: runtime_error(&error.to_string()),
            }),
            Err(_) => Err(Failure {
                kind: FailureKind::EngineFault,
                diagnostic: Diagnostic::error("engine-fault", "the evaluator failed"),
            }),
        }
    }
}

/// The evaluator's message without the values that it may quote: facts are personal. The
/// place and the line of the source say which expression it was.
fn runtime_error(message: &str) -> Diagnostic {
    let diagnostic = from_evaluator("", "", "rego-runtime-error", message);
    let excerpt = message.lines().find_map(|line| {
        let (number, source) = line.split_once("| ")?;
        number.trim().parse::<u32>().ok()?;
        Some(source.to_owned())
    });
    let cause = diagnostic
        .message
        .split(['`', '"', '{', '['])
        .next()
        .unwrap_or_default()
        .trim()
        .to_owned();
    let cause = if cause.is_empty() {
        "the rule raised an error".to_owned()
    } else {
        cause
    };
    let mut shown = Diagnostic {
        message: cause,
        ..diagnostic
    };
    shown.excerpt = excerpt.unwrap_or_default();
    if shown.span.as_ref().is_some_and(|span| span.path.is_empty()) {
        shown.span = None;
    }
    shown
}

/// Strict errors and the timer.
pub(super) fn configure(engine: &mut Engine, budget: Duration) {
    engine.set_strict_builtin_errors(true);
    set_timer(engine, budget);
}

fn set_timer(engine: &mut Engine, budget: Duration) {
    engine.set_execution_timer_config(ExecutionTimerConfig {
        limit: budget,
        check_interval: STEPS_BETWEEN_LOOKS,
    });
}

/// A module whose one rule gathers the sets of a package.
fn entry_point(package: &Package) -> String {
    let path: String = package
        .id
        .split('.')
        .map(|step| format!("[\"{step}\"]"))
        .collect();
    let sets: Vec<String> = package
        .sets
        .iter()
        .map(|set| format!("\"{set}\": data{path}[\"{set}\"]"))
        .collect();
    format!(
        "package embargo_entry\n\nready := true\n\nfindings := {{{}}}\n",
        sets.join(", ")
    )
}
