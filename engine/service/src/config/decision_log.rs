//! The section `decision_log`: what of decisions is kept, how surely, and where it goes.

mod sinks;
mod spool;

use std::collections::BTreeMap;
use std::path::PathBuf;

use embargo_core::instrument::Effect;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::values::Size;
use super::{ConfigInvalid, Door};
use crate::decision_log::{DecisionLogSettings, LogMode, Mask, MaskOp, Share};

pub use self::sinks::{FileSinkSection, HttpSinkSection, OtlpSinkSection, StdoutSinkSection};
pub use self::spool::SpoolSection;

/// Labels of an entry at most, and bytes of a name and of a value.
const LABELS: usize = 32;
const LABEL_BYTES: usize = 256;

/// The decision log: an entry for every decision that leaves the server.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DecisionLogSection {
    /// Whether decisions are logged. `lossy`: no decision waits for the log, and what it cannot keep
    /// up with is dropped and counted. `strict`: a decision is answered once its entry is on disk,
    /// and refused if it cannot be.
    pub mode: Mode,
    /// What every entry says of this server besides its id and version, such as a region.
    pub labels: BTreeMap<String, String>,
    /// Whether calls that are refused have entries, too. They hold the reason and no facts.
    pub refusals: bool,
    /// The share of decisions that is kept of each effect, from 0 to 1.
    pub sample: SampleSection,
    /// Whose decisions have no entries.
    pub drop: DropSection,
    /// Mask personal facts: the host and groups by HMAC, paths below home folders and attributes
    /// not at all.
    pub mask_personal: bool,
    /// What else is masked, or shown all the same. Where two meet, the later one holds.
    pub masks: Vec<MaskSection>,
    /// A file with the key of HMACs, 16 to 4,096 bytes, the same for all servers whose entries are to
    /// be joined. Where it is not given, a key made at the start holds until the end.
    pub hmac_key_file: Option<PathBuf>,
    /// Entries that wait to be written in lossy mode: 1 to 1,000,000.
    pub queued_entries: usize,
    /// About how many bytes they take: `1MiB` to `4GiB`.
    pub queued_bytes: Size,
    /// Bytes that wait for each sink in lossy mode: `1MiB` to `4GiB`. The oldest make room.
    pub sink_bytes: Size,
    /// Where entries are kept in strict mode until all sinks have them.
    pub spool: SpoolSection,
    /// Entries as lines on the standard output.
    pub stdout: StdoutSinkSection,
    /// Entries as lines in a file.
    pub file: FileSinkSection,
    /// Entries to a service that takes decision logs of OPA.
    pub http: HttpSinkSection,
    /// Entries as log records of OpenTelemetry, where OTEL_EXPORTER_OTLP_ENDPOINT and its like say.
    pub otlp: OtlpSinkSection,
}

/// Whether decisions are logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// They are not.
    Off,
    /// As far as it goes well.
    Lossy,
    /// Or they are not answered.
    Strict,
}

/// The share of decisions that is kept of each effect.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SampleSection {
    /// Of ALLOW: 0 to 1.
    pub allow: f64,
    /// Of WARN: 0 to 1.
    pub warn: f64,
    /// Of REVIEW: 0 to 1.
    pub review: f64,
    /// Of INDETERMINATE: 0 to 1.
    pub indeterminate: f64,
    /// Of DENY: 0 to 1.
    pub deny: f64,
}

/// Whose decisions have no entries.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DropSection {
    /// What is asked through these doors.
    pub doors: Vec<Door>,
    /// What these principals ask, by name.
    pub principals: Vec<String>,
}

/// A mask.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MaskSection {
    /// Where, as a JSON pointer into an entry, such as `/facts/groups/*`. `*` stands for every
    /// element of a list and every member of an object.
    pub pointer: String,
    /// What is done there.
    pub op: MaskWord,
    /// For `truncate`: how many characters stay, 0 to 65,536.
    #[serde(default)]
    pub length: Option<usize>,
}

/// What a mask does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MaskWord {
    /// It stays as it is, whatever was said of it before.
    Keep,
    /// It is left out.
    Remove,
    /// Its HMAC-SHA-256 stands in its place.
    Hmac,
    /// A text is cut to `length` characters.
    Truncate,
    /// Of a path below a home folder only the place of home folders stays.
    Home,
}

impl Default for DecisionLogSection {
    fn default() -> Self {
        Self {
            mode: Mode::Off,
            labels: BTreeMap::new(),
            refusals: false,
            sample: SampleSection::default(),
            drop: DropSection::default(),
            mask_personal: true,
            masks: Vec::new(),
            hmac_key_file: None,
            queued_entries: 10_000,
            queued_bytes: Size(64 * 1_024 * 1_024),
            sink_bytes: Size(64 * 1_024 * 1_024),
            spool: SpoolSection::default(),
            stdout: StdoutSinkSection::default(),
            file: FileSinkSection::default(),
            http: HttpSinkSection::default(),
            otlp: OtlpSinkSection::default(),
        }
    }
}

impl Default for SampleSection {
    fn default() -> Self {
        Self {
            allow: 1.0,
            warn: 1.0,
            review: 1.0,
            indeterminate: 1.0,
            deny: 1.0,
        }
    }
}

impl DecisionLogSection {
    /// The settings that the section stands for.
    ///
    /// # Errors
    /// The first setting that does not keep its range, or does not go with the others.
    pub(crate) fn settings(&self) -> Result<DecisionLogSettings, ConfigInvalid> {
        let mode = match self.mode {
            Mode::Off => LogMode::Off,
            Mode::Lossy => LogMode::Lossy,
            Mode::Strict => LogMode::Strict,
        };
        let settings = DecisionLogSettings {
            mode,
            labels: self.labels()?,
            refusals: self.refusals,
            sample: self.sample.shares()?,
            drop_doors: self.drop.doors.iter().copied().collect(),
            drop_principals: self.drop.principals.iter().cloned().collect(),
            mask_personal: self.mask_personal,
            masks: self
                .masks
                .iter()
                .map(MaskSection::mask)
                .collect::<Result<_, _>>()?,
            hmac_key_file: self.hmac_key_file.clone(),
            queued_entries: self.queued_entries()?,
            queued_bytes: memory("decision_log.queued_bytes", self.queued_bytes)?,
            sink_bytes: memory("decision_log.sink_bytes", self.sink_bytes)?,
            spool: self.spool.settings(mode == LogMode::Strict)?,
            stdout: self.stdout.settings(),
            file: self.file.settings()?,
            http: self.http.settings()?,
            otlp: self.otlp.settings(),
        };
        let has_sink = settings.stdout.is_some()
            || settings.file.is_some()
            || settings.http.is_some()
            || settings.otlp.is_some();
        if mode == LogMode::Lossy && !has_sink {
            return Err(ConfigInvalid::new(
                "decision_log.mode",
                "lossy",
                "off where entries go nowhere: say `decision_log.stdout.enabled`, `decision_log.file.path`, `decision_log.http.url` or `decision_log.otlp.enabled`",
            ));
        }
        Ok(settings)
    }

    fn labels(&self) -> Result<BTreeMap<String, String>, ConfigInvalid> {
        let own = ["id", "version"];
        let is_sound = |(name, value): (&String, &String)| {
            !own.contains(&name.as_str())
                && (1..=LABEL_BYTES).contains(&name.len())
                && value.len() <= LABEL_BYTES
        };
        if self.labels.len() <= LABELS && self.labels.iter().all(is_sound) {
            return Ok(self.labels.clone());
        }
        let names: Vec<&str> = self
            .labels
            .keys()
            .map(String::as_str)
            .take(LABELS)
            .collect();
        Err(ConfigInvalid::new(
            "decision_log.labels",
            names.join(", "),
            format!(
                "at most {LABELS} labels of 1 to {LABEL_BYTES} bytes, none of them `id` or `version`"
            ),
        ))
    }

    fn queued_entries(&self) -> Result<usize, ConfigInvalid> {
        let entries = self.queued_entries;
        if (1..=1_000_000).contains(&entries) {
            return Ok(entries);
        }
        let range = "1 to 1000000";
        Err(ConfigInvalid::new(
            "decision_log.queued_entries",
            entries,
            range,
        ))
    }
}

impl SampleSection {
    fn shares(&self) -> Result<BTreeMap<Effect, Share>, ConfigInvalid> {
        let Self {
            allow,
            warn,
            review,
            indeterminate,
            deny,
        } = *self;
        [
            (Effect::Allow, allow),
            (Effect::Warn, warn),
            (Effect::Review, review),
            (Effect::Indeterminate, indeterminate),
            (Effect::Deny, deny),
        ]
        .into_iter()
        .filter(|(_, share)| *share != 1.0)
        .map(|(effect, share)| {
            let setting = format!("decision_log.sample.{}", effect.word());
            let known =
                Share::new(share).ok_or_else(|| ConfigInvalid::new(setting, share, "0 to 1"));
            known.map(|share| (effect, share))
        })
        .collect()
    }
}

impl MaskSection {
    fn mask(&self) -> Result<Mask, ConfigInvalid> {
        let invalid =
            |value: String, range: &str| ConfigInvalid::new("decision_log.masks", value, range);
        let op = match (self.op, self.length) {
            (MaskWord::Keep, None) => MaskOp::Keep,
            (MaskWord::Remove, None) => MaskOp::Remove,
            (MaskWord::Hmac, None) => MaskOp::Hmac,
            (MaskWord::Home, None) => MaskOp::Home,
            (MaskWord::Truncate, Some(length)) if length <= 65_536 => MaskOp::Truncate(length),
            (MaskWord::Truncate, _) => {
                let range = "given a `length` of 0 to 65536 characters with `truncate`";
                return Err(invalid(self.pointer.clone(), range));
            }
            (_, Some(_)) => {
                let range = "without `length`, which `truncate` alone has";
                return Err(invalid(self.pointer.clone(), range));
            }
        };
        let mask = Mask {
            pointer: self.pointer.clone(),
            op,
        };
        match mask.check() {
            Ok(()) => Ok(mask),
            Err(cause) => Err(invalid(self.pointer.clone(), &cause.to_string())),
        }
    }
}

fn memory(setting: &'static str, size: Size) -> Result<usize, ConfigInvalid> {
    let (least, most) = (Size(1 << 20), Size(4 << 30));
    let bytes = usize::try_from(size.0).ok();
    match bytes.filter(|_| (least..=most).contains(&size)) {
        Some(bytes) => Ok(bytes),
        None => Err(ConfigInvalid::new(
            setting,
            size,
            format!("{least} to {most}"),
        )),
    }
}

#[cfg(test)]
mod tests;
