//! The summary of many hosts: how many have which effect, and which instruments and products
//! decide it.

use std::collections::BTreeMap;

use embargo_client::v1;
use serde_json::{Value, json};

use crate::args::Format;
use crate::intake::Account;
use crate::output::standing::{Standing, rule};
use crate::output::words::plural;
use crate::output::{Paint, json, pretty, words};

/// Hosts by what an instrument found about a product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Row {
    hosts: u64,
    deny: u64,
    review: u64,
    warn: u64,
    waived: u64,
}

/// What is kept of the decisions: numbers, and no host.
#[derive(Debug, Default)]
pub(super) struct Summary {
    effects: BTreeMap<i32, u64>,
    unjudged: u64,
    rows: BTreeMap<(String, String), Row>,
    failed: BTreeMap<String, u64>,
    records: u64,
    items: u64,
    unread: u64,
    /// Hosts whose software was not or could not be read.
    unknown: u64,
    /// Seconds since 1970 and nanoseconds.
    next_change: Option<(i64, i32)>,
}

impl Summary {
    pub(super) const fn unjudged(&mut self) {
        self.unjudged += 1;
    }

    pub(super) fn add(&mut self, account: &Account, decision: &v1::Decision) {
        account.say(true);
        *self.effects.entry(decision.effect).or_default() += 1;
        self.records += count(account.records);
        self.items += count(account.items);
        self.unread += count(account.unread());
        self.unknown += u64::from(decision.missing_facts.iter().any(|path| path == "software"));
        for failure in &decision.failures {
            *self.failed.entry(failure.policy_id.clone()).or_default() += 1;
        }
        if let Some(time) = decision.next_change_time {
            let time = (time.seconds, time.nanos);
            self.next_change = Some(self.next_change.map_or(time, |known| known.min(time)));
        }
        // What was found several times about a product on one host counts once, by its
        // strongest effect.
        let mut found: BTreeMap<(&str, &str), Standing> = BTreeMap::new();
        for finding in &decision.findings {
            let standing = Standing::of(finding);
            if standing != Standing::Exempt {
                let key = (rule(finding), finding.product_id.as_str());
                let known = found.entry(key).or_insert(standing);
                *known = standing.max(*known);
            }
        }
        for ((rule, product), standing) in found {
            let row = self
                .rows
                .entry((rule.to_owned(), product.to_owned()))
                .or_default();
            row.hosts += 1;
            match standing {
                Standing::Deny => row.deny += 1,
                Standing::Review => row.review += 1,
                Standing::Warn => row.warn += 1,
                Standing::Waived | Standing::Exempt => row.waived += 1,
            }
        }
    }

    fn hosts(&self) -> u64 {
        self.effects.values().sum()
    }

    /// The summary in a format.
    pub(super) fn written(&self, format: Format, paint: Paint) -> String {
        match format {
            Format::Json => json::text(&self.json()),
            Format::Pretty => self.page(paint),
        }
    }

    fn next(&self) -> Option<String> {
        let (seconds, nanos) = self.next_change?;
        Some(words::instant(&embargo_client::Timestamp {
            seconds,
            nanos,
        }))
    }

    fn json(&self) -> Value {
        let effects: serde_json::Map<String, Value> = self
            .effects
            .iter()
            .map(|(effect, hosts)| (words::effect(*effect).to_owned(), json!(hosts)))
            .collect();
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|((rule, product), row)| {
                json!({
                    "rule_id": rule, "product_id": product, "host_count": row.hosts,
                    "deny": row.deny, "review": row.review, "warn": row.warn, "waived": row.waived,
                })
            })
            .collect();
        json!({
            "host_count": self.hosts(),
            "unjudged_count": self.unjudged,
            "effects": effects,
            "findings": rows,
            "failures": self.failed,
            "record_count": self.records,
            "software_count": self.items,
            "unread_count": self.unread,
            "unknown_software_host_count": self.unknown,
            "next_change_time": self.next(),
        })
    }

    fn page(&self, paint: Paint) -> String {
        let mut text = String::new();
        let mut line = |line: &str| {
            text.push_str(line);
            text.push('\n');
        };
        for (effect, hosts) in self.effects.iter().rev() {
            let word = pretty::effect(*effect, paint);
            let gap = 14_usize.saturating_sub(words::effect(*effect).len());
            line(&format!(
                "{word}{:gap$}{hosts:>9} {}",
                "",
                plural(*hosts, "host")
            ));
        }
        if self.unjudged > 0 {
            let word = paint.red("NOT JUDGED");
            line(&format!("{word}    {:>9} see above", self.unjudged));
        }
        if !self.rows.is_empty() {
            let widths = |pick: fn(&(String, String)) -> &str| {
                self.rows
                    .keys()
                    .map(|key| pick(key).len())
                    .max()
                    .unwrap_or(0)
            };
            let rule = widths(|key| &key.0).max("rule".len());
            let product = widths(|key| &key.1).max("product".len());
            line("");
            line(&paint.bold(&format!(
                "{:rule$}  {:product$} {:>8} {:>8} {:>8} {:>8} {:>8}",
                "rule", "product", "hosts", "deny", "review", "warn", "waived"
            )));
            for ((rule_id, product_id), row) in &self.rows {
                line(&format!(
                    "{rule_id:rule$}  {product_id:product$} {:>8} {:>8} {:>8} {:>8} {:>8}",
                    row.hosts, row.deny, row.review, row.warn, row.waived
                ));
            }
        }
        for (policy, hosts) in &self.failed {
            line(&format!(
                "{} {policy} on {hosts} {}",
                paint.red("failed"),
                plural(*hosts, "host")
            ));
        }
        line("");
        if self.unknown > 0 {
            line(&format!(
                "the software of {} {} was not read, or could not be read in part",
                self.unknown,
                plural(self.unknown, "host")
            ));
        }
        line(&format!(
            "{} {}, {} {} of software, {} of them unread",
            self.hosts(),
            plural(self.hosts(), "host"),
            self.records,
            plural(self.records, "record"),
            self.unread
        ));
        match self.next() {
            Some(time) => line(&format!("the first of these answers may change at {time}")),
            None => line("no date is known at which one of these answers changes"),
        }
        text
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
