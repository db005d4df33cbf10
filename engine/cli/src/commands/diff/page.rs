//! Pages: counts of what changes, and a change in full, for people and as JSON, of hosts as of
//! entries of a log.

use embargo_core::instrument::Effect;
use serde_json::{Value, json};

use super::tally::Tally;
use super::verdict::Change;
use crate::output::words::plural;
use crate::output::{Paint, pretty};

/// How many decisions change, from what to what, and which rules stand otherwise; of things that
/// are called `noun`.
pub(in crate::commands) fn counts(tally: &Tally, noun: &str, paint: Paint) -> String {
    let mut text = String::new();
    let mut line = |line: &str| {
        text.push_str(line);
        text.push('\n');
    };
    line(&paint.bold(&format!(
        "\n{} of {} {} changed by this",
        tally.changed,
        tally.hosts,
        if tally.hosts == 1 {
            "decision is"
        } else {
            "decisions are"
        }
    )));
    let effects = tally.effects();
    if !effects.is_empty() {
        line("");
    }
    for (hosts, old, new) in effects {
        let gap = 14_usize.saturating_sub(old.word().len());
        line(&format!(
            "{hosts:>9} {}  {}{:gap$}-> {}",
            plural(hosts, noun),
            coloured(old, paint),
            "",
            coloured(new, paint)
        ));
    }
    let moves = tally.moves();
    if moves.is_empty() {
        return text;
    }
    let longest = moves.iter().map(|(_, (rule, _), ..)| rule.len()).max();
    let width = longest.unwrap_or(0).max("rule".len());
    line("");
    line(&paint.bold(&format!(
        "{:>9}  {:<6}    {:<6}  {:width$}  product",
        plural(2, noun),
        "old",
        "new",
        "rule"
    )));
    for (hosts, (rule, product), old, new) in moves {
        line(
            format!(
                "{hosts:>9}  {:<6} -> {:<6}  {:width$}  {}",
                old.word(),
                new.word(),
                pretty::clean(rule),
                pretty::clean(product)
            )
            .trim_end(),
        );
    }
    text
}

/// One change in full.
pub(in crate::commands) fn listed(change: &Change, paint: Paint) -> String {
    let mut text = format!(
        "\n{}  {} -> {}\n",
        paint.bold(&pretty::clean(&change.host_id)),
        coloured(change.old, paint),
        coloured(change.new, paint)
    );
    for ((rule, product), old, new) in &change.moves {
        let line = format!(
            "    {:<6} -> {:<6}  {}  {}",
            old.word(),
            new.word(),
            pretty::clean(rule),
            pretty::clean(product)
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The counts as JSON, with names such as `host_count`.
pub(in crate::commands) fn counts_json(tally: &Tally, noun: &str) -> Value {
    let count = format!("{noun}_count");
    let effects = tally.effects().into_iter().map(|(hosts, old, new)| {
        json!({(count.as_str()): hosts, "old_effect": old.word(), "new_effect": new.word()})
    });
    let moves = tally
        .moves()
        .into_iter()
        .map(|(hosts, (rule, product), old, new)| {
            json!({
                (count.as_str()): hosts, "rule_id": rule, "product_id": product,
                "old": old.word(), "new": new.word(),
            })
        });
    json!({
        "effects": effects.collect::<Vec<_>>(),
        "changes": moves.collect::<Vec<_>>(),
        (count.as_str()): tally.hosts,
        (format!("changed_{count}")): tally.changed,
    })
}

/// What stands otherwise, as JSON.
pub(in crate::commands) fn moves_json(change: &Change) -> Vec<Value> {
    let moves = change.moves.iter().map(|((rule, product), old, new)| {
        json!({
            "rule_id": rule, "product_id": product, "old": old.word(), "new": new.word(),
        })
    });
    moves.collect()
}

/// An effect in its colour.
pub(in crate::commands) fn coloured(effect: Effect, paint: Paint) -> String {
    let word = effect.word().to_uppercase();
    match effect {
        Effect::Allow => paint.green(&word),
        Effect::Warn | Effect::Review => paint.yellow(&word),
        Effect::Deny | Effect::Indeterminate => paint.red(&word),
    }
}
