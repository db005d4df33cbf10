//! Sinks: the ways on which entries leave, each at its own pace.
//!
//! A sink has what waits for it in a buffer of its own, or, in strict mode, in the spool. It sends
//! chunk after chunk and tries again until a chunk is taken or will never be, so that one that fails
//! holds up neither decisions nor other sinks. All of them share one thread.

mod buffer;
mod delivery;
mod file;
mod http;
mod otlp;
mod stdout;

use std::io;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use thiserror::Error;
use tokio::sync::watch;
use tokio::task::JoinSet;

use self::buffer::Buffer;
use self::delivery::{Carrier, Delivery, Source};
use super::counts::{Counter, SinkCounts};
use super::entry::{Format, render};
use super::settings::DecisionLogSettings;
use super::spool::{Spool, SpoolError};

/// Why a sink cannot begin.
#[derive(Debug, Error)]
pub enum SinkUnusable {
    /// Its file.
    #[error("the decision log cannot be written to {path}: {cause}\n  hint: let the server write there, or name another file in `decision_log.file.path`", path = path.display())]
    File {
        /// Where.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// What a service is asked by.
    #[error("the decision log cannot be sent: {cause}\n  hint: {hint}")]
    Client {
        /// Why.
        cause: String,
        /// What helps.
        hint: &'static str,
    },
    /// The place in the spool.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// The thread of all sinks.
    #[error("the threads of the decision log cannot be started: {0}")]
    Threads(#[source] io::Error),
}

/// All sinks of a log.
#[derive(Debug)]
pub(super) struct Sinks {
    counters: Vec<Counter>,
    closing: watch::Sender<bool>,
    give_up: watch::Sender<bool>,
    done: watch::Receiver<bool>,
}

/// Where entries are put for sinks.
#[derive(Debug)]
pub(super) struct Buffers(Vec<(Format, Buffer)>);

impl Buffers {
    pub(super) fn push(&self, entry: &[u8]) {
        for (format, buffer) in &self.0 {
            buffer.push(line(*format, entry));
        }
    }
}

impl Drop for Buffers {
    fn drop(&mut self) {
        for (_, buffer) in &self.0 {
            buffer.close();
        }
    }
}

/// An entry as a sink has it, with the end of a line.
fn line(format: Format, entry: &[u8]) -> Vec<u8> {
    let mut line = render(format, entry).into_owned();
    line.push(b'\n');
    line
}

/// A sink that was told to be there.
struct Planned {
    name: &'static str,
    format: Format,
    carrier: Carrier,
    delay: Duration,
    chunk_bytes: usize,
}

/// Bytes of a chunk where the way has no limit of its own, and how long an entry waits for others.
const CHUNK: usize = 256 * 1_024;
const DELAY: Duration = Duration::from_millis(100);

impl Sinks {
    /// Sinks with buffers of their own.
    ///
    /// # Errors
    /// If one cannot begin.
    pub(super) fn of_buffers(
        settings: &DecisionLogSettings,
    ) -> Result<(Self, Buffers), SinkUnusable> {
        let planned = planned(settings)?;
        let mut buffers = Vec::with_capacity(planned.len());
        let sinks = Self::start(planned, |format, counter, _| {
            let buffer = Buffer::new(settings.sink_bytes, counter.clone());
            buffers.push((format, buffer.clone()));
            Ok(Source::Buffer(buffer))
        })?;
        Ok((sinks, Buffers(buffers)))
    }

    /// Sinks that read a spool, each at its own place.
    ///
    /// # Errors
    /// If one cannot begin.
    pub(super) fn of_spool(
        settings: &DecisionLogSettings,
        spool: &Spool,
    ) -> Result<Self, SinkUnusable> {
        Self::start(planned(settings)?, |format, _, name| {
            Ok(Source::Spool(Box::new(spool.reader(name)?), format))
        })
    }

    fn start(
        planned: Vec<Planned>,
        mut source: impl FnMut(Format, &Counter, &'static str) -> Result<Source, SinkUnusable>,
    ) -> Result<Self, SinkUnusable> {
        let (closing, closed) = watch::channel(false);
        let (finish, done) = watch::channel(false);
        let (give_up, given_up) = watch::channel(false);
        let mut counters = Vec::with_capacity(planned.len());
        let mut deliveries = Vec::with_capacity(planned.len());
        for sink in planned {
            let counter = Counter::new(sink.name);
            counters.push(counter.clone());
            deliveries.push(Delivery {
                source: source(sink.format, &counter, sink.name)?,
                carrier: sink.carrier,
                counter,
                delay: sink.delay,
                chunk_bytes: sink.chunk_bytes,
                closing: closed.clone(),
            });
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(SinkUnusable::Threads)?;
        thread::Builder::new()
            .name("embargo-log-sinks".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    let mut running = JoinSet::new();
                    for delivery in deliveries {
                        let mut given_up = given_up.clone();
                        running.spawn(async move {
                            tokio::select! {
                                () = delivery.run() => {}
                                () = told(&mut given_up) => {}
                            }
                        });
                    }
                    while running.join_next().await.is_some() {}
                });
                finish.send_replace(true);
                // A pipe that nobody reads must not keep the process.
                runtime.shutdown_background();
            })
            .map_err(SinkUnusable::Threads)?;
        Ok(Self {
            counters,
            closing,
            give_up,
            done,
        })
    }

    pub(super) fn counts(&self) -> Vec<SinkCounts> {
        self.counters.iter().map(Counter::present).collect()
    }

    /// Waits until what is there is sent, but no longer than the limit.
    pub(super) async fn close(&self, limit: Duration) {
        self.closing.send_replace(true);
        let mut done = self.done.clone();
        let ended = tokio::time::timeout(limit, done.wait_for(|done| *done)).await;
        if ended.is_err() {
            self.give_up.send_replace(true);
            for sink in self.counts().iter().filter(|sink| sink.waiting > 0) {
                let (sink, waiting) = (sink.sink, sink.waiting);
                tracing::warn!(
                    sink,
                    waiting,
                    "entries of the decision log were not sent before the end"
                );
            }
        }
    }
}

/// Waits until it is told.
async fn told(signal: &mut watch::Receiver<bool>) {
    if signal.wait_for(|told| *told).await.is_err() {
        // Nobody is there any more who could tell.
        std::future::pending::<()>().await;
    }
}

/// The sinks that settings ask for.
fn planned(settings: &DecisionLogSettings) -> Result<Vec<Planned>, SinkUnusable> {
    let mut planned = Vec::new();
    let plain = |name, format, carrier| Planned {
        name,
        format,
        carrier,
        delay: DELAY,
        chunk_bytes: CHUNK,
    };
    if let Some(format) = settings.stdout {
        planned.push(plain("stdout", format, Carrier::Stdout(stdout::Stdout)));
    }
    if let Some(file) = &settings.file {
        let carrier = Carrier::File(file::LogFile::open(file)?);
        planned.push(plain("file", file.format, carrier));
    }
    if let Some(http) = &settings.http {
        planned.push(Planned {
            name: "http",
            format: http.format,
            carrier: Carrier::Http(Box::new(http::Service::new(http)?)),
            delay: http.delay,
            chunk_bytes: http.chunk_bytes,
        });
    }
    if let Some(format) = settings.otlp {
        let carrier = Carrier::Otlp(Box::new(otlp::Otlp::new()));
        planned.push(plain("otlp", format, carrier));
    }
    Ok(planned)
}

#[cfg(test)]
mod tests;
