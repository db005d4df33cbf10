//! The one table of this door: how Envoy is told each effect and each lack of one.

use embargo_core::decision::Decision;
use embargo_core::diagnostic::cut;
use embargo_core::instrument::Effect;
use embargo_proto::envoy::config::core::v3::{HeaderValue, HeaderValueOption};
use embargo_proto::envoy::service::auth::v3 as pb;
use embargo_proto::envoy::r#type::v3::{HttpStatus, StatusCode};
use pb::check_response::HttpResponse;
use prost_types::value::Kind;
use prost_types::{Struct, Value};
use tonic::Code;

use crate::config::{EnvoyPlace, EnvoySettings};

use super::super::super::status::Refusal;
use super::super::grounds::{grounds, line};

/// Bytes of a header and of a content for people, at most.
const HEADER_BYTES: usize = 512;
const BODY_BYTES: usize = 4_096;

const DECISION_ID: &str = "x-embargo-decision-id";
const EFFECT: &str = "x-embargo-effect";
const SNAPSHOT_ID: &str = "x-embargo-snapshot-id";
const REASON: &str = "x-embargo-reason";
const WARNING: &str = "x-embargo-warning";

/// Why there is no decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// The question has no facts.
    Missing,
    /// What it has is refused, or the server cannot answer.
    Refused(Refusal),
}

impl From<Refusal> for Lack {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// How an effect is told. Envoy lets a request through if the code is OK, and only then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) code: Code,
    /// The status of HTTP for whoever sent the request, if it is not let through.
    pub(super) http: StatusCode,
    pub(super) reason: &'static str,
    /// What the content begins with.
    pub(super) lead: &'static str,
}

/// The words for an effect.
pub(super) const fn of_effect(effect: Effect) -> Words {
    let (code, http, reason, lead) = match effect {
        Effect::Allow => (Code::Ok, StatusCode::Empty, "ALLOWED", "allowed"),
        Effect::Warn => (
            Code::Ok,
            StatusCode::Empty,
            "WARNED",
            "allowed with a warning",
        ),
        Effect::Review => (
            Code::PermissionDenied,
            StatusCode::Forbidden,
            "REVIEW_REQUIRED",
            "a person must decide, which is no denial",
        ),
        Effect::Indeterminate => (
            Code::PermissionDenied,
            StatusCode::Forbidden,
            "INDETERMINATE",
            "this could not be decided, which is no denial",
        ),
        Effect::Deny => (
            Code::PermissionDenied,
            StatusCode::Forbidden,
            "DENIED",
            "denied",
        ),
    };
    Words {
        code,
        http,
        reason,
        lead,
    }
}

/// The words for a lack of a decision; none for an error of the server.
pub(super) const fn of_lack(lack: &Lack) -> Option<Words> {
    let reason = match lack {
        Lack::Missing => "FACTS_MISSING",
        // Whoever sends many requests could have errors let one through otherwise.
        Lack::Refused(Refusal::RateLimited { .. }) => {
            return Some(Words {
                code: Code::ResourceExhausted,
                http: StatusCode::TooManyRequests,
                reason: "RATE_LIMITED",
                lead: "this was not looked at, since too much is asked",
            });
        }
        Lack::Refused(refusal) => match refusal {
            Refusal::FactsInvalid { .. } => "FACTS_INVALID",
            Refusal::RequestInvalid(_) => "REQUEST_INVALID",
            Refusal::BatchTooLarge { .. }
            | Refusal::InventoryInvalid { .. }
            | Refusal::PageTokenInvalid
            | Refusal::BundleInvalid(_)
            | Refusal::BundleRejected { .. }
            | Refusal::PolicyNotFound { .. }
            | Refusal::SnapshotMismatch { .. }
            | Refusal::NoSnapshot
            | Refusal::Draining
            | Refusal::Overloaded(_)
            | Refusal::RateLimited { .. }
            | Refusal::DecisionLogUnavailable
            | Refusal::AnswerTooLarge { .. }
            | Refusal::DeadlinePassed
            | Refusal::CredentialsMissing
            | Refusal::CredentialsInvalid(_)
            | Refusal::ScopeMissing(_)
            | Refusal::ServerFault => return None,
        },
    };
    Some(Words {
        code: Code::InvalidArgument,
        http: StatusCode::BadRequest,
        reason,
        lead: "this cannot be judged",
    })
}

/// The answer about a host that was judged.
pub(super) fn decided(decision: &Decision, settings: &EnvoySettings) -> pb::CheckResponse {
    let effect = decision.judgement.effect;
    let words = of_effect(effect);
    let mut headers = vec![
        header(DECISION_ID, &decision.decision_id),
        header(EFFECT, effect.word()),
        header(SNAPSHOT_ID, &decision.snapshot_id),
    ];
    let mut told = vec![
        ("decision_id", decision.decision_id.clone()),
        ("effect", effect.word().to_owned()),
        ("snapshot_id", decision.snapshot_id.to_string()),
        ("reason", words.reason.to_owned()),
    ];
    if let Some(next) = decision.next_change_time {
        told.push(("next_change_time", next.to_string()));
    }
    let grounds = grounds(decision);
    let response = if words.code == Code::Ok {
        let mut to_remove = confidential(settings);
        let mut answered = Vec::new();
        match grounds.first().filter(|_| effect == Effect::Warn) {
            Some(first) => {
                headers.push(header(WARNING, &first.said));
                answered.push(header(WARNING, &first.said));
            }
            None => to_remove.push(WARNING.to_owned()),
        }
        HttpResponse::OkResponse(pb::OkHttpResponse {
            headers,
            headers_to_remove: to_remove,
            response_headers_to_add: answered,
        })
    } else {
        let lines = grounds.iter().map(|ground| {
            let parts = [&ground.said, &ground.remedy, &ground.source];
            let parts = parts.into_iter().filter(|part| !part.is_empty());
            parts.map(String::as_str).collect::<Vec<_>>().join(" | ")
        });
        denied(words, headers, lines)
    };
    answer(words, response, &told)
}

/// The answer where there is no decision; none for an error of the server.
pub(super) fn lacking(lack: &Lack, settings: &EnvoySettings) -> Option<pb::CheckResponse> {
    let words = of_lack(lack)?;
    let said = match lack {
        Lack::Missing => {
            let places: Vec<String> = settings.facts.iter().map(EnvoyPlace::to_string).collect();
            format!(
                "there are no facts, which is not the same as no software: send them in {}",
                places.join(" or ")
            )
        }
        Lack::Refused(refusal) => line(&refusal.to_string().replace("\n  ", ". ")),
    };
    let mut headers = Vec::new();
    if let Lack::Refused(refusal) = lack
        && let Some(delay) = refusal.retry_after()
    {
        let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
        headers.push(header("retry-after", &seconds.to_string()));
    }
    let response = denied(words, headers, std::iter::once(said));
    let told = [
        ("effect", "none".to_owned()),
        ("reason", words.reason.to_owned()),
    ];
    Some(answer(words, response, &told))
}

fn answer(words: Words, response: HttpResponse, told: &[(&str, String)]) -> pb::CheckResponse {
    let value = |text: &str| Value {
        kind: Some(Kind::StringValue(text.to_owned())),
    };
    let fields = told.iter();
    pb::CheckResponse {
        status: Some(tonic_types::pb::Status {
            code: words.code.into(),
            message: words.reason.to_owned(),
            details: Vec::new(),
        }),
        http_response: Some(response),
        dynamic_metadata: Some(Struct {
            fields: fields
                .map(|(key, text)| ((*key).to_owned(), value(text)))
                .collect(),
        }),
    }
}

fn denied(
    words: Words,
    mut headers: Vec<HeaderValueOption>,
    lines: impl Iterator<Item = String>,
) -> HttpResponse {
    headers.push(header(REASON, words.reason));
    headers.push(header("content-type", "text/plain; charset=utf-8"));
    headers.push(header("cache-control", "no-store"));
    let mut body = format!("{}\n", words.lead);
    for line in lines {
        body.push_str(&line);
        body.push('\n');
    }
    HttpResponse::DeniedResponse(pb::DeniedHttpResponse {
        status: Some(HttpStatus {
            code: words.http.into(),
        }),
        headers,
        body: cut(body, BODY_BYTES),
    })
}

/// The headers that facts came in: they are personal, and not for who is behind Envoy.
fn confidential(settings: &EnvoySettings) -> Vec<String> {
    let header = |place: &EnvoyPlace| match place {
        EnvoyPlace::Header(name) => Some(name.clone()),
        EnvoyPlace::Context(_) | EnvoyPlace::Metadata(_) | EnvoyPlace::Principal => None,
    };
    settings.facts.iter().filter_map(header).collect()
}

/// A header that takes the place of one that was sent.
fn header(name: &str, value: &str) -> HeaderValueOption {
    let fits = |c: char| c == ' ' || c.is_ascii_graphic();
    let value: String = value
        .chars()
        .map(|c| if fits(c) { c } else { '?' })
        .collect();
    HeaderValueOption {
        header: Some(HeaderValue {
            key: name.to_owned(),
            value: cut(value, HEADER_BYTES),
            raw_value: Vec::new(),
        }),
        append: Some(false),
    }
}

#[cfg(test)]
mod tests;
