//! Callers with certificates: who is let in, as whom, and who is not.

use std::path::Path;

use crate::policies::ban;

use super::authority::{Authority, Issued, write};
use super::handshakes::{ask, client, connect, decide};
use super::{Guarded, configured};

struct Site {
    folder: tempfile::TempDir,
    authority: Authority,
}

impl Site {
    fn new() -> Self {
        let authority = Authority::new();
        let folder = tempfile::tempdir().unwrap();
        let own = authority.issue(1, "server", &["localhost"], &[]);
        let files = [
            ("cert.pem", own.certificate.as_str()),
            ("key.pem", &own.key),
            ("ca.pem", authority.pem()),
            ("crl.pem", &authority.crl(&[], 4_000)),
        ];
        write(folder.path(), &files);
        Self { folder, authority }
    }

    fn start(&self, policies: &Path, rest: &str) -> Guarded {
        let at = self.folder.path().display();
        let settings = configured(
            &format!(
                "tls:
  certificate: {at}/cert.pem
  key: {at}/key.pem
  client_ca: {at}/ca.pem
{rest}
identity:
  certificates:
  - {{spiffe: 'spiffe://corp/mdm/*', scopes: [decide], tenant: acme}}
  - {{subject: 'CN=gate,O=Corp', scopes: [decide, explain]}}
"
            )
            .replace("AT", &at.to_string()),
        );
        Guarded::start(policies, settings)
    }

    fn mdm(&self) -> Issued {
        self.authority.issue(7, "x", &[], &["spiffe://corp/mdm/1"])
    }

    fn client(&self, own: Option<&Issued>) -> rustls::ClientConfig {
        client(self.authority.pem(), own)
    }
}

#[tokio::test]
async fn a_caller_with_a_certificate_may_do_what_its_rule_says() {
    let policies = ban();
    let site = Site::new();
    let server = site.start(policies.path(), "");
    let mdm = site.client(Some(&site.mdm()));
    let gate = site.client(Some(&site.authority.issue(8, "gate", &[], &[])));
    let stranger = site.client(Some(&site.authority.issue(
        9,
        "x",
        &[],
        &["spiffe://corp/other"],
    )));
    let foreign = site.client(Some(&site.authority.issue(
        9,
        "x",
        &[],
        &["spiffe://evil/mdm/1"],
    )));
    let explain = "/v1/hosts:explain";
    for (caller, path, status, reason) in [
        (&mdm, "/v1/hosts:decide", 200, ""),
        (&mdm, explain, 403, "SCOPE_MISSING"),
        (&gate, "/v1/hosts:decide", 200, ""),
        (&gate, explain, 200, ""),
        (&gate, "/v1/policies:test", 403, "SCOPE_MISSING"),
        (&stranger, "/v1/hosts:decide", 403, "SCOPE_MISSING"),
        (&foreign, "/v1/hosts:decide", 401, "CREDENTIALS_INVALID"),
    ] {
        let answer = ask(server.address, caller, path, &[]).await.unwrap();
        assert_eq!(answer.status, status, "{path}: {:?}", answer.json());
        if !reason.is_empty() {
            let info = &answer.json()["details"][0];
            assert_eq!(info["reason"], reason);
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn who_shows_no_certificate_or_a_foreign_one_gets_no_connection_where_one_is_required() {
    let policies = ban();
    let site = Site::new();
    let server = site.start(policies.path(), "");
    let other = Authority::new();
    let forged = other.issue(7, "x", &[], &["spiffe://corp/mdm/1"]);
    assert!(
        decide(server.address, &site.client(None), &[])
            .await
            .is_err()
    );
    let forged = site.client(Some(&forged));
    assert!(decide(server.address, &forged, &[]).await.is_err());
    let own = site.client(Some(&site.mdm()));
    assert_eq!(decide(server.address, &own, &[]).await.unwrap().status, 200);
    server.stop().await;
}

#[tokio::test]
async fn where_certificates_are_optional_who_shows_none_is_asked_for_a_credential() {
    let policies = ban();
    let site = Site::new();
    let server = site.start(policies.path(), "  client_auth: optional\n");
    let answer = decide(server.address, &site.client(None), &[])
        .await
        .unwrap();
    assert_eq!(answer.status, 401);
    assert_eq!(answer.json()["details"][0]["reason"], "CREDENTIALS_MISSING");
    assert_eq!(
        answer.headers["www-authenticate"],
        "Bearer realm=\"embargo\""
    );
    let own = site.client(Some(&site.mdm()));
    assert_eq!(decide(server.address, &own, &[]).await.unwrap().status, 200);
    // A token that is not accepted is not made good by a certificate.
    let headers = [("authorization", "Bearer embargo_x")];
    let answer = decide(server.address, &own, &headers).await.unwrap();
    assert_eq!(answer.status, 401);
    server.stop().await;
}

#[tokio::test]
async fn a_revoked_certificate_is_refused_from_when_the_list_says_so() {
    let policies = ban();
    let site = Site::new();
    let server = site.start(policies.path(), "  client_crl: [AT/crl.pem]\n");
    let own = site.client(Some(&site.mdm()));
    let other = site.client(Some(&site.authority.issue(8, "gate", &[], &[])));
    assert_eq!(decide(server.address, &own, &[]).await.unwrap().status, 200);
    let loaded = server.materials.states()[0].loaded;
    write(
        site.folder.path(),
        &[("crl.pem", &site.authority.crl(&[7], 4_000))],
    );
    server
        .until(|materials| materials.states()[0].loaded != loaded)
        .await;
    assert!(decide(server.address, &own, &[]).await.is_err());
    assert_eq!(
        decide(server.address, &other, &[]).await.unwrap().status,
        200
    );
    // A list that is out of date says nothing of anybody.
    let loaded = server.materials.states()[0].loaded;
    write(
        site.folder.path(),
        &[("crl.pem", &site.authority.crl(&[7], 2_021))],
    );
    server
        .until(|materials| materials.states()[0].loaded != loaded)
        .await;
    assert!(decide(server.address, &other, &[]).await.is_err());
    server.stop().await;
}

#[tokio::test]
async fn authorities_are_taken_up_while_the_server_runs() {
    let policies = ban();
    let site = Site::new();
    let server = site.start(policies.path(), "");
    let next = Authority::new();
    let own = next.issue(7, "x", &[], &["spiffe://corp/mdm/1"]);
    let own = site.client(Some(&own));
    assert!(decide(server.address, &own, &[]).await.is_err());
    let loaded = server.materials.states()[0].loaded;
    write(site.folder.path(), &[("ca.pem", next.pem())]);
    server
        .until(|materials| materials.states()[0].loaded != loaded)
        .await;
    assert_eq!(decide(server.address, &own, &[]).await.unwrap().status, 200);
    let former = site.client(Some(&site.mdm()));
    assert!(decide(server.address, &former, &[]).await.is_err());
    assert!(connect(server.address, &own).await.is_ok());
    server.stop().await;
}
