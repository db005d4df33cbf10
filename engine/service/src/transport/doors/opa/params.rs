//! The parameters of a query, read as OPA reads them.

use embargo_core::decision::Decision;
use serde_json::Value;

/// What a query says. What it says of parameters that this server has no use for is passed over,
/// as OPA does: `strict-builtin-errors` is always so here, and `instrument` tells no more than
/// `metrics`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Params {
    pub(super) input: Option<String>,
    pub(super) pretty: bool,
    pub(super) metrics: bool,
    pub(super) provenance: bool,
    pub(super) explain: Explain,
}

/// What is explained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Explain {
    #[default]
    Off,
    /// What rules note down, which those of this server do not.
    Notes,
    /// What kept a policy from being evaluated.
    Fails,
    /// What was found, too.
    Full,
}

impl Params {
    pub(super) fn of(query: &[(String, String)]) -> Self {
        let is = |name| is_true(query, name);
        Self {
            // The last one counts.
            input: values(query, "input").last().map(ToOwned::to_owned),
            pretty: is("pretty"),
            metrics: is("metrics") || is("instrument"),
            provenance: is("provenance"),
            explain: values(query, "explain")
                .find_map(Explain::of)
                .unwrap_or_default(),
        }
    }
}

impl Explain {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "off" => Self::Off,
            "notes" => Self::Notes,
            "fails" => Self::Fails,
            "full" | "debug" => Self::Full,
            _ => return None,
        })
    }

    /// The lines that explain a decision. None where OPA has none.
    pub(super) fn lines(self, decision: &Decision, is_defined: bool) -> Option<Value> {
        let judgement = &decision.judgement;
        let failures = judgement.failures.iter().map(|failure| {
            let kind = failure.kind.word();
            format!("fail data.{}: {kind}", failure.policy_id)
        });
        let missing = judgement.missing_facts.iter();
        let missing = missing.map(|path| format!("undefined input.{path}"));
        let findings = judgement.findings.iter().map(|finding| {
            let effect = finding.counts_as();
            let place = finding.rule_span.as_ref().map_or_else(String::new, |span| {
                format!(" at {}:{}", span.path, span.start_line)
            });
            format!(
                "{effect} data.{}{place}: {}",
                finding.policy_id, finding.message
            )
        });
        let lines: Vec<String> = match self {
            Self::Off => return None,
            Self::Notes | Self::Fails if !is_defined => return None,
            Self::Notes => Vec::new(),
            Self::Fails => failures.chain(missing).collect(),
            Self::Full => findings.chain(failures).chain(missing).collect(),
        };
        Some(lines.into())
    }
}

fn values<'a>(query: &'a [(String, String)], name: &'a str) -> impl Iterator<Item = &'a str> {
    query
        .iter()
        .filter(move |(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

/// Whether a parameter is there without a value, or once with `true`.
pub(super) fn is_true(query: &[(String, String)], name: &str) -> bool {
    let mut given = values(query, name).peekable();
    let Some(first) = given.peek() else {
        return false;
    };
    let is_alone = first.is_empty() && values(query, name).count() == 1;
    is_alone || given.any(|value| value.eq_ignore_ascii_case("true"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        text.iter().map(owned).collect()
    }

    #[test]
    fn a_switch_is_on_without_a_value_or_with_true_in_any_case() {
        for (given, wanted) in [
            (&[][..], false),
            (&[("pretty", "")], true),
            (&[("pretty", "true")], true),
            (&[("pretty", "TRUE")], true),
            (&[("pretty", "1")], false),
            (&[("pretty", "false")], false),
            (&[("pretty", ""), ("pretty", "")], false),
            (&[("pretty", "false"), ("pretty", "true")], true),
        ] {
            assert_eq!(Params::of(&query(given)).pretty, wanted, "{given:?}");
        }
    }

    #[test]
    fn the_first_known_mode_of_explaining_and_the_last_input_count() {
        let params = Params::of(&query(&[
            ("explain", "loud"),
            ("explain", "full"),
            ("explain", "off"),
            ("input", "1"),
            ("input", "2"),
            ("instrument", ""),
            ("strict-builtin-errors", "true"),
        ]));
        assert_eq!(params.explain, Explain::Full);
        assert_eq!(params.input.as_deref(), Some("2"));
        assert!(params.metrics && !params.provenance);
        assert_eq!(Params::of(&query(&[("explain", "")])).explain, Explain::Off);
    }
}
