//! `embargo schema`: the JSON Schemas of policy files, for editors.

use crate::args::{Schema, SchemaName};
use crate::commands::Failure;
use crate::exit::Exit;
use crate::output;

/// The schemas by the names of their files, as the shipped set has them.
pub(crate) const FILES: [(&str, &str); 4] = [
    (
        "schema/catalogue.schema.json",
        include_str!("../../../../policies/schema/catalogue.schema.json"),
    ),
    (
        "schema/instrument.schema.json",
        include_str!("../../../../policies/schema/instrument.schema.json"),
    ),
    (
        "schema/waivers.schema.json",
        include_str!("../../../../policies/schema/waivers.schema.json"),
    ),
    (
        "schema/cases.schema.json",
        include_str!("../../../../policies/schema/cases.schema.json"),
    ),
];

pub(crate) fn run(schema: &Schema) -> Result<Exit, Failure> {
    let [catalogue, instrument, waivers, cases] = FILES;
    if schema.name == SchemaName::Config {
        output::print(&format!("{:#}\n", embargo_service::schema()))?;
        return Ok(Exit::Done);
    }
    let (_, text) = match schema.name {
        SchemaName::Catalogue => catalogue,
        SchemaName::Instrument => instrument,
        SchemaName::Waivers => waivers,
        SchemaName::Cases | SchemaName::Config => cases,
    };
    output::print(text)?;
    Ok(Exit::Done)
}
