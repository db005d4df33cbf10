//! A plain web server with one file.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

#[derive(Clone)]
pub(super) struct Web {
    address: SocketAddr,
    file: Arc<Mutex<(usize, Vec<u8>)>>,
}

impl Web {
    pub(super) fn start(file: &[u8]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let web = Self {
            address: listener.local_addr().unwrap(),
            file: Arc::new(Mutex::new((0, file.to_vec()))),
        };
        let serving = web.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                serving.answer(stream.unwrap());
            }
        });
        web
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/policies.tar.gz", self.address)
    }

    /// Puts another file in place.
    pub(super) fn put(&self, file: &[u8]) {
        let mut present = self.file.lock().unwrap();
        *present = (present.0 + 1, file.to_vec());
    }

    fn answer(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream);
        let mut known = String::new();
        let mut line = String::new();
        while reader.read_line(&mut line).is_ok() && !line.trim().is_empty() {
            if let Some(etag) = line.to_ascii_lowercase().strip_prefix("if-none-match:") {
                known = etag.trim().to_owned();
            }
            line.clear();
        }
        let (number, file) = self.file.lock().unwrap().clone();
        let etag = format!("\"{number}\"");
        let (status, body) = if known == etag {
            (304, &[][..])
        } else {
            (200, file.as_slice())
        };
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status} x\r\netag: {etag}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
        );
        let mut stream = reader.into_inner();
        // Who asked may have gone.
        let _ = stream.write_all(&[head.as_bytes(), body].concat());
    }
}
