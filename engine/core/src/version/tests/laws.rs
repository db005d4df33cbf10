//! The laws of an order, for generated versions and for any texts.

use std::cmp::Ordering;

use proptest::prelude::*;

use crate::version::Order::{Equal, Greater, Less, Unknown};
use crate::version::{Order, Scheme, compare};

/// Versions of a scheme, from few pieces, so that equal and nearly equal ones are common.
fn versions(scheme: Scheme) -> impl Strategy<Value = String> {
    let pattern = match scheme {
        Scheme::Semver => {
            "[0-2]\\.[0-2]\\.[0-2](-(a|b|[0-2]|1a|-)(\\.(a|b|[0-2]|1a|-)){0,2})?(\\+[ab0]{1,2})?"
        }
        Scheme::Dpkg => "([01]:)?[0-2][ab0-2~+.]{0,4}(-[ab0-2~+.]{1,3})?",
        Scheme::Rpm => "([01]:)?[ab0-2~^._+]{1,5}(-[ab0-2~^._+]{1,3})?",
        Scheme::Pep440 => {
            "v?([01]!)?[0-2](\\.[0-2]){0,2}([-._]?(a|ALPHA|b|rc|c)[0-2]?)?(-[0-2]|\\.?(post|r)[0-2]?)?(\\.dev[0-2]?)?(\\+[aB0-2]{1,2}(\\.[aB0-2]{1,2})?)?"
        }
        Scheme::Dotted => "[0-2]{1,2}(\\.[0-2]{1,2}){0,3}",
        Scheme::AndroidVersionCode => "[0-2]{1,3}",
    };
    proptest::string::string_regex(pattern).unwrap()
}

fn some_scheme() -> impl Strategy<Value = Scheme> {
    prop::sample::select(Scheme::ALL.to_vec())
}

fn three_versions() -> impl Strategy<Value = (Scheme, [String; 3])> {
    some_scheme().prop_flat_map(|scheme| {
        let version = || versions(scheme);
        (Just(scheme), [version(), version(), version()])
    })
}

fn as_ordering(order: Order) -> Option<Ordering> {
    match order {
        Less => Some(Ordering::Less),
        Equal => Some(Ordering::Equal),
        Greater => Some(Ordering::Greater),
        Unknown => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_096))]

    #[test]
    fn versions_that_parse_are_in_a_total_order((scheme, texts) in three_versions()) {
        let [a, b, c] = texts;
        let order = |left: &str, right: &str| as_ordering(compare(scheme, left, right));
        let (Some(ab), Some(bc), Some(ac)) = (order(&a, &b), order(&b, &c), order(&a, &c)) else {
            return Err(TestCaseError::fail(format!("unknown: {a} {b} {c}")));
        };
        prop_assert_eq!(order(&a, &a), Some(Ordering::Equal));
        prop_assert_eq!(order(&b, &a), Some(ab.reverse()));
        if ab == bc {
            prop_assert_eq!(ac, ab);
        }
        if ab.is_eq() {
            prop_assert_eq!(ac, bc);
        }
        if bc.is_eq() {
            prop_assert_eq!(ac, ab);
        }
    }

    #[test]
    fn any_texts_give_an_answer(
        scheme in some_scheme(),
        left in "[0-9a-z.:~^+!_ -]{0,12}|\\PC{0,8}|.{0,4}",
        right in "[0-9a-z.:~^+!_ -]{0,12}|\\PC{0,8}|.{0,4}",
    ) {
        let parses = |text: &str| compare(scheme, text, text) != Unknown;
        let order = compare(scheme, &left, &right);
        prop_assert_eq!(order != Unknown, parses(&left) && parses(&right));
        if parses(&left) {
            prop_assert_eq!(compare(scheme, &left, &left), Equal);
        }
        let back = as_ordering(compare(scheme, &right, &left));
        prop_assert_eq!(as_ordering(order).map(Ordering::reverse), back);
    }
}
