use super::*;
use crate::identity::Scopes;

const MS: Duration = Duration::from_millis(1);

fn rates(calls: Option<u32>, burst: Option<u32>, hosts: Option<u32>) -> Rates {
    Rates::new(&RateSettings {
        calls_per_second: calls,
        burst,
        hosts_per_second: hosts,
        callers: 16,
    })
}

fn named(name: &str, tenant: Option<&str>) -> Arc<Principal> {
    Arc::new(Principal {
        name: name.to_owned(),
        kind: PrincipalKind::Token,
        tenant: tenant.map(ToOwned::to_owned),
        scopes: Scopes::all(),
        until: None,
    })
}

fn of(rates: &Rates, name: &str) -> Bill {
    rates.bill(&named(name, None), None)
}

fn at(rates: &Rates, address: &str) -> Bill {
    rates.bill(&Principal::anonymous(), Some(address.parse().unwrap()))
}

fn wait(refused: Result<(), Refusal>) -> (Rate, Duration) {
    match refused.unwrap_err() {
        Refusal::RateLimited { rate, wait } => (rate, wait),
        other => panic!("{other}"),
    }
}

#[test]
fn a_burst_is_let_in_and_then_one_call_at_each_interval() {
    let rates = rates(Some(10), Some(3), None);
    let (bill, now) = (of(&rates, "mdm"), Instant::now());
    for _ in 0..3 {
        bill.enter(now).unwrap();
    }
    assert_eq!(wait(bill.enter(now)), (Rate::Calls, 100 * MS));
    assert_eq!(
        wait(bill.enter(now + 60 * MS)),
        (Rate::Calls, 40 * MS),
        "a call that is refused costs nothing"
    );
    // Exactly after the time that it was told.
    bill.enter(now + 100 * MS).unwrap();
    assert_eq!(wait(bill.enter(now + 100 * MS)).1, 100 * MS);
    // Who was away has its burst again, and no more.
    for _ in 0..3 {
        bill.enter(now + 60_000 * MS).unwrap();
    }
    assert_eq!(wait(bill.enter(now + 60_000 * MS)).1, 100 * MS);
}

#[test]
fn without_a_burst_the_calls_of_a_second_may_come_at_once() {
    let rates = rates(Some(4), None, None);
    let (bill, now) = (of(&rates, "mdm"), Instant::now());
    assert_eq!((0..9).filter(|_| bill.enter(now).is_ok()).count(), 4);
}

#[test]
fn a_call_with_many_hosts_is_let_in_and_those_behind_it_wait() {
    let rates = rates(None, None, Some(100));
    let (bill, now) = (of(&rates, "mdm"), Instant::now());
    bill.enter(now).unwrap();
    assert_eq!(bill.pay(1_000, now), 9_000 * MS);
    assert_eq!(wait(bill.enter(now)), (Rate::Hosts, 9_000 * MS));
    assert_eq!(
        wait(bill.enter(now + 8_999 * MS)),
        (Rate::Hosts, MS),
        "to the millisecond"
    );
    bill.enter(now + 9_000 * MS).unwrap();
    assert_eq!(bill.pay(1, now + 9_000 * MS), 10 * MS);
}

#[test]
fn each_caller_has_an_account_of_its_own() {
    let rates = rates(Some(1), None, None);
    let now = Instant::now();
    let others = [
        of(&rates, "mdm"),
        of(&rates, "gate"),
        rates.bill(&named("mdm", Some("north")), None),
        rates.bill(&named("mdm", Some("south")), None),
        at(&rates, "192.0.2.1"),
        at(&rates, "192.0.2.2"),
        at(&rates, "2001:db8:0:1::1"),
        at(&rates, "2001:db8:0:2::1"),
    ];
    for bill in &others {
        bill.enter(now).unwrap();
        wait(bill.enter(now));
    }
}

#[test]
fn the_addresses_of_one_network_are_one_caller() {
    let rates = rates(Some(1), None, None);
    let now = Instant::now();
    at(&rates, "2001:db8:0:1::1").enter(now).unwrap();
    wait(at(&rates, "2001:db8:0:1:ffff::9").enter(now));
    at(&rates, "192.0.2.1").enter(now).unwrap();
    wait(at(&rates, "::ffff:192.0.2.1").enter(now));
}

#[test]
fn strangers_without_a_place_share_one_account_and_memory_is_bounded() {
    let rates = rates(Some(1), None, None);
    let now = Instant::now();
    let of_many = |now| {
        (0..1_000_u32)
            .filter(|n| {
                let address = IpAddr::from(Ipv4Addr::from_bits(*n));
                let bill = rates.bill(&Principal::anonymous(), Some(address));
                bill.enter(now).is_ok()
            })
            .count()
    };
    assert_eq!(of_many(now), 17);
    assert_eq!(locked(&rates.0.unknown).accounts.len(), 16);
    // Whoever has a credential is not pushed aside by those without.
    of(&rates, "mdm").enter(now).unwrap();
    // Those who have had their time are forgotten for others.
    assert_eq!(of_many(now + 2_000 * MS), 17);
    assert_eq!(locked(&rates.0.unknown).accounts.len(), 16);
}

#[test]
fn a_rate_that_is_changed_holds_at_once_and_without_one_nothing_is_kept() {
    let rates = rates(None, None, None);
    let (bill, now) = (of(&rates, "mdm"), Instant::now());
    for _ in 0..1_000 {
        bill.enter(now).unwrap();
        assert_eq!(bill.pay(1_000, now), Duration::ZERO);
    }
    assert!(locked(&rates.0.known).accounts.is_empty());
    let one = RateSettings {
        calls_per_second: Some(1),
        ..RateSettings::default()
    };
    rates.apply(&one);
    bill.enter(now).unwrap();
    wait(bill.enter(now));
    // The same once more is no change.
    rates.apply(&one);
    wait(bill.enter(now));
    rates.apply(&RateSettings::default());
    bill.enter(now).unwrap();
}
