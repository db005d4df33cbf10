//! The example of the README: it is the one that is compiled, and it does what it says.

use embargo_client::v1::{Effect, Finding};

use crate::fake::{Fake, HOST, answer, decision};

#[path = "../../examples/admission.rs"]
#[expect(dead_code, reason = "its `main` asks a server that a test has not")]
mod admission;

#[test]
fn the_readme_shows_the_example_as_it_is() {
    let readme = include_str!("../../README.md");
    let shown = readme.split("```rust,no_run\n").nth(1).unwrap();
    let shown = shown.split("```").next().unwrap();
    assert_eq!(shown, include_str!("../../examples/admission.rs"));
}

#[tokio::test]
async fn the_example_goes_ahead_only_if_a_server_says_so() {
    assert_ne!(HOST, "laptop-17");
    let fake = Fake::start().await;
    let on_the_laptop = |effect: Effect| embargo_client::v1::Decision {
        host_id: "laptop-17".into(),
        decision_id: "d1".into(),
        findings: vec![Finding {
            instrument_id: "example".into(),
            message: "it is not allowed".into(),
            ..Default::default()
        }],
        ..decision(effect)
    };
    for (decided, said) in [
        (on_the_laptop(Effect::Allow), "go ahead: d1"),
        (
            on_the_laptop(Effect::Deny),
            "stop: denied: it is not allowed (example)",
        ),
        (decision(Effect::Allow), "stop: no decision: "),
    ] {
        fake.scripts.decide.set([answer(decided)]);
        let answered = admission::admit(&fake.endpoint, "com.example.x")
            .await
            .unwrap();
        assert!(answered.starts_with(said), "{answered}");
    }
}
