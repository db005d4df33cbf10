//! The cases, asked through the client's own functions.

use std::time::Duration;

use embargo_client::{
    CacheLimits, CallError, Client, ClosedReason, DecisionCache, Gate, GateOutcome, v1,
};
use serde_json::{Map, Value, json};
use tokio::time::timeout;
use tokio_stream::StreamExt as _;
use v1::{decide_result, inventory_result, run_policy_tests_response::Event};

use crate::case::{Asked, Code, Wanted, WantedError, WantedGate, WantedItem};
use crate::json::{form, message, mismatch, present};

/// How long anything may take that a case does not bound.
const LIMIT: Duration = Duration::from_secs(60);

/// Asks, and says in words what is not as it is wanted.
pub(crate) async fn hold(client: &Client, asked: &Asked) -> Result<(), String> {
    match asked {
        Asked::Call {
            method,
            request,
            deadline,
            wanted,
        } => {
            let client = client.with_deadline(deadline.unwrap_or(LIMIT));
            let answer = call(&client, method, request).await?;
            match (wanted, answer) {
                (Wanted::Answer { want, absent }, Ok(got)) => {
                    let extra = absent.iter().find_map(|path| present(path, &got));
                    none(mismatch(want, Some(&got), "").or(extra))
                }
                (Wanted::Error(want), Err(got)) => none(unlike(want, &got)),
                (Wanted::Answer { .. }, Err(got)) => Err(format!("it failed: {got}")),
                (Wanted::Error(_), Ok(got)) => Err(format!("it did not fail: {got}")),
            }
        }
        Asked::Stream { items, want } => {
            let items: Result<Vec<v1::StreamDecideHostsRequest>, String> = items
                .iter()
                .map(|item| message("StreamDecideHostsRequest", item))
                .collect();
            let opened = client.stream_decide_hosts(tokio_stream::iter(items?)).await;
            let mut answers = opened.map_err(|error| error.to_string())?;
            let mut left = want.clone();
            while let Some(item) = next(&mut answers).await? {
                let item = item.map_err(|error| format!("the stream broke: {error}"))?;
                let id = item.correlation_id;
                let want = left
                    .remove(&id)
                    .ok_or_else(|| format!("`{id}` was not wanted"))?;
                let wrong = match (want, item.result) {
                    (WantedItem::Decision(want), Ok(got)) => {
                        mismatch(&want, Some(&form("Decision", &got)?), "decision")
                    }
                    (WantedItem::Error(want), Err(got)) => unlike(&want, &got),
                    (_, got) => Some(format!("it is {got:?}")),
                };
                none(wrong.map(|wrong| format!("item `{id}`: {wrong}")))?;
            }
            let left: Vec<_> = left.into_keys().collect();
            none((!left.is_empty()).then(|| format!("no answers came for {left:?}")))
        }
        Asked::Watch { want } => {
            let mut watch = client
                .watch_snapshot()
                .await
                .map_err(|error| error.to_string())?;
            let state = next(&mut watch).await?.ok_or("the watch ended")?;
            let got = form(
                "WatchSnapshotResponse",
                &state.map_err(|error| error.to_string())?,
            )?;
            none(mismatch(want, Some(&got), ""))
        }
        Asked::Gate { request, want } => {
            let request = message("DecideHostRequest", request)?;
            let outcome = Gate::new(client, LIMIT).check(request).await;
            let got = match &outcome {
                GateOutcome::Open(_) => WantedGate::Open,
                GateOutcome::Closed(ClosedReason::Denied(_)) => WantedGate::Denied,
                GateOutcome::Closed(ClosedReason::Review(_)) => WantedGate::Review,
                GateOutcome::Closed(ClosedReason::Indeterminate(_)) => WantedGate::Indeterminate,
                GateOutcome::Closed(_) => WantedGate::NoDecision,
            };
            none((got != *want).then(|| format!("it is {got:?}, wanted {want:?}: {outcome:?}")))
        }
        Asked::Cache { request, want } => {
            let request: v1::DecideHostRequest = message("DecideHostRequest", request)?;
            let cache = DecisionCache::new(client, CacheLimits::default());
            let cache = cache.map_err(|error| error.to_string())?;
            let connected = timeout(LIMIT, cache.connected()).await;
            connected
                .map_err(|_| "the watch did not connect")?
                .map_err(|error| error.to_string())?;
            let ask = async || {
                let answer = cache.decide_host(request.clone()).await;
                answer.map_err(|error| error.to_string())
            };
            let (first, second) = (ask().await?, ask().await?);
            let got = (first.is_reused, second.is_reused);
            none((got != (false, want.reused)).then(|| format!("reused: {got:?}")))?;
            let same = first.decision.effect == second.decision.effect;
            none((!same).then(|| "the answers differ".to_owned()))
        }
    }
}

fn none(wrong: Option<String>) -> Result<(), String> {
    wrong.map_or(Ok(()), Err)
}

/// What comes next, or that nothing came.
async fn next<S>(stream: &mut S) -> Result<Option<S::Item>, String>
where
    S: tokio_stream::Stream + Unpin,
{
    let next = timeout(LIMIT, stream.next()).await;
    next.map_err(|_| "nothing came in time".to_owned())
}

/// Calls a method by the client's function for it, and makes the message of what it gives.
async fn call(
    client: &Client,
    method: &str,
    request: &Value,
) -> Result<Result<Value, CallError>, String> {
    macro_rules! answer {
        ($call:expr, $name:literal) => {
            match $call.await {
                Ok(answer) => form($name, &answer).map(Ok),
                Err(error) => Ok(Err(error)),
            }
        };
    }
    let asked = format!("{method}Request");
    match method {
        "DecideHost" => {
            let decided = client.decide_host(message(&asked, request)?).await;
            match decided {
                Ok(decision) => Ok(Ok(json!({"decision": form("Decision", &decision)?}))),
                Err(error) => Ok(Err(error)),
            }
        }
        "BatchDecideHosts" => match client.batch_decide_hosts(message(&asked, request)?).await {
            Ok(answer) => batch(answer).map(Ok),
            Err(error) => Ok(Err(error)),
        },
        "DecideInventory" => match client.decide_inventory(message(&asked, request)?).await {
            Ok(answer) => inventory(answer).map(Ok),
            Err(error) => Ok(Err(error)),
        },
        "RunPolicyTests" => match client.run_policy_tests(message(&asked, request)?).await {
            Ok(ran) => {
                let event = Some(Event::Summary(ran.summary));
                form(
                    "RunPolicyTestsResponse",
                    &v1::RunPolicyTestsResponse { event },
                )
                .map(Ok)
            }
            Err(error) => Ok(Err(error)),
        },
        "ExplainDecision" => answer!(
            client.explain_decision(message(&asked, request)?),
            "ExplainDecisionResponse"
        ),
        "ComputeDecisionTimeline" => answer!(
            client.compute_decision_timeline(message(&asked, request)?),
            "ComputeDecisionTimelineResponse"
        ),
        "GetSnapshot" => answer!(client.get_snapshot(), "GetSnapshotResponse"),
        "ListPolicies" => answer!(
            client.list_policies(message(&asked, request)?),
            "ListPoliciesResponse"
        ),
        "GetPolicy" => {
            let request: v1::GetPolicyRequest = message(&asked, request)?;
            answer!(client.get_policy(request.policy_id), "GetPolicyResponse")
        }
        "ValidateBundle" => {
            let request: v1::ValidateBundleRequest = message(&asked, request)?;
            answer!(
                client.validate_bundle(request.files),
                "ValidateBundleResponse"
            )
        }
        "IdentifySoftware" => answer!(
            client.identify_software(message(&asked, request)?),
            "IdentifySoftwareResponse"
        ),
        other => Err(format!("no function is known for `{other}`")),
    }
}

fn batch(answer: embargo_client::BatchDecisions) -> Result<Value, String> {
    let (results, errors): (Vec<_>, Vec<_>) = answer
        .items
        .into_iter()
        .map(|item| {
            let (decision, error) = parts(item.result);
            let result = v1::DecideResult {
                correlation_id: item.correlation_id,
                result: decision.map(decide_result::Result::Decision),
            };
            (result, error)
        })
        .unzip();
    let whole = v1::BatchDecideHostsResponse {
        results,
        snapshot: Some(answer.snapshot),
        evaluate_time: Some(answer.evaluate_time),
    };
    Ok(with_errors(
        form("BatchDecideHostsResponse", &whole)?,
        &errors,
    ))
}

fn inventory(answer: embargo_client::InventoryDecisions) -> Result<Value, String> {
    let (results, errors): (Vec<_>, Vec<_>) = answer
        .hosts
        .into_iter()
        .map(|host| {
            let (decision, error) = parts(host.result);
            let result = v1::InventoryResult {
                host_id: host.host_id,
                record_count: host.record_count,
                software_count: host.software_count,
                remarks: host.remarks,
                result: decision.map(inventory_result::Result::Decision),
            };
            (result, error)
        })
        .unzip();
    let whole = v1::DecideInventoryResponse {
        format: answer.format,
        results,
        snapshot: Some(answer.snapshot),
        evaluate_time: Some(answer.evaluate_time),
    };
    Ok(with_errors(
        form("DecideInventoryResponse", &whole)?,
        &errors,
    ))
}

/// A decision, or the number of the code that stands in its place.
fn parts(result: Result<v1::Decision, CallError>) -> (Option<v1::Decision>, Option<i32>) {
    match result {
        Ok(decision) => (Some(decision), None),
        Err(error) => (None, Some(error.code().into())),
    }
}

/// Puts the errors of items where the message has them.
fn with_errors(mut whole: Value, errors: &[Option<i32>]) -> Value {
    let results = whole.get_mut("results").and_then(Value::as_array_mut);
    for (result, code) in results.into_iter().flatten().zip(errors) {
        if let (Some(result), Some(code)) = (result.as_object_mut(), code) {
            let error = Map::from_iter([("code".to_owned(), json!(code))]);
            result.insert("error".to_owned(), Value::Object(error));
        }
    }
    whole
}

/// Where an error is not the one that is wanted.
fn unlike(want: &WantedError, got: &CallError) -> Option<String> {
    let differs = |what: &str| Some(format!("{what} differs: {got:?}"));
    if number(want.code) != i32::from(got.code()) {
        return differs("the code");
    }
    if let Some(reason) = &want.reason
        && got.reason().is_none_or(|got| got.as_str() != reason)
    {
        return differs("the reason");
    }
    let fields = got.violations().iter().map(|violation| &violation.field);
    if let Some(want) = &want.fields
        && !fields.eq(want)
    {
        return differs("the list of fields");
    }
    let metadata = got.status().map(|status| &status.metadata);
    let is_there = |(key, value): (&String, &String)| {
        metadata.is_some_and(|metadata| metadata.get(key) == Some(value))
    };
    if !want.metadata.iter().all(is_there) {
        return differs("the metadata");
    }
    None
}

const fn number(code: Code) -> i32 {
    match code {
        Code::Cancelled => 1,
        Code::Unknown => 2,
        Code::InvalidArgument => 3,
        Code::DeadlineExceeded => 4,
        Code::NotFound => 5,
        Code::AlreadyExists => 6,
        Code::PermissionDenied => 7,
        Code::ResourceExhausted => 8,
        Code::FailedPrecondition => 9,
        Code::Aborted => 10,
        Code::OutOfRange => 11,
        Code::Unimplemented => 12,
        Code::Internal => 13,
        Code::Unavailable => 14,
        Code::DataLoss => 15,
        Code::Unauthenticated => 16,
    }
}
