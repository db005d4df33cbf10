//! `cargo xtask fuzz [TARGET] [SECONDS]`: the fuzz targets under libFuzzer, by hand.
//!
//! It needs a nightly toolchain and cargo-fuzz; what is missing is said. What is found lies in
//! `engine/fuzz/artifacts`, and what is learnt in `engine/fuzz/corpus`, which are not kept.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

/// The seconds that each target gets, unless told otherwise.
const SECONDS: u32 = 300;
/// Seconds that an input may take, and mebibytes of memory that a target may.
const INPUT_SECONDS: u32 = 5;
const MEBIBYTES: u32 = 2_048;

const FOLDER: &str = "engine/fuzz";
/// What the target begins with that has no corpus of its own.
const INVENTORIES: &str = "engine/core/tests/it/inventories";

/// Runs one target or all.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    let (seconds, names): (Vec<&String>, Vec<&String>) = arguments
        .iter()
        .partition(|argument| argument.parse::<u32>().is_ok());
    let seconds = seconds
        .first()
        .and_then(|seconds| seconds.parse().ok())
        .unwrap_or(SECONDS);
    let known = targets();
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        eprintln!(
            "there is no fuzz target `{unknown}`\n  hint: choose one of {}",
            known.join(", ")
        );
        return ExitCode::from(2);
    }
    if !is_there(&["+nightly", "fuzz", "--version"]) {
        eprintln!(
            "fuzzing needs a nightly toolchain and cargo-fuzz\n  hint: rustup toolchain install nightly && cargo install cargo-fuzz --locked"
        );
        return ExitCode::FAILURE;
    }
    let mut failed = Vec::new();
    for target in &known {
        if (names.is_empty() || names.contains(&target)) && !fuzz(target, seconds) {
            failed.push(target.as_str());
        }
    }
    if failed.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("\nfound something: {}", failed.join(", "));
    ExitCode::FAILURE
}

/// The targets, which are files.
fn targets() -> Vec<String> {
    let files = fs::read_dir(Path::new(FOLDER).join("fuzz_targets"));
    let mut names: Vec<String> = files
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|file| {
            let name = file.file_name().into_string().ok()?;
            name.strip_suffix(".rs").map(str::to_owned)
        })
        .collect();
    names.sort_unstable();
    names
}

fn is_there(arguments: &[&str]) -> bool {
    let outcome = cargo().args(arguments).output();
    outcome.is_ok_and(|output| output.status.success())
}

/// The launcher of toolchains, not the cargo that runs this, which knows no `+nightly`.
fn cargo() -> Command {
    let mut cargo = Command::new("cargo");
    cargo.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO");
    cargo
}

fn fuzz(target: &str, seconds: u32) -> bool {
    println!("\n== {target}, {seconds} s");
    let learnt = format!("{FOLDER}/corpus/{target}");
    let own = format!("engine/fuzzing/corpus/{target}");
    let mut command = cargo();
    command.args([
        "+nightly",
        "fuzz",
        "run",
        "--fuzz-dir",
        FOLDER,
        target,
        &learnt,
    ]);
    command.arg(if Path::new(&own).is_dir() {
        &own
    } else {
        INVENTORIES
    });
    command.args([
        "--",
        &format!("-max_total_time={seconds}"),
        &format!("-timeout={INPUT_SECONDS}"),
        &format!("-rss_limit_mb={MEBIBYTES}"),
    ]);
    fs::create_dir_all(&learnt).is_ok() && command.status().is_ok_and(|status| status.success())
}
