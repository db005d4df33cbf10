//! Arrival: what is known about a call before its message is read.
//!
//! tonic ends a call whose deadline has passed with a status of its own, without details. So
//! the deadline is kept here, a little earlier, for the caller to learn the reason.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tonic::{Extensions, Request, Status};

use crate::clock::Clock;
use crate::config::Door;
use crate::identity::{Caller, Principal};
use crate::telemetry::Meter;

use super::connections::Line;
use super::drain::{Drain, Running};
use super::rates::{Bill, Rates};
use super::status::Refusal;

/// The header in which a caller says how long it waits.
pub(super) const GRPC_TIMEOUT: &str = "grpc-timeout";
/// How much earlier at most.
const MARGIN: Duration = Duration::from_millis(50);
/// Between two looks at the clock of the system, at most.
const LOOK: Duration = Duration::from_secs(10);

/// A call that has come in.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    /// When the answer is due.
    pub(super) deadline: Option<Instant>,
    /// Who asks, and through which door.
    pub(super) caller: Caller,
    /// Counts what is done for it.
    pub(super) meter: Meter,
    /// What the call is paid from.
    pub(super) bill: Bill,
    /// That the caller asks too often, where its door has to say so in an answer.
    over_rate: Option<Refusal>,
    /// Held until the call is answered.
    _running: Running,
}

impl Arrival {
    /// Takes what [`Doorman`] left with the request, and the message.
    pub(super) fn of<T>(request: Request<T>) -> Result<(Self, T), Status> {
        let (_, mut extensions, message) = request.into_parts();
        let arrival = taken(&mut extensions)?;
        Ok((arrival, message))
    }

    /// The same call where its answer is due in so long at most.
    pub(super) fn no_later_than(mut self, limit: Duration) -> Self {
        let due = Instant::now().checked_add(early(limit));
        self.deadline = [self.deadline, due].into_iter().flatten().min();
        self
    }

    /// Whether the caller may ask now. Doors whose callers may take an error for leave ask here; at
    /// the others a call that comes too often is not let in.
    ///
    /// # Errors
    /// If it may not.
    pub(super) fn is_within_rate(&self) -> Result<(), Refusal> {
        self.over_rate.clone().map_or(Ok(()), Err)
    }

    /// Pays for so many hosts. Returned is how long a stream has to wait before the next.
    pub(super) fn pay(&self, hosts: usize) -> Duration {
        self.bill.pay(hosts, Instant::now())
    }

    /// Waits for an answer until the deadline.
    pub(super) async fn within<T>(
        &self,
        answer: impl Future<Output = Result<T, Refusal>>,
    ) -> Result<T, Refusal> {
        match self.deadline {
            None => answer.await,
            Some(deadline) => tokio::time::timeout_at(deadline.into(), answer)
                .await
                .unwrap_or(Err(Refusal::DeadlinePassed)),
        }
    }

    /// Waits until the deadline, for ever if there is none.
    pub(super) async fn overdue(&self) {
        match self.deadline {
            Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
            None => std::future::pending().await,
        }
    }

    /// Waits until the caller's token is not accepted any more, for ever if it has no end.
    pub(super) async fn expired(&self) {
        let Some(until) = self.caller.principal.until else {
            return std::future::pending().await;
        };
        loop {
            let left = until.nanoseconds_since(Clock::system().now());
            let Ok(left @ 1..) = u64::try_from(left) else {
                return;
            };
            // The clock of the system may be set meanwhile.
            tokio::time::sleep(Duration::from_nanos(left).min(LOOK)).await;
        }
    }
}

fn taken(extensions: &mut Extensions) -> Result<Arrival, Status> {
    extensions.remove::<Arrival>().ok_or_else(|| {
        tracing::error!("a call came past the interceptor");
        Refusal::ServerFault.into_status()
    })
}

/// Lets calls in: refuses them while draining and those of callers who ask too often, and notes when
/// their answers are due.
#[derive(Clone, Debug)]
pub(crate) struct Doorman {
    drain: Drain,
    rates: Rates,
    door: Door,
}

impl Doorman {
    /// Whoever stands at a door.
    pub(super) fn new(drain: &Drain, rates: &Rates, door: Door) -> Self {
        Self {
            drain: drain.clone(),
            rates: rates.clone(),
            door,
        }
    }

    /// Lets a call in whose caller waits for so long, and of whom it has been told who it is. Where
    /// another door has let it in, that holds, and it is not counted once more.
    ///
    /// # Errors
    /// While the server drains; if the caller asks too often, unless its door answers that; or if
    /// nobody has told who asks, which is a defect.
    pub(super) fn admit(
        &self,
        timeout: Option<Duration>,
        extensions: &Extensions,
    ) -> Result<Arrival, Refusal> {
        let running = self.drain.enter().ok_or(Refusal::Draining)?;
        let told = || {
            let principal = extensions.get::<Arc<Principal>>()?;
            Some(Caller {
                principal: Arc::clone(principal),
                door: self.door,
            })
        };
        let caller = extensions.get::<Caller>().cloned().or_else(told);
        let caller = caller.ok_or_else(|| {
            tracing::error!("a call came of which nobody has told who asks");
            Refusal::ServerFault
        })?;
        let now = Instant::now();
        let (bill, counted) = if let Some(bill) = extensions.get::<Bill>() {
            (bill.clone(), Ok(()))
        } else {
            let peer = extensions.get::<Line>().and_then(Line::peer);
            let bill = self.rates.bill(&caller.principal, peer);
            let counted = bill.enter(now);
            (bill, counted)
        };
        let over_rate = match counted {
            Err(refusal) if !self.answers_refusals() => return Err(refusal),
            counted => counted.err(),
        };
        let deadline = timeout.and_then(|timeout| now.checked_add(early(timeout)));
        Ok(Arrival {
            deadline,
            caller,
            meter: extensions.get::<Meter>().cloned().unwrap_or_default(),
            bill,
            over_rate,
            _running: running,
        })
    }

    /// Whether the door's callers may take an error for leave, so that what they bring about
    /// themselves has to be an answer.
    const fn answers_refusals(&self) -> bool {
        match self.door {
            Door::Kubernetes | Door::Envoy => true,
            Door::Grpc | Door::Http | Door::Opa | Door::Authzen => false,
        }
    }
}

impl tonic::service::Interceptor for Doorman {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let timeout = request.metadata().get(GRPC_TIMEOUT);
        let timeout = timeout.and_then(|value| timeout_of(value.to_str().ok()?));
        let arrival = self
            .admit(timeout, request.extensions())
            .map_err(Refusal::into_status)?;
        request.extensions_mut().insert(arrival);
        Ok(request)
    }
}

fn early(timeout: Duration) -> Duration {
    timeout.saturating_sub((timeout / 10).min(MARGIN))
}

/// Reads the header of gRPC: at most eight digits and a unit.
pub(super) fn timeout_of(text: &str) -> Option<Duration> {
    let unit = text.chars().last()?;
    let digits = text.strip_suffix(unit)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    match unit {
        'H' => Some(Duration::from_secs(count * 3_600)),
        'M' => Some(Duration::from_secs(count * 60)),
        'S' => Some(Duration::from_secs(count)),
        'm' => Some(Duration::from_millis(count)),
        'u' => Some(Duration::from_micros(count)),
        'n' => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RateSettings;

    #[test]
    fn the_deadline_of_the_header_is_read_in_every_unit() {
        for (text, wanted) in [
            ("1H", Some(Duration::from_secs(3_600))),
            ("2M", Some(Duration::from_secs(120))),
            ("3S", Some(Duration::from_secs(3))),
            ("99999999m", Some(Duration::from_millis(99_999_999))),
            ("5u", Some(Duration::from_micros(5))),
            ("6n", Some(Duration::from_nanos(6))),
            ("123456789m", None),
            ("m", None),
            ("", None),
            ("-1S", None),
            ("+1S", None),
            ("1ä", None),
        ] {
            assert_eq!(timeout_of(text), wanted, "{text}");
        }
    }

    fn told() -> Extensions {
        let mut extensions = Extensions::new();
        extensions.insert(Principal::anonymous());
        extensions
    }

    #[test]
    fn nobody_is_let_in_of_whom_it_is_not_told_who_it_is() {
        let rates = Rates::new(&RateSettings::default());
        let doorman = Doorman::new(&Drain::new(), &rates, Door::Opa);
        let refused = doorman.admit(None, &Extensions::new()).err();
        assert_eq!(refused, Some(Refusal::ServerFault));
        let caller = |extensions: &Extensions| doorman.admit(None, extensions).unwrap().caller;
        let mut extensions = told();
        assert_eq!(caller(&extensions), Caller::anonymous(Door::Opa));
        // What another door has found holds.
        extensions.insert(Caller::anonymous(Door::Http));
        assert_eq!(caller(&extensions).door, Door::Http);
    }

    #[test]
    fn a_limit_brings_the_deadline_forward_and_never_puts_it_off() {
        let rates = Rates::new(&RateSettings::default());
        let doorman = Doorman::new(&Drain::new(), &rates, Door::Grpc);
        let due = |timeout: Option<u64>, limit| {
            let arrival = doorman
                .admit(timeout.map(Duration::from_secs), &told())
                .unwrap();
            let arrival = arrival.no_later_than(Duration::from_secs(limit));
            arrival.deadline.unwrap().duration_since(Instant::now())
        };
        assert!(due(None, 10) > Duration::from_secs(8));
        assert!(due(Some(100), 10) < Duration::from_secs(10));
        assert!(due(Some(2), 10) < Duration::from_secs(2));
    }

    #[test]
    fn who_asks_too_often_is_refused_or_told_by_an_answer_and_no_call_is_counted_twice() {
        let rates = Rates::new(&RateSettings {
            calls_per_second: Some(1),
            ..RateSettings::default()
        });
        let at = |door| Doorman::new(&Drain::new(), &rates, door);
        let first = at(Door::Http).admit(None, &told()).unwrap();
        // The same call, which goes on from one door to another.
        let mut extensions = told();
        extensions.insert(first.bill.clone());
        let within = at(Door::Grpc).admit(None, &extensions).unwrap();
        assert_eq!(within.is_within_rate(), Ok(()));
        for door in Door::ALL {
            let admitted = at(door).admit(None, &told());
            let refused = match door {
                Door::Kubernetes | Door::Envoy => admitted.unwrap().is_within_rate(),
                _ => admitted.map(drop),
            };
            assert!(
                matches!(refused, Err(Refusal::RateLimited { .. })),
                "{door:?}"
            );
        }
    }

    #[test]
    fn an_answer_is_due_a_little_before_the_caller_gives_up() {
        assert_eq!(early(Duration::from_millis(20)), Duration::from_millis(18));
        assert_eq!(early(Duration::from_secs(2)), Duration::from_millis(1_950));
    }
}
