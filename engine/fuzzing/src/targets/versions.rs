//! Versions: any three texts under any scheme, each on a line, behind a byte for the scheme.
//!
//! No panic; the order is the reverse of the reverse, and no circle of three is in it.

use embargo_core::version::{Order, Scheme, compare};

use crate::target::Target;

pub(crate) const VERSIONS: Target = Target::new(
    "versions",
    &["engine/fuzzing/corpus/versions"],
    &[
        ".",
        "-",
        "~",
        "^",
        "+",
        ":",
        "_",
        "!",
        "0",
        "00",
        "1",
        "rc",
        "rc1",
        "a1",
        ".dev0",
        ".post1",
        "alpha",
        "18446744073709551616",
        "\n",
        "v",
        "\u{661}",
    ],
    feed,
);

fn feed(bytes: &[u8]) {
    let Some((number, Ok(text))) = bytes
        .split_first()
        .map(|(number, rest)| (usize::from(*number), std::str::from_utf8(rest)))
    else {
        return;
    };
    let scheme = Scheme::ALL[number % Scheme::ALL.len()];
    let mut lines = text.split('\n');
    let mut next = || lines.next().unwrap_or_default();
    let (a, b, c) = (next(), next(), next());
    let reverse = match compare(scheme, a, b) {
        Order::Less => Order::Greater,
        Order::Greater => Order::Less,
        same => same,
    };
    assert_eq!(compare(scheme, b, a), reverse);
    if compare(scheme, a, b) == Order::Less && compare(scheme, b, c) == Order::Less {
        assert_eq!(compare(scheme, a, c), Order::Less);
    }
}
