//! Which tests need fixtures, so that they can be left out where there are none.

use std::collections::BTreeSet;

use super::Graph;
use crate::rego::syntax::RuleSyntax;

impl<'a> Graph<'a> {
    /// The rules of a package that name what tests alone see, or reach one that does.
    pub(crate) fn needing_fixtures(&self, package: &'a str) -> BTreeSet<&'a str> {
        let mut rules = self.modules.iter().flat_map(|module| &module.rules);
        if !rules.any(RuleSyntax::reads_fixtures) {
            return BTreeSet::new();
        }
        let own = self.rules.iter().filter(|((of, _), _)| *of == package);
        let needing = own.filter(|(_, nodes)| {
            let mut open = (*nodes).clone();
            let mut seen = BTreeSet::new();
            while let Some(node) = open.pop() {
                if seen.insert(node) {
                    if self.rule(node).is_some_and(RuleSyntax::reads_fixtures) {
                        return true;
                    }
                    open.extend(self.next(node));
                }
            }
            false
        });
        needing.map(|((_, name), _)| *name).collect()
    }
}
