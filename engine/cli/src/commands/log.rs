//! `embargo log`: what stands in decision logs, and whether they are whole.

mod cat;
pub(super) mod entry;
mod verify;

use crate::args::log::{Log, LogCommand};
use crate::commands::Failure;
use crate::exit::Exit;

pub(crate) fn run(log: &Log) -> Result<Exit, Failure> {
    match &log.command {
        LogCommand::Cat(cat) => cat::run(cat),
        LogCommand::Verify(verify) => verify::run(verify),
    }
}
