//! What is given as JSON says the same as the YAML, by the YAML reader's own word.

use proptest::prelude::*;
use serde_json::Value;

use super::json;

/// The JSON, after making sure that both say the same.
fn checked(text: &str) -> Option<Value> {
    let json: Value = serde_json::from_str(&json(text)?).unwrap();
    let yaml: Value = serde_yaml::from_str(text).unwrap_or_else(|fault| panic!("{text}\n{fault}"));
    assert_eq!(json, yaml, "{text}");
    Some(json)
}

#[test]
fn a_catalogue_in_the_plain_manner_is_given_as_json() {
    let text = r#"
# A remark.
vendor:
  id: acme   # and another
  name: "Acme: all of it"
  publishers:
    - {value: Acme Labs, mark: V2}
    - {value: "Ac\\me", mark: R}
products:
  - id: acme.shield

    name: 'Acme "Shield" \d'
    catch_all: true
    package_ids: [{value: shld, sources: [deb_packages, rpm_packages ] , mark: V2}]
    paths:
      - {value: /opt/acme, mark: V1}  # here
    team_ids: [{value: 2Y8XE5CQ94, mark: V2}]
    note: Für Fenster
"#;
    assert!(checked(text).is_none(), "an escape");
    let value = checked(&text.replace(r"\\", "")).unwrap();
    assert_eq!(value["products"][0]["name"], r#"Acme "Shield" \d"#);
    assert_eq!(
        value["products"][0]["package_ids"][0]["sources"][1],
        "rpm_packages"
    );
    assert_eq!(value["products"][0]["catch_all"], true);
}

#[test]
fn what_could_mean_another_thing_is_left_alone() {
    for text in [
        "",
        "a",
        "- a: b",
        " a: b",
        "a:",
        "a: b\n c",
        "a: b\n c: d",
        "a: b\n- c",
        "a:\n- b",
        "a:\n  - b\n - c",
        "a:\n  - - b",
        "a: [[b]]",
        "a: [b,]",
        "a: [b, c",
        "a: {b: c\n}",
        "a: {b}",
        "a: {b:c}",
        "a: {}",
        "a: b: c",
        "a: b:",
        "a: b#c",
        "a: &b c",
        "a: *b",
        "a: !b c",
        "a: |\n  b",
        "a: >\n  b",
        "a: ? b",
        "a: 12",
        "a: 1.5",
        "a: 0x1f",
        "a: 1e5",
        "a: .inf",
        "a: -1",
        "a: ~",
        "a: null",
        "a: True",
        "a: 'b''c'",
        "a: \"b\\n\"",
        "a: \"b\" c",
        "a: \"b\"#c",
        "\"a\": b",
        "null: b",
        "a:\tb",
        "a: b\r\nc: d",
        "a: b\u{85}c: d",
        "a: 'b\u{2028}'",
        "\u{feff}a: b",
        "---\na: b",
        "a: b\n...",
        "%YAML 1.1\n---\na: b",
    ] {
        assert_eq!(json(text), None, "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_024, failure_persistence: None, ..ProptestConfig::default() })]

    /// Lines of pieces that mean something to YAML, in any order.
    #[test]
    fn whatever_is_given_says_the_same(
        lines in prop::collection::vec(
            (0..5_usize, r"(- ){0,2}[ab]?:? ?(\{a: |\[)?[\{\['\x22&*!|>%@~#?-]?(true|1e5|2y|b|b c|é|/b|:|,| #)?['\x22\}\], ]{0,3}(#|: b)?"),
            1..6,
        )
    ) {
        let text: String = lines.iter().map(|(indent, line)| format!("{:indent$}{line}\n", "")).collect();
        checked(&text);
    }

    /// The same for documents that are nearly plain, so that many are given.
    #[test]
    fn what_is_nearly_plain_says_the_same(
        lines in prop::collection::vec(
            (0..3_usize, any::<bool>(), "[abc]", prop_oneof![
                Just(String::new()),
                "(x|true|é y|2y|12|null|x'y|-x|x:y|x #y)",
                r"(\x22[x:#'{]{0,3}\x22|'[x:#\x22\\]{0,3}')( #y)?",
                r"\[(x|\{a: x\})(, (y|\{b: \[x\]\}|'z'))?\]",
                r"\{a: (x|'y')(, b: (x|\[y, z\]|true))? ?\}( # z)?",
            ]),
            1..7,
        )
    ) {
        let line = |(depth, item, key, value): &(usize, bool, String, String)| {
            let (indent, dash) = (depth * 2, if *item { "- " } else { "" });
            let blank = if value.is_empty() { "" } else { " " };
            format!("{:indent$}{dash}{key}:{blank}{value}\n", "")
        };
        let text: String = lines.iter().map(line).collect();
        checked(&text);
    }
}
