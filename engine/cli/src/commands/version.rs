//! `embargo version`.

use crate::commands::Failure;
use crate::exit::Exit;
use crate::output;

pub(crate) fn run() -> Result<Exit, Failure> {
    output::print(&format!("embargo {}\n", env!("CARGO_PKG_VERSION")))?;
    Ok(Exit::Done)
}
