//! The key of HMACs. Never shown, and never part of an entry; a short digest tells which it was.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use ring::hmac;
use ring::rand::SystemRandom;
use thiserror::Error;

/// Bytes of a key.
const LEAST: usize = 16;
const MOST: usize = 4_096;

/// A key of HMACs.
pub(in super::super) struct HmacKey {
    key: hmac::Key,
    id: String,
}

/// Why a file holds no key.
#[derive(Debug, Error)]
pub enum KeyUnusable {
    /// It cannot be read.
    #[error(
        "the key of the decision log cannot be read from {path}: {cause}\n  hint: let the server read it, and make it, for instance, by `openssl rand -hex 32`"
    )]
    Unreadable {
        /// Where.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// It is too short or too long.
    #[error(
        "the key of the decision log in {path} has {bytes} bytes, and must have {LEAST} to {MOST}\n  hint: make one, for instance, by `openssl rand -hex 32`"
    )]
    Length {
        /// Where.
        path: PathBuf,
        /// How many there are.
        bytes: usize,
    },
}

impl HmacKey {
    /// The key in a file: its content without white space at its ends.
    ///
    /// # Errors
    /// If it cannot be read, or is too short or too long.
    pub(in super::super) fn read(path: &Path) -> Result<Self, KeyUnusable> {
        let content = fs::read(path).map_err(|cause| KeyUnusable::Unreadable {
            path: path.to_owned(),
            cause,
        })?;
        let secret = content.trim_ascii();
        if !(LEAST..=MOST).contains(&secret.len()) {
            return Err(KeyUnusable::Length {
                path: path.to_owned(),
                bytes: secret.len(),
            });
        }
        Ok(Self::new(hmac::Key::new(hmac::HMAC_SHA256, secret)))
    }

    /// A key that nobody knows and that is gone with the process. Entries of one run can be joined
    /// by what it makes, and no others.
    pub(in super::super) fn by_chance() -> Self {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new());
        // Without chance there is no key that nobody knows: then one that is not used twice.
        let key = key.unwrap_or_else(|_| {
            let now = format!("{:?}{}", std::time::Instant::now(), std::process::id());
            hmac::Key::new(hmac::HMAC_SHA256, now.as_bytes())
        });
        Self::new(key)
    }

    fn new(key: hmac::Key) -> Self {
        let id = hmac::sign(&key, b"embargo decision log key id");
        let id = hex(id.as_ref().get(..8).unwrap_or_default());
        Self { key, id }
    }

    /// What stands in the place of a content: `hmac:` and 64 hexadecimal digits.
    pub(in super::super) fn of(&self, content: &[u8]) -> String {
        let tag = hmac::sign(&self.key, content);
        format!("hmac:{}", hex(tag.as_ref()))
    }

    /// Which key it is, without telling the key: 16 hexadecimal digits.
    pub(in super::super) fn id(&self) -> &str {
        &self.id
    }
}

impl fmt::Debug for HmacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HmacKey").finish_non_exhaustive()
    }
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_what_the_file_holds_and_gives_what_the_standard_says() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        // RFC 4231, case 2, has a key of four bytes; case 6 a long one.
        fs::write(&path, [0xaa; 131]).unwrap();
        let key = HmacKey::read(&path).unwrap();
        assert_eq!(
            key.of(b"Test Using Larger Than Block-Size Key - Hash Key First"),
            "hmac:60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
        fs::write(&path, "0123456789abcdef\n").unwrap();
        let with_end = HmacKey::read(&path).unwrap();
        fs::write(&path, "0123456789abcdef").unwrap();
        let without = HmacKey::read(&path).unwrap();
        assert_eq!(with_end.of(b"x"), without.of(b"x"));
        assert_eq!(with_end.id(), without.id());
        assert_ne!(with_end.id(), key.id());
        assert!(!format!("{with_end:?}").contains("0123456789abcdef"));
    }

    #[test]
    fn what_is_no_key_is_refused_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        assert!(
            HmacKey::read(&path)
                .unwrap_err()
                .to_string()
                .contains("hint")
        );
        fs::write(&path, "short").unwrap();
        let refused = HmacKey::read(&path).unwrap_err().to_string();
        assert!(
            refused.contains("has 5 bytes") && !refused.contains("short"),
            "{refused}"
        );
    }

    #[test]
    fn keys_by_chance_differ() {
        assert_ne!(HmacKey::by_chance().of(b"h"), HmacKey::by_chance().of(b"h"));
    }
}
