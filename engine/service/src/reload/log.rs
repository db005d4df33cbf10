//! What the log says about attempts.

use std::time::Duration;

use embargo_core::diagnostic::{Diagnostic, Severity};

use super::present::Active;

/// Remarks that are logged of one attempt, at most.
const LOGGED: usize = 20;

pub(super) fn activated(active: &Active, warnings: &[Diagnostic]) {
    remarks(warnings);
    tracing::info!(
        snapshot = %active.snapshot.id(),
        revision = revision(active),
        generation = active.generation,
        policies = active.snapshot.policies().len(),
        instruments = active.snapshot.instruments().len(),
        products = active.snapshot.catalogue().products().len(),
        "policies are active"
    );
}

/// The set's own tests passed: all of them, of which so many had to be run.
pub(super) fn tested(snapshot: &str, all: usize, run: usize, took: Duration) {
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(
        snapshot,
        tests = all,
        run,
        milliseconds,
        "the policies' own tests pass"
    );
}

pub(super) fn untested() {
    tracing::warn!("policies go live without that their own tests pass, as was asked for");
}

pub(super) fn recalled(active: &Active) {
    tracing::warn!(
        snapshot = %active.snapshot.id(),
        revision = revision(active),
        "the policies do not load; the last good set from before the start judges until they do"
    );
}

pub(super) fn not_recalled(cause: &str) {
    tracing::error!(cause, "there is no last good set to judge by");
}

pub(super) fn not_kept(cause: &str) {
    tracing::warn!(
        cause,
        "the policies are live, and cannot be kept for the next start"
    );
}

pub(super) fn kept_again() {
    tracing::info!("the policies are kept for the next start again");
}

pub(super) fn unchanged(active: Option<&Active>) {
    tracing::info!(
        snapshot = %id(active),
        "the policies are again those that are active"
    );
}

pub(super) fn rejected(active: Option<&Active>, diagnostics: &[Diagnostic]) {
    remarks(diagnostics);
    match active {
        Some(_) => tracing::error!(
            snapshot = %id(active),
            revision = active.and_then(revision),
            remarks = diagnostics.len(),
            "this change is not live; the snapshot before it keeps judging"
        ),
        None => tracing::error!(
            remarks = diagnostics.len(),
            "no policies are live; every decision is refused until they load"
        ),
    }
}

fn remarks(diagnostics: &[Diagnostic]) {
    for remark in diagnostics.iter().take(LOGGED) {
        match remark.severity {
            Severity::Error => {
                tracing::error!(code = remark.code, remark = %remark, "policy fault");
            }
            Severity::Warning => {
                tracing::warn!(code = remark.code, remark = %remark, "policy warning");
            }
        }
    }
    if diagnostics.len() > LOGGED {
        tracing::warn!(
            remarks = diagnostics.len() - LOGGED,
            "more remarks are left out"
        );
    }
}

/// What the release is called that judges; no field, if it has no name.
fn revision(active: &Active) -> Option<&str> {
    let release = active.release.as_ref()?;
    Some(release.revision.as_str()).filter(|revision| !revision.is_empty())
}

fn id(active: Option<&Active>) -> &str {
    active.map_or("", |active| active.snapshot.id())
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use embargo_core::diagnostic::Span;

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(work: impl FnOnce()) -> String {
        let written = Written::default();
        let writer = written.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, work);
        let bytes = written.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_rejection_shows_the_place_the_caret_the_remedy_and_that_nothing_is_live() {
        let remark = Diagnostic::error("rego-parse-error", "expected `}`")
            .at(Span::at("a/rule.rego", 2, 5))
            .excerpt_from("package a\nx { foo\n")
            .hint("close the body");
        let text = logged(|| rejected(None, &[remark]));
        for part in [
            "a/rule.rego:2:5: error[rego-parse-error]: expected `}`",
            "2 | x { foo",
            "    ^",
            "hint: close the body",
            "no policies are live",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn remarks_beyond_the_first_are_counted() {
        let remark = Diagnostic::warning("w", "worth knowing");
        let text = logged(|| remarks(&vec![remark; LOGGED + 5]));
        assert_eq!(text.matches("worth knowing").count(), LOGGED);
        assert!(text.contains("remarks=5"), "{text}");
    }
}
