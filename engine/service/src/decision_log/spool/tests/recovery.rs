//! Recovery: what a spool makes of the files that it finds.

use std::fs::OpenOptions;
use std::io::Write as _;

use super::*;

async fn written(folder: &Path, entries: usize) -> Vec<PathBuf> {
    let spool = Spool::open(settings(folder)).unwrap();
    append(&spool, 0..entries).await;
    drop(spool);
    files(folder)
}

fn kept(folder: &Path) -> Vec<Vec<u8>> {
    let Ok(kept) = fs::read_dir(folder.join("quarantine")) else {
        return Vec::new();
    };
    kept.map(|file| fs::read(file.unwrap().path()).unwrap())
        .collect()
}

#[tokio::test]
async fn a_torn_end_is_cut_off_wherever_it_was_torn() {
    let folder = tempfile::tempdir().unwrap();
    let file = &written(folder.path(), 5).await[0];
    let whole = fs::read(file).unwrap();
    let ends: Vec<usize> = (0..=5)
        .map(|count| {
            let records = wanted(0..count).into_iter();
            76 + records
                .map(|entry| frame::HEAD + entry.len())
                .sum::<usize>()
        })
        .collect();
    for length in 0..whole.len() {
        let folder = tempfile::tempdir().unwrap();
        let torn = folder.path().join(file.file_name().unwrap());
        fs::write(&torn, &whole[..length]).unwrap();
        let spool = Spool::open(settings(folder.path())).unwrap();
        let count = ends.iter().filter(|end| **end <= length).count().max(1) - 1;
        assert_eq!(
            spool.standing().last_sequence,
            u64::try_from(count).unwrap(),
            "{length}"
        );
        assert_eq!(spool.standing().damaged, 0, "{length}");
        if length >= 76 {
            assert_eq!(
                torn.metadata().unwrap().len(),
                u64::try_from(ends[count]).unwrap()
            );
        } else {
            assert!(!torn.exists());
        }
        // The end is where it was torn for whoever goes on.
        append(&spool, count..count + 2).await;
        assert_eq!(all(spool).await, wanted(0..count + 2), "{length}");
        assert_eq!(kept(folder.path()), Vec::<Vec<u8>>::new());
    }
}

#[tokio::test]
async fn damage_is_kept_aside_and_said_and_no_other_record_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let files = written(folder.path(), 60).await;
    assert!(files.len() >= 2);
    for file in [&files[0], files.last().unwrap()] {
        let whole = fs::read(file).unwrap();
        for at in (76..whole.len()).step_by(31) {
            let copy = tempfile::tempdir().unwrap();
            for file in &files {
                fs::copy(file, copy.path().join(file.file_name().unwrap())).unwrap();
            }
            let mut damaged = whole.clone();
            damaged[at] ^= 0x10;
            fs::write(copy.path().join(file.file_name().unwrap()), &damaged).unwrap();
            let spool = Spool::open(settings(copy.path())).unwrap();
            append(&spool, 60..62).await;
            let entries = all(spool.clone()).await;
            assert_eq!(entries.len(), 61, "{at}");
            let lost = (0..62).find(|number| entries.get(*number) != Some(&entry(*number)));
            let mut rest = wanted(0..62);
            rest.remove(lost.unwrap());
            assert_eq!(entries, rest, "{at}");
            assert!(spool.standing().damaged >= 1, "{at}");
            // The number of what was lost is not given again: the gap shows.
            assert_eq!(spool.standing().last_sequence, 62, "{at}");
            let kept = kept(copy.path());
            assert_eq!(kept.len(), 1, "{at}");
            assert_eq!(kept[0].len(), frame::HEAD + entry(lost.unwrap()).len());
        }
    }
}

#[tokio::test]
async fn records_are_not_lost_with_the_head_of_their_segment() {
    let folder = tempfile::tempdir().unwrap();
    let files = written(folder.path(), 60).await;
    for file in &files {
        let mut damaged = fs::read(file).unwrap();
        damaged[40] ^= 1;
        fs::write(file, &damaged).unwrap();
    }
    let spool = Spool::open(settings(folder.path())).unwrap();
    append(&spool, 60..62).await;
    assert_eq!(all(spool).await, wanted(0..62));
}

#[tokio::test]
async fn zeros_that_a_file_system_shows_after_a_power_cut_are_no_damage() {
    let folder = tempfile::tempdir().unwrap();
    let files = written(folder.path(), 5).await;
    let mut file = OpenOptions::new().append(true).open(&files[0]).unwrap();
    file.write_all(&[0; 5_000]).unwrap();
    let spool = Spool::open(settings(folder.path())).unwrap();
    assert_eq!(spool.standing().damaged, 0);
    append(&spool, 5..7).await;
    assert_eq!(all(spool).await, wanted(0..7));
}

#[tokio::test]
async fn a_file_without_a_record_is_put_aside() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path(), 5).await;
    let strange = folder.path().join("00000000000000000002.spool");
    fs::write(
        &strange,
        "this is not a segment, and longer than the head of one: ".repeat(3),
    )
    .unwrap();
    let spool = Spool::open(settings(folder.path())).unwrap();
    assert!(!strange.exists());
    assert_eq!(spool.standing().damaged, 1);
    append(&spool, 5..7).await;
    assert_eq!(files(folder.path()).len(), 2);
    assert_eq!(all(spool).await, wanted(0..7));
    assert_eq!(kept(folder.path()).len(), 1);
}

#[tokio::test]
async fn what_another_release_wrote_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let files = written(folder.path(), 5).await;
    let mut newer = fs::read(&files[0]).unwrap();
    newer[14] = b'2';
    fs::write(&files[0], &newer).unwrap();
    let refused = Spool::open(settings(folder.path()));
    assert!(
        matches!(refused, Err(SpoolError::Format { .. })),
        "{refused:?}"
    );
    assert_eq!(fs::read(&files[0]).unwrap(), newer);
}

#[tokio::test]
async fn a_damaged_cursor_gives_entries_twice_and_never_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(settings(folder.path())).unwrap();
    append(&spool, 0..5).await;
    let mut reader = spool.reader("all").unwrap();
    let batch = reader.next().await.unwrap().unwrap();
    reader.acknowledge(batch.position).await.unwrap();
    drop((reader, spool));
    fs::write(
        folder.path().join("cursor-all"),
        "embargo-spool-cursor-1 9 00000000\n",
    )
    .unwrap();
    let spool = Spool::open(settings(folder.path())).unwrap();
    assert_eq!(all(spool).await, wanted(0..5));
}
