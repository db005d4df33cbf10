//! The listener for those who run the server: metrics and probes, without credentials.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ConfigInvalid;
use super::values::Span;

/// The listener for those who run the server.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ManagementSection {
    /// Where `/metrics`, `/livez` and `/readyz` are, as HOST:PORT: plain HTTP without credentials, and
    /// without facts of hosts. Nowhere where it is not given.
    pub listen: Option<String>,
    /// Connections to it at a time: 1 to 1,024. Others wait.
    pub connections: usize,
    /// How long a request to it may take: `1s` to `1m`.
    pub request_limit: Span,
    /// Tell callers on this very machine at `/debug/rules` how long each policy takes. It is measured
    /// only while somebody asks.
    pub rule_times: bool,
}

impl Default for ManagementSection {
    fn default() -> Self {
        let settings = ManagementSettings::default();
        Self {
            listen: settings.listen,
            connections: settings.connections,
            request_limit: Span(settings.request_limit),
            rule_times: settings.rule_times,
        }
    }
}

impl ManagementSection {
    /// The settings that it stands for.
    ///
    /// # Errors
    /// The first setting that does not keep its range.
    pub(crate) fn settings(self) -> Result<ManagementSettings, ConfigInvalid> {
        let settings = ManagementSettings {
            listen: self.listen.filter(|listen| !listen.is_empty()),
            connections: self.connections,
            request_limit: self.request_limit.0,
            rule_times: self.rule_times,
        };
        if !(1..=1_024).contains(&settings.connections) {
            let (setting, range) = ("management.connections", "1 to 1024");
            return Err(ConfigInvalid::new(setting, settings.connections, range));
        }
        let limits = Duration::from_secs(1)..=Duration::from_secs(60);
        if !limits.contains(&settings.request_limit) {
            let (setting, range) = ("management.request_limit", "1s to 1m");
            return Err(ConfigInvalid::new(setting, self.request_limit, range));
        }
        Ok(settings)
    }
}

/// The listener for those who run the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagementSettings {
    /// Where it listens; nowhere without.
    pub listen: Option<String>,
    /// Connections at a time: 1 to 1,024.
    pub connections: usize,
    /// How long a request may take, without what it asks to be measured: 1 s to 60 s.
    pub request_limit: Duration,
    /// Whether callers on this machine are told how long each policy takes.
    pub rule_times: bool,
}

impl Default for ManagementSettings {
    fn default() -> Self {
        Self {
            listen: None,
            connections: 64,
            request_limit: Duration::from_secs(10),
            rule_times: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_kept_and_no_address_is_none() {
        let section = |connections, seconds, listen: &str| {
            ManagementSection {
                listen: Some(listen.to_owned()),
                connections,
                request_limit: Span::s(seconds),
                ..ManagementSection::default()
            }
            .settings()
        };
        assert_eq!(section(1, 1, "").unwrap().listen, None);
        assert_eq!(
            section(1_024, 60, "h:1").unwrap().listen,
            Some("h:1".into())
        );
        for (connections, seconds, setting) in [
            (0, 10, "management.connections"),
            (1_025, 10, "management.connections"),
            (1, 0, "management.request_limit"),
            (1, 61, "management.request_limit"),
        ] {
            let refused = section(connections, seconds, "").unwrap_err();
            assert_eq!(refused.setting, setting);
        }
    }
}
