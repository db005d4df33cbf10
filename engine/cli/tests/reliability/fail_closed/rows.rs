//! The rows of the table: what is wrong, and what each method answers.

use embargo_proto::v1 as pb;
use prost_types::Timestamp;

use super::asking::{METHODS, Question, ask, exits, gate_opens};
use crate::policies::host;
use crate::server::Bench;

/// What a cell holds: the effect, the reason, or the code of a status without a reason; several,
/// where time decides.
pub(super) type Cell = &'static [&'static str];

/// A row: what is wrong, the question, what most methods answer, and which answer otherwise.
pub(super) struct Row {
    name: &'static str,
    pub(super) question: Question,
    pub(super) cell: Cell,
    otherwise: &'static [(&'static str, Cell)],
}

const FACTS: Cell = &["FACTS_INVALID"];
const REQUEST: Cell = &["REQUEST_INVALID"];
const DOCUMENT: Cell = &["INVENTORY_INVALID"];
pub(super) const UNTOLD: Cell = &["[Indeterminate]"];
pub(super) const LATE: Cell = &["DEADLINE_PASSED", "Cancelled", "DeadlineExceeded"];

pub(super) fn row(name: &'static str, cell: Cell, question: Question) -> Row {
    Row {
        name,
        question,
        cell,
        otherwise: &[],
    }
}

impl Row {
    pub(super) fn but(self, otherwise: &'static [(&'static str, Cell)]) -> Self {
        Self { otherwise, ..self }
    }

    /// Puts the question to every method and looks at the cells.
    pub(super) async fn hold(&self, bench: &Bench) -> usize {
        for method in METHODS {
            let outcome = ask(&bench.channel, method, &self.question).await;
            let place = format!("{}, {method}: {outcome:?}", self.name);
            assert!(outcome.is_closed(), "{place}");
            assert!(outcome.has_remedy(), "{place}");
            let otherwise = self.otherwise.iter().find(|(other, _)| *other == method);
            let wanted = otherwise.map_or(self.cell, |(_, cell)| *cell);
            assert!(
                wanted.contains(&outcome.word().as_str()),
                "{wanted:?}: {place}"
            );
        }
        assert!(
            !gate_opens(&bench.url(), &self.question).await,
            "{}",
            self.name
        );
        METHODS.len() + 1
    }

    /// The same for the command line.
    pub(super) async fn exits(&self, bench: &Bench, wanted: (i32, i32)) -> usize {
        let (decide, timeline) = exits(&bench.url(), &self.question).await;
        assert_eq!((decide, timeline), wanted, "{}", self.name);
        2
    }
}

/// A question about facts that differ from sound ones in one thing.
fn facts(change: impl FnOnce(&mut pb::HostFacts)) -> Question {
    let mut facts = host("sound");
    change(&mut facts);
    // What a document cannot hold stands beside it.
    let about = pb::HostFacts {
        software: Vec::new(),
        coverage: Vec::new(),
        ..facts.clone()
    };
    Question {
        facts: Some(facts),
        about: Some(about),
        ..Question::default()
    }
}

fn with_coverage(state: pb::coverage::State, word: &str) -> Question {
    let coverage = pb::Coverage {
        source: "programs".to_owned(),
        state: state.into(),
        ..Default::default()
    };
    Question {
        document: format!(
            r#"{{"host_id": "sound", "software": [], "coverage": [{{"source": "programs", "state": "{word}"}}]}}"#
        ),
        about: None,
        ..facts(|facts| {
            facts.software.clear();
            facts.coverage = vec![coverage];
        })
    }
}

/// Rows of what callers do wrong, or cannot know.
pub(super) fn callers() -> Vec<Row> {
    let many = |count| vec!["x".to_owned(); count];
    let timestamp = |seconds, nanos| Some(Timestamp { seconds, nanos });
    let sound = Question::default;
    vec![
        row(
            "no facts",
            FACTS,
            Question {
                facts: None,
                document: String::new(),
                ..sound()
            },
        )
        .but(&[("DecideInventory", REQUEST)]),
        row(
            "a host without a name",
            FACTS,
            Question {
                document: r#"{"software": [{"name": "Editor"}]}"#.to_owned(),
                about: None,
                ..facts(|facts| facts.host_id.clear())
            },
        )
        .but(&[("DecideInventory", DOCUMENT)]),
        row(
            "too many groups",
            FACTS,
            facts(|facts| facts.groups = many(1_001)),
        ),
        row(
            "too many purposes",
            FACTS,
            facts(|facts| facts.purposes = many(65)),
        ),
        row(
            "too many jurisdictions",
            FACTS,
            facts(|facts| {
                facts.owner = Some(pb::Owner {
                    jurisdictions: many(257),
                    ..Default::default()
                });
            }),
        ),
        row(
            "a text that is too long",
            FACTS,
            facts(|facts| facts.groups = vec!["x".repeat(1_025)]),
        ),
        row(
            "software that was not readable",
            UNTOLD,
            with_coverage(pb::coverage::State::Unreadable, "unreadable"),
        ),
        row(
            "software that nobody looked for",
            UNTOLD,
            with_coverage(pb::coverage::State::NotCollected, "not-collected"),
        ),
        row(
            "an action that is unknown",
            REQUEST,
            Question {
                action: 99,
                ..sound()
            },
        ),
        row(
            "an instant before all others",
            REQUEST,
            Question {
                time: timestamp(i64::MIN, 0),
                ..sound()
            },
        ),
        row(
            "an instant that is none",
            REQUEST,
            Question {
                time: timestamp(0, -1),
                ..sound()
            },
        ),
        row(
            "another snapshot",
            &["SNAPSHOT_MISMATCH"],
            Question {
                required: "another".to_owned(),
                ..sound()
            },
        ),
        row(
            "a snapshot that is none",
            REQUEST,
            Question {
                required: "x".repeat(65),
                ..sound()
            },
        ),
        row(
            "a deadline that has passed",
            LATE,
            Question {
                timeout: Some("1n"),
                ..sound()
            },
        ),
    ]
}

/// Facts that only the methods that take facts can be given; as a document each is something else.
pub(super) fn items() -> Vec<Row> {
    let many = (0..20_001).map(|_| pb::Software {
        name: "Editor".to_owned(),
        ..Default::default()
    });
    let many: Vec<pb::Software> = many.collect();
    let document = |text: &str, question| Question {
        document: text.to_owned(),
        about: None,
        ..question
    };
    vec![
        row(
            "a digest that is none; half a document",
            FACTS,
            document(
                r#"{"host_id": "sound", "software": [{"#,
                facts(|facts| facts.software[0].sha256 = Some(vec![0; 20])),
            ),
        )
        .but(&[("DecideInventory", DOCUMENT)]),
        row(
            "too much software; a document of no format",
            FACTS,
            document("no inventory at all", facts(|facts| facts.software = many)),
        )
        .but(&[("DecideInventory", DOCUMENT)]),
        row(
            "software without any sign; a key that stands twice",
            FACTS,
            document(
                r#"{"host_id": "sound", "host_id": "other", "software": []}"#,
                facts(|facts| facts.software = vec![pb::Software::default()]),
            ),
        )
        .but(&[("DecideInventory", DOCUMENT)]),
    ]
}
