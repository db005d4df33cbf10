//! Who is known: all credentials that are accepted, and who is told by one.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

use crate::config::{Door, IdentitySettings};
use crate::material::{Kept, Material, MaterialInvalid};

use super::certificate::Shown;
use super::jwt::{self, Issuer};
use super::tokens::{PREFIX, Tokens};
use super::{Cause, Principal};

/// Why it cannot be told who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unidentified {
    /// No credential was shown.
    Missing,
    /// The one that was shown is not accepted.
    Invalid(Cause),
}

/// Who is known.
pub(crate) struct Known {
    settings: IdentitySettings,
    issuers: Vec<Issuer>,
    tokens: Option<Arc<Kept<Tokens>>>,
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Known {
    /// Reads the keys and tokens of all credentials.
    ///
    /// # Errors
    /// If some cannot be used.
    pub(crate) fn load(settings: &IdentitySettings) -> Result<Self, MaterialInvalid> {
        let issuers: Vec<Issuer> = settings
            .jwt
            .iter()
            .map(Issuer::load)
            .collect::<Result<_, _>>()?;
        let tokens = match &settings.tokens_file {
            None => None,
            Some(path) => {
                let kept = Kept::load("the file of tokens", vec![path.clone()], |files| {
                    Tokens::read(files.first().map_or(&[], Vec::as_slice))
                })?;
                Some(Arc::new(kept))
            }
        };
        Ok(Self {
            settings: settings.clone(),
            issuers,
            tokens,
        })
    }

    /// What of it is read again when it changes.
    pub(crate) fn material(&self) -> Vec<Arc<dyn Material>> {
        let keys = self.issuers.iter().map(|issuer| {
            let keys: Arc<dyn Material> = issuer.keys().clone();
            keys
        });
        let tokens = self.tokens.iter().map(|tokens| {
            let tokens: Arc<dyn Material> = tokens.clone();
            tokens
        });
        keys.chain(tokens).collect()
    }

    /// Whether callers need a credential.
    pub(crate) const fn is_asked_for(&self) -> bool {
        self.settings.is_asked_for()
    }

    /// Reads the certificate that a handshake ended with.
    pub(crate) fn shown(&self, certificate: &[u8]) -> Shown {
        Shown::read(certificate, &self.settings)
    }

    /// Who asks at a door with these headers, over a connection on which this was shown. A token
    /// stands over a certificate, and one that is not accepted is not made good by another credential,
    /// nor by none.
    ///
    /// # Errors
    /// Why that cannot be told.
    pub(crate) fn tell(
        &self,
        door: Door,
        headers: &HeaderMap,
        shown: Option<&Shown>,
    ) -> Result<Arc<Principal>, Unidentified> {
        if !self.is_asked_for() {
            return Ok(Principal::anonymous());
        }
        if let Some(token) = bearer(headers).map_err(Unidentified::Invalid)? {
            return self.of_token(token).map_err(Unidentified::Invalid);
        }
        match shown {
            Some(shown) => {
                let principal = shown.principal(SystemTime::now());
                principal.map_err(Unidentified::Invalid)
            }
            None if self.settings.anonymous.contains(&door) => Ok(Principal::stranger()),
            None => Err(Unidentified::Missing),
        }
    }

    fn of_token(&self, token: &str) -> Result<Arc<Principal>, Cause> {
        match &self.tokens {
            Some(tokens) if token.starts_with(PREFIX) => tokens.get().principal(token),
            None if token.starts_with(PREFIX) => Err(Cause::UnknownToken),
            _ => jwt::principal(&self.issuers, token),
        }
    }
}

/// The token of a call, if it has one.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Cause> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return Ok(None),
        (Some(only), None) => only,
        (Some(_), Some(_)) => return Err(Cause::Malformed),
    };
    let value = value.to_str().map_err(|_| Cause::Malformed)?;
    let (scheme, token) = value.split_once(' ').ok_or(Cause::Malformed)?;
    let token = token.trim_matches(' ');
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && !token.contains(' ') {
        Ok(Some(token))
    } else {
        Err(Cause::Malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Result<Option<String>, Cause> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, value.parse().unwrap());
        }
        bearer(&headers).map(|token| token.map(ToOwned::to_owned))
    }

    #[test]
    fn a_call_has_one_token_or_none() {
        assert_eq!(read(&[]), Ok(None));
        for sound in ["Bearer abc", "bearer abc", "BEARER  abc"] {
            assert_eq!(read(&[sound]), Ok(Some("abc".to_owned())), "{sound}");
        }
        for wrong in ["", "Bearer", "Bearer ", "abc", "Basic YTpi", "Bearer a b"] {
            assert_eq!(read(&[wrong]), Err(Cause::Malformed), "{wrong}");
        }
        assert_eq!(read(&["Bearer a", "Bearer a"]), Err(Cause::Malformed));
    }

    #[test]
    fn where_nothing_is_asked_for_everybody_is_let_in() {
        let known = Known::load(&IdentitySettings::default()).unwrap();
        let headers = HeaderMap::new();
        assert_eq!(
            known.tell(Door::Grpc, &headers, None),
            Ok(Principal::anonymous())
        );
        let asked = IdentitySettings {
            certificates: vec![crate::config::CertificateRule {
                named: crate::config::Named::Subject("CN=a".to_owned()),
                scopes: super::super::Scopes::all(),
                tenant: None,
            }],
            ..IdentitySettings::default()
        };
        let known = Known::load(&asked).unwrap();
        let missing = Err(Unidentified::Missing);
        assert_eq!(known.tell(Door::Grpc, &headers, None), missing);
        // One that looks like a static token where there are none is not read as another.
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, "Bearer embargo_x".parse().unwrap());
        let unknown = Unidentified::Invalid(Cause::UnknownToken);
        assert_eq!(known.tell(Door::Grpc, &headers, None), Err(unknown));
    }
}
