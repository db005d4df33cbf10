//! The limits on instants.

use embargo_proto::v1 as pb;
use prost_types::Timestamp;

use super::super::row::{Ask, Row, Wanted};
use super::super::times;
use super::{batch, decide, explain, inventory, row, stream, timeline};
use crate::bench::timestamp;

fn until(end_time: Option<Timestamp>) -> Ask {
    Ask::Timeline(pb::ComputeDecisionTimelineRequest {
        end_time,
        ..timeline()
    })
}

pub(super) fn rows() -> Vec<Row> {
    let time = |place, field, ask: fn(Timestamp) -> Ask| {
        let refused = times::UNSOUND.map(|time| (ask(time), Wanted::Request(field)));
        row(place, "", times::SOUND.map(ask).into(), refused.into())
    };
    let timelines = |start: Timestamp, end: Timestamp| {
        Ask::Timeline(pb::ComputeDecisionTimelineRequest {
            start_time: Some(start),
            end_time: Some(end),
            ..timeline()
        })
    };
    let [first, last, ..] = times::SOUND;
    let day = 24 * 60 * 60;
    let start = timestamp("2025-01-01T00:00:00Z");
    let after = |seconds: i64, nanos: i32| {
        until(Some(Timestamp {
            seconds: start.seconds + seconds,
            nanos,
        }))
    };
    let refused = |ask| (ask, Wanted::Request("end_time"));
    vec![
        time("DecideHostRequest.evaluate_time", "evaluate_time", |time| {
            Ask::Decide(pb::DecideHostRequest {
                evaluate_time: Some(time),
                ..decide()
            })
        }),
        time(
            "BatchDecideHostsRequest.evaluate_time",
            "evaluate_time",
            |time| {
                Ask::Batch(pb::BatchDecideHostsRequest {
                    evaluate_time: Some(time),
                    ..batch()
                })
            },
        ),
        time(
            "StreamDecideHostsRequest.evaluate_time",
            "evaluate_time",
            |time| {
                Ask::Stream(pb::StreamDecideHostsRequest {
                    evaluate_time: Some(time),
                    ..stream()
                })
            },
        ),
        time(
            "DecideInventoryRequest.evaluate_time",
            "evaluate_time",
            |time| {
                Ask::Inventory(pb::DecideInventoryRequest {
                    evaluate_time: Some(time),
                    ..inventory()
                })
            },
        ),
        time(
            "ExplainDecisionRequest.evaluate_time",
            "evaluate_time",
            |time| {
                Ask::Explain(pb::ExplainDecisionRequest {
                    evaluate_time: Some(time),
                    ..explain()
                })
            },
        ),
        row(
            "ComputeDecisionTimelineRequest.start_time",
            "",
            vec![
                timelines(first, Timestamp { nanos: 1, ..first }),
                timelines(Timestamp { nanos: 0, ..last }, last),
            ],
            times::UNSOUND
                .map(|time| (timelines(time, last), Wanted::Request("start_time")))
                .into(),
        ),
        row(
            "ComputeDecisionTimelineRequest.end_time",
            "Required",
            vec![],
            vec![refused(until(None))],
        ),
        row(
            "ComputeDecisionTimelineRequest.end_time",
            "",
            vec![],
            times::UNSOUND.map(|time| refused(until(Some(time)))).into(),
        ),
        row(
            "ComputeDecisionTimelineRequest.end_time",
            "later than the start by at most 10 years of 366 days",
            vec![after(10 * 366 * day, 0), after(0, 1)],
            vec![
                refused(after(10 * 366 * day, 1)),
                refused(after(0, 0)),
                refused(after(-1, 0)),
                refused(timelines(first, last)),
                refused(timelines(last, first)),
                refused(timelines(last, last)),
            ],
        ),
    ]
}
