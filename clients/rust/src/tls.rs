//! Whom a client trusts over TLS, and who it is there.
//!
//! Unless told otherwise it trusts the authorities that the system trusts, not a list inside of this
//! crate: an organisation that runs a server has its own authority in the system's store more often
//! than not, and takes one out there when it must.

use std::fmt;

use tonic::transport::{Certificate, ClientTlsConfig, Identity};

/// How certificates and keys begin in PEM, keys of all kinds.
const CERTIFICATE: &[u8] = b"-----BEGIN CERTIFICATE-----";
const KEY: &[u8] = b"PRIVATE KEY-----";

/// Whom to trust, and who to be, at endpoints with `https://`.
#[derive(Clone, Default)]
#[must_use = "it does nothing until a builder has it"]
pub struct Tls {
    authority: Option<Vec<u8>>,
    identity: Option<(Vec<u8>, Vec<u8>)>,
    server_name: Option<String>,
}

impl Tls {
    /// Trusts the system's authorities and shows no certificate.
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts these authorities, in PEM, and no others.
    pub fn authority(mut self, certificates: impl Into<Vec<u8>>) -> Self {
        self.authority = Some(certificates.into());
        self
    }

    /// Shows a certificate to servers that ask for one ("mutual TLS"): the chain, its own
    /// certificate first, and its key, both in PEM.
    pub fn client_certificate(
        mut self,
        chain: impl Into<Vec<u8>>,
        key: impl Into<Vec<u8>>,
    ) -> Self {
        self.identity = Some((chain.into(), key.into()));
        self
    }

    /// The name that the server's certificate must have, where it is not the endpoint's host.
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.server_name = Some(name.into());
        self
    }

    /// What to connect with, or what is wrong. A text without any certificate, such as the path of a
    /// file, would otherwise trust nobody, and the server would seem to be at fault.
    pub(crate) fn into_config(self) -> Result<ClientTlsConfig, &'static str> {
        let holds = |pem: &[u8], mark: &[u8]| pem.windows(mark.len()).any(|part| part == mark);
        if let Some(certificates) = &self.authority
            && !holds(certificates, CERTIFICATE)
        {
            return Err("the authority holds no certificate");
        }
        if let Some((chain, key)) = &self.identity {
            if !holds(chain, CERTIFICATE) {
                return Err("the client's chain holds no certificate");
            }
            if !holds(key, KEY) {
                return Err("the client's key is none");
            }
        }
        let mut config = ClientTlsConfig::new();
        config = match self.authority {
            Some(certificates) => config.ca_certificate(Certificate::from_pem(certificates)),
            None => config.with_native_roots(),
        };
        if let Some((chain, key)) = self.identity {
            config = config.identity(Identity::from_pem(chain, key));
        }
        if let Some(name) = self.server_name {
            config = config.domain_name(name);
        }
        Ok(config)
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("has_authority", &self.authority.is_some())
            .field("has_client_certificate", &self.identity.is_some())
            .field("server_name", &self.server_name)
            .finish()
    }
}
