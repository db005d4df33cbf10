//! Signatures: who says that a set of policies is meant, in the form of OPA's bundles.
//!
//! `.signatures.json` holds one JSON Web Token with the name and digest of every other file of the
//! archive. It is taken only if a pinned key made it, every file of the archive is in it and
//! the other way round, and the scope is the wanted one. Which algorithm a key verifies
//! follows from the key and never from what the token says of itself.
//!
//! What OPA passes over is honoured here: `exp` and `nbf`, and `iat` as what orders releases.

mod digest;
mod invalid;
mod says;
mod sign;
mod token;

use std::collections::BTreeMap;

use jsonwebtoken::{Algorithm, DecodingKey};

use crate::archive::{Archive, SIGNATURES};
use crate::jose;
use crate::release::Release;

pub use self::invalid::{SignatureInvalid, TrustInvalid};
pub use self::says::SignatureSays;
pub use self::sign::{SignError, Signing, new_key};
use self::token::{SignatureFile, SignedFile, Token};

/// What ends a public key in PEM.
const END: &str = "-----END PUBLIC KEY-----";
/// Public keys of a trust, at most: the present one, the next one, and some.
const KEYS: usize = 16;

/// Whose signatures are taken.
#[derive(Clone, Debug)]
pub struct Trust {
    is_required: bool,
    keys: Vec<PublicKey>,
    key_id: Option<String>,
    scope: String,
}

#[derive(Clone)]
struct PublicKey {
    algorithm: Algorithm,
    key: DecodingKey,
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("PublicKey").field(&self.algorithm).finish()
    }
}

impl Trust {
    /// Takes what is signed and what is not, and looks at no signature.
    #[must_use]
    pub const fn in_everything() -> Self {
        Self {
            is_required: false,
            keys: Vec::new(),
            key_id: None,
            scope: String::new(),
        }
    }

    /// Takes what one of these public keys signed: one or more in PEM, of Ed25519, P-256, or
    /// RSA with at least 2,048 bits.
    ///
    /// # Errors
    /// If there is none, or one cannot be used.
    pub fn in_keys(pem: &str) -> Result<Self, TrustInvalid> {
        let mut keys = Vec::new();
        for part in pem.split_inclusive(END).filter(|part| part.contains(END)) {
            let (algorithm, key) = jose::verifying_key(part.as_bytes())?;
            keys.push(PublicKey { algorithm, key });
        }
        if keys.is_empty() {
            return Err(jose::KeyUnusable::NoPublicKey.into());
        }
        if keys.len() > KEYS {
            return Err(TrustInvalid::TooManyKeys { most: KEYS });
        }
        Ok(Self {
            is_required: true,
            keys,
            key_id: None,
            scope: String::new(),
        })
    }

    /// Takes what is not signed, too. What is signed must still be signed by one of the keys.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.is_required = false;
        self
    }

    /// Takes only what names this key.
    #[must_use]
    pub fn of_key_id(mut self, key_id: Option<String>) -> Self {
        self.key_id = key_id;
        self
    }

    /// Takes only what was signed for this scope; empty is that of those that name none.
    #[must_use]
    pub fn for_scope(mut self, scope: String) -> Self {
        self.scope = scope;
        self
    }

    /// Which release an archive is, if it may be taken. Whether it is the time for it is asked
    /// of the release.
    ///
    /// # Errors
    /// The first thing that keeps it from being taken.
    pub fn verify(&self, archive: &Archive) -> Result<Release, SignatureInvalid> {
        let revision = archive.manifest().revision.clone();
        let Some(file) = archive.signatures() else {
            if self.is_required {
                return Err(SignatureInvalid::Missing);
            }
            return Ok(Release::unsigned(revision));
        };
        if self.keys.is_empty() {
            if self.is_required {
                return Err(SignatureInvalid::NoKey);
            }
            return Ok(Release::unsigned(revision));
        }
        let text = SignatureFile::read(file)?.only()?;
        let token = Token::take_apart(&text)?;
        let claims = self.verified(&token)?;
        if claims.scope != self.scope {
            return Err(SignatureInvalid::Scope {
                found: claims.scope,
                wanted: self.scope.clone(),
            });
        }
        compare(archive, &claims.files)?;
        Ok(Release {
            revision,
            is_signed: true,
            key_id: claims.key_id,
            issued: claims.issued,
            begins: claims.begins,
            expires: claims.expires,
        })
    }

    /// The claims of a token that one of the keys signed.
    fn verified(&self, token: &Token<'_>) -> Result<token::Claims, SignatureInvalid> {
        jose::install();
        let algorithm = token.algorithm()?;
        let mut fitting = self.keys.iter().filter(|key| key.algorithm == algorithm);
        let Some(first) = fitting.next() else {
            return Err(SignatureInvalid::Algorithm {
                found: format!("{algorithm:?}"),
            });
        };
        let is_made_by = |key: &PublicKey| {
            let verified =
                jsonwebtoken::crypto::verify(token.signature, token.message, &key.key, algorithm);
            verified.unwrap_or(false)
        };
        if !is_made_by(first) && !fitting.any(is_made_by) {
            return Err(SignatureInvalid::Wrong);
        }
        let claims = token.claims()?;
        if let Some(wanted) = &self.key_id
            && claims.key_id.as_ref() != Some(wanted)
        {
            return Err(SignatureInvalid::KeyId {
                found: claims.key_id.unwrap_or_default(),
                wanted: wanted.clone(),
            });
        }
        Ok(claims)
    }
}

/// Holds the files of an archive against those that were signed, both ways.
fn compare(archive: &Archive, signed: &[SignedFile]) -> Result<(), SignatureInvalid> {
    let mut left = BTreeMap::new();
    for file in signed {
        if left.insert(file.name.as_str(), file).is_some() {
            return Err(SignatureInvalid::File {
                path: file.name.clone(),
                cause: "is named twice in the signature",
            });
        }
    }
    for (path, content) in archive.files() {
        let fault = |cause| SignatureInvalid::File {
            path: path.to_owned(),
            cause,
        };
        let file = left
            .remove(path)
            .ok_or_else(|| fault("is not in the signature"))?;
        let digest = digest::of(path, content, &file.algorithm)?;
        if !digest.eq_ignore_ascii_case(&file.hash) {
            return Err(fault("is not as it was signed"));
        }
    }
    match left.pop_first() {
        Some((path, _)) => Err(SignatureInvalid::File {
            path: path.to_owned(),
            cause: "was signed and is not in the archive",
        }),
        None => Ok(()),
    }
}

/// The place of messages about the file with the signatures.
pub(crate) const PLACE: &str = SIGNATURES;

#[cfg(test)]
mod tests;
