//! Instruments: any text as an instrument with its rule, as waivers, as cases and as data.
//!
//! No panic; a text is refused with an error in its place, or is part of a set that answers.

use embargo_core::cases;

use crate::remarks;
use crate::target::Target;

use super::YAML_WORDS;
use super::set::{self, CATALOGUE, RULE};

/// What is put beside a text that is no instrument.
const LAW: (&str, &[u8]) = (
    "law/instrument.yaml",
    include_bytes!("../../corpus/instrument/order.yaml"),
);
/// The rule of the instrument, as most are.
const ORDER: (&str, &[u8]) = (
    "law/rule.rego",
    b"# METADATA
# custom: {instrument: acme-order}
package restrictions.law

deny contains {\"identified\": i, \"instrument\": \"acme-order\"} if {
	some phase in data.instruments[\"acme-order\"].phases
	input.now_ns >= phase.from_ns
	some i, found in input.identified
	found.product == \"acme.shield\"
}
",
);

pub(crate) const INSTRUMENT: Target = Target::new(
    "instrument",
    &["engine/fuzzing/corpus/instrument"],
    &YAML_WORDS,
    feed,
);

fn feed(bytes: &[u8]) {
    let catalogue = (CATALOGUE.0, CATALOGUE.1.as_bytes());
    let own = (RULE.0, RULE.1.as_bytes());
    let compile = |path: &'static str| {
        let mut files = vec![catalogue, own, ORDER, (path, bytes)];
        if path != LAW.0 {
            files.push(LAW);
        }
        set::compile_and_ask(&files)
    };
    for path in [LAW.0, "waivers/w.yaml", "data/d.yaml", "data/d.json"] {
        drop(compile(path));
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Err(refused) = cases::read("cases/c.yaml", text, None)
    {
        remarks::check_refusal(&[refused], &[("cases/c.yaml", bytes)]);
    }
}
