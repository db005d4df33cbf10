//! `embargo completions`: what a shell needs to complete the command line, made from the
//! arguments themselves.

use clap::CommandFactory as _;

use crate::args::{Arguments, Completions};
use crate::commands::Failure;
use crate::exit::Exit;
use crate::output;

pub(crate) fn run(completions: &Completions) -> Result<Exit, Failure> {
    let mut command = Arguments::command();
    let name = command.get_name().to_owned();
    // Into memory first: the generator would panic where standard output cannot be written.
    let mut script = Vec::new();
    clap_complete::generate(completions.shell, &mut command, name, &mut script);
    output::print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
