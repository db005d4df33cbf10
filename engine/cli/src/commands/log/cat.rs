//! `embargo log cat`: entries, for people or as they stand in the log.

use std::io::{self, BufWriter, ErrorKind, StdoutLock, Write as _};

use embargo_core::instrument::Effect;
use embargo_service::{Stored, StoredLog, masked};
use serde_json::Value;

use super::entry::{Entry, effect};
use crate::args::log::{Cat, CatFormat, EffectWord};
use crate::commands::Failure;
use crate::commands::diff::coloured;
use crate::exit::Exit;
use crate::output::{self, Paint, pretty};

pub(super) fn run(cat: &Cat) -> Result<Exit, Failure> {
    let host = match (&cat.host, &cat.hmac_key_file) {
        (Some(host), Some(key)) => Some(masked(host, key)?),
        (host, _) => host.clone(),
    };
    let mut out = Out::new();
    let mut is_whole = true;
    for found in StoredLog::open(&cat.logs)? {
        match found? {
            Stored::Entry { place, text, .. } => {
                let Some(entry) = Entry::read(&text) else {
                    out.flush()?;
                    output::complain(&format!("{place}: this is no entry that a server wrote"));
                    is_whole = false;
                    continue;
                };
                if !is_wanted(&entry, cat, host.as_deref()) {
                    continue;
                }
                match cat.format {
                    CatFormat::Jsonl => {
                        out.write(&text)?;
                        out.write(b"\n")?;
                    }
                    CatFormat::Pretty => out.write(line(&entry, out.paint).as_bytes())?,
                }
            }
            Stored::Fault { place, fault } => {
                out.flush()?;
                output::complain(&format!("{place}: {fault}"));
                is_whole = false;
            }
            Stored::Unfinished { place, bytes } => {
                out.flush()?;
                output::remark(&format!(
                    "{place}: the last {bytes} bytes are no whole entry yet, or never became one"
                ));
            }
        }
        if out.is_gone {
            return Ok(Exit::Done);
        }
    }
    out.flush()?;
    Ok(if is_whole {
        Exit::Done
    } else {
        Exit::Undecided
    })
}

/// The standard output, gathered; whoever reads it may go.
struct Out {
    to: BufWriter<StdoutLock<'static>>,
    paint: Paint,
    is_gone: bool,
}

impl Out {
    fn new() -> Self {
        Self {
            to: BufWriter::with_capacity(64 * 1_024, io::stdout().lock()),
            paint: Paint::for_results(),
            is_gone: false,
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let written = self.to.write_all(bytes);
        self.settle(written)
    }

    fn flush(&mut self) -> Result<(), Failure> {
        let flushed = self.to.flush();
        self.settle(flushed)
    }

    fn settle(&mut self, outcome: io::Result<()>) -> Result<(), Failure> {
        match outcome {
            Err(cause) if cause.kind() == ErrorKind::BrokenPipe => self.is_gone = true,
            Err(cause) => {
                return Err(Failure::Said(format!(
                    "the result cannot be written: {cause}"
                )));
            }
            Ok(()) => {}
        }
        Ok(())
    }
}

fn is_wanted(entry: &Entry, cat: &Cat, host: Option<&str>) -> bool {
    let is_of = |wanted: Option<&str>, place| wanted.is_none_or(|text| entry.text(place) == text);
    let is_within = (cat.since.is_none() && cat.until.is_none())
        || entry.time().is_some_and(|time| {
            cat.since.is_none_or(|since| time >= since)
                && cat.until.is_none_or(|until| time < until)
        });
    let has_effect = cat.effect.is_empty() || cat.effect.contains(&word(entry.effect()));
    is_within
        && has_effect
        && is_of(host, "facts/hostId")
        && is_of(cat.door.as_deref(), "door")
        && is_of(cat.principal.as_deref(), "principal/name")
}

const fn word(effect: Option<Effect>) -> EffectWord {
    match effect {
        None => EffectWord::None,
        Some(Effect::Allow) => EffectWord::Allow,
        Some(Effect::Warn) => EffectWord::Warn,
        Some(Effect::Review) => EffectWord::Review,
        Some(Effect::Indeterminate) => EffectWord::Indeterminate,
        Some(Effect::Deny) => EffectWord::Deny,
    }
}

/// An entry for people: what was answered, and what was found.
fn line(entry: &Entry, paint: Paint) -> String {
    let clean = |place: &str| match entry.text(place) {
        "" => "-".to_owned(),
        text => pretty::clean(text),
    };
    let (answer, width) = match entry.effect() {
        Some(effect) => (coloured(effect, paint), effect.word().len()),
        None => (paint.dim("REFUSED"), "refused".len()),
    };
    let gap = 13_usize.saturating_sub(width);
    let mut text = format!(
        "{}  {answer}{:gap$}  {}  {}  {}  {}  {}\n",
        clean("timestamp"),
        "",
        entry.action().map_or("-", |action| action.word()),
        paint.bold(&clean("facts/hostId")),
        clean("door"),
        clean("principal/name"),
        paint.dim(&clean("eventId")),
    );
    if entry.effect().is_none() {
        text.push_str(&format!(
            "    {}  {}\n",
            clean("error/code"),
            clean("error/reason")
        ));
    }
    for finding in entry.listed("findings") {
        let of = |key: &str| {
            let text = finding.get(key).and_then(Value::as_str).unwrap_or_default();
            pretty::clean(text)
        };
        let stand = match of("disposition").as_str() {
            "DISPOSITION_EXEMPT" => "exempt".to_owned(),
            "DISPOSITION_WAIVED" => "waived".to_owned(),
            _ => effect(&of("effect")).map_or_else(String::new, |known| known.word().to_owned()),
        };
        let rule = match of("instrumentId") {
            instrument if instrument.is_empty() => of("policyId"),
            instrument => instrument,
        };
        let found = format!("    {stand:<6}  {rule}  {}", of("productId"));
        text.push_str(found.trim_end());
        text.push('\n');
    }
    for failure in entry.listed("failures") {
        let policy = failure.get("policyId").and_then(Value::as_str);
        text.push_str(&format!(
            "    failed  {}\n",
            pretty::clean(policy.unwrap_or_default())
        ));
    }
    text
}
