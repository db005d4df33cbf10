//! Reading the log of a strict server, as `embargo log verify` does.

use std::path::{Path, PathBuf};

use embargo_service::{Stored, StoredLog};
use serde_json::Value;

/// The hosts of all entries, in their order. Fails on any fault.
pub(super) fn hosts(spool: &Path) -> Vec<String> {
    let mut hosts = Vec::new();
    for found in StoredLog::open(&[spool.to_path_buf()]).unwrap() {
        match found.unwrap() {
            Stored::Entry { text, .. } => {
                let entry: Value = serde_json::from_slice(&text).unwrap();
                assert_eq!(entry["decision"]["effect"], "EFFECT_WARN");
                hosts.push(entry["decision"]["hostId"].as_str().unwrap().to_owned());
            }
            Stored::Fault { place, fault } => panic!("{place}: {fault}"),
            Stored::Unfinished { .. } => {}
        }
    }
    hosts
}

/// Each answer must be there, and those of one caller in the order in which they were given. Gives
/// how many entries nobody was answered.
pub(super) fn check(spool: &Path, answered: &[u64]) -> usize {
    let hosts = hosts(spool);
    let mut next = vec![0_u64; answered.len()];
    for host in &hosts {
        let (caller, number) = host.split_once(':').unwrap();
        let (caller, number): (usize, u64) = (caller.parse().unwrap(), number.parse().unwrap());
        // One that nobody was answered is asked again after the start, and then comes twice.
        if number == next[caller] {
            next[caller] += 1;
        } else {
            assert_eq!(number + 1, next[caller], "of caller {caller}");
        }
    }
    let mut all = 0;
    for (caller, answered) in answered.iter().enumerate() {
        // What was under way may be there, too.
        let is_there = next[caller] == *answered || next[caller] == answered + 1;
        assert!(
            is_there,
            "caller {caller}: {answered} answers, {} entries",
            next[caller]
        );
        all += usize::try_from(*answered).unwrap();
    }
    hosts.len() - all
}

/// The files of a spool.
pub(super) fn segments(spool: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(spool)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "spool"))
        .collect();
    files.sort();
    files
}
