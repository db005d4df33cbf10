//! Who may ask: callers with certificates, tokens, JSON Web Tokens and nothing, at every door.

mod authority;
mod certificates;
mod doors;
mod exposure;
mod handshakes;
mod issuer;
mod tokens;

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use embargo_service::{
    Config, IdentitySection, IdentitySettings, Materials, Server, ServerError, Settings, Source,
    TlsSection, TlsSettings,
};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::bench::{settings, within};

/// A server whose callers need something.
struct Guarded {
    address: SocketAddr,
    materials: Materials,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<Result<(), ServerError>>,
}

impl Guarded {
    fn start(policies: &Path, settings: Settings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let source = Source::Folder(policies.to_path_buf());
        let server = Server::start(source, Config::new(settings).unwrap()).unwrap();
        let materials = server.materials();
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(server.serve(listener, async move {
            let _ = stopped.await;
        }));
        Self {
            address,
            materials,
            stop: Some(stop),
            served,
        }
    }

    async fn stop(mut self) {
        drop(self.stop.take());
        within(self.served).await.unwrap().unwrap();
    }

    /// Waits until all material is as wanted.
    async fn until(&self, is_so: impl Fn(&Materials) -> bool) {
        let waiting = async {
            while !is_so(&self.materials) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        within(waiting).await;
    }
}

fn quick() -> Settings {
    Settings {
        poll_interval: Duration::from_millis(50),
        ..settings()
    }
}

/// Settings as a configuration file has them.
fn configured(text: &str) -> Settings {
    let file: embargo_service::File = serde_yaml::from_str(text).unwrap();
    let read = file.settings().unwrap();
    let (tls, identity): (Option<TlsSettings>, IdentitySettings) = (read.tls, read.identity);
    Settings {
        tls,
        identity,
        ..quick()
    }
}

#[test]
fn a_file_says_what_the_sections_say() {
    let file: embargo_service::File = serde_yaml::from_str(
        "tls: {certificate: a, key: b}\nidentity: {tokens_file: c}\ninsecure: true\nreflection: off",
    )
    .unwrap();
    let read = file.settings().unwrap();
    assert!(read.tls.is_some() && read.identity.is_asked_for() && read.insecure);
    let sections = (TlsSection::default(), IdentitySection::default());
    assert!(sections.0.certificate.is_none() && sections.1.jwt.is_empty());
}
