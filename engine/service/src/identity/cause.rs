//! Causes: why a credential that was shown is not accepted.

/// Why a credential is not accepted. What it holds is not part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// It is none, or none that can be read.
    Malformed,
    /// Its signature is by an algorithm that is not accepted, or that its key is not made for.
    AlgorithmRefused,
    /// It says that something has to be understood that is not.
    CriticalHeader,
    /// Nobody is known who issues it.
    WrongIssuer,
    /// It was issued for somebody else than this server.
    WrongAudience,
    /// It names a key that its issuer does not have, or none where there are several.
    UnknownKey,
    /// Its signature is not that of its issuer.
    BadSignature,
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYetValid,
    /// A claim is missing that is needed: its name, or the setting that names it.
    ClaimMissing(&'static str),
    /// There is no such token.
    UnknownToken,
    /// It names a trust domain that is not accepted.
    WrongTrustDomain,
}

impl Cause {
    /// The word for it in the metadata of a refusal.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::AlgorithmRefused => "algorithm-refused",
            Self::CriticalHeader => "critical-header",
            Self::WrongIssuer => "wrong-issuer",
            Self::WrongAudience => "wrong-audience",
            Self::UnknownKey => "unknown-key",
            Self::BadSignature => "bad-signature",
            Self::Expired => "expired",
            Self::NotYetValid => "not-yet-valid",
            Self::ClaimMissing(_) => "claim-missing",
            Self::UnknownToken => "unknown-token",
            Self::WrongTrustDomain => "wrong-trust-domain",
        }
    }

    /// What is said of it, and what to do.
    pub(crate) fn said(self) -> String {
        let (cause, hint) = match self {
            Self::Malformed => (
                "is none that can be read",
                "send `authorization: Bearer TOKEN` once, with the token as it was issued",
            ),
            Self::AlgorithmRefused => (
                "is signed by an algorithm that is not accepted",
                "let its issuer sign by one of those in `identity.jwt`",
            ),
            Self::CriticalHeader => (
                "has a critical header that is not understood",
                "let its issuer leave `crit` out",
            ),
            Self::WrongIssuer => (
                "is by an issuer that is not known",
                "compare its `iss` with those in `identity.jwt`",
            ),
            Self::WrongAudience => (
                "was issued for another audience",
                "ask its issuer for one with an `aud` of this server",
            ),
            Self::UnknownKey => (
                "is signed by a key that is not known",
                "compare its `kid` with the keys in `jwks_file`, which is read again when it changes",
            ),
            Self::BadSignature => (
                "has a signature that is not its issuer's",
                "ask its issuer for another one",
            ),
            Self::Expired => ("has expired", "ask for another one"),
            Self::NotYetValid => (
                "is not valid yet",
                "compare the clocks of its issuer and of this server",
            ),
            Self::ClaimMissing(claim) => {
                return format!(
                    "the credential lacks a claim, or it has another form: `{claim}`\n  hint: let its issuer set it"
                );
            }
            Self::UnknownToken => (
                "is a token that is not known",
                "compare it with the digests in `identity.tokens_file`, which is read again when it changes",
            ),
            Self::WrongTrustDomain => (
                "is of a trust domain that is not accepted",
                "compare its SPIFFE id with `identity.trust_domains`",
            ),
        };
        format!("the credential {cause}\n  hint: {hint}")
    }
}
