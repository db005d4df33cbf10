//! R9. Fail closed: a table over all ways in which there is no decision and all methods that give
//! decisions. No cell ever holds ALLOW or WARN, nor an answer without a decision.
//!
//! Two ways have no row, because no caller and no policy can take them. A panic of the evaluator is
//! not reachable by a set that loads (the row of functions that could shows the refusal to load);
//! unit tests of the workers make one. An undefined result is not either: findings are sets, and
//! a rule that makes anything else of them does not load.

mod asking;
mod raw;
mod rows;

use std::path::Path;
use std::time::Duration;

use embargo_proto::MAX_MESSAGE_BYTES;
use embargo_proto::v1 as pb;
use embargo_service::{LimitsSettings, Settings};
use tonic::Code;

use self::asking::{METHODS, Question, ask, exits, gate_opens};
use self::raw::{framed, send};
use self::rows::{Cell, LATE, UNTOLD, callers, items, row};
use crate::policies::{host, write};
use crate::process::Server;
use crate::server::{Bench, within};

fn write_sound(root: &Path) {
    let rule = "package restrictions.sound\n\ndeny contains \"x\" if input.host.id == \"denied\"\n";
    write(root, "rules/sound.rego", rule);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r9_nothing_that_a_caller_does_wrong_is_allowed() {
    let root = tempfile::tempdir().unwrap();
    write_sound(root.path());
    let bench = Bench::start(root.path(), Settings::default()).await;
    // The table can tell: what is sound is allowed everywhere.
    let sound = Question::default();
    for method in METHODS {
        let outcome = ask(&bench.channel, method, &sound).await;
        assert_eq!(outcome.word(), "[Allow]", "{method}: {outcome:?}");
    }
    assert!(gate_opens(&bench.url(), &sound).await);
    assert_eq!(exits(&bench.url(), &sound).await, (0, 0));

    let mut cells = 0;
    for row in callers().iter().chain(&items()) {
        cells += row.hold(&bench).await;
    }
    // Of the command line those that a file can hold; `timeline` shows what cannot be told.
    for row in items() {
        cells += row.exits(&bench, (2, 2)).await;
    }
    for row in callers().iter().filter(|row| row.cell == UNTOLD) {
        cells += row.exits(&bench, (2, 0)).await;
    }
    println!("R9: {cells} cells of callers' faults, none open");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r9_no_message_that_cannot_be_read_is_answered() {
    let root = tempfile::tempdir().unwrap();
    write_sound(root.path());
    let bench = Bench::start(root.path(), Settings::default()).await;
    let too_large = MAX_MESSAGE_BYTES + 1;
    let mut cells = 0;
    for method in METHODS {
        let path = format!("/embargo.v1.DecisionService/{method}");
        for (name, bytes) in [
            ("nothing", Vec::new()),
            ("half a length", vec![0, 0]),
            ("half a message", framed(0, 100, &[0x0a, 0x03])),
            ("no message of the schema", framed(0, 3, &[0xff; 3])),
            ("a field that ends early", framed(0, 2, &[0x0a, 0x7f])),
            ("a compressed message", framed(1, 3, &[0x1f, 0x8b, 0x08])),
            ("a flag that is none", framed(7, 0, &[])),
            (
                "more than a message may have",
                framed(0, too_large, &[0; 9]),
            ),
        ] {
            let (status, content) = within(send(&bench.channel, &path, bytes)).await;
            // A stream without items ends without an answer, which no reader takes for one.
            let is_empty_stream = (method, name) == ("StreamDecideHosts", "nothing");
            assert_eq!(
                status.code() == Code::Ok,
                is_empty_stream,
                "{method}, {name}: {status:?}"
            );
            assert_eq!(content, 0, "{method}, {name}");
            cells += 1;
        }
    }
    for path in [
        "/embargo.v1.DecisionService/AllowHost",
        "/embargo.v1.DecisionService/decidehost",
        "/embargo.v2.DecisionService/DecideHost",
        "/",
    ] {
        let (status, content) = within(send(&bench.channel, path, framed(0, 0, &[]))).await;
        assert_eq!((status.code(), content), (Code::Unimplemented, 0), "{path}");
        cells += 1;
    }
    println!("R9: {cells} cells of unreadable messages, none open");
}

const SLOW: &str = "package restrictions.slow\n\n_n := [0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19]\n\ndeny contains \"x\" if { some a in _n; some b in _n; some c in _n; some d in _n; some e in _n; some f in _n; a + b + c + d + e + f == 1000 }\n";

/// Rows of what is wrong with the policies: their file, and what every method then answers.
const POLICIES: &[(&str, &str, Cell, (i32, i32))] = &[
    ("none at all", "", &["NO_SNAPSHOT"], (2, 2)),
    (
        "a file that does not parse",
        "package",
        &["NO_SNAPSHOT"],
        (2, 2),
    ),
    (
        "a result that could be undefined",
        "package restrictions.r\n\ndeny := \"x\" if input.host.id == \"nobody\"\n",
        &["NO_SNAPSHOT"],
        (2, 2),
    ),
    (
        "a function that can panic",
        "package restrictions.r\n\ndeny contains \"x\" if count(numbers.range(1, 9223372036854775807)) == 0\n",
        &["NO_SNAPSHOT"],
        (2, 2),
    ),
    (
        "a rule that recurses",
        "package restrictions.r\n\n_f(n) := _f(n + 1)\n\ndeny contains \"x\" if _f(1) == 1\n",
        &["NO_SNAPSHOT"],
        (2, 2),
    ),
    (
        "a rule that fails",
        "package restrictions.r\n\ndeny contains \"x\" if to_number(input.host.id) > 1\n",
        UNTOLD,
        (2, 0),
    ),
    (
        "a result that is no finding",
        "package restrictions.r\n\ndeny contains {\"mesage\": \"x\"} if input.host.id\n",
        UNTOLD,
        (2, 0),
    ),
    ("a rule that takes too long", SLOW, UNTOLD, (2, 0)),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r9_no_fault_of_policies_is_allowed() {
    let mut cells = 0;
    for (name, policy, cell, exits) in POLICIES {
        let root = tempfile::tempdir().unwrap();
        if !policy.is_empty() {
            write(root.path(), "rules/one.rego", policy);
        }
        let settings = Settings {
            policy_budget: Duration::from_millis(20),
            ..Settings::default()
        };
        let bench = Bench::start(root.path(), settings).await;
        let is_active = bench.snapshot().await.active.is_some();
        assert_eq!(is_active, *cell == UNTOLD, "{name}");
        let row = row(name, cell, Question::default());
        cells += row.hold(&bench).await + row.exits(&bench, *exits).await;
    }
    println!("R9: {cells} cells of policies' faults, none open");
}

/// A server whose one worker and whose queue are taken by calls that go on.
async fn busy(root: &Path) -> Bench {
    let settings = Settings {
        workers: 1,
        limits: LimitsSettings {
            queued_calls: 1,
            ..LimitsSettings::default()
        },
        policy_budget: Duration::from_secs(30),
        decision_budget: Duration::from_secs(30),
        drain_limit: Duration::from_secs(20),
        ..Settings::default()
    };
    write(root, "rules/slow.rego", SLOW);
    let bench = Bench::start(root, settings).await;
    let patient = Question {
        timeout: Some("20S"),
        ..Question::default()
    };
    for _ in 0..12 {
        let channel = bench.channel.clone();
        let patient = patient.clone();
        tokio::spawn(async move {
            while ask(&channel, "DecideHost", &patient).await.word() == "OVERLOADED" {
                tokio::task::yield_now().await;
            }
        });
    }
    // Long enough that a refusal comes first, also on a machine that has other things to do.
    let hasty = Question {
        timeout: Some("250m"),
        ..Question::default()
    };
    // Once may be by chance: the question itself may have had the worker before.
    let mut in_a_row = 0;
    while in_a_row < 50 {
        let outcome = ask(&bench.channel, "DecideHost", &hasty).await;
        in_a_row = if outcome.word() == "OVERLOADED" {
            in_a_row + 1
        } else {
            0
        };
    }
    bench
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r9_no_overload_no_deadline_and_no_shutdown_is_allowed() {
    let root = tempfile::tempdir().unwrap();
    let mut bench = within(busy(root.path())).await;
    let hasty = Question {
        timeout: Some("100m"),
        ..Question::default()
    };
    // Parts of large calls wait for their turn instead of being refused.
    let overloaded = row(
        "overload, and a deadline while queued",
        // That there is an overload was seen fifty times; the queue may be free for a moment.
        &["OVERLOADED", "DEADLINE_PASSED"],
        hasty,
    )
    .but(&[
        ("BatchDecideHosts", LATE),
        ("StreamDecideHosts", LATE),
        ("DecideInventory", LATE),
    ]);
    let mut cells = overloaded.hold(&bench).await;
    cells += overloaded.exits(&bench, (2, 2)).await;

    bench.stop();
    let draining = row(
        "a server that shuts down",
        &["DRAINING"],
        Question::default(),
    );
    while ask(&bench.channel, "DecideHost", &draining.question)
        .await
        .word()
        != "DRAINING"
    {
        tokio::task::yield_now().await;
    }
    cells += draining.hold(&bench).await + draining.exits(&bench, (2, 2)).await;
    drop(bench);

    let root = tempfile::tempdir().unwrap();
    write(root.path(), "rules/slow.rego", SLOW);
    let patient = Settings {
        policy_budget: Duration::from_secs(30),
        decision_budget: Duration::from_secs(30),
        ..Settings::default()
    };
    let bench = Bench::start(root.path(), patient).await;
    let question = Question {
        timeout: Some("100m"),
        ..Question::default()
    };
    cells += row("a deadline while a rule runs", LATE, question)
        .hold(&bench)
        .await;
    println!("R9: {cells} cells of overload, deadlines and shutdown, none open");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r9_no_server_that_is_gone_is_a_leave() {
    let mut server = Server::start_with(&[]);
    let question = Question::default();
    assert!(gate_opens(&server.url, &question).await);
    server.process.kill().unwrap();
    server.process.wait().unwrap();
    assert!(!gate_opens(&server.url, &question).await);
    assert_eq!(exits(&server.url, &question).await, (2, 2));
    println!("R9: 3 cells of a server that is gone, none open");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r9_no_answer_that_is_too_large_is_cut_into_a_leave() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "rules/sound.rego", &large_rule());
    let bench = Bench::start(root.path(), Settings::default()).await;
    // One decision always fits: a thousand findings of some ten kilobytes. Batches, inventories and
    // timelines hold many; what does not fit is a status in the place of the decision.
    let one = Question {
        facts: Some(host("large")),
        ..Question::default()
    };
    let outcome = ask(&bench.channel, "DecideHost", &one).await;
    assert_eq!(outcome.word(), "[Deny]");
    let mut client = crate::server::decisions(bench.channel.clone());
    let items = (0..40).map(|at| pb::batch_decide_hosts_request::BatchItem {
        correlation_id: at.to_string(),
        facts: Some(host("large")),
        action: 0,
    });
    let request = pb::BatchDecideHostsRequest {
        items: items.collect(),
        ..Default::default()
    };
    let answer = within(client.batch_decide_hosts(request)).await.unwrap();
    let mut refused = 0;
    let results = answer.into_inner().results;
    assert_eq!(results.len(), 40);
    for result in results {
        match result.result.expect("a result") {
            pb::decide_result::Result::Decision(decision) => {
                assert_eq!(decision.effect(), pb::Effect::Deny);
            }
            pb::decide_result::Result::Error(status) => {
                assert_eq!(Code::from_i32(status.code), Code::ResourceExhausted);
                refused += 1;
            }
        }
    }
    assert!(refused > 0);
    println!("R9: {refused} of 40 decisions did not fit, none open");
}

fn large_rule() -> String {
    let digits = "[\"0\", \"1\", \"2\", \"3\", \"4\", \"5\", \"6\", \"7\", \"8\", \"9\"]";
    let padding = "x".repeat(900);
    format!(
        "package restrictions.large\n\ndeny contains {{\"message\": message}} if {{\n\tinput.host.id == \"large\"\n\tsome a in {digits}\n\tsome b in {digits}\n\tsome c in {digits}\n\tmessage := concat(\"\", [a, b, c, \"{padding}\"])\n}}\n"
    )
}
