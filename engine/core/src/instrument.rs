//! Instruments: laws, directives and company rules as data.
//!
//! Each has an issuer, citations and phases in time; its rule is Rego beside it. What
//! nobody has verified never denies: a phase that is recalled or interpreted cannot have
//! the effect deny.

mod entry;

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use crate::catalogue::{Catalogue, Product};
use crate::diagnostic::Diagnostic;
use crate::facts::{OwnerKind, limits};
use crate::instant::Instant;
use crate::yaml;

use self::entry::InstrumentFile;
pub use self::entry::{Basis, Citation, Concerns, Phase, Provenance, Role, Scope};

/// What is about to be done with the software, or has been.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// The software is on the host.
    #[default]
    Presence,
    /// It is put on the host.
    Install,
    /// It receives code, signatures or other content from its vendor.
    Update,
    /// It is run.
    Use,
    /// It is bought, licensed, renewed or otherwise procured.
    Acquire,
    /// It is resold, integrated into a product or shipped in an image.
    Distribute,
    /// A cloud or web service of its vendor is used.
    Connect,
}

impl Action {
    /// All actions, in the order of the API.
    pub const ALL: [Self; 7] = [
        Self::Presence,
        Self::Install,
        Self::Update,
        Self::Use,
        Self::Acquire,
        Self::Distribute,
        Self::Connect,
    ];

    /// The word that rules, files and messages use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Presence => "presence",
            Self::Install => "install",
            Self::Update => "update",
            Self::Use => "use",
            Self::Acquire => "acquire",
            Self::Distribute => "distribute",
            Self::Connect => "connect",
        }
    }

    /// The action of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.word() == word)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What should happen; ascends in strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Nothing stands in the way and every policy concerned was evaluated.
    Allow,
    /// Something is worth knowing and nothing is required.
    Warn,
    /// A person must decide.
    Review,
    /// A policy could not be evaluated and nothing denies.
    Indeterminate,
    /// An instrument in force forbids it.
    Deny,
}

impl Effect {
    /// The word that files and messages use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Review => "review",
            Self::Indeterminate => "indeterminate",
            Self::Deny => "deny",
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One instrument.
#[derive(Debug)]
pub struct Instrument {
    /// The id, in kebab-case; also the name of its folder.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Who issued it.
    pub issuer: String,
    /// Whether it binds, advises or only gives context.
    pub role: Role,
    /// What it says, in words.
    pub summary: String,
    /// Where it can be read.
    pub citations: Vec<Citation>,
    /// The identifications that wake its rule; nothing, if it always runs.
    pub concerns: Option<Concerns>,
    /// The widest circle of those whom it can bind.
    pub scope: Scope,
    /// The default message of its findings, with `{software}`, `{product}`, `{vendor}`.
    pub message: String,
    /// What the owner can do.
    pub remediation: String,
    /// Its phases, by their first instant.
    pub phases: Vec<Phase>,
    /// The folder, relative to the bundle's root.
    pub folder: String,
    /// The whole file as it is, for `data.instruments`.
    pub(crate) data: serde_json::Value,
}

impl Instrument {
    /// Compiles instrument files, given by path and text. Without the whole catalogue, what they
    /// name of it is not missed.
    pub(crate) fn compile<'a>(
        files: impl Iterator<Item = (&'a str, &'a str)>,
        catalogue: Option<&Catalogue>,
        remarks: &mut Vec<Diagnostic>,
    ) -> BTreeMap<String, Self> {
        let mut instruments = BTreeMap::<String, Self>::new();
        for (path, text) in files {
            let read = yaml::read::<InstrumentFile>(path, text, "instrument-parse-error");
            let data = yaml::read::<serde_json::Value>(path, text, "instrument-parse-error");
            let (file, data) = match (read, data) {
                (Ok(file), Ok(data)) => (file, data),
                (Err(remark), _) | (_, Err(remark)) => {
                    remarks.push(remark);
                    continue;
                }
            };
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            entry::check(path, text, folder, &file, catalogue, remarks);
            if let Some(first) = instruments.get(&file.id) {
                let message = format!("`{}` is already in `{}`", file.id, first.folder);
                let remark = Diagnostic::error("instrument-duplicate-id", message);
                remarks.push(yaml::remark(path, text, &file.id, remark));
                continue;
            }
            instruments.insert(file.id.clone(), file.into_instrument(folder, data));
        }
        instruments
    }

    /// Whether an identification of this product wakes the instrument's rule.
    #[must_use]
    pub fn concerns(&self, product: &Product, vendor: &str) -> bool {
        self.concerns.as_ref().is_none_or(|concerns| {
            concerns.vendors.iter().any(|id| id == vendor)
                || concerns.products.contains(&product.id)
                || concerns.classes.contains(&product.class)
        })
    }

    /// The phases that are in force for an action at an instant.
    pub fn in_force(&self, action: Action, at: Instant) -> impl Iterator<Item = &Phase> {
        self.phases
            .iter()
            .filter(move |phase| phase.holds(action, at))
    }

    /// Every instant at which a phase begins or ends.
    pub fn boundaries(&self) -> impl Iterator<Item = Instant> {
        self.phases
            .iter()
            .flat_map(|phase| [Some(phase.from), phase.until])
            .flatten()
    }
}

impl Scope {
    /// Whether what is known about an owner puts them outside of the scope. Absent facts
    /// never do.
    #[must_use]
    pub fn excludes(&self, kind: Option<OwnerKind>, jurisdictions: &[String]) -> bool {
        let kind_outside = match (&self.owner_kinds, kind) {
            (Some(kinds), Some(kind)) => !kinds.contains(&kind),
            _ => false,
        };
        let place_outside = self.jurisdictions.as_ref().is_some_and(|known| {
            !jurisdictions.is_empty() && !jurisdictions.iter().any(|code| known.contains(code))
        });
        kind_outside || place_outside
    }
}

/// The most citations of an instrument.
const CITATIONS: usize = 16;
/// The most bytes of a message and of a remediation.
const SENTENCE_BYTES: usize = limits::TEXT_BYTES;

#[cfg(test)]
mod tests;
