//! A service that takes decision logs as OPA sends them: a JSON array of events, compressed, posted
//! to `/logs`.

use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, SystemTime};

use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::{Certificate, Client, Identity, Response, StatusCode, Url, redirect};

use crate::jose;

use super::super::settings::HttpSettings;
use super::SinkUnusable;
use super::delivery::Outcome;

/// What to look at where there is no client.
const HINT: &str = "look at the files that `decision_log.http` names";

/// The service.
#[derive(Debug)]
pub(super) struct Service {
    settings: HttpSettings,
    url: Url,
    client: Client,
    /// When the files were changed that the client was made from.
    made_from: Vec<Option<SystemTime>>,
}

impl Service {
    /// # Errors
    /// If the address is none, or a file cannot be used.
    pub(super) fn new(settings: &HttpSettings) -> Result<Self, SinkUnusable> {
        let mut address = settings.url.trim_end_matches('/').to_owned();
        address.push_str("/logs");
        if !settings.partition.is_empty() {
            address.push('/');
            address.push_str(&settings.partition);
        }
        // The base by itself: behind it a path would be taken for its host.
        let url = Url::parse(&settings.url).and_then(|_| Url::parse(&address));
        let url = url.map_err(|cause| SinkUnusable::Client {
            cause: format!("its address is none: {cause}"),
            hint: "write `decision_log.http.url` as in `https://logs.example.org`",
        })?;
        let made_from = changes(settings);
        let client = client(settings);
        Ok(Self {
            url,
            made_from,
            client: client.map_err(|cause| SinkUnusable::Client { cause, hint: HINT })?,
            settings: settings.clone(),
        })
    }

    pub(super) async fn carry(&mut self, lines: &[Vec<u8>]) -> Outcome {
        // Certificates are renewed while servers run.
        let changed = changes(&self.settings);
        if changed != self.made_from {
            match client(&self.settings) {
                Ok(client) => {
                    self.client = client;
                    self.made_from = changed;
                }
                Err(cause) => return Outcome::Failed(cause, None),
            }
        }
        let content = match compressed(lines) {
            Ok(content) => content,
            Err(cause) => return Outcome::Refused(cause.to_string()),
        };
        let mut request = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(CONTENT_ENCODING, "gzip")
            .body(content);
        if let Some(path) = &self.settings.token_file {
            match bearer(path) {
                Ok(token) => request = request.header(AUTHORIZATION, token),
                Err(cause) => return Outcome::Failed(cause, None),
            }
        }
        match request.send().await {
            Ok(response) => outcome(&response),
            // Without the address, in which a secret may stand.
            Err(cause) => Outcome::Failed(chain(&cause.without_url()), None),
        }
    }
}

fn outcome(response: &Response) -> Outcome {
    let status = response.status();
    let said = format!("the service answers {status}");
    if status.is_success() {
        return Outcome::Taken;
    }
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => Outcome::TooLarge,
        // What is not allowed or not there may be so once somebody has looked at it.
        StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::NOT_FOUND
        | StatusCode::REQUEST_TIMEOUT
        | StatusCode::CONFLICT
        | StatusCode::TOO_EARLY
        | StatusCode::TOO_MANY_REQUESTS => Outcome::Failed(said, retry_after(response)),
        _ if status.is_client_error() => Outcome::Refused(said),
        _ => Outcome::Failed(said, retry_after(response)),
    }
}

/// How long the service asks to wait, in seconds. Dates are not understood.
fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

/// Lines as a JSON array, compressed.
fn compressed(lines: &[Vec<u8>]) -> io::Result<Vec<u8>> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::fast());
    writer.write_all(b"[")?;
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            writer.write_all(b",")?;
        }
        writer.write_all(line.trim_ascii_end())?;
    }
    writer.write_all(b"]")?;
    writer.finish()
}

fn client(settings: &HttpSettings) -> Result<Client, String> {
    jose::install();
    let mut builder = Client::builder()
        .timeout(settings.timeout)
        .redirect(redirect::Policy::none())
        .user_agent(concat!("embargo/", env!("CARGO_PKG_VERSION")));
    let read = |path: &Path| {
        std::fs::read(path).map_err(|cause| format!("{} cannot be read: {cause}", path.display()))
    };
    if let Some(path) = &settings.ca_file {
        let bundle = Certificate::from_pem_bundle(&read(path)?).unwrap_or_default();
        if bundle.is_empty() {
            return Err(format!("{} holds no certificates in PEM", path.display()));
        }
        builder = builder.tls_certs_only(bundle);
    }
    if let Some((certificate, key)) = &settings.client {
        let mut pem = read(certificate)?;
        pem.push(b'\n');
        pem.extend(read(key)?);
        // The cause may quote the key.
        let identity = Identity::from_pem(&pem).map_err(|_| {
            let (certificate, key) = (certificate.display(), key.display());
            format!("{certificate} and {key} are no certificate and its key in PEM")
        })?;
        builder = builder.identity(identity);
    }
    builder.build().map_err(|cause| chain(&cause))
}

/// When the files were changed that a client is made from.
fn changes(settings: &HttpSettings) -> Vec<Option<SystemTime>> {
    let client = settings.client.iter();
    let files = client.flat_map(|(certificate, key)| [certificate, key]);
    files
        .chain(&settings.ca_file)
        .map(|path| {
            std::fs::metadata(path)
                .and_then(|known| known.modified())
                .ok()
        })
        .collect()
}

/// The token of this moment: it is renewed while servers run.
fn bearer(path: &Path) -> Result<HeaderValue, String> {
    let token = std::fs::read_to_string(path)
        .map_err(|cause| format!("{} cannot be read: {cause}", path.display()))?;
    let header = HeaderValue::try_from(format!("Bearer {}", token.trim()));
    let mut header = header.map_err(|_| format!("{} holds no token", path.display()))?;
    header.set_sensitive(true);
    Ok(header)
}

/// An error with its causes, of which the last says most.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
    }
    text
}
