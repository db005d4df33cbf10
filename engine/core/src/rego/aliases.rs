//! Aliases: imports written out in full before the evaluator sees a source.
//!
//! Measured on the pinned evaluator: once a rule of a package was read through an import,
//! functions of that package that read another package's rule through an import silently
//! get undefined, which can make a denial vanish. Full paths are read correctly, so every
//! use of an alias is replaced by what it stands for. Lines stay; columns are mapped back.

use std::collections::BTreeMap;

use regorus::unstable::{Expr, Literal, Module as Ast, Query, Ref, Rule, RuleAssign, RuleHead};

use super::scan::LINE_BYTES;
use super::syntax::{self, names::Meaning};

/// A source as the evaluator sees it, and the way back to the author's columns.
#[derive(Debug)]
pub(super) struct Expanded {
    pub(super) text: String,
    /// The first line that is too long with the aliases written out, and its length.
    pub(super) too_long: Option<(u32, usize)>,
    /// For each line, the column behind which columns differ, and by how much.
    shifts: BTreeMap<u32, Vec<(u32, u32)>>,
}

impl Expanded {
    /// The author's column for one that the evaluator names.
    pub(super) fn column(&self, line: u32, column: u32) -> u32 {
        let shifts = self.shifts.get(&line).into_iter().flatten();
        shifts
            .filter(|(from, _)| *from < column)
            .fold(column, |at, (from, by)| at.saturating_sub(*by).max(*from))
    }
}

/// Writes out the aliases of a module.
pub(super) fn expand(ast: &Ast, text: &str) -> Expanded {
    let is_plain = |step: &String| {
        step.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let mut aliases = BTreeMap::new();
    for (alias, meaning) in syntax::imports(ast).0 {
        if let Meaning::Data(path) = meaning
            && !path.is_empty()
            && path.iter().all(is_plain)
        {
            aliases.insert(alias, format!("data.{}", path.join(".")));
        }
    }
    let mut uses = Uses {
        aliases: &aliases,
        found: Vec::new(),
    };
    ast.policy.iter().for_each(|rule| uses.rule(rule));
    uses.found.sort_unstable();
    uses.found.dedup();
    if let Some(too_long) = too_long(&uses.found, text) {
        return Expanded {
            text: String::new(),
            too_long: Some(too_long),
            shifts: BTreeMap::new(),
        };
    }

    let mut expanded = String::with_capacity(text.len());
    let mut shifts = BTreeMap::<u32, Vec<(u32, u32)>>::new();
    let mut at = 0;
    for (start, end, line, path) in &uses.found {
        let (Some(before), Some(alias)) = (text.get(at..*start), text.get(*start..*end)) else {
            continue;
        };
        expanded.push_str(before);
        let line_start = expanded.rfind('\n').map_or(0, |newline| newline + 1);
        let column = u32::try_from(expanded.len() - line_start + 1).unwrap_or(u32::MAX);
        expanded.push_str(path);
        let longer = u32::try_from(path.len().saturating_sub(alias.len())).unwrap_or(0);
        shifts.entry(*line).or_default().push((column, longer));
        at = *end;
    }
    expanded.push_str(text.get(at..).unwrap_or_default());
    // Each column was noted in the expanded line; going back takes the last shift first.
    shifts.values_mut().for_each(|line| line.reverse());
    Expanded {
        text: expanded,
        too_long: None,
        shifts,
    }
}

/// The first line that is too long for the evaluator with these uses written out, which also
/// bounds what the text can grow to.
fn too_long(found: &[Use<'_>], text: &str) -> Option<(u32, usize)> {
    let mut lengths = BTreeMap::<u32, usize>::new();
    for (start, end, line, path) in found {
        let longer = path.len().saturating_sub(end.saturating_sub(*start));
        *lengths.entry(*line).or_default() += longer;
    }
    let mut lines = text.lines().zip(1_u32..);
    lengths.into_iter().find_map(|(number, longer)| {
        let (line, _) = lines.find(|(_, at)| *at == number)?;
        let length = line.len() + longer;
        (length > LINE_BYTES).then_some((number, length))
    })
}

/// A place where an alias is used: start, end, line, and the path it stands for.
type Use<'a> = (usize, usize, u32, &'a str);

/// Every such place.
struct Uses<'a> {
    aliases: &'a BTreeMap<String, String>,
    found: Vec<Use<'a>>,
}

impl Uses<'_> {
    fn rule(&mut self, rule: &Rule) {
        match rule {
            Rule::Spec { head, bodies, .. } => {
                match head {
                    RuleHead::Compr { assign, .. } => self.assignment(assign.as_ref()),
                    RuleHead::Set { key, .. } => self.exprs(key),
                    RuleHead::Func { args, assign, .. } => {
                        self.exprs(args);
                        self.assignment(assign.as_ref());
                    }
                }
                for body in bodies {
                    self.assignment(body.assign.as_ref());
                    self.query(&body.query);
                }
            }
            Rule::Default { value, .. } => self.expr(value),
        }
    }

    fn assignment(&mut self, assign: Option<&RuleAssign>) {
        if let Some(assign) = assign {
            self.expr(&assign.value);
        }
    }

    fn query(&mut self, query: &Query) {
        for stmt in &query.stmts {
            for with in &stmt.with_mods {
                self.expr(&with.r#as);
            }
            match &stmt.literal {
                Literal::SomeVars { .. } => {}
                Literal::SomeIn {
                    key,
                    value,
                    collection,
                    ..
                } => {
                    self.exprs(key);
                    self.expr(value);
                    self.expr(collection);
                }
                Literal::Every { domain, query, .. } => {
                    self.expr(domain);
                    self.query(query);
                }
                Literal::Expr { expr, .. } | Literal::NotExpr { expr, .. } => self.expr(expr),
            }
        }
    }

    fn exprs<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Ref<Expr>>) {
        exprs.into_iter().for_each(|expr| self.expr(expr));
    }

    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Var { span, .. } => {
                if let Some(path) = self.aliases.get(span.text()) {
                    let start = usize::try_from(span.start).unwrap_or(usize::MAX);
                    let end = usize::try_from(span.end).unwrap_or(usize::MAX);
                    self.found.push((start, end, span.line, path.as_str()));
                }
            }
            Expr::String { .. }
            | Expr::RawString { .. }
            | Expr::Number { .. }
            | Expr::Bool { .. }
            | Expr::Null { .. } => {}
            Expr::Array { items, .. } | Expr::Set { items, .. } => self.exprs(items),
            Expr::Object { fields, .. } => {
                for (_, key, value) in fields {
                    self.expr(key);
                    self.expr(value);
                }
            }
            Expr::ArrayCompr { term, query, .. } | Expr::SetCompr { term, query, .. } => {
                self.expr(term);
                self.query(query);
            }
            Expr::ObjectCompr {
                key, value, query, ..
            } => {
                self.expr(key);
                self.expr(value);
                self.query(query);
            }
            Expr::Call { fcn, params, .. } => {
                self.expr(fcn);
                self.exprs(params);
            }
            Expr::UnaryExpr { expr, .. } => self.expr(expr),
            Expr::RefDot { refr, .. } => self.expr(refr),
            Expr::RefBrack { refr, index, .. } => {
                self.expr(refr);
                self.expr(index);
            }
            Expr::BinExpr { lhs, rhs, .. }
            | Expr::BoolExpr { lhs, rhs, .. }
            | Expr::ArithExpr { lhs, rhs, .. }
            | Expr::AssignExpr { lhs, rhs, .. } => {
                self.expr(lhs);
                self.expr(rhs);
            }
            Expr::Membership {
                key,
                value,
                collection,
                ..
            } => {
                self.exprs(key);
                self.expr(value);
                self.expr(collection);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use regorus::Engine;

    use super::*;

    fn expanded(text: &str) -> Expanded {
        let mut engine = Engine::new();
        engine
            .add_policy("a.rego".to_owned(), text.to_owned())
            .unwrap();
        expand(&engine.get_modules()[0], text)
    }

    #[test]
    fn every_use_of_an_alias_is_written_out_and_nothing_else() {
        let text = "package a\nimport data.lib.host\nimport data.lib.verdict as v\n# host.x\nx if host.m(v.yes, \"host.m\").host == 1\n";
        let wanted = "package a\nimport data.lib.host\nimport data.lib.verdict as v\n# host.x\nx if data.lib.host.m(data.lib.verdict.yes, \"host.m\").host == 1\n";
        assert_eq!(expanded(text).text, wanted);
    }

    #[test]
    fn columns_lead_back_to_the_author() {
        let text = "package a\nimport data.lib.host\nx if host.m + host.n + y\ny := 1\n";
        let made = expanded(text);
        let line = made.text.lines().nth(2).unwrap();
        for (name, wanted) in [("host.m", 6), ("host.n", 15), ("y", 24)] {
            let full = if name == "y" {
                "y".to_owned()
            } else {
                format!("data.lib.{name}")
            };
            let column = u32::try_from(line.rfind(&full).unwrap() + 1).unwrap();
            assert_eq!(made.column(3, column), wanted, "{name}");
        }
        assert_eq!(made.column(4, 3), 3);
    }

    /// The fault of the evaluator that this is for, so that the day it is gone shows.
    #[test]
    fn the_evaluator_loses_what_an_alias_stands_for_inside_functions() {
        let ver = "package a.ver\n\nyes := 5\n";
        let host = "package a.host\n\nimport data.a.ver\n\nm := 1\n\ng(x) := ver.yes\n";
        let x = "package x\n\nimport data.a.host\n\nt := [host.m, host.g(1)]\n";
        let evaluate = |write: &dyn Fn(&str) -> String| {
            let mut engine = Engine::new();
            for (path, text) in [("ver.rego", ver), ("host.rego", host), ("x.rego", x)] {
                engine.add_policy(path.to_owned(), write(text)).unwrap();
            }
            engine
                .eval_rule("data.x.t".to_owned())
                .map(|value| value.to_string())
                .unwrap_or_default()
        };
        assert_eq!(evaluate(&|text| expanded(text).text), "[1,5]");
        assert_ne!(evaluate(&str::to_owned), "[1,5]");
    }
}
