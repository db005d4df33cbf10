//! `embargo bundle`, and commands that take a bundle for a set of policies.

use std::fs;
use std::path::Path;

use crate::support::{folder, root, run};

const RULE: &str =
    "package restrictions.one\n\nwarn contains {\"message\": \"seen\"} if input.host.id\n";
const TEST: &str = "package restrictions.one_test\n\nimport data.restrictions.one\n\ntest_seen if count(one.warn) == 1 with input as data.testdata.host\n";

/// A small set with its test, a fixture, and what is no part of it.
fn set() -> tempfile::TempDir {
    folder(&[
        ("p/rules/one.rego", RULE),
        ("p/rules/one_test.rego", TEST),
        ("p/testdata/host.json", "{\"host\": {\"id\": \"h\"}}"),
        ("p/README.md", "no policy"),
        ("p/.git/config", "no policy"),
        ("facts.yaml", "host_id: h\n"),
    ])
}

fn path(root: &Path, name: &str) -> String {
    root.join(name).to_str().unwrap().to_owned()
}

/// Runs and gives what was printed, if the command ended with this code.
fn printed(code: i32, arguments: &[&str]) -> String {
    let ran = run(arguments);
    assert_eq!(ran.code, code, "{arguments:?}: {}{}", ran.out, ran.err);
    ran.out + &ran.err
}

#[test]
fn a_bundle_is_built_signed_verified_and_looked_at() {
    let set = set();
    let at = |name: &str| path(set.path(), name);
    let [policies, bundle, key] = ["p", "b.tar.gz", "k.pem"].map(at);
    printed(0, &["bundle", "key", &key]);
    // A key is not written over.
    assert!(printed(2, &["bundle", "key", &key]).contains("not there yet"));
    let build = [
        "bundle",
        "build",
        &policies,
        "-o",
        &bundle,
        "--revision",
        "7",
    ];
    let built = printed(0, &build);
    assert!(built.contains("1 policies"), "{built}");
    let bytes = fs::read(&bundle).unwrap();
    printed(0, &build);
    assert_eq!(fs::read(&bundle).unwrap(), bytes, "the same content");

    let public = at("k.pub.pem");
    let unsigned = printed(1, &["bundle", "verify", &bundle, "--key", &public]);
    assert!(unsigned.contains("[signature-missing]"), "{unsigned}");
    assert!(unsigned.contains("docs/codes/signature.md#"), "{unsigned}");
    let issued = "2024-06-01T12:00:00Z";
    let sign = [
        "bundle",
        "sign",
        &bundle,
        "--key",
        &key,
        "--key-id",
        "k1",
        "--scope",
        "prod",
        "--expires",
        "30d",
        "--issued-at",
        issued,
    ];
    printed(0, &sign);
    let verify = |more: &[&str]| {
        let mut arguments = vec!["bundle", "verify", &bundle, "--key", &public];
        arguments.extend(more);
        let ran = run(&arguments);
        (ran.code, ran.out)
    };
    let (code, said) = verify(&["--scope", "prod", "--key-id", "k1", "--at", issued]);
    assert_eq!(code, 0, "{said}");
    for part in ["revision 7", "key `k1`", "until 2024-07-01T12:00:00Z"] {
        assert!(said.contains(part), "{said}");
    }
    for (more, wanted) in [
        (&["--at", issued][..], "[signature-scope]"),
        (
            &["--scope", "prod", "--at", issued, "--key-id", "k2"],
            "[signature-key-id]",
        ),
        (
            &["--scope", "prod", "--at", "2024-07-01T12:00:00Z"],
            "[signature-expired]",
        ),
    ] {
        let (code, said) = verify(more);
        assert_eq!(code, 1, "{said}");
        assert!(said.contains(wanted), "{said}");
    }

    let shown = printed(0, &["bundle", "inspect", &bundle]);
    for part in [
        "revision 7",
        "EdDSA, key k1, scope prod",
        "not verified here",
        "rules/one.rego",
        "testdata/host.json",
    ] {
        assert!(shown.contains(part), "{shown}");
    }
    assert!(
        !shown.contains("README") && !shown.contains(".git"),
        "{shown}"
    );
    let json = printed(0, &["bundle", "inspect", &bundle, "-f", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["revision"], "7");
    assert_eq!(json["signature"]["key_id"], "k1");
    let checked = printed(0, &["check", &policies]);
    assert!(
        checked.contains(json["snapshot_id"].as_str().unwrap()),
        "{checked}"
    );
}

#[test]
fn a_bundle_is_a_set_of_policies_for_every_command() {
    let set = set();
    let at = |name: &str| path(set.path(), name);
    let [policies, bundle, facts] = ["p", "b.tar.gz", "facts.yaml"].map(at);
    printed(0, &["bundle", "build", &policies, "-o", &bundle]);
    assert!(printed(0, &["decide", "-d", &bundle, &facts]).contains("seen"));
    assert!(printed(0, &["check", &bundle]).contains("valid"));
    assert!(printed(0, &["test", &bundle]).contains("1 passed, 0 failed"));
    assert!(printed(0, &["test", "-d", &bundle]).contains("1 passed, 0 failed"));
    assert!(printed(0, &["inspect", "-d", &bundle]).contains("1 policies"));
    let same = printed(0, &["diff", &policies, &bundle, &facts]);
    assert!(same.contains("0 of 1 decision"), "{same}");
    let missing = printed(2, &["decide", "-d", &at("none.tar.gz"), &facts]);
    assert!(missing.contains("source-no-file"), "{missing}");
    let swapped = printed(2, &["diff", &policies, &facts, &facts]);
    assert!(swapped.contains("a folder or a bundle"), "{swapped}");
    fs::write(at("b.tar.gz"), "<html>").unwrap();
    let broken = printed(1, &["check", &bundle]);
    assert!(broken.contains("archive-gzip"), "{broken}");
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let set = set();
    let at = |name: &str| path(set.path(), name);
    let [policies, bundle, rule] = ["p", "b.tar.gz", "p/rules/one.rego"].map(at);
    let no_key = printed(
        2,
        &[
            "bundle",
            "build",
            &policies,
            "-o",
            &bundle,
            "--sign-key",
            &rule,
        ],
    );
    assert!(no_key.contains("no private key"), "{no_key}");
    assert!(!set.path().join("b.tar.gz").exists());
    fs::write(&rule, "package (").unwrap();
    let broken = printed(1, &["bundle", "build", &policies, "-o", &bundle]);
    assert!(broken.contains("rego-parse-error"), "{broken}");
    assert!(!set.path().join("b.tar.gz").exists());
    let unpinned = printed(2, &["serve", "--bundle", "https://localhost/p.tar.gz"]);
    assert!(unpinned.contains("bundle.signature.key_file"), "{unpinned}");
    let both = printed(2, &["serve", "--bundle", &bundle, "-d", &policies]);
    assert!(both.contains("policies.folder"), "{both}");
}

#[test]
fn the_shipped_set_fits_into_a_bundle() {
    let out = tempfile::tempdir().unwrap();
    let bundle = path(out.path(), "shipped.tar.gz");
    let shipped = path(&root(), "policies");
    let built = printed(0, &["bundle", "build", &shipped, "-o", &bundle]);
    let shown = printed(0, &["bundle", "inspect", &bundle, "-f", "json"]);
    let json: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert!(
        built.contains(json["snapshot_id"].as_str().unwrap()),
        "{built}"
    );
}
