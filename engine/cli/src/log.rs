//! The server's log: written by a thread of its own, so that nothing waits for whoever reads it.
//!
//! A log that is not read fills its pipe, and what writes to a full pipe stands still. No call may
//! stand still for that: lines for which there is no room are dropped, counted, and said.

use std::io::{self, Write as _};
use std::thread;
use std::time::Duration;

use embargo_service::LogFormat;
use tracing_appender::non_blocking::{ErrorCounter, NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::reload::{self, Handle};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry, fmt};

use crate::commands::Failure;
use crate::output::Paint;

/// Lines that wait to be written, at most.
const LINES: usize = 16 * 1_024;
/// How often is looked whether lines were dropped.
const LOOK: Duration = Duration::from_secs(10);
/// The parts that others wrote. What they say of a connection is for their authors, and a stranger
/// can have them say it without end.
const OTHERS: [&str; 5] = ["h2", "hyper", "hyper_util", "tonic", "tower"];

/// The log, whose last lines are written when this is dropped, if they can be within a second.
pub(crate) struct Log {
    writer: NonBlocking,
    filter: Handle<EnvFilter, Registry>,
    _rest: WorkerGuard,
}

impl Log {
    /// Says something to whoever started the server, between the lines of the log.
    pub(crate) fn say(&self, text: &str) {
        let _ = self
            .writer
            .clone()
            .write_all(format!("{text}\n").as_bytes());
    }

    /// Has the log show something else from here on.
    ///
    /// # Errors
    /// If the level is none.
    pub(crate) fn set_level(&self, level: &str) -> Result<(), Failure> {
        let filter = filter(level)?;
        // The log goes on for as long as the process does.
        let _ = self.filter.reload(filter);
        Ok(())
    }
}

/// Starts the log on standard error.
///
/// # Errors
/// If the level is none.
pub(crate) fn start(level: &str, format: LogFormat) -> Result<Log, Failure> {
    let (filter, handle) = reload::Layer::new(filter(level)?);
    let (writer, guard) = NonBlockingBuilder::default()
        .lossy(true)
        .buffered_lines_limit(LINES)
        .thread_name("embargo-log")
        .finish(io::stderr());
    let dropped = writer.error_counter();
    let lines = fmt::layer().with_writer(writer.clone());
    let lines = match format {
        LogFormat::Text => lines.with_ansi(Paint::for_errors().is_on()).boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    let started = tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .try_init();
    started.map_err(|cause| Failure::Said(format!("the log cannot be started: {cause}")))?;
    thread::Builder::new()
        .name("embargo-log-watch".to_owned())
        .spawn(move || watch(&dropped))
        .map_err(|cause| Failure::Said(format!("no thread can be started: {cause}")))?;
    Ok(Log {
        writer,
        filter: handle,
        _rest: guard,
    })
}

fn filter(level: &str) -> Result<EnvFilter, Failure> {
    EnvFilter::try_new(directives(level)).map_err(|cause| {
        Failure::Said(format!(
            "`{level}` is not a log level: {cause}\n  hint: write error, warn, info, debug or trace"
        ))
    })
}

/// The level, and that of others' parts, unless the level is chosen for each part or low enough to
/// be meant for looking at everything.
fn directives(level: &str) -> String {
    let is_for_all = level.contains(['=', ',']);
    if is_for_all || ["debug", "trace"].contains(&level.to_ascii_lowercase().as_str()) {
        return level.to_owned();
    }
    let others = OTHERS.map(|part| format!(",{part}=error"));
    format!("{level}{}", others.concat())
}

/// Says how many lines were dropped since it was said last.
fn watch(dropped: &ErrorCounter) {
    let mut said = 0;
    loop {
        thread::sleep(LOOK);
        let all = dropped.dropped_lines();
        if all > said {
            tracing::warn!(
                lines = all - said,
                "lines of the log were dropped, because whoever reads it does not keep up"
            );
            said = all;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_say_errors_alone_unless_asked() {
        assert_eq!(
            directives("info"),
            "info,h2=error,hyper=error,hyper_util=error,tonic=error,tower=error"
        );
        for level in ["trace", "DEBUG", "info,h2=debug", "embargo_service=warn"] {
            assert_eq!(directives(level), level);
        }
    }
}
