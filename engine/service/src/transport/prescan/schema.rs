//! The repeated fields of requests, and what an entry takes in memory.
//!
//! Only fields of which a message can hold many are listed, and the way to them.

use std::mem::size_of;

use embargo_proto::envoy::config::core::v3::HeaderValue;
use embargo_proto::v1 as pb;
use pb::batch_decide_hosts_request::BatchItem;

/// The fields of a message that are looked at.
#[derive(Debug)]
pub(super) struct Node(pub(super) &'static [Field]);

/// A field.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) number: u64,
    pub(super) name: &'static str,
    /// Bytes that an entry takes without its texts.
    pub(super) cost: usize,
    /// What to look at inside of it.
    pub(super) below: Option<&'static Node>,
}

const fn field(
    number: u64,
    name: &'static str,
    cost: usize,
    below: Option<&'static Node>,
) -> Field {
    Field {
        number,
        name,
        cost,
        below,
    }
}

const TEXT: usize = size_of::<String>();
const SOFTWARE: usize = size_of::<pb::Software>();
/// Twice, since values are taken over one by one while the message is still there.
const VALUE: usize = 2 * size_of::<prost_types::Value>();

static NOTHING: Node = Node(&[]);

static VALUE_NODE: Node = Node(&[
    field(5, "struct_value", 0, Some(&STRUCT)),
    field(6, "list_value", 0, Some(&LIST)),
]);
static LIST: Node = Node(&[field(1, "values", VALUE, Some(&VALUE_NODE))]);
static ENTRY: Node = Node(&[field(2, "value", 0, Some(&VALUE_NODE))]);
static STRUCT: Node = Node(&[field(1, "fields", VALUE + TEXT, Some(&ENTRY))]);

static OWNER: Node = Node(&[
    field(2, "jurisdictions", TEXT, None),
    field(3, "sectors", TEXT, None),
    field(5, "contract_clauses", TEXT, None),
]);
static FACTS: Node = Node(&[
    field(4, "owner", 0, Some(&OWNER)),
    field(5, "purposes", TEXT, None),
    field(6, "groups", TEXT, None),
    field(7, "software", SOFTWARE, None),
    field(8, "coverage", size_of::<pb::Coverage>(), None),
    field(10, "attributes", 0, Some(&STRUCT)),
]);

static DECIDE: Node = Node(&[field(1, "facts", 0, Some(&FACTS))]);
static EXPLAIN: Node = Node(&[
    field(1, "facts", 0, Some(&FACTS)),
    field(5, "policy_ids", TEXT, None),
]);
static STREAM: Node = Node(&[field(2, "facts", 0, Some(&FACTS))]);
static ITEM: Node = Node(&[field(2, "facts", 0, Some(&FACTS))]);
static BATCH: Node = Node(&[field(1, "items", size_of::<BatchItem>(), Some(&ITEM))]);
static INVENTORY: Node = Node(&[field(4, "about", 0, Some(&FACTS))]);
static BUNDLE: Node = Node(&[field(1, "files", size_of::<pb::SourceFile>(), None)]);
static IDENTIFY: Node = Node(&[field(1, "software", SOFTWARE, None)]);

// What Envoy asks; only the fields that are read are kept.
const LABELS: usize = 2 * TEXT;
static HEADERS: Node = Node(&[field(1, "headers", size_of::<HeaderValue>(), None)]);
static HTTP: Node = Node(&[
    field(3, "headers", LABELS, None),
    field(13, "header_map", 0, Some(&HEADERS)),
]);
static REQUEST: Node = Node(&[field(2, "http", 0, Some(&HTTP))]);
static FILTER: Node = Node(&[field(2, "value", 0, Some(&STRUCT))]);
static METADATA: Node = Node(&[field(1, "filter_metadata", VALUE + TEXT, Some(&FILTER))]);
static ATTRIBUTES: Node = Node(&[
    field(4, "request", 0, Some(&REQUEST)),
    field(10, "context_extensions", LABELS, None),
    field(11, "metadata_context", 0, Some(&METADATA)),
]);
static CHECK: Node = Node(&[field(1, "attributes", 0, Some(&ATTRIBUTES))]);

/// The request of a method, given by its path.
pub(super) fn of_method(path: &str) -> &'static Node {
    match path.rsplit('/').next() {
        Some("DecideHost" | "ComputeDecisionTimeline") => &DECIDE,
        Some("ExplainDecision") => &EXPLAIN,
        Some("StreamDecideHosts") => &STREAM,
        Some("BatchDecideHosts") => &BATCH,
        Some("DecideInventory") => &INVENTORY,
        Some("ValidateBundle" | "RunPolicyTests") => &BUNDLE,
        Some("IdentifySoftware") => &IDENTIFY,
        Some("Check") => &CHECK,
        _ => &NOTHING,
    }
}
