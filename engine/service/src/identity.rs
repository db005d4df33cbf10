//! Identity: who asks, through which door, and what that caller may do.

mod cause;
mod certificate;
mod jwt;
mod keys;
mod known;
mod scope;
pub(crate) mod spiffe;
mod subject;
mod tokens;

use std::sync::{Arc, LazyLock};

use embargo_core::instant::Instant;

use crate::config::Door;

pub(crate) use self::cause::Cause;
pub(crate) use self::certificate::Shown;
pub(crate) use self::known::{Known, Unidentified};
pub use self::scope::{Scope, Scopes};
pub use self::tokens::NewToken;

/// Who asks, as a credential tells. What a request says of its sender does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The name in the credential: of a token its name, of a JWT its subject, of a certificate its
    /// SPIFFE id or its subject.
    pub name: String,
    /// By what the caller is known.
    pub kind: PrincipalKind,
    /// Whose caller it is, where a credential says so.
    pub tenant: Option<String>,
    /// What it may do.
    pub scopes: Scopes,
    /// The instant from which its token is not accepted any more. A connection ends with its
    /// certificate, and none is given for that.
    pub until: Option<Instant>,
}

/// By what a caller is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PrincipalKind {
    /// By nothing, where callers need no credential.
    Anonymous,
    /// By a static token.
    Token,
    /// By a JWT.
    Jwt,
    /// By a client certificate.
    Certificate,
}

impl PrincipalKind {
    /// The word for it in logs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Token => "token",
            Self::Jwt => "jwt",
            Self::Certificate => "certificate",
        }
    }
}

impl Principal {
    /// A caller without a credential where none is needed: it may do everything.
    #[must_use]
    pub fn anonymous() -> Arc<Self> {
        static ANONYMOUS: LazyLock<Arc<Principal>> = LazyLock::new(|| {
            Arc::new(Principal {
                name: String::new(),
                kind: PrincipalKind::Anonymous,
                tenant: None,
                scopes: Scopes::all(),
                until: None,
            })
        });
        Arc::clone(&ANONYMOUS)
    }

    /// A caller without a credential at a door where others show one: it may ask for decisions.
    pub(crate) fn stranger() -> Arc<Self> {
        static STRANGER: LazyLock<Arc<Principal>> = LazyLock::new(|| {
            Arc::new(Principal {
                scopes: Scopes::from_iter([Scope::Decide]),
                ..Principal::clone(&Principal::anonymous())
            })
        });
        Arc::clone(&STRANGER)
    }
}

/// Who asks, and through which door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Who asks.
    pub principal: Arc<Principal>,
    /// The way by which it asks.
    pub door: Door,
}

impl Caller {
    /// A caller without a credential at a door.
    #[must_use]
    pub fn anonymous(door: Door) -> Self {
        Self {
            principal: Principal::anonymous(),
            door,
        }
    }
}
