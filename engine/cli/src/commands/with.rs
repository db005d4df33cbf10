//! `embargo with`: a command beside a server of its own, as for tests and scripts.
//!
//! The server listens on a free port of this machine before the command starts, and ends with it. The
//! command's exit code is that of the whole, unless there was no server for it. Whatever a configuration
//! says of TLS and of who may ask, the server is for this machine, and its address is all that the
//! command needs.

use std::ffi::OsStr;
use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

use embargo_service::{LoadError, Origin};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::signal::unix::SignalKind;
use tokio::sync::oneshot;

use crate::args::With;
use crate::commands::Failure;
use crate::commands::serve;
use crate::configuration::{self, Reading};
use crate::exit::Exit;
use crate::{log, output};

/// Any port that is free, for this machine alone.
const ADDRESS: &str = "127.0.0.1:0";
/// What the log shows unless a level is asked for: the output is the command's.
const LEVEL: &str = "warn";
/// What shells add to the number of the signal that killed a command.
const KILLED: i32 = 128;

pub(crate) fn run(with: &With) -> Result<Exit, Failure> {
    let reading = Reading::of_named(&with.serving.configured, with.serving.said());
    let given = reading.read()?;
    let config = serve::config(&given)?.for_itself();
    let level = match given.origin("log.level") {
        Origin::Default => LEVEL,
        _ => given.file.log.level.as_str(),
    };
    let log = log::start(level, given.file.log.format)?;
    let source = configuration::source(&given)?;
    let (listener, address) = serve::bind(ADDRESS)?;
    serve::runtime()?.block_on(async {
        let mut signals = Signals::listen()?;
        let server = serve::start(source.clone(), config)?;
        let present = server.present();
        match &present.active {
            None => {
                let report = present.last_reload.as_ref();
                let diagnostics = report.map_or_else(Vec::new, |report| report.diagnostics.clone());
                return Err(LoadError { diagnostics }.into());
            }
            Some(active) if active.is_recalled => serve::say_degraded(&log, &source, &present),
            Some(_) => {}
        }
        let mut child = spawn(&with.command, address)?;
        let (end, ended) = oneshot::channel::<()>();
        // Whether it is told or dropped makes no difference.
        let serving = server.serve(listener, async { drop(ended.await) });
        let running = async {
            let status = signals.pass_on_until_end(&mut child).await;
            drop(end);
            status
        };
        let (served, status) = tokio::join!(serving, running);
        let status = status
            .map_err(|cause| Failure::Said(format!("the command cannot be waited for: {cause}")))?;
        let code = code(status);
        match served {
            Err(failed) => {
                output::complain(&format!("the server ended before the command: {failed}"));
                // What passed without a server must not pass for a success.
                Ok(if code == 0 {
                    Exit::Undecided
                } else {
                    Exit::OfCommand(code)
                })
            }
            Ok(()) => Ok(Exit::OfCommand(code)),
        }
    })
}

/// Starts the command.
fn spawn(command: &[impl AsRef<OsStr>], address: SocketAddr) -> Result<Child, Failure> {
    let Some((program, arguments)) = command.split_first() else {
        return Err(Failure::Said(
            "there is no command\n  hint: write it behind `--`".to_owned(),
        ));
    };
    Command::new(program)
        .args(arguments)
        .env("EMBARGO_TARGET", address.to_string())
        .env("EMBARGO_URL", format!("http://{address}"))
        .kill_on_drop(true)
        .spawn()
        .map_err(|cause| {
            Failure::Said(format!(
                "`{}` cannot be started: {cause}\n  hint: name a program on the path, and its arguments behind it",
                program.as_ref().display()
            ))
        })
}

/// The exit code as shells have it.
fn code(status: ExitStatus) -> u8 {
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| signal.saturating_add(KILLED)));
    // A command that neither exited nor was killed has not ended well.
    code.and_then(|code| u8::try_from(code).ok())
        .unwrap_or(u8::MAX)
}

/// The signals that are the command's to answer.
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    quit: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

impl Signals {
    fn listen() -> Result<Self, Failure> {
        Ok(Self {
            terminate: serve::heard(SignalKind::terminate())?,
            interrupt: serve::heard(SignalKind::interrupt())?,
            quit: serve::heard(SignalKind::quit())?,
            hangup: serve::heard(SignalKind::hangup())?,
        })
    }

    /// Waits for the command, and hands on what this process is told.
    async fn pass_on_until_end(&mut self, child: &mut Child) -> std::io::Result<ExitStatus> {
        // A terminal sends what is typed there to the command, too, which must not have it twice.
        let typed = std::io::stdin().is_terminal();
        loop {
            let signal = tokio::select! {
                status = child.wait() => return status,
                _ = self.terminate.recv() => Signal::TERM,
                _ = self.hangup.recv() => Signal::HUP,
                _ = self.interrupt.recv() => if typed { continue } else { Signal::INT },
                _ = self.quit.recv() => if typed { continue } else { Signal::QUIT },
            };
            let id = child.id().and_then(|id| i32::try_from(id).ok());
            if let Some(id) = id.and_then(Pid::from_raw) {
                // One that has just ended takes no signal, and the next turn sees its end.
                let _ = kill_process(id, signal);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_was_killed_ends_with_128_and_the_signal() {
        assert_eq!(code(ExitStatus::from_raw(9)), 137);
        assert_eq!(code(ExitStatus::from_raw(7 << 8)), 7);
        assert_eq!(code(ExitStatus::from_raw(0)), 0);
    }
}
