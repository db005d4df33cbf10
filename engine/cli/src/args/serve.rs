//! The arguments of `embargo serve`, and those of any command that serves. Each flag says the same as
//! a setting of the configuration file, and stands over it.

use clap::Args;
use embargo_service::Said;

use super::bundle::ServedBundle;
use super::configured::Configured;

#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) serving: Serving,
    /// The address to listen on [default: 127.0.0.1:8181]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// End at once if no policies can judge at the start, instead of waiting for a fix
    #[arg(long)]
    exit_on_invalid: bool,
    /// Listen on an address that others reach, without TLS or without that callers need a
    /// credential: something else has to keep them away
    #[arg(long)]
    insecure: bool,
}

/// What is served and how, wherever it listens.
#[derive(Debug, Args)]
pub(crate) struct Serving {
    #[command(flatten)]
    pub(crate) configured: Configured,
    /// The policy folder, or a bundle such as `policies.tar.gz` that need not be signed
    /// [default: `policies` if it exists, else the shipped set]
    #[arg(long, short = 'd', value_name = "DIR|FILE")]
    policies: Option<String>,
    #[command(flatten)]
    bundle: ServedBundle,
    /// How often the policy folder is read in case no file event came [default: 2s]
    #[arg(long, value_name = "TIME")]
    poll_interval: Option<String>,
    /// A folder to keep the last good policies in, by which the server judges after a restart
    /// while the policy folder is broken
    #[arg(long, value_name = "DIR")]
    state: Option<String>,
    /// Let changed policies go live even if their own tests fail
    #[arg(long)]
    skip_tests_on_reload: bool,
    /// How long running calls may take to finish on shutdown [default: 10s]
    #[arg(long, value_name = "TIME")]
    drain_timeout: Option<String>,
    /// Threads that judge [default: one for each core]
    #[arg(long, value_name = "N")]
    workers: Option<String>,
    /// What the log shows: error, warn, info, debug, trace [default: info; of `with`, warn]
    #[arg(long, value_name = "LEVEL")]
    log_level: Option<String>,
    /// How the log is written: text, json [default: text]
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
    /// The ways to ask that are open [default: grpc,http,opa,kubernetes,envoy,authzen]
    #[arg(long, value_name = "DOORS")]
    doors: Option<String>,
    /// Where facts stand in questions of Envoy, in JSON or base64 of it: `header:NAME`,
    /// `context:KEY`, `metadata:FILTER/KEY`; the first that has something
    /// [default: context:embargo-facts,header:x-embargo-facts]
    #[arg(long, value_name = "PLACES")]
    envoy_facts: Option<String>,
    /// What Envoy asks about: an action, or places and then an action [default: connect]
    #[arg(long, value_name = "ACTION")]
    envoy_action: Option<String>,
    /// Where the host's id stands in questions of Envoy: the same, or `principal` for the client's
    /// certificate [default: principal,header:x-embargo-host-id]
    #[arg(long, value_name = "PLACES")]
    envoy_host: Option<String>,
    /// How long a question of Envoy may take [default: 200ms]
    #[arg(long, value_name = "TIME")]
    envoy_limit: Option<String>,
}

impl Serve {
    /// What the flags say, as settings.
    pub(crate) fn said(&self) -> Vec<Said> {
        let mut said = self.serving.said();
        said.extend(valued("listen", "--listen", self.listen.as_ref()));
        said.extend(flag(
            "policies.exit_on_invalid",
            "--exit-on-invalid",
            self.exit_on_invalid,
        ));
        said.extend(flag("insecure", "--insecure", self.insecure));
        said
    }
}

impl Serving {
    /// What the flags say, as settings.
    pub(crate) fn said(&self) -> Vec<Said> {
        let values = [
            ("policies.folder", "--policies", &self.policies),
            (
                "policies.poll_interval",
                "--poll-interval",
                &self.poll_interval,
            ),
            ("policies.state", "--state", &self.state),
            ("drain_limit", "--drain-timeout", &self.drain_timeout),
            ("evaluation.workers", "--workers", &self.workers),
            ("log.level", "--log-level", &self.log_level),
            ("log.format", "--log-format", &self.log_format),
            ("doors", "--doors", &self.doors),
            ("envoy.facts", "--envoy-facts", &self.envoy_facts),
            ("envoy.action", "--envoy-action", &self.envoy_action),
            ("envoy.host", "--envoy-host", &self.envoy_host),
            ("envoy.limit", "--envoy-limit", &self.envoy_limit),
        ]
        .into_iter()
        .filter_map(|(path, by, text)| valued(path, by, text.as_ref()));
        let skipped = flag(
            "policies.skip_tests_on_reload",
            "--skip-tests-on-reload",
            self.skip_tests_on_reload,
        );
        // Flags with a name of their own stand over `--set`, wherever they are.
        let set = self.configured.set.iter().cloned();
        set.chain(values)
            .chain(skipped)
            .chain(self.bundle.said())
            .collect()
    }
}

pub(super) fn valued(path: &str, by: &str, text: Option<&String>) -> Option<Said> {
    text.map(|text| Said {
        path: path.to_owned(),
        text: text.clone(),
        by: by.to_owned(),
    })
}

pub(super) fn flag(path: &str, by: &str, is_set: bool) -> Option<Said> {
    valued(path, by, is_set.then(|| "true".to_owned()).as_ref())
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use embargo_service::keys;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        serve: Serve,
    }

    #[test]
    fn each_flag_says_a_setting_that_there_is() {
        let line = [
            "embargo",
            "--set=drain_limit=3s",
            "--listen=a:1",
            "--exit-on-invalid",
            "--insecure",
            "--policies=p",
            "--bundle=https://x/y",
            "--bundle-key=k",
            "--allow-revision-rollback",
            "--poll-interval=1s",
            "--state=s",
            "--skip-tests-on-reload",
            "--drain-timeout=1s",
            "--workers=1",
            "--log-level=warn",
            "--log-format=json",
            "--doors=grpc",
            "--envoy-facts=context:a",
            "--envoy-action=use",
            "--envoy-host=principal",
            "--envoy-limit=1s",
        ];
        let said = Line::try_parse_from(line).unwrap().serve.said();
        assert_eq!(said.len(), line.len() - 1);
        for said in said {
            assert!(keys().iter().any(|key| key.path == said.path), "{said:?}");
        }
    }

    #[test]
    fn nothing_said_is_nothing() {
        assert!(
            Line::try_parse_from(["embargo"])
                .unwrap()
                .serve
                .said()
                .is_empty()
        );
    }
}
