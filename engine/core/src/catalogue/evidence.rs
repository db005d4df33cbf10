//! Evidence: the signs by which an item is taken for a product, and how far they carry.

use std::fmt;

/// How far a sign carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// Never enough alone.
    Weak,
    /// Enough together with a second sign.
    Medium,
    /// Enough alone.
    Strong,
}

impl Strength {
    /// The word that rules and messages use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Weak => "weak",
            Self::Medium => "medium",
            Self::Strong => "strong",
        }
    }
}

/// What kind of sign it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvidenceKind {
    /// A bundle id or Android application id.
    BundleId,
    /// A CPE name.
    Cpe,
    /// The name that the system shows.
    DisplayName,
    /// The id of a browser extension.
    ExtensionId,
    /// A name in a package database, a winget or AppX id.
    PackageName,
    /// A path.
    Path,
    /// The name of a process or service.
    ProcessName,
    /// A Windows Installer product code.
    ProductCode,
    /// The publisher that the registry states.
    Publisher,
    /// A package URL.
    Purl,
    /// The hash of the main executable.
    Sha256,
    /// The signer of a signature that held.
    Signer,
    /// The Apple Team ID of a signature that held.
    TeamId,
}

impl EvidenceKind {
    /// The word that the API, rules and messages use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::BundleId => "bundle-id",
            Self::Cpe => "cpe",
            Self::DisplayName => "display-name",
            Self::ExtensionId => "extension-id",
            Self::PackageName => "package-name",
            Self::Path => "path",
            Self::ProcessName => "process-name",
            Self::ProductCode => "product-code",
            Self::Publisher => "publisher",
            Self::Purl => "purl",
            Self::Sha256 => "sha256",
            Self::Signer => "signer",
            Self::TeamId => "team-id",
        }
    }

    /// How far a sign of this kind carries. What nobody has verified never carries alone.
    pub(super) fn strength(self, verified: bool) -> Strength {
        let most = match self {
            Self::BundleId
            | Self::ExtensionId
            | Self::PackageName
            | Self::Purl
            | Self::Sha256
            | Self::TeamId => Strength::Strong,
            Self::DisplayName | Self::ProductCode | Self::Publisher | Self::Signer => {
                Strength::Medium
            }
            Self::Cpe | Self::Path | Self::ProcessName => Strength::Weak,
        };
        if verified {
            most
        } else {
            most.min(Strength::Medium)
        }
    }
}

impl fmt::Display for EvidenceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One sign that an item is a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// What kind of sign it is.
    pub kind: EvidenceKind,
    /// The value in the facts that matched, as the caller sent it.
    pub value: String,
    /// How far it carries.
    pub strength: Strength,
    /// Whether somebody has verified that this value means the product. A finding that
    /// rests on nothing verified never denies.
    pub verified: bool,
}

/// The most pieces of evidence that are kept for one identification.
const MOST: usize = 32;

/// What counts of a sign when signs are weighed together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weight {
    pub(super) kind: EvidenceKind,
    pub(super) strength: Strength,
    pub(super) verified: bool,
}

/// How far signs carry together: nothing if they do not suffice.
///
/// One strong sign suffices; so does one of medium strength with a second sign of another
/// kind. A verified signer together with the product's name is as good as a strong sign.
pub(super) fn combined(signs: impl Iterator<Item = Weight> + Clone) -> Option<Strength> {
    let has = |kind| {
        signs
            .clone()
            .any(|sign| sign.kind == kind && sign.strength >= Strength::Medium)
    };
    let mut all = signs.clone();
    let is_strong = all.any(|sign| {
        sign.strength == Strength::Strong
            || (sign.kind == EvidenceKind::Signer
                && sign.verified
                && has(EvidenceKind::DisplayName))
    });
    if is_strong {
        return Some(Strength::Strong);
    }
    let medium = signs
        .clone()
        .find(|sign| sign.strength == Strength::Medium)?;
    let second = signs.clone().any(|sign| sign.kind != medium.kind);
    second.then_some(Strength::Medium)
}

/// Sorts evidence strongest first, then by kind and value, without repeats.
pub(super) fn arrange(evidence: &mut Vec<Evidence>) {
    evidence.sort_by(|a, b| {
        b.strength
            .cmp(&a.strength)
            .then_with(|| a.kind.word().cmp(b.kind.word()))
            .then_with(|| a.value.cmp(&b.value))
            .then_with(|| b.verified.cmp(&a.verified))
    });
    evidence.dedup_by(|later, first| later.kind == first.kind && later.value == first.value);
    evidence.truncate(MOST);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign(kind: EvidenceKind, strength: Strength) -> Weight {
        Weight {
            kind,
            strength,
            verified: true,
        }
    }

    #[test]
    fn of_many_signs_the_strongest_thirty_two_are_kept() {
        let kept = |count: usize| {
            let piece = |at: usize| Evidence {
                kind: EvidenceKind::Path,
                value: at.to_string(),
                strength: if at == 0 {
                    Strength::Strong
                } else {
                    Strength::Weak
                },
                verified: true,
            };
            let mut evidence: Vec<Evidence> = (0..count).rev().map(piece).collect();
            arrange(&mut evidence);
            evidence
        };
        assert_eq!(kept(32).len(), 32);
        let cut = kept(33);
        assert_eq!((cut.len(), &*cut[0].value), (32, "0"));
    }

    #[test]
    fn signs_suffice_alone_if_strong_and_in_pairs_if_medium() {
        use EvidenceKind::{BundleId, Cpe, DisplayName, Path, Publisher, Signer};
        use Strength::{Medium, Strong, Weak};
        let rows: Vec<(Vec<Weight>, Option<Strength>)> = vec![
            (vec![], None),
            (vec![sign(BundleId, Strong)], Some(Strong)),
            (vec![sign(DisplayName, Medium)], None),
            (
                vec![sign(DisplayName, Medium), sign(DisplayName, Medium)],
                None,
            ),
            (
                vec![sign(DisplayName, Medium), sign(Publisher, Medium)],
                Some(Medium),
            ),
            (
                vec![sign(DisplayName, Medium), sign(Path, Weak)],
                Some(Medium),
            ),
            (vec![sign(Cpe, Weak), sign(Path, Weak)], None),
            (vec![sign(Signer, Medium)], None),
            (
                vec![sign(Signer, Medium), sign(DisplayName, Medium)],
                Some(Strong),
            ),
        ];
        for (signs, wanted) in rows {
            assert_eq!(combined(signs.iter().copied()), wanted, "{signs:?}");
        }
    }
}
