//! Connections: accepted one by one, as many at a time as there are places, and closed when they
//! take more than their share. Handshakes of TLS go on beside each other, each in its place, and hold
//! up nobody.

mod frames;
mod handshake;
mod line;
mod speech;

use std::fmt::Display;
use std::io;
use std::net::TcpListener;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use axum::http::uri::Scheme;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::Connected;

use self::frames::Resets;
pub(crate) use self::handshake::Handshakes;
use self::handshake::Wire;
pub(crate) use self::line::{Call, Line};
use self::line::{Lines, Patience, Pressure};
use self::speech::Speech;
use super::rooms::Rooms;
use crate::config::LimitsSettings;
use crate::identity::Shown;
use crate::telemetry::{Open, Telemetry};

/// After which time accepting is tried again when the system is out of something.
const PAUSE: Duration = Duration::from_millis(100);

/// A connection with its place.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: Wire,
    /// The certificate that the caller has shown.
    shown: Option<Arc<Shown>>,
    speech: Speech,
    line: Line,
    seat: Seat,
}

/// What a connection has for as long as it is open.
#[derive(Debug)]
struct Seat {
    telemetry: Telemetry,
    _open: Open,
    _place: OwnedSemaphorePermit,
}

/// Accepts connections until nobody takes them any longer, which closes the listener.
///
/// # Errors
/// If the listener cannot be used.
pub(crate) fn accept(
    listener: TcpListener,
    limits: &LimitsSettings,
    rooms: &Rooms,
    handshakes: Option<Handshakes>,
) -> io::Result<ReceiverStream<io::Result<Connection>>> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let (sender, receiver) = mpsc::channel(1);
    let patience = Patience {
        greeting: limits.handshake_timeout,
        frame: limits.head_timeout,
        standstill: limits.answer_timeout,
    };
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let hall = Hall {
        places: Arc::new(Semaphore::new(limits.connections)),
        lines: Mutex::new(Lines::new(patience)),
        patience,
        resets: Resets {
            burst: count(limits.reset_burst),
            per_second: count(limits.resets_per_second),
        },
        rooms: rooms.clone(),
        someone_waits: AtomicBool::new(false),
        handshakes,
    };
    tokio::spawn(async move {
        tokio::select! {
            () = sender.closed() => {}
            () = hall.accept(&listener, &sender) => {}
            () = hall.watch() => {}
        }
    });
    Ok(ReceiverStream::new(receiver))
}

/// Where connections come in and are looked after.
struct Hall {
    places: Arc<Semaphore>,
    lines: Mutex<Lines>,
    patience: Patience,
    resets: Resets,
    rooms: Rooms,
    /// Whether one waits for a place.
    someone_waits: AtomicBool,
    /// How connections begin, if they speak TLS.
    handshakes: Option<Handshakes>,
}

impl Hall {
    async fn accept(
        &self,
        listener: &tokio::net::TcpListener,
        sender: &mpsc::Sender<io::Result<Connection>>,
    ) {
        loop {
            let (stream, peer) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(cause) => {
                    tracing::warn!(cause = %cause, "a connection cannot be accepted");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            };
            let Some(place) = self.place().await else {
                return;
            };
            // Without it small answers wait for the caller's acknowledgement.
            let _ = stream.set_nodelay(true);
            let line = Line::new(Instant::now(), Some(peer.ip()));
            self.lines().add(&line);
            let speech = Speech::new(self.resets);
            let telemetry = self.rooms.telemetry.clone();
            let seat = Seat {
                _open: telemetry.edge().accepted(),
                _place: place,
                telemetry,
            };
            if let Some(handshakes) = &self.handshakes {
                let (handshakes, sender) = (handshakes.clone(), sender.clone());
                tokio::spawn(async move {
                    let agreed = handshakes.shake(stream, &line, &seat.telemetry).await;
                    if let Some((stream, shown)) = agreed {
                        let connection = Connection::new(stream, shown, speech, line, seat);
                        // Nobody takes it any longer when the server ends.
                        let _ = sender.send(Ok(connection)).await;
                    }
                });
                continue;
            }
            let connection = Connection::new(Wire::Plain(stream), None, speech, line, seat);
            if sender.send(Ok(connection)).await.is_err() {
                return;
            }
        }
    }

    /// A place, as soon as there is one. Who comes next waits in the system's queue.
    async fn place(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Some(place);
        }
        self.someone_waits.store(true, Ordering::Relaxed);
        let place = Arc::clone(&self.places).acquire_owned().await;
        self.someone_waits.store(false, Ordering::Relaxed);
        place.ok()
    }

    async fn watch(&self) {
        let mut looks = tokio::time::interval(self.patience.look());
        loop {
            looks.tick().await;
            let pressure = Pressure {
                someone_waits: self.someone_waits.load(Ordering::Relaxed),
                room_is_short: self.rooms.is_short(),
            };
            self.lines().look(Instant::now(), pressure);
        }
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        // No code that can panic runs under the lock.
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connected for Connection {
    type ConnectInfo = Line;

    fn connect_info(&self) -> Line {
        self.line.clone()
    }
}

impl Connection {
    fn new(
        stream: Wire,
        shown: Option<Arc<Shown>>,
        speech: Speech,
        line: Line,
        seat: Seat,
    ) -> Self {
        Self {
            stream,
            shown,
            speech,
            line,
            seat,
        }
    }

    /// The certificate that the caller has shown, if it has.
    pub(crate) fn shown(&self) -> Option<Arc<Shown>> {
        self.shown.clone()
    }

    /// By which scheme callers reach it.
    pub(crate) fn scheme(&self) -> Scheme {
        match self.stream {
            Wire::Plain(_) => Scheme::HTTP,
            Wire::Tls(_) => Scheme::HTTPS,
        }
    }

    fn stream(self: Pin<&mut Self>) -> Pin<&mut Wire> {
        Pin::new(&mut self.get_mut().stream)
    }

    /// An error once the connection has to end.
    fn goes_on(&self, context: &Context<'_>) -> io::Result<()> {
        match self.line.end(context.waker()) {
            None => Ok(()),
            Some(why) => {
                self.seat.telemetry.edge().closed("overdue");
                Err(closed(why))
            }
        }
    }

    /// Takes in what was written, of which something has gone out.
    fn wrote(&mut self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(bytes)) = written {
            self.speech.answered(bytes);
        }
        written
    }
}

fn closed(why: impl Display) -> io::Error {
    tracing::debug!(why = %why, "a connection is closed");
    io::Error::other(why.to_string())
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.goes_on(context)?;
        let before = buffer.filled().len();
        ready!(self.as_mut().stream().poll_read(context, buffer))?;
        let came = buffer.filled().get(before..).unwrap_or_default();
        let Self {
            speech, line, seat, ..
        } = &mut *self;
        let fed = speech.feed(came, line, Instant::now());
        fed.map_err(|why| {
            seat.telemetry.edge().closed("flood");
            closed(why)
        })?;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.goes_on(context)?;
        let written = self.as_mut().stream().poll_write(context, bytes);
        self.wrote(written)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream().poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.goes_on(context)?;
        let written = self.as_mut().stream().poll_write_vectored(context, slices);
        self.wrote(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
