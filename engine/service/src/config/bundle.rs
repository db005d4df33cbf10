//! Settings of bundles: sets of policies that are packed, signed, and fetched from elsewhere.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::Url;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::values::Span;
use super::{ConfigInvalid, within};
use crate::source::{BundlePlace, BundleSource, Remote, SignatureTerms};

/// A set of policies that is packed, from a file or a web server. It takes the place of the policy
/// folder.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BundleSection {
    /// The file, such as `policies.tar.gz`. It is watched, and may be replaced by a rename or
    /// written in place.
    pub file: Option<PathBuf>,
    /// Where the file is fetched from, `https://…` or `http://…`, without `?`.
    pub url: Option<String>,
    /// A file with such a URL, for one that is a secret by what stands behind its `?`. It is read at
    /// the start.
    pub url_file: Option<PathBuf>,
    /// How often it is asked whether there is another one: `1s` to `1h`. Up to a fifth of it is left
    /// out by chance; while the web server does not answer it grows to a minute.
    pub poll_interval: Span,
    /// How long fetching it may take: `1s` to `10m`.
    pub timeout: Span,
    /// How long the web server may fail before the server counts as degraded: `0s` to `24h`. What
    /// judges goes on.
    pub stale_after: Span,
    /// A file with a token that is sent as `authorization: Bearer`. It is read anew each time.
    pub token_file: Option<PathBuf>,
    /// A file with the certificates of the authorities that may vouch for the web server, in PEM.
    /// Where it is not given: those that the system trusts.
    pub ca_file: Option<PathBuf>,
    /// A file with the certificate that is shown to the web server, in PEM.
    pub client_certificate_file: Option<PathBuf>,
    /// A file with the key of that certificate, in PEM.
    pub client_key_file: Option<PathBuf>,
    /// Let one set go live that comes before the one that was live; once after each start.
    pub allow_rollback: bool,
    /// By whom it must be signed.
    pub signature: SignatureSection,
}

/// By whom a bundle must be signed.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SignatureSection {
    /// Whether one that nobody signed is refused. Where it is not given: yes if it is fetched from a
    /// URL, or a key is named.
    pub required: Option<bool>,
    /// A file with the public key, or with several of which each will do, in PEM: Ed25519, P-256 or
    /// RSA from 2,048 bits on. The kind of the key says by which algorithm it verifies. It is read
    /// anew when it changes.
    pub key_file: Option<PathBuf>,
    /// The name that the signature must give its key.
    pub key_id: Option<String>,
    /// What it must be signed for; empty is that of signatures that say nothing.
    pub scope: String,
}

impl Default for BundleSection {
    fn default() -> Self {
        Self {
            file: None,
            url: None,
            url_file: None,
            poll_interval: Span::s(10),
            timeout: Span::s(30),
            stale_after: Span::s(60),
            token_file: None,
            ca_file: None,
            client_certificate_file: None,
            client_key_file: None,
            allow_rollback: false,
            signature: SignatureSection::default(),
        }
    }
}

impl BundleSection {
    /// Where the bundle comes from; nothing, if there is none.
    ///
    /// # Errors
    /// The first setting that does not keep its range.
    pub fn source(&self) -> Result<Option<BundleSource>, ConfigInvalid> {
        let alone = |setting, value: String| {
            let range = "the only one of `bundle.file`, `bundle.url` and `bundle.url_file`";
            Err(ConfigInvalid::new(setting, value, range))
        };
        let place = match (&self.file, &self.url, &self.url_file) {
            (None, None, None) => return Ok(None),
            (Some(file), None, None) => BundlePlace::File(file.clone()),
            (None, Some(url), None) if url.contains('?') => {
                return Err(ConfigInvalid::new(
                    "bundle.url",
                    "one with a `?`",
                    "a URL without; write one that is a secret into a file, and name that by \
                     `bundle.url_file`",
                ));
            }
            (None, Some(url), None) => BundlePlace::Url(Box::new(self.remote(url)?)),
            (None, None, Some(path)) => {
                let url = std::fs::read_to_string(path).map_err(|cause| {
                    let shown = format!("`{}`, which cannot be read: {cause}", path.display());
                    ConfigInvalid::new("bundle.url_file", shown, "a file with a URL")
                })?;
                BundlePlace::Url(Box::new(self.remote(url.trim())?))
            }
            (Some(file), ..) => return alone("bundle.file", file.display().to_string()),
            (None, Some(_), Some(file)) => {
                return alone("bundle.url_file", file.display().to_string());
            }
        };
        let SignatureSection {
            required,
            key_file,
            key_id,
            scope,
        } = self.signature.clone();
        let is_remote = matches!(place, BundlePlace::Url(_));
        let is_required = required.unwrap_or(is_remote || key_file.is_some());
        if is_required && key_file.is_none() {
            return Err(ConfigInvalid::new(
                "bundle.signature.key_file",
                "not given",
                "a file with the public key by which the bundle is signed; \
                 `bundle.signature.required: false` takes whatever the web server gives",
            ));
        }
        if key_file.is_none() && (key_id.is_some() || !scope.is_empty()) {
            return Err(ConfigInvalid::new(
                "bundle.signature.key_file",
                "not given",
                "given where `bundle.signature.key_id` or `scope` is",
            ));
        }
        Ok(Some(BundleSource {
            place,
            signature: SignatureTerms {
                is_required,
                key_file,
                key_id,
                scope,
            },
            allows_rollback: self.allow_rollback,
        }))
    }

    fn remote(&self, text: &str) -> Result<Remote, ConfigInvalid> {
        let s = Duration::from_secs;
        for (setting, value, least, most) in [
            ("bundle.poll_interval", self.poll_interval.0, s(1), s(3_600)),
            ("bundle.timeout", self.timeout.0, s(1), s(600)),
            ("bundle.stale_after", self.stale_after.0, s(0), s(86_400)),
        ] {
            within(setting, value, least, most)?;
        }
        let shown = text.split(['?', '#']).next().unwrap_or_default();
        let invalid = |range: &str| Err(ConfigInvalid::new("bundle.url", shown, range));
        let Ok(url) = Url::parse(text) else {
            return Err(ConfigInvalid::new(
                "bundle.url",
                "unreadable",
                "a URL such as `https://policies.example.com/embargo.tar.gz`",
            ));
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(ConfigInvalid::new(
                "bundle.url",
                "one with a password",
                "a URL without; write a token into `bundle.token_file`",
            ));
        }
        let is_secure = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return invalid("one of `https://` or `http://`"),
        };
        if !is_secure && self.token_file.is_some() && !is_here(&url) {
            return invalid("one of `https://` where `bundle.token_file` is given");
        }
        if self.client_certificate_file.is_some() != self.client_key_file.is_some() {
            return Err(ConfigInvalid::new(
                "bundle.client_certificate_file",
                "alone",
                "given together with `bundle.client_key_file`",
            ));
        }
        Ok(Remote {
            url,
            poll_interval: self.poll_interval.0,
            timeout: self.timeout.0,
            stale_after: self.stale_after.0,
            token_file: self.token_file.clone(),
            ca_file: self.ca_file.clone(),
            client_certificate_file: self.client_certificate_file.clone(),
            client_key_file: self.client_key_file.clone(),
        })
    }
}

/// Whether a URL leads to this machine, so that nobody reads along.
fn is_here(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(yaml: &str) -> Result<Option<BundleSource>, String> {
        let section: BundleSection = serde_yaml::from_str(yaml).unwrap();
        section.source().map_err(|invalid| invalid.to_string())
    }

    #[test]
    fn what_comes_from_elsewhere_must_be_signed_unless_that_is_said() {
        assert_eq!(of("{}").unwrap(), None);
        let file = of("file: p.tar.gz").unwrap().unwrap();
        assert!(!file.signature.is_required);
        let file = of("{file: p.tar.gz, signature: {key_file: k.pem}}");
        assert!(file.unwrap().unwrap().signature.is_required);
        let url = "url: 'https://x.example/p.tar.gz'";
        let refused = of(url).unwrap_err();
        assert!(refused.contains("bundle.signature.key_file"), "{refused}");
        let keyed = of(&format!("{url}\nsignature: {{key_file: k.pem}}"));
        assert!(keyed.unwrap().unwrap().signature.is_required);
        let unsigned = of(&format!("{url}\nsignature: {{required: false}}"));
        assert!(!unsigned.unwrap().unwrap().signature.is_required);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_by_name() {
        for (yaml, wanted) in [
            ("{file: a, url: 'https://x/y'}", "`bundle.file`"),
            ("{url: 'ftp://x/y'}", "`https://` or `http://`"),
            ("{url: 'x'}", "a URL such as"),
            ("{url: 'https://x/y?sig=hunter2'}", "bundle.url_file"),
            ("{url: 'https://x/y', url_file: z}", "the only one"),
            ("{url: 'https://u:hunter2@x/y'}", "bundle.token_file"),
            ("{url: 'http://x/y', token_file: t}", "`bundle.token_file`"),
            (
                "{url: 'https://x/y', client_key_file: k}",
                "client_certificate_file",
            ),
            (
                "{url: 'https://x/y', poll_interval: 100ms}",
                "bundle.poll_interval",
            ),
            ("{url: 'https://x/y', timeout: 1h}", "bundle.timeout"),
            ("{file: a, signature: {scope: s}}", "key_file"),
        ] {
            let refused = of(yaml).unwrap_err();
            assert!(refused.contains(wanted), "{yaml}: {refused}");
            assert!(!refused.contains("hunter2"), "{refused}");
        }
        for yaml in [
            "{url: 'http://127.0.0.1:1/y', token_file: t, signature: {required: false}}",
            "{url: 'http://[::1]/y', token_file: t, signature: {required: false}}",
        ] {
            assert!(of(yaml).is_ok(), "{yaml}");
        }
    }
}
