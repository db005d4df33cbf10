//! What expressions of Prometheus name: metrics, and labels of them.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// An expression, where it stands, and the labels that are shown beside its values.
pub(super) struct Expression {
    pub(super) place: String,
    pub(super) text: String,
    pub(super) shown: Vec<String>,
}

/// Every expression of a dashboard.
pub(super) fn of_dashboard(path: &Path) -> Vec<Expression> {
    let board: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let mut found = Vec::new();
    let panels = board["panels"].as_array().unwrap();
    for panel in panels.iter().filter(|panel| panel["type"] != "row") {
        let title = panel["title"].as_str().unwrap();
        for target in panel["targets"].as_array().unwrap() {
            assert_eq!(target["datasource"]["uid"], "${datasource}", "{title}");
            found.push(Expression {
                place: title.to_owned(),
                text: target["expr"].as_str().unwrap().to_owned(),
                shown: shown(target["legendFormat"].as_str().unwrap()),
            });
        }
    }
    for variable in board["templating"]["list"].as_array().unwrap() {
        if let Some(query) = variable["query"]["query"].as_str() {
            let inner = query.strip_prefix("label_values(").unwrap();
            let (text, label) = inner.strip_suffix(')').unwrap().rsplit_once(", ").unwrap();
            found.push(Expression {
                place: format!("variable {label}"),
                text: text.to_owned(),
                shown: vec![label.to_owned()],
            });
        }
    }
    for annotation in board["annotations"]["list"].as_array().unwrap() {
        found.push(Expression {
            place: "annotation".to_owned(),
            text: annotation["expr"].as_str().unwrap().to_owned(),
            shown: shown(annotation["titleFormat"].as_str().unwrap()),
        });
    }
    found
}

/// Every alert of a file of rules.
pub(super) fn alerts(path: &Path) -> Vec<Value> {
    let rules: Value = serde_yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let groups = rules["groups"].as_array().unwrap();
    let rules = groups
        .iter()
        .flat_map(|group| group["rules"].as_array().unwrap());
    rules.cloned().collect()
}

/// Every expression of a file of rules that is about what a server exports.
pub(super) fn of_alerts(path: &Path) -> Vec<Expression> {
    alerts(path)
        .iter()
        .filter(|alert| !alert["expr"].as_str().unwrap().starts_with("up{"))
        .map(|alert| Expression {
            place: alert["alert"].as_str().unwrap().to_owned(),
            text: alert["expr"].as_str().unwrap().to_owned(),
            shown: shown(alert["annotations"]["summary"].as_str().unwrap()),
        })
        .collect()
}

/// The labels in `{{label}}` or `{{ $labels.label }}`.
fn shown(text: &str) -> Vec<String> {
    text.split("{{")
        .skip(1)
        .filter_map(|rest| rest.split("}}").next())
        .map(|inner| inner.trim())
        .filter(|inner| !inner.starts_with("$value"))
        .map(|inner| inner.trim_start_matches("$labels.").to_owned())
        .collect()
}

/// The metrics that an expression names, each with the labels that its braces name.
pub(super) fn selectors(text: &str) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(|sign: char| sign.is_ascii_alphabetic()) {
        (_, rest) = rest.split_at(start);
        let end = rest.find(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_');
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        if word.starts_with("embargo_") || word.starts_with("process_") {
            let (inside, after) = braces(after);
            rest = after;
            found.push((word.to_owned(), inside));
        } else if after.starts_with('"') || after.starts_with('$') {
            (_, rest) = after.split_at(1);
        }
    }
    found
}

/// The labels between braces, if there are any, and what comes after them.
fn braces(text: &str) -> (Vec<String>, &str) {
    let Some(inside) = text.strip_prefix('{') else {
        return (Vec::new(), text);
    };
    let (inside, after) = inside.split_once('}').unwrap();
    let labels = inside.split(", ").map(|matcher| {
        let end = matcher.find(['=', '!']).unwrap();
        matcher.split_at(end).0.to_owned()
    });
    (labels.collect(), after)
}

/// The labels that an expression groups by or brings together.
pub(super) fn grouped(text: &str) -> Vec<String> {
    ["by (", "on (", "group_left ("]
        .iter()
        .flat_map(|word| text.split(word).skip(1))
        .flat_map(|rest| rest.split(')').next().unwrap().split(','))
        .map(|label| label.trim().to_owned())
        .collect()
}

#[test]
fn an_expression_is_taken_apart() {
    let text = r#"sum by (door, le) (rate(embargo_a_bucket{job=~"$job", code!="embargo_x"}[5m])) / on (job) embargo_b"#;
    let labels = |labels: &[&str]| labels.iter().map(|label| (*label).to_owned()).collect();
    assert_eq!(
        selectors(text),
        [
            ("embargo_a_bucket".to_owned(), labels(&["job", "code"])),
            ("embargo_b".to_owned(), Vec::new()),
        ]
    );
    let grouped: Vec<String> = grouped(text);
    assert_eq!(grouped, ["door", "le", "job"]);
    assert_eq!(
        shown("{{ $labels.policy }} at {{door}}: {{ $value | x }}"),
        ["policy", "door"]
    );
}
