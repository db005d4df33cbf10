//! R10. A decision is a function of facts, action, instant and snapshot: the same bytes from
//! every thread, after a restart, and whatever the order in which files lie in a folder.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use embargo_proto::v1 as pb;
use embargo_service::Settings;
use pb::batch_decide_hosts_request::BatchItem;
use prost_types::Timestamp;

use crate::form::{Random, amount};
use crate::server::{Bench, decisions};
use crate::support::root;

/// Hosts in a call.
const BATCH: usize = 1_000;
/// How long a call may take, which asks for a thousand decisions of a machine that may have other
/// things to do.
const PATIENCE: Duration = Duration::from_secs(600);

/// Words that the shipped set knows, among others that it does not.
const NAMES: [&str; 10] = [
    "Kaspersky Endpoint Security for Windows",
    "Kaspersky Password Manager",
    "TikTok",
    "WeChat",
    "DeepSeek",
    "CapCut",
    "Telegram Desktop",
    "Editor",
    "tiktoken",
    "Kaspersky renewal.pdf",
];
const PUBLISHERS: [&str; 5] = [
    "AO Kaspersky Lab",
    "Kaspersky Lab",
    "ByteDance Pte. Ltd.",
    "Tencent Technology (Shenzhen) Company Limited",
    "Acme",
];
const BUNDLES: [&str; 4] = [
    "com.zhiliaoapp.musically",
    "com.tencent.xinWeChat",
    "com.deepseek.chat",
    "com.example.editor",
];
const JURISDICTIONS: [&str; 8] = ["US", "US-TX", "US-VA", "US-MT", "CA", "AU", "TW", "DE"];
const SECTORS: [&str; 4] = [
    "federal-executive",
    "state-executive",
    "education",
    "critical",
];

fn software(random: &mut Random) -> pb::Software {
    let mut item = pb::Software {
        name: (*random.one_of(&NAMES)).to_owned(),
        ..Default::default()
    };
    if random.chance(2) {
        item.publisher = Some((*random.one_of(&PUBLISHERS)).to_owned());
    }
    if random.chance(3) {
        item.bundle_id = Some((*random.one_of(&BUNDLES)).to_owned());
    }
    if random.chance(2) {
        item.version = Some(format!("{}.{}", random.below(30), random.below(10)));
    }
    if random.chance(3) {
        item.source = Some("programs".to_owned());
    }
    item
}

fn facts(number: usize, random: &mut Random) -> pb::HostFacts {
    let owner = (!random.chance(4)).then(|| {
        let mut jurisdictions = vec![(*random.one_of(&JURISDICTIONS)).to_owned()];
        if random.chance(2) {
            let other = (*random.one_of(&JURISDICTIONS)).to_owned();
            if !jurisdictions.contains(&other) {
                jurisdictions.push(other);
            }
        }
        pb::Owner {
            kind: i32::try_from(random.below(5)).unwrap(),
            jurisdictions,
            sectors: vec![(*random.one_of(&SECTORS)).to_owned()],
            us_person: random.chance(2).then_some(true),
            ..Default::default()
        }
    });
    pb::HostFacts {
        host_id: format!("host-{number}"),
        os: random.chance(2).then(|| pb::OperatingSystem {
            family: Some("windows".to_owned()),
            ..Default::default()
        }),
        owner,
        software: (0..random.below(5)).map(|_| software(random)).collect(),
        ..Default::default()
    }
}

/// The calls for all hosts, the same in every run.
fn calls(hosts: usize) -> Vec<pb::BatchDecideHostsRequest> {
    let mut random = Random::new(0x00e4_ba60);
    (0..hosts.div_ceil(BATCH))
        .map(|call| pb::BatchDecideHostsRequest {
            items: (0..BATCH)
                .map(|at| BatchItem {
                    correlation_id: at.to_string(),
                    facts: Some(facts(call * BATCH + at, &mut random)),
                    action: i32::try_from(1 + random.below(7)).unwrap(),
                })
                .collect(),
            // From 2017 to 2030, so that every phase has its turn.
            evaluate_time: Some(Timestamp {
                seconds: 1_483_228_800 + i64::try_from(random.below(410_000_000)).unwrap(),
                nanos: 0,
            }),
            ..Default::default()
        })
        .collect()
}

/// Serves a folder and gives the answers' bytes in the order of the calls, which are made in
/// the order of `order`.
fn answers(
    policies: &Path,
    workers: usize,
    calls: &[pb::BatchDecideHostsRequest],
    order: &[usize],
) -> Vec<Vec<u8>> {
    use prost::Message as _;
    let settings = Settings {
        workers,
        // What is cut for want of time depends on the machine.
        policy_budget: Duration::from_secs(60),
        decision_budget: Duration::from_secs(60),
        ..Settings::default()
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let bench = runtime.block_on(Bench::start(policies, settings));
    let mut client = decisions(bench.channel.clone());
    let mut all = vec![Vec::new(); calls.len()];
    for at in order {
        let call = client.batch_decide_hosts(calls[*at].clone());
        let answer = runtime.block_on(async { tokio::time::timeout(PATIENCE, call).await });
        for result in &answer.expect("in time").unwrap().into_inner().results {
            let Some(pb::decide_result::Result::Decision(decision)) = &result.result else {
                panic!("no decision: {result:?}");
            };
            assert!(decision.failures.is_empty(), "{:?}", decision.failures);
            all[*at].push(decision.encode_to_vec());
        }
    }
    all.into_iter().flatten().collect()
}

/// Copies a folder, entries in reverse order, so that they lie differently on the disk.
fn copy_reversed(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    let mut entries: Vec<PathBuf> = fs::read_dir(from)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for entry in entries.into_iter().rev() {
        let target = to.join(entry.file_name().unwrap());
        if entry.is_dir() {
            copy_reversed(&entry, &target);
        } else {
            fs::copy(&entry, &target).unwrap();
        }
    }
}

/// Where a process of its own writes what it was answered.
const WRITE_TO: &str = "EMBARGO_TEST_R10";

#[test]
fn r10_decisions_are_the_same_bytes_from_every_thread_after_a_restart_and_in_any_file_order() {
    let calls = calls(amount(10_000, 100_000));
    let start = Instant::now();
    let forwards: Vec<usize> = (0..calls.len()).collect();
    if let Some(file) = std::env::var_os(WRITE_TO) {
        // The process that was started below: one thread, memory of its own, the calls the other
        // way round, and files that lie in another order.
        let folder = tempfile::tempdir().unwrap();
        copy_reversed(&root().join("policies"), folder.path());
        let backwards: Vec<usize> = forwards.into_iter().rev().collect();
        let answers = answers(folder.path(), 1, &calls, &backwards);
        fs::write(file, encoded(&answers)).unwrap();
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("answers");
    let name = std::thread::current().name().unwrap().to_owned();
    let other = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &name])
        .env(WRITE_TO, &file)
        .stdout(Stdio::piped())
        .spawn();
    let other = other.unwrap();
    // Both at once, for the time that it saves.
    let answers = answers(&root().join("policies"), 2, &calls, &forwards);
    let other = other.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&other.stdout);
    assert!(other.status.success(), "the other process failed: {said}");
    assert!(encoded(&answers) == fs::read(&file).unwrap(), "they differ");
    let decisions = answers.len();
    let distinct: BTreeSet<Vec<u8>> = answers.into_iter().collect();
    println!(
        "R10: {decisions} decisions were the same bytes by two processes, in {} s",
        start.elapsed().as_secs()
    );
    assert_eq!(distinct.len(), decisions, "each is about a host of its own");
}

fn encoded(answers: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for answer in answers {
        bytes.extend(u64::try_from(answer.len()).unwrap().to_le_bytes());
        bytes.extend(answer);
    }
    bytes
}
