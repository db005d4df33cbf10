//! What a signature says of itself, for people who look at it. Nobody has verified it.

use embargo_core::instant::Instant;
use serde::Serialize;

use crate::archive::Archive;

use super::SignatureInvalid;
use super::token::{SignatureFile, Token};

/// What a signature says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignatureSays {
    /// How it was made.
    pub algorithm: String,
    /// How its key is called.
    pub key_id: Option<String>,
    /// What it was made for.
    pub scope: Option<String>,
    /// When it was made, in RFC 3339.
    pub issued: Option<String>,
    /// From when on it does not hold any longer, in RFC 3339.
    pub expires: Option<String>,
    /// How many files it names.
    pub files: usize,
}

impl SignatureSays {
    /// What that of an archive says; nothing, if there is none.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn of(archive: &Archive) -> Result<Option<Self>, SignatureInvalid> {
        let Some(file) = archive.signatures() else {
            return Ok(None);
        };
        let text = SignatureFile::read(file)?.only()?;
        let token = Token::take_apart(&text)?;
        let claims = token.claims()?;
        let written = |instant: Option<Instant>| instant.map(|instant| instant.to_string());
        Ok(Some(Self {
            algorithm: format!("{:?}", token.algorithm()?),
            key_id: claims.key_id,
            scope: Some(claims.scope).filter(|scope| !scope.is_empty()),
            issued: written(claims.issued),
            expires: written(claims.expires),
            files: claims.files.len(),
        }))
    }
}
