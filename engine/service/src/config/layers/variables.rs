//! Variables of the environment in the values of a file: `${NAME}`, and `${NAME:default}` for where
//! it is not set. `$${` stands for `${`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::keys::{Key, keys};

/// A variable that cannot be put in.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) path: String,
    pub(super) message: String,
    pub(super) hint: String,
}

/// Puts variables into all values. A value that is nothing but one variable has the kind of its
/// setting, so that numbers can be given so; all else is a text.
pub(super) fn put_in(value: Value, environment: &BTreeMap<String, String>) -> Result<Value, Fault> {
    put_in_at(value, "", environment)
}

fn put_in_at(
    value: Value,
    path: &str,
    environment: &BTreeMap<String, String>,
) -> Result<Value, Fault> {
    match value {
        Value::String(text) if text.contains("${") => {
            let read = replaced(&text, environment).map_err(|(message, hint)| Fault {
                path: path.to_owned(),
                message: format!("`{path}`: {message}"),
                hint,
            })?;
            let is_one = text.starts_with("${") && text.find('}') == Some(text.len() - 1);
            let key: Option<&Key> = keys().iter().find(|key| key.path == path && is_one);
            Ok(key.map_or_else(|| Value::String(read.clone()), |key| key.value_of(&read)))
        }
        Value::Array(items) => {
            let items = items
                .into_iter()
                .enumerate()
                .map(|(index, item)| put_in_at(item, &format!("{path}[{index}]"), environment));
            items.collect::<Result<Vec<_>, _>>().map(Value::Array)
        }
        Value::Object(map) => {
            let entries = map.into_iter().map(|(name, value)| {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                put_in_at(value, &path, environment).map(|value| (name, value))
            });
            entries.collect::<Result<_, _>>().map(Value::Object)
        }
        other => Ok(other),
    }
}

fn replaced(
    text: &str,
    environment: &BTreeMap<String, String>,
) -> Result<String, (String, String)> {
    let mut whole = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("${") {
        if let Some(before) = before.strip_suffix('$') {
            whole.push_str(before);
            whole.push_str("${");
            rest = behind;
            continue;
        }
        whole.push_str(before);
        let Some((inner, behind)) = behind.split_once('}') else {
            return Err((
                "`${` has no `}`".to_owned(),
                "close it, or write `$${` for the characters themselves".to_owned(),
            ));
        };
        let (name, default) = match inner.split_once(':') {
            Some((name, default)) => (name, Some(default)),
            None => (inner, None),
        };
        let sound = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if name.is_empty() || !name.bytes().all(sound) {
            return Err((
                "`${…}` names no variable".to_owned(),
                "write `${NAME}` or `${NAME:default}`".to_owned(),
            ));
        }
        match (environment.get(name), default) {
            (Some(value), _) => whole.push_str(value),
            (None, Some(default)) => whole.push_str(default),
            (None, None) => {
                return Err((
                    format!("the variable {name} is not set"),
                    format!("set it, or write a default: `${{{name}:…}}`"),
                ));
            }
        }
        rest = behind;
    }
    whole.push_str(rest);
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment() -> BTreeMap<String, String> {
        let pairs = [("PORT", "9000"), ("HOST", "edge"), ("EMPTY", "")];
        pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    #[test]
    fn variables_and_defaults_are_put_in() {
        for (text, wanted) in [
            ("${HOST}:${PORT}", "edge:9000"),
            ("${NONE:there}", "there"),
            ("${NONE:}", ""),
            ("${EMPTY:there}", ""),
            ("${NONE:a:b}", "a:b"),
            ("$${HOST} ${HOST}", "${HOST} edge"),
            ("$HOST $", "$HOST $"),
        ] {
            assert_eq!(replaced(text, &environment()).unwrap(), wanted, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_put_in_is_refused() {
        for text in ["${NONE}", "${HOST", "${}", "${a b}", "${-x:1}"] {
            assert!(replaced(text, &environment()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_variable_alone_has_the_kind_of_its_setting() {
        let file = serde_json::json!({
            "listen": "${PORT}", "evaluation": {"workers": "${PORT}"}, "doors": "${NONE:grpc,http}"
        });
        let wanted = serde_json::json!({
            "listen": "9000", "evaluation": {"workers": 9000}, "doors": ["grpc", "http"]
        });
        assert_eq!(put_in(file, &environment()).unwrap(), wanted);
    }
}
