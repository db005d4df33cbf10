//! What the management listener answers to which path.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Method, Request, Response, StatusCode, header};
use embargo_core::decision::PolicyTime;
use hyper::body::Incoming;
use serde_json::json;

use crate::config::ManagementSettings;
use crate::telemetry::Telemetry;

const PLAIN: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// How long times of policies are measured, at most and unless it is said.
const MOST_SECONDS: u64 = 60;
const USUAL_SECONDS: u64 = 10;

/// Answers requests.
pub(super) struct Answers {
    telemetry: Telemetry,
    limit: Duration,
    rule_times: bool,
}

struct Answer {
    status: StatusCode,
    kind: &'static str,
    text: String,
}

impl Answer {
    fn said(status: StatusCode, text: impl Into<String>) -> Self {
        let mut text = text.into();
        text.push('\n');
        Self {
            status,
            kind: PLAIN,
            text,
        }
    }
}

impl Answers {
    pub(super) fn new(telemetry: &Telemetry, settings: &ManagementSettings) -> Self {
        Self {
            telemetry: telemetry.clone(),
            limit: settings.request_limit,
            rule_times: settings.rule_times,
        }
    }

    /// How long a request may take to come.
    pub(super) const fn longest(&self) -> Duration {
        self.limit
    }

    /// The answer to a request. Its content is not read.
    pub(super) async fn to(&self, request: &Request<Incoming>, peer: SocketAddr) -> Response<Body> {
        let (path, answer) = self.answer(request, peer).await;
        self.telemetry.edge().managed(path, answer.status.as_u16());
        let is_head = request.method() == Method::HEAD;
        let length = answer.text.len();
        let body = if is_head {
            Body::empty()
        } else {
            Body::from(answer.text)
        };
        let mut response = Response::new(body);
        *response.status_mut() = answer.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.kind));
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let nosniff = HeaderValue::from_static("nosniff");
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
        response
    }

    /// The answer, and the path by its name from a closed list.
    async fn answer(
        &self,
        request: &Request<Incoming>,
        peer: SocketAddr,
    ) -> (&'static str, Answer) {
        let known = ["/metrics", "/livez", "/readyz", "/debug/rules"];
        let path = request.uri().path();
        let Some(path) = known.into_iter().find(|known| *known == path) else {
            let text = "there is no such path\n  hint: there are /metrics, /livez and /readyz";
            return ("other", Answer::said(StatusCode::NOT_FOUND, text));
        };
        if ![Method::GET, Method::HEAD].contains(request.method()) {
            let text = "the path is asked in another way\n  hint: ask with GET";
            return (path, Answer::said(StatusCode::METHOD_NOT_ALLOWED, text));
        }
        let answer = match path {
            "/metrics" => self.metrics(request),
            "/livez" => Answer::said(StatusCode::OK, "alive"),
            "/readyz" => match self.telemetry.unready() {
                None => Answer::said(StatusCode::OK, "ready"),
                Some(why) => {
                    Answer::said(StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {why}"))
                }
            },
            _ => self.rules(request.uri().query(), peer).await,
        };
        (path, answer)
    }

    /// All metrics, in the format that is asked for.
    fn metrics(&self, request: &Request<Incoming>) -> Answer {
        let accepted = request.headers().get_all(header::ACCEPT);
        let accepted = accepted.iter().filter_map(|value| value.to_str().ok());
        let (kind, text) = if prefers_open_metrics(accepted) {
            (OPEN_METRICS, self.telemetry.open_metrics())
        } else {
            (PROMETHEUS, self.telemetry.prometheus_text())
        };
        Answer {
            status: StatusCode::OK,
            kind,
            text,
        }
    }

    /// How long each policy takes, measured while the request waits. Only for callers on this very
    /// machine, and for one at a time.
    async fn rules(&self, query: Option<&str>, peer: SocketAddr) -> Answer {
        if !self.rule_times {
            let text = "times of policies are switched off\n  hint: set `management.rule_times`";
            return Answer::said(StatusCode::FORBIDDEN, text);
        }
        if !is_here(peer) {
            let text = "times of policies are told on this machine alone\n  hint: ask from there, such as by `kubectl port-forward`";
            return Answer::said(StatusCode::FORBIDDEN, text);
        }
        let Some(seconds) = seconds(query) else {
            let text = format!(
                "`seconds` must be 1 to {MOST_SECONDS}\n  hint: leave it out for {USUAL_SECONDS}"
            );
            return Answer::said(StatusCode::BAD_REQUEST, text);
        };
        let measured = self
            .telemetry
            .rule_times()
            .measure(Duration::from_secs(seconds))
            .await;
        match measured {
            Ok(times) => Answer {
                status: StatusCode::OK,
                kind: JSON,
                text: told(seconds, &times),
            },
            Err(busy) => Answer::said(StatusCode::CONFLICT, busy.to_string()),
        }
    }
}

/// Whether somebody asks from this very machine.
fn is_here(peer: SocketAddr) -> bool {
    peer.ip().to_canonical().is_loopback()
}

fn told(seconds: u64, times: &[(Arc<str>, PolicyTime)]) -> String {
    let mut text = format!("{{\"seconds\": {seconds}, \"policies\": [");
    for (at, (policy, time)) in times.iter().enumerate() {
        let line = json!({
            "policy": **policy,
            "count": time.evaluations,
            "failures": time.failures,
            "totalSeconds": time.total.as_secs_f64(),
            "maxSeconds": time.longest.as_secs_f64(),
        });
        let comma = if at == 0 { "" } else { "," };
        // Writing to a text does not fail.
        let _ = write!(text, "{comma}\n  {line}");
    }
    text.push_str("\n]}\n");
    text
}

fn seconds(query: Option<&str>) -> Option<u64> {
    let said = query
        .unwrap_or_default()
        .split('&')
        .find_map(|pair| pair.strip_prefix("seconds="));
    let seconds = said.map_or(Some(USUAL_SECONDS), |text| text.parse().ok())?;
    (1..=MOST_SECONDS).contains(&seconds).then_some(seconds)
}

/// Whether `OpenMetrics` is accepted at least as gladly as anything else.
fn prefers_open_metrics<'a>(accepted: impl Iterator<Item = &'a str>) -> bool {
    let mut open = 0.0_f32;
    let mut plain = 0.0_f32;
    for range in accepted.flat_map(|text| text.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        let quality = parts
            .find_map(|part| part.strip_prefix("q="))
            .map_or(Some(1.0), |text| text.parse().ok());
        let quality: f32 = quality.unwrap_or(0.0);
        match kind {
            "application/openmetrics-text" => open = open.max(quality),
            "text/plain" | "text/*" | "*/*" => plain = plain.max(quality),
            _ => {}
        }
    }
    open > 0.0 && open >= plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_the_one_that_is_accepted_most_gladly() {
        for (accept, wanted) in [
            ("", false),
            ("*/*", false),
            ("application/openmetrics-text", true),
            (
                "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1",
                true,
            ),
            (
                "application/openmetrics-text;q=0.2, text/plain;q=0.9",
                false,
            ),
            ("application/openmetrics-text;q=0", false),
            ("text/html", false),
        ] {
            assert_eq!(
                prefers_open_metrics([accept].into_iter()),
                wanted,
                "{accept}"
            );
        }
    }

    #[test]
    fn times_of_policies_are_for_those_on_the_machine_itself() {
        for (peer, wanted) in [
            ("127.0.0.1:1", true),
            ("127.8.9.1:1", true),
            ("[::1]:1", true),
            ("[::ffff:127.0.0.1]:1", true),
            ("10.0.0.1:1", false),
            ("0.0.0.0:1", false),
            ("[::ffff:10.0.0.1]:1", false),
            ("[fe80::1]:1", false),
        ] {
            assert_eq!(is_here(peer.parse().unwrap()), wanted, "{peer}");
        }
    }

    #[test]
    fn a_time_beyond_its_range_is_none() {
        for (query, wanted) in [
            (None, Some(10)),
            (Some("x=1"), Some(10)),
            (Some("seconds=1"), Some(1)),
            (Some("x=1&seconds=60"), Some(60)),
            (Some("seconds=0"), None),
            (Some("seconds=61"), None),
            (Some("seconds="), None),
            (Some("seconds=-1"), None),
        ] {
            assert_eq!(seconds(query), wanted, "{query:?}");
        }
    }
}
