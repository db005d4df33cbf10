//! Tests of stored logs: faults are found in their place, and what is whole is found whole.

use std::fs;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::super::spool::{Spool, SpoolSettings};
use super::*;

fn found(paths: &[&Path]) -> Vec<Stored> {
    let paths: Vec<PathBuf> = paths.iter().map(|path| path.to_path_buf()).collect();
    StoredLog::open(&paths)
        .unwrap()
        .map(|found| found.unwrap())
        .collect()
}

fn texts(found: &[Stored]) -> Vec<&str> {
    let texts = found.iter().filter_map(|found| match found {
        Stored::Entry { text, .. } => Some(str::from_utf8(text).unwrap()),
        _ => None,
    });
    texts.collect()
}

fn faults(found: &[Stored]) -> Vec<String> {
    let faults = found.iter().filter_map(|found| match found {
        Stored::Fault { place, fault } => {
            let name = place.file.file_name().unwrap().to_string_lossy();
            Some(format!("{name} {:?}: {fault}", place.at))
        }
        _ => None,
    });
    faults.collect()
}

fn packed(text: &str) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(text.as_bytes()).unwrap();
    packer.finish().unwrap()
}

#[test]
fn files_of_lines_are_read_in_the_order_in_which_they_were_written() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("decisions.jsonl"), "{\"n\":5}\n\n{\"n\":6}\r\n").unwrap();
    fs::write(at("decisions.jsonl.1"), "{\"n\":3}\n{\"n\":4}\n").unwrap();
    let twice = [packed("{\"n\":1}\n"), packed("{\"n\":2}\n")].concat();
    fs::write(at("decisions.jsonl.2.gz"), twice).unwrap();
    fs::write(at("readme.md"), "no log").unwrap();
    let wanted: Vec<String> = (1..=6).map(|n| format!("{{\"n\":{n}}}")).collect();
    assert_eq!(texts(&found(&[folder.path()])), wanted);
    let named = [
        "decisions.jsonl",
        "decisions.jsonl.1",
        "decisions.jsonl.2.gz",
    ]
    .map(at);
    let named: Vec<&Path> = named.iter().map(PathBuf::as_path).collect();
    assert_eq!(texts(&found(&named)), wanted);
    assert_eq!(texts(&found(&named[1..2])), wanted[2..4]);
}

#[test]
fn what_is_no_line_of_a_log_is_named_and_not_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    fs::write(
        &path,
        "{\"n\":1}\n{\"secret\":tru}\nsecret\n{\"n\":4}\n{\"n\":",
    )
    .unwrap();
    let found = found(&[&path]);
    assert_eq!(texts(&found), ["{\"n\":1}", "{\"n\":4}"]);
    assert_eq!(
        faults(&found),
        [
            "log.jsonl Line(2): the line is no entry: it is no JSON at column 14",
            "log.jsonl Line(3): the line is no entry: it does not begin like an object in JSON",
        ]
    );
    let unfinished = matches!(found.last(), Some(Stored::Unfinished { bytes: 5, .. }));
    assert!(unfinished, "{found:?}");
}

#[test]
fn a_packed_file_that_was_cut_or_damaged_is_said_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl.gz");
    let whole = packed(&"{\"n\":1}\n".repeat(5_000));
    for damaged in [whole[..whole.len() - 5].to_vec(), {
        let mut damaged = whole.clone();
        let at = whole.len() - 8;
        damaged[at] ^= 1;
        damaged
    }] {
        fs::write(&path, damaged).unwrap();
        let faults = faults(&found(&[&path]));
        assert_eq!(faults.len(), 1);
        assert!(faults[0].contains("is not what was packed"), "{faults:?}");
    }
}

#[test]
fn a_folder_without_a_log_is_no_empty_log() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("readme.md"), "no log").unwrap();
    let refused = StoredLog::open(&[folder.path().to_path_buf()]);
    assert!(matches!(refused, Err(StoredUnreadable::Nothing(_))));
    let absent = StoredLog::open(&[folder.path().join("absent")]);
    assert!(matches!(absent, Err(StoredUnreadable::Unreadable { .. })));
}

/// A spool with entries `{"n":1}` to `{"n":9}` in three segments, and their files.
async fn spool(folder: &Path) -> Vec<PathBuf> {
    for start in 0..3 {
        let spool = Spool::open(SpoolSettings::in_folder(folder.to_owned())).unwrap();
        for n in start * 3 + 1..=start * 3 + 3 {
            spool
                .append(format!("{{\"n\":{n}}}").into_bytes())
                .await
                .unwrap();
        }
    }
    (1..=3)
        .map(|number| folder.join(format!("{number:020}.spool")))
        .collect()
}

/// Bytes of the head of a segment, and of each of its records.
const HEAD: usize = 76;
const RECORD: usize = 47;

#[tokio::test]
async fn a_spool_that_is_whole_is_found_whole_also_while_a_server_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let files = spool(folder.path()).await;
    let wanted: Vec<String> = (1..=9).map(|n| format!("{{\"n\":{n}}}")).collect();
    let running = Spool::open(SpoolSettings::in_folder(folder.path().to_owned())).unwrap();
    let all = found(&[folder.path()]);
    assert_eq!(
        (texts(&all), faults(&all).len()),
        (wanted.iter().map(String::as_str).collect(), 0)
    );
    let second = found(&[&files[1]]);
    assert_eq!(texts(&second), wanted[3..6]);
    // What all sinks have is deleted, and no fault.
    fs::remove_file(&files[0]).unwrap();
    assert_eq!(faults(&found(&[folder.path()])), Vec::<String>::new());
    drop(running);
    let bytes = fs::read(&files[2]).unwrap();
    fs::write(&files[2], &bytes[..bytes.len() - 3]).unwrap();
    let torn = found(&[folder.path()]);
    assert_eq!(faults(&torn), Vec::<String>::new());
    assert!(matches!(
        torn.last(),
        Some(Stored::Unfinished { bytes: 44, .. })
    ));
}

#[tokio::test]
async fn each_kind_of_fault_of_a_spool_is_found_in_its_place() {
    type Change = fn(&mut Vec<Vec<u8>>);
    let changes: [(&str, Change, &[&str]); 7] = [
        (
            "a turned bit",
            |files| files[1][HEAD + RECORD + 41] ^= 4,
            &[
                "00000000000000000002.spool Byte(123): 47 bytes are not what was written",
                "00000000000000000002.spool Byte(170): record 5 is missing",
            ],
        ),
        (
            "a removed record",
            |files| drop(files[1].drain(HEAD..HEAD + RECORD)),
            &["00000000000000000002.spool Byte(76): record 4 is missing"],
        ),
        (
            "records that changed places",
            |files| {
                files[0][HEAD..HEAD + 2 * RECORD].rotate_left(RECORD);
            },
            &[
                "00000000000000000001.spool Byte(76): record 1 is missing",
                "00000000000000000001.spool Byte(123): record 1 comes again or too late, behind record 2",
                "00000000000000000001.spool Byte(170): record 2 is missing",
            ],
        ),
        (
            "a record of another spool",
            |files| {
                let mut other = Vec::new();
                super::super::spool::write_frame(&mut other, 5, b"{\"n\":0}");
                files[1].splice(HEAD + RECORD..HEAD + 2 * RECORD, other);
            },
            &[
                "00000000000000000002.spool Byte(123): record 5 was not written behind the one that stands before it",
                "00000000000000000002.spool Byte(170): record 6 was not written behind the one that stands before it",
            ],
        ),
        (
            "a segment that is gone",
            |files| files[1].clear(),
            &["00000000000000000003.spool Byte(0): records 4 to 6 are missing"],
        ),
        (
            "a damaged head",
            |files| files[1][60] ^= 1,
            &[
                "00000000000000000002.spool Byte(0): the head of the segment is not what was written",
            ],
        ),
        (
            "a short segment in the middle",
            |files| files[1].truncate(HEAD + RECORD),
            &["00000000000000000003.spool Byte(0): records 5 to 6 are missing"],
        ),
    ];
    for (what, change, wanted) in changes {
        let folder = tempfile::tempdir().unwrap();
        let paths = spool(folder.path()).await;
        let mut files: Vec<Vec<u8>> = paths.iter().map(|path| fs::read(path).unwrap()).collect();
        change(&mut files);
        for (path, bytes) in paths.iter().zip(&files) {
            if bytes.is_empty() {
                fs::remove_file(path).unwrap();
            } else {
                fs::write(path, bytes).unwrap();
            }
        }
        let all = found(&[folder.path()]);
        assert_eq!(faults(&all), wanted, "{what}");
    }
}
