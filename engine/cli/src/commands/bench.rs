//! `embargo bench`: how long decisions take by the author's own policies on the author's own
//! hosts, measured in this process on one thread.
//!
//! Reading of files is not measured, nor is a network. The same evaluation as a server's is
//! measured in four ways: the very first call; each host for the first time, as a fleet comes
//! in; each host again, as it does the next hour; and without any memory, which is the most
//! that a host can cost.

mod allocations;
mod sample;

use std::sync::Arc;
use std::time::Instant;

use embargo_core::decision::{Evaluator, Question};
use embargo_core::facts::HostFacts;
use serde_json::{Value, json};

use crate::args::Format;
use crate::args::bench::Bench;
use crate::commands::Failure;
use crate::exit::Exit;
use crate::intake::{Intake, Told};
use crate::offline::{self, Desk};
use crate::output::{self, Paint, json};
use crate::policies;

use self::sample::Sample;

pub(crate) fn run(bench: &Bench) -> Result<Exit, Failure> {
    let hosts = hosts(bench)?;
    let load = Instant::now();
    let snapshot = policies::snapshot(&bench.policies)?;
    let load = load.elapsed();
    let items: usize = hosts.iter().map(|host| host.record().software.len()).sum();
    let course = Course {
        hosts: hosts.into(),
        bench: Asked {
            action: bench.action,
            at: bench.at.unwrap_or_else(offline::now),
        },
    };
    let desk = Desk::new(Arc::clone(&snapshot))?;

    let first = Instant::now();
    let judged = course.clone();
    desk.work(move |evaluator| judged.first(evaluator))?;
    let first = first.elapsed();

    let rounds = usize::try_from(bench.decisions)
        .unwrap_or(usize::MAX)
        .div_ceil(course.hosts.len().max(1));
    // A desk of its own, for the first one has seen a host.
    let desk = Desk::new(Arc::clone(&snapshot))?;
    let judged = course.clone();
    let fresh = desk.work(move |evaluator| judged.rounds(evaluator, 1))?;
    let judged = course.clone();
    let known = desk.work(move |evaluator| judged.rounds(evaluator, rounds))?;
    let judged = course.clone();
    let unremembered = desk.work(move |evaluator| {
        let budget = embargo_core::decision::Budget::default();
        let mut bare = Evaluator::new(Arc::clone(evaluator.snapshot()), budget).without_memory();
        // Engines are made at the first use.
        judged.rounds(&mut bare, 1);
        judged.rounds(&mut bare, rounds)
    })?;

    let result = Measured {
        snapshot_id: snapshot.id().to_string(),
        hosts: course.hosts.len(),
        items,
        load,
        first,
        fresh,
        known,
        unremembered,
    };
    output::print(&match bench.format {
        Format::Json => json::text(&result.json()),
        Format::Pretty => result.page(Paint::for_results()),
    })?;
    Ok(Exit::Done)
}

/// The first hosts of all that are given. One that cannot be read ends the measurement: a
/// figure over fewer hosts than were meant would mislead.
fn hosts(bench: &Bench) -> Result<Vec<HostFacts>, Failure> {
    if bench.example {
        return Ok(vec![Intake::of_example()?.facts]);
    }
    let most = usize::try_from(bench.hosts).unwrap_or(usize::MAX);
    let mut hosts = Vec::new();
    let intake = Intake::new(bench.inventory.from, &bench.inventory.about)?;
    let mut left_out = 0_u64;
    intake.each(&bench.files, &mut |told| {
        let Told { facts, .. } = told?;
        if hosts.len() < most {
            hosts.push(facts);
        } else {
            left_out += 1;
        }
        Ok(())
    })?;
    if hosts.is_empty() {
        return Err(Failure::Said(
            "no host was read, and nothing is measured".to_owned(),
        ));
    }
    if left_out > 0 {
        output::remark(&format!(
            "the first {most} hosts are measured, and {left_out} are left out; `--hosts N` takes more"
        ));
    }
    Ok(hosts)
}

#[derive(Clone, Copy)]
struct Asked {
    action: embargo_core::instrument::Action,
    at: embargo_core::instant::Instant,
}

/// The hosts that are judged, and what is asked about them.
#[derive(Clone)]
struct Course {
    hosts: Arc<[HostFacts]>,
    bench: Asked,
}

impl Course {
    fn decide(&self, evaluator: &mut Evaluator, facts: &HostFacts) -> bool {
        let decision = evaluator.decide(Question {
            facts,
            action: self.bench.action,
            at: self.bench.at,
        });
        !decision.judgement.failures.is_empty()
    }

    fn first(&self, evaluator: &mut Evaluator) {
        if let Some(facts) = self.hosts.first() {
            self.decide(evaluator, facts);
        }
    }

    /// Judges every host so many times, in their order.
    fn rounds(&self, evaluator: &mut Evaluator, rounds: usize) -> Sample {
        let mut sample = Sample::of(self.hosts.len().saturating_mul(rounds));
        for facts in (0..rounds).flat_map(|_| self.hosts.iter()) {
            evaluator.set_budget(embargo_core::decision::Budget::default());
            let allocated = allocations::so_far();
            let start = Instant::now();
            let has_failed = self.decide(evaluator, facts);
            let took = start.elapsed();
            sample.add(took, allocations::since(allocated), has_failed);
        }
        sample.finish()
    }
}

/// What was measured.
struct Measured {
    snapshot_id: String,
    hosts: usize,
    items: usize,
    load: std::time::Duration,
    first: std::time::Duration,
    fresh: Sample,
    known: Sample,
    unremembered: Sample,
}

impl Measured {
    fn ways(&self) -> [(&'static str, &'static str, &Sample); 3] {
        [
            ("first_time", "each host once", &self.fresh),
            ("again", "each host again", &self.known),
            ("without_memory", "without memory", &self.unremembered),
        ]
    }

    fn json(&self) -> Value {
        let mut all = json!({
            "snapshot_id": self.snapshot_id,
            "host_count": self.hosts,
            "software_count": self.items,
            "thread_count": 1,
            "load_us": sample::micros(self.load),
            "first_call_us": sample::micros(self.first),
        });
        if let Some(fields) = all.as_object_mut() {
            for (key, _, sample) in self.ways() {
                fields.insert(key.to_owned(), sample.json());
            }
        }
        all
    }

    fn page(&self, paint: Paint) -> String {
        let snapshot = self.snapshot_id.get(..12).unwrap_or(&self.snapshot_id);
        let mut text = format!(
            "{} {} with {} items of software, snapshot {snapshot}, one thread\n\nload the policies {:>13}\nthe first call    {:>13}\n\n{}\n",
            self.hosts,
            output::words::plural(u64::try_from(self.hosts).unwrap_or(u64::MAX), "host"),
            self.items,
            sample::readable(self.load),
            sample::readable(self.first),
            paint.bold(&format!(
                "{:<16} {:>10} {:>10} {:>10} {:>10} {:>10}{}",
                "",
                "p50",
                "p90",
                "p99",
                "longest",
                "hosts/s",
                if allocations::ARE_COUNTED {
                    "     allocs"
                } else {
                    ""
                }
            ))
        );
        for (_, name, sample) in self.ways() {
            text.push_str(&format!("{name:<16} {}\n", sample.row()));
        }
        let failed = self.ways().iter().map(|(.., sample)| sample.failed()).max();
        if let Some(failed @ 1..) = failed {
            text.push_str(&format!(
                "\n{failed} decisions had a policy that failed: `embargo decide` shows why\n"
            ));
        }
        if !allocations::ARE_COUNTED {
            text.push_str("\nallocations are not counted by this build: `cargo build --features count-allocations` does\n");
        }
        text
    }
}
