//! Results as JUnit's XML, a suite for each package and file of cases.

use std::collections::BTreeMap;
use std::time::Duration;

use super::report::{Outcome, Report, percent};
use crate::output::junit::{HEAD, escaped};

pub(super) fn text(report: &Report) -> String {
    let mut suites = BTreeMap::<&str, Vec<&Outcome>>::new();
    for outcome in &report.outcomes {
        suites.entry(outcome.parts().0).or_default().push(outcome);
    }
    let mut text = format!(
        "{HEAD}<testsuites name=\"embargo\" tests=\"{}\" failures=\"{}\" errors=\"0\" time=\"{}\">\n",
        report.outcomes.len(),
        report.failed(),
        seconds(report.took()),
    );
    for (name, outcomes) in suites {
        suite(name, &outcomes, &mut text);
    }
    for measured in &report.measured {
        // A suite without tests, because only suites have properties.
        text.push_str(&format!(
            "  <testsuite name=\"coverage of {}\" tests=\"0\" failures=\"0\" errors=\"0\" skipped=\"0\" time=\"0\">\n    <properties>\n      <property name=\"coverage.percent\" value=\"{}\"/>\n    </properties>\n  </testsuite>\n",
            escaped(&measured.root),
            percent(measured.coverage.percent()),
        ));
    }
    text.push_str("</testsuites>\n");
    text
}

fn suite(name: &str, outcomes: &[&Outcome], text: &mut String) {
    let failed = outcomes.iter().filter(|one| one.failure.is_some()).count();
    let took: Duration = outcomes.iter().map(|one| one.took).sum();
    let suite = escaped(name);
    text.push_str(&format!(
        "  <testsuite name=\"{suite}\" tests=\"{}\" failures=\"{failed}\" errors=\"0\" skipped=\"0\" time=\"{}\">\n",
        outcomes.len(),
        seconds(took),
    ));
    for outcome in outcomes {
        let (_, own) = outcome.parts();
        let head = format!(
            "    <testcase name=\"{}\" classname=\"{suite}\" time=\"{}\"",
            escaped(own),
            seconds(outcome.took),
        );
        match &outcome.failure {
            None => text.push_str(&format!("{head}/>\n")),
            Some(failure) => text.push_str(&format!(
                "{head}>\n      <failure message=\"{}\" type=\"{}\">{}</failure>\n    </testcase>\n",
                escaped(&failure.message),
                escaped(failure.code),
                escaped(&failure.to_string()),
            )),
        }
    }
    text.push_str("  </testsuite>\n");
}

fn seconds(time: Duration) -> String {
    format!("{:.6}", time.as_secs_f64())
}
