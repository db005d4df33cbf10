//! R5. What does not change the content of policies makes no attempt: times, rights, the same
//! content written again, files that are not read, readers, our own reads among them.

use std::fs::{self, File, OpenOptions, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use embargo_service::Settings;

use crate::form::amount;
use crate::policies::{write, write_stamped};
use crate::server::Bench;
use crate::states::{States, id, id_of};

/// How long nothing may happen: several times what it takes to notice, by events and by reading.
const NOTHING: Duration = Duration::from_millis(600);

type Act = fn(&Path);

const ACTS: [(&str, Act); 17] = [
    ("touch", |root| {
        let file = File::open(root.join("rules/left.rego")).unwrap();
        file.set_modified(SystemTime::now()).unwrap();
    }),
    ("opened for writing", |root| {
        OpenOptions::new()
            .append(true)
            .open(root.join("rules/left.rego"))
            .unwrap();
    }),
    ("chmod of a file", |root| {
        let place = root.join("rules/left.rego");
        fs::set_permissions(&place, Permissions::from_mode(0o600)).unwrap();
        fs::set_permissions(&place, Permissions::from_mode(0o644)).unwrap();
    }),
    ("chmod of a folder", |root| {
        fs::set_permissions(root.join("rules"), Permissions::from_mode(0o700)).unwrap();
    }),
    ("the same content in place", |root| {
        write_stamped(root, "v0");
    }),
    ("the same content renamed over", |root| {
        let place = root.join("rules/left.rego");
        fs::copy(&place, root.join("rules/.fresh")).unwrap();
        fs::rename(root.join("rules/.fresh"), place).unwrap();
    }),
    ("the same content removed and created", |root| {
        let place = root.join("rules/left.rego");
        let content = fs::read(&place).unwrap();
        fs::remove_file(&place).unwrap();
        fs::write(&place, content).unwrap();
    }),
    ("renamed away and back", |root| {
        fs::rename(root.join("rules"), root.join("away")).unwrap();
        fs::rename(root.join("away"), root.join("rules")).unwrap();
    }),
    ("a link to itself in the place of a file", |root| {
        fs::rename(root.join("rules/left.rego"), root.join("rules/.left")).unwrap();
        symlink(".left", root.join("rules/left.rego")).unwrap();
    }),
    ("an empty folder", |root| {
        fs::create_dir(root.join("empty")).unwrap();
    }),
    ("a file without a role", |root| {
        write(root, "README.md", "x");
        write(root, "rules/left.rego~", "x");
    }),
    ("a hidden file", |root| {
        write(root, "rules/.left.rego.swp", "x");
    }),
    ("an example", |root| {
        write(root, "examples/a/rule.rego", "package a");
    }),
    ("a broken example", |root| {
        write(root, "examples/b/rule.rego", "package (");
    }),
    ("work of git", |root| {
        write(root, ".git/index.lock", "x");
        fs::rename(root.join(".git/index.lock"), root.join(".git/index")).unwrap();
    }),
    ("readers", |root| {
        for _ in 0..100 {
            id_of(root);
        }
    }),
    ("the root renamed away and back", |root| {
        fs::rename(root, root.with_extension("away")).unwrap();
        fs::rename(root.with_extension("away"), root).unwrap();
    }),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_what_does_not_change_content_makes_no_attempt() {
    let above = tempfile::tempdir().unwrap();
    let root = above.path().join("policies");
    write_stamped(&root, "v0");
    let settings = Settings {
        poll_interval: Duration::from_millis(200),
        quiet_period: Duration::from_millis(20),
        ..Settings::default()
    };
    let bench = Bench::start(&root, settings).await;
    let mut states = States::of(bench.channel.clone()).await;
    let first = bench.snapshot().await;
    for (name, act) in ACTS {
        act(&root);
        let came = states.changed_within(NOTHING).await;
        assert!(!came, "{name}: {:?}", states.latest);
        assert_eq!(bench.snapshot().await, first, "{name}");
    }
    // It was awake all the time.
    write_stamped(&root, "v1");
    let wanted = id_of(&root);
    let limit = Duration::from_secs(2);
    states
        .until(Instant::now(), limit, |now| id(now) == wanted)
        .await;
    let acts = ACTS.len();
    println!("R5: {acts} kinds of acts that change no content: 0 attempts, 0 activations");
}

/// What a process has used: times it called `read`, and ticks of the clock, of which there are
/// 100 a second.
#[cfg(target_os = "linux")]
fn used(process: u32) -> (u64, u64) {
    let io = fs::read_to_string(format!("/proc/{process}/io")).unwrap();
    let reads = io.lines().find_map(|line| line.strip_prefix("syscr: "));
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let after_name = stat.rsplit_once(')').unwrap().1;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |at: usize| fields[at].parse::<u64>().unwrap();
    (reads.unwrap().parse().unwrap(), ticks(11) + ticks(12))
}

#[cfg(target_os = "linux")]
#[test]
fn r5_an_idle_server_reads_the_folder_at_its_interval_and_no_more() {
    use crate::process::Server;

    // What happens beside the root is heard, too, so it has a folder for itself.
    let above = tempfile::tempdir().unwrap();
    let root = above.path().join("policies");
    write_stamped(&root, "v0");
    let server = Server::start_with(&["--policies", root.to_str().unwrap()]);
    let seconds: u64 = amount(6, 60);
    let before = used(server.process.id());
    std::thread::sleep(Duration::from_secs(seconds));
    let after = used(server.process.id());
    let (reads, ticks) = (after.0 - before.0, after.1 - before.1);
    // Every 2 s two files, each with its end, and the events that this raises.
    assert!(reads >= seconds, "it does not look: {reads} reads");
    assert!(reads <= seconds * 60, "{reads} reads in {seconds} s");
    assert!(ticks <= seconds * 5, "{ticks} ticks in {seconds} s");
    println!(
        "R5: idle for {seconds} s: {reads} calls of read, {ticks} hundredths of a second of CPU"
    );
}
