//! An issuer of JSON Web Tokens, for tests.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use embargo_service::jose;
use jsonwebtoken::{crypto::sign, get_current_timestamp};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, PublicKeyData as _};
use ring::hmac;
use serde_json::{Value, json};

pub(super) struct Issuer {
    pub(super) ed: KeyPair,
    pub(super) ec: KeyPair,
}

impl Issuer {
    pub(super) fn new() -> Self {
        jose::install();
        Self {
            ed: KeyPair::generate_for(&PKCS_ED25519).unwrap(),
            ec: KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap(),
        }
    }

    /// Its keys, as it publishes them.
    pub(super) fn keys(&self) -> String {
        let point = self.ec.der_bytes();
        json!({"keys": [
            {"kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": octets(self.ed.der_bytes())},
            {"kty": "EC", "crv": "P-256", "kid": "ec",
             "x": octets(&point[1..33]), "y": octets(&point[33..])},
        ]})
        .to_string()
    }

    pub(super) fn token(&self, claims: &Value) -> String {
        signed(&self.ed, &json!({"alg": "EdDSA", "kid": "ed"}), claims)
    }

    /// One that is keyed by the public key, as if that were a secret.
    pub(super) fn keyed(&self, claims: &Value) -> String {
        let message = unsigned(&json!({"alg": "HS256", "kid": "ed"}), claims);
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.ed.der_bytes());
        let tag = hmac::sign(&key, message.as_bytes());
        format!("{message}.{}", octets(tag.as_ref()))
    }
}

pub(super) fn claims(scope: &str) -> Value {
    let now = get_current_timestamp();
    json!({"iss": "https://issuer", "aud": "embargo", "sub": "mdm", "exp": now + 600, "scope": scope})
}

pub(super) fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |part: &Value| octets(part.to_string().as_bytes());
    format!("{}.{}", part(header), part(claims))
}

pub(super) fn signed(pair: &KeyPair, header: &Value, claims: &Value) -> String {
    let (algorithm, key) = jose::signing_key(pair.serialize_pem().as_bytes()).unwrap();
    let message = unsigned(header, claims);
    let signature = sign(message.as_bytes(), &key, algorithm).unwrap();
    format!("{message}.{signature}")
}

pub(super) fn octets(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
