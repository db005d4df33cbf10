//! The order and the spellings of PEP 440, as in its text and in the tests of Python's
//! `packaging`.

use crate::version::Scheme;

use super::{check_ascending, check_unknown};

#[test]
fn pep440_orders_as_its_text_and_packaging_do() {
    let one = [
        "1.0.dev0",
        "1.0.dev456",
        "1.0.dev456+local",
        "1.0a0",
        "1.0a0.post0.dev0",
        "1.0a0.post0",
        "1.0a1.dev1",
        "1.0a1.dev1+local",
        "1.0a1",
        "1.0a1+local",
        "1.0b0",
        "1.0b1.dev456",
        "1.0b2",
        "1.0b2.post345.dev456",
        "1.0b2.post345",
        "1.0b2-346",
        "1.0rc0",
        "1.0rc1.dev1",
        "1.0c1",
        "1.0rc2",
        "1.0",
        "1.0.post0.dev0",
        "1.0.post0",
        "1.0.post456.dev34",
        "1.0.post456",
        "1.0.post456+local",
        "1.0.1.dev1",
        "1.0.1a1",
        "1.0.1",
        "1.0.1+local",
        "1.0.1.post1",
        "1.1.dev1",
        "1.2+a",
        "1.2+abc",
        "1.2+abcdef",
        "1.2+def",
        "1.2+0",
        "1.2+1",
        "1.2+1.abc",
        "1.2+1.1",
        "1.2+1.1.0",
        "1.2+2",
        "1.2+123",
        "1.2+123456",
        "1.2.r32+123456",
        "1.2.rev33+123456",
    ]
    .map(str::to_owned);
    let later = one.clone().map(|version| format!("1!{version}"));
    let all: Vec<[&str; 1]> = one
        .iter()
        .chain(&later)
        .map(|text| [text.as_str()])
        .collect();
    let rows: Vec<&[&str]> = all.iter().map(|row| &row[..]).collect();
    check_ascending(Scheme::Pep440, &rows);
}

#[test]
fn pep440_takes_the_other_spellings_and_nothing_else() {
    check_ascending(
        Scheme::Pep440,
        &[
            &["1.0dev", "1.0.DEV0", "1-dev_0", "v1.0.0.dev"],
            &["1.0a", "1.0-alpha", "1.0_Alpha.0", "1A00"],
            &["1.0b2", "1.0.beta-2"],
            &["1.0rc3", "1.0c3", "1.0pre3", "1.0-preview_3", "1.0.RC.3"],
            &["1.0", "1", "1.0.0", " v1.0\t\n", "00!01.00"],
            &["1.0.post0", "1.0post", "1.0-r", "1.0rev"],
            &["1.0.post5", "1.0-5", "1.0-r5", "1.0.POST-5", "1.0_rev.05"],
            &["1.0.post5+ubuntu.1", "1.0-5+Ubuntu-01", "1.0-5+UBUNTU_1"],
            &["2012.4"],
            &["20000000000000000000000000.1"],
        ],
    );
    check_unknown(
        Scheme::Pep440,
        "1.0",
        &[
            "",
            "v",
            "french toast",
            "1.0+a+",
            "1.0++",
            "1.0+",
            "1.0+_foobar",
            "1.0+foo&asd",
            "1.0+1+1",
            "1. 0",
            "1 .0",
            "1.0 a1",
            "1.0a 1",
            ".",
            "..",
            "1..0",
            "1.0.",
            ".1.0",
            "!1.0",
            "a!1.0",
            "1!2!3",
            "1.0-",
            "1.0.final",
            "1.0.dev1.dev2",
            "1.0.dev1a1",
            "1.0.post1a1",
            "\u{660}\u{661}",
            "1.0+\u{130}",
        ],
    );
}
