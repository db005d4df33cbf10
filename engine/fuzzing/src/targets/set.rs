//! A set of policies: compiled, looked at and asked, in whatever way it came about.

use std::sync::{Arc, LazyLock};

use embargo_core::bundle::Bundle;
use embargo_core::decision::{Budget, Decision, Evaluator, FailureKind, Question};
use embargo_core::facts::{HostFacts, read};
use embargo_core::instant::Instant;
use embargo_core::instrument::Action;
use embargo_core::snapshot::Snapshot;
use embargo_core::trial::{self, Examiner, Limits};

use crate::remarks;

/// A catalogue of one vendor with two products.
pub(super) const CATALOGUE: (&str, &str) = (
    "catalogue/acme.yaml",
    "vendor: {id: acme, name: Acme, publishers: [{value: Acme Labs, mark: V2}]}
products:
  - {id: acme.shield, name: Acme Shield, class: antivirus, display_names: [{value: Acme Shield, mark: V2}]}
  - {id: acme.guess, name: Acme Guess, class: antivirus, display_names: [{value: Acme Guess, mark: R}]}
",
);

/// A rule that finds nothing, so that a set is one.
pub(super) const RULE: (&str, &str) = (
    "own.rego",
    "package restrictions.own\n\nwarn contains \"it is there\" if true\n",
);

/// A host about which rules find much to read.
const FACTS: &str = "
host_id: host-1
os: {family: windows, version: \"11\", architecture: x86_64}
form_factor: laptop
owner: {kind: government, jurisdictions: [US, US-VA], us_person: true, contract_clauses: [52.204-25]}
purposes: [development]
groups: [lab]
software:
  - {name: Other, version: \"1.2\"}
  - {name: Acme Shield 3, version: \"3\", publisher: Acme Labs, path: /opt/shield}
  - {name: Acme Guess, publisher: Acme Labs}
attributes: {rack: 7, labels: [a, b]}
";

static HOST: LazyLock<HostFacts> = LazyLock::new(|| {
    let record = read("facts.yaml", FACTS).expect("the facts are facts");
    HostFacts::check(record).expect("the facts keep the limits")
});

/// Compiles files that need not make up a set. If they do, the set is asked: remembered
/// answers are those that an evaluation gives.
pub(super) fn compile_and_ask(files: &[(&str, &[u8])]) -> Option<Arc<Snapshot>> {
    let owned = files
        .iter()
        .map(|(path, content)| ((*path).to_owned(), content.to_vec()));
    let bundle = Bundle::new(owned).ok()?;
    match Snapshot::compile(bundle) {
        Ok(snapshot) => {
            remarks::check(snapshot.warnings(), files);
            let snapshot = Arc::new(snapshot);
            ask(&snapshot);
            Some(snapshot)
        }
        Err(refused) => {
            remarks::check_refusal(&refused, files);
            None
        }
    }
}

fn ask(snapshot: &Arc<Snapshot>) {
    let mut remembering = Evaluator::new(Arc::clone(snapshot), Budget::default());
    let mut fresh = Evaluator::new(Arc::clone(snapshot), Budget::default()).without_memory();
    let at: Instant = "2025-01-01T00:00:00Z".parse().expect("it is an instant");
    for action in [Action::Use, Action::Presence, Action::Use] {
        let question = Question {
            facts: &HOST,
            action,
            at,
        };
        let remembered = remembering.decide(question);
        let evaluated = fresh.decide(question);
        if !ran_out(&remembered) && !ran_out(&evaluated) {
            assert_eq!(remembered, evaluated);
        }
    }
    drop(snapshot.data_json());
    let limits = Limits {
        rule: Budget::POLICY,
        policy: Budget::POLICY,
    };
    let mut examiner = Examiner::new(Arc::clone(snapshot), limits);
    let (trials, _) = trial::of(snapshot);
    for trial in &trials {
        // Whether it passes is not the question.
        drop(examiner.run(trial));
    }
}

/// Whether time had a say, which may be another the next time.
fn ran_out(decision: &Decision) -> bool {
    decision
        .judgement
        .failures
        .iter()
        .any(|failure| failure.kind == FailureKind::BudgetExceeded)
}
