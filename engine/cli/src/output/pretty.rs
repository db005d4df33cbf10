//! The form for people: the answer first, then the reasons.

mod explain;

use embargo_client::v1;

use super::standing::rule;
use super::{Paint, words};

pub(crate) use self::explain::explanation;

/// A decision in full.
pub(crate) fn decision(decision: &v1::Decision, paint: Paint) -> String {
    let mut page = Page::default();
    head(&mut page, decision, paint);
    for finding in &decision.findings {
        page.blank();
        self::finding(&mut page, finding, paint);
    }
    if decision.omitted_finding_count > 0 {
        page.blank();
        page.line(
            0,
            &format!(
                "and {} more findings, which count all the same",
                decision.omitted_finding_count
            ),
        );
    }
    for failure in &decision.failures {
        page.blank();
        self::failure(&mut page, failure, paint);
    }
    missing(&mut page, &decision.missing_facts);
    page.blank();
    match &decision.next_change_time {
        Some(time) => page.line(
            0,
            &format!("this answer may change at {}", words::instant(time)),
        ),
        None => page.line(0, "no date is known at which this answer changes"),
    }
    let short = decision
        .snapshot_id
        .get(..12)
        .unwrap_or(&decision.snapshot_id);
    page.line(0, &paint.dim(&format!("judged by snapshot {short}")));
    page.0
}

/// What was decided, of whom, for what and when.
fn head(page: &mut Page, decision: &v1::Decision, paint: Paint) {
    page.line(
        0,
        &format!(
            "{}  {}  ({}, {})",
            effect(decision.effect, paint),
            paint.bold(&clean(&decision.host_id)),
            words::action(decision.action),
            decision
                .evaluate_time
                .as_ref()
                .map(words::instant)
                .unwrap_or_default(),
        ),
    );
}

fn missing(page: &mut Page, facts: &[String]) {
    let (software, others): (Vec<&str>, Vec<&str>) = facts
        .iter()
        .map(String::as_str)
        .partition(|path| *path == "software");
    if !software.is_empty() {
        page.blank();
        page.line(
            0,
            "software was not read, or could not be read in part, so that a denial cannot be ruled out",
        );
        page.line(
            2,
            "hint: collect it again; the facts' coverage says which source is concerned",
        );
    }
    if !others.is_empty() {
        page.blank();
        page.line(0, &format!("not collected: {}", others.join(", ")));
    }
}

/// What one item was recognised as.
pub(crate) fn identification(found: &v1::Identification, paint: Paint) -> String {
    let mut page = Page::default();
    page.line(
        0,
        &format!(
            "{}  is {} ({})",
            paint.bold(&subject(found.software.as_ref())),
            found.product_id,
            words::strength(found.strength)
        ),
    );
    for sign in &found.evidence {
        page.line(
            4,
            &format!(
                "{} {} `{}`",
                words::strength(sign.strength),
                sign.kind,
                clean(&sign.value)
            ),
        );
    }
    page.0
}

fn finding(page: &mut Page, finding: &v1::Finding, paint: Paint) {
    let kind = match v1::finding::Disposition::try_from(finding.disposition) {
        Ok(v1::finding::Disposition::Waived) => paint.yellow("waived"),
        Ok(v1::finding::Disposition::Exempt) => paint.green("exempt"),
        _ => effect(finding.effect, paint),
    };
    page.line(
        2,
        &format!(
            "{kind}  {}",
            paint.bold(&subject(finding.software.as_ref()))
        ),
    );
    page.line(4, &clean(&finding.message));
    if !finding.detail.is_empty() {
        page.line(4, &clean(&finding.detail));
    }
    page.field("rule", rule(finding));
    if let Some(since) = &finding.since_time {
        page.field("since", &words::instant(since));
    }
    if let Some(next) = &finding.next {
        let what = if next.effect == i32::from(v1::Effect::Allow) {
            "ends".to_owned()
        } else {
            format!("becomes {}", words::effect(next.effect))
        };
        let when = next.time.as_ref().map(words::instant).unwrap_or_default();
        page.field("next", &format!("{what} at {when}"));
    }
    if let Some(waiver) = &finding.waiver {
        let until = waiver
            .expire_time
            .as_ref()
            .map(words::instant)
            .unwrap_or_default();
        page.field(
            "waiver",
            &clean(&format!(
                "{} until {until}, by {}: {}",
                waiver.waiver_id, waiver.owner, waiver.reason
            )),
        );
    }
    let signs: Vec<String> = finding
        .evidence
        .iter()
        .map(|sign| format!("{} `{}`", sign.kind, sign.value))
        .collect();
    if !signs.is_empty() {
        page.field("recognised", &clean(&signs.join(", ")));
    }
    if !finding.remediation.is_empty() {
        page.field("to do", &clean(&finding.remediation));
    }
    for citation in &finding.citations {
        let url = if citation.url.is_empty() {
            String::new()
        } else {
            format!("  {}", citation.url)
        };
        page.field("see", &clean(&format!("{}{url}", citation.title)));
    }
}

fn failure(page: &mut Page, failure: &v1::PolicyFailure, paint: Paint) {
    page.line(
        2,
        &format!("{}  {}", paint.red("failed"), failure.policy_id),
    );
    if let Some(diagnostic) = &failure.diagnostic {
        let place = diagnostic
            .span
            .as_ref()
            .map(|span| format!(" ({}:{}:{})", span.path, span.start_line, span.start_column));
        page.line(
            4,
            &clean(&format!(
                "{}{}",
                diagnostic.message,
                place.unwrap_or_default()
            )),
        );
    }
}

/// The effect as the first thing that is read.
pub(crate) fn effect(number: i32, paint: Paint) -> String {
    by_effect(number, paint, &words::effect(number).to_uppercase())
}

/// A text in the colour of an effect.
pub(crate) fn by_effect(number: i32, paint: Paint, text: &str) -> String {
    match v1::Effect::try_from(number) {
        Ok(v1::Effect::Allow) => paint.green(text),
        Ok(v1::Effect::Warn | v1::Effect::Review) => paint.yellow(text),
        _ => paint.red(text),
    }
}

/// What a finding is about.
pub(crate) fn subject(software: Option<&v1::SoftwareRef>) -> String {
    match software {
        Some(software) => match &software.version {
            Some(version) => clean(&format!("{} {version}", software.name)),
            None => clean(&software.name),
        },
        None => "the host".to_owned(),
    }
}

/// Lines under construction.
#[derive(Default)]
struct Page(String);

impl Page {
    fn line(&mut self, indent: usize, text: &str) {
        self.0.push_str(&" ".repeat(indent));
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn field(&mut self, name: &str, text: &str) {
        self.line(4, &format!("{name:<11}{text}"));
    }

    fn blank(&mut self) {
        self.0.push('\n');
    }
}

/// What strangers wrote, so that it cannot steer the terminal or turn text around.
pub(crate) fn clean(text: &str) -> String {
    let is_steering = |character: char| {
        character.is_control()
            || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars()
        .map(|character| {
            if is_steering(character) {
                '\u{fffd}'
            } else {
                character
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_lines_or_turn_text_around() {
        assert_eq!(
            clean("a\nb\u{202e}c\rd\u{1b}[2J"),
            "a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}[2J"
        );
    }

    #[test]
    fn a_decision_without_findings_says_so_in_its_first_word() {
        let decision = v1::Decision {
            host_id: "h".to_owned(),
            effect: v1::Effect::Allow.into(),
            ..Default::default()
        };
        assert!(super::decision(&decision, Paint::none()).starts_with("ALLOW  h"));
    }
}
