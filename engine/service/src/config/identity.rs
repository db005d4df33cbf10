//! Identity: which credentials are known, and what those who show them may do.

mod certificates;
mod issuers;

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ConfigInvalid, Door};

pub use self::certificates::{CertificateEntry, CertificateRule, Named};
pub use self::issuers::{JwtAlgorithm, JwtEntry, JwtIssuer};

/// Who callers are. Where nothing is given here, nobody needs a credential and everybody may do
/// everything, which is for loopback addresses.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct IdentitySection {
    /// What callers may do who show a certificate: the first rule that fits. One that none fits may do
    /// nothing.
    pub certificates: Vec<CertificateEntry>,
    /// The trust domains of SPIFFE ids that are accepted. Where none is given: those that the rules
    /// for certificates name.
    pub trust_domains: Vec<String>,
    /// Who issues the JSON Web Tokens that are accepted.
    pub jwt: Vec<JwtEntry>,
    /// The file of static tokens, as `embargo token new` writes its entries. Read again when it
    /// changes.
    pub tokens_file: Option<PathBuf>,
    /// The doors at which callers without a credential may ask for decisions, and for nothing else. For
    /// callers that cannot show one, such as most API servers of Kubernetes.
    pub anonymous: Vec<Door>,
}

/// Which credentials are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdentitySettings {
    /// What callers may do who show a certificate: the first that fits.
    pub certificates: Vec<CertificateRule>,
    /// The trust domains that are accepted.
    pub trust_domains: Vec<String>,
    /// Who issues tokens.
    pub jwt: Vec<JwtIssuer>,
    /// Where static tokens are.
    pub tokens_file: Option<PathBuf>,
    /// Where callers without a credential may ask for decisions.
    pub anonymous: Vec<Door>,
}

impl IdentitySettings {
    /// Whether callers need a credential, at whichever door.
    #[must_use]
    pub const fn is_asked_for(&self) -> bool {
        !self.certificates.is_empty()
            || !self.jwt.is_empty()
            || self.tokens_file.is_some()
            || !self.anonymous.is_empty()
    }
}

impl IdentitySection {
    /// The settings of a section that keeps every range.
    ///
    /// # Errors
    /// The first part that does not.
    pub(crate) fn settings(self) -> Result<IdentitySettings, ConfigInvalid> {
        let rules = self.certificates.into_iter();
        let certificates: Vec<CertificateRule> = rules
            .enumerate()
            .map(|(at, entry)| entry.rule(at))
            .collect::<Result<_, ConfigInvalid>>()?;
        let named = certificates
            .iter()
            .filter_map(CertificateRule::trust_domain);
        let mut trust_domains = self.trust_domains;
        if trust_domains.is_empty() {
            trust_domains = named.map(ToOwned::to_owned).collect();
            trust_domains.sort_unstable();
            trust_domains.dedup();
        } else if let Some(other) = named
            .into_iter()
            .find(|named| !trust_domains.iter().any(|domain| domain == named))
        {
            return Err(ConfigInvalid::new(
                "identity.certificates",
                format!("with a rule for the trust domain `{other}`"),
                "of those in `identity.trust_domains`",
            ));
        }
        let jwt: Vec<JwtIssuer> = self
            .jwt
            .into_iter()
            .enumerate()
            .map(|(at, entry)| entry.issuer(at))
            .collect::<Result<_, ConfigInvalid>>()?;
        let twice = jwt.iter().enumerate().find(|(at, one)| {
            let before = jwt.get(..*at).unwrap_or_default();
            before.iter().any(|other| other.issuer == one.issuer)
        });
        if let Some((_, twice)) = twice {
            return Err(ConfigInvalid::new(
                "identity.jwt",
                format!("there twice for the issuer `{}`", twice.issuer),
                "one entry for each issuer",
            ));
        }
        Ok(IdentitySettings {
            certificates,
            trust_domains,
            jwt,
            tokens_file: self.tokens_file,
            anonymous: self.anonymous,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<IdentitySettings, String> {
        let section: IdentitySection = serde_yaml::from_str(text).map_err(|e| e.to_string())?;
        section.settings().map_err(|refused| refused.to_string())
    }

    #[test]
    fn nothing_given_asks_for_no_credential_and_anything_does() {
        assert!(!read("{}").unwrap().is_asked_for());
        for one in [
            "tokens_file: a",
            "certificates: [{subject: CN=a, scopes: [decide]}]",
            "jwt: [{issuer: i, audiences: [a], jwks_file: k}]",
            // Of the callers at the other doors.
            "anonymous: [kubernetes]",
        ] {
            assert!(read(one).unwrap().is_asked_for(), "{one}");
        }
    }

    #[test]
    fn trust_domains_are_those_of_the_rules_unless_they_are_given() {
        let rules =
            "certificates: [{spiffe: 'spiffe://b/x'}, {spiffe: 'spiffe://a/*'}, {subject: CN=a}]";
        assert_eq!(read(rules).unwrap().trust_domains, ["a", "b"]);
        let refused = read(&format!("{rules}\ntrust_domains: [a]")).unwrap_err();
        assert!(refused.contains("trust domain `b`"), "{refused}");
    }

    #[test]
    fn an_issuer_stands_there_once() {
        let entry = "{issuer: i, audiences: [a], jwks_file: k}";
        let refused = read(&format!("jwt: [{entry}, {entry}]")).unwrap_err();
        assert!(refused.contains("twice for the issuer `i`"), "{refused}");
    }
}
