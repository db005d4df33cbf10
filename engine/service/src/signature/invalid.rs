//! What is wrong with a signature: one variant for each code.

use thiserror::Error;

use crate::jose::KeyUnusable;

/// Why an archive is not taken for what it says.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SignatureInvalid {
    /// It is not signed, and must be.
    #[error(
        "the bundle is not signed\n  hint: sign it by `embargo bundle sign`, or set `bundle.signature.required` to false if whoever can write there may decide"
    )]
    Missing,
    /// There is no key to verify by.
    #[error(
        "there is no key to verify the bundle by\n  hint: name the public key by `bundle.signature.key_file`"
    )]
    NoKey,
    /// The file, the token or its claims cannot be read.
    #[error("the signature cannot be read: {cause}\n  hint: sign the bundle anew")]
    Malformed {
        /// What is wrong.
        cause: String,
    },
    /// It is made by an algorithm that no pinned key has.
    #[error(
        "the signature says that it is made by {found}, and no pinned key is for that\n  hint: sign by the key whose public part is pinned; EdDSA, ES256 and RS256 are known, of digests SHA-256, SHA-384 and SHA-512"
    )]
    Algorithm {
        /// The algorithm, as it is written.
        found: String,
    },
    /// No pinned key made it.
    #[error(
        "no pinned key made the signature\n  hint: the bundle was changed, or signed by another key; look who did, before you pin another"
    )]
    Wrong,
    /// It names another key.
    #[error(
        "the signature names the key `{found}`, and `{wanted}` is wanted\n  hint: sign with `--key-id {wanted}`, or correct `bundle.signature.key_id`"
    )]
    KeyId {
        /// What it names.
        found: String,
        /// What is wanted.
        wanted: String,
    },
    /// It was made for something else.
    #[error(
        "the bundle was signed for the scope `{found}`, and `{wanted}` is wanted\n  hint: sign with `--scope`, or correct `bundle.signature.scope`"
    )]
    Scope {
        /// What it was made for.
        found: String,
        /// What is wanted.
        wanted: String,
    },
    /// A file is not what was signed.
    #[error("`{path}` {cause}\n  hint: the bundle was changed after it was signed; look by whom")]
    File {
        /// The file.
        path: String,
        /// How it differs.
        cause: &'static str,
    },
    /// It no longer holds.
    #[error(
        "the signature of the bundle expired at {at}; what judges goes on\n  hint: sign it anew and put it in place; it never goes live"
    )]
    Expired {
        /// When.
        at: String,
    },
    /// It does not hold yet.
    #[error(
        "the signature of the bundle is of {at}, which is to come\n  hint: look at the clocks of the server and of whoever signed"
    )]
    Early {
        /// When it was made or begins to hold.
        at: String,
    },
}

impl SignatureInvalid {
    /// The code, which does not change.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing => "signature-missing",
            Self::NoKey => "signature-no-key",
            Self::Malformed { .. } => "signature-malformed",
            Self::Algorithm { .. } => "signature-algorithm",
            Self::Wrong => "signature-wrong",
            Self::KeyId { .. } => "signature-key-id",
            Self::Scope { .. } => "signature-scope",
            Self::File { .. } => "signature-file",
            Self::Expired { .. } => "signature-expired",
            Self::Early { .. } => "signature-early",
        }
    }

    /// The file at fault, if it is one.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::File { path, .. } => Some(path),
            Self::Malformed { .. }
            | Self::Algorithm { .. }
            | Self::Wrong
            | Self::KeyId { .. }
            | Self::Scope { .. }
            | Self::Expired { .. }
            | Self::Early { .. } => Some(super::PLACE),
            Self::Missing | Self::NoKey => None,
        }
    }
}

/// Why nothing can be trusted by a key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TrustInvalid {
    /// The key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyUnusable),
    /// There are too many.
    #[error("there are more than {most} keys\n  hint: keep those by which bundles are signed")]
    TooManyKeys {
        /// How many there may be.
        most: usize,
    },
}
