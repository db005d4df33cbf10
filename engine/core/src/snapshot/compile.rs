//! Compiling: from a bundle to a snapshot, or to all that is wrong with it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::bundle::{Bundle, Role, role};
use crate::catalogue::Catalogue;
use crate::diagnostic::{self, Diagnostic, Span};
use crate::instant::Instant;
use crate::instrument::{self, Instrument};
use crate::likeness::did_you_mean;
use crate::rego::{Graph, Module, PackageEngine, Unread, parse};
use crate::waiver;
use crate::yaml;

use super::barred::Barred;
use super::{Policy, Snapshot, data, missing, places};

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
    let is_whole = missing::is_whole(remarks);
    let instruments: BTreeMap<String, Arc<Instrument>> = Instrument::compile(
        of(Role::Instrument),
        is_whole.then_some(&catalogue),
        remarks,
    )
    .into_iter()
    .map(|(id, instrument)| (id, Arc::new(instrument)))
    .collect();
    let unread = missing::instruments(remarks);
    let known = waiver::Known {
        instruments: &instruments,
        unread: &unread,
        catalogue: is_whole.then_some(&catalogue),
    };
    let waivers = waiver::compile(of(Role::Waivers), known, remarks);
    let data = data::read(of(Role::Data), remarks);

    let before_rules = remarks.len();
    let mut unparsed = Unread::default();
    let mut modules = parse_all(of(Role::Rule), &mut unparsed, remarks);
    let rule_modules = modules.len();
    modules.extend(parse_all(of(Role::RuleTest), &mut unparsed, remarks));
    places::check(&modules, rule_modules, remarks);
    Graph::new(&modules).check(&unparsed, remarks);
    let are_rules_sound = !diagnostic::has_errors(remarks.get(before_rules..).unwrap_or_default());
    let rules = modules.get(..rule_modules).unwrap_or_default();
    check_metadata(rules, &instruments, &unread, remarks);
    // What else is wrong with rules shows only in rules that are sound so far. Faults of other
    // files do not stand in the way.
    if !are_rules_sound || diagnostic::is_enough(remarks) {
        return None;
    }

    let known: Vec<Arc<Instrument>> = instruments.values().cloned().collect();
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
        barred: Barred::none_of(policies.len()),
        id,
        catalogue,
        instruments,
        waivers,
        rule_modules,
        policies,
        data,
        warnings: Vec::new(),
        modules,
        bundle,
    };
    check_engines(&snapshot, remarks);
    Some(snapshot)
}

fn parse_all<'a>(
    files: impl Iterator<Item = (&'a str, &'a str)>,
    unparsed: &mut Unread,
    remarks: &mut Vec<Diagnostic>,
) -> Vec<Module> {
    files
        .filter_map(|(path, text)| match parse(path, text) {
            Ok(module) => Some(module),
            Err(remark) => {
                unparsed.add(text);
                remarks.push(remark);
                None
            }
        })
        .collect()
}

/// Instruments that packages name and that are not there.
fn check_metadata(
    modules: &[Module],
    instruments: &BTreeMap<String, Arc<Instrument>>,
    unread: &BTreeSet<String>,
    remarks: &mut Vec<Diagnostic>,
) {
    for module in modules {
        if !module.package.starts_with("restrictions.") {
            continue;
        }
        for name in &module.metadata.instruments {
            if instruments.contains_key(name) || unread.contains(name) {
                continue;
            }
            let known = instruments.keys().map(String::as_str);
            let hint = did_you_mean(
                name,
                known,
                "correct `custom.instrument`, or write its instrument.yaml",
            );
            remarks.push(yaml::remark(
                &module.path,
                &module.text,
                name,
                Diagnostic::error("rego-metadata", format!("there is no instrument `{name}`"))
                    .hint(hint),
            ));
        }
    }
}

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
            if let Some(instrument) = instruments.get(name) {
                used.insert(name.clone());
                own_instruments.push(Arc::clone(instrument));
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
    // A package at fault may be the one that names it.
    let may_be_named = diagnostic::has_errors(remarks);
    for instrument in instruments
        .values()
        .filter(|instrument| !may_be_named && !used.contains(&instrument.id))
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
        if let Err(remark) = PackageEngine::build(modules, &policy.package, &data)
            && !remarks.contains(&remark)
        {
            remarks.push(remark);
        }
    }
}
