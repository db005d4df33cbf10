//! Whether a server is healthy, as a container's HEALTHCHECK asks: without arguments, by the
//! configuration that the server has, too.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rcgen::{CertifiedKey, generate_simple_self_signed};

use crate::process::Server;
use crate::support::{Ran, embargo, folder, ran, run};

/// A port that nothing listens on.
fn vacant() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// The command in a folder with a configuration.
fn within(root: &Path) -> Command {
    let mut command = embargo();
    command.current_dir(root).env_remove("EMBARGO_CONFIG");
    command
}

fn healthcheck(root: &Path) -> Ran {
    ran(within(root).arg("healthcheck").output().unwrap())
}

/// A process that ends with the value, whatever it says.
struct Running(std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Asks until the answer is as wanted.
fn becomes(root: &Path, code: i32, out: &str) -> Ran {
    let start = Instant::now();
    loop {
        let health = healthcheck(root);
        if health.code == code && health.out.starts_with(out) {
            return health;
        }
        let late = start.elapsed() > Duration::from_secs(60);
        assert!(!late, "{}: {}{}", health.code, health.out, health.err);
    }
}

#[test]
fn the_server_of_the_same_configuration_is_asked_without_arguments() {
    let configuration = format!("listen: 127.0.0.1:{}\n", vacant());
    let root = folder(&[("embargo.yaml", &configuration)]);
    let none = healthcheck(root.path());
    assert_eq!((none.code, none.out.as_str()), (1, ""));
    assert!(
        none.err.contains("hint: see whether the server runs"),
        "{}",
        none.err
    );
    let mut serve = within(root.path());
    serve.arg("serve");
    let server = Server::spawn(serve);
    let health = healthcheck(root.path());
    assert_eq!(
        (health.code, health.out.as_str()),
        (0, "serving\n"),
        "{}",
        health.err
    );
    // The environment and the command line count as they do for the server.
    let elsewhere = folder(&[]);
    let by_variable = within(elsewhere.path())
        .arg("healthcheck")
        .env("EMBARGO_LISTEN", server.address().to_string())
        .output();
    assert_eq!(ran(by_variable.unwrap()).code, 0);
    let set = format!("listen={}", server.address());
    let said = within(elsewhere.path())
        .args(["healthcheck", "--set", &set])
        .output();
    assert_eq!(ran(said.unwrap()).code, 0);
    drop(server);
    assert_eq!(healthcheck(root.path()).code, 1);
}

#[test]
fn the_management_listener_is_asked_where_there_is_one_and_says_why_a_server_does_not_serve() {
    let management = vacant();
    let configuration = format!(
        "listen: 127.0.0.1:0\nmanagement: {{listen: \"127.0.0.1:{management}\"}}\npolicies: {{folder: policies, poll_interval: 100ms}}\n"
    );
    let root = folder(&[
        ("embargo.yaml", &configuration),
        ("policies/rule.rego", "package ("),
    ]);
    let mut serve = within(root.path());
    serve.arg("serve").stderr(Stdio::null());
    let _server = Running(serve.spawn().unwrap());
    let health = becomes(root.path(), 1, "not serving: ");
    assert_eq!(health.err, "");
    let rule = "package restrictions.one\n\ndeny contains \"x\" if input.host.id == \"x\"\n";
    std::fs::write(root.path().join("policies/rule.rego"), rule).unwrap();
    becomes(root.path(), 0, "serving\n");
    let url = format!("http://127.0.0.1:{management}/readyz");
    assert_eq!(run(&["healthcheck", &url]).code, 0);
    assert_eq!(run(&["healthcheck", "--url", &url]).code, 0);
    // A path that says nothing of health is none.
    let url = format!("http://127.0.0.1:{management}/nowhere");
    assert_eq!(run(&["healthcheck", &url]).code, 1);
}

#[test]
fn a_server_that_speaks_tls_is_asked_at_its_management_listener_or_by_its_name() {
    let tls = "tls: {certificate: a.pem, key: a.key}\n";
    let root = folder(&[("embargo.yaml", tls)]);
    let health = healthcheck(root.path());
    assert_eq!((health.code, health.out.as_str()), (2, ""));
    assert!(
        health.err.contains("hint: set `management.listen`")
            && health.err.contains(":8181 --tls-ca FILE"),
        "{}",
        health.err
    );
    let broken = folder(&[("embargo.yaml", "lisen: 127.0.0.1:1\n")]);
    let health = healthcheck(broken.path());
    assert_eq!(health.code, 2);
    assert!(
        health.err.contains("did you mean `listen`?"),
        "{}",
        health.err
    );
    let path = run(&["healthcheck", "https://127.0.0.1:1/readyz"]);
    assert_eq!(path.code, 2);
    assert!(path.err.contains("plain HTTP alone"), "{}", path.err);
}

#[test]
fn a_server_that_speaks_tls_is_asked_by_its_name_and_trusted_by_its_authority() {
    let names = vec!["localhost".to_owned()];
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
    let port = vacant();
    let configuration =
        format!("listen: 127.0.0.1:{port}\ntls: {{certificate: a.pem, key: a.key}}\n");
    let root = folder(&[
        ("embargo.yaml", &configuration),
        ("a.pem", &cert.pem()),
        ("a.key", &signing_key.serialize_pem()),
    ]);
    let mut serve = within(root.path());
    serve.arg("serve");
    let _server = Server::spawn(serve);
    let authority = root.path().join("a.pem");
    let url = format!("https://localhost:{port}");
    let health = run(&["healthcheck", &url, "--tls-ca", authority.to_str().unwrap()]);
    assert_eq!(
        (health.code, health.out.as_str()),
        (0, "serving\n"),
        "{}",
        health.err
    );
    // What nobody vouches for is not believed.
    assert_eq!(run(&["healthcheck", &url]).code, 1);
    assert_eq!(
        run(&["healthcheck", &format!("http://localhost:{port}")]).code,
        1
    );
}

#[test]
fn a_server_that_never_answers_is_given_up_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    for url in [
        format!("http://{address}"),
        format!("http://{address}/readyz"),
    ] {
        let start = Instant::now();
        let health = run(&["healthcheck", &url, "--timeout", "300ms"]);
        assert_eq!(
            (health.code, health.out.as_str()),
            (1, ""),
            "{}",
            health.err
        );
        assert!(health.err.contains("hint:"), "{}", health.err);
        let taken = start.elapsed();
        assert!(taken < Duration::from_secs(10), "{taken:?}");
    }
}
