//! `embargo healthcheck`: whether a server serves. 0 it does, 1 it does not or cannot be reached, 2 it
//! cannot be asked: usage, or a configuration that does not hold.
//!
//! Without a URL it asks the server that the same configuration stands for: its management listener if
//! there is one, which needs no credential, else the health service. The codes are those of a
//! container's HEALTHCHECK, which knows 0 and 1.

mod probe;
mod target;

use std::time::Duration;

use embargo_client::{CallError, ConnectError, ServerPart};

use crate::args::Healthcheck;
use crate::commands::Failure;
use crate::configuration::Reading;
use crate::exit::Exit;
use crate::{output, remote};

use self::probe::Probed;
use self::target::Target;

pub(crate) fn run(check: &Healthcheck) -> Result<Exit, Failure> {
    let target = match check.url.as_ref().or(check.named_url.as_ref()) {
        Some(url) => Target::of_url(url)?,
        None => {
            let said = check.configured.set.clone();
            let reading = Reading::of_named_or_usual(&check.configured, said);
            Target::of_configuration(&reading.read()?.file)?
        }
    };
    let health = match &target {
        Target::Probe(probe) => probe.ask(check.timeout),
        Target::Service(url) => service(url, check)?,
    };
    match health {
        Probed::Serving => {
            output::print("serving\n")?;
            Ok(Exit::Done)
        }
        Probed::NotServing(why) => {
            output::print(&format!("not serving{why}\n"))?;
            Ok(Exit::Refused)
        }
        Probed::Unreachable(cause) => {
            output::complain(&format!(
                "{cause}: {target}\n  hint: see whether the server runs, and whether it is asked where it listens"
            ));
            Ok(Exit::Refused)
        }
    }
}

/// Asks the health service of gRPC, which needs no credential, but may need a certificate of the caller
/// where the server asks every caller for one.
fn service(url: &str, check: &Healthcheck) -> Result<Probed, Failure> {
    let builder = remote::builder(url, &check.access)?.deadline(check.timeout);
    let limit = check.timeout;
    remote::wait(async move {
        let asked = async {
            let client = builder.connect().await?;
            client
                .is_serving(ServerPart::Decisions)
                .await
                .map_err(Failure::from)
        };
        match tokio::time::timeout(limit, asked).await {
            Err(_) => Ok(Probed::Unreachable(late(limit))),
            Ok(Ok(true)) => Ok(Probed::Serving),
            Ok(Ok(false)) => Ok(Probed::NotServing(String::new())),
            Ok(Err(failure)) => unanswered(failure),
        }
    })
}

/// Whether a failure tells of the server; else of how it was asked.
fn unanswered(failure: Failure) -> Result<Probed, Failure> {
    let first = |text: String| text.lines().next().unwrap_or_default().to_owned();
    match &failure {
        Failure::Connect(ConnectError::Unreachable { .. } | ConnectError::Late { .. }) => {
            Ok(Probed::Unreachable(first(failure.to_string())))
        }
        Failure::Call(
            CallError::Status { .. } | CallError::Transport { .. } | CallError::Deadline { .. },
        ) => Ok(Probed::Unreachable(first(failure.to_string()))),
        _ => Err(failure),
    }
}

fn late(limit: Duration) -> String {
    format!("no answer within {limit:?}")
}
