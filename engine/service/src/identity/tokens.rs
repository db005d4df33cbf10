//! Static tokens: long random texts of which the server keeps the digests.
//!
//! A token is 256 random bits behind a prefix by which people and scanners recognise it. Nobody can
//! find it by its digest, so that the file is no secret that lets anybody in. What is shown is
//! compared with every digest, whole, whichever fits.

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use embargo_core::instant::Instant;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::Deserialize;

use crate::clock::Clock;

use super::{Cause, Principal, PrincipalKind, Scope};

/// What a token begins with.
pub(crate) const PREFIX: &str = "embargo_";
/// Random bytes of a token.
const BYTES: usize = 32;
/// Tokens at most. Every one of them is looked at with every call.
const TOKENS: usize = 1_000;
/// Bytes of a name and of a tenant, at most.
const NAME_BYTES: usize = 256;

/// A token that was made just now.
#[derive(Clone, PartialEq, Eq)]
pub struct NewToken {
    /// What the caller sends. Shown once.
    pub token: String,
    /// Its SHA-256, in hexadecimal, for the file of tokens.
    pub sha256: String,
}

impl NewToken {
    /// Makes one by the system's random numbers. None if it gives none.
    #[must_use]
    pub fn random() -> Option<Self> {
        let mut bytes = [0_u8; BYTES];
        SystemRandom::new().fill(&mut bytes).ok()?;
        let token = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes));
        let sha256 = hex(digest(&SHA256, token.as_bytes()).as_ref());
        Some(Self { token, sha256 })
    }
}

impl std::fmt::Debug for NewToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewToken")
            .field("sha256", &self.sha256)
            .finish_non_exhaustive()
    }
}

/// Tokens that are known.
#[derive(Debug)]
pub(super) struct Tokens(Vec<Token>);

#[derive(Debug)]
struct Token {
    digest: [u8; BYTES],
    principal: Arc<Principal>,
}

/// A token as its file has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    sha256: String,
    scopes: Vec<Scope>,
    tenant: Option<String>,
    expires: Option<String>,
}

impl Tokens {
    /// Reads a file of tokens.
    ///
    /// # Errors
    /// What is wrong with it, and what to do.
    pub(super) fn read(content: &[u8]) -> Result<Self, String> {
        let entries: Option<Vec<Entry>> = serde_yaml::from_slice(content).map_err(|cause| {
            format!("{cause}\n  hint: write a list of entries as `embargo token new` prints them")
        })?;
        let entries = entries.unwrap_or_default();
        if entries.len() > TOKENS {
            return Err(format!(
                "it has {} entries, and may have {TOKENS}\n  hint: let an issuer of JSON Web Tokens know so many callers",
                entries.len()
            ));
        }
        let mut names = BTreeSet::new();
        let mut digests = BTreeSet::new();
        let mut tokens = Vec::with_capacity(entries.len());
        for (at, entry) in entries.into_iter().enumerate() {
            let token = entry
                .token()
                .map_err(|(cause, hint)| format!("entry {}: {cause}\n  hint: {hint}", at + 1))?;
            let name = &token.principal.name;
            if !names.insert(name.clone()) || !digests.insert(token.digest) {
                return Err(format!(
                    "entry {}: its name or its digest stands there twice\n  hint: give each token a name of its own",
                    at + 1
                ));
            }
            tokens.push(token);
        }
        Ok(Self(tokens))
    }

    /// Whose token it is.
    ///
    /// # Errors
    /// Why it is not accepted.
    pub(super) fn principal(&self, token: &str) -> Result<Arc<Principal>, Cause> {
        let shown = digest(&SHA256, token.as_bytes());
        let mut found = None;
        for known in &self.0 {
            if is_same(&known.digest, shown.as_ref()) {
                found = Some(known);
            }
        }
        let principal = &found.ok_or(Cause::UnknownToken)?.principal;
        if principal
            .until
            .is_some_and(|until| Clock::system().now() >= until)
        {
            return Err(Cause::Expired);
        }
        Ok(Arc::clone(principal))
    }
}

impl Entry {
    fn token(self) -> Result<Token, (String, &'static str)> {
        let said = |cause: &str, hint| Err((cause.to_owned(), hint));
        let is_name = |text: &str| {
            !text.is_empty() && text.len() <= NAME_BYTES && !text.contains(char::is_control)
        };
        if !is_name(&self.name) || !self.tenant.as_deref().is_none_or(is_name) {
            return said(
                "its name or its tenant is empty, longer than 256 bytes, or has control characters",
                "write a name of letters, digits and signs",
            );
        }
        let Some(digest) = unhex(&self.sha256) else {
            // It may be a token, which is not repeated.
            return said(
                "its `sha256` is not 64 hexadecimal digits",
                "write the digest that `embargo token new` printed, not the token",
            );
        };
        let until: Option<Instant> = match self.expires.as_deref().map(str::parse) {
            None => None,
            Some(Ok(until)) => Some(until),
            Some(Err(_)) => {
                return said(
                    "its `expires` is no instant",
                    "write it as RFC 3339 does, such as 2030-01-31T00:00:00Z",
                );
            }
        };
        Ok(Token {
            digest,
            principal: Arc::new(Principal {
                name: self.name,
                kind: PrincipalKind::Token,
                tenant: self.tenant,
                scopes: self.scopes.into_iter().collect(),
                until,
            }),
        })
    }
}

/// Compares all of both, wherever they differ.
fn is_same(one: &[u8; BYTES], other: &[u8]) -> bool {
    let differing = one
        .iter()
        .zip(other)
        .fold(0_u8, |all, (a, b)| std::hint::black_box(all | (a ^ b)));
    other.len() == BYTES && differing == 0
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<[u8; BYTES]> {
    if text.len() != 2 * BYTES || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; BYTES];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, new: &NewToken, rest: &str) -> String {
        format!(
            "- name: {name}\n  sha256: {}\n  scopes: [decide]\n{rest}",
            new.sha256
        )
    }

    #[test]
    fn a_token_is_known_by_its_digest_and_only_whole() {
        let [one, two] = [(), ()].map(|()| NewToken::random().unwrap());
        assert_ne!(one, two);
        assert_eq!(one.token.len(), PREFIX.len() + 43);
        let file = entry("one", &one, "  tenant: acme\n") + &entry("two", &two, "");
        let tokens = Tokens::read(file.as_bytes()).unwrap();
        let found = tokens.principal(&one.token).unwrap();
        assert_eq!(found.name, "one");
        assert_eq!(found.kind, PrincipalKind::Token);
        assert_eq!(found.tenant.as_deref(), Some("acme"));
        assert!(found.scopes.contains(Scope::Decide));
        assert!(!found.scopes.contains(Scope::Explain));
        assert_eq!(tokens.principal(&two.token).unwrap().name, "two");
        let cut = one.token.split_at(one.token.len() - 1).0;
        for wrong in [cut, &format!("{}A", one.token), PREFIX, &one.sha256] {
            assert_eq!(tokens.principal(wrong), Err(Cause::UnknownToken));
        }
    }

    #[test]
    fn a_token_is_not_in_what_is_printed_for_defects() {
        let new = NewToken::random().unwrap();
        assert!(!format!("{new:?}").contains(&new.token));
    }

    #[test]
    fn a_token_ends_at_its_instant() {
        let new = NewToken::random().unwrap();
        for (expires, wanted) in [
            ("2000-01-01T00:00:00Z", Err(Cause::Expired)),
            ("9000-01-01T00:00:00Z", Ok("x".to_owned())),
        ] {
            let file = entry("x", &new, &format!("  expires: {expires}\n"));
            let tokens = Tokens::read(file.as_bytes()).unwrap();
            let found = tokens.principal(&new.token);
            assert_eq!(found.map(|principal| principal.name.clone()), wanted);
        }
    }

    #[test]
    fn a_file_says_what_is_wrong_with_it_and_never_repeats_a_token() {
        let new = NewToken::random().unwrap();
        let one = entry("x", &new, "");
        for (file, part) in [
            (one.clone() + &one, "entry 2"),
            (
                one.replace(&new.sha256, &new.token),
                "64 hexadecimal digits",
            ),
            (
                one.replace(&new.sha256, new.sha256.split_at(1).1),
                "64 hexadecimal digits",
            ),
            (one.replace("decide", "everything"), "everything"),
            (one.replace("name: x", "name: ''"), "its name"),
            (one.clone() + "  expires: soon\n", "no instant"),
            (one.clone() + "  expire: soon\n", "expire"),
            ("name: x".to_owned(), "hint"),
        ] {
            let said = Tokens::read(file.as_bytes()).unwrap_err();
            assert!(said.contains(part), "{said}");
            assert!(!said.contains(&new.token), "{said}");
        }
        assert!(Tokens::read(b"").unwrap().0.is_empty());
    }
}
