//! The table of ARCHITECTURE.md: who may use what, and where names of others may stand.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests may fail loudly")]

#[path = "architecture/promises.rs"]
mod promises;

#[path = "architecture/threats.rs"]
mod threats;

#[path = "architecture/bill.rs"]
mod bill;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .unwrap()
}

/// The packages of the workspace.
fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--locked"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata.get("packages").and_then(Value::as_array);
    packages.unwrap().clone()
}

fn text(value: Option<&Value>) -> String {
    value.and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The direct dependencies of each crate of the workspace, without those for tests.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    packages()
        .iter()
        .map(|package| {
            let direct = package
                .get("dependencies")
                .and_then(Value::as_array)
                .unwrap();
            let names = direct
                .iter()
                .filter(|dependency| dependency.get("kind").is_none_or(Value::is_null))
                .map(|dependency| text(dependency.get("name")))
                .collect();
            (text(package.get("name")), names)
        })
        .collect()
}

/// `cargo xtask test` names the test binaries that it runs, so as to run the slow one last.
#[test]
fn no_test_binary_is_left_out() {
    let steps = ["main", "clients"]
        .map(|file| std::fs::read_to_string(root().join(format!("xtask/src/{file}.rs"))).unwrap())
        .concat();
    let mut found = 0;
    for package in packages() {
        let targets = package.get("targets").and_then(Value::as_array).unwrap();
        for target in targets {
            let kinds = target.get("kind").and_then(Value::as_array).unwrap();
            if kinds.iter().any(|kind| kind == "test") {
                let name = text(target.get("name"));
                assert!(steps.contains(&format!("\"{name}\"")), "{name}");
                found += 1;
            }
        }
    }
    assert!(found >= 6, "{found}");
}

#[test]
fn each_crate_uses_only_what_the_table_allows() {
    let allowed: [(&str, &[&str]); 7] = [
        (
            "embargo-proto",
            &[
                "prost",
                "prost-types",
                "tonic",
                "tonic-prost",
                "tonic-types",
            ],
        ),
        (
            "embargo-core",
            &[
                "plist",
                "quick-xml",
                "regex",
                "regorus",
                "semver",
                "serde",
                "serde_json",
                "yaml_serde",
                "sha2",
                "strsim",
                "thiserror",
                "time",
                "unicode-normalization",
                "xxhash-rust",
            ],
        ),
        (
            "embargo-service",
            &[
                "axum",
                "base64",
                "crc32fast",
                "embargo-core",
                "embargo-proto",
                "flate2",
                "http-body",
                "hyper",
                "hyper-util",
                "include_dir",
                "jsonwebtoken",
                "notify",
                "opentelemetry",
                "opentelemetry-otlp",
                "opentelemetry-proto",
                "opentelemetry_sdk",
                "prometheus-client",
                "prost",
                "prost-reflect",
                "prost-types",
                "reqwest",
                "ring",
                "rlimit",
                "schemars",
                "rustls",
                "rustls-pki-types",
                "serde",
                "serde_json",
                "serde_path_to_error",
                "tar",
                "tempfile",
                "thiserror",
                "tokio",
                "tokio-rustls",
                "tokio-stream",
                "tonic",
                "tonic-health",
                "tonic-reflection",
                "tonic-types",
                "tracing",
                "yaml_serde",
                "x509-parser",
            ],
        ),
        (
            "embargo-cli",
            &[
                "clap",
                "clap_complete",
                "clap_mangen",
                "embargo-client",
                "embargo-core",
                "embargo-service",
                "indicatif",
                "mimalloc",
                "regex",
                "rustix",
                "serde_json",
                "stats_alloc",
                "terminal_size",
                "thiserror",
                "tokio",
                "tracing",
                "tracing-appender",
                "tracing-subscriber",
            ],
        ),
        (
            "embargo-client",
            &[
                "embargo-proto",
                "prost",
                "prost-types",
                "sha2",
                "thiserror",
                "tokio",
                "tokio-stream",
                "tonic",
                "tonic-health",
                "tonic-types",
            ],
        ),
        (
            "embargo-fuzzing",
            &[
                "embargo-core",
                "embargo-proto",
                "embargo-service",
                "prost",
                "serde",
                "serde_json",
            ],
        ),
        ("xtask", &["serde_json"]),
    ];
    let found = dependencies();
    let names: Vec<&str> = allowed.iter().map(|(name, _)| *name).collect();
    assert!(
        found.keys().all(|name| names.contains(&name.as_str())),
        "{:?}",
        found.keys()
    );
    for (name, allowed) in allowed {
        let used = found
            .get(name)
            .unwrap_or_else(|| panic!("{name} is not in the workspace"));
        let foreign: Vec<&String> = used
            .iter()
            .filter(|used| !allowed.contains(&used.as_str()))
            .collect();
        assert!(foreign.is_empty(), "{name} may not use {foreign:?}");
    }
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// Files below a folder that name a word in code, not in comments.
fn naming(folder: &str, word: &str) -> Vec<String> {
    let mut files = Vec::new();
    sources(&root().join(folder), &mut files);
    let names = |text: &str| {
        text.lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .any(|line| line.contains(word))
    };
    files
        .into_iter()
        .filter(|path| names(&std::fs::read_to_string(path).unwrap()))
        .map(|path| path.strip_prefix(root()).unwrap().display().to_string())
        .collect()
}

#[test]
fn the_evaluator_is_named_in_one_module() {
    let elsewhere: Vec<String> = [
        "engine/core/src",
        "engine/service/src",
        "engine/cli/src",
        "engine/fuzzing/src",
        "clients/rust/src",
    ]
    .into_iter()
    .flat_map(|folder| naming(folder, "regorus"))
    .filter(|path| !path.starts_with("engine/core/src/rego"))
    .collect();
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
}

/// Texts of requests are no queries: what answers any query is for the command line.
#[test]
fn the_service_asks_no_queries() {
    for word in ["embargo_core::query", "query::ask"] {
        let elsewhere = naming("engine/service/src", word);
        assert!(elsewhere.is_empty(), "{word}: {elsewhere:?}");
    }
    assert!(!naming("engine/cli/src", "query::ask").is_empty());
}

#[test]
fn proto_types_stay_in_the_transport() {
    let elsewhere: Vec<String> = naming("engine/service/src", "embargo_proto")
        .into_iter()
        .filter(|path| {
            !path.starts_with("engine/service/src/transport")
                && path != "engine/service/src/server.rs"
        })
        .collect();
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
}
