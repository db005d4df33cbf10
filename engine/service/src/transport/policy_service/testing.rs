//! RunPolicyTests: the tests of a bundle, or of what is active, in a confined process.

use embargo_core::bundle::Bundle;
use embargo_proto::v1 as pb;
use pb::run_policy_tests_response::Event;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::super::arrival::Arrival;
use super::super::desk::Desk;
use super::super::request::too_long;
use super::super::status::Refusal;
use super::confined::{Confined, Errand, Frame};

/// Bytes of the text that names must contain.
const NAME_BYTES: usize = 256;
/// Results that wait for a caller to take them. The child waits, too, beyond that.
const WAITING: usize = 16;

/// The events of a run.
pub(super) type Events = ReceiverStream<Result<pb::RunPolicyTestsResponse, Status>>;

/// Begins a run.
pub(super) async fn run(
    desk: Desk,
    arrival: Arrival,
    message: pb::RunPolicyTestsRequest,
) -> Result<Events, Status> {
    let errand = errand(&desk, message).map_err(Refusal::into_status)?;
    let Some(program) = desk.program.clone() else {
        return Err(Status::unimplemented(
            "this server has no executable of its own to run tests in\n  hint: `embargo test` runs \
             them where the files are",
        ));
    };
    let started = arrival.within(Confined::start(&desk, &program, errand, arrival.deadline));
    let mut child = started.await.map_err(Refusal::into_status)?;
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let end = tokio::select! {
            biased;
            // The child ends with the caller's interest.
            () = sender.closed() => Ok(()),
            () = desk.drain.begun() => Err(Refusal::Draining),
            end = pass_on(&mut child, &sender) => end,
        };
        drop(child);
        if let Err(refusal) = end {
            let _ = sender.send(Err(refusal.into_status())).await;
        }
        drop(arrival);
    });
    Ok(ReceiverStream::new(receiver))
}

fn errand(desk: &Desk, message: pb::RunPolicyTestsRequest) -> Result<Errand, Refusal> {
    let pb::RunPolicyTestsRequest {
        files,
        name_contains,
    } = message;
    if name_contains.len() > NAME_BYTES {
        let rule = too_long(&name_contains, NAME_BYTES);
        return Err(Refusal::field("name_contains", rule));
    }
    if files.is_empty() {
        // What is active has no fixtures, and its tests that need them are left out.
        let active = desk.active()?;
        let files = active.snapshot.bundle().files();
        let files = files.map(|(path, content)| pb::SourceFile {
            path: path.to_owned(),
            content: content.to_vec(),
        });
        return Ok(Errand::test(files.collect(), name_contains, false));
    }
    let all = files.iter();
    Bundle::new(all.map(|file| (file.path.clone(), file.content.clone())))
        .map_err(Refusal::BundleInvalid)?;
    Ok(Errand::test(files, name_contains, true))
}

/// Passes on what the child says, until the summary.
async fn pass_on(
    child: &mut Confined,
    sender: &mpsc::Sender<Result<pb::RunPolicyTestsResponse, Status>>,
) -> Result<(), Refusal> {
    loop {
        let event = match child.next().await? {
            Frame::Event(event) => event,
            Frame::Rejected(errors) => return Err(Refusal::BundleRejected { errors }),
            Frame::Remarks(_) => return Err(Refusal::ServerFault),
        };
        let is_last = matches!(event.event, Some(Event::Summary(_)));
        if sender.send(Ok(event)).await.is_err() || is_last {
            return Ok(());
        }
    }
}
