//! `embargo test --bench`: how long each test takes.

use std::time::Duration;

use embargo_service::{Timing, bench};
use serde_json::{Value, json};

use crate::args::{Test, TestFormat};
use crate::commands::Failure;
use crate::exit::Exit;
use crate::output::{self, Paint};

use super::json::diagnostic;
use super::sets::Set;
use super::terms;

/// How long each test is run.
const EACH: Duration = Duration::from_millis(200);

pub(super) fn run(test: &Test, sets: Vec<Set>) -> Result<Exit, Failure> {
    let paint = Paint::for_results();
    let mut exit = Exit::Done;
    let mut timings: Vec<Value> = Vec::new();
    for set in sets {
        let terms = terms(&set, test);
        let bench = bench(&set.snapshot, set.trials, &terms, EACH)
            .map_err(|cause| Failure::Said(format!("no thread can be started: {cause}")))?;
        for trial in bench.trials() {
            let name = trial.name();
            let timed = bench
                .next()
                .ok_or_else(|| Failure::Said("the tests did not come to an end".to_owned()))?;
            if timed.is_err() {
                exit = Exit::Refused;
            }
            if test.format == TestFormat::Json {
                timings.push(match &timed {
                    Ok(timing) => as_json(name, timing),
                    Err(failure) => json!({"name": name, "failure": diagnostic(failure)}),
                });
                continue;
            }
            // As it comes, since a test takes its while.
            output::print(&match &timed {
                Ok(timing) => line(name, timing),
                Err(failure) => {
                    let said = failure.to_string().replace('\n', "\n    ");
                    format!("{} {name}\n    {said}\n", paint.red("FAIL"))
                }
            })?;
        }
    }
    if test.format == TestFormat::Json {
        output::print(&output::json::text(&json!({ "timings": timings })))?;
    }
    Ok(exit)
}

fn line(name: &str, timing: &Timing) -> String {
    let Timing {
        runs,
        mean,
        p50,
        p99,
    } = timing;
    format!(
        "{name}\n    {runs:>8} runs  {:>12} ns/op  p50 {:>10} ns  p99 {:>10} ns\n",
        mean.as_nanos(),
        p50.as_nanos(),
        p99.as_nanos()
    )
}

fn as_json(name: &str, timing: &Timing) -> Value {
    let nanoseconds = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    json!({
        "name": name,
        "run_count": timing.runs,
        "mean_ns": nanoseconds(timing.mean),
        "p50_ns": nanoseconds(timing.p50),
        "p99_ns": nanoseconds(timing.p99),
    })
}
