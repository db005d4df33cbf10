use std::time::Duration;

use tonic::Code;
use tonic_types::{ErrorDetails, StatusExt as _};

use super::super::strict::VALUES;
use super::*;

const DECIDE: &str = "/embargo.v1.DecisionService/DecideHost";

async fn read_as_request(text: impl Into<Bytes>) -> Result<Bytes, Unreadable> {
    let schema = Schema::load_alone().unwrap();
    let request = schema.method(DECIDE).unwrap().input();
    schema.read(request, text.into()).await
}

#[tokio::test]
async fn a_text_of_any_size_is_read() {
    for items in [0, 1, 10_000] {
        let software = vec![r#"{"name": "Something"}"#; items].join(",");
        let text = format!(r#"{{"facts": {{"hostId": "h", "software": [{software}]}}}}"#);
        let wire = read_as_request(text).await.unwrap();
        let read = embargo_proto::v1::DecideHostRequest::decode(wire).unwrap();
        assert_eq!(read.facts.unwrap().software.len(), items);
    }
}

#[tokio::test]
async fn more_values_than_any_sound_request_has_are_refused() {
    let software = vec!["{}"; VALUES].join(",");
    let text = format!(r#"{{"facts": {{"software": [{software}]}}}}"#);
    let refused = read_as_request(text).await.unwrap_err().to_string();
    assert!(refused.contains("more than 500000 values"), "{refused}");
}

#[tokio::test]
async fn depth_is_refused_and_not_followed() {
    let text = format!(
        r#"{{"facts": {{"attributes": {{"a": {}{}}}}}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let refused = read_as_request(text).await.unwrap_err().to_string();
    assert!(refused.contains("recursion limit"), "{refused}");
}

#[test]
fn a_status_is_written_with_its_details() {
    let schema = Schema::load_alone().unwrap();
    let mut details = ErrorDetails::with_error_info(
        "OVERLOADED",
        "embargo.v1",
        [("limit".to_owned(), "x".to_owned())],
    );
    details.set_retry_info(Some(Duration::from_millis(500)));
    let status = Status::with_error_details(Code::ResourceExhausted, "too much", details);
    let written: serde_json::Value = serde_json::from_slice(&schema.status(&status)).unwrap();
    let wanted = serde_json::json!({
        "code": 8,
        "message": "too much",
        "details": [
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "0.500s"},
            {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "OVERLOADED", "domain": "embargo.v1", "metadata": {"limit": "x"}},
        ],
    });
    assert_eq!(written, wanted);
    let bare: serde_json::Value =
        serde_json::from_slice(&schema.status(&Status::unavailable("gone"))).unwrap();
    assert_eq!(bare, serde_json::json!({"code": 14, "message": "gone"}));
}
