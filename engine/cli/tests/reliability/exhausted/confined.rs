//! A server with limits of its own, and its log.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tonic::transport::Channel;

use crate::server::{connect, within};
use crate::support::embargo;

const NAMESPACE: [&str; 3] = ["--user", "--map-root-user", "--mount"];

pub(super) struct Confined {
    process: Child,
    folder: tempfile::TempDir,
    address: SocketAddr,
}

impl Confined {
    /// Starts a server in a user namespace of its own, after a line of shell there.
    pub(super) fn start(policies: &Path, line: &str) -> Self {
        let mut command = Command::new("unshare");
        command.args(NAMESPACE).arg("sh");
        Self::spawn(command, policies, line)
    }

    /// Starts a server after a line of shell.
    pub(super) fn limited(policies: &Path, line: &str) -> Self {
        Self::spawn(Command::new("sh"), policies, line)
    }

    fn spawn(mut command: Command, policies: &Path, line: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let serve = embargo();
        let process = command
            .args(["-euc", &format!("{line}; exec \"$0\" \"$@\"")])
            .arg(serve.get_program())
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--workers",
                "1",
                "--policies",
            ])
            .arg(policies)
            .env_remove("EMBARGO_LOG")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut server = Self {
            process,
            folder,
            address: ([127, 0, 0, 1], 0).into(),
        };
        server.address = loop {
            let log = server.log();
            let said = log
                .lines()
                .find_map(|line| line.strip_prefix("serving on "));
            if let Some(address) = said {
                break address.trim().parse().unwrap();
            }
            assert!(
                server.process.try_wait().unwrap().is_none(),
                "it ended: {log}"
            );
            std::thread::yield_now();
        };
        server
    }

    pub(super) async fn connect(&self) -> Channel {
        connect(self.address).await
    }

    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// In how many lines of the log this is.
    pub(super) fn count(&self, said: &str) -> usize {
        self.log()
            .lines()
            .filter(|line| line.contains(said))
            .count()
    }

    pub(super) async fn until_logged(&self, said: &str) {
        within(async {
            while self.count(said) == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
    }

    /// Sets how many files it may have open from here on; no, if that cannot be done.
    pub(super) fn limit_files(&self, most: usize) -> bool {
        let process = self.process.id().to_string();
        let ran = Command::new("prlimit")
            .args(["--pid", &process, &format!("--nofile={most}:")])
            .status();
        ran.is_ok_and(|status| status.success())
    }

    /// Runs a line of shell in its namespace.
    pub(super) fn inside(&self, line: &str) {
        let process = self.process.id().to_string();
        let ran = Command::new("nsenter")
            .args(["--target", &process, "--user", "--preserve-credentials"])
            .args(["sh", "-euc", line])
            .status();
        assert!(ran.unwrap().success(), "{line}");
    }
}

impl Drop for Confined {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Whether a namespace can have limits of its own on watches.
pub(super) fn can_confine() -> bool {
    let line = "echo 8 > /proc/sys/user/max_inotify_watches && command -v nsenter";
    let ran = Command::new("unshare")
        .args(NAMESPACE)
        .args(["sh", "-euc", line])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    ran.is_ok_and(|status| status.success())
}
