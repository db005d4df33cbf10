//! Tests of the spool: what is acknowledged is there, whatever fails.

mod faults;
mod recovery;

use std::fs;
use std::path::{Path, PathBuf};

use super::*;

/// Settings in which a test is quick.
fn settings(folder: &Path) -> SpoolSettings {
    SpoolSettings {
        max_bytes: 64 * 1_024 * 1_024,
        segment_bytes: 4 * 1_024,
        max_delay: Duration::from_secs(30),
        ..SpoolSettings::in_folder(folder.to_owned())
    }
}

fn entry(number: usize) -> Vec<u8> {
    format!(
        "{{\"number\":{number},\"filling\":\"{}\"}}",
        "x".repeat(number % 300)
    )
    .into_bytes()
}

async fn append(spool: &Spool, numbers: std::ops::Range<usize>) {
    for number in numbers {
        spool.append(entry(number)).await.unwrap();
    }
}

/// All that a sink gets that has acknowledged nothing, from a spool that is closed by this.
async fn all(spool: Spool) -> Vec<Vec<u8>> {
    let mut reader = spool.reader("all").unwrap();
    spool.close();
    let mut entries = Vec::new();
    while let Some(batch) = reader.next().await.unwrap() {
        entries.extend(batch.entries);
    }
    entries
}

fn wanted(numbers: std::ops::Range<usize>) -> Vec<Vec<u8>> {
    numbers.map(entry).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "spool"))
        .collect();
    files.sort();
    files
}

#[tokio::test]
async fn what_was_appended_comes_in_its_order_through_segments_and_starts() {
    let folder = tempfile::tempdir().unwrap();
    for start in 0..3 {
        let spool = Spool::open(settings(folder.path())).unwrap();
        append(&spool, start * 100..start * 100 + 100).await;
    }
    assert!(files(folder.path()).len() > 5);
    let spool = Spool::open(settings(folder.path())).unwrap();
    assert_eq!(spool.standing().last_sequence, 300);
    assert_eq!(all(spool).await, wanted(0..300));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entries_of_many_callers_share_syncs_and_those_of_one_call_stay_together() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(settings(folder.path())).unwrap();
    let callers = (0..64).map(|caller| {
        let spool = spool.clone();
        tokio::spawn(async move {
            for call in 0..10 {
                let entries = (0..3).map(|part| format!("{caller} {call} {part}").into_bytes());
                spool.append_all(entries.collect()).await.unwrap();
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.unwrap();
    }
    let standing = spool.standing();
    assert_eq!(standing.records, 64 * 10 * 3);
    assert!(standing.groups < 64 * 10, "{}", standing.groups);
    let entries = all(spool).await;
    assert_eq!(entries.len(), 64 * 10 * 3);
    for call in entries.chunks(3) {
        let text = call.iter().map(|entry| str::from_utf8(entry).unwrap());
        let (calls, parts): (Vec<&str>, Vec<&str>) =
            text.map(|text| text.rsplit_once(' ').unwrap()).unzip();
        assert_eq!(parts, ["0", "1", "2"]);
        assert!(calls.iter().all(|known| *known == calls[0]), "{calls:?}");
    }
}

#[tokio::test]
async fn a_sink_goes_on_behind_what_it_acknowledged_and_what_all_have_is_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(settings(folder.path())).unwrap();
    let mut fast = spool.reader("fast").unwrap();
    let mut slow = spool.reader("slow").unwrap();
    append(&spool, 0..200).await;
    let before = files(folder.path()).len();
    let first = fast.next().await.unwrap().unwrap();
    let mut given = first.entries.len();
    fast.acknowledge(first.position).await.unwrap();
    assert_eq!(
        files(folder.path()).len(),
        before,
        "one sink has not got it"
    );
    let same = slow.next().await.unwrap().unwrap();
    assert_eq!(same, first);
    slow.acknowledge(same.position).await.unwrap();
    assert!(files(folder.path()).len() < before);
    while given < 200 {
        let batch = fast.next().await.unwrap().unwrap();
        given += batch.entries.len();
        fast.acknowledge(batch.position).await.unwrap();
    }
    drop((fast, slow, spool));

    let spool = Spool::open(settings(folder.path())).unwrap();
    let mut fast = spool.reader("fast").unwrap();
    let mut slow = spool.reader("slow").unwrap();
    append(&spool, 200..201).await;
    let batch = fast.next().await.unwrap().unwrap();
    assert_eq!((batch.entries, batch.position), (wanted(200..201), 201));
    let mut rest = Vec::new();
    while rest.len() < 201 - same.entries.len() {
        rest.extend(slow.next().await.unwrap().unwrap().entries);
    }
    assert_eq!(rest, wanted(same.entries.len()..201));
}

#[tokio::test]
async fn a_reader_waits_and_ends_with_the_spool() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(settings(folder.path())).unwrap();
    let mut reader = spool.reader("sink").unwrap();
    let waiting = tokio::spawn(async move {
        let first = reader.next().await.unwrap().unwrap();
        (first.entries, reader.next().await.unwrap())
    });
    append(&spool, 0..1).await;
    spool.close();
    let closed = spool.append(entry(1)).await;
    assert!(matches!(closed, Err(SpoolError::Closed)));
    assert_eq!(waiting.await.unwrap(), (wanted(0..1), None));
}

#[tokio::test]
async fn numbers_go_on_though_everything_was_deleted_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(settings(folder.path())).unwrap();
    let mut reader = spool.reader("sink").unwrap();
    append(&spool, 0..10).await;
    let batch = reader.next().await.unwrap().unwrap();
    reader.acknowledge(batch.position).await.unwrap();
    drop((reader, spool));
    for file in files(folder.path()) {
        fs::remove_file(file).unwrap();
    }
    let spool = Spool::open(settings(folder.path())).unwrap();
    let mut reader = spool.reader("sink").unwrap();
    append(&spool, 10..11).await;
    let batch = reader.next().await.unwrap().unwrap();
    assert_eq!((batch.entries, batch.position), (wanted(10..11), 11));
}

#[tokio::test]
async fn a_segment_that_was_deleted_before_sinks_had_it_does_not_hold_them_up() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(settings(folder.path())).unwrap();
    append(&spool, 0..200).await;
    let second = &files(folder.path())[1];
    fs::remove_file(second).unwrap();
    let entries = all(spool.clone()).await;
    assert!(entries.len() < 200 && entries.len() > 100);
    assert_eq!(entries.last(), wanted(199..200).last());
    assert_eq!(spool.standing().damaged, 1);
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_but_the_owner_may_read_what_is_kept() {
    use std::os::unix::fs::PermissionsExt as _;

    let above = tempfile::tempdir().unwrap();
    let folder = above.path().join("kept/spool");
    let spool = Spool::open(settings(&folder)).unwrap();
    append(&spool, 0..3).await;
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for file in files(&folder) {
        assert_eq!(mode(&file), 0o600);
    }
}

#[tokio::test]
async fn of_two_servers_one_has_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(settings(folder.path())).unwrap();
    let second = Spool::open(settings(folder.path()));
    assert!(
        matches!(second, Err(SpoolError::Shared { .. })),
        "{second:?}"
    );
    drop(spool);
    Spool::open(settings(folder.path())).unwrap();
}

#[tokio::test]
async fn what_is_kept_for_longer_goes_when_room_is_needed() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(SpoolSettings {
        max_bytes: 64 * 1_024,
        retention: Duration::from_secs(86_400),
        ..settings(folder.path())
    })
    .unwrap();
    let mut reader = spool.reader("sink").unwrap();
    let mut most = 0;
    for round in 0..20 {
        append(&spool, round * 50..round * 50 + 50).await;
        let mut position = 0;
        while position < spool.standing().last_sequence {
            position = reader.next().await.unwrap().unwrap().position;
            reader.acknowledge(position).await.unwrap();
        }
        most = files(folder.path()).len().max(most);
        assert!(spool.standing().bytes <= 64 * 1_024);
    }
    assert!(most > 10, "{most}");
}

#[tokio::test]
async fn an_entry_that_no_record_takes_is_refused_alone() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(settings(folder.path())).unwrap();
    let long = spool.append(vec![b' '; frame::MOST + 1]).await;
    assert!(matches!(long, Err(SpoolError::Long { .. })), "{long:?}");
    append(&spool, 0..1).await;
    assert_eq!(all(spool).await, wanted(0..1));
}
