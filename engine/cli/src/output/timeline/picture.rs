//! The picture of a timeline, as SVG: the decision over time, below it each rule that decides,
//! a mark and a number at each change, and the changes in words.

use embargo_client::v1;
use embargo_core::instant::Instant;

use super::svg::{Drawing, Look, cut};
use super::{Stretch, axis, cell, interval, stretches, told};
use crate::commands::Failure;
use crate::output::{pretty, words};

// Lengths in tenths of a pixel.
const WIDTH: usize = 9_600;
const MARGIN: usize = 240;
const SPAN: usize = WIDTH - 2 * MARGIN;
const BAND_TOP: usize = 1_060;
const BAND: usize = 400;
const LANE: usize = 160;
const LANE_PITCH: usize = 420;
const LINE: usize = 180;
/// What a letter of an effect's word takes in a band.
const LETTER: usize = 90;
/// How far apart two numbers of changes must be to be told apart.
const NUMBER: usize = 180;

/// Rules that have a lane of their own.
const LANES: usize = 30;
/// Changes that are told in words.
const TOLD: usize = 100;

/// The picture of a timeline.
///
/// # Errors
/// If the timeline holds nothing.
pub(crate) fn picture(answer: &v1::ComputeDecisionTimelineResponse) -> Result<String, Failure> {
    let stretches = stretches(answer);
    let (Some(first), Some((start, end))) = (stretches.first(), interval(&stretches)) else {
        return Err(Failure::Said(
            "the timeline holds no stretch of time that could be drawn".to_owned(),
        ));
    };
    let sheet = Sheet {
        stretches: &stretches,
        start,
        end,
    };
    let mut drawing = Drawing::default();
    let host = pretty::clean(&first.decision.host_id);
    let action = words::action(first.decision.action);
    drawing.text(MARGIN, 380, Look::Title, &cut(&host, 70));
    drawing.text(
        MARGIN,
        600,
        Look::Plain,
        &format!("{action}, from {start} until {end}"),
    );
    if answer.truncate_time.is_some() {
        let cut_short = "cut: there are more changes than one timeline holds";
        drawing.text(WIDTH - MARGIN, 600, Look::Ending, cut_short);
    }
    drawing.text(MARGIN, 830, Look::Strong, "decision");
    let mut lanes = Drawing::default();
    let bottom = sheet.lanes(&mut lanes);
    // Behind all else, so that no line goes through a word.
    sheet.changes(&mut drawing, bottom);
    drawing.join(lanes);
    sheet.band(&mut drawing);
    let bottom = sheet.axis(&mut drawing, bottom);
    let bottom = sheet.legend(&mut drawing, bottom);
    let bottom = sheet.in_words(&mut drawing, bottom);
    let snapshot = &first.decision.snapshot_id;
    let judged = format!(
        "judged by snapshot {}",
        snapshot.get(..12).unwrap_or(snapshot)
    );
    drawing.text(MARGIN, bottom, Look::Faint, &judged);
    let title = format!("{host}: decisions on {action} from {start} until {end}");
    Ok(drawing.finish(WIDTH, bottom + MARGIN, &title, &sheet.description()))
}

/// What all parts of the picture go by.
struct Sheet<'a> {
    stretches: &'a [Stretch<'a>],
    start: Instant,
    end: Instant,
}

impl Sheet<'_> {
    /// Where an instant lies from left to right.
    fn x(&self, at: Instant) -> usize {
        MARGIN + cell(at, self.start, self.end, SPAN)
    }

    /// The left edge and the width of a time, which is never too small to be seen.
    fn reach(&self, from: Instant, until: Instant) -> (usize, usize) {
        let left = self.x(from).min(MARGIN + SPAN - 20);
        (left, self.x(until).saturating_sub(left).max(20))
    }

    /// The effect over time, each stretch with its word where there is room.
    fn band(&self, drawing: &mut Drawing) {
        for stretch in self.stretches {
            let word = words::effect(stretch.decision.effect);
            let (left, width) = self.reach(stretch.start, stretch.end);
            let more = format!("{word} from {} until {}", stretch.start, stretch.end);
            drawing.area((left, BAND_TOP), (width, BAND), &filled(&word), &more);
            let wide = word.len() * LETTER + 120;
            if width > wide + 40 {
                let middle = left + width / 2;
                drawing.area(
                    (middle - wide / 2, BAND_TOP + 90),
                    (wide, BAND - 180),
                    r##"rx="3" fill="#ffffff""##,
                    "",
                );
                let word = word.to_uppercase();
                drawing.text(middle, BAND_TOP + 245, Look::Centred, &word);
            }
        }
    }

    /// A lane for each rule that decides anything; gives where they end.
    fn lanes(&self, drawing: &mut Drawing) -> usize {
        let mut rules: Vec<&str> = Vec::new();
        for reason in self.stretches.iter().flat_map(|stretch| &stretch.reasons) {
            if !rules.contains(&reason.rule.as_str()) {
                rules.push(&reason.rule);
            }
        }
        let mut top = BAND_TOP + BAND + 120;
        for rule in rules.iter().take(LANES) {
            let name = if rule.is_empty() {
                "software that was not read"
            } else {
                rule
            };
            let name = cut(name, 110);
            let ground = (name.chars().count() * 82, 180);
            drawing.area((MARGIN, top + 20), ground, r##"fill="#ffffff""##, "");
            drawing.text(MARGIN, top + 150, Look::Plain, &name);
            for stretch in self.stretches {
                let reason = stretch.reasons.iter().find(|reason| reason.rule == **rule);
                let Some(reason) = reason else { continue };
                let (left, width) = self.reach(stretch.start, stretch.end);
                let more = format!(
                    "{} from {} until {}",
                    reason.text(),
                    stretch.start,
                    stretch.end
                );
                let place = (left, top + 220);
                drawing.area(place, (width, LANE), &filled(&reason.what), &more);
            }
            top += LANE_PITCH;
        }
        if rules.len() > LANES {
            let more = format!("and {} more rules", rules.len() - LANES);
            drawing.text(MARGIN, top + 150, Look::Faint, &more);
            top += LINE;
        }
        top + 60
    }

    /// A line at each change, and its number where there is room.
    fn changes(&self, drawing: &mut Drawing, bottom: usize) {
        let mut free_from = 0;
        for (number, stretch) in self.stretches.iter().enumerate() {
            let x = self.x(stretch.start);
            if number > 0 {
                drawing.stroke((x, BAND_TOP - 60), (x, bottom), "change");
            }
            if x >= free_from {
                drawing.text(x, BAND_TOP - 90, Look::Centred, &(number + 1).to_string());
                free_from = x + NUMBER;
            }
        }
    }

    /// The axis of time; gives where it ends.
    fn axis(&self, drawing: &mut Drawing, top: usize) -> usize {
        drawing.stroke((MARGIN, top), (MARGIN + SPAN, top), "axis");
        for (at, label) in axis::marks(self.start, self.end) {
            let x = self.x(at);
            drawing.stroke((x, top), (x, top + 60), "axis");
            // What would go over the edge is left out; the interval stands above.
            if x >= MARGIN + 120 && x + 300 <= MARGIN + SPAN {
                drawing.text(x, top + 210, Look::Centred, &label);
            }
        }
        top + 420
    }

    /// What the patterns mean; gives where it ends.
    fn legend(&self, drawing: &mut Drawing, top: usize) -> usize {
        let mut shown: Vec<String> = Vec::new();
        let effects = self.stretches.iter().map(|stretch| {
            let of_reasons = stretch.reasons.iter().map(|reason| reason.what.clone());
            std::iter::once(words::effect(stretch.decision.effect)).chain(of_reasons)
        });
        for word in effects.flatten() {
            if !shown.contains(&word) {
                shown.push(word);
            }
        }
        let mut left = MARGIN;
        for word in &shown {
            drawing.area((left, top), (280, 160), &filled(word), "");
            drawing.text(left + 360, top + 130, Look::Plain, word);
            left += 360 + word.len() * 80 + 240;
        }
        top + 460
    }

    /// The changes in words; gives where they end.
    fn in_words(&self, drawing: &mut Drawing, top: usize) -> usize {
        let mut y = top;
        let mut before = None;
        for (number, stretch) in self.stretches.iter().enumerate().take(TOLD) {
            let word = words::effect(stretch.decision.effect).to_uppercase();
            drawing.text(MARGIN + 240, y, Look::Ending, &(number + 1).to_string());
            let line = format!("from {} {word}", stretch.start);
            drawing.text(MARGIN + 360, y, Look::Code, &line);
            y += LINE;
            for (mark, reason) in told(before, stretch) {
                drawing.text(MARGIN + 560, y, Look::Code, &mark.to_string());
                drawing.text(MARGIN + 680, y, Look::Code, &cut(&reason, 110));
                y += LINE;
            }
            before = Some(stretch);
        }
        if self.stretches.len() > TOLD {
            let more = format!("and {} more changes", self.stretches.len() - TOLD);
            drawing.text(MARGIN, y, Look::Faint, &more);
            y += LINE;
        }
        y + 120
    }

    /// The story for those who do not see it.
    fn description(&self) -> String {
        let told = self.stretches.iter().take(TOLD).map(|stretch| {
            let reasons: Vec<String> = stretch.reasons.iter().map(super::Reason::text).collect();
            let because = if reasons.is_empty() {
                String::new()
            } else {
                format!(": {}", reasons.join(", "))
            };
            let word = words::effect(stretch.decision.effect);
            format!("From {} {word}{because}.", stretch.start)
        });
        told.collect::<Vec<_>>().join(" ")
    }
}

/// The pattern of an effect or of what stands in its place.
fn filled(word: &str) -> String {
    let pattern = match word {
        "allow" | "warn" | "review" | "deny" | "indeterminate" => word,
        "failed" | "unread" => "indeterminate",
        _ => "other",
    };
    format!(r#"fill="url(#embargo-{pattern})" class="edge""#)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::output::timeline::tests::with_every_effect;

    #[test]
    fn the_picture_shows_effects_rules_changes_and_years() {
        assert_snapshot!(picture(&with_every_effect()).unwrap());
    }

    #[test]
    fn a_timeline_of_nothing_has_no_picture() {
        assert!(picture(&v1::ComputeDecisionTimelineResponse::default()).is_err());
    }
}
