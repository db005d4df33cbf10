//! Scopes: what a caller may do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that a caller may do.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Ask for decisions.
    Decide,
    /// Ask why, and how a decision changes.
    Explain,
    /// Read policies, and follow which set judges.
    PolicyRead,
    /// Have bundles compiled and tests run.
    PolicyTest,
    /// What changes how the server works.
    Admin,
    /// Read the decision log.
    LogRead,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 6] = [
        Self::Decide,
        Self::Explain,
        Self::PolicyRead,
        Self::PolicyTest,
        Self::Admin,
        Self::LogRead,
    ];

    /// The word for it in credentials and settings.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Decide => "decide",
            Self::Explain => "explain",
            Self::PolicyRead => "policy-read",
            Self::PolicyTest => "policy-test",
            Self::Admin => "admin",
            Self::LogRead => "log-read",
        }
    }

    /// The scope of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.word() == word)
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Decide => 1,
            Self::Explain => 1 << 1,
            Self::PolicyRead => 1 << 2,
            Self::PolicyTest => 1 << 3,
            Self::Admin => 1 << 4,
            Self::LogRead => 1 << 5,
        }
    }
}

/// A set of scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scopes(u8);

impl Scopes {
    /// All of them.
    #[must_use]
    pub fn all() -> Self {
        Scope::ALL.into_iter().collect()
    }

    /// Whether one is among them.
    #[must_use]
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Those that are in one of two sets.
    #[must_use]
    pub const fn either(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those that are in both sets.
    #[must_use]
    pub const fn both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |all, scope| all | scope.bit()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in_and_nothing_else() {
        let some: Scopes = [Scope::Decide, Scope::LogRead].into_iter().collect();
        for scope in Scope::ALL {
            let is_in = matches!(scope, Scope::Decide | Scope::LogRead);
            assert_eq!(some.contains(scope), is_in, "{scope:?}");
            assert!(Scopes::all().contains(scope));
            assert!(!Scopes::default().contains(scope));
            assert_eq!(Scope::from_word(scope.word()), Some(scope));
        }
        let one: Scopes = [Scope::Decide].into_iter().collect();
        assert_eq!(some.both(one), one);
        assert_eq!(some.either(one), some);
    }
}
