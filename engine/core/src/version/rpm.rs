//! Versions of RPM packages: `[epoch:]version[-release]`.
//!
//! The order is that of rpm's `rpmverCmp`, and of its `rpmvercmp` within a version and a
//! release, with `~` and `^`. An absent release comes before any other, an absent epoch is
//! zero. Whatever holds a character that rpm lets into no version is unknown.

use std::cmp::Ordering;

use super::number::{Number, split_digits};

struct Version<'a> {
    epoch: u32,
    version: &'a str,
    release: Option<&'a str>,
}

/// A piece of a version; the order of the variants is that of rpm, down from a tilde before
/// the end.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Token<'a> {
    Tilde,
    End,
    Caret,
    Letters(&'a str),
    Digits(Number<'a>),
}

pub(super) fn compare(left: &str, right: &str) -> Option<Ordering> {
    let left = parse(left)?;
    let right = parse(right)?;
    let releases = || match (left.release, right.release) {
        (Some(left), Some(right)) => compare_parts(left, right),
        (left, right) => left.is_some().cmp(&right.is_some()),
    };
    let order = left
        .epoch
        .cmp(&right.epoch)
        .then_with(|| compare_parts(left.version, right.version))
        .then_with(releases);
    Some(order)
}

fn parse(text: &str) -> Option<Version<'_>> {
    let (epoch, rest) = match text.split_once(':') {
        Some((epoch, rest)) => {
            Number::parse(epoch)?;
            (epoch.parse().ok()?, rest)
        }
        None => (0, text),
    };
    let (version, release) = match rest.split_once('-') {
        Some((version, release)) => (version, Some(release)),
        None => (rest, None),
    };
    (is_part(version) && release.is_none_or(is_part)).then_some(Version {
        epoch,
        version,
        release,
    })
}

fn is_part(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._+~^".contains(&byte))
}

fn compare_parts(left: &str, right: &str) -> Ordering {
    tokens(left)
        .chain([Token::End])
        .cmp(tokens(right).chain([Token::End]))
}

/// Runs of letters and of digits, tildes and carets; all else only separates.
fn tokens(mut rest: &str) -> impl Iterator<Item = Token<'_>> {
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(['.', '_', '+']);
        let first = rest.chars().next()?;
        let (token, after) = match first {
            '~' => (Token::Tilde, rest.strip_prefix('~')?),
            '^' => (Token::Caret, rest.strip_prefix('^')?),
            digit if digit.is_ascii_digit() => {
                let (digits, after) = split_digits(rest);
                (Token::Digits(Number::of(digits)), after)
            }
            _ => {
                let end = rest
                    .find(|character: char| !character.is_ascii_alphabetic())
                    .unwrap_or(rest.len());
                let (letters, after) = rest.split_at_checked(end)?;
                (Token::Letters(letters), after)
            }
        };
        rest = after;
        Some(token)
    })
}
