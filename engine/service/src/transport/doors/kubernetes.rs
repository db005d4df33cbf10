//! The validating admission webhook of Kubernetes: `AdmissionReview` in and out.
//!
//! What whoever applies an object can bring about, such as an object without facts, is answered and
//! never allowed. What only the server can bring about is an error of HTTP without a review, so that
//! the failure policy of the webhook decides.

mod review;
mod subject;
mod timeout;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use serde_json::{Map, Value};

use super::super::arrival::Arrival;
use super::super::desk::Desk;
use super::super::status::Refusal;
use super::entrance::Visit;
use super::judging;
use super::reading::Reading;
use super::reply::{Statuses, json};

use self::review::Unreadable;
use self::subject::Subject;
use self::words::Lack;

/// The path that a configuration of a webhook names.
const PATH: &str = "/webhook/k8s/v1";

/// The path of the webhook.
pub(super) fn router(desk: &Desk, reading: &Reading, statuses: &Statuses) -> Router {
    let webhook = Arc::new(Webhook {
        desk: desk.clone(),
        reading: reading.clone(),
        statuses: statuses.clone(),
    });
    Router::new().route(
        PATH,
        post(move |request| async move {
            let answered = webhook.answer(request).await;
            answered.unwrap_or_else(|refused| refused)
        }),
    )
}

struct Webhook {
    desk: Desk,
    reading: Reading,
    statuses: Statuses,
}

/// What a review asks, or why it is answered at once.
struct Read {
    uid: String,
    subject: Result<Subject, Lack>,
}

impl Webhook {
    async fn answer(&self, request: Request) -> Result<Response, Response> {
        let Some(visit) = request.extensions().get::<Visit>().cloned() else {
            return Err(self.statuses.refused(Refusal::ServerFault));
        };
        let limit = timeout::of_query(request.uri().query());
        let arrival = visit.arrival.clone().no_later_than(limit);
        let (parts, body) = request.into_parts();
        let content = async { Ok(visit.read(&parts.headers, body).await) };
        let content = arrival.within(content).await;
        let content = content.map_err(|late| self.statuses.refused(late))?;
        let content = content.map_err(|unread| self.statuses.unread(unread))?;
        let read = arrival.within(self.read(content)).await;
        let read = read.map_err(|refusal| self.statuses.refused(refusal))?;
        let read = read.map_err(|unreadable| {
            let status = StatusCode::BAD_REQUEST;
            self.statuses.said(status, &unreadable)
        })?;
        let response = match read.subject {
            Ok(subject) => self.judge(&arrival, subject).await,
            Err(lack) => Err(lack),
        };
        let response = response.or_else(|lack| match (words::lacking(&lack), lack) {
            (Some(response), lack) => {
                if let Lack::Refused(refusal) = &lack {
                    arrival.meter.note(refusal.worded());
                }
                Ok(response)
            }
            (None, Lack::Refused(refusal)) => Err(self.statuses.refused(refusal)),
            (None, Lack::Missing) => Err(self.statuses.refused(Refusal::ServerFault)),
        })?;
        Ok(json(StatusCode::OK, review::answer(&read.uid, response)))
    }

    async fn read(&self, content: Bytes) -> Result<Result<Read, Unreadable>, Refusal> {
        self.reading.of(content.len(), move || read(&content)).await
    }

    async fn judge(&self, arrival: &Arrival, subject: Subject) -> Result<Map<String, Value>, Lack> {
        let Subject {
            hosts,
            about,
            name,
            action,
            place,
        } = subject;
        let hosts = hosts
            .into_iter()
            .map(|host| (host.record.software.len(), host))
            .collect();
        let about = Arc::new(about);
        let facts = move |host| judging::checked(about.complete(host, &name), &place);
        let decisions =
            judging::judge_each(&self.desk, arrival, "review", action, hosts, facts).await?;
        let response = words::decided(&decisions, action);
        response.ok_or(Lack::Refused(Refusal::ServerFault))
    }
}

fn read(content: &Bytes) -> Result<Read, Unreadable> {
    let text = subject::text(content).ok_or(Unreadable::Json { line: 0, column: 0 })?;
    let review = review::read(text)?;
    Ok(Read {
        subject: subject::read(&review),
        uid: review.uid,
    })
}
