//! What a document of a stranger may cost. Without their bounds the documents here take
//! gigabytes, or hours.

use std::fmt::Write as _;

use super::*;

/// A list of so many parts.
fn list(count: usize, part: impl Fn(usize) -> String) -> String {
    let mut text = String::from("[");
    for index in 0..count {
        let comma = if index > 0 { "," } else { "" };
        write!(text, "{comma}{}", part(index)).unwrap();
    }
    text + "]"
}

fn host(text: &str) -> InventoriedHost {
    let mut inventory = read("document", text.as_bytes(), None).unwrap();
    assert_eq!(inventory.hosts.len(), 1);
    inventory.hosts.remove(0)
}

fn is_unreadable(host: &InventoriedHost) -> bool {
    let mut covered = host.record.coverage.iter();
    covered.any(|entry| entry.state == CoverageState::Unreadable)
}

#[test]
fn a_long_name_is_not_copied_to_every_record_that_it_is_of() {
    let name = "n".repeat(4 << 20);
    let versions = list(200_000, |_| "{}".to_owned());
    let cask = host(&format!(
        r#"{{"formulae": [{{"name": "{name}", "full_name": "n", "tap": "t", "versions": {{}}, "installed": {versions}}}], "casks": []}}"#
    ));
    assert_eq!(cask.records, 200_000);
    assert!(is_unreadable(&cask));

    let signatures = list(300_000, |n| format!(r#"{{"team_identifier": "A{n}"}}"#));
    let signed = host(&format!(
        r#"{{"host": {{"uuid": "H", "software": [{{"name": "{name}", "source": "apps", "signature_information": {signatures}}}]}}}}"#
    ));
    assert_eq!(signed.record.software.len(), 100);
    assert!(is_unreadable(&signed));
}

#[test]
fn a_long_key_is_not_copied_to_every_place_below_it() {
    let key = "k".repeat(4 << 20);
    let software = list(100_000, |_| "7".to_owned());
    let host = host(&format!(
        r#"{{"{key}": {{"host": {{"uuid": "H", "software": {software}}}}}}}"#
    ));
    assert_eq!(host.records, 100_000);
    assert!(host.remarks.iter().all(|remark| remark.place.len() < 200));
}

#[test]
fn items_beyond_those_that_are_judged_at_a_time_leave_their_host_unreadable() {
    let software = list(limits::SOFTWARE + 2, |n| {
        format!(r#"{{"name": "a{n}", "source": "apps"}}"#)
    });
    let host = host(&format!(
        r#"{{"host": {{"uuid": "H", "software": {software}}}}}"#
    ));
    assert_eq!(host.records, limits::SOFTWARE + 2);
    assert_eq!(host.record.software.len(), limits::SOFTWARE);
    assert!(is_unreadable(&host));
    assert!(About::default().facts(host.clone(), "x").is_ok());

    // The same over several documents.
    let mut first = host.clone();
    first.record.software.truncate(3);
    for entry in &mut first.record.coverage {
        entry.state = CoverageState::Complete;
    }
    let mut next = host;
    next.record.coverage.clear();
    first.join(next);
    assert_eq!(first.record.software.len(), limits::SOFTWARE);
    assert!(is_unreadable(&first));
}

#[test]
fn more_hosts_or_rows_than_are_read_at_a_time_are_an_error() {
    let devices = list(HOSTS + 1, |n| {
        format!(r#"{{"device_id": "{n}", "serial_number": "s", "blueprint_id": ""}}"#)
    });
    let rows = "a,1\n".repeat(150_000);
    for text in [devices, format!("ApplicationName,DeviceId\n{rows}")] {
        let refused = refused(text.as_bytes(), None);
        assert_eq!(refused.code, "inventory-too-large");
        assert!(refused.message.contains("more than"), "{refused}");
    }
}

#[test]
fn facts_that_would_take_the_reader_of_yaml_hours_are_an_error() {
    let deep = format!("host_id: {}", "[".repeat(1 << 20));
    for from in [None, Some(Format::Facts)] {
        assert_eq!(refused(deep.as_bytes(), from).code, "facts-too-large");
    }
    // JSON is bounded by its tree, and may have as many brackets as it likes.
    let software = list(limits::SOFTWARE, |n| {
        format!(r#"{{"name": "a{n}", "version": "1", "source": "apps"}}"#)
    });
    let text = format!(r#"{{"host_id": "h", "software": {software}}}"#);
    for from in [None, Some(Format::Facts)] {
        let inventory = read("facts.json", text.as_bytes(), from).unwrap();
        assert_eq!(inventory.hosts[0].records, limits::SOFTWARE);
    }
    let many = format!(
        r#"{{"host_id": "h", "groups": [{}1]}}"#,
        "1,".repeat(2_000_000)
    );
    let refused = refused(many.as_bytes(), None);
    assert!(refused.message.contains("more than"), "{refused}");
}
