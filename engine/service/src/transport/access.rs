//! Access: before a call reaches anything that could answer it, who asks is told, and whether that
//! caller may.
//!
//! It stands before all paths of all doors, so that none has to think of it and none can be reached
//! past it. A path without a rule is not there where callers need a credential.

mod rules;

use std::sync::Arc;

use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderMap, HeaderValue, Request, Version};
use axum::response::Response;

use crate::config::Door;
use crate::identity::{Known, Principal, Scopes, Shown};
use crate::telemetry::Telemetry;

use super::counted::turned_away;
use super::doors::{Strangers, is_grpc};
use super::status::Refusal;

use self::rules::{Needs, rule};

/// What stands before all paths. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    known: Arc<Known>,
    strangers: Strangers,
    telemetry: Telemetry,
}

impl Access {
    pub(crate) const fn new(known: Arc<Known>, strangers: Strangers, telemetry: Telemetry) -> Self {
        Self {
            known,
            strangers,
            telemetry,
        }
    }

    /// Lets a call in that came over a connection on which this was shown, and notes with it who
    /// asks.
    ///
    /// # Errors
    /// What is answered to whom is not let in, in the words of the door.
    pub(crate) fn admit<B>(
        &self,
        request: &mut Request<B>,
        shown: Option<&Shown>,
    ) -> Result<(), Box<Response>> {
        self.tell(request, shown)
            .inspect_err(|refused| turned_away(&self.telemetry, request, refused))
    }

    fn tell<B>(
        &self,
        request: &mut Request<B>,
        shown: Option<&Shown>,
    ) -> Result<(), Box<Response>> {
        let found = rule(request.uri().path());
        let (door, needs) = found.map_or((Door::Http, None), |(door, needs)| (door, Some(needs)));
        if needs == Some(Needs::Nothing) {
            let nobody = Arc::new(Principal {
                scopes: Scopes::default(),
                ..Principal::clone(&Principal::anonymous())
            });
            request.extensions_mut().insert(nobody);
            return Ok(());
        }
        let refused = |refusal| self.refused(door, request.version(), request.headers(), refusal);
        let told = self.known.tell(door, request.headers(), shown);
        let principal = told.map_err(|unidentified| refused(unidentified.into()))?;
        match needs {
            Some(Needs::Scope(scope)) if !principal.scopes.contains(scope) => {
                return Err(refused(Refusal::ScopeMissing(scope)));
            }
            None if self.known.is_asked_for() => {
                return Err(Box::new(self.strangers.nowhere(request.headers())));
            }
            _ => {}
        }
        request.extensions_mut().insert(principal);
        Ok(())
    }

    fn refused(
        &self,
        door: Door,
        version: Version,
        headers: &HeaderMap,
        refusal: Refusal,
    ) -> Box<Response> {
        if version >= Version::HTTP_2 && is_grpc(headers) {
            return Box::new(refusal.into_status().into_http());
        }
        let challenge = challenge(&refusal);
        let mut response = self.strangers.refused(door, headers, refusal);
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        Box::new(response)
    }
}

/// What HTTP says by it to whom it does not let in (RFC 6750).
fn challenge(refusal: &Refusal) -> HeaderValue {
    let text = match refusal {
        Refusal::CredentialsInvalid(cause) => format!(
            r#"Bearer realm="embargo", error="invalid_token", error_description="{}""#,
            cause.word()
        ),
        Refusal::ScopeMissing(scope) => format!(
            r#"Bearer realm="embargo", error="insufficient_scope", scope="{}""#,
            scope.word()
        ),
        _ => r#"Bearer realm="embargo""#.to_owned(),
    };
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("Bearer"))
}
