//! Versions of Python packages: PEP 440, with the other spellings that its appendix B takes.
//!
//! Unlike for a specifier, local versions count. Numbers may have any length.

use std::cmp::Ordering;

use super::dotted;
use super::number::{Number, compare_lists, split_digits};

const PRE_RELEASES: [(&str, Pre); 8] = [
    ("alpha", Pre::Alpha),
    ("a", Pre::Alpha),
    ("beta", Pre::Beta),
    ("b", Pre::Beta),
    ("preview", Pre::Candidate),
    ("pre", Pre::Candidate),
    ("c", Pre::Candidate),
    ("rc", Pre::Candidate),
];
const POST_RELEASES: [(&str, ()); 3] = [("post", ()), ("rev", ()), ("r", ())];
const DEVELOPMENT: [(&str, ()); 1] = [("dev", ())];
const SEPARATORS: [char; 3] = ['-', '_', '.'];

/// The kind of a pre-release.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Pre {
    Alpha,
    Beta,
    Candidate,
}

struct Version<'a> {
    epoch: Number<'a>,
    release: &'a str,
    pre: Option<(Pre, Number<'a>)>,
    post: Option<Number<'a>>,
    dev: Option<Number<'a>>,
    /// In the case in which it was written.
    local: Option<&'a str>,
}

pub(super) fn compare(left: &str, right: &str) -> Option<Ordering> {
    let left = parse(left)?;
    let right = parse(right)?;
    let releases = compare_lists(
        dotted::fields(left.release)?,
        dotted::fields(right.release)?,
    );
    let order = left
        .epoch
        .cmp(&right.epoch)
        .then(releases)
        .then_with(|| left.stage().cmp(&right.stage()))
        // None comes first: no post-release is the earliest of them.
        .then_with(|| left.post.cmp(&right.post))
        .then_with(|| last_if_none(left.dev).cmp(&last_if_none(right.dev)))
        .then_with(|| compare_locals(left.local, right.local));
    Some(order)
}

/// A value that comes after all others where there is none.
fn last_if_none<T>(value: Option<T>) -> (bool, Option<T>) {
    (value.is_none(), value)
}

/// Where a version stands among those of one release.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Stage<'a> {
    /// `1.0.dev1` is before the first alpha.
    BeforeAll,
    Pre(Pre, Number<'a>),
    Final,
}

impl<'a> Version<'a> {
    fn stage(&self) -> Stage<'a> {
        match (self.pre, self.post, self.dev) {
            (Some((kind, number)), ..) => Stage::Pre(kind, number),
            (None, None, Some(_)) => Stage::BeforeAll,
            _ => Stage::Final,
        }
    }
}

fn parse(text: &str) -> Option<Version<'_>> {
    let text = text.trim();
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let (text, local) = match text.split_once('+') {
        Some((text, local)) => (text, Some(local)),
        None => (text, None),
    };
    if local.is_some_and(|local| !is_local(local)) {
        return None;
    }
    let (epoch, text) = match text.split_once('!') {
        Some((epoch, text)) => (Number::parse(epoch)?, text),
        None => (Number::ZERO, text),
    };
    let (release, mut rest) = split_release(text);
    // A release without numbers is none; this also refuses what begins with a letter.
    Number::parse(split_digits(release).0)?;
    let pre = marked(&mut rest, &PRE_RELEASES);
    let post = bare_post(&mut rest).or_else(|| number_of(marked(&mut rest, &POST_RELEASES)));
    let dev = number_of(marked(&mut rest, &DEVELOPMENT));
    rest.is_empty().then_some(Version {
        epoch,
        release,
        pre,
        post,
        dev,
        local,
    })
}

fn number_of<'a>(marked: Option<((), Number<'a>)>) -> Option<Number<'a>> {
    marked.map(|((), number)| number)
}

/// The numbers with dots between them at the start, and the rest. A dot behind which no
/// digit stands belongs to the rest.
fn split_release(text: &str) -> (&str, &str) {
    let mut rest = split_digits(text).1;
    while let Some(after) = rest.strip_prefix('.') {
        let (digits, behind) = split_digits(after);
        if digits.is_empty() {
            break;
        }
        rest = behind;
    }
    let end = text.len().saturating_sub(rest.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// A word with its number: `-alpha.1`, `rc2`, `.dev`. Where it does not stand at the start,
/// nothing is taken.
fn marked<'a, T: Copy>(rest: &mut &'a str, words: &[(&str, T)]) -> Option<(T, Number<'a>)> {
    let start = rest.strip_prefix(SEPARATORS).unwrap_or(rest);
    let (kind, after) = words
        .iter()
        .find_map(|(word, kind)| Some((*kind, strip_word(start, word)?)))?;
    let after = after.strip_prefix(SEPARATORS).unwrap_or(after);
    let (digits, behind) = split_digits(after);
    *rest = behind;
    Some((kind, Number::of(digits)))
}

/// `1.0-5` is `1.0.post5`.
fn bare_post<'a>(rest: &mut &'a str) -> Option<Number<'a>> {
    let (digits, behind) = split_digits(rest.strip_prefix('-')?);
    let number = Number::parse(digits)?;
    *rest = behind;
    Some(number)
}

fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(word.len())?;
    start.eq_ignore_ascii_case(word).then_some(rest)
}

fn is_local(text: &str) -> bool {
    text.split(SEPARATORS)
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// None comes first, then fewer parts; a number comes after a text.
fn compare_locals(left: Option<&str>, right: Option<&str>) -> Ordering {
    let (Some(left), Some(right)) = (left, right) else {
        return left.is_some().cmp(&right.is_some());
    };
    let mut left = left.split(SEPARATORS);
    let mut right = right.split(SEPARATORS);
    loop {
        let order = match (left.next(), right.next()) {
            (Some(left), Some(right)) => compare_local_parts(left, right),
            (None, None) => return Ordering::Equal,
            (left, right) => left.is_some().cmp(&right.is_some()),
        };
        if order.is_ne() {
            return order;
        }
    }
}

fn compare_local_parts(left: &str, right: &str) -> Ordering {
    match (Number::parse(left), Number::parse(right)) {
        (Some(left), Some(right)) => left.cmp(&right),
        (None, None) => {
            let lower = |byte: u8| byte.to_ascii_lowercase();
            left.bytes().map(lower).cmp(right.bytes().map(lower))
        }
        (left, right) => left.is_some().cmp(&right.is_some()),
    }
}
