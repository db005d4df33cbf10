//! JSON Web Tokens: who is named by one that its issuer has signed for this server.
//!
//! What a token says is believed in this order: its header, to find the key; its issuer, to find whose
//! key; all else only after the signature. A token that names an algorithm chooses among those that
//! its issuer is configured with and its key is made for, and cannot bring another one.

use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use embargo_core::instant::Instant;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Validation, decode};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Map, Value};

use crate::config::{JwtAlgorithm, JwtIssuer};
use crate::material::{Kept, MaterialInvalid};

use super::keys::Keys;
use super::{Cause, Principal, PrincipalKind, Scopes};

/// Bytes of a token, at most. More does not fit into the headers of a call.
const TOKEN_BYTES: usize = 8 * 1_024;
/// Bytes of a name and of a tenant, at most.
const NAME_BYTES: usize = 512;

/// An issuer and its keys.
pub(super) struct Issuer {
    settings: JwtIssuer,
    algorithms: Vec<Algorithm>,
    validation: Validation,
    keys: Arc<Kept<Keys>>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<IgnoredAny>,
}

/// What a token says of its issuer, before it is believed.
#[derive(Deserialize)]
struct Claimed {
    iss: Option<Value>,
}

impl Issuer {
    /// An issuer with the keys that are there.
    ///
    /// # Errors
    /// If they cannot be read.
    pub(super) fn load(settings: &JwtIssuer) -> Result<Self, MaterialInvalid> {
        let algorithms: Vec<Algorithm> = settings.algorithms.iter().map(algorithm).collect();
        let accepted = algorithms.clone();
        let path: &Path = &settings.jwks_file;
        let keys = Kept::load(
            "the keys of an issuer",
            vec![path.to_owned()],
            move |files| Keys::read(files.first().map_or(&[], Vec::as_slice), &accepted),
        )?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.set_issuer(&[&settings.issuer]);
        validation.set_audience(&settings.audiences);
        validation.leeway = settings.leeway.as_secs();
        validation.validate_nbf = true;
        Ok(Self {
            settings: settings.clone(),
            algorithms,
            validation,
            keys: Arc::new(keys),
        })
    }

    pub(super) const fn keys(&self) -> &Arc<Kept<Keys>> {
        &self.keys
    }
}

/// Whose token it is.
///
/// # Errors
/// Why it is not accepted.
pub(super) fn principal(issuers: &[Issuer], token: &str) -> Result<Arc<Principal>, Cause> {
    if token.len() > TOKEN_BYTES {
        return Err(Cause::Malformed);
    }
    let mut parts = token.split('.');
    let (Some(header), Some(claims), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Cause::Malformed);
    };
    let header: Header = part(header)?;
    if header.crit.is_some() {
        return Err(Cause::CriticalHeader);
    }
    let named = [
        JwtAlgorithm::Es256,
        JwtAlgorithm::EdDsa,
        JwtAlgorithm::Rs256,
    ]
    .iter()
    .map(algorithm)
    .find(|known| word(*known) == header.alg)
    .ok_or(Cause::AlgorithmRefused)?;
    let claimed: Claimed = part(claims)?;
    let claimed = match &claimed.iss {
        None => return Err(Cause::ClaimMissing("iss")),
        Some(Value::String(issuer)) => issuer,
        Some(_) => return Err(Cause::WrongIssuer),
    };
    let issuer = issuers
        .iter()
        .find(|known| known.settings.issuer == *claimed)
        .ok_or(Cause::WrongIssuer)?;
    if !issuer.algorithms.contains(&named) {
        return Err(Cause::AlgorithmRefused);
    }
    let keys = issuer.keys.get();
    let key = keys.find(header.kid.as_deref(), named)?;
    let mut validation = issuer.validation.clone();
    validation.algorithms = vec![named];
    let signed = decode::<Map<String, Value>>(token, key, &validation)
        .map_err(|refused| cause(refused.kind()))?;
    issuer.settings.principal(&signed.claims).map(Arc::new)
}

fn part<T: DeserializeOwned>(text: &str) -> Result<T, Cause> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Cause::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| Cause::Malformed)
}

const fn algorithm(algorithm: &JwtAlgorithm) -> Algorithm {
    match algorithm {
        JwtAlgorithm::Es256 => Algorithm::ES256,
        JwtAlgorithm::EdDsa => Algorithm::EdDSA,
        JwtAlgorithm::Rs256 => Algorithm::RS256,
    }
}

const fn word(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::ES256 => "ES256",
        Algorithm::EdDSA => "EdDSA",
        Algorithm::RS256 => "RS256",
        _ => "",
    }
}

fn cause(refused: &ErrorKind) -> Cause {
    match refused {
        ErrorKind::InvalidSignature => Cause::BadSignature,
        ErrorKind::ExpiredSignature => Cause::Expired,
        ErrorKind::ImmatureSignature => Cause::NotYetValid,
        ErrorKind::InvalidIssuer => Cause::WrongIssuer,
        ErrorKind::InvalidAudience => Cause::WrongAudience,
        ErrorKind::InvalidAlgorithm | ErrorKind::UnsupportedAlgorithm => Cause::AlgorithmRefused,
        ErrorKind::MissingRequiredClaim(claim) => match claim.as_str() {
            "exp" => Cause::ClaimMissing("exp"),
            "iss" => Cause::ClaimMissing("iss"),
            "aud" => Cause::ClaimMissing("aud"),
            _ => Cause::Malformed,
        },
        // Among them claims of another form than they have, and what this crate may add.
        _ => Cause::Malformed,
    }
}

impl JwtIssuer {
    /// Who is named by claims that are believed.
    fn principal(&self, claims: &Map<String, Value>) -> Result<Principal, Cause> {
        let name =
            text(claims, &self.principal_claim).ok_or(Cause::ClaimMissing("principal_claim"))?;
        let tenant = match &self.tenant_claim {
            None => None,
            Some(claim) => {
                let tenant = text(claims, claim).ok_or(Cause::ClaimMissing("tenant_claim"))?;
                Some(tenant.to_owned())
            }
        };
        let words: Vec<&str> = match claims.get(&self.scopes_claim) {
            Some(Value::String(words)) => words.split_ascii_whitespace().collect(),
            Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let granted = words.iter().filter_map(|word| self.scopes.get(*word));
        let granted = granted.fold(Scopes::default(), |all, some| all.either(*some));
        Ok(Principal {
            name: format!("{}{name}", self.principal_prefix),
            kind: PrincipalKind::Jwt,
            tenant,
            scopes: granted.both(self.scopes_limit),
            until: claims.get("exp").and_then(|exp| self.until(exp)),
        })
    }

    /// When a token with this expiry is not accepted any more.
    fn until(&self, exp: &Value) -> Option<Instant> {
        let whole = exp.as_f64()?.round().to_string();
        let leeway = i64::try_from(self.leeway.as_secs()).ok()?;
        let seconds = whole.parse::<i64>().ok()?.saturating_add(leeway);
        // What cannot be told lies beyond all years there are.
        Instant::from_unix(seconds, 0).ok()
    }
}

fn text<'a>(claims: &'a Map<String, Value>, claim: &str) -> Option<&'a str> {
    let text = claims.get(claim)?.as_str()?;
    let is_name = !text.is_empty() && text.len() <= NAME_BYTES && !text.contains(char::is_control);
    is_name.then_some(text)
}

#[cfg(test)]
mod tests;
