//! Signatures as tokens have them, with keys as OpenSSL writes them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto::{sign, verify};
use jsonwebtoken::jwk::Jwk;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};

use super::*;

const MESSAGE: &[u8] = b"header.claims";

#[test]
fn keys_of_openssl_sign_and_verify_and_another_message_does_not() {
    install();
    for (private, public, wanted) in [
        (
            &include_bytes!("keys/ed25519.pem")[..],
            &include_bytes!("keys/ed25519.pub.pem")[..],
            Algorithm::EdDSA,
        ),
        (
            include_bytes!("keys/p256.pem"),
            include_bytes!("keys/p256.pub.pem"),
            Algorithm::ES256,
        ),
    ] {
        let (signing, key) = signing_key(private).unwrap();
        let (verifying, public) = verifying_key(public).unwrap();
        assert_eq!((signing, verifying), (wanted, wanted));
        let signature = sign(MESSAGE, &key, wanted).unwrap();
        assert!(verify(&signature, MESSAGE, &public, wanted).unwrap());
        assert!(!verify(&signature, b"header.other", &public, wanted).unwrap());
        // Of fixed length: nothing of it can be left out.
        assert_eq!(URL_SAFE_NO_PAD.decode(&signature).unwrap().len(), 64);
    }
}

#[test]
fn generated_keys_sign_and_verify_and_others_do_not() {
    install();
    for kind in [&PKCS_ECDSA_P256_SHA256, &PKCS_ED25519] {
        let [one, other] = [(), ()].map(|()| KeyPair::generate_for(kind).unwrap());
        let (algorithm, key) = signing_key(one.serialize_pem().as_bytes()).unwrap();
        let signature = sign(MESSAGE, &key, algorithm).unwrap();
        for (pair, wanted) in [(&one, true), (&other, false)] {
            let (_, public) = verifying_key(pair.public_key_pem().as_bytes()).unwrap();
            let found = verify(&signature, MESSAGE, &public, algorithm).unwrap();
            assert_eq!(found, wanted);
        }
    }
}

#[test]
fn rs256_is_verified_from_2048_bits_on() {
    install();
    let private = include_bytes!("keys/rsa2048.pem");
    let der = PrivatePkcs8KeyDer::from_pem_slice(private).unwrap();
    let pair = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).unwrap();
    let mut signature = vec![0; pair.public().modulus_len()];
    let random = SystemRandom::new();
    pair.sign(&RSA_PKCS1_SHA256, &random, MESSAGE, &mut signature)
        .unwrap();
    let signature = URL_SAFE_NO_PAD.encode(signature);
    let (algorithm, public) = verifying_key(include_bytes!("keys/rsa2048.pub.pem")).unwrap();
    assert_eq!(algorithm, Algorithm::RS256);
    assert!(verify(&signature, MESSAGE, &public, algorithm).unwrap());
    assert!(!verify(&signature, b"other", &public, algorithm).unwrap());
    let short = verifying_key(include_bytes!("keys/rsa1024.pub.pem"));
    assert_eq!(short.err(), Some(KeyUnusable::Unknown));
    // RSA signs nothing here.
    let refused = signing_key(private);
    assert_eq!(refused.err(), Some(KeyUnusable::Unknown));
}

#[test]
fn a_key_of_another_curve_or_none_is_refused() {
    let p384 = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
    let private = signing_key(p384.serialize_pem().as_bytes());
    assert_eq!(private.err(), Some(KeyUnusable::Unknown));
    let public = verifying_key(p384.public_key_pem().as_bytes());
    assert_eq!(public.err(), Some(KeyUnusable::Unknown));
    for nothing in [
        &b""[..],
        b"-----BEGIN PUBLIC KEY-----",
        p384.public_key_pem().as_bytes(),
    ] {
        assert_eq!(signing_key(nothing).err(), Some(KeyUnusable::NoPrivateKey));
    }
    let private = verifying_key(p384.serialize_pem().as_bytes());
    assert_eq!(private.err(), Some(KeyUnusable::NoPublicKey));
}

#[test]
fn a_public_key_is_no_secret_of_a_keyed_digest() {
    install();
    let pem = include_bytes!("keys/ed25519.pub.pem");
    let (_, public) = verifying_key(pem).unwrap();
    let secret = DecodingKey::from_secret(pem).unwrap();
    let own = EncodingKey::from_secret(pem).unwrap();
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        assert!(sign(MESSAGE, &own, algorithm).is_err());
        for key in [&public, &secret] {
            assert!(verify("AAAA", MESSAGE, key, algorithm).is_err());
        }
    }
    // Nor is a key of one kind one of another.
    for algorithm in [Algorithm::ES256, Algorithm::RS256, Algorithm::ES384] {
        assert!(verify("AAAA", MESSAGE, &public, algorithm).is_err());
    }
}

#[test]
fn the_public_part_of_a_signing_key_is_told_as_jwk() {
    install();
    for pem in [
        &include_bytes!("keys/ed25519.pem")[..],
        include_bytes!("keys/p256.pem"),
    ] {
        let (algorithm, key) = signing_key(pem).unwrap();
        let jwk = Jwk::from_encoding_key(&key, algorithm).unwrap();
        let public = DecodingKey::from_jwk(&jwk).unwrap();
        let signature = sign(MESSAGE, &key, algorithm).unwrap();
        assert!(verify(&signature, MESSAGE, &public, algorithm).unwrap());
    }
}
