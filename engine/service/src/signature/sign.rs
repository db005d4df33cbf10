//! Signing: the token that OPA verifies, too.

use embargo_core::instant::Instant;
use jsonwebtoken::{Algorithm, EncodingKey};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Map, Value, json};
use thiserror::Error;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::archive::{Archive, ArchiveInvalid, WriteArchiveError, write_signed};
use crate::jose::{self, KeyUnusable};

use super::SignatureInvalid;
use super::digest;
use super::token::{SignatureFile, SignedFile};

/// What stands before the bytes of a public key of Ed25519 in its DER: an algorithm and no more.
const ED25519_PUBLIC: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];
/// What stands before the seed of a private key in its DER, in the first version of PKCS #8,
/// which OpenSSL reads, too.
const ED25519_PRIVATE: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
/// Bytes of a seed.
const SEED: usize = 32;
/// Characters of a line of PEM.
const LINE: usize = 64;

/// Why a bundle is not signed.
#[derive(Debug, Error)]
pub enum SignError {
    /// It cannot be read.
    #[error(transparent)]
    Archive(#[from] ArchiveInvalid),
    /// The key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyUnusable),
    /// A file has no digest.
    #[error(transparent)]
    Digest(#[from] SignatureInvalid),
    /// The key does not sign.
    #[error("the key does not sign\n  hint: make another by `embargo bundle key`")]
    Unsigned,
    /// No chance is to be had from the system.
    #[error("the system gives no random numbers")]
    NoChance,
    /// The archive cannot be written.
    #[error(transparent)]
    Written(#[from] WriteArchiveError),
}

/// How a bundle is signed.
pub struct Signing {
    algorithm: Algorithm,
    key: EncodingKey,
    /// What the key is called.
    pub key_id: Option<String>,
    /// What the bundle is signed for.
    pub scope: Option<String>,
    /// When.
    pub issued: Instant,
    /// Until when it holds; for ever without.
    pub expires: Option<Instant>,
}

impl std::fmt::Debug for Signing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Signing").field(&self.algorithm).finish()
    }
}

impl Signing {
    /// By a private key of Ed25519 or P-256 in PEM, as PKCS #8.
    ///
    /// # Errors
    /// If it is none of these.
    pub fn by(pem: &[u8], issued: Instant) -> Result<Self, KeyUnusable> {
        let (algorithm, key) = jose::signing_key(pem)?;
        Ok(Self {
            algorithm,
            key,
            key_id: None,
            scope: None,
            issued,
            expires: None,
        })
    }

    /// Signs an archive, in place of the signature that it may have.
    ///
    /// # Errors
    /// If it is no archive, or a file in it has no digest.
    pub fn sign(&self, packed: &[u8]) -> Result<Vec<u8>, SignError> {
        let archive = Archive::read(packed)?;
        let files = archive.files().map(|(path, content)| {
            let hash = digest::of(path, content, digest::OURS)?;
            Ok(SignedFile {
                name: path.to_owned(),
                hash,
                algorithm: digest::OURS.to_owned(),
            })
        });
        let files = files.collect::<Result<Vec<_>, SignatureInvalid>>()?;
        let file = SignatureFile::of(self.token(&files)?);
        let signatures = serde_json::to_vec(&file).map_err(|_| SignError::Unsigned)?;
        Ok(write_signed(&archive, &signatures)?)
    }

    fn token(&self, files: &[SignedFile]) -> Result<String, SignError> {
        jose::install();
        let mut header = Map::new();
        header.insert("alg".to_owned(), json!(format!("{:?}", self.algorithm)));
        header.insert("typ".to_owned(), json!("JWT"));
        let mut payload = Map::new();
        payload.insert("files".to_owned(), json!(files));
        payload.insert("iat".to_owned(), json!(seconds(self.issued)));
        if let Some(expires) = self.expires {
            payload.insert("exp".to_owned(), json!(seconds(expires)));
        }
        if let Some(scope) = &self.scope {
            payload.insert("scope".to_owned(), json!(scope));
        }
        if let Some(key_id) = &self.key_id {
            header.insert("kid".to_owned(), json!(key_id));
            // Where older versions of OPA look for it.
            payload.insert("keyid".to_owned(), json!(key_id));
        }
        let encoded =
            |part: Map<String, Value>| URL_SAFE_NO_PAD.encode(Value::from(part).to_string());
        let message = format!("{}.{}", encoded(header), encoded(payload));
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.key, self.algorithm)
            .map_err(|_| SignError::Unsigned)?;
        Ok(format!("{message}.{signature}"))
    }
}

fn seconds(instant: Instant) -> i64 {
    instant.to_unix().0
}

/// A new key of Ed25519: the private part and the public part, both in PEM.
///
/// # Errors
/// If the system gives no random numbers.
pub fn new_key() -> Result<(String, String), SignError> {
    let mut seed = [0; SEED];
    SystemRandom::new()
        .fill(&mut seed)
        .map_err(|_| SignError::NoChance)?;
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| SignError::NoChance)?;
    let private = [&ED25519_PRIVATE[..], &seed].concat();
    let public = [&ED25519_PUBLIC[..], pair.public_key().as_ref()].concat();
    Ok((pem("PRIVATE KEY", &private), pem("PUBLIC KEY", &public)))
}

fn pem(label: &str, der: &[u8]) -> String {
    let text: Vec<char> = STANDARD.encode(der).chars().collect();
    let lines: String = text
        .chunks(LINE)
        .map(|line| line.iter().collect::<String>() + "\n")
        .collect();
    format!("-----BEGIN {label}-----\n{lines}-----END {label}-----\n")
}
