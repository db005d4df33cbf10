//! IdentifySoftware: what a decision on the same items would find, without a decision.

use embargo_core::facts::limits;
use embargo_proto::v1 as pb;

use super::super::arrival::Arrival;
use super::super::catalogue::identification;
use super::super::desk::{Desk, fitting};
use super::super::facts;
use super::super::policy::snapshot_ref;
use super::super::request::{Faults, require};
use super::super::status::Refusal;

pub(super) async fn identify(
    desk: &Desk,
    arrival: &Arrival,
    message: pb::IdentifySoftwareRequest,
) -> Result<pb::IdentifySoftwareResponse, Refusal> {
    let count = message.software.len();
    if count == 0 || count > limits::SOFTWARE {
        let rule = format!("has {count} items: give 1 to {}", limits::SOFTWARE);
        return Err(Refusal::field("software", rule));
    }
    let active = desk.active()?;
    let snapshot = snapshot_ref(&active);
    let most = desk.answer_bytes;
    desk.without_decision(&active, arrival, count, move |evaluator| {
        let items = facts::checked_software(message.software)?;
        let mut faults = Faults::default();
        faults.required(&message.require_snapshot_id);
        faults.finish()?;
        require(evaluator.snapshot(), message.require_snapshot_id)?;
        let catalogue = evaluator.snapshot().catalogue();
        let identifications = catalogue
            .identify(&items)
            .iter()
            .map(|found| identification(found, &items, catalogue))
            .collect();
        let answer = pb::IdentifySoftwareResponse {
            identifications,
            snapshot: Some(snapshot),
        };
        fitting(answer, most)
    })
    .await
}
