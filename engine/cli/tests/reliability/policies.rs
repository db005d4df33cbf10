//! Small policy sets, and hosts to judge by them.

use std::fs;
use std::path::Path;

use embargo_proto::v1 as pb;

pub(crate) fn write(root: &Path, path: &str, content: &str) {
    let place = root.join(path);
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(place, content).unwrap();
}

/// The files of a set in which every decision carries the version twice, from two packages,
/// so that a mixture of two sets shows.
pub(crate) fn stamped(version: &str) -> Vec<(String, String)> {
    ["left", "right"]
        .map(|side| {
            let rule = format!(
                "package restrictions.{side}\n\nwarn contains {{\"message\": \"{version}\"}} if \
                 input.host.id\n"
            );
            (format!("rules/{side}.rego"), rule)
        })
        .to_vec()
}

pub(crate) fn write_stamped(root: &Path, version: &str) {
    for (path, content) in stamped(version) {
        write(root, &path, &content);
    }
}

/// The one version that a decision of a stamped set carries.
pub(crate) fn version_of(decision: &pb::Decision) -> String {
    assert!(decision.failures.is_empty(), "{:?}", decision.failures);
    assert_eq!(decision.effect(), pb::Effect::Warn);
    let messages: Vec<&str> = decision
        .findings
        .iter()
        .map(|finding| finding.message.as_str())
        .collect();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert_eq!(messages[0], messages[1], "a mixture of two sets");
    messages[0].to_owned()
}

/// A host with one item that nobody bans.
pub(crate) fn host(id: &str) -> pb::HostFacts {
    pb::HostFacts {
        host_id: id.to_owned(),
        software: vec![pb::Software {
            name: "Editor".to_owned(),
            ..Default::default()
        }],
        ..Default::default()
    }
}

pub(crate) fn ask(id: &str) -> pb::DecideHostRequest {
    pb::DecideHostRequest {
        facts: Some(host(id)),
        ..Default::default()
    }
}
