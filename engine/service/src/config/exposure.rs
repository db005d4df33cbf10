//! Exposure: whether others than this machine reach the server, and what that asks for.

use std::net::SocketAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Settings;

/// Whether services can be listed over gRPC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reflection {
    /// Where only this machine reaches the server.
    #[default]
    Auto,
    /// Everywhere, to callers with the scope `admin` where callers need a credential.
    On,
    /// Nowhere.
    Off,
}

/// An address that others reach, of a server that does not know whom to trust.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{address} can be reached from other machines, and {lacks}\n  hint: {hint}; or listen on 127.0.0.1; or say `--insecure` (`insecure: true`) where something else keeps others away"
)]
pub struct Exposed {
    /// The address.
    pub address: SocketAddr,
    /// What is lacking.
    pub lacks: &'static str,
    hint: &'static str,
}

impl Settings {
    /// Whether the server may listen on an address, or what it lacks there.
    ///
    /// # Errors
    /// If others reach the address and there is no TLS or no identity, whatever `insecure` says.
    pub fn exposed(&self, address: SocketAddr) -> Result<(), Exposed> {
        let lacks = |lacks, hint| {
            Err(Exposed {
                address,
                lacks,
                hint,
            })
        };
        if is_local(address) {
            return Ok(());
        }
        match (&self.tls, self.identity.is_asked_for()) {
            (Some(_), true) => Ok(()),
            (None, true) => lacks(
                "the server has no TLS, so that credentials and facts can be read on the way",
                "give it `tls.certificate` and `tls.key`",
            ),
            (Some(_), false) => lacks(
                "callers need no credential",
                "say in `identity` who callers are",
            ),
            (None, false) => lacks(
                "the server has no TLS and callers need no credential",
                "give it `tls.certificate` and `tls.key`, and say in `identity` who callers are",
            ),
        }
    }

    /// Whether services can be listed at an address.
    pub(crate) fn reflects(&self, address: Option<SocketAddr>) -> bool {
        match self.reflection {
            Reflection::On => true,
            Reflection::Off => false,
            Reflection::Auto => address.is_some_and(is_local),
        }
    }
}

/// Whether only this machine reaches an address.
fn is_local(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::{IdentitySettings, TlsSettings, TlsVersion};
    use super::*;

    fn settings(tls: bool, identity: bool) -> Settings {
        let tls = tls.then(|| TlsSettings {
            certificate: PathBuf::from("a"),
            key: PathBuf::from("b"),
            min_version: TlsVersion::Tls12,
            clients: None,
        });
        Settings {
            tls,
            identity: IdentitySettings {
                tokens_file: identity.then(|| PathBuf::from("c")),
                ..IdentitySettings::default()
            },
            ..Settings::default()
        }
    }

    #[test]
    fn others_reach_only_a_server_that_has_tls_and_knows_its_callers() {
        for (address, is_reached) in [
            ("127.0.0.1:1", false),
            ("127.8.0.1:1", false),
            ("[::1]:1", false),
            ("[::ffff:127.0.0.1]:1", false),
            ("0.0.0.0:1", true),
            ("[::]:1", true),
            ("10.0.0.1:1", true),
            ("[::ffff:10.0.0.1]:1", true),
        ] {
            let address = address.parse().unwrap();
            for (tls, identity) in [(false, false), (false, true), (true, false), (true, true)] {
                let refused = settings(tls, identity).exposed(address).err();
                let is_refused = is_reached && !(tls && identity);
                assert_eq!(refused.is_some(), is_refused, "{address} {tls} {identity}");
                if let Some(refused) = refused {
                    let said = refused.to_string();
                    assert_eq!(said.contains("tls.certificate"), !tls, "{said}");
                    assert_eq!(said.contains("`identity`"), !identity, "{said}");
                    assert!(said.contains("--insecure"), "{said}");
                }
            }
        }
    }

    #[test]
    fn services_are_listed_to_others_only_where_that_is_said() {
        let local = Some("127.0.0.1:1".parse().unwrap());
        let other = Some("10.0.0.1:1".parse().unwrap());
        for (reflection, wanted) in [
            (Reflection::Auto, [true, false, false]),
            (Reflection::On, [true, true, true]),
            (Reflection::Off, [false, false, false]),
        ] {
            let settings = Settings {
                reflection,
                ..Settings::default()
            };
            let found = [local, other, None].map(|address| settings.reflects(address));
            assert_eq!(found, wanted, "{reflection:?}");
        }
    }
}
