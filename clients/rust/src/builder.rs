//! How a client is set up and connected.
//!
//! What was typed is checked here, once: a [`Client`] always has an endpoint that can be dialled,
//! certificates that can be read, and a deadline within bounds. A token leaves this machine in plain
//! text only if that was asked for.

mod error;

use std::net::IpAddr;
use std::time::Duration;

use tokio::{runtime::Handle, time::timeout};
use tonic::transport::{Channel, Endpoint, Uri};

use crate::{
    Client, RetryPolicy, Tls, authorization::Authorization, client::Server, error::innermost,
    servers::Servers,
};

pub use error::ConnectError;

/// The deadline of a call unless another one is set: 10 s.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(10);

/// The longest deadline of a call: 24 h. Longer ones are shortened to it.
pub const MAX_DEADLINE: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a connection with a call in flight may be silent before the peer is probed, and how
/// long the probe may take. A stream to a server that vanished ends after both.
const PROBE_AFTER: Duration = Duration::from_secs(20);
const PROBE_LIMIT: Duration = Duration::from_secs(10);

/// Sets up a [`Client`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it connects"]
pub struct ClientBuilder {
    endpoint: String,
    others: Vec<String>,
    tls: Option<Tls>,
    token: Option<Token>,
    is_token_for_all: bool,
    deadline: Duration,
    retry: RetryPolicy,
}

/// A token before it was looked at.
#[derive(Clone)]
struct Token(String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

impl ClientBuilder {
    pub(crate) fn new(endpoint: impl Into<String>) -> Self {
        Self {
            endpoint: endpoint.into(),
            others: Vec::new(),
            tls: None,
            token: None,
            is_token_for_all: false,
            deadline: DEFAULT_DEADLINE,
            retry: RetryPolicy::default(),
        }
    }

    /// Adds a server of the same policies, which is asked when another is unavailable, overloaded
    /// or late. Each attempt of a call goes to the next server.
    pub fn or(mut self, endpoint: impl Into<String>) -> Self {
        self.others.push(endpoint.into());
        self
    }

    /// Sets whom to trust and who to be at endpoints with `https://`. Unless set, the server must be
    /// certified by an authority that the system trusts, and the client shows no certificate.
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Sets a token that is sent with every call as `authorization: Bearer TOKEN`. To a host that is
    /// not this one it goes over TLS alone.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(Token(token.into()));
        self
    }

    /// Lets the token go to other hosts in plain text, too, as where a mesh encrypts what leaves.
    pub fn token_over_plain_text(mut self) -> Self {
        self.is_token_for_all = true;
        self
    }

    /// Sets how long a call may take with all its attempts, at most [`MAX_DEADLINE`];
    /// [`DEFAULT_DEADLINE`] unless set. It bounds the connecting, too.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline.min(MAX_DEADLINE);
        self
    }

    /// Sets how often and after which pauses a call is repeated.
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// Connects, and fails if no server can be reached within the deadline, of which each has an
    /// equal share.
    ///
    /// # Errors
    ///
    /// Says what is wrong with an endpoint or the way to the last of them.
    pub async fn connect(self) -> Result<Client, ConnectError> {
        let (servers, authorization) = self.checked()?;
        let count = u32::try_from(servers.count()).unwrap_or(u32::MAX);
        let limit = self.deadline / count;
        let mut number = 0;
        loop {
            let (endpoint, dialled) = servers.at(number);
            let failure = match timeout(limit, dialled.connect()).await {
                Ok(Ok(channel)) => {
                    return Ok(self.client(&servers, &authorization, Some((number, channel))));
                }
                Ok(Err(error)) => ConnectError::Unreachable {
                    cause: innermost(&error).to_string(),
                    endpoint: endpoint.to_string(),
                },
                Err(_) => ConnectError::Late {
                    limit,
                    endpoint: endpoint.to_string(),
                },
            };
            number = servers.after(number);
            if number == 0 {
                return Err(failure);
            }
        }
    }

    /// Leaves the connecting to the first call, so that the server may start later.
    ///
    /// # Errors
    ///
    /// Says what is wrong with an endpoint. Whether it can be reached is not tried.
    pub fn connect_lazy(self) -> Result<Client, ConnectError> {
        let (servers, authorization) = self.checked()?;
        Ok(self.client(&servers, &authorization, None))
    }

    /// A client that has a connection to one of them, or to none yet.
    fn client(
        self,
        servers: &Servers<Endpoint>,
        authorization: &Authorization,
        connected: Option<(usize, Channel)>,
    ) -> Client {
        let connected = connected.as_ref();
        let servers = servers.map(|number, endpoint| {
            let channel = connected.filter(|(at, _)| *at == number);
            let channel = channel.map_or_else(|| endpoint.connect_lazy(), |(_, made)| made.clone());
            Server::over(channel, authorization)
        });
        Client::of(servers, self.deadline, self.retry)
    }

    fn checked(&self) -> Result<(Servers<Endpoint>, Authorization), ConnectError> {
        // Outside of a runtime tonic would panic.
        Handle::try_current().map_err(|_| ConnectError::NoRuntime)?;
        let server = |typed: &String| Ok((typed.as_str().into(), self.endpoint(typed)?));
        let others: Result<_, ConnectError> = self.others.iter().map(server).collect();
        let servers = Servers::new(server(&self.endpoint)?, others?);
        let authorization = match &self.token {
            None => Authorization::none(),
            Some(Token(token)) => Authorization::bearer(token).ok_or(ConnectError::Token)?,
        };
        Ok((servers, authorization))
    }

    fn endpoint(&self, typed: &str) -> Result<Endpoint, ConnectError> {
        let refused = || ConnectError::Endpoint {
            endpoint: typed.to_owned(),
        };
        let uri: Uri = typed.parse().map_err(|_| refused())?;
        let is_local = uri.host().is_some_and(is_loopback);
        let is_encrypted = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(refused()),
        };
        if !is_encrypted && self.tls.is_some() {
            return Err(ConnectError::PlainText {
                endpoint: typed.to_owned(),
            });
        }
        if !is_encrypted && !is_local && self.token.is_some() && !self.is_token_for_all {
            return Err(ConnectError::TokenInPlainText {
                endpoint: typed.to_owned(),
            });
        }
        let mut endpoint = Endpoint::from(uri)
            .user_agent(concat!("embargo-client/", env!("CARGO_PKG_VERSION")))
            .map_err(|_| refused())?;
        if is_encrypted {
            let unusable = |cause: String| ConnectError::Certificates {
                cause,
                endpoint: typed.to_owned(),
            };
            let tls = self.tls.clone().unwrap_or_default();
            let config = tls.into_config().map_err(|cause| unusable(cause.into()))?;
            endpoint = endpoint
                .tls_config(config)
                .map_err(|error| unusable(innermost(&error).to_string()))?;
        }
        Ok(endpoint
            .connect_timeout(self.deadline)
            .http2_keep_alive_interval(PROBE_AFTER)
            .keep_alive_timeout(PROBE_LIMIT))
    }
}

/// Whether what is sent to a host does not leave this machine. Of names only `localhost` is sure.
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    match address.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests;
