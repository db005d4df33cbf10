//! What a scrape of the management listener shows.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;

use embargo_service::{ManagementSettings, Settings};

use crate::asker;
use crate::bench::{Bench, settings};

/// One line of an exposition.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) value: f64,
}

/// All lines of one.
#[derive(Clone, Debug)]
pub(crate) struct Scrape(pub(crate) Vec<Sample>);

/// Settings with a management listener on a port of its own.
pub(crate) fn managed() -> Settings {
    Settings {
        management: ManagementSettings {
            listen: Some("127.0.0.1:0".to_owned()),
            ..ManagementSettings::default()
        },
        ..settings()
    }
}

/// A server of a folder, with a management listener.
pub(crate) async fn serve(policies: &Path) -> Bench {
    Bench::start_with(policies, managed()).await
}

impl Scrape {
    pub(crate) async fn of(bench: &Bench) -> Self {
        Self::at(bench.management.expect("a management listener")).await
    }

    pub(crate) async fn at(address: SocketAddr) -> Self {
        let answer = asker::get(address, "/metrics").await;
        assert_eq!(answer.status, 200);
        Self::read(std::str::from_utf8(&answer.body).unwrap())
    }

    pub(crate) fn read(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        Self(lines.map(sample).collect())
    }

    /// The sum of all samples of a name with these labels, if there are any.
    pub(crate) fn find(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let fits = |sample: &&Sample| {
            sample.name == name
                && labels
                    .iter()
                    .all(|(key, value)| sample.labels.get(*key).is_some_and(|is| is == value))
        };
        let mut found = self.0.iter().filter(fits).peekable();
        found.peek()?;
        Some(found.map(|sample| sample.value).sum())
    }

    /// The same, which must be there.
    pub(crate) fn get(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.find(name, labels)
            .unwrap_or_else(|| panic!("no {name} with {labels:?}"))
    }

    /// The labels of each name; those of histograms count for the name without its ending.
    pub(crate) fn labels(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut labels: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for sample in &self.0 {
            let keys = sample.labels.keys().cloned();
            labels.entry(sample.name.clone()).or_default().extend(keys);
        }
        labels
    }
}

fn sample(line: &str) -> Sample {
    let (head, value) = line.rsplit_once(' ').unwrap();
    let (name, labels) = head.split_once('{').unwrap_or((head, "}"));
    let labels = labels.strip_suffix('}').unwrap();
    let pairs = labels.split("\",").filter(|pair| !pair.is_empty());
    Sample {
        name: name.to_owned(),
        labels: pairs
            .map(|pair| {
                let (key, value) = pair.split_once("=\"").unwrap();
                (key.to_owned(), value.trim_end_matches('"').to_owned())
            })
            .collect(),
        value: value.parse().unwrap(),
    }
}
