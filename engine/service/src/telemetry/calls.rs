//! What is counted of calls and decisions.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use embargo_core::decision::{Decision, FailureKind};
use embargo_core::instrument::Effect;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::config::Door;

use super::catalogue::{
    CALL_DURATION, CALLS, CALLS_RUNNING, DECISIONS, EVALUATION, POLICY_FAILURES, QUEUE_WAIT,
    REFUSED_ITEMS, SHEDS,
};
use super::method::Method;
use super::outcome::Outcome;
use super::register::{Counters, Labels, counters, labels, register, short_times};

/// Every effect, in the order of [`position`].
const EFFECTS: [Effect; 5] = [
    Effect::Allow,
    Effect::Warn,
    Effect::Review,
    Effect::Indeterminate,
    Effect::Deny,
];

/// Where an effect stands there.
const fn position(effect: Effect) -> usize {
    match effect {
        Effect::Allow => 0,
        Effect::Warn => 1,
        Effect::Review => 2,
        Effect::Indeterminate => 3,
        Effect::Deny => 4,
    }
}

/// The word for a kind of failure.
const fn word(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::RuntimeError => "runtime-error",
        FailureKind::BudgetExceeded => "budget-exceeded",
        FailureKind::MalformedResult => "malformed-result",
        FailureKind::EngineFault => "engine-fault",
    }
}

type Histograms = Family<Labels, Histogram, fn() -> Histogram>;

/// The counters of calls and decisions.
pub(super) struct Calls {
    decisions: Counters,
    evaluation: Histogram,
    queue_wait: Histogram,
    failures: Counters,
    /// The failures that were counted, to forget them with their policies.
    failed: Mutex<HashSet<(Arc<str>, &'static str)>>,
    ended: Counters,
    duration: Histograms,
    running: Family<Labels, Gauge>,
    refused_items: Counters,
    sheds: Counters,
    methods: RwLock<HashMap<Method, Arc<OfMethod>>>,
}

/// What is counted for each call of one method, looked up once.
#[derive(Debug)]
pub(super) struct OfMethod {
    method: Method,
    family: Counters,
    /// There from the start where decisions are what is asked for.
    decisions: OnceLock<[Counter; 5]>,
    evaluation: Histogram,
    queue_wait: Histogram,
    duration: Histogram,
    pub(super) running: Gauge,
}

impl OfMethod {
    pub(super) fn waited(&self, waited: Duration) {
        self.queue_wait.observe(waited.as_secs_f64());
    }

    pub(super) fn answered(&self, taken: Duration) {
        self.duration.observe(taken.as_secs_f64());
    }

    pub(super) fn decided(&self, effect: Effect, taken: Duration) {
        self.evaluation.observe(taken.as_secs_f64());
        if let Some(counter) = self.decisions().get(position(effect)) {
            counter.inc();
        }
    }

    fn decisions(&self) -> &[Counter; 5] {
        self.decisions.get_or_init(|| {
            EFFECTS.map(|effect| {
                let effect = effect.word().to_ascii_uppercase();
                let Method { door, name, .. } = self.method;
                let values = [door.word().into(), name.into(), effect.into()];
                self.family.get_or_create_owned(&labels(DECISIONS, values))
            })
        })
    }
}

impl Calls {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let constructor: fn() -> Histogram = short_times;
        let calls = Self {
            decisions: counters(registry, DECISIONS, []),
            evaluation: register(registry, EVALUATION, short_times()),
            queue_wait: register(registry, QUEUE_WAIT, short_times()),
            failures: counters(registry, POLICY_FAILURES, []),
            failed: Mutex::default(),
            ended: counters(registry, CALLS, []),
            duration: register(
                registry,
                CALL_DURATION,
                Family::new_with_constructor(constructor),
            ),
            running: register(registry, CALLS_RUNNING, Family::default()),
            refused_items: counters(registry, REFUSED_ITEMS, []),
            sheds: counters(registry, SHEDS, crate::transport::limit_words()),
            methods: RwLock::default(),
        };
        for door in Door::ALL {
            for name in Method::judging(door) {
                let _ = calls.of(Method::of_route(door, name));
            }
        }
        calls
    }

    /// The counters of a method.
    pub(super) fn of(&self, method: Method) -> Arc<OfMethod> {
        // No code that can panic runs under these locks.
        let known = self.methods.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(&method) {
            return Arc::clone(known);
        }
        drop(known);
        let door = method.door.word();
        let of_door = |metric| labels(metric, [door.into()]);
        let of_method = |metric| labels(metric, [door.into(), method.name.into()]);
        let found = Arc::new(OfMethod {
            method,
            family: self.decisions.clone(),
            decisions: OnceLock::new(),
            evaluation: self.evaluation.clone(),
            queue_wait: self.queue_wait.clone(),
            duration: self.duration.get_or_create_owned(&of_method(CALL_DURATION)),
            running: self.running.get_or_create_owned(&of_door(CALLS_RUNNING)),
        });
        if Method::judging(method.door).contains(&method.name) {
            let _ = found.decisions();
        }
        let mut known = self.methods.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(method).or_insert(found))
    }

    /// A call has ended.
    pub(super) fn ended(&self, method: Method, outcome: &Outcome) {
        let values = [
            method.door.word().into(),
            method.name.into(),
            outcome.word().into(),
            outcome.reason.clone(),
        ];
        self.ended.get_or_create(&labels(CALLS, values)).inc();
        if let Some(limit) = &outcome.limit {
            self.sheds
                .get_or_create(&labels(SHEDS, [limit.clone()]))
                .inc();
        }
    }

    /// One of many hosts was refused.
    pub(super) fn refused_item(&self, method: Method, reason: &'static str) {
        let values = [method.door.word().into(), method.name.into(), reason.into()];
        self.refused_items
            .get_or_create(&labels(REFUSED_ITEMS, values))
            .inc();
    }

    /// Policies could not be evaluated for a decision.
    pub(super) fn failed(&self, decision: &Decision) {
        for failure in &decision.judgement.failures {
            let kind = word(failure.kind);
            let policy = failure.policy_id.to_string();
            self.failures
                .get_or_create(&labels(POLICY_FAILURES, [policy.into(), kind.into()]))
                .inc();
            let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
            failed.insert((Arc::clone(&failure.policy_id), kind));
        }
    }

    /// Forgets the failures of policies that there are no longer.
    pub(super) fn forget_policies(&self, is_policy: impl Fn(&str) -> bool) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.retain(|(policy, kind)| {
            let stays = is_policy(policy);
            if !stays {
                let policy = policy.to_string();
                let labels = labels(POLICY_FAILURES, [policy.into(), (*kind).into()]);
                self.failures.remove(&labels);
            }
            stays
        });
    }
}
