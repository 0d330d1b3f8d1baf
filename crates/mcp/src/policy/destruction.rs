//! Which statements destroy what no statement brings back.

use borealis_client::control::transaction_keyword;
use borealis_dialect::Dialect;
use borealis_sql::ast::{AlterAction, AlterDomain, Expr, ExprKind, FunctionBody, IdentityChange, ObjectKind, Statement};
use borealis_sql::parse::parse;

use super::walk::{Part, has_column, visit};
use super::{Refusal, on_stack_for, single, spaced};

/// What a statement would destroy, in words: `drops table orders`.
type Destruction = String;

/// What would be lost; `None` when the statement destroys nothing. What the parser does not know is taken for destructive: nobody can say that it is not.
pub(crate) fn destruction(sql: &str) -> Result<Option<Destruction>, Refusal> {
    if transaction_keyword(sql).is_some() {
        return Ok(None);
    }
    let parsed = single(sql)?;
    match parsed.statement {
        Ok(statement) => {
            let found = on_stack_for(parsed.depth, move || destroys(&statement));
            Ok(found.unwrap_or_else(|| Some("is nested too deeply to be looked at".to_owned())))
        }
        Err(_) => Ok(Some(format!("is a {} that this server cannot look into", spaced(parsed.node)))),
    }
}

fn destroys(statement: &Statement) -> Option<Destruction> {
    match statement {
        Statement::Query(_) | Statement::Insert(_) | Statement::Update(_) | Statement::Delete(_) => rows_lost(statement),
        Statement::Explain(explain) => destroys(&explain.statement).filter(|_| explain.analyze),
        Statement::Drop(drop) => {
            let names: Vec<String> = drop.names.iter().map(super::walk::spelled).collect();
            Some(format!("drops {} {}{}", kind(drop.kind), names.join(", "), if drop.cascade { " and all that depends on it" } else { "" }))
        }
        Statement::DropRole { names, .. } => Some(format!("drops {} role(s)", names.len())),
        Statement::DropFunction(drop) => Some(format!("drops {} function(s)", drop.functions.len())),
        Statement::AlterTable(alter) => {
            alter.actions.iter().find_map(altered).map(|what| format!("{what} of table {}", super::walk::spelled(&alter.name)))
        }
        Statement::AlterDomain { name, action } => domain(action).map(|what| format!("{what} of domain {}", super::walk::spelled(name))),
        Statement::CreateFunction(create) => body(&create.body).map(|what| format!("makes a function that {what}")),
        Statement::CreateSchema { elements, .. } => elements.iter().find_map(destroys),
        Statement::Copy(_)
        | Statement::Call(_)
        | Statement::Transaction(_)
        | Statement::Set(_)
        | Statement::Show { .. }
        | Statement::Reset { .. }
        | Statement::Deallocate { .. }
        | Statement::Analyze { .. }
        | Statement::CreateTable(_)
        | Statement::CreateIndex(_)
        | Statement::Rename(_)
        | Statement::SetSchema { .. }
        | Statement::SetOwner { .. }
        | Statement::Comment { .. }
        | Statement::CreateRole { .. }
        | Statement::Grant(_)
        | Statement::GrantRoles(_)
        | Statement::AlterDefaultPrivileges(_)
        | Statement::ResetRole { .. }
        | Statement::IamGrant { .. }
        | Statement::CreateView(_)
        | Statement::AlterView(_)
        | Statement::CreateSequence(_)
        | Statement::AlterSequence(_)
        | Statement::CreateDomain(_)
        | Statement::AlterFunction(_)
        | Statement::DropTrigger { .. }
        | Statement::CreateStatistics(_)
        | Statement::AlterStatistics { .. }
        | Statement::SetConstraints { .. } => None,
    }
}

/// DELETE and UPDATE of all rows, at any depth.
fn rows_lost(statement: &Statement) -> Option<Destruction> {
    let mut found = None;
    visit(statement, &mut |part| {
        let what = match part {
            Part::Statement(Statement::Delete(delete)) if is_everything(delete.filter.as_ref()) => {
                Some(format!("deletes every row of {}", super::walk::spelled(&delete.table)))
            }
            Part::Statement(Statement::Update(update)) if is_everything(update.filter.as_ref()) => {
                Some(format!("changes every row of {}", super::walk::spelled(&update.table)))
            }
            Part::Statement(_) | Part::Function(_) => None,
        };
        if found.is_none() {
            found = what;
        }
    });
    found
}

/// No WHERE, or one that does not depend on the row: it looks at no column, as `true`, `1 = 1` and `$1`, or is satisfied by such a part of it.
fn is_everything(filter: Option<&Expr>) -> bool {
    filter.is_none_or(does_not_narrow)
}

fn does_not_narrow(filter: &Expr) -> bool {
    match &filter.kind {
        ExprKind::Or(list) => list.iter().any(does_not_narrow),
        ExprKind::And(list) => list.iter().all(does_not_narrow),
        _ => !has_column(filter),
    }
}

fn altered(action: &AlterAction) -> Option<String> {
    match action {
        AlterAction::DropColumn { name, .. } => Some(format!("drops column {name}")),
        AlterAction::DropConstraint { name, .. } => Some(format!("drops constraint {name}")),
        AlterAction::DropExpression { column, .. } => Some(format!("drops the expression of column {column}")),
        AlterAction::Identity { column, change: IdentityChange::Drop { .. } } => Some(format!("drops the identity of column {column}")),
        AlterAction::Identity { .. }
        | AlterAction::AddColumn { .. }
        | AlterAction::SetDefault { .. }
        | AlterAction::DropNotNull { .. }
        | AlterAction::SetStorage { .. }
        | AlterAction::AddConstraint(_)
        | AlterAction::ValidateConstraint { .. }
        | AlterAction::AlterConstraint { .. }
        | AlterAction::Triggers
        | AlterAction::OwnerTo(_) => None,
    }
}

fn domain(action: &AlterDomain) -> Option<String> {
    match action {
        AlterDomain::DropConstraint { name, .. } => Some(format!("drops constraint {name}")),
        AlterDomain::SetDefault(_) | AlterDomain::DropNotNull => None,
    }
}

/// A body that cannot be read is the database's to refuse: it will not make a function of it.
fn body(body: &FunctionBody) -> Option<Destruction> {
    match body {
        FunctionBody::Standard { statements, .. } => statements.iter().find_map(destroys),
        FunctionBody::Text { text, .. } => {
            let parsed = parse(text, Dialect::default()).unwrap_or_default();
            parsed.into_iter().find_map(|one| match one.statement {
                Ok(statement) => destroys(&statement),
                Err(_) => Some(format!("runs a {} that this server cannot look into", spaced(one.node))),
            })
        }
    }
}

fn kind(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Table => "table",
        ObjectKind::Index => "index",
        ObjectKind::Schema => "schema",
        ObjectKind::View => "view",
        ObjectKind::Sequence => "sequence",
        ObjectKind::Statistics => "statistics",
        ObjectKind::Domain => "domain",
    }
}
