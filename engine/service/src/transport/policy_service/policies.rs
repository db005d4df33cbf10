//! ListPolicies and GetPolicy.

use embargo_proto::v1 as pb;
use prost::Message as _;

use super::super::desk::{Desk, fitting};
use super::super::policy::{policy, snapshot_ref};
use super::super::request::{Faults, too_long};
use super::super::status::Refusal;
use super::page::PageTokens;

/// Policies of a page, unless the caller says otherwise.
const PAGE: usize = 50;
/// Policies of a page, at most.
const LARGEST_PAGE: usize = 1_000;
/// Bytes of a page token, at most.
const TOKEN_BYTES: usize = 1_024;
/// Bytes of a policy id, at least 1.
const POLICY_ID_BYTES: usize = 256;
/// Room for the token and the snapshot.
const REST_BYTES: usize = 1_024;

pub(super) fn list(
    desk: &Desk,
    tokens: &PageTokens,
    message: &pb::ListPoliciesRequest,
) -> Result<pb::ListPoliciesResponse, Refusal> {
    let mut faults = Faults::default();
    let size = usize::try_from(message.page_size).unwrap_or_else(|_| {
        faults.add(
            "page_size",
            format!(
                "is {}: give 0 for the usual size, or up to {LARGEST_PAGE}",
                message.page_size
            ),
        );
        0
    });
    if message.page_token.len() > TOKEN_BYTES {
        faults.add("page_token", too_long(&message.page_token, TOKEN_BYTES));
    }
    faults.finish()?;
    let size = if size == 0 {
        PAGE
    } else {
        size.min(LARGEST_PAGE)
    };
    let active = desk.active()?;
    let first = tokens.read(&message.page_token, active.generation)?;

    let all = active.snapshot.policies();
    let mut policies = Vec::new();
    let most = desk.answer_bytes;
    let mut left = most.saturating_sub(REST_BYTES);
    for known in all.iter().skip(first).take(size) {
        let shown = policy(known);
        // A page that is not full is allowed, an empty one would never end.
        match left.checked_sub(shown.encoded_len() + 8) {
            Some(rest) => left = rest,
            None if policies.is_empty() => return Err(Refusal::AnswerTooLarge { most }),
            None => break,
        }
        policies.push(shown);
    }
    let next = first + policies.len();
    let next_page_token = if next < all.len() {
        tokens.make(active.generation, next)
    } else {
        String::new()
    };
    Ok(pb::ListPoliciesResponse {
        policies,
        next_page_token,
        snapshot: Some(snapshot_ref(&active)),
    })
}

pub(super) fn get(
    desk: &Desk,
    message: pb::GetPolicyRequest,
) -> Result<pb::GetPolicyResponse, Refusal> {
    let policy_id = message.policy_id;
    if policy_id.is_empty() || policy_id.len() > POLICY_ID_BYTES {
        let rule = format!("must have 1 to {POLICY_ID_BYTES} bytes: ListPolicies gives the ids");
        return Err(Refusal::field("policy_id", rule));
    }
    let active = desk.active()?;
    let Some(found) = active.snapshot.policy(&policy_id) else {
        return Err(Refusal::PolicyNotFound { policy_id });
    };
    let sources = active
        .snapshot
        .sources(found)
        .into_iter()
        .map(|(path, content)| pb::SourceFile {
            path: path.to_owned(),
            content: content.to_vec(),
        })
        .collect();
    let answer = pb::GetPolicyResponse {
        policy: Some(policy(found)),
        sources,
        snapshot: Some(snapshot_ref(&active)),
    };
    fitting(answer, desk.answer_bytes)
}
