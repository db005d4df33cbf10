//! A server as a process.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, Command, Stdio};

use crate::support::embargo;

/// A server on a free port, ended with the value.
pub(crate) struct Server {
    pub(crate) process: Child,
    pub(crate) url: String,
    /// What it says after that it serves.
    pub(crate) log: BufReader<ChildStderr>,
}

impl Server {
    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        let mut command = embargo();
        command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(arguments);
        Self::spawn(command)
    }

    /// Starts a command that ends up as `embargo serve` on a free port.
    pub(crate) fn spawn(mut command: Command) -> Self {
        let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(process.stderr.take().unwrap());
        // Made before anything can fail, so that the process always ends with it.
        let mut server = Self {
            process,
            url: String::new(),
            log,
        };
        let mut line = String::new();
        loop {
            line.clear();
            assert!(
                server.log.read_line(&mut line).unwrap() > 0,
                "the server ended"
            );
            assert!(!line.starts_with("not ready"), "{line}");
            if let Some(address) = line.trim().strip_prefix("serving on ") {
                server.url = format!("http://{address}");
                return server;
            }
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.url.trim_start_matches("http://").parse().unwrap()
    }

    /// Tells it to shut down, as a supervisor does.
    pub(crate) fn terminate(&self) {
        let id = self.process.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(told.success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
