//! The configuration file `embargo.yaml`, section by section, as it is written.
//!
//! Every setting is a key here, with its default and its description. The schema, the names of
//! environment variables and the table of settings are derived from it.

use std::path::PathBuf;
use std::time::Duration;

use embargo_core::instrument::Action;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::values::{Size, Span};
use super::{
    BundleSection, ConfigInvalid, DecisionLogSection, Door, EnvoyPlace, EnvoySettings,
    IdentitySection, LimitsSection, ManagementSection, Reflection, Settings, TelemetrySection,
    TlsSection,
};

/// Settings of `embargo serve`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct File {
    /// The address to listen on, as HOST:PORT.
    pub listen: String,
    /// The ways to ask that are open.
    pub doors: Vec<Door>,
    /// How long running calls may take to finish when the server shuts down: `0s` to `1h`.
    pub drain_limit: Span,
    /// TLS of the server. Where no certificate is given, it speaks plain text.
    pub tls: TlsSection,
    /// Who callers are. Where nothing is given here, nobody needs a credential and everybody may do
    /// everything.
    pub identity: IdentitySection,
    /// Listen on an address that others reach without TLS, or without that callers need a
    /// credential. Something else has to keep them away then.
    pub insecure: bool,
    /// Whether services can be listed over gRPC: `auto` is on where only this machine reaches the
    /// server.
    pub reflection: Reflection,
    /// Where policies come from, and how changes of them are taken up.
    pub policies: PoliciesSection,
    /// A set of policies that is packed, in place of the policy folder.
    pub bundle: BundleSection,
    /// The threads that judge, and how long they may take.
    pub evaluation: EvaluationSection,
    /// How much of the server callers may take.
    pub limits: LimitsSection,
    /// How questions of Envoy are read.
    pub envoy: EnvoySection,
    /// The listener for those who run the server.
    pub management: ManagementSection,
    /// What is told of how the server is doing.
    pub telemetry: TelemetrySection,
    /// The decision log: an entry for every decision that leaves the server.
    pub decision_log: DecisionLogSection,
    /// What the log shows.
    pub log: LogSection,
}

/// Where policies come from, and how changes of them are taken up.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PoliciesSection {
    /// The policy folder, or a bundle that need not be signed. Where it is not given: `policies` if it
    /// exists, else the shipped set.
    pub folder: Option<PathBuf>,
    /// A folder to keep the last good set in, by which the server judges after a restart while the
    /// policies do not load. None is kept where it is not given.
    pub state: Option<PathBuf>,
    /// How often the policy folder is read in case that no file event came: `50ms` to `1h`.
    pub poll_interval: Span,
    /// How long the policy folder must be quiet before it is read: `1ms` to `10s`. After changes that
    /// went on for long it is up to five times as long.
    pub quiet_period: Span,
    /// How long changes may go on, or a policy file may be open for writing, before the folder is
    /// read all the same: at least the quiet period, at most `10m`.
    pub quiet_limit: Span,
    /// How long compiling a set may take before it is refused: `1s` to `10m`.
    pub compile_limit: Span,
    /// How long the tests of a set may take before it is refused: `1s` to `10m`.
    pub test_limit: Span,
    /// Let changed policies go live even if their own tests fail.
    pub skip_tests_on_reload: bool,
    /// End at once if no policies can judge at the start, instead of waiting for a fix.
    pub exit_on_invalid: bool,
}

/// The threads that judge, and how long they may take.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EvaluationSection {
    /// Threads that judge: 1 to 1,024. Where it is not given: one for each core.
    pub workers: Option<usize>,
    /// Bytes of the stack of each of them, reserved and not resident: `8MiB` to `1GiB`.
    pub worker_stack: Size,
    /// How long one policy may take for one host: `1ms` to `1m`. What is left of the decision's
    /// budget lowers it.
    pub policy_budget: Span,
    /// How long all policies together may take for one decision: `1ms` to `1m`. A caller's deadline
    /// lowers it.
    pub decision_budget: Span,
}

/// How questions of Envoy are read.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EnvoySection {
    /// Where facts stand, in JSON or base64 of it: `header:NAME`, `context:KEY` or
    /// `metadata:FILTER/KEY`; the first that has something.
    pub facts: Vec<String>,
    /// What is asked about: places as above, and an action where none of them has one.
    pub action: Vec<String>,
    /// Where the host's id stands: places as above, or `principal` for the client's certificate.
    pub host: Vec<String>,
    /// How long a question may take: `1ms` to `1m`. The caller's deadline lowers it.
    pub limit: Span,
}

/// What the log shows.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LogSection {
    /// From which level on: `error`, `warn`, `info`, `debug`, `trace`, or a list of directives by
    /// part, such as `info,embargo_service::reload=debug`.
    pub level: String,
    /// How lines are written.
    pub format: LogFormat,
}

/// How lines of the log are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for File {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8181".to_owned(),
            doors: Door::ALL.to_vec(),
            drain_limit: Span::s(10),
            tls: TlsSection::default(),
            identity: IdentitySection::default(),
            insecure: false,
            reflection: Reflection::default(),
            policies: PoliciesSection::default(),
            bundle: BundleSection::default(),
            evaluation: EvaluationSection::default(),
            limits: LimitsSection::default(),
            envoy: EnvoySection::default(),
            management: ManagementSection::default(),
            telemetry: TelemetrySection::default(),
            decision_log: DecisionLogSection::default(),
            log: LogSection::default(),
        }
    }
}

impl Default for PoliciesSection {
    fn default() -> Self {
        Self {
            folder: None,
            state: None,
            poll_interval: Span::s(2),
            quiet_period: Span::ms(100),
            quiet_limit: Span::s(30),
            compile_limit: Span::s(30),
            test_limit: Span::s(30),
            skip_tests_on_reload: false,
            exit_on_invalid: false,
        }
    }
}

impl Default for EvaluationSection {
    fn default() -> Self {
        let Settings {
            policy_budget,
            decision_budget,
            ..
        } = Settings::default();
        Self {
            workers: None,
            worker_stack: Size(64 * 1_024 * 1_024),
            policy_budget: Span(policy_budget),
            decision_budget: Span(decision_budget),
        }
    }
}

impl Default for EnvoySection {
    fn default() -> Self {
        let EnvoySettings {
            facts,
            action_from,
            action,
            host,
            limit,
        } = EnvoySettings::default();
        let words = |places: &[EnvoyPlace]| places.iter().map(EnvoyPlace::to_string).collect();
        let mut asked: Vec<String> = words(&action_from);
        asked.push(action.word().to_owned());
        Self {
            facts: words(&facts),
            action: asked,
            host: words(&host),
            limit: Span(limit),
        }
    }
}

impl Default for LogSection {
    fn default() -> Self {
        Self {
            level: "info".to_owned(),
            format: LogFormat::Text,
        }
    }
}

impl File {
    /// The settings that the file stands for.
    ///
    /// # Errors
    /// The first setting that does not keep its range.
    pub fn settings(&self) -> Result<Settings, ConfigInvalid> {
        let PoliciesSection { state, folder, .. } = &self.policies;
        if let (Some(_), Some(folder)) = (self.bundle.source()?, folder) {
            return Err(ConfigInvalid::new(
                "policies.folder",
                folder.display(),
                "left out where `bundle.file` or `bundle.url` is given",
            ));
        }
        let span = |span: Span| -> Duration { span.0 };
        let defaults = Settings::default();
        Ok(Settings {
            poll_interval: span(self.policies.poll_interval),
            quiet_period: span(self.policies.quiet_period),
            quiet_limit: span(self.policies.quiet_limit),
            compile_limit: span(self.policies.compile_limit),
            test_limit: span(self.policies.test_limit),
            skip_tests_on_reload: self.policies.skip_tests_on_reload,
            state_folder: state.clone(),
            workers: self.evaluation.workers.unwrap_or(defaults.workers),
            worker_stack_bytes: usize::try_from(self.evaluation.worker_stack.0)
                .unwrap_or(usize::MAX),
            policy_budget: span(self.evaluation.policy_budget),
            decision_budget: span(self.evaluation.decision_budget),
            drain_limit: span(self.drain_limit),
            doors: self.doors.iter().copied().collect(),
            limits: self.limits.settings(),
            envoy: self.envoy.settings()?,
            management: self.management.clone().settings()?,
            heeds_otel: self.telemetry.otlp,
            decision_log: self.decision_log.settings()?,
            tls: self.tls.clone().settings()?,
            identity: self.identity.clone().settings()?,
            insecure: self.insecure,
            reflection: self.reflection,
            ..defaults
        })
    }
}

impl EnvoySection {
    fn settings(&self) -> Result<EnvoySettings, ConfigInvalid> {
        let place = |setting: &'static str, word: &str| {
            EnvoyPlace::from_word(word)
                .ok_or_else(|| ConfigInvalid::new(setting, word, EnvoyPlace::FORMS))
        };
        let places = |setting, words: &[String]| {
            words
                .iter()
                .map(|word| place(setting, word))
                .collect::<Result<Vec<_>, _>>()
        };
        let mut settings = EnvoySettings {
            facts: places("envoy.facts", &self.facts)?,
            host: places("envoy.host", &self.host)?,
            limit: self.limit.0,
            ..EnvoySettings::default()
        };
        for word in &self.action {
            match Action::from_word(word) {
                Some(action) => settings.action = action,
                None => settings
                    .action_from
                    .push(EnvoyPlace::from_word(word).ok_or_else(|| {
                        let known = Action::ALL.map(Action::word).join(", ");
                        let forms = format!("one of {known}, or {}", EnvoyPlace::FORMS);
                        ConfigInvalid::new("envoy.action", word, forms)
                    })?),
            }
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_says_nothing_stands_for_the_default_settings() {
        let settings = File::default().settings().unwrap();
        let text = |settings: &Settings| format!("{settings:?}");
        assert_eq!(text(&settings), text(&Settings::default()));
        let empty: File = serde_json::from_str("{}").unwrap();
        assert_eq!(format!("{empty:?}"), format!("{:?}", File::default()));
    }

    #[test]
    fn what_is_no_place_or_action_is_refused_with_what_may_be_written() {
        let said = |facts: &str, action: &str| {
            let section = EnvoySection {
                facts: vec![facts.to_owned()],
                action: vec![action.to_owned()],
                ..EnvoySection::default()
            };
            section.settings()
        };
        let settings = said("metadata:jwt/b", "header:X-Action").unwrap();
        assert_eq!(
            settings.action_from,
            [EnvoyPlace::Header("x-action".into())]
        );
        assert_eq!(said("context:a", "use").unwrap().action, Action::Use);
        for (facts, action) in [("cookie:a", "use"), ("context:a", "steal")] {
            let refused = said(facts, action).unwrap_err().to_string();
            assert!(refused.contains("`header:NAME`"), "{refused}");
        }
    }
}
