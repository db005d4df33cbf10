//! Functions that rules may call and the evaluator lacks.
//!
//! Each is a function of its arguments alone, so that an evaluation can be remembered. An
//! argument that is undefined makes the call undefined, as everywhere in Rego; one of
//! another type is an error, which is a failure of the policy.

use regorus::{Engine, Value};
use sha2::{Digest, Sha256};

use crate::diagnostic::Diagnostic;
use crate::version::{Scheme, compare};

use super::guards;

/// Why a call gave no value. The texts of a call may be facts and are never shown.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("an argument of {0} is no text; give it texts alone")]
    NotText(&'static str),
    #[error("there is no such version scheme; write {}", schemes())]
    UnknownScheme,
}

/// A function that rules may call.
pub(super) struct Function {
    pub(super) name: &'static str,
    /// How a call of it is written.
    pub(super) signature: &'static str,
    /// How many arguments it takes.
    pub(super) arguments: u8,
}

impl Function {
    /// Gives the function to an evaluator, which then calls `call`.
    pub(super) fn register<E: Refusal>(
        &self,
        engine: &mut Engine,
        errors: Errors,
        mut call: impl FnMut(Vec<Value>) -> Result<Value, E> + Clone + Send + Sync + 'static,
    ) -> Result<(), Diagnostic> {
        let called = move |arguments: Vec<Value>| match call(arguments) {
            Err(refusal) if errors == Errors::Undefined && !refusal.is_limit() => {
                Ok(Value::Undefined)
            }
            answer => Ok(answer?),
        };
        engine
            .add_extension(self.name.to_owned(), self.arguments, Box::new(called))
            .map_err(|error| Diagnostic::error("rego-compile-error", error.to_string()))
    }
}

/// What becomes of an error of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Errors {
    /// It is an error of the evaluation, as for policies.
    Raised,
    /// The call is undefined, as in OPA unless it is told otherwise.
    Undefined,
}

/// Why a call gave no value.
pub(super) trait Refusal: std::error::Error + Send + Sync + 'static {
    /// Whether a limit of ours stands in the way, which is never passed over.
    fn is_limit(&self) -> bool;
}

impl Refusal for Fault {
    fn is_limit(&self) -> bool {
        false
    }
}

/// A function of ours.
struct Own {
    function: Function,
    call: fn(&[Value]) -> Result<Value, Fault>,
}

const VERSION_COMPARE: &str = "embargo.version_compare";
const SHA256: &str = "crypto.sha256";

static FUNCTIONS: [Own; 2] = [
    Own {
        function: Function {
            name: SHA256,
            signature: "crypto.sha256(text)",
            arguments: 1,
        },
        call: |arguments| match arguments {
            [Value::String(text)] => Ok(sha256(text)),
            _ => Err(Fault::NotText(SHA256)),
        },
    },
    Own {
        function: Function {
            name: VERSION_COMPARE,
            signature: "embargo.version_compare(scheme, left, right)",
            arguments: 3,
        },
        call: |arguments| match arguments {
            [
                Value::String(scheme),
                Value::String(left),
                Value::String(right),
            ] => version_compare(scheme, left, right),
            _ => Err(Fault::NotText(VERSION_COMPARE)),
        },
    },
];

/// Gives the functions to an evaluator, and puts guards before those of its own that need
/// one.
pub(super) fn add(engine: &mut Engine, errors: Errors) -> Result<(), Diagnostic> {
    for own in &FUNCTIONS {
        own.function
            .register(engine, errors, |arguments| (own.call)(&arguments))?;
    }
    guards::add(engine, errors)
}

/// The function of this name, if it is one whose arguments are known here.
pub(super) fn named(name: &str) -> Option<&'static Function> {
    let own = FUNCTIONS.iter().map(|own| &own.function);
    let guarded = guards::GUARDED.iter().map(|guarded| &guarded.function);
    own.chain(guarded).find(|function| function.name == name)
}

fn sha256(text: &str) -> Value {
    let digest = crate::facts::Sha256(Sha256::digest(text.as_bytes()).into());
    Value::from(digest.to_string())
}

fn version_compare(scheme: &str, left: &str, right: &str) -> Result<Value, Fault> {
    let scheme = Scheme::from_word(scheme).ok_or(Fault::UnknownScheme)?;
    Ok(Value::from(compare(scheme, left, right).word()))
}

fn schemes() -> String {
    Scheme::ALL.map(Scheme::word).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rego::builtins;

    fn evaluate(expression: &str) -> Result<Value, String> {
        let mut engine = Engine::new();
        engine.set_strict_builtin_errors(true);
        add(&mut engine, Errors::Raised).unwrap();
        let rule = format!("package a\n\nx := {expression}\n");
        engine.add_policy("a.rego".to_owned(), rule).unwrap();
        engine.set_input(Value::new_object());
        engine
            .eval_rule("data.a.x".to_owned())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn all_of_them_may_be_called() {
        for Own { function, .. } in &FUNCTIONS {
            assert!(builtins::is_allowed(function.name), "{}", function.name);
            assert!(function.signature.starts_with(function.name));
            let arguments = function.signature.split(',').count();
            assert_eq!(usize::from(function.arguments), arguments);
        }
    }

    #[test]
    fn versions_compare_to_a_word() {
        for (call, wanted) in [
            ("\"dpkg\", \"1.0~rc1\", \"1.0\"", "less"),
            ("\"rpm\", \"1.0\", \"1.00\"", "equal"),
            ("\"android-version-code\", \"10\", \"9\"", "greater"),
            ("\"semver\", \"1.0\", \"1.0.0\"", "unknown"),
        ] {
            let found = evaluate(&format!("embargo.version_compare({call})"));
            assert_eq!(found, Ok(Value::from(wanted)), "{call}");
        }
    }

    #[test]
    fn an_absent_version_is_undefined() {
        let found = evaluate("embargo.version_compare(\"dotted\", input.absent, \"1\")");
        assert_eq!(found, Ok(Value::Undefined));
    }

    #[test]
    fn an_unknown_scheme_and_other_types_are_errors() {
        for (call, message) in [
            (
                "embargo.version_compare(\"SemVer\", \"1.0.0\", \"1.0.0\")",
                "there is no such version scheme; write semver, dpkg, rpm, pep440, dotted, android-version-code",
            ),
            (
                "embargo.version_compare(\"dotted\", 1, \"1\")",
                "an argument of embargo.version_compare is no text",
            ),
            (
                "embargo.version_compare(\"dotted\", \"1\", [\"1\"])",
                "an argument of embargo.version_compare is no text",
            ),
            (
                "crypto.sha256(1)",
                "an argument of crypto.sha256 is no text",
            ),
        ] {
            let refused = evaluate(call).unwrap_err();
            assert!(refused.contains(message), "{call}: {refused}");
        }
    }

    #[test]
    fn digests_are_those_of_the_standard() {
        // FIPS 180-4 names the first two; the third is UTF-8.
        for (text, wanted) in [
            (
                "",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            (
                "abc",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            (
                "\u{e9}",
                "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c",
            ),
        ] {
            let found = evaluate(&format!("crypto.sha256(\"{text}\")"));
            assert_eq!(found, Ok(Value::from(wanted)), "{text:?}");
        }
    }
}
