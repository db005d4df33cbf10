//! Taking up a changed configuration: what can be changed while the server runs is, and of all else
//! is said that it needs a restart.

use std::time::Duration;

use embargo_service::{Given, Key, Limits};
use tokio::signal::unix::Signal;

use crate::configuration::Reading;
use crate::log::Log;

/// How often the file is read, besides at SIGHUP.
const LOOK: Duration = Duration::from_secs(2);

/// What can be changed while the server runs.
pub(super) struct Live<'a> {
    pub(super) log: &'a Log,
    pub(super) limits: Limits,
}

impl Live<'_> {
    /// Has what can be changed be as a configuration says.
    ///
    /// # Errors
    /// What is wrong with the configuration. Nothing has changed then.
    fn apply(&self, given: &Given) -> Result<(), String> {
        self.log
            .set_level(&given.file.log.level)
            .map_err(|failure| failure.to_string())?;
        let config = given.config().map_err(|fault| fault.to_string())?;
        let applied = self.limits.apply(&config.settings().limits);
        // Which of them need a restart is told with all other settings that do.
        applied.map(drop).map_err(|invalid| invalid.to_string())
    }
}

/// Follows the file and the signal SIGHUP for as long as the server runs.
pub(super) async fn follow(mut hangup: Signal, reading: Reading, mut given: Given, live: Live<'_>) {
    // What has changed since the start is a change, too.
    let mut known = given.text().map(ToOwned::to_owned);
    let mut looks = tokio::time::interval(LOOK);
    loop {
        let is_asked = tokio::select! {
            _ = hangup.recv() => true,
            _ = looks.tick() => false,
        };
        if reading.file().is_none() {
            if is_asked {
                tracing::info!("there is no configuration file to read again");
            }
            continue;
        }
        let text = match reading.text() {
            Ok(text) => text,
            Err(cause) => {
                // While a file is replaced it can be gone for a moment.
                if is_asked {
                    tracing::warn!(cause = %cause, "the configuration cannot be read: what held before holds");
                }
                continue;
            }
        };
        if text == known && !is_asked {
            continue;
        }
        known.clone_from(&text);
        match reading.read_text(text) {
            Err(failure) => refused(&failure.to_string()),
            Ok(new) => take_up(&mut given, new, &live),
        }
    }
}

fn take_up(given: &mut Given, new: Given, live: &Live<'_>) {
    if let Err(fault) = new.config() {
        return refused(&fault.to_string());
    }
    if let Err(cause) = live.apply(&new) {
        return refused(&cause);
    }
    let (taken, waiting): (Vec<&Key>, Vec<&Key>) =
        given.changes(&new).into_iter().partition(|key| key.is_live);
    for key in &taken {
        tracing::info!(setting = key.path, origin = %new.origin(&key.path), "a setting was taken up");
    }
    for key in &waiting {
        tracing::warn!(
            setting = key.path,
            origin = %new.origin(&key.path),
            "a setting was changed that holds from the next start on: restart the server for it"
        );
    }
    if taken.is_empty() && waiting.is_empty() {
        tracing::info!("the configuration was read again and says the same");
    }
    *given = new;
}

fn refused(cause: &str) {
    tracing::error!(
        cause,
        "the configuration is refused: what held before holds"
    );
}
