//! The tools themselves, as far as they are installed.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::set::{Files, large, small};
use super::{Subject, write};

fn is_there(tool: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {tool}")])
        .stdout(Stdio::null())
        .status();
    found.is_ok_and(|status| status.success())
}

/// Runs a line of shell in a folder.
fn sh(folder: &Path, line: &str) {
    let ran = Command::new("sh")
        .args(["-euc", line])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{line}: {ran:?}");
}

/// A line that edits one file in the folder `rules`.
const EDITS: [(&str, &str); 5] = [
    ("sed", "sed -i s/VERSION/sed/ rules/left.rego"),
    (
        "vim",
        "vim -es -u NONE -c 'set backup backupcopy=no' -c %s/sed/vim/ -c wq rules/left.rego",
    ),
    (
        "vim",
        "vim -es -u NONE -c 'set backup backupcopy=yes' -c %s/vim/copy/ -c wq rules/left.rego",
    ),
    (
        "ed",
        "printf '%s\\n' ',s/copy/ed/g' w q | ed -s rules/left.rego",
    ),
    ("perl", "perl -pi -e s/ed/perl/ rules/left.rego"),
];

/// A line that brings what lies in `../staged` into the folder.
const COPIES: [(&str, &str); 6] = [
    ("cp", "cp -r ../staged/. ."),
    ("rsync", "rsync -a ../staged/ ."),
    ("rsync", "rsync -a --delay-updates ../staged/ ."),
    ("tar", "tar -xf ../staged.tar"),
    ("unzip", "unzip -oq ../staged.zip"),
    ("git", "git checkout -q next"),
];

/// Lets tools edit one file each.
pub(super) async fn on_few(subject: &mut Subject) -> String {
    let mut ran = Vec::new();
    subject
        .holds("before the tools", |root| write(root, &small("VERSION")))
        .await;
    for (tool, line) in EDITS {
        if is_there(tool) {
            // Those that are absent leave words that the next does not know.
            subject.holds(line, move |root| sh(root, line)).await;
            ran.push(tool);
        }
    }
    said(ran)
}

/// Lets tools bring a thousand files each.
pub(super) async fn on_many(subject: &mut Subject, files: usize) -> String {
    let mut ran = Vec::new();
    for (at, (tool, line)) in COPIES.into_iter().enumerate() {
        if !is_there(tool) || tool == "unzip" && !is_there("git") {
            continue;
        }
        let stage = tempfile::tempdir().unwrap();
        let next = large(&format!("{tool} {at}"), files);
        let root = subject.root.path();
        let line = line.replace(
            "../staged",
            &stage.path().join("staged").display().to_string(),
        );
        prepare(tool, stage.path(), root, &next);
        subject.holds(tool, move |root| sh(root, &line)).await;
        ran.push(tool);
    }
    said(ran)
}

/// Makes what a tool needs beside the folder.
fn prepare(tool: &str, stage: &Path, root: &Path, next: &Files) {
    let staged = stage.join("staged");
    write(&staged, next);
    let git = "git -c user.name=t -c user.email=t@example.org";
    match tool {
        "tar" => sh(&staged, "tar -cf ../staged.tar ."),
        "unzip" => sh(
            &staged,
            &format!(
                "git init -q; git add .; {git} commit -qm x; git archive --format=zip -o \
                 ../staged.zip HEAD"
            ),
        ),
        "git" => {
            // The folder becomes a work tree of what it holds, and knows what comes next.
            let _ = fs::remove_dir_all(root.join(".git"));
            sh(
                root,
                &format!("git init -q; git add .; {git} commit -qm now"),
            );
            let other = format!("git --git-dir=\"{0}/.git\" --work-tree=. ", root.display());
            sh(
                &staged,
                &format!(
                    "export GIT_INDEX_FILE=\"{}/index\"; {other} add .; tree=$({other} \
                     write-tree); id=$({git} --git-dir=\"{}/.git\" commit-tree -p HEAD -m next \
                     $tree); {other} branch next $id",
                    stage.display(),
                    root.display()
                ),
            );
        }
        _ => {}
    }
}

fn said(mut ran: Vec<&str>) -> String {
    ran.dedup();
    if ran.is_empty() {
        return "no tool, for none is installed".to_owned();
    }
    ran.join(", ")
}
