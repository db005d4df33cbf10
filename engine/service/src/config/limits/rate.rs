//! What one caller may ask for in a second.

use super::super::{ConfigInvalid, within};

/// How often one caller may ask. A caller is whom its credential names, or, without one, its
/// address, of which IPv6 counts the first 64 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateSettings {
    /// Calls in a second: 1 to 1,000,000. No limit without it.
    pub calls_per_second: Option<u32>,
    /// Calls that may come at once: 1 to 1,000,000. As many as in a second without it.
    pub burst: Option<u32>,
    /// Hosts in a second that are judged for a caller, over all its calls: 1 to 100,000,000. No
    /// limit without it.
    pub hosts_per_second: Option<u32>,
    /// Callers of whom it is remembered what they asked for: 16 to 10,000,000. Those beyond share
    /// what one may ask for.
    pub callers: usize,
}

impl Default for RateSettings {
    fn default() -> Self {
        Self {
            calls_per_second: None,
            burst: None,
            hosts_per_second: None,
            callers: 10_000,
        }
    }
}

impl RateSettings {
    pub(super) fn check(&self) -> Result<(), ConfigInvalid> {
        for (setting, value, most) in [
            (
                "limits.rate.calls_per_second",
                self.calls_per_second,
                1_000_000,
            ),
            ("limits.rate.burst", self.burst, 1_000_000),
            (
                "limits.rate.hosts_per_second",
                self.hosts_per_second,
                100_000_000,
            ),
        ] {
            if let Some(value) = value {
                within(setting, value, 1, most)?;
            }
        }
        within("limits.rate.callers", self.callers, 16, 10_000_000)?;
        if self.burst.is_some() && self.calls_per_second.is_none() {
            return Err(ConfigInvalid {
                setting: "limits.rate.burst".into(),
                value: "set".to_owned(),
                range: "left out where `limits.rate.calls_per_second` is, or both be set"
                    .to_owned(),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_of_nothing_and_a_burst_of_no_rate_are_refused() {
        assert_eq!(RateSettings::default().check(), Ok(()));
        let none = RateSettings {
            calls_per_second: Some(0),
            ..RateSettings::default()
        };
        assert_eq!(
            none.check().unwrap_err().setting,
            "limits.rate.calls_per_second"
        );
        let alone = RateSettings {
            burst: Some(5),
            ..RateSettings::default()
        };
        assert_eq!(alone.check().unwrap_err().setting, "limits.rate.burst");
    }
}
