//! TLS of the server: its certificate, and whose certificates it accepts; read again when the files
//! change.
//!
//! A connection goes on with what it began with. New ones use what is in the files now, once it is
//! usable as a whole: a certificate without its key takes the place of nothing.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::crypto::ring::default_provider;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, ServerConfig, WebPkiClientVerifier};
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, SupportedProtocolVersion};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::config::{ClientSettings, TlsSettings, TlsVersion};
use crate::material::{Kept, Material, MaterialInvalid};

/// What is spoken over a connection, by the names that TLS has for it.
const HTTP2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";

/// TLS of the server. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Tls(Arc<Kept<Ready>>);

/// What the files make up.
#[derive(Debug)]
struct Ready {
    config: Arc<ServerConfig>,
    /// Until when the certificate is valid, in seconds since 1970; 0 if it does not say.
    expires: i64,
}

impl Tls {
    /// Reads the files for the first time.
    ///
    /// # Errors
    /// If they cannot be used.
    pub(crate) fn load(
        settings: &TlsSettings,
        speaks_http1: bool,
    ) -> Result<Self, MaterialInvalid> {
        let mut files = vec![settings.certificate.clone(), settings.key.clone()];
        if let Some(clients) = &settings.clients {
            files.push(clients.ca.clone());
            files.extend(clients.crl.iter().cloned());
        }
        let settings = settings.clone();
        let kept = Kept::load("TLS of the server", files, move |contents| {
            let config = configured(&settings, contents, speaks_http1)?;
            Ok(Ready {
                config: Arc::new(config),
                expires: contents
                    .first()
                    .and_then(|chain| expiry(chain))
                    .unwrap_or(0),
            })
        })?;
        Ok(Self(Arc::new(kept)))
    }

    /// What the next handshake goes by.
    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0.get().config)
    }

    /// Until when the certificate is valid, in seconds since 1970; 0 if it does not say.
    pub(crate) fn expires(&self) -> i64 {
        self.0.get().expires
    }

    pub(crate) fn material(&self) -> Arc<dyn Material> {
        self.0.clone()
    }
}

fn expiry(chain: &[u8]) -> Option<i64> {
    let own = CertificateDer::from_pem_slice(chain).ok()?;
    let (_, own) = X509Certificate::from_der(&own).ok()?;
    Some(own.validity().not_after.timestamp())
}

fn configured(
    settings: &TlsSettings,
    contents: &[Vec<u8>],
    speaks_http1: bool,
) -> Result<ServerConfig, String> {
    let said = |path: &PathBuf, cause: &str, hint: &str| {
        format!("{}: {cause}\n  hint: {hint}", path.display())
    };
    let mut contents = contents.iter().map(Vec::as_slice);
    let mut next = || contents.next().unwrap_or_default();
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(next())
        .collect::<Result<_, _>>()
        .map_err(|cause| said(&settings.certificate, &cause.to_string(), CHAIN))?;
    if chain.is_empty() {
        return Err(said(
            &settings.certificate,
            "there is no certificate in it",
            CHAIN,
        ));
    }
    // What it says about a key that it cannot read says nothing of the key.
    let key = PrivateKeyDer::from_pem_slice(next())
        .map_err(|cause| said(&settings.key, &cause.to_string(), KEY))?;
    let provider = Arc::new(default_provider());
    let verifier = match &settings.clients {
        None => WebPkiClientVerifier::no_client_auth(),
        Some(clients) => {
            let ca = next();
            let crls: Vec<&[u8]> = clients.crl.iter().map(|_| next()).collect();
            verifier(clients, ca, &crls, &provider)?
        }
    };
    let versions: &[&SupportedProtocolVersion] = match settings.min_version {
        TlsVersion::Tls12 => &[&TLS13, &TLS12],
        TlsVersion::Tls13 => &[&TLS13],
    };
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .map_err(|cause| cause.to_string())?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .map_err(|cause| {
            let pair =
                "let the certificate and its key be of each other, and of ECDSA, Ed25519 or RSA";
            said(&settings.certificate, &cause.to_string(), pair)
        })?;
    config.alpn_protocols = vec![HTTP2.to_vec()];
    if speaks_http1 {
        config.alpn_protocols.push(HTTP1.to_vec());
    }
    if settings.clients.is_some() {
        // A session that is taken up again is not verified again, and a certificate may have been
        // revoked since.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
    }
    Ok(config)
}

const CHAIN: &str =
    "write the server's certificate and those between it and its authority in PEM, its own first";
const KEY: &str = "write the key of the certificate in PEM, without a password";

fn verifier(
    clients: &ClientSettings,
    ca: &[u8],
    crls: &[&[u8]],
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, String> {
    let said = |path: &PathBuf, cause: &str| {
        format!("{}: {cause}\n  hint: write it in PEM", path.display())
    };
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_slice_iter(ca) {
        root.map_err(|cause| cause.to_string())
            .and_then(|root| roots.add(root).map_err(|cause| cause.to_string()))
            .map_err(|cause| said(&clients.ca, &cause))?;
    }
    if roots.is_empty() {
        return Err(said(&clients.ca, "there is no certificate in it"));
    }
    let mut lists: Vec<CertificateRevocationListDer<'static>> = Vec::new();
    for (path, content) in clients.crl.iter().zip(crls) {
        let before = lists.len();
        for list in CertificateRevocationListDer::pem_slice_iter(content) {
            lists.push(list.map_err(|cause| said(path, &cause.to_string()))?);
        }
        if lists.len() == before {
            return Err(said(path, "there is no list of revoked certificates in it"));
        }
    }
    let provider = Arc::clone(provider);
    let mut builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    if !lists.is_empty() {
        builder = builder.with_crls(lists).enforce_revocation_expiration();
    }
    if !clients.is_required {
        builder = builder.allow_unauthenticated();
    }
    builder
        .build()
        .map_err(|cause| said(&clients.ca, &cause.to_string()))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use rcgen::{CertifiedKey, generate_simple_self_signed};

    use super::*;

    fn pair() -> (String, String) {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        (cert.pem(), signing_key.serialize_pem())
    }

    fn settings(folder: &Path) -> TlsSettings {
        TlsSettings {
            certificate: folder.join("cert.pem"),
            key: folder.join("key.pem"),
            min_version: TlsVersion::Tls12,
            clients: None,
        }
    }

    fn write(folder: &Path, certificate: &str, key: &str) {
        fs::write(folder.join("cert.pem"), certificate).unwrap();
        fs::write(folder.join("key.pem"), key).unwrap();
    }

    #[test]
    fn a_certificate_is_taken_up_with_its_key_and_not_without() {
        let folder = tempfile::tempdir().unwrap();
        let [(one, its_key), (other, other_key)] = [(), ()].map(|()| pair());
        write(folder.path(), &one, &its_key);
        let tls = Tls::load(&settings(folder.path()), true).unwrap();
        let before = tls.config();
        assert_eq!(before.alpn_protocols, [HTTP2.to_vec(), HTTP1.to_vec()]);
        let material = tls.material();
        write(folder.path(), &other, &its_key);
        material.look();
        material.look();
        assert!(Arc::ptr_eq(&before, &tls.config()));
        let fault = material.state().fault.unwrap();
        assert!(fault.contains("of each other"), "{fault}");
        write(folder.path(), &other, &other_key);
        material.look();
        assert!(!Arc::ptr_eq(&before, &tls.config()));
        assert_eq!(material.state().fault, None);
    }

    #[test]
    fn what_cannot_be_used_is_named_with_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let (certificate, key) = pair();
        let refused = |settings: &TlsSettings| Tls::load(settings, false).unwrap_err().to_string();
        let own = settings(path);
        assert!(refused(&own).contains("cannot be read"));
        for (one, two, file) in [
            ("", key.as_str(), "cert.pem"),
            (key.as_str(), key.as_str(), "cert.pem"),
            (certificate.as_str(), "", "key.pem"),
            (certificate.as_str(), certificate.as_str(), "key.pem"),
        ] {
            write(path, one, two);
            let said = refused(&own);
            assert!(said.contains(&format!("{file}: ")), "{said}");
            assert!(said.contains("\n  hint: "), "{said}");
            assert!(!said.contains("PRIVATE"), "{said}");
        }
        write(path, &certificate, &key);
        for (ca, crl, part) in [
            ("", None, "ca.pem: there is no certificate"),
            (&certificate, Some(""), "crl.pem: there is no list"),
            (
                &certificate,
                Some(certificate.as_str()),
                "crl.pem: there is no list",
            ),
        ] {
            fs::write(path.join("ca.pem"), ca).unwrap();
            fs::write(path.join("crl.pem"), crl.unwrap_or_default()).unwrap();
            let own = TlsSettings {
                clients: Some(ClientSettings {
                    ca: path.join("ca.pem"),
                    crl: crl.map(|_| path.join("crl.pem")).into_iter().collect(),
                    is_required: true,
                }),
                ..own.clone()
            };
            let said = refused(&own);
            assert!(said.contains(part), "{said}");
        }
    }

    #[test]
    fn sessions_are_not_taken_up_again_where_callers_show_certificates() {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = pair();
        write(folder.path(), &certificate, &key);
        fs::write(folder.path().join("ca.pem"), &certificate).unwrap();
        let mut own = settings(folder.path());
        assert!(
            Tls::load(&own, false)
                .unwrap()
                .config()
                .session_storage
                .can_cache()
        );
        own.clients = Some(ClientSettings {
            ca: folder.path().join("ca.pem"),
            crl: Vec::new(),
            is_required: false,
        });
        let config = Tls::load(&own, false).unwrap().config();
        assert!(!config.session_storage.can_cache());
        assert_eq!(config.send_tls13_tickets, 0);
        assert_eq!(config.alpn_protocols, [HTTP2.to_vec()]);
    }
}
