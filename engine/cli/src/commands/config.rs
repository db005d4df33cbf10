//! `embargo config check`: whether `serve` would start with a configuration, and what it comes to.

use serde_json::{Map, Value, json};

use crate::args::{ConfigCommand, ConfigWhat, Format};
use crate::commands::Failure;
use crate::configuration::{Reading, refused};
use crate::exit::Exit;
use crate::output;

pub(crate) fn run(command: &ConfigCommand) -> Result<Exit, Failure> {
    let ConfigWhat::Check(check) = &command.what;
    let said = check.configured.set.clone();
    let reading = Reading::of_named_or_usual(&check.configured, said);
    let given = match reading.read() {
        Ok(given) => given,
        Err(failure) => return Ok(invalid(&failure)),
    };
    let config = match given.config() {
        Ok(config) => config,
        Err(fault) => return Ok(invalid(&refused(&[fault]))),
    };
    // A name may stand for another address where the server runs.
    if let Ok(address) = given.file.listen.parse()
        && !given.file.insecure
        && let Err(exposed) = config.settings().exposed(address)
    {
        return Ok(invalid(&Failure::Said(exposed.to_string())));
    }
    for remark in &given.unknown_variables {
        output::complain(&format!("warning: {remark}"));
    }
    let settings = given
        .effective()
        .into_iter()
        .map(|(key, value, origin)| Shown {
            is_default: value == key.default,
            path: key.path.clone(),
            value,
            origin: origin.to_string(),
        });
    let settings: Vec<Shown> = settings
        .filter(|shown| !check.changed || !shown.is_default)
        .collect();
    output::print(&match check.format {
        Format::Pretty => pretty(&settings),
        Format::Json => as_json(&settings),
    })?;
    Ok(Exit::Done)
}

fn invalid(failure: &Failure) -> Exit {
    output::complain(&failure.to_string());
    Exit::Refused
}

/// A setting as it is shown.
struct Shown {
    path: String,
    value: Value,
    origin: String,
    is_default: bool,
}

/// YAML that can be used as a file, with who says so behind each setting.
fn pretty(settings: &[Shown]) -> String {
    let mut text = String::new();
    let mut open: Vec<&str> = Vec::new();
    for shown in settings {
        let mut names: Vec<&str> = shown.path.split('.').collect();
        let Some(last) = names.pop() else { continue };
        let shared = open.iter().zip(&names).take_while(|(a, b)| a == b).count();
        for (depth, name) in names.iter().enumerate().skip(shared) {
            text.push_str(&format!("{}{name}:\n", "  ".repeat(depth)));
        }
        let line = format!(
            "{}{last}: {}",
            "  ".repeat(names.len()),
            inline(&shown.value)
        );
        text.push_str(&format!("{line:<48} # {}\n", shown.origin));
        open = names;
    }
    text
}

/// A value on one line. JSON is YAML; a text stands without quotes where it is one all the same.
fn inline(value: &Value) -> String {
    match value {
        Value::String(text) if is_plain(text) => text.clone(),
        other => other.to_string(),
    }
}

fn is_plain(text: &str) -> bool {
    let sound = |character: char| character.is_ascii_alphanumeric() || "-_./:".contains(character);
    let begins = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/');
    let reserved = ["true", "false", "null", "yes", "no", "on", "off"];
    begins
        && text.chars().all(sound)
        && !text.ends_with(':')
        && !reserved.contains(&text.to_ascii_lowercase().as_str())
        || text.starts_with(|first: char| first.is_ascii_digit())
            && text.ends_with(|last: char| last.is_ascii_alphabetic())
            && text
                .chars()
                .all(|character| character.is_ascii_alphanumeric())
            && !text.contains(['e', 'E', 'x', 'o'])
}

fn as_json(settings: &[Shown]) -> String {
    let each = settings.iter().map(|shown| {
        let said = json!({"value": shown.value, "origin": shown.origin});
        (shown.path.clone(), said)
    });
    let all: Map<String, Value> = each.collect();
    format!("{:#}\n", json!({"settings": all}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_quoted_where_yaml_would_take_it_for_something_else() {
        for (text, wanted) in [
            ("info", "info"),
            ("/etc/embargo/policies", "/etc/embargo/policies"),
            ("2s", "2s"),
            ("16MiB", "16MiB"),
            ("no", "\"no\""),
            ("1e3", "\"1e3\""),
            ("a: b", "\"a: b\""),
            ("127.0.0.1:8181", "\"127.0.0.1:8181\""),
            ("", "\"\""),
            ("12", "\"12\""),
        ] {
            assert_eq!(inline(&Value::from(text)), wanted);
        }
    }
}
