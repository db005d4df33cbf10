//! Log records of OpenTelemetry, sent where the standard environment variables say.
//!
//! The body of a record is the entry; what a collector sorts by stands in attributes, too.

use std::time::{Duration, SystemTime};

use embargo_core::instant::Instant;
use opentelemetry::logs::{AnyValue, LogRecord as _, Logger as _, LoggerProvider as _, Severity};
use opentelemetry::{InstrumentationScope, SpanId, TraceId};
use opentelemetry_otlp::{LogExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::{
    LogBatch, LogExporter as _, SdkLogRecord, SdkLogger, SdkLoggerProvider,
};

use crate::jose;

use super::super::entry::Heading;
use super::delivery::Outcome;

/// The name of the scope, and of events.
const SCOPE: &str = "embargo.decision_log";
const EVENT: &str = "embargo.decision";

/// Who sends.
#[derive(Debug)]
pub(super) struct Otlp {
    /// Where to, instead of where the environment says.
    endpoint: Option<String>,
    /// Made at the first chunk, inside of the runtime that sends.
    exporter: Option<LogExporter>,
    scope: InstrumentationScope,
    /// Makes empty records.
    blank: SdkLogger,
}

impl Otlp {
    pub(super) fn new() -> Self {
        Self {
            endpoint: None,
            exporter: None,
            scope: InstrumentationScope::builder(SCOPE)
                .with_version(env!("CARGO_PKG_VERSION"))
                .build(),
            blank: SdkLoggerProvider::builder().build().logger(SCOPE),
        }
    }

    /// To a collector that is asked by HTTP.
    #[cfg(test)]
    pub(super) fn to(endpoint: String) -> Self {
        Self {
            endpoint: Some(endpoint),
            ..Self::new()
        }
    }

    pub(super) async fn carry(&mut self, lines: &[Vec<u8>]) -> Outcome {
        let made = self.exporter.take();
        let made = made.map_or_else(|| exporter(self.endpoint.as_deref()), Ok);
        let exporter = match made {
            Ok(exporter) => exporter,
            Err(cause) => return Outcome::Failed(cause, None),
        };
        let records: Vec<SdkLogRecord> = lines.iter().map(|line| self.record(line)).collect();
        let batch: Vec<_> = records.iter().map(|record| (record, &self.scope)).collect();
        let sent = exporter.export(LogBatch::new(&batch)).await;
        self.exporter = Some(exporter);
        match sent {
            Ok(()) => Outcome::Taken,
            Err(cause) => Outcome::Failed(cause.to_string(), None),
        }
    }

    fn record(&self, line: &[u8]) -> SdkLogRecord {
        let entry = line.trim_ascii_end();
        let heading = Heading::of(entry);
        let mut record = self.blank.create_log_record();
        record.set_event_name(EVENT);
        record.set_target(SCOPE);
        record.set_severity_number(Severity::Info);
        record.set_severity_text("INFO");
        record.set_observed_timestamp(SystemTime::now());
        if let Some(time) = time(&heading.timestamp) {
            record.set_timestamp(time);
        }
        let trace = TraceId::from_hex(&heading.trace_id);
        if let (Ok(trace), Ok(span)) = (trace, SpanId::from_hex(&heading.span_id)) {
            record.set_trace_context(trace, span, None);
        }
        for (key, value) in [
            ("embargo.event_id", heading.event_id),
            ("embargo.door", heading.door),
            ("embargo.method", heading.method),
            ("embargo.effect", heading.effect),
        ] {
            if !value.is_empty() {
                record.add_attribute(key, value);
            }
        }
        let body = String::from_utf8_lossy(entry).into_owned();
        record.set_body(AnyValue::String(body.into()));
        record
    }
}

fn exporter(endpoint: Option<&str>) -> Result<LogExporter, String> {
    jose::install();
    let builder = LogExporter::builder();
    let made = match endpoint {
        None => builder.build(),
        Some(endpoint) => builder.with_http().with_endpoint(endpoint).build(),
    };
    let mut exporter = made.map_err(|cause| cause.to_string())?;
    // What the environment says of the service holds.
    let mut resource = Resource::builder();
    if std::env::var_os("OTEL_SERVICE_NAME").is_none() {
        resource = resource.with_service_name("embargo");
    }
    exporter.set_resource(&resource.build());
    Ok(exporter)
}

pub(super) fn time(text: &str) -> Option<SystemTime> {
    let instant: Instant = text.parse().ok()?;
    let nanoseconds = u64::try_from(instant.unix_nanoseconds()).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_nanos(nanoseconds))
}
