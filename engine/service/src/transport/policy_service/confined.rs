//! A confined child: a process of its own for what strangers send to be compiled or run.
//!
//! A rule that does not come back, or takes all memory, takes the child with it and not the
//! server. The child is the server's own executable with other arguments, which whoever starts
//! the server names. It has limits on time, on what it may write and on memory, no environment,
//! and ends with the call: when the caller goes away, its value is dropped and it is killed.

pub(in super::super) mod inside;
mod frames;

use std::process::Stdio;
use std::time::{Duration, Instant};

use embargo_proto::v1 as pb;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::config::Program;

use super::super::desk::Desk;
use super::super::places::Place;
use super::super::status::Refusal;

pub(super) use self::frames::Frame;
use self::frames::{FRAME_BYTES, HEAD_BYTES, Head, Task};

/// How long a child may take. A caller's deadline lowers it.
const LIMIT: Duration = Duration::from_secs(60);
/// Bytes that a child may write.
const OUTPUT_BYTES: usize = 64 * 1_024 * 1_024;

/// What the child is asked to do.
pub(super) struct Errand {
    task: Task,
    files: Vec<pb::SourceFile>,
    name_contains: String,
}

impl Errand {
    /// Compiles some files.
    pub(super) const fn validate(files: Vec<pb::SourceFile>) -> Self {
        Self {
            task: Task::Validate,
            files,
            name_contains: String::new(),
        }
    }

    /// Runs their tests; `has_fixtures` if what tests alone see would be among them.
    pub(super) const fn test(
        files: Vec<pb::SourceFile>,
        name_contains: String,
        has_fixtures: bool,
    ) -> Self {
        let task = if has_fixtures {
            Task::TestWithFixtures
        } else {
            Task::Test
        };
        Self {
            task,
            files,
            name_contains,
        }
    }
}

/// A child at work. It is killed with the value.
pub(super) struct Confined {
    _process: Child,
    /// The child ends when it is closed, as by the end of the server.
    _input: ChildStdin,
    output: ChildStdout,
    bytes: usize,
    end: Instant,
    _place: Place,
}

impl Confined {
    /// Starts a child within the limit on how many there may be, and hands it its errand.
    pub(super) async fn start(
        desk: &Desk,
        program: &Program,
        errand: Errand,
        deadline: Option<Instant>,
    ) -> Result<Self, Refusal> {
        let place = desk.compilations.take()?;
        let latest = Instant::now() + LIMIT;
        let end = deadline.map_or(latest, |deadline| deadline.min(latest));
        let mut process = Command::new(&program.path)
            .args(&program.arguments)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|cause| failed("started", &cause))?;
        let (Some(mut input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(Refusal::ServerFault);
        };
        let message = pb::RunPolicyTestsRequest {
            files: errand.files,
            name_contains: errand.name_contains,
        };
        let bytes = frames::asked(errand.task, &message);
        let handed = tokio::time::timeout_at(end.into(), async {
            input.write_all(&bytes).await?;
            input.flush().await
        });
        match handed.await {
            Ok(Ok(())) => {}
            Ok(Err(cause)) => return Err(failed("asked", &cause)),
            Err(_) => return Err(Refusal::DeadlinePassed),
        }
        Ok(Self {
            _process: process,
            _input: input,
            output,
            bytes: 0,
            end,
            _place: place,
        })
    }

    /// What it says next. That it ends is a fault: it says when it is done.
    pub(super) async fn next(&mut self) -> Result<Frame, Refusal> {
        let end = self.end;
        match tokio::time::timeout_at(end.into(), self.read()).await {
            Ok(frame) => frame,
            Err(_) => Err(Refusal::DeadlinePassed),
        }
    }

    async fn read(&mut self) -> Result<Frame, Refusal> {
        let mut head = [0; HEAD_BYTES];
        let read = self.output.read_exact(&mut head).await;
        read.map_err(|cause| failed("heard to its end", &cause))?;
        let Some(Head { kind, length }) = Head::read(head) else {
            tracing::error!("a confined process said what it must not");
            return Err(Refusal::ServerFault);
        };
        self.bytes = self.bytes.saturating_add(length);
        for (bytes, most) in [(length, FRAME_BYTES), (self.bytes, OUTPUT_BYTES)] {
            if bytes > most {
                return Err(Refusal::AnswerTooLarge { most });
            }
        }
        let mut content = vec![0; length];
        let read = self.output.read_exact(&mut content).await;
        read.map_err(|cause| failed("heard to its end", &cause))?;
        Frame::read(kind, &content).ok_or_else(|| {
            tracing::error!("a confined process said what it must not");
            Refusal::ServerFault
        })
    }
}

fn failed(what: &str, cause: &std::io::Error) -> Refusal {
    tracing::error!(cause = %cause, "a confined process cannot be {what}");
    Refusal::ServerFault
}

/// The bytes of a message with its kind and length.
fn framed(kind: u8, message: &impl prost::Message) -> Vec<u8> {
    let content = message.encode_to_vec();
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
    let mut bytes = vec![kind];
    bytes.extend(length.to_le_bytes());
    bytes.extend(content);
    bytes
}
