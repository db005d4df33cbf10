//! The graph of rules: which uses which, across packages.
//!
//! Recursion overflows the evaluator's stack and ends the process, so a cycle is refused
//! here with its way around. The same closure tells what a package can read.

mod fixtures;
mod cycles;
mod references;
mod remarks;

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Diagnostic, Span, is_enough};
use crate::instant::Instant;
use crate::likeness::nearest;

use super::builtins;
use super::functions;
use super::gate::Module;
use super::reads::{ReadSet, TimeRead};
use super::result::EntryKind;
use super::syntax::RuleSyntax;
use super::unread::Unread;
pub(super) use remarks::unbound_name;
use remarks::{refused_call, tangled_name, too_many_uses, wrong_arguments};

/// Uses of rules by rules that are followed; a reference to many rules uses each of them.
const USES: usize = 3_000_000;

/// The sets of a package that are findings.
pub(crate) const SETS: [&str; 4] = [
    EntryKind::Deny.set(),
    EntryKind::Review.set(),
    EntryKind::Warn.set(),
    EntryKind::Exempt.set(),
];

/// What the engine knows of a package of findings.
#[derive(Debug, Default)]
pub(crate) struct Package {
    /// The path below `data`, with dots.
    pub(crate) id: String,
    /// Which of the four sets it has.
    pub(crate) sets: Vec<&'static str>,
    /// The place of a set's rule, where it has exactly one.
    pub(crate) spans: BTreeMap<&'static str, Span>,
    /// The modules that its evaluation needs, as positions.
    pub(crate) modules: BTreeSet<usize>,
    pub(crate) reads: ReadSet,
    pub(crate) instants: BTreeSet<Instant>,
    /// Texts in its rules; instrument ids among them.
    pub(crate) texts: BTreeSet<String>,
    /// Whether it goes through all instruments.
    pub(crate) uses_all_instruments: bool,
    /// Paths of facts that are undefined if absent.
    pub(crate) facts: BTreeSet<String>,
}

/// A rule, as a position in the modules.
type Node = (usize, usize);

/// All rules and what they use.
pub(crate) struct Graph<'a> {
    modules: &'a [Module],
    /// Rules by package and name.
    rules: BTreeMap<(&'a str, &'a str), Vec<Node>>,
    packages: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> Graph<'a> {
    pub(crate) fn new(modules: &'a [Module]) -> Self {
        let mut rules = BTreeMap::<_, Vec<Node>>::new();
        let mut packages = BTreeMap::<_, Vec<usize>>::new();
        for (at, module) in modules.iter().enumerate() {
            packages
                .entry(module.package.as_str())
                .or_default()
                .push(at);
            for (number, rule) in module.rules.iter().enumerate() {
                rules
                    .entry((module.package.as_str(), rule.name.as_str()))
                    .or_default()
                    .push((at, number));
            }
        }
        Self {
            modules,
            rules,
            packages,
        }
    }

    fn rule(&self, node: Node) -> Option<&'a RuleSyntax> {
        self.modules.get(node.0)?.rules.get(node.1)
    }

    /// The rules that a path below `data` stands for.
    fn targets(&self, path: &[String]) -> Vec<Node> {
        let dynamic = path
            .iter()
            .position(|step| step == "*")
            .unwrap_or(path.len());
        let fixed = path.get(..dynamic).unwrap_or_default();
        let joined = fixed.join(".");
        // The longest package that the path leads into, with the name of the rule in it.
        for end in (1..=fixed.len()).rev() {
            let package = fixed.get(..end).unwrap_or_default().join(".");
            if !self.packages.contains_key(package.as_str()) {
                continue;
            }
            if let Some(name) = fixed.get(end) {
                let rules: &BTreeMap<(&str, &str), Vec<Node>> = &self.rules;
                let found = rules.get(&(package.as_str(), name.as_str()));
                return found.cloned().unwrap_or_default();
            }
            break;
        }
        // A package as a whole, or everything below a path.
        let below = |package: &str| {
            joined.is_empty()
                || package == joined
                || package
                    .strip_prefix(&joined)
                    .is_some_and(|rest| rest.starts_with('.'))
        };
        self.rules
            .iter()
            .filter(|((package, _), _)| below(package))
            .flat_map(|(_, nodes)| nodes.clone())
            .collect()
    }

    fn next(&self, node: Node) -> Vec<Node> {
        let Some(rule) = self.rule(node) else {
            return Vec::new();
        };
        rule.uses
            .iter()
            .flat_map(|path| self.targets(path))
            .collect()
    }

    /// Calls of functions that are neither rules nor on the closed list; names of packages
    /// that lie outside of where packages may lie; rules that use themselves. What may stand
    /// in a file that could not be parsed is not missed.
    pub(crate) fn check(&self, unread: &Unread, remarks: &mut Vec<Diagnostic>) {
        if let Some(remark) = self.check_uses() {
            remarks.push(remark);
            return;
        }
        for module in self.modules {
            let may_hold_more = unread.may_hold_more(&module.package);
            let lost = self.check_imports(module, unread, remarks);
            // What an import with a slip in its name was to bring in is not missed.
            let is_lost = |name: &str| {
                let root = name.split('.').next().unwrap_or(name);
                nearest(root, lost.iter().map(String::as_str)).is_some()
            };
            for rule in &module.rules {
                if is_enough(remarks) {
                    return;
                }
                if let Some(name) = &rule.tangled {
                    remarks.push(tangled_name(module, rule, name));
                }
                for (name, span) in rule.unbound.iter().filter(|_| !may_hold_more) {
                    if is_lost(name) {
                        continue;
                    }
                    if !self
                        .rules
                        .contains_key(&(module.package.as_str(), name.as_str()))
                    {
                        remarks.push(unbound_name(
                            module,
                            name,
                            span,
                            self.meant(module, rule, name),
                        ));
                    }
                }
                self.check_calls(module, rule, unread, remarks);
                for ((name, given), span) in &rule.calls {
                    let is_rule = self
                        .rules
                        .contains_key(&(module.package.as_str(), name.as_str()));
                    if is_rule {
                        continue;
                    }
                    let is_elsewhere =
                        (may_hold_more || is_lost(name)) && builtins::refusal(name).is_none();
                    if !builtins::is_allowed(name) && !is_elsewhere {
                        remarks.push(refused_call(module, name, span, self.names_of(module)));
                    }
                    if let Some(function) = functions::named(name)
                        && usize::from(function.arguments) != *given
                    {
                        remarks.push(wrong_arguments(module, name, *given, function, span));
                    }
                }
            }
        }
        self.check_recursion(remarks);
    }

    /// The first rule with which there are more uses of rules by rules than are followed.
    fn check_uses(&self) -> Option<Diagnostic> {
        let mut uses = 0_usize;
        for (at, module) in self.modules.iter().enumerate() {
            for (number, rule) in module.rules.iter().enumerate() {
                uses += self.next((at, number)).len();
                if uses > USES {
                    return Some(too_many_uses(module, rule));
                }
            }
        }
        None
    }

    /// What a package of findings needs and reads.
    pub(crate) fn package(&self, id: &str, facts_from: impl Fn(&Module) -> bool) -> Package {
        let mut package = Package {
            id: id.to_owned(),
            ..Package::default()
        };
        let mut open: Vec<Node> = Vec::new();
        for set in SETS {
            let Some(nodes) = self.rules.get(&(id, set)) else {
                continue;
            };
            package.sets.push(set);
            if let [node] = nodes.as_slice()
                && let Some(rule) = self.rule(*node)
            {
                package.spans.insert(set, rule.span.clone());
            }
            open.extend(nodes);
        }
        package
            .modules
            .extend(self.packages.get(id).into_iter().flatten());
        let mut seen = BTreeSet::new();
        while let Some(node) = open.pop() {
            let (Some(rule), Some(module)) = (self.rule(node), self.modules.get(node.0)) else {
                continue;
            };
            if !seen.insert(node) {
                continue;
            }
            package.modules.extend(
                self.packages
                    .get(module.package.as_str())
                    .into_iter()
                    .flatten(),
            );
            package.reads.merge(&rule.reads);
            package.instants.extend(&rule.instants);
            package.texts.extend(rule.texts.iter().cloned());
            if facts_from(module) {
                package.facts.extend(rule.facts.iter().cloned());
            }
            package.uses_all_instruments |= rule.uses.iter().any(|path| {
                // `data.instruments` as a whole, or gone through.
                matches!(path.as_slice(), [] | [_])
                    && path
                        .first()
                        .is_none_or(|root| root == "instruments" || root == "*")
            });
            open.extend(self.next(node));
        }
        self.complete_modules(&mut package.modules);
        package
    }

    /// Paths of facts that a rule and all that it rests on read, given by its module, its name
    /// and its place.
    pub(crate) fn facts_of(&self, module: &Module, name: &str, span: &Span) -> BTreeSet<String> {
        let nodes = self.rules.get(&(module.package.as_str(), name));
        let mut open: Vec<Node> = nodes.cloned().unwrap_or_default();
        open.retain(|node| {
            self.rule(*node)
                .is_some_and(|rule| begins_at(&rule.span, span))
        });
        let mut seen = BTreeSet::new();
        let mut facts = BTreeSet::new();
        while let Some(node) = open.pop() {
            if !seen.insert(node) {
                continue;
            }
            if let Some(rule) = self.rule(node) {
                facts.extend(rule.facts.iter().cloned());
            }
            open.extend(self.next(node));
        }
        facts
    }

    /// The modules of a package and all that these can reach.
    pub(crate) fn reach(&self, package: &str) -> BTreeSet<usize> {
        let own = self.packages.get(package).into_iter().flatten();
        let mut modules = own.copied().collect();
        self.complete_modules(&mut modules);
        modules
    }

    /// Adds the modules that any rule of a needed module mentions, because the evaluator
    /// compiles modules whole.
    fn complete_modules(&self, modules: &mut BTreeSet<usize>) {
        let mut open: Vec<usize> = modules.iter().copied().collect();
        while let Some(at) = open.pop() {
            let rules = self
                .modules
                .get(at)
                .map(|module| module.rules.len())
                .unwrap_or_default();
            for number in 0..rules {
                for (module, _) in self.next((at, number)) {
                    let package = self
                        .modules
                        .get(module)
                        .map(|module| module.package.as_str())
                        .unwrap_or_default();
                    for needed in self.packages.get(package).into_iter().flatten() {
                        if modules.insert(*needed) {
                            open.push(*needed);
                        }
                    }
                }
            }
        }
    }
}

impl Package {
    /// Whether it must see a new input for every instant.
    pub(crate) fn is_timeless(&self) -> bool {
        self.reads.time != TimeRead::Free
    }
}

fn begins_at(one: &Span, other: &Span) -> bool {
    (one.start_line, one.start_column, &one.path)
        == (other.start_line, other.start_column, &other.path)
}
