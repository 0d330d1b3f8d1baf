//! DDL: from a statement to a list of catalog changes. Pure, as everything here: the same statement on the same snapshot gives the same changes, but for
//! the numbers drawn from [`crate::bind::OidSource`].
//!
//! A [`Work`] collects what a statement does: descriptors written and removed, relations whose concurrent users must fail at commit, jobs to start, notices
//! to send. Each family adds to it; [`bind`] only dispatches.
//!
//! Expressions are bound to check them and kept as the deparser writes them, so that what the catalog shows is what PostgreSQL would show.

mod alter_column;
mod alter_constraint;
mod alter_table;
mod column;
mod comment;
mod constraint;
mod create_index;
mod create_table;
mod dependency;
mod domain;
mod drop;
mod expression;
mod extended;
mod foreign_key;
mod function;
mod grant;
mod identity;
mod like;
mod limits;
mod lookup;
mod name;
pub(crate) mod ownership;
mod rename;
mod role;
mod schema;
mod sequence;
mod view;

pub(crate) use expression::columns_read;

use std::sync::Arc;

use borealis_catalog::privilege::Standing;
use borealis_catalog::{Change, Table};
use borealis_pgtypes::{Oid, Result, Severity, SqlError, SqlState};

use crate::ast::Statement;
use crate::bind::BindContext;
use crate::bound::{Bound, BoundStatement, Ddl, JobRequest, OutputColumn, SequenceEffect};
use crate::permission::Permissions;

/// Binds a DDL statement.
pub(crate) fn bind(statement: &Statement, ctx: &BindContext<'_>) -> Result<BoundStatement> {
    // What is stored is written back as text: a call stays a call, and each statement that uses it is confined by itself.
    let ctx = BindContext { inline_routines: false, guarded: false, ..*ctx };
    let mut work = Work::new(&ctx);
    let tag = work.statement(statement)?;
    Ok(work.finish(tag))
}

/// What a statement does, while it is being found out.
pub(crate) struct Work<'a> {
    pub(crate) ctx: &'a BindContext<'a>,
    /// The current role with the roles whose rights it has.
    pub(crate) standing: Standing,
    pub(crate) changes: Vec<Change>,
    pub(crate) affected: Vec<Oid>,
    pub(crate) sequences: Vec<SequenceEffect>,
    pub(crate) jobs: Vec<JobRequest>,
    pub(crate) notices: Vec<SqlError>,
    pub(crate) returns_job_id: bool,
}

impl<'a> Work<'a> {
    fn new(ctx: &'a BindContext<'a>) -> Self {
        Self {
            ctx,
            standing: Standing::of(ctx.catalog, ctx.current_role),
            changes: Vec::new(),
            affected: Vec::new(),
            sequences: Vec::new(),
            jobs: Vec::new(),
            notices: Vec::new(),
            returns_job_id: false,
        }
    }

    /// Adds what the statement does; answers its tag.
    fn statement(&mut self, statement: &Statement) -> Result<&'static str> {
        match statement {
            Statement::CreateTable(create) => self.create_table(create),
            Statement::AlterTable(alter) => self.alter_table(alter),
            Statement::CreateIndex(create) => self.create_index(create),
            Statement::CreateSchema { name, if_not_exists, authorization, elements } => {
                self.create_schema(name.as_deref(), *if_not_exists, authorization.as_ref(), elements)
            }
            Statement::Drop(drop) => self.drop(drop),
            Statement::Rename(rename) => self.rename(rename),
            Statement::SetSchema { kind, name, if_exists, schema } => self.set_schema(*kind, name, *if_exists, schema),
            Statement::SetOwner { kind, name, owner } => self.set_owner(*kind, name, owner),
            Statement::Comment { target, text } => self.comment(target, text.as_deref()),
            Statement::CreateRole { name, options, at } => self.create_role(name, options, *at),
            Statement::DropRole { names, if_exists } => self.drop_role(names, *if_exists),
            Statement::Grant(grant) => self.grant(grant),
            Statement::GrantRoles(grant) => self.grant_roles(grant),
            Statement::AlterDefaultPrivileges(alter) => self.alter_default_privileges(alter),
            Statement::ResetRole { role, database } => self.reset_role(role.as_ref(), database.as_deref()),
            Statement::IamGrant { revoke, role, arn } => self.iam_grant(*revoke, role, arn),
            Statement::CreateDomain(create) => self.create_domain(create),
            Statement::AlterDomain { name, action } => self.alter_domain(name, action),
            Statement::CreateFunction(create) => self.create_function(create),
            Statement::AlterFunction(alter) => self.alter_function(alter),
            Statement::DropFunction(drop) => self.drop_function(drop),
            Statement::CreateView(create) => self.create_view(create),
            Statement::AlterView(alter) => self.alter_view(alter),
            Statement::CreateSequence(create) => self.create_sequence(create),
            Statement::AlterSequence(alter) => self.alter_sequence(alter),
            Statement::DropTrigger { name, table } => self.drop_trigger(name, table),
            Statement::CreateStatistics(create) => self.create_statistics(create),
            Statement::AlterStatistics { name, if_exists, target } => self.set_statistics_target(name, *if_exists, *target),
            _ => Err(SqlError::internal("a statement that is no DDL came to DDL")),
        }
    }

    fn finish(self, tag: &'static str) -> BoundStatement {
        let columns = self.returns_job_id.then(|| vec![job_id_column()]);
        let changes = last_of_each(self.changes);
        let mut affected = self.affected;
        affected.sort_unstable();
        affected.dedup();
        let ddl = Ddl { tag, changes, affected, sequences: self.sequences, jobs: self.jobs, returns_job_id: self.returns_job_id };
        BoundStatement {
            statement: Bound::Ddl(Box::new(ddl)),
            params: Vec::new(),
            columns,
            views: Vec::new(),
            notices: self.notices,
            permissions: Permissions::default(),
        }
    }

    /// A NOTICE.
    pub(crate) fn notice(&mut self, sqlstate: SqlState, message: impl Into<String>) {
        self.notices.push(SqlError::with_severity(Severity::Notice, sqlstate, message));
    }

    pub(crate) fn put_table(&mut self, table: Table) {
        self.affected.push(table.oid);
        self.changes.push(Change::PutTable(Arc::new(table)));
    }

    pub(crate) fn next_oid(&self) -> Oid {
        self.ctx.oids.next_oid()
    }
}

/// Of several changes of one descriptor only the last one has an effect; it keeps its place.
fn last_of_each(changes: Vec<Change>) -> Vec<Change> {
    let mut seen = std::collections::BTreeSet::new();
    let mut kept: Vec<Change> = changes.into_iter().rev().filter(|change| seen.insert(change.object())).collect();
    kept.reverse();
    kept
}

fn job_id_column() -> OutputColumn {
    OutputColumn { name: "job_id".to_owned(), ty: borealis_pgtypes::Type::plain(Oid::TEXT), origin: None }
}
