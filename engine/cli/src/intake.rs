//! Intake: from files, folders and standard input to facts of hosts, one after the other.
//!
//! A file holds facts in Embargo's own form or an inventory, of one host or of many. What
//! cannot be read is told for itself and keeps no other host from being judged; no part of a
//! document that is unsound is ever taken for the whole.

mod account;
mod files;
mod progress;

use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use embargo_core::facts::HostFacts;
use embargo_core::facts::inventory::{self, About, Documents, Format, InventoriedHost, Piece};

use crate::args;
use crate::commands::Failure;

pub(crate) use self::account::Account;
use self::progress::Progress;

/// The example host, so that a pasted command works from anywhere.
const EXAMPLE: &str = include_str!("../examples/federal-laptop.yaml");

/// A host that was read.
pub(crate) struct Told {
    pub(crate) account: Account,
    pub(crate) facts: HostFacts,
}

/// What is done with each host, or with the reason why there is none. An error ends all.
pub(crate) type Visit<'v> = &'v mut dyn FnMut(Result<Told, Failure>) -> Result<(), Failure>;

/// Reads documents.
pub(crate) struct Intake {
    from: Option<Format>,
    about: About,
}

impl Intake {
    /// # Errors
    /// If what is said about all hosts cannot be read.
    pub(crate) fn new(from: Option<Format>, about: &args::About) -> Result<Self, Failure> {
        let about = match &about.about {
            Some(path) => self::about(path)?,
            None => About::default(),
        };
        Ok(Self { from, about })
    }

    /// Whether there may be several hosts, so that the answer is a list.
    pub(crate) fn is_several(inputs: &[PathBuf]) -> bool {
        inputs.len() > 1 || inputs.iter().any(|input| input.is_dir())
    }

    /// The example host.
    ///
    /// # Errors
    /// Not as shipped.
    pub(crate) fn example(visit: Visit<'_>) -> Result<(), Failure> {
        let intake = Self {
            from: Some(Format::Facts),
            about: About::default(),
        };
        intake.document("the example", "", EXAMPLE.as_bytes(), &mut None, visit)
    }

    /// The example host by itself.
    ///
    /// # Errors
    /// Not as shipped.
    pub(crate) fn of_example() -> Result<Told, Failure> {
        let mut told = Err(Failure::Said("the example holds no host".to_owned()));
        Self::example(&mut |host| {
            told = host;
            Ok(())
        })?;
        told
    }

    /// Reads all hosts of files, folders and standard input (`-`), in the order of the
    /// arguments and of the paths in a folder. Tells whether a file had several documents.
    ///
    /// # Errors
    /// What `visit` gives. What is wrong with a file is told to `visit`.
    pub(crate) fn each(&self, inputs: &[PathBuf], visit: Visit<'_>) -> Result<bool, Failure> {
        let files = files::below(inputs);
        let progress = Progress::over(&files);
        let mut several = files.len() > 1;
        for file in files {
            let file = match file {
                Ok(file) => file,
                Err(failure) => {
                    visit(Err(failure))?;
                    continue;
                }
            };
            let name = file.display().to_string();
            if name == "-" {
                several |= self.stream("standard input", "", std::io::stdin(), visit)?;
                continue;
            }
            match std::fs::File::open(&file) {
                Ok(open) => {
                    let counted = progress.count(open);
                    several |= self.stream(&name, &slashed(&file), counted, visit)?;
                }
                Err(cause) => visit(Err(Failure::Unreadable {
                    what: format!("`{name}`"),
                    cause,
                }))?,
            }
        }
        Ok(several)
    }

    /// The one host of a file.
    ///
    /// # Errors
    /// If it cannot be read, or has none or several.
    pub(crate) fn only(&self, input: &Path) -> Result<Told, Failure> {
        let mut told = Vec::new();
        self.each(&[input.to_owned()], &mut |host| {
            told.push(host?);
            Ok(())
        })?;
        match told.len() {
            1 => told.pop().ok_or_else(|| Failure::Said(String::new())),
            count => Err(Failure::Said(format!(
                "`{}` tells of {count} hosts, and one is asked about\n  hint: give a file of one host",
                input.display()
            ))),
        }
    }

    fn stream(
        &self,
        name: &str,
        path: &str,
        from: impl Read,
        visit: Visit<'_>,
    ) -> Result<bool, Failure> {
        let documents = match Documents::new(BufReader::new(from)) {
            Ok(documents) => documents,
            Err(cause) => {
                visit(Err(Failure::Said(format!("{name}: {cause}"))))?;
                return Ok(false);
            }
        };
        let several = documents.is_several();
        let mut held = None;
        for piece in documents {
            match piece {
                Ok(Piece { place, bytes }) => {
                    let name = if place.is_empty() {
                        name.to_owned()
                    } else {
                        format!("{name} {place}")
                    };
                    self.document(&name, path, &bytes, &mut held, visit)?;
                }
                Err(cause) => visit(Err(Failure::Said(format!("{name}: {cause}"))))?,
            }
        }
        self.release(held, visit)?;
        Ok(several)
    }

    /// Reads a document. The last host of one of osquery's is held back: its tables come in
    /// documents of their own.
    fn document(
        &self,
        name: &str,
        path: &str,
        bytes: &[u8],
        held: &mut Option<Held>,
        visit: Visit<'_>,
    ) -> Result<(), Failure> {
        let shown = if path.is_empty() { name } else { path };
        let read = match inventory::read(shown, bytes, self.from) {
            Ok(read) => read,
            Err(mut fault) => {
                self.release(held.take(), visit)?;
                if let Some(span) = &mut fault.span {
                    name.clone_into(&mut span.path);
                } else {
                    fault.message = format!("{name}: {}", fault.message);
                }
                return visit(Err(Failure::Diagnostic(fault)));
            }
        };
        for host in read.hosts {
            if let Some(before) = held
                && before.format == read.format
                && before.host.is_continued_by(&host)
            {
                before.host.join(host);
                continue;
            }
            self.release(held.take(), visit)?;
            let next = Held {
                name: name.to_owned(),
                path: path.to_owned(),
                format: read.format,
                host,
            };
            if read.format == Format::Osquery {
                *held = Some(next);
            } else {
                self.release(Some(next), visit)?;
            }
        }
        Ok(())
    }

    fn release(&self, held: Option<Held>, visit: Visit<'_>) -> Result<(), Failure> {
        let Some(mut held) = held else { return Ok(()) };
        let records = held.host.records;
        let remarks = std::mem::take(&mut held.host.remarks);
        // Facts in Embargo's own form name their host.
        let unnamed = match held.format {
            Format::Facts => String::new(),
            _ => unnamed(&held.path, &held.name),
        };
        visit(match self.about.facts(held.host, &unnamed) {
            Ok(facts) => Ok(Told {
                account: Account::new(held.name, held.format, &facts, records, remarks),
                facts,
            }),
            Err(cause) => Err(Failure::Facts {
                file: held.name,
                cause,
            }),
        })
    }
}

/// A host that may go on in the next document.
struct Held {
    name: String,
    path: String,
    format: Format,
    host: InventoriedHost,
}

/// What a host is called that nobody names: as the file is, without its ending.
fn unnamed(path: &str, name: &str) -> String {
    let file = path.rsplit('/').next().unwrap_or_default();
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    // Bills of materials end twice.
    let stem = [".spdx", ".cdx", ".bom"]
        .iter()
        .find_map(|ending| stem.strip_suffix(ending))
        .unwrap_or(stem);
    if stem.is_empty() { name } else { stem }.to_owned()
}

fn about(path: &Path) -> Result<About, Failure> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|cause| Failure::Unreadable {
        what: format!("`{name}`"),
        cause,
    })?;
    About::read(&name, &text).map_err(Failure::Diagnostic)
}

fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_nobody_names_is_called_as_its_file() {
        assert_eq!(unnamed("/var/hosts/server-1.status", "x"), "server-1");
        assert_eq!(unnamed("shop_11.1.2.cdx.json", "x"), "shop_11.1.2");
        assert_eq!(unnamed("", "standard input"), "standard input");
        assert_eq!(unnamed("hosts/.hidden", "y"), "y");
    }
}
