//! A service that takes decision logs once it is open, and is too busy before.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use embargo_service::{Format, HttpSettings};
use flate2::read::GzDecoder;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

pub(super) struct Service {
    address: SocketAddr,
    is_open: Arc<AtomicBool>,
    events: Arc<Mutex<Vec<Value>>>,
}

impl Service {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service = Self {
            address: listener.local_addr().unwrap(),
            is_open: Arc::default(),
            events: Arc::default(),
        };
        let (is_open, events) = (Arc::clone(&service.is_open), Arc::clone(&service.events));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (is_open, events) = (Arc::clone(&is_open), Arc::clone(&events));
                tokio::spawn(async move { serve(stream, &is_open, &events).await });
            }
        });
        service
    }

    pub(super) fn settings(&self) -> HttpSettings {
        HttpSettings {
            url: format!("http://{}", self.address),
            partition: String::new(),
            format: Format::Opa,
            token_file: None,
            ca_file: None,
            client: None,
            chunk_bytes: 64 * 1_024,
            delay: Duration::from_millis(10),
            timeout: Duration::from_secs(10),
        }
    }

    pub(super) fn open(&self) {
        self.is_open.store(true, Ordering::SeqCst);
    }

    pub(super) fn decision_ids(&self) -> BTreeSet<String> {
        let events = self.events.lock().unwrap();
        let ids = events
            .iter()
            .map(|event| event["decision_id"].as_str().unwrap());
        ids.map(str::to_owned).collect()
    }
}

/// One call of HTTP/1.1 after the other.
async fn serve(mut stream: TcpStream, is_open: &AtomicBool, events: &Mutex<Vec<Value>>) {
    let mut read = Vec::new();
    loop {
        let end = loop {
            if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            if stream.read_buf(&mut read).await.unwrap_or(0) == 0 {
                return;
            }
        };
        let head = String::from_utf8(read[..end].to_vec())
            .unwrap()
            .to_lowercase();
        assert!(head.starts_with("post /logs http/1.1"), "{head}");
        assert!(head.contains("content-encoding: gzip"), "{head}");
        let length = head.split("content-length: ").nth(1).unwrap();
        let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
        while read.len() < end + length {
            if stream.read_buf(&mut read).await.unwrap_or(0) == 0 {
                return;
            }
        }
        let body: Vec<u8> = read.drain(..end + length).skip(end).collect();
        let line = if is_open.load(Ordering::SeqCst) {
            let mut text = String::new();
            GzDecoder::new(&*body).read_to_string(&mut text).unwrap();
            let chunk: Vec<Value> = serde_json::from_str(&text).unwrap();
            events.lock().unwrap().extend(chunk);
            "200 OK"
        } else {
            "503 Service Unavailable"
        };
        let answer = format!("HTTP/1.1 {line}\r\ncontent-length: 0\r\n\r\n");
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}
