//! How a client is set up and connected.
//!
//! What was typed is checked here, once: a [`Client`] always has an endpoint that can be dialled
//! and a deadline within bounds.

use std::time::Duration;

use tokio::{runtime::Handle, time::timeout};
use tonic::transport::{Channel, Endpoint, Uri};

use crate::{Client, RetryPolicy, client::Server, error::innermost, servers::Servers};

/// The deadline of a call unless another one is set: 5 s.
pub const DEFAULT_DEADLINE: Duration = Duration::from_secs(5);

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
    deadline: Duration,
    retry: RetryPolicy,
}

/// Why there is no client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The endpoint cannot be dialled.
    #[error("`{endpoint}` is not an endpoint; hint: write it as `http://HOST:PORT`")]
    Endpoint {
        /// What was typed.
        endpoint: String,
    },
    /// The endpoint asks for TLS.
    #[error(
        "this client does not speak TLS: `{endpoint}`; hint: connect over `http://` to a proxy \
         beside it that does"
    )]
    Tls {
        /// What was typed.
        endpoint: String,
    },
    /// The server does not answer the connection.
    #[error("{cause}: connecting to {endpoint}; hint: check that the server listens there")]
    Unreachable {
        /// What the operating system says, in words.
        cause: String,
        /// The endpoint.
        endpoint: String,
    },
    /// The connection was not made in time.
    #[error(
        "no connection within {limit:?}: connecting to {endpoint}; hint: check that nothing on \
         the way drops the packets"
    )]
    Late {
        /// The deadline.
        limit: Duration,
        /// The endpoint.
        endpoint: String,
    },
    /// The caller is not inside a tokio runtime, which the connection runs on.
    #[error("there is no runtime for the connection; hint: connect inside a tokio runtime")]
    NoRuntime,
}

impl ClientBuilder {
    pub(crate) fn new(endpoint: impl Into<String>) -> Self {
        Self {
            endpoint: endpoint.into(),
            others: Vec::new(),
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
        let servers = self.servers()?;
        let count = u32::try_from(servers.count()).unwrap_or(u32::MAX);
        let limit = self.deadline / count;
        let mut number = 0;
        loop {
            let (endpoint, dialled) = servers.at(number);
            let failure = match timeout(limit, dialled.connect()).await {
                Ok(Ok(channel)) => return Ok(self.client(&servers, Some((number, channel)))),
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
        let servers = self.servers()?;
        Ok(self.client(&servers, None))
    }

    /// A client that has a connection to one of them, or to none yet.
    fn client(self, servers: &Servers<Endpoint>, connected: Option<(usize, Channel)>) -> Client {
        let connected = connected.as_ref();
        let servers = servers.map(|number, endpoint| {
            let channel = connected.filter(|(at, _)| *at == number);
            Server::over(channel.map_or_else(|| endpoint.connect_lazy(), |(_, made)| made.clone()))
        });
        Client::of(servers, self.deadline, self.retry)
    }

    fn servers(&self) -> Result<Servers<Endpoint>, ConnectError> {
        // Outside of a runtime tonic would panic.
        Handle::try_current().map_err(|_| ConnectError::NoRuntime)?;
        let server = |typed: &String| Ok((typed.as_str().into(), self.checked(typed)?));
        let others: Result<_, ConnectError> = self.others.iter().map(server).collect();
        Ok(Servers::new(server(&self.endpoint)?, others?))
    }

    fn checked(&self, typed: &str) -> Result<Endpoint, ConnectError> {
        let refused = || ConnectError::Endpoint {
            endpoint: typed.to_owned(),
        };
        let uri: Uri = typed.parse().map_err(|_| refused())?;
        match uri.scheme_str() {
            Some("http") => {}
            Some("https") => {
                return Err(ConnectError::Tls {
                    endpoint: typed.to_owned(),
                });
            }
            _ => return Err(refused()),
        }
        let endpoint = Endpoint::from(uri)
            .user_agent(concat!("embargo-client/", env!("CARGO_PKG_VERSION")))
            .map_err(|_| refused())?;
        Ok(endpoint
            .connect_timeout(self.deadline)
            .http2_keep_alive_interval(PROBE_AFTER)
            .keep_alive_timeout(PROBE_LIMIT))
    }
}

#[cfg(test)]
mod tests;
