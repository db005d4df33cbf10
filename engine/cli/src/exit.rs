//! Exit codes, one meaning each.

use std::process::ExitCode;

use embargo_client::v1::Effect;

use crate::args::FailOn;

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: done; allowed, or allowed with a warning.
    Done,
    /// 1: denied; tests failed; policies are invalid.
    Refused,
    /// 2: no answer: usage, bad facts, no policies, unreachable, indeterminate.
    Undecided,
    /// 3: a person must decide.
    Review,
    /// The code of the command that `embargo with` ran, whatever it means there.
    OfCommand(u8),
}

impl Exit {
    /// All that are this program's own, in the order of their codes.
    pub(crate) const ALL: [Self; 4] = [Self::Done, Self::Refused, Self::Undecided, Self::Review];

    /// The code.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Refused => 1,
            Self::Undecided => 2,
            Self::Review => 3,
            Self::OfCommand(code) => code,
        }
    }

    /// What it means.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done; allowed, or allowed with a warning",
            Self::Refused => "denied; tests failed; policies invalid; a threshold missed",
            Self::Undecided => {
                "no answer: usage, bad facts, no policies, unreachable, indeterminate"
            }
            Self::Review => "a person must decide",
            Self::OfCommand(_) => "what the command says",
        }
    }
}

/// The codes and what they mean, for the end of the help.
pub(crate) fn codes() -> String {
    let lines = Exit::ALL.map(|exit| format!("  {}  {}", exit.code(), exit.meaning()));
    format!("Exit codes:\n{}", lines.join("\n"))
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// How a command ends that got this effect. `--fail-on` names the weakest effect that counts
/// as refused.
pub(crate) const fn of_effect(effect: Effect, fail_on: FailOn) -> Exit {
    match (effect, fail_on) {
        (Effect::Unspecified | Effect::Indeterminate, _) => Exit::Undecided,
        (Effect::Deny, _)
        | (Effect::Review, FailOn::Review | FailOn::Warn)
        | (Effect::Warn, FailOn::Warn) => Exit::Refused,
        (Effect::Review, FailOn::Deny) => Exit::Review,
        (Effect::Allow, _) | (Effect::Warn, FailOn::Deny | FailOn::Review) => Exit::Done,
    }
}

/// The graver of two ends: no answer, then refused, then review.
pub(crate) fn graver(one: Exit, other: Exit) -> Exit {
    let rank = |exit| match exit {
        Exit::Undecided | Exit::OfCommand(_) => 3,
        Exit::Refused => 2,
        Exit::Review => 1,
        Exit::Done => 0,
    };
    if rank(other) > rank(one) { other } else { one }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_effect_has_one_exit_for_each_line() {
        use Exit::{Done, Refused, Review, Undecided};
        let lines = [FailOn::Deny, FailOn::Review, FailOn::Warn];
        for (effect, wanted) in [
            (Effect::Allow, [Done, Done, Done]),
            (Effect::Warn, [Done, Done, Refused]),
            (Effect::Review, [Review, Refused, Refused]),
            (Effect::Indeterminate, [Undecided, Undecided, Undecided]),
            (Effect::Deny, [Refused, Refused, Refused]),
            (Effect::Unspecified, [Undecided, Undecided, Undecided]),
        ] {
            assert_eq!(
                lines.map(|line| of_effect(effect, line)),
                wanted,
                "{effect:?}"
            );
        }
    }
}
