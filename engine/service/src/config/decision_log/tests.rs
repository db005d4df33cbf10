use super::*;

fn section(text: &str) -> Result<DecisionLogSettings, String> {
    let section: DecisionLogSection =
        serde_yaml::from_str(text).map_err(|cause| cause.to_string())?;
    section.settings().map_err(|refused| refused.to_string())
}

#[test]
fn what_says_nothing_logs_nothing_and_masks_what_is_personal() {
    let settings = section("{}").unwrap();
    assert_eq!(settings.mode, LogMode::Off);
    assert!(settings.mask_personal);
    assert_eq!(settings, DecisionLogSettings::default());
}

#[test]
fn every_setting_arrives() {
    let settings = section(
        "
mode: strict
labels: {region: eu}
refusals: true
sample: {allow: 0.01}
drop: {doors: [opa], principals: [probe]}
masks:
  - {pointer: /facts/groups/*, op: keep}
  - {pointer: /principal/name, op: truncate, length: 3}
hmac_key_file: /k
spool: {folder: /s, max_bytes: 64MiB}
stdout: {enabled: true, format: opa}
file: {path: /f, max_bytes: 1MiB, keep: 0}
http: {url: 'https://l.example/', partition: a/b, token_file: /t, ca_file: /ca, cert_file: /c, key_file: /y}
otlp: {enabled: true}
",
    )
    .unwrap();
    assert_eq!(settings.mode, LogMode::Strict);
    assert_eq!(settings.labels["region"], "eu");
    assert_eq!(settings.sample.len(), 1);
    assert_eq!(settings.drop_doors.iter().next(), Some(&Door::Opa));
    assert!(settings.drop_principals.contains("probe"));
    assert_eq!(settings.masks[1].op, MaskOp::Truncate(3));
    assert_eq!(settings.spool.unwrap().max_bytes, 64 << 20);
    assert_eq!(settings.stdout, Some(crate::decision_log::Format::Opa));
    assert_eq!(settings.file.unwrap().kept, 0);
    let http = settings.http.unwrap();
    assert_eq!(
        (http.partition.as_str(), http.client.is_some()),
        ("a/b", true)
    );
    assert_eq!(settings.otlp, Some(crate::decision_log::Format::Embargo));
}

#[test]
fn what_does_not_keep_its_range_or_go_together_is_named() {
    for (text, setting) in [
        ("mode: lossy", "decision_log.mode"),
        (
            "{mode: strict, stdout: {enabled: true}}",
            "decision_log.spool.folder",
        ),
        ("sample: {deny: 1.5}", "decision_log.sample.deny"),
        ("sample: {allow: -1}", "decision_log.sample.allow"),
        ("labels: {id: mine}", "decision_log.labels"),
        ("queued_entries: 0", "decision_log.queued_entries"),
        ("queued_bytes: 1KiB", "decision_log.queued_bytes"),
        ("sink_bytes: 5GiB", "decision_log.sink_bytes"),
        (
            "masks: [{pointer: facts, op: remove}]",
            "decision_log.masks",
        ),
        (
            "masks: [{pointer: /eventId, op: remove}]",
            "decision_log.masks",
        ),
        (
            "masks: [{pointer: /facts, op: truncate}]",
            "decision_log.masks",
        ),
        (
            "masks: [{pointer: /facts, op: hmac, length: 3}]",
            "decision_log.masks",
        ),
        (
            "spool: {segment_bytes: 1GiB, max_bytes: 1GiB}",
            "decision_log.spool.segment_bytes",
        ),
        ("spool: {max_delay: 1ms}", "decision_log.spool.max_delay"),
        ("file: {max_bytes: 1KiB}", "decision_log.file.max_bytes"),
        ("file: {keep: 1001}", "decision_log.file.keep"),
        ("http: {url: 'ftp://x'}", "decision_log.http.url"),
        (
            "http: {url: 'http://logs.example', token_file: /t}",
            "decision_log.http.url",
        ),
        (
            "http: {url: 'http://localhost.example', token_file: /t}",
            "decision_log.http.url",
        ),
        (
            "http: {url: 'https://x', cert_file: /c}",
            "decision_log.http.cert_file",
        ),
        (
            "http: {url: 'https://x', partition: 'a?b'}",
            "decision_log.http.partition",
        ),
        (
            "http: {url: 'https://x', partition: '../b'}",
            "decision_log.http.partition",
        ),
        (
            "http: {url: 'https://x', chunk_bytes: 1GiB}",
            "decision_log.http.chunk_bytes",
        ),
    ] {
        let refused = section(text).unwrap_err();
        assert!(
            refused.starts_with(&format!("`{setting}` is ")),
            "{text}: {refused}"
        );
    }
    assert!(section("http: {url: 'http://127.0.0.1:9', token_file: /t}").is_ok());
    // What stands in an address may be a password.
    let refused = section("http: {url: 'ftp://u:hunter2@x'}").unwrap_err();
    assert!(!refused.contains("hunter2"), "{refused}");
}
