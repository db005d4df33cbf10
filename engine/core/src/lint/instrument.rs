//! Instruments that say what holds and not why.

use std::collections::BTreeMap;

use crate::bundle::Role;
use crate::diagnostic::Diagnostic;
use crate::instrument;
use crate::snapshot::Snapshot;
use crate::yaml;

pub(super) fn check(snapshot: &Snapshot, remarks: &mut Vec<Diagnostic>) {
    let texts: BTreeMap<&str, &str> = super::files(snapshot.bundle(), Role::Instrument).collect();
    for instrument in snapshot.instruments() {
        let place = |path: &str| {
            let known = texts.iter().find(|(known, _)| {
                known
                    .rsplit_once('/')
                    .is_some_and(|(folder, _)| folder == path)
            });
            known.map(|(path, text)| (*path, *text))
        };
        let Some((path, text)) = place(&instrument.folder) else {
            continue;
        };
        if instrument.citations.is_empty() {
            let remark = Diagnostic::warning(
                "lint-no-citation",
                format!("`{}` cites nothing", instrument.id),
            )
            .hint("name the text that it rests on under `citations`; `url` may be left out");
            remarks.push(yaml::remark(path, text, &instrument.id, remark));
        }
        let is_context = instrument.role == instrument::Role::Context;
        if instrument.phases.is_empty() && !is_context {
            let remark = Diagnostic::warning(
                "lint-no-phase",
                format!("`{}` has no phase, so that nothing says since when it holds, and on what basis", instrument.id),
            )
            .hint("add `phases`, or make its `role` `context` if it binds nobody");
            remarks.push(yaml::remark(path, text, &instrument.id, remark));
        }
    }
}
