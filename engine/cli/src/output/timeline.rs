//! Timelines for people: lines with bars, and a picture.
//!
//! Both show the same story: which effect holds from when to when, which rules decide it, and
//! which of them come and go.

mod axis;
mod picture;
mod svg;

use embargo_client::{Timestamp, v1};
use embargo_core::instant::Instant;

use super::standing::rule;
use super::{Paint, pretty, words};

pub(crate) use self::picture::picture;

/// The narrowest bar of the whole interval, in columns.
const NARROWEST: usize = 12;

/// A stretch of time over which the decision stays the same, and why.
struct Stretch<'a> {
    start: Instant,
    end: Instant,
    decision: &'a v1::Decision,
    reasons: Vec<Reason>,
}

/// Something that decides: what a rule asks for, a policy that failed, software not read.
#[derive(Clone, Debug)]
struct Reason {
    /// Who: the instrument, or the policy if it rests on none.
    rule: String,
    /// What: the word of an effect, `waived`, `failed` or `unread`.
    what: String,
    /// What else its findings say, to tell whether that changes.
    particulars: String,
}

impl Reason {
    fn is_of(&self, other: &Self) -> bool {
        self.rule == other.rule && self.what == other.what
    }

    fn text(&self) -> String {
        match self.what.as_str() {
            "unread" => "software was not read, or not all of it".to_owned(),
            "failed" => format!("failed: {}", self.rule),
            what => format!("{what} by {}", self.rule),
        }
    }
}

/// The stretches of a timeline, in order.
fn stretches(answer: &v1::ComputeDecisionTimelineResponse) -> Vec<Stretch<'_>> {
    answer
        .segments
        .iter()
        .filter_map(|segment| {
            let decision = segment.decision.as_ref()?;
            Some(Stretch {
                start: instant(segment.start_time.as_ref()?)?,
                end: instant(segment.end_time.as_ref()?)?,
                decision,
                reasons: reasons(decision),
            })
        })
        .collect()
}

fn instant(time: &Timestamp) -> Option<Instant> {
    Instant::from_unix(time.seconds, time.nanos).ok()
}

/// What decides, once each, strongest first as the decision has it.
fn reasons(decision: &v1::Decision) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = Vec::new();
    let mut add = |rule: &str, what: String, particulars: String| {
        let reason = Reason {
            rule: pretty::clean(rule),
            what,
            particulars,
        };
        match reasons.iter_mut().find(|known| known.is_of(&reason)) {
            Some(known) => known.particulars.push_str(&reason.particulars),
            None => reasons.push(reason),
        }
    };
    for finding in &decision.findings {
        let what = match v1::finding::Disposition::try_from(finding.disposition) {
            Ok(v1::finding::Disposition::Exempt) => continue,
            Ok(v1::finding::Disposition::Waived) => "waived".to_owned(),
            _ => words::effect(finding.effect),
        };
        add(rule(finding), what, format!("{finding:?}"));
    }
    for failure in &decision.failures {
        add(&failure.policy_id, "failed".to_owned(), String::new());
    }
    if decision.missing_facts.iter().any(|path| path == "software") {
        add("", "unread".to_owned(), String::new());
    }
    reasons
}

/// The reasons of a stretch in words, each with whether it is new (`+`) or says something else
/// than before (`~`), and those that have gone (`-`). Nothing is new in the first stretch.
fn told(before: Option<&Stretch<'_>>, present: &Stretch<'_>) -> Vec<(char, String)> {
    let known = before.map_or(&[][..], |before| before.reasons.as_slice());
    let mut told: Vec<(char, String)> = Vec::new();
    for reason in &present.reasons {
        let text = reason.text();
        told.push(match known.iter().find(|known| known.is_of(reason)) {
            Some(known) if known.particulars != reason.particulars => {
                ('~', format!("{text}, with other words or dates"))
            }
            None if before.is_some() => ('+', text),
            _ => (' ', text),
        });
    }
    for reason in known {
        if !present.reasons.iter().any(|present| present.is_of(reason)) {
            told.push(('-', reason.text()));
        }
    }
    told
}

/// The position of an instant among `width` cells that stand for the interval.
fn cell(at: Instant, start: Instant, end: Instant, width: usize) -> usize {
    let whole = end.nanoseconds_since(start).max(1);
    let cells = i128::try_from(width).unwrap_or(i128::MAX);
    let cell = at.nanoseconds_since(start).saturating_mul(cells) / whole;
    usize::try_from(cell.max(0)).map_or(width, |cell| cell.min(width))
}

/// The letter of an effect in a bar.
fn letter(effect: i32) -> char {
    let word = words::effect(effect).to_uppercase();
    word.chars().next().unwrap_or('?')
}

/// The whole interval that the stretches cover.
fn interval(stretches: &[Stretch<'_>]) -> Option<(Instant, Instant)> {
    Some((stretches.first()?.start, stretches.last()?.end))
}

/// A timeline in lines of so many columns: when each stretch begins, its effect, a bar as
/// long as it lasts and where it lies in the interval, and what decides it.
pub(crate) fn page(
    answer: &v1::ComputeDecisionTimelineResponse,
    paint: Paint,
    columns: usize,
) -> String {
    let stretches = stretches(answer);
    let (Some(first), Some((start, end))) = (stretches.first(), interval(&stretches)) else {
        return String::new();
    };
    let mut text = format!(
        "{}  ({})\n\n",
        paint.bold(&pretty::clean(&first.decision.host_id)),
        words::action(first.decision.action)
    );
    let longest = |length: fn(&Stretch<'_>) -> usize| stretches.iter().map(length).max();
    let instants = longest(|stretch| stretch.start.to_string().len()).unwrap_or(0);
    let effects = longest(|stretch| words::effect(stretch.decision.effect).len()).unwrap_or(0);
    let before = "from ".len() + instants + 2 + effects + 2;
    let width = columns.saturating_sub(before).max(NARROWEST);
    let mut previous = None;
    for stretch in &stretches {
        let from = cell(stretch.start, start, end, width).min(width - 1);
        let to = cell(stretch.end, start, end, width).max(from + 1);
        let bar = letter(stretch.decision.effect)
            .to_string()
            .repeat(to - from);
        let word = words::effect(stretch.decision.effect);
        text.push_str(&format!(
            "from {:instants$}  {}{:gap$}{:from$}{}\n",
            stretch.start.to_string(),
            pretty::effect(stretch.decision.effect, paint),
            "",
            "",
            pretty::by_effect(stretch.decision.effect, paint, &bar),
            gap = effects - word.len() + 2,
        ));
        for (mark, reason) in told(previous, stretch) {
            text.push_str(&format!("    {mark} {reason}\n"));
        }
        previous = Some(stretch);
    }
    let last = answer.segments.last();
    match (&answer.truncate_time, last.and_then(|last| last.end_time)) {
        (Some(time), _) => text.push_str(&format!(
            "cut at {}: ask again from there\n",
            words::instant(time)
        )),
        (None, Some(end)) => text.push_str(&format!("until {}\n", words::instant(&end))),
        (None, None) => {}
    }
    text
}

#[cfg(test)]
pub(super) mod tests {
    use insta::assert_snapshot;

    use super::*;

    /// A decision by rules, each with its effect.
    fn decided(effect: v1::Effect, rules: &[(&str, v1::Effect)]) -> v1::Decision {
        let findings = rules.iter().map(|(rule, effect)| v1::Finding {
            instrument_id: (*rule).to_owned(),
            effect: (*effect).into(),
            ..Default::default()
        });
        v1::Decision {
            host_id: "laptop <1> & \u{202e}co".to_owned(),
            action: v1::Action::Presence.into(),
            effect: effect.into(),
            findings: findings.collect(),
            snapshot_id: "0123456789abcdef".to_owned(),
            ..Default::default()
        }
    }

    fn stamp(text: &str) -> Option<Timestamp> {
        let (seconds, nanos) = text.parse::<Instant>().unwrap().to_unix();
        Some(Timestamp { seconds, nanos })
    }

    /// A timeline with every effect and a stretch that is far shorter than a column.
    pub(in crate::output) fn with_every_effect() -> v1::ComputeDecisionTimelineResponse {
        use v1::Effect::{Allow, Deny, Indeterminate, Review, Warn};
        let mut failed = decided(Indeterminate, &[("us-law", Deny)]);
        failed.failures.push(v1::PolicyFailure {
            policy_id: "restrictions.own".to_owned(),
            ..Default::default()
        });
        let told = [
            ("2017-09-01T00:00:00Z", decided(Allow, &[])),
            ("2018-01-01T05:00:00Z", decided(Warn, &[("us-law", Warn)])),
            (
                "2018-01-02T05:00:00Z",
                decided(Review, &[("us-law", Review)]),
            ),
            (
                "2019-06-30T00:00:00Z",
                decided(Deny, &[("us-law", Deny), ("own-list", Warn)]),
            ),
            ("2021-01-01T00:00:00Z", failed),
            ("2022-01-01T00:00:00Z", decided(Deny, &[("us-law", Deny)])),
        ];
        let mut segments: Vec<v1::TimelineSegment> = Vec::new();
        for (start, decision) in told {
            if let Some(before) = segments.last_mut() {
                before.end_time = stamp(start);
            }
            segments.push(v1::TimelineSegment {
                start_time: stamp(start),
                end_time: stamp("2024-01-01T00:00:00Z"),
                decision: Some(decision),
            });
        }
        v1::ComputeDecisionTimelineResponse {
            segments,
            ..Default::default()
        }
    }

    #[test]
    fn each_stretch_has_a_bar_where_it_lies_in_the_interval() {
        assert_snapshot!(page(&with_every_effect(), Paint::none(), 80));
    }

    #[test]
    fn no_line_of_bars_is_longer_than_the_terminal() {
        for columns in [60, 80, 200] {
            let page = page(&with_every_effect(), Paint::none(), columns);
            let bars = page.lines().filter(|line| line.starts_with("from "));
            let longest = bars.map(str::len).max();
            assert_eq!(longest, Some(columns));
        }
    }

    #[test]
    fn instants_lie_between_the_first_cell_and_the_last() {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let (start, end) = (at("2017-01-01T00:00:00Z"), at("2018-01-01T00:00:00Z"));
        assert_eq!(cell(start, start, end, 100), 0);
        assert_eq!(cell(end, start, end, 100), 100);
        assert_eq!(cell(at("2017-07-02T12:00:00Z"), start, end, 100), 50);
        assert_eq!(cell(at("0001-01-01T00:00:00Z"), start, end, 100), 0);
        assert_eq!(cell(at("9999-12-31T00:00:00Z"), start, end, 100), 100);
    }
}
