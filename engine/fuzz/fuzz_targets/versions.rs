//! Versions: any three texts under any scheme.
//!
//! No panic; the order is the reverse of the reverse, and no circle of three is in it.

#![no_main]

use embargo_core::version::{Order, Scheme, compare};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|texts: (u8, &str, &str, &str)| {
    let (number, a, b, c) = texts;
    let Some(scheme) = Scheme::ALL.get(usize::from(number) % Scheme::ALL.len()).copied() else {
        return;
    };
    let reverse = match compare(scheme, a, b) {
        Order::Less => Order::Greater,
        Order::Greater => Order::Less,
        same => same,
    };
    assert_eq!(compare(scheme, b, a), reverse);
    if compare(scheme, a, b) == Order::Less && compare(scheme, b, c) == Order::Less {
        assert_eq!(compare(scheme, a, c), Order::Less);
    }
});
