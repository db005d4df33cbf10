//! `embargo completions` and `embargo man`: shells and formatters take what they print.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::support::run;

const SHELLS: [&str; 5] = ["bash", "elvish", "fish", "powershell", "zsh"];

/// The commands that the help shows.
fn commands() -> BTreeSet<String> {
    let help = run(&["--help"]).out;
    let list = help.split("Commands:\n").nth(1).unwrap();
    let list = list.split("\n\n").next().unwrap();
    let names: BTreeSet<String> = list
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .collect();
    assert!(names.len() >= 18, "{names:?}");
    names
}

/// Runs a program with a text on its standard input; nothing where it is not at hand, which is
/// said.
fn fed(program: &str, arguments: &[&str], text: &str) -> Option<Output> {
    let child = Command::new(program)
        .args(arguments)
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        println!("not held here: `{program}` is not at hand");
        return None;
    };
    let mut input = child.stdin.take().unwrap();
    let text = text.to_owned();
    // From a thread of its own, since the program may answer before it has read all.
    let feeding = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let _ = feeding.join().unwrap();
    Some(output)
}

fn lines(output: &Output) -> Vec<String> {
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let out = String::from_utf8(output.stdout.clone()).unwrap();
    out.lines().map(str::to_owned).collect()
}

#[test]
fn completions_of_every_shell_know_every_command() {
    let commands = commands();
    for shell in SHELLS {
        let ran = run(&["completions", shell]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{shell}");
        for command in &commands {
            assert!(ran.out.contains(command.as_str()), "{shell}: {command}");
        }
    }
    assert_eq!(run(&["completions", "tcsh"]).code, 2);
    assert_eq!(run(&["completions"]).code, 2);
}

#[test]
fn bash_loads_its_completions_and_completes() {
    let script = run(&["completions", "bash"]).out;
    let ask = "\ncomplete -p embargo >/dev/null || exit 9\n\
               COMP_WORDS=(embargo healthch) COMP_CWORD=1\n_embargo embargo healthch embargo\n\
               printf '%s\\n' \"${COMPREPLY[@]}\"\n\
               COMP_WORDS=(embargo serve --drain) COMP_CWORD=2\n_embargo embargo --drain serve\n\
               printf '%s\\n' \"${COMPREPLY[@]}\"\n";
    let Some(output) = fed("bash", &["--norc", "-s"], &format!("{script}{ask}")) else {
        return;
    };
    assert_eq!(lines(&output), ["healthcheck", "--drain-timeout"]);
}

#[test]
fn zsh_and_fish_load_their_completions() {
    let script = run(&["completions", "zsh"]).out;
    if let Some(output) = fed("zsh", &["-f", "-n", "-s"], &script) {
        lines(&output);
    }
    let script = run(&["completions", "fish"]).out;
    let ask = "\ncomplete -C 'embargo healthch' | string split --fields 1 \\t\n";
    if let Some(output) = fed("fish", &["--no-config"], &format!("{script}{ask}")) {
        assert_eq!(lines(&output), ["healthcheck"]);
    }
}

/// Warnings of the formatter are what a person would stumble over in a page.
fn formatted(page: &str, text: &str) {
    let arguments = ["-man", "-ww", "-Tutf8", "-rLL=100n", "-P-cbou"];
    if let Some(output) = fed("groff", &arguments, text) {
        let shown = lines(&output).join("\n");
        assert!(
            shown.contains("NAME") && shown.contains("SYNOPSIS"),
            "{page}"
        );
    }
}

#[test]
fn every_command_has_a_manual_page_that_formats_without_a_warning() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("man1");
    let ran = run(&["man", "--out", folder.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    let mut written = BTreeSet::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        formatted(&name, &read(&path));
        assert!(written.insert(name));
    }
    let count = format!("{} pages are in ", written.len());
    assert!(ran.out.starts_with(&count), "{}", ran.out);
    assert!(written.contains("embargo.1"));
    for command in commands() {
        let name = format!("embargo-{command}.1");
        assert!(written.contains(&name), "{name}");
        let printed = run(&["man", &command]).out;
        assert_eq!(printed, read(&folder.join(&name)), "{command}");
        // The name that pages refer to, and nothing that tells two builds apart.
        let head = format!(".TH embargo-{command} 1  \"embargo ");
        assert!(
            printed.contains(&head),
            "{}",
            printed.lines().next().unwrap()
        );
    }
    // What is for the program itself has none.
    assert!(written.iter().all(|name| !name.contains("internal")));
    assert_eq!(run(&["man"]).out, read(&folder.join("embargo.1")));
}

#[test]
fn a_page_that_is_not_there_is_refused_with_those_that_are() {
    let ran = run(&["man", "server"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.contains("`embargo` has no command `server`") && ran.err.contains("serve, with"),
        "{}",
        ran.err
    );
    let below = run(&["man", "serve", "now"]);
    assert!(
        below.err.contains("no commands of its own"),
        "{}",
        below.err
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    let over = run(&["man", "--out", file.path().to_str().unwrap()]);
    assert_eq!(over.code, 2);
    assert!(over.err.contains("cannot be written"), "{}", over.err);
}
