//! Feeds the target `archive`, which `embargo-fuzzing` says all about.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| embargo_fuzz::feed("archive", bytes));
