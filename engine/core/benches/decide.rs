//! One host of 300 items: reading its facts alone, and judging it from message to message.
//!
//! `decode` is the floor: prost reads the message and drops it. `decide/*` reads the same
//! message, checks it, judges it under the shipped policies and writes the decision. The
//! ratio to the floor in one run is the figure; machines differ.
//!
//! `fleet` asks for hosts that differ in id and in where their software stands, so that no
//! two are alike; `unremembered` evaluates every rule anew.

#![expect(clippy::unwrap_used, reason = "a bench may fail loudly")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use embargo_core::bundle::Bundle;
use embargo_core::decision::{Budget, Evaluator, Question};
use embargo_core::instant::Instant;
use embargo_core::instrument::Action;
use embargo_core::snapshot::Snapshot;
use embargo_proto::v1;
use embargo_service::codec;
use prost::Message;

const ITEMS: usize = 300;
const HOSTS: usize = 512;

/// A message of some 45 kB: a federal laptop, with as many Kaspersky products as are named.
fn message(host: usize, products: &[&str]) -> Vec<u8> {
    let mut software: Vec<v1::Software> = (0..ITEMS).map(item).collect();
    for (at, name) in products.iter().enumerate() {
        let place = (host * 7 + at * 83) % ITEMS;
        if let Some(item) = software.get_mut(place) {
            (*name).clone_into(&mut item.name);
            item.publisher = Some("AO Kaspersky Lab".to_owned());
        }
    }
    let facts = v1::HostFacts {
        host_id: format!("host-{host:06}"),
        os: Some(v1::OperatingSystem {
            family: Some("windows".to_owned()),
            version: Some("10.0.22631".to_owned()),
            architecture: Some("x86_64".to_owned()),
        }),
        form_factor: Some("laptop".to_owned()),
        owner: Some(v1::Owner {
            kind: v1::owner::Kind::Government.into(),
            jurisdictions: vec!["US".to_owned()],
            sectors: vec!["federal-civilian".to_owned()],
            us_person: Some(true),
            ..v1::Owner::default()
        }),
        software,
        ..v1::HostFacts::default()
    };
    facts.encode_to_vec()
}

fn item(at: usize) -> v1::Software {
    let vendor = at % 40;
    v1::Software {
        name: format!("Example Product {at} Professional"),
        version: Some(format!("{}.{}.{at}", at % 20, at % 7)),
        publisher: Some(format!("Example Publisher {vendor} Corporation")),
        source: Some("programs".to_owned()),
        path: Some(format!(
            "C:\\Program Files\\Example {vendor}\\Product {at}\\bin\\application.exe"
        )),
        ..v1::Software::default()
    }
}

fn shipped() -> Arc<Snapshot> {
    let shipped = embargo_service::shipped_bundle().unwrap();
    let files = shipped
        .files()
        .map(|(path, content)| (path.to_owned(), content.to_vec()));
    Arc::new(Snapshot::compile(Bundle::new(files).unwrap()).unwrap())
}

fn judge(evaluator: &mut Evaluator, message: &[u8], at: Instant) -> Vec<u8> {
    let facts = codec::facts(message).unwrap();
    let decision = evaluator.decide(Question {
        facts: &facts,
        action: Action::Presence,
        at,
    });
    codec::decision(decision)
}

fn benches(criterion: &mut Criterion) {
    const PRODUCTS: [&str; 3] = [
        "Kaspersky Endpoint Security for Windows",
        "Kaspersky Security Center Network Agent",
        "Kaspersky Password Manager",
    ];
    let snapshot = shipped();
    let at: Instant = "2026-11-24T00:00:00Z".parse().unwrap();
    let evaluator = || Evaluator::new(Arc::clone(&snapshot), Budget::default());

    let mut group = criterion.benchmark_group("host_300_items");
    for (name, products) in [
        ("nothing_identified", &PRODUCTS[..0]),
        ("three_identified", &PRODUCTS[..]),
    ] {
        let one = message(0, products);
        group.bench_function(format!("decode/{name}"), |bencher| {
            bencher.iter(|| v1::HostFacts::decode(black_box(one.as_slice())).unwrap());
        });
        let mut warm = evaluator();
        group.bench_function(format!("decide/{name}"), |bencher| {
            bencher.iter(|| judge(&mut warm, black_box(&one), at));
        });
        let fleet: Vec<Vec<u8>> = (0..HOSTS).map(|host| message(host, products)).collect();
        let mut hosts = fleet.iter().cycle();
        let mut warm = evaluator();
        group.bench_function(format!("decide_fleet/{name}"), |bencher| {
            bencher.iter(|| judge(&mut warm, black_box(hosts.next().unwrap()), at));
        });
    }
    let one = message(0, &PRODUCTS);
    let mut forgetful = evaluator().without_memory();
    group.bench_function("decide_unremembered/three_identified", |bencher| {
        bencher.iter(|| judge(&mut forgetful, black_box(&one), at));
    });
    group.finish();
}

criterion_group!(decide, benches);
criterion_main!(decide);
