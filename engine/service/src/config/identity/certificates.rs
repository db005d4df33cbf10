//! What callers may do who show a certificate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::ConfigInvalid;
use crate::identity::{Scope, Scopes, spiffe};

/// Which certificates a rule fits, by one of both names, and what it lets do.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CertificateEntry {
    /// A SPIFFE id, or all ids below a path: `spiffe://corp/mdm/*`.
    pub spiffe: Option<String>,
    /// A subject as RFC 4514 writes it, for certificates without a SPIFFE id:
    /// `CN=mdm,OU=IT,O=Corp`. `openssl x509 -noout -subject -nameopt rfc2253` prints it.
    pub subject: Option<String>,
    /// What may be done: `decide`, `explain`, `policy-read`, `policy-test`, `admin`, `log-read`.
    pub scopes: Vec<Scope>,
    /// Whose caller it is.
    pub tenant: Option<String>,
}

/// Which certificates a rule fits, and what it lets do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateRule {
    /// Which it fits.
    pub named: Named,
    /// What may be done.
    pub scopes: Scopes,
    /// Whose caller it is.
    pub tenant: Option<String>,
}

/// How the certificates are named that a rule fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// By this SPIFFE id.
    Spiffe(String),
    /// By a SPIFFE id that begins so. It ends in a slash.
    SpiffeBelow(String),
    /// By this subject.
    Subject(String),
}

impl CertificateRule {
    /// The trust domain that it is about.
    pub(super) fn trust_domain(&self) -> Option<&str> {
        match &self.named {
            Named::Spiffe(id) | Named::SpiffeBelow(id) => spiffe::trust_domain(id),
            Named::Subject(_) => None,
        }
    }
}

impl CertificateEntry {
    /// The rule at this place of the list.
    pub(super) fn rule(self, at: usize) -> Result<CertificateRule, ConfigInvalid> {
        let invalid = |value: String, range: &str| {
            ConfigInvalid::new(format!("identity.certificates[{at}]"), value, range)
        };
        let named = match (self.spiffe, self.subject) {
            (Some(id), None) => {
                let below = id.strip_suffix('*').filter(|start| start.ends_with('/'));
                let sound = match below {
                    // A path has at least one part.
                    Some(start) => spiffe::check(&format!("{start}x")),
                    None => spiffe::check(&id),
                };
                if sound.is_err() {
                    return Err(invalid(
                        format!("for `{id}`"),
                        "for a SPIFFE id such as `spiffe://corp/mdm`, or `spiffe://corp/mdm/*` for all below it",
                    ));
                }
                match below {
                    Some(start) => Named::SpiffeBelow(start.to_owned()),
                    None => Named::Spiffe(id),
                }
            }
            (None, Some(subject)) if !subject.is_empty() => Named::Subject(subject),
            _ => {
                return Err(invalid(
                    "without a name, or with two".to_owned(),
                    "with `spiffe` or with `subject`",
                ));
            }
        };
        Ok(CertificateRule {
            named,
            scopes: self.scopes.into_iter().collect(),
            tenant: self.tenant,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Option<Named> {
        let entry: CertificateEntry = serde_yaml::from_str(text).unwrap();
        Some(entry.rule(0).ok()?.named)
    }

    #[test]
    fn a_rule_has_one_name() {
        for (text, wanted) in [
            (
                "spiffe: spiffe://corp/mdm",
                Named::Spiffe("spiffe://corp/mdm".into()),
            ),
            (
                "spiffe: spiffe://corp/*",
                Named::SpiffeBelow("spiffe://corp/".into()),
            ),
            ("subject: CN=a", Named::Subject("CN=a".into())),
        ] {
            assert_eq!(named(text), Some(wanted), "{text}");
        }
        for wrong in [
            "{}",
            "{spiffe: spiffe://corp/a, subject: CN=a}",
            "subject: ''",
            "spiffe: 'spiffe://corp/m*'",
            "spiffe: '*'",
            "spiffe: 'spiffe://*'",
            "spiffe: 'https://corp/a'",
            "spiffe: 'spiffe://CORP/a'",
        ] {
            assert_eq!(named(wrong), None, "{wrong}");
        }
    }
}
