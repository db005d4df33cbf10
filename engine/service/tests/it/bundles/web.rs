//! A plain web server with one file, which a test replaces, breaks and asks what was asked of it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What it answers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
    pub(crate) location: Option<String>,
    /// What it says that the body has, if it lies.
    pub(crate) length: Option<u64>,
}

impl Answer {
    pub(crate) fn of(body: &[u8]) -> Self {
        Self {
            status: 200,
            body: body.to_vec(),
            etag: Some(format!("\"{}\"", body.len())),
            ..Self::default()
        }
    }
}

type Headers = BTreeMap<String, String>;

#[derive(Default)]
struct State {
    /// Nothing while it is down.
    answer: Option<Answer>,
    asked: Vec<Headers>,
    unchanged: usize,
}

#[derive(Clone)]
pub(crate) struct Web {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    scheme: &'static str,
}

impl Web {
    pub(crate) fn start(answer: Option<Answer>) -> Self {
        Self::listen(answer, None)
    }

    pub(crate) fn start_with_tls(answer: Option<Answer>, tls: ServerConfig) -> Self {
        Self::listen(answer, Some(Arc::new(tls)))
    }

    fn listen(answer: Option<Answer>, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let web = Self {
            address: listener.local_addr().unwrap(),
            state: Arc::new(Mutex::new(State {
                answer,
                ..State::default()
            })),
            scheme: if tls.is_some() { "https" } else { "http" },
        };
        let serving = web.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (serving, tls) = (serving.clone(), tls.clone());
                thread::spawn(move || match tls {
                    None => serving.answer(stream.unwrap()),
                    Some(tls) => {
                        let connection = ServerConnection::new(tls).unwrap();
                        serving.answer(StreamOwned::new(connection, stream.unwrap()));
                    }
                });
            }
        });
        web
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn url(&self) -> String {
        format!(
            "{}://localhost:{}/policies.tar.gz",
            self.scheme,
            self.address.port()
        )
    }

    pub(crate) fn put(&self, answer: Option<Answer>) {
        self.state().answer = answer;
    }

    /// How often it has been asked.
    pub(crate) fn asked(&self) -> usize {
        self.state().asked.len()
    }

    /// The headers of the last question.
    pub(crate) fn last(&self) -> Headers {
        self.state().asked.last().cloned().unwrap_or_default()
    }

    /// How often it answered that nothing has changed.
    pub(crate) fn unchanged(&self) -> usize {
        self.state().unchanged
    }

    fn answer(&self, stream: impl Read + Write) {
        let mut stream = BufReader::new(stream);
        let mut headers = Headers::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).is_err() || line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':') {
                headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
            }
        }
        let (answer, is_unchanged) = {
            let mut state = self.state();
            state.asked.push(headers.clone());
            let Some(answer) = state.answer.clone() else {
                return;
            };
            let knows = |name: &str, value: &Option<String>| {
                value.is_some() && headers.get(name) == value.as_ref()
            };
            let is_unchanged = answer.status == 200
                && (knows("if-none-match", &answer.etag)
                    || knows("if-modified-since", &answer.last_modified));
            state.unchanged += usize::from(is_unchanged);
            (answer, is_unchanged)
        };
        let status = if is_unchanged { 304 } else { answer.status };
        let body = if is_unchanged { &[][..] } else { &answer.body };
        let length = answer
            .length
            .unwrap_or_else(|| u64::try_from(body.len()).unwrap());
        let mut head =
            format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\nconnection: close\r\n");
        for (name, value) in [
            ("etag", &answer.etag),
            ("last-modified", &answer.last_modified),
            ("location", &answer.location),
        ] {
            if let Some(value) = value {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        let stream = stream.get_mut();
        // Who asked may have gone.
        let _ = stream.write_all(format!("{head}\r\n").as_bytes());
        let _ = stream.write_all(body);
        let _ = stream.flush();
    }
}
