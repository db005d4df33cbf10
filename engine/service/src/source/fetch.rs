//! Fetching a packed set from a web server.
//!
//! Nothing is fetched twice that did not change, no more than an archive may have, and no longer
//! than the time allows. Redirects lead from `https` to `https` and are few. While the server
//! fails, what was fetched last stands, for a while; then that is an error, by which nothing
//! stops judging.

use std::collections::hash_map::RandomState;
use std::error::Error;
use std::hash::BuildHasher as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use reqwest::header::{
    ACCEPT_ENCODING, AUTHORIZATION, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, LAST_MODIFIED,
};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Identity, Response, StatusCode};
use tokio::runtime::Runtime;

use crate::archive::{ArchiveInvalid, PACKED_BYTES};
use crate::jose;

use super::{ReadSourceError, Remote};

/// How long connecting may take.
const CONNECTING: Duration = Duration::from_secs(5);
/// Redirects that are followed.
const REDIRECTS: usize = 3;
/// The longest pause between two tries while the server fails, unless the interval is longer.
const LONGEST: Duration = Duration::from_secs(60);
/// Doublings of the pause, at most.
const DOUBLINGS: u32 = 6;
/// How long an instant of change must have stood before it tells two contents apart: it has whole
/// seconds, in which two can fall.
const SURE: Duration = Duration::from_secs(2);

pub(super) struct Fetcher {
    remote: Remote,
    runtime: Runtime,
    client: Option<Known>,
    /// What was fetched last, and what the server called it.
    present: Option<Present>,
    failing: Option<Failing>,
}

struct Present {
    bytes: Vec<u8>,
    etag: Option<HeaderValue>,
    modified: Option<(HeaderValue, Instant)>,
}

struct Failing {
    since: Instant,
    times: u32,
}

/// A client, and the files that it was made from.
struct Known {
    files: [Option<Vec<u8>>; 3],
    client: Client,
}

impl Fetcher {
    pub(super) fn new(remote: Remote) -> Result<Self, ReadSourceError> {
        jose::install();
        // A thread of its own, so that connections that are kept notice when they are closed.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("embargo-fetch")
            .enable_all()
            .build()
            .map_err(|cause| ReadSourceError::Unfetched {
                url: remote.to_string(),
                cause: format!("no runtime can be started: {cause}"),
                hint: "raise the limit on open files of the server's user",
            })?;
        Ok(Self {
            remote,
            runtime,
            client: None,
            present: None,
            failing: None,
        })
    }

    /// What the server has. While it fails, what it had, for a while.
    pub(super) fn fetch(&mut self) -> Result<&[u8], ReadSourceError> {
        match self.fetched() {
            Ok(fetched) => {
                if self.failing.take().is_some() {
                    tracing::info!(url = %self.remote, "the bundle can be fetched again");
                }
                if let Some(fetched) = fetched {
                    self.present = Some(fetched);
                }
            }
            // The web server does what it shall; what it has is wrong.
            Err(refused @ ReadSourceError::Archive(_)) => return Err(refused),
            Err(failed) => {
                let failing = self.failing.get_or_insert_with(|| Failing {
                    since: Instant::now(),
                    times: 0,
                });
                failing.times = failing.times.saturating_add(1);
                if failing.times == 1 {
                    tracing::warn!(
                        cause = %failed,
                        "the bundle cannot be fetched; what was fetched last stands"
                    );
                }
                let is_stale = failing.since.elapsed() >= self.remote.stale_after;
                if is_stale || self.present.is_none() {
                    return Err(failed);
                }
            }
        }
        let present = self.present.as_ref();
        present
            .map(|present| present.bytes.as_slice())
            .ok_or_else(|| self.failed("it sent nothing", "look at the web server"))
    }

    /// Whether the server fails at present.
    pub(super) const fn is_failing(&self) -> bool {
        self.failing.is_some()
    }

    /// How long to wait before the next try. By chance somewhat less than the interval, so that
    /// many servers do not ask at once.
    pub(super) fn pause(&self) -> Duration {
        let interval = self.remote.poll_interval;
        let times = self.failing.as_ref().map_or(0, |failing| failing.times);
        let longest = LONGEST.max(interval);
        let pause = interval
            .saturating_mul(2_u32.saturating_pow(times.min(DOUBLINGS)))
            .min(longest);
        let chance = u32::try_from(RandomState::new().hash_one(times) % 200).unwrap_or(0);
        pause.saturating_sub(pause / 1_000 * chance)
    }

    fn failed(&self, cause: impl ToString, hint: &'static str) -> ReadSourceError {
        ReadSourceError::Unfetched {
            url: self.remote.to_string(),
            cause: cause.to_string(),
            hint,
        }
    }

    /// What the server has now; nothing, if it is what it had.
    fn fetched(&mut self) -> Result<Option<Present>, ReadSourceError> {
        let headers = self.headers()?;
        let asked = headers.contains_key(IF_NONE_MATCH) || headers.contains_key(IF_MODIFIED_SINCE);
        let client = self.client()?.clone();
        let request = client
            .get(self.remote.url.clone())
            .headers(headers)
            .timeout(self.remote.timeout);
        let answer = self.runtime.block_on(async {
            let response = request.send().await.map_err(Failed::Call)?;
            if response.status() == StatusCode::NOT_MODIFIED && asked {
                return Ok(None);
            }
            if response.status() != StatusCode::OK {
                return Err(Failed::Status(response.status()));
            }
            let headers = response.headers().clone();
            Ok(Some((headers, body(response).await?)))
        });
        match answer {
            Ok(None) => Ok(None),
            Ok(Some((headers, bytes))) => Ok(Some(self.named(&headers, bytes))),
            Err(Failed::TooLarge) => Err(ArchiveInvalid::TooLarge.into()),
            Err(Failed::Status(status)) => {
                let hint = match status {
                    StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                        "look at `bundle.token_file` and the rights on the web server"
                    }
                    StatusCode::NOT_FOUND => "look at `bundle.url`, and whether it was uploaded",
                    _ if status.is_redirection() => {
                        "name the place itself; redirects lead to `https` only, three at most"
                    }
                    _ => "look at the web server",
                };
                Err(self.failed(format!("the web server answered {status}"), hint))
            }
            Err(Failed::Call(error)) => {
                let hint = if error.is_timeout() {
                    "look at the network, or raise `bundle.timeout`"
                } else if error.is_redirect() {
                    "name the place itself; redirects lead to `https` only, three at most"
                } else {
                    "look at the web server, the network, and `bundle.ca_file`"
                };
                Err(self.failed(innermost(&error), hint))
            }
        }
    }

    /// What was fetched, with the names by which it is asked for again.
    fn named(&self, headers: &HeaderMap, bytes: Vec<u8>) -> Present {
        let modified = headers.get(LAST_MODIFIED).map(|modified| {
            let before = self.present.as_ref().and_then(|present| {
                let (before, since) = present.modified.as_ref()?;
                (before == modified && present.bytes == bytes).then_some(*since)
            });
            (modified.clone(), before.unwrap_or_else(Instant::now))
        });
        Present {
            bytes,
            etag: headers.get(ETAG).cloned(),
            modified,
        }
    }

    fn headers(&self) -> Result<HeaderMap, ReadSourceError> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let mut insert = |name: HeaderName, value: &HeaderValue| {
            headers.insert(name, value.clone());
        };
        if let Some(present) = &self.present {
            match (&present.etag, &present.modified) {
                (Some(etag), _) => insert(IF_NONE_MATCH, etag),
                (None, Some((modified, since))) if since.elapsed() >= SURE => {
                    insert(IF_MODIFIED_SINCE, modified);
                }
                _ => {}
            }
        }
        if let Some(path) = &self.remote.token_file {
            let token = String::from_utf8_lossy(&self.content(path)?).into_owned();
            let mut value =
                HeaderValue::from_str(&format!("Bearer {}", token.trim())).map_err(|_| {
                    self.failed(
                        format!("`{}` holds no token", path.display()),
                        "write one line with the token into it",
                    )
                })?;
            value.set_sensitive(true);
            insert(AUTHORIZATION, &value);
        }
        Ok(headers)
    }

    fn content(&self, path: &Path) -> Result<Vec<u8>, ReadSourceError> {
        std::fs::read(path).map_err(|cause| {
            self.failed(
                format!("`{}` cannot be read: {cause}", path.display()),
                "let the server's user read it",
            )
        })
    }

    /// The client, made anew if one of its files changed.
    fn client(&mut self) -> Result<&Client, ReadSourceError> {
        let content = |path: &Option<PathBuf>| path.as_ref().map(|path| self.content(path));
        let Remote {
            ca_file,
            client_certificate_file,
            client_key_file,
            ..
        } = &self.remote;
        let files = [
            content(ca_file).transpose()?,
            content(client_certificate_file).transpose()?,
            content(client_key_file).transpose()?,
        ];
        let known = match self.client.take() {
            Some(known) if known.files == files => known,
            _ => {
                let client = self.built(&files)?;
                Known { files, client }
            }
        };
        Ok(&self.client.insert(known).client)
    }

    fn built(&self, files: &[Option<Vec<u8>>; 3]) -> Result<Client, ReadSourceError> {
        let unusable = |what: &str, error: &reqwest::Error| {
            self.failed(
                format!("{what} cannot be used: {}", innermost(error)),
                "write it in PEM",
            )
        };
        let [authorities, certificate, key] = files;
        let mut builder = Client::builder()
            .connect_timeout(CONNECTING)
            .redirect(redirects());
        if let Some(pem) = authorities {
            let authorities = Certificate::from_pem_bundle(pem)
                .map_err(|error| unusable("`bundle.ca_file`", &error))?;
            builder = builder.tls_certs_only(authorities);
        }
        if let (Some(certificate), Some(key)) = (certificate, key) {
            let identity = Identity::from_pem(&[certificate.as_slice(), b"\n", key].concat())
                .map_err(|error| unusable("`bundle.client_certificate_file`", &error))?;
            builder = builder.identity(identity);
        }
        builder
            .build()
            .map_err(|error| unusable("the settings of TLS", &error))
    }
}

/// Why there is no answer to make something of.
enum Failed {
    Call(reqwest::Error),
    Status(StatusCode),
    TooLarge,
}

fn redirects() -> Policy {
    Policy::custom(|attempt| {
        if attempt.previous().len() > REDIRECTS {
            return attempt.error("too many redirects");
        }
        if attempt.url().scheme() == "https" {
            attempt.follow()
        } else {
            attempt.error("a redirect that does not lead to `https`")
        }
    })
}

async fn body(mut response: Response) -> Result<Vec<u8>, Failed> {
    let most = u64::try_from(PACKED_BYTES).unwrap_or(u64::MAX);
    if response
        .content_length()
        .is_some_and(|length| length > most)
    {
        return Err(Failed::TooLarge);
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(Failed::Call)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > PACKED_BYTES {
            return Err(Failed::TooLarge);
        }
    }
    Ok(bytes)
}

/// The cause at the end of the chain, which names no URL.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    while let Some(next) = cause.and_then(Error::source) {
        cause = Some(next);
    }
    match cause {
        Some(cause) => cause.to_string(),
        None if error.is_timeout() => "it takes too long".to_owned(),
        None => "it cannot be reached".to_owned(),
    }
}
