//! Domains: the conditions a value must pass. After `coerceToDomain` and the type cache's `load_domaintype_info`.

use std::sync::Arc;

use borealis_catalog::Domain;
use borealis_pgtypes::{Result, Type};

use super::scope::{NsColumn, NsItem};
use super::stored::{parse_expr, stored, without_position};
use super::{BindContext, Binder, Clause, Node};
use crate::ast;
use crate::expr::{Coercion, DomainTest, Expr, ExprKind};

impl Binder<'_> {
    /// Makes a value of the domain's representation one of the domain.
    pub(crate) fn coerce_to_domain(&mut self, node: Node, domain: &Arc<Domain>) -> Result<Node> {
        let test = domain_test(domain, self.ctx)?;
        let at = node.at;
        let coercion = Coercion::Domain(Arc::new(test));
        Ok(Node::new(ExprKind::Coerce { arg: Box::new(node.expr), coercion }, domain.value_type(), at))
    }

    /// Makes `VALUE`, in slot 0, the only name there is.
    fn value_keyword(&mut self, ty: Type) {
        let value = NsColumn { name: "value".to_owned(), expr: Expr::new(ExprKind::Slot(0), ty), origin: None, in_star: true };
        self.level().namespace.push(NsItem {
            name: String::new(),
            table: None,
            columns: vec![value],
            relation: None,
            name_visible: false,
            columns_visible: true,
            lateral_only: false,
            lateral_ok: true,
        });
    }
}

/// Conditions of the domain, after those of the domains it is over; within one domain they are checked in the order of their names.
fn domain_test(domain: &Domain, ctx: &BindContext<'_>) -> Result<DomainTest> {
    let chain: Vec<&Arc<Domain>> = ctx.catalog.domain_chain(domain.oid).collect();
    let mut checks = Vec::new();
    for domain in chain.iter().rev() {
        let mut own: Vec<_> = domain.checks.iter().collect();
        own.sort_by(|a, b| a.name.cmp(&b.name));
        for check in own {
            let expr = parse_expr(&check.expression, ctx)?;
            checks.push((check.name.clone(), bind_domain_check(&expr, domain.base, &stored(ctx)).map_err(without_position)?));
        }
    }
    Ok(DomainTest {
        oid: domain.oid,
        schema: ctx.catalog.schema_by_oid(domain.schema).map(|schema| schema.name.clone()).unwrap_or_default(),
        name: domain.name.clone(),
        display: ctx.type_name(domain.value_type()),
        not_null: chain.iter().any(|domain| domain.not_null),
        checks,
    })
}

/// A CHECK of a domain over `base`: the value is `Slot(0)`.
pub(crate) fn bind_domain_check(expr: &ast::Expr, base: Type, ctx: &BindContext<'_>) -> Result<Expr> {
    let mut binder = Binder::new(ctx);
    binder.value_keyword(base);
    binder.in_clause(Clause::Check, |binder| binder.condition(expr, "CHECK"))
}
