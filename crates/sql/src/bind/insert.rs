//! INSERT. After `transformInsertStmt`.

use borealis_catalog::{Column, Table};
use borealis_pgtypes::functions::hidden::NEXT_IDENTITY;
use borealis_pgtypes::{CastContext, Datum, Oid, Result, SqlError, SqlState, Type};

use super::element::{DOCUMENT, Given, element};
use super::foreign_key::Effect;
use super::select::Draft;
use super::updatable::{Writable, Writing, check_column};
use super::values::check_lengths;
use super::{Binder, Clause, Node};
use crate::ast::{self, ExprKind as Ast, InsertColumn, InsertSource, Overriding, QueryBody as Body};
use crate::bound::{Bound, Insert, OutputColumn, Query, QueryBody};
use crate::expr::{Expr, ExprKind};

/// A column to be given a value, and where it was named.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) column: Column,
    pub(crate) at: i32,
    /// The steps to the element that is written; empty: the whole column.
    path: Vec<Expr>,
    /// Why a view's column takes no value, and in which view.
    fixed: Option<(String, &'static str)>,
}

impl Target {
    /// Type of the values that the source gives.
    fn ty(&self) -> Type {
        if self.path.is_empty() { self.column.ty } else { DOCUMENT }
    }

    /// What the source's column `place` gives the table's column.
    fn given(&self, place: usize) -> Given {
        let value = Expr::new(ExprKind::Slot(place), self.ty());
        if self.path.is_empty() { Given::Whole(value) } else { Given::Elements(element(self.path.clone(), value).collect()) }
    }
}

impl Binder<'_> {
    pub(crate) fn insert(&mut self, insert: &ast::Insert) -> Result<(Bound, Option<Vec<OutputColumn>>)> {
        self.in_level(|binder| binder.insert_here(insert))
    }

    fn insert_here(&mut self, insert: &ast::Insert) -> Result<(Bound, Option<Vec<OutputColumn>>)> {
        let start = self.ctes.len();
        let ctes = match &insert.with {
            Some(with) => self.with(with)?,
            None => Vec::new(),
        };
        let target = self.writable(&insert.table, Writing::Insert)?;
        self.ctx.check_admitted(&insert.table, insert.access.as_ref())?;
        let table = target.table.clone();
        let alias = insert.alias.clone().unwrap_or_else(|| insert.table.name.clone());
        self.hidden_target(&alias, &target);
        let targets = self.insert_targets(&target, &insert.columns)?;
        let explicit = !insert.columns.is_empty();
        let (source, given) = self.insert_source(&insert.source, &targets, explicit, &table, insert.overriding)?;
        check_given(&targets[..given])?;
        targets[..given].iter().for_each(|column| self.inserts(&target, &column.column.name));
        let values = self.row_values(&target, &targets, given, insert.overriding)?;
        let on_conflict = match &insert.on_conflict {
            Some(clause) => Some(self.on_conflict(clause, &target, &alias)?),
            None => None,
        };
        self.clear_slots();
        self.slot_target(&alias, &target, 0);
        let (returning, columns) = self.returning(&insert.returning)?;
        let update = on_conflict.as_ref().and_then(|clause| clause.update.as_ref());
        let effect = update.map_or(Effect::Insert, |update| Effect::Upsert(&update.assignments));
        let target = self.write_target(&target, &effect, insert.access.as_ref())?;
        let ctes = self.take_ctes(start, ctes);
        let bound = Insert { ctes, target, alias, source, values, on_conflict, returning };
        Ok((Bound::Insert(Box::new(bound)), columns))
    }

    /// The table cannot be referred to by what is inserted; messages know that it is there.
    fn hidden_target(&mut self, alias: &str, target: &Writable) {
        self.slot_target(alias, target, 0);
        self.level().namespace.clear();
    }

    /// Columns a statement names, or all live ones.
    fn insert_targets(&mut self, target: &Writable, columns: &[InsertColumn]) -> Result<Vec<Target>> {
        if columns.is_empty() {
            let whole = |(column, fixed)| Target { column, at: -1, path: Vec::new(), fixed };
            return Ok(target.columns().into_iter().map(whole).collect());
        }
        check_named_once(columns, target)?;
        let mut targets: Vec<Target> = Vec::with_capacity(columns.len());
        for named in columns {
            let (column, fixed) = target.named(named)?;
            // There is no row yet whose value would be subscripted, and so no place of it in the statement.
            let path = self.in_clause(Clause::InsertTarget, |binder| binder.element_path(named, &column, -1))?;
            targets.push(Target { column, at: named.at, path, fixed });
        }
        Ok(targets)
    }

    /// The source rows, and how many leading targets they fill.
    fn insert_source(
        &mut self,
        source: &InsertSource,
        targets: &[Target],
        explicit: bool,
        table: &Table,
        overriding: Overriding,
    ) -> Result<(Option<Query>, usize)> {
        match source {
            InsertSource::DefaultValues => Ok((None, 0)),
            InsertSource::Query(query) => match plain_values(query) {
                Some(rows) => {
                    let (query, width) = self.in_level(|binder| binder.insert_rows(rows, targets, explicit, table, overriding))?;
                    Ok((Some(query), width))
                }
                None => {
                    let (query, width) = self.insert_query(query, targets, explicit, overriding)?;
                    Ok((Some(query), width))
                }
            },
        }
    }

    fn insert_rows(
        &mut self,
        rows: &[Vec<ast::Expr>],
        targets: &[Target],
        explicit: bool,
        table: &Table,
        overriding: Overriding,
    ) -> Result<(Query, usize)> {
        let clause = if rows.len() == 1 { Clause::ValuesSingle } else { Clause::Values };
        let mut bound = Vec::with_capacity(rows.len());
        for row in rows {
            bound.push(self.in_clause(clause, |binder| binder.insert_row(row, targets, table))?);
        }
        check_lengths(&bound)?;
        let width = bound.first().map_or(0, Vec::len);
        let single_row = rows.first().is_some_and(|row| matches!(row.as_slice(), [only] if matches!(only.kind, Ast::Row { .. })));
        if let Some(row) = bound.first() {
            let places: Vec<i32> = row.iter().map(|node| node.at).collect();
            check_width(&places, targets, explicit, single_row)?;
        }
        let mut out = Vec::with_capacity(bound.len());
        for (row, written) in bound.into_iter().zip(rows) {
            let mut values = Vec::with_capacity(width);
            for ((node, target), written) in row.into_iter().zip(targets).zip(written) {
                if !matches!(written.kind, Ast::DefaultKeyword) {
                    check_identity(&target.column, overriding)?;
                }
                let value = self.inserted(node, target)?;
                let overridden = target.column.identity.is_some() && overriding == Overriding::UserValue;
                values.push(if overridden { Expr::constant(Datum::Null, target.column.ty) } else { value });
            }
            out.push(values);
        }
        Ok((values_query(out, targets), width))
    }

    fn insert_row(&mut self, row: &[ast::Expr], targets: &[Target], table: &Table) -> Result<Vec<Node>> {
        let mut nodes = Vec::with_capacity(row.len());
        for (index, expr) in row.iter().enumerate() {
            nodes.push(match (&expr.kind, targets.get(index)) {
                (Ast::DefaultKeyword, Some(target)) if !target.path.is_empty() => {
                    return Err(SqlError::unsupported("cannot set an array element to DEFAULT").at(target.at));
                }
                (Ast::DefaultKeyword, Some(target)) => Node { expr: self.default_value(table, &target.column)?, at: expr.at },
                (Ast::DefaultKeyword, None) => Self::null(expr.at),
                _ => self.expr(expr)?,
            });
        }
        Ok(nodes)
    }

    /// INSERT .. SELECT: unknown columns are read as the type of the column they go to.
    fn insert_query(&mut self, query: &ast::Query, targets: &[Target], explicit: bool, overriding: Overriding) -> Result<(Query, usize)> {
        let mut draft = self.draft(query, false)?;
        let places: Vec<i32> = draft.places.clone();
        let width = draft.query.columns.len();
        check_width(&places, targets, explicit, false)?;
        for (index, target) in targets.iter().enumerate().take(width) {
            check_identity(&target.column, overriding)?;
            self.settle_column(&mut draft, index, target)?;
        }
        let casts = draft.query.columns.iter().zip(&places).enumerate().map(|(index, (column, at))| {
            Node::new(ExprKind::Column(crate::expr::ColumnRef { depth: 0, relation: 0, column: index }), column.ty, *at)
        });
        let mut values = Vec::with_capacity(width);
        for (node, target) in casts.zip(targets) {
            values.push(self.inserted(node, target)?);
        }
        Ok((super::subquery::cast_columns(draft.query, values), width))
    }

    fn settle_column(&mut self, draft: &mut Draft, index: usize, target: &Target) -> Result<()> {
        let Some(node) = draft.target(index).filter(Node::is_unknown) else { return Ok(()) };
        let coerced = self.coerce(node, target.ty().oid, CastContext::Assignment)?;
        draft.set_target(index, coerced);
        Ok(())
    }

    /// One expression per column of the table: a source slot, a default, or NULL. OVERRIDING USER VALUE gives identity columns their own value.
    fn row_values(&mut self, target: &Writable, targets: &[Target], given: usize, overriding: Overriding) -> Result<Vec<Expr>> {
        let mut values = Vec::with_capacity(target.table.columns.len());
        for column in &target.table.columns {
            let overridden = column.identity.is_some() && overriding == Overriding::UserValue;
            let given = if overridden { 0 } else { given };
            let mut value = Given::Nothing;
            for (place, target) in targets.iter().take(given).enumerate().filter(|(_, target)| target.column.number == column.number) {
                value.add(target.given(place), &target.column.name)?;
            }
            values.push(match value {
                Given::Nothing => self.target_default(target, column)?,
                Given::Whole(value) => value,
                Given::Elements(elements) => self.elements_assigned(Expr::constant(Datum::Null, DOCUMENT), elements, column)?,
            });
        }
        Ok(values)
    }

    /// A value given to what the statement names.
    fn inserted(&mut self, node: Node, target: &Target) -> Result<Expr> {
        match target.path.is_empty() {
            true => self.assign(node, &target.column),
            false => self.element_value(node, &target.column.name, target.at),
        }
    }

    /// A value given to a column: `transformAssignedExpr`.
    pub(crate) fn assign(&mut self, node: Node, column: &Column) -> Result<Expr> {
        let (source, at) = (node.expr.ty, node.at);
        match self.coerce_to(node, column.ty, CastContext::Assignment)? {
            Some(node) => Ok(node.expr),
            None => {
                let message = format!(
                    "column \"{}\" is of type {} but expression is of type {}",
                    column.name,
                    self.ctx.type_name(column.ty),
                    self.ctx.type_name(source)
                );
                let error = SqlError::new(SqlState::DATATYPE_MISMATCH, message);
                Err(error.hint("You will need to rewrite or cast the expression.").at(at))
            }
        }
    }

    /// The default of a column, the next value of its identity, or NULL.
    pub(crate) fn default_value(&mut self, table: &Table, column: &Column) -> Result<Expr> {
        if column.dropped {
            return Ok(Expr::constant(Datum::Null, column.ty));
        }
        // A column without a default of its own has its domain's; without any it is NULL, which the domain may refuse.
        let domain = self.ctx.catalog.domain_by_oid(column.ty.declared).cloned();
        let text = column.default.as_ref().or_else(|| domain.as_ref().and_then(|domain| domain.default.as_ref()));
        match (text, &column.identity, &domain) {
            (Some(text), _, _) => {
                let (expr, routines) = super::stored::default_expr(text, table, column, self.ctx)?;
                routines.into_iter().for_each(|routine| self.uses_routine(routine));
                Ok(expr)
            }
            (None, Some(identity), _) => {
                let sequence = Expr::constant(Datum::Oid(identity.sequence), Type::plain(Oid::REGCLASS));
                let call = ExprKind::Call { function: &NEXT_IDENTITY, operator: None, args: vec![sequence] };
                Ok(Expr::new(call, column.ty))
            }
            (None, None, Some(domain)) => {
                let null = Node::new(ExprKind::Const(Datum::Null), column.ty.undeclared(), -1);
                Ok(self.coerce_to_domain(null, domain)?.expr)
            }
            (None, None, None) => Ok(Expr::constant(Datum::Null, column.ty)),
        }
    }
}

/// A column is named once; more than once only for elements of it.
fn check_named_once(columns: &[InsertColumn], target: &Writable) -> Result<()> {
    for (index, named) in columns.iter().enumerate() {
        target.named(named)?;
        let again = |other: &InsertColumn| other.name == named.name && (other.steps.is_empty() || named.steps.is_empty());
        if columns[..index].iter().any(again) {
            let message = format!("column \"{}\" specified more than once", named.name);
            return Err(SqlError::new(SqlState::DUPLICATE_COLUMN, message).at(named.at));
        }
    }
    Ok(())
}

/// What is given a value must be a column of the table, and only once.
fn check_given(targets: &[Target]) -> Result<()> {
    for (index, target) in targets.iter().enumerate() {
        check_column(&target.column.name, target.fixed.as_ref(), Writing::Insert)?;
        let again = |other: &Target| other.column.number == target.column.number && (other.path.is_empty() || target.path.is_empty());
        if targets[..index].iter().any(again) {
            let message = format!("multiple assignments to same column \"{}\"", target.column.name);
            return Err(SqlError::new(SqlState::SYNTAX_ERROR, message));
        }
    }
    Ok(())
}

/// The column a statement means to write.
pub(crate) fn named_column<'t>(table: &'t Table, named: &InsertColumn) -> Result<&'t Column> {
    table.column(&named.name).ok_or_else(|| {
        let message = format!("column \"{}\" of relation \"{}\" does not exist", named.name, table.name);
        SqlError::new(SqlState::UNDEFINED_COLUMN, message).at(named.at)
    })
}

/// `INSERT has more expressions than target columns` and its reverse.
fn check_width(places: &[i32], targets: &[Target], explicit: bool, single_row: bool) -> Result<()> {
    if places.len() > targets.len() {
        let message = "INSERT has more expressions than target columns";
        return Err(SqlError::new(SqlState::SYNTAX_ERROR, message).at(places[targets.len()]));
    }
    if explicit && places.len() < targets.len() {
        let error = SqlError::new(SqlState::SYNTAX_ERROR, "INSERT has more target columns than expressions").at(targets[places.len()].at);
        if single_row {
            return Err(error.hint(
                "The insertion source is a row expression containing the same number of columns expected by the INSERT. Did you accidentally use extra parentheses?",
            ));
        }
        return Err(error);
    }
    Ok(())
}

fn check_identity(column: &Column, overriding: Overriding) -> Result<()> {
    let always = column.identity.as_ref().is_some_and(|identity| identity.always) && overriding == Overriding::None;
    if !always && column.generated.is_none() {
        return Ok(());
    }
    let error = SqlError::new(SqlState::GENERATED_ALWAYS, format!("cannot insert a non-DEFAULT value into column \"{}\"", column.name));
    if column.generated.is_some() {
        return Err(error.detail(format!("Column \"{}\" is a generated column.", column.name)));
    }
    Err(error
        .detail(format!("Column \"{}\" is an identity column defined as GENERATED ALWAYS.", column.name))
        .hint("Use OVERRIDING SYSTEM VALUE to override."))
}

/// VALUES with nothing around them, in which DEFAULT may stand.
fn plain_values(query: &ast::Query) -> Option<&[Vec<ast::Expr>]> {
    let bare =
        query.with.is_none() && query.order_by.is_empty() && query.limit.is_none() && query.offset.is_none() && query.locking.is_empty();
    match &query.body {
        Body::Values(rows) if bare => Some(rows),
        _ => None,
    }
}

fn values_query(rows: Vec<Vec<Expr>>, targets: &[Target]) -> Query {
    let width = rows.first().map_or(0, Vec::len);
    let columns =
        targets.iter().take(width).map(|target| OutputColumn { name: target.column.name.clone(), ty: target.ty(), origin: None }).collect();
    Query {
        ctes: Vec::new(),
        body: QueryBody::Values(rows),
        order_by: Vec::new(),
        limit: None,
        offset: None,
        with_ties: false,
        columns,
        locks: Vec::new(),
    }
}
