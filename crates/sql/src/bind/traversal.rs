//! SEARCH and CYCLE of recursive common table expressions: the columns they add, and what they ask of the query. After `analyzeCTE`.
//!
//! The added columns have their types before the query is bound, whose recursive term may refer to them. What they hold is the planner's business.

use borealis_pgtypes::{Oid, Result, SqlError, SqlState, Type};

use super::common::{common_form, common_type};
use super::from::Bound;
use super::operator::named;
use super::order::check_sortable;
use super::scope::{NsItem, output};
use super::{Binder, Node};
use crate::ast::{self, Alias};
use crate::bound::{CteBody, Cycle, OutputColumn, Relation, Search, Traversal};
use crate::expr::{Expr, ExprKind};

/// A reference to a CTE: what it reads, and the columns.
pub(crate) struct CteReference {
    pub(crate) relation: Relation,
    pub(crate) columns: Vec<OutputColumn>,
    /// What SEARCH and CYCLE add.
    pub(crate) added: Vec<OutputColumn>,
    /// `*` stands for the added columns too: in the query whose WITH it is.
    pub(crate) in_star: bool,
}

/// The constants of CYCLE in their common type.
pub(super) struct Mark {
    value: Expr,
    default: Expr,
    continues: Expr,
}

impl Binder<'_> {
    pub(super) fn mark(&mut self, cycle: &ast::Cycle) -> Result<Mark> {
        let pair = [self.expr(&cycle.value)?, self.expr(&cycle.default)?];
        let oid = common_type(&pair, "CYCLE")?;
        let [value, default] = pair;
        let value = self.coerce_to_common(value, oid, "CYCLE/SET/TO")?;
        let default = self.coerce_to_common(default, oid, "CYCLE/SET/DEFAULT")?;
        let ty = common_form([&value.expr.ty, &default.expr.ty], oid);
        check_sortable(oid, -1)?;
        let mark = Node::new(ExprKind::Slot(0), ty, -1);
        let continues = self.operator(&named("<>"), Some(mark), value.clone(), -1)?.expr;
        Ok(Mark { value: value.expr, default: default.expr, continues })
    }

    /// Adds a CTE to the level. An alias may rename the query's own columns only.
    pub(super) fn cte_relation(&mut self, found: CteReference, name: &str, alias: Option<&Alias>) -> Result<Bound> {
        let CteReference { relation, columns, added, in_star } = found;
        let own = columns.len();
        let bound = self.add_relation(relation, name, columns, false, alias)?;
        let relations = &mut self.level().relations;
        let index = relations.len() - 1;
        let entry = &mut relations[index];
        entry.form.added = added.len();
        entry.columns.extend(added);
        let mut item = NsItem::of_relation(entry, index);
        item.columns[own..].iter_mut().for_each(|column| column.in_star = in_star);
        Ok(Bound { tree: bound.tree, names: vec![item.clone()], whole: item })
    }
}

/// The columns that a CTE has besides those of its query.
pub(super) fn added_columns(cte: &ast::Cte, mark: Option<&Mark>) -> Vec<OutputColumn> {
    let (row, rows) = (Type::plain(Oid::RECORD), Type::plain(Oid::RECORD_ARRAY));
    let mut added = Vec::new();
    if let Some(search) = &cte.search {
        added.push(output(&search.sequence, if search.breadth_first { row } else { rows }));
    }
    if let (Some(cycle), Some(mark)) = (&cte.cycle, mark) {
        let ty = common_form([&mark.value.ty, &mark.default.ty], mark.value.ty.oid);
        added.extend([output(&cycle.mark, ty), output(&cycle.path, rows)]);
    }
    added
}

/// The clauses of a CTE whose query has been bound, with these columns.
pub(super) fn traversal(cte: &ast::Cte, mark: Option<Mark>, body: &CteBody, columns: &[OutputColumn]) -> Result<Traversal> {
    if cte.search.is_none() && cte.cycle.is_none() {
        return Ok(Traversal::default());
    }
    check_body(cte, body)?;
    let search = cte.search.as_ref().map(|clause| search(clause, columns)).transpose()?;
    let cycle = match (&cte.cycle, mark) {
        (Some(clause), Some(mark)) => Some(Box::new(cycle(clause, mark, columns)?)),
        _ => None,
    };
    if let (Some(search), Some(cycle)) = (&cte.search, &cte.cycle) {
        check_apart(search, cycle)?;
    }
    Ok(Traversal { search, cycle })
}

fn check_body(cte: &ast::Cte, body: &CteBody) -> Result<()> {
    let CteBody::Recursive { base, recursive, .. } = body else {
        return Err(syntax("WITH query is not recursive".to_owned(), cte.at));
    };
    let message = |side: &str| format!("with a SEARCH or CYCLE clause, the {side} side of the UNION must be a SELECT");
    if base.is_bare_set_operation() {
        return Err(SqlError::unsupported(message("left")));
    }
    // PostgreSQL gives the two another SQLSTATE each.
    if recursive.is_bare_set_operation() {
        return Err(syntax(message("right"), -1));
    }
    Ok(())
}

fn search(clause: &ast::Search, columns: &[OutputColumn]) -> Result<Search> {
    let places = key(&clause.columns, columns, "search", clause.at)?;
    check_unused(&clause.sequence, columns, "search sequence", clause.at)?;
    Ok(Search { breadth_first: clause.breadth_first, columns: places })
}

fn cycle(clause: &ast::Cycle, mark: Mark, columns: &[OutputColumn]) -> Result<Cycle> {
    let places = key(&clause.columns, columns, "cycle", clause.at)?;
    check_unused(&clause.mark, columns, "cycle mark", clause.at)?;
    check_unused(&clause.path, columns, "cycle path", clause.at)?;
    if clause.mark == clause.path {
        return Err(syntax("cycle mark column name and cycle path column name are the same".to_owned(), clause.at));
    }
    let Mark { value, default, continues } = mark;
    Ok(Cycle { columns: places, value, default, continues })
}

/// The places of key columns. Of several columns with one name the first is meant.
fn key(names: &[String], columns: &[OutputColumn], what: &str, at: i32) -> Result<Vec<usize>> {
    let mut places = Vec::with_capacity(names.len());
    for (index, name) in names.iter().enumerate() {
        let Some(place) = columns.iter().position(|column| column.name == *name) else {
            return Err(syntax(format!("{what} column \"{name}\" not in WITH query column list"), at));
        };
        if names[..index].contains(name) {
            let message = format!("{what} column \"{name}\" specified more than once");
            return Err(SqlError::new(SqlState::DUPLICATE_COLUMN, message).at(at));
        }
        places.push(place);
    }
    Ok(places)
}

fn check_unused(name: &str, columns: &[OutputColumn], what: &str, at: i32) -> Result<()> {
    if columns.iter().any(|column| column.name == name) {
        return Err(syntax(format!("{what} column name \"{name}\" already used in WITH query column list"), at));
    }
    Ok(())
}

fn check_apart(search: &ast::Search, cycle: &ast::Cycle) -> Result<()> {
    for (name, what) in [(&cycle.mark, "mark"), (&cycle.path, "path")] {
        if search.sequence == *name {
            return Err(syntax(format!("search sequence column name and cycle {what} column name are the same"), search.at));
        }
    }
    Ok(())
}

fn syntax(message: String, at: i32) -> SqlError {
    SqlError::new(SqlState::SYNTAX_ERROR, message).at(at)
}
