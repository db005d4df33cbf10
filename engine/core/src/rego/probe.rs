//! Probes: questions that an author did not write, asked in the place of those that he did.
//!
//! A probe is one more rule of a package, `embargo_probe contains TERM if { STATEMENTS }`, made
//! of pieces of the author's text, so that names mean in it what they mean there. It is given
//! to a copy of the package's evaluator, which is thrown away with it.

mod code;
pub(super) mod terms;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use regorus::{Engine, Value};

use super::engine::configure;
pub(super) use code::Code;

/// The rule that is asked for. Rules of the author cannot be called so: `_probe` is refused
/// nowhere, but a package that has one is only told less about.
const RULE: &str = "embargo_probe";
/// Probes for one package, at most.
const MOST: usize = 400;
/// Asks one package.
pub(super) struct Prober<'a> {
    engine: Engine,
    left: usize,
    /// What one probe may take.
    each: Duration,
    rest: &'a dyn Fn() -> Duration,
}

/// What came of a probe.
pub(super) enum Found {
    /// The values that the term has, each once; none if the statements do not hold.
    Values(Vec<Value>),
    /// It could not be asked: the pieces make no rule without the others, it raised an error,
    /// or there is no time left.
    Untold,
}

impl<'a> Prober<'a> {
    /// One with an evaluator that has the package's modules, `data` and the input.
    pub(super) fn new(engine: Engine, each: Duration, rest: &'a dyn Fn() -> Duration) -> Self {
        Self {
            engine,
            left: MOST,
            each,
            rest,
        }
    }

    /// Asks which values a term has where some statements hold.
    pub(super) fn ask(&mut self, head: &Head, term: &str, statements: &[String]) -> Found {
        let budget = (self.rest)().min(self.each);
        if self.left == 0 || budget.is_zero() {
            return Found::Untold;
        }
        self.left -= 1;
        let body = if statements.is_empty() {
            "true".to_owned()
        } else {
            statements.join("\n")
        };
        let source = format!(
            "{}\n{RULE} contains {term} if {{\n{body}\n}}\n",
            head.opening
        );
        let mut engine = self.engine.clone();
        let asked = catch_unwind(AssertUnwindSafe(|| {
            engine
                .add_policy("embargo_probe.rego".to_owned(), source)
                .ok()?;
            configure(&mut engine, budget);
            engine.eval_rule(format!("{}.{RULE}", head.path)).ok()
        }));
        match asked {
            Ok(Some(Value::Undefined)) => Found::Values(Vec::new()),
            Ok(Some(values)) => match values.as_set() {
                Ok(members) => Found::Values(members.iter().cloned().collect()),
                Err(_) => Found::Untold,
            },
            Ok(None) | Err(_) => Found::Untold,
        }
    }

    /// Whether statements hold together; nothing if that cannot be told.
    pub(super) fn holds(&mut self, head: &Head, statements: &[String]) -> Option<bool> {
        match self.ask(head, "true", statements) {
            Found::Values(values) => Some(!values.is_empty()),
            Found::Untold => None,
        }
    }
}

/// How a module begins, and where its rules are found.
pub(super) struct Head {
    /// Its package, and the imports that its text still needs.
    pub(super) opening: String,
    /// The package as a reference below `data`.
    pub(super) path: String,
}
