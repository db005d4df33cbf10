//! Configuration: what an operator may set, with defaults, units and ranges.
//!
//! [`Layers`] are read as one [`File`], which stands for [`Settings`]; a [`Config`] is settings that
//! keep every range, and only [`Config::new`] makes one.

mod bundle;
mod decision_log;
mod doors;
mod envoy;
mod management;
mod telemetry;
mod exposure;
mod identity;
mod tls;
mod values;
mod file;
mod keys;
mod layers;
mod limits;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use embargo_core::decision::Budget;
use thiserror::Error;

pub use self::bundle::{BundleSection, SignatureSection};
pub use self::decision_log::{
    DecisionLogSection, DropSection, FileSinkSection, HttpSinkSection, MaskSection, MaskWord, Mode,
    OtlpSinkSection, SampleSection, SpoolSection, StdoutSinkSection,
};
pub use self::doors::Door;
pub use self::envoy::{EnvoyPlace, EnvoySettings};
pub use self::exposure::{Exposed, Reflection};
pub use self::file::{
    EnvoySection, EvaluationSection, File, LogFormat, LogSection, PoliciesSection,
};
pub use self::identity::{
    CertificateEntry, CertificateRule, IdentitySection, IdentitySettings, JwtAlgorithm, JwtEntry,
    JwtIssuer, Named,
};
pub use self::keys::{Key, Kind, keys, schema};
pub use self::layers::{ConfigFault, Document, FILE_BYTES, Given, Layers, Origin, Said};
pub use self::limits::{LimitsSection, LimitsSettings, RateSection, RateSettings};
pub use self::management::{ManagementSection, ManagementSettings};
pub use self::telemetry::TelemetrySection;
pub use self::tls::{ClientAuth, ClientSettings, TlsSection, TlsSettings, TlsVersion};
pub use self::values::{Secret, Size, Span};
use crate::clock::Clock;
use crate::decision_log::DecisionLogSettings;
use crate::telemetry::{OtlpSettings, Telemetry};

/// What an operator may set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How often the policy folder is read in case that no file event came: 50 ms to 1 h.
    pub poll_interval: Duration,
    /// How long the policy folder must be quiet before it is read: 1 ms to 10 s. After changes
    /// that went on for long it is up to five times as long.
    pub quiet_period: Duration,
    /// How long changes may go on, or a policy file may be open for writing, before the folder
    /// is read all the same: at least the quiet period, at most 10 min.
    pub quiet_limit: Duration,
    /// How long compiling a set may take before it is refused: 1 s to 10 min.
    pub compile_limit: Duration,
    /// Whether a set goes live without that its own tests pass.
    pub skip_tests_on_reload: bool,
    /// How long the tests of a set may take before it is refused: 1 s to 10 min.
    pub test_limit: Duration,
    /// Threads that judge: 1 to 1,024.
    pub workers: usize,
    /// Bytes of the stack of each of them, reserved and not resident: 8 MiB to 1 GiB.
    pub worker_stack_bytes: usize,
    /// How long one policy may take for one host: 1 ms to 60 s. What is left of the decision's
    /// budget lowers it.
    pub policy_budget: Duration,
    /// How long all policies together may take for one decision: 1 ms to 60 s. A caller's
    /// deadline lowers it.
    pub decision_budget: Duration,
    /// How long running calls may take to finish when the server shuts down: 0 to 1 h.
    pub drain_limit: Duration,
    /// How much of the server callers may take.
    pub limits: LimitsSettings,
    /// The folder in which the last good set is kept, so that it judges after a restart while
    /// the policy folder is broken. None is kept without it.
    pub state_folder: Option<PathBuf>,
    /// The program that calls [`run_confined`](crate::run_confined), mostly this very
    /// executable. Tests are run for callers, and bundles compiled, in processes of it; without
    /// it no tests are run.
    pub confined: Option<Program>,
    /// The ways to ask that are open.
    pub doors: BTreeSet<Door>,
    /// How questions of Envoy are read.
    pub envoy: EnvoySettings,
    /// The listener for those who run the server.
    pub management: ManagementSettings,
    /// What is counted. Clones of settings count together.
    pub telemetry: Telemetry,
    /// Whether what the environment says of OpenTelemetry is heeded.
    pub heeds_otel: bool,
    /// Where traces and metrics are sent; nowhere without.
    pub otlp: Option<OtlpSettings>,
    /// What of decisions is kept, and where it goes.
    pub decision_log: DecisionLogSettings,
    /// TLS. Plain text without.
    pub tls: Option<TlsSettings>,
    /// Which credentials are known. Nobody needs one if none are.
    pub identity: IdentitySettings,
    /// Whether others than this machine may reach the server without TLS or without credentials.
    pub insecure: bool,
    /// Whether services can be listed over gRPC.
    pub reflection: Reflection,
    /// The clock for what is judged now.
    pub clock: Clock,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            poll_interval: Duration::from_secs(2),
            quiet_period: Duration::from_millis(100),
            quiet_limit: Duration::from_secs(30),
            compile_limit: Duration::from_secs(30),
            skip_tests_on_reload: false,
            test_limit: Duration::from_secs(30),
            workers: std::thread::available_parallelism().map_or(1, usize::from),
            worker_stack_bytes: 64 * 1_024 * 1_024,
            policy_budget: Budget::POLICY,
            decision_budget: Duration::from_secs(1),
            drain_limit: Duration::from_secs(10),
            limits: LimitsSettings::default(),
            state_folder: None,
            confined: None,
            doors: Door::ALL.into_iter().collect(),
            envoy: EnvoySettings::default(),
            management: ManagementSettings::default(),
            telemetry: Telemetry::new(),
            heeds_otel: true,
            otlp: None,
            decision_log: DecisionLogSettings::default(),
            tls: None,
            identity: IdentitySettings::default(),
            insecure: false,
            reflection: Reflection::default(),
            clock: Clock::system(),
        }
    }
}

/// A program and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The executable.
    pub path: PathBuf,
    /// What follows its name.
    pub arguments: Vec<OsString>,
}

/// A setting that lies outside of its range.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{setting}` is {value}, and must be {range}")]
pub struct ConfigInvalid {
    /// Where the setting stands in the file, with dots.
    pub setting: Cow<'static, str>,
    /// What was asked for.
    pub value: String,
    /// What is allowed.
    pub range: String,
}

impl ConfigInvalid {
    /// A setting with its value and what is allowed.
    pub fn new(
        setting: impl Into<Cow<'static, str>>,
        value: impl ToString,
        range: impl Into<String>,
    ) -> Self {
        Self {
            setting: setting.into(),
            value: value.to_string(),
            range: range.into(),
        }
    }
}

/// Settings that keep every range.
#[derive(Clone, Debug, Default)]
pub struct Config(Settings);

impl Config {
    /// Takes settings for a configuration if they keep every range.
    ///
    /// # Errors
    /// The first setting that does not.
    pub fn new(settings: Settings) -> Result<Self, ConfigInvalid> {
        let ms = Duration::from_millis;
        let s = Duration::from_secs;
        let Settings { quiet_period, .. } = settings;
        for (setting, value, least, most) in [
            (
                "policies.poll_interval",
                settings.poll_interval,
                ms(50),
                s(3_600),
            ),
            ("policies.quiet_period", quiet_period, ms(1), s(10)),
            (
                "policies.quiet_limit",
                settings.quiet_limit,
                quiet_period,
                s(600),
            ),
            (
                "policies.compile_limit",
                settings.compile_limit,
                s(1),
                s(600),
            ),
            ("policies.test_limit", settings.test_limit, s(1), s(600)),
            (
                "evaluation.policy_budget",
                settings.policy_budget,
                ms(1),
                s(60),
            ),
            (
                "evaluation.decision_budget",
                settings.decision_budget,
                ms(1),
                s(60),
            ),
            ("drain_limit", settings.drain_limit, ms(0), s(3_600)),
            ("envoy.limit", settings.envoy.limit, ms(1), s(60)),
        ] {
            within(setting, value, least, most)?;
        }
        let mebibyte = 1_024 * 1_024;
        let stack = settings.worker_stack_bytes;
        for (setting, value, least, most) in [
            ("evaluation.workers", settings.workers, 1, 1_024),
            (
                "evaluation.worker_stack",
                stack,
                8 * mebibyte,
                1_024 * mebibyte,
            ),
        ] {
            within(setting, value, least, most)?;
        }
        settings.limits.check()?;
        Ok(Self(settings))
    }

    /// The same for a server that only its own process and the processes of that know of: without
    /// TLS, and without that callers need a credential.
    #[must_use]
    pub fn for_itself(mut self) -> Self {
        self.0.tls = None;
        self.0.identity = IdentitySettings::default();
        self
    }

    /// The same with the program that tests are run by.
    #[must_use]
    pub fn with_confined(mut self, program: Option<Program>) -> Self {
        self.0.confined = program;
        self
    }

    /// The same with what the environment says of OpenTelemetry, if that is heeded.
    #[must_use]
    pub fn with_otlp(mut self, otlp: Option<OtlpSettings>) -> Self {
        self.0.otlp = otlp.filter(|_| self.0.heeds_otel);
        self
    }

    /// The settings.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.0
    }
}

fn within<T: PartialOrd + std::fmt::Debug>(
    setting: &'static str,
    value: T,
    least: T,
    most: T,
) -> Result<(), ConfigInvalid> {
    if value >= least && value <= most {
        return Ok(());
    }
    Err(ConfigInvalid {
        setting: setting.into(),
        value: format!("{value:?}"),
        range: format!("{least:?} to {most:?}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_keep_every_range() {
        assert!(Config::new(Settings::default()).is_ok());
    }

    #[test]
    fn what_the_environment_says_of_opentelemetry_can_be_passed_over() {
        let otlp = OtlpSettings::from_environment(|name| {
            (name == "OTEL_TRACES_EXPORTER").then(|| "otlp".to_owned())
        });
        let otlp = otlp.unwrap();
        assert!(otlp.is_some());
        for (heeds_otel, wanted) in [(true, otlp.clone()), (false, None)] {
            let settings = Settings {
                heeds_otel,
                ..Settings::default()
            };
            let config = Config::new(settings).unwrap().with_otlp(otlp.clone());
            assert_eq!(config.settings().otlp, wanted);
        }
    }

    #[test]
    fn a_setting_outside_of_its_range_is_named() {
        let none = Settings {
            workers: 0,
            ..Settings::default()
        };
        let refused = Config::new(none).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "`evaluation.workers` is 0, and must be 1 to 1024"
        );
        let short = Settings {
            quiet_limit: Duration::from_millis(10),
            ..Settings::default()
        };
        assert_eq!(
            Config::new(short).unwrap_err().setting,
            "policies.quiet_limit"
        );
    }
}
