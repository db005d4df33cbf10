//! ValidateBundle: compiles what a caller sends as a reload would, and drops it again.
//!
//! A server that knows its executable compiles in a confined process, any other on a thread.

use embargo_core::bundle::Bundle;
use embargo_core::diagnostic::{self, Diagnostic};
use embargo_core::snapshot::Snapshot;
use embargo_proto::v1 as pb;
use tokio::sync::oneshot;

use super::super::arrival::Arrival;
use super::super::desk::Desk;
use super::super::policy;
use super::super::status::Refusal;
use super::confined::{Confined, Errand, Frame};
use crate::compile;
use crate::config::Program;

/// Remarks of an answer, at most.
pub(super) const DIAGNOSTICS: usize = 200;

/// The id of what compiled, if it did, and the remarks.
type Outcome = (String, Vec<Diagnostic>);

pub(super) async fn validate(
    desk: &Desk,
    arrival: &Arrival,
    message: pb::ValidateBundleRequest,
) -> Result<pb::ValidateBundleResponse, Refusal> {
    if let Some(program) = &desk.program {
        let files = message.files;
        let named = files.iter();
        Bundle::new(named.map(|file| (file.path.clone(), file.content.clone())))
            .map_err(Refusal::BundleInvalid)?;
        let answer = confined(desk, arrival, program, files);
        return tokio::time::timeout(desk.compile_limit, answer)
            .await
            .unwrap_or_else(|_| Ok(too_slow(desk)));
    }
    let place = desk.compilations.take()?;
    let files = message
        .files
        .into_iter()
        .map(|file| (file.path, file.content));
    let bundle = Bundle::new(files).map_err(Refusal::BundleInvalid)?;
    let (sender, outcome) = oneshot::channel();
    let started = compile::spawn(
        move || {
            // Held by the thread, which may outlast the call.
            let _place = place;
            outcome_of(bundle)
        },
        move |outcome| {
            // The caller may have gone.
            let _ = sender.send(outcome);
        },
    );
    if let Err(cause) = started {
        tracing::error!(cause = %cause, "no thread can be started to compile on");
        return Err(Refusal::ServerFault);
    }
    let (snapshot_id, mut diagnostics) =
        match tokio::time::timeout(desk.compile_limit, outcome).await {
            Ok(Ok(Some(outcome))) => outcome,
            Ok(_) => return Err(Refusal::ServerFault),
            Err(_) => (String::new(), vec![compile::too_slow(desk.compile_limit)]),
        };
    diagnostic::sort(&mut diagnostics);
    diagnostics.truncate(DIAGNOSTICS);
    Ok(pb::ValidateBundleResponse {
        snapshot_id,
        diagnostics: diagnostics.into_iter().map(policy::diagnostic).collect(),
    })
}

/// The same in a process of its own.
async fn confined(
    desk: &Desk,
    arrival: &Arrival,
    program: &Program,
    files: Vec<pb::SourceFile>,
) -> Result<pb::ValidateBundleResponse, Refusal> {
    let errand = Errand::validate(files);
    let mut child = Confined::start(desk, program, errand, arrival.deadline).await?;
    match child.next().await? {
        Frame::Remarks(remarks) => Ok(remarks),
        Frame::Event(_) | Frame::Rejected(_) => Err(Refusal::ServerFault),
    }
}

fn too_slow(desk: &Desk) -> pb::ValidateBundleResponse {
    pb::ValidateBundleResponse {
        snapshot_id: String::new(),
        diagnostics: vec![policy::diagnostic(compile::too_slow(desk.compile_limit))],
    }
}

fn outcome_of(bundle: Bundle) -> Outcome {
    match Snapshot::compile(bundle) {
        Ok(snapshot) => (snapshot.id().to_string(), snapshot.warnings().to_vec()),
        Err(diagnostics) => (String::new(), diagnostics),
    }
}
