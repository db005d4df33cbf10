//! Where bundles are made and served from in these tests, and how servers are awaited.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use embargo_core::instant::Instant;
use embargo_service::{
    BundlePlace, BundleSource, Config, Manifest, Present, ReloadState, Remote, Server, Settings,
    SignatureTerms, Signing, Source, new_key, pack,
};

use crate::bench::{NOW, settings};
use crate::policies::stamped;

use super::web::Web;

/// A key, and a folder with its public part and whatever a server keeps.
pub(super) struct Place {
    pub(super) folder: tempfile::TempDir,
    pub(super) private: String,
}

pub(super) fn now() -> Instant {
    NOW.parse().unwrap()
}

pub(super) fn hours(count: i128) -> Instant {
    let nanoseconds = now().unix_nanoseconds() + count * 3_600 * 1_000_000_000;
    Instant::from_unix_nanoseconds(nanoseconds).unwrap()
}

pub(super) fn plain(revision: &str, version: &str) -> Vec<u8> {
    let files = stamped(version);
    let files = files.iter();
    let files = files.map(|(path, content)| (path.as_str(), content.as_bytes()));
    pack(&Manifest::of(revision), files, None).unwrap()
}

impl Place {
    pub(super) fn new() -> Self {
        let (private, public) = new_key().unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("key.pub.pem"), public).unwrap();
        Self { folder, private }
    }

    pub(super) fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A set of this version, signed as this revision.
    pub(super) fn signed(&self, revision: &str, version: &str) -> Vec<u8> {
        self.signed_at(revision, version, now())
    }

    pub(super) fn signed_at(&self, revision: &str, version: &str, at: Instant) -> Vec<u8> {
        self.signing(at).sign(&plain(revision, version)).unwrap()
    }

    pub(super) fn signing(&self, at: Instant) -> Signing {
        Signing::by(self.private.as_bytes(), at).unwrap()
    }

    pub(super) fn terms(&self) -> SignatureTerms {
        SignatureTerms {
            is_required: true,
            key_file: Some(self.at("key.pub.pem")),
            ..SignatureTerms::default()
        }
    }

    pub(super) fn file(&self) -> BundleSource {
        BundleSource {
            signature: self.terms(),
            ..BundleSource::file(self.at("policies.tar.gz"))
        }
    }

    pub(super) fn fetched(&self, web: &Web) -> BundleSource {
        BundleSource {
            place: BundlePlace::Url(Box::new(remote(web))),
            signature: self.terms(),
            allows_rollback: false,
        }
    }

    /// Puts the bundle in place at once.
    pub(super) fn put(&self, packed: &[u8]) {
        fs::write(self.at("next"), packed).unwrap();
        fs::rename(self.at("next"), self.at("policies.tar.gz")).unwrap();
    }
}

pub(super) fn remote(web: &Web) -> Remote {
    Remote {
        url: web.url().parse().unwrap(),
        poll_interval: Duration::from_millis(50),
        timeout: Duration::from_secs(5),
        stale_after: Duration::ZERO,
        token_file: None,
        ca_file: None,
        client_certificate_file: None,
        client_key_file: None,
    }
}

pub(super) fn quick(state: Option<&Path>) -> Settings {
    Settings {
        poll_interval: Duration::from_millis(100),
        quiet_period: Duration::from_millis(10),
        state_folder: state.map(Path::to_path_buf),
        ..settings()
    }
}

pub(super) fn start(bundle: BundleSource, settings: Settings) -> Server {
    let config = Config::new(settings).unwrap();
    Server::start(Source::Bundle(bundle), config).unwrap()
}

/// Waits until the server is as wanted.
pub(super) fn until(server: &Server, what: &str, holds: impl Fn(&Present) -> bool) -> Present {
    let start = std::time::Instant::now();
    loop {
        let present = server.present();
        if holds(&present) {
            return present;
        }
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "{what}: {present:?}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub(super) fn until_refused(server: &Server, code: &str) -> Present {
    until(server, code, |present| {
        refusal(present) == Some(code.to_owned())
    })
}

pub(super) fn refusal(present: &Present) -> Option<String> {
    let report = present.last_reload.as_ref()?;
    let first = report.diagnostics.first()?;
    (report.state == ReloadState::Rejected).then(|| first.code.to_owned())
}

pub(super) fn revision(present: &Present) -> String {
    let release = present
        .active
        .as_ref()
        .and_then(|active| active.release.as_ref());
    release.map_or_else(String::new, |release| release.revision.clone())
}

pub(super) fn generation(present: &Present) -> u64 {
    present
        .active
        .as_ref()
        .map_or(0, |active| active.generation)
}

pub(super) fn is_well(present: &Present) -> bool {
    let report = present.last_reload.as_ref();
    report.is_some_and(|report| report.state != ReloadState::Rejected)
}
