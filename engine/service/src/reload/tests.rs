use std::fs;
use std::path::Path;
use std::time::Duration;

use embargo_core::instant::Instant;
use tokio::sync::watch::Receiver;

use super::*;
use crate::clock::Clock;
use crate::config::Settings;

mod own_tests;

const RULE: &str = "package restrictions.one\n\ndeny contains \"VERSION\" if input.host.id\n";
const NOON: &str = "2024-06-01T12:00:00Z";

fn write(root: &Path, version: &str) {
    let place = root.join("instruments/one");
    fs::create_dir_all(&place).unwrap();
    fs::write(place.join("rule.rego"), RULE.replace("VERSION", version)).unwrap();
}

fn start(root: &Path) -> Reloader {
    let settings = Settings {
        poll_interval: Duration::from_millis(200),
        quiet_period: Duration::from_millis(20),
        clock: Clock::of(|| NOON.parse().unwrap()),
        ..Settings::default()
    };
    let config = Config::new(settings).unwrap();
    Reloader::start(Source::Folder(root.to_path_buf()), &config).unwrap()
}

async fn until(present: &mut Receiver<Present>, what: impl Fn(&Present) -> bool) -> Present {
    let waited = tokio::time::timeout(Duration::from_secs(20), present.wait_for(|now| what(now)));
    waited.await.expect("in time").unwrap().clone()
}

fn state(present: &Present) -> Option<ReloadState> {
    present.last_reload.as_ref().map(|report| report.state)
}

fn generation(present: &Present) -> u64 {
    present
        .active
        .as_ref()
        .map_or(0, |active| active.generation)
}

#[tokio::test]
async fn a_change_is_taken_up_and_a_faulty_one_is_not() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "v1");
    let reloader = start(root.path());
    let mut present = reloader.present();
    let first = present.borrow_and_update().clone();
    assert_eq!(generation(&first), 1);
    assert_eq!(state(&first), Some(ReloadState::Activated));
    let noon: Instant = NOON.parse().unwrap();
    assert_eq!(first.active.as_ref().unwrap().activate_time, noon);

    write(root.path(), "v2");
    let second = until(&mut present, |now| generation(now) == 2).await;
    let id = |present: &Present| present.active.as_ref().unwrap().snapshot.id().clone();
    assert_ne!(id(&first), id(&second));

    fs::write(root.path().join("instruments/one/rule.rego"), "package (").unwrap();
    let broken = until(&mut present, |now| {
        state(now) == Some(ReloadState::Rejected)
    })
    .await;
    assert_eq!(id(&broken), id(&second));
    let remark = &broken.last_reload.as_ref().unwrap().diagnostics[0];
    assert_eq!(
        remark.span.as_ref().unwrap().path,
        "instruments/one/rule.rego"
    );

    write(root.path(), "v2");
    let back = until(&mut present, |now| {
        state(now) == Some(ReloadState::Unchanged)
    })
    .await;
    assert_eq!(generation(&back), 2);
}

#[tokio::test]
async fn an_empty_folder_is_refused_and_the_last_good_set_keeps_judging() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "v1");
    let reloader = start(root.path());
    let mut present = reloader.present();
    fs::remove_dir_all(root.path().join("instruments")).unwrap();
    let empty = until(&mut present, |now| {
        state(now) == Some(ReloadState::Rejected)
    })
    .await;
    assert_eq!(generation(&empty), 1);
    assert_eq!(
        empty.last_reload.unwrap().diagnostics[0].code,
        "source-empty"
    );
}

#[tokio::test]
async fn a_set_that_is_broken_from_the_start_goes_live_once_it_is_mended() {
    let root = tempfile::tempdir().unwrap();
    let reloader = start(root.path());
    let mut present = reloader.present();
    let none = present.borrow_and_update().clone();
    assert!(none.active.is_none());
    assert_eq!(state(&none), Some(ReloadState::Rejected));
    write(root.path(), "v1");
    until(&mut present, |now| generation(now) == 1).await;
}

#[tokio::test]
async fn a_root_that_is_deleted_or_renamed_and_comes_back_is_taken_up() {
    let above = tempfile::tempdir().unwrap();
    let root = above.path().join("policies");
    write(&root, "v1");
    let reloader = start(&root);
    let mut present = reloader.present();

    fs::remove_dir_all(&root).unwrap();
    until(&mut present, |now| {
        state(now) == Some(ReloadState::Rejected)
    })
    .await;
    write(&root, "v2");
    until(&mut present, |now| generation(now) == 2).await;
    // The watch holds on the folder that came instead.
    write(&root, "v3");
    until(&mut present, |now| generation(now) == 3).await;

    fs::rename(&root, above.path().join("away")).unwrap();
    until(&mut present, |now| {
        state(now) == Some(ReloadState::Rejected)
    })
    .await;
    fs::rename(above.path().join("away"), &root).unwrap();
    until(&mut present, |now| {
        state(now) == Some(ReloadState::Unchanged)
    })
    .await;
    write(&root, "v4");
    until(&mut present, |now| generation(now) == 4).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_root_that_is_a_link_follows_where_it_is_pointed() {
    use std::os::unix::fs::symlink;

    let above = tempfile::tempdir().unwrap();
    let at = |name: &str| above.path().join(name);
    write(&at("one"), "v1");
    write(&at("two"), "v2");
    symlink("one", at("policies")).unwrap();
    let reloader = start(&at("policies"));
    let mut present = reloader.present();
    assert_eq!(generation(&present.borrow_and_update().clone()), 1);

    symlink("two", at("next")).unwrap();
    fs::rename(at("next"), at("policies")).unwrap();
    until(&mut present, |now| generation(now) == 2).await;
    write(&at("two"), "v3");
    until(&mut present, |now| generation(now) == 3).await;
}

#[tokio::test]
async fn what_does_not_change_content_makes_no_attempt() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "v1");
    let reloader = start(root.path());
    let mut present = reloader.present();
    present.borrow_and_update();
    // The same content, a file that is not read, and, to know when both were seen, a change.
    write(root.path(), "v1");
    fs::write(root.path().join("notes.txt"), "x").unwrap();
    tokio::time::timeout(Duration::from_secs(1), present.changed())
        .await
        .expect_err("no attempt");
    write(root.path(), "v2");
    present.changed().await.unwrap();
    assert_eq!(generation(&present.borrow().clone()), 2);
}

#[tokio::test]
async fn a_snapshot_that_nobody_judges_by_is_dropped() {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "v1");
    let reloader = start(root.path());
    let mut present = reloader.present();
    let first = present.borrow_and_update().active.clone().unwrap().snapshot;
    let gone = Arc::downgrade(&first);
    write(root.path(), "v2");
    until(&mut present, |now| generation(now) == 2).await;
    assert!(gone.upgrade().is_some());
    drop(first);
    tokio::time::timeout(Duration::from_secs(20), async {
        while gone.upgrade().is_some() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("dropped in time");
}

#[tokio::test]
async fn the_last_good_set_judges_after_a_restart_on_a_broken_folder() {
    let above = tempfile::tempdir().unwrap();
    let root = above.path().join("policies");
    let start = |root: &Path| {
        let settings = Settings {
            poll_interval: Duration::from_millis(200),
            quiet_period: Duration::from_millis(20),
            state_folder: Some(above.path().join("state")),
            ..Settings::default()
        };
        let config = Config::new(settings).unwrap();
        Reloader::start(Source::Folder(root.to_path_buf()), &config).unwrap()
    };
    let id = |present: &Present| present.active.as_ref().unwrap().snapshot.id().clone();
    write(&root, "v1");
    let first = start(&root).present().borrow().clone();
    assert!(!first.active.as_ref().unwrap().is_recalled);

    // Broken in content, empty, and gone.
    let rule = root.join("instruments/one/rule.rego");
    let harms: [&dyn Fn(); 3] = [
        &|| fs::write(&rule, "package (").unwrap(),
        &|| fs::remove_file(&rule).unwrap(),
        &|| fs::remove_dir_all(&root).unwrap(),
    ];
    for harm in harms {
        harm();
        let reloader = start(&root);
        let recalled = reloader.present().borrow().clone();
        assert_eq!(id(&recalled), id(&first));
        assert!(recalled.active.as_ref().unwrap().is_recalled);
        assert_eq!(state(&recalled), Some(ReloadState::Rejected));
    }

    // The folder comes back as it was, and then changes.
    let reloader = start(&root);
    let mut present = reloader.present();
    write(&root, "v1");
    let back = until(&mut present, |now| {
        state(now) == Some(ReloadState::Unchanged)
    })
    .await;
    assert!(!back.active.as_ref().unwrap().is_recalled);
    write(&root, "v2");
    let next = until(&mut present, |now| generation(now) == 2).await;
    assert_ne!(id(&next), id(&first));
}

#[tokio::test]
async fn without_a_usable_last_good_set_nothing_judges() {
    let above = tempfile::tempdir().unwrap();
    let state_folder = above.path().join("state");
    fs::create_dir_all(&state_folder).unwrap();
    fs::write(state_folder.join("last-good"), "embargo-last-good-1\nx").unwrap();
    let settings = Settings {
        state_folder: Some(state_folder),
        ..Settings::default()
    };
    let root = above.path().join("policies");
    let source = Source::Folder(root);
    let reloader = Reloader::start(source, &Config::new(settings).unwrap()).unwrap();
    let none = reloader.present().borrow().clone();
    assert!(none.active.is_none());
    assert_eq!(state(&none), Some(ReloadState::Rejected));
}
