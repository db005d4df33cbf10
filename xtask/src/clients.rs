//! The clients' conformance: one suite, `clients/conformance`, for the client of every language; and
//! clients of other contracts, which know nothing of this project.
//!
//! Each runs beside a server of its own, by `embargo with`. A client's script makes whatever the client
//! needs, and runs its other tests, too.

use std::process::{Command, Stdio};

use crate::{Step, cargo};

/// The command of `embargo` that serves the suite's policies to the one behind it.
const BESIDE_A_SERVER: [&str; 9] = [
    "run",
    "--locked",
    "--quiet",
    "--package",
    "embargo-cli",
    "--",
    "with",
    "--policies",
    "clients/conformance/policies",
];

/// A step for each language.
pub(crate) fn steps() -> Vec<Step> {
    vec![
        beside_a_server(
            "clients' conformance: Rust",
            // The whole workspace, so that nothing is built anew for it.
            &[
                "cargo",
                "test",
                "--workspace",
                "--locked",
                "--test",
                "conformance",
            ],
            None,
        ),
        beside_a_server(
            "clients' conformance: Python",
            &["clients/python/check.sh"],
            Some(("python3", "--version")),
        ),
        beside_a_server(
            "clients' conformance: Go",
            &["clients/go/check.sh"],
            Some(("go", "version")),
        ),
        beside_a_server(
            "clients' conformance: TypeScript",
            &["clients/typescript/check.sh"],
            Some(("node", "--version")),
        ),
        beside_a_server(
            "clients of OPA, as they come",
            &["clients/stock/check.sh"],
            Some(("node", "--version")),
        ),
    ]
}

fn beside_a_server(
    name: &'static str,
    command: &[&'static str],
    runtime: Option<(&'static str, &'static str)>,
) -> Step {
    let mut arguments = BESIDE_A_SERVER.to_vec();
    arguments.push("--");
    arguments.extend(command);
    Step {
        runtime,
        ..cargo(name, &arguments)
    }
}

/// What a step needs and is not at hand, in words.
pub(crate) fn missing(step: &Step) -> Option<String> {
    let (program, argument) = step.runtime?;
    let told = Command::new(program)
        .arg(argument)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match told {
        Ok(status) if status.success() => None,
        Ok(status) => Some(format!("`{program}` does not run: it ended with {status}")),
        Err(cause) => Some(format!("`{program}` is not at hand: {cause}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runtime_that_is_not_at_hand_is_named() {
        let step = |program| beside_a_server("a step", &["x"], Some((program, "--version")));
        let said = missing(&step("no-such-runtime")).unwrap_or_default();
        assert!(
            said.starts_with("`no-such-runtime` is not at hand: "),
            "{said}"
        );
        assert_eq!(missing(&step(env!("CARGO"))), None);
        assert_eq!(missing(&cargo("without a runtime", &[])), None);
    }
}
