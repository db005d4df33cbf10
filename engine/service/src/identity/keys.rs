//! Keys of an issuer: a JSON Web Key Set (RFC 7517) of which only public keys of the accepted
//! algorithms are taken.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use crate::jose;

use super::Cause;

/// Keys at most.
const KEYS: usize = 1_000;
/// Bytes of a coordinate, and of a key of Ed25519.
const COORDINATE: usize = 32;

/// Keys of an issuer.
pub(super) struct Keys(Vec<Key>);

struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Entry>,
}

/// What is read of a key. What else it has does not count.
#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    kty: String,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    /// What only a private key has.
    d: Option<Value>,
}

impl Keys {
    /// Reads a key set, of which keys of `accepted` algorithms are kept.
    ///
    /// # Errors
    /// What is wrong with it, and what to do.
    pub(super) fn read(content: &[u8], accepted: &[Algorithm]) -> Result<Self, String> {
        // The cause may repeat a value, and a key set may hold a private key.
        let set: Set = serde_json::from_slice(content).map_err(|cause| {
            format!(
                "it is no JSON Web Key Set (line {}, column {})\n  hint: take it as the issuer publishes it, with `keys` as a list",
                cause.line(),
                cause.column()
            )
        })?;
        if set.keys.len() > KEYS {
            return Err(format!(
                "it has {} keys, and may have {KEYS}\n  hint: leave out those that nobody signs with",
                set.keys.len()
            ));
        }
        let mut keys: Vec<Key> = Vec::new();
        for (at, entry) in set.keys.into_iter().enumerate() {
            let place = at + 1;
            if entry.d.is_some() {
                return Err(format!(
                    "key {place} is private\n  hint: take its `d` out; whoever reads the file can issue tokens, so replace the key"
                ));
            }
            let Some(algorithm) = entry.algorithm().filter(|one| accepted.contains(one)) else {
                continue;
            };
            let key = entry.key(algorithm).ok_or_else(|| {
                format!("key {place} is broken, or too short\n  hint: take it as the issuer publishes it; RSA has at least 2,048 bits")
            })?;
            let is_known = |one: &Key| one.id == entry.kid && one.algorithm == algorithm;
            if entry.kid.is_some() && keys.iter().any(is_known) {
                return Err(format!(
                    "key {place} has the `kid` of another one\n  hint: give each key one of its own"
                ));
            }
            keys.push(Key {
                id: entry.kid,
                algorithm,
                key,
            });
        }
        if keys.is_empty() {
            return Err("it has no key of an accepted algorithm\n  hint: compare it with `algorithms` of the issuer in `identity.jwt`".to_owned());
        }
        Ok(Self(keys))
    }

    /// The key that a token names, for the algorithm that it names.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) fn find(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<&DecodingKey, Cause> {
        let named = |key: &&Key| id.is_none_or(|id| key.id.as_deref() == Some(id));
        let fits = |key: &&Key| named(key) && key.algorithm == algorithm;
        let mut fitting = self.0.iter().filter(fits);
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Ok(&only.key),
            (None, _) if id.is_some() && self.0.iter().any(|key| named(&key)) => {
                Err(Cause::AlgorithmRefused)
            }
            _ => Err(Cause::UnknownKey),
        }
    }
}

impl Entry {
    /// The algorithm that it is made for. None if it is for another use, or of another kind.
    fn algorithm(&self) -> Option<Algorithm> {
        let (algorithm, names): (_, &[&str]) = match (self.kty.as_str(), self.crv.as_deref()) {
            ("EC", Some("P-256")) => (Algorithm::ES256, &["ES256"]),
            ("OKP", Some("Ed25519")) => (Algorithm::EdDSA, &["EdDSA", "Ed25519"]),
            ("RSA", _) => (Algorithm::RS256, &["RS256"]),
            _ => return None,
        };
        let is_named = self.alg.as_deref().is_none_or(|alg| names.contains(&alg));
        let is_to_sign = self
            .purpose
            .as_deref()
            .is_none_or(|purpose| purpose == "sig");
        let operations = self.key_ops.as_ref();
        let verifies = operations.is_none_or(|all| all.iter().any(|one| one == "verify"));
        (is_named && is_to_sign && verifies).then_some(algorithm)
    }

    fn key(&self, algorithm: Algorithm) -> Option<DecodingKey> {
        let bytes = |part: &Option<String>| URL_SAFE_NO_PAD.decode(part.as_deref()?).ok();
        match algorithm {
            Algorithm::ES256 => {
                let (x, y) = (bytes(&self.x)?, bytes(&self.y)?);
                if x.len() != COORDINATE || y.len() != COORDINATE {
                    return None;
                }
                let point = [&[4], x.as_slice(), y.as_slice()].concat();
                jose::is_point(&point).then(|| DecodingKey::from_ec_der(&point))
            }
            Algorithm::EdDSA => {
                let x = bytes(&self.x).filter(|x| x.len() == COORDINATE)?;
                Some(DecodingKey::from_ed_der(&x))
            }
            Algorithm::RS256 => {
                let (n, e) = (bytes(&self.n)?, bytes(&self.e)?);
                // RFC 7518 has no leading zeros; some issuers write one.
                let strip = |bytes: &[u8]| {
                    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
                    bytes.get(zeros..).unwrap_or_default().to_vec()
                };
                let (n, e) = (strip(&n), strip(&e));
                let is_sound = jose::is_long_modulus(&n) && !e.is_empty();
                is_sound.then(|| DecodingKey::from_rsa_raw_components(&n, &e))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Algorithm; 3] = [Algorithm::ES256, Algorithm::EdDSA, Algorithm::RS256];

    fn octets(count: usize) -> String {
        URL_SAFE_NO_PAD.encode(vec![0xab; count])
    }

    fn ed(rest: &str) -> String {
        format!(
            r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"{rest}}}"#,
            octets(32)
        )
    }

    fn read(keys: &[String]) -> Result<Keys, String> {
        let set = format!(r#"{{"keys":[{}]}}"#, keys.join(","));
        Keys::read(set.as_bytes(), &ALL)
    }

    #[test]
    fn a_key_is_found_by_its_id_and_its_algorithm() {
        let ec = format!(
            r#"{{"kty":"EC","crv":"P-256","x":"{0}","y":"{0}","kid":"b"}}"#,
            octets(32)
        );
        let keys = read(&[ed(r#","kid":"a""#), ec]).unwrap();
        assert!(keys.find(Some("a"), Algorithm::EdDSA).is_ok());
        assert!(keys.find(Some("b"), Algorithm::ES256).is_ok());
        // Without an id if there is one only.
        assert!(keys.find(None, Algorithm::ES256).is_ok());
        for (id, algorithm, cause) in [
            (Some("c"), Algorithm::EdDSA, Cause::UnknownKey),
            (Some("a"), Algorithm::ES256, Cause::AlgorithmRefused),
            (Some("a"), Algorithm::RS256, Cause::AlgorithmRefused),
            (None, Algorithm::RS256, Cause::UnknownKey),
        ] {
            assert_eq!(keys.find(id, algorithm).err(), Some(cause), "{id:?}");
        }
        let two = read(&[ed(r#","kid":"a""#), ed(r#","kid":"b""#)]).unwrap();
        assert_eq!(
            two.find(None, Algorithm::EdDSA).err(),
            Some(Cause::UnknownKey)
        );
    }

    #[test]
    fn keys_for_other_uses_are_left_out() {
        let fitting = ed(r#","kid":"fits","use":"sig","key_ops":["verify"],"alg":"EdDSA""#);
        let others = [
            ed(r#","kid":"x","use":"enc""#),
            ed(r#","kid":"x","key_ops":["sign"]"#),
            ed(r#","kid":"x","alg":"ES256""#),
            r#"{"kty":"oct","k":"AAAA","kid":"x"}"#.to_owned(),
            r#"{"kty":"EC","crv":"P-384","kid":"x"}"#.to_owned(),
            r#"{"kty":"new","kid":"x"}"#.to_owned(),
        ];
        for other in others {
            let keys = read(&[fitting.clone(), other.clone()]).unwrap();
            assert!(keys.find(Some("fits"), Algorithm::EdDSA).is_ok());
            let found = keys.find(Some("x"), Algorithm::EdDSA).err();
            assert_eq!(found, Some(Cause::UnknownKey), "{other}");
            assert!(read(&[other]).err().unwrap().contains("no key"));
        }
    }

    #[test]
    fn a_set_says_what_is_wrong_with_it_and_repeats_nothing() {
        let rsa = |bytes| format!(r#"{{"kty":"RSA","n":"{}","e":"AQAB"}}"#, octets(bytes));
        assert!(read(&[rsa(256)]).is_ok());
        for (key, part) in [
            (rsa(128), "too short"),
            (ed(r#","d":"c2VjcmV0""#), "is private"),
            (ed("").replace(&octets(32), &octets(31)), "broken"),
            (
                r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#.to_owned(),
                "broken",
            ),
            (
                r#"{"kty":"RSA","n":7,"d":"c2VjcmV0"}"#.to_owned(),
                "no JSON Web Key Set",
            ),
        ] {
            let said = read(&[key]).err().unwrap();
            assert!(said.contains(part), "{said}");
            assert!(!said.contains("c2VjcmV0"), "{said}");
        }
        let twice = read(&[ed(r#","kid":"a""#), ed(r#","kid":"a""#)]);
        assert!(twice.err().unwrap().contains("key 2"));
        assert!(read(&[]).is_err());
        let accepted = [Algorithm::ES256];
        assert!(Keys::read(br#"{"keys":[]}"#, &accepted).is_err());
    }
}
