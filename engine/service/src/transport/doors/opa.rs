//! The data API of OPA, so that what asks an OPA can ask this server instead.
//!
//! A path names one of a closed list of entry points; no path reaches the evaluator. What is
//! undefined in OPA's sense is answered as OPA does, without a result, and a lack of a decision is
//! an error of OPA's form and never a result.

mod entry;
mod health;
mod params;
mod words;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use embargo_core::decision::Decision;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::config;
use crate::reload::Active;

use self::entry::Entry;
use self::params::Params;
use super::super::decision::decision as message;
use super::super::desk::{Desk, fitting};
use super::super::status::Refusal;
use super::apart::Apart;
use super::asking::{asked, object, shown};
use super::entrance::{Entrance, Visit};
use super::http::check_free;
use super::judging::{Asked, judge_by};

/// Where AWX and AAP keep what a playbook is run with.
const AAP_PLACE: &str = "input.extra_vars.embargo";
const AAP_MISSING: &str =
    "is missing: give the facts of the host there, as `embargo decide` reads them";
/// What OPA says where a request has no input.
const NO_INPUT: &str = "'input' key missing from the request";
/// What entries of the decision log call what is asked here.
const METHOD: &str = "data";
const UNDEFINED: &str = "document missing or undefined";

/// The door. Clones are the same.
#[derive(Clone, Debug)]
struct Door {
    desk: Desk,
    apart: Apart,
}

/// The paths of the door.
pub(super) fn router(desk: &Desk, entrance: &Entrance, apart: &Apart) -> Router {
    let door = Arc::new(Door {
        desk: desk.clone(),
        apart: apart.clone(),
    });
    let data = get(data).post(data);
    let router = Router::new()
        .route("/v1/data", data.clone())
        .route("/v1/data/", data.clone())
        .route("/v1/data/{*path}", data)
        .route("/v0/data", post(bare))
        .route("/v0/data/", post(bare))
        .route("/v0/data/{*path}", post(bare))
        .route("/", post(bare))
        .route("/v1/policies/", get(policies))
        .method_not_allowed_fallback(|| async {
            words::error(
                StatusCode::METHOD_NOT_ALLOWED,
                words::INVALID_OPERATION,
                "policies and data come from the server's policy folder alone",
            )
        })
        .with_state(door);
    let guarded = entrance.before(config::Door::Opa, router, |refusal| {
        words::refused(&refusal)
    });
    // Whether the server lives is told also where no more calls are let in.
    guarded.merge(health::router(desk))
}

/// What this door says to whom it does not let in.
pub(super) fn refused(refusal: &Refusal) -> Response {
    words::refused(refusal)
}

/// What a request asks for, and what came of it.
struct Outcome {
    decision: Option<Decided>,
    /// Whether there was no input at all.
    is_bare: bool,
    read_in: Duration,
    judged_in: Duration,
}

struct Decided {
    decision: Decision,
    active: Active,
    entry: Entry,
    /// Bytes that an answer may have.
    most: usize,
}

async fn data(
    State(door): State<Arc<Door>>,
    path: Option<Path<String>>,
    Query(query): Query<Vec<(String, String)>>,
    request: Request,
) -> Response {
    let start = Instant::now();
    let params = Params::of(&query);
    let is_post = request.method() == Method::POST;
    let entry = Entry::of(path.as_ref().map_or("", |Path(path)| path.as_str()));
    match door.asked(entry, Form::Wrapped, &params, request).await {
        Ok(outcome) => outcome
            .response(&params, is_post, start)
            .unwrap_or_else(|refusal| words::refused(&refusal)),
        Err(refused) => refused,
    }
}

/// The calls whose content is the input itself, and whose answer is the result itself.
async fn bare(
    State(door): State<Arc<Door>>,
    path: Option<Path<String>>,
    Query(query): Query<Vec<(String, String)>>,
    request: Request,
) -> Response {
    let params = Params::of(&query);
    let is_default = request.uri().path() == "/";
    let path = path.as_ref().map_or("", |Path(path)| path.as_str());
    let entry = if is_default {
        Some(Entry::Decision)
    } else {
        Entry::of(path)
    };
    let outcome = match door.asked(entry, Form::Bare, &params, request).await {
        Ok(outcome) => outcome,
        Err(refused) => return refused,
    };
    match outcome.result() {
        Ok(Some(result)) => words::written(StatusCode::OK, &result, params.pretty),
        Ok(None) => words::error(
            StatusCode::NOT_FOUND,
            words::UNDEFINED_DOCUMENT,
            &format!("{UNDEFINED}: data.{}", shown(path).replace('/', ".")),
        ),
        Err(refusal) => words::refused(&refusal),
    }
}

/// The ids of the policies, which clients list to see whether somebody is there.
async fn policies(State(door): State<Arc<Door>>) -> Response {
    match door.desk.active() {
        Ok(active) => {
            let policies = active.snapshot.policies().iter();
            let ids: Vec<Value> = policies.map(|policy| json!({"id": *policy.id})).collect();
            words::written(StatusCode::OK, &json!({ "result": ids }), false)
        }
        Err(refusal) => words::refused(&refusal),
    }
}

/// Where the input stands in a content.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Under a key.
    Wrapped,
    /// The content is the input.
    Bare,
}

impl Door {
    async fn asked(
        &self,
        entry: Option<Entry>,
        form: Form,
        params: &Params,
        request: Request,
    ) -> Result<Outcome, Response> {
        let refused = |refusal: Refusal| words::refused(&refusal);
        let start = Instant::now();
        let (parts, body) = request.into_parts();
        let Some(visit) = parts.extensions.get::<Visit>() else {
            return Err(refused(Refusal::ServerFault));
        };
        let (form, text) = if parts.method == Method::POST {
            (form, content(visit, &parts.headers, body).await?)
        } else {
            (
                Form::Bare,
                Bytes::from(params.input.clone().unwrap_or_default()),
            )
        };
        let is_aap = entry == Some(Entry::Aap);
        let is_known = entry.is_some();
        let size = text.len();
        let read = move || read(&text, form, is_known, is_aap);
        let read = self.apart.convert(size, read).await;
        let input = read.unwrap_or(Err(Unread::Refused(Refusal::ServerFault)));
        let input = input.map_err(|unread| match unread {
            Unread::Malformed(cause) => words::malformed(&cause),
            Unread::Refused(refusal) => refused(refusal),
        })?;
        let read_in = start.elapsed();
        let is_bare = matches!(input, Input::None);
        let start = Instant::now();
        let decision = match (entry, input) {
            (Some(entry), Input::Question(asked)) => {
                let active = self.desk.active().map_err(refused)?;
                let judged = judge_by(&self.desk, &active, &visit.arrival, METHOD, *asked).await;
                let decision = judged.map_err(refused)?;
                Some(Decided {
                    decision,
                    active,
                    entry,
                    most: self.desk.answer_bytes,
                })
            }
            _ => None,
        };
        Ok(Outcome {
            decision,
            is_bare,
            read_in,
            judged_in: start.elapsed(),
        })
    }
}

async fn content(visit: &Visit, headers: &HeaderMap, body: Body) -> Result<Bytes, Response> {
    let named = |name, word: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.is_some_and(|value| value.to_ascii_lowercase().contains(word))
    };
    let encoded = headers.get(header::CONTENT_ENCODING);
    if encoded.is_some() && !named(header::CONTENT_ENCODING, "identity") {
        return Err(words::error(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            words::INVALID_PARAMETER,
            "the content is compressed\n  hint: send it as it is",
        ));
    }
    if named(header::CONTENT_TYPE, "yaml") {
        return Err(words::error(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            words::INVALID_PARAMETER,
            "the content is YAML\n  hint: send JSON",
        ));
    }
    let read = visit.read(headers, body).await;
    read.map_err(|unread| words::unread(&unread))
}

enum Input {
    None,
    /// There is input, and nobody asks for anything that there is.
    Unasked,
    Question(Box<Asked>),
}

enum Unread {
    Malformed(String),
    Refused(Refusal),
}

fn read(text: &[u8], form: Form, is_known: bool, is_aap: bool) -> Result<Input, Unread> {
    let malformed = |cause: &dyn ToString| Unread::Malformed(cause.to_string());
    if text.iter().all(u8::is_ascii_whitespace) {
        return Ok(Input::None);
    }
    check_free(text).map_err(|cause| malformed(&cause))?;
    // The cause may repeat a value.
    let content: &RawValue =
        serde_json::from_slice(text).map_err(|_| malformed(&"it is no text in UTF-8"))?;
    let input = match form {
        Form::Bare => Some(content),
        Form::Wrapped => {
            let parts = object(content, "content").map_err(|fault| malformed(&fault))?;
            parts.get("input").copied()
        }
    };
    let Some(input) = input.filter(|input| input.get() != "null") else {
        return Ok(Input::None);
    };
    if !is_known {
        return Ok(Input::Unasked);
    }
    let question = if is_aap {
        job(input)
    } else {
        asked(input, "input")
    };
    question
        .map(|asked| Input::Question(Box::new(asked)))
        .map_err(Unread::Refused)
}

/// The question that stands among what a playbook is run with.
fn job(input: &RawValue) -> Result<Asked, Refusal> {
    let job = object(input, "input")?;
    let missing = || Refusal::field(AAP_PLACE, AAP_MISSING);
    let variables = job.get("extra_vars").ok_or_else(missing)?;
    let variables = object(variables, "input.extra_vars")?;
    let question = variables.get("embargo").ok_or_else(missing)?;
    asked(question, AAP_PLACE)
}

impl Outcome {
    /// The result, or nothing if it is undefined.
    fn result(&self) -> Result<Option<Value>, Refusal> {
        let Some(decided) = &self.decision else {
            return Ok(None);
        };
        // The limit of every answer.
        let message = fitting(message(decided.decision.clone()), decided.most)?;
        Ok(decided.entry.result(
            &decided.decision.judgement,
            &message,
            &decided.active.snapshot,
        ))
    }

    fn response(
        &self,
        params: &Params,
        is_post: bool,
        start: Instant,
    ) -> Result<Response, Refusal> {
        let mut answer = Map::new();
        if let Some(decided) = &self.decision {
            let id = decided.decision.decision_id.as_str();
            answer.insert("decision_id".to_owned(), id.into());
        }
        let result = self.result()?;
        let is_defined = result.is_some();
        if let Some(result) = result {
            answer.insert("result".to_owned(), result);
        }
        if self.is_bare && is_post {
            let warning = json!({"code": words::API_USAGE_WARNING, "message": NO_INPUT});
            answer.insert("warning".to_owned(), warning);
        }
        if let Some(decided) = &self.decision {
            if let Some(lines) = params.explain.lines(&decided.decision, is_defined) {
                answer.insert("explanation".to_owned(), lines);
            }
            if params.provenance {
                let revision = &*decided.decision.snapshot_id;
                let bundles = json!({"embargo": {"revision": revision}});
                let provenance = json!({"version": env!("CARGO_PKG_VERSION"), "bundles": bundles});
                answer.insert("provenance".to_owned(), provenance);
            }
        }
        if params.metrics {
            let metrics = json!({
                "timer_rego_input_parse_ns": nanoseconds(self.read_in),
                "timer_rego_query_eval_ns": nanoseconds(self.judged_in),
                "timer_server_handler_ns": nanoseconds(start.elapsed()),
            });
            answer.insert("metrics".to_owned(), metrics);
        }
        Ok(words::written(
            StatusCode::OK,
            &Value::Object(answer),
            params.pretty,
        ))
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
