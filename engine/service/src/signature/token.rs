//! `.signatures.json` and the token in it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use embargo_core::instant::Instant;
use jsonwebtoken::Algorithm;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use super::SignatureInvalid;

/// What OPA calls the way to sign that needs no plugin.
const DEFAULT_PLUGIN: &str = "_default";

/// The file.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct SignatureFile {
    #[serde(default)]
    pub(super) signatures: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    plugin: Option<String>,
}

impl SignatureFile {
    pub(super) fn of(token: String) -> Self {
        Self {
            signatures: vec![token],
            plugin: None,
        }
    }

    pub(super) fn read(file: &[u8]) -> Result<Self, SignatureInvalid> {
        let read: Self = object(file)?;
        match read.plugin.as_deref() {
            None | Some("" | DEFAULT_PLUGIN) => Ok(read),
            Some(plugin) => Err(malformed(format!("it is made by the plugin `{plugin}`"))),
        }
    }

    /// The one token in it.
    pub(super) fn only(mut self) -> Result<String, SignatureInvalid> {
        match (self.signatures.pop(), self.signatures.len()) {
            (Some(token), 0) => Ok(token),
            (None, _) => Err(malformed("it holds no token")),
            (Some(_), more) => Err(malformed(format!(
                "it holds {} tokens, and one is read",
                more + 1
            ))),
        }
    }
}

/// A token, taken apart. Nothing of it is believed before the signature is verified.
pub(super) struct Token<'a> {
    /// What is signed.
    pub(super) message: &'a [u8],
    /// In base64.
    pub(super) signature: &'a str,
    header: Header,
    payload: Vec<u8>,
}

#[derive(Debug, Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// Members that must be understood.
    crit: Option<Value>,
    /// Whether the payload is in base64.
    b64: Option<bool>,
}

/// A file as it was signed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct SignedFile {
    pub(super) name: String,
    pub(super) hash: String,
    #[serde(default)]
    pub(super) algorithm: String,
}

/// What is signed.
pub(super) struct Claims {
    pub(super) files: Vec<SignedFile>,
    pub(super) key_id: Option<String>,
    pub(super) scope: String,
    pub(super) issued: Option<Instant>,
    pub(super) begins: Option<Instant>,
    pub(super) expires: Option<Instant>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Payload {
    files: Vec<SignedFile>,
    keyid: Option<String>,
    scope: Option<String>,
    iat: Option<Number>,
    nbf: Option<Number>,
    exp: Option<Number>,
}

impl<'a> Token<'a> {
    pub(super) fn take_apart(text: &'a str) -> Result<Self, SignatureInvalid> {
        let three = || malformed("the token has not three parts");
        let (message, signature) = text.rsplit_once('.').ok_or_else(three)?;
        let (header, payload) = message.split_once('.').ok_or_else(three)?;
        let header: Header = object(&decoded(header)?)?;
        if header.crit.is_some() || header.b64 == Some(false) {
            return Err(malformed("the token asks for what is not known here"));
        }
        Ok(Self {
            message: message.as_bytes(),
            signature,
            header,
            payload: decoded(payload)?,
        })
    }

    pub(super) fn algorithm(&self) -> Result<Algorithm, SignatureInvalid> {
        match self.header.alg.as_str() {
            "EdDSA" => Ok(Algorithm::EdDSA),
            "ES256" => Ok(Algorithm::ES256),
            "RS256" => Ok(Algorithm::RS256),
            other => Err(SignatureInvalid::Algorithm {
                found: other.escape_debug().take(32).collect(),
            }),
        }
    }

    /// What is signed. To be asked once the signature is verified.
    pub(super) fn claims(&self) -> Result<Claims, SignatureInvalid> {
        let payload: Payload = object(&self.payload)?;
        Ok(Claims {
            files: payload.files,
            key_id: self.header.kid.clone().or(payload.keyid),
            scope: payload.scope.unwrap_or_default(),
            issued: instant(payload.iat.as_ref(), "iat")?,
            begins: instant(payload.nbf.as_ref(), "nbf")?,
            expires: instant(payload.exp.as_ref(), "exp")?,
        })
    }
}

/// Seconds since 1970, of which a fraction is left out.
fn instant(seconds: Option<&Number>, name: &str) -> Result<Option<Instant>, SignatureInvalid> {
    let Some(seconds) = seconds else {
        return Ok(None);
    };
    let text = seconds.to_string();
    let whole = text.split('.').next().unwrap_or_default();
    whole
        .parse()
        .ok()
        .and_then(|whole| Instant::from_unix(whole, 0).ok())
        .map(Some)
        .ok_or_else(|| malformed(format!("`{name}` is no instant")))
}

/// Reads an object, as which a list of its members would pass.
fn object<T: DeserializeOwned>(text: &[u8]) -> Result<T, SignatureInvalid> {
    if !text.trim_ascii_start().starts_with(b"{") {
        return Err(malformed("it is no object"));
    }
    serde_json::from_slice(text).map_err(malformed)
}

fn decoded(part: &str) -> Result<Vec<u8>, SignatureInvalid> {
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|cause| malformed(format!("the token is not in base64url: {cause}")))
}

fn malformed(cause: impl ToString) -> SignatureInvalid {
    SignatureInvalid::Malformed {
        cause: cause.to_string(),
    }
}
