//! `cargo xtask deny`: whether the crates that we build on are sound, by cargo-deny and `deny.toml`.
//!
//! Licences, second versions and sources are looked at always, advisories where their database can be
//! fetched. That they were not is said, and is no failure: whether a change is good does not hang on a
//! network.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The version of cargo-deny that the file is written for.
const VERSION: &str = "0.20.2";
/// Where advisories are kept.
const ADVISORIES: &str = "https://github.com/RustSec/advisory-db";

/// How long it may take to answer, and how often is looked whether it has.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(100);

/// Looks at the crates.
///
/// # Errors
/// What is wrong with them, or why they could not be looked at.
pub(crate) fn look() -> Result<(), String> {
    let program = program()?;
    run(
        &program,
        &[
            "deny",
            "--locked",
            "check",
            // An exception that is no longer one has to go.
            "--deny",
            "unmatched-skip",
            "bans",
            "licenses",
            "sources",
        ],
    )?;
    if is_reached() {
        return run(&program, &["deny", "--locked", "check", "advisories"]);
    }
    println!(
        "warning: ADVISORIES WERE NOT LOOKED AT: {ADVISORIES} cannot be reached from here\n  hint: run `cargo xtask deny` where it can, before a release at the latest"
    );
    Ok(())
}

/// cargo-deny of the right version: the one at hand, or one that is built once into the target folder.
fn program() -> Result<PathBuf, String> {
    let root = env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    let root = root.join("tools");
    let built = root.join("bin/cargo-deny");
    for program in [PathBuf::from("cargo-deny"), built.clone()] {
        let told = Command::new(&program).arg("--version").output();
        let is_right = told.is_ok_and(|told| {
            String::from_utf8_lossy(&told.stdout).trim() == format!("cargo-deny {VERSION}")
        });
        if is_right {
            return Ok(program);
        }
    }
    println!("cargo-deny {VERSION} is built, which takes some minutes once");
    let cargo = env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from);
    let root = root.display().to_string();
    run(
        &cargo,
        &[
            "install",
            "cargo-deny",
            "--version",
            VERSION,
            "--locked",
            // Compiling it well takes longer than it saves.
            "--debug",
            "--root",
            &root,
        ],
    )?;
    Ok(built)
}

/// Whether the database of advisories can be fetched, and answers soon. A network that drops what is sent
/// would be waited for without end.
fn is_reached() -> bool {
    let asked = Command::new("git")
        .args(["ls-remote", "--exit-code", ADVISORIES, "HEAD"])
        // Nobody is there to be asked for a password.
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut asked) = asked else { return false };
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        match asked.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => sleep(LOOK),
            Err(_) => break,
        }
    }
    // It has ended meanwhile, or ends now.
    let _ = asked.kill();
    let _ = asked.wait();
    false
}

fn run(program: &PathBuf, arguments: &[&str]) -> Result<(), String> {
    let shown = format!("{} {}", program.display(), arguments.join(" "));
    match Command::new(program).args(arguments).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{shown}` ended with {status}")),
        Err(cause) => Err(format!("`{shown}` cannot be run: {cause}")),
    }
}
