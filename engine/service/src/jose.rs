//! Signatures of JSON Web Tokens, made and verified by *ring*: ES256, `EdDSA` with Ed25519, RS256.
//!
//! `jsonwebtoken` takes tokens apart and checks their claims, and has no cryptography of its own
//! here. What it is given knows three algorithms: keyed digests (`HS256` and the like) are none of
//! them, so that no public key can be mistaken for a secret, whatever a token says of itself. RS256
//! is verified only, from 2,048 bits to 8,192.

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::jwk::{EllipticCurve, ThumbprintHash};
use jsonwebtoken::signature::{self, Signer, Verifier};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind, EncodingKey};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair,
    Ed25519KeyPair, KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::SubjectPublicKeyInfoDer;
use rustls_pki_types::pem::PemObject as _;
use thiserror::Error;
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

/// Bytes of a coordinate of P-256.
const COORDINATE: usize = 32;
/// Bytes of the shortest modulus of RSA.
const RSA_BYTES: usize = 2_048 / 8;
/// What stands before the coordinates of a point that is written out in full.
const UNCOMPRESSED: u8 = 4;

const EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";
const P256: &str = "1.2.840.10045.3.1.7";
const ED25519_KEY: &str = "1.3.101.112";
const RSA_KEY: &str = "1.2.840.113549.1.1.1";

/// Makes *ring* what all signatures and all TLS of this process are made with. May be called as
/// often as one likes, and comes before the first token and the first connection.
pub fn install() {
    // Fails where it was done before, which is as good.
    let _ = PROVIDER.install_default();
    let _ = rustls::crypto::ring::default_provider().install_default();
}

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: signer,
    verifier_factory: verifier,
    key_utils: KeyUtils {
        rsa_pub_components_from_private_key: no_components,
        rsa_pub_components_from_public_key: no_components,
        ec_pub_components_from_private_key: ec_components,
        ed_pub_components_from_private_key: ed_component,
        compute_digest: digest,
    },
};

/// Why a key cannot be used. Nothing of the key is part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyUnusable {
    /// There is no such section.
    #[error(
        "there is no private key in it\n  hint: write it in PEM as PKCS #8, as `openssl genpkey -algorithm ed25519` does"
    )]
    NoPrivateKey,
    /// There is no such section.
    #[error(
        "there is no public key in it\n  hint: write it in PEM, as `openssl pkey -pubout` does"
    )]
    NoPublicKey,
    /// It is of another kind, too short, or broken.
    #[error(
        "the key is none that is known here, or is broken\n  hint: use Ed25519 or P-256 (`openssl genpkey -algorithm ed25519`)"
    )]
    Unknown,
}

/// Reads a private key, and which algorithm signs with it: `EdDSA` or ES256. PEM, PKCS #8.
///
/// # Errors
/// If there is none, or it is of another kind.
pub fn signing_key(pem: &[u8]) -> Result<(Algorithm, EncodingKey), KeyUnusable> {
    let key = PrivatePkcs8KeyDer::from_pem_slice(pem).map_err(|_| KeyUnusable::NoPrivateKey)?;
    let der = key.secret_pkcs8_der();
    if ed_pair(der).is_ok() {
        return Ok((Algorithm::EdDSA, EncodingKey::from_ed_der(der)));
    }
    if ec_pair(der).is_ok() {
        return Ok((Algorithm::ES256, EncodingKey::from_ec_der(der)));
    }
    Err(KeyUnusable::Unknown)
}

/// Reads a public key, and which algorithm it verifies: `EdDSA`, ES256 or RS256. PEM.
///
/// # Errors
/// If there is none, or it is of another kind.
pub fn verifying_key(pem: &[u8]) -> Result<(Algorithm, DecodingKey), KeyUnusable> {
    let key = SubjectPublicKeyInfoDer::from_pem_slice(pem).map_err(|_| KeyUnusable::NoPublicKey)?;
    let (rest, info) = SubjectPublicKeyInfo::from_der(&key).map_err(|_| KeyUnusable::Unknown)?;
    let bits: &[u8] = &info.subject_public_key.data;
    let curve = info.algorithm.parameters.as_ref();
    let curve = curve.and_then(|any| any.as_oid().ok());
    match info.algorithm.algorithm.to_id_string().as_str() {
        _ if !rest.is_empty() => Err(KeyUnusable::Unknown),
        ED25519_KEY if bits.len() == COORDINATE => {
            Ok((Algorithm::EdDSA, DecodingKey::from_ed_der(bits)))
        }
        EC_PUBLIC_KEY
            if curve.is_some_and(|curve| curve.to_id_string() == P256) && is_point(bits) =>
        {
            Ok((Algorithm::ES256, DecodingKey::from_ec_der(bits)))
        }
        RSA_KEY if is_long(&info) => Ok((Algorithm::RS256, DecodingKey::from_rsa_der(bits))),
        _ => Err(KeyUnusable::Unknown),
    }
}

fn is_long(info: &SubjectPublicKeyInfo<'_>) -> bool {
    matches!(info.parsed(), Ok(PublicKey::RSA(key)) if is_long_modulus(key.modulus))
}

/// Whether a modulus of RSA has the 2,048 bits that RS256 asks for.
pub(crate) fn is_long_modulus(modulus: &[u8]) -> bool {
    let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
    let bytes = modulus.get(zeros..).unwrap_or_default();
    bytes.len() > RSA_BYTES
        || (bytes.len() == RSA_BYTES && bytes.first().is_some_and(|byte| *byte >= 0x80))
}

/// Whether these bytes may be a point of P-256, as ES256 has its keys.
pub(crate) fn is_point(bytes: &[u8]) -> bool {
    bytes.len() == 1 + 2 * COORDINATE && bytes.first() == Some(&UNCOMPRESSED)
}

enum Signs {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
}

impl Signer<Vec<u8>> for Signs {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        let signature = match self {
            Self::Es256(pair) => pair
                .sign(&SystemRandom::new(), message)
                .map_err(|_| signature::Error::new())?,
            Self::EdDsa(pair) => pair.sign(message),
        };
        Ok(signature.as_ref().to_vec())
    }
}

impl JwtSigner for Signs {
    fn algorithm(&self) -> Algorithm {
        match self {
            Self::Es256(_) => Algorithm::ES256,
            Self::EdDsa(_) => Algorithm::EdDSA,
        }
    }
}

fn signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    let der = key.as_bytes();
    let signs = match (algorithm, key.family()) {
        (Algorithm::ES256, AlgorithmFamily::Ec) => Signs::Es256(ec_pair(der)?),
        (Algorithm::EdDSA, AlgorithmFamily::Ed) => Signs::EdDsa(ed_pair(der)?),
        _ => return Err(ErrorKind::UnsupportedAlgorithm.into()),
    };
    Ok(Box::new(signs))
}

/// A key of the family that the algorithm asks for.
struct Verifies {
    algorithm: Algorithm,
    key: DecodingKey,
}

impl Verifier<Vec<u8>> for Verifies {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let verified = match (self.algorithm, self.key.kind()) {
            (Algorithm::ES256, DecodingKeyKind::SecretOrDer(point)) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            (Algorithm::EdDSA, DecodingKeyKind::SecretOrDer(point)) => {
                UnparsedPublicKey::new(&ED25519, point).verify(message, signature)
            }
            (Algorithm::RS256, DecodingKeyKind::SecretOrDer(der)) => {
                UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der).verify(message, signature)
            }
            (Algorithm::RS256, DecodingKeyKind::RsaModulusExponent { n, e }) => {
                RsaPublicKeyComponents { n, e }.verify(
                    &RSA_PKCS1_2048_8192_SHA256,
                    message,
                    signature,
                )
            }
            _ => Err(ring::error::Unspecified),
        };
        verified.map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Verifies {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    match (algorithm, key.family()) {
        (Algorithm::ES256, AlgorithmFamily::Ec)
        | (Algorithm::EdDSA, AlgorithmFamily::Ed)
        | (Algorithm::RS256, AlgorithmFamily::Rsa) => Ok(Box::new(Verifies {
            algorithm: *algorithm,
            key: key.clone(),
        })),
        _ => Err(ErrorKind::UnsupportedAlgorithm.into()),
    }
}

fn ec_pair(der: &[u8]) -> Result<EcdsaKeyPair, Error> {
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    EcdsaKeyPair::from_pkcs8(algorithm, der, &SystemRandom::new())
        .map_err(|_| ErrorKind::InvalidEcdsaKey.into())
}

fn ed_pair(der: &[u8]) -> Result<Ed25519KeyPair, Error> {
    // Also without the public key beside it, as OpenSSL writes it.
    Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map_err(|_| ErrorKind::InvalidEddsaKey.into())
}

type Components = Result<(Vec<u8>, Vec<u8>), Error>;

fn no_components(_: &[u8]) -> Components {
    Err(ErrorKind::UnsupportedAlgorithm.into())
}

fn ec_components(
    der: &[u8],
    algorithm: Algorithm,
) -> Result<(EllipticCurve, Vec<u8>, Vec<u8>), Error> {
    if algorithm != Algorithm::ES256 {
        return Err(ErrorKind::UnsupportedAlgorithm.into());
    }
    let pair = ec_pair(der)?;
    let point = pair.public_key().as_ref().get(1..).unwrap_or_default();
    let (x, y) = point
        .split_at_checked(COORDINATE)
        .ok_or(ErrorKind::InvalidEcdsaKey)?;
    Ok((EllipticCurve::P256, x.to_vec(), y.to_vec()))
}

fn ed_component(der: &[u8], curve: &EllipticCurve) -> Result<Vec<u8>, Error> {
    if *curve != EllipticCurve::Ed25519 {
        return Err(ErrorKind::UnsupportedAlgorithm.into());
    }
    Ok(ed_pair(der)?.public_key().as_ref().to_vec())
}

fn digest(data: &[u8], hash: ThumbprintHash) -> Result<Vec<u8>, Error> {
    let algorithm = match hash {
        ThumbprintHash::SHA256 => &ring::digest::SHA256,
        ThumbprintHash::SHA384 => &ring::digest::SHA384,
        ThumbprintHash::SHA512 => &ring::digest::SHA512,
        _ => return Err(ErrorKind::UnsupportedAlgorithm.into()),
    };
    Ok(ring::digest::digest(algorithm, data).as_ref().to_vec())
}

#[cfg(test)]
mod tests;
