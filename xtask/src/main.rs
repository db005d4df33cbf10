//! `cargo xtask test`: everything that the project can test, in one command. What fails fast
//! comes first. A client whose runtime is not at hand is left out and said, but fails where `CI` is set.

mod bill;
mod clients;
mod fuzz;
mod supply;

use std::env;
use std::process::{Command, ExitCode};

/// A step: what it is called, and what is run.
struct Step {
    name: &'static str,
    program: String,
    arguments: Vec<&'static str>,
    variable: Option<(&'static str, &'static str)>,
    /// What must be at hand to run it, as a program and the argument by which it tells its version.
    runtime: Option<(&'static str, &'static str)>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("test") if arguments.len() == 1 => run(&tests()),
        Some("ci") if arguments.len() == 1 => run(&checks()),
        Some("soak") if arguments.len() == 1 => run(&soak()),
        Some("opa") if arguments.len() == 1 => opa(),
        Some("sbom") if arguments.len() <= 2 => sbom(arguments.get(1).map(String::as_str)),
        Some("deny") if arguments.len() == 1 => said(supply::look()),
        Some("fuzz") => fuzz::run(arguments.get(1..).unwrap_or_default()),
        _ => {
            eprintln!(
                "usage: cargo xtask test    run every test
       cargo xtask ci      format, lints, docs, then every test
       cargo xtask soak    hold the promises of reliability for long, in a release build
       cargo xtask opa     the shipped rules under OPA, where `opa` is at hand
       cargo xtask deny    licences, second versions, sources and advisories of the crates
       cargo xtask sbom    the bill of materials of the binary for a target, as CycloneDX
       cargo xtask fuzz    every fuzz target, or one, for some seconds"
            );
            ExitCode::from(2)
        }
    }
}

fn sbom(target: Option<&str>) -> ExitCode {
    said(bill::of(target).map(|bill| println!("{bill}")))
}

fn said(outcome: Result<(), String>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn tests() -> Vec<Step> {
    let mut steps = vec![
        cargo(
            "Rust tests",
            &[
                "test",
                "--workspace",
                "--locked",
                "--lib",
                "--bins",
                "--test",
                "it",
                "--test",
                "architecture",
                "--test",
                "fuzzed",
                "--test",
                "hazards",
            ],
        ),
        cargo(
            "documentation tests",
            &["test", "--workspace", "--locked", "--doc"],
        ),
        cargo(
            "shipped policies compile",
            &[
                "run",
                "--locked",
                "--quiet",
                "--package",
                "embargo-cli",
                "--",
                "check",
                "policies",
            ],
        ),
        cargo(
            "shipped policies' own tests and cases",
            &[
                "run",
                "--locked",
                "--quiet",
                "--package",
                "embargo-cli",
                "--",
                "test",
                "policies",
            ],
        ),
    ];
    steps.extend(clients::steps());
    steps.push(cargo(
        "promises of reliability",
        // The whole workspace, so that nothing is built anew for it.
        &["test", "--workspace", "--locked", "--test", "reliability"],
    ));
    steps
}

/// The long form, one promise after the other, since they measure time.
fn soak() -> Vec<Step> {
    let step = cargo(
        "promises of reliability, in the long form",
        &[
            "test",
            "--release",
            "--locked",
            "--package",
            "embargo-cli",
            "--test",
            "reliability",
            "--",
            "--test-threads=1",
            "--nocapture",
        ],
    );
    vec![Step {
        variable: Some(("EMBARGO_SOAK", "1")),
        ..step
    }]
}

/// Runs the shipped rules under OPA. Where there is none, nothing is compared, and that is said.
fn opa() -> ExitCode {
    let opa = env::var("OPA").unwrap_or_else(|_| "opa".to_owned());
    if let Err(cause) = Command::new(&opa).arg("version").status() {
        println!(
            "skipped: `{opa}` cannot be run: {cause}\n  hint: put OPA 1.0 or later on the path, or name it with the variable OPA"
        );
        return ExitCode::SUCCESS;
    }
    run(&[cargo(
        "the shipped rules under OPA",
        &[
            "test",
            "--locked",
            "--package",
            "embargo-cli",
            "--test",
            "it",
            "under_opa",
            "--",
            "--ignored",
            "--nocapture",
        ],
    )])
}

fn checks() -> Vec<Step> {
    let mut steps = vec![
        cargo("format", &["fmt", "--all", "--", "--check"]),
        cargo(
            "lints",
            &[
                "clippy",
                "--workspace",
                "--all-targets",
                "--locked",
                "--",
                "-D",
                "warnings",
            ],
        ),
        cargo(
            "lints of what runs only where it is named",
            &[
                "clippy",
                "--workspace",
                "--test",
                "conformance",
                "--locked",
                "--",
                "-D",
                "warnings",
            ],
        ),
        cargo(
            "crates that we build on",
            &["run", "--quiet", "--package", "xtask", "--", "deny"],
        ),
        cargo(
            "documentation",
            &["doc", "--workspace", "--no-deps", "--locked"],
        ),
    ];
    steps.extend(tests());
    steps
}

fn cargo(name: &'static str, arguments: &[&'static str]) -> Step {
    // Cargo says which of it runs this program; a toolchain chosen by the caller stays chosen.
    let program = env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    Step {
        name,
        program,
        arguments: arguments.to_vec(),
        variable: None,
        runtime: None,
    }
}

/// Runs the steps in order and stops at the first that fails.
fn run(steps: &[Step]) -> ExitCode {
    let mut skipped = 0;
    for (done, step) in steps.iter().enumerate() {
        println!("\n== {} ({} of {})", step.name, done + 1, steps.len());
        let failure = match clients::missing(step) {
            Some(missing) if env::var_os("CI").is_none() => {
                println!("skipped: {missing}");
                skipped += 1;
                continue;
            }
            Some(missing) => missing,
            None => match carry_out(step) {
                Ok(()) => continue,
                Err(failure) => failure,
            },
        };
        println!("\n{}: {failure}", step.name);
        println!(
            "{} passed, 1 failed{}",
            done - skipped,
            and_skipped(skipped)
        );
        return ExitCode::FAILURE;
    }
    println!(
        "\n{} passed, 0 failed{}",
        steps.len() - skipped,
        and_skipped(skipped)
    );
    ExitCode::SUCCESS
}

fn and_skipped(count: usize) -> String {
    match count {
        0 => String::new(),
        count => format!(", {count} skipped"),
    }
}

fn carry_out(step: &Step) -> Result<(), String> {
    let outcome = Command::new(&step.program)
        .args(&step.arguments)
        .env("RUSTDOCFLAGS", "-D warnings")
        .envs(step.variable)
        .status();
    match outcome {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("ended with {status}")),
        Err(cause) => Err(format!("could not be started: {cause}")),
    }
}
