//! How long a decision may be kept.

use std::time::SystemTime;

use embargo_proto::v1::{Decision, Effect};

/// Whether a decision holds at `now`: from its `evaluate_time` until, and without, its
/// `next_change_time`.
///
/// It holds only as long as the facts are the same and its snapshot stays active, which
/// [`Client::watch_snapshot`](crate::Client::watch_snapshot) tells. A decision that states no
/// instant or no effect that this release knows never holds, and neither does one from a server
/// whose clock is ahead, until `now` has caught up.
#[must_use]
pub fn decision_is_current(decision: &Decision, now: SystemTime) -> bool {
    let Some(Ok(start)) = decision.evaluate_time.map(SystemTime::try_from) else {
        return false;
    };
    let unchanged = match decision.next_change_time.map(SystemTime::try_from) {
        None => true,
        Some(Ok(change)) => now < change,
        Some(Err(_)) => false,
    };
    start <= now && unchanged && decision.effect() != Effect::Unspecified
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use prost_types::Timestamp;

    use super::*;

    fn at(seconds: i64) -> Option<Timestamp> {
        Some(Timestamp { seconds, nanos: 0 })
    }

    fn holds_at(decision: &Decision, seconds: u64) -> bool {
        decision_is_current(
            decision,
            SystemTime::UNIX_EPOCH + Duration::from_secs(seconds),
        )
    }

    #[test]
    fn a_decision_holds_from_its_instant_until_its_next_change() {
        let decision = Decision {
            effect: Effect::Allow.into(),
            evaluate_time: at(10),
            next_change_time: at(20),
            ..Decision::default()
        };
        assert!(!holds_at(&decision, 9));
        assert!(holds_at(&decision, 10));
        assert!(holds_at(&decision, 19));
        assert!(!holds_at(&decision, 20));
        assert!(holds_at(
            &Decision {
                next_change_time: None,
                ..decision
            },
            u64::from(u32::MAX)
        ));
    }

    #[test]
    fn what_is_no_decision_never_holds() {
        let decision = Decision {
            effect: Effect::Allow.into(),
            evaluate_time: at(10),
            ..Decision::default()
        };
        assert!(holds_at(&decision, 11));
        assert!(!holds_at(
            &Decision {
                evaluate_time: None,
                ..decision.clone()
            },
            11
        ));
        assert!(!holds_at(
            &Decision {
                effect: 0,
                ..decision.clone()
            },
            11
        ));
        assert!(!holds_at(
            &Decision {
                effect: 99,
                ..decision
            },
            11
        ));
    }
}
