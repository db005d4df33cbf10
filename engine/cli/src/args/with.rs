//! The arguments of `embargo with`.

use std::ffi::OsString;

use clap::Args;

use super::Serving;

#[derive(Debug, Args)]
#[command(
    override_usage = "embargo with [OPTIONS] -- CMD [ARGS]...",
    after_help = "The command finds the server in its environment:\n  EMBARGO_TARGET  127.0.0.1:PORT\n  EMBARGO_URL     http://127.0.0.1:PORT\n\nExit code: that of the command, 128 and the signal if one killed it, or 2 if there is no server."
)]
pub(crate) struct With {
    #[command(flatten)]
    pub(crate) serving: Serving,
    /// The command, which is run when the server is ready
    #[arg(last = true, required = true, value_name = "CMD")]
    pub(crate) command: Vec<OsString>,
}
