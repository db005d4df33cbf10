//! The masks as a tree by which an entry is written: at each step down one look-up tells what
//! holds there, so that where no mask holds, nothing is asked any more.

use std::collections::{BTreeSet, HashMap};

use super::{Mask, MaskOp};

/// Nodes at most. Stars that meet names make some of their own.
const NODES: usize = 16_384;

/// A place in an entry, as masks see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Node(Option<usize>);

/// All masks, by place.
#[derive(Debug)]
pub(in super::super) struct Tree(Vec<Branch>);

#[derive(Debug, Default)]
struct Branch {
    /// What holds here, and by which mask.
    op: Option<(MaskOp, usize)>,
    /// Below members that masks name. What stars say of them is there, too.
    named: Vec<(String, Node)>,
    /// Below all others.
    any: Node,
}

impl Default for Node {
    fn default() -> Self {
        Self::NONE
    }
}

impl Node {
    /// Where no mask holds, nor anywhere below.
    pub(in super::super) const NONE: Self = Self(None);
}

/// Masks of which so much of the path is left.
type Left = BTreeSet<(usize, usize)>;

impl Tree {
    /// None if there are too many ways in which masks meet.
    pub(super) fn build(masks: &[Mask], paths: &[Vec<String>]) -> Option<Self> {
        let mut tree = Self(Vec::new());
        let mut known = HashMap::new();
        let all: Left = (0..masks.len()).map(|mask| (mask, 0)).collect();
        tree.add(&all, masks, paths, &mut known)?;
        Some(tree)
    }

    fn add(
        &mut self,
        left: &Left,
        masks: &[Mask],
        paths: &[Vec<String>],
        known: &mut HashMap<Left, Node>,
    ) -> Option<Node> {
        if left.is_empty() {
            return Some(Node::NONE);
        }
        if let Some(node) = known.get(left) {
            return Some(*node);
        }
        let at = self.0.len();
        if at >= NODES {
            return None;
        }
        let node = Node(Some(at));
        self.0.push(Branch::default());
        known.insert(left.clone(), node);
        let token = |(mask, depth): (usize, usize)| paths.get(mask)?.get(depth).map(String::as_str);
        let below = |wanted: Option<&str>| -> Left {
            let fits = |step: &&(usize, usize)| {
                token(**step).is_some_and(|token| token == "*" || Some(token) == wanted)
            };
            let steps = left.iter().filter(fits);
            steps.map(|(mask, depth)| (*mask, depth + 1)).collect()
        };
        // Of those that end here the last one holds.
        let ends = left.iter().rfind(|step| token(**step).is_none());
        let op = ends.and_then(|(mask, _)| Some((masks.get(*mask)?.op, *mask)));
        let names: BTreeSet<&str> = left.iter().filter_map(|step| token(*step)).collect();
        let mut named = Vec::new();
        for name in names.into_iter().filter(|name| *name != "*") {
            let below = self.add(&below(Some(name)), masks, paths, known)?;
            named.push((name.to_owned(), below));
        }
        let any = self.add(&below(None), masks, paths, known)?;
        *self.0.get_mut(at)? = Branch { op, named, any };
        Some(node)
    }

    /// Where an entry begins.
    pub(in super::super) fn root(&self) -> Node {
        if self.0.is_empty() {
            Node::NONE
        } else {
            Node(Some(0))
        }
    }

    /// The member of that name.
    pub(in super::super) fn member(&self, node: Node, name: &str) -> Node {
        let Some(branch) = node.0.and_then(|at| self.0.get(at)) else {
            return Node::NONE;
        };
        let named = branch.named.iter().find(|(known, _)| known == name);
        named.map_or(branch.any, |(_, below)| *below)
    }

    /// The element at that place of a list. Most lists have no mask that names a place.
    pub(in super::super) fn element(&self, node: Node, place: usize) -> Node {
        let Some(branch) = node.0.and_then(|at| self.0.get(at)) else {
            return Node::NONE;
        };
        if branch.named.is_empty() {
            return branch.any;
        }
        self.member(node, &place.to_string())
    }

    /// What is done there, and by which mask.
    pub(in super::super) fn op(&self, node: Node) -> Option<(MaskOp, usize)> {
        self.0.get(node.0?)?.op
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(masks: &[(&str, MaskOp)]) -> Tree {
        let list: Vec<Mask> = masks
            .iter()
            .map(|(pointer, op)| Mask {
                pointer: (*pointer).to_owned(),
                op: *op,
            })
            .collect();
        let paths: Vec<Vec<String>> = masks
            .iter()
            .map(|(pointer, _)| super::super::tokens(pointer).unwrap())
            .collect();
        Tree::build(&list, &paths).unwrap()
    }

    fn op(tree: &Tree, path: &[&str]) -> Option<MaskOp> {
        let node = path
            .iter()
            .fold(tree.root(), |node, name| tree.member(node, name));
        tree.op(node).map(|(op, _)| op)
    }

    #[test]
    fn the_later_of_two_masks_holds_whether_named_or_starred() {
        let star_last = tree(&[("/a/b", MaskOp::Remove), ("/a/*", MaskOp::Keep)]);
        assert_eq!(op(&star_last, &["a", "b"]), Some(MaskOp::Keep));
        let name_last = tree(&[("/a/*", MaskOp::Remove), ("/a/b", MaskOp::Keep)]);
        assert_eq!(op(&name_last, &["a", "b"]), Some(MaskOp::Keep));
        assert_eq!(op(&name_last, &["a", "c"]), Some(MaskOp::Remove));
        assert_eq!(op(&name_last, &["a"]), None);
        assert_eq!(op(&name_last, &["b", "b"]), None);
    }

    #[test]
    fn what_a_star_says_holds_below_named_members_too() {
        let tree = tree(&[("/a/*/x", MaskOp::Hmac), ("/a/b/y", MaskOp::Remove)]);
        assert_eq!(op(&tree, &["a", "b", "x"]), Some(MaskOp::Hmac));
        assert_eq!(op(&tree, &["a", "b", "y"]), Some(MaskOp::Remove));
        assert_eq!(op(&tree, &["a", "c", "y"]), None);
        assert_eq!(
            tree.element(tree.member(tree.root(), "a"), 3),
            tree.member(tree.member(tree.root(), "a"), "c")
        );
    }

    #[test]
    fn masks_that_meet_in_too_many_ways_are_refused_and_not_expanded() {
        let mut masks = Vec::new();
        for at in 0..20 {
            let mut parts = vec!["*".to_owned(); 20];
            parts[0] = "facts".to_owned();
            parts[at] = if at == 0 {
                "facts".to_owned()
            } else {
                format!("n{at}")
            };
            masks.push(format!("/{}", parts.join("/")));
        }
        let list: Vec<Mask> = masks
            .iter()
            .map(|pointer| Mask {
                pointer: pointer.clone(),
                op: MaskOp::Remove,
            })
            .collect();
        let paths: Vec<Vec<String>> = masks
            .iter()
            .map(|pointer| super::super::tokens(pointer).unwrap())
            .collect();
        assert!(Tree::build(&list, &paths).is_none());
    }
}
