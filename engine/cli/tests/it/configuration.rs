//! The configuration of a server: its layers, its check, and what is taken up while it runs.

use std::io::BufRead as _;
use std::process::Command;

use serde_json::Value;

use crate::process::Server;
use crate::support::{Ran, embargo, folder, ran, run};

fn check(text: &str, change: impl FnOnce(&mut Command)) -> Ran {
    let root = folder(&[("embargo.yaml", text)]);
    let mut command = embargo();
    command.current_dir(root.path()).args(["config", "check"]);
    change(&mut command);
    ran(command.output().unwrap())
}

#[test]
fn a_configuration_is_printed_with_who_says_so_and_can_be_used_as_a_file() {
    let text = "listen: 127.0.0.1:${PORT:9000}\nevaluation:\n  workers: 3\nlog: {level: warn}\n";
    let printed = check(text, |command| {
        command
            .env("EMBARGO_EVALUATION_WORKERS", "5")
            .args(["--set", "log.level=debug"]);
    });
    assert_eq!((printed.code, printed.err.as_str()), (0, ""));
    for (setting, origin) in [
        ("listen: \"127.0.0.1:9000\"", "# embargo.yaml:1"),
        ("  workers: 5", "# EMBARGO_EVALUATION_WORKERS"),
        ("  level: debug", "# --set log.level"),
        ("  poll_interval: 2s", "# default"),
    ] {
        let line = printed.out.lines().find(|line| line.starts_with(setting));
        let line = line.unwrap_or_else(|| panic!("{setting}: {}", printed.out));
        assert!(line.ends_with(origin), "{line}");
    }
    let again = check(&printed.out, |command| {
        command.args(["--format", "json", "--changed"]);
    });
    assert_eq!((again.code, again.err.as_str()), (0, ""));
    let again: Value = serde_json::from_str(&again.out).unwrap();
    let changed: Vec<&String> = again["settings"].as_object().unwrap().keys().collect();
    assert_eq!(changed, ["evaluation.workers", "listen", "log.level"]);
}

#[test]
fn a_configuration_that_does_not_hold_is_refused_by_the_check_and_by_the_server() {
    for (text, said) in [
        (
            "evaluation: {workrs: 2}",
            "there is no setting `evaluation.workrs`\n  at embargo.yaml:1\n  hint: did you mean `workers`?",
        ),
        (
            "policies:\n  poll_interval: 1ms",
            "`policies.poll_interval` is 1ms, and must be 50ms to 3600s\n  at embargo.yaml:2",
        ),
        ("listen: ${NOWHERE}", "the variable NOWHERE is not set"),
    ] {
        let checked = check(text, |_| {});
        assert_eq!(checked.code, 1, "{text}");
        assert!(checked.err.contains(said), "{}", checked.err);
        let root = folder(&[("embargo.yaml", text)]);
        let mut command = embargo();
        let served = ran(command
            .current_dir(root.path())
            .arg("serve")
            .output()
            .unwrap());
        assert_eq!(served.code, 2, "{text}");
        assert!(served.err.contains(said), "{}", served.err);
    }
    let missing = run(&["serve", "--config", "/nowhere/embargo.yaml"]);
    assert_eq!(missing.code, 2);
    let said = "the configuration `/nowhere/embargo.yaml` cannot be read";
    assert!(missing.err.contains(said), "{}", missing.err);
}

/// The next line of the log that holds a text.
fn heard(server: &mut Server, text: &str) -> String {
    let mut line = String::new();
    loop {
        line.clear();
        assert!(server.log.read_line(&mut line).unwrap() > 0, "no {text}");
        if line.contains(text) {
            return line;
        }
    }
}

#[test]
fn a_running_server_takes_up_what_it_can_and_says_what_needs_a_restart() {
    let root = folder(&[("embargo.yaml", "log: {level: info, format: json}\n")]);
    let path = root.path().join("embargo.yaml");
    let mut server = Server::start_with(&["--config", path.to_str().unwrap()]);
    let write = |text: &str| {
        let new = root.path().join("new");
        std::fs::write(&new, text).unwrap();
        std::fs::rename(new, &path).unwrap();
    };
    write("log: {level: nonsense=x=y, format: json}\n");
    let line = heard(&mut server, "the configuration is refused");
    assert!(line.contains("is not a log level"), "{line}");
    write("evaluation: {workers: 0}\n");
    let line = heard(&mut server, "the configuration is refused");
    assert!(line.contains("embargo.yaml:1"), "{line}");
    write("evaluation:\n  workers: 7\nlog: {level: debug, format: json}\n");
    let taken: Value = serde_json::from_str(&heard(&mut server, "a setting was taken up")).unwrap();
    assert_eq!(taken["fields"]["setting"], "log.level");
    let waits = heard(&mut server, "restart the server for it");
    let waits: Value = serde_json::from_str(&waits).unwrap();
    assert_eq!(waits["fields"]["setting"], "evaluation.workers");
    assert_eq!(waits["level"], "WARN");
    // What is said at that level alone shows that it holds.
    let decided = run(&["decide", "--example", "--server", &server.url]);
    assert_ne!(decided.code, 2, "{}", decided.err);
    heard(&mut server, "\"level\":\"DEBUG\"");
}

#[test]
fn a_server_reads_its_configuration_again_when_it_is_told_to() {
    let root = folder(&[("embargo.yaml", "drain_limit: 3s\n")]);
    let path = root.path().join("embargo.yaml");
    let mut server = Server::start_with(&["--config", path.to_str().unwrap()]);
    let id = server.process.id().to_string();
    let told = Command::new("kill").args(["-HUP", &id]).status().unwrap();
    assert!(told.success());
    heard(&mut server, "read again and says the same");
}

#[test]
fn a_server_may_end_at_once_where_no_policies_can_judge() {
    let text = "policies: {folder: policies, exit_on_invalid: true}\nlisten: 127.0.0.1:0\n";
    let root = folder(&[("embargo.yaml", text), ("policies/rule.rego", "package (")]);
    let mut command = embargo();
    let served = ran(command
        .current_dir(root.path())
        .arg("serve")
        .output()
        .unwrap());
    assert_eq!(served.code, 1, "{}", served.err);
    assert!(
        served.err.contains("the policies in policies are invalid"),
        "{}",
        served.err
    );
}
