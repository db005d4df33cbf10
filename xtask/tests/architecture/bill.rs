//! The bill of materials: that it is whole, always the same, and read by the program that it is of.

use std::collections::BTreeSet;
use std::process::Command;

use embargo_core::facts::inventory::{self, Format};
use serde_json::Value;

use super::{root, text};

fn bill(epoch: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["sbom", "x86_64-unknown-linux-musl"])
        .env("SOURCE_DATE_EPOCH", epoch)
        .current_dir(root())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).unwrap()
}

fn list<'value>(value: &'value Value, key: &str) -> &'value Vec<Value> {
    value.get(key).and_then(Value::as_array).unwrap()
}

#[test]
fn the_bill_of_materials_names_every_crate_and_the_program_reads_it() {
    let written = bill("1767225599");
    assert_eq!(written, bill("1767225599"), "the same tree, the same bytes");
    let bill: Value = serde_json::from_str(&written).unwrap();
    let components = list(&bill, "components");
    let time = bill.pointer("/metadata/timestamp");
    assert_eq!(text(time), "2025-12-31T23:59:59Z");

    let mut references = BTreeSet::new();
    for component in components {
        let name = text(component.get("name"));
        assert!(component.get("licenses").is_some(), "{name} has no licence");
        // What is not ours was taken by its digest.
        let is_ours = name.starts_with("embargo-");
        assert_eq!(component.get("hashes").is_none(), is_ours, "{name}");
        assert!(references.insert(text(component.get("bom-ref"))), "{name}");
    }
    let scope = |wanted: &str| -> Vec<String> {
        components
            .iter()
            .filter(|component| text(component.get("scope")) == wanted)
            .map(|component| text(component.get("name")))
            .collect()
    };
    let (shipped, building) = (scope("required"), scope("excluded"));
    for name in ["regorus", "ring", "tokio", "embargo-core"] {
        assert!(shipped.iter().any(|shipped| shipped == name), "{name}");
    }
    for name in ["protox", "syn"] {
        assert!(building.iter().any(|building| building == name), "{name}");
    }
    // What is for tests alone is in no release.
    for name in ["rcgen", "insta", "proptest"] {
        assert!(!shipped.iter().chain(&building).any(|other| other == name));
    }
    references.insert(text(bill.pointer("/metadata/component/bom-ref")));
    for edge in list(&bill, "dependencies") {
        let mut named = list(edge, "dependsOn").clone();
        named.extend(edge.get("ref").cloned());
        for reference in named {
            assert!(references.contains(reference.as_str().unwrap()));
        }
    }

    let read = inventory::read("bill.json", written.as_bytes(), None).unwrap();
    assert_eq!(read.format, Format::CycloneDx);
    let [host] = read.hosts.as_slice() else {
        panic!("{} hosts", read.hosts.len());
    };
    let items: BTreeSet<(String, String)> = host
        .record
        .software
        .iter()
        .map(|item| (item.name.clone(), item.version.clone().unwrap_or_default()))
        .collect();
    for component in components {
        let of = |key| text(component.get(key));
        assert!(
            items.contains(&(of("name"), of("version"))),
            "{}",
            of("name")
        );
    }
}
