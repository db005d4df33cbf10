//! Connections over TLS, and what is shown over them.

use embargo_client::{CallError, Client, ConnectError, Tls, v1::Effect};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair,
};
use tonic::transport::{Certificate, Identity, Server, ServerTlsConfig};

use crate::fake::{Fake, answer, decision, question, quick};

/// An authority of the test's own.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for a name and its key.
    fn certify(&self, name: &str, purpose: ExtendedKeyUsagePurpose) -> (String, String) {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.extended_key_usages = vec![purpose];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        (certificate.pem(), key.serialize_pem())
    }
}

/// A fake with a certificate for a name, which asks for one if it is told whose it takes.
async fn fake(authority: &Authority, name: &str, takes: Option<&Authority>) -> Fake {
    let (certificate, key) = authority.certify(name, ExtendedKeyUsagePurpose::ServerAuth);
    let mut tls = ServerTlsConfig::new().identity(Identity::from_pem(certificate, key));
    if let Some(authority) = takes {
        tls = tls.client_ca_root(Certificate::from_pem(authority.pem()));
    }
    let fake = Fake::start_as("https", Server::builder().tls_config(tls).unwrap()).await;
    fake.scripts.decide.set([answer(decision(Effect::Allow))]);
    fake
}

#[tokio::test]
async fn a_server_of_the_own_authority_is_asked_with_the_token() {
    let authority = Authority::new("ours");
    let fake = fake(&authority, "127.0.0.1", None).await;
    let client = quick(Client::builder(&fake.endpoint))
        .tls(Tls::new().authority(authority.pem()))
        .token("abc.def")
        .connect()
        .await
        .unwrap();
    let decided = client.decide_host(question()).await.unwrap();
    assert_eq!(decided.effect(), Effect::Allow);
    assert_eq!(
        fake.scripts.decide.tokens(),
        [Some("Bearer abc.def".into())]
    );
}

#[tokio::test]
async fn a_server_of_another_authority_or_name_is_not_asked() {
    let (authority, another) = (Authority::new("ours"), Authority::new("another"));
    let fake = fake(&authority, "embargo.example", None).await;
    for (tls, why) in [
        (Tls::new().authority(another.pem()), "UnknownIssuer"),
        (Tls::new().authority(authority.pem()), "not valid for name"),
    ] {
        let builder = quick(Client::builder(&fake.endpoint)).tls(tls);
        let refused = builder.clone().connect().await.unwrap_err();
        let ConnectError::Unreachable { cause, .. } = &refused else {
            panic!("{refused:?}")
        };
        assert!(cause.contains(why), "{cause}");
        let lazy = builder.connect_lazy().unwrap();
        let error = lazy.decide_host(question()).await.unwrap_err();
        assert!(matches!(error, CallError::Transport { .. }), "{error:?}");
    }
    assert_eq!(fake.scripts.decide.calls(), 0);

    let named = Tls::new()
        .authority(authority.pem())
        .server_name("embargo.example");
    let client = Client::builder(&fake.endpoint)
        .tls(named)
        .connect()
        .await
        .unwrap();
    assert!(client.decide_host(question()).await.is_ok());
}

#[tokio::test]
async fn a_server_that_the_system_does_not_trust_is_not_asked() {
    let fake = fake(&Authority::new("ours"), "127.0.0.1", None).await;
    let refused = Client::connect(fake.endpoint.as_str()).await.unwrap_err();
    match &refused {
        ConnectError::Unreachable { cause, .. } => {
            assert!(cause.contains("UnknownIssuer"), "{cause}");
        }
        // Small systems trust nobody.
        ConnectError::Certificates { cause, .. } => {
            assert!(cause.contains("no native certs"), "{cause}");
        }
        _ => panic!("{refused:?}"),
    }
    assert_eq!(fake.scripts.decide.calls(), 0);
}

#[tokio::test]
async fn a_server_that_asks_for_a_certificate_takes_that_of_its_authority_alone() {
    let (servers, clients) = (Authority::new("ours"), Authority::new("another"));
    let fake = fake(&servers, "127.0.0.1", Some(&clients)).await;
    let trusting = || Tls::new().authority(servers.pem());
    let ask = async |tls: Tls| {
        let client = quick(Client::builder(&fake.endpoint)).tls(tls);
        client.connect_lazy().unwrap().decide_host(question()).await
    };
    let purpose = || ExtendedKeyUsagePurpose::ClientAuth;
    let (chain, key) = clients.certify("mdm.example", purpose());
    assert!(ask(trusting().client_certificate(chain, key)).await.is_ok());

    let error = ask(trusting()).await.unwrap_err();
    assert!(matches!(error, CallError::Transport { .. }), "{error:?}");
    let (chain, key) = servers.certify("mdm.example", purpose());
    assert!(
        ask(trusting().client_certificate(chain, key))
            .await
            .is_err()
    );
    assert_eq!(fake.scripts.decide.calls(), 1);
}

#[tokio::test]
async fn a_token_goes_with_streams_and_watches_too() {
    let fake = Fake::start().await;
    let client = quick(Client::builder(&fake.endpoint))
        .token("abc")
        .connect_lazy()
        .unwrap();
    // The scripts are empty, so that each fails; what counts is how it was asked.
    let _ = client.stream_decide_hosts(tokio_stream::empty()).await;
    let _ = client.watch_snapshot().await;
    let _ = client.get_snapshot().await;
    let wanted = [Some("Bearer abc".to_owned())];
    assert_eq!(fake.scripts.stream.tokens(), wanted);
    assert_eq!(fake.scripts.watch.tokens(), wanted);
    assert_eq!(fake.scripts.snapshot.tokens(), wanted);
}

#[tokio::test]
async fn without_a_token_nothing_is_shown() {
    let fake = Fake::start().await;
    fake.scripts.decide.set([answer(decision(Effect::Allow))]);
    fake.client().await.decide_host(question()).await.unwrap();
    assert_eq!(fake.scripts.decide.tokens(), [None]);
}
