//! `embargo explain`: the same here and from a server, for people and as the API's message.

use crate::process::Server;
use crate::support::run;

const AT: [&str; 2] = ["--at", "2018-10-30T12:00:00Z"];

fn explain<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut line = vec!["explain", "--example"];
    line.extend(AT);
    line.extend(more);
    line
}

/// The example is a laptop of a federal agency: each rule in scope has an end, and each that
/// did not match the condition that decides.
#[test]
fn each_rule_for_the_federal_laptop_has_the_condition_that_decides_it() {
    let ran = run(&explain(&["-f", "json"]));
    assert_eq!(ran.code, 1, "{}", ran.err);
    let answer: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let decided = run(&["decide", "--example", AT[0], AT[1], "-f", "json"]);
    let decision: serde_json::Value = serde_json::from_str(&decided.out).unwrap();
    assert_eq!(answer["decision"], decision);
    let mut ends = std::collections::BTreeMap::<&str, usize>::new();
    for rule in answer["rules"].as_array().unwrap() {
        let outcome = rule["outcome"].as_str().unwrap();
        *ends.entry(outcome).or_default() += 1;
        let conditions = rule["conditions"].as_array().unwrap();
        let decides = conditions.last().filter(|last| last["held"] == false);
        match outcome {
            "not-matched" | "missing-fact" | "out-of-phase" => {
                let decides = decides.unwrap_or_else(|| panic!("{rule:#}"));
                assert!(decides["span"]["start_line"].as_u64() > Some(0), "{rule:#}");
                assert!(!decides["text"].as_str().unwrap().is_empty(), "{rule:#}");
            }
            _ => assert!(decides.is_none(), "{rule:#}"),
        }
    }
    for outcome in [
        "matched",
        "not-matched",
        "out-of-phase",
        "not-concerned",
        "out-of-scope",
    ] {
        assert!(ends.contains_key(outcome), "{outcome}: {ends:?}");
    }
}

#[test]
fn an_explanation_reads_down_to_the_condition_that_decides() {
    let ran = run(&explain(&["--instrument", "us-dhs-bod-17-01"]));
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!(ran.out);
}

#[test]
fn an_instrument_that_does_not_bind_or_is_not_there_is_said_to() {
    let ran = run(&explain(&["--instrument", "de-bsi-2022-03-15"]));
    assert!(
        ran.out.contains("the owner is outside of its scope"),
        "{}",
        ran.out
    );
    let ran = run(&explain(&["--instrument", "nowhere"]));
    assert_eq!(ran.code, 2);
    assert!(
        ran.err.contains("there is no instrument `nowhere`"),
        "{}",
        ran.err
    );
}

#[test]
fn a_server_explains_as_this_command_does() {
    let server = Server::start_with(&[]);
    let here = run(&explain(&[]));
    let there = run(&explain(&["--server", &server.url]));
    assert_eq!((there.err, there.code), (String::new(), here.code));
    assert_eq!(there.out, here.out);
}
