//! Arguments that say whom to trust and who to be at a server.

use std::path::PathBuf;

use clap::Args;

/// Whom to trust, and who to be, at a server.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Access {
    /// Authorities that certify the server, in PEM [default: those that the system trusts]
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_ca: Option<PathBuf>,
    /// A certificate to show to the server, in PEM, with those between it and its authority
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The certificate's key, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// A file with the token to send to the server
    #[arg(long, value_name = "FILE", env = "EMBARGO_TOKEN_FILE")]
    pub(crate) token_file: Option<PathBuf>,
}
