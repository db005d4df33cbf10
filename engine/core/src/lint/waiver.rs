//! Waivers that have ended, end soon, or can never hold.

use std::time::Duration;

use crate::bundle::Role;
use crate::diagnostic::Diagnostic;
use crate::instant::Instant;
use crate::snapshot::Snapshot;
use crate::waiver::Waiver;
use crate::yaml;

/// How long before its end a waiver is remarked on.
const SOON: Duration = Duration::from_secs(30 * 24 * 60 * 60);

pub(super) fn check(snapshot: &Snapshot, at: Instant, remarks: &mut Vec<Diagnostic>) {
    for waiver in snapshot.waivers() {
        let mut remark = |code: &'static str, message: String, hint: String| {
            let remark = Diagnostic::warning(code, message).hint(hint);
            let file = super::files(snapshot.bundle(), Role::Waivers).find(|(_, text)| {
                text.lines()
                    .any(|line| yaml::whole_in(line, &waiver.id).is_some())
            });
            remarks.push(match file {
                Some((path, text)) => yaml::remark(path, text, &waiver.id, remark),
                None => remark,
            });
        };
        let (id, expires) = (&waiver.id, waiver.expires);
        if expires <= at {
            remark(
                "lint-waiver-expired",
                format!("the waiver `{id}` has ended at {expires}"),
                "remove it, or have it agreed anew".to_owned(),
            );
        } else if expires.unix_nanoseconds() - at.unix_nanoseconds() <= nanoseconds(SOON) {
            remark(
                "lint-waiver-expires-soon",
                format!("the waiver `{id}` ends at {expires}"),
                format!("ask {} whether it is still needed", waiver.owner),
            );
        }
        if !can_hold(snapshot, waiver) {
            remark(
                "lint-waiver-matches-nothing",
                format!("the waiver `{id}` names no product that its instruments concern"),
                "name products under the instruments' `concerns`, or remove it".to_owned(),
            );
        }
    }
}

fn nanoseconds(duration: Duration) -> i128 {
    i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX)
}

/// Whether any product that it names wakes any instrument that it names.
fn can_hold(snapshot: &Snapshot, waiver: &Waiver) -> bool {
    let catalogue = snapshot.catalogue();
    waiver.products.all
        || waiver
            .instruments
            .iter()
            .filter_map(|id| snapshot.instrument(id))
            .any(|instrument| {
                catalogue.products().iter().any(|product| {
                    let vendor = &catalogue.vendor(product).id;
                    waiver.covers(&instrument.id, &product.id, vendor)
                        && instrument.concerns(product, vendor)
                })
            })
}
