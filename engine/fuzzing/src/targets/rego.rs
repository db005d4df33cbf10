//! Rules: any text as a rule, and as a test of rules.
//!
//! No panic, no end of the process; a text is refused with an error in its place, or compiles
//! and answers: the same with and without memory.

use crate::target::Target;

use super::set::{self, CATALOGUE, RULE};

pub(crate) const REGO: Target = Target::new(
    "rego",
    &["engine/fuzzing/corpus/rego"],
    &[
        "package restrictions.r\n",
        "import rego.v1\n",
        "import data.lib.a as b\n",
        "deny contains ",
        "exempt contains ",
        " if {\n",
        "\n}\n",
        " if ",
        " else := ",
        "default x := ",
        "not ",
        "some i, x in ",
        "every k, v in ",
        " with input as ",
        " with input.host.id as ",
        "input.host.owner",
        "input.identified[_]",
        "input.software",
        "input.now_ns",
        "data.instruments[i]",
        "data[x]",
        "object.get(input, [\"host\"], 1)",
        "sprintf(\"%099d\", [1])",
        "regex.match(`(a+)+$`, ",
        "walk(input, [p, v])",
        "embargo.version_compare(\"rpm\", ",
        "time.parse_rfc3339_ns(\"2024-01-01T00:00:00Z\")",
        "json.unmarshal(",
        "# METADATA\n# title: |\n#  x\n",
        "[x | x := 1]",
        "{x: y | some x, y in ",
        "set()",
        "`raw`",
        "\"\\u0000\"",
        " := ",
        " == ",
        " | ",
        " & ",
        " + ",
        " - ",
        "[",
        "]",
        "{",
        "}",
        "(",
        ")",
        "\n",
        "\t",
        "_",
        ";",
        ",",
        ".",
        ":",
        "1e400",
        "123456789012345678901234567890",
        "0.1",
    ],
    feed,
);

fn feed(bytes: &[u8]) {
    for path in ["rule.rego", "rule_test.rego"] {
        let catalogue = (CATALOGUE.0, CATALOGUE.1.as_bytes());
        let own = (RULE.0, RULE.1.as_bytes());
        set::compile_and_ask(&[catalogue, own, (path, bytes)]);
    }
}
