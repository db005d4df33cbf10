//! Who judges: this process, with all its cores, or a server.

use std::collections::VecDeque;

use embargo_client::v1;
use embargo_core::instant::Instant;
use embargo_core::instrument::Action;

use crate::args::Decide;
use crate::commands::Failure;
use crate::intake::{Account, Told};
use crate::offline::{self, Desk, Judging};
use crate::policies;
use crate::remote::Remote;

/// A host and its decision, or why there is none.
pub(super) type Judged = Result<Box<(Account, v1::Decision)>, Failure>;

/// Hosts that are judged at a time. It bounds memory.
const UNDER_WAY: usize = 64;

/// Judges hosts and gives their decisions in the order in which they came.
pub(super) struct Judges {
    place: Place,
    action: Action,
    under_way: VecDeque<Result<(Account, Judging), Failure>>,
}

enum Place {
    Here {
        desk: Desk,
        at: Instant,
    },
    Server {
        remote: Box<Remote>,
        at: Option<Instant>,
    },
}

impl Judges {
    pub(super) fn new(decide: &Decide) -> Result<Self, Failure> {
        let place = match &decide.asked.server {
            Some(server) => Place::Server {
                remote: Box::new(Remote::connect(server)?),
                at: decide.at,
            },
            None => Place::Here {
                desk: Desk::for_many(policies::snapshot(&decide.asked.policies)?)?,
                at: decide.at.unwrap_or_else(offline::now),
            },
        };
        Ok(Self {
            place,
            action: decide.asked.action,
            under_way: VecDeque::new(),
        })
    }

    /// Takes a host; gives a decision that is ready, once enough are under way.
    pub(super) fn submit(&mut self, told: Result<Told, Failure>) -> Option<Judged> {
        let judging = told.and_then(|Told { account, facts }| {
            let judging = match &mut self.place {
                Place::Here { desk, at } => desk.submit(facts, self.action, *at)?,
                Place::Server { remote, at } => {
                    Judging::done(remote.decide(&facts, self.action, *at)?)
                }
            };
            Ok((account, judging))
        });
        self.under_way.push_back(judging);
        let is_ready = match self.place {
            Place::Here { .. } => self.under_way.len() > UNDER_WAY,
            Place::Server { .. } => true,
        };
        if is_ready { self.next() } else { None }
    }

    /// The decisions that are still under way.
    pub(super) fn finish(mut self) -> Vec<Judged> {
        let mut rest = Vec::with_capacity(self.under_way.len());
        while let Some(judged) = self.next() {
            rest.push(judged);
        }
        rest
    }

    fn next(&mut self) -> Option<Judged> {
        let judged = self.under_way.pop_front()?;
        Some(judged.and_then(|(account, judging)| Ok(Box::new((account, judging.wait()?)))))
    }
}
