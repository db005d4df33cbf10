//! Compiling: from a bundle to a snapshot, or to all that is wrong with it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::bundle::{Bundle, Role, role};
use crate::catalogue::Catalogue;
use crate::diagnostic::{self, Diagnostic, Span};
use crate::instant::Instant;
use crate::instrument::{self, Instrument};
use crate::rego::{Graph, Module, PackageEngine, parse};
use crate::waiver;
use crate::yaml;

use super::{Policy, Snapshot};

/// Below which packages of findings lie.
const RESTRICTIONS: &str = "restrictions";
/// Below which packages of helpers lie.
const LIBRARY: &str = "lib";
/// Keys of `data` that belong to the engine and to packages.
const RESERVED: [&str; 4] = ["instruments", RESTRICTIONS, LIBRARY, "embargo_entry"];

pub(super) fn compile(bundle: Bundle) -> Result<Snapshot, Vec<Diagnostic>> {
    let mut remarks = Vec::new();
    let compiled = read(bundle, &mut remarks);
    diagnostic::sort(&mut remarks);
    if diagnostic::has_errors(&remarks) {
        return Err(remarks);
    }
    match compiled {
        Some(snapshot) => Ok(Snapshot {
            warnings: remarks,
            ..snapshot
        }),
        None => Err(vec![Diagnostic::error(
            "bundle-empty",
            "the bundle holds no policies",
        )]),
    }
}

fn read(bundle: Bundle, remarks: &mut Vec<Diagnostic>) -> Option<Snapshot> {
    let mut texts = BTreeMap::<Role, Vec<(&str, &str)>>::new();
    for (path, content) in bundle.files() {
        match (role(path), std::str::from_utf8(content)) {
            (Some(role), Ok(text)) => texts.entry(role).or_default().push((path, text)),
            (Some(_), Err(error)) => {
                let before = content.get(..error.valid_up_to()).unwrap_or_default();
                let line = before.split(|byte| *byte == b'\n').count();
                let span = Span::at(path, u32::try_from(line).unwrap_or(u32::MAX), 1);
                remarks.push(
                    Diagnostic::error("not-utf-8", "the file is not UTF-8")
                        .at(span)
                        .hint("save it as UTF-8"),
                );
            }
            (None, _) => {}
        }
    }
    let of = |role: Role| texts.get(&role).into_iter().flatten().copied();

    let catalogue = Catalogue::compile(of(Role::Catalogue), remarks);
    let instruments: BTreeMap<String, Arc<Instrument>> =
        Instrument::compile(of(Role::Instrument), &catalogue, remarks)
            .into_iter()
            .map(|(id, instrument)| (id, Arc::new(instrument)))
            .collect();
    let waivers = waiver::compile(of(Role::Waivers), &instruments, &catalogue, remarks);
    let data = read_data(of(Role::Data), remarks);

    let mut modules = parse_all(of(Role::Rule), remarks);
    let rule_modules = modules.len();
    modules.extend(parse_all(of(Role::RuleTest), remarks));
    check_places(&modules, rule_modules, remarks);
    Graph::new(&modules).check(remarks);
    if diagnostic::has_errors(remarks) {
        return None;
    }

    let known: Vec<Arc<Instrument>> = instruments.values().cloned().collect();
    let rules = modules.get(..rule_modules).unwrap_or_default();
    let policies = policies(rules, &instruments, &known, remarks);
    if policies.is_empty() && !diagnostic::has_errors(remarks) {
        remarks.push(
            Diagnostic::error("bundle-empty", "the bundle holds no policies")
                .hint("a policy is a Rego package below `restrictions` with `deny`, `review`, `warn` or `exempt`"),
        );
    }

    let id = Arc::from(bundle.digest());
    let snapshot = Snapshot {
        woken_by: woken_by(&catalogue, &policies),
        always: positions(&policies, Policy::always_runs),
        boundaries: boundaries(&policies, &known),
        id,
        catalogue,
        instruments,
        waivers,
        rule_modules,
        policies,
        data,
        warnings: Vec::new(),
        modules,
        bundle: bundle.clone(),
    };
    check_engines(&snapshot, remarks);
    Some(snapshot)
}

fn parse_all<'a>(
    files: impl Iterator<Item = (&'a str, &'a str)>,
    remarks: &mut Vec<Diagnostic>,
) -> Vec<Module> {
    files
        .filter_map(|(path, text)| match parse(path, text) {
            Ok(module) => Some(module),
            Err(remark) => {
                remarks.push(remark);
                None
            }
        })
        .collect()
}

/// Data of the author's own: `data/a/b.yaml` is `data.a.b`.
fn read_data<'a>(
    files: impl Iterator<Item = (&'a str, &'a str)>,
    remarks: &mut Vec<Diagnostic>,
) -> BTreeMap<String, serde_json::Value> {
    let mut root = serde_json::Map::new();
    for (path, text) in files {
        let value = match yaml::read::<serde_json::Value>(path, text, "data-parse-error") {
            Ok(value) => value,
            Err(remark) => {
                remarks.push(remark);
                continue;
            }
        };
        let bare = path.strip_prefix("data/").unwrap_or(path);
        let stem = bare.rsplit_once('.').map_or(bare, |(stem, _)| stem);
        let mut steps = stem.split('/').peekable();
        if steps.peek().is_some_and(|first| RESERVED.contains(first)) {
            remarks.push(
                Diagnostic::error(
                    "data-reserved",
                    "the name of the file or folder is taken by the engine",
                )
                .at(Span::start_of(path))
                .hint(format!("choose another than {}", RESERVED.join(", "))),
            );
            continue;
        }
        let steps: Vec<&str> = steps.collect();
        if !place(&mut root, &steps, value) {
            remarks.push(
                Diagnostic::error("data-conflict", "another file holds data in the same place")
                    .at(Span::start_of(path))
                    .hint("give a file and a folder different names"),
            );
        }
    }
    root.into_iter().collect()
}

fn place(
    into: &mut serde_json::Map<String, serde_json::Value>,
    steps: &[&str],
    value: serde_json::Value,
) -> bool {
    match steps {
        [] => false,
        [last] => into.insert((*last).to_owned(), value).is_none(),
        [first, rest @ ..] => {
            let below = into
                .entry((*first).to_owned())
                .or_insert_with(|| serde_json::Value::Object(serde_json::Map::new()));
            below
                .as_object_mut()
                .is_some_and(|below| place(below, rest, value))
        }
    }
}

/// Packages lie below `restrictions` or `lib`, sets of findings are sets, and a package
/// below `restrictions` that finds nothing is a mistake.
fn check_places(modules: &[Module], rule_modules: usize, remarks: &mut Vec<Diagnostic>) {
    for (at, module) in modules.iter().enumerate() {
        let mut fault = |span: &Span, code: &'static str, message: String, hint: &str| {
            remarks.push(
                Diagnostic::error(code, message)
                    .at(span.clone())
                    .excerpt_from(&module.text)
                    .hint(hint),
            );
        };
        let steps: Vec<&str> = module.package.split('.').collect();
        let named = |step: &&str| {
            !step.is_empty()
                && step
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        if !steps.iter().all(named) {
            fault(
                &module.package_span,
                "rego-package",
                format!(
                    "the package `{}` is not made of plain names",
                    module.package
                ),
                "use letters, digits and `_`, with dots between",
            );
        }
        let first = steps.first().copied().unwrap_or_default();
        let in_place = steps.len() > 1 && (first == RESTRICTIONS || first == LIBRARY);
        if !in_place {
            fault(
                &module.package_span,
                "rego-package",
                format!(
                    "the package `{}` lies neither below `restrictions` nor below `lib`",
                    module.package
                ),
                "call it `restrictions.<name>` if it finds something, and `lib.<name>` if it helps others",
            );
        }
        if at >= rule_modules {
            continue;
        }
        for rule in module
            .rules
            .iter()
            .filter(|rule| first == RESTRICTIONS && FINDINGS.contains(&rule.name.as_str()))
        {
            if !rule.is_set {
                fault(
                    &rule.span,
                    "rego-not-a-set",
                    format!("`{}` is not a set", rule.name),
                    "write `deny contains … if { … }`, so that no finding is undefined",
                );
            }
        }
        let is_test = module
            .rules
            .iter()
            .any(|rule| rule.name.starts_with("test_"));
        if is_test {
            remarks.push(
                Diagnostic::warning(
                    "rego-test-in-rules",
                    "tests stand beside rules that are served",
                )
                .at(Span::start_of(&module.path))
                .hint("move them to a file that ends in `_test.rego`"),
            );
        }
    }
}

const FINDINGS: [&str; 4] = ["deny", "review", "warn", "exempt"];

fn policies(
    modules: &[Module],
    instruments: &BTreeMap<String, Arc<Instrument>>,
    known: &[Arc<Instrument>],
    remarks: &mut Vec<Diagnostic>,
) -> Vec<Policy> {
    let graph = Graph::new(modules);
    let ids: BTreeSet<&str> = modules
        .iter()
        .filter(|module| module.package.starts_with("restrictions."))
        .map(|module| module.package.as_str())
        .collect();
    let mut policies = Vec::new();
    let mut used = BTreeSet::<String>::new();
    for id in ids {
        let own = |module: &&Module| module.package == id;
        let Some(first) = modules.iter().find(own) else {
            continue;
        };
        let described = modules
            .iter()
            .filter(own)
            .find(|module| module.metadata != Default::default());
        let metadata = described
            .map(|module| module.metadata.clone())
            .unwrap_or_default();
        let package = graph.package(id, |module| !module.package.starts_with("lib."));
        let mut own_instruments = Vec::new();
        for name in &metadata.instruments {
            match instruments.get(name) {
                Some(instrument) => {
                    used.insert(name.clone());
                    own_instruments.push(Arc::clone(instrument));
                }
                None => remarks.push(yaml::remark(
                    &first.path,
                    &first.text,
                    name,
                    Diagnostic::error("rego-metadata", format!("there is no instrument `{name}`"))
                        .hint("correct `custom.instrument`, or write its instrument.yaml"),
                )),
            }
        }
        let is_context =
            |instrument: &Arc<Instrument>| instrument.role == instrument::Role::Context;
        if package.sets.is_empty() {
            // An instrument that binds nobody who owns a device may do without findings.
            if own_instruments.is_empty() || !own_instruments.iter().all(is_context) {
                remarks.push(
                    Diagnostic::warning(
                        "rego-no-findings",
                        format!("the package `{id}` finds nothing"),
                    )
                    .at(first.package_span.clone())
                    .excerpt_from(&first.text)
                    .hint(
                        "give it `deny`, `review`, `warn` or `exempt`, or move helpers below `lib`",
                    ),
                );
            }
            continue;
        }
        if !package.is_timeless() {
            remarks.push(
                Diagnostic::warning("rego-free-time", format!("the package `{id}` uses the instant other than by comparing it with instants of its sources"))
                    .at(first.package_span.clone())
                    .excerpt_from(&first.text)
                    .hint("its decisions cannot be kept: compare `input.now_ns` with phases or with instants written out"),
            );
        }
        let folder = first
            .path
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder)
            .to_owned();
        policies.push(Policy::new(
            package,
            metadata,
            folder,
            own_instruments,
            known,
        ));
    }
    for instrument in instruments
        .values()
        .filter(|instrument| !used.contains(&instrument.id))
    {
        let path = format!("{}/instrument.yaml", instrument.folder);
        remarks.push(
            Diagnostic::warning(
                "instrument-without-rule",
                format!("no rule puts `{}` into effect", instrument.id),
            )
            .at(Span::start_of(&path))
            .hint("name it in `custom.instrument` of a package"),
        );
    }
    policies
}

fn positions(policies: &[Policy], choose: impl Fn(&Policy) -> bool) -> Vec<usize> {
    policies
        .iter()
        .enumerate()
        .filter(|(_, policy)| choose(policy))
        .map(|(at, _)| at)
        .collect()
}

fn woken_by(catalogue: &Catalogue, policies: &[Policy]) -> Vec<Vec<usize>> {
    catalogue
        .products()
        .iter()
        .map(|product| {
            let vendor = &catalogue.vendor(product).id;
            positions(policies, |policy| {
                policy
                    .instruments
                    .iter()
                    .any(|instrument| instrument.concerns(product, vendor))
            })
        })
        .collect()
}

/// Between two neighbours of these instants no comparison of a rule can turn.
fn boundaries(policies: &[Policy], instruments: &[Arc<Instrument>]) -> Vec<Instant> {
    let mut all = BTreeSet::new();
    for at in policies
        .iter()
        .flat_map(|policy| policy.boundaries.iter().copied())
    {
        all.extend([at, at.next()]);
    }
    for at in instruments
        .iter()
        .flat_map(|instrument| instrument.boundaries())
    {
        all.extend([at, at.next()]);
    }
    all.into_iter().collect()
}

/// Compiles every package once, so that what only shows then is refused at load.
fn check_engines(snapshot: &Snapshot, remarks: &mut Vec<Diagnostic>) {
    let data = snapshot.data_values();
    let modules = snapshot.rule_modules();
    for policy in &snapshot.policies {
        let built = PackageEngine::build(modules, &policy.package, &data);
        let prepared = built.and_then(|mut engine| engine.prepare(modules, &policy.package));
        if let Err(remark) = prepared
            && !remarks.contains(&remark)
        {
            remarks.push(remark);
        }
    }
}
