//! Delivery: a sink takes chunk after chunk, and what it does not take is tried again.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

use super::super::counts::Counter;
use super::super::entry::{Format, Heading};
use super::super::spool::{SpoolBatch, SpoolReader};
use super::buffer::Buffer;
use super::{file, http, line, otlp, stdout};

/// How long to wait before the second attempt, which doubles up to the most.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const MOST_WAIT: Duration = Duration::from_secs(30);
/// The most while the server ends.
const LAST_WAIT: Duration = Duration::from_millis(250);
/// The longest that a service may ask to wait.
const MOST_ASKED: Duration = Duration::from_secs(300);

/// Where entries come from.
#[derive(Debug)]
pub(super) enum Source {
    Buffer(Buffer),
    Spool(Box<SpoolReader>, Format),
}

/// A way on which entries leave.
#[derive(Debug)]
pub(super) enum Carrier {
    Stdout(stdout::Stdout),
    File(file::LogFile),
    Http(Box<http::Service>),
    Otlp(Box<otlp::Otlp>),
}

/// What became of a chunk.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It was taken.
    Taken,
    /// It will never be taken.
    Refused(String),
    /// It is larger than what is taken at once.
    TooLarge,
    /// It may be taken at another time, not before so long if that is said.
    Failed(String, Option<Duration>),
}

/// One sink at work.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) source: Source,
    pub(super) carrier: Carrier,
    pub(super) counter: Counter,
    pub(super) delay: Duration,
    pub(super) chunk_bytes: usize,
    pub(super) closing: watch::Receiver<bool>,
}

impl Delivery {
    /// Sends all that comes, until no more comes.
    pub(super) async fn run(mut self) {
        loop {
            match &mut self.source {
                Source::Buffer(buffer) => {
                    let Some(lines) = buffer.next(self.chunk_bytes, self.delay).await else {
                        break;
                    };
                    self.send(lines).await;
                    self.counter.sending(None);
                }
                Source::Spool(reader, format) => {
                    let format = *format;
                    match reader.next().await {
                        Ok(None) => break,
                        Ok(Some(batch)) => self.send_batch(batch, format).await,
                        Err(cause) => {
                            let sink = self.counter.sink();
                            tracing::error!(sink, %cause, "the spool of the decision log cannot be read");
                            self.counter.failed();
                            self.wait(MOST_WAIT).await;
                        }
                    }
                }
            }
        }
    }

    async fn send_batch(&mut self, batch: SpoolBatch, format: Format) {
        self.counter
            .sending(batch.entries.first().and_then(|entry| made(entry)));
        let mut chunk = Vec::new();
        let mut bytes = 0;
        for entry in &batch.entries {
            let line = line(format, entry);
            if !chunk.is_empty() && bytes + line.len() > self.chunk_bytes {
                self.send(std::mem::take(&mut chunk)).await;
                bytes = 0;
            }
            bytes += line.len();
            chunk.push(line);
        }
        self.send(chunk).await;
        self.counter.sending(None);
        let sink = self.counter.sink();
        if let Source::Spool(reader, _) = &mut self.source
            && let Err(cause) = reader.acknowledge(batch.position).await
        {
            // They come once more after a restart.
            tracing::warn!(sink, %cause, "how far a sink of the decision log is cannot be kept");
        }
    }

    /// Sends a chunk until it is taken, or never will be.
    async fn send(&mut self, lines: Vec<Vec<u8>>) {
        let sink = self.counter.sink();
        let mut left = vec![lines];
        let mut wait = FIRST_WAIT;
        let mut is_said = false;
        while let Some(mut chunk) = left.pop() {
            if chunk.is_empty() {
                continue;
            }
            match self.carrier.carry(&chunk).await {
                Outcome::Taken => {
                    let bytes = chunk.iter().map(Vec::len).sum();
                    self.counter.taken(chunk.len(), bytes);
                    wait = FIRST_WAIT;
                    if is_said {
                        tracing::info!(sink, "the decision log is sent again");
                        is_said = false;
                    }
                }
                Outcome::TooLarge if chunk.len() > 1 => {
                    let second = chunk.split_off(chunk.len() / 2);
                    left.push(second);
                    left.push(chunk);
                }
                Outcome::TooLarge => self.refused(&chunk, "an entry is larger than what it takes"),
                Outcome::Refused(cause) => self.refused(&chunk, &cause),
                Outcome::Failed(cause, after) => {
                    self.counter.failed();
                    if !is_said {
                        tracing::warn!(
                            sink,
                            cause,
                            "the decision log cannot be sent; it is tried again"
                        );
                        is_said = true;
                    }
                    left.push(chunk);
                    let after = after.unwrap_or_default().min(MOST_ASKED);
                    self.wait(after.max(spread(wait))).await;
                    wait = (wait * 2).min(MOST_WAIT);
                }
            }
        }
    }

    fn refused(&self, chunk: &[Vec<u8>], cause: &str) {
        self.counter.failed();
        self.counter.dropped(chunk.len());
        tracing::error!(
            sink = self.counter.sink(),
            cause,
            entries = chunk.len(),
            "entries of the decision log are refused for good, and dropped"
        );
    }

    /// Waits, but not for long once the server ends.
    async fn wait(&mut self, wait: Duration) {
        let is_ending = *self.closing.borrow() || self.closing.has_changed().is_err();
        if is_ending {
            tokio::time::sleep(wait.min(LAST_WAIT)).await;
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = self.closing.wait_for(|closing| *closing) => {}
        }
    }
}

impl Carrier {
    async fn carry(&mut self, lines: &[Vec<u8>]) -> Outcome {
        match self {
            Self::Stdout(stdout) => stdout.carry(lines).await,
            Self::File(file) => file.carry(lines).await,
            Self::Http(service) => service.carry(lines).await,
            Self::Otlp(otlp) => otlp.carry(lines).await,
        }
    }
}

/// When an entry was made, by the clock that does not turn back.
fn made(entry: &[u8]) -> Option<Instant> {
    let made = otlp::time(&Heading::of(entry).timestamp)?;
    let age = SystemTime::now().duration_since(made).ok()?;
    Instant::now().checked_sub(age)
}

/// A wait between a half and the whole of it, so that many servers do not come at once.
fn spread(wait: Duration) -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let chance = now.map_or(0, |now| now.subsec_nanos() / 100 % 1_000);
    wait / 2 + wait * chance / 2_000
}
