//! The order in which releases go live: never back, unless that is allowed, and then once.

use embargo_core::diagnostic::Diagnostic;

use crate::release::{Latest, Release, ReleaseRefused};

pub(super) struct Order {
    /// The latest release that was live here, or why that is not known.
    latest: Result<Option<Latest>, String>,
    allows_rollback: bool,
}

impl Order {
    pub(super) const fn new(latest: Result<Option<Latest>, String>, allows_rollback: bool) -> Self {
        Self {
            latest,
            allows_rollback,
        }
    }

    /// Whether a release may go live.
    ///
    /// # Errors
    /// The remark that it comes before what was live.
    pub(super) fn admits(&self, release: &Release, snapshot: &str) -> Result<(), Vec<Diagnostic>> {
        let admitted = match &self.latest {
            Ok(None) => Ok(()),
            Ok(Some(latest)) => latest.admits(release, snapshot),
            Err(cause) => Err(ReleaseRefused::Unknown {
                cause: cause.clone(),
            }),
        };
        match admitted {
            Err(refused) if !self.allows_rollback => Err(vec![remark(&refused)]),
            Err(refused) => {
                tracing::warn!(
                    code = refused.code(),
                    revision = release.revision,
                    "an earlier revision may go live, as was asked for"
                );
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Takes note of what went live. A leave to go back is used up by that.
    pub(super) fn went_live(&mut self, release: &Release, snapshot: &str) {
        let live = Latest {
            release: release.clone(),
            snapshot: snapshot.to_owned(),
        };
        let before = self.latest.as_ref().ok().and_then(Option::as_ref);
        let went_back = match &self.latest {
            Ok(Some(latest)) => latest.admits(release, snapshot).is_err(),
            Ok(None) => false,
            Err(_) => true,
        };
        if went_back {
            self.allows_rollback = false;
        }
        self.latest = Ok(Some(live.after(before)));
    }

    /// What is to be remembered.
    pub(super) fn latest(&self) -> Option<&Latest> {
        self.latest.as_ref().ok()?.as_ref()
    }

    /// Which release a set is that was kept.
    pub(super) fn release_of(&self, snapshot: &str) -> Option<Release> {
        let latest = self.latest()?;
        (latest.snapshot == snapshot).then(|| latest.release.clone())
    }
}

fn remark(refused: &ReleaseRefused) -> Diagnostic {
    let text = refused.to_string();
    let (message, hint) = text.split_once("\n  hint: ").unwrap_or((&text, ""));
    Diagnostic::error(refused.code(), message).hint(hint)
}
