//! R4. However editors and deployers save, a change is taken up once, whole, and within a second
//! of the last write; and of many swaps of a mounted volume none is missed.

mod set;
mod tools;
mod ways;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::{Duration, Instant};

use embargo_proto::v1::reload::State;
use embargo_service::Settings;

use crate::form::{alone, amount};
use crate::policies::{stamped, version_of, write_stamped};
use crate::server::Bench;
use crate::states::{States, id, id_of};

use self::set::{Files, large, small};
use self::ways::{WAYS, Way};

/// From the last write until the change judges.
const EFFECT: Duration = Duration::from_secs(1);
/// The files of a large set.
const MANY: usize = 1_000;

/// The ways in which many files are brought at a time.
const DEPLOYERS: [&str; 9] = [
    "rename over",
    "write in place",
    "rsync",
    "rsync --delay-updates",
    "git checkout",
    "unzip",
    "tar",
    "scp -r to a slow disk",
    "folder swapped by renames",
];

/// A server on a folder, and how quickly it took changes up.
struct Subject {
    root: tempfile::TempDir,
    _bench: Bench,
    states: States,
    took: Vec<Duration>,
}

impl Subject {
    async fn new(files: Files) -> Self {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), &files);
        // Nothing is found by reading from time to time.
        let settings = Settings {
            poll_interval: Duration::from_secs(3_600),
            ..Settings::default()
        };
        let bench = Bench::start(root.path(), settings).await;
        let states = States::of(bench.channel.clone()).await;
        Self {
            root,
            states,
            _bench: bench,
            took: Vec::new(),
        }
    }

    /// Saves in some way, and holds that this is one activation, of the whole, in time.
    async fn holds(&mut self, name: &str, save: impl FnOnce(&Path) + Send + 'static) {
        let before = self.states.generation();
        let root = self.root.path().to_path_buf();
        let saved = tokio::task::spawn_blocking(move || {
            save(&root);
            (Instant::now(), id_of(&root))
        });
        let (start, wanted) = saved.await.unwrap();
        let took = self.states.until(start, EFFECT, |now| id(now) == wanted);
        let took = took.await;
        assert_eq!(self.states.generation(), before + 1, "{name}");
        assert_eq!(self.states.attempts(), [State::Activated], "{name}");
        // A busy machine gets the double for one of them.
        assert!(took <= EFFECT * 2, "{name}: {took:?}");
        self.took.push(took);
    }

    /// How many changes there were and how soon they judged, once that was soon enough.
    fn account(mut self) -> String {
        self.took.sort_unstable();
        let (median, worst) = middle_and_last(&self.took);
        assert!(median <= EFFECT, "{:?}", self.took);
        format!(
            "{} changes, one activation each, after the last write by {median:?} (median), \
             {worst:?} (worst)",
            self.took.len()
        )
    }
}

fn middle_and_last(took: &[Duration]) -> (Duration, Duration) {
    (took[took.len() / 2], took[took.len() - 1])
}

fn write(root: &Path, files: &Files) {
    for (path, content) in files {
        crate::policies::write(root, path, content);
    }
}

fn way(way: Way, files: Files) -> impl FnOnce(&Path) + Send + 'static {
    move |root| way(root, &files)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r4_each_way_to_save_a_few_files_is_one_activation_within_a_second() {
    let _alone = alone().await;
    let mut subject = Subject::new(small("v0")).await;
    let rounds = amount(1, 10);
    for round in 0..rounds {
        for (name, save) in WAYS {
            let version = format!("{round} {name}");
            subject.holds(name, way(save, small(&version))).await;
            // And of one file alone.
            let mut files = small(&format!("{version} again"));
            files.pop_first();
            subject.holds(name, way(save, files)).await;
        }
    }
    let tools = tools::on_few(&mut subject).await;
    println!(
        "R4: few files in {} ways and by {tools}: {}",
        WAYS.len(),
        subject.account()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r4_each_way_to_save_a_thousand_files_is_one_activation_within_a_second() {
    let _alone = alone().await;
    let mut subject = Subject::new(large("v0", MANY)).await;
    let ways = WAYS.iter().filter(|(name, _)| DEPLOYERS.contains(name));
    let mut count = 0;
    for (name, save) in ways {
        for round in 0..amount(1, 5) {
            let files = large(&format!("{round} {name}"), MANY);
            subject.holds(name, way(*save, files)).await;
        }
        count += 1;
    }
    assert_eq!(count, DEPLOYERS.len());
    let tools = tools::on_many(&mut subject, MANY).await;
    println!(
        "R4: {MANY} files in {count} ways and by {tools}: {}",
        subject.account()
    );
}

/// Updates a mounted volume in the order of a kubelet: a fresh folder, its files, their rights, a
/// fresh link, which is renamed over the one that all visible names lead through, the old folder
/// removed.
fn swap(root: &Path, from: Option<&str>, to: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let fresh = format!("..{to}");
    write_stamped(&root.join(&fresh), to);
    for (path, _) in stamped(to) {
        let rights = fs::Permissions::from_mode(0o644);
        fs::set_permissions(root.join(&fresh).join(path), rights).unwrap();
    }
    symlink(&fresh, root.join("..data_tmp")).unwrap();
    fs::rename(root.join("..data_tmp"), root.join("..data")).unwrap();
    if let Some(from) = from {
        fs::remove_dir_all(root.join(format!("..{from}"))).unwrap();
    } else {
        symlink("..data/rules", root.join("rules")).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r4_no_swap_of_a_mounted_volume_is_missed() {
    let _alone = alone().await;
    let root = tempfile::tempdir().unwrap();
    swap(root.path(), None, "v0");
    // As an operator has it, for some; then as fast as they can be taken up.
    for (quiet, from, to) in [(100, 0, 10), (5, 10, 500)] {
        let settings = Settings {
            quiet_period: Duration::from_millis(quiet),
            ..Settings::default()
        };
        let bench = Bench::start(root.path(), settings).await;
        let mut states = States::of(bench.channel.clone()).await;
        let mut took = Vec::new();
        for number in from..to {
            let [old, new] = [number, number + 1].map(|number| format!("v{number}"));
            swap(root.path(), Some(&old), &new);
            let (start, wanted) = (Instant::now(), id_of(root.path()));
            took.push(states.until(start, EFFECT, |now| id(now) == wanted).await);
            assert_eq!(states.attempts(), [State::Activated], "{new}");
            assert_eq!(version_of(&bench.decide("h").await), new);
        }
        took.sort_unstable();
        let (median, worst) = middle_and_last(&took);
        assert!(worst <= EFFECT, "{took:?}");
        println!(
            "R4: {} swaps of `..data` with a quiet period of {quiet} ms, none missed: median \
             {median:?}, worst {worst:?}",
            to - from
        );
    }
}
