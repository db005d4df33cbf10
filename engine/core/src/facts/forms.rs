//! The forms of words and identifiers in facts.

use super::limits;

pub(super) fn is_kebab_case(value: &str) -> bool {
    value.len() <= limits::WORD_BYTES
        && value.split('-').all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        })
}

pub(super) fn is_jurisdiction(code: &str) -> bool {
    let (country, part) = code
        .split_once('-')
        .map_or((code, None), |(a, b)| (a, Some(b)));
    let in_alphabet = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    country.len() == 2
        && country.bytes().all(|byte| byte.is_ascii_uppercase())
        && part.is_none_or(|part| (1..=3).contains(&part.len()) && part.bytes().all(in_alphabet))
}

pub(super) fn is_team_id(id: &str) -> bool {
    id.len() == 10
        && id
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

pub(super) fn is_guid(code: &str) -> bool {
    let bare = code
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .unwrap_or(code);
    let mut groups = bare.split('-');
    [8, 4, 4, 4, 12].iter().all(|length| {
        groups.next().is_some_and(|group| {
            group.len() == *length && group.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    }) && groups.next().is_none()
}
