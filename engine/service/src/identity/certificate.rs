//! Certificates of callers: what they are called, and what they may do.
//!
//! The handshake has shown that an authority certifies the caller. Its name is its SPIFFE id if it
//! has one, else its subject; a certificate that names a workload in two ways names none.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::config::{CertificateRule, IdentitySettings, Named};

use super::{Cause, Principal, PrincipalKind, Scopes, spiffe, subject};

/// What a caller has shown with its connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    principal: Result<Arc<Principal>, Cause>,
    /// When the certificate's time is over.
    until: Option<SystemTime>,
}

impl Shown {
    /// Reads the certificate that a handshake ended with.
    pub(crate) fn read(certificate: &[u8], settings: &IdentitySettings) -> Self {
        let Ok((_, certificate)) = X509Certificate::from_der(certificate) else {
            return Self {
                principal: Err(Cause::Malformed),
                until: None,
            };
        };
        let until = certificate.validity().not_after.timestamp();
        let until = u64::try_from(until)
            .ok()
            .and_then(|seconds| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)));
        Self {
            principal: named(&certificate).and_then(|name| principal(name, settings)),
            until,
        }
    }

    /// Who has shown it, for as long as it is valid: a connection may last longer.
    ///
    /// # Errors
    /// Why it is not accepted.
    pub(super) fn principal(&self, now: SystemTime) -> Result<Arc<Principal>, Cause> {
        let principal = self.principal.clone()?;
        if self.until.is_none_or(|until| now > until) {
            return Err(Cause::Expired);
        }
        Ok(principal)
    }
}

enum Name {
    Spiffe(String),
    Subject(String),
}

fn named(certificate: &X509Certificate<'_>) -> Result<Name, Cause> {
    let other_names = certificate
        .subject_alternative_name()
        .map_err(|_| Cause::Malformed)?;
    let names = other_names
        .iter()
        .flat_map(|names| &names.value.general_names);
    let uris: Vec<&str> = names
        .filter_map(|name| match name {
            GeneralName::URI(uri) => Some(*uri),
            _ => None,
        })
        .collect();
    let is_spiffe = |uri: &&str| {
        let scheme = uri.get(..spiffe::SCHEME.len());
        scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(spiffe::SCHEME))
    };
    if uris.iter().any(is_spiffe) {
        return match uris.as_slice() {
            [id] if spiffe::check(id).is_ok() => Ok(Name::Spiffe((*id).to_owned())),
            _ => Err(Cause::Malformed),
        };
    }
    match subject::text(certificate.subject()) {
        empty if empty.is_empty() => Err(Cause::Malformed),
        subject => Ok(Name::Subject(subject)),
    }
}

fn principal(name: Name, settings: &IdentitySettings) -> Result<Arc<Principal>, Cause> {
    if let Name::Spiffe(id) = &name {
        let domain = spiffe::trust_domain(id).unwrap_or_default();
        if !settings.trust_domains.iter().any(|known| known == domain) {
            return Err(Cause::WrongTrustDomain);
        }
    }
    let rule = settings.certificates.iter().find(|rule| fits(rule, &name));
    let (Name::Spiffe(name) | Name::Subject(name)) = name;
    Ok(Arc::new(Principal {
        name,
        kind: PrincipalKind::Certificate,
        tenant: rule.and_then(|rule| rule.tenant.clone()),
        scopes: rule.map_or_else(Scopes::default, |rule| rule.scopes),
        until: None,
    }))
}

fn fits(rule: &CertificateRule, name: &Name) -> bool {
    match (&rule.named, name) {
        (Named::Spiffe(wanted), Name::Spiffe(id)) => wanted == id,
        (Named::SpiffeBelow(start), Name::Spiffe(id)) => id.starts_with(start.as_str()),
        (Named::Subject(wanted), Name::Subject(subject)) => wanted == subject,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use rcgen::string::Ia5String;
    use rcgen::{CertificateParams, DnType, KeyPair, SanType};

    use crate::config::IdentitySection;
    use crate::identity::Scope;

    use super::*;

    fn settings() -> IdentitySettings {
        let section: IdentitySection = serde_yaml::from_str(
            "certificates:
- {spiffe: 'spiffe://corp/mdm/*', scopes: [decide], tenant: acme}
- {spiffe: 'spiffe://corp/author', scopes: [policy-read, policy-test]}
- {subject: 'CN=gate,O=Corp', scopes: [decide, explain]}
- {subject: 'CN=twice', scopes: [admin]}
",
        )
        .unwrap();
        section.settings().unwrap()
    }

    fn shown(subject: &[(DnType, &str)], uris: &[&str]) -> Shown {
        let mut params = CertificateParams::new(vec!["host.corp".to_owned()]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        for (kind, value) in subject {
            params.distinguished_name.push(kind.clone(), *value);
        }
        for uri in uris {
            let uri = Ia5String::try_from(*uri).unwrap();
            params.subject_alt_names.push(SanType::URI(uri));
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Shown::read(certificate.der(), &settings())
    }

    fn told(subject: &[(DnType, &str)], uris: &[&str]) -> Result<Arc<Principal>, Cause> {
        shown(subject, uris).principal(SystemTime::now())
    }

    #[test]
    fn a_spiffe_id_stands_over_the_subject() {
        let twice = [(DnType::CommonName, "twice")];
        let mdm = told(&twice, &["spiffe://corp/mdm/fleet-1"]).unwrap();
        assert_eq!(mdm.name, "spiffe://corp/mdm/fleet-1");
        assert_eq!(mdm.tenant.as_deref(), Some("acme"));
        assert!(mdm.scopes.contains(Scope::Decide));
        assert!(!mdm.scopes.contains(Scope::Admin));
        let author = told(&[], &["spiffe://corp/author"]).unwrap();
        assert!(author.scopes.contains(Scope::PolicyTest));
        assert_eq!(author.tenant, None);
    }

    #[test]
    fn who_fits_no_rule_is_known_and_may_do_nothing() {
        for uri in [
            "spiffe://corp/mdm",
            "spiffe://corp/mdmx/a",
            "spiffe://corp/author/x",
        ] {
            let stranger = told(&[], &[uri]).unwrap();
            assert_eq!(
                (stranger.name.as_str(), stranger.scopes),
                (uri, Scopes::default())
            );
        }
        let stranger = told(&[(DnType::CommonName, "gate")], &[]).unwrap();
        assert_eq!(stranger.scopes, Scopes::default());
    }

    #[test]
    fn without_a_spiffe_id_the_subject_is_the_name() {
        let subject = [
            (DnType::OrganizationName, "Corp"),
            (DnType::CommonName, "gate"),
        ];
        for uris in [&[][..], &["https://corp/x"]] {
            let gate = told(&subject, uris).unwrap();
            assert_eq!(gate.name, "CN=gate,O=Corp");
            assert!(gate.scopes.contains(Scope::Explain));
        }
        // A subject cannot be made to look like another one.
        let forged = told(&[(DnType::CommonName, "gate,O=Corp")], &[]).unwrap();
        assert_eq!(forged.scopes, Scopes::default());
        assert_eq!(told(&[], &[]), Err(Cause::Malformed));
    }

    #[test]
    fn two_ids_or_a_malformed_one_are_none() {
        let twice = [(DnType::CommonName, "twice")];
        for uris in [
            &["spiffe://corp/mdm/a", "spiffe://corp/author"][..],
            &["spiffe://corp/mdm/a", "https://corp/x"],
            &["spiffe://corp/mdm/../author"],
            &["SPIFFE://corp/mdm/a"],
            &["spiffe://corp"],
        ] {
            assert_eq!(told(&twice, uris), Err(Cause::Malformed), "{uris:?}");
        }
        let foreign = told(&twice, &["spiffe://other/mdm/a"]);
        assert_eq!(foreign, Err(Cause::WrongTrustDomain));
    }

    #[test]
    fn a_connection_does_not_outlive_its_certificate() {
        let shown = shown(&[], &["spiffe://corp/mdm/a"]);
        let until = shown.until.unwrap();
        assert!(shown.principal(until).is_ok());
        let late = until + Duration::from_secs(1);
        assert_eq!(shown.principal(late), Err(Cause::Expired));
        let broken = Shown::read(b"no certificate", &settings());
        assert_eq!(broken.principal(until), Err(Cause::Malformed));
    }
}
