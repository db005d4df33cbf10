//! Versions: which of two comes first under a named scheme.
//!
//! A version means nothing without its scheme: `1.10` follows `1.9` nearly everywhere, but
//! `1.0.1` precedes `1.0rc` in one scheme and is no version in the next. What does not parse
//! under the scheme is unknown, which is an answer and neither less nor greater. Those that
//! parse are in a total order. Time is linear in the texts, which are bounded.

mod android;
mod dotted;
mod dpkg;
mod number;
mod pep440;
mod rpm;
mod semver;

use std::cmp::Ordering;
use std::fmt;

/// Bytes of a version beyond which nobody meant it; what is longer is unknown.
const MAX_BYTES: usize = 1_024;

/// How versions of one kind are written and ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// Semantic Versioning 2.0.0, section 11.
    Semver,
    /// Debian packages: Debian Policy 5.6.12, as dpkg checks it.
    Dpkg,
    /// RPM packages: `[epoch:]version[-release]`.
    Rpm,
    /// Python packages: PEP 440.
    Pep440,
    /// Numbers with dots between them, as Windows has them.
    Dotted,
    /// The integer by which Android orders the versions of an app.
    AndroidVersionCode,
}

impl Scheme {
    /// All schemes.
    pub const ALL: [Self; 6] = [
        Self::Semver,
        Self::Dpkg,
        Self::Rpm,
        Self::Pep440,
        Self::Dotted,
        Self::AndroidVersionCode,
    ];

    /// The word that rules use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Semver => "semver",
            Self::Dpkg => "dpkg",
            Self::Rpm => "rpm",
            Self::Pep440 => "pep440",
            Self::Dotted => "dotted",
            Self::AndroidVersionCode => "android-version-code",
        }
    }

    /// The scheme of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.word() == word)
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Where a version stands in relation to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// It comes before the other.
    Less,
    /// Neither comes before the other.
    Equal,
    /// It comes after the other.
    Greater,
    /// At least one of them is no version of the scheme.
    Unknown,
}

impl Order {
    /// The word that rules see.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Less => "less",
            Self::Equal => "equal",
            Self::Greater => "greater",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Where the left version stands in relation to the right one.
#[must_use]
pub fn compare(scheme: Scheme, left: &str, right: &str) -> Order {
    if left.len() > MAX_BYTES || right.len() > MAX_BYTES {
        return Order::Unknown;
    }
    let order = match scheme {
        Scheme::Semver => semver::compare(left, right),
        Scheme::Dpkg => dpkg::compare(left, right),
        Scheme::Rpm => rpm::compare(left, right),
        Scheme::Pep440 => pep440::compare(left, right),
        Scheme::Dotted => dotted::compare(left, right),
        Scheme::AndroidVersionCode => android::compare(left, right),
    };
    match order {
        Some(Ordering::Less) => Order::Less,
        Some(Ordering::Equal) => Order::Equal,
        Some(Ordering::Greater) => Order::Greater,
        None => Order::Unknown,
    }
}

#[cfg(test)]
mod tests;
