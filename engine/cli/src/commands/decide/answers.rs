//! The decisions in full, each as soon as it is there: one host gives one object, several a
//! list.

use embargo_client::v1;

use crate::args::Format;
use crate::commands::Failure;
use crate::intake::Account;
use crate::output::{self, Paint, json, pretty};

pub(super) struct Answers {
    format: Format,
    /// A list is written, whatever its length.
    several: bool,
    written: usize,
    /// The first decision, as long as it may be the only one.
    first: Option<String>,
}

impl Answers {
    pub(super) const fn new(format: Format, several: bool) -> Self {
        Self {
            format,
            several,
            written: 0,
            first: None,
        }
    }

    pub(super) fn add(
        &mut self,
        account: &Account,
        decision: &v1::Decision,
    ) -> Result<(), Failure> {
        let alone = !self.several && self.written == 0 && self.first.is_none();
        account.say(!alone);
        match self.format {
            Format::Pretty => {
                let page = pretty::decision(decision, Paint::for_results());
                let gap = if self.written > 0 { "\n" } else { "" };
                self.written += 1;
                output::print(&format!("{gap}{page}"))
            }
            Format::Json => {
                let text = json::text(&json::decision(decision));
                if alone {
                    self.first = Some(text);
                    return Ok(());
                }
                if let Some(first) = self.first.take() {
                    self.element(&first)?;
                }
                self.element(&text)
            }
        }
    }

    fn element(&mut self, text: &str) -> Result<(), Failure> {
        let before = if self.written == 0 { "[\n" } else { ",\n" };
        self.written += 1;
        let indented: Vec<String> = text.lines().map(|line| format!("  {line}")).collect();
        output::print(&format!("{before}{}", indented.join("\n")))
    }

    /// Ends the list, if there is one. `several` says whether the files could hold several
    /// hosts.
    pub(super) fn finish(mut self, several: bool) -> Result<(), Failure> {
        if self.format == Format::Pretty {
            return Ok(());
        }
        match self.first.take() {
            Some(only) if !several => return output::print(&only),
            Some(only) => self.element(&only)?,
            None => {}
        }
        match (self.written, several || self.several) {
            (0, true) => output::print("[]\n"),
            (0, false) => Ok(()),
            _ => output::print("\n]\n"),
        }
    }
}
