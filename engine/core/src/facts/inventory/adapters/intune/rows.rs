//! The rows of Intune's report `AppInvRawData`: an app on a device each, in JSON or CSV.

use std::collections::HashMap;

use crate::facts::CoverageState;
use crate::facts::inventory::at::At;
use crate::facts::inventory::node::Node;
use crate::facts::inventory::{Hosts, csv};

use super::super::devices::main_source;

/// The columns that are read.
const COLUMNS: [&str; 6] = [
    "DeviceId",
    "DeviceCount",
    "ApplicationName",
    "ApplicationVersion",
    "ApplicationPublisher",
    "Platform",
];

/// Whether it is a row. Those of `AppInvAggregate` count devices instead of naming one.
pub(super) fn is_row(node: &Node) -> bool {
    node.names("ApplicationName") && (node.names("DeviceId") || node.names("DeviceCount"))
}

/// Whether the first line names the columns of the report.
pub(in crate::facts::inventory::adapters) fn recognises_csv(text: &str) -> bool {
    let columns = csv::records(text).next().map(|record| record.values);
    columns.is_some_and(|columns| {
        let has = |name| columns.iter().any(|column| column == name);
        has("ApplicationName") && (has("DeviceId") || has("DeviceCount"))
    })
}

pub(in crate::facts::inventory::adapters) fn read_csv(text: &str, hosts: &mut Hosts<'_>) {
    let rows = csv::rows(text, &COLUMNS);
    if rows.is_part {
        hosts.refuse("140,000 rows");
        return;
    }
    let log = hosts.log;
    let at = |(line, row)| At::part(row, format!("line {line}"), log);
    read(
        rows.read
            .iter()
            .map(|(line, row)| at((*line, row)))
            .collect(),
        hosts,
    );
}

/// Reads rows: a host for each device that they name, in the order of its first row.
pub(super) fn read(rows: Vec<At<'_>>, hosts: &mut Hosts<'_>) {
    let mut devices: Vec<(Option<String>, Vec<At<'_>>)> = Vec::new();
    let mut known: HashMap<Option<String>, usize> = HashMap::new();
    for row in rows {
        let id = row
            .node()
            .get("DeviceId")
            .and_then(|_| row.text("DeviceId"));
        let index = *known.entry(id.clone()).or_insert(devices.len());
        match devices.get_mut(index) {
            Some((_, rows)) => rows.push(row),
            None => devices.push((id, vec![row])),
        }
    }
    for (id, rows) in devices {
        let mut draft = hosts.draft();
        let names_a_device = id.is_some();
        draft.host_id(id);
        for row in rows {
            if !matches!(row.node(), Node::Object(_)) {
                draft.lose(&row, "the row is not one of the report");
            } else if names_a_device {
                // Whether the device is marked as the company's, the report does not say.
                let keys = [
                    "ApplicationName",
                    "ApplicationVersion",
                    "ApplicationPublisher",
                    "Platform",
                ];
                super::take(&row, keys, CoverageState::Partial, &mut draft);
            } else if row.names("DeviceCount") {
                draft.skip(&row, "the row counts devices and names none");
            } else {
                draft.lose(&row, "the row does not name its device");
            }
        }
        let state = if names_a_device {
            CoverageState::Partial
        } else {
            CoverageState::NotCollected
        };
        draft.cover(main_source(None), state);
        hosts.add(draft);
    }
}
