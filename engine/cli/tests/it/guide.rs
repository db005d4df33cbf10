//! Pages that are followed, as a newcomer would: their files are written, their commands run in
//! order, and what they print is what stands there.

use std::fmt::Write as _;
use std::path::Path;

use crate::support::{embargo, root};

/// Set to have what the commands print written into the page instead of compared.
const WRITE: &str = "EMBARGO_WRITE_DOCS";

#[test]
fn the_first_rule_comes_about_as_the_guide_says() {
    let page = held("docs/guide/first-rule.md");
    assert!(page.matches("\n$ embargo ").count() >= 10);
}

#[test]
fn a_pipeline_goes_ahead_and_stops_as_its_page_says() {
    let page = held("docs/doors/gate.md");
    for code in ["$ echo $?\n0\n", "$ echo $?\n1\n"] {
        assert!(page.contains(code), "{code}");
    }
}

/// Follows a page, holds it to what its commands print, and gives it.
fn held(page: &str) -> String {
    let path = root().join(page);
    let page = std::fs::read_to_string(&path).unwrap();
    let place = tempfile::tempdir().unwrap();
    let followed = follow(&page, place.path());
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&path, &followed).unwrap();
    }
    let page = std::fs::read_to_string(path).unwrap();
    pretty_assert(&page, &followed);
    page
}

fn pretty_assert(page: &str, followed: &str) {
    for (number, (stands, wanted)) in page.lines().zip(followed.lines()).enumerate() {
        assert_eq!(stands, wanted, "line {}; {WRITE}=1 writes it", number + 1);
    }
    assert_eq!(page.len(), followed.len());
}

/// Follows a page from a folder. Gives it with what its commands print.
fn follow(page: &str, from: &Path) -> String {
    let mut folder = from.to_owned();
    let mut followed = String::new();
    let mut code = None;
    let mut file: Option<&str> = None;
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        followed.push_str(line);
        followed.push('\n');
        let comment = |kind: &str| line.strip_prefix(kind)?.strip_suffix(" -->");
        if let Some(path) = comment("<!-- remove: ") {
            std::fs::remove_file(folder.join(path)).unwrap();
            std::fs::remove_dir(folder.join(path).parent().unwrap()).unwrap();
        }
        file = comment("<!-- file: ").or(file);
        let Some(language) = line.strip_prefix("```") else {
            continue;
        };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if language == "console" {
            for command in block.iter().filter_map(|line| line.strip_prefix("$ ")) {
                let printed = run(command, &mut folder, &mut code);
                let _ = write!(followed, "$ {command}\n{printed}");
            }
        } else {
            let text = block.join("\n") + "\n";
            if let Some(path) = file.take() {
                let path = folder.join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, &text).unwrap();
            }
            followed.push_str(&text);
        }
        followed.push_str("```\n");
    }
    followed
}

/// Runs a line, and gives what it prints.
fn run(line: &str, folder: &mut std::path::PathBuf, code: &mut Option<i32>) -> String {
    if line == "echo $?" {
        return format!("{}\n", code.unwrap());
    }
    if let Some(below) = line.strip_prefix("cd ") {
        folder.push(below);
        return String::new();
    }
    let (line, most) = match line.split_once(" | head -n ") {
        Some((line, count)) => (line, count.parse().unwrap()),
        None => (line, usize::MAX),
    };
    let mut words = line.split_whitespace();
    assert_eq!(words.next(), Some("embargo"));
    let ran = embargo().current_dir(&folder).args(words).output().unwrap();
    *code = ran.status.code();
    let printed = [ran.stderr, ran.stdout].concat();
    let printed = String::from_utf8(printed).unwrap();
    let lines = printed.lines().take(most);
    lines.fold(String::new(), |text, line| text + line + "\n")
}
