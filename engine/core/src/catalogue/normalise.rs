//! Normalisation: the form in which names and identifiers are compared.
//!
//! Names become whole tokens: NFKC, case folded, invisible characters dropped, split at
//! whatever is neither letter nor digit. Matching on tokens from the start is what keeps
//! `tiktoken` from being TikTok.

use std::borrow::Cow;
use std::iter;

use unicode_normalization::UnicodeNormalization;

/// The tokens of a name, normalised one after the other as they are asked for.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = String> + Clone {
    let mut characters = text.nfkc().filter(|character| !is_invisible(*character));
    iter::from_fn(move || {
        let mut token = String::new();
        for character in characters.by_ref() {
            if character.is_alphanumeric() || is_mark(character) {
                token.extend(character.to_lowercase());
            } else if !token.is_empty() {
                break;
            }
        }
        (!token.is_empty()).then_some(token)
    })
}

/// The tokens of a name in ASCII, as they stand.
pub(super) fn ascii_tokens(text: &str) -> impl Iterator<Item = &[u8]> + Clone {
    text.as_bytes()
        .split(|byte| !byte.is_ascii_alphanumeric())
        .filter(|token| !token.is_empty())
}

/// The first token of a name and nothing else, if the name begins with one in ASCII;
/// as it stands, so that looking it up allocates nothing.
pub(super) fn first_ascii_token(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let start = bytes.iter().position(|byte| !is_ascii_gap(*byte))?;
    let rest = bytes.get(start..)?;
    let length = rest
        .iter()
        .position(|byte| !byte.is_ascii_alphanumeric())
        .unwrap_or(rest.len());
    // What follows may belong to the token: marks, and what shows nothing.
    let goes_on = |byte: &u8| !byte.is_ascii() || is_invisible(char::from(*byte));
    if length == 0 || rest.get(length).is_some_and(goes_on) {
        return None;
    }
    text.get(start..start + length)
}

/// A whole string as publishers and signers are compared: NFKC, case folded, without
/// quotes, blanks squeezed.
pub(super) fn statement(text: &str) -> String {
    let unquoted = text.nfkc().filter(|character| {
        !is_invisible(*character) && !matches!(character, '"' | '\'' | '“' | '”' | '«' | '»' | '„')
    });
    let folded: String = unquoted.flat_map(char::to_lowercase).collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of a statement as it stands, if it is in ASCII and has no quotes: blanks, which
/// are squeezed, and case, to which words are compared blind, are all that is left to fold.
pub(super) fn plain_words(text: &str) -> Option<impl Iterator<Item = &[u8]>> {
    let plain = text
        .bytes()
        .fold(true, |plain, byte| plain & is_plain(byte));
    plain.then(|| blank_separated(text))
}

/// The first word of a statement, if it is plain, whatever follows.
pub(super) fn first_plain_word(text: &str) -> Option<&[u8]> {
    blank_separated(text)
        .next()
        .filter(|word| word.iter().all(|byte| is_plain(*byte)))
}

fn blank_separated(text: &str) -> impl Iterator<Item = &[u8]> {
    text.as_bytes()
        .split(|byte| matches!(byte, b' ' | b'\t'..=b'\r'))
        .filter(|word| !word.is_empty())
}

const fn is_plain(byte: u8) -> bool {
    byte.is_ascii() && byte != b'"' && byte != b'\''
}

/// The 32 digits of a product code, lower case, without braces and dashes.
pub(super) fn product_code(code: &str) -> Option<[u8; 32]> {
    let mut digits = code.bytes().filter(u8::is_ascii_hexdigit);
    let mut key = [0; 32];
    for place in &mut key {
        *place = digits.next()?.to_ascii_lowercase();
    }
    digits.next().is_none().then_some(key)
}

/// The same in lower case, copied only if it is not ASCII: tries are blind to ASCII case.
pub(super) fn lower(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.to_lowercase())
    }
}

/// The name of an AppX package in its family name (`Name_hash`) or its full name
/// (`Name_version_architecture_resource_hash`).
pub(super) fn appx_name(id: &str) -> Option<&str> {
    let (_, hash) = id.rsplit_once('_')?;
    let is_hash = hash.len() == 13
        && hash
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let (name, _) = id.split_once('_').filter(|_| is_hash)?;
    Some(name)
}

/// Vendor and product of a CPE name in either form, as `vendor:product`.
pub(super) fn cpe(name: &str) -> Option<String> {
    let lower = name.to_lowercase();
    let rest = lower
        .strip_prefix("cpe:2.3:")
        .or_else(|| lower.strip_prefix("cpe:/"))?;
    let mut parts = rest.split(':').skip(1);
    let (vendor, product) = (parts.next()?, parts.next()?);
    Some(format!("{vendor}:{product}"))
}

/// The components of a path of any system, as they stand, empty ones left out.
pub(super) fn components(path: &str) -> impl Iterator<Item = &[u8]> + Clone {
    path.as_bytes()
        .split(|byte| matches!(byte, b'/' | b'\\'))
        .filter(|part| !part.is_empty())
}

/// Whether a token may follow an exact name: a version, a bitness, a file ending. Blind to
/// ASCII case.
pub(super) fn is_version_like(token: &[u8]) -> bool {
    const WORDS: [&[u8]; 6] = [b"x64", b"x86", b"arm64", b"bit", b"version", b"app"];
    match token {
        [b'0'..=b'9', ..] => true,
        [b'v' | b'V', rest @ ..] if rest.iter().all(u8::is_ascii_digit) => true,
        _ => WORDS.iter().any(|word| word.eq_ignore_ascii_case(token)),
    }
}

const fn is_ascii_gap(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric()
}

/// Characters that show nothing and can break a name apart for the eye of no one: controls
/// that are no blanks, what Unicode lets be ignored, and the one that stands for a broken byte.
pub(crate) const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffd}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Combining marks belong to the letter before them.
const fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<String> {
        super::tokens(text).collect()
    }

    #[test]
    fn a_name_becomes_whole_tokens() {
        assert_eq!(
            tokens("Kaspersky: VPN & Antivirus"),
            ["kaspersky", "vpn", "antivirus"]
        );
        assert_eq!(tokens("ＫＡＳＰＥＲＳＫＹ Plus"), ["kaspersky", "plus"]);
        for hidden in [
            '\u{200b}',
            '\u{2067}',
            '\u{34f}',
            '\u{fe0f}',
            '\u{3164}',
            '\u{e0041}',
            '\u{1}',
            '\u{7f}',
            '\u{fffd}',
        ] {
            let name = format!("Kas{hidden}persky");
            assert_eq!(tokens(&name), ["kaspersky"], "{hidden:?}");
            assert_eq!(first_ascii_token(&name), None, "{hidden:?}");
        }
        assert_eq!(tokens("a\tb\u{85}c"), ["a", "b", "c"]);
        assert_eq!(tokens("Kas\u{fffd}persky"), ["kaspersky"]);
        assert_eq!(
            tokens("Kaspersky Endpoint Security для Windows")
                .last()
                .unwrap(),
            "windows"
        );
        assert_eq!(tokens("tiktoken"), ["tiktoken"]);
        assert!(tokens("--- ").is_empty());
    }

    #[test]
    fn the_first_token_is_found_without_allocating_or_left_to_the_full_form() {
        assert_eq!(first_ascii_token("Kaspersky: VPN"), Some("Kaspersky"));
        assert_eq!(first_ascii_token("  (Kaspersky) x"), Some("Kaspersky"));
        assert_eq!(first_ascii_token("Kas\u{ad}persky"), None);
        assert_eq!(first_ascii_token("微信"), None);
        assert_eq!(first_ascii_token("..."), None);
        assert_eq!(first_ascii_token(""), None);
    }

    #[test]
    fn publishers_are_compared_without_quotes_case_and_extra_blanks() {
        assert_eq!(statement("\"Kaspersky  Lab ZAO\" "), "kaspersky lab zao");
        assert_eq!(
            statement("АО \"Лаборатория Касперского\""),
            "ао лаборатория касперского"
        );
    }

    #[test]
    fn an_appx_name_ends_before_what_windows_adds() {
        for id in [
            "Acme.Shield_6yccndn6064se",
            "Acme.Shield_1.0.5.0_x64__6yccndn6064se",
        ] {
            assert_eq!(appx_name(id), Some("Acme.Shield"), "{id}");
        }
        for id in [
            "Acme.Shield",
            "Acme.Shield_6yccndn6064s",
            "Acme.Shield_6YCCNDN6064SE",
            "Acme.Shield_6yccndn6064sé",
            "a_b_c",
        ] {
            assert_eq!(appx_name(id), None, "{id}");
        }
    }

    #[test]
    fn both_forms_of_a_cpe_name_its_vendor_and_product() {
        assert_eq!(
            cpe("cpe:/a:kaspersky:total_security:21").unwrap(),
            "kaspersky:total_security"
        );
        assert_eq!(
            cpe("cpe:2.3:a:kaspersky:total_security:21:*:*").unwrap(),
            "kaspersky:total_security"
        );
        assert_eq!(cpe("nonsense"), None);
    }

    #[test]
    fn a_version_may_follow_an_exact_name_and_a_word_may_not() {
        for token in ["21", "21a", "x64", "X64", "v3", "V", "version"] {
            assert!(is_version_like(token.as_bytes()), "{token}");
        }
        for token in ["renewal", "van", "plus", ""] {
            assert!(!is_version_like(token.as_bytes()), "{token}");
        }
    }
}
