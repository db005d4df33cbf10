//! The shape of the input: which fields a rule can find there, and what was probably meant
//! by one that is not.

use crate::likeness::nearest;

/// What stands at a place of the input.
#[derive(Debug)]
enum Shape {
    /// Whatever the caller sent.
    Any,
    /// A value without fields, in words.
    Value(&'static str),
    List(&'static Shape),
    Object(&'static [(&'static str, Shape)]),
}

use Shape::{Any, List, Object, Value};

const TEXT: Shape = Value("a text");
const TEXTS: Shape = List(&TEXT);

const SOFTWARE: &[(&str, Shape)] = &[
    ("index", Value("a number")),
    ("name", TEXT),
    ("version", TEXT),
    ("publisher", TEXT),
    ("source", TEXT),
    ("bundle_id", TEXT),
    ("package_id", TEXT),
    ("extension_id", TEXT),
    ("product_code", TEXT),
    ("team_id", TEXT),
    ("signer", TEXT),
    ("purl", TEXT),
    ("cpe", TEXT),
    ("path", TEXT),
    ("embedded_in", TEXT),
    ("sha256", TEXT),
    ("install_time", TEXT),
];

static ITEM: Shape = Object(SOFTWARE);

static EVIDENCE: Shape = Object(&[("kind", TEXT), ("value", TEXT), ("strength", TEXT)]);

static IDENTIFIED: Shape = Object(&[
    ("product", TEXT),
    ("vendor", TEXT),
    ("class", TEXT),
    ("strength", TEXT),
    ("evidence", List(&EVIDENCE)),
    ("software", Object(SOFTWARE)),
]);

static COVERAGE: Shape = Object(&[("source", TEXT), ("state", TEXT), ("collect_time", TEXT)]);

static INPUT: Shape = Object(&[
    ("action", TEXT),
    ("now", TEXT),
    ("now_ns", Value("a number")),
    (
        "host",
        Object(&[
            ("id", TEXT),
            (
                "os",
                Object(&[("family", TEXT), ("version", TEXT), ("architecture", TEXT)]),
            ),
            ("form_factor", TEXT),
            (
                "owner",
                Object(&[
                    ("kind", TEXT),
                    ("jurisdictions", TEXTS),
                    ("sectors", TEXTS),
                    ("us_person", Value("true or false")),
                    ("contract_clauses", TEXTS),
                ]),
            ),
            ("purposes", TEXTS),
            ("groups", TEXTS),
            ("collect_time", TEXT),
            ("attributes", Any),
        ]),
    ),
    ("identified", List(&IDENTIFIED)),
    ("software", List(&ITEM)),
    ("coverage", List(&COVERAGE)),
]);

impl Shape {
    fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Object(fields) => fields
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, shape)| shape),
            _ => None,
        }
    }

    /// The way to the first field of this name that lies below.
    fn way_to(&self, name: &str) -> Option<String> {
        match self {
            Any | Value(_) => None,
            List(item) => item.way_to(name).map(|way| format!("[_]{way}")),
            Object(fields) => {
                if self.field(name).is_some() {
                    return Some(format!(".{name}"));
                }
                fields
                    .iter()
                    .find_map(|(step, shape)| shape.way_to(name).map(|way| format!(".{step}{way}")))
            }
        }
    }
}

/// The position of the first step of a path below `input` that leads nowhere; nothing if
/// each leads somewhere, or it cannot be told.
pub(super) fn fault(path: &[String]) -> Option<usize> {
    let mut shape = &INPUT;
    for (at, step) in path.iter().enumerate() {
        shape = match shape {
            Any => return None,
            Value(_) if step == "*" => return None,
            Value(_) => return Some(at),
            List(item) if step == "*" => item,
            List(_) => return Some(at),
            Object(_) if step == "*" => return None,
            Object(_) => match shape.field(step) {
                Some(field) => field,
                None => return Some(at),
            },
        };
    }
    None
}

/// What is wrong with a path whose last step leads nowhere, and what was probably meant.
pub(crate) fn advice(path: &[String]) -> Option<(String, String)> {
    let (last, before) = path.split_last()?;
    let mut shape = &INPUT;
    for step in before {
        shape = match shape {
            List(item) => item,
            _ => shape.field(step)?,
        };
    }
    let place = written(before);
    Some(match shape {
        Any => return None,
        Value(what) => (
            format!("`{place}` is {what}, and has no field `{last}`"),
            format!("take `{place}` as it is"),
        ),
        List(_) => (
            format!("`{place}` is a list, and has no field `{last}`"),
            format!("go through it: `some item in {place}`, and then `item.{last}`"),
        ),
        Object(fields) => {
            let names = fields.iter().map(|(name, _)| *name);
            let meant = shape
                .way_to(last)
                .map(|way| format!("{place}{way}"))
                .or_else(|| nearest(last, names.clone()).map(|name| format!("{place}.{name}")))
                .or_else(|| INPUT.way_to(last).map(|way| format!("input{way}")));
            let hint = match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!(
                    "it may have {}; what has no field goes into `input.host.attributes`",
                    names.collect::<Vec<_>>().join(", ")
                ),
            };
            (format!("`{place}` has no field `{last}`"), hint)
        }
    })
}

fn written(path: &[String]) -> String {
    let mut text = "input".to_owned();
    for step in path {
        if step == "*" {
            text.push_str("[_]");
        } else {
            text.push('.');
            text.push_str(step);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(path: &str) -> Vec<String> {
        path.split('.').map(str::to_owned).collect()
    }

    /// The faulty step and the hint, if any.
    fn told(path: &str) -> Option<(String, String)> {
        let path = steps(path);
        let at = fault(&path)?;
        let (_, hint) = advice(&path[..=at])?;
        Some((path[at].clone(), hint))
    }

    const HOST: &str = "
host_id: h
os: {family: linux, version: '12', architecture: x86_64}
form_factor: server
owner: {kind: business, jurisdictions: [US], sectors: [defense], us_person: true, contract_clauses: [c]}
purposes: [p]
groups: [g]
collect_time: 2024-01-01T00:00:00Z
attributes: {a: 1}
coverage: [{source: deb_packages, state: complete, collect_time: 2024-01-01T00:00:00Z}]
software:
  - name: agent
    version: '1'
    publisher: p
    source: deb_packages
    bundle_id: b
    package_id: agent
    extension_id: e
    product_code: '00000000-0000-0000-0000-000000000000'
    team_id: ABCDE12345
    signer: s
    purl: pkg:deb/agent
    cpe: cpe:/a:acme:agent
    path: /p
    embedded_in: i
    sha256: '0000000000000000000000000000000000000000000000000000000000000000'
    install_time: 2024-01-01T00:00:00Z
";
    const CATALOGUE: &str = "vendor: {id: acme, name: Acme}
products: [{id: acme.agent, name: Agent, class: scanner, package_ids: [{value: agent, mark: own, sources: [deb_packages]}]}]
";

    /// Holds a shape against a value that has every field.
    fn agree(shape: &Shape, value: &serde_json::Value, at: &str) {
        match (shape, value) {
            (Any, _) => {}
            (Value("a text"), serde_json::Value::String(_))
            | (Value("a number"), serde_json::Value::Number(_))
            | (Value("true or false"), serde_json::Value::Bool(_)) => {}
            (List(item), serde_json::Value::Array(values)) => {
                assert!(!values.is_empty(), "{at} is empty");
                for value in values {
                    agree(item, value, &format!("{at}[_]"));
                }
            }
            (Object(fields), serde_json::Value::Object(values)) => {
                let mut known: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
                known.sort_unstable();
                let there: Vec<&str> = values.keys().map(String::as_str).collect();
                assert_eq!(known, there, "{at}");
                for (name, shape) in *fields {
                    agree(shape, &values[*name], &format!("{at}.{name}"));
                }
            }
            (shape, value) => panic!("{at} is {value}, not {shape:?}"),
        }
    }

    #[test]
    fn the_shape_is_that_of_the_input() {
        let record = crate::yaml::read("host.yaml", HOST, "facts-parse-error").unwrap();
        let facts = crate::facts::HostFacts::check(record).unwrap();
        let mut remarks = Vec::new();
        let files = [("catalogue/acme.yaml", CATALOGUE)];
        let catalogue = crate::catalogue::Catalogue::compile(files.into_iter(), &mut remarks);
        assert_eq!(remarks, []);
        let input = crate::rego::render_input(crate::rego::InputParts {
            facts: &facts,
            action: crate::instrument::Action::Use,
            at: "2024-01-01T00:00:00Z".parse().unwrap(),
            identified: &catalogue.identify(&facts.record().software),
            catalogue: &catalogue,
            with_software: true,
        });
        agree(&INPUT, &serde_json::from_str(&input).unwrap(), "input");
    }

    #[test]
    fn what_is_there_or_cannot_be_told_is_no_fault() {
        for path in [
            "host.owner.kind",
            "host.attributes.anything.at.all",
            "identified.*.software.version",
            "identified.*.*.x",
            "host.*.nothing",
            "software.*.sha256",
            "coverage.*.state",
            "now_ns",
        ] {
            assert_eq!(told(path), None, "{path}");
        }
    }

    #[test]
    fn what_is_not_there_is_named_with_what_was_meant() {
        for (path, step, meant) in [
            ("host.ownr.kind", "ownr", "`input.host.owner`"),
            ("softwre", "softwre", "`input.software`"),
            (
                "identified.*.vendr",
                "vendr",
                "`input.identified[_].vendor`",
            ),
            (
                "identified.*.name",
                "name",
                "`input.identified[_].software.name`",
            ),
            ("host.kind", "kind", "`input.host.owner.kind`"),
            ("owner.kind", "owner", "`input.host.owner`"),
            ("identified.product", "product", "`item.product`"),
            ("action.word", "word", "`input.action` as it is"),
        ] {
            let (at, hint) = told(path).unwrap();
            assert_eq!(at, step, "{path}");
            assert!(hint.contains(meant), "{path}: {hint}");
        }
    }
}
