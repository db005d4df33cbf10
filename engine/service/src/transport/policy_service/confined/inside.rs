//! Inside of the child: reads a bundle, compiles it or runs its tests, and says what came out.
//!
//! It limits its memory and its time before it reads anything, and ends when the server does.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use embargo_core::bundle::Bundle;
use embargo_core::diagnostic::{Diagnostic, Severity, sort};
use embargo_core::snapshot::Snapshot;
use embargo_core::trial::{self, Beside, Fixtures, Limits, Trial};
use embargo_proto::v1 as pb;
use pb::run_policy_tests_response::{Event, TestResult, TestSummary};
use prost::Message as _;

use crate::compile;
use crate::examine::{Examination, Next, Ran, Terms};
use crate::transport::policy::diagnostic;

use super::super::bundle::DIAGNOSTICS;
use super::frames::{FRAME_BYTES, Frame, HEAD_BYTES, Head, Task};

/// Bytes of address space. What is reserved counts, so it is more than what is used.
const MEMORY_BYTES: u64 = 2 * 1_024 * 1_024 * 1_024;
/// When the process ends whatever it does. The server ends it before.
const LAST: Duration = Duration::from_secs(65);

/// Does what the server at the other end of standard input and output asks. It is the whole of
/// a process that this server started of itself.
///
/// # Errors
/// If the server is gone, or does not say what it should.
pub fn run_confined() -> io::Result<()> {
    limit_memory();
    thread::spawn(|| {
        thread::sleep(LAST);
        std::process::exit(1);
    });
    let (task, message) = asked(&mut io::stdin().lock())?;
    thread::spawn(|| {
        // It stays open as long as the server wants an answer.
        let _ = io::stdin().lock().read(&mut [0]);
        std::process::exit(1);
    });
    let mut out = io::stdout().lock();
    match task {
        Task::Validate => say(&mut out, &validated(message)),
        Task::Test => test(message, false, &mut out),
        Task::TestWithFixtures => test(message, true, &mut out),
    }
}

/// Where the system has no such limit, the others hold.
fn limit_memory() {
    let _ = rlimit::setrlimit(rlimit::Resource::AS, MEMORY_BYTES, MEMORY_BYTES);
}

fn asked(input: &mut impl Read) -> io::Result<(Task, pb::RunPolicyTestsRequest)> {
    let unsound = |said: &'static str| io::Error::new(io::ErrorKind::InvalidData, said);
    let mut head = [0; HEAD_BYTES];
    input.read_exact(&mut head)?;
    let head = Head::read(head).filter(|head| head.length <= FRAME_BYTES);
    let head = head.ok_or_else(|| unsound("the length is none of a message"))?;
    let task = Task::of_kind(head.kind).ok_or_else(|| unsound("there is no such task"))?;
    let mut content = vec![0; head.length];
    input.read_exact(&mut content)?;
    let message = pb::RunPolicyTestsRequest::decode(content.as_slice())
        .map_err(|_| unsound("the message cannot be read"))?;
    Ok((task, message))
}

fn say(out: &mut impl Write, frame: &Frame) -> io::Result<()> {
    out.write_all(&frame.bytes())?;
    out.flush()
}

/// All at once on a thread with a large stack; without a limit in time, since the process has
/// one.
fn on_large_stack<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Diagnostic> {
    compile::within(LAST, work).map_err(|failure| failure.remark(|| compile::too_slow(LAST)))
}

fn files(message: pb::RunPolicyTestsRequest) -> Vec<(String, Vec<u8>)> {
    let files = message.files.into_iter();
    files.map(|file| (file.path, file.content)).collect()
}

fn compiled(files: Vec<(String, Vec<u8>)>) -> Result<Snapshot, Vec<Diagnostic>> {
    // The server has checked that it is one.
    let bundle = Bundle::new(files)
        .map_err(|refused| vec![Diagnostic::error("source-invalid", refused.to_string())])?;
    on_large_stack(move || Snapshot::compile(bundle)).unwrap_or_else(|fault| Err(vec![fault]))
}

fn validated(message: pb::RunPolicyTestsRequest) -> Frame {
    let (snapshot_id, mut diagnostics) = match compiled(files(message)) {
        Ok(snapshot) => (snapshot.id().to_string(), snapshot.warnings().to_vec()),
        Err(diagnostics) => (String::new(), diagnostics),
    };
    sort(&mut diagnostics);
    diagnostics.truncate(DIAGNOSTICS);
    Frame::Remarks(pb::ValidateBundleResponse {
        snapshot_id,
        diagnostics: diagnostics.into_iter().map(diagnostic).collect(),
    })
}

/// The set, its tests that are asked for, and its files of cases and fixtures that cannot be
/// read.
type Gathered = (Arc<Snapshot>, Vec<Trial>, Beside, Vec<Diagnostic>);

fn gathered(
    message: pb::RunPolicyTestsRequest,
    with_fixtures: bool,
) -> Result<Gathered, Vec<Diagnostic>> {
    let name_contains = message.name_contains.clone();
    let files = files(message);
    let mut faults = Vec::new();
    let mut beside = Beside::default();
    if with_fixtures {
        let all = files.clone();
        let read = on_large_stack(move || {
            let files = all.iter();
            Fixtures::read(files.map(|(path, content)| (path.as_str(), content.as_slice())))
        });
        match read.unwrap_or_else(|fault| Err(vec![fault])) {
            Ok(fixtures) => beside.fixtures = Some(Arc::new(fixtures)),
            Err(remarks) => faults.extend(remarks),
        }
    }
    let snapshot = Arc::new(compiled(files)?);
    let (set, beside_set) = (Arc::clone(&snapshot), beside.clone());
    let read = on_large_stack(move || trial::of_set(&set, &beside_set));
    let (mut trials, unread) = read.map_err(|fault| vec![fault])?;
    faults.extend(unread);
    trials.retain(|trial| trial.name().contains(&name_contains));
    Ok((snapshot, trials, beside, faults))
}

fn test(
    message: pb::RunPolicyTestsRequest,
    with_fixtures: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    let (snapshot, trials, beside, faults) = match gathered(message, with_fixtures) {
        Ok(gathered) => gathered,
        Err(remarks) => {
            let is_error = |remark: &&Diagnostic| remark.severity == Severity::Error;
            let errors = remarks.iter().filter(is_error).count();
            return say(out, &Frame::Rejected(errors));
        }
    };
    let snapshot_id = snapshot.id().to_string();
    let (mut passed, mut failed) = (0_u32, 0_u32);
    // A file that cannot be read is a test that fails, since what it tests is not known.
    for fault in faults {
        let name = fault.span.as_ref().map(|span| span.path.clone());
        failed += 1;
        let took = Duration::ZERO;
        say(out, &result(name.unwrap_or_default(), Some(fault), took))?;
    }
    // One at a time, since they run beside requests.
    let terms = Terms {
        fixtures: beside.fixtures,
        ..Terms::plain(Limits::default(), 1)
    };
    let mut examination = Examination::start(snapshot, trials, terms)?;
    loop {
        match examination.next(None) {
            Next::Result(Ran { at, failure, took }) => {
                match failure {
                    None => passed += 1,
                    Some(_) => failed += 1,
                }
                let name = examination.trials().get(at).map(Trial::name);
                let name = name.unwrap_or_default().to_owned();
                say(out, &result(name, failure, took))?;
            }
            Next::Finished => break,
            Next::TooLate | Next::Lost => {
                return Err(io::Error::other("the tests did not come to an end"));
            }
        }
    }
    let summary = Event::Summary(TestSummary {
        passed_count: passed,
        failed_count: failed,
        snapshot_id,
    });
    say(out, &event(summary))
}

fn result(name: String, failure: Option<Diagnostic>, took: Duration) -> Frame {
    event(Event::Result(TestResult {
        name,
        passed: failure.is_none(),
        failure: failure.map(diagnostic),
        duration: took.try_into().ok(),
    }))
}

const fn event(event: Event) -> Frame {
    Frame::Event(pb::RunPolicyTestsResponse { event: Some(event) })
}
