use super::*;
use crate::rego::builtins;

fn engine(rule: &str, guards: bool) -> Engine {
    let mut engine = Engine::new();
    engine.set_strict_builtin_errors(true);
    if guards {
        add(&mut engine, Errors::Raised).unwrap();
    }
    let module = format!("package a\n\n{rule}\n");
    engine.add_policy("a.rego".to_owned(), module).unwrap();
    engine.set_input(Value::new_object());
    engine
}

fn evaluate(rule: &str) -> Result<Value, String> {
    engine(rule, true)
        .eval_rule("data.a.x".to_owned())
        .map_err(|error| error.to_string())
}

#[test]
fn each_may_be_called_and_says_how() {
    assert!(GUARDED.is_sorted_by_key(|guarded| guarded.function.name));
    for Guarded { function, .. } in &GUARDED {
        assert!(builtins::is_allowed(function.name), "{}", function.name);
        assert!(function.signature.starts_with(function.name));
        let arguments = function.signature.split(',').count();
        assert_eq!(usize::from(function.arguments), arguments);
    }
}

#[test]
fn a_guarded_function_answers_as_the_evaluators_own() {
    for call in [
        "array.concat([1, 2], [3])",
        "base64.encode(\"abc\")",
        "base64url.encode(\"a?>\")",
        "base64url.encode_no_pad(\"a?>\")",
        "concat(\", \", [\"a\", \"b\"])",
        "concat(\"\", {\"a\", \"b\"})",
        "format_int(255, 16)",
        "hex.encode(\"abc\")",
        "json.marshal({\"a\": [1, null, true]})",
        "json.unmarshal(\"{\\\"a\\\": [1, 2.5e3, \\\"1e999999999\\\"]}\")",
        "product([2, 3, 4])",
        "regex.replace(\"a-b-c\", \"-(.)\", \"$1+\")",
        "replace(\"aXbX\", \"X\", \"--\")",
        "sprintf(\"%s is %d, %5d, %.2f, %v\", [\"a\", 1, 2, 2.5, {\"x\": [1]}])",
        "strings.replace_n({\"<\": \"&lt;\", \"&\": \"&amp;\"}, \"<&\")",
        "to_number(\"-1.5e3\")",
    ] {
        let rule = format!("x := {call}");
        let own = engine(&rule, false).eval_rule("data.a.x".to_owned());
        assert_eq!(evaluate(&rule).unwrap(), own.unwrap(), "{call}");
    }
}

#[test]
fn an_error_of_the_function_stays_one_and_keeps_its_words() {
    for (call, words) in [
        ("concat(1, [\"a\"])", "expects string argument"),
        (
            "sprintf(\"%d\", [])",
            "no argument specified for format verb",
        ),
        ("to_number(\"x\")", ""),
    ] {
        let refused = evaluate(&format!("x := {call}")).unwrap_err();
        assert!(refused.contains(words), "{call}: {refused}");
        assert!(!refused.contains("embargo_guard"), "{call}: {refused}");
    }
}

#[test]
fn an_undefined_argument_makes_the_call_undefined() {
    assert_eq!(
        evaluate("x := concat(\",\", input.absent)"),
        Ok(Value::Undefined)
    );
}

#[test]
fn what_would_outgrow_its_arguments_is_refused_before_it_is_made() {
    let doubled = |first: &str, step: &str| {
        let steps: Vec<String> = (1..=60)
            .map(|at| format!("x{at} := {}", step.replace('@', &format!("x{}", at - 1))))
            .collect();
        format!("x0 := {first}\n{}\nx := x60", steps.join("\n"))
    };
    for (rule, words) in [
        (
            doubled("[1]", "array.concat(@, @)"),
            "more than 1000000 items",
        ),
        (
            doubled("\"ab\"", "concat(\"\", [@, @])"),
            "more than 1048576 bytes",
        ),
        (
            doubled("\"aa\"", "replace(@, \"a\", \"aa\")"),
            "more than 1048576 bytes",
        ),
        (
            doubled("\"aa\"", "regex.replace(@, \"a\", \"aa\")"),
            "more than 1048576 bytes",
        ),
        (
            doubled("\"aa\"", "strings.replace_n({\"a\": \"aa\"}, @)"),
            "more than 1048576 bytes",
        ),
        (
            doubled("\"aa\"", "hex.encode(@)"),
            "more than 1048576 bytes",
        ),
        (
            doubled("\"aa\"", "base64.encode(@)"),
            "more than 1048576 bytes",
        ),
        (
            doubled("[1]", "[@, @]").replace("x := x60", "x := json.marshal(x60)"),
            "more than 1048576 bytes",
        ),
        (
            doubled("[1]", "[@, @]").replace("x := x60", "x := sprintf(\"%v\", [x60])"),
            "more than 1048576 bytes",
        ),
        (
            "x := sprintf(\"%4000000000d\", [1])".to_owned(),
            "more than 1048576 bytes",
        ),
        (
            "x := sprintf(\"%.4000000000f\", [1.5])".to_owned(),
            "more than 1048576 bytes",
        ),
        (
            "x := sprintf(\"%99999999999999999999d\", [1])".to_owned(),
            "more than 1048576 bytes",
        ),
        ("x := to_number(\"1e999999999\")".to_owned(), "beyond what"),
        (
            "x := json.unmarshal(\"1e999999999\")".to_owned(),
            "beyond what",
        ),
    ] {
        let refused = evaluate(&rule).unwrap_err();
        assert!(refused.contains(words), "{rule}: {refused}");
    }
}
