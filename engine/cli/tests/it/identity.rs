//! Whom a server trusts, and who a command is there.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use rcgen::string::Ia5String;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, SanType};

use crate::process::Server;
use crate::support::{embargo, folder, root, run};

/// An authority, the server's certificate and a caller's, as files of a folder.
fn certificates(folder: &Path) {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let certificate = authority.self_signed(&key).unwrap();
    fs::write(folder.join("ca.pem"), certificate.pem()).unwrap();
    let issuer = Issuer::new(authority, key);
    for (name, hosts, uri) in [
        ("server", vec!["localhost".to_owned()], None),
        ("mdm", Vec::new(), Some("spiffe://corp/mdm/1")),
    ] {
        let mut params = CertificateParams::new(hosts).unwrap();
        let uri = uri.map(|uri| SanType::URI(Ia5String::try_from(uri).unwrap()));
        params.subject_alt_names.extend(uri);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &issuer).unwrap();
        fs::write(folder.join(format!("{name}.pem")), certificate.pem()).unwrap();
        fs::write(folder.join(format!("{name}.key")), key.serialize_pem()).unwrap();
    }
}

#[test]
fn a_command_is_known_to_a_server_by_its_certificate_or_its_token() {
    let folder = folder(&[]);
    let at = |name: &str| folder.path().join(name).display().to_string();
    certificates(folder.path());
    let token = at("mdm.token");
    let made = run(&[
        "token", "new", "--name", "small", "--scopes", "decide", "-o", &token,
    ]);
    assert_eq!(made.code, 0, "{}", made.err);
    fs::write(at("tokens.yaml"), &made.out).unwrap();
    let configuration = format!(
        "tls:
  certificate: {}
  key: {}
  client_ca: {}
  client_auth: optional
identity:
  certificates: [{{spiffe: 'spiffe://corp/mdm/*', scopes: [decide, explain]}}]
  tokens_file: {}
",
        at("server.pem"),
        at("server.key"),
        at("ca.pem"),
        at("tokens.yaml"),
    );
    fs::write(at("embargo.yaml"), configuration).unwrap();
    let server = Server::start_with(&["--config", &at("embargo.yaml")]);
    let url = format!("https://localhost:{}", server.address().port());
    let ask = |command: &[&str], credential: &[&str]| {
        let ca = at("ca.pem");
        run(&[command, &["--server", &url, "--tls-ca", &ca], credential].concat())
    };
    let decide = &["decide", "--example"][..];
    let (own, key) = (at("mdm.pem"), at("mdm.key"));
    let certificate = &["--tls-cert", &own, "--tls-key", &key][..];
    let bearer = &["--token-file", &token][..];
    for credential in [certificate, bearer] {
        let ran = ask(decide, credential);
        assert_eq!(ran.code, 1, "{}", ran.err);
        assert!(
            ran.out.contains("DENY") || ran.out.contains("deny"),
            "{}",
            ran.out
        );
    }
    let explain = &["explain", "--example"][..];
    assert_eq!(ask(explain, certificate).code, 1);
    // The token may ask for decisions alone.
    let ran = ask(explain, bearer);
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.contains("SCOPE_MISSING") && ran.err.contains("`explain`"),
        "{}",
        ran.err
    );
    let ran = ask(decide, &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("CREDENTIALS_MISSING"), "{}", ran.err);
    // A gate stops at that, whatever it does where a server is away.
    let facts = at("facts.yaml");
    fs::write(&facts, "host_id: h\nsoftware: []\n").unwrap();
    let ran = ask(&["gate", &facts, "--on-error", "allow"], &[]);
    assert_eq!(ran.code, 2, "{} {}", ran.out, ran.err);
    // Whether it serves needs no credential, but an authority that is trusted.
    let ca = at("ca.pem");
    let ran = run(&["healthcheck", &url, "--tls-ca", &ca]);
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (0, "serving\n"),
        "{}",
        ran.err
    );
    let untrusted = run(&["healthcheck", &url]);
    assert_eq!((untrusted.code, untrusted.out.as_str()), (1, ""));
    // The token can come from the environment.
    let output = embargo()
        .args(["decide", "--example", "--server", &url, "--tls-ca", &ca])
        .env("EMBARGO_TOKEN_FILE", &token)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_token_is_shown_once_or_written_to_a_file_of_its_owner() {
    let line = [
        "token",
        "new",
        "--name",
        "a \"b\"",
        "--scopes",
        "decide,explain",
    ];
    let shown = run(&line);
    let first = shown.out.lines().next().unwrap();
    assert!(
        first.starts_with("embargo_") && first.len() == 51,
        "{first}"
    );
    assert_eq!(shown.out.matches(first).count(), 1);
    assert!(
        shown.out.contains("- name: \"a \\\"b\\\"\"\n  sha256: "),
        "{}",
        shown.out
    );
    assert!(shown.out.contains("  scopes: [decide, explain]\n"));
    let folder = folder(&[]);
    let file = folder.path().join("token");
    let place = file.display().to_string();
    let end = [
        "--tenant",
        "acme",
        "--expires",
        "2030-01-01T00:00:00Z",
        "-o",
        &place,
    ];
    let ran = run(&[&line[..], &end].concat());
    let token = fs::read_to_string(&file).unwrap();
    assert!(!ran.out.contains(token.trim()));
    assert!(
        ran.out
            .contains("  tenant: \"acme\"\n  expires: \"2030-01-01T00:00:00Z\"\n"),
        "{}",
        ran.out
    );
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    // One that is there is not written over.
    let again = run(&[&line[..], &end].concat());
    assert_eq!(again.code, 2);
    assert_eq!(fs::read_to_string(&file).unwrap(), token);
    assert_eq!(
        run(&["token", "new", "--name", "x", "--scopes", "everything"]).code,
        2
    );
    assert_eq!(
        run(&["token", "new", "--name", "", "--scopes", "decide"]).code,
        2
    );
}

#[test]
fn an_address_that_others_reach_is_refused_with_the_remedy_unless_somebody_says_so() {
    let ran = run(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(ran.code, 2);
    for part in [
        "can be reached from other machines",
        "tls.certificate",
        "`identity`",
        "--insecure",
    ] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
    // A look at the configuration finds it, too.
    let listen = "listen=0.0.0.0:8181";
    let checked = run(&["config", "check", "--set", listen]);
    assert_eq!(checked.code, 1);
    assert!(checked.out.is_empty());
    let last = |text: &str| text.lines().last().map(str::to_owned);
    assert_eq!(last(&checked.err), last(&ran.err));
    let said = ["config", "check", "--set", listen, "--set", "insecure=true"];
    assert_eq!(run(&said).code, 0);
    // Said, it is served, and the log says what that means.
    let wrong = folder(&[("rule.rego", "package (")]);
    let policies = wrong.path().display().to_string();
    let ran = run(&[
        "serve",
        "--listen",
        "0.0.0.0:0",
        "--insecure",
        "--exit-on-invalid",
        "-d",
        &policies,
    ]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("insecure: 0.0.0.0:"), "{}", ran.err);
    assert!(
        ran.err.contains("hint: let something else keep them away"),
        "{}",
        ran.err
    );
}

#[test]
fn the_page_about_identity_prints_what_its_script_does() {
    let has = |program: &str, argument: &str| Command::new(program).arg(argument).output().is_ok();
    if !has("curl", "--version") || !has("openssl", "version") {
        assert!(
            std::env::var_os("CI").is_none(),
            "curl and openssl are needed"
        );
        println!("skipped: there is no curl or no openssl");
        return;
    }
    let page = fs::read_to_string(root().join("docs/operations/identity.md")).unwrap();
    let (_, printed) = page
        .split_once("$ docs/operations/identity/try.sh\n")
        .unwrap();
    let (printed, _) = printed.split_once("```").unwrap();
    let output = Command::new(root().join("docs/operations/identity/try.sh"))
        .env("EMBARGO", embargo().get_program())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), printed, "{said}");
}
