//! The section of the spool.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sinks::within;
use crate::config::ConfigInvalid;
use crate::config::values::{Size, Span};
use crate::decision_log::spool::SpoolSettings;

/// Where entries are kept in strict mode until all sinks have them.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SpoolSection {
    /// A folder of this server alone. Strict mode needs it.
    pub folder: Option<PathBuf>,
    /// Bytes that it may take: `4MiB` to `1TiB`. Where it is full, decisions are refused until sinks
    /// have taken some.
    pub max_bytes: Size,
    /// Bytes after which a new file is begun: `1MiB` to `1GiB`, and at most a quarter of what the
    /// spool may take.
    pub segment_bytes: Size,
    /// How long an entry may take to be on disk before its decision is refused: `10ms` to `1m`.
    pub max_delay: Span,
    /// How long a file is kept although all sinks have what is in it: `0s` to `365d`. It goes earlier
    /// where room is needed.
    pub retention: Span,
}

impl Default for SpoolSection {
    fn default() -> Self {
        let settings = SpoolSettings::in_folder(PathBuf::new());
        Self {
            folder: None,
            max_bytes: Size(settings.max_bytes),
            segment_bytes: Size(settings.segment_bytes),
            max_delay: Span(settings.max_delay),
            retention: Span(settings.retention),
        }
    }
}

impl SpoolSection {
    pub(super) fn settings(&self, is_needed: bool) -> Result<Option<SpoolSettings>, ConfigInvalid> {
        let (mebibyte, whole) = (1 << 20, self.max_bytes.0);
        for (setting, value, least, most) in [
            (
                "decision_log.spool.max_bytes",
                self.max_bytes,
                4 * mebibyte,
                mebibyte << 20,
            ),
            (
                "decision_log.spool.segment_bytes",
                self.segment_bytes,
                mebibyte,
                (mebibyte << 10).min(whole / 4),
            ),
        ] {
            within(setting, value, Size(least), Size(most))?;
        }
        let day = 86_400;
        within(
            "decision_log.spool.max_delay",
            self.max_delay,
            Span::ms(10),
            Span::s(60),
        )?;
        within(
            "decision_log.spool.retention",
            self.retention,
            Span::s(0),
            Span::s(365 * day),
        )?;
        let Some(folder) = self.folder.clone().filter(|_| is_needed) else {
            if is_needed {
                return Err(ConfigInvalid::new(
                    "decision_log.spool.folder",
                    "not given",
                    "given where `decision_log.mode` is `strict`: a folder of this server alone",
                ));
            }
            return Ok(None);
        };
        Ok(Some(SpoolSettings {
            folder,
            max_bytes: self.max_bytes.0,
            segment_bytes: self.segment_bytes.0,
            max_delay: self.max_delay.0,
            retention: self.retention.0,
        }))
    }
}
