//! Trouble with the state folder that needs no tools: each is said, ends nothing, and mends by
//! itself where it can.

use std::fs;
use std::process::Command;

use super::running::{Place, Running, until};
use super::{judged_by, recalled, until_judged_by};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r3_a_state_folder_that_is_deleted_is_written_anew() {
    let place = Place::new();
    place.write("v1");
    let server = Running::start(&place, &[]);
    fs::remove_dir_all(place.state()).unwrap();
    until("it is written anew", || place.last_good().exists());
    drop(server);
    place.break_policies();
    assert_eq!(recalled(&Running::start(&place, &[])).await, "v1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r3_what_stands_in_the_way_of_the_state_folder_is_said_and_ends_nothing() {
    let place = Place::new();
    place.write("v1");
    fs::write(place.state(), "in the way").unwrap();
    let mut server = Running::start(&place, &[]);
    server.until_said("cannot be kept for the next start");
    assert!(server.said().contains("hint: "), "{}", server.said());
    place.write("v2");
    until_judged_by(&server, "v2").await;
    fs::remove_file(place.state()).unwrap();
    server.until_said("are kept for the next start again");
    drop(server);
    place.break_policies();
    assert_eq!(recalled(&Running::start(&place, &[])).await, "v2");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r3_a_limit_on_the_size_of_files_ends_nothing() {
    let place = Place::new();
    place.write("v1");
    let mut command = Command::new("sh");
    // In blocks of 512 bytes or of 1,024: more than the log needs, less than the set.
    command.args(["-c", "ulimit -f 128; exec \"$0\" \"$@\""]);
    command.arg(env!("CARGO_BIN_EXE_embargo"));
    command.args(place.arguments());
    let mut server = Running::spawn(command);
    server.until_said("serving on ");
    server.until_said("cannot be kept for the next start");
    assert!(
        server.said().contains("hint: make room"),
        "{}",
        server.said()
    );
    assert_eq!(judged_by(&server).await, "v1");
    assert!(server.is_alive() && !place.last_good().exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r3_a_file_that_is_damaged_or_of_another_version_is_said_and_never_taken() {
    for (content, said) in [
        (&b"embargo-last-good-1\nnonsense"[..], "is damaged"),
        (
            b"embargo-last-good-2\nnews",
            "this version of the server does not know",
        ),
        (b"", "is damaged"),
    ] {
        let place = Place::new();
        place.break_policies();
        fs::create_dir_all(place.state()).unwrap();
        fs::write(place.last_good(), content).unwrap();
        let mut server = Running::spawn(place.command());
        server.until_said("not ready on ");
        let log = server.said();
        assert!(log.contains(said) && log.contains("hint: "), "{log}");
        // It goes on, and what goes live is kept in its place.
        place.write("v2");
        server.until_said("policies are active");
        until("it is kept", || {
            fs::read(place.last_good()).unwrap_or_default().len() > 1_000
        });
        drop(server);
        place.break_policies();
        assert_eq!(recalled(&Running::start(&place, &[])).await, "v2");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r3_of_two_servers_that_share_a_state_folder_one_keeps_and_both_judge() {
    let place = Place::new();
    place.write("v1");
    let first = Running::start(&place, &[]);
    let mut second = Running::start(&place, &[]);
    second.until_said("another server keeps its policies in");
    assert!(
        second
            .said()
            .contains("hint: name a state folder for each server")
    );
    place.write("v2");
    until_judged_by(&first, "v2").await;
    until_judged_by(&second, "v2").await;
    drop(first);
    second.until_said("are kept for the next start again");
    drop(second);
    place.break_policies();
    assert_eq!(recalled(&Running::start(&place, &[])).await, "v2");
}
