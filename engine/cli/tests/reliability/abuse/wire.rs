//! HTTP/2 frames by hand, for what no client library would send.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const PRIORITY: u8 = 2;
pub(super) const RESET: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const PING: u8 = 6;
pub(super) const WINDOW_UPDATE: u8 = 8;
pub(super) const CONTINUATION: u8 = 9;

pub(super) const ACK: u8 = 1;
pub(super) const END_STREAM: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;

pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A frame with its header.
pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// The headers of a call, every one written out.
fn headers(method: &str) -> Vec<u8> {
    let path = format!("/embargo.v1.DecisionService/{method}");
    let mut block = Vec::new();
    for (name, value) in [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path.as_str()),
        (":authority", "localhost"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ] {
        block.push(0);
        for text in [name, value] {
            block.push(u8::try_from(text.len()).unwrap());
            block.extend(text.as_bytes());
        }
    }
    block
}

/// Opens a call.
pub(super) fn open(method: &str, stream: u32) -> Vec<u8> {
    frame(HEADERS, END_HEADERS, stream, &headers(method))
}

/// Its one message, with which it is complete.
pub(super) fn message(stream: u32, message: &impl prost::Message) -> Vec<u8> {
    let mut bytes = vec![0];
    bytes.extend(u32::try_from(message.encoded_len()).unwrap().to_be_bytes());
    bytes.extend(message.encode_to_vec());
    let mut frames = Vec::new();
    let count = bytes.len().div_ceil(16_384);
    for (at, part) in bytes.chunks(16_384).enumerate() {
        let flags = if at + 1 == count { END_STREAM } else { 0 };
        frames.extend(frame(DATA, flags, stream, part));
    }
    frames
}

pub(super) fn reset(stream: u32) -> Vec<u8> {
    frame(RESET, 0, stream, &8_u32.to_be_bytes())
}

/// Settings with one value.
pub(super) fn setting(number: u16, value: u32) -> Vec<u8> {
    let mut payload = number.to_be_bytes().to_vec();
    payload.extend(value.to_be_bytes());
    frame(SETTINGS, 0, 0, &payload)
}

/// A connection of an attacker, who does not care for what comes back.
pub(super) struct Wire {
    stream: TcpStream,
    next: u32,
    /// What came and is no whole frame.
    came: Vec<u8>,
}

impl Wire {
    /// Only the connection.
    pub(super) fn connect(address: SocketAddr) -> Option<Self> {
        let stream = TcpStream::connect_timeout(&address, Duration::from_secs(5)).ok()?;
        stream.set_nodelay(true).ok()?;
        stream.set_nonblocking(true).ok()?;
        Some(Self {
            stream,
            next: 1,
            came: Vec::new(),
        })
    }

    /// With the preface and the settings of which HTTP/2 consists at the least.
    pub(super) fn greet(address: SocketAddr, settings: &[u8]) -> Option<Self> {
        let mut wire = Self::connect(address)?;
        wire.send(&[PREFACE, settings].concat()).then_some(wire)
    }

    /// The number of the next stream.
    pub(super) fn stream(&mut self) -> u32 {
        let number = self.next;
        self.next += 2;
        number
    }

    /// The number of the last one.
    pub(super) fn last(&self) -> Option<u32> {
        self.next.checked_sub(2)
    }

    /// Sends what the other side takes. False once it has closed the connection.
    pub(super) fn send(&mut self, mut bytes: &[u8]) -> bool {
        let mut patience = 2_000;
        while !bytes.is_empty() {
            match self.stream.write(bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(cause) if cause.kind() == ErrorKind::WouldBlock && patience > 0 => {
                    patience -= 1;
                    if !self.drain() {
                        return false;
                    }
                    std::thread::sleep(Duration::from_millis(1));
                }
                // A frame that was begun cannot be ended any more.
                Err(_) => return false,
            }
        }
        true
    }

    /// Takes what came. False once the other side has closed the connection.
    pub(super) fn drain(&mut self) -> bool {
        self.take(|_, _| {})
    }

    /// Waits for a frame of a kind with flags. False if it does not come.
    pub(super) fn wait_for(&mut self, kind: u8, flags: u8) -> bool {
        let patience = Instant::now() + Duration::from_secs(10);
        let mut has_come = false;
        while !has_come && Instant::now() < patience {
            let goes_on = self.take(|this_kind, these_flags| {
                has_come |= (this_kind, these_flags) == (kind, flags);
            });
            if !goes_on {
                return false;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        has_come
    }

    fn take(&mut self, mut seen: impl FnMut(u8, u8)) -> bool {
        let mut into = [0; 65_536];
        let goes_on = loop {
            match self.stream.read(&mut into) {
                Ok(0) => break false,
                Ok(count) => self.came.extend(&into[..count]),
                Err(cause) => break cause.kind() == ErrorKind::WouldBlock,
            }
        };
        let mut whole = 0;
        while let [a, b, c, kind, flags, ..] = self.came[whole..] {
            let end = whole + 9 + usize::try_from(u32::from_be_bytes([0, a, b, c])).unwrap();
            if end > self.came.len() {
                break;
            }
            seen(kind, flags);
            whole = end;
        }
        self.came.drain(..whole);
        goes_on
    }
}
