//! What counting costs for each decision, measured by hand against the same decisions without it.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use embargo_core::bundle::Bundle;
use embargo_core::decision::{Budget, Evaluator, Question};
use embargo_core::facts::{HostFacts, HostRecord};
use embargo_core::instrument::Action;
use embargo_core::snapshot::Snapshot;
use tonic::codegen::http::HeaderMap;

use super::{Incoming, Meter, Method, Outcome, Telemetry};

const ROUNDS: usize = 41;
const DECISIONS: u32 = 2_000;

fn evaluator() -> Evaluator {
    let rule = "package restrictions.a\n\ndeny contains \"x\" if input.host.id == \"deny\"\n";
    let bundle = Bundle::new([("a.rego".to_owned(), rule.as_bytes().to_vec())]).unwrap();
    let snapshot = Snapshot::compile(bundle).unwrap();
    Evaluator::new(Arc::new(snapshot), Budget::default())
}

fn median(mut took: Vec<Duration>) -> Duration {
    took.sort_unstable();
    took[took.len() / 2]
}

fn once(meter: &Meter, evaluator: &mut Evaluator, facts: &HostFacts) -> Duration {
    let begun = Instant::now();
    for _ in 0..DECISIONS {
        let wait = meter.wait();
        wait.end();
        let question = Question {
            facts,
            action: Action::Use,
            at: "2025-06-01T12:00:00Z".parse().unwrap(),
        };
        black_box(meter.decide(evaluator, question));
    }
    begun.elapsed() / DECISIONS
}

/// What is counted for a decision: a wait, a time, an effect. And for a call: its coming and its end.
#[test]
#[ignore = "measured by hand, in a release build"]
fn counting_costs() {
    let telemetry = Telemetry::new();
    let headers = HeaderMap::new();
    let method = Method::of_grpc("/embargo.v1.DecisionService/DecideHost");
    let ending = telemetry.begin(method, &Incoming::grpc(&headers));
    let record = HostRecord {
        host_id: "h".to_owned(),
        ..HostRecord::default()
    };
    let facts = HostFacts::check(record).unwrap();
    let mut evaluator = evaluator();
    let (mut bare, mut counted, mut calls) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(once(&Meter::default(), &mut evaluator, &facts));
        counted.push(once(&ending.meter(), &mut evaluator, &facts));
        let begun = Instant::now();
        for _ in 0..DECISIONS {
            let ending = telemetry.begin(method, &Incoming::grpc(&headers));
            black_box(ending.meter());
            ending.answered(None);
            ending.ended(Outcome::OK);
        }
        calls.push(begun.elapsed() / DECISIONS);
    }
    let (bare, counted, call) = (median(bare), median(counted), median(calls));
    let cost = counted.saturating_sub(bare);
    println!("a decision: {bare:?} bare, {counted:?} counted: {cost:?} more; a call: {call:?}");
    assert!(cost < Duration::from_micros(1), "{cost:?}");
}
