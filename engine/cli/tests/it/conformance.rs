//! The policies that clients are held to: `clients/conformance/policies`.

use crate::support::run;

const POLICIES: &str = "clients/conformance/policies";

#[test]
fn the_policies_of_the_conformance_suite_are_valid_and_pass_their_own_tests() {
    let checked = run(&["check", POLICIES, "--strict"]);
    assert_eq!(checked.code, 0, "{}{}", checked.out, checked.err);
    let tested = run(&["test", POLICIES]);
    assert_eq!(tested.code, 0, "{}{}", tested.out, tested.err);
}
