//! The server's log: written by a thread of its own, so that nothing waits for whoever reads it.
//!
//! A log that is not read fills its pipe, and what writes to a full pipe stands still. No call may
//! stand still for that: lines for which there is no room are dropped, counted, and said.

use std::io::{self, Write as _};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use tracing_appender::non_blocking::{ErrorCounter, NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt, reload};

use crate::args::{LogFormat, Serving};
use crate::commands::Failure;
use crate::output::Paint;

/// Lines that wait to be written, at most.
const LINES: usize = 16 * 1_024;
/// How often is looked whether lines were dropped.
const LOOK: Duration = Duration::from_secs(10);
/// The parts that others wrote. What they say of a connection is for their authors, and a stranger
/// can have them say it without end.
const OTHERS: [&str; 5] = ["h2", "hyper", "hyper_util", "tonic", "tower"];

/// What sets the level of the log that was started.
static LEVELS: OnceLock<Levels> = OnceLock::new();

type Lines = Box<dyn Layer<Registry> + Send + Sync>;
type Levels = reload::Handle<EnvFilter, tracing_subscriber::layer::Layered<Lines, Registry>>;

/// The log, whose last lines are written when this is dropped, if they can be within a second.
pub(crate) struct Log {
    writer: NonBlocking,
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
}

/// Starts the log on standard error, at `usual` unless a level is asked for.
///
/// # Errors
/// If the level is none.
pub(crate) fn start(serving: &Serving, usual: &str) -> Result<Log, Failure> {
    let level = serving.log_level.as_deref().unwrap_or(usual);
    let (filter, levels) = reload::Layer::new(filter(level)?);
    let (writer, guard) = NonBlockingBuilder::default()
        .lossy(true)
        .buffered_lines_limit(LINES)
        .thread_name("embargo-log")
        .finish(io::stderr());
    let dropped = writer.error_counter();
    let lines = fmt::layer().with_writer(writer.clone());
    let lines = match serving.log_format {
        LogFormat::Text => lines.with_ansi(Paint::for_errors().is_on()).boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    let started = tracing_subscriber::registry()
        .with(lines)
        .with(filter)
        .try_init();
    let _ = LEVELS.set(levels);
    started.map_err(|cause| Failure::Said(format!("the log cannot be started: {cause}")))?;
    thread::Builder::new()
        .name("embargo-log-watch".to_owned())
        .spawn(move || watch(&dropped))
        .map_err(|cause| Failure::Said(format!("no thread can be started: {cause}")))?;
    Ok(Log {
        writer,
        _rest: guard,
    })
}

/// Sets another level, from the next line on.
///
/// # Errors
/// If the level is none; then the one before it stays.
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "called once the configuration is read again")
)]
pub(crate) fn set_level(level: &str) -> Result<(), Failure> {
    let filter = filter(level)?;
    match LEVELS.get() {
        Some(levels) => levels
            .reload(filter)
            .map_err(|cause| Failure::Said(format!("the log level cannot be set: {cause}"))),
        None => Ok(()),
    }
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

    #[test]
    fn another_level_holds_from_the_next_line_on_and_one_that_is_none_changes_nothing() {
        let (filter, levels) = reload::Layer::new(filter("error").unwrap());
        let _ = LEVELS.set(levels);
        let log = tracing_subscriber::registry()
            .with(fmt::layer().with_writer(io::sink).boxed())
            .with(filter);
        tracing::subscriber::with_default(log, || {
            let is_said = || tracing::enabled!(tracing::Level::INFO);
            assert!(!is_said());
            set_level("info").unwrap();
            assert!(is_said());
            assert!(set_level("embargo=loud").is_err());
            assert!(is_said());
            set_level("error").unwrap();
            assert!(!is_said());
        });
    }
}
