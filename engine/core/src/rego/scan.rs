//! The scan: bounds on a source that hold before the evaluator's parser sees it.
//!
//! The parser takes time exponential in the nesting of literals and recurses on brackets and
//! signs; what it makes of a long expression is as deep as the expression is long, and the
//! evaluator recurses on that; and it takes time quadratic in the statements of a body. So a
//! source is read here as words and signs, in one pass and without recursion. What counts is
//! never less than what the parser makes of it.

use crate::diagnostic::{Diagnostic, Span};

/// Nesting of `[` and `{` beyond which a source is refused. Twelve levels parse in some
/// 50 ms; each further one doubles that.
const LEVELS: usize = 12;
/// Nesting of brackets of every kind.
const BRACKETS: usize = 64;
/// What all literals together may cost, where one at depth `n` costs `2ⁿ`.
const COST: usize = 1 << 19;
/// How deep expressions may be: signs, steps of references and brackets that stand in each other.
const DEPTH: usize = 500;
/// Statements of one body.
const STATEMENTS: usize = 300;
/// Bytes of a line, at most; the evaluator's own limit counts characters.
pub(super) const LINE_BYTES: usize = 1_024;

/// Checks a source.
///
/// # Errors
/// The first place at which it passes a bound.
pub(super) fn check(path: &str, text: &str) -> Result<(), Diagnostic> {
    let mut scan = Scan::default();
    let mut in_raw = false;
    for (number, line) in text.lines().enumerate() {
        let fault = |(column, fault): (usize, Fault)| {
            let line = u32::try_from(number + 1).unwrap_or(u32::MAX);
            let column = u32::try_from(column + 1).unwrap_or(u32::MAX);
            fault
                .diagnostic()
                .at(Span::at(path, line, column))
                .excerpt_from(text)
        };
        if line.len() > LINE_BYTES {
            return Err(fault((0, Fault::Line(line.len()))));
        }
        if let Some(column) = line.bytes().position(|byte| byte == 0) {
            return Err(fault((column, Fault::Nul)));
        }
        scan.line(line, &mut in_raw).map_err(fault)?;
    }
    Ok(())
}

/// What is wrong.
enum Fault {
    Line(usize),
    Nul,
    Levels,
    Brackets,
    Cost,
    Depth,
    Statements,
}

impl Fault {
    fn diagnostic(&self) -> Diagnostic {
        let deep = |message: String| Diagnostic::error("rego-too-deep", message);
        let large = |message: String| Diagnostic::error("rego-too-large", message);
        match self {
            Self::Line(bytes) => Diagnostic::error(
                "rego-line-length",
                format!("the line has {bytes} bytes, and may have {LINE_BYTES}"),
            )
            .hint("break the line"),
            // The evaluator takes it for the end of the file, and what follows would be lost.
            Self::Nul => Diagnostic::error("rego-parse-error", "a NUL character is no Rego")
                .hint("remove it, or save the file as UTF-8"),
            Self::Levels => deep(format!("brackets are nested deeper than {LEVELS} levels"))
                .hint("move inner values into rules of their own, or large data into `data/`"),
            Self::Brackets => deep(format!("brackets are nested deeper than {BRACKETS} levels"))
                .hint("give inner values names with `:=`"),
            Self::Cost => large("the literals of the file are too many and too deep".to_owned())
                .hint("move large data into `data/`, or split the file"),
            Self::Depth => deep(format!(
                "an expression has more than {DEPTH} parts in a row"
            ))
            .hint("give parts of it names, or use `sum`, `union` or `some … in`"),
            Self::Statements => large(format!("a body has more than {STATEMENTS} statements"))
                .hint("move some of them into rules of their own"),
        }
    }
}

/// The inside of a bracket, or the file itself.
#[derive(Default)]
struct Frame {
    /// How deep the present expression is by now.
    depth: usize,
    /// How deep the deepest one before it is.
    deepest: usize,
    statements: usize,
    is_round: bool,
}

#[derive(Default)]
struct Scan {
    outer: Vec<Frame>,
    here: Frame,
    cost: usize,
    /// `[` and `{` that are open.
    levels: usize,
    /// Whether an expression may end at the end of a line: its last part needs nothing behind.
    may_end: bool,
    /// Whether a line has ended where an expression may, so that the next part says whether
    /// it has.
    line_ended: bool,
}

impl Scan {
    fn line(&mut self, line: &str, in_raw: &mut bool) -> Result<(), (usize, Fault)> {
        let mut bytes = line.bytes().enumerate().peekable();
        while let Some((column, byte)) = bytes.next() {
            let fault = |fault| (column, fault);
            if *in_raw {
                *in_raw = byte != b'`';
                continue;
            }
            match byte {
                b' ' | b'\t' | b'\r' => {}
                b'#' => break,
                b'`' => {
                    *in_raw = true;
                    self.part();
                }
                b'"' => {
                    while let Some((_, byte)) = bytes.next() {
                        match byte {
                            b'\\' => drop(bytes.next()),
                            b'"' => break,
                            _ => {}
                        }
                    }
                    self.part();
                }
                b'(' | b'[' | b'{' => self.open(byte).map_err(fault)?,
                b')' | b']' | b'}' => self.close(byte).map_err(fault)?,
                b',' | b';' | b':' => self.separate(byte).map_err(fault)?,
                _ if byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii() => {
                    let mut end = column + 1;
                    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
                    while bytes.next_if(|(_, byte)| is_word(*byte)).is_some() {
                        end += 1;
                    }
                    match line.get(column..end) {
                        Some("in") => self.sign().map_err(fault)?,
                        Some("else") => self.end(),
                        _ => {
                            self.begin().map_err(fault)?;
                            self.part();
                        }
                    }
                }
                _ => self.sign().map_err(fault)?,
            }
        }
        self.line_ended |= self.may_end;
        Ok(())
    }

    /// Something that an expression can end with.
    const fn part(&mut self) {
        self.may_end = true;
    }

    /// Something that begins an expression, if the one before it may have ended.
    fn begin(&mut self) -> Result<(), Fault> {
        if self.line_ended {
            self.statement()?;
        }
        Ok(())
    }

    fn statement(&mut self) -> Result<(), Fault> {
        self.end();
        self.here.statements += 1;
        // Rules are no statements, and in round brackets there are none.
        if self.here.statements > STATEMENTS && !self.outer.is_empty() && !self.here.is_round {
            return Err(Fault::Statements);
        }
        Ok(())
    }

    /// The present expression has ended.
    fn end(&mut self) {
        self.here.deepest = self.here.deepest.max(self.here.depth);
        self.here.depth = 0;
        self.may_end = false;
        self.line_ended = false;
    }

    fn sign(&mut self) -> Result<(), Fault> {
        self.may_end = false;
        self.line_ended = false;
        self.deepen(1)
    }

    fn deepen(&mut self, by: usize) -> Result<(), Fault> {
        self.here.depth += by;
        if self.here.depth > DEPTH {
            return Err(Fault::Depth);
        }
        Ok(())
    }

    fn separate(&mut self, byte: u8) -> Result<(), Fault> {
        if byte == b';' {
            return self.statement();
        }
        self.end();
        Ok(())
    }

    fn open(&mut self, byte: u8) -> Result<(), Fault> {
        let is_round = byte == b'(';
        if !is_round {
            // What is called may stand on the line before.
            self.begin()?;
            self.levels += 1;
            if self.levels > LEVELS {
                return Err(Fault::Levels);
            }
            self.cost += 1 << self.levels;
            if self.cost > COST {
                return Err(Fault::Cost);
            }
        }
        if self.outer.len() >= BRACKETS {
            return Err(Fault::Brackets);
        }
        let inside = Frame {
            is_round,
            ..Frame::default()
        };
        self.outer.push(std::mem::replace(&mut self.here, inside));
        self.may_end = false;
        self.line_ended = false;
        Ok(())
    }

    fn close(&mut self, byte: u8) -> Result<(), Fault> {
        self.end();
        if byte != b')' {
            self.levels = self.levels.saturating_sub(1);
        }
        let inside = std::mem::take(&mut self.here);
        self.here = self.outer.pop().unwrap_or_default();
        self.may_end = true;
        self.deepen(inside.deepest + 1)
    }
}

#[cfg(test)]
mod tests;
