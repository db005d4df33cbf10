//! A server as a process: it answers as deciding here does, and drains when told to.

use crate::process::Server;
use crate::support::{embargo, folder, run};

#[test]
fn a_server_answers_as_deciding_here_does_and_drains_when_told() {
    let mut server = Server::start_with(&[]);
    let at = ["--at", "2024-08-01T12:00:00Z", "--format", "json"];
    let mut here = vec!["decide", "--example"];
    here.extend(at);
    let mut there = here.clone();
    there.extend(["--server", &server.url]);
    let (here, there) = (run(&here), run(&there));
    assert_eq!(there.err, "");
    assert_eq!((here.code, here.out), (there.code, there.out));

    let line = [
        "timeline",
        "--example",
        "--from",
        "2017-01-01T00:00:00Z",
        "--until",
        "2025-01-01T00:00:00Z",
    ];
    let mut remote = line.to_vec();
    remote.extend(["--server", &server.url]);
    assert_eq!(run(&line).out, run(&remote).out);

    let health = run(&["healthcheck", &format!("http://{}", server.address())]);
    assert_eq!((health.code, health.out.as_str()), (0, "serving\n"));

    server.terminate();
    let status = server.process.wait().unwrap();
    assert!(status.success(), "{status}");
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut server.log, &mut rest).unwrap();
    assert!(
        rest.contains("draining") && rest.contains("stopped"),
        "{rest}"
    );
}

#[test]
fn a_port_that_is_taken_is_said_in_words() {
    let server = Server::start_with(&[]);
    let address = server.address().to_string();
    let ran = run(&["serve", "--listen", &address]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.contains(&format!("cannot listen on `{address}`")) && ran.err.contains("hint:"),
        "{}",
        ran.err
    );
}

#[test]
fn a_server_that_is_killed_comes_back_with_its_last_good_policies() {
    let rule = |version: &str| {
        format!("package restrictions.one\n\ndeny contains \"{version}\" if input.host.id\n")
    };
    let root = folder(&[("policies/rule.rego", &rule("v1"))]);
    let (policies, state) = (root.path().join("policies"), root.path().join("state"));
    let arguments = [
        "--policies",
        policies.to_str().unwrap(),
        "--state",
        state.to_str().unwrap(),
    ];
    let ask = |server: &Server| {
        let ran = run(&["decide", "--example", "-f", "json", "--server", &server.url]);
        assert_eq!(ran.code, 1, "{}", ran.err);
        serde_json::from_str::<serde_json::Value>(&ran.out).unwrap()["snapshot_id"].clone()
    };
    let mut first = Server::start_with(&arguments);
    let good = ask(&first);
    first.process.kill().unwrap();
    first.process.wait().unwrap();

    std::fs::write(policies.join("rule.rego"), "package (").unwrap();
    let start = std::time::Instant::now();
    let second = Server::start_with(&arguments);
    assert!(start.elapsed().as_secs() < 10);
    assert_eq!(ask(&second), good);
    // Without a place to keep it there is nothing to judge by.
    let lost = embargo()
        .args(["serve", "--listen", "127.0.0.1:0", "--exit-on-invalid"])
        .args(&arguments[..2])
        .output()
        .unwrap();
    assert_eq!(lost.status.code(), Some(1));
}

#[test]
fn a_log_that_nobody_reads_holds_nothing_up() {
    // Each call has some hundred lines; a pipe has room for a few hundred.
    let server = Server::start_with(&["--log-level", "trace"]);
    for _ in 0..20 {
        let ran = run(&["decide", "--example", "-f", "json", "--server", &server.url]);
        assert_eq!(ran.code, 1, "{}", ran.err);
    }
    server.terminate();
    let mut server = server;
    let begun = std::time::Instant::now();
    assert!(server.process.wait().unwrap().success());
    assert!(begun.elapsed() < std::time::Duration::from_secs(20));
}
