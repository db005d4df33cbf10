//! Catalogues of 1,000 and 50,000 products: identifying the software of a host of 300 items,
//! loading, and what the loaded catalogue takes.
//!
//! Identification should not depend on the size of the catalogue: compare the same line of
//! both groups. Loading reads the files' texts, as the policy folder has them; JSON holds the
//! same as YAML. Memory is printed first.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a bench may fail loudly"
)]

mod fixtures;
mod memory;

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use embargo_core::decision::{Budget, Evaluator};
use embargo_core::facts::{HostFacts, HostRecord};

const SIZES: [usize; 2] = [1_000, 50_000];
const ITEMS: usize = 300;
const HOSTS: usize = 256;

fn identification(criterion: &mut Criterion) {
    for size in SIZES {
        let catalogue = fixtures::compile(&fixtures::files(size));
        let mut group = criterion.benchmark_group(format!("identify/{size}_products"));
        for known in [0, 3, 30] {
            let host = fixtures::host(ITEMS, known, 0);
            assert_eq!(catalogue.identify(&host).len(), known);
            group.bench_function(format!("{known}_known"), |bencher| {
                bencher.iter(|| catalogue.identify(black_box(&host)));
            });
        }
        for (name, published) in [
            ("first_word_known", false),
            ("first_word_and_publisher_known", true),
        ] {
            let host = fixtures::alike(ITEMS, published);
            assert!(catalogue.identify(&host).is_empty());
            group.bench_function(name, |bencher| {
                bencher.iter(|| catalogue.identify(black_box(&host)));
            });
        }
        group.finish();
    }
}

/// Hosts that have the same 30 known items, each in other places and among others of its own.
fn fleet(criterion: &mut Criterion) {
    let snapshot = fixtures::snapshot(&fixtures::files(50_000));
    let hosts: Vec<HostFacts> = (0..HOSTS)
        .map(|number| {
            let record = HostRecord {
                host_id: format!("host-{number}"),
                software: fixtures::host(ITEMS, 30, number),
                ..HostRecord::default()
            };
            HostFacts::check(record).unwrap()
        })
        .collect();
    let evaluator = || Evaluator::new(Arc::clone(&snapshot), Budget::default());
    let mut group = criterion.benchmark_group("fleet/50000_products");
    for (name, mut evaluator) in [
        ("30_known_looked_up", evaluator().without_memory()),
        ("30_known_remembered", evaluator()),
    ] {
        let mut hosts = hosts.iter().cycle();
        group.bench_function(name, |bencher| {
            bencher.iter(|| evaluator.identify(black_box(hosts.next().unwrap())));
        });
    }
    group.finish();
}

fn loading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("load");
    group.sample_size(10);
    for size in SIZES {
        let yaml = fixtures::files(size);
        let json = fixtures::in_json(&yaml);
        for (name, files) in [("yaml", yaml), ("json", json)] {
            let bytes: usize = files.iter().map(|(_, text)| text.len()).sum();
            println!(
                "{size} products in {name}: {} files, {bytes} bytes",
                files.len()
            );
            group.bench_function(format!("{size}_products/{name}"), |bencher| {
                bencher.iter_with_large_drop(|| fixtures::compile(black_box(&files)));
            });
        }
    }
    group.finish();
}

fn memory(_: &mut Criterion) {
    memory::print(&fixtures::files(50_000), 50_000);
}

criterion_group!(identify, memory, identification, fleet, loading);
criterion_main!(identify);
