//! Hazards of Rego: sources that would keep the evaluator for hours or end the process.
//!
//! Each of these did one or the other, most with a few kilobytes. All are refused in their
//! place; and the worst that are not compile within the time that a server gives them.

#![expect(clippy::unwrap_used, reason = "tests may fail loudly")]

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use embargo_core::bundle::Bundle;
use embargo_core::decision::{Budget, Evaluator, FailureKind, Question};
use embargo_core::diagnostic::Diagnostic;
use embargo_core::facts::{HostFacts, read};
use embargo_core::instrument::Action;
use embargo_core::snapshot::Snapshot;
use embargo_fuzzing::STACK_BYTES;

/// The time that a server gives to compiling, unless told otherwise.
const LIMIT: Duration = Duration::from_secs(30);
/// Bytes and lines of a file, at most.
const FILE_BYTES: usize = 1_024 * 1_024;
const LINES: usize = 19_900;

/// A rule, and what stands behind it.
fn behind_a_rule(rest: &str) -> String {
    format!("package restrictions.r\n\ndeny contains \"x\" if true\n\n{rest}\n")
}

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(|at| line(at) + "\n").collect()
}

fn nested(levels: usize, open: &str, close: &str) -> String {
    format!("{}1{}", open.repeat(levels), close.repeat(levels))
}

/// As many of something as fit into a file, each on a line.
fn full(of: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for at in 0..LINES {
        let line = of(at);
        if text.len() + line.len() + 1_500 > FILE_BYTES {
            break;
        }
        text.push_str(&line);
        text.push('\n');
    }
    text
}

fn compile(path: &'static str, text: String) -> (Result<(), Vec<Diagnostic>>, Duration) {
    let work = move || {
        let bundle = Bundle::new([(path.to_owned(), text.into_bytes())]).unwrap();
        let began = Instant::now();
        let compiled = Snapshot::compile(bundle).map(drop);
        (compiled, began.elapsed())
    };
    let thread = thread::Builder::new().stack_size(STACK_BYTES).spawn(work);
    thread.unwrap().join().unwrap()
}

#[test]
fn what_would_end_the_process_or_hang_is_refused_in_its_place() {
    let chain = |link: &str| format!("x := 1{}", link.repeat(15_000));
    let within = |levels, open, close| format!("x := {}", nested(levels, open, close));
    let hazards = [
        (
            "signs",
            "rego-too-deep",
            format!("x := {}1", "-\n".repeat(15_000)),
        ),
        ("a sum", "rego-too-deep", chain(" +\n1")),
        ("differences", "rego-too-deep", chain("\n-1")),
        ("a union", "rego-too-deep", chain(" |\n{1}")),
        ("comparisons", "rego-too-deep", chain(" ==\n1")),
        ("memberships", "rego-too-deep", chain(" in\n[1]")),
        ("calls", "rego-too-deep", within(6_000, "abs(\n", ")\n")),
        ("brackets", "rego-too-deep", within(6_000, "(\n", ")\n")),
        ("lists in lists", "rego-too-deep", within(100, "[", "]")),
        (
            "objects in objects",
            "rego-too-deep",
            within(100, "{\"a\": ", "}"),
        ),
        ("statements", "rego-too-large", {
            format!("x if {{\n{}}}", lines(15_000, |at| format!("\ta{at} := 1")))
        }),
        ("deep literals side by side", "rego-too-large", {
            full(|at| format!("x{at} := {}", nested(12, "[", "]")))
        }),
        ("a chain of rules", "rego-chain-too-long", {
            lines(15_000, |at| format!("r{at} := r{}", at + 1)) + "r15000 := 1"
        }),
        ("rules that use all rules", "rego-too-large", {
            lines(3_000, |at| format!("r{at} := data.restrictions[{at}]"))
        }),
        ("names that double", "rego-tangled-name", {
            let line = |at| format!("a{} := a{at}.b\na{} = a{at}.c", at + 1, at + 1);
            format!("x if {{\na0 := input\n{}}}", lines(100, line))
        }),
        ("more faults than anybody reads", "rego-not-a-set", {
            full(|at| format!("deny := {at}"))
        }),
        ("a NUL before a rule", "rego-parse-error", {
            "\0\ndeny contains \"y\" if true".to_owned()
        }),
    ];
    let mut slowest = Duration::ZERO;
    for (what, code, rest) in hazards {
        let (compiled, took) = compile("r.rego", behind_a_rule(&rest));
        let refused = compiled.err().unwrap_or_else(|| panic!("{what}: compiles"));
        assert_eq!(refused[0].code, code, "{what}: {}", refused[0]);
        let span = refused[0].span.as_ref();
        let span = span.unwrap_or_else(|| panic!("{what}: no place"));
        assert!(span.start_line >= 5, "{what}: {}", refused[0]);
        assert!(took < LIMIT, "{what}: {took:?}");
        slowest = slowest.max(took);
    }
    let alias = format!(
        "package restrictions.r\n\nimport data.lib.{} as h\n\n{}",
        "a".repeat(900),
        full(|at| format!("r{at} := [{}]", "h,".repeat(450)))
    );
    let (compiled, took) = compile("r.rego", alias);
    assert_eq!(compiled.unwrap_err()[0].code, "rego-line-length");
    println!(
        "hazards: all refused, the slowest in {:?}",
        slowest.max(took)
    );
}

#[test]
fn the_largest_files_that_pass_compile_in_time() {
    let body = |at: usize| {
        let statements: Vec<String> = (0..99).map(|name| format!("a{name} := {at}")).collect();
        let lines = statements.chunks(33).map(|line| line.join("; "));
        format!("x{at} if {{\n{}\n}}", lines.collect::<Vec<_>>().join("\n"))
    };
    let files = [
        ("rules", full(|at| format!("r{at} := {at}"))),
        ("members of a set", full(|at| format!("r contains {at}"))),
        (
            "clauses of a function",
            full(|at| format!("f({at}) := {at}")),
        ),
        (
            "uses of one rule",
            full(|at| format!("r{at} if s[{at}]")) + "s := {1}\n",
        ),
        (
            "a list",
            format!("x := [\n{}]", full(|at| format!("{at},"))),
        ),
        (
            "an object",
            format!(
                "x := {{\n{}}}",
                full(|at| format!("\"{at}\": {{\"a\": 1}},"))
            ),
        ),
        (
            "names at once",
            format!("x if {{ [\n{}a] = input.a }}", full(|at| format!("a{at},"))),
        ),
        ("full bodies", full(body)),
        (
            "deep literals",
            lines(60, |at| format!("r{at} := {}", nested(12, "{\"a\": ", "}"))),
        ),
        (
            "long sums",
            full(|at| format!("r{at} := 1{}", " + 1".repeat(240))),
        ),
        (
            "long texts",
            full(|at| format!("r{at} := \"{}\"", "y".repeat(900))),
        ),
    ];
    for (what, rest) in files {
        let text = behind_a_rule(&rest);
        let bytes = text.len();
        let (compiled, took) = compile("r.rego", text);
        if let Err(refused) = compiled {
            panic!("{what}: {}", refused[0]);
        }
        println!("hazards: {what}, {bytes} bytes, compile in {took:?}");
        assert!(took < LIMIT, "{what}: {took:?}");
    }
}

#[test]
fn the_deepest_expressions_that_pass_are_evaluated() {
    let sum = " +\n1".repeat(400);
    let product = format!("{}1{}", "(\n".repeat(12), "\n* 1)".repeat(12));
    let calls = nested(60, "abs(\n", ")");
    let rule =
        format!("package restrictions.r\n\ndeny contains x if x := {product} + {calls}{sum}\n");
    let asked = move || {
        let bundle = Bundle::new([("r.rego".to_owned(), rule.into_bytes())]).unwrap();
        let snapshot = Arc::new(Snapshot::compile(bundle).unwrap());
        let record = read("facts.yaml", "{host_id: h, software: []}").unwrap();
        let facts = HostFacts::check(record).unwrap();
        let question = Question {
            facts: &facts,
            action: Action::Use,
            at: "2025-01-01T00:00:00Z".parse().unwrap(),
        };
        let mut evaluator = Evaluator::new(snapshot, Budget::of_policy(LIMIT));
        // A number is no finding, which only shows when it was made.
        evaluator.decide(question).judgement.failures[0].kind
    };
    let thread = thread::Builder::new().stack_size(STACK_BYTES).spawn(asked);
    assert_eq!(
        thread.unwrap().join().unwrap(),
        FailureKind::MalformedResult
    );
}
