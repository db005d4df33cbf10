//! The outcome for a host, and for all of them: whether the pipeline goes ahead.

use embargo_client::v1;

use crate::args::FailOn;
use crate::args::gate::OnError;
use crate::exit::{self, Exit};

use super::lack::Lack;

/// Whether the pipeline goes ahead, least grave first. Of several hosts the gravest counts, as
/// for `embargo decide`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    /// Allowed, or allowed with a warning.
    GoAhead,
    /// There is no decision, and `--on-error allow` lets that pass.
    Pardoned,
    /// A person must decide.
    Review,
    Denied,
    /// There is a decision, and a denial cannot be ruled out.
    Indeterminate,
    /// There is no decision.
    NotDecided,
}

impl Outcome {
    pub(super) fn of_decision(decision: &v1::Decision, fail_on: FailOn) -> Self {
        match exit::of_effect(decision.effect(), fail_on) {
            Exit::Done => Self::GoAhead,
            Exit::Review => Self::Review,
            Exit::Refused => Self::Denied,
            Exit::Undecided | Exit::OfCommand(_) => Self::Indeterminate,
        }
    }

    pub(super) const fn of_lack(lack: Lack, on_error: OnError) -> Self {
        match on_error {
            OnError::Allow if lack.is_pardonable() => Self::Pardoned,
            OnError::Allow | OnError::Deny => Self::NotDecided,
        }
    }

    pub(super) const fn exit(self) -> Exit {
        match self {
            Self::GoAhead | Self::Pardoned => Exit::Done,
            Self::Review => Exit::Review,
            Self::Denied => Exit::Refused,
            Self::Indeterminate | Self::NotDecided => Exit::Undecided,
        }
    }

    /// The word for programs.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::GoAhead => "go-ahead",
            Self::Review => "review",
            Self::Denied => "denied",
            Self::Indeterminate => "indeterminate",
            Self::Pardoned | Self::NotDecided => "not-decided",
        }
    }

    /// The first words for people.
    pub(super) const fn verdict(self) -> &'static str {
        match self {
            Self::GoAhead => "go ahead",
            Self::Pardoned => "not checked, and --on-error allow lets that pass",
            Self::Review => "stop: a person must decide",
            Self::Denied => "stop: denied",
            Self::Indeterminate => "stop: indeterminate",
            Self::NotDecided => "stop: no decision",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::graver;

    const ALL: [Outcome; 6] = [
        Outcome::GoAhead,
        Outcome::Pardoned,
        Outcome::Review,
        Outcome::Denied,
        Outcome::Indeterminate,
        Outcome::NotDecided,
    ];

    #[test]
    fn the_gravest_of_two_ends_as_for_decide() {
        for one in ALL {
            for other in ALL {
                assert_eq!(
                    one.max(other).exit(),
                    graver(one.exit(), other.exit()),
                    "{one:?} {other:?}"
                );
            }
        }
    }

    #[test]
    fn an_effect_that_nobody_knows_does_not_go_ahead() {
        for effect in [0, 6, -1, 99] {
            let decision = v1::Decision {
                effect,
                ..Default::default()
            };
            for fail_on in [FailOn::Warn, FailOn::Review, FailOn::Deny] {
                let outcome = Outcome::of_decision(&decision, fail_on);
                assert_eq!(outcome.exit(), Exit::Undecided, "{effect}");
            }
        }
    }

    #[test]
    fn only_a_lack_that_is_the_services_is_pardoned_and_only_on_request() {
        for lack in Lack::ALL {
            assert_eq!(
                Outcome::of_lack(lack, OnError::Deny),
                Outcome::NotDecided,
                "{lack:?}"
            );
            let allowed = Outcome::of_lack(lack, OnError::Allow);
            let wanted = match lack {
                Lack::Unreachable | Lack::Timeout | Lack::Overloaded | Lack::NoSnapshot => {
                    Outcome::Pardoned
                }
                _ => Outcome::NotDecided,
            };
            assert_eq!(allowed, wanted, "{lack:?}");
            assert_eq!(allowed.word(), "not-decided");
        }
    }
}
