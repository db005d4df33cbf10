//! TLS: by which certificate the server is known, and which certificates of callers it asks for.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ConfigInvalid;

/// TLS of the server. Where no certificate is given, it speaks plain text.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TlsSection {
    /// The file of the server's certificate, and of those between it and an authority that callers
    /// know, in PEM, its own first. Read again when it changes.
    pub certificate: Option<PathBuf>,
    /// The file of the certificate's key, in PEM. Read again when it changes.
    pub key: Option<PathBuf>,
    /// The lowest version of TLS that is spoken.
    pub min_version: TlsVersion,
    /// The file of the authorities that certify callers, in PEM. Read again when it changes.
    pub client_ca: Option<PathBuf>,
    /// Whether callers show a certificate. Where it is not given: `required` if there is a
    /// `client_ca`, else `none`.
    pub client_auth: Option<ClientAuth>,
    /// Files of revoked certificates of callers, in PEM, a list for each authority. Read again when
    /// they change. A list that is out of date lets nobody in whom its authority certifies.
    pub client_crl: Vec<PathBuf>,
}

/// A version of TLS.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema,
)]
pub enum TlsVersion {
    /// TLS 1.2, by its suites with forward secrecy.
    #[default]
    #[serde(rename = "tls1.2")]
    Tls12,
    /// TLS 1.3.
    #[serde(rename = "tls1.3")]
    Tls13,
}

/// Whether callers show a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClientAuth {
    /// They are not asked for one.
    None,
    /// Those that have one show it.
    Optional,
    /// Who shows none does not get a connection.
    Required,
}

/// TLS of the server, from files that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsSettings {
    /// Where the certificate is, and what is between it and its authority.
    pub certificate: PathBuf,
    /// Where its key is.
    pub key: PathBuf,
    /// The lowest version that is spoken.
    pub min_version: TlsVersion,
    /// Which certificates of callers are asked for. None are without.
    pub clients: Option<ClientSettings>,
}

/// Certificates of callers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSettings {
    /// Where the authorities are.
    pub ca: PathBuf,
    /// Where the lists of revoked certificates are.
    pub crl: Vec<PathBuf>,
    /// Whether who shows none does not get a connection.
    pub is_required: bool,
}

impl TlsSection {
    /// The settings of a section whose parts fit together.
    ///
    /// # Errors
    /// The first part that does not.
    pub(crate) fn settings(self) -> Result<Option<TlsSettings>, ConfigInvalid> {
        let missing =
            |setting: &'static str, range: &str| ConfigInvalid::new(setting, "missing", range);
        let given =
            |setting: &'static str, range: &str| ConfigInvalid::new(setting, "given", range);
        let (certificate, key) = match (self.certificate, self.key) {
            (Some(certificate), Some(key)) => (certificate, key),
            (Some(_), None) => {
                return Err(missing("tls.key", "the file of the certificate's key"));
            }
            (None, Some(_)) => {
                let range = "the file of the certificate that the key is of";
                return Err(missing("tls.certificate", range));
            }
            (None, None) => {
                let alone = "beside `tls.certificate` and `tls.key`";
                if self.client_ca.is_some() {
                    return Err(given("tls.client_ca", alone));
                }
                if !self.client_crl.is_empty() {
                    return Err(given("tls.client_crl", alone));
                }
                if self
                    .client_auth
                    .is_some_and(|auth| auth != ClientAuth::None)
                {
                    return Err(given("tls.client_auth", alone));
                }
                return Ok(None);
            }
        };
        let by_default = match self.client_ca {
            Some(_) => ClientAuth::Required,
            None => ClientAuth::None,
        };
        let auth = self.client_auth.unwrap_or(by_default);
        let clients = match (auth, self.client_ca) {
            (ClientAuth::None, Some(_)) => {
                let range = "left out where `tls.client_auth` is `none`";
                return Err(given("tls.client_ca", range));
            }
            (ClientAuth::None, None) if !self.client_crl.is_empty() => {
                return Err(given("tls.client_crl", "beside `tls.client_ca`"));
            }
            (ClientAuth::None, None) => None,
            (_, None) => {
                let range = "the file of the authorities that certify callers";
                return Err(missing("tls.client_ca", range));
            }
            (_, Some(ca)) => Some(ClientSettings {
                ca,
                crl: self.client_crl,
                is_required: auth == ClientAuth::Required,
            }),
        };
        Ok(Some(TlsSettings {
            certificate,
            key,
            min_version: self.min_version,
            clients,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<TlsSettings>, String> {
        let section: TlsSection = serde_yaml::from_str(text).map_err(|e| e.to_string())?;
        section.settings().map_err(|refused| refused.to_string())
    }

    #[test]
    fn nothing_given_is_plain_text() {
        assert_eq!(read("{}"), Ok(None));
        assert_eq!(read("client_auth: none"), Ok(None));
    }

    #[test]
    fn authorities_make_certificates_required_unless_it_is_said() {
        let pair = "certificate: a\nkey: b\n";
        let clients = |rest: &str| {
            let read = read(&format!("{pair}{rest}")).unwrap().unwrap();
            read.clients.map(|clients| clients.is_required)
        };
        assert_eq!(clients(""), None);
        assert_eq!(clients("client_ca: c"), Some(true));
        assert_eq!(clients("client_ca: c\nclient_auth: optional"), Some(false));
        let read = read(&format!("{pair}min_version: tls1.3"))
            .unwrap()
            .unwrap();
        assert_eq!(read.min_version, TlsVersion::Tls13);
    }

    #[test]
    fn parts_that_do_not_fit_are_named() {
        for (text, setting) in [
            ("certificate: a", "tls.key"),
            ("key: a", "tls.certificate"),
            ("client_ca: a", "tls.client_ca"),
            ("client_crl: [a]", "tls.client_crl"),
            ("client_auth: required", "tls.client_auth"),
            (
                "certificate: a\nkey: b\nclient_auth: optional",
                "tls.client_ca",
            ),
            (
                "certificate: a\nkey: b\nclient_auth: none\nclient_ca: c",
                "tls.client_ca",
            ),
            ("certificate: a\nkey: b\nclient_crl: [c]", "tls.client_crl"),
        ] {
            let refused = read(text).unwrap_err();
            assert!(refused.starts_with(&format!("`{setting}`")), "{refused}");
        }
        assert!(read("min_version: tls1.1").is_err());
        assert!(read("cert: a").is_err());
    }
}
