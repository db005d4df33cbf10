//! A server whose policies are invalid, so that it decides nothing.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;

use crate::process::Server;
use crate::support::embargo;

/// Starts one over a folder that holds no policies.
pub(super) fn start(folder: &Path) -> Server {
    let mut command = embargo();
    command
        .args(["serve", "--listen", "127.0.0.1:0", "-d"])
        .arg(folder)
        .stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    let log = BufReader::new(process.stderr.take().unwrap());
    // Made before anything can fail, so that the process always ends with it.
    let mut server = Server {
        process,
        url: String::new(),
        log,
    };
    let mut line = String::new();
    while server.log.read_line(&mut line).unwrap() > 0 {
        if let Some(address) = line.strip_prefix("not ready on ") {
            let (address, _) = address.split_once(": ").unwrap();
            server.url = format!("http://{address}");
            return server;
        }
        line.clear();
    }
    panic!("the server ended");
}
