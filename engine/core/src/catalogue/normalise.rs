//! Normalisation: the form in which names and identifiers are compared.
//!
//! Names become whole tokens: NFKC, case folded, invisible characters dropped, split at
//! whatever is neither letter nor digit. Matching on tokens from the start is what keeps
//! `tiktoken` from being TikTok.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// The tokens of a name.
pub(super) fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut token = String::new();
    for character in text.nfkc().filter(|character| !is_invisible(*character)) {
        if character.is_alphanumeric() || is_mark(character) {
            token.extend(character.to_lowercase());
        } else if !token.is_empty() {
            tokens.push(std::mem::take(&mut token));
        }
    }
    if !token.is_empty() {
        tokens.push(token);
    }
    tokens
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

/// The digits of a product code, lower case, without braces and dashes.
pub(super) fn product_code(code: &str) -> String {
    code.chars()
        .filter(char::is_ascii_hexdigit)
        .map(|digit| digit.to_ascii_lowercase())
        .collect()
}

/// A package URL up to its version, percent-decoded as far as names need it, and for `deb`
/// and `rpm` without the distribution, which may be left out and does not change the package.
pub(super) fn purl(purl: &str) -> String {
    let name = decoded(purl_name(purl)).to_lowercase();
    match distributed(&name) {
        Some((kind, package)) => format!("pkg:{kind}/{package}"),
        None => name,
    }
}

/// Whether a package URL is of a type whose namespace is a distribution.
pub(super) fn is_distributed(purl: &str) -> bool {
    distributed(purl).is_some()
}

/// The database that a package URL speaks of, as sources are called, and the name of the
/// package in it.
pub(super) fn purl_package(purl: &str) -> Option<(&'static str, Cow<'_, str>)> {
    let name = purl_name(purl);
    if let Some((kind, package)) = distributed(name) {
        let database = if kind == "deb" {
            "deb_packages"
        } else {
            "rpm_packages"
        };
        return Some((database, decoded(package)));
    }
    [
        ("pkg:npm/", "npm_packages"),
        ("pkg:pypi/", "python_packages"),
    ]
    .into_iter()
    .find_map(|(start, database)| Some((database, decoded(without_start(name, start)?))))
}

/// The type of a package URL and the name of its package, for the packages of distributions.
fn distributed(purl: &str) -> Option<(&'static str, &str)> {
    let (kind, rest) = [("deb", "pkg:deb/"), ("rpm", "pkg:rpm/")]
        .into_iter()
        .find_map(|(kind, start)| Some((kind, without_start(purl, start)?)))?;
    Some((kind, rest.rsplit('/').next().unwrap_or(rest)))
}

/// What follows a beginning that is compared without regard to ASCII case.
fn without_start<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(start.len())?;
    head.eq_ignore_ascii_case(start).then_some(rest)
}

fn decoded(name: &str) -> Cow<'_, str> {
    if !name.contains('%') {
        return Cow::Borrowed(name);
    }
    let plain = name.replace("%40", "@");
    Cow::Owned(plain.replace("%2F", "/").replace("%2f", "/"))
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

/// The part of a package URL before version, qualifiers and subpath, as it stands.
pub(super) fn purl_name(purl: &str) -> &str {
    let bare = purl.split(['?', '#']).next().unwrap_or_default();
    let name_start = bare.rfind('/').map_or(0, |slash| slash + 1);
    let version = bare
        .get(name_start..)
        .and_then(|name| name.rfind('@').filter(|at| *at > 0));
    version
        .and_then(|at| bare.get(..name_start + at))
        .unwrap_or(bare)
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

/// The components of a path of any system, lower case, empty ones left out.
pub(super) fn path(path: &str) -> Vec<String> {
    path.split(['/', '\\'])
        .filter(|part| !part.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Whether a token may follow an exact name: a version, a bitness, a file ending.
pub(super) fn is_version_like(token: &str) -> bool {
    token.starts_with(|character: char| character.is_ascii_digit())
        || matches!(
            token,
            "x64" | "x86" | "arm64" | "bit" | "version" | "v" | "app"
        )
        || token
            .strip_prefix('v')
            .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
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
    fn a_package_url_loses_version_and_qualifiers() {
        assert_eq!(
            purl("pkg:maven/com.kaspersky.android-components/kaspresso@1.5.3?type=jar"),
            "pkg:maven/com.kaspersky.android-components/kaspresso"
        );
        assert_eq!(
            purl("pkg:npm/%40kaspersky/hexa-ui@1.0.0"),
            "pkg:npm/@kaspersky/hexa-ui"
        );
        assert_eq!(
            purl("pkg:npm/@kaspersky/hexa-ui"),
            "pkg:npm/@kaspersky/hexa-ui"
        );
        assert_eq!(purl("pkg:pypi/opentip"), "pkg:pypi/opentip");
    }

    #[test]
    fn the_distribution_in_a_package_url_does_not_matter() {
        for text in [
            "pkg:deb/debian/kesl@12.2.0-2412?arch=amd64",
            "pkg:deb/ubuntu/kesl",
            "pkg:deb/kesl",
            "PKG:Deb/Debian/Kesl",
        ] {
            assert_eq!(purl(text), "pkg:deb/kesl", "{text}");
        }
        assert_eq!(purl("pkg:rpm/redhat/kesl@1"), "pkg:rpm/kesl");
        assert_eq!(purl("pkg:maven/com.acme/kesl"), "pkg:maven/com.acme/kesl");
        assert_eq!(purl("pkg:debug/debian/kesl"), "pkg:debug/debian/kesl");
    }

    #[test]
    fn a_package_url_names_a_package_in_a_database() {
        for (text, database, package) in [
            ("pkg:deb/debian/kesl@12?arch=amd64", "deb_packages", "kesl"),
            ("pkg:rpm/kesl", "rpm_packages", "kesl"),
            ("pkg:npm/%40acme/shield@1", "npm_packages", "@acme/shield"),
            ("pkg:NPM/shield", "npm_packages", "shield"),
            ("pkg:pypi/opentip@3", "python_packages", "opentip"),
        ] {
            let (found, name) = purl_package(text).unwrap();
            assert_eq!((found, name.as_ref()), (database, package), "{text}");
        }
        for text in ["pkg:maven/com.acme/kesl", "kesl", "pkg:", "pkg:géant/é", ""] {
            assert!(purl_package(text).is_none(), "{text}");
        }
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
        for token in ["21", "21a", "x64", "v3"] {
            assert!(is_version_like(token), "{token}");
        }
        for token in ["renewal", "van", "plus"] {
            assert!(!is_version_like(token), "{token}");
        }
    }
}
