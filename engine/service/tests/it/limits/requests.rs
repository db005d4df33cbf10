//! The limits on the other fields of requests, each at its edge.

mod decisions;
mod inventories;
mod policies;
mod times;

use embargo_proto::v1 as pb;
use pb::batch_decide_hosts_request::BatchItem;
use tonic::Code;

use super::row::{Ask, Held, Row, Wanted};
use crate::bench::timestamp;
use crate::policies::{clean_host, item};

/// A status file of dpkg, which names no host.
pub(super) const STATUS: &str = "Package: editor\nStatus: install ok installed\nVersion: 1\n";

fn facts() -> Option<pb::HostFacts> {
    Some(clean_host("h"))
}

fn decide() -> pb::DecideHostRequest {
    pb::DecideHostRequest {
        facts: facts(),
        ..Default::default()
    }
}

fn batch_item(id: &str) -> BatchItem {
    BatchItem {
        correlation_id: id.to_owned(),
        facts: facts(),
        action: 0,
    }
}

fn batch() -> pb::BatchDecideHostsRequest {
    pb::BatchDecideHostsRequest {
        items: vec![batch_item("a")],
        ..Default::default()
    }
}

fn stream() -> pb::StreamDecideHostsRequest {
    pb::StreamDecideHostsRequest {
        correlation_id: "a".to_owned(),
        facts: facts(),
        ..Default::default()
    }
}

fn inventory() -> pb::DecideInventoryRequest {
    pb::DecideInventoryRequest {
        document: STATUS.as_bytes().to_vec(),
        about: Some(pb::HostFacts {
            host_id: "h".to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    }
}

fn timeline() -> pb::ComputeDecisionTimelineRequest {
    pb::ComputeDecisionTimelineRequest {
        facts: facts(),
        start_time: Some(timestamp("2025-01-01T00:00:00Z")),
        end_time: Some(timestamp("2025-01-02T00:00:00Z")),
        ..Default::default()
    }
}

fn explain() -> pb::ExplainDecisionRequest {
    pb::ExplainDecisionRequest {
        facts: facts(),
        ..Default::default()
    }
}

/// What more hosts than a call may have are refused with.
const BATCH_TOO_LARGE: Wanted<'_> = Wanted::Reason(Code::InvalidArgument, "BATCH_TOO_LARGE");

fn identify(count: usize, required: &str) -> Ask {
    Ask::Identify(pb::IdentifySoftwareRequest {
        software: vec![item("x"); count],
        require_snapshot_id: required.to_owned(),
    })
}

fn row(
    place: &'static str,
    stated: &'static str,
    passes: Vec<Ask>,
    refused: Vec<(Ask, Wanted<'static>)>,
) -> Row {
    Row {
        place,
        stated,
        held: Held::Asked(passes, refused),
    }
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = decisions::rows();
    rows.extend(times::rows());
    rows.extend(inventories::rows());
    rows.extend(policies::rows());
    rows
}
