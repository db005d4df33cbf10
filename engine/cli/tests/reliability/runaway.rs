//! R8. A runaway rule is cut at its budget, and other callers hardly notice.
//!
//! Two kinds of runaways: one whose steps the evaluator's timer sees, and one that is inside
//! of a single step for seconds. Of the first the decision says that the policy failed; the
//! call of the second is answered with an error, until its policy is barred.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use embargo_proto::v1 as pb;
use embargo_service::Settings;

use crate::form::{alone, amount};
use crate::policies::{ask, write};
use crate::process::Server;
use crate::server::{Bench, connect, decisions, within};

/// What a call may take beyond the budget.
const BEYOND: Duration = Duration::from_millis(50);
/// A call that finds nothing to wait for.
const OTHERS_PAUSE: Duration = Duration::from_millis(4);

/// Policies of which one runs away for hosts that are called `runaway`.
fn policies(root: &Path, runaway: &str) {
    write(root, "runaway.rego", runaway);
    let other = "package restrictions.other\n\nwarn contains \"seen\" if input.host.id\n";
    write(root, "other.rego", other);
}

/// Loops without end, as far as anybody will wait.
fn looping() -> String {
    let numbers: Vec<String> = (0..100).map(|n| n.to_string()).collect();
    format!(
        "package restrictions.runaway\n\n_n := [{}]\n\ndeny contains \"x\" if {{ input.host.id == \
         \"runaway\"; some a in _n; some b in _n; some c in _n; some d in _n; some e in _n; a + b \
         + c + d + e == 1000 }}\n",
        numbers.join(",")
    )
}

/// Squares a number until one multiplication takes longer than anybody will wait.
fn squaring() -> String {
    let squares: Vec<String> = (1..=27)
        .map(|at| format!("\tx{at} := x{0} * x{0}\n", at - 1))
        .collect();
    format!(
        "package restrictions.runaway\n\ndeny contains \"x\" if {{\n\tinput.host.id == \
         \"runaway\"\n\tx0 := 18446744073709551615\n{}\tx27 > 1\n}}\n",
        squares.concat()
    )
}

/// Asks at a steady pace. Gives how long each answer took, in order of length.
async fn others(address: std::net::SocketAddr, calls: usize) -> Vec<Duration> {
    let mut client = decisions(connect(address).await);
    let mut taken = Vec::new();
    for _ in 0..calls {
        let start = Instant::now();
        let answer = within(client.decide_host(ask("other"))).await.unwrap();
        taken.push(start.elapsed());
        let decision = answer.into_inner().decision.unwrap();
        assert_eq!(decision.effect(), pb::Effect::Warn);
        tokio::time::sleep(OTHERS_PAUSE).await;
    }
    taken.sort();
    taken
}

fn p99(sorted: &[Duration]) -> Duration {
    sorted[sorted.len() * 99 / 100]
}

/// Has callers run away until told to stop. Gives the longest that one waited.
async fn run_away(address: std::net::SocketAddr, stop: Arc<AtomicBool>) -> (u64, Duration) {
    let mut client = decisions(connect(address).await);
    let (mut calls, mut longest) = (0, Duration::ZERO);
    while !stop.load(Ordering::Relaxed) {
        let start = Instant::now();
        let answer = within(client.decide_host(ask("runaway"))).await.unwrap();
        longest = longest.max(start.elapsed());
        calls += 1;
        let decision = answer.into_inner().decision.unwrap();
        assert_eq!(decision.effect(), pb::Effect::Indeterminate);
        assert_eq!(decision.failures[0].policy_id, "restrictions.runaway");
        assert_eq!(decision.failures[0].kind(), pb::FailureKind::BudgetExceeded);
        // The other policy counts all the same.
        assert_eq!(decision.findings.len(), 1);
    }
    (calls, longest)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r8_a_rule_that_loops_is_cut_and_other_callers_hardly_notice() {
    let _alone = alone().await;
    let root = tempfile::tempdir().unwrap();
    policies(root.path(), &looping());
    let settings = Settings {
        workers: 2,
        ..Settings::default()
    };
    let budget = settings.policy_budget;
    let bench = Bench::start(root.path(), settings).await;
    let calls = amount(250, 2_000);
    others(bench.address, 100).await;
    // The two are compared within a round, since the machine has other things to do.
    let mut rounds = Vec::new();
    let (mut runs, mut cut) = (0, Vec::new());
    for _ in 0..5 {
        let before = p99(&others(bench.address, calls).await);
        let stop = Arc::new(AtomicBool::new(false));
        let runaway = tokio::spawn(run_away(bench.address, Arc::clone(&stop)));
        let during = p99(&others(bench.address, calls).await);
        stop.store(true, Ordering::Relaxed);
        let (count, longest) = runaway.await.unwrap();
        runs += count;
        cut.push(longest);
        rounds.push((during.as_secs_f64() / before.as_secs_f64(), before, during));
    }
    rounds.sort_by(|a, b| a.0.total_cmp(&b.0));
    cut.sort();
    let (ratio, before, during) = rounds[rounds.len() / 2];
    let longest = cut[cut.len() / 2];
    println!(
        "R8: {runs} runaways cut after {longest:?} at most, budget {budget:?}; others' p99 {before:?} \
         without and {during:?} with them, ratio {ratio:.2}"
    );
    assert!(longest <= budget + BEYOND, "{cut:?}");
    assert!(ratio < 2.0, "{rounds:?}");
}

#[test]
fn r8_a_rule_that_never_looks_at_the_time_is_answered_for_and_then_barred() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _alone = runtime.block_on(alone());
    let root = tempfile::tempdir().unwrap();
    policies(root.path(), &squaring());
    // A process, so that what does not come back ends with it.
    let server = Server::start_with(&["--policies", root.path().to_str().unwrap()]);
    let address = server.address();
    let ask_for = |id: &'static str| {
        runtime.block_on(async {
            let mut client = decisions(connect(address).await);
            let start = Instant::now();
            let answer = within(client.decide_host(ask(id))).await;
            (answer, start.elapsed())
        })
    };
    ask_for("other").0.unwrap();
    let (answer, taken) = ask_for("runaway");
    // Where the machine is so slow that the timer is looked at in time, it is cut like the other.
    let was_cut = match answer {
        Err(refused) => {
            assert_eq!(refused.code(), tonic::Code::Internal, "{refused}");
            false
        }
        Ok(answer) => {
            let decision = answer.into_inner().decision.unwrap();
            assert_eq!(decision.effect(), pb::Effect::Indeterminate);
            true
        }
    };
    // Others are answered while it has not come back.
    let (answer, _) = ask_for("other");
    let decision = answer.unwrap().into_inner().decision.unwrap();
    assert_eq!(decision.effect(), pb::Effect::Warn);
    let (decision, again) = loop {
        if let (Ok(answer), taken) = ask_for("runaway") {
            break (answer.into_inner().decision.unwrap(), taken);
        }
    };
    assert_eq!(decision.effect(), pb::Effect::Indeterminate);
    assert_eq!(decision.failures[0].policy_id, "restrictions.runaway");
    assert_eq!(decision.findings.len(), 1);
    assert!(
        was_cut || taken <= Duration::from_millis(100) + BEYOND,
        "{taken:?}"
    );
    println!(
        "R8: a policy within one endless step is answered for after {taken:?}, and once it is barred after {again:?}"
    );
}
