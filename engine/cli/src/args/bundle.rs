//! Arguments of `embargo bundle`, and those by which a server takes a bundle.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use embargo_core::instant::Instant;
use embargo_service::{Said, Span};

use super::serve::{flag, valued};
use super::{Format, instant};

/// What is written for a signature that holds for ever.
const HOLDS: &str = "none";

#[derive(Debug, Args)]
pub(crate) struct Bundle {
    #[command(subcommand)]
    pub(crate) command: BundleCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BundleCommand {
    /// Pack a policy folder: the same bytes for the same content
    Build(Build),
    /// Sign a bundle, in place of the signature that it has
    Sign(Sign),
    /// Say whether a bundle is signed by a key and may go live
    Verify(Verify),
    /// Show what is in a bundle, without judging who signed it
    Inspect(InspectBundle),
    /// Make a key to sign with, and its public part to verify by
    Key(KeyPair),
}

#[derive(Debug, Args)]
pub(crate) struct Build {
    /// The policy folder
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// The file to write, such as `policies.tar.gz`
    #[arg(long, short = 'o', value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// What the release is called: a number, a version or an instant, which tell what comes
    /// after what; anything else is ordered by when it was signed
    #[arg(
        long,
        value_name = "REVISION",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) revision: String,
    /// Sign it with this private key
    #[arg(long, value_name = "FILE")]
    pub(crate) sign_key: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) terms: Terms,
}

#[derive(Debug, Args)]
pub(crate) struct Sign {
    /// The bundle
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The private key in PEM, as PKCS #8: Ed25519 or P-256
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// The file to write [default: the bundle itself]
    #[arg(long, short = 'o', value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) terms: Terms,
}

/// What a signature says.
#[derive(Debug, Args)]
pub(crate) struct Terms {
    /// How the key is called
    #[arg(long, value_name = "NAME")]
    pub(crate) key_id: Option<String>,
    /// What the bundle is signed for
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: Option<String>,
    /// How long the signature holds, such as `30d`, or `none` for ever
    #[arg(long, value_name = "TIME", default_value = HOLDS, value_parser = holds)]
    pub(crate) expires: Holds,
    /// When it counts as signed, in RFC 3339 [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) issued_at: Option<Instant>,
}

/// How long a signature holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Holds(pub(crate) Option<Duration>);

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The bundle
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The public key in PEM, or several of which each will do
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// The name that the signature must give its key
    #[arg(long, value_name = "NAME")]
    pub(crate) key_id: Option<String>,
    /// What it must be signed for
    #[arg(
        long,
        value_name = "SCOPE",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) scope: String,
    /// The instant at which the signature must hold, in RFC 3339 [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) at: Option<Instant>,
}

#[derive(Debug, Args)]
pub(crate) struct InspectBundle {
    /// The bundle
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// How the answer is written
    #[arg(long, short = 'f', value_name = "FORMAT", default_value = "pretty")]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct KeyPair {
    /// The file of the private key, such as `release.pem`, which is not there yet; the public
    /// key is written beside it as `release.pub.pem`
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// The bundle that a server takes in place of a policy folder.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ServedBundle {
    /// A packed set of policies in place of a folder: a file, or a URL that it is fetched from
    #[arg(long, value_name = "FILE|URL")]
    bundle: Option<String>,
    /// The public key by which it must be signed, in PEM; from a URL it must be, by default
    #[arg(long, value_name = "FILE")]
    bundle_key: Option<String>,
    /// Let one set go live that comes before the one that was live, once
    #[arg(long)]
    allow_revision_rollback: bool,
}

impl ServedBundle {
    /// What the flags say, as settings.
    pub(super) fn said(&self) -> impl Iterator<Item = Said> {
        let is_url = |place: &String| place.contains("://");
        let url = self.bundle.as_ref().filter(|place| is_url(place));
        let file = self.bundle.as_ref().filter(|place| !is_url(place));
        let key = self.bundle_key.as_ref();
        let is_allowed = self.allow_revision_rollback;
        [
            valued("bundle.url", "--bundle", url),
            valued("bundle.file", "--bundle", file),
            valued("bundle.signature.key_file", "--bundle-key", key),
            flag(
                "bundle.allow_rollback",
                "--allow-revision-rollback",
                is_allowed,
            ),
        ]
        .into_iter()
        .flatten()
    }
}

fn holds(text: &str) -> Result<Holds, String> {
    if text == HOLDS {
        return Ok(Holds(None));
    }
    Span::of(text).map(|span| Holds(Some(span.0)))
}
