//! Releases: which of two sets that were packed is the later one.
//!
//! Who can put an old archive in place, though it was once signed, brings back what was mended
//! since. So a set goes live only if it comes after the last one that did. The order is that of
//! revisions where both are numbers, both are versions or both are instants, and else that of
//! the instants at which they were signed. A revision names one content.

mod order;

use embargo_core::instant::Instant;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::signature::SignatureInvalid;

use self::order::{Revision, compare};

/// How far the clock of whoever signed may go before ours: 5 min.
const AHEAD_NANOSECONDS: i128 = 300 * 1_000_000_000;

/// Which release a packed set is, and for how long it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Release {
    /// What its author calls it; empty if it has no name.
    pub revision: String,
    /// Whether a pinned key signed it.
    pub is_signed: bool,
    /// The name of the key, as the signature has it.
    pub key_id: Option<String>,
    /// When it was signed.
    pub issued: Option<Instant>,
    /// From when on it holds.
    pub begins: Option<Instant>,
    /// From when on it does not hold any longer.
    pub expires: Option<Instant>,
}

impl Release {
    /// One that nobody signed.
    pub(crate) fn unsigned(revision: String) -> Self {
        Self {
            revision,
            ..Self::default()
        }
    }

    /// Whether it may go live at this instant, as far as its signature says.
    ///
    /// # Errors
    /// If it has expired, or is of a time to come.
    pub fn holds_at(&self, now: Instant) -> Result<(), SignatureInvalid> {
        if let Some(expires) = self.expires
            && now >= expires
        {
            return Err(SignatureInvalid::Expired {
                at: expires.to_string(),
            });
        }
        let ahead = |at: &Instant| at.nanoseconds_since(now) > AHEAD_NANOSECONDS;
        if let Some(at) = [self.begins, self.issued].into_iter().flatten().find(ahead) {
            return Err(SignatureInvalid::Early { at: at.to_string() });
        }
        Ok(())
    }
}

/// What is remembered of the latest release that went live.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Latest {
    pub(crate) release: Release,
    /// The id of its snapshot.
    pub(crate) snapshot: String,
}

/// Why a release does not come after the last one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReleaseRefused {
    /// It is older.
    #[error(
        "the bundle is of {found}, and {latest} has been live\n  hint: publish what shall be live as a new revision; to go back once, restart with `--allow-revision-rollback`"
    )]
    Older {
        /// Which one it is, in words.
        found: String,
        /// Which one has been live.
        latest: String,
    },
    /// The revision had another content.
    #[error(
        "the bundle is of {found}, which has been live with another content\n  hint: give each content a revision of its own"
    )]
    Reused {
        /// Which one it is, in words.
        found: String,
    },
    /// It cannot be told.
    #[error(
        "it cannot be told whether the bundle, of {found}, comes after {latest}, which has been live\n  hint: let revisions be numbers, versions or instants, or sign with a time, as `embargo bundle sign` does"
    )]
    Unordered {
        /// Which one it is, in words.
        found: String,
        /// Which one has been live.
        latest: String,
    },
    /// What was remembered cannot be read.
    #[error(
        "it is not known which revision has been live: {cause}\n  hint: mend the state folder, or restart once with `--allow-revision-rollback`"
    )]
    Unknown {
        /// What is wrong.
        cause: String,
    },
}

impl ReleaseRefused {
    /// The code, which does not change.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Older { .. } => "release-older",
            Self::Reused { .. } => "release-reused",
            Self::Unordered { .. } => "release-unordered",
            Self::Unknown { .. } => "release-unknown",
        }
    }
}

impl Latest {
    /// Whether another release comes after this one, or is the same content.
    pub(crate) fn admits(&self, release: &Release, snapshot: &str) -> Result<(), ReleaseRefused> {
        if self.snapshot == snapshot {
            return Ok(());
        }
        let (found, latest) = (named(release), named(&self.release));
        if !release.revision.is_empty() && release.revision == self.release.revision {
            return Err(ReleaseRefused::Reused { found });
        }
        match compare(
            &Revision::of(&self.release.revision),
            &Revision::of(&release.revision),
        ) {
            Some(true) => return Ok(()),
            Some(false) => return Err(ReleaseRefused::Older { found, latest }),
            None => {}
        }
        match (self.release.issued, release.issued) {
            (Some(before), Some(after)) if after > before => Ok(()),
            (Some(_), Some(_)) => Err(ReleaseRefused::Older { found, latest }),
            // Nobody vouches for any of these, so that there is nothing to bring back.
            _ if !release.is_signed && !self.release.is_signed => Ok(()),
            _ => Err(ReleaseRefused::Unordered { found, latest }),
        }
    }

    /// What is remembered when the same content went live again: the later signature.
    pub(crate) fn after(self, before: Option<&Self>) -> Self {
        match before {
            Some(before)
                if before.snapshot == self.snapshot
                    && before.release.issued > self.release.issued =>
            {
                before.clone()
            }
            _ => self,
        }
    }
}

/// A release in words.
fn named(release: &Release) -> String {
    let revision = match release.revision.as_str() {
        "" => "no revision".to_owned(),
        revision => format!("revision `{revision}`"),
    };
    match release.issued {
        Some(issued) => format!("{revision}, signed at {issued}"),
        None => revision,
    }
}

#[cfg(test)]
mod tests;
