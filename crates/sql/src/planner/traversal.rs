//! SEARCH and CYCLE of a recursive query: what the columns that they add hold. After `rewriteSearchCycle.c`.
//!
//! Either term becomes a subquery, around which a SELECT computes the columns: from the row alone in the base term, from the row and the columns of the
//! row that led to it in the recursive term. The latter come through the recursive term from its reference to the query, so that must be one of its own
//! relations.
//!
//! - SEARCH DEPTH: the keys of the way to the row, an array of rows. SEARCH BREADTH: the number of steps and the key, a row.
//! - CYCLE: whether the row's key is on the way that led to it, and the way. From a marked row nothing goes on.

use borealis_pgtypes::{Datum, Function, Oid, Operator, Result, SqlError, Type, functions, operators};

use super::walk;
use crate::bind::equal::map_columns;
use crate::bound::{
    BoundDistinct, Cte, CteBody, Cycle, FromItem, OutputColumn, Query, QueryBody, Relation, RelationEntry, RelationForm, Search, Select,
    SelectForm, Traversal,
};
use crate::expr::{AggregateCall, ColumnRef, Expr, ExprKind};

/// A term of a recursive query with the casts of its columns.
pub(super) struct Term {
    pub(super) query: Query,
    pub(super) coercions: Option<Vec<Expr>>,
}

/// The recursive query `id` while its columns are added.
pub(super) struct Expansion<'c> {
    id: usize,
    traversal: Traversal,
    /// All columns, and how many of them are the query's own.
    columns: &'c [OutputColumn],
    own: usize,
}

/// Refuses a query whose reference to itself is out of reach, referred to or not.
pub(super) fn check(cte: &Cte) -> Result<()> {
    match &cte.body {
        CteBody::Recursive { recursive, traversal, .. } if !traversal.is_empty() && reference(recursive, cte.id).is_none() => {
            Err(SqlError::unsupported(format!(
                "with a SEARCH or CYCLE clause, the recursive reference to WITH query \"{}\" must be at the top level of its right-hand SELECT",
                cte.name
            )))
        }
        _ => Ok(()),
    }
}

/// Place of the reference to the query `id` among the relations of its recursive term.
fn reference(recursive: &Query, id: usize) -> Option<usize> {
    let QueryBody::Select(select) = &recursive.body else { return None };
    select.relations.iter().position(|entry| matches!(entry.relation, Relation::WorkTable(own) if own == id))
}

impl<'c> Expansion<'c> {
    pub(super) fn new(id: usize, traversal: Traversal, columns: &'c [OutputColumn]) -> Self {
        let own = columns.len() - traversal.columns();
        Self { id, traversal, columns, own }
    }

    /// The base term with the columns.
    pub(super) fn base(&self, term: Term) -> Query {
        let mut targets = self.own_columns(term.coercions);
        if let Some(search) = &self.traversal.search {
            let key = self.key(&search.columns, &targets);
            targets.push(if search.breadth_first {
                counted(Expr::constant(Datum::Int8(0), Type::plain(Oid::INT8)), key)
            } else {
                array(key)
            });
        }
        if let Some(cycle) = &self.traversal.cycle {
            let key = self.key(&cycle.columns, &targets);
            targets.extend([cycle.default.clone(), array(key)]);
        }
        self.around(term.query, "*TLOCRN*", targets, None)
    }

    /// The recursive term with the columns.
    pub(super) fn recursive(&self, mut term: Term) -> Result<Query> {
        self.pass_on(&mut term.query)?;
        let mut targets = self.own_columns(term.coercions);
        let mut filter = None;
        let mut place = self.own;
        if let Some(search) = &self.traversal.search {
            let next = self.next_in_sequence(search, &targets)?;
            targets.push(next);
            place += 1;
        }
        if let Some(cycle) = &self.traversal.cycle {
            let mark = self.column(place);
            filter = Some(map_columns(cycle.continues.clone(), &mut |_| mark.kind.clone()));
            let steps = self.next_on_path(cycle, &targets, self.column(place + 1))?;
            targets.extend(steps);
        }
        Ok(self.around(term.query, "*TROCRN*", targets, filter))
    }

    /// Gives the recursive term the added columns of the row that it goes on from.
    fn pass_on(&self, query: &mut Query) -> Result<()> {
        let place = reference(query, self.id);
        let (QueryBody::Select(select), Some(relation)) = (&mut query.body, place) else {
            return Err(SqlError::internal("a recursive term that does not read its own query"));
        };
        // The rows are told apart by what the query selects, not by how it came by them.
        if matches!(select.distinct, BoundDistinct::All) {
            select.distinct = BoundDistinct::On(select.targets.clone());
        }
        let grouped = !select.group_by.is_empty() || !select.grouping_sets.is_empty();
        select.has_aggregates = select.has_aggregates || grouped;
        for (column, output) in self.columns.iter().enumerate().skip(self.own) {
            let passed = Expr::new(ExprKind::Column(ColumnRef { depth: 0, relation, column }), output.ty);
            select.targets.push(if grouped { any_of_group(passed)? } else { passed });
            query.columns.push(output.clone());
        }
        Ok(())
    }

    fn next_in_sequence(&self, search: &Search, values: &[Expr]) -> Result<Expr> {
        let (before, key) = (self.column(self.own), self.key(&search.columns, values));
        if !search.breadth_first {
            return appended(before, key);
        }
        let depth = Expr::new(ExprKind::Field { base: Box::new(before), field: 0 }, Type::plain(Oid::INT8));
        let next = call(function("int8inc", 1)?, vec![depth], Oid::INT8);
        Ok(counted(next, key))
    }

    /// The mark and the path.
    fn next_on_path(&self, cycle: &Cycle, values: &[Expr], before: Expr) -> Result<[Expr; 2]> {
        let key = self.key(&cycle.columns, values);
        let operator = row_equality()?;
        let met = ExprKind::ScalarArray {
            function: functions::by_oid(operator.function).ok_or_else(|| missing("record_eq"))?,
            operator,
            all: false,
            left: Box::new(key.clone().into()),
            right: Box::new(before.clone()),
        };
        let whens = vec![(Expr::new(met, Type::plain(Oid::BOOL)), cycle.value.clone())];
        let ty = self.column(self.own + usize::from(self.traversal.search.is_some())).ty;
        let mark = Expr::new(ExprKind::Case { arg: None, whens, otherwise: Some(Box::new(cycle.default.clone())) }, ty);
        Ok([mark, appended(before, key)?])
    }

    /// The query's own columns in their final types, over the subquery.
    fn own_columns(&self, coercions: Option<Vec<Expr>>) -> Vec<Expr> {
        let over_subquery = |kind: ExprKind| match kind {
            ExprKind::Slot(place) => ExprKind::Column(ColumnRef { depth: 0, relation: 0, column: place }),
            kind => kind,
        };
        match coercions {
            Some(coercions) => coercions.into_iter().map(|cast| map_columns(cast, &mut |kind| over_subquery(kind))).collect(),
            None => (0..self.own).map(|place| self.column(place)).collect(),
        }
    }

    fn column(&self, place: usize) -> Expr {
        Expr::new(ExprKind::Column(ColumnRef { depth: 0, relation: 0, column: place }), self.columns[place].ty)
    }

    fn key(&self, places: &[usize], values: &[Expr]) -> Row {
        Row {
            items: places.iter().map(|place| values[*place].clone()).collect(),
            names: places.iter().map(|place| self.columns[*place].name.clone()).collect(),
        }
    }

    /// `SELECT targets FROM (query) alias WHERE filter`
    fn around(&self, mut query: Query, alias: &str, targets: Vec<Expr>, filter: Option<Expr>) -> Query {
        walk::shift_query(&mut query, 0, 1);
        let entry = RelationEntry {
            columns: query.columns.clone(),
            relation: Relation::Subquery(Box::new(query)),
            alias: alias.to_owned(),
            lateral: false,
            form: RelationForm::default(),
        };
        let select = Select {
            relations: vec![entry],
            from: vec![FromItem::Relation(0)],
            filter,
            group_by: Vec::new(),
            grouping_sets: Vec::new(),
            has_aggregates: false,
            having: None,
            windows: Vec::new(),
            targets,
            distinct: BoundDistinct::No,
            form: SelectForm::default(),
        };
        Query {
            ctes: Vec::new(),
            body: QueryBody::Select(Box::new(select)),
            order_by: Vec::new(),
            limit: None,
            offset: None,
            with_ties: false,
            columns: self.columns.to_vec(),
            locks: Vec::new(),
        }
    }
}

/// The key columns of a row.
#[derive(Clone)]
struct Row {
    items: Vec<Expr>,
    names: Vec<String>,
}

impl From<Row> for Expr {
    fn from(row: Row) -> Self {
        Self::new(ExprKind::Row { items: row.items, names: row.names }, Type::plain(Oid::RECORD))
    }
}

/// `(depth, key..)`
fn counted(depth: Expr, mut key: Row) -> Expr {
    key.items.insert(0, depth);
    key.names.insert(0, "*DEPTH*".to_owned());
    key.into()
}

/// `ARRAY[key]`
fn array(key: Row) -> Expr {
    Expr::new(ExprKind::Array { element: Oid::RECORD, items: vec![key.into()], nested: false }, Type::plain(Oid::RECORD_ARRAY))
}

/// `before || ARRAY[key]`
fn appended(before: Expr, key: Row) -> Result<Expr> {
    Ok(call(function("array_cat", 2)?, vec![before, array(key)], Oid::RECORD_ARRAY))
}

/// A column that GROUP BY does not name: that of any row of the group.
fn any_of_group(column: Expr) -> Result<Expr> {
    let ty = column.ty;
    let function = function("any_value", 1)?;
    let call = AggregateCall { level: 0, function, args: vec![column], distinct: false, order_by: Vec::new(), filter: None, ty };
    Ok(Expr::new(ExprKind::Aggregate(Box::new(call)), ty))
}

fn call(function: &'static Function, args: Vec<Expr>, result: Oid) -> Expr {
    Expr::new(ExprKind::Call { function, operator: None, args }, Type::plain(result))
}

fn function(name: &str, args: usize) -> Result<&'static Function> {
    functions::by_name(name).iter().copied().find(|function| function.args.len() == args).ok_or_else(|| missing(name))
}

fn row_equality() -> Result<&'static Operator> {
    operators::by_name("=").iter().copied().find(|operator| operator.left == Oid::RECORD).ok_or_else(|| missing("record_eq"))
}

fn missing(name: &str) -> SqlError {
    SqlError::internal(format!("there is no function {name}"))
}
