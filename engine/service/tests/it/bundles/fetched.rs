//! Bundles from a web server: what is asked of it, and what happens while it fails.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::RootCertStore;
use rustls::ServerConfig;
use rustls::server::WebPkiClientVerifier;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use embargo_service::BundlePlace;

use super::place::{
    Place, generation, is_well, quick, refusal, revision, start, until, until_refused,
};
use super::web::{Answer, Web};

#[test]
fn what_did_not_change_is_not_sent_again() {
    let place = Place::new();
    let web = Web::start(Some(Answer::of(&place.signed("1", "v1"))));
    let server = start(place.fetched(&web), quick(None));
    until(&server, "asked again", |_| web.unchanged() >= 3);
    assert_eq!(generation(&server.present()), 1);
    assert_eq!(web.asked() - web.unchanged(), 1);
    // Without an ETag the instant of change will do, once it cannot be that of two contents.
    web.put(Some(Answer {
        etag: None,
        last_modified: Some("Sun, 01 Jun 2025 12:00:00 GMT".to_owned()),
        ..Answer::of(&place.signed("2", "v2"))
    }));
    until(&server, "the second", |present| revision(present) == "2");
    // A second content of the same second is not missed.
    web.put(Some(Answer {
        etag: None,
        last_modified: Some("Sun, 01 Jun 2025 12:00:00 GMT".to_owned()),
        ..Answer::of(&place.signed("3", "v3"))
    }));
    until(&server, "the third", |present| revision(present) == "3");
    let before = web.unchanged();
    until(&server, "by instant", |_| web.unchanged() > before);
    assert!(web.last().contains_key("if-modified-since"));
}

#[test]
fn while_the_web_server_fails_what_was_fetched_judges_and_that_shows() {
    let place = Place::new();
    let state = place.at("state");
    let bundle = place.signed("1", "v1");
    let web = Web::start(Some(Answer::of(&bundle)));
    let server = start(place.fetched(&web), quick(Some(&state)));
    for failing in [
        None,
        Some(Answer {
            status: 500,
            ..Answer::of(b"")
        }),
        Some(Answer {
            status: 404,
            ..Answer::of(b"")
        }),
        Some(Answer {
            length: Some(u64::try_from(bundle.len()).unwrap()),
            ..Answer::of(&bundle[..100])
        }),
    ] {
        web.put(failing);
        let failing = until_refused(&server, "source-unfetched");
        assert_eq!(revision(&failing), "1");
        web.put(Some(Answer::of(&bundle)));
        until(&server, "back", is_well);
    }
    assert_eq!(generation(&server.present()), 1);
    drop(server);

    // Down from the start, across a restart.
    web.put(None);
    let server = start(place.fetched(&web), quick(Some(&state)));
    let present = server.present();
    assert_eq!(refusal(&present).as_deref(), Some("source-unfetched"));
    assert!(present.active.as_ref().unwrap().is_recalled);
    assert_eq!(revision(&present), "1");
    web.put(Some(Answer::of(&place.signed("2", "v2"))));
    until(&server, "the next", |present| revision(present) == "2");
}

#[test]
fn a_short_failure_is_no_degradation() {
    let place = Place::new();
    let web = Web::start(Some(Answer::of(&place.signed("1", "v1"))));
    let mut bundle = place.fetched(&web);
    if let BundlePlace::Url(remote) = &mut bundle.place {
        remote.stale_after = Duration::from_secs(3_600);
    }
    let server = start(bundle, quick(None));
    web.put(None);
    let asked = web.asked();
    until(&server, "asked in vain", |_| web.asked() > asked + 2);
    assert!(is_well(&server.present()));
}

#[test]
fn a_web_server_that_does_not_answer_is_given_up() {
    let place = Place::new();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut bundle = place.fetched(&Web::start(None));
    if let BundlePlace::Url(remote) = &mut bundle.place {
        let url = format!("http://{}/p.tar.gz", silent.local_addr().unwrap());
        remote.url = url.parse().unwrap();
        remote.timeout = Duration::from_millis(300);
    }
    let start_time = std::time::Instant::now();
    let server = start(bundle, quick(None));
    assert!(start_time.elapsed() < Duration::from_secs(20));
    let present = server.present();
    assert_eq!(refusal(&present).as_deref(), Some("source-unfetched"));
    let remark = &present.last_reload.as_ref().unwrap().diagnostics[0];
    assert!(remark.hint.contains("bundle.timeout"), "{remark:?}");
}

#[test]
fn no_more_is_fetched_than_an_archive_may_have() {
    let place = Place::new();
    let large = vec![b'x'; embargo_service::PACKED_BYTES + 1];
    for length in [None, Some(1 << 40)] {
        let web = Web::start(Some(Answer {
            length,
            ..Answer::of(&large)
        }));
        let server = start(place.fetched(&web), quick(None));
        let refused = refusal(&server.present());
        assert_eq!(refused.as_deref(), Some("archive-too-large"));
    }
}

#[test]
fn a_redirect_leads_to_https_only_and_takes_no_token_along() {
    let place = Place::new();
    let elsewhere = Web::start(Some(Answer::of(&place.signed("1", "v1"))));
    let web = Web::start(Some(Answer {
        status: 302,
        location: Some(elsewhere.url()),
        ..Answer::default()
    }));
    let token = place.at("token");
    fs::write(&token, "token-of-june\n").unwrap();
    let mut bundle = place.fetched(&web);
    if let BundlePlace::Url(remote) = &mut bundle.place {
        remote.token_file = Some(token.clone());
    }
    let server = start(bundle, quick(None));
    let present = server.present();
    assert_eq!(refusal(&present).as_deref(), Some("source-unfetched"));
    let remark = &present.last_reload.as_ref().unwrap().diagnostics[0];
    assert!(remark.message.contains("https"), "{remark:?}");
    assert_eq!(elsewhere.asked(), 0);
    assert_eq!(web.last()["authorization"], "Bearer token-of-june");
    // The token is read anew.
    fs::write(&token, "token-of-july").unwrap();
    until(&server, "the second token", |_| {
        web.last()["authorization"] == "Bearer token-of-july"
    });
    assert!(!format!("{:?}", server.present()).contains("token-of"));
}

/// An authority, and what it issued for a name.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
    der: CertificateDer<'static>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self {
            pem: certificate.pem(),
            der: certificate.der().clone(),
            issuer: Issuer::new(params, key),
        }
    }

    fn issue(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap(), key)
    }
}

#[test]
fn over_tls_both_sides_are_known_to_each_other() {
    embargo_service::jose::install();
    let authority = Authority::new();
    let (certificate, key) = authority.issue("localhost");
    let mut roots = RootCertStore::empty();
    roots.add(authority.der.clone()).unwrap();
    let clients = WebPkiClientVerifier::builder(Arc::new(roots))
        .build()
        .unwrap();
    let tls = ServerConfig::builder()
        .with_client_cert_verifier(clients)
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    let place = Place::new();
    let web = Web::start_with_tls(Some(Answer::of(&place.signed("1", "v1"))), tls);
    let (own, own_key) = authority.issue("server");
    for (name, text) in [
        ("ca.pem", authority.pem.clone()),
        ("other.pem", Authority::new().pem),
        ("own.pem", own.pem()),
        ("own.key.pem", own_key.serialize_pem()),
    ] {
        fs::write(place.at(name), text).unwrap();
    }
    let with = |ca: Option<&str>, is_known: bool| {
        let mut bundle = place.fetched(&web);
        if let BundlePlace::Url(remote) = &mut bundle.place {
            remote.ca_file = ca.map(|name| place.at(name));
            remote.client_certificate_file = is_known.then(|| place.at("own.pem"));
            remote.client_key_file = is_known.then(|| place.at("own.key.pem"));
        }
        start(bundle, quick(None))
    };
    assert_eq!(revision(&with(Some("ca.pem"), true).present()), "1");
    for (ca, is_known) in [
        (Some("ca.pem"), false),
        (Some("other.pem"), true),
        (None, true),
    ] {
        let server = with(ca, is_known);
        let refused = refusal(&server.present());
        assert_eq!(
            refused.as_deref(),
            Some("source-unfetched"),
            "{ca:?} {is_known}"
        );
    }
    // The files are read anew.
    let server = with(Some("other.pem"), true);
    fs::write(place.at("other.pem"), &authority.pem).unwrap();
    until(&server, "the right authority", |present| {
        revision(present) == "1"
    });
}
