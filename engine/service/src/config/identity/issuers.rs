//! Who issues JSON Web Tokens, and what their claims mean.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::{ConfigInvalid, Span};
use crate::identity::{Scope, Scopes};

/// How long a leeway may be.
const LEEWAY: Duration = Duration::from_secs(300);

/// An issuer of JSON Web Tokens.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct JwtEntry {
    /// The issuer, as its tokens name it in `iss`.
    pub issuer: String,
    /// What tokens name this server in `aud`. One of them is enough.
    pub audiences: Vec<String>,
    /// By which algorithms tokens may be signed.
    pub algorithms: Vec<JwtAlgorithm>,
    /// The file of the issuer's public keys, as a JSON Web Key Set. Read again when it changes.
    pub jwks_file: PathBuf,
    /// By how much clocks may differ: `0s` to `5m`.
    pub leeway: Span,
    /// The claim that holds what a caller may do: a text of words, or a list of them.
    pub scopes_claim: String,
    /// The claim that holds whose caller it is. Where it is given, a token without it is refused.
    pub tenant_claim: Option<String>,
    /// The claim that holds the caller's name.
    pub principal_claim: String,
    /// What stands before the names of this issuer's callers, so that they differ from those of others.
    pub principal_prefix: String,
    /// What words of the claim let do. Where none is given, words are those of this server:
    /// `decide`, `explain`, `policy-read`, `policy-test`, `admin`, `log-read`.
    pub scopes: BTreeMap<String, Vec<Scope>>,
    /// What callers of this issuer may do at most, whatever tokens say.
    pub scopes_limit: Vec<Scope>,
}

impl Default for JwtEntry {
    fn default() -> Self {
        Self {
            issuer: String::new(),
            audiences: Vec::new(),
            algorithms: vec![JwtAlgorithm::Es256, JwtAlgorithm::EdDsa],
            jwks_file: PathBuf::new(),
            leeway: Span::s(30),
            scopes_claim: "scope".to_owned(),
            tenant_claim: None,
            principal_claim: "sub".to_owned(),
            principal_prefix: String::new(),
            scopes: BTreeMap::new(),
            scopes_limit: Scope::ALL.to_vec(),
        }
    }
}

/// An algorithm of signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum JwtAlgorithm {
    /// ECDSA with P-256.
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// RSA of at least 2,048 bits.
    #[serde(rename = "RS256")]
    Rs256,
}

/// An issuer of tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwtIssuer {
    /// What its tokens name it.
    pub issuer: String,
    /// What they name this server.
    pub audiences: Vec<String>,
    /// By which algorithms they may be signed.
    pub algorithms: Vec<JwtAlgorithm>,
    /// Where its keys are.
    pub jwks_file: PathBuf,
    /// By how much clocks may differ.
    pub leeway: Duration,
    /// The claim of scopes.
    pub scopes_claim: String,
    /// The claim of the tenant.
    pub tenant_claim: Option<String>,
    /// The claim of the name.
    pub principal_claim: String,
    /// What stands before the name.
    pub principal_prefix: String,
    /// What words of the claim let do.
    pub scopes: BTreeMap<String, Scopes>,
    /// What may be done at most.
    pub scopes_limit: Scopes,
}

impl JwtEntry {
    /// The issuer at this place of the list.
    pub(super) fn issuer(self, at: usize) -> Result<JwtIssuer, ConfigInvalid> {
        let place = |what: &str| format!("identity.jwt[{at}].{what}");
        let lacks = |what: &str, range: &str| ConfigInvalid::new(place(what), "missing", range);
        if self.issuer.is_empty() {
            return Err(lacks("issuer", "what tokens have in `iss`"));
        }
        if self.audiences.is_empty() || self.audiences.iter().any(String::is_empty) {
            return Err(lacks("audiences", "what tokens have in `aud`"));
        }
        if self.algorithms.is_empty() {
            return Err(lacks("algorithms", "some of ES256, EdDSA, RS256"));
        }
        if self.jwks_file.as_os_str().is_empty() {
            return Err(lacks("jwks_file", "the file of the issuer's keys"));
        }
        if self.principal_claim.is_empty() {
            return Err(lacks("principal_claim", "a claim such as `sub`"));
        }
        if self.leeway.0 > LEEWAY {
            let range = format!("0s to {}", Span(LEEWAY));
            return Err(ConfigInvalid::new(place("leeway"), self.leeway, range));
        }
        let mapped = |(word, scopes): (String, Vec<Scope>)| (word, scopes.into_iter().collect());
        let scopes: BTreeMap<String, Scopes> = if self.scopes.is_empty() {
            let own = |scope: Scope| (scope.word().to_owned(), [scope].into_iter().collect());
            Scope::ALL.into_iter().map(own).collect()
        } else {
            self.scopes.into_iter().map(mapped).collect()
        };
        Ok(JwtIssuer {
            issuer: self.issuer,
            audiences: self.audiences,
            algorithms: self.algorithms,
            jwks_file: self.jwks_file,
            leeway: self.leeway.0,
            scopes_claim: self.scopes_claim,
            tenant_claim: self.tenant_claim,
            principal_claim: self.principal_claim,
            principal_prefix: self.principal_prefix,
            scopes,
            scopes_limit: self.scopes_limit.into_iter().collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<JwtIssuer, String> {
        let entry: JwtEntry = serde_yaml::from_str(text).map_err(|e| e.to_string())?;
        entry.issuer(0).map_err(|refused| refused.to_string())
    }

    #[test]
    fn rsa_is_a_choice_and_words_are_those_of_the_server() {
        let issuer = read("{issuer: i, audiences: [a], jwks_file: k}").unwrap();
        assert!(!issuer.algorithms.contains(&JwtAlgorithm::Rs256));
        assert_eq!(issuer.scopes.len(), Scope::ALL.len());
        assert_eq!(issuer.scopes_limit, Scopes::all());
        let mapped = read("{issuer: i, audiences: [a], jwks_file: k, scopes: {'x:ask': [decide]}}");
        let mapped = mapped.unwrap().scopes;
        assert_eq!(mapped.len(), 1);
        assert!(mapped["x:ask"].contains(Scope::Decide));
    }

    #[test]
    fn what_an_issuer_needs_is_named() {
        for (text, part) in [
            ("{audiences: [a], jwks_file: k}", "issuer"),
            ("{issuer: i, jwks_file: k}", "audiences"),
            ("{issuer: i, audiences: [''], jwks_file: k}", "audiences"),
            ("{issuer: i, audiences: [a]}", "jwks_file"),
            (
                "{issuer: i, audiences: [a], jwks_file: k, algorithms: []}",
                "algorithms",
            ),
            (
                "{issuer: i, audiences: [a], jwks_file: k, leeway: 6m}",
                "leeway",
            ),
            (
                "{issuer: i, audiences: [a], jwks_file: k, principal_claim: ''}",
                "principal_claim",
            ),
        ] {
            let refused = read(text).unwrap_err();
            assert!(refused.contains(part), "{refused}");
        }
        for unknown in ["HS256", "none", "RS512"] {
            let text =
                format!("{{issuer: i, audiences: [a], jwks_file: k, algorithms: [{unknown}]}}");
            assert!(read(&text).is_err(), "{unknown}");
        }
    }
}
