//! R14. A signed bundle on a plain web server is live on two servers within two seconds of its
//! upload; one that is tampered with, older, expired or a bomb never is, and no decision changes.

mod web;

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use embargo_core::instant::Instant as Moment;
use embargo_proto::v1 as pb;
use embargo_service::{Archive, Clock, Manifest, Signing, new_key, pack};
use flate2::Compression;
use flate2::write::GzEncoder;
use pb::reload::State;
use tonic::transport::Channel;

use crate::form::{alone, amount};
use crate::policies::{ask, stamped, version_of};
use crate::process::Server;
use crate::server::{connect, decisions, within};
use crate::states::{States, state};

use self::web::Web;

/// What is promised of an upload, with an interval of one second.
const LIVE: Duration = Duration::from_secs(2);
/// How long anything else is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where bundles are made.
struct Press {
    folder: tempfile::TempDir,
    private: String,
}

impl Press {
    fn new() -> Self {
        let (private, public) = new_key().unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("key.pub.pem"), public).unwrap();
        Self { folder, private }
    }

    fn key(&self) -> PathBuf {
        self.folder.path().join("key.pub.pem")
    }

    fn signing(&self) -> Signing {
        Signing::by(self.private.as_bytes(), Clock::system().now()).unwrap()
    }

    fn signed(&self, revision: usize) -> Vec<u8> {
        let packed = packed(revision, &format!("v{revision}"), None);
        self.signing().sign(&packed).unwrap()
    }
}

fn packed(revision: usize, version: &str, signatures: Option<&[u8]>) -> Vec<u8> {
    let files = stamped(version);
    let files = files.iter();
    let files = files.map(|(path, content)| (path.as_str(), content.as_bytes()));
    pack(&Manifest::of(&revision.to_string()), files, signatures).unwrap()
}

struct Replica {
    _process: Server,
    channel: Channel,
    states: States,
}

impl Replica {
    async fn start(web: &Web, press: &Press, number: usize) -> Self {
        let state = press.folder.path().join(format!("state-{number}"));
        let process = Server::start_with(&[
            "--bundle",
            &web.url(),
            "--bundle-key",
            press.key().to_str().unwrap(),
            "--set",
            "bundle.poll_interval=1s",
            "--state",
            state.to_str().unwrap(),
        ]);
        let channel = connect(process.address()).await;
        Self {
            states: States::of(channel.clone()).await,
            channel,
            _process: process,
        }
    }

    fn revision(&self) -> &str {
        let active = self.states.latest.active.as_ref();
        active.map_or("", |active| active.revision.as_str())
    }

    async fn judged_by(&self) -> String {
        let mut client = decisions(self.channel.clone());
        let answer = within(client.decide_host(ask("h"))).await;
        version_of(&answer.unwrap().into_inner().decision.unwrap())
    }
}

/// What never goes live after a revision, by the code that says why.
fn never(press: &Press, live: usize) -> Vec<(&'static str, Vec<u8>)> {
    let now = Clock::system().now();
    let before = |seconds: i128| {
        let nanoseconds = now.unix_nanoseconds() - seconds * 1_000_000_000;
        Moment::from_unix_nanoseconds(nanoseconds).unwrap()
    };
    let mut expired = Signing::by(press.private.as_bytes(), before(120)).unwrap();
    expired.expires = Some(before(60));
    let next = live + 1;
    let signed = press.signed(next);
    let signatures = Archive::read(&signed).unwrap();
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..1_024 {
        bomb.write_all(&[0; 65_536]).unwrap();
    }
    vec![
        (
            "signature-file",
            packed(next, "tampered", signatures.signatures()),
        ),
        ("release-older", press.signed(live - 1)),
        (
            "signature-expired",
            expired.sign(&packed(next, "expired", None)).unwrap(),
        ),
        ("archive-bomb", bomb.finish().unwrap()),
        ("signature-missing", packed(next, "unsigned", None)),
        ("signature-wrong", Press::new().signed(next)),
    ]
}

fn refused_for(now: &pb::WatchSnapshotResponse, code: &str) -> bool {
    let reload = now.last_reload.as_ref();
    let first = reload.and_then(|reload| reload.diagnostics.first());
    state(now) == State::Rejected && first.is_some_and(|first| first.code == code)
}

#[tokio::test(flavor = "multi_thread")]
async fn r14_a_signed_bundle_is_live_within_two_seconds_and_no_other_ever() {
    let _alone = alone().await;
    let press = Press::new();
    let web = Web::start(&press.signed(1));
    let mut replicas = [
        Replica::start(&web, &press, 1).await,
        Replica::start(&web, &press, 2).await,
    ];
    let last = 1 + amount(3, 100);
    let mut longest = Duration::ZERO;
    for revision in 2..=last {
        let bundle = press.signed(revision);
        let uploaded = Instant::now();
        web.put(&bundle);
        for replica in &mut replicas {
            let wanted = revision.to_string();
            let took = replica
                .states
                .until(uploaded, LIVE, |now| {
                    now.active
                        .as_ref()
                        .is_some_and(|active| active.revision == wanted)
                })
                .await;
            longest = longest.max(took);
            assert_eq!(replica.judged_by().await, format!("v{revision}"));
        }
    }
    assert!(longest <= LIVE, "{longest:?}");
    for (code, bundle) in never(&press, last) {
        web.put(&bundle);
        for replica in &mut replicas {
            replica
                .states
                .until(Instant::now(), PATIENCE, |now| refused_for(now, code))
                .await;
            assert_eq!(replica.revision(), last.to_string(), "{code}");
            assert_eq!(replica.judged_by().await, format!("v{last}"), "{code}");
        }
    }
    println!(
        "R14: {} uploads live on two servers, the latest after {longest:?}",
        last - 1
    );
}
