//! The closed list of built-in functions that a rule may call.
//!
//! Left out are those that read a clock, a network, a random source or the environment,
//! those that the evaluator only pretends to have (`http.send` is silently undefined, so
//! that a negated call would allow), and those that outrun its timer (`numbers.range`,
//! `net.cidr_expand`).

use crate::likeness;

/// The functions, in ascending order.
const ALLOWED: &[&str] = &[
    "abs",
    "array.concat",
    "array.reverse",
    "array.slice",
    "base64.decode",
    "base64.encode",
    "base64.is_valid",
    "base64url.decode",
    "base64url.encode",
    "base64url.encode_no_pad",
    "bits.and",
    "bits.negate",
    "bits.or",
    "bits.rsh",
    "bits.xor",
    "ceil",
    "concat",
    "contains",
    "count",
    "crypto.sha256",
    "embargo.version_compare",
    "endswith",
    "floor",
    "format_int",
    "glob.match",
    "glob.quote_meta",
    "graph.reachable",
    "hex.decode",
    "hex.encode",
    "indexof",
    "indexof_n",
    "intersection",
    "is_array",
    "is_boolean",
    "is_null",
    "is_number",
    "is_object",
    "is_set",
    "is_string",
    "json.filter",
    "json.is_valid",
    "json.marshal",
    "json.patch",
    "json.remove",
    "json.unmarshal",
    "lower",
    "max",
    "min",
    "net.cidr_contains",
    "net.cidr_is_valid",
    "object.filter",
    "object.get",
    "object.keys",
    "object.remove",
    "object.subset",
    "object.union",
    "object.union_n",
    "print",
    "product",
    "regex.find_n",
    "regex.is_valid",
    "regex.match",
    "regex.replace",
    "regex.split",
    "replace",
    "round",
    "semver.compare",
    "semver.is_valid",
    "sort",
    "split",
    "sprintf",
    "startswith",
    "strings.any_prefix_match",
    "strings.any_suffix_match",
    "strings.count",
    "strings.replace_n",
    "strings.reverse",
    "substring",
    "sum",
    "time.add_date",
    "time.clock",
    "time.date",
    "time.diff",
    "time.format",
    "time.parse_duration_ns",
    "time.parse_ns",
    "time.parse_rfc3339_ns",
    "time.weekday",
    "to_number",
    "trim",
    "trim_left",
    "trim_prefix",
    "trim_right",
    "trim_space",
    "trim_suffix",
    "type_name",
    "union",
    "units.parse",
    "units.parse_bytes",
    "upper",
    "walk",
];

/// What a call of `walk` on something else than a part of the input or the data is called.
pub(super) const WALK_OF_WHAT_IS_MADE: &str = "walk over a value that a rule makes";

/// Functions that OPA has and this engine refuses, with the reason.
const REFUSED: &[(&str, &str)] = &[
    (
        "http.send",
        "a decision reads no network; bring what it needs as facts or data",
    ),
    ("io.jwt", "tokens are not facts about software"),
    (
        "net.cidr_expand",
        "it outruns the time budget; use `net.cidr_contains`",
    ),
    ("net.lookup_ip_addr", "a decision reads no network"),
    (
        "numbers.range",
        "it outruns the time budget; list the numbers",
    ),
    (
        "opa.runtime",
        "a decision reads no environment; use `input.host.attributes`",
    ),
    (
        "rand.intn",
        "a decision is the same every time; use `input.host.id` for a staged rollout",
    ),
    ("time.now_ns", "time is an input; use `input.now_ns`"),
    ("trace", "use `print` in tests"),
    ("uuid.rfc4122", "a decision is the same every time"),
    (
        WALK_OF_WHAT_IS_MADE,
        "it may stand for more than fits into memory; walk `input`, `data` or what they hold",
    ),
];

/// The functions that rules may call, in ascending order.
#[must_use]
pub const fn allowed() -> &'static [&'static str] {
    ALLOWED
}

/// Functions that OPA has and rules may not call, with the reason.
#[must_use]
pub const fn refused() -> &'static [(&'static str, &'static str)] {
    REFUSED
}

/// Whether a rule may call the function.
pub(super) fn is_allowed(name: &str) -> bool {
    ALLOWED.binary_search(&name).is_ok()
}

/// Why a function is refused, if it is one that authors may expect.
pub(super) fn refusal(name: &str) -> Option<&'static str> {
    REFUSED
        .iter()
        .find(|(known, _)| name.starts_with(known))
        .map(|(_, reason)| *reason)
}

/// The function that is most like an unknown one, among those of the package and the allowed.
pub(super) fn nearest<'a>(name: &str, own: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    likeness::nearest(name, own.chain(ALLOWED.iter().copied()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_of_the_list_is_one_that_the_evaluator_has() {
        let mut engine = regorus::Engine::new();
        use super::super::functions;
        functions::add(&mut engine, functions::Errors::Raised).unwrap();
        for name in ALLOWED {
            let mut engine = engine.clone();
            let rule = format!("package a\n\nx := {name}()\n");
            let refused = engine
                .add_policy("a.rego".to_owned(), rule)
                .and_then(|_| engine.eval_rule("data.a.x".to_owned()))
                .map_or_else(|error| error.to_string(), |_| String::new());
            assert!(
                !refused.contains("could not find function"),
                "{name}: {refused}"
            );
        }
    }

    #[test]
    fn the_list_is_in_order_so_that_it_can_be_searched() {
        assert!(ALLOWED.is_sorted());
        assert!(REFUSED.iter().all(|(name, _)| !is_allowed(name)));
    }
}
