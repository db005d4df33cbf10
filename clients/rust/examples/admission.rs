//! A check before an installation: it goes ahead only if a server says so.

use std::time::Duration;

use embargo_client::{Client, ConnectError, Gate, GateOutcome, v1};

/// Whether a laptop may have a program, and why.
pub(crate) async fn admit(endpoint: &str, bundle_id: &str) -> Result<String, ConnectError> {
    let client = Client::builder(endpoint).connect_lazy()?;
    let gate = Gate::new(&client, Duration::from_secs(5));
    let request = v1::DecideHostRequest {
        facts: Some(v1::HostFacts {
            host_id: "laptop-17".into(),
            software: vec![v1::Software {
                name: "Example Messenger".into(),
                bundle_id: Some(bundle_id.into()),
                ..Default::default()
            }],
            ..Default::default()
        }),
        action: v1::Action::Install.into(),
        ..Default::default()
    };
    Ok(match gate.check(request).await {
        GateOutcome::Open(passed) => format!("go ahead: {}", passed.decision().decision_id),
        GateOutcome::Closed(reason) => format!("stop: {reason}"),
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), ConnectError> {
    let answer = admit("http://127.0.0.1:8181", "com.example.messenger").await?;
    println!("{answer}");
    Ok(())
}
