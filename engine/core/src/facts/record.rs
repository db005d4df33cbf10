//! The shape of facts, as the API and fact files have it.
//!
//! In files the names are those of the proto in snake_case, enums are short lower-case
//! words, instants RFC 3339, and a hash is 64 hexadecimal digits. Unknown keys are
//! errors.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, de};

use crate::instant::Instant;

use super::attributes::{self, Attribute};

/// Everything that is said about one host.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostRecord {
    /// Identifies the host across calls.
    #[serde(default)]
    pub host_id: String,
    /// The operating system.
    pub os: Option<OperatingSystem>,
    /// What kind of device it is, in kebab-case.
    pub form_factor: Option<String>,
    /// Who owns the host.
    pub owner: Option<Owner>,
    /// What the host is used for, in kebab-case.
    #[serde(default)]
    pub purposes: Vec<String>,
    /// The groups that the host or its user belongs to.
    #[serde(default)]
    pub groups: Vec<String>,
    /// The software, in the order in which findings refer to it.
    #[serde(default)]
    pub software: Vec<Software>,
    /// How completely each source of `software` was read.
    #[serde(default)]
    pub coverage: Vec<Coverage>,
    /// When these facts were read on the host.
    pub collect_time: Option<Instant>,
    /// Facts that the schema has no field for.
    #[serde(default, deserialize_with = "attributes::fields")]
    pub attributes: Option<BTreeMap<String, Attribute>>,
}

/// The operating system of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatingSystem {
    /// The family, in kebab-case.
    pub family: Option<String>,
    /// The version as the system states it.
    pub version: Option<String>,
    /// The processor architecture.
    pub architecture: Option<String>,
}

/// Who owns a host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    /// The kind of owner.
    pub kind: Option<OwnerKind>,
    /// ISO 3166-1 alpha-2 codes, ISO 3166-2 codes, or `EU`.
    #[serde(default)]
    pub jurisdictions: Vec<String>,
    /// The sectors that the owner works in, in kebab-case.
    #[serde(default)]
    pub sectors: Vec<String>,
    /// Whether the owner is a U.S. person.
    pub us_person: Option<bool>,
    /// The contract clauses that bind the owner.
    #[serde(default)]
    pub contract_clauses: Vec<String>,
}

/// The kinds of owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OwnerKind {
    /// A public body of any level.
    Government,
    /// A business, for what it does under a contract with a public body.
    Contractor,
    /// A business or other organisation.
    Business,
    /// A natural person.
    Personal,
}

impl OwnerKind {
    /// The word that rules, files and messages use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Government => "government",
            Self::Contractor => "contractor",
            Self::Business => "business",
            Self::Personal => "personal",
        }
    }
}

/// One piece of software on a host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Software {
    /// The name as the system states it.
    pub name: String,
    /// The version as the system states it.
    pub version: Option<String>,
    /// The publisher that the package or registry states.
    pub publisher: Option<String>,
    /// Where the item was found, such as `programs` or `deb_packages`.
    pub source: Option<String>,
    /// The Apple bundle id or the Android application id.
    pub bundle_id: Option<String>,
    /// The exact name in a package database, or the winget or AppX id.
    pub package_id: Option<String>,
    /// The id of a browser or editor extension.
    pub extension_id: Option<String>,
    /// The Windows Installer product code.
    pub product_code: Option<String>,
    /// The Apple Developer Team ID of a signature that held.
    pub team_id: Option<String>,
    /// The subject name of the signer of a signature that held.
    pub signer: Option<String>,
    /// The SHA-256 of the main executable.
    pub sha256: Option<Sha256>,
    /// The package URL.
    pub purl: Option<String>,
    /// The CPE name.
    pub cpe: Option<String>,
    /// Where it is installed.
    pub path: Option<String>,
    /// The product that this item is a component of.
    pub embedded_in: Option<String>,
    /// When it was installed.
    pub install_time: Option<Instant>,
}

/// How completely one source of software was read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// The source, in the names of [`Software::source`].
    pub source: String,
    /// How far the reading went.
    pub state: CoverageState,
    /// When the source was read.
    pub collect_time: Option<Instant>,
}

/// How far a source was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CoverageState {
    /// Everything that the source holds was read.
    Complete,
    /// A part was read.
    Partial,
    /// The system or the law does not let the caller read it.
    NotPermitted,
    /// Nobody tried.
    NotCollected,
    /// A part of what was collected could not be read.
    Unreadable,
}

impl CoverageState {
    /// Of two statements about one source the one that claims less.
    #[must_use]
    pub fn weaker(self, other: Self) -> Self {
        let rank = |state| match state {
            Self::Complete => 0,
            Self::Partial => 1,
            Self::NotPermitted => 2,
            Self::NotCollected => 3,
            Self::Unreadable => 4,
        };
        if rank(other) > rank(self) {
            other
        } else {
            self
        }
    }

    /// The word that rules, files and messages use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::NotPermitted => "not-permitted",
            Self::NotCollected => "not-collected",
            Self::Unreadable => "unreadable",
        }
    }
}

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sha256(pub [u8; 32]);

impl fmt::Display for Sha256 {
    /// 64 lower-case hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let text: String = digits
            .filter_map(|digit| char::from_digit(u32::from(digit), 16))
            .collect();
        f.write_str(&text)
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Sha256 {
    /// Reads 64 hexadecimal digits of either case.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let [high, low] = pair else { return None };
            let high = char::from(*high).to_digit(16)?;
            let low = char::from(*low).to_digit(16)?;
            *byte = u8::try_from(high * 16 + low).ok()?;
        }
        Some(Self(bytes))
    }
}

impl<'de> Deserialize<'de> for Sha256 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_hex(&text)
            .ok_or_else(|| de::Error::custom("a SHA-256 digest is 64 hexadecimal digits"))
    }
}
