//! The sections of sinks.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::ConfigInvalid;
use crate::config::values::{Size, Span};
use crate::decision_log::{FileSettings, Format, HttpSettings};

/// Entries as lines on the standard output.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StdoutSinkSection {
    /// Whether they are written there.
    pub enabled: bool,
    /// How they are written.
    pub format: Format,
}

/// Entries as lines in a file. Only its owner may read it.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FileSinkSection {
    /// The file. None is written where it is not given.
    pub path: Option<PathBuf>,
    /// How entries are written.
    pub format: Format,
    /// Bytes after which a new file is begun and the old one is put aside as `.1`: `1MiB` to `1TiB`.
    pub max_bytes: Size,
    /// How many files that were put aside are kept: 0 to 1,000.
    pub keep: u32,
}

/// Entries to a service that takes decision logs of OPA.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HttpSinkSection {
    /// The base of its address, such as `https://logs.example.org`; `/logs` follows. Nothing is sent
    /// where it is not given.
    pub url: Option<String>,
    /// What follows behind `/logs/`, if anything.
    pub partition: String,
    /// How entries are written.
    pub format: Format,
    /// A file with a token that is sent as `authorization: Bearer`. It is read anew for each chunk.
    pub token_file: Option<PathBuf>,
    /// A file with the authorities, in PEM, by which the service is known. Those of the system where
    /// it is not given.
    pub ca_file: Option<PathBuf>,
    /// A file with the certificate, in PEM, by which this server is known there.
    pub cert_file: Option<PathBuf>,
    /// A file with its key, in PEM.
    pub key_file: Option<PathBuf>,
    /// Bytes of a chunk before it is compressed: `1KiB` to `16MiB`.
    pub chunk_bytes: Size,
    /// How long an entry waits for others: `0s` to `1h`.
    pub delay: Span,
    /// How long an attempt may take: `100ms` to `5m`.
    pub timeout: Span,
}

/// Entries as log records of OpenTelemetry.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OtlpSinkSection {
    /// Whether they are sent. Where to, the standard environment variables say.
    pub enabled: bool,
    /// How their bodies are written.
    pub format: Format,
}

impl Default for FileSinkSection {
    fn default() -> Self {
        Self {
            path: None,
            format: Format::Embargo,
            max_bytes: Size(256 * 1_024 * 1_024),
            keep: 4,
        }
    }
}

impl Default for HttpSinkSection {
    fn default() -> Self {
        Self {
            url: None,
            partition: String::new(),
            format: Format::Opa,
            token_file: None,
            ca_file: None,
            cert_file: None,
            key_file: None,
            chunk_bytes: Size(1_024 * 1_024),
            delay: Span::s(1),
            timeout: Span::s(30),
        }
    }
}

impl StdoutSinkSection {
    pub(super) fn settings(&self) -> Option<Format> {
        self.enabled.then_some(self.format)
    }
}

impl OtlpSinkSection {
    pub(super) fn settings(&self) -> Option<Format> {
        self.enabled.then_some(self.format)
    }
}

impl FileSinkSection {
    pub(super) fn settings(&self) -> Result<Option<FileSettings>, ConfigInvalid> {
        within(
            "decision_log.file.max_bytes",
            self.max_bytes,
            Size(1 << 20),
            Size(1 << 40),
        )?;
        if self.keep > 1_000 {
            return Err(ConfigInvalid::new(
                "decision_log.file.keep",
                self.keep,
                "0 to 1000",
            ));
        }
        Ok(self.path.clone().map(|path| FileSettings {
            path,
            format: self.format,
            bytes: self.max_bytes.0,
            kept: self.keep,
        }))
    }
}

impl HttpSinkSection {
    pub(super) fn settings(&self) -> Result<Option<HttpSettings>, ConfigInvalid> {
        let (chunk, size) = (self.chunk_bytes, |bytes| Size(bytes));
        within(
            "decision_log.http.chunk_bytes",
            chunk,
            size(1 << 10),
            size(16 << 20),
        )?;
        within(
            "decision_log.http.delay",
            self.delay,
            Span::s(0),
            Span::s(3_600),
        )?;
        within(
            "decision_log.http.timeout",
            self.timeout,
            Span::ms(100),
            Span::s(300),
        )?;
        let client = match (&self.cert_file, &self.key_file) {
            (Some(certificate), Some(key)) => Some((certificate.clone(), key.clone())),
            (None, None) => None,
            (Some(path), None) | (None, Some(path)) => {
                return Err(ConfigInvalid::new(
                    "decision_log.http.cert_file",
                    path.display(),
                    "given together with `decision_log.http.key_file`",
                ));
            }
        };
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
        if !self.partition.bytes().all(is_plain)
            || self.partition.split('/').any(|part| part == "..")
        {
            return Err(ConfigInvalid::new(
                "decision_log.http.partition",
                &self.partition,
                "letters, digits, `-`, `.`, `_`, `~` and `/`",
            ));
        }
        let Some(url) = self.url.clone() else {
            return Ok(None);
        };
        if !url.starts_with("https://") && !url.starts_with("http://") {
            return Err(ConfigInvalid::new(
                "decision_log.http.url",
                // Whatever stands there may hold a password.
                "something else",
                "an address that begins with `https://` or `http://`",
            ));
        }
        if self.token_file.is_some() && url.starts_with("http://") && !is_local(&url) {
            return Err(ConfigInvalid::new(
                "decision_log.http.url",
                "one that begins with `http://`",
                "one that begins with `https://` where a token is sent to another computer",
            ));
        }
        Ok(Some(HttpSettings {
            url,
            partition: self.partition.trim_matches('/').to_owned(),
            format: self.format,
            token_file: self.token_file.clone(),
            ca_file: self.ca_file.clone(),
            client,
            chunk_bytes: usize::try_from(chunk.0).unwrap_or(usize::MAX),
            delay: self.delay.0,
            timeout: self.timeout.0,
        }))
    }
}

/// Whether an address is one of this computer.
fn is_local(url: &str) -> bool {
    let host = url.strip_prefix("http://").unwrap_or(url);
    let host = host.split('/').next().unwrap_or_default();
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|local| {
        host.strip_prefix(local)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    })
}

pub(super) fn within<T: PartialOrd + ToString>(
    setting: &'static str,
    value: T,
    least: T,
    most: T,
) -> Result<(), ConfigInvalid> {
    if value >= least && value <= most {
        return Ok(());
    }
    let range = format!("{} to {}", least.to_string(), most.to_string());
    Err(ConfigInvalid::new(setting, value, range))
}
