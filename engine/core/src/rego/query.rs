//! Queries: any question in Rego to any modules and data, for those who write policies.
//!
//! For the command line alone. Texts of requests never come here: a server answers by the
//! entry points of its packages. Modules and query pass the same gate as policies, with the
//! same functions.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use regorus::{Engine, Expression, LimitError, Value};

use crate::diagnostic::{Diagnostic, Span, has_errors};
use crate::yaml;

use super::engine::{loaded, set_timer};
use super::functions::Errors;
use super::gate::{self, Module};
use super::graph::Graph;
use super::unread::Unread;

/// What a query is called in places.
pub const QUERY: &str = "query";

/// The package of the module that a query is checked in.
const PACKAGE: &str = "embargo_query";

/// What is asked.
#[derive(Clone, Debug)]
pub struct Query {
    /// The query, one or several statements of Rego.
    pub text: String,
    /// The package whose rules the query may name without their path.
    pub package: Option<String>,
    /// Imports of the query, without the word `import`, such as `data.lib.scope as scope`.
    pub imports: Vec<String>,
    /// `input`; undefined if absent.
    pub input: Option<serde_json::Value>,
    /// Whether an error of a function is an error of the query, instead of undefined.
    pub strict: bool,
    /// How long the evaluation may take.
    pub budget: Duration,
}

/// The modules and the data that are asked.
#[derive(Debug, Default)]
pub struct Sources {
    /// Rego sources, by path and text.
    pub modules: Vec<(String, String)>,
    /// What is merged into `data`, each with the path that it came from.
    pub data: Vec<(String, serde_json::Value)>,
}

/// Reads a document of data or input: JSON, or YAML by the ending of its path.
///
/// # Errors
/// The first fault, with its place.
pub fn read_document(path: &str, text: &str) -> Result<serde_json::Value, Diagnostic> {
    if path.ends_with(".json") {
        return yaml::read_json(path, text, "data-parse-error");
    }
    yaml::burden::check(path, text)?;
    yaml::read(path, text, "data-parse-error")
}

/// Asks, and gives what `opa eval` calls `result`: a list with an object for each way in which
/// the query holds, with `expressions` and, where it gives names values, `bindings`. The list
/// is empty if the query is undefined. Recurses on the stack like every evaluation.
///
/// # Errors
/// What is wrong with modules, data or query, or why the evaluation came to no end.
pub fn ask(sources: &Sources, query: &Query) -> Result<Vec<serde_json::Value>, Vec<Diagnostic>> {
    let mut faults = Vec::new();
    let mut modules = Vec::new();
    for (path, text) in &sources.modules {
        match gate::parse(path, text) {
            Ok(module) => modules.push(module),
            Err(fault) => faults.push(fault),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let asked = in_module(&modules, query).map_err(|fault| vec![fault])?;
    modules.push(asked.module);
    Graph::new(&modules).check(&Unread::default(), &mut faults);
    if has_errors(&faults) {
        for fault in &mut faults {
            bring_home(fault, asked.lines_before);
        }
        return Err(faults);
    }
    let last = modules.len().saturating_sub(1);
    let positions: BTreeSet<usize> = (0..last).collect();
    let errors = if query.strict {
        Errors::Raised
    } else {
        Errors::Undefined
    };
    let mut engine = loaded(&modules, &positions, errors).map_err(|fault| vec![fault])?;
    for (path, data) in &sources.data {
        if let Err(error) = engine.add_data(Value::from(data.clone())) {
            let fault = Diagnostic::error("rego-data", one_line(&error.to_string()));
            return Err(vec![fault.at(Span::start_of(path))]);
        }
    }
    run(&mut engine, &modules, &asked.text, query).map_err(|fault| vec![fault])
}

/// A query in a module of its own, in which it can be checked.
struct Asked {
    module: Module,
    /// The query with imports written out.
    text: String,
    lines_before: u32,
}

fn in_module(modules: &[Module], query: &Query) -> Result<Asked, Diagnostic> {
    let mut head = format!("package {PACKAGE}\n");
    for import in &query.imports {
        let is_of_data = import.trim_start().starts_with("data.") && !import.contains('\n');
        if !is_of_data {
            let fault = format!("`{import}` is no import of data");
            return Err(Diagnostic::error("rego-parse-error", fault)
                .hint("write `data.` and a path, and `as` with a name if it should have another"));
        }
        head.push_str(&format!("import {import}\n"));
    }
    if let Some(package) = &query.package {
        let package = package.strip_prefix("data.").unwrap_or(package);
        let of_package = modules.iter().filter(|module| module.package == package);
        let names: BTreeSet<&str> = of_package
            .flat_map(|module| &module.rules)
            .map(|rule| rule.name.as_str())
            .collect();
        if names.is_empty() {
            let fault = format!("there is no rule in a package `{package}`");
            return Err(Diagnostic::error("rego-compile-error", fault)
                .hint("name it as it stands behind `package` in its files"));
        }
        for name in names {
            head.push_str(&format!("import data.{package}.{name}\n"));
        }
    }
    head.push_str("\nasked if {\n");
    let lines_before = u32::try_from(head.lines().count()).unwrap_or(u32::MAX);
    let module =
        gate::parse(QUERY, &format!("{head}{}\n}}\n", query.text)).map_err(|mut fault| {
            bring_home(&mut fault, lines_before);
            fault
        })?;
    // A query that closes the body and goes on would be more than a query.
    if module.rules.len() != 1 {
        return Err(
            Diagnostic::error("rego-parse-error", "the query holds rules")
                .at(Span::start_of(QUERY))
                .hint("write statements, and put rules into a file for `--data`"),
        );
    }
    let before = usize::try_from(lines_before).unwrap_or(usize::MAX);
    let count = query.text.lines().count();
    let lines = module.expanded_text().lines().skip(before).take(count);
    let text = lines.collect::<Vec<_>>().join("\n");
    Ok(Asked {
        module,
        text,
        lines_before,
    })
}

/// Counts the lines of a place in the query from the query's first.
fn bring_home(fault: &mut Diagnostic, lines_before: u32) {
    if let Some(span) = &mut fault.span
        && span.path == QUERY
    {
        span.start_line = span.start_line.saturating_sub(lines_before).max(1);
        span.end_line = span.end_line.saturating_sub(lines_before).max(1);
    }
}

fn run(
    engine: &mut Engine,
    modules: &[Module],
    text: &str,
    query: &Query,
) -> Result<Vec<serde_json::Value>, Diagnostic> {
    let asked = catch_unwind(AssertUnwindSafe(|| {
        engine.set_strict_builtin_errors(query.strict);
        set_timer(engine, query.budget);
        if let Some(input) = &query.input {
            engine.set_input(Value::from(input.clone()));
        }
        engine.eval_query(text.to_owned(), false)
    }));
    let results = match asked {
        Ok(Ok(results)) => results,
        Ok(Err(error))
            if matches!(
                error.downcast_ref(),
                Some(LimitError::TimeLimitExceeded { .. })
            ) =>
        {
            return Err(Diagnostic::error(
                "budget-exceeded",
                format!("the query took longer than {:?}", query.budget),
            ));
        }
        Ok(Err(error)) => {
            let message = error.to_string();
            return Err(match Module::named_in(modules, &message) {
                Some(module) => module.fault("rego-runtime-error", &message),
                None => {
                    let place = "<query.rego>";
                    let mut fault =
                        gate::from_evaluator(place, text, "rego-runtime-error", &message);
                    if let Some(span) = &mut fault.span {
                        QUERY.clone_into(&mut span.path);
                    }
                    fault
                }
            });
        }
        Err(_) => {
            return Err(Diagnostic::error("engine-fault", "the evaluator failed"));
        }
    };
    let defined = results.result.iter().filter(|result| {
        let values = || result.expressions.iter().map(|found| &found.value);
        let is_false = values().any(|value| *value == Value::Bool(false));
        values().all(|value| *value != Value::Undefined)
            && (!is_false || is_all(&result.expressions, text))
    });
    defined
        .map(|result| {
            serde_json::to_value(result).map_err(|error| {
                Diagnostic::error("rego-runtime-error", one_line(&error.to_string()))
            })
        })
        .collect()
}

/// Whether a result is that of a query of one expression: such a one may be false, while a false
/// one among others makes the query undefined, and the evaluator stops there.
fn is_all(expressions: &[Expression], text: &str) -> bool {
    let [only] = expressions else { return false };
    let rest = text.trim().strip_prefix(only.text.trim());
    rest.is_some_and(|rest| rest.is_empty() || rest.trim_start().starts_with('#'))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn query(text: &str) -> Query {
        Query {
            text: text.to_owned(),
            package: None,
            imports: Vec::new(),
            input: Some(json!({"n": 2})),
            strict: false,
            budget: Duration::from_secs(5),
        }
    }

    fn sources() -> Sources {
        let rule = "package lib.numbers\n\ntwice(x) := 2 * x\n\nlimit := 5\n\nsmall contains n if {\n\tsome n in data.numbers\n\tn < limit\n}\n";
        Sources {
            modules: vec![("a.rego".to_owned(), rule.to_owned())],
            data: vec![("d.json".to_owned(), json!({"numbers": [1, 4, 9]}))],
        }
    }

    fn values(query: &Query) -> Result<serde_json::Value, String> {
        ask(&sources(), query)
            .map(|results| {
                let values = results
                    .iter()
                    .map(|result| result.pointer("/expressions/0/value").cloned());
                json!(values.collect::<Vec<_>>())
            })
            .map_err(|faults| faults.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_query_is_answered_in_the_shape_of_opa() {
        let answer = ask(&sources(), &query("x := data.lib.numbers.limit + input.n")).unwrap();
        assert_eq!(
            json!(answer),
            json!([{
                "expressions": [{
                    "value": true,
                    "text": "x := data.lib.numbers.limit + input.n",
                    "location": {"row": 1, "col": 1},
                }],
                "bindings": {"x": 7},
            }])
        );
    }

    #[test]
    fn sets_are_lists_and_what_is_undefined_is_no_result() {
        assert_eq!(
            values(&query("data.lib.numbers.small")),
            Ok(json!([[1, 4]]))
        );
        for undefined in ["input.absent", "data.lib.numbers.absent", "1 == 2; true"] {
            assert_eq!(values(&query(undefined)), Ok(json!([])), "{undefined}");
        }
        for is_false in ["1 == 2", "  false # a remark"] {
            assert_eq!(values(&query(is_false)), Ok(json!([false])), "{is_false}");
        }
    }

    #[test]
    fn rules_of_a_package_and_of_imports_go_by_their_names() {
        let of_package = Query {
            package: Some("lib.numbers".to_owned()),
            ..query("twice(limit)")
        };
        assert_eq!(values(&of_package), Ok(json!([10])));
        let imported = Query {
            imports: vec!["data.lib.numbers as n".to_owned()],
            ..query("n.twice(input.n)")
        };
        assert_eq!(values(&imported), Ok(json!([4])));
    }

    #[test]
    fn a_query_is_refused_what_policies_are_refused() {
        for (text, wanted) in [
            ("http.send({})", "rego-refused-function"),
            ("time.now_ns()", "rego-refused-function"),
            ("nothing_known(1)", "rego-unknown-function"),
            ("y == 1", "rego-unbound-name"),
            ("x := ", "rego-parse-error"),
            ("true\n}\n\nother if {\ntrue", "rego-parse-error"),
            (&"[".repeat(40), "rego-too-deep"),
        ] {
            let refused = values(&query(text)).unwrap_err();
            assert!(refused.contains(wanted), "{text}: {refused}");
        }
    }

    #[test]
    fn errors_of_functions_are_undefined_unless_they_are_asked_for() {
        assert_eq!(values(&query("to_number(\"x\")")), Ok(json!([])));
        let strict = Query {
            strict: true,
            ..query("to_number(\"x\")")
        };
        assert!(values(&strict).unwrap_err().contains("rego-runtime-error"));
    }

    #[test]
    fn a_query_without_end_is_stopped() {
        let long = Query {
            budget: Duration::from_millis(50),
            ..query(
                "count([1 | some a in data.numbers; some b in data.numbers; some c in data.numbers; some d in data.numbers; some e in data.numbers; some f in data.numbers; some g in data.numbers; some h in data.numbers; some i in data.numbers; some j in data.numbers; some k in data.numbers; some l in data.numbers; some m in data.numbers; some n in data.numbers])",
            )
        };
        assert!(values(&long).unwrap_err().contains("budget-exceeded"));
    }
}
