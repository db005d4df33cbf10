//! Page tokens: where a list goes on, in which snapshot, sealed by this server.
//!
//! A seal is a keyed hash with a key of this process. It is no secret worth breaking; it tells
//! tokens of this server from whatever else is sent.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use super::super::status::Refusal;

/// Makes and reads tokens. Clones share the key.
#[derive(Clone, Debug, Default)]
pub(super) struct PageTokens(Arc<RandomState>);

impl PageTokens {
    /// The token of the page that begins at `position` of the snapshot of this generation.
    pub(super) fn make(&self, generation: u64, position: usize) -> String {
        let seal = self.0.hash_one((generation, position));
        format!("{generation:x}.{position:x}.{seal:016x}")
    }

    /// The position of a token; the first one if the token is empty.
    pub(super) fn read(&self, token: &str, generation: u64) -> Result<usize, Refusal> {
        if token.is_empty() {
            return Ok(0);
        }
        let position = token
            .split('.')
            .nth(1)
            .and_then(|digits| usize::from_str_radix(digits, 16).ok())
            .ok_or(Refusal::PageTokenInvalid)?;
        if self.make(generation, position) == token {
            Ok(position)
        } else {
            Err(Refusal::PageTokenInvalid)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_server_and_snapshot_alone() {
        let tokens = PageTokens::default();
        let token = tokens.make(7, 50);
        assert_eq!(tokens.read(&token, 7), Ok(50));
        assert_eq!(tokens.read("", 7), Ok(0));
        assert_eq!(tokens.read(&token, 8), Err(Refusal::PageTokenInvalid));
        let other = PageTokens::default();
        assert_eq!(other.read(&token, 7), Err(Refusal::PageTokenInvalid));
        let forged = token.replacen(".32.", ".33.", 1);
        assert_ne!(forged, token);
        for bad in [
            forged.as_str(),
            ".",
            "x",
            "7.ffffffffffffffffffff.0",
            "7.ä.0",
            "...",
        ] {
            assert_eq!(tokens.read(bad, 7), Err(Refusal::PageTokenInvalid), "{bad}");
        }
    }
}
