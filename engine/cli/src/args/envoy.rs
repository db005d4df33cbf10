//! Arguments of `embargo serve` for questions of Envoy.

use std::time::Duration;

use clap::Args;
use embargo_core::instrument::Action;
use embargo_service::{EnvoyPlace, EnvoySettings};

use super::duration;

/// How questions of Envoy are read.
#[derive(Clone, Debug, Args)]
pub(crate) struct Envoy {
    /// Where facts stand in questions of Envoy, in JSON or base64 of it: `header:NAME`,
    /// `context:KEY`, `metadata:FILTER/KEY`; the first that has something
    /// [default: context:embargo-facts,header:x-embargo-facts]
    #[arg(long, value_name = "PLACES", value_delimiter = ',', value_parser = place, env = "EMBARGO_ENVOY_FACTS")]
    pub(crate) envoy_facts: Vec<EnvoyPlace>,
    /// What Envoy asks about: an action, or places and then an action [default: connect]
    #[arg(long, value_name = "ACTION", value_delimiter = ',', value_parser = action, env = "EMBARGO_ENVOY_ACTION")]
    pub(crate) envoy_action: Vec<Asked>,
    /// Where the host's id stands in questions of Envoy: the same, or `principal` for the client's
    /// certificate [default: principal,header:x-embargo-host-id]
    #[arg(long, value_name = "PLACES", value_delimiter = ',', value_parser = place, env = "EMBARGO_ENVOY_HOST")]
    pub(crate) envoy_host: Vec<EnvoyPlace>,
    /// How long a question of Envoy may take, such as `200ms`
    #[arg(long, value_name = "TIME", default_value = "200ms", value_parser = duration, env = "EMBARGO_ENVOY_LIMIT")]
    pub(crate) envoy_limit: Duration,
}

/// What is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Word(Action),
    At(EnvoyPlace),
}

impl Envoy {
    pub(crate) fn settings(&self) -> EnvoySettings {
        let known = EnvoySettings::default();
        let or = |said: &[EnvoyPlace], default: Vec<EnvoyPlace>| {
            if said.is_empty() {
                default
            } else {
                said.to_vec()
            }
        };
        let mut settings = EnvoySettings {
            facts: or(&self.envoy_facts, known.facts),
            host: or(&self.envoy_host, known.host),
            limit: self.envoy_limit,
            ..EnvoySettings::default()
        };
        for asked in &self.envoy_action {
            match asked {
                Asked::Word(action) => settings.action = *action,
                Asked::At(place) => settings.action_from.push(place.clone()),
            }
        }
        settings
    }
}

fn place(text: &str) -> Result<EnvoyPlace, String> {
    EnvoyPlace::from_word(text).ok_or_else(|| format!("write {}", EnvoyPlace::FORMS))
}

fn action(text: &str) -> Result<Asked, String> {
    let word = Action::from_word(text).map(Asked::Word);
    let asked = word.or_else(|| EnvoyPlace::from_word(text).map(Asked::At));
    asked.ok_or_else(|| {
        let known = Action::ALL.map(Action::word).join(", ");
        format!("write one of {known}, or {}", EnvoyPlace::FORMS)
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        envoy: Envoy,
    }

    fn settings(arguments: &[&str]) -> Result<EnvoySettings, String> {
        let line = Line::try_parse_from([&["embargo"], arguments].concat());
        line.map(|line| line.envoy.settings())
            .map_err(|fault| fault.to_string())
    }

    #[test]
    fn nothing_said_is_the_default() {
        assert_eq!(settings(&[]).unwrap(), EnvoySettings::default());
    }

    #[test]
    fn places_and_an_action_are_read() {
        let settings = settings(&[
            "--envoy-facts=context:a,metadata:jwt/b/c",
            "--envoy-action=header:X-Action,use",
            "--envoy-host=principal",
            "--envoy-limit=50ms",
        ])
        .unwrap();
        let words: Vec<String> = settings.facts.iter().map(ToString::to_string).collect();
        assert_eq!(words, ["context:a", "metadata:jwt/b/c"]);
        assert_eq!(settings.action, Action::Use);
        let from = EnvoyPlace::Header("x-action".to_owned());
        assert_eq!(settings.action_from, [from]);
        assert_eq!(settings.host, [EnvoyPlace::Principal]);
        assert_eq!(settings.limit, Duration::from_millis(50));
    }

    #[test]
    fn what_is_no_place_or_action_is_refused_with_what_may_be_written() {
        for arguments in [["--envoy-facts=cookie:a"], ["--envoy-action=steal"]] {
            let refused = settings(&arguments).unwrap_err();
            assert!(refused.contains("`header:NAME`"), "{refused}");
        }
    }
}
