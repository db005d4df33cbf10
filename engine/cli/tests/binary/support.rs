//! Running the binary.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// What a command gave.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// The binary, in the repository's root and with a plain environment.
pub(crate) fn embargo() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_embargo"));
    command.current_dir(root()).stdin(Stdio::null());
    for variable in [
        "EMBARGO_POLICIES",
        "EMBARGO_LISTEN",
        "EMBARGO_LOG",
        "NO_COLOR",
    ] {
        command.env_remove(variable);
    }
    command
}

pub(crate) fn ran(output: Output) -> Ran {
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

pub(crate) fn run(arguments: &[&str]) -> Ran {
    ran(embargo().args(arguments).output().unwrap())
}

/// A folder with files in it, gone with the value.
pub(crate) fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}
