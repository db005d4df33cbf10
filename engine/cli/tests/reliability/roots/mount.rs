//! A policy folder that is a mount of its own, where the machine lets a test mount something.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tonic::transport::Channel;

use crate::policies::write_stamped;
use crate::process::Server;
use crate::server::connect;
use crate::states::id_of;
use crate::support::embargo;

/// A server whose policy folder is a mount, or a folder that stands for one.
pub(super) struct Mounted {
    above: tempfile::TempDir,
    server: Server,
    pub(super) channel: Channel,
    is_real: bool,
}

impl Mounted {
    pub(super) async fn start(version: &str) -> Self {
        let above = tempfile::tempdir().unwrap();
        let is_real = can_mount();
        let [root, staged] = ["policies", "staged"].map(|name| above.path().join(name));
        write_stamped(&staged, version);
        fs::create_dir(&root).unwrap();
        let mut command = if is_real {
            // The server becomes the only process of a namespace in which the mount exists.
            let serve = embargo().get_program().to_owned();
            let mut command = embargo_through("unshare");
            command
                .args(["--user", "--map-root-user", "--mount", "sh", "-euc"])
                .arg(format!("{}; exec \"$0\" \"$@\"", mount(&root, &staged)))
                .arg(serve);
            command
        } else {
            copy(&staged, &root);
            embargo()
        };
        command.args(["serve", "--listen", "127.0.0.1:0", "--policies"]);
        command.arg(&root);
        let server = Server::spawn(command);
        let channel = connect(server.address()).await;
        Self {
            above,
            server,
            channel,
            is_real,
        }
    }

    pub(super) const fn kind(&self) -> &'static str {
        if self.is_real {
            "a mounted tmpfs"
        } else {
            "an empty folder in the place of a mount, since mounting is not permitted,"
        }
    }

    fn root(&self) -> PathBuf {
        self.above.path().join("policies")
    }

    /// Takes the mount away; the empty folder below it shows.
    pub(super) fn lose(&self) {
        let root = self.root();
        if self.is_real {
            let line = format!("umount '{}'", root.display());
            let start = Instant::now();
            // It is busy while it is being read.
            while !self.inside(&line) {
                assert!(start.elapsed() < Duration::from_secs(10), "{line}");
            }
        } else {
            fs::rename(&root, root.with_extension("lost")).unwrap();
            fs::create_dir(&root).unwrap();
        }
    }

    /// Mounts again, with this version, whose id it gives.
    pub(super) fn come(&self, version: &str) -> String {
        let root = self.root();
        let staged = self.above.path().join("staged");
        write_stamped(&staged, version);
        if self.is_real {
            assert!(self.inside(&mount(&root, &staged)));
        } else {
            let lost = root.with_extension("lost");
            copy(&staged, &lost);
            fs::remove_dir(&root).unwrap();
            fs::rename(lost, &root).unwrap();
        }
        id_of(&staged)
    }

    /// Runs a line of shell where the server runs.
    fn inside(&self, line: &str) -> bool {
        let process = self.server.process.id().to_string();
        let ran = Command::new("nsenter")
            .args(["--target", &process, "--user", "--mount"])
            .args(["--preserve-credentials", "sh", "-euc", line])
            .stderr(Stdio::null())
            .status();
        ran.unwrap().success()
    }
}

pub(crate) fn embargo_through(program: &str) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null());
    for (name, value) in embargo().get_envs() {
        if value.is_none() {
            command.env_remove(name);
        }
    }
    command
}

/// A line that mounts at the root what lies at another place.
fn mount(root: &Path, staged: &Path) -> String {
    let [root, staged] = [root, staged].map(|place| place.display().to_string());
    format!("mount -t tmpfs policies '{root}'; cp -r '{staged}/.' '{root}'")
}

fn copy(from: &Path, to: &Path) {
    let ran = Command::new("cp")
        .arg("-r")
        .arg(from.join("."))
        .arg(to)
        .status();
    assert!(ran.unwrap().success());
}

pub(crate) fn can_mount() -> bool {
    let folder = tempfile::tempdir().unwrap();
    let line = "mount -t tmpfs x \"$0\" && umount \"$0\" && command -v nsenter";
    let ran = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-euc", line])
        .arg(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    ran.is_ok_and(|status| status.success())
}
