//! The targets on stable: their corpora as they are, and damaged for a bounded time.
//!
//! `EMBARGO_SOAK` asks for the long form. Numbers are fixed, so that two runs damage alike as
//! far as each comes. What makes a body panic is left in a file that the panic names; what
//! ends the process is left there, too.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests may fail loudly"
)]

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use embargo_fuzzing::{Mutator, STACK_BYTES, Seed, Target, seeds};

/// The time that each target is fed with damaged input: in every run, and in a soak.
const SHORT: Duration = Duration::from_secs(2);
const LONG: Duration = Duration::from_secs(600);
/// The time that one input may take, of which the least of some tries counts, since others
/// work beside it.
const ONE: Duration = Duration::from_secs(4);
const TRIES: usize = 3;

fn time() -> Duration {
    if std::env::var_os("EMBARGO_SOAK").is_some() {
        LONG
    } else {
        SHORT
    }
}

/// Where the input stands that is being fed.
fn last(target: &Target) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzzed-{}", target.name))
}

/// Feeds a target and gives how long it took.
fn feed(target: &Target, what: &str, bytes: &[u8]) -> Duration {
    let path = last(target);
    fs::write(&path, bytes).unwrap();
    let mut least = Duration::MAX;
    for _ in 0..TRIES {
        let began = Instant::now();
        let fed = catch_unwind(AssertUnwindSafe(|| target.feed(bytes)));
        least = least.min(began.elapsed());
        if let Err(panic) = fed {
            eprintln!("{target:?}: {what}: the input is in {}", path.display());
            resume_unwind(panic);
        }
        if least <= ONE {
            return least;
        }
    }
    panic!(
        "{target:?}: {what}: took {least:?}; the input is in {}",
        path.display()
    );
}

fn fuzz(name: &'static str) {
    let target = Target::named(name).unwrap();
    let run = move || {
        let seeds = seeds(&target);
        let mut slowest = Duration::ZERO;
        for Seed { path, bytes } in &seeds {
            slowest = slowest.max(feed(&target, path, bytes));
        }
        let mut mutator = Mutator::new(1, target.words);
        let began = Instant::now();
        let mut fed = 0_u64;
        while began.elapsed() < time() {
            let seed = &seeds[mutator.below(seeds.len())];
            let other = &seeds[mutator.below(seeds.len())];
            let damaged = mutator.damage(&seed.bytes, &other.bytes);
            let what = format!("{}, damaged, {fed}", seed.path);
            slowest = slowest.max(feed(&target, &what, &damaged));
            fed += 1;
        }
        assert!(fed > 0);
        println!(
            "fuzzed {name}: {} seeds and {fed} damaged; the slowest took {slowest:?}",
            seeds.len()
        );
        fs::remove_file(last(&target)).unwrap();
    };
    let thread = thread::Builder::new().stack_size(STACK_BYTES).spawn(run);
    if let Err(panic) = thread.unwrap().join() {
        resume_unwind(panic);
    }
}

macro_rules! fuzzed {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            fuzz(stringify!($name));
        })*

        #[test]
        fn every_target_is_fed() {
            let fed = [$(stringify!($name)),*];
            assert_eq!(Target::ALL.map(|target| target.name), fed);
        }
    };
}

fuzzed! {
    archive bundle catalogue facts facts_message identify instrument inventory rego stream versions
}
