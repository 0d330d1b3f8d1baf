//! CREATE INDEX ASYNC. After `DefineIndex`: the index exists when the statement commits, and is filled by a job.

use borealis_catalog::{Index, IndexKey, IndexKeyPart, IndexState, Table};
use borealis_pgtypes::{Result, SqlError, SqlState};

use super::name::{distinct_columns, joined};
use super::{Work, expression, limits, lookup};
use crate::ast::{CreateIndex, ExprKind as Ast, IndexElement};
use crate::bind::{Clause, suggested_name};
use crate::bound::JobRequest;
use crate::expr::ExprKind;

impl Work<'_> {
    pub(crate) fn create_index(&mut self, create: &CreateIndex) -> Result<&'static str> {
        const TAG: &str = "CREATE INDEX";
        if !create.asynchronous {
            let refusal = borealis_dialect::refusal("index/without async", &[], self.ctx.dialect);
            return Err(refusal.map_or_else(|| limits::not_yet("CREATE INDEX without ASYNC"), limits::error));
        }
        if self.is_view(&create.table) {
            let error = SqlError::new(SqlState::WRONG_OBJECT_TYPE, format!("cannot create index on relation \"{}\"", create.table.name));
            return Err(error.detail("This operation is not supported for views."));
        }
        let mut table = (*self.owned_table(&create.table)?).clone();
        self.may_create_beside(table.schema)?;
        if let Some(name) = create.name.as_deref().filter(|name| self.relation_name_taken(&table, name)) {
            if create.if_not_exists {
                self.notice(SqlState::DUPLICATE_TABLE, format!("relation \"{name}\" already exists, skipping"));
                return Ok(TAG);
            }
            return Err(lookup::duplicate_relation(name));
        }
        limits::check("key columns", create.keys.len(), self.ctx.limits)?;
        limits::check("indexes per table", table.all_indexes().count() + 1, self.ctx.limits)?;
        let predicate = create
            .filter
            .as_ref()
            .map(|filter| expression::index(filter, &table, Clause::IndexPredicate, self.ctx))
            .transpose()?
            .map(|stored| stored.text);
        let mut keys = Vec::with_capacity(create.keys.len());
        let mut names = Vec::with_capacity(create.keys.len());
        for element in &create.keys {
            let (key, name) = self.index_key(element, &table)?;
            keys.push(key);
            names.push(name);
        }
        let include = included(create, &table)?;
        names.extend(create.include.iter().cloned());
        let name = match &create.name {
            Some(name) => name.clone(),
            None => self.choose_index_name(&table, Some(&joined(&distinct_columns(names))), "idx"),
        };
        let index = Index {
            oid: self.next_oid(),
            name,
            unique: create.unique,
            primary: false,
            keys,
            include,
            nulls_not_distinct: create.nulls_not_distinct,
            predicate,
            state: IndexState::Building,
            constraint: None,
            comment: None,
        };
        self.jobs.push(JobRequest::BuildIndex { table: table.oid, index: index.oid });
        self.returns_job_id = true;
        table.indexes.push(index);
        self.put_table(table);
        Ok(TAG)
    }

    /// A key and the name it lends to the index's default name.
    fn index_key(&mut self, element: &IndexElement, table: &Table) -> Result<(IndexKey, String)> {
        let nulls_first = element.nulls_first.unwrap_or(false);
        if let Ast::Column(names) = &element.expr.kind
            && let [name] = names.as_slice()
        {
            let column = table.column(name).ok_or_else(|| missing_column(name))?;
            limits::check_key_type(column.ty, self.ctx.dialect)?;
            return Ok((IndexKey { part: IndexKeyPart::Column(column.number), nulls_first }, name.clone()));
        }
        let stored = expression::index(&element.expr, table, Clause::IndexExpression, self.ctx)?;
        limits::check_key_type(stored.expr.ty, self.ctx.dialect)?;
        let name = suggested_name(&element.expr).unwrap_or_else(|| "expr".to_owned());
        let part = match stored.expr.kind {
            ExprKind::Slot(slot) => IndexKeyPart::Column(i16::try_from(slot + 1).unwrap_or(i16::MAX)),
            _ => IndexKeyPart::Expression(stored.text, stored.expr.ty),
        };
        Ok((IndexKey { part, nulls_first }, name))
    }
}

fn included(create: &CreateIndex, table: &Table) -> Result<Vec<i16>> {
    create.include.iter().map(|name| table.column(name).map(|column| column.number).ok_or_else(|| missing_column(name))).collect()
}

fn missing_column(name: &str) -> SqlError {
    SqlError::new(SqlState::UNDEFINED_COLUMN, format!("column \"{name}\" does not exist"))
}
