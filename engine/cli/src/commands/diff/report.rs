//! The report: for people, as JSON, or as rows of CSV.

use serde_json::{Value, json};

use super::tally::Tally;
use super::verdict::Change;
use super::{Side, Sides, page};
use crate::args::diff::{Diff, DiffFormat};
use crate::commands::Failure;
use crate::output::words::plural;
use crate::output::{self, Paint, json};

/// Bytes that are gathered before they are written.
const GATHERED: usize = 64 * 1_024;

pub(super) struct Report<'a> {
    diff: &'a Diff,
    sides: &'a Sides,
    /// What is not written yet.
    text: String,
    /// Hosts that were written or listed.
    hosts: usize,
    paint: Paint,
}

impl<'a> Report<'a> {
    pub(super) fn new(diff: &'a Diff, sides: &'a Sides) -> Self {
        Self {
            diff,
            sides,
            text: String::new(),
            hosts: 0,
            paint: Paint::for_results(),
        }
    }

    pub(super) fn begin(&mut self) -> Result<(), Failure> {
        match self.diff.format {
            DiffFormat::Pretty => {}
            DiffFormat::Json => {
                let side = |side: &Side| {
                    json!({
                        "policies": side.name,
                        "snapshot_id": &*side.snapshot_id,
                        "evaluate_time": side.at.to_string(),
                    })
                };
                self.text.push_str(&format!(
                    "{{\n\"action\": {},\n\"old\": {},\n\"new\": {},\n\"hosts\": [",
                    json!(self.diff.action.word()),
                    side(&self.sides.old),
                    side(&self.sides.new)
                ));
            }
            DiffFormat::Csv => {
                self.row(&[
                    "host_id",
                    "old_effect",
                    "new_effect",
                    "rule_id",
                    "product_id",
                    "old",
                    "new",
                ]);
            }
        }
        self.write(GATHERED)
    }

    /// A host on which the decision changes.
    pub(super) fn host(&mut self, change: &Change) -> Result<(), Failure> {
        match self.diff.format {
            DiffFormat::Pretty => {
                if self.hosts < self.diff.list {
                    self.list(change);
                    self.hosts += 1;
                }
                // Shown after the counts.
                return Ok(());
            }
            DiffFormat::Json => {
                let before = if self.hosts == 0 { "\n" } else { ",\n" };
                self.text.push_str(before);
                self.text.push_str(&host_json(change).to_string());
            }
            DiffFormat::Csv => self.rows(change),
        }
        self.hosts += 1;
        self.write(GATHERED)
    }

    pub(super) fn finish(mut self, tally: &Tally) -> Result<(), Failure> {
        match self.diff.format {
            DiffFormat::Pretty => {
                let listed = std::mem::take(&mut self.text);
                self.counts(tally);
                self.text.push_str(&listed);
                let rest = tally.changed - count(self.hosts);
                if rest > 0 {
                    self.line(&format!(
                        "\nand {rest} more {}, all of which `--format csv` lists",
                        plural(rest, "host")
                    ));
                }
            }
            DiffFormat::Json => {
                let end = if self.hosts == 0 { "]" } else { "\n]" };
                self.text.push_str(end);
                self.text.push_str(&counts_json(tally));
            }
            DiffFormat::Csv => {}
        }
        self.remarks(tally);
        self.write(0)
    }

    /// Says what the comparison did not see.
    fn remarks(&self, tally: &Tally) {
        for (hosts, what) in [
            (tally.unjudged, "could not be judged, see above"),
            (
                tally.failed,
                "had a policy that failed, and what it would find is not known",
            ),
            (
                tally.cut,
                "had more findings than a decision holds, and those left out were not compared",
            ),
        ] {
            if hosts > 0 {
                output::complain(&format!("{hosts} {} {what}", plural(hosts, "host")));
            }
        }
    }

    fn write(&mut self, gathered: usize) -> Result<(), Failure> {
        if self.text.len() < gathered || self.text.is_empty() {
            return Ok(());
        }
        output::print(&std::mem::take(&mut self.text))
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn counts(&mut self, tally: &Tally) {
        for (word, side) in [("old", &self.sides.old), ("new", &self.sides.new)] {
            let snapshot = side.snapshot_id.get(..12).unwrap_or(&side.snapshot_id);
            let line = format!(
                "{word}  {}, snapshot {snapshot}, at {}\n",
                side.name, side.at
            );
            self.text.push_str(&line);
        }
        self.text.push_str(&page::counts(tally, "host", self.paint));
    }

    fn list(&mut self, change: &Change) {
        self.text.push_str(&page::listed(change, self.paint));
    }

    fn rows(&mut self, change: &Change) {
        let host = change.host_id.as_str();
        let (old, new) = (change.old.word(), change.new.word());
        if change.moves.is_empty() {
            self.row(&[host, old, new, "", "", "", ""]);
        }
        for ((rule, product), before, after) in &change.moves {
            self.row(&[host, old, new, rule, product, before.word(), after.word()]);
        }
    }

    /// A row as RFC 4180 has it.
    fn row(&mut self, cells: &[&str]) {
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                self.text.push(',');
            }
            if cell.contains(['"', ',', '\r', '\n']) {
                self.text.push('"');
                self.text.push_str(&cell.replace('"', "\"\""));
                self.text.push('"');
            } else {
                self.text.push_str(cell);
            }
        }
        self.text.push_str("\r\n");
    }
}

fn host_json(change: &Change) -> Value {
    json!({
        "host_id": change.host_id,
        "old_effect": change.old.word(),
        "new_effect": change.new.word(),
        "changes": page::moves_json(change),
    })
}

/// The rest of the object, behind the hosts.
fn counts_json(tally: &Tally) -> String {
    let mut counts = page::counts_json(tally, "host");
    if let Some(counts) = counts.as_object_mut() {
        counts.insert("unjudged_count".to_owned(), tally.unjudged.into());
        counts.insert("failed_host_count".to_owned(), tally.failed.into());
        counts.insert("cut_host_count".to_owned(), tally.cut.into());
    }
    let text = json::text(&counts);
    // Without the brace that opens it.
    format!(",{}", text.strip_prefix('{').unwrap_or(&text))
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
