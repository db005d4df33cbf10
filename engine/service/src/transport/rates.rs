//! Rates: how often each caller asks, and when it may ask again.
//!
//! Of each caller one instant is kept for calls and one for hosts: until when it would have to wait
//! if it asked at its rate from the start. Who is ahead of its rate by less than its burst is let in;
//! who is not is told after what time it is. A call pays for its hosts when they are known, so that
//! one whose hosts are many is let in and those behind it wait; a stream waits between its hosts.
//!
//! As many callers are remembered as a setting says. Those who are not ahead of their rate are
//! forgotten first; strangers for whom there is no place share what one may ask for, so that many
//! addresses bring no more memory and no more calls.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use crate::config::RateSettings;
use crate::identity::{Principal, PrincipalKind};

use super::status::{Rate, Refusal};

/// Nanoseconds since the start.
type Nanos = u64;
/// How far ahead of its rate of hosts a caller may be when it asks, and between two looks for
/// callers that can be forgotten.
const SECOND: Nanos = 1_000_000_000;

/// What callers have asked for. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Rates(Arc<State>);

#[derive(Debug)]
struct State {
    start: Instant,
    terms: RwLock<Terms>,
    /// Those who have a credential, and those who have none, who could be made up.
    known: Mutex<Ledger>,
    unknown: Mutex<Ledger>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Terms {
    calls: Option<Pace>,
    hosts: Option<Pace>,
    callers: usize,
}

/// A rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pace {
    /// Between two at the rate.
    interval: Nanos,
    /// How far ahead of it a caller may be.
    ahead: Nanos,
}

/// Whose account it is.
#[derive(Clone, Debug)]
enum Owner {
    Known(Arc<Principal>),
    Address(IpAddr),
}

impl Owner {
    fn key(&self) -> (PrincipalKind, Option<&str>, &str, Option<IpAddr>) {
        match self {
            Self::Known(one) => (one.kind, one.tenant.as_deref(), &one.name, None),
            Self::Address(address) => (PrincipalKind::Anonymous, None, "", Some(*address)),
        }
    }
}

impl PartialEq for Owner {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Owner {}

impl Hash for Owner {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

/// Until when a caller would have to wait if it asked at its rate.
#[derive(Clone, Copy, Debug, Default)]
struct Account {
    calls: Nanos,
    hosts: Nanos,
}

#[derive(Debug, Default)]
struct Ledger {
    accounts: HashMap<Owner, Account>,
    /// Of all for whom there is no place.
    strangers: Account,
    /// When it is next looked who can be forgotten.
    next_look: Nanos,
}

impl Ledger {
    fn account(&mut self, owner: &Owner, most: usize, now: Nanos) -> &mut Account {
        if !self.accounts.contains_key(owner) {
            if self.accounts.len() >= most && self.next_look <= now {
                self.next_look = now.saturating_add(SECOND);
                self.accounts
                    .retain(|_, account| account.calls > now || account.hosts > now);
            }
            if self.accounts.len() >= most {
                return &mut self.strangers;
            }
        }
        self.accounts.entry(owner.clone()).or_default()
    }
}

/// What a call is paid from. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Bill {
    rates: Rates,
    owner: Owner,
}

impl Rates {
    pub(super) fn new(settings: &RateSettings) -> Self {
        Self(Arc::new(State {
            start: Instant::now(),
            terms: RwLock::new(Terms::of(settings)),
            known: Mutex::default(),
            unknown: Mutex::default(),
        }))
    }

    /// From here on this holds. If it is another rate, all begin anew.
    pub(super) fn apply(&self, settings: &RateSettings) {
        let next = Terms::of(settings);
        let mut terms = self.0.terms.write().unwrap_or_else(PoisonError::into_inner);
        if *terms == next {
            return;
        }
        *terms = next;
        drop(terms);
        for ledger in [&self.0.known, &self.0.unknown] {
            *locked(ledger) = Ledger::default();
        }
    }

    /// The bill of a caller, who is at an address if that is known.
    pub(super) fn bill(&self, principal: &Arc<Principal>, address: Option<IpAddr>) -> Bill {
        let owner = match principal.kind {
            PrincipalKind::Anonymous => Owner::Address(network(address)),
            PrincipalKind::Token | PrincipalKind::Jwt | PrincipalKind::Certificate => {
                Owner::Known(Arc::clone(principal))
            }
        };
        Bill {
            rates: self.clone(),
            owner,
        }
    }

    fn terms(&self) -> Terms {
        *self.0.terms.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn since_start(&self, now: Instant) -> Nanos {
        let passed = now.saturating_duration_since(self.0.start);
        // Centuries.
        Nanos::try_from(passed.as_nanos()).unwrap_or(Nanos::MAX)
    }
}

impl Bill {
    /// Counts a call in.
    ///
    /// # Errors
    /// If the caller asks too often, with the time after which it may ask.
    pub(super) fn enter(&self, now: Instant) -> Result<(), Refusal> {
        let terms = self.rates.terms();
        if terms.calls.is_none() && terms.hosts.is_none() {
            return Ok(());
        }
        self.with_account(&terms, now, |account, now| {
            if let Some(pace) = terms.hosts {
                pace.is_due(account.hosts, now)
                    .map_err(|wait| limited(Rate::Hosts, wait))?;
            }
            if let Some(pace) = terms.calls {
                let until = account.calls.max(now).saturating_add(pace.interval);
                pace.is_due(until, now)
                    .map_err(|wait| limited(Rate::Calls, wait))?;
                account.calls = until;
            }
            Ok(())
        })
    }

    /// Pays for so many hosts of a call that was let in. Returned is how long a stream has to wait
    /// before its next one.
    pub(super) fn pay(&self, hosts: usize, now: Instant) -> Duration {
        let terms = self.rates.terms();
        let Some(pace) = terms.hosts else {
            return Duration::ZERO;
        };
        let count = Nanos::try_from(hosts).unwrap_or(Nanos::MAX);
        self.with_account(&terms, now, |account, now| {
            let cost = pace.interval.saturating_mul(count);
            account.hosts = account.hosts.max(now).saturating_add(cost);
            pace.is_due(account.hosts, now)
                .err()
                .unwrap_or(Duration::ZERO)
        })
    }

    fn with_account<T>(
        &self,
        terms: &Terms,
        now: Instant,
        work: impl FnOnce(&mut Account, Nanos) -> T,
    ) -> T {
        let now = self.rates.since_start(now);
        let ledger = match self.owner {
            Owner::Known(_) => &self.rates.0.known,
            Owner::Address(_) => &self.rates.0.unknown,
        };
        work(locked(ledger).account(&self.owner, terms.callers, now), now)
    }
}

impl Terms {
    fn of(settings: &RateSettings) -> Self {
        let pace = |rate: u32, burst: Option<u32>| {
            let interval = SECOND / Nanos::from(rate.max(1));
            Pace {
                interval,
                ahead: burst.map_or(SECOND, |burst| interval.saturating_mul(burst.into())),
            }
        };
        Self {
            calls: settings
                .calls_per_second
                .map(|rate| pace(rate, settings.burst)),
            hosts: settings.hosts_per_second.map(|rate| pace(rate, None)),
            callers: settings.callers,
        }
    }
}

impl Pace {
    /// Whether who would have to wait so long is not too far ahead.
    fn is_due(self, until: Nanos, now: Nanos) -> Result<(), Duration> {
        let allowed = now.saturating_add(self.ahead);
        if until <= allowed {
            return Ok(());
        }
        Err(Duration::from_nanos(until - allowed))
    }
}

const fn limited(rate: Rate, wait: Duration) -> Refusal {
    Refusal::RateLimited { rate, wait }
}

/// The part of an address that stands for one caller: who has an IPv6 network has all of its
/// addresses.
fn network(address: Option<IpAddr>) -> IpAddr {
    match address.map(|address| address.to_canonical()) {
        None => Ipv4Addr::UNSPECIFIED.into(),
        Some(IpAddr::V6(address)) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        Some(address) => address,
    }
}

fn locked(ledger: &Mutex<Ledger>) -> MutexGuard<'_, Ledger> {
    // No code that can panic runs under the lock.
    ledger.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
