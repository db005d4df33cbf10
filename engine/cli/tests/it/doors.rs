//! The pages about doors: their `curl` commands are run as they stand, against a server with the
//! shipped policies, and print what stands there.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::process::Command;

use crate::process::Server;
use crate::support::root;

/// Set to have what the commands print written into the pages instead of compared.
const WRITE: &str = "EMBARGO_WRITE_DOCS";
/// Where the pages say that the server is.
const ADDRESS: &str = "127.0.0.1:8181";

#[test]
fn the_pages_about_doors_print_what_they_say() {
    if Command::new("curl").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "curl is needed");
        println!("skipped: there is no curl");
        return;
    }
    let policies = root().join("policies");
    let server = Server::start_with(&["--policies", policies.to_str().unwrap()]);
    let mut count = 0;
    for entry in std::fs::read_dir(root().join("docs/doors")).unwrap() {
        let path = entry.unwrap().path();
        let page = std::fs::read_to_string(&path).unwrap();
        let (followed, commands) = follow(&page, server.address());
        count += commands;
        if std::env::var_os(WRITE).is_some() {
            std::fs::write(&path, &followed).unwrap();
        }
        let page = std::fs::read_to_string(&path).unwrap();
        for (number, (stands, printed)) in page.lines().zip(followed.lines()).enumerate() {
            let place = path.display();
            assert_eq!(
                masked(stands),
                masked(printed),
                "{place}:{}; {WRITE}=1 writes it",
                number + 1
            );
        }
        assert_eq!(
            page.lines().count(),
            followed.lines().count(),
            "{}",
            path.display()
        );
    }
    assert!(count >= 2, "{count}");
}

/// A page with what its commands print, and how many there are. A command may go on in the next
/// line after a backslash.
fn follow(page: &str, address: SocketAddr) -> (String, usize) {
    let mut followed = String::new();
    let mut count = 0;
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let _ = writeln!(followed, "{line}");
        if line != "```console" {
            continue;
        }
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if !block.iter().any(|line| line.starts_with("$ curl ")) {
            for line in block {
                let _ = writeln!(followed, "{line}");
            }
            followed.push_str("```\n");
            continue;
        }
        let mut rest = block.iter().peekable();
        while let Some(line) = rest.next() {
            let Some(first) = line.strip_prefix("$ ") else {
                continue;
            };
            let mut command = first.to_owned();
            while command.ends_with('\\') {
                let next = rest.next().unwrap();
                command.push('\n');
                command.push_str(next);
            }
            let _ = writeln!(followed, "$ {command}");
            let printed = run(&command.replace(ADDRESS, &address.to_string()));
            followed.push_str(printed.trim_end());
            followed.push('\n');
            count += 1;
        }
        followed.push_str("```\n");
    }
    (followed, count)
}

fn run(command: &str) -> String {
    let ran = Command::new("sh").args(["-c", command]).output().unwrap();
    assert!(
        ran.status.success(),
        "{command}: {}",
        String::from_utf8_lossy(&ran.stderr)
    );
    String::from_utf8(ran.stdout).unwrap()
}

/// Without what changes with the policies and the day: digests.
fn masked(line: &str) -> String {
    let mut masked = String::new();
    let mut run = String::new();
    for character in line.chars().chain([' ']) {
        if character.is_ascii_hexdigit() {
            run.push(character);
            continue;
        }
        masked.push_str(if run.len() == 64 { "(digest)" } else { &run });
        run.clear();
        masked.push(character);
    }
    masked
}
