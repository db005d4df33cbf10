//! `embargo bundle`: sets of policies as one file that can be signed, put on any web server, and
//! taken up by any number of servers.

mod inspect;

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use embargo_core::instant::Instant;
use embargo_service::{
    Archive, Manifest, PACKED_BYTES, Signing, Source, Trust, load_bundle, new_key, pack,
};

use crate::args::bundle::{Build, Bundle, BundleCommand, KeyPair, Sign, Terms, Verify};
use crate::commands::Failure;
use crate::commands::check::shown;
use crate::exit::Exit;
use crate::output::{self, Paint};
use crate::{offline, policies};

pub(crate) fn run(bundle: &Bundle) -> Result<Exit, Failure> {
    match &bundle.command {
        BundleCommand::Build(asked) => build(asked),
        BundleCommand::Sign(asked) => sign(asked),
        BundleCommand::Verify(asked) => verify(asked),
        BundleCommand::Inspect(asked) => inspect::run(asked),
        BundleCommand::Key(asked) => key(asked),
    }
}

fn said(cause: impl ToString) -> Failure {
    Failure::Said(cause.to_string())
}

fn build(asked: &Build) -> Result<Exit, Failure> {
    let source = Source::Folder(asked.folder.clone());
    let refused = |error: embargo_service::ReadSourceError| Failure::Diagnostic(error.diagnostic());
    let bundle = source.read_settled().map_err(refused)?;
    let fixtures = source.read_fixtures().map_err(refused)?;
    // What does not compile never goes live, and is better told here.
    let snapshot = match load_bundle(bundle.clone()) {
        Ok(snapshot) => snapshot,
        Err(refused) => {
            output::remark(&shown(&refused.diagnostics, Paint::for_errors()));
            output::complain("nothing was written: the policies do not compile");
            return Ok(Exit::Refused);
        }
    };
    let fixtures = fixtures.iter();
    let files = bundle
        .files()
        .chain(fixtures.map(|(path, content)| (path.as_str(), content.as_slice())));
    let manifest = Manifest::of(&asked.revision);
    let mut packed = pack(&manifest, files, None).map_err(said)?;
    if let Some(key) = &asked.sign_key {
        packed = signing(key, &asked.terms)?.sign(&packed).map_err(said)?;
    }
    put(&asked.output, &packed)?;
    output::print(&format!(
        "{}: {}, snapshot {}\n",
        asked.output.display(),
        policies::counts(&snapshot),
        snapshot.id()
    ))?;
    Ok(Exit::Done)
}

fn sign(asked: &Sign) -> Result<Exit, Failure> {
    let packed = packed(&asked.file)?;
    let signed = signing(&asked.key, &asked.terms)?
        .sign(&packed)
        .map_err(said)?;
    let output = asked.output.as_ref().unwrap_or(&asked.file);
    put(output, &signed)?;
    output::print(&format!("{}: signed\n", output.display()))?;
    Ok(Exit::Done)
}

fn signing(key: &Path, terms: &Terms) -> Result<Signing, Failure> {
    let pem = read(key)?;
    let issued = terms.issued_at.unwrap_or_else(offline::now);
    let mut signing = Signing::by(&pem, issued)
        .map_err(|unusable| said(format!("`{}`: {unusable}", key.display())))?;
    signing.key_id.clone_from(&terms.key_id);
    signing.scope.clone_from(&terms.scope);
    signing.expires = terms
        .expires
        .0
        .map(|holds| {
            let nanoseconds = i128::try_from(holds.as_nanos()).unwrap_or(i128::MAX);
            let end = issued.unix_nanoseconds().saturating_add(nanoseconds);
            Instant::from_unix_nanoseconds(end)
        })
        .transpose()
        .map_err(said)?;
    Ok(signing)
}

fn verify(asked: &Verify) -> Result<Exit, Failure> {
    let packed = packed(&asked.file)?;
    let pem = String::from_utf8_lossy(&read(&asked.key)?).into_owned();
    let trust = Trust::in_keys(&pem)
        .map_err(|unusable| said(format!("`{}`: {unusable}", asked.key.display())))?
        .of_key_id(asked.key_id.clone())
        .for_scope(asked.scope.clone());
    let paint = Paint::for_results();
    let verified = || -> Result<_, (&'static str, String)> {
        let archive =
            Archive::read(&packed).map_err(|refused| (refused.code(), refused.to_string()))?;
        let release = trust
            .verify(&archive)
            .map_err(|refused| (refused.code(), refused.to_string()))?;
        release
            .holds_at(asked.at.unwrap_or_else(offline::now))
            .map_err(|refused| (refused.code(), refused.to_string()))?;
        let bundle = archive
            .bundle()
            .map_err(|refused| (refused.code(), refused.to_string()))?;
        Ok((release, bundle.digest()))
    };
    match verified() {
        Ok((release, snapshot)) => {
            output::print(&format!(
                "{} {}: {}, snapshot {snapshot}\n",
                paint.green("verified"),
                asked.file.display(),
                inspect::named(&release),
            ))?;
            Ok(Exit::Done)
        }
        Err((code, cause)) => {
            output::print(&format!(
                "{} {}: [{code}] {cause}\n  see: {}\n",
                paint.red("refused"),
                asked.file.display(),
                embargo_core::diagnostic::page::of(code),
            ))?;
            Ok(Exit::Refused)
        }
    }
}

fn key(asked: &KeyPair) -> Result<Exit, Failure> {
    let (private, public) = new_key().map_err(said)?;
    let beside = asked.file.with_extension("pub.pem");
    for (path, text, mode) in [(&asked.file, private, 0o600), (&beside, public, 0o644)] {
        write_new(path, text.as_bytes(), mode).map_err(|cause| {
            said(format!(
                "`{}` cannot be written: {cause}\n  hint: name a file that is not there yet",
                path.display()
            ))
        })?;
    }
    output::print(&format!(
        "{}: the private key; keep it where bundles are signed and nowhere else\n{}: the public key; every server gets it, as `bundle.signature.key_file`\n",
        asked.file.display(),
        beside.display(),
    ))?;
    Ok(Exit::Done)
}

/// Writes a file that is not there yet, which nobody else can read if the mode says so.
fn write_new(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|cause| Failure::Unreadable {
        what: format!("`{}`", path.display()),
        cause,
    })
}

/// The bytes of a bundle, not more than it may have and one.
fn packed(path: &Path) -> Result<Vec<u8>, Failure> {
    let most = u64::try_from(PACKED_BYTES).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(most.saturating_add(1)).read_to_end(&mut bytes))
        .map_err(|cause| Failure::Unreadable {
            what: format!("`{}`", path.display()),
            cause,
        })?;
    Ok(bytes)
}

/// Puts a file in place at once: a web server, or a server that watches it, sees the whole.
fn put(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let unfinished = PathBuf::from(unfinished);
    fs::write(&unfinished, content)
        .and_then(|()| fs::rename(&unfinished, path))
        .map_err(|cause| said(format!("`{}` cannot be written: {cause}", path.display())))
}
