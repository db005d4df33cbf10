//! Asking a server: facts as messages, and calls that wait.

use std::fs;
use std::future::Future;
use std::path::Path;
use std::time::Duration;

use embargo_client::{Client, ClientBuilder, Timestamp, Tls, v1};
use embargo_core::facts::{Attribute, CoverageState, HostFacts, OwnerKind, Software};
use embargo_core::instant::Instant;
use embargo_core::instrument::Action;

use crate::args::Access;
use crate::commands::Failure;

/// Waits for a call.
///
/// # Errors
/// If no runtime can be had, or the call fails.
pub(crate) fn wait<T, E: Into<Failure>>(
    call: impl Future<Output = Result<T, E>>,
) -> Result<T, Failure> {
    let runtime = runtime()?;
    runtime.block_on(call).map_err(Into::into)
}

/// A connection on which hosts are asked about one after the other.
pub(crate) struct Remote {
    runtime: tokio::runtime::Runtime,
    client: Client,
}

impl Remote {
    /// Connects to a server. `limit` bounds the connecting, and each call after it with its
    /// retries.
    ///
    /// # Errors
    /// If there is none.
    pub(crate) fn connect(
        server: &str,
        access: &Access,
        limit: Option<Duration>,
    ) -> Result<Self, Failure> {
        let runtime = runtime()?;
        let mut builder = builder(server, access)?;
        if let Some(limit) = limit {
            builder = builder.deadline(limit);
        }
        let client = runtime.block_on(builder.connect())?;
        Ok(Self { runtime, client })
    }

    /// Asks for a decision.
    pub(crate) fn decide(
        &self,
        facts: &HostFacts,
        action: Action,
        at: Option<Instant>,
    ) -> Result<v1::Decision, Failure> {
        let request = v1::DecideHostRequest {
            facts: Some(message(facts)),
            action: number(action).into(),
            evaluate_time: at.map(timestamp),
            require_snapshot_id: String::new(),
        };
        Ok(self.runtime.block_on(self.client.decide_host(request))?)
    }
}

/// A client for a server, which trusts and is whom the arguments say.
///
/// # Errors
/// If a file of theirs cannot be read.
pub(crate) fn builder(server: &str, access: &Access) -> Result<ClientBuilder, Failure> {
    let read = |path: &Path| {
        fs::read(path).map_err(|cause| Failure::Unreadable {
            what: path.display().to_string(),
            cause,
        })
    };
    let mut builder = Client::builder(server);
    let mut tls = Tls::new();
    if let Some(authority) = &access.tls_ca {
        tls = tls.authority(read(authority)?);
    }
    if let (Some(chain), Some(key)) = (&access.tls_cert, &access.tls_key) {
        tls = tls.client_certificate(read(chain)?, read(key)?);
    }
    if access.tls_ca.is_some() || access.tls_cert.is_some() {
        builder = builder.tls(tls);
    }
    if let Some(path) = &access.token_file {
        let token = String::from_utf8_lossy(&read(path)?).trim().to_owned();
        builder = builder.token(token);
    }
    Ok(builder)
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|cause| Failure::Said(format!("no runtime can be started: {cause}")))
}

/// Asks for a timeline.
pub(crate) async fn timeline(
    server: &str,
    access: &Access,
    facts: &HostFacts,
    action: Action,
    from: Option<Instant>,
    until: Instant,
) -> Result<v1::ComputeDecisionTimelineResponse, Failure> {
    let client = builder(server, access)?.connect().await?;
    let request = v1::ComputeDecisionTimelineRequest {
        facts: Some(message(facts)),
        action: number(action).into(),
        start_time: from.map(timestamp),
        end_time: Some(timestamp(until)),
        require_snapshot_id: String::new(),
    };
    Ok(client.compute_decision_timeline(request).await?)
}

/// Asks for an explanation.
pub(crate) async fn explain(
    server: &str,
    access: &Access,
    facts: &HostFacts,
    action: Action,
    at: Option<Instant>,
) -> Result<v1::ExplainDecisionResponse, Failure> {
    let client = builder(server, access)?.connect().await?;
    let request = v1::ExplainDecisionRequest {
        facts: Some(message(facts)),
        action: number(action).into(),
        evaluate_time: at.map(timestamp),
        ..Default::default()
    };
    Ok(client.explain_decision(request).await?)
}

fn timestamp(instant: Instant) -> Timestamp {
    let (seconds, nanos) = instant.to_unix();
    Timestamp { seconds, nanos }
}

const fn number(action: Action) -> v1::Action {
    match action {
        Action::Presence => v1::Action::Presence,
        Action::Install => v1::Action::Install,
        Action::Update => v1::Action::Update,
        Action::Use => v1::Action::Use,
        Action::Acquire => v1::Action::Acquire,
        Action::Distribute => v1::Action::Distribute,
        Action::Connect => v1::Action::Connect,
    }
}

fn message(facts: &HostFacts) -> v1::HostFacts {
    let record = facts.record().clone();
    v1::HostFacts {
        host_id: record.host_id,
        os: record.os.map(|os| v1::OperatingSystem {
            family: os.family,
            version: os.version,
            architecture: os.architecture,
        }),
        form_factor: record.form_factor,
        owner: record.owner.map(|owner| v1::Owner {
            kind: owner.kind.map_or(0, |kind| owner_kind(kind).into()),
            jurisdictions: owner.jurisdictions,
            sectors: owner.sectors,
            us_person: owner.us_person,
            contract_clauses: owner.contract_clauses,
        }),
        purposes: record.purposes,
        groups: record.groups,
        software: record.software.into_iter().map(software).collect(),
        coverage: record
            .coverage
            .into_iter()
            .map(|entry| v1::Coverage {
                source: entry.source,
                state: coverage_state(entry.state).into(),
                collect_time: entry.collect_time.map(timestamp),
            })
            .collect(),
        collect_time: record.collect_time.map(timestamp),
        attributes: record.attributes.map(object),
    }
}

fn software(item: Software) -> v1::Software {
    v1::Software {
        name: item.name,
        version: item.version,
        publisher: item.publisher,
        source: item.source,
        bundle_id: item.bundle_id,
        package_id: item.package_id,
        extension_id: item.extension_id,
        product_code: item.product_code,
        team_id: item.team_id,
        signer: item.signer,
        sha256: item.sha256.map(|digest| digest.0.to_vec()),
        purl: item.purl,
        cpe: item.cpe,
        path: item.path,
        embedded_in: item.embedded_in,
        install_time: item.install_time.map(timestamp),
    }
}

const fn owner_kind(kind: OwnerKind) -> v1::owner::Kind {
    match kind {
        OwnerKind::Government => v1::owner::Kind::Government,
        OwnerKind::Contractor => v1::owner::Kind::Contractor,
        OwnerKind::Business => v1::owner::Kind::Business,
        OwnerKind::Personal => v1::owner::Kind::Personal,
    }
}

const fn coverage_state(state: CoverageState) -> v1::coverage::State {
    match state {
        CoverageState::Complete => v1::coverage::State::Complete,
        CoverageState::Partial => v1::coverage::State::Partial,
        CoverageState::NotPermitted => v1::coverage::State::NotPermitted,
        CoverageState::NotCollected => v1::coverage::State::NotCollected,
        CoverageState::Unreadable => v1::coverage::State::Unreadable,
    }
}

fn object(fields: std::collections::BTreeMap<String, Attribute>) -> embargo_client::Struct {
    let fields = fields
        .into_iter()
        .map(|(key, value)| (key, attribute(value)));
    embargo_client::Struct {
        fields: fields.collect(),
    }
}

fn attribute(value: Attribute) -> embargo_client::Value {
    use embargo_client::value::Kind;
    let kind = match value {
        Attribute::Null => Kind::NullValue(0),
        Attribute::Bool(value) => Kind::BoolValue(value),
        Attribute::Number(value) => Kind::NumberValue(value),
        Attribute::Text(value) => Kind::StringValue(value),
        Attribute::List(values) => Kind::ListValue(embargo_client::ListValue {
            values: values.into_iter().map(attribute).collect(),
        }),
        Attribute::Object(fields) => Kind::StructValue(object(fields)),
    };
    embargo_client::Value { kind: Some(kind) }
}
