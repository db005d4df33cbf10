//! Orders against what those who own each scheme publish.

mod laws;
mod pep440;

use super::Order::{Equal, Greater, Less, Unknown};
use super::*;

/// Versions in ascending order; those in one row are equal.
fn check_ascending(scheme: Scheme, rows: &[&[&str]]) {
    let all: Vec<(usize, &str)> = rows
        .iter()
        .enumerate()
        .flat_map(|(row, versions)| versions.iter().map(move |version| (row, *version)))
        .collect();
    for (left_row, left) in &all {
        for (right_row, right) in &all {
            let wanted = match left_row.cmp(right_row) {
                Ordering::Less => Less,
                Ordering::Equal => Equal,
                Ordering::Greater => Greater,
            };
            assert_eq!(
                compare(scheme, left, right),
                wanted,
                "{scheme}: {left} and {right}"
            );
        }
    }
}

/// None of these is a version of the scheme, on either side and against itself.
fn check_unknown(scheme: Scheme, version: &str, texts: &[&str]) {
    assert_eq!(compare(scheme, version, version), Equal);
    for text in texts {
        for (left, right) in [(version, *text), (*text, version), (*text, *text)] {
            assert_eq!(
                compare(scheme, left, right),
                Unknown,
                "{scheme}: {left:?} and {right:?}"
            );
        }
    }
}

#[test]
fn semver_orders_as_section_11_does() {
    check_ascending(
        Scheme::Semver,
        &[
            &["1.0.0-alpha", "1.0.0-alpha+001"],
            &["1.0.0-alpha.1"],
            &["1.0.0-alpha.beta"],
            &["1.0.0-beta"],
            &["1.0.0-beta.2"],
            &["1.0.0-beta.11"],
            &["1.0.0-rc.1"],
            &["1.0.0", "1.0.0+20130313144700", "1.0.0+21AF26D3"],
            &["2.0.0"],
            &["2.1.0"],
            &["2.1.1"],
            &["18446744073709551615.0.0"],
        ],
    );
    check_unknown(
        Scheme::Semver,
        "1.0.0",
        &[
            "",
            "1",
            "1.0",
            "1.0.0.0",
            "01.0.0",
            "v1.0.0",
            "1.0.0-",
            "1.0.0-01",
            "1.0.0 ",
            "18446744073709551616.0.0",
        ],
    );
}

#[test]
fn dpkg_orders_as_debian_policy_and_dpkg_do() {
    check_ascending(
        Scheme::Dpkg,
        &[
            &["0~~"],
            &["0~~a"],
            &["0~"],
            &["0", "0:0", "00", "0-0", "0:0-00", " 0\t"],
            &["0a"],
            &["1.0~beta1~svn1245-1"],
            &["1.0~beta1-1"],
            &["1.0", "1.0-0", "1.00"],
            &["1.0-0+deb12u1"],
            &["1.0-1~bpo11+1"],
            &["1.0-1"],
            &["1.0-1+b1"],
            &["1.0-1.1"],
            &["1.0-2"],
            &["1.0-10"],
            &["1.0a-1"],
            &["1.0+dfsg-1"],
            &["1.0-1-1"],
            &["1.0.1-1"],
            &["1.2.3", "0001.02.03"],
            &["1.12"],
            &["5.99999999999999999999999999999"],
            &["5.100000000000000000000000000000"],
            &["1:0~"],
            &["1:0:0-0"],
            &["1:1.2"],
            &["2147483647:1"],
        ],
    );
    check_unknown(
        Scheme::Dpkg,
        "1.0-1",
        &[
            "",
            " ",
            "0:",
            "0:0 0-1",
            "-1:0-1",
            "+1:0",
            "999999999999999999999999:0-1",
            "2147483648:1",
            "a:0-0",
            ":1",
            "-0",
            "0:-0",
            "0:0-",
            "0:abc3-0",
            "0:0-0:0",
            "1_0",
            "1.0-1_2",
            "1.0\u{e9}",
        ],
    );
}

#[test]
fn rpm_orders_as_rpmvercmp_does() {
    check_ascending(
        Scheme::Rpm,
        &[
            &["_", "+", "._"],
            &["a", "a+", "a_", "+a", "_a"],
            &["xyz.4", "xyz4", "xyz04"],
            &["xyz10"],
            &["xyz10.1"],
            &["1.0~rc1~git123"],
            &["1.0~rc1"],
            &["1.0~rc1^git1"],
            &["1.0~rc2"],
            &["1.0"],
            &["1.0^"],
            &["1.0^git1~pre"],
            &["1.0^git1"],
            &["1.0^git2"],
            &["1.0^20160101"],
            &["1.0^20160101^git1"],
            &["1.0^20160102"],
            &["1.0a"],
            &["1.0aa"],
            &["1.0.1", "1.0_1"],
            &["1.1", "1.01", "1.0001"],
            &["1.39", "1.0039"],
            &["2.0", "2_0", "2.0."],
            &["2.0.1"],
            &["2.0.1a"],
            &["4.999.9"],
            &["5.5p1"],
            &["5.5p2"],
            &["5.5p10"],
            &["5.6p1"],
            &["6.0"],
            &["6.0.rc1"],
            &["6.5p1"],
            &["10xyz"],
            &["10.1xyz"],
            &["20101121"],
            &["20101122"],
            &["99999999999999999999999999999"],
        ],
    );
    for (left, right, wanted) in [("1b.fc17", "1.fc17", Less), ("1g.fc17", "1.fc17", Greater)] {
        assert_eq!(compare(Scheme::Rpm, left, right), wanted);
    }
}

#[test]
fn rpm_epochs_come_first_and_an_absent_release_before_any() {
    check_ascending(
        Scheme::Rpm,
        &[
            &["12.1.0", "0:12.1.0"],
            &["12.1.0-~1"],
            &["12.1.0-1506", "0:12.1.0-1506", "12.1.0-01506"],
            &["12.1.0-1506.el9"],
            &["12.1.1-1"],
            &["1:1.0"],
            &["1:1.0-1"],
            &["4294967295:0"],
        ],
    );
    check_unknown(
        Scheme::Rpm,
        "1.0-1",
        &[
            "",
            "1.0-",
            "-1",
            ":1.0",
            "(none):1.0-1",
            "-1:1.0",
            "4294967296:1.0",
            "1:2:3",
            "1.0-1-1",
            "1.0 1",
            "1.0/1",
            "1.1.\u{3b1}",
        ],
    );
}

#[test]
fn dotted_fields_are_numbers_and_missing_ones_zero() {
    check_ascending(
        Scheme::Dotted,
        &[
            &["0", "0.0.0.0", "00"],
            &["0.0.0.1"],
            &["10.0.17763.1"],
            &["10.0.17763.1457"],
            &[
                "10.0.19041",
                "10.0.19041.0",
                "10.00.019041",
                "10.0.19041.0.0.0",
            ],
            &["21.3.9"],
            &["21.3.10.391"],
            &["21.14.5.462"],
            &["22", "22.0"],
            &["99999999999999999999999999"],
        ],
    );
    check_unknown(
        Scheme::Dotted,
        "1.0",
        &[
            "",
            ".",
            "1.",
            ".1",
            "1..2",
            "1.0a",
            "v1.0",
            "1,0",
            "1.-1",
            "+1",
            "1.0 ",
            " 1.0",
            "1.0-2",
            "\u{661}.0",
        ],
    );
}

#[test]
fn android_version_codes_are_integers() {
    check_ascending(
        Scheme::AndroidVersionCode,
        &[
            &["0", "00"],
            &["1", "01"],
            &["9"],
            &["10"],
            &["2100000000"],
            &["9223372036854775807"],
        ],
    );
    check_unknown(
        Scheme::AndroidVersionCode,
        "1",
        &["", "-1", "+1", "1.0", "1 ", "0x10", "9223372036854775808"],
    );
}

#[test]
fn texts_of_absurd_length_are_unknown_and_the_longest_are_not() {
    for scheme in [Scheme::Dpkg, Scheme::Rpm, Scheme::Pep440, Scheme::Dotted] {
        let longest = "9".repeat(MAX_BYTES);
        assert_eq!(compare(scheme, &longest, "1"), Greater, "{scheme}");
        let absurd = "9".repeat(MAX_BYTES + 1);
        assert_eq!(compare(scheme, &absurd, "1"), Unknown, "{scheme}");
        assert_eq!(compare(scheme, "1", &absurd), Unknown, "{scheme}");
    }
}

#[test]
fn schemes_have_words_and_no_others() {
    for scheme in Scheme::ALL {
        assert_eq!(Scheme::from_word(scheme.word()), Some(scheme));
    }
    assert_eq!(Scheme::from_word("SemVer"), None);
    assert_eq!(Scheme::from_word(""), None);
}
