//! Guards: functions of the evaluator whose answer can be far larger than their arguments.
//!
//! The evaluator looks at its timer between steps only, so one call could fill the memory
//! before it looks again, and running out of memory ends the process. Each of these calls is
//! weighed first; one that could give more than [`BYTES`] or [`ITEMS`] is an error, which is
//! a failure of the policy. Otherwise the evaluator's own function answers.

use regorus::{Engine, Value};

use crate::diagnostic::Diagnostic;

use super::functions::{Errors, Function, Refusal};
use super::weight::{Weight, WeightExceeded, number_text, sum};

/// Bytes of a text that a call may give.
pub(super) const BYTES: usize = 1_024 * 1_024;
/// Members of an array that a call may give.
const ITEMS: usize = 1_000_000;

/// Why a call is not made. Its texts may be facts and are never shown.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("{0} would give more than {BYTES} bytes of text")]
    TextTooLong(&'static str),
    #[error("{0} would give more than {ITEMS} items")]
    TooManyItems(&'static str),
    #[error("{0} is given a number beyond what a policy may compute with")]
    NumberTooLarge(&'static str),
    #[error("{0}")]
    Failed(String),
}

impl Refusal for Refused {
    fn is_limit(&self) -> bool {
        !matches!(self, Self::Failed(_))
    }
}

/// A function of the evaluator that is weighed before it is called.
pub(super) struct Guarded {
    pub(super) function: Function,
    weigh: fn(&[Value]) -> Result<(), WeightExceeded>,
}

const fn guarded(
    name: &'static str,
    signature: &'static str,
    arguments: u8,
    weigh: fn(&[Value]) -> Result<(), WeightExceeded>,
) -> Guarded {
    Guarded {
        function: Function {
            name,
            signature,
            arguments,
        },
        weigh,
    }
}

/// In ascending order.
pub(super) static GUARDED: [Guarded; 15] = [
    guarded(
        "array.concat",
        "array.concat(left, right)",
        2,
        |given| match given {
            [Value::Array(left), Value::Array(right)] => {
                if left.len().saturating_add(right.len()) > ITEMS {
                    return Err(WeightExceeded::Items);
                }
                Ok(())
            }
            _ => Ok(()),
        },
    ),
    guarded("base64.encode", "base64.encode(text)", 1, doubled),
    guarded("base64url.encode", "base64url.encode(text)", 1, doubled),
    guarded(
        "base64url.encode_no_pad",
        "base64url.encode_no_pad(text)",
        1,
        doubled,
    ),
    guarded("concat", "concat(delimiter, texts)", 2, |given| {
        let texts: Vec<&Value> = match given.get(1) {
            Some(Value::Array(texts)) => texts.iter().collect(),
            Some(Value::Set(texts)) => texts.iter().collect(),
            _ => return Ok(()),
        };
        let between = text(given, 0).map_or(0, str::len);
        let all = texts.iter().map(|value| match value {
            Value::String(text) => text.len().saturating_add(between),
            _ => 0,
        });
        bytes(sum(all))
    }),
    guarded("format_int", "format_int(number, base)", 2, in_words),
    guarded("hex.encode", "hex.encode(text)", 1, doubled),
    guarded("json.marshal", "json.marshal(value)", 1, in_words),
    guarded(
        "json.unmarshal",
        "json.unmarshal(text)",
        1,
        |given| match text(given, 0) {
            Some(text) => number_text::in_json(text),
            None => Ok(()),
        },
    ),
    guarded("product", "product(numbers)", 1, |given| {
        match given.first() {
            Some(Value::Array(numbers)) if numbers.len() > 10_000 => Err(WeightExceeded::Items),
            Some(Value::Set(numbers)) if numbers.len() > 10_000 => Err(WeightExceeded::Items),
            _ => Ok(()),
        }
    }),
    guarded(
        "regex.replace",
        "regex.replace(text, pattern, value)",
        3,
        |given| {
            let (Some(whole), Some(value)) = (text(given, 0), text(given, 2)) else {
                return Ok(());
            };
            // There is one match for each byte at most, and what they capture lies side by side.
            let captures = value.matches('$').count().saturating_mul(whole.len());
            let values = whole.len().saturating_add(1).saturating_mul(value.len());
            bytes(sum([whole.len(), captures, values].into_iter()))
        },
    ),
    guarded("replace", "replace(text, old, new)", 3, |given| {
        let (Some(whole), Some(old), Some(new)) = (text(given, 0), text(given, 1), text(given, 2))
        else {
            return Ok(());
        };
        bytes(replaced(whole.len(), whole.matches(old).count(), new))
    }),
    guarded("sprintf", "sprintf(format, values)", 2, |given| {
        let widths = text(given, 0).map_or(0, number_text::widths);
        let Some(Value::Array(values)) = given.get(1) else {
            return bytes(widths);
        };
        let mut weight = Weight::of(BYTES);
        weight.add(widths)?;
        values.iter().try_for_each(|value| weight.value(value))
    }),
    guarded(
        "strings.replace_n",
        "strings.replace_n(patterns, text)",
        2,
        |given| {
            let (Some(Value::Object(patterns)), Some(whole)) = (given.first(), text(given, 1))
            else {
                return Ok(());
            };
            // Done as the evaluator will, since each pattern works on what the one before left.
            let mut left = whole.to_owned();
            for pattern in patterns.iter_sorted() {
                let (Value::String(old), Value::String(new)) = pattern else {
                    return Ok(());
                };
                bytes(replaced(left.len(), left.matches(&**old).count(), new))?;
                left = left.replace(&**old, new);
            }
            Ok(())
        },
    ),
    guarded("to_number", "to_number(value)", 1, |given| {
        text(given, 0).map_or(Ok(()), number_text::is_modest)
    }),
];

fn text(given: &[Value], at: usize) -> Option<&str> {
    match given.get(at) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// An encoding takes at most twice its text.
fn doubled(given: &[Value]) -> Result<(), WeightExceeded> {
    text(given, 0).map_or(Ok(()), |text| bytes(text.len().saturating_mul(2)))
}

fn bytes(count: usize) -> Result<(), WeightExceeded> {
    Weight::of(BYTES).add(count)
}

/// Whether the first value fits into a text.
fn in_words(given: &[Value]) -> Result<(), WeightExceeded> {
    given
        .first()
        .map_or(Ok(()), |value| Weight::of(BYTES).value(value))
}

fn replaced(length: usize, times: usize, new: &str) -> usize {
    length.saturating_add(times.saturating_mul(new.len()))
}

/// Puts the guards before the functions.
pub(super) fn add(engine: &mut Engine, errors: Errors) -> Result<(), Diagnostic> {
    for guarded in &GUARDED {
        let mut own = None;
        let called = move |given: Vec<Value>| call(guarded, given, &mut own);
        guarded.function.register(engine, errors, called)?;
    }
    Ok(())
}

fn call(guarded: &Guarded, given: Vec<Value>, own: &mut Option<Engine>) -> Result<Value, Refused> {
    let name = guarded.function.name;
    (guarded.weigh)(&given).map_err(|exceeded| match exceeded {
        WeightExceeded::Bytes => Refused::TextTooLong(name),
        WeightExceeded::Items => Refused::TooManyItems(name),
        WeightExceeded::Number => Refused::NumberTooLarge(name),
    })?;
    let engine = match own {
        Some(engine) => engine,
        empty => empty.insert(engine_of(&guarded.function)?),
    };
    engine.set_input(Value::from(given));
    engine
        .eval_rule("data.embargo_guard.answer".to_owned())
        .map_err(|error| failed(&error))
}

/// An engine in which the function is the evaluator's own.
fn engine_of(function: &Function) -> Result<Engine, Refused> {
    let arguments: Vec<String> = (0..function.arguments)
        .map(|at| format!("input[{at}]"))
        .collect();
    let module = format!(
        "package embargo_guard\n\nanswer := {}({})\n",
        function.name,
        arguments.join(", ")
    );
    let mut engine = Engine::new();
    engine.set_strict_builtin_errors(true);
    engine
        .add_policy("embargo_guard.rego".to_owned(), module)
        .map_err(|error| failed(&error))?;
    Ok(engine)
}

/// The evaluator's message without the place, which is one that no author knows.
fn failed(error: &dyn std::fmt::Display) -> Refused {
    let text = error.to_string();
    let cause = text
        .rsplit_once("error: ")
        .map_or(text.as_str(), |(_, cause)| cause);
    Refused::Failed(cause.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests;
