//! ORDER BY, DISTINCT and the names and numbers in them. After `findTargetlistEntrySQL92`, `transformSortClause` and `transformDistinctClause`.

use borealis_pgtypes::{CastContext, Oid, Result, SqlError, SqlState, operators, types};

use super::coerce::{can_coerce, is_array, type_text};
use super::equal::equal;
use super::target::BoundTarget;
use super::{Binder, Clause, Node};
use crate::ast::{self, Distinct, ExprKind as Ast, OrderBy};
use crate::bound::BoundDistinct;
use crate::expr::{Expr, SortKey};

/// Whether values of the type can be sorted.
pub(crate) fn has_ordering(oid: Oid) -> bool {
    has_comparison(oid, "<")
}

/// Whether values of the type can be compared for equality.
pub(crate) fn has_equality(oid: Oid) -> bool {
    has_comparison(oid, "=")
}

fn has_comparison(oid: Oid, name: &str) -> bool {
    if is_array(oid) {
        return types::element_of(oid).is_some_and(|element| has_comparison(element, name));
    }
    // Types that share another's representation are compared as it.
    let compared = match oid {
        Oid::VARCHAR => Oid::TEXT,
        Oid::CIDR => Oid::INET,
        Oid::REGPROC
        | Oid::REGPROCEDURE
        | Oid::REGOPER
        | Oid::REGOPERATOR
        | Oid::REGCLASS
        | Oid::REGTYPE
        | Oid::REGNAMESPACE
        | Oid::REGROLE
        | Oid::REGCONFIG => Oid::OID,
        Oid::INT2VECTOR => Oid::ANYARRAY,
        Oid::UNKNOWN => return true,
        other => other,
    };
    operators::by_name(name).iter().any(|operator| operator.left == compared && operator.right == compared)
}

/// `could not identify an equality operator`
pub(crate) fn check_sortable(oid: Oid, at: i32) -> Result<()> {
    if has_equality(oid) {
        return Ok(());
    }
    let message = format!("could not identify an equality operator for type {}", type_text(oid));
    Err(SqlError::new(SqlState::UNDEFINED_FUNCTION, message).at(at))
}

impl Binder<'_> {
    /// ORDER BY of a SELECT: an output name, an output number, or any expression over the input. Each key with the place it stood at.
    pub(crate) fn order_by(&mut self, items: &[OrderBy], targets: &mut [BoundTarget]) -> Result<Vec<(SortKey, i32)>> {
        let mut keys: Vec<(SortKey, i32)> = Vec::with_capacity(items.len());
        for item in items {
            let node = match self.output_entry(&item.expr, targets, Clause::OrderBy)? {
                Some(index) => Node { expr: targets[index].node.expr.clone(), at: item.expr.at },
                None => {
                    let node = self.in_clause(Clause::OrderBy, |binder| binder.expr(&item.expr))?;
                    self.settle(node)?
                }
            };
            let at = node.at;
            let key = self.sort_key(node, item)?;
            // A key met before cannot change the order any more.
            if !keys.iter().any(|(known, _)| equal(&known.expr, &key.expr)) {
                keys.push((key, at));
            }
        }
        Ok(keys)
    }

    /// The target that a bare name or number in ORDER BY, GROUP BY or DISTINCT ON means.
    pub(crate) fn output_entry(&mut self, expr: &ast::Expr, targets: &mut [BoundTarget], clause: Clause) -> Result<Option<usize>> {
        let found = match &expr.kind {
            Ast::Column(names) if names.len() == 1 => self.output_name(&names[0], targets, clause, expr.at)?,
            Ast::Integer(number) => Some(output_number(*number, targets.len(), clause, expr.at)?),
            Ast::Null | Ast::Bool(_) | Ast::Number(_) | Ast::String(_) => {
                let message = format!("non-integer constant in {}", clause.name());
                return Err(SqlError::new(SqlState::SYNTAX_ERROR, message).at(expr.at));
            }
            _ => None,
        };
        if let Some(index) = found {
            let node = targets[index].node.clone();
            targets[index].node = self.settle(node)?;
        }
        Ok(found)
    }

    fn output_name(&mut self, name: &str, targets: &[BoundTarget], clause: Clause, at: i32) -> Result<Option<usize>> {
        // In GROUP BY an input column of that name wins over an output column.
        if clause == Clause::GroupBy && self.is_own_column(name) {
            return Ok(None);
        }
        let mut found: Option<usize> = None;
        for (index, target) in targets.iter().enumerate().filter(|(_, target)| target.name == name) {
            if found.is_some_and(|known| !equal(&targets[known].node.expr, &target.node.expr)) {
                let message = format!("{} \"{name}\" is ambiguous", clause.name());
                return Err(SqlError::new(SqlState::AMBIGUOUS_COLUMN, message).at(at));
            }
            found = found.or(Some(index));
        }
        Ok(found)
    }

    fn is_own_column(&mut self, name: &str) -> bool {
        let level = self.level();
        level.namespace.iter().filter(|item| item.columns_visible).any(|item| item.columns.iter().any(|column| column.name == name))
    }

    /// A sort key from a settled expression.
    pub(crate) fn sort_key(&mut self, node: Node, item: &OrderBy) -> Result<SortKey> {
        let oid = node.oid();
        let mut descending = item.descending;
        if let Some(using) = &item.using {
            descending = using_direction(using, oid, node.at)?;
        }
        if !has_ordering(oid) {
            let message = format!("could not identify an ordering operator for type {}", type_text(oid));
            let error = SqlError::new(SqlState::UNDEFINED_FUNCTION, message);
            return Err(error.hint("Use an explicit ordering operator or modify the query.").at(node.at));
        }
        Ok(SortKey { expr: node.expr, descending, nulls_first: item.nulls_first.unwrap_or(descending) })
    }

    pub(crate) fn distinct(&mut self, distinct: &Distinct, targets: &mut [BoundTarget], order: &[(SortKey, i32)]) -> Result<BoundDistinct> {
        match distinct {
            Distinct::No => Ok(BoundDistinct::No),
            Distinct::All => self.distinct_all(targets, order),
            Distinct::On(exprs) => self.distinct_on(exprs, targets, order),
        }
    }

    fn distinct_all(&mut self, targets: &[BoundTarget], order: &[(SortKey, i32)]) -> Result<BoundDistinct> {
        let hidden = order.iter().find(|(key, _)| !targets.iter().any(|target| equal(&target.node.expr, &key.expr)));
        if let Some((_, at)) = hidden {
            let message = "for SELECT DISTINCT, ORDER BY expressions must appear in select list";
            return Err(SqlError::new(SqlState::INVALID_COLUMN_REFERENCE, message).at(*at));
        }
        for target in targets {
            check_sortable(target.node.oid(), target.node.at)?;
        }
        Ok(BoundDistinct::All)
    }

    fn distinct_on(&mut self, exprs: &[ast::Expr], targets: &mut [BoundTarget], order: &[(SortKey, i32)]) -> Result<BoundDistinct> {
        let mut on: Vec<Expr> = Vec::with_capacity(exprs.len());
        let mut places = Vec::with_capacity(exprs.len());
        for expr in exprs {
            let node = match self.output_entry(expr, targets, Clause::DistinctOn)? {
                Some(index) => targets[index].node.clone(),
                None => {
                    let node = self.in_clause(Clause::DistinctOn, |binder| binder.expr(expr))?;
                    self.settle(node)?
                }
            };
            check_sortable(node.oid(), expr.at)?;
            if !on.iter().any(|known| equal(known, &node.expr)) {
                on.push(node.expr);
                places.push(expr.at);
            }
        }
        // The initial ORDER BY keys must be the DISTINCT ON expressions, in any order.
        let mut unmatched = on.len();
        for (key, at) in order {
            if on.iter().any(|known| equal(known, &key.expr)) {
                if unmatched == 0 {
                    break;
                }
                unmatched -= 1;
            } else if unmatched > 0 {
                let message = "SELECT DISTINCT ON expressions must match initial ORDER BY expressions";
                let place = first_unmatched(&on, &places, order).unwrap_or(*at);
                return Err(SqlError::new(SqlState::INVALID_COLUMN_REFERENCE, message).at(place));
            }
        }
        Ok(BoundDistinct::On(on))
    }
}

/// Where the DISTINCT ON expression stands that no leading key covers.
fn first_unmatched(on: &[Expr], places: &[i32], order: &[(SortKey, i32)]) -> Option<i32> {
    let leading: Vec<&Expr> = order.iter().map(|(key, _)| &key.expr).take_while(|key| on.iter().any(|known| equal(known, key))).collect();
    on.iter().zip(places).find(|(known, _)| !leading.iter().any(|key| equal(key, known))).map(|(_, at)| *at)
}

fn output_number(number: i32, count: usize, clause: Clause, at: i32) -> Result<usize> {
    usize::try_from(number).ok().and_then(|number| number.checked_sub(1)).filter(|index| *index < count).ok_or_else(|| {
        let message = format!("{} position {number} is not in select list", clause.name());
        SqlError::new(SqlState::INVALID_COLUMN_REFERENCE, message).at(at)
    })
}

/// `USING <` or `USING >`.
fn using_direction(using: &[String], oid: Oid, at: i32) -> Result<bool> {
    match using.last().map(String::as_str) {
        // The pattern operators order texts by their bytes, which the one collation does too.
        Some("<" | "~<~") => Ok(false),
        Some(">" | "~>~") => Ok(true),
        other => {
            let name = other.unwrap_or_default();
            let exists = operators::by_name(name).iter().any(|operator| can_coerce(oid, operator.left, CastContext::Implicit));
            if exists {
                let message = format!("operator {name} is not a valid ordering operator");
                let hint = "Ordering operators must be \"<\" or \">\" members of btree operator families.";
                return Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, message).hint(hint).at(at));
            }
            let message = format!("operator does not exist: {} {name} {}", type_text(oid), type_text(oid));
            let hint = "No operator matches the given name and argument types. You might need to add explicit type casts.";
            Err(SqlError::new(SqlState::UNDEFINED_FUNCTION, message).hint(hint).at(at))
        }
    }
}
