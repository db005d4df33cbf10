//! Loading once: from a source to a snapshot, for those who do not serve.

use std::sync::Arc;
use std::time::Duration;

use embargo_core::bundle::Bundle;
use embargo_core::diagnostic::Diagnostic;
use embargo_core::snapshot::Snapshot;
use embargo_core::trial::Fixtures;
use thiserror::Error;

use crate::compile;
use crate::source::Source;

/// How long compiling may take.
const LIMIT: Duration = Duration::from_secs(30);

/// Why a source gives no snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", first(.diagnostics))]
pub struct LoadError {
    /// Everything that was found, worst first, then by path and position.
    pub diagnostics: Vec<Diagnostic>,
}

fn first(diagnostics: &[Diagnostic]) -> String {
    let rest = diagnostics.len().saturating_sub(1);
    match diagnostics.first() {
        Some(first) if rest > 0 => format!("{first}\n  and {rest} more"),
        Some(first) => first.to_string(),
        None => "the policies cannot be loaded".to_owned(),
    }
}

/// Reads a source until it settles, and compiles it as the server would.
///
/// # Errors
/// All that is wrong with the source or its files.
pub fn load(source: &Source) -> Result<Arc<Snapshot>, LoadError> {
    let bundle = source.read_settled().map_err(|error| LoadError {
        diagnostics: vec![error.diagnostic()],
    })?;
    load_bundle(bundle)
}

/// Reads the fixtures of a source, which tests of rules see as `data.testdata`.
///
/// # Errors
/// All that is wrong with them.
pub fn load_fixtures(source: &Source) -> Result<Fixtures, LoadError> {
    let files = source.read_fixtures().map_err(|error| LoadError {
        diagnostics: vec![error.diagnostic()],
    })?;
    fixtures_of(files)
}

/// The fixtures among files that are at hand.
///
/// # Errors
/// All that is wrong with them.
pub fn fixtures_of(files: Vec<(String, Vec<u8>)>) -> Result<Fixtures, LoadError> {
    let read = move || {
        let files = files.iter();
        Fixtures::read(files.map(|(path, content)| (path.as_str(), content.as_slice())))
    };
    compile::within(LIMIT, read)
        .map_err(|failure| vec![failure.remark(|| compile::too_slow(LIMIT))])
        .and_then(|read| read)
        .map_err(|diagnostics| LoadError { diagnostics })
}

/// The snapshot of a bundle that is at hand, compiled as the server would.
///
/// # Errors
/// All that is wrong with its files.
pub fn load_bundle(bundle: Bundle) -> Result<Arc<Snapshot>, LoadError> {
    compile::compile(bundle, LIMIT)
        .map(Arc::new)
        .map_err(|diagnostics| LoadError { diagnostics })
}
