//! A server that logs everything, of which all is kept that it says to anybody but callers.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use crate::support::embargo;

/// Such a server.
pub(super) struct Watched {
    process: Child,
    pub(super) address: SocketAddr,
    management: SocketAddr,
    log: JoinHandle<Vec<u8>>,
    collected: Arc<Mutex<Vec<u8>>>,
}

impl Watched {
    pub(super) fn start(policies: &Path) -> Self {
        let collected = Arc::new(Mutex::new(Vec::new()));
        let collector = collect(Arc::clone(&collected));
        let mut process = embargo()
            .args(["serve", "--listen", "127.0.0.1:0", "--log-level", "trace"])
            .arg("--policies")
            .arg(policies)
            .env("EMBARGO_MANAGEMENT_LISTEN", "127.0.0.1:0")
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{collector}"))
            .env("OTEL_METRIC_EXPORT_INTERVAL", "500")
            .env("OTEL_BSP_SCHEDULE_DELAY", "50")
            .env("OTEL_BSP_MAX_QUEUE_SIZE", "100000")
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap());
        let (told, addresses) = mpsc::channel();
        let log = thread::spawn(move || {
            let mut log = Vec::new();
            loop {
                let start = log.len();
                if lines.read_until(b'\n', &mut log).unwrap() == 0 {
                    return log;
                }
                let line = String::from_utf8_lossy(&log[start..]).into_owned();
                if let Some(address) = line.trim().strip_prefix("serving on ") {
                    let _ = told.send(("calls", address.to_owned()));
                }
                if line.contains("metrics and probes are here") {
                    let (_, address) = line.split_once("address=").unwrap();
                    let address = address.split_whitespace().next().unwrap();
                    let _ = told.send(("management", address.to_owned()));
                }
            }
        });
        let next = |wanted| {
            let (of, address) = addresses.recv().unwrap();
            assert_eq!(of, wanted);
            address.parse().unwrap()
        };
        Self {
            address: next("calls"),
            management: next("management"),
            process,
            log,
            collected,
        }
    }

    /// Asks the management listener.
    pub(super) fn manage(&self, path: &str) -> Vec<u8> {
        get(self.management, path)
    }

    /// Has the times of policies measured from here on.
    pub(super) fn measure_rules(&self) -> JoinHandle<Vec<u8>> {
        let address = self.management;
        thread::spawn(move || get(address, "/debug/rules?seconds=5"))
    }

    /// Ends the server, and gives what it has logged and what a collector was sent.
    pub(super) fn end(mut self) -> (Vec<u8>, Vec<u8>) {
        let id = self.process.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(told.success());
        assert!(self.process.wait().unwrap().success());
        let log = std::mem::replace(&mut self.log, thread::spawn(Vec::new));
        let log = log.join().unwrap();
        let collected = self.collected.lock().unwrap().clone();
        (log, collected)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A collector that keeps all bytes of what it is sent.
fn collect(collected: Arc<Mutex<Vec<u8>>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let collected = Arc::clone(&collected);
            thread::spawn(move || keep(stream, &collected));
        }
    });
    address
}

/// Takes one request after the other, as a client of HTTP/1.1 sends them.
fn keep(stream: TcpStream, collected: &Mutex<Vec<u8>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut writer = stream;
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            collected.lock().unwrap().extend_from_slice(line.as_bytes());
            let line = line.trim().to_lowercase();
            if let Some(text) = line.strip_prefix("content-length: ") {
                length = text.parse().unwrap();
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        collected.lock().unwrap().extend(body);
        writer
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            .ok()?;
    }
}

/// Asks with JSON, and gives the status.
pub(super) fn post(address: SocketAddr, path: &str, body: &str) -> u16 {
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    let answer = exchange(address, &[head.as_bytes(), body.as_bytes()].concat());
    let first = String::from_utf8_lossy(&answer).into_owned();
    first.split(' ').nth(1).unwrap().parse().unwrap()
}

/// Asks, and gives the whole answer.
pub(super) fn get(address: SocketAddr, path: &str) -> Vec<u8> {
    let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    exchange(address, request.as_bytes())
}

fn exchange(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    answer
}
