//! What came out for each host, in the order of the hosts.

use embargo_client::v1;

use crate::args::FailOn;
use crate::args::gate::{Gate, OnError};
use crate::commands::Failure;
use crate::exit::{self, Exit};
use crate::intake::{Origin, Unread};
use crate::judges::Judged;
use crate::output::standing::Standing;
use crate::output::workspace;

use super::lack::Lack;
use super::outcome::Outcome;

/// Why there is no decision.
pub(super) struct NoDecision {
    pub(super) lack: Lack,
    /// The reason that the server gives.
    pub(super) reason: Option<String>,
    /// The cause first, in several lines.
    pub(super) message: String,
}

impl NoDecision {
    fn of(failure: &Failure) -> Self {
        let reason = match failure {
            Failure::Call(cause) => cause.reason().map(|reason| reason.as_str().to_owned()),
            _ => None,
        };
        Self {
            lack: Lack::of(failure),
            reason,
            message: failure.to_string(),
        }
    }
}

/// What came out for a host.
pub(super) struct Host {
    origin: Origin,
    /// Nothing, if it could not be read.
    pub(super) host_id: Option<String>,
    pub(super) outcome: Outcome,
    pub(super) answer: Result<Box<v1::Decision>, NoDecision>,
}

impl Host {
    /// What it is called: its id or, if it could not be read, as its document.
    pub(super) fn name(&self) -> String {
        match &self.host_id {
            Some(host_id) => host_id.clone(),
            None => self.origin.to_string(),
        }
    }

    /// The file that tells of it, from where the command runs. None, if that is no file.
    pub(super) fn file(&self) -> Option<String> {
        let path = self.origin.path()?;
        Some(workspace::path(path.as_ref()))
    }

    /// The line of that file, if each line tells of a host.
    pub(super) const fn line(&self) -> Option<u32> {
        self.origin.line()
    }
}

pub(super) struct Report {
    hosts: Vec<Host>,
    /// Why there is no decision that concerns no single host.
    pub(super) failure: Option<NoDecision>,
    pub(super) fail_on: FailOn,
    on_error: OnError,
}

impl Report {
    pub(super) const fn new(gate: &Gate) -> Self {
        Self {
            hosts: Vec::new(),
            failure: None,
            fail_on: gate.fail_on,
            on_error: gate.on_error,
        }
    }

    pub(super) fn add(&mut self, judged: Judged) {
        self.hosts.push(match judged {
            Judged::Host(account, answer) => {
                let answer = answer.map_err(|failure| NoDecision::of(&failure));
                let outcome = match &answer {
                    Ok(decision) => Outcome::of_decision(decision, self.fail_on),
                    Err(none) => Outcome::of_lack(none.lack, self.on_error),
                };
                Host {
                    origin: account.origin,
                    host_id: Some(account.host_id),
                    outcome,
                    answer,
                }
            }
            Judged::Unread(Unread { origin, failure }) => {
                let none = NoDecision {
                    lack: Lack::Facts,
                    ..NoDecision::of(&failure)
                };
                Host {
                    origin,
                    host_id: None,
                    outcome: Outcome::of_lack(none.lack, self.on_error),
                    answer: Err(none),
                }
            }
        });
    }

    /// Takes in what concerns all hosts.
    pub(super) fn fail(&mut self, failure: &Failure) {
        self.failure = Some(NoDecision::of(failure));
    }

    /// Says that no host follows.
    pub(super) fn close(&mut self) {
        if self.hosts.is_empty() && self.failure.is_none() {
            self.failure = Some(NoDecision {
                lack: Lack::NoHost,
                reason: None,
                message: "the files tell of no host\n  hint: no host is no answer about any; check what wrote them".to_owned(),
            });
        }
    }

    pub(super) fn hosts(&self) -> impl Iterator<Item = &Host> {
        self.hosts.iter()
    }

    pub(super) const fn count(&self) -> usize {
        self.hosts.len()
    }

    /// The outcome for all hosts. What concerns them all is never pardoned, nor is having none.
    pub(super) fn outcome(&self) -> Outcome {
        let gravest = self.gravest().map(|host| host.outcome);
        match (&self.failure, gravest) {
            (None, Some(outcome)) => outcome,
            _ => Outcome::NotDecided,
        }
    }

    /// The first of the hosts with the gravest outcome; of those that go ahead, one with a
    /// warning.
    pub(super) fn gravest(&self) -> Option<&Host> {
        let gravity = |host: &Host| (host.outcome, has_warning(host));
        // The last maximum is taken, and the first host is meant.
        self.hosts.iter().rev().max_by_key(|host| gravity(host))
    }

    /// Whether a finding of this standing would stop the pipeline by itself.
    pub(super) fn stops(&self, standing: Standing) -> bool {
        exit::of_effect(standing.effect(), self.fail_on) != Exit::Done
    }
}

/// Whether the decision is worth reading although the pipeline goes ahead.
pub(super) fn has_warning(host: &Host) -> bool {
    let effect = host.answer.as_ref().map(|decision| decision.effect());
    effect.is_ok_and(|effect| effect == v1::Effect::Warn)
}
