//! Holds this client to the suite of `clients/conformance`, against a server beside it. See its README.

mod ask;
mod case;
mod json;

use std::{env, process::ExitCode};

use embargo_client::Client;

/// Where the server is, as `embargo with` says.
const TARGET: &str = "EMBARGO_TARGET";

fn main() -> ExitCode {
    match run() {
        Ok(passed) => {
            println!("conformance: {passed} passed");
            ExitCode::SUCCESS
        }
        Err(cause) => {
            eprintln!("conformance: {cause}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<usize, String> {
    let target = env::var(TARGET).map_err(|_| {
        format!(
            "{TARGET} does not say where the server is\n  hint: embargo with --policies \
             clients/conformance/policies -- cargo test -p embargo-client --test conformance"
        )
    })?;
    let cases = case::all()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|cause| format!("no runtime can be started: {cause}"))?;
    runtime.block_on(async {
        let client = Client::connect(format!("http://{target}")).await;
        let client = client.map_err(|error| error.to_string())?;
        let mut failed = 0;
        for case in &cases {
            if let Err(cause) = ask::hold(&client, &case.asked).await {
                failed += 1;
                eprintln!("{}: {cause}", case.name);
            }
        }
        match failed {
            0 => Ok(cases.len()),
            failed => Err(format!("{failed} of {} failed", cases.len())),
        }
    })
}
