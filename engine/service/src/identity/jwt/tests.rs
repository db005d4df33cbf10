//! Tokens of each kind: the sound one is believed, and each other is refused with its cause.

use std::fs;

use base64::Engine as _;
use jsonwebtoken::crypto::sign;
use jsonwebtoken::{EncodingKey, get_current_timestamp};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, PublicKeyData as _};
use ring::hmac;
use serde_json::json;
use tempfile::TempDir;

use crate::config::{IdentitySection, IdentitySettings};
use crate::identity::Scope;
use crate::jose;

use super::*;

struct Bench {
    _folder: TempDir,
    ed: KeyPair,
    ec: KeyPair,
    issuers: Vec<Issuer>,
}

fn octets(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn private(pair: &KeyPair) -> (Algorithm, EncodingKey) {
    jose::signing_key(pair.serialize_pem().as_bytes()).unwrap()
}

impl Bench {
    fn new(rest: &str) -> Self {
        jose::install();
        let folder = tempfile::tempdir().unwrap();
        let ed = KeyPair::generate_for(&PKCS_ED25519).unwrap();
        let ec = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let point = ec.der_bytes();
        let keys = json!({"keys": [
            {"kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": octets(ed.der_bytes())},
            {"kty": "EC", "crv": "P-256", "kid": "ec",
             "x": octets(&point[1..33]), "y": octets(&point[33..])},
        ]});
        let file = folder.path().join("jwks.json");
        fs::write(&file, keys.to_string()).unwrap();
        let section: IdentitySection = serde_yaml::from_str(&format!(
            "jwt:\n- issuer: https://issuer\n  audiences: [embargo, other-name]\n  jwks_file: {}\n{rest}",
            file.display()
        ))
        .unwrap();
        let settings: IdentitySettings = section.settings().unwrap();
        let issuers = settings.jwt.iter().map(|one| Issuer::load(one).unwrap());
        let issuers = issuers.collect();
        Self {
            _folder: folder,
            ed,
            ec,
            issuers,
        }
    }

    fn told(&self, token: &str) -> Result<Arc<Principal>, Cause> {
        principal(&self.issuers, token)
    }

    /// A token with this header and these claims, signed by a key of the issuer.
    fn signed(&self, header: &Value, claims: &Value) -> String {
        signed_by(&self.ed, header, claims)
    }
}

fn unsigned(header: &Value, claims: &Value) -> String {
    format!(
        "{}.{}",
        octets(header.to_string().as_bytes()),
        octets(claims.to_string().as_bytes())
    )
}

fn signed_by(pair: &KeyPair, header: &Value, claims: &Value) -> String {
    let (algorithm, key) = private(pair);
    let message = unsigned(header, claims);
    let signature = sign(message.as_bytes(), &key, algorithm).unwrap();
    format!("{message}.{signature}")
}

fn claims() -> Value {
    let now = get_current_timestamp();
    json!({
        "iss": "https://issuer", "aud": "embargo", "sub": "mdm", "exp": now + 600, "nbf": now - 5,
        "scope": "decide explain unknown-word",
    })
}

fn with(key: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[key] = value;
    claims
}

fn without(key: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(key);
    claims
}

fn header() -> Value {
    json!({"alg": "EdDSA", "kid": "ed", "typ": "JWT"})
}

#[test]
fn a_sound_token_names_its_caller_and_what_it_may_do() {
    let bench = Bench::new("");
    let ec = json!({"alg": "ES256", "kid": "ec"});
    let no_kid = json!({"alg": "EdDSA"});
    for token in [
        bench.signed(&header(), &claims()),
        bench.signed(&no_kid, &claims()),
        bench.signed(&header(), &without("nbf")),
        bench.signed(&header(), &with("aud", json!(["x", "other-name"]))),
        bench.signed(&header(), &with("scope", json!(["decide", "explain"]))),
        signed_by(&bench.ec, &ec, &claims()),
    ] {
        let caller = bench.told(&token).unwrap();
        assert_eq!(
            (caller.name.as_str(), caller.kind),
            ("mdm", PrincipalKind::Jwt)
        );
        assert_eq!(caller.tenant, None);
        let wanted: Scopes = [Scope::Decide, Scope::Explain].into_iter().collect();
        assert_eq!(caller.scopes, wanted);
    }
    let none = bench.told(&bench.signed(&header(), &without("scope")));
    assert_eq!(none.unwrap().scopes, Scopes::default());
}

#[test]
fn each_wrong_token_is_refused_with_its_cause() {
    let bench = Bench::new("");
    let now = get_current_timestamp();
    let stranger = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    let sound = bench.signed(&header(), &claims());
    let (message, signature) = sound.rsplit_once('.').unwrap();
    let head = |header: Value| bench.signed(&header, &claims());
    let body = |claims: Value| bench.signed(&header(), &claims);
    let none = unsigned(&json!({"alg": "none", "kid": "ed"}), &claims());
    // The public key taken for a secret, in the forms in which it is known.
    let keyed = |secret: &[u8]| {
        let message = unsigned(&json!({"alg": "HS256", "kid": "ed"}), &claims());
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let tag = hmac::sign(&key, message.as_bytes());
        format!("{message}.{}", octets(tag.as_ref()))
    };
    let tampered = unsigned(&header(), &with("sub", json!("admin")));
    for (what, token, cause) in [
        (
            "expired",
            body(with("exp", json!(now - 60))),
            Cause::Expired,
        ),
        (
            "not yet",
            body(with("nbf", json!(now + 60))),
            Cause::NotYetValid,
        ),
        (
            "other audience",
            body(with("aud", json!("other"))),
            Cause::WrongAudience,
        ),
        (
            "no audience of it",
            body(with("aud", json!([]))),
            Cause::WrongAudience,
        ),
        (
            "other issuer",
            body(with("iss", json!("https://evil"))),
            Cause::WrongIssuer,
        ),
        (
            "issuers",
            body(with("iss", json!(["https://issuer"]))),
            Cause::WrongIssuer,
        ),
        (
            "no issuer",
            body(without("iss")),
            Cause::ClaimMissing("iss"),
        ),
        ("no end", body(without("exp")), Cause::ClaimMissing("exp")),
        (
            "end in words",
            body(with("exp", json!("never"))),
            Cause::ClaimMissing("exp"),
        ),
        (
            "negative end",
            body(with("exp", json!(-1))),
            Cause::ClaimMissing("exp"),
        ),
        (
            "begin in words",
            body(with("nbf", json!("now"))),
            Cause::Malformed,
        ),
        (
            "no audience",
            body(without("aud")),
            Cause::ClaimMissing("aud"),
        ),
        (
            "no subject",
            body(without("sub")),
            Cause::ClaimMissing("principal_claim"),
        ),
        (
            "empty subject",
            body(with("sub", json!(""))),
            Cause::ClaimMissing("principal_claim"),
        ),
        ("none", format!("{none}."), Cause::AlgorithmRefused),
        (
            "none, signed",
            format!("{none}.{signature}"),
            Cause::AlgorithmRefused,
        ),
        (
            "NONE",
            head(json!({"alg": "NONE"})),
            Cause::AlgorithmRefused,
        ),
        (
            "keyed by the key",
            keyed(bench.ed.der_bytes()),
            Cause::AlgorithmRefused,
        ),
        (
            "keyed by its PEM",
            keyed(bench.ed.public_key_pem().as_bytes()),
            Cause::AlgorithmRefused,
        ),
        (
            "HS512",
            head(json!({"alg": "HS512", "kid": "ed"})),
            Cause::AlgorithmRefused,
        ),
        (
            "ES384",
            head(json!({"alg": "ES384", "kid": "ec"})),
            Cause::AlgorithmRefused,
        ),
        (
            "RS256",
            head(json!({"alg": "RS256", "kid": "ed"})),
            Cause::AlgorithmRefused,
        ),
        (
            "other kind of key",
            head(json!({"alg": "ES256", "kid": "ed"})),
            Cause::AlgorithmRefused,
        ),
        (
            "unknown key",
            head(json!({"alg": "EdDSA", "kid": "old"})),
            Cause::UnknownKey,
        ),
        (
            "other key",
            signed_by(&stranger, &header(), &claims()),
            Cause::BadSignature,
        ),
        (
            "its own key",
            head(json!({"alg": "EdDSA", "kid": "x", "jwk": {"kty": "OKP",
            "crv": "Ed25519", "x": octets(stranger.der_bytes())}})),
            Cause::UnknownKey,
        ),
        (
            "tampered",
            format!("{tampered}.{signature}"),
            Cause::BadSignature,
        ),
        ("no signature", format!("{message}."), Cause::BadSignature),
        (
            "cut",
            sound.split_at(sound.len() - 6).0.to_owned(),
            Cause::BadSignature,
        ),
        (
            "critical",
            head(json!({"alg": "EdDSA", "kid": "ed", "crit": ["exp"], "exp": 1})),
            Cause::CriticalHeader,
        ),
        (
            "two algorithms",
            {
                let twice = octets(br#"{"alg":"EdDSA","alg":"none","kid":"ed"}"#);
                format!(
                    "{twice}.{}.{signature}",
                    octets(claims().to_string().as_bytes())
                )
            },
            Cause::Malformed,
        ),
        ("no parts", "abc".to_owned(), Cause::Malformed),
        ("two parts", message.to_owned(), Cause::Malformed),
        ("four parts", format!("{sound}.x"), Cause::Malformed),
        ("no base64", format!("!{sound}"), Cause::Malformed),
        (
            "large",
            body(with("x", json!("x".repeat(8_192)))),
            Cause::Malformed,
        ),
    ] {
        assert_eq!(bench.told(&token).err(), Some(cause), "{what}");
    }
    assert!(bench.told(&sound).is_ok());
}

#[test]
fn clocks_may_differ_by_the_leeway_and_no_more() {
    let bench = Bench::new("  leeway: 2m\n");
    let now = get_current_timestamp();
    for (key, sound, wrong, cause) in [
        ("exp", now - 100, now - 140, Cause::Expired),
        ("nbf", now + 100, now + 140, Cause::NotYetValid),
    ] {
        let told = |time: u64| bench.told(&bench.signed(&header(), &with(key, json!(time))));
        assert!(told(sound).is_ok(), "{key}");
        assert_eq!(told(wrong).err(), Some(cause));
    }
}

#[test]
fn claims_are_named_by_settings_and_bounded_by_them() {
    let bench = Bench::new(
        "  tenant_claim: org\n  principal_claim: client_id\n  principal_prefix: 'corp:'\n  scopes_claim: roles\n  scopes: {'embargo/all': [decide, explain, admin]}\n  scopes_limit: [decide, explain]\n",
    );
    let mut claims = with("org", json!("acme"));
    claims["client_id"] = json!("gate");
    claims["roles"] = json!(["embargo/all", "policy-read", 7]);
    let caller = bench.told(&bench.signed(&header(), &claims)).unwrap();
    assert_eq!(caller.name, "corp:gate");
    assert_eq!(caller.tenant.as_deref(), Some("acme"));
    let wanted: Scopes = [Scope::Decide, Scope::Explain].into_iter().collect();
    assert_eq!(caller.scopes, wanted);
    claims.as_object_mut().unwrap().remove("org");
    let refused = bench.told(&bench.signed(&header(), &claims));
    assert_eq!(refused.err(), Some(Cause::ClaimMissing("tenant_claim")));
}

#[test]
fn an_algorithm_is_accepted_by_choice() {
    let bench = Bench::new("  algorithms: [ES256]\n");
    let refused = bench.told(&bench.signed(&header(), &claims()));
    assert_eq!(refused.err(), Some(Cause::AlgorithmRefused));
    let ec = json!({"alg": "ES256", "kid": "ec"});
    assert!(bench.told(&signed_by(&bench.ec, &ec, &claims())).is_ok());
}

#[test]
fn keys_are_taken_up_when_their_file_changes() {
    let bench = Bench::new("");
    let next = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    let head = json!({"alg": "EdDSA", "kid": "next"});
    let token = signed_by(&next, &head, &claims());
    assert_eq!(bench.told(&token).err(), Some(Cause::UnknownKey));
    let file = bench._folder.path().join("jwks.json");
    let x = octets(next.der_bytes());
    let keys = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "next", "x": x}]});
    fs::write(&file, keys.to_string()).unwrap();
    use crate::material::Material as _;
    bench.issuers[0].keys().look();
    assert!(bench.told(&token).is_ok());
    let former = bench.told(&bench.signed(&header(), &claims()));
    assert_eq!(former.err(), Some(Cause::UnknownKey));
    // A broken file takes the place of nothing.
    fs::write(&file, "{").unwrap();
    bench.issuers[0].keys().look();
    bench.issuers[0].keys().look();
    assert!(bench.told(&token).is_ok());
    assert!(bench.issuers[0].keys().state().fault.is_some());
}
