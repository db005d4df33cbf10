//! A probe: one request of HTTP/1.1 in plain text, as an orchestrator sends it.

use std::fmt;
use std::io::{self, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::{Duration, Instant};

/// Bytes of an answer that are read, at most.
const ANSWER_BYTES: u64 = 64 * 1_024;
/// Characters of what a server says of itself.
const SAID_CHARS: usize = 200;

/// What is known of a server's health.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Probed {
    Serving,
    /// With what it says of that, behind a colon.
    NotServing(String),
    /// Why it cannot be told.
    Unreachable(String),
}

/// Where is asked, and for what.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Probe {
    /// HOST:PORT.
    pub(super) address: String,
    pub(super) path: String,
}

impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.address, self.path)
    }
}

impl Probe {
    /// Asks, and waits no longer than this for all of it.
    pub(super) fn ask(&self, limit: Duration) -> Probed {
        match self.answer(Instant::now() + limit) {
            Ok(answer) => judged(&answer),
            Err(cause) if is_late(&cause) => Probed::Unreachable(super::late(limit)),
            Err(cause) => Probed::Unreachable(cause.to_string()),
        }
    }

    fn answer(&self, end: Instant) -> io::Result<Vec<u8>> {
        let mut stream = self.connect(end)?;
        let request = format!(
            "GET {} HTTP/1.1\r\nhost: {}\r\nuser-agent: embargo-healthcheck\r\nconnection: close\r\n\r\n",
            self.path, self.address
        );
        stream.set_write_timeout(Some(left(end)?))?;
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        let mut part = [0; 4_096];
        loop {
            stream.set_read_timeout(Some(left(end)?))?;
            let count = stream.read(&mut part)?;
            let came = part.get(..count).unwrap_or_default();
            answer.extend_from_slice(came);
            let is_long = u64::try_from(answer.len()).unwrap_or(u64::MAX) > ANSWER_BYTES;
            if count == 0 || is_long || is_whole(&answer) {
                return Ok(answer);
            }
        }
    }

    /// Tries each address that the name stands for.
    fn connect(&self, end: Instant) -> io::Result<TcpStream> {
        let mut failed = io::Error::new(io::ErrorKind::NotFound, "the name stands for no address");
        for address in self.address.to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, left(end)?) {
                Ok(stream) => return Ok(stream),
                Err(cause) => failed = cause,
            }
        }
        Err(failed)
    }
}

/// The time that is left, of which there is some.
fn left(end: Instant) -> io::Result<Duration> {
    let left = end.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(io::ErrorKind::TimedOut.into());
    }
    Ok(left)
}

fn is_late(cause: &io::Error) -> bool {
    matches!(
        cause.kind(),
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock
    )
}

/// Whether as much has come as the head says.
fn is_whole(answer: &[u8]) -> bool {
    let Some((head, body)) = parts(answer) else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>().ok())?
    });
    length.is_some_and(|length| body.len() >= length)
}

/// The head, and what is behind it.
fn parts(answer: &[u8]) -> Option<(&str, &[u8])> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let (head, rest) = answer.split_at_checked(end)?;
    Some((std::str::from_utf8(head).ok()?, rest.get(4..)?))
}

/// A status of success is health; that the server is there and not ready has its own.
fn judged(answer: &[u8]) -> Probed {
    let Some((head, body)) = parts(answer) else {
        return Probed::Unreachable("what answers does not speak HTTP".to_owned());
    };
    let mut words = head.split_ascii_whitespace();
    let speaks_http = words.next().is_some_and(|word| word.starts_with("HTTP/1."));
    let status = words.next().and_then(|status| status.parse::<u16>().ok());
    match status {
        Some(200..=299) if speaks_http => Probed::Serving,
        Some(503) if speaks_http => Probed::NotServing(said(body)),
        Some(status) if speaks_http => Probed::Unreachable(format!(
            "the answer has status {status}, which tells nothing of health"
        )),
        _ => Probed::Unreachable("what answers does not speak HTTP".to_owned()),
    }
}

/// The first line of what a server says, without what a terminal would act on.
fn said(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let line = text.lines().find(|line| !line.trim().is_empty());
    let line: String = line
        .unwrap_or_default()
        .chars()
        .filter(|character| !character.is_control())
        .take(SAID_CHARS)
        .collect();
    if line.is_empty() {
        return line;
    }
    format!(": {line}")
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// What is found where this is answered.
    fn found(answer: &'static [u8]) -> Probed {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let answering = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 1_024];
            let count = stream.read(&mut request).unwrap();
            assert!(request[..count].starts_with(b"GET /readyz HTTP/1.1\r\nhost: 127.0.0.1:"));
            stream.write_all(answer).unwrap();
            stream
        });
        let path = "/readyz".to_owned();
        let probed = Probe { address, path }.ask(Duration::from_secs(5));
        drop(answering.join().unwrap());
        probed
    }

    #[test]
    fn a_status_of_success_is_health_and_only_that() {
        let ready = b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nready\n";
        assert_eq!(found(ready), Probed::Serving);
        let not = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 20\r\n\r\nno policies \x1b[31myet\n";
        let why = ": no policies [31myet".to_owned();
        assert_eq!(found(not), Probed::NotServing(why));
        for other in [
            &b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"[..],
            b"HTTP/1.1 301 Moved\r\ncontent-length: 0\r\n\r\n",
            b"SSH-2.0-OpenSSH\r\n\r\n 200 \r\n\r\n",
            b"\x15\x03\x01\r\n\r\n",
        ] {
            let text = String::from_utf8_lossy(other);
            let probed = found(other);
            assert!(
                matches!(probed, Probed::Unreachable(_)),
                "{text}: {probed:?}"
            );
        }
    }

    #[test]
    fn what_never_answers_is_given_up_in_time() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let path = "/readyz".to_owned();
        let start = Instant::now();
        let probed = Probe { address, path }.ask(Duration::from_millis(200));
        assert_eq!(
            probed,
            Probed::Unreachable("no answer within 200ms".to_owned())
        );
        assert!(start.elapsed() < Duration::from_secs(5));
    }
}
