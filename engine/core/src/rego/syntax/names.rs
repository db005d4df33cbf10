//! Names: what a reference in a rule can mean.

use regorus::unstable::{Expr, Span};

use crate::instant::Instant;

use super::literal;

/// What a name or reference stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::rego) enum Meaning {
    /// A path below `input`; `*` is any item.
    Input(Vec<String>),
    /// A path below `data`; `*` is any item.
    Data(Vec<String>),
    /// An instant that stands in the source.
    Instant,
    /// Something made in the rule.
    Local,
}

/// Steps of a path that are told apart; one that goes on means all below.
const STEPS: usize = 32;

impl Meaning {
    /// What a reference further down means.
    pub(in crate::rego) fn below(&self, rest: &[String]) -> Self {
        let join = |path: &Vec<String>| {
            let steps = path.iter().chain(rest).take(STEPS + 1);
            let mut steps: Vec<String> = steps.cloned().collect();
            if steps.len() > STEPS {
                steps.truncate(STEPS - 1);
                steps.push("*".to_owned());
            }
            steps
        };
        match self {
            Self::Input(path) => Self::Input(join(path)),
            Self::Data(path) => Self::Data(join(path)),
            Self::Instant | Self::Local => Self::Local,
        }
    }
}

/// A reference taken apart: `found.software[i].name`.
pub(in crate::rego) struct Chain<'a> {
    pub(in crate::rego) root: &'a Expr,
    /// The steps from the root; `*` where the step is not a literal.
    pub(in crate::rego) steps: Vec<String>,
    /// The expressions of the steps that are not literals.
    pub(in crate::rego) indexes: Vec<&'a Expr>,
    /// Where each step is written.
    pub(in crate::rego) places: Vec<&'a Span>,
}

impl<'a> Chain<'a> {
    /// Takes a reference apart; nothing for what is not one.
    pub(in crate::rego) fn of(expr: &'a Expr) -> Option<Self> {
        let mut steps = Vec::new();
        let mut indexes = Vec::new();
        let mut places = Vec::new();
        let mut at = expr;
        loop {
            match at {
                Expr::RefDot { refr, field, .. } => {
                    steps.push(
                        field
                            .1
                            .as_string()
                            .map_or_else(|_| "*".to_owned(), |name| name.to_string()),
                    );
                    places.push(&field.0);
                    at = refr;
                }
                Expr::RefBrack { refr, index, .. } => {
                    match literal(index) {
                        Some(text) => steps.push(text.to_owned()),
                        None => {
                            steps.push("*".to_owned());
                            indexes.push(&**index);
                        }
                    }
                    places.push(index.span());
                    at = refr;
                }
                Expr::Var { .. } => break,
                _ if steps.is_empty() => return None,
                _ => break,
            }
        }
        steps.reverse();
        places.reverse();
        Some(Self {
            root: at,
            steps,
            indexes,
            places,
        })
    }

    /// The name of the root, if it is a name.
    pub(in crate::rego) fn name(&self) -> Option<&'a str> {
        match self.root {
            Expr::Var { span, .. } => Some(span.text()),
            _ => None,
        }
    }

    /// Root and steps as one path.
    pub(in crate::rego) fn into_path(self) -> Vec<String> {
        let mut path: Vec<String> = self.name().map(str::to_owned).into_iter().collect();
        path.extend(self.steps);
        path
    }
}

/// The instant that stands in the source: a number, or `time.parse_rfc3339_ns` of a text.
pub(in crate::rego) fn literal_instant(expr: &Expr) -> Option<Instant> {
    match expr {
        Expr::Number { value, .. } => {
            Instant::from_unix_nanoseconds(i128::from(value.as_i64().ok()?)).ok()
        }
        Expr::Call { fcn, params, .. } => {
            let name = Chain::of(fcn)?.into_path().join(".");
            let text = literal(params.first()?)?;
            (name == "time.parse_rfc3339_ns").then(|| text.parse().ok())?
        }
        _ => None,
    }
}
