//! Reasons: from a term that is not what is wanted down to the condition that says why.

use std::rc::Rc;

use regorus::Value;
use regorus::unstable::{
    ArithOp, BinOp, Expr, Literal, LiteralStmt, Ref, Rule, RuleAssign, RuleHead,
};

use super::super::super::probe::terms;
use super::super::super::syntax::names::Chain;
use super::super::frame::{Frame, Origin};
use super::super::{Condition, Place};
use super::{Tracer, Want};

/// How far below a rule the reasons are looked for.
const DEPTH: usize = 12;
/// Definitions of one name that are looked into.
const ALTERNATIVES: usize = 4;

impl<'a> Tracer<'a> {
    /// Why a statement does not hold.
    pub(super) fn causes(&mut self, frame: &Place<'a>, stmt: &'a LiteralStmt) -> Vec<Condition> {
        match &stmt.literal {
            Literal::SomeIn { collection, .. } => self.lacking(frame, collection, Want::Members),
            Literal::Expr { expr, .. } => match &**expr {
                Expr::AssignExpr { lhs, rhs, .. } | Expr::BoolExpr { lhs, rhs, .. } => {
                    let mut causes = self.lacking(frame, rhs, Want::Defined);
                    if !matches!(&**lhs, Expr::Var { .. }) && causes.is_empty() {
                        causes = self.lacking(frame, lhs, Want::Defined);
                    }
                    causes
                }
                Expr::Membership {
                    value, collection, ..
                } => {
                    let mut causes = self.lacking(frame, collection, Want::Members);
                    if causes.is_empty() {
                        causes = self.lacking(frame, value, Want::Defined);
                    }
                    causes
                }
                expr => self.lacking(frame, expr, Want::Truth),
            },
            Literal::SomeVars { .. } | Literal::NotExpr { .. } | Literal::Every { .. } => {
                Vec::new()
            }
        }
    }

    /// Why a term is not what is wanted; nothing if it is, or if it is for nothing else to say.
    fn lacking(&mut self, frame: &Place<'a>, expr: &'a Expr, want: Want) -> Vec<Condition> {
        if self.depth >= DEPTH {
            return Vec::new();
        }
        match self.values(frame, expr) {
            Some(values) if !values.iter().any(|value| want.is_met_by(value)) => {}
            Some(_) | None => return Vec::new(),
        }
        self.depth += 1;
        let mut reasons = self.reasons(frame, expr, want);
        self.depth -= 1;
        reasons.truncate(ALTERNATIVES);
        reasons
    }

    fn reasons(&mut self, frame: &Place<'a>, expr: &'a Expr, want: Want) -> Vec<Condition> {
        match expr {
            Expr::Call { fcn, params, .. } => self.call(frame, fcn, params, want),
            Expr::Var { .. } | Expr::RefDot { .. } | Expr::RefBrack { .. } => {
                self.reference(frame, expr, want)
            }
            Expr::SetCompr { query, .. }
            | Expr::ArrayCompr { query, .. }
            | Expr::ObjectCompr { query, .. } => {
                let (mut conditions, end) = self.body(frame, query);
                match end {
                    None => conditions.pop().into_iter().collect(),
                    Some(_) => Vec::new(),
                }
            }
            Expr::BinExpr { op, lhs, rhs, .. } => {
                let sides = match op {
                    BinOp::Union => [Some(lhs), Some(rhs)],
                    BinOp::Intersection => [Some(lhs), None],
                };
                let mut reasons = Vec::new();
                for side in sides.into_iter().flatten() {
                    reasons.extend(self.lacking(frame, side, want));
                }
                if reasons.is_empty() && matches!(op, BinOp::Intersection) {
                    reasons = self.lacking(frame, rhs, want);
                }
                reasons
            }
            Expr::ArithExpr { op, lhs, rhs, .. } => {
                let mut reasons = self.lacking(frame, lhs, want);
                if reasons.is_empty() && !matches!(op, ArithOp::Sub) {
                    reasons = self.lacking(frame, rhs, want);
                }
                reasons
            }
            Expr::BoolExpr { lhs, rhs, .. } | Expr::AssignExpr { lhs, rhs, .. } => {
                self.first_lacking(frame, [lhs, rhs], Want::Defined)
            }
            Expr::Array { items, .. } | Expr::Set { items, .. } => {
                self.first_lacking(frame, items, Want::Defined)
            }
            Expr::Object { fields, .. } => {
                let values = fields.iter().map(|(_, _, value)| value);
                self.first_lacking(frame, values, Want::Defined)
            }
            _ => Vec::new(),
        }
    }

    fn first_lacking(
        &mut self,
        frame: &Place<'a>,
        terms: impl IntoIterator<Item = &'a Ref<Expr>>,
        want: Want,
    ) -> Vec<Condition> {
        for term in terms {
            let reasons = self.lacking(frame, term, want);
            if !reasons.is_empty() {
                return reasons;
            }
        }
        Vec::new()
    }

    fn call(
        &mut self,
        frame: &Place<'a>,
        function: &'a Expr,
        arguments: &'a [Ref<Expr>],
        want: Want,
    ) -> Vec<Condition> {
        let lacking = self.first_lacking(frame, arguments, Want::Defined);
        if !lacking.is_empty() {
            return lacking;
        }
        let Some((definitions, _)) = self.resolve(frame, function) else {
            return Vec::new();
        };
        let texts: Vec<String> = arguments
            .iter()
            .map(|one| terms::source(one.span()))
            .collect();
        let given = self.values_of(frame, &format!("[{}]", texts.join(", ")));
        let Some(values) = given.and_then(|mut found| found.pop()) else {
            return Vec::new();
        };
        let Ok(values) = values
            .as_array()
            .map(|items| items.iter().cloned().collect::<Vec<Value>>())
        else {
            return Vec::new();
        };
        let mut reasons = Vec::new();
        for (code, rule) in definitions.into_iter().take(ALTERNATIVES) {
            let Rule::Spec {
                head: RuleHead::Func { args, .. },
                ..
            } = rule
            else {
                continue;
            };
            if let Some(start) = Frame::called(code, args, frame, arguments, &values) {
                reasons.extend(self.definition(&Rc::new(start), rule, want));
            }
        }
        reasons
    }

    fn reference(&mut self, frame: &Place<'a>, expr: &'a Expr, want: Want) -> Vec<Condition> {
        let Some(chain) = Chain::of(expr) else {
            return Vec::new();
        };
        if let Some(name) = chain.name() {
            match frame.origin(name) {
                Origin::Given(caller, argument) => {
                    return self.below(&caller, argument, &chain.steps, want);
                }
                Origin::Made(made) => return self.below(frame, made, &chain.steps, want),
                Origin::Elsewhere => {}
            }
        }
        let Some((definitions, rest)) = self.resolve(frame, expr) else {
            return Vec::new();
        };
        let mut reasons = Vec::new();
        for (code, rule) in definitions.into_iter().take(ALTERNATIVES) {
            let start = Rc::new(Frame::start(code));
            let field = value_of(rule).and_then(|value| field(value, &rest));
            match field {
                Some(field) => reasons.extend(self.value(&start, field, want)),
                None => reasons.extend(self.definition(&start, rule, want)),
            }
        }
        reasons
    }

    /// Why what lies below a term is not what is wanted.
    fn below(
        &mut self,
        frame: &Place<'a>,
        expr: &'a Expr,
        steps: &[String],
        want: Want,
    ) -> Vec<Condition> {
        if steps.is_empty() {
            return self.lacking(frame, expr, want);
        }
        if let Some(field) = field(expr, steps) {
            return self.lacking(frame, field, want);
        }
        let lacking = self.lacking(frame, expr, Want::Defined);
        if !lacking.is_empty() {
            return lacking;
        }
        let Some((definitions, mut rest)) = self.resolve(frame, expr) else {
            return Vec::new();
        };
        rest.extend(steps.iter().cloned());
        for (code, rule) in definitions {
            if let Some(field) = value_of(rule).and_then(|value| field(value, &rest)) {
                return self.value(&Rc::new(Frame::start(code)), field, want);
            }
        }
        Vec::new()
    }

    /// Why a definition does not give what is wanted.
    fn definition(&mut self, start: &Place<'a>, rule: &'a Rule, want: Want) -> Vec<Condition> {
        let Rule::Spec { head, bodies, .. } = rule else {
            return Vec::new();
        };
        let (assign, key) = match head {
            RuleHead::Compr { assign, .. } | RuleHead::Func { assign, .. } => {
                (assign.as_ref(), None)
            }
            RuleHead::Set { key, .. } => (None, key.as_ref()),
        };
        let value =
            |own: Option<&'a RuleAssign>| own.or(assign).map(|assign| &assign.value).or(key);
        if bodies.is_empty() {
            return value(None).map_or_else(Vec::new, |value| self.value(start, value, want));
        }
        let mut reasons = Vec::new();
        for body in bodies {
            let (mut conditions, end) = self.body(start, &body.query);
            match end {
                None => reasons.extend(conditions.pop()),
                Some(end) => {
                    if let Some(value) = value(body.assign.as_ref()) {
                        reasons.extend(self.value(&end, value, want));
                    }
                    break;
                }
            }
        }
        reasons
    }

    /// Why a value that a rule gives is not what is wanted.
    pub(super) fn value(
        &mut self,
        frame: &Place<'a>,
        expr: &'a Expr,
        want: Want,
    ) -> Vec<Condition> {
        match self.values(frame, expr) {
            Some(values) if !values.iter().any(|value| want.is_met_by(value)) => {}
            Some(_) | None => return Vec::new(),
        }
        let because = self.lacking(frame, expr, want);
        // One that only passes on what another gives has nothing to say of its own.
        if !because.is_empty() {
            return because;
        }
        let (span, text) = frame.code.place(expr.span());
        let mut read = Vec::new();
        terms::read(expr, &mut read);
        vec![Condition {
            span,
            text,
            held: false,
            readings: self.readings_of(frame, &read, &[]),
            because,
        }]
    }
}

/// The value of a rule that has no conditions.
fn value_of(rule: &Rule) -> Option<&Expr> {
    match rule {
        Rule::Spec {
            head:
                RuleHead::Compr {
                    assign: Some(assign),
                    ..
                },
            bodies,
            ..
        } if bodies.is_empty() => Some(&assign.value),
        _ => None,
    }
}

/// The expression of a field of an object that is written out.
fn field<'e>(expr: &'e Expr, steps: &[String]) -> Option<&'e Expr> {
    let (first, rest) = steps.split_first()?;
    let Expr::Object { fields, .. } = expr else {
        return None;
    };
    let (_, _, value) = fields.iter().find(|(_, key, _)| {
        matches!(&**key, Expr::String { value, .. } if value.as_string().is_ok_and(|name| **name == **first))
    })?;
    if rest.is_empty() {
        Some(value)
    } else {
        field(value, rest)
    }
}
