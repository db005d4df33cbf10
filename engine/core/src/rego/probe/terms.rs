//! Terms: what a piece of syntax names, and values as texts.

use regorus::Value;
use regorus::unstable::{Expr, Literal, LiteralStmt, Span as AstSpan};

use crate::diagnostic::cut;

use super::super::syntax::names::Chain;

/// Bytes of a value that is shown.
const SHOWN: usize = 200;
/// Bytes of a value that is handed on to a function's definition.
const HANDED_ON: usize = 64 * 1_024;

/// A piece of syntax with the quotes that it begins and ends with: to the evaluator a text is
/// what stands between them.
pub(in crate::rego) fn whole(span: &AstSpan) -> AstSpan {
    let source = span.source.contents().as_bytes();
    let (Ok(start), Ok(end)) = (usize::try_from(span.start), usize::try_from(span.end)) else {
        return span.clone();
    };
    let quote = |at: Option<usize>| {
        let byte = at.and_then(|at| source.get(at)).copied();
        byte.filter(|byte| [b'"', b'`'].contains(byte))
    };
    let (before, after) = (quote(start.checked_sub(1)), quote(Some(end)));
    let inside = source.get(start..end).unwrap_or_default();
    let is_open = |mark: u8| {
        let mut marks = 0_usize;
        let mut bytes = inside.iter();
        while let Some(byte) = bytes.next() {
            if *byte == b'\\' && mark == b'"' {
                bytes.next();
            } else if *byte == mark {
                marks += 1;
            }
        }
        marks % 2 == 1
    };
    let mut whole = span.clone();
    let begins = match (before, after) {
        (Some(before), Some(_)) => !is_open(before),
        (Some(before), None) => is_open(before),
        (None, _) => false,
    };
    let ends = match (before, after) {
        (Some(_), Some(after)) => !is_open(after),
        (None, Some(after)) => is_open(after),
        (_, None) => false,
    };
    if begins {
        whole.start -= 1;
        whole.col = whole.col.saturating_sub(1);
    }
    if ends {
        whole.end += 1;
    }
    whole
}

/// What stands there, with its quotes.
pub(in crate::rego) fn source(span: &AstSpan) -> String {
    whole(span).text().to_owned()
}

/// The value as Rego would write it; nothing if it is too long to be worth it.
pub(in crate::rego) fn literal(value: &Value) -> Option<String> {
    let mut text = String::new();
    write_literal(value, &mut text).then_some(text)
}

fn write_literal(value: &Value, text: &mut String) -> bool {
    if text.len() > HANDED_ON {
        return false;
    }
    match value {
        Value::Undefined => return false,
        Value::Set(members) if members.is_empty() => text.push_str("set()"),
        Value::Set(members) => {
            text.push('{');
            if !write_list(members.iter(), text) {
                return false;
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            if !write_list(items.iter(), text) {
                return false;
            }
            text.push(']');
        }
        Value::Object(fields) => {
            text.push('{');
            for (at, (key, value)) in fields.iter().enumerate() {
                if at > 0 {
                    text.push_str(", ");
                }
                if !write_literal(key, text) {
                    return false;
                }
                text.push_str(": ");
                if !write_literal(value, text) {
                    return false;
                }
            }
            text.push('}');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            match value.to_json_str() {
                Ok(scalar) => text.push_str(&scalar),
                Err(_) => return false,
            }
        }
    }
    true
}

fn write_list<'v>(items: impl Iterator<Item = &'v Value>, text: &mut String) -> bool {
    for (at, item) in items.enumerate() {
        if at > 0 {
            text.push_str(", ");
        }
        if !write_literal(item, text) {
            return false;
        }
    }
    true
}

/// The value for people, on one line.
pub(in crate::rego) fn shown(value: &Value) -> String {
    let text = literal(value).unwrap_or_else(|| "a value that is too long to show".to_owned());
    cut(text, SHOWN)
}

/// Whether a value is an empty collection.
pub(in crate::rego) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Set(members) => members.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

/// The names that a statement gives a value.
pub(in crate::rego) fn made_by(stmt: &LiteralStmt) -> Vec<&str> {
    let mut names = Vec::new();
    match &stmt.literal {
        Literal::SomeVars { vars, .. } => names.extend(vars.iter().map(|var| var.text())),
        Literal::SomeIn { key, value, .. } => {
            key.iter().for_each(|key| pattern(key, &mut names));
            pattern(value, &mut names);
        }
        Literal::Expr { expr, .. } => {
            if let Expr::AssignExpr { lhs, .. } = &**expr {
                pattern(lhs, &mut names);
            }
        }
        Literal::NotExpr { .. } | Literal::Every { .. } => {}
    }
    names
}

/// The names in a pattern.
pub(in crate::rego) fn pattern<'e>(expr: &'e Expr, names: &mut Vec<&'e str>) {
    match expr {
        Expr::Var { span, .. } => names.push(span.text()),
        Expr::Array { items, .. } => items.iter().for_each(|item| pattern(item, names)),
        Expr::Object { fields, .. } => fields
            .iter()
            .for_each(|(_, _, value)| pattern(value, names)),
        _ => {}
    }
}

/// The things in a statement whose values say why it does not hold: references, and the sides
/// of comparisons.
pub(in crate::rego) fn read_by(stmt: &LiteralStmt) -> Vec<&Expr> {
    let mut found = Vec::new();
    match &stmt.literal {
        Literal::SomeVars { .. } => {}
        Literal::SomeIn { collection, .. } => read(collection, &mut found),
        Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => match &**expr {
            Expr::AssignExpr { rhs, .. } => read(rhs, &mut found),
            expr => read(expr, &mut found),
        },
        Literal::Every { domain, .. } => read(domain, &mut found),
    }
    found
}

/// The same of an expression.
pub(in crate::rego) fn read<'e>(expr: &'e Expr, found: &mut Vec<&'e Expr>) {
    match expr {
        Expr::Var { .. } | Expr::RefDot { .. } | Expr::RefBrack { .. } => {
            found.push(expr);
            if let Some(chain) = Chain::of(expr) {
                chain.indexes.iter().for_each(|index| read(index, found));
            }
        }
        Expr::BoolExpr { lhs, rhs, .. } => {
            for side in [lhs, rhs] {
                if matches!(&**side, Expr::Call { .. }) {
                    found.push(side);
                }
                read(side, found);
            }
        }
        Expr::BinExpr { lhs, rhs, .. } | Expr::ArithExpr { lhs, rhs, .. } => {
            read(lhs, found);
            read(rhs, found);
        }
        Expr::Membership {
            key,
            value,
            collection,
            ..
        } => {
            key.iter().for_each(|key| read(key, found));
            read(value, found);
            read(collection, found);
        }
        Expr::Call { params, .. } => params.iter().for_each(|param| read(param, found)),
        Expr::UnaryExpr { expr, .. } => read(expr, found),
        Expr::Array { items, .. } | Expr::Set { items, .. } => {
            items.iter().for_each(|item| read(item, found));
        }
        Expr::Object { fields, .. } => fields.iter().for_each(|(_, _, value)| read(value, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_shown_with_two_hundred_bytes_at_most() {
        let long = shown(&Value::from("é".repeat(500)));
        assert!((190..=SHOWN).contains(&long.len()), "{}", long.len());
        assert_eq!(shown(&Value::from("short")), "\"short\"");
    }

    #[test]
    fn values_are_written_as_rego_reads_them() {
        let json = r#"{"a": [1, 2.5, null, true], "b": {}, "c": "x\"y"}"#;
        let value = Value::from_json_str(json).unwrap();
        let text = literal(&value).unwrap();
        assert_eq!(text, r#"{"a": [1, 2.5, null, true], "b": {}, "c": "x\"y"}"#);
        assert_eq!(literal(&Value::new_set()).unwrap(), "set()");
        assert_eq!(literal(&Value::Undefined), None);
        assert_eq!(
            literal(&Value::from("x".repeat(HANDED_ON + 1))).map(|text| text.len()),
            Some(HANDED_ON + 3)
        );
        let many = Value::from(vec![Value::from("x".repeat(HANDED_ON)), Value::from("y")]);
        assert_eq!(literal(&many), None);
    }
}
