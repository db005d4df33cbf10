//! The standing of a finding: what it counts as, and the rule that it is counted under.

use embargo_client::v1;
use v1::finding::Disposition;

/// What a finding counts as, in the order of strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    Exempt,
    Waived,
    Warn,
    Review,
    Deny,
}

impl Standing {
    /// What is not known counts as the gravest that it can be.
    pub(crate) fn of(finding: &v1::Finding) -> Self {
        match Disposition::try_from(finding.disposition) {
            Ok(Disposition::Exempt) => Self::Exempt,
            Ok(Disposition::Waived) => Self::Waived,
            _ => match v1::Effect::try_from(finding.effect) {
                Ok(v1::Effect::Warn) => Self::Warn,
                Ok(v1::Effect::Review) => Self::Review,
                _ => Self::Deny,
            },
        }
    }

    /// The effect that it has on the decision.
    pub(crate) const fn effect(self) -> v1::Effect {
        match self {
            Self::Exempt => v1::Effect::Allow,
            Self::Waived | Self::Warn => v1::Effect::Warn,
            Self::Review => v1::Effect::Review,
            Self::Deny => v1::Effect::Deny,
        }
    }

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Exempt => "exempt",
            Self::Waived => "waived",
            Self::Warn => "warn",
            Self::Review => "review",
            Self::Deny => "deny",
        }
    }
}

/// The instrument that a finding rests on, or the policy if it rests on none.
pub(crate) fn rule(finding: &v1::Finding) -> &str {
    match finding.instrument_id.as_str() {
        "" => &finding.policy_id,
        instrument => instrument,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_counts_as_a_denial() {
        let standing = |disposition: i32, effect: i32| {
            Standing::of(&v1::Finding {
                disposition,
                effect,
                ..Default::default()
            })
        };
        let active = Disposition::Active.into();
        for (disposition, effect, wanted) in [
            (active, v1::Effect::Warn.into(), Standing::Warn),
            (active, v1::Effect::Review.into(), Standing::Review),
            (active, v1::Effect::Deny.into(), Standing::Deny),
            (active, 0, Standing::Deny),
            (active, 99, Standing::Deny),
            (99, v1::Effect::Warn.into(), Standing::Warn),
            (
                Disposition::Waived.into(),
                v1::Effect::Deny.into(),
                Standing::Waived,
            ),
            (
                Disposition::Exempt.into(),
                v1::Effect::Deny.into(),
                Standing::Exempt,
            ),
        ] {
            assert_eq!(standing(disposition, effect), wanted);
        }
    }
}
