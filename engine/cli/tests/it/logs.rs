//! `embargo log` and `embargo replay`, over logs that servers have written.

mod replayed;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::process::Server;
use crate::support::{Ran, embargo, folder, run};

const CATALOGUE: &str = "vendor: {id: acme, name: Acme, publishers: [{value: Acme Labs, mark: V2}]}
products:
  - {id: acme.editor, name: Editor, class: editor, display_names: [{value: Acme Editor, mark: V2}]}
";

fn rule(set: &str, more: &str) -> String {
    format!(
        "# METADATA\n# title: Editors\n# description: On editors.\npackage restrictions.editors\n\n{set} contains {{\"identified\": i, \"message\": \"look\"}} if {{\n\tsome i, found in input.identified\n\tfound.product == \"acme.editor\"\n{more}}}\n"
    )
}

/// Policies that warn of the editor (`old`), that deny it (`new`), and that read what masks take
/// away (`group`, `attribute`); 30 hosts, of which every third has the editor; a key.
fn files() -> tempfile::TempDir {
    let mut hosts = String::new();
    for number in 0..30 {
        let software = if number % 3 == 0 {
            "Acme Editor"
        } else {
            "Other"
        };
        hosts.push_str(&format!(
            "{{\"host_id\":\"host-{number}\",\"groups\":[\"lab\"],\"attributes\":{{\"room\":\"r{number}\"}},\"software\":[{{\"name\":\"{software}\",\"publisher\":\"Acme Labs\",\"path\":\"/Users/someone/{number}.app\"}}]}}\n"
        ));
    }
    let sets = [
        ("old", rule("warn", "")),
        ("new", rule("deny", "")),
        ("group", rule("deny", "\t\"lab\" in input.host.groups\n")),
        (
            "attribute",
            rule("deny", "\tinput.host.attributes.room == \"r3\"\n"),
        ),
    ];
    let mut files = vec![
        ("hosts.ndjson".to_owned(), hosts),
        (
            "key".to_owned(),
            "0123456789abcdef0123456789abcdef\n".to_owned(),
        ),
    ];
    for (name, rule) in sets {
        files.push((format!("{name}/catalogue/acme.yaml"), CATALOGUE.to_owned()));
        files.push((format!("{name}/rules/editors.rego"), rule));
    }
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    folder(&files)
}

/// Lets a server with these settings of its log judge all hosts by the old policies.
fn serve(folder: &Path, settings: &[String]) {
    let mut command = embargo();
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--policies"])
        .arg(folder.join("old"));
    let key = format!(
        "decision_log.hmac_key_file={}",
        folder.join("key").display()
    );
    for setting in settings.iter().chain([&key]) {
        command.args(["--set", setting]);
    }
    let mut server = Server::spawn(command);
    let url = server.url.clone();
    let hosts = folder.join("hosts.ndjson");
    let ran = run(&[
        "decide",
        hosts.to_str().unwrap(),
        "--server",
        &url,
        "-f",
        "json",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    server.terminate();
    let begun = Instant::now();
    while server.process.try_wait().unwrap().is_none() {
        assert!(begun.elapsed() < Duration::from_secs(30), "it does not end");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The log of a strict server: a spool.
fn spool(folder: &Path) -> PathBuf {
    let spool = folder.join("spool");
    serve(
        folder,
        &[
            "decision_log.mode=strict".to_owned(),
            format!("decision_log.spool.folder={}", spool.display()),
        ],
    );
    spool
}

/// The log of a lossy server: a file of events as OPA has them.
fn opa(folder: &Path) -> PathBuf {
    let file = folder.join("decisions.jsonl");
    serve(
        folder,
        &[
            "decision_log.mode=lossy".to_owned(),
            format!("decision_log.file.path={}", file.display()),
            "decision_log.file.format=opa".to_owned(),
        ],
    );
    file
}

fn log(arguments: &[&str], path: &Path) -> Ran {
    let all = [&["log"], arguments, &[path.to_str().unwrap()]].concat();
    run(&all)
}

#[test]
fn entries_are_printed_as_they_stand_or_for_people_and_found_by_what_they_say() {
    let files = files();
    for path in [spool(files.path()), opa(files.path())] {
        let all = log(&["cat", "-f", "jsonl"], &path);
        assert_eq!((all.code, all.out.lines().count()), (0, 30), "{}", all.err);
        for line in all.out.lines() {
            serde_json::from_str::<Value>(line).unwrap();
            assert!(
                !line.contains("host-") && !line.contains("someone"),
                "{line}"
            );
        }
        for (arguments, wanted) in [
            (&["--effect", "warn"][..], 10),
            (&["--effect", "deny"], 0),
            (&["--effect", "deny", "--effect", "allow"], 20),
            (&["--since", "2001-01-01T00:00:00Z"], 30),
            (&["--until", "2001-01-01T00:00:00Z"], 0),
            (&["--door", "grpc"], 30),
            (&["--door", "http"], 0),
            (&["--principal", "nobody"], 0),
            (&["--host", "host-3"], 0),
        ] {
            let found = log(&[&["cat", "-f", "jsonl"], arguments].concat(), &path);
            assert_eq!(found.code, 0);
            assert_eq!(found.out.lines().count(), wanted, "{arguments:?}");
        }
        // A host is found by its own id with the key, and by what the log calls it.
        let key = files.path().join("key");
        let key = key.to_str().unwrap();
        let by_key = ["cat", "--host", "host-3", "--hmac-key-file", key];
        let page = log(&by_key, &path);
        let lines: Vec<&str> = page.out.lines().collect();
        assert_eq!(lines.len(), 2, "{}", page.out);
        assert!(
            lines[0].contains("  WARN           presence  hmac:"),
            "{}",
            lines[0]
        );
        assert_eq!(lines[1], "    warn    restrictions.editors  acme.editor");
        let host = lines[0]
            .split_whitespace()
            .find(|word| word.starts_with("hmac:"));
        let by_name = log(&["cat", "--host", host.unwrap()], &path);
        assert_eq!(by_name.out, page.out);
    }
}

#[test]
fn a_log_that_is_whole_is_found_whole_and_a_fault_in_its_place() {
    let files = files();
    let spool = spool(files.path());
    let whole = log(&["verify"], &spool);
    assert_eq!(
        (whole.code, whole.out.as_str()),
        (0, "30 entries (1 to 30): whole\n")
    );

    let segment = spool.join("00000000000000000001.spool");
    let bytes = fs::read(&segment).unwrap();
    let mut damaged = bytes.clone();
    damaged[bytes.len() / 2] ^= 1;
    fs::write(&segment, &damaged).unwrap();
    let faulty = log(&["verify"], &spool);
    assert_eq!(faulty.code, 1);
    let lines: Vec<&str> = faulty.out.lines().collect();
    assert_eq!(lines.len(), 3, "{}", faulty.out);
    assert!(
        lines[0].contains("00000000000000000001.spool, byte "),
        "{}",
        lines[0]
    );
    assert!(
        lines[0].ends_with(" bytes are not what was written"),
        "{}",
        lines[0]
    );
    assert!(lines[1].ends_with(" is missing"), "{}", lines[1]);
    assert_eq!(lines[2], "29 entries (1 to 30): 2 faults");
    // What is printed of it is said not to be all.
    let printed = log(&["cat", "-f", "jsonl"], &spool);
    assert_eq!((printed.code, printed.out.lines().count()), (2, 29));
    assert!(printed.err.contains("is missing"), "{}", printed.err);

    fs::write(&segment, &bytes[..bytes.len() - 9]).unwrap();
    let torn = log(&["verify"], &spool);
    assert_eq!(torn.code, 0, "{}", torn.out);
    assert_eq!(torn.out, "29 entries (1 to 29): whole, an unfinished end\n");

    let absent = log(&["verify"], &files.path().join("absent"));
    assert_eq!(absent.code, 2);
    assert!(
        absent.err.contains("absent` cannot be read"),
        "{}",
        absent.err
    );
}

#[test]
fn files_of_lines_are_verified_too_also_when_packed() {
    let files = files();
    let file = opa(files.path());
    let whole = log(&["verify"], &file);
    assert_eq!((whole.code, whole.out.as_str()), (0, "30 entries: whole\n"));
    let packed = Command::new("gzip").arg("-k").arg(&file).status().unwrap();
    assert!(packed.success());
    let packed = file.with_extension("jsonl.gz");
    assert_eq!(log(&["verify"], &packed).out, "30 entries: whole\n");
    let bytes = fs::read(&packed).unwrap();
    fs::write(&packed, &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(log(&["verify"], &packed).code, 1);
    // A line of another program is none of ours.
    fs::write(&file, "{\"level\":\"info\"}\n").unwrap();
    let other = log(&["verify"], &file);
    assert_eq!(other.code, 1);
    assert!(
        other.out.contains("decisions.jsonl:1: this is no entry"),
        "{}",
        other.out
    );
}
