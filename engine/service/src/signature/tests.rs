use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use embargo_core::instant::Instant;
use serde_json::{Value, json};

use super::*;
use crate::archive::{Manifest, pack};

type Files = BTreeMap<String, Vec<u8>>;

const RULE: &[u8] = b"package restrictions.one\n";

fn key() -> (String, String) {
    new_key().unwrap()
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn noon() -> Instant {
    at("2024-06-01T12:00:00Z")
}

fn plain(revision: &str) -> Vec<u8> {
    let files: [(&str, &[u8]); 2] = [("rules/one.rego", RULE), ("data/x/data.json", b"{ }")];
    pack(&Manifest::of(revision), files, None).unwrap()
}

fn signing(private: &str) -> Signing {
    Signing::by(private.as_bytes(), noon()).unwrap()
}

fn verified(packed: &[u8], trust: &Trust) -> Result<Release, &'static str> {
    let archive = Archive::read(packed).unwrap();
    trust.verify(&archive).map_err(|invalid| invalid.code())
}

/// Packs the files of an archive anew, some of them changed, with its signature.
fn tampered(packed: &[u8], change: impl FnOnce(&mut BTreeMap<String, Vec<u8>>)) -> Vec<u8> {
    let archive = Archive::read(packed).unwrap();
    let mut files: BTreeMap<String, Vec<u8>> = archive
        .files()
        .map(|(path, content)| (path.to_owned(), content.to_vec()))
        .collect();
    files.insert(
        SIGNATURES.to_owned(),
        archive.signatures().unwrap().to_vec(),
    );
    change(&mut files);
    crate::archive::testing::packed_as_they_are(&files)
}

#[test]
fn what_a_pinned_key_signed_is_taken_with_what_is_said_there() {
    for (private, public) in [
        key(),
        (
            include_str!("../jose/keys/p256.pem").to_owned(),
            include_str!("../jose/keys/p256.pub.pem").to_owned(),
        ),
        (
            include_str!("../jose/keys/ed25519.pem").to_owned(),
            include_str!("../jose/keys/ed25519.pub.pem").to_owned(),
        ),
    ] {
        let mut signing = signing(&private);
        signing.key_id = Some("k1".to_owned());
        signing.scope = Some("write".to_owned());
        signing.expires = Some(at("2024-07-01T12:00:00Z"));
        let signed = signing.sign(&plain("7")).unwrap();
        let trust = Trust::in_keys(&public)
            .unwrap()
            .of_key_id(Some("k1".to_owned()))
            .for_scope("write".to_owned());
        let release = verified(&signed, &trust).unwrap();
        assert_eq!(
            release,
            Release {
                revision: "7".to_owned(),
                is_signed: true,
                key_id: Some("k1".to_owned()),
                issued: Some(noon()),
                begins: None,
                expires: Some(at("2024-07-01T12:00:00Z")),
            }
        );
    }
}

#[test]
fn signing_with_a_key_of_ed25519_gives_the_same_bytes_each_time() {
    let (private, _) = key();
    let signing = signing(&private);
    let once = signing.sign(&plain("7")).unwrap();
    assert_eq!(once, signing.sign(&plain("7")).unwrap());
    // And signing anew takes the place of what was there.
    assert_eq!(once, signing.sign(&once).unwrap());
}

#[test]
fn what_is_not_signed_is_taken_only_where_that_is_said() {
    let (private, public) = key();
    let (_, other) = key();
    let trust = Trust::in_keys(&public).unwrap();
    assert_eq!(verified(&plain("7"), &trust), Err("signature-missing"));
    let lax = trust.clone().optional();
    assert!(!verified(&plain("7"), &lax).unwrap().is_signed);
    // What is signed must be signed well, even there.
    let signed = signing(&private).sign(&plain("7")).unwrap();
    let lax_other = Trust::in_keys(&other).unwrap().optional();
    assert_eq!(verified(&signed, &lax_other), Err("signature-wrong"));
    let everything = Trust::in_everything();
    assert!(!verified(&signed, &everything).unwrap().is_signed);
}

#[test]
fn one_of_several_pinned_keys_will_do() {
    let (private, public) = key();
    let (_, other) = key();
    let es256 = include_str!("../jose/keys/p256.pub.pem");
    let signed = signing(&private).sign(&plain("7")).unwrap();
    let three = format!("{other}{es256}# the next one\n{public}");
    assert!(verified(&signed, &Trust::in_keys(&three).unwrap()).is_ok());
    let two = format!("{other}{es256}");
    assert_eq!(
        verified(&signed, &Trust::in_keys(&two).unwrap()),
        Err("signature-wrong")
    );
    assert_eq!(
        verified(&signed, &Trust::in_keys(es256).unwrap()),
        Err("signature-algorithm")
    );
    assert!(Trust::in_keys("").is_err());
    assert!(Trust::in_keys(&private).is_err());
    assert!(Trust::in_keys(&public.repeat(17)).is_err());
}

#[test]
fn another_key_id_or_scope_is_refused() {
    let (private, public) = key();
    let signed = signing(&private).sign(&plain("7")).unwrap();
    let trust = || Trust::in_keys(&public).unwrap();
    let named = trust().of_key_id(Some("k2".to_owned()));
    assert_eq!(verified(&signed, &named), Err("signature-key-id"));
    let scoped = trust().for_scope("write".to_owned());
    assert_eq!(verified(&signed, &scoped), Err("signature-scope"));
    let mut for_write = signing(&private);
    for_write.scope = Some("write".to_owned());
    let signed = for_write.sign(&plain("7")).unwrap();
    assert_eq!(verified(&signed, &trust()), Err("signature-scope"));
}

#[test]
fn every_file_is_in_the_signature_and_the_other_way_round() {
    let (private, public) = key();
    let trust = Trust::in_keys(&public).unwrap();
    let signed = signing(&private).sign(&plain("7")).unwrap();
    let code = |change: &dyn Fn(&mut Files)| {
        verified(&tampered(&signed, |files| change(files)), &trust).map(|release| release.revision)
    };
    assert_eq!(code(&|_| {}), Ok("7".to_owned()));
    let changes: [&dyn Fn(&mut Files); 5] = [
        &|files| files.get_mut("rules/one.rego").unwrap()[0] = b'P',
        &|files| drop(files.insert("rules/two.rego".to_owned(), RULE.to_vec())),
        &|files| drop(files.insert("README.md".to_owned(), b"x".to_vec())),
        &|files| drop(files.remove("rules/one.rego")),
        &|files| drop(files.insert(".manifest".to_owned(), b"{\"revision\":\"8\"}".to_vec())),
    ];
    for change in changes {
        assert_eq!(code(change), Err("signature-file"));
    }
    // White space in what OPA calls structured makes no difference.
    let spaced = |files: &mut BTreeMap<String, Vec<u8>>| {
        files.insert("data/x/data.json".to_owned(), b"{\n}\n".to_vec());
    };
    assert_eq!(code(&spaced), Ok("7".to_owned()));
}

/// An archive whose token has these parts, signed by the key whatever they are.
fn forged(private: &str, header: &Value, payload: &Value) -> Vec<u8> {
    jose::install();
    let (algorithm, key) = jose::signing_key(private.as_bytes()).unwrap();
    let [header, payload] = [header, payload].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let message = format!("{header}.{payload}");
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, algorithm).unwrap();
    with_tokens(&[&format!("{message}.{signature}")])
}

fn with_tokens(tokens: &[&str]) -> Vec<u8> {
    let signatures = json!({ "signatures": tokens }).to_string();
    with_signatures(signatures.as_bytes())
}

fn with_signatures(signatures: &[u8]) -> Vec<u8> {
    let files: [(&str, &[u8]); 1] = [("rules/one.rego", RULE)];
    pack(&Manifest::of(""), files, Some(signatures)).unwrap()
}

#[test]
fn what_a_token_says_of_itself_chooses_no_algorithm() {
    let (private, public) = key();
    let trust = Trust::in_keys(&public).unwrap();
    for alg in ["none", "HS256", "ES256", "RS256", "PS256", "eddsa", ""] {
        let odd = forged(&private, &json!({ "alg": alg }), &json!({"files": []}));
        assert_eq!(verified(&odd, &trust), Err("signature-algorithm"), "{alg}");
    }
    for header in [
        json!({"alg": "EdDSA", "crit": ["exp"]}),
        json!({"alg": "EdDSA", "b64": false}),
        json!({"kid": "x"}),
        json!([]),
    ] {
        let odd = forged(&private, &header, &json!({"files": []}));
        assert_eq!(
            verified(&odd, &trust),
            Err("signature-malformed"),
            "{header}"
        );
    }
}

#[test]
fn claims_that_cannot_be_read_are_refused() {
    let (private, public) = key();
    let trust = Trust::in_keys(&public).unwrap();
    let header = json!({"alg": "EdDSA"});
    for payload in [
        json!({"files": {}}),
        json!({"files": [], "exp": "2024"}),
        json!({"files": [], "exp": 1e300}),
        json!({"files": [], "iat": -99_999_999_999_999_i64}),
        json!({"files": [{"name": "a"}]}),
        json!("x"),
    ] {
        let odd = forged(&private, &header, &payload);
        assert_eq!(
            verified(&odd, &trust),
            Err("signature-malformed"),
            "{payload}"
        );
    }
    let twice = json!({"name": "rules/one.rego", "hash": "", "algorithm": "SHA-256"});
    let odd = forged(&private, &header, &json!({"files": [twice, twice]}));
    assert_eq!(verified(&odd, &trust), Err("signature-file"));
    let weak = json!({"files": [{"name": ".manifest", "hash": "00", "algorithm": "MD5"}]});
    let odd = forged(&private, &header, &weak);
    assert_eq!(verified(&odd, &trust), Err("signature-algorithm"));
}

#[test]
fn a_file_of_signatures_holds_one_token() {
    let (private, public) = key();
    let trust = Trust::in_keys(&public).unwrap();
    let signed = signing(&private).sign(&plain("7")).unwrap();
    let file = Archive::read(&signed)
        .unwrap()
        .signatures()
        .unwrap()
        .to_vec();
    let token = SignatureFile::read(&file).unwrap().only().unwrap();
    let plugin = json!({"signatures": [token], "plugin": "x"}).to_string();
    for odd in [
        with_tokens(&[]),
        with_tokens(&[&token, &token]),
        with_tokens(&["a.b"]),
        with_tokens(&["..="]),
        with_signatures(plugin.as_bytes()),
        with_signatures(b""),
        with_signatures(b"[]"),
    ] {
        assert_eq!(verified(&odd, &trust), Err("signature-malformed"));
    }
    // A token of another archive.
    assert_eq!(
        verified(&with_tokens(&[&token]), &trust),
        Err("signature-file")
    );
    // One without its signature, and one whose claims were changed.
    let (message, signature) = token.rsplit_once('.').unwrap();
    let (header, _) = message.split_once('.').unwrap();
    let none = URL_SAFE_NO_PAD.encode("{\"files\":[]}");
    for odd in [
        format!("{message}."),
        format!("{header}.{none}.{signature}"),
    ] {
        assert_eq!(
            verified(&with_tokens(&[&odd]), &trust),
            Err("signature-wrong")
        );
    }
}

#[test]
fn a_signature_holds_from_when_it_was_made_until_it_expires() {
    let release = Release {
        issued: Some(noon()),
        expires: Some(at("2024-06-02T12:00:00Z")),
        ..Release::default()
    };
    for (now, wanted) in [
        ("2024-06-01T11:54:59Z", Some("signature-early")),
        ("2024-06-01T11:55:00Z", None),
        ("2024-06-02T11:59:59Z", None),
        ("2024-06-02T12:00:00Z", Some("signature-expired")),
    ] {
        let found = release.holds_at(at(now)).err();
        assert_eq!(found.map(|invalid| invalid.code()), wanted, "{now}");
    }
    let later = Release {
        begins: Some(at("2024-06-03T00:00:00Z")),
        ..Release::default()
    };
    assert!(later.holds_at(noon()).is_err());
    assert!(Release::default().holds_at(noon()).is_ok());
}
