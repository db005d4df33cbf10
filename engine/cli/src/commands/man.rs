//! `embargo man`: the manual pages, made from the arguments themselves, for section 1.

use std::fs;
use std::io;
use std::path::Path;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man as Page;

use crate::args::{Arguments, Man};
use crate::commands::Failure;
use crate::exit::Exit;
use crate::output;

/// The name of the whole, at the head of each page.
const MANUAL: &str = "Embargo Manual";

pub(crate) fn run(man: &Man) -> Result<Exit, Failure> {
    let mut root = Arguments::command();
    // Gives each command its full name, `embargo-serve`.
    root.build();
    if let Some(folder) = &man.out {
        let count = write_all(&root, folder)?;
        output::print(&format!("{count} pages are in {}\n", folder.display()))?;
        return Ok(Exit::Done);
    }
    let text = rendered(named(&root, &man.command)?).map_err(|cause| unwritten("it", &cause))?;
    output::print(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Done)
}

/// The command that is meant, from the root downwards.
fn named<'root>(root: &'root Command, path: &[String]) -> Result<&'root Command, Failure> {
    let mut command = root;
    for name in path {
        command = shown(command)
            .find(|below| below.get_name() == name)
            .ok_or_else(|| {
                let known: Vec<&str> = shown(command).map(Command::get_name).collect();
                let hint = match known.as_slice() {
                    [] => "it has no commands of its own".to_owned(),
                    known => format!("write one of {}", known.join(", ")),
                };
                Failure::Said(format!(
                    "`{}` has no command `{name}`\n  hint: {hint}",
                    command.get_bin_name().unwrap_or("embargo"),
                ))
            })?;
    }
    Ok(command)
}

/// The commands below one that are for people.
fn shown(command: &Command) -> impl Iterator<Item = &Command> {
    command
        .get_subcommands()
        .filter(|below| !below.is_hide_set() && below.get_name() != "help")
}

/// Writes the pages of a command and of all below it, and says how many there are.
fn write_all(command: &Command, folder: &Path) -> Result<usize, Failure> {
    fs::create_dir_all(folder).map_err(|cause| unwritten(&folder.display().to_string(), &cause))?;
    let path = folder.join(Page::new(command.clone()).get_filename());
    rendered(command)
        .and_then(|text| fs::write(&path, text))
        .map_err(|cause| unwritten(&path.display().to_string(), &cause))?;
    shown(command).try_fold(1, |count, below| Ok(count + write_all(below, folder)?))
}

fn rendered(command: &Command) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    // No date: the same program gives the same bytes whenever it is packed.
    Page::new(command.clone())
        .source(concat!("embargo ", env!("CARGO_PKG_VERSION")))
        .manual(MANUAL)
        .render(&mut text)?;
    Ok(text)
}

fn unwritten(what: &str, cause: &io::Error) -> Failure {
    Failure::Said(format!(
        "the manual cannot be written: {what}: {cause}\n  hint: name a folder that can be written with `--out`"
    ))
}
