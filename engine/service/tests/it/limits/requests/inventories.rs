//! The limits on inventories.

use embargo_proto::v1 as pb;
use tonic::Code;

use super::super::row::{Ask, Row, Wanted};
use super::{BATCH_TOO_LARGE, inventory, row};

const INVENTORY_INVALID: Wanted<'_> = Wanted::Reason(Code::InvalidArgument, "INVENTORY_INVALID");

fn document(text: impl Into<Vec<u8>>) -> Ask {
    Ask::Inventory(pb::DecideInventoryRequest {
        document: text.into(),
        about: None,
        ..Default::default()
    })
}

/// Facts as a document, with something in it that is nothing to facts.
fn holding(more: &str) -> Ask {
    document(format!(
        r#"[{{"host":{{"uuid":"h","software":[],"more":{more}}}}}]"#
    ))
}

pub(super) fn rows() -> Vec<Row> {
    let field = |field| Wanted::Request(field);
    let path = |path: String| {
        Ask::Inventory(pb::DecideInventoryRequest {
            path,
            ..inventory()
        })
    };
    let format = |word: &str| {
        Ask::Inventory(pb::DecideInventoryRequest {
            format: word.to_owned(),
            ..inventory()
        })
    };
    let hosts = |count: usize| {
        let hosts: Vec<String> = (0..count)
            .map(|at| format!(r#"{{"host":{{"uuid":"h{at}","software":[]}}}}"#))
            .collect();
        document(format!("[{}]", hosts.join(",")))
    };
    // Within a list, a host's object and its `host`.
    let nested = |levels: usize| {
        holding(&format!(
            "{}{}",
            "[".repeat(levels - 3),
            "]".repeat(levels - 3)
        ))
    };
    // The list, the host's object, its `host`, the three values in it, and the list of values.
    let values = |count: usize| holding(&format!("[0{}]", ",0".repeat(count - 7)));
    let unnamed = pb::DecideInventoryRequest {
        about: None,
        ..inventory()
    };
    vec![
        row(
            "DecideInventoryRequest.document",
            "Required",
            vec![Ask::Inventory(inventory())],
            vec![(document(""), field("document"))],
        ),
        row(
            "DecideInventoryRequest.document",
            "At most 1,000,000 values",
            vec![values(1_000_000)],
            vec![(values(1_000_001), INVENTORY_INVALID)],
        ),
        row(
            "DecideInventoryRequest.document",
            "nested at most 127 levels",
            vec![nested(127)],
            [128, 129, 1_000, 1_000_000]
                .map(|levels| (nested(levels), INVENTORY_INVALID))
                .into(),
        ),
        row(
            "DecideInventoryRequest.format",
            "as a word",
            vec![format("dpkg"), format("")],
            ["dpk", "Dpkg", "dpkg\0", &"x".repeat(1 << 20)]
                .map(|word| (format(word), field("format")))
                .into(),
        ),
        row(
            "DecideInventoryRequest.path",
            "At most 4,096 bytes",
            vec![path("x".repeat(4_096))],
            vec![(path("x".repeat(4_097)), field("path"))],
        ),
        row(
            "DecideInventoryRequest.about",
            "required then",
            vec![Ask::Inventory(inventory())],
            vec![(Ask::Inventory(unnamed), Wanted::Facts("facts.host_id"))],
        ),
        row(
            "DecisionService.DecideInventory",
            "more than 1,000 hosts",
            vec![hosts(1_000)],
            vec![(hosts(1_001), BATCH_TOO_LARGE)],
        ),
    ]
}
