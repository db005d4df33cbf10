//! Health, as OPA tells it: alive, and on request whether policies are active.

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::json;

use super::super::super::desk::Desk;
use super::params::is_true;
use super::words;

/// The parameters that ask for active policies.
const READINESS: [&str; 3] = ["bundles", "bundle", "plugins"];

const DRAINING: &str = "the server is shutting down";
const NOT_ACTIVE: &str = "one or more bundles are not activated";

/// The path of health.
pub(super) fn router(desk: &Desk) -> Router {
    Router::new()
        .route("/health", get(health))
        .with_state(desk.clone())
}

async fn health(State(desk): State<Desk>, Query(query): Query<Vec<(String, String)>>) -> Response {
    let asks_for_policies = READINESS.iter().any(|name| is_true(&query, name));
    let fault = if desk.drain.enter().is_none() {
        DRAINING
    } else if asks_for_policies && desk.active().is_err() {
        NOT_ACTIVE
    } else {
        return words::written(StatusCode::OK, &json!({}), false);
    };
    let body = json!({ "error": fault });
    words::written(StatusCode::INTERNAL_SERVER_ERROR, &body, false)
}
