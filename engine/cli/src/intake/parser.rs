//! The parser: from a document to facts of hosts, by itself and on any thread.

use embargo_core::diagnostic::Span;
use embargo_core::facts::inventory::{self, About, Format, InventoriedHost};

use super::{Account, Document, Origin, Told, Unread};
use crate::commands::Failure;

/// How documents are read.
pub(super) struct Parser {
    pub(super) from: Option<Format>,
    pub(super) about: About,
}

/// What a document gave.
pub(super) enum Parsed {
    /// Hosts, each whole.
    Hosts(Vec<Result<Told, Unread>>),
    /// Hosts that may go on in the next document: osquery's tables come in documents of their
    /// own.
    Parts(Vec<Held>),
}

/// A host that may go on in the next document.
pub(super) struct Held {
    origin: Origin,
    /// What it is called if nobody names it.
    unnamed: String,
    host: InventoriedHost,
}

impl Held {
    /// Whether another part is about the same host.
    pub(super) fn is_continued_by(&self, next: &Self) -> bool {
        self.host.is_continued_by(&next.host)
    }

    /// Takes in what another part says about the same host.
    pub(super) fn join(&mut self, next: Self) {
        self.host.join(next.host);
    }
}

impl Parser {
    /// Reads a document.
    pub(super) fn parse(&self, document: &Document, bytes: &[u8]) -> Parsed {
        let refused = |failure| {
            Parsed::Hosts(vec![Err(Unread {
                origin: document.origin.clone(),
                failure,
            })])
        };
        let read = match inventory::read(&document.origin.path, bytes, self.from) {
            Ok(read) => read,
            Err(mut fault) => {
                let span = fault.span.take();
                let span = span.unwrap_or_else(|| Span::start_of(&document.origin.shown));
                fault.span = Some(document.placed(span));
                return refused(Failure::Diagnostic(fault));
            }
        };
        let unnamed = read.unnamed();
        if self.about.names_host() && unnamed > 1 {
            return refused(Failure::Said(format!(
                "{} leaves {unnamed} hosts without a name, and `--about` names one\n  hint: leave `host_id` out of it, and they are called as the file",
                document.origin
            )));
        }
        let format = read.format;
        let several = read.hosts.len() > 1;
        let hosts = read.hosts.into_iter().enumerate();
        let held = hosts.map(|(index, host)| Held {
            origin: document.origin.clone(),
            // Facts in Embargo's own form name their host.
            unnamed: match format {
                Format::Facts => String::new(),
                _ if several => format!("{}#{}", document.called, index + 1),
                _ => document.called.clone(),
            },
            host,
        });
        if format == Format::Osquery {
            Parsed::Parts(held.collect())
        } else {
            Parsed::Hosts(held.map(|held| self.told(held, format)).collect())
        }
    }

    /// The facts of a host that is whole.
    pub(super) fn told(&self, mut held: Held, format: Format) -> Result<Told, Unread> {
        let records = held.host.records;
        let remarks = std::mem::take(&mut held.host.remarks);
        match self.about.facts(held.host, &held.unnamed) {
            Ok(facts) => Ok(Told {
                account: Account::new(held.origin, format, &facts, records, remarks),
                facts,
            }),
            Err(cause) => Err(Unread {
                failure: Failure::Facts {
                    file: held.origin.to_string(),
                    cause,
                },
                origin: held.origin,
            }),
        }
    }
}
