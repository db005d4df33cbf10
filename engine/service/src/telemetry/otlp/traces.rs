//! Sending spans: from where they end through a queue, in which they wait for others.

use std::time::Duration;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry::{Context, InstrumentationScope};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, Span, SpanData, SpanProcessor};
use tokio::sync::{mpsc, watch};

use super::super::Telemetry;
use super::super::spans::Tracing;
use super::wire::{Unsent, Wire};
use super::{Batch, Sampling};

/// How long is waited before a message is sent again, each time.
const AGAIN: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(1)];

/// Takes spans where they end. They are lost if there is no room, and no call waits.
#[derive(Debug)]
struct Queue {
    spans: mpsc::Sender<SpanData>,
    telemetry: Telemetry,
}

impl SpanProcessor for Queue {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        if self.spans.try_send(span).is_err() {
            self.telemetry.edge().spans_dropped.inc();
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// What is sent where.
pub(super) struct Sending {
    spans: mpsc::Receiver<SpanData>,
    telemetry: Telemetry,
    wire: Wire,
    batch: Batch,
    resource: ResourceAttributesWithSchema,
}

/// What makes spans, and what sends them.
pub(super) fn begin(
    telemetry: &Telemetry,
    wire: Wire,
    sampling: Sampling,
    batch: Batch,
    resource: &Resource,
) -> (Tracing, Sending) {
    let (sender, spans) = mpsc::channel(batch.queue);
    let queue = Queue {
        spans: sender,
        telemetry: telemetry.clone(),
    };
    let provider = SdkTracerProvider::builder()
        .with_sampler(sampling.sampler())
        .with_resource(resource.clone())
        .with_span_processor(queue)
        .build();
    let scope = InstrumentationScope::builder("embargo")
        .with_version(env!("CARGO_PKG_VERSION"))
        .build();
    let tracing = Tracing(provider.tracer_with_scope(scope));
    let sending = Sending {
        spans,
        telemetry: telemetry.clone(),
        wire,
        batch,
        resource: resource.into(),
    };
    (tracing, sending)
}

impl Sending {
    /// Sends until it is told to stop, and then what is left.
    pub(super) async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        let mut fails = false;
        loop {
            let mut batch = Vec::new();
            let is_last = tokio::select! {
                () = self.gather(&mut batch) => false,
                _ = stopped.wait_for(|stopped| *stopped) => true,
            };
            if is_last {
                while batch.len() < self.batch.queue
                    && let Ok(span) = self.spans.try_recv()
                {
                    batch.push(span);
                }
            }
            let mut batch = batch.into_iter().peekable();
            while batch.peek().is_some() {
                let part = batch.by_ref().take(self.batch.size).collect();
                self.send(part, &mut fails).await;
            }
            if is_last {
                return;
            }
        }
    }

    /// Waits for a span, and then until there are enough or others have had their time.
    async fn gather(&mut self, batch: &mut Vec<SpanData>) {
        match self.spans.recv().await {
            Some(span) => batch.push(span),
            None => return std::future::pending().await,
        }
        let enough = async {
            while batch.len() < self.batch.size
                && let Some(span) = self.spans.recv().await
            {
                batch.push(span);
            }
        };
        // Late or not, what has come is sent.
        let _ = tokio::time::timeout(self.batch.delay, enough).await;
    }

    async fn send(&self, spans: Vec<SpanData>, fails: &mut bool) {
        let count = u64::try_from(spans.len()).unwrap_or(u64::MAX);
        let message = ExportTraceServiceRequest {
            resource_spans: group_spans_by_resource_and_scope(spans, &self.resource),
        };
        let mut sent = self.wire.traces(message.clone()).await;
        for pause in AGAIN {
            if !sent.as_ref().is_err_and(|unsent| unsent.may_pass) {
                break;
            }
            tokio::time::sleep(pause).await;
            sent = self.wire.traces(message.clone()).await;
        }
        self.telemetry.edge().exported("traces", sent.is_ok());
        if sent.is_err() {
            self.telemetry.edge().spans_dropped.inc_by(count);
        }
        say(self.wire.signal, &sent, fails);
    }
}

/// Says that sending fails when it begins to, and that it goes on when it does.
pub(super) fn say(signal: &str, sent: &Result<(), Unsent>, fails: &mut bool) {
    match (sent, *fails) {
        (Err(unsent), false) => {
            tracing::warn!(signal, cause = %unsent.cause, "nothing can be sent to the collector");
        }
        (Ok(()), true) => tracing::info!(signal, "the collector takes what is sent again"),
        _ => {}
    }
    *fails = sent.is_err();
}
