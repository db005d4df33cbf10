//! `cargo xtask sbom`: the bill of materials of the binary, as CycloneDX 1.6 in JSON.
//!
//! What is in it comes from cargo itself: `cargo tree` says which crates are built for a target with which
//! features, `cargo metadata` what they are, and `Cargo.lock` by which digests they were taken. The same
//! tree gives the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::process::Command;

use serde_json::{Value, json};

/// The crate of the binary.
const BINARY: &str = "embargo-cli";
/// What is built where nothing is said.
const TARGET: &str = "x86_64-unknown-linux-musl";
const SECONDS_A_DAY: u64 = 86_400;

/// A crate by name and version, which `Cargo.lock` has once.
type Crate = (String, String);

/// The bill of materials for a target, as text.
///
/// # Errors
/// If cargo does not tell.
pub(crate) fn of(target: Option<&str>) -> Result<String, String> {
    let target = target.unwrap_or(TARGET);
    let shipped = tree(target, "normal,no-proc-macro")?;
    let built = tree(target, "normal,build")?;
    let told = cargo(&[
        "metadata",
        "--format-version=1",
        "--locked",
        "--filter-platform",
        target,
    ])?;
    let told: Value =
        serde_json::from_str(&told).map_err(|cause| format!("cargo metadata: {cause}"))?;
    let lock = fs::read_to_string("Cargo.lock").map_err(|cause| format!("Cargo.lock: {cause}"))?;
    let digests = digests(&lock);
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();

    let mut by_id = BTreeMap::new();
    let mut components = Vec::new();
    let mut main = Value::Null;
    for package in list(at(&told, "packages")) {
        let of = (text(at(&package, "name")), text(at(&package, "version")));
        if !built.contains(&of) {
            continue;
        }
        by_id.insert(text(at(&package, "id")), reference(&of));
        let component = component(&package, &of, shipped.contains(&of), digests.get(&of));
        if of.0 == BINARY {
            main = component;
        } else {
            components.push(component);
        }
    }
    if main.is_null() || by_id.len() != built.len() {
        return Err("cargo tree and cargo metadata tell of different crates".to_owned());
    }
    components.sort_by_key(|component| text(at(component, "bom-ref")));
    let mut edges: Vec<Value> = list(at(at(&told, "resolve"), "nodes"))
        .iter()
        .filter_map(|node| {
            let reference = by_id.get(at(node, "id").as_str()?)?;
            let used: BTreeSet<&String> = at(node, "deps")
                .as_array()?
                .iter()
                .filter(|dependency| is_built(dependency))
                .filter_map(|dependency| by_id.get(at(dependency, "pkg").as_str()?))
                .collect();
            Some(json!({"ref": reference, "dependsOn": used}))
        })
        .collect();
    edges.sort_by_key(|edge| text(at(edge, "ref")));

    let bill = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": instant(epoch()?),
            "lifecycles": [{"phase": "build"}],
            "tools": {"components": [{"type": "application", "name": "cargo xtask sbom"}]},
            "component": main,
            "properties": [{"name": "embargo:target", "value": target}],
        },
        "components": components,
        "dependencies": edges,
    });
    serde_json::to_string_pretty(&bill).map_err(|cause| cause.to_string())
}

/// The crates of the binary along edges of some kinds.
fn tree(target: &str, edges: &str) -> Result<BTreeSet<Crate>, String> {
    let told = cargo(&[
        "tree",
        "--locked",
        "--package",
        BINARY,
        "--target",
        target,
        "--edges",
        edges,
        "--prefix",
        "none",
        "--format",
        "{p}",
    ])?;
    let crates = told.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let name = words.next()?;
        let version = words.next()?.strip_prefix('v')?;
        Some((name.to_owned(), version.to_owned()))
    });
    Ok(crates.collect())
}

/// Whether a crate depends on another when it is built, and not only when it is tested.
fn is_built(dependency: &Value) -> bool {
    let kinds = at(dependency, "dep_kinds").as_array();
    kinds.is_none_or(|kinds| kinds.iter().any(|kind| at(kind, "kind") != "dev"))
}

fn component(package: &Value, of: &Crate, is_shipped: bool, digest: Option<&String>) -> Value {
    let (name, version) = of;
    let is_binary = name == BINARY;
    let mut component = json!({
        "type": if is_binary { "application" } else { "library" },
        "bom-ref": reference(of),
        "name": if is_binary { "embargo" } else { name.as_str() },
        "version": version,
        "purl": reference(of),
        // What helps to build and is not in the binary.
        "scope": if is_shipped { "required" } else { "excluded" },
    });
    let mut add = |key: &str, value: Value| {
        if let Value::Object(members) = &mut component {
            members.insert(key.to_owned(), value);
        }
    };
    if let Some(words) = at(package, "description").as_str() {
        let words: Vec<&str> = words.split_whitespace().collect();
        add("description", words.join(" ").into());
    }
    if let Some(license) = at(package, "license").as_str() {
        // As crates wrote it before there were expressions.
        let expression = license.replace(" / ", " OR ").replace('/', " OR ");
        add("licenses", json!([{"expression": expression}]));
    }
    if let Some(digest) = digest {
        add("hashes", json!([{"alg": "SHA-256", "content": digest}]));
    }
    if let Some(url) = at(package, "repository").as_str() {
        add("externalReferences", json!([{"type": "vcs", "url": url}]));
    }
    component
}

/// The purl of a crate, by which others look for its advisories. `+` stands for something else in URLs.
fn reference((name, version): &Crate) -> String {
    format!("pkg:cargo/{name}@{}", version.replace('+', "%2B"))
}

/// The digests that stand in `Cargo.lock`.
fn digests(lock: &str) -> BTreeMap<Crate, String> {
    let value = |block: &str, key: &str| {
        let start = format!("{key} = \"");
        let line = block.lines().find(|line| line.starts_with(&start))?;
        Some(line.strip_prefix(&start)?.trim_end_matches('"').to_owned())
    };
    lock.split("[[package]]")
        .filter_map(|block| {
            let of = (value(block, "name")?, value(block, "version")?);
            Some((of, value(block, "checksum")?))
        })
        .collect()
}

/// When it was made: the instant that builds are told for this, or that of the commit.
fn epoch() -> Result<u64, String> {
    let said = match env::var("SOURCE_DATE_EPOCH") {
        Ok(said) => said,
        Err(_) => output("git", &["log", "-1", "--format=%ct"]).unwrap_or_else(|_| "0".to_owned()),
    };
    let said = said.trim();
    said.parse()
        .map_err(|_| format!("SOURCE_DATE_EPOCH is `{said}`, and must be seconds since 1970"))
}

/// Seconds since 1970 in RFC 3339.
fn instant(seconds: u64) -> String {
    let (days, rest) = (seconds / SECONDS_A_DAY, seconds % SECONDS_A_DAY);
    // Years that begin in March, so that the leap day is their last; eras of 400 of them.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = match month {
        0..=9 => (year + 400 * era, month + 3),
        _ => (year + 400 * era + 1, month - 9),
    };
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

fn cargo(arguments: &[&str]) -> Result<String, String> {
    let program = env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    output(&program, arguments)
}

fn output(program: &str, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .map_err(|cause| format!("`{program}` cannot be run: {cause}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{program} {}: {said}", arguments.join(" ")));
    }
    String::from_utf8(output.stdout).map_err(|cause| cause.to_string())
}

/// What stands at a key; null if nothing does.
fn at<'a>(value: &'a Value, key: &str) -> &'a Value {
    value.get(key).unwrap_or(&Value::Null)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_the_instant_that_they_are() {
        for (seconds, wanted) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_767_225_599, "2025-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(instant(seconds), wanted);
        }
    }
}
