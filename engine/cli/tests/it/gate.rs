//! `embargo gate`, row by row: what there is to decide or what goes wrong, by what is asked for
//! with `--on-error`, in every format.

mod fake;
mod forms;
mod reports;
mod unready;

use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use embargo_proto::v1::Effect;
use tonic::Code;

use self::fake::{Answer, Fake, foreign, status};
use self::forms::{FORMS, Says, read};
use crate::support::{Ran, embargo, folder, ran};

const AT: &str = "2026-01-01T00:00:00Z";

/// A host that each row asks about. Names are chosen to break every format.
const HOST: &str = "{host_id: \"::error::<h>&'\\\"\\n##[error]x\", software: [{name: Editor}]}";

/// Rules that find what the groups of a host name.
const RULES: &str = "package restrictions.shop

deny contains \"denied <by> & \\\"rule\\\"\" if \"deny\" in input.host.groups

review contains \"::error::a person\\n::error::looks\" if \"review\" in input.host.groups

warn contains \"##[error]a warning | *x*\" if \"warn\" in input.host.groups
";

const FAILING: &str = "package restrictions.failing

deny contains \"x\" if {
	\"fail\" in input.host.groups
	to_number(\"x\") > 1
}
";

/// Does not end of itself.
const ENDLESS: &str = "package restrictions.endless

deny contains \"x\" if {
	xs := [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
	some a in xs
	some b in xs
	some c in xs
	some d in xs
	some e in xs
	some f in xs
	some g in xs
	some h in xs
	a + b + c + d + e + f + g + h == 0
}
";

fn gate(folder: &Path, arguments: &[&str]) -> Ran {
    let mut command = embargo();
    command
        .current_dir(folder)
        .env_remove("GITHUB_STEP_SUMMARY")
        .args(["gate", "--at", AT])
        .args(arguments);
    ran(command.output().unwrap())
}

/// What a row wants: the exit code and what each report says.
type Wanted = (i32, Says);

const GO: Wanted = (0, Says::Passed);
const DENIED: Wanted = (1, Says::Stopped);
const REVIEW: Wanted = (3, Says::Stopped);
const UNKNOWN: Wanted = (2, Says::Unknown);
const PARDONED: Wanted = (0, Says::NotChecked);

/// Runs a row in every format, and holds each against what is wanted.
fn hold(name: &str, folder: &Path, arguments: &[&str], (deny, allow): (Wanted, Wanted)) {
    for (on_error, (code, says)) in [("deny", deny), ("allow", allow)] {
        for form in FORMS {
            let mut all = vec!["--format", form, "--on-error", on_error];
            all.extend(arguments);
            let ran = gate(folder, &all);
            let place = format!("{name}, {on_error}, {form}:\n{}\n{}", ran.out, ran.err);
            assert_eq!(ran.code, code, "{place}");
            assert_eq!(read(form, &ran.out), says, "{place}");
            let is_warned = ran.err.contains("warning: NOT CHECKED: ");
            assert_eq!(is_warned, says == Says::NotChecked, "{place}");
        }
    }
}

/// The same wanted whatever `--on-error` says.
const fn both(wanted: Wanted) -> (Wanted, Wanted) {
    (wanted, wanted)
}

const LACKS: (Wanted, Wanted) = (UNKNOWN, PARDONED);

#[test]
fn a_servers_answer_ends_by_its_effect_and_a_lack_of_one_by_on_error() {
    let files = folder(&[("host.yaml", HOST)]);
    let effect = |effect: Effect| Answer::Effect(effect.into());
    let rows = [
        ("allow", effect(Effect::Allow), both(GO)),
        ("warn", effect(Effect::Warn), both(GO)),
        ("review", effect(Effect::Review), both(REVIEW)),
        (
            "indeterminate",
            effect(Effect::Indeterminate),
            both(UNKNOWN),
        ),
        ("deny", effect(Effect::Deny), both(DENIED)),
        ("no effect", effect(Effect::Unspecified), both(UNKNOWN)),
        ("an unknown effect", Answer::Effect(99), both(UNKNOWN)),
        ("another host", Answer::OtherHost, both(UNKNOWN)),
        ("no decision", Answer::Nothing, both(UNKNOWN)),
        (
            "no policies",
            status(Code::Unavailable, "NO_SNAPSHOT"),
            LACKS,
        ),
        (
            "shutting down",
            status(Code::Unavailable, "DRAINING"),
            LACKS,
        ),
        (
            "overloaded",
            status(Code::ResourceExhausted, "OVERLOADED"),
            LACKS,
        ),
        (
            "late there",
            status(Code::DeadlineExceeded, "DEADLINE_PASSED"),
            LACKS,
        ),
        ("late here", Answer::Never, LACKS),
        ("a proxy without it", foreign(Code::Unavailable), LACKS),
        (
            "asked too often",
            status(Code::ResourceExhausted, "RATE_LIMITED"),
            both(UNKNOWN),
        ),
        (
            "a defect",
            status(Code::Internal, "SERVER_FAULT"),
            both(UNKNOWN),
        ),
        (
            "faulty facts",
            status(Code::InvalidArgument, "FACTS_INVALID"),
            both(UNKNOWN),
        ),
        (
            "another set",
            status(Code::FailedPrecondition, "SNAPSHOT_MISMATCH"),
            both(UNKNOWN),
        ),
        (
            "too large",
            status(Code::ResourceExhausted, "ANSWER_TOO_LARGE"),
            both(UNKNOWN),
        ),
        (
            "a new reason",
            status(Code::Aborted, "MOON_IN_THE_WRONG_PHASE"),
            both(UNKNOWN),
        ),
        (
            "a full proxy",
            foreign(Code::ResourceExhausted),
            both(UNKNOWN),
        ),
        (
            "nobody let in",
            foreign(Code::Unauthenticated),
            both(UNKNOWN),
        ),
        (
            "another service",
            foreign(Code::Unimplemented),
            both(UNKNOWN),
        ),
    ];
    // A few side by side, for most of the time is pauses between attempts.
    for some in rows.chunks(4) {
        std::thread::scope(|rows| {
            for (name, answer, wanted) in some {
                let folder = files.path();
                rows.spawn(move || {
                    let fake = Fake::start(answer);
                    // Time enough for every answer but the one that never comes.
                    let timeout = if *name == "late here" { "200ms" } else { "30s" };
                    let arguments = ["host.yaml", "--server", &fake.url, "--timeout", timeout];
                    hold(name, folder, &arguments, *wanted);
                });
            }
        });
    }
}

#[test]
fn a_server_that_is_gone_silent_or_without_policies_is_a_lack() {
    let files = folder(&[("host.yaml", HOST), ("empty/README.md", "no policies")]);
    let gone = ["host.yaml", "--server", "http://127.0.0.1:1"];
    hold("gone", files.path(), &gone, LACKS);

    // Connections are made by the system, and nobody takes them.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let begun = Instant::now();
    let arguments = ["host.yaml", "--server", &url, "--timeout", "200ms"];
    hold("silent", files.path(), &arguments, LACKS);
    assert!(begun.elapsed() < Duration::from_secs(60));

    let empty = files.path().join("empty");
    let server = unready::start(&empty);
    let arguments = ["host.yaml", "--server", &server.url];
    hold("no policies", files.path(), &arguments, LACKS);
}

#[test]
fn deciding_here_ends_by_the_effect_whatever_on_error_says() {
    let files = folder(&[
        ("set/rules/shop.rego", RULES),
        ("set/rules/failing.rego", FAILING),
        ("slow/rules/endless.rego", ENDLESS),
        ("broken/rules/a.rego", "package ("),
    ]);
    let unread = ", coverage: [{source: programs, state: unreadable}]";
    for (groups, more, wanted) in [
        ("other", "", GO),
        ("warn", "", GO),
        ("review", "", REVIEW),
        ("deny", "", DENIED),
        ("fail", "", UNKNOWN),
        ("other", unread, UNKNOWN),
        ("warn, review, deny, fail", "", DENIED),
    ] {
        let facts = HOST.replace("{host_id", &format!("{{groups: [{groups}]{more}, host_id"));
        std::fs::write(files.path().join("host.yaml"), facts).unwrap();
        hold(
            groups,
            files.path(),
            &["host.yaml", "-d", "set"],
            both(wanted),
        );
    }
    // Nobody else is to blame for it, so that nothing is let pass.
    let slow = ["host.yaml", "-d", "slow", "--timeout", "1ms"];
    hold("a rule that takes long", files.path(), &slow, both(UNKNOWN));
    let broken = ["host.yaml", "-d", "broken"];
    hold("broken policies", files.path(), &broken, both(UNKNOWN));
    let absent = ["host.yaml", "-d", "nowhere"];
    hold("no policies", files.path(), &absent, both(UNKNOWN));
}

#[test]
fn what_is_wrong_with_the_question_stops_also_where_the_server_is_gone() {
    let files = folder(&[
        ("host.yaml", HOST),
        ("typo.yaml", "host_id: h\nsoftwear: []\n"),
        ("broken.yaml", "{host_id: '', software: []}"),
        ("nothing.ndjson", ""),
        ("about.yaml", "owner: {kind: nobody}\n"),
        ("empty/.hidden", ""),
    ]);
    for (name, files_of_it) in [
        ("a typo", &["typo.yaml"][..]),
        ("a rule that is broken", &["broken.yaml"]),
        ("no file", &["absent.yaml"]),
        ("no host", &["nothing.ndjson"]),
        ("an empty folder", &["empty"]),
        (
            "what is said of all",
            &["host.yaml", "--about", "about.yaml"],
        ),
        ("another format", &["host.yaml", "--from", "jamf"]),
    ] {
        let mut arguments = vec!["--server", "http://127.0.0.1:1"];
        arguments.extend(files_of_it);
        hold(name, files.path(), &arguments, both(UNKNOWN));
    }
    for (url, wanted) in [
        ("https://127.0.0.1:1", LACKS),
        ("127.0.0.1", both(UNKNOWN)),
        ("not a url", both(UNKNOWN)),
    ] {
        let arguments = ["host.yaml", "--server", url];
        hold(url, files.path(), &arguments, wanted);
    }
}

#[test]
fn bad_usage_has_no_report_and_stops() {
    let files = folder(&[("host.yaml", HOST)]);
    for arguments in [
        &[][..],
        &["host.yaml", "--on-error", "maybe"],
        &["host.yaml", "--timeout", "0s"],
        &["host.yaml", "--timeout", "soon"],
        &["host.yaml", "--format", "xml"],
        &["host.yaml", "--action", "eat"],
    ] {
        let mut all = vec!["--on-error", "allow"];
        if arguments.contains(&"--on-error") {
            all.clear();
        }
        all.extend(arguments);
        let ran = gate(files.path(), &all);
        assert_eq!(ran.code, 2, "{arguments:?}");
        assert!(ran.out.is_empty() && !ran.err.is_empty(), "{arguments:?}");
    }
}

#[test]
fn fail_on_names_the_weakest_effect_that_stops() {
    let files = folder(&[("set/rules/shop.rego", RULES)]);
    for (group, fail_on, wanted) in [
        ("warn", "deny", GO),
        ("warn", "review", GO),
        ("warn", "warn", DENIED),
        ("review", "deny", REVIEW),
        ("review", "review", DENIED),
        ("review", "warn", DENIED),
    ] {
        let facts = HOST.replace("{host_id", &format!("{{groups: [{group}], host_id"));
        std::fs::write(files.path().join("host.yaml"), facts).unwrap();
        let arguments = ["host.yaml", "-d", "set", "--fail-on", fail_on];
        hold(
            &format!("{group} {fail_on}"),
            files.path(),
            &arguments,
            both(wanted),
        );
    }
}

#[test]
fn of_several_hosts_the_gravest_counts_as_for_decide() {
    let host = |id: &str, group: &str| format!("{{host_id: {id}, groups: [{group}]}}");
    let files = folder(&[
        ("set/rules/shop.rego", RULES),
        ("allow.yaml", &host("a", "x")),
        ("warn.yaml", &host("w", "warn")),
        ("review.yaml", &host("r", "review")),
        ("deny.yaml", &host("d", "deny")),
        ("bad.yaml", "host_id: ''\n"),
    ]);
    for (hosts, outcome, code) in [
        (&["allow.yaml", "warn.yaml"][..], "go-ahead", 0),
        (&["review.yaml", "allow.yaml"], "review", 3),
        (&["allow.yaml", "deny.yaml", "review.yaml"], "denied", 1),
        (&["deny.yaml", "bad.yaml", "allow.yaml"], "not-decided", 2),
    ] {
        let mut arguments = vec!["-d", "set", "-f", "json"];
        arguments.extend(hosts);
        let gated = gate(files.path(), &arguments);
        let report: serde_json::Value = serde_json::from_str(&gated.out).unwrap();
        assert_eq!(
            (report["outcome"].as_str(), gated.code),
            (Some(outcome), code)
        );
        let told: Vec<&str> = report["hosts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|host| host["file"].as_str().unwrap())
            .collect();
        assert_eq!(told, hosts, "in the order in which they were given");
        let mut decide = embargo();
        decide
            .current_dir(files.path())
            .args(["decide", "--at", AT, "-d", "set", "-f", "json"])
            .args(hosts);
        let decided = ran(decide.output().unwrap());
        assert_eq!(decided.code, code);
        let alone: serde_json::Value = serde_json::from_str(&decided.out).unwrap();
        let decisions: Vec<&serde_json::Value> = report["hosts"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|host| host.get("decision"))
            .collect();
        assert_eq!(
            decisions,
            alone.as_array().unwrap().iter().collect::<Vec<_>>()
        );
    }
}
