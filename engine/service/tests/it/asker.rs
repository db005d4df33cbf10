//! HTTP/1.1 as a plain client speaks it: one call a connection.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::bench::within;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// By names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
    /// Whether the content came to its end.
    pub(crate) is_whole: bool,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|cause| panic!("{cause}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn lines(&self) -> Vec<Value> {
        let text = std::str::from_utf8(&self.body).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

/// Asks with JSON.
pub(crate) async fn post(address: SocketAddr, path: &str, body: impl AsRef<[u8]>) -> Answer {
    ask(
        address,
        "POST",
        path,
        &[("content-type", "application/json")],
        body.as_ref(),
    )
    .await
}

pub(crate) async fn get(address: SocketAddr, path: &str) -> Answer {
    ask(address, "GET", path, &[], b"").await
}

pub(crate) async fn ask(
    address: SocketAddr,
    verb: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let stream = TcpStream::connect(address).await.unwrap();
    ask_over(stream, verb, path, headers, body).await
}

/// Asks on a connection that is open.
pub(crate) async fn ask_over(
    stream: TcpStream,
    verb: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let mut head = format!("{verb} {path} HTTP/1.1\r\nhost: embargo\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if verb != "GET" {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    let bytes = [head.as_bytes(), body].concat();
    let (mut reader, mut writer) = stream.into_split();
    let writing = tokio::spawn(async move {
        // The server may answer before it has read all.
        let _ = writer.write_all(&bytes).await;
        writer
    });
    let mut raw = Vec::new();
    within(reader.read_to_end(&mut raw)).await.ok();
    drop(writing.await.unwrap());
    answer(&raw)
}

/// Reads an answer as it came.
pub(crate) fn answer(raw: &[u8]) -> Answer {
    let end = raw.windows(4).position(|four| four == b"\r\n\r\n");
    let end = end.unwrap_or_else(|| panic!("no head: {:?}", String::from_utf8_lossy(raw)));
    let head = std::str::from_utf8(&raw[..end]).unwrap();
    let (first, rest) = head.split_once("\r\n").unwrap_or((head, ""));
    let status = first.split(' ').nth(1).unwrap().parse().unwrap();
    let headers: BTreeMap<String, String> = rest
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let body = &raw[end + 4..];
    let (body, is_whole) = match headers.get("transfer-encoding") {
        Some(_) => unchunked(body),
        None => {
            let length = headers.get("content-length").map(|n| n.parse().unwrap());
            (body.to_vec(), length.is_none_or(|n: usize| n == body.len()))
        }
    };
    Answer {
        status,
        headers,
        body,
        is_whole,
    }
}

fn unchunked(mut body: &[u8]) -> (Vec<u8>, bool) {
    let mut whole = Vec::new();
    loop {
        let Some(end) = body.windows(2).position(|two| two == b"\r\n") else {
            return (whole, false);
        };
        let size = std::str::from_utf8(&body[..end]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        let rest = &body[end + 2..];
        if size == 0 {
            return (whole, true);
        }
        if rest.len() < size + 2 {
            whole.extend_from_slice(rest);
            return (whole, false);
        }
        whole.extend_from_slice(&rest[..size]);
        body = &rest[size + 2..];
    }
}
