//! `embargo bundle inspect`: what is in a bundle, and what its signature says of itself.

use embargo_service::{Archive, Release, SignatureSays, load_bundle};
use serde_json::json;

use crate::args::Format;
use crate::args::bundle::InspectBundle;
use crate::commands::Failure;
use crate::exit::Exit;
use crate::output::{self, Paint};
use crate::policies;

use super::{packed, said};

/// A release in words.
pub(super) fn named(release: &Release) -> String {
    let mut text = revision(&release.revision);
    if let Some(key_id) = &release.key_id {
        text.push_str(&format!(", key `{key_id}`"));
    }
    if let Some(issued) = release.issued {
        text.push_str(&format!(", signed at {issued}"));
    }
    if let Some(expires) = release.expires {
        text.push_str(&format!(", until {expires}"));
    }
    text
}

fn revision(revision: &str) -> String {
    if revision.is_empty() {
        "no revision".to_owned()
    } else {
        format!("revision {revision}")
    }
}

pub(super) fn run(asked: &InspectBundle) -> Result<Exit, Failure> {
    let packed = packed(&asked.file)?;
    let refused = |cause: &dyn ToString, code: &str| {
        said(format!(
            "`{}`: [{code}] {}\n  see: {}",
            asked.file.display(),
            cause.to_string(),
            embargo_core::diagnostic::page::of(code),
        ))
    };
    let archive = Archive::read(&packed).map_err(|error| refused(&error, error.code()))?;
    let says = SignatureSays::of(&archive).map_err(|error| refused(&error, error.code()))?;
    let bundle = archive
        .bundle()
        .map_err(|error| refused(&error, error.code()))?;
    let digest = bundle.digest();
    let counts = load_bundle(bundle)
        .map(|snapshot| policies::counts(&snapshot))
        .map_err(|error| error.to_string());
    let files: Vec<(&str, usize)> = archive
        .files()
        .map(|(path, content)| (path, content.len()))
        .collect();
    let bytes: usize = files.iter().map(|(_, bytes)| bytes).sum();
    output::print(&match asked.format {
        Format::Json => output::json::text(&json!({
            "revision": archive.manifest().revision,
            "manifest": archive.manifest(),
            "snapshot_id": digest,
            "packed_bytes": packed.len(),
            "bytes": bytes,
            "files": files.iter().map(|(path, bytes)| json!({"path": path, "bytes": bytes})).collect::<Vec<_>>(),
            "signature": says,
            "compiles": counts.is_ok(),
        })),
        Format::Pretty => {
            let paint = Paint::for_results();
            let signature = match &says {
                None => "none".to_owned(),
                Some(says) => format!("{}, not verified here", in_words(says)),
            };
            let state = match &counts {
                Ok(counts) => counts.clone(),
                Err(_) => paint.red("does not compile"),
            };
            let listed: String = files
                .iter()
                .map(|(path, bytes)| format!("  {bytes:>9}  {path}\n"))
                .collect();
            format!(
                "{}: {}\n  snapshot   {digest}\n  policies   {state}\n  signature  {signature}\n  files      {}, {bytes} bytes, {} packed\n\n{listed}",
                asked.file.display(),
                revision(&archive.manifest().revision),
                files.len(),
                packed.len(),
            )
        }
    })?;
    if let Err(cause) = counts {
        output::complain(&cause);
        return Ok(Exit::Refused);
    }
    Ok(Exit::Done)
}

fn in_words(says: &SignatureSays) -> String {
    let mut text = says.algorithm.clone();
    for (word, value) in [
        ("key", &says.key_id),
        ("scope", &says.scope),
        ("signed at", &says.issued),
        ("until", &says.expires),
    ] {
        if let Some(value) = value {
            text.push_str(&format!(", {word} {value}"));
        }
    }
    text
}
