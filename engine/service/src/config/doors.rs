//! The doors: the contracts by which a server can be asked, all on one port.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A way to ask.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Door {
    /// The API over gRPC. Health and reflection are always there.
    Grpc,
    /// The same API over HTTP in JSON.
    Http,
    /// The data API of OPA.
    Opa,
    /// The validating admission webhook of Kubernetes.
    Kubernetes,
    /// External authorization of Envoy, over gRPC.
    Envoy,
    /// Evaluation of `AuthZEN`.
    Authzen,
}

impl Door {
    /// Every door.
    pub const ALL: [Self; 6] = [
        Self::Grpc,
        Self::Http,
        Self::Opa,
        Self::Kubernetes,
        Self::Envoy,
        Self::Authzen,
    ];

    /// The word that settings and the log use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Grpc => "grpc",
            Self::Http => "http",
            Self::Opa => "opa",
            Self::Kubernetes => "kubernetes",
            Self::Envoy => "envoy",
            Self::Authzen => "authzen",
        }
    }

    /// The door of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|door| door.word() == word)
    }
}
