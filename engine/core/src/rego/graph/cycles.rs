//! Rules that rest on themselves, and chains of rules that are too long for the evaluator's
//! stack.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Diagnostic, is_enough};

use super::{Graph, Node};

/// Rules on the way from a finding to its last premise, at most: each takes stack.
const DEPTH: usize = 100;

impl Graph<'_> {
    pub(super) fn check_recursion(&self, remarks: &mut Vec<Diagnostic>) {
        let mut depths = BTreeMap::<Node, usize>::new();
        let mut reported = BTreeSet::new();
        for nodes in self.rules.values() {
            for node in nodes {
                let mut way = Vec::new();
                if is_enough(remarks) {
                    return;
                }
                if let Err(cycle) = self.depth(*node, &mut depths, &mut way) {
                    self.report_cycle(&cycle, &mut reported, remarks);
                }
            }
        }
        let deepest = depths.iter().max_by_key(|(_, depth)| **depth);
        if let Some((node, depth)) = deepest.filter(|(_, depth)| **depth > DEPTH)
            && let (Some(rule), Some(module)) = (self.rule(*node), self.modules.get(node.0))
        {
            remarks.push(
                Diagnostic::error(
                    "rego-chain-too-long",
                    format!(
                        "`{}` rests on a chain of {depth} rules, and may on {DEPTH}",
                        rule.name
                    ),
                )
                .at(rule.span.clone())
                .excerpt_from(&module.text)
                .hint("join rules that only pass a value on"),
            );
        }
    }

    /// How long the longest chain of rules below a node is, or the cycle on it.
    fn depth(
        &self,
        node: Node,
        depths: &mut BTreeMap<Node, usize>,
        way: &mut Vec<Node>,
    ) -> Result<usize, Vec<Node>> {
        if let Some(depth) = depths.get(&node) {
            return Ok(*depth);
        }
        if let Some(start) = way.iter().position(|on_way| *on_way == node) {
            return Err(way.get(start..).unwrap_or_default().to_vec());
        }
        if way.len() > DEPTH * 2 {
            // The chain is already longer than allowed; what lies below does not matter.
            return Ok(DEPTH);
        }
        way.push(node);
        let mut deepest = 0;
        for next in self.next(node) {
            deepest = deepest.max(self.depth(next, depths, way)?);
        }
        way.pop();
        depths.insert(node, deepest + 1);
        Ok(deepest + 1)
    }

    fn report_cycle(
        &self,
        cycle: &[Node],
        reported: &mut BTreeSet<Node>,
        remarks: &mut Vec<Diagnostic>,
    ) {
        if cycle.iter().any(|node| !reported.insert(*node)) {
            return;
        }
        let names: Vec<&str> = cycle
            .iter()
            .filter_map(|node| self.rule(*node))
            .map(|rule| rule.name.as_str())
            .collect();
        let Some((first, module)) = cycle
            .first()
            .and_then(|node| Some((self.rule(*node)?, self.modules.get(node.0)?)))
        else {
            return;
        };
        remarks.push(
            Diagnostic::error(
                "rego-recursion",
                format!(
                    "`{}` uses itself: {} → {}",
                    first.name,
                    names.join(" → "),
                    first.name
                ),
            )
            .at(first.span.clone())
            .excerpt_from(&module.text)
            .hint("Rego has no recursion; go through the items with `some`"),
        );
    }
}
