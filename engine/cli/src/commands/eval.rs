//! `embargo eval`: a query in Rego, with the flags and the answers of `opa eval`.
//!
//! For authors at their desk. No server has it: there, no text of a request is a query.

mod sources;
mod written;

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use embargo_core::diagnostic::Diagnostic;
use embargo_core::query::{self, Query};

use crate::args::eval::{Eval, EvalFormat};
use crate::commands::Failure;
use crate::exit::Exit;
use crate::output;

/// Stack of the thread that evaluates: rules recurse on it.
const STACK_BYTES: usize = 64 * 1_024 * 1_024;
/// What an evaluation may take beyond its time, which it looks at between steps only.
const GRACE: Duration = Duration::from_secs(2);

type Answer = Result<Vec<serde_json::Value>, Vec<Diagnostic>>;

pub(crate) fn run(eval: &Eval) -> Result<Exit, Failure> {
    let answer = match (sources::gathered(eval)?, sources::input(eval)?) {
        (Ok(sources), Ok(input)) => within_time(
            eval.timeout,
            sources,
            Query {
                text: eval.query.clone(),
                package: eval.package.clone(),
                imports: eval.import.clone(),
                input,
                strict: eval.strict_builtin_errors,
                budget: eval.timeout,
            },
        )?,
        (Err(faults), _) => Err(faults),
        (_, Err(fault)) => Err(vec![fault]),
    };
    match &answer {
        Ok(results) => {
            output::print(&written::results(results, eval.format))?;
            let is_defined = !results.is_empty();
            Ok(
                if (eval.fail && !is_defined) || (eval.fail_defined && is_defined) {
                    Exit::Refused
                } else {
                    Exit::Done
                },
            )
        }
        Err(faults) => {
            if eval.format == EvalFormat::Json {
                output::print(&written::errors(faults))?;
            }
            for fault in faults {
                output::complain(&fault.to_string());
            }
            Ok(Exit::Undecided)
        }
    }
}

/// Asks on a thread with a large stack, and gives it up if it does not come back.
fn within_time(limit: Duration, sources: query::Sources, query: Query) -> Result<Answer, Failure> {
    let (sender, answer) = mpsc::channel();
    thread::Builder::new()
        .name("embargo-eval".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || sender.send(query::ask(&sources, &query)))
        .map_err(|cause| Failure::Said(format!("no thread can be started: {cause}")))?;
    match answer.recv_timeout(limit.saturating_add(GRACE)) {
        Ok(answer) => Ok(answer),
        Err(RecvTimeoutError::Timeout) => Ok(Err(vec![Diagnostic::error(
            "budget-exceeded",
            format!("the query took longer than {limit:?} and did not come back"),
        )])),
        Err(RecvTimeoutError::Disconnected) => {
            Err(Failure::Said("the evaluator failed".to_owned()))
        }
    }
}
