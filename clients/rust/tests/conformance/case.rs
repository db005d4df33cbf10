//! The cases of `clients/conformance`, as its README describes them. What it does not describe is
//! refused.

use std::{collections::BTreeMap, env, fs, path::PathBuf, time::Duration};

use serde::Deserialize;
use serde_json::Value;

/// One case.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) asked: Asked,
}

/// What is asked, and what is wanted.
pub(crate) enum Asked {
    Call {
        method: String,
        request: Value,
        deadline: Option<Duration>,
        wanted: Wanted,
    },
    Stream {
        items: Vec<Value>,
        want: BTreeMap<String, WantedItem>,
    },
    Watch {
        want: Value,
    },
    Gate {
        request: Value,
        want: WantedGate,
    },
    Cache {
        request: Value,
        want: WantedReuse,
    },
}

/// What is wanted of a call.
pub(crate) enum Wanted {
    Answer { want: Value, absent: Vec<String> },
    Error(WantedError),
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct WantedError {
    pub(crate) code: Code,
    pub(crate) reason: Option<String>,
    pub(crate) fields: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) metadata: BTreeMap<String, String>,
}

#[derive(Deserialize, Clone)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum WantedItem {
    Decision(Value),
    Error(WantedError),
}

#[derive(Deserialize, Debug, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WantedGate {
    Open,
    Denied,
    Review,
    Indeterminate,
    NoDecision,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WantedReuse {
    pub(crate) reused: bool,
}

/// A name of `google.rpc.Code`.
#[derive(Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Code {
    Cancelled,
    Unknown,
    InvalidArgument,
    DeadlineExceeded,
    NotFound,
    AlreadyExists,
    PermissionDenied,
    ResourceExhausted,
    FailedPrecondition,
    Aborted,
    OutOfRange,
    Unimplemented,
    Internal,
    Unavailable,
    DataLoss,
    Unauthenticated,
}

/// The methods that a `call` names.
const METHODS: [&str; 10] = [
    "BatchDecideHosts",
    "ComputeDecisionTimeline",
    "DecideHost",
    "DecideInventory",
    "ExplainDecision",
    "GetPolicy",
    "GetSnapshot",
    "IdentifySoftware",
    "ListPolicies",
    "ValidateBundle",
];
/// The method whose answer is the last of its events.
const RUN_POLICY_TESTS: &str = "RunPolicyTests";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    cases: Vec<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    call: Option<String>,
    request: Option<Value>,
    deadline: Option<String>,
    stream: Option<Vec<Value>>,
    watch: Option<bool>,
    gate: Option<Value>,
    cache: Option<Value>,
    want: Option<Value>,
    absent: Option<Vec<String>>,
    error: Option<WantedError>,
}

/// All cases, file by file.
pub(crate) fn all() -> Result<Vec<Case>, String> {
    let folder = env::var_os("EMBARGO_CONFORMANCE").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../conformance"),
        PathBuf::from,
    );
    let unreadable = |cause| format!("{cause}: {}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            files.push(path);
        }
    }
    files.sort();
    let mut cases = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).map_err(unreadable)?;
        let read = read(&text).map_err(|cause| format!("{cause}: {}", path.display()))?;
        cases.extend(read);
    }
    if cases.is_empty() {
        return Err(format!("there are no cases: {}", folder.display()));
    }
    Ok(cases)
}

/// The cases of one file.
pub(crate) fn read(text: &str) -> Result<Vec<Case>, String> {
    let file: File = serde_yaml::from_str(text).map_err(|cause| cause.to_string())?;
    let case = |written: Written| {
        let name = written.name.clone();
        let asked = asked(written).map_err(|cause| format!("{cause}: case `{name}`"))?;
        Ok(Case { name, asked })
    };
    file.cases.into_iter().map(case).collect()
}

fn asked(written: Written) -> Result<Asked, String> {
    let Written {
        name: _,
        call,
        request,
        deadline,
        stream,
        watch,
        gate,
        cache,
        want,
        absent,
        error,
    } = written;
    if let (Some(method), Some(request)) = (&call, request) {
        if [
            stream.is_some(),
            watch.is_some(),
            gate.is_some(),
            cache.is_some(),
        ]
        .contains(&true)
        {
            return Err("it asks twice".to_owned());
        }
        if !METHODS.contains(&method.as_str()) && method != RUN_POLICY_TESTS {
            return Err(format!("`{method}` is no method"));
        }
        let wanted = match (want, absent, error) {
            (Some(want), absent, None) => Wanted::Answer {
                want,
                absent: absent.unwrap_or_default(),
            },
            (None, None, Some(error)) => Wanted::Error(error),
            _ => return Err("it wants neither an answer nor an error, or both".to_owned()),
        };
        return Ok(Asked::Call {
            method: method.clone(),
            request,
            deadline: deadline.as_deref().map(seconds).transpose()?,
            wanted,
        });
    }
    if call.is_some() || deadline.is_some() || absent.is_some() || error.is_some() {
        return Err("a key belongs to another kind of case, or a call has no request".to_owned());
    }
    let want = want.ok_or("it wants nothing")?;
    match (stream, watch, gate, cache) {
        (Some(items), None, None, None) => Ok(Asked::Stream {
            items,
            want: wanted(want)?,
        }),
        (None, Some(true), None, None) => Ok(Asked::Watch { want }),
        (None, None, Some(request), None) => Ok(Asked::Gate {
            request,
            want: wanted(want)?,
        }),
        (None, None, None, Some(request)) => Ok(Asked::Cache {
            request,
            want: wanted(want)?,
        }),
        _ => Err("it asks nothing, or several things".to_owned()),
    }
}

fn wanted<T: for<'de> Deserialize<'de>>(want: Value) -> Result<T, String> {
    serde_json::from_value(want).map_err(|cause| cause.to_string())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let number = text
        .strip_suffix('s')
        .and_then(|number| number.parse().ok());
    let duration = number.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.ok_or_else(|| format!("`{text}` is no number of seconds"))
}
