//! `embargo serve`: serve decisions and take up changed policy files.

mod reconfigure;

use std::net::{SocketAddr, TcpListener, ToSocketAddrs as _};
use std::path::PathBuf;

use embargo_service::{Config, Door, Given, OtlpSettings, Present, Program, Server, Source};
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::args::Serve;
use crate::commands::Failure;
use crate::commands::check::shown;
use crate::configuration::{self, Reading};
use crate::exit::Exit;
use crate::log::{self, Log};
use crate::output::Paint;
use crate::policies;

use self::reconfigure::Live;

pub(crate) fn run(serve: &Serve) -> Result<Exit, Failure> {
    let reading = Reading::of_named_or_usual(&serve.serving.configured, serve.said());
    let given = reading.read()?;
    let config = config(&given)?;
    let file = &given.file;
    let log = log::start(&file.log.level, file.log.format)?;
    for remark in &given.unknown_variables {
        tracing::warn!("{remark}");
    }
    let source = configuration::source(&given)?;
    let (listener, address) = bind(&file.listen)?;
    if let Err(exposed) = config.settings().exposed(address) {
        if !file.insecure {
            return Err(Failure::Said(exposed.to_string()));
        }
        let paint = Paint::for_errors();
        log.say(&format!(
            "{}: {address} can be reached from other machines, and {}\n  hint: let something else keep them away: whoever reaches this address may ask, and read what is asked",
            paint.red("insecure"),
            exposed.lacks,
        ));
    }
    let is_open = Openness {
        speaks_tls: config.settings().tls.is_some(),
        asks_for_credentials: config.settings().identity.is_asked_for(),
    };
    runtime()?.block_on(async {
        let shutdown = shutdown()?;
        // Heard before it is said that the server serves: unheard, it ends the process.
        let hangup = heard(SignalKind::hangup())?;
        let server = start(source.clone(), config)?;
        let present = server.present();
        announce(&log, &source, (&file.doors, is_open), address, &present);
        if present.active.is_none() && file.policies.exit_on_invalid {
            return Ok(Exit::Refused);
        }
        // From here on all is said in the log, which holds nothing up.
        let live = Live {
            log: &log,
            limits: server.limits(),
        };
        let served = tokio::select! {
            served = server.serve(listener, shutdown) => served,
            () = reconfigure::follow(hangup, reading, given.clone(), live) => {
                return Ok(Exit::Undecided);
            }
        };
        match served {
            Ok(()) => {
                tracing::info!("stopped");
                Ok(Exit::Done)
            }
            Err(failed) => {
                tracing::error!(cause = %failed, "the server has to end");
                Ok(Exit::Undecided)
            }
        }
    })
}

/// How a server is set up that a configuration asks for.
pub(super) fn config(given: &Given) -> Result<Config, Failure> {
    let config = given
        .config()
        .map_err(|fault| configuration::refused(&[fault]))?;
    let otlp = OtlpSettings::from_environment(|name| std::env::var(name).ok())
        .map_err(|refused| Failure::Said(refused.to_string()))?;
    Ok(config.with_confined(confined()).with_otlp(otlp))
}

/// What a server runs on.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|cause| Failure::Said(format!("no runtime can be started: {cause}")))
}

/// Starts a server, inside of a runtime. It has made its first attempt to load the policies then.
pub(super) fn start(source: Source, config: Config) -> Result<Server, Failure> {
    // Heard, it does not end the process: writing then fails, and that is said.
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    drop(heard(SignalKind::from_raw(FILE_TOO_LARGE))?);
    Server::start(source, config).map_err(|failed| Failure::Said(failed.to_string()))
}

/// This executable, to compile and test what callers send in processes of their own.
fn confined() -> Option<Program> {
    // On Linux this is the very executable that runs, even if its file was replaced since.
    let path = if cfg!(target_os = "linux") {
        Some(PathBuf::from("/proc/self/exe"))
    } else {
        std::env::current_exe().ok()
    };
    path.map(|path| Program {
        path,
        arguments: vec!["internal-run-tests".into()],
    })
}

/// What such a process does.
pub(crate) fn run_confined() -> Result<Exit, Failure> {
    embargo_service::run_confined()
        .map(|()| Exit::Done)
        .map_err(|cause| Failure::Said(format!("the server cannot be answered: {cause}")))
}

/// Takes an address, and says which it is where it leaves the port open.
pub(super) fn bind(listen: &str) -> Result<(TcpListener, SocketAddr), Failure> {
    let refused = |cause: String| {
        Failure::Said(format!(
            "cannot listen on `{listen}`: {cause}\n  hint: write HOST:PORT with a port that is free, such as 127.0.0.1:8181"
        ))
    };
    let addresses: Vec<SocketAddr> = listen
        .to_socket_addrs()
        .map_err(|cause| refused(cause.to_string()))?
        .collect();
    let listener =
        TcpListener::bind(addresses.as_slice()).map_err(|cause| refused(cause.to_string()))?;
    let address = listener
        .local_addr()
        .map_err(|cause| Failure::Said(format!("the address is not known: {cause}")))?;
    Ok((listener, address))
}

/// Says what is served, from which snapshot, and how to ask.
fn announce(
    log: &Log,
    source: &Source,
    (doors, openness): (&[Door], Openness),
    address: SocketAddr,
    present: &Present,
) {
    let paint = Paint::for_errors();
    match &present.active {
        Some(active) => {
            let snapshot = &active.snapshot;
            if active.is_recalled {
                say_degraded(log, source, present);
            }
            let ways: String = ways_to_ask(doors, openness, address)
                .iter()
                .map(|line| format!("  {}\n", paint.bold(line)))
                .collect();
            let revision = active
                .release
                .as_ref()
                .filter(|release| !release.revision.is_empty())
                .map(|release| format!("  revision   {}\n", release.revision))
                .unwrap_or_default();
            log.say(&format!(
                "{} on {address}\n  policies   {source}: {}\n{revision}  snapshot   {}\n\nask it:\n\n{ways}",
                paint.green("serving"),
                policies::counts(snapshot),
                snapshot.id(),
            ));
        }
        None => {
            let diagnostics = present
                .last_reload
                .as_ref()
                .map(|report| report.diagnostics.as_slice())
                .unwrap_or_default();
            log.say(&shown(diagnostics, paint));
            log.say(&format!(
                "{} on {address}: the policies in {source} are invalid, so every decision is refused\n  hint: correct them; they are taken up as soon as they load",
                paint.red("not ready"),
            ));
        }
    }
}

/// What callers need to ask.
#[derive(Clone, Copy)]
struct Openness {
    speaks_tls: bool,
    asks_for_credentials: bool,
}

/// Lines to paste, each for a door that is open.
fn ways_to_ask(doors: &[Door], openness: Openness, address: SocketAddr) -> Vec<String> {
    if openness.speaks_tls || openness.asks_for_credentials {
        // Who may ask, and by which name the server is certified, is not known here.
        let scheme = if openness.speaks_tls { "https" } else { "http" };
        let credential = if openness.asks_for_credentials {
            " --token-file FILE"
        } else {
            ""
        };
        let trusted = if openness.speaks_tls {
            " --tls-ca FILE"
        } else {
            ""
        };
        let server = format!("{scheme}://NAME:{}", address.port());
        return vec![format!(
            "{} decide --example --server {server}{trusted}{credential}",
            program()
        )];
    }
    let mut lines = Vec::new();
    if doors.contains(&Door::Grpc) {
        lines.push(format!(
            "{} decide --example --server http://{address}",
            program()
        ));
        lines.push(format!(
            "grpcurl -plaintext -d '{{\"facts\":{{\"host_id\":\"h\"}}}}' {address} embargo.v1.DecisionService/DecideHost"
        ));
    }
    if doors.contains(&Door::Http) {
        lines.push(format!(
            "curl http://{address}/v1/hosts:decide -H 'content-type: application/json' -d '{{\"facts\":{{\"hostId\":\"h\"}}}}'"
        ));
    }
    lines
}

/// Says that not the policies judge that are in the folder, and why.
pub(super) fn say_degraded(log: &Log, source: &Source, present: &Present) {
    let paint = Paint::for_errors();
    let diagnostics = present.last_reload.as_ref();
    let diagnostics = diagnostics.map_or(&[][..], |report| &report.diagnostics);
    log.say(&shown(diagnostics, paint));
    log.say(&format!(
        "{}: the policies in {source} are invalid, so the last good ones judge\n  hint: correct them; they are taken up as soon as they load",
        paint.yellow("degraded"),
    ));
}

/// The program as it was called, so that the line works where it is pasted.
fn program() -> String {
    std::env::args()
        .next()
        .unwrap_or_else(|| "embargo".to_owned())
}

/// SIGXFSZ, which is sent to a process that writes more to a file than it may.
#[cfg(any(target_os = "linux", target_os = "macos"))]
const FILE_TOO_LARGE: i32 = 25;

/// A signal that no longer does what it does by itself.
pub(super) fn heard(kind: SignalKind) -> Result<Signal, Failure> {
    signal(kind).map_err(|cause| Failure::Said(format!("signals cannot be heard: {cause}")))
}

/// Ready at the first SIGTERM or SIGINT; a second one ends the process at once.
fn shutdown() -> Result<impl Future<Output = ()>, Failure> {
    let mut terminate = heard(SignalKind::terminate())?;
    let mut interrupt = heard(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("told to end: running calls finish, new ones are refused");
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            std::process::exit(130);
        });
    })
}
