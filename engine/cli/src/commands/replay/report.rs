//! The report: counts of what changes, examples, and what could not be judged again.

use std::collections::BTreeMap;

use serde_json::json;

use super::again::{Left, Why};
use crate::args::Format;
use crate::args::replay::Replay;
use crate::commands::Failure;
use crate::commands::diff::{Change, Tally, counts, counts_json, listed, moves_json};
use crate::output::{self, Paint, json};

/// Bytes that are gathered before they are written.
const GATHERED: usize = 64 * 1_024;
/// Reasons that are told apart; masks can point at many places.
const REASONS: usize = 64;

pub(super) struct Report<'a> {
    replay: &'a Replay,
    policies: String,
    snapshot_id: String,
    pub(super) tally: Tally,
    /// Places in which the log is not as it was written.
    pub(super) faults: u64,
    /// Entries with paths that a mask has cut.
    pub(super) blind: u64,
    /// Entries that were left, by the reason, and where the first of them stands.
    left: BTreeMap<Why, (u64, String)>,
    text: String,
    shown: usize,
    paint: Paint,
}

impl<'a> Report<'a> {
    pub(super) fn new(replay: &'a Replay, policies: &str, snapshot_id: &str) -> Self {
        Self {
            replay,
            policies: policies.to_owned(),
            snapshot_id: snapshot_id.to_owned(),
            tally: Tally::default(),
            faults: 0,
            blind: 0,
            left: BTreeMap::new(),
            text: String::new(),
            shown: 0,
            paint: Paint::for_results(),
        }
    }

    pub(super) fn begin(&mut self) -> Result<(), Failure> {
        if self.replay.format == Format::Json {
            let new = json!({"policies": self.policies, "snapshot_id": self.snapshot_id});
            self.text
                .push_str(&format!("{{\n\"new\": {new},\n\"entries\": ["));
        }
        self.write(GATHERED)
    }

    /// An entry whose decision changes.
    pub(super) fn change(&mut self, change: &Change) -> Result<(), Failure> {
        match self.replay.format {
            Format::Pretty => {
                if self.shown < self.replay.list {
                    self.text.push_str(&listed(change, self.paint));
                    self.shown += 1;
                }
                // Shown after the counts.
                return Ok(());
            }
            Format::Json => {
                let entry = json!({
                    "event_id": change.host_id,
                    "old_effect": change.old.word(),
                    "new_effect": change.new.word(),
                    "changes": moves_json(change),
                });
                let before = if self.shown == 0 { "\n" } else { ",\n" };
                self.text.push_str(&format!("{before}{entry}"));
                self.shown += 1;
            }
        }
        self.write(GATHERED)
    }

    /// An entry that is not judged again.
    pub(super) fn leave(&mut self, left: &Left) {
        let is_known = self.left.contains_key(&left.why);
        let why = match &left.why {
            Why::Masked(_) if !is_known && self.left.len() >= REASONS => {
                Why::Masked("...".to_owned())
            }
            why => why.clone(),
        };
        let place = || {
            left.place
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default()
        };
        let (count, _) = self.left.entry(why).or_insert_with(|| (0, place()));
        *count += 1;
    }

    /// Whether there may be changes that were not seen.
    pub(super) fn is_incomplete(&self) -> bool {
        self.tally.is_incomplete() || self.faults > 0 || self.left_for_want() > 0
    }

    /// Entries that have a decision, or may have one, and were not judged again.
    fn left_for_want(&self) -> u64 {
        let left = self.left.iter().filter(|(why, _)| **why != Why::Refused);
        left.map(|(_, (count, _))| count).sum()
    }

    pub(super) fn finish(mut self) -> Result<(), Failure> {
        match self.replay.format {
            Format::Pretty => {
                let examples = std::mem::take(&mut self.text);
                let snapshot = self.snapshot_id.get(..12).unwrap_or(&self.snapshot_id);
                self.text = format!("new  {}, snapshot {snapshot}\n", self.policies);
                self.text
                    .push_str(&counts(&self.tally, "entry", self.paint));
                self.text.push_str(&examples);
                let shown = u64::try_from(self.shown).unwrap_or(u64::MAX);
                let rest = self.tally.changed - shown;
                if rest > 0 {
                    let noun = entries(rest);
                    self.text.push_str(&format!(
                        "\nand {rest} more {noun}, all of which `--format json` lists\n"
                    ));
                }
            }
            Format::Json => {
                let end = if self.shown == 0 { "]" } else { "\n]" };
                let mut counts = counts_json(&self.tally, "entry");
                if let Some(counts) = counts.as_object_mut() {
                    let left = self.left.iter().map(|(why, (count, place))| {
                        json!({"entry_count": count, "reason": reason(why), "pointer": pointer(why), "first": place})
                    });
                    counts.insert("left".to_owned(), left.collect::<Vec<_>>().into());
                    counts.insert("unjudged_count".to_owned(), self.tally.unjudged.into());
                    counts.insert("failed_entry_count".to_owned(), self.tally.failed.into());
                    counts.insert("cut_entry_count".to_owned(), self.tally.cut.into());
                    counts.insert("fault_count".to_owned(), self.faults.into());
                    counts.insert("cut_path_entry_count".to_owned(), self.blind.into());
                }
                let text = json::text(&counts);
                let rest = text.strip_prefix('{').unwrap_or(&text);
                self.text.push_str(&format!("{end},{rest}"));
            }
        }
        self.remarks();
        self.write(0)
    }

    /// Says what the comparison did not see.
    fn remarks(&self) {
        for (why, (count, place)) in &self.left {
            let said = format!("{count} {} {why}; the first is {place}", entries(*count));
            match why {
                Why::Refused => output::remark(&said),
                _ => output::complain(&said),
            }
        }
        for (count, what) in [
            (self.tally.unjudged, "could not be judged, see above"),
            (
                self.tally.failed,
                "had a policy that failed, and what it would find is not known",
            ),
            (
                self.tally.cut,
                "had more findings than a decision holds, and those left out were not compared",
            ),
        ] {
            if count > 0 {
                output::complain(&format!("{count} {} {what}", entries(count)));
            }
        }
        if self.faults > 0 {
            output::complain("the log is not whole, see above; what is missing was not compared");
        }
        if self.blind > 0 {
            let (count, noun) = (self.blind, entries(self.blind));
            output::warn(&format!(
                "{count} {noun} have software in home folders, whose paths the log does not have in full; what the new policies would recognise by such a path alone is not seen"
            ));
        }
    }

    fn write(&mut self, gathered: usize) -> Result<(), Failure> {
        if self.text.len() < gathered || self.text.is_empty() {
            return Ok(());
        }
        output::print(&std::mem::take(&mut self.text))
    }
}

const fn entries(count: u64) -> &'static str {
    if count == 1 { "entry" } else { "entries" }
}

const fn reason(why: &Why) -> &'static str {
    match why {
        Why::Refused => "refused",
        Why::Masked(_) => "masked",
        Why::Unreadable => "unreadable",
        Why::Facts => "facts",
    }
}

fn pointer(why: &Why) -> Option<&str> {
    match why {
        Why::Masked(pointer) => Some(pointer),
        _ => None,
    }
}
