//! What the program is packed into: that an image, a unit and manifests call it as it can be called, and
//! that what they name is there.

use std::collections::BTreeMap;

use crate::support::{root, run};

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|cause| panic!("{path}: {cause}"))
}

/// Holds that the program knows the arguments and takes their values; the help ends it before anything
/// is done.
fn taken(place: &str, arguments: &[String]) {
    let mut words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    words.push("--help");
    let ran = run(&words);
    assert_eq!(ran.code, 0, "{place}: {arguments:?}\n{}", ran.err);
}

#[test]
fn arguments_that_are_not_known_would_show() {
    for wrong in [
        &["serve", "--listens=x"][..],
        &["healthcheck", "--timeout=soon"],
    ] {
        let words = [wrong, &["--help"]].concat();
        assert_eq!(run(&words).code, 2, "{wrong:?}");
    }
}

/// The instructions of the Dockerfile, each in one line.
fn instructions() -> Vec<(String, String)> {
    let text = read("Dockerfile");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let joined = lines.collect::<Vec<_>>().join("\n").replace("\\\n", " ");
    let lines = joined.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| {
            let (word, rest) = line.split_once(' ').unwrap();
            (word.to_owned(), rest.trim().to_owned())
        })
        .collect()
}

/// The words of an instruction in the form of a list.
fn words(list: &str) -> Vec<String> {
    serde_json::from_str(list).unwrap_or_else(|cause| panic!("{list}: {cause}"))
}

#[test]
fn the_image_calls_the_program_as_it_can_be_called() {
    let instructions = instructions();
    let last = |wanted: &str| -> String {
        let of = |(word, _): &&(String, String)| word == wanted;
        instructions.iter().rev().find(of).unwrap().1.clone()
    };
    let entry = words(&last("ENTRYPOINT"));
    assert_eq!(entry, ["/usr/bin/embargo"]);
    taken("CMD", &words(&last("CMD")));
    let check = last("HEALTHCHECK");
    let (times, check) = check.split_once("CMD ").unwrap();
    let check = words(check);
    // There is no shell in the image: the check is the program itself.
    assert_eq!(check.first(), entry.first());
    taken("HEALTHCHECK", &check[1..]);
    assert!(times.contains("--timeout=5s"), "{times}");

    let user = last("USER");
    let numbers: Vec<u32> = user.split(':').map(|part| part.parse().unwrap()).collect();
    assert!(numbers.len() == 2 && numbers.iter().all(|number| *number > 0));
    let config = read("deploy/container/embargo.yaml");
    for port in last("EXPOSE").split_whitespace() {
        assert!(config.contains(&format!("0.0.0.0:{port}")), "{port}");
    }
    let variable = last("ENV");
    let path = variable.strip_prefix("EMBARGO_CONFIG=").unwrap();
    assert_eq!(path, "/etc/embargo/embargo.yaml");
}

#[test]
fn what_the_image_is_made_of_is_there_and_its_last_stage_runs_nothing() {
    let instructions = instructions();
    let stages: Vec<usize> = (0..instructions.len())
        .filter(|at| instructions[*at].0 == "FROM")
        .collect();
    let last = &instructions[*stages.last().unwrap()..];
    assert_eq!(last[0].1, "scratch");
    assert!(last.iter().all(|(word, _)| word != "RUN" && word != "ADD"));
    for (word, rest) in &instructions {
        if word == "COPY" && !rest.starts_with("--from=") {
            let source = rest.split_whitespace().next().unwrap();
            assert!(root().join(source).exists(), "{source}");
        }
        if word == "RUN" {
            let paths = rest.split(|c: char| c.is_whitespace() || "()\"".contains(c));
            for path in paths.filter(|word| word.starts_with("deploy/")) {
                assert!(root().join(path).is_file(), "{path}");
            }
        }
        // A base image is named by its version.
        assert!(word != "FROM" || !rest.contains(":latest"), "{rest}");
    }
    // What is left out of the build is nothing that it needs.
    let ignored = read(".dockerignore");
    for needed in ["policies", "Cargo.lock", "engine", "proto", "deploy"] {
        assert!(ignored.lines().all(|line| line != needed), "{needed}");
    }
    let version = |text: &str, start: &str| -> (u32, u32) {
        let line = text
            .lines()
            .find_map(|line| line.trim().strip_prefix(start));
        let mut parts = line.unwrap().trim_matches('"').split('.');
        let mut next = || parts.next().unwrap().parse().unwrap();
        (next(), next())
    };
    let least = version(&read("Cargo.toml"), "rust-version = ");
    assert!(version(&read("Dockerfile"), "ARG RUST_VERSION=") >= least);
    let packed = format!("ARG VERSION={}\n", env!("CARGO_PKG_VERSION"));
    assert!(read("Dockerfile").contains(&packed));
}

#[test]
fn the_unit_calls_the_program_as_it_can_be_called_and_keeps_it_in() {
    let unit = read("deploy/systemd/embargo.service");
    let lines = unit.lines().filter(|line| !line.starts_with('#'));
    let pairs: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once('=')).collect();
    let mut calls = 0;
    for (key, value) in &pairs {
        if ["ExecStart", "ExecReload"].contains(key) && value.starts_with("/usr/bin/embargo ") {
            let arguments: Vec<String> = value.split(' ').skip(1).map(str::to_owned).collect();
            taken(key, &arguments);
            calls += 1;
        }
    }
    assert_eq!(calls, 2);
    let settings: BTreeMap<&str, &str> = pairs.into_iter().collect();
    for (key, wanted) in [
        ("Type", "exec"),
        ("DynamicUser", "yes"),
        ("StateDirectory", "embargo"),
        ("NoNewPrivileges", "yes"),
        ("CapabilityBoundingSet", ""),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("PrivateTmp", "yes"),
        ("PrivateDevices", "yes"),
        ("MemoryDenyWriteExecute", "yes"),
        ("RestrictNamespaces", "yes"),
        ("SystemCallArchitectures", "native"),
        ("NoExecPaths", "/"),
        ("Restart", "on-failure"),
        ("StartLimitIntervalSec", "0"),
    ] {
        assert_eq!(settings.get(key), Some(&wanted), "{key}");
    }
    // A server that ends by itself must not count as one that was told to.
    assert!(!unit.contains("RestartPreventExitStatus"));
    for credential in read("deploy/systemd/credentials.conf").lines() {
        let Some(credential) = credential.strip_prefix("LoadCredential=") else {
            continue;
        };
        let (name, path) = credential.split_once(':').unwrap();
        assert!(path.starts_with("/etc/embargo/"), "{path}");
        let named = format!("/run/credentials/embargo.service/{name}");
        assert!(read("deploy/systemd/credentials.conf").contains(&named));
    }
}

#[test]
fn the_configurations_that_are_packed_are_taken() {
    for file in ["systemd", "container"] {
        let path = root().join(format!("deploy/{file}/embargo.yaml"));
        let mut words = vec!["config", "check", "--config", path.to_str().unwrap()];
        if file == "container" {
            // As the image says, it does not serve beyond the container without this.
            words.extend(["--set", "insecure=true"]);
        }
        let ran = run(&words);
        assert_eq!(ran.code, 0, "{file}: {}", ran.err);
    }
}

#[test]
fn manifests_and_chart_call_the_program_as_it_can_be_called() {
    let deployment = read("deploy/kubernetes/base/deployment.yaml");
    let arguments: Vec<String> = deployment
        .lines()
        .map(str::trim)
        .skip_while(|line| *line != "args:")
        .skip(1)
        .filter(|line| !line.starts_with('#'))
        .map_while(|line| line.strip_prefix("- ").map(str::to_owned))
        .collect();
    assert!(arguments.len() > 3, "{arguments:?}");
    taken("deployment.yaml", &arguments);
    // What is set takes its values, too, and is enough beyond the pod.
    let settings = arguments.iter().filter(|word| word.starts_with("--set="));
    let mut words = vec!["config", "check", "--set=listen=0.0.0.0:8181"];
    words.extend(settings.map(String::as_str));
    assert!(words.len() > 5, "{words:?}");
    let checked = run(&words);
    assert_eq!(checked.code, 0, "{}", checked.err);
    let pod = read("deploy/helm/embargo/templates/_pod.tpl");
    let (_, arguments) = pod.split_once("args: [").unwrap();
    let (arguments, _) = arguments.split_once(']').unwrap();
    let arguments: Vec<String> = arguments.split(", ").map(str::to_owned).collect();
    taken("_pod.tpl", &arguments);
}
