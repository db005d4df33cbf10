//! The limits on what the methods that judge have in common, and on batches and streams.

use embargo_proto::v1 as pb;
use pb::batch_decide_hosts_request::BatchItem;
use tonic::Code;

use super::super::row::{Ask, Row, Wanted};
use super::{
    BATCH_TOO_LARGE, batch, batch_item, decide, explain, identify, inventory, row, stream, timeline,
};

const POLICY_NOT_FOUND: Wanted<'_> = Wanted::Reason(Code::NotFound, "POLICY_NOT_FOUND");
const MISMATCH: Wanted<'_> = Wanted::Reason(Code::FailedPrecondition, "SNAPSHOT_MISMATCH");

fn batch_of(ids: impl IntoIterator<Item = String>) -> Ask {
    Ask::Batch(pb::BatchDecideHostsRequest {
        items: ids.into_iter().map(|id| batch_item(&id)).collect(),
        ..Default::default()
    })
}

fn stream_of(id: String) -> Ask {
    Ask::Stream(pb::StreamDecideHostsRequest {
        correlation_id: id,
        ..stream()
    })
}

fn explain_of(count: usize, bytes: usize) -> Ask {
    Ask::Explain(pb::ExplainDecisionRequest {
        policy_ids: vec!["x".repeat(bytes); count],
        ..explain()
    })
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = shared_rows();
    rows.extend(many_rows());
    rows
}

/// The fields that many methods have.
fn shared_rows() -> Vec<Row> {
    let required = |ask: fn(String) -> Ask| {
        // What is well-formed is compared, and what is not is not.
        let edge = (ask("x".repeat(64)), MISMATCH);
        let beyond = ["x".repeat(65), "é".repeat(33)].map(ask);
        let beyond = beyond.map(|ask| (ask, Wanted::Request("require_snapshot_id")));
        [vec![edge], beyond.into()].concat()
    };
    let action = |ask: fn(i32) -> Ask| {
        let passes: Vec<Ask> = (0..=7).map(ask).collect();
        let refused =
            [8, -1, i32::MAX, i32::MIN].map(|number| (ask(number), Wanted::Request("action")));
        (passes, refused.to_vec())
    };
    let asks: [fn(i32) -> Ask; 6] = [
        |action| {
            Ask::Explain(pb::ExplainDecisionRequest {
                action,
                ..explain()
            })
        },
        |action| Ask::Decide(pb::DecideHostRequest { action, ..decide() }),
        |action| Ask::Stream(pb::StreamDecideHostsRequest { action, ..stream() }),
        |action| {
            Ask::Inventory(pb::DecideInventoryRequest {
                action,
                ..inventory()
            })
        },
        |action| {
            Ask::Timeline(pb::ComputeDecisionTimelineRequest {
                action,
                ..timeline()
            })
        },
        |action| {
            let item = BatchItem {
                action,
                ..batch_item("a")
            };
            Ask::Batch(pb::BatchDecideHostsRequest {
                items: vec![item],
                ..batch()
            })
        },
    ];
    let (passes, refused): (Vec<_>, Vec<_>) = asks.into_iter().map(action).unzip();
    let without = |ask: Ask| (ask, Wanted::Facts("facts"));
    let no_item = BatchItem {
        facts: None,
        ..batch_item("a")
    };
    let at_most = "At most 64 bytes";
    vec![
        row(
            "Action",
            "a server refuses one that it does not know",
            passes.concat(),
            refused.concat(),
        ),
        row(
            "DecideHostRequest.facts",
            "Required",
            vec![Ask::Decide(decide())],
            vec![without(Ask::Decide(pb::DecideHostRequest {
                facts: None,
                ..decide()
            }))],
        ),
        row(
            "BatchDecideHostsRequest.BatchItem.facts",
            "Required",
            vec![Ask::Batch(batch())],
            vec![without(Ask::Batch(pb::BatchDecideHostsRequest {
                items: vec![no_item],
                ..batch()
            }))],
        ),
        row(
            "StreamDecideHostsRequest.facts",
            "Required",
            vec![Ask::Stream(stream())],
            vec![without(Ask::Stream(pb::StreamDecideHostsRequest {
                facts: None,
                ..stream()
            }))],
        ),
        row(
            "ComputeDecisionTimelineRequest.facts",
            "Required",
            vec![Ask::Timeline(timeline())],
            vec![without(Ask::Timeline(pb::ComputeDecisionTimelineRequest {
                facts: None,
                ..timeline()
            }))],
        ),
        row(
            "ExplainDecisionRequest.facts",
            "Required",
            vec![Ask::Explain(explain())],
            vec![without(Ask::Explain(pb::ExplainDecisionRequest {
                facts: None,
                ..explain()
            }))],
        ),
        row(
            "ExplainDecisionRequest.policy_ids",
            "at most 100",
            vec![],
            vec![
                (explain_of(100, 256), POLICY_NOT_FOUND),
                (explain_of(101, 1), Wanted::Request("policy_ids")),
                (explain_of(1, 257), Wanted::Request("policy_ids[0]")),
            ],
        ),
        row(
            "ExplainDecisionRequest.require_snapshot_id",
            at_most,
            vec![],
            required(|id| {
                Ask::Explain(pb::ExplainDecisionRequest {
                    require_snapshot_id: id,
                    ..explain()
                })
            }),
        ),
        row(
            "DecideHostRequest.require_snapshot_id",
            at_most,
            vec![],
            required(|id| {
                Ask::Decide(pb::DecideHostRequest {
                    require_snapshot_id: id,
                    ..decide()
                })
            }),
        ),
        row(
            "BatchDecideHostsRequest.require_snapshot_id",
            at_most,
            vec![],
            required(|id| {
                Ask::Batch(pb::BatchDecideHostsRequest {
                    require_snapshot_id: id,
                    ..batch()
                })
            }),
        ),
        row(
            "StreamDecideHostsRequest.require_snapshot_id",
            at_most,
            vec![],
            required(|id| {
                Ask::Stream(pb::StreamDecideHostsRequest {
                    require_snapshot_id: id,
                    ..stream()
                })
            }),
        ),
        row(
            "DecideInventoryRequest.require_snapshot_id",
            at_most,
            vec![],
            required(|id| {
                Ask::Inventory(pb::DecideInventoryRequest {
                    require_snapshot_id: id,
                    ..inventory()
                })
            }),
        ),
        row(
            "ComputeDecisionTimelineRequest.require_snapshot_id",
            at_most,
            vec![],
            required(|id| {
                Ask::Timeline(pb::ComputeDecisionTimelineRequest {
                    require_snapshot_id: id,
                    ..timeline()
                })
            }),
        ),
        row(
            "IdentifySoftwareRequest.require_snapshot_id",
            at_most,
            vec![],
            required(|id| identify(1, &id)),
        ),
    ]
}

/// Batches and streams.
fn many_rows() -> Vec<Row> {
    let ids = |count: usize| batch_of((0..count).map(|at| at.to_string()));
    let refused = |ask: fn(String) -> Ask, field| {
        [String::new(), "x".repeat(65), "é".repeat(33)]
            .map(|id| (ask(id), Wanted::Request(field)))
            .into()
    };
    let one: fn(String) -> Ask = |id| batch_of([id]);
    let twice = batch_of(["a", "b", "a"].map(str::to_owned));
    let (id, items) = ("items[0].correlation_id", Wanted::Request("items"));
    vec![
        row(
            "BatchDecideHostsRequest.items",
            "1 to 1,000",
            vec![ids(1), ids(1_000)],
            vec![(ids(0), items), (ids(1_001), BATCH_TOO_LARGE)],
        ),
        row(
            "DecisionService.BatchDecideHosts",
            "For more than 1,000 hosts",
            vec![ids(1_000)],
            vec![(ids(1_001), BATCH_TOO_LARGE)],
        ),
        row(
            "DecisionService.BatchDecideHosts",
            "more than 1,000 items",
            vec![],
            vec![(ids(1_001), BATCH_TOO_LARGE)],
        ),
        row(
            "DecisionService.BatchDecideHosts",
            "is malformed or appears twice",
            vec![],
            vec![(twice.clone(), Wanted::Request("items[2].correlation_id"))],
        ),
        row(
            "BatchDecideHostsRequest.BatchItem.correlation_id",
            "1 to 64 bytes",
            vec![
                one("x".repeat(64)),
                one("é".repeat(32)),
                one("x".to_owned()),
            ],
            refused(one, id),
        ),
        row(
            "BatchDecideHostsRequest.BatchItem.correlation_id",
            "Unique within the batch",
            vec![ids(2)],
            vec![(twice, Wanted::Request("items[2].correlation_id"))],
        ),
        row(
            "StreamDecideHostsRequest.correlation_id",
            "1 to 64 bytes",
            vec![stream_of("x".repeat(64)), stream_of("x".to_owned())],
            refused(stream_of, "correlation_id"),
        ),
    ]
}
