//! The keeper: sees to it that what judges is kept for the next start.
//!
//! That a set cannot be kept does not keep it from judging. It is tried again at every turn of
//! the loop, so that a folder that was deleted or a disk that was full mends by itself.

use std::path::Path;
use std::sync::Arc;

use embargo_core::bundle::Bundle;
use embargo_core::snapshot::Snapshot;

use crate::last_good::{LastGood, Unusable};
use crate::release::Latest;

use super::log;

pub(super) struct Keeper {
    last_good: LastGood,
    /// The id of what was kept last.
    kept: Option<Arc<str>>,
    /// The release that was kept with it.
    release: Option<Latest>,
    /// What was said last of a set that cannot be kept.
    complaint: Option<String>,
}

impl Keeper {
    pub(super) fn in_folder(folder: &Path) -> Self {
        Self {
            last_good: LastGood::in_folder(folder),
            kept: None,
            release: None,
            complaint: None,
        }
    }

    /// Keeps a set unless it is kept already. What stands in the way is said once.
    pub(super) fn keep(&mut self, snapshot: &Snapshot, latest: Option<&Latest>) {
        let is_kept = self.kept.as_ref() == Some(snapshot.id()) && self.release.as_ref() == latest;
        if is_kept && self.last_good.is_there(latest.is_some()) {
            return;
        }
        match self.last_good.keep(snapshot.bundle(), latest) {
            Ok(()) => {
                self.kept = Some(Arc::clone(snapshot.id()));
                self.release = latest.cloned();
                if self.complaint.take().is_some() {
                    log::kept_again();
                }
            }
            Err(unkept) => {
                let complaint = unkept.to_string();
                if self.complaint.as_ref() != Some(&complaint) {
                    log::not_kept(&complaint);
                }
                self.complaint = Some(complaint);
            }
        }
    }

    /// What is remembered of the latest release.
    ///
    /// # Errors
    /// What keeps it from being read.
    pub(super) fn latest(&mut self) -> Result<Option<Latest>, String> {
        let latest = self
            .last_good
            .latest()
            .map_err(|unusable| unusable.to_string())?;
        self.release.clone_from(&latest);
        Ok(latest)
    }

    /// The set that was kept last, if there is one to judge by.
    pub(super) fn recall(&mut self) -> Option<Bundle> {
        match self.last_good.recall() {
            Ok(bundle) => {
                self.kept = Some(Arc::from(bundle.digest()));
                Some(bundle)
            }
            Err(Unusable::Absent) => None,
            Err(unusable) => {
                log::not_recalled(&unusable.to_string());
                None
            }
        }
    }
}
