//! Results: what the sets of a package hold, read into entries.
//!
//! An entry is an object of known fields or a plain text. Anything else is a malformed
//! result, which is a failure and never an empty answer.

use regorus::Value;

use crate::instrument::Effect;

/// The effect that an entry asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum EntryKind {
    Deny,
    Review,
    Warn,
    Exempt,
}

impl EntryKind {
    pub(crate) const ALL: [Self; 4] = [Self::Deny, Self::Review, Self::Warn, Self::Exempt];

    /// The set of a package that holds such entries.
    pub(crate) const fn set(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Review => "review",
            Self::Warn => "warn",
            Self::Exempt => "exempt",
        }
    }

    /// The effect; an exemption asks for none.
    pub(crate) const fn effect(self) -> Option<Effect> {
        match self {
            Self::Deny => Some(Effect::Deny),
            Self::Review => Some(Effect::Review),
            Self::Warn => Some(Effect::Warn),
            Self::Exempt => None,
        }
    }
}

/// What an entry is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// The host as a whole.
    Host,
    /// A position in `input.identified`.
    Identified(usize),
    /// An item of the inventory, and the product if the rule names one.
    Software {
        index: usize,
        product: Option<String>,
    },
}

/// One member of one of the sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) kind: EntryKind,
    pub(crate) target: Target,
    pub(crate) message: Option<String>,
    pub(crate) detail: Option<String>,
    pub(crate) remediation: Option<String>,
    /// Paths below `input` that could not be told.
    pub(crate) missing: Vec<String>,
    pub(crate) phase: Option<String>,
    pub(crate) instrument: Option<String>,
}

/// Bytes of a message and of a remediation.
const SENTENCE_BYTES: usize = 1_024;
/// Bytes of a detail.
const DETAIL_BYTES: usize = 4_096;
/// Bytes of an id.
const ID_BYTES: usize = 256;
/// Missing facts of an entry.
const MISSING: usize = 100;

/// Reads the object of sets that the entry point of a package gives.
pub(super) fn read(value: &Value) -> Result<Vec<Entry>, String> {
    let Ok(sets) = value.as_object() else {
        return Err("the package gave no sets of findings".to_owned());
    };
    let mut entries = Vec::new();
    for kind in EntryKind::ALL {
        let set = kind.set();
        let Some(members) = sets.get(&Value::from(set)) else {
            continue;
        };
        let Ok(members) = members.as_set() else {
            return Err(format!(
                "`{set}` is not a set; write `{set} contains … if {{ … }}`"
            ));
        };
        for member in members {
            entries.push(entry(set, kind, member)?);
        }
    }
    Ok(entries)
}

/// Reads members of one set; nothing, if one of them is malformed, which is for the whole to
/// say.
pub(super) fn members(kind: EntryKind, members: &[Value]) -> Vec<Entry> {
    let entries: Result<Vec<Entry>, String> = members
        .iter()
        .map(|member| entry(kind.set(), kind, member))
        .collect();
    entries.unwrap_or_default()
}

fn entry(set: &str, kind: EntryKind, member: &Value) -> Result<Entry, String> {
    let mut entry = Entry {
        kind,
        target: Target::Host,
        message: None,
        detail: None,
        remediation: None,
        missing: Vec::new(),
        phase: None,
        instrument: None,
    };
    if let Ok(message) = member.as_string() {
        entry.message = Some(checked(set, "message", message, SENTENCE_BYTES)?);
        return Ok(entry);
    }
    let Ok(fields) = member.as_object() else {
        return Err(format!(
            "a member of `{set}` is neither an object nor a text"
        ));
    };
    let (mut identified, mut index, mut product) = (None, None, None);
    for (key, value) in fields.iter() {
        let key = key
            .as_string()
            .map_err(|_| format!("a member of `{set}` has a key that is not a text"))?;
        match &**key {
            "identified" => identified = Some(position(set, key, value)?),
            "software" => index = Some(position(set, key, value)?),
            "product" => product = Some(text(set, key, value, ID_BYTES)?),
            "message" => entry.message = Some(text(set, key, value, SENTENCE_BYTES)?),
            "detail" => entry.detail = Some(text(set, key, value, DETAIL_BYTES)?),
            "remediation" => entry.remediation = Some(text(set, key, value, SENTENCE_BYTES)?),
            "phase" => entry.phase = Some(text(set, key, value, ID_BYTES)?),
            "instrument" => entry.instrument = Some(text(set, key, value, ID_BYTES)?),
            "missing" => entry.missing = paths(set, value)?,
            other => {
                return Err(format!(
                    "a member of `{set}` has the field `{other}`; known are identified, software, product, \
                     message, detail, remediation, missing, phase, instrument"
                ));
            }
        }
    }
    entry.target = match (identified, index) {
        (Some(_), Some(_)) => {
            return Err(format!(
                "a member of `{set}` names both `identified` and `software`"
            ));
        }
        (Some(at), None) => Target::Identified(at),
        (None, Some(index)) => Target::Software { index, product },
        (None, None) if product.is_some() => {
            return Err(format!(
                "a member of `{set}` names a `product` and no `software`"
            ));
        }
        (None, None) => Target::Host,
    };
    Ok(entry)
}

fn position(set: &str, key: &str, value: &Value) -> Result<usize, String> {
    value
        .as_u64()
        .ok()
        .and_then(|number| usize::try_from(number).ok())
        .ok_or_else(|| format!("`{key}` of a member of `{set}` is not a position from 0"))
}

fn text(set: &str, key: &str, value: &Value, most: usize) -> Result<String, String> {
    match value.as_string() {
        Ok(text) => checked(set, key, text, most),
        Err(_) => Err(format!("`{key}` of a member of `{set}` is not a text")),
    }
}

fn checked(set: &str, key: &str, text: &str, most: usize) -> Result<String, String> {
    if text.len() > most {
        return Err(format!(
            "`{key}` of a member of `{set}` has {} bytes, and may have {most}",
            text.len()
        ));
    }
    Ok(text.to_owned())
}

fn paths(set: &str, value: &Value) -> Result<Vec<String>, String> {
    let wrong = || format!("`missing` of a member of `{set}` is not a list of paths");
    let mut paths = Vec::new();
    let mut add = |value: &Value| -> Result<(), String> {
        paths.push(text(set, "missing", value, ID_BYTES)?);
        Ok(())
    };
    match (value.as_array(), value.as_set()) {
        (Ok(items), _) => items.iter().try_for_each(&mut add)?,
        (_, Ok(items)) => items.iter().try_for_each(&mut add)?,
        _ => return Err(wrong()),
    }
    if paths.len() > MISSING {
        return Err(format!(
            "`missing` of a member of `{set}` names {} paths, and may name {MISSING}",
            paths.len()
        ));
    }
    Ok(paths)
}
