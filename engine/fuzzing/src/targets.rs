//! The targets: for each, what it is fed, what it begins with, and what holds.

mod archive;
mod bundle;
mod catalogue;
mod facts;
mod facts_message;
mod identify;
mod instrument;
mod inventory;
mod rego;
mod stream;
mod versions;
mod set;

pub(crate) use self::archive::ARCHIVE;
pub(crate) use self::bundle::BUNDLE;
pub(crate) use self::catalogue::CATALOGUE;
pub(crate) use self::facts::FACTS;
pub(crate) use self::facts_message::FACTS_MESSAGE;
pub(crate) use self::identify::IDENTIFY;
pub(crate) use self::instrument::INSTRUMENT;
pub(crate) use self::inventory::INVENTORY;
pub(crate) use self::rego::REGO;
pub(crate) use self::stream::STREAM;
pub(crate) use self::versions::VERSIONS;

/// Words of YAML and JSON that mean more than they look.
const YAML_WORDS: [&str; 34] = [
    "---\n",
    "...\n",
    "- ",
    ": ",
    "? ",
    "&a ",
    "*a",
    "<<: *a\n",
    "!!binary ",
    "!x ",
    "| \n",
    ">-\n",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "'",
    "#",
    ",",
    "\n  ",
    "\t",
    "\u{feff}",
    "\u{2028}",
    "\\u0000",
    "\\ud800",
    "~",
    "null",
    "true",
    "1e999",
    "0x1F",
    ".inf",
    "-9223372036854775809",
    "%YAML 1.2\n",
];
