//! The same with the process killed, or refused by the system, at each call by which the set is
//! written. Where `strace` is not installed or may not trace, this says so and proves nothing.

use std::process::{Command, Stdio};

use super::running::{Place, Running};
use super::{judged_by, recalled};

/// The calls by which a set is written: a file is made and renamed, and the folder opened.
const CALLS: [&str; 4] = ["openat", "write", "fsync", "rename,renameat,renameat2"];

/// Whether calls can be traced here.
fn can_trace() -> bool {
    let traced = Command::new("strace")
        .args(["-D", "-f", "-e", "trace=none", "-o", "/dev/null", "true"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    traced.is_ok_and(|status| status.success())
}

/// A server for which one call on the files of the state folder is tampered with.
fn tampered(place: &Place, calls: &str, how: &str) -> Running {
    let mut command = Command::new("strace");
    // The tracer is a process beside, so that the server is ours to kill.
    command.args(["-D", "-f", "-q", "-o", "/dev/null"]);
    for path in [
        place.state(),
        place.last_good(),
        place.state().join("last-good.unfinished"),
    ] {
        command.arg("-P").arg(path);
    }
    command.arg("-e").arg(format!("trace={calls}"));
    command.arg("-e").arg(format!("inject={calls}:{how}"));
    command.arg(env!("CARGO_BIN_EXE_embargo"));
    command.args(place.arguments());
    Running::spawn(command)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r3_a_server_killed_at_each_call_of_the_writing_comes_back_with_a_whole_set() {
    if !can_trace() {
        println!("R3: calls cannot be traced here; no server was killed at one");
        return;
    }
    let mut killed = Vec::new();
    for calls in CALLS {
        for number in 1.. {
            let place = Place::new();
            place.write("old");
            drop(Running::start(&place, &[]));
            place.write("new");
            let how = format!("signal=KILL:when={number}");
            let mut server = tampered(&place, calls, &how);
            if server.says_or_ends("serving on ") {
                // There is no such call any more.
                assert_eq!(judged_by(&server).await, "new");
                break;
            }
            place.break_policies();
            let version = recalled(&Running::start(&place, &[])).await;
            assert!(["old", "new"].contains(&version.as_str()), "{version}");
            killed.push(format!("{calls} {number}: {version}"));
            assert!(killed.len() < 50, "the calls do not come to an end");
        }
    }
    println!("R3: killed at each call of the writing, and what was recalled: {killed:?}");
    assert!(killed.len() >= 6, "{killed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r3_what_the_system_refuses_is_said_and_ends_nothing() {
    if !can_trace() {
        println!("R3: calls cannot be traced here; none was refused");
        return;
    }
    let refusals = [
        ("write", "ENOSPC", "hint: make room"),
        ("openat", "EROFS", "hint: let the server's user write"),
        ("openat", "EACCES", "hint: let the server's user write"),
        ("fsync", "EIO", "hint: look at the folder"),
        ("rename,renameat,renameat2", "EDQUOT", "hint: make room"),
    ];
    for (calls, error, hint) in refusals {
        let place = Place::new();
        place.write("old");
        drop(Running::start(&place, &[]));
        place.write("new");
        let mut server = tampered(&place, calls, &format!("error={error}"));
        server.until_said("serving on ");
        server.until_said("cannot be kept for the next start");
        assert!(server.said().contains(hint), "{error}: {}", server.said());
        assert_eq!(judged_by(&server).await, "new", "{error}");
        // The one before is still there, or whole with it.
        drop(server);
        place.break_policies();
        let version = recalled(&Running::start(&place, &[])).await;
        assert!(
            ["old", "new"].contains(&version.as_str()),
            "{error}: {version}"
        );
    }
    println!(
        "R3: {} refusals by the system, each said with a remedy",
        refusals.len()
    );
}
