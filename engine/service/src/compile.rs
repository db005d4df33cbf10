//! Compiling on a thread of its own: with a large stack, a limit in time, and panics caught.
//!
//! What compiles is a stranger's text. A thread that outlasts its limit is left alone, since
//! nothing can end it from outside, and its result is dropped when it comes.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use embargo_core::bundle::Bundle;
use embargo_core::diagnostic::Diagnostic;
use embargo_core::snapshot::Snapshot;

/// Of a thread on which sources are compiled or tested: reserved, not resident.
pub(crate) const STACK_BYTES: usize = 64 * 1_024 * 1_024;

/// Compiles a bundle within `limit`.
///
/// # Errors
/// All remarks, if there is an error among them; or one about the compiler itself.
pub(crate) fn compile(bundle: Bundle, limit: Duration) -> Result<Snapshot, Vec<Diagnostic>> {
    within(limit, move || Snapshot::compile(bundle))
        .map_err(|failure| vec![failure.remark(|| too_slow(limit))])?
}

/// Why work on a thread of its own gave nothing.
#[derive(Debug)]
pub(crate) enum Failure {
    /// There is no thread.
    NotStarted(io::Error),
    /// It panicked.
    Fault,
    /// It takes longer than it may.
    TooSlow,
}

impl Failure {
    /// The remark that says so.
    pub(crate) fn remark(self, too_slow: impl FnOnce() -> Diagnostic) -> Diagnostic {
        match self {
            Self::NotStarted(cause) => not_started(&cause),
            Self::Fault => fault(),
            Self::TooSlow => too_slow(),
        }
    }
}

/// Does `work` on a thread with a large stack, and waits for it up to `limit`.
pub(crate) fn within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let started = spawn(work, move |done| {
        // Nobody waits any longer once the limit has passed.
        let _ = sender.send(done);
    });
    started.map_err(Failure::NotStarted)?;
    match receiver.recv_timeout(limit) {
        Ok(Some(done)) => Ok(done),
        Ok(None) | Err(mpsc::RecvTimeoutError::Disconnected) => Err(Failure::Fault),
        Err(mpsc::RecvTimeoutError::Timeout) => Err(Failure::TooSlow),
    }
}

/// Does `work` on a thread with a large stack, and hands over what came of it; nothing, if it
/// panicked.
///
/// # Errors
/// If no thread can be started.
pub(crate) fn spawn<T: 'static>(
    work: impl FnOnce() -> T + Send + 'static,
    done: impl FnOnce(Option<T>) + Send + 'static,
) -> io::Result<()> {
    thread::Builder::new()
        .name("embargo-compile".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || done(catch_unwind(AssertUnwindSafe(work)).ok()))?;
    Ok(())
}

/// The remark that the compiler itself failed.
pub(crate) fn fault() -> Diagnostic {
    Diagnostic::error("compiler-fault", "the compiler failed on this set")
        .hint("this is a defect of the server; its log says more")
}

/// The remark that compiling took too long.
pub(crate) fn too_slow(limit: Duration) -> Diagnostic {
    Diagnostic::error(
        "compile-limit",
        format!("compiling takes longer than {limit:?}"),
    )
    .hint("look for deeply nested literals, and split large files")
}

/// The remark that there is no thread to compile or test on.
pub(crate) fn not_started(cause: &io::Error) -> Diagnostic {
    Diagnostic::error(
        "compiler-fault",
        format!("no thread can be started to compile on: {cause}"),
    )
    .hint("raise the limit on threads of the server's user")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_while_compiling_is_caught() {
        let (sender, receiver) = mpsc::sync_channel(1);
        spawn(
            || -> () { panic!("on purpose") },
            move |done| sender.send(done).unwrap(),
        )
        .unwrap();
        assert_eq!(receiver.recv().unwrap(), None);
    }

    #[test]
    fn an_empty_set_is_an_error_and_no_snapshot() {
        let bundle = Bundle::new([("a/rule.rego".to_owned(), Vec::new())]).unwrap();
        assert!(compile(bundle, Duration::from_secs(30)).is_err());
    }
}
