//! Who judges: this process, with all its cores, or a server. `decide` and `gate` both ask
//! here, so that they cannot differ.

use std::collections::VecDeque;
use std::time::Duration;

use embargo_client::{ConnectError, v1};
use embargo_core::instant::Instant;
use embargo_core::instrument::Action;

use crate::args::{Access, Policies};
use crate::commands::Failure;
use crate::intake::{Account, Told, Unread};
use crate::offline::{self, Desk, Judging};
use crate::policies;
use crate::remote::Remote;

/// What is asked about each host, and of whom.
pub(crate) struct Asking<'a> {
    pub(crate) policies: &'a Policies,
    /// The server to ask, in place of judging here.
    pub(crate) server: Option<&'a str>,
    /// Whom to trust and who to be there.
    pub(crate) access: &'a Access,
    pub(crate) action: Action,
    /// The instant to judge at; now, if there is none.
    pub(crate) at: Option<Instant>,
    /// How long a decision may take.
    pub(crate) limit: Option<Duration>,
}

/// What became of a host.
pub(crate) enum Judged {
    /// It was asked about: its decision, or why there is none.
    Host(Account, Result<Box<v1::Decision>, Failure>),
    /// It could not be read, and nobody was asked.
    Unread(Unread),
}

/// Hosts that are judged at a time. It bounds memory.
const UNDER_WAY: usize = 64;

/// Judges hosts and gives their decisions in the order in which they came.
pub(crate) struct Judges {
    place: Place,
    action: Action,
    under_way: VecDeque<UnderWay>,
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
    /// A server that cannot be reached.
    Nowhere(ConnectError),
}

enum UnderWay {
    Host(Account, Result<Judging, Failure>),
    Unread(Unread),
}

impl Judges {
    pub(crate) fn new(asking: &Asking<'_>) -> Result<Self, Failure> {
        let place = match asking.server {
            Some(server) => Place::Server {
                remote: Box::new(Remote::connect(server, asking.access, asking.limit)?),
                at: asking.at,
            },
            None => Place::Here {
                desk: Desk::for_many(policies::snapshot(asking.policies)?)?.within(asking.limit),
                at: asking.at.unwrap_or_else(offline::now),
            },
        };
        Ok(Self::at(place, asking))
    }

    /// In the place of a server that cannot be reached: has no decision on any host, each of
    /// which is read and checked all the same.
    pub(crate) const fn unreachable(cause: ConnectError, asking: &Asking<'_>) -> Self {
        Self::at(Place::Nowhere(cause), asking)
    }

    const fn at(place: Place, asking: &Asking<'_>) -> Self {
        Self {
            place,
            action: asking.action,
            under_way: VecDeque::new(),
        }
    }

    /// Takes a host; gives one that is done, once enough are under way.
    pub(crate) fn submit(&mut self, told: Result<Told, Unread>) -> Option<Judged> {
        let under_way = match told {
            Ok(Told { account, facts }) => {
                let judging = match &self.place {
                    Place::Here { desk, at } => desk.submit(facts, self.action, *at),
                    Place::Server { remote, at } => {
                        let decided = remote.decide(&facts, self.action, *at);
                        decided.map(Judging::done)
                    }
                    Place::Nowhere(cause) => Err(cause.clone().into()),
                };
                UnderWay::Host(account, judging)
            }
            Err(unread) => UnderWay::Unread(unread),
        };
        self.under_way.push_back(under_way);
        let is_ready = match self.place {
            Place::Here { .. } => self.under_way.len() > UNDER_WAY,
            Place::Server { .. } | Place::Nowhere(_) => true,
        };
        if is_ready { self.next() } else { None }
    }

    /// The hosts that are still under way.
    pub(crate) fn finish(mut self) -> Vec<Judged> {
        let mut rest = Vec::with_capacity(self.under_way.len());
        while let Some(judged) = self.next() {
            rest.push(judged);
        }
        rest
    }

    fn next(&mut self) -> Option<Judged> {
        Some(match self.under_way.pop_front()? {
            UnderWay::Unread(unread) => Judged::Unread(unread),
            UnderWay::Host(account, judging) => {
                let decision = judging.and_then(Judging::wait).map(Box::new);
                Judged::Host(account, decision)
            }
        })
    }
}
