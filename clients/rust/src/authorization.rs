//! What a client shows with every call so that it may make it: a bearer token, or nothing.
//!
//! Invariant: the token is in no text that this crate makes.

use std::fmt;

use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::Interceptor,
};

/// The header of every call, if there is a token.
#[derive(Clone)]
pub(crate) struct Authorization(Option<MetadataValue<Ascii>>);

impl Authorization {
    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// Nothing if a header cannot hold the token.
    pub(crate) fn bearer(token: &str) -> Option<Self> {
        // An empty token, or one with spaces, would be read as another header than was meant.
        if token.is_empty() || token.contains(|letter: char| !letter.is_ascii_graphic()) {
            return None;
        }
        let mut value: MetadataValue<Ascii> = format!("Bearer {token}").parse().ok()?;
        value.set_sensitive(true);
        Some(Self(Some(value)))
    }
}

impl Interceptor for Authorization {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(value) = &self.0 {
            request
                .metadata_mut()
                .insert("authorization", value.clone());
        }
        Ok(request)
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() {
            "Authorization(…)"
        } else {
            "Authorization(none)"
        })
    }
}
