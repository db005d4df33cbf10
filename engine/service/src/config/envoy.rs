//! External authorization of Envoy: where in its questions the facts, the action and the host stand.

use std::fmt;
use std::time::Duration;

use embargo_core::instrument::Action;

/// Bytes of the name of a header or a key, at most.
const NAME_BYTES: usize = 256;
/// Parts of a path of metadata: the filter, and keys below it.
const PARTS: usize = 16;

/// How questions of Envoy are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvoySettings {
    /// Where the facts stand, in JSON or base64 of it: the first place that has something.
    pub facts: Vec<EnvoyPlace>,
    /// Where the action stands, by its word, before `action` counts.
    pub action_from: Vec<EnvoyPlace>,
    /// The action where no place has one.
    pub action: Action,
    /// Where the host's id stands: the first place that has something. It stands over the id in
    /// the facts, which is said by whoever sends them.
    pub host: Vec<EnvoyPlace>,
    /// How long a question may take: 1 ms to 60 s. The caller's deadline lowers it.
    pub limit: Duration,
}

impl Default for EnvoySettings {
    fn default() -> Self {
        Self {
            facts: vec![
                EnvoyPlace::Context("embargo-facts".to_owned()),
                EnvoyPlace::Header("x-embargo-facts".to_owned()),
            ],
            action_from: Vec::new(),
            action: Action::Connect,
            host: vec![
                EnvoyPlace::Principal,
                EnvoyPlace::Header("x-embargo-host-id".to_owned()),
            ],
            limit: Duration::from_millis(200),
        }
    }
}

/// A place in a question of Envoy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvoyPlace {
    /// A header of the request, by its name in lower case. Whoever sends the request writes it,
    /// unless Envoy is told to replace it.
    Header(String),
    /// A key of `context_extensions`, which the configuration of Envoy sets.
    Context(String),
    /// What a filter before has left in its metadata: the filter's name, and keys below it.
    Metadata(Vec<String>),
    /// Who asks, as the certificate says that Envoy has verified.
    Principal,
}

impl EnvoyPlace {
    /// How places are written, for a message.
    pub const FORMS: &'static str =
        "`header:NAME`, `context:KEY`, `metadata:FILTER/KEY` or `principal`";

    /// The place of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        if word == "principal" {
            return Some(Self::Principal);
        }
        let (kind, name) = word.split_once(':')?;
        if name.is_empty() || name.len() > NAME_BYTES {
            return None;
        }
        match kind {
            "header" => {
                let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
                name.bytes()
                    .all(fits)
                    .then(|| Self::Header(name.to_ascii_lowercase()))
            }
            "context" => Some(Self::Context(name.to_owned())),
            "metadata" => {
                let parts: Vec<String> = name.split('/').map(str::to_owned).collect();
                let sound =
                    (2..=PARTS).contains(&parts.len()) && parts.iter().all(|part| !part.is_empty());
                sound.then_some(Self::Metadata(parts))
            }
            _ => None,
        }
    }
}

impl fmt::Display for EnvoyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name) => write!(f, "header:{name}"),
            Self::Context(key) => write!(f, "context:{key}"),
            Self::Metadata(parts) => write!(f, "metadata:{}", parts.join("/")),
            Self::Principal => f.write_str("principal"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_written() {
        for word in [
            "header:x-facts",
            "context:embargo-facts",
            "metadata:envoy.filters.http.jwt_authn/payload/embargo",
            "principal",
        ] {
            assert_eq!(EnvoyPlace::from_word(word).unwrap().to_string(), word);
        }
        let upper = EnvoyPlace::from_word("header:X-Facts").unwrap();
        assert_eq!(upper, EnvoyPlace::Header("x-facts".to_owned()));
    }

    #[test]
    fn what_names_no_place_is_refused() {
        for word in [
            "",
            "header",
            "header:",
            "header:a b",
            "header:ä",
            "cookie:a",
            "metadata:filter",
            "metadata:filter/",
            "Principal",
        ] {
            assert_eq!(EnvoyPlace::from_word(word), None, "{word}");
        }
    }
}
