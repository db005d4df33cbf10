//! Intake: from files, folders and standard input to facts of hosts, one after the other.
//!
//! A file holds facts in Embargo's own form or an inventory, of one host or of many. What
//! cannot be read is told for itself and keeps no other host from being judged; no part of a
//! document that is unsound is ever taken for the whole. Documents are parsed on all cores
//! (`line`), and come out in the order in which they went in.

mod account;
mod files;
mod line;
mod origin;
mod parser;
mod progress;

use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use embargo_core::diagnostic::Span;
use embargo_core::facts::HostFacts;
use embargo_core::facts::inventory::{About, Documents, Format};

use crate::args;
use crate::commands::Failure;

pub(crate) use self::account::Account;
use self::line::Line;
pub(crate) use self::origin::{Origin, Unread};
use self::parser::Parser;
use self::progress::Progress;

/// The example host, so that a pasted command works from anywhere.
const EXAMPLE: &str = include_str!("../examples/federal-laptop.yaml");

/// A host that was read.
pub(crate) struct Told {
    pub(crate) account: Account,
    pub(crate) facts: HostFacts,
}

/// What is done with each host, or with the reason why there is none. An error ends all.
pub(crate) type Visit<'v> = &'v mut dyn FnMut(Result<Told, Unread>) -> Result<(), Failure>;

/// Reads documents.
pub(crate) struct Intake {
    parser: Arc<Parser>,
}

impl Intake {
    /// # Errors
    /// If what is said about all hosts cannot be read.
    pub(crate) fn new(from: Option<Format>, about: &args::About) -> Result<Self, Failure> {
        let about = match &about.about {
            Some(path) => self::about(path)?,
            None => About::default(),
        };
        Ok(Self {
            parser: Arc::new(Parser { from, about }),
        })
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
        let parser = Arc::new(Parser {
            from: Some(Format::Facts),
            about: About::default(),
        });
        let mut line = Line::new(&parser, visit);
        let document = Document::new("the example", "", "");
        line.document(document, EXAMPLE.as_bytes().to_vec())?;
        line.finish()
    }

    /// The example host by itself.
    ///
    /// # Errors
    /// Not as shipped.
    pub(crate) fn of_example() -> Result<Told, Failure> {
        let mut told = Err(Failure::Said("the example holds no host".to_owned()));
        Self::example(&mut |host| {
            told = host.map_err(Failure::from);
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
        let line = &mut Line::new(&self.parser, visit);
        for file in files {
            let file = match file {
                Ok(file) => file,
                Err(unread) => {
                    line.fault(unread)?;
                    continue;
                }
            };
            let name = file.display().to_string();
            if name == "-" {
                several |= self.stream("standard input", "", std::io::stdin(), line)?;
                continue;
            }
            match std::fs::File::open(&file) {
                Ok(open) => {
                    let counted = progress.count(open);
                    several |= self.stream(&name, &slashed(&file), counted, line)?;
                }
                Err(cause) => line.fault(Unread {
                    origin: Origin::of_file(&name, &slashed(&file)),
                    failure: Failure::Unreadable {
                        what: format!("`{name}`"),
                        cause,
                    },
                })?,
            }
        }
        line.finish()?;
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
        line: &mut Line<'_>,
    ) -> Result<bool, Failure> {
        let unread = |cause: &dyn std::fmt::Display| Unread {
            origin: Origin::of_file(name, path),
            failure: Failure::Said(format!("{name}: {cause}")),
        };
        let documents = match Documents::new(BufReader::new(from)) {
            Ok(documents) => documents,
            Err(cause) => {
                line.fault(unread(&cause))?;
                return Ok(false);
            }
        };
        let several = documents.is_several();
        for piece in documents {
            match piece {
                Ok(piece) => {
                    line.document(Document::new(name, path, &piece.place), piece.bytes)?;
                }
                Err(cause) => line.fault(unread(&cause))?,
            }
        }
        line.end_of_file()?;
        Ok(several)
    }
}

/// A document, and what it is called.
struct Document {
    /// Where it stands. Some formats keep names in the path.
    origin: Origin,
    /// What a host in it is called that nobody names: as the file is, without its ending.
    called: String,
    /// What its file is called in messages.
    file: String,
}

impl Document {
    fn new(name: &str, path: &str, place: &str) -> Self {
        let stem = stem(path);
        let stem = if stem.is_empty() { name } else { stem };
        let (shown, called) = match place {
            "" => (name.to_owned(), stem.to_owned()),
            place => (format!("{name} {place}"), format!("{stem} {place}")),
        };
        let number = place
            .strip_prefix("line ")
            .and_then(|line| line.parse().ok());
        Self {
            origin: Origin {
                shown,
                path: path.to_owned(),
                line: number,
            },
            called,
            file: name.to_owned(),
        }
    }

    /// Where a place in the document is in its file.
    fn placed(&self, mut span: Span) -> Span {
        match self.origin.line {
            Some(number) => {
                self.file.clone_into(&mut span.path);
                let above = number.saturating_sub(1);
                span.start_line = span.start_line.saturating_add(above);
                span.end_line = span.end_line.saturating_add(above);
            }
            None => self.origin.shown.clone_into(&mut span.path),
        }
        span
    }
}

/// The name of a file without its ending.
fn stem(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or_default();
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    // Bills of materials end twice.
    [".spdx", ".cdx", ".bom"]
        .iter()
        .find_map(|ending| stem.strip_suffix(ending))
        .unwrap_or(stem)
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
        for (path, place, wanted) in [
            ("/var/hosts/server-1.status", "", "server-1"),
            ("shop_11.1.2.cdx.json", "", "shop_11.1.2"),
            ("hosts/all.ndjson", "line 7", "all line 7"),
            ("", "", "standard input"),
            ("hosts/.hidden", "", "standard input"),
        ] {
            let document = Document::new("standard input", path, place);
            assert_eq!(document.called, wanted);
        }
    }
}
