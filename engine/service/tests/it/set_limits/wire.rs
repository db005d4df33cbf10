//! HTTP/2 frame by frame, for what no client would send.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(super) const HEADERS: u8 = 1;
pub(super) const RESET: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const PING: u8 = 6;
pub(super) const GOAWAY: u8 = 7;
pub(super) const WINDOW_UPDATE: u8 = 8;
const ACK: u8 = 1;
/// The end of headers, and of what is sent.
const WHOLE: u8 = 4 | 1;

pub(super) struct Wire(TcpStream);

pub(super) struct Frame {
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) stream: u32,
    pub(super) payload: Vec<u8>,
}

pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// A call of GET that is whole.
pub(super) fn get(stream: u32, path: &str) -> Vec<u8> {
    let mut headers = vec![0x82, 0x86];
    for (name, value) in [(4, path), (1, "embargo")] {
        headers.extend([name, u8::try_from(value.len()).unwrap()]);
        headers.extend(value.as_bytes());
    }
    frame(HEADERS, WHOLE, stream, &headers)
}

/// A call that is reset at once.
pub(super) fn reset(stream: u32) -> Vec<u8> {
    [
        get(stream, "/v1/snapshot"),
        frame(RESET, 0, stream, &[0, 0, 0, 8]),
    ]
    .concat()
}

impl Wire {
    /// A connection on which nothing was sent.
    pub(super) async fn connect(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }

    /// A connection that has greeted.
    pub(super) async fn greet(address: SocketAddr) -> Self {
        let mut wire = Self::connect(address).await;
        wire.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
        wire.send(&frame(SETTINGS, 0, 0, &[])).await;
        wire
    }

    /// Sends what it can: the other side may have closed.
    pub(super) async fn send(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(bytes).await;
    }

    /// The next frame, none once the other side has closed.
    pub(super) async fn next(&mut self) -> Option<Frame> {
        let mut head = [0; 9];
        self.0.read_exact(&mut head).await.ok()?;
        let [a, b, c, kind, flags, rest @ ..] = head;
        let mut payload = vec![0; usize::try_from(u32::from_be_bytes([0, a, b, c])).unwrap()];
        self.0.read_exact(&mut payload).await.ok()?;
        Some(Frame {
            kind,
            flags,
            stream: u32::from_be_bytes(rest),
            payload,
        })
    }

    /// Reads until the other side closes. None if it does not within some seconds.
    pub(super) async fn closes(&mut self) -> Option<Vec<Frame>> {
        let all = async {
            let mut frames = Vec::new();
            while let Some(frame) = self.next().await {
                frames.push(frame);
            }
            frames
        };
        tokio::time::timeout(Duration::from_secs(6), all).await.ok()
    }

    /// What comes until the other side closes, as text.
    pub(super) async fn text(&mut self) -> String {
        let mut bytes = Vec::new();
        let _ = self.0.read_to_end(&mut bytes).await;
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Whether the other side answers a ping, which it does once all before is read.
    pub(super) async fn is_alive(&mut self) -> bool {
        self.send(&frame(PING, 0, 0, b"question")).await;
        while let Some(frame) = self.next().await {
            if frame.kind == PING && frame.flags == ACK && frame.payload == b"question" {
                return true;
            }
        }
        false
    }
}
