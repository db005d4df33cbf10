//! Bundles: what goes live of them, from where, and what never does.

mod fetched;
mod place;
mod web;

use std::fs;
use std::sync::{Arc, Mutex};

use embargo_proto::v1 as pb;
use embargo_service::{Archive, BundleSource, Clock, Manifest, Settings, Source, pack};

use crate::bench::{Bench, within};
use crate::policies::{ask, clean_host, stamped};

use self::place::{
    Place, generation, hours, is_well, now, plain, quick, refusal, revision, start, until,
    until_refused,
};
use self::web::{Answer, Web};

#[tokio::test]
async fn a_signed_bundle_judges_and_its_revision_is_shown() {
    let place = Place::new();
    place.put(&place.signed("2024.11.3", "v1"));
    let bench = Bench::serve(Source::Bundle(place.file()), quick(None)).await;
    let decision = bench.decide(ask(clean_host("h"))).await.unwrap();
    assert_eq!(decision.findings[0].message, "v1");
    let request = pb::GetSnapshotRequest {};
    let snapshot = bench.policies().get_snapshot(request).await.unwrap();
    let active = snapshot.into_inner().active.unwrap();
    assert_eq!(active.revision, "2024.11.3");
    assert_eq!(active.policy_count, 2);
}

#[test]
fn a_file_is_taken_up_whether_it_is_renamed_or_written_in_place() {
    let place = Place::new();
    place.put(&place.signed("1", "v1"));
    let server = start(place.file(), quick(None));
    assert_eq!(revision(&server.present()), "1");
    place.put(&place.signed("2", "v2"));
    until(&server, "renamed", |present| revision(present) == "2");
    fs::write(place.at("policies.tar.gz"), place.signed("3", "v3")).unwrap();
    until(&server, "written", |present| revision(present) == "3");
    fs::remove_file(place.at("policies.tar.gz")).unwrap();
    let gone = until_refused(&server, "source-no-file");
    assert_eq!((revision(&gone), generation(&gone)), ("3".to_owned(), 3));
    place.put(&place.signed("3", "v3"));
    until(&server, "back", is_well);
    assert_eq!(generation(&server.present()), 3);
}

/// Bundles that never go live after revision 5, by what is wrong with them.
fn never(place: &Place) -> Vec<(&'static str, Vec<u8>)> {
    let signed = place.signed("6", "v6");
    let half = &signed[..signed.len() / 2];
    let stranger = Place::new();
    let mut expired = place.signing(hours(-48));
    expired.expires = Some(hours(-24));
    let mut scoped = place.signing(now());
    scoped.scope = Some("trial".to_owned());
    let mut inflates = Vec::new();
    {
        use std::io::Write as _;
        let mut gzip = flate2::write::GzEncoder::new(&mut inflates, flate2::Compression::best());
        for _ in 0..1_024 {
            gzip.write_all(&[0; 65_536]).unwrap();
        }
        gzip.finish().unwrap();
    }
    let broken = pack(
        &Manifest::of("6"),
        [("rules/a.rego", &b"package ("[..])],
        None,
    )
    .unwrap();
    vec![
        (
            "archive-gzip",
            b"<html>there is no such file</html>".to_vec(),
        ),
        ("archive-gzip", half.to_vec()),
        (
            "archive-trailing",
            [signed.clone(), signed.clone()].concat(),
        ),
        ("archive-bomb", inflates),
        ("signature-missing", plain("6", "v6")),
        ("signature-wrong", stranger.signed("6", "v6")),
        ("signature-file", tampered(place)),
        (
            "signature-expired",
            expired.sign(&plain("6", "v6")).unwrap(),
        ),
        ("signature-early", place.signed_at("6", "v6", hours(1))),
        ("signature-scope", scoped.sign(&plain("6", "v6")).unwrap()),
        ("release-older", place.signed("4", "v4")),
        ("release-reused", place.signed("5", "other")),
        (
            "rego-parse-error",
            place.signing(now()).sign(&broken).unwrap(),
        ),
    ]
}

/// The files of one set with the signature of another.
fn tampered(place: &Place) -> Vec<u8> {
    let signed = Archive::read(&place.signed("6", "v6")).unwrap();
    let files = stamped("tampered");
    let files = files.iter();
    let files = files.map(|(path, content)| (path.as_str(), content.as_bytes()));
    pack(&Manifest::of("6"), files, signed.signatures()).unwrap()
}

#[tokio::test]
async fn what_is_not_meant_never_goes_live_and_says_why() {
    let place = Place::new();
    let web = Web::start(Some(Answer::of(&place.signed("5", "v5"))));
    let bench = Bench::serve(Source::Bundle(place.fetched(&web)), quick(None)).await;
    let mut states = bench.watch().await;
    for (code, packed) in never(&place) {
        web.put(Some(Answer {
            etag: None,
            ..Answer::of(&packed)
        }));
        let state = loop {
            let state = within(states.message()).await.unwrap().unwrap();
            let reload = state.last_reload.as_ref().unwrap();
            if reload
                .diagnostics
                .first()
                .is_some_and(|first| first.code == code)
            {
                break state;
            }
        };
        let active = state.active.unwrap();
        assert_eq!(active.revision, "5", "{code}");
        assert_eq!(active.r#ref.unwrap().generation, 1, "{code}");
        let decision = bench.decide(ask(clean_host("h"))).await.unwrap();
        assert_eq!(decision.findings[0].message, "v5", "{code}");
    }
    // And what comes after it does.
    web.put(Some(Answer::of(&place.signed("6", "v6"))));
    loop {
        let state = within(states.message()).await.unwrap().unwrap();
        if state.active.is_some_and(|active| active.revision == "6") {
            break;
        }
    }
}

#[test]
fn nothing_that_is_not_meant_is_live_from_the_start() {
    let place = Place::new();
    for (code, packed) in never(&place) {
        // Nothing has been live that it could come before.
        if code.starts_with("release-") {
            continue;
        }
        place.put(&packed);
        let server = start(place.file(), quick(None));
        assert!(server.present().active.is_none(), "{code}");
        assert_eq!(refusal(&server.present()).as_deref(), Some(code));
    }
}

#[test]
fn what_was_live_is_remembered_across_restarts_and_gone_back_behind_once() {
    let place = Place::new();
    let state = place.at("state");
    place.put(&place.signed("5", "v5"));
    drop(start(place.file(), quick(Some(&state))));
    place.put(&place.signed("4", "v4"));
    let server = start(place.file(), quick(Some(&state)));
    let present = server.present();
    assert_eq!(refusal(&present).as_deref(), Some("release-older"));
    let active = present.active.as_ref().unwrap();
    assert!(active.is_recalled);
    assert_eq!(revision(&present), "5");
    drop(server);

    let leave = || BundleSource {
        allows_rollback: true,
        ..place.file()
    };
    let server = start(leave(), quick(Some(&state)));
    assert_eq!(revision(&server.present()), "4");
    // The leave is used up, and forward is forward again.
    place.put(&place.signed("3", "v3"));
    until_refused(&server, "release-older");
    place.put(&place.signed("5", "v5"));
    until(&server, "forward", |present| revision(present) == "5");
    let remembered = state.join("release.json");
    until(&server, "remembered", |_| {
        fs::read_to_string(&remembered).is_ok_and(|text| text.contains("\"revision\":\"5\""))
    });
    drop(server);

    // What cannot be read is not nothing.
    fs::write(&remembered, "{").unwrap();
    place.put(&place.signed("6", "v6"));
    let server = start(place.file(), quick(Some(&state)));
    assert_eq!(
        refusal(&server.present()).as_deref(),
        Some("release-unknown")
    );
    drop(server);
    let server = start(leave(), quick(Some(&state)));
    assert_eq!(revision(&server.present()), "6");
}

#[test]
fn what_expires_while_it_is_live_goes_on_judging_and_shows() {
    let place = Place::new();
    let mut signing = place.signing(now());
    signing.expires = Some(hours(24));
    place.put(&signing.sign(&plain("1", "v1")).unwrap());
    let clock = Arc::new(Mutex::new(now()));
    let told = Arc::clone(&clock);
    let settings = Settings {
        clock: Clock::of(move || *told.lock().unwrap()),
        ..quick(Some(&place.at("state")))
    };
    let server = start(place.file(), settings.clone());
    assert!(is_well(&server.present()));
    *clock.lock().unwrap() = hours(25);
    let expired = until_refused(&server, "signature-expired");
    assert_eq!(
        (revision(&expired), generation(&expired)),
        ("1".to_owned(), 1)
    );
    drop(server);

    // A restart does not stop it either, and says the same.
    let server = start(place.file(), settings);
    let again = server.present();
    assert!(again.active.as_ref().unwrap().is_recalled);
    assert_eq!(refusal(&again).as_deref(), Some("signature-expired"));
    // The same content, signed anew, mends it.
    let mut signing = place.signing(hours(25));
    signing.expires = Some(hours(48));
    place.put(&signing.sign(&plain("1", "v1")).unwrap());
    let mended = until(&server, "mended", is_well);
    let active = mended.active.unwrap();
    assert!(!active.is_recalled);
    let expires = active.release.unwrap().expires.unwrap();
    assert_eq!(expires.to_unix().0, hours(48).to_unix().0);
}

#[test]
fn a_key_is_changed_without_a_restart() {
    let place = Place::new();
    let next = Place::new();
    let key = |place: &Place| fs::read_to_string(place.at("key.pub.pem")).unwrap();
    place.put(&place.signed("1", "v1"));
    let server = start(place.file(), quick(None));
    place.put(&next.signed("2", "v2"));
    until_refused(&server, "signature-wrong");
    // Both are pinned for a while, then the next one alone.
    let both = format!("{}{}", key(&place), key(&next));
    fs::write(place.at("key.pub.pem"), both).unwrap();
    until(&server, "the next", |present| revision(present) == "2");
    fs::write(place.at("key.pub.pem"), key(&next)).unwrap();
    place.put(&place.signed("3", "v3"));
    until_refused(&server, "signature-wrong");
    fs::remove_file(place.at("key.pub.pem")).unwrap();
    until_refused(&server, "signature-key");
    assert_eq!(revision(&server.present()), "2");
}
