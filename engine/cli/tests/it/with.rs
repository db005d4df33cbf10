//! `embargo with`: a command beside a server of its own.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use crate::support::{Ran, embargo, folder, ran};

/// Policies of one rule, which load in no time.
fn policies() -> tempfile::TempDir {
    folder(&[(
        "rule.rego",
        "package restrictions.one\n\ndeny contains \"x\" if input.host.id\n",
    )])
}

/// `embargo with -- sh -c SCRIPT BINARY`: the binary is `$0` in the script.
fn with(policies: &tempfile::TempDir, script: &str) -> Command {
    let mut command = embargo();
    command.args(["with", "--policies"]).arg(policies.path());
    command.args(["--", "sh", "-c", script, env!("CARGO_BIN_EXE_embargo")]);
    command
}

fn run_with(script: &str) -> Ran {
    ran(with(&policies(), script).output().unwrap())
}

#[test]
fn the_command_finds_a_server_that_judges_and_its_exit_code_is_the_last_word() {
    let ran = run_with(
        r#""$0" healthcheck "$EMBARGO_URL" && "$0" decide --example --server "$EMBARGO_URL" -f json >&2; exit 7"#,
    );
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (7, "serving\n"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("\"effect\": \"deny\""), "{}", ran.err);
}

#[test]
fn the_server_is_on_this_machine_alone_and_gone_after_the_command() {
    let ran = run_with(r#"echo "$EMBARGO_TARGET"; echo "$EMBARGO_URL""#);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let (target, url) = ran.out.trim().split_once('\n').unwrap();
    assert!(target.starts_with("127.0.0.1:"), "{target}");
    assert_eq!(url, format!("http://{target}"));
    assert!(TcpStream::connect(target).is_err(), "it still listens");
}

#[test]
fn a_command_that_is_killed_ends_with_128_and_the_signal() {
    assert_eq!(run_with("kill -KILL $$").code, 137);
}

#[test]
fn signals_are_the_commands_to_answer() {
    let policies = policies();
    // What waits in a shell is interrupted by a trap; what sleeps must not keep the output open.
    let script = "trap 'kill $!; exit 9' TERM; sleep 60 >/dev/null 2>&1 & echo ready; wait";
    let mut child = with(&policies, script)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert_eq!(line, "ready\n");
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(child.wait().unwrap().code(), Some(9));
}

#[test]
fn without_valid_policies_the_command_is_not_run() {
    let broken = folder(&[("rule.rego", "package (")]);
    let ran = ran(with(&broken, "echo it ran").output().unwrap());
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("rule.rego:1:"), "{}", ran.err);
}

#[test]
fn a_command_that_does_not_exist_is_said_in_words() {
    let policies = policies();
    let mut command = embargo();
    command.args(["with", "--policies"]).arg(policies.path());
    let ran = ran(command
        .args(["--", "no-such-program-here"])
        .output()
        .unwrap());
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.contains("`no-such-program-here` cannot be started") && ran.err.contains("hint:"),
        "{}",
        ran.err
    );
}

#[test]
fn a_command_is_required() {
    assert_eq!(crate::support::run(&["with"]).code, 2);
}
