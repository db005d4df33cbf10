//! Where a server is asked for its health: at a URL, or where its configuration says.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use embargo_service::File;

use crate::commands::Failure;

use super::probe::Probe;

/// Where the management listener says whether the server serves.
const READY: &str = "/readyz";

/// Where is asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A path of HTTP.
    Probe(Probe),
    /// The health service of gRPC, by its URL.
    Service(String),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Probe(probe) => probe.fmt(f),
            Self::Service(url) => f.write_str(url),
        }
    }
}

impl Target {
    /// A URL with a path is asked over HTTP, one without for the health service.
    ///
    /// # Errors
    /// If it has a path and is not one of plain HTTP.
    pub(super) fn of_url(url: &str) -> Result<Self, Failure> {
        let Some((scheme, rest)) = url.split_once("://") else {
            return Ok(Self::Service(url.to_owned()));
        };
        let (address, path) = rest.split_once('/').unwrap_or((rest, ""));
        if path.is_empty() {
            return Ok(Self::Service(url.to_owned()));
        }
        if !scheme.eq_ignore_ascii_case("http") {
            return Err(Failure::Said(format!(
                "`{url}` has a path, and paths are asked over plain HTTP alone\n  hint: leave the path out to ask for the health service, or name the management listener: http://127.0.0.1:9464{READY}"
            )));
        }
        let has_port = address.rsplit_once(':').is_some_and(|(_, port)| {
            !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
        });
        let address = if has_port {
            address.to_owned()
        } else {
            format!("{address}:80")
        };
        Ok(Self::Probe(Probe {
            address,
            path: format!("/{path}"),
        }))
    }

    /// The server that a configuration stands for, which runs on this machine.
    ///
    /// # Errors
    /// If the configuration does not say where, or the server speaks TLS and nothing else.
    pub(super) fn of_configuration(file: &File) -> Result<Self, Failure> {
        if let Some(listen) = management(file) {
            return Ok(Self::Probe(Probe {
                address: near("management.listen", &listen)?,
                path: READY.to_owned(),
            }));
        }
        let address = near("listen", &file.listen)?;
        if file.tls.certificate.is_some() {
            return Err(Failure::Said(format!(
                "the server speaks TLS by a name that its configuration does not tell, and has no management listener\n  hint: set `management.listen` (127.0.0.1:9464), or name the server and its authority: embargo healthcheck https://NAME:{} --tls-ca FILE",
                address.rsplit(':').next().unwrap_or_default()
            )));
        }
        Ok(Self::Service(format!("http://{address}")))
    }
}

/// Where the management listener is, if there is one.
fn management(file: &File) -> Option<String> {
    file.management.listen.clone()
}

/// The address at which a listener of this machine is reached: one that listens everywhere does so
/// also here.
fn near(setting: &str, listen: &str) -> Result<String, Failure> {
    let Ok(mut address) = listen.parse::<SocketAddr>() else {
        // A name, which stands for what the server has taken it for.
        return Ok(listen.to_owned());
    };
    if address.port() == 0 {
        return Err(Failure::Said(format!(
            "`{setting}` is {listen}, which leaves the port open\n  hint: name the server: embargo healthcheck http://127.0.0.1:PORT"
        )));
    }
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    Ok(address.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(address: &str, path: &str) -> Target {
        Target::Probe(Probe {
            address: address.to_owned(),
            path: path.to_owned(),
        })
    }

    #[test]
    fn a_url_with_a_path_is_probed_and_one_without_is_asked_for_the_service() {
        for url in ["http://127.0.0.1:8181", "https://a.example:8181", "a:1"] {
            let service = Target::Service(url.to_owned());
            assert_eq!(Target::of_url(url).unwrap(), service);
        }
        for (url, address, path) in [
            ("http://a.example:9464/readyz", "a.example:9464", "/readyz"),
            ("HTTP://a.example/health?b=c", "a.example:80", "/health?b=c"),
            ("http://[::1]:9464/livez", "[::1]:9464", "/livez"),
            ("http://[::1]/livez", "[::1]:80", "/livez"),
        ] {
            assert_eq!(Target::of_url(url).unwrap(), probe(address, path), "{url}");
        }
        let refused = Target::of_url("https://a.example/readyz").unwrap_err();
        assert!(refused.to_string().contains("hint:"));
    }

    #[test]
    fn a_listener_that_listens_everywhere_is_asked_here() {
        let service = |listen: &str| {
            let file = File {
                listen: listen.to_owned(),
                ..File::default()
            };
            Target::of_configuration(&file).map(|target| target.to_string())
        };
        for (listen, wanted) in [
            ("127.0.0.1:8181", "http://127.0.0.1:8181"),
            ("0.0.0.0:9000", "http://127.0.0.1:9000"),
            ("[::]:9000", "http://[::1]:9000"),
            ("192.0.2.7:9000", "http://192.0.2.7:9000"),
            ("localhost:9000", "http://localhost:9000"),
        ] {
            assert_eq!(service(listen).unwrap(), wanted);
        }
        let refused = service("127.0.0.1:0").unwrap_err().to_string();
        assert!(refused.contains("leaves the port open"), "{refused}");
    }
}
