//! `embargo decide`: judge hosts, here or by a server.

mod answers;
mod summary;

use embargo_core::decision::Question;

use crate::args::Decide;
use crate::commands::Failure;
use crate::exit::{self, Exit};
use crate::intake::{Intake, Told, Visit};
use crate::judges::{Asking, Judged, Judges};
use crate::offline::{self, Desk};
use crate::output::{self, Paint};
use crate::policies;

use self::answers::Answers;
use self::summary::Summary;

pub(crate) fn run(decide: &Decide) -> Result<Exit, Failure> {
    if decide.emit_input {
        return emit_input(decide);
    }
    let several = Intake::is_several(&decide.files);
    let mut judges = Judges::new(&Asking {
        policies: &decide.asked.policies,
        server: decide.asked.server.as_deref(),
        access: &decide.asked.access,
        action: decide.asked.action,
        at: decide.at,
        limit: None,
    })?;
    let mut sink = if decide.summary {
        Sink::Summary(Summary::default())
    } else {
        Sink::Answers(Answers::new(decide.asked.format, several))
    };
    let mut end = Exit::Done;
    let mut take = |judged: Judged| {
        end = exit::graver(end, sink.take(judged, decide)?);
        Ok(())
    };
    let several = each(decide, &mut |told| {
        judges.submit(told).into_iter().try_for_each(&mut take)
    })?;
    judges.finish().into_iter().try_for_each(&mut take)?;
    sink.finish(several, decide)?;
    Ok(end)
}

/// Reads all hosts that are asked about.
fn each(decide: &Decide, visit: Visit<'_>) -> Result<bool, Failure> {
    if decide.example {
        Intake::example(visit)?;
        return Ok(false);
    }
    Intake::new(decide.inventory.from, &decide.inventory.about)?.each(&decide.files, visit)
}

/// Where decisions go.
enum Sink {
    Answers(Answers),
    Summary(Summary),
}

impl Sink {
    fn take(&mut self, judged: Judged, decide: &Decide) -> Result<Exit, Failure> {
        let (account, decision) = match judged {
            Judged::Host(account, Ok(decision)) => (account, decision),
            Judged::Host(_, Err(failure)) => return Ok(self.lacks(&failure)),
            Judged::Unread(unread) => return Ok(self.lacks(&unread.failure)),
        };
        let end = exit::of_effect(decision.effect(), decide.fail_on);
        match self {
            Self::Answers(answers) => answers.add(&account, &decision)?,
            Self::Summary(summary) => summary.add(&account, &decision),
        }
        Ok(end)
    }

    /// Says why there is no decision.
    fn lacks(&mut self, failure: &Failure) -> Exit {
        output::complain(&failure.to_string());
        if let Self::Summary(summary) = self {
            summary.unjudged();
        }
        Exit::Undecided
    }

    fn finish(self, several: bool, decide: &Decide) -> Result<(), Failure> {
        match self {
            Self::Answers(answers) => answers.finish(several),
            Self::Summary(summary) => {
                output::print(&summary.written(decide.asked.format, Paint::for_results()))
            }
        }
    }
}

fn emit_input(decide: &Decide) -> Result<Exit, Failure> {
    let desk = Desk::new(policies::snapshot(&decide.asked.policies)?)?;
    let at = decide.at.unwrap_or_else(offline::now);
    let action = decide.asked.action;
    let mut end = Exit::Done;
    each(decide, &mut |told| {
        let Told { facts, .. } = match told {
            Ok(told) => told,
            Err(unread) => {
                output::complain(&unread.failure.to_string());
                end = Exit::Undecided;
                return Ok(());
            }
        };
        let input = desk.work(move |evaluator| {
            evaluator.input_json(Question {
                facts: &facts,
                action,
                at,
            })
        })?;
        output::print(&format!("{input}\n"))
    })?;
    Ok(end)
}
