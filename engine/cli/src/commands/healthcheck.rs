//! `embargo healthcheck`: whether a server serves. 0 it does, 1 it does not, 2 unreachable.

use embargo_client::ServerPart;

use crate::args::Healthcheck;
use crate::commands::Failure;
use crate::exit::Exit;
use crate::{output, remote};

pub(crate) fn run(check: &Healthcheck) -> Result<Exit, Failure> {
    let is_serving = remote::wait(async {
        let client = remote::builder(&check.url, &check.access)?
            .deadline(check.timeout)
            .connect()
            .await?;
        Ok::<_, Failure>(client.is_serving(ServerPart::Decisions).await?)
    })?;
    output::print(if is_serving {
        "serving\n"
    } else {
        "not serving\n"
    })?;
    Ok(if is_serving {
        Exit::Done
    } else {
        Exit::Refused
    })
}
