//! The evaluator of one package.
//!
//! Each worker has one of its own for each package that it has needed, with private
//! copies of sources and data, because shared reference counts make two threads slower
//! than one. A package is asked for all of its sets at once, through an entry point that
//! is made for it; no text of a request ever becomes part of a query.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use regorus::utils::limits::ExecutionTimerConfig;
use regorus::{Engine, LimitError};

use crate::decision::FailureKind;
use crate::diagnostic::Diagnostic;

use super::coverage::{self, Lines};
use super::functions::{self, Errors};
use super::gate::Module;
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
        let mut engine = loaded(modules, &package.modules, Errors::Raised)?;
        let broken = |error: &dyn std::fmt::Display, code| {
            compile_fault(modules, package, code, &error.to_string())
        };
        engine
            .add_policy("embargo_entry.rego".to_owned(), entry_point(package))
            .map_err(|error| broken(&error, "rego-compile-error"))?;
        engine
            .add_data(data.root())
            .map_err(|error| broken(&error, "rego-data"))?;
        engine.set_strict_builtin_errors(true);
        // Asking for anything compiles everything, which the evaluator otherwise does at the
        // first use; only faults of compiling matter here.
        engine.set_input(regorus::Value::new_object());
        let asked = catch_unwind(AssertUnwindSafe(|| {
            engine.eval_rule("data.embargo_entry.ready".to_owned())
        }));
        match asked {
            Ok(Ok(_)) => Ok(Self { engine }),
            Ok(Err(error)) => Err(broken(&error, "rego-compile-error")),
            Err(_) => Err(broken(
                &"the evaluator gave up on the package",
                "rego-compile-error",
            )),
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

    /// Evaluates the package. After an [`FailureKind::EngineFault`] the engine must be
    /// dropped: its state is not known.
    pub(crate) fn evaluate(
        &mut self,
        modules: &[Module],
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
                diagnostic: runtime_error(modules, &error.to_string()),
            }),
            Err(_) => Err(Failure {
                kind: FailureKind::EngineFault,
                diagnostic: Diagnostic::error("engine-fault", "the evaluator failed"),
            }),
        }
    }
}

/// An evaluator with some of the modules, given by their positions, and the functions that they
/// may call.
pub(super) fn loaded(
    modules: &[Module],
    positions: &BTreeSet<usize>,
    errors: Errors,
) -> Result<Engine, Diagnostic> {
    let mut engine = Engine::new();
    functions::add(&mut engine, errors)?;
    for module in positions.iter().filter_map(|at| modules.get(*at)) {
        module.load(&mut engine)?;
    }
    Ok(engine)
}

/// A fault of compiling, in the module that the message is about or else in the package's
/// first.
fn compile_fault(
    modules: &[Module],
    package: &Package,
    code: &'static str,
    message: &str,
) -> Diagnostic {
    let own = || {
        package
            .modules
            .iter()
            .filter_map(|at| modules.get(*at))
            .find(|module| module.package == package.id)
    };
    match Module::named_in(modules, message).or_else(own) {
        Some(module) => module.fault(code, message),
        None => Diagnostic::error(
            code,
            message.split_whitespace().collect::<Vec<_>>().join(" "),
        ),
    }
}

/// The evaluator's message without the values that it may quote: facts are personal. The
/// place and the line of the source say which expression it was.
fn runtime_error(modules: &[Module], message: &str) -> Diagnostic {
    let placed = Module::named_in(modules, message)
        .map(|module| module.fault("rego-runtime-error", message));
    let diagnostic = placed.unwrap_or_else(|| Diagnostic::error("rego-runtime-error", message));
    let cause = diagnostic
        .message
        .split(['`', '"', '{', '['])
        .next()
        .unwrap_or_default()
        .trim();
    let message = if cause.is_empty() || cause.contains("-->") {
        "the rule raised an error"
    } else {
        cause
    };
    Diagnostic {
        message: message.to_owned(),
        ..diagnostic
    }
}

/// Strict errors and the timer.
pub(super) fn configure(engine: &mut Engine, budget: Duration) {
    engine.set_strict_builtin_errors(true);
    set_timer(engine, budget);
}

pub(super) fn set_timer(engine: &mut Engine, budget: Duration) {
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
