//! Which family lowers which statement; this file only dispatches.

use pg_query::NodeEnum;

use super::lower::{Lower, R};
use super::node;
use crate::ast::Statement;

impl Lower<'_> {
    pub(super) fn statement(&self, tree: NodeEnum) -> R<Statement> {
        match tree {
            NodeEnum::SelectStmt(select) => Ok(Statement::Query(Box::new(self.query(*select)?))),
            NodeEnum::InsertStmt(insert) => Ok(Statement::Insert(Box::new(self.insert(*insert)?))),
            NodeEnum::UpdateStmt(update) => Ok(Statement::Update(Box::new(self.update(*update)?))),
            NodeEnum::DeleteStmt(delete) => Ok(Statement::Delete(Box::new(self.delete(*delete)?))),
            NodeEnum::ExplainStmt(explain) => self.explain(*explain),
            NodeEnum::TransactionStmt(transaction) => self.transaction(transaction),
            NodeEnum::VariableSetStmt(set) => self.set(set),
            NodeEnum::VariableShowStmt(show) => Ok(Statement::Show { name: show.name }),
            NodeEnum::CopyStmt(copy) => self.copy(*copy),
            NodeEnum::CallStmt(call) => self.call(*call),
            NodeEnum::DeallocateStmt(deallocate) => self.deallocate(deallocate),
            NodeEnum::VacuumStmt(vacuum) => self.vacuum(vacuum),
            NodeEnum::ConstraintsSetStmt(set) => self.set_constraints(set),
            other => self.definition(other),
        }
    }

    /// Statements that define things.
    fn definition(&self, tree: NodeEnum) -> R<Statement> {
        match tree {
            NodeEnum::CreateStmt(create) => self.create_table(create),
            NodeEnum::AlterTableStmt(alter) => self.alter_table(alter),
            NodeEnum::IndexStmt(index) => self.create_index(*index),
            NodeEnum::CreateSchemaStmt(schema) => self.create_schema(schema),
            NodeEnum::ViewStmt(view) => self.create_view(*view),
            NodeEnum::DropStmt(drop) => self.drop(drop),
            NodeEnum::RenameStmt(rename) => self.rename(*rename),
            NodeEnum::AlterObjectSchemaStmt(alter) => self.set_schema(*alter),
            NodeEnum::AlterOwnerStmt(alter) => self.set_owner(*alter),
            NodeEnum::CommentStmt(comment) => self.comment(*comment),
            NodeEnum::MergeStmt(merge) => Err(self.merge(&merge)),
            NodeEnum::CreateSeqStmt(sequence) => self.create_sequence(sequence),
            NodeEnum::AlterSeqStmt(sequence) => self.alter_sequence(sequence),
            NodeEnum::CreateStatsStmt(statistics) => self.create_statistics(statistics),
            NodeEnum::AlterStatsStmt(statistics) => self.alter_statistics(*statistics),
            NodeEnum::CreateFunctionStmt(function) => self.create_function(*function),
            NodeEnum::CreateDomainStmt(domain) => self.create_domain(*domain),
            NodeEnum::AlterDomainStmt(alter) => self.alter_domain(*alter),
            NodeEnum::CreateRoleStmt(role) => self.create_role(role),
            NodeEnum::DropRoleStmt(role) => self.drop_role(role),
            NodeEnum::AlterRoleSetStmt(alter) => self.alter_role_set(alter),
            NodeEnum::AlterDefaultPrivilegesStmt(alter) => self.alter_default_privileges(alter),
            NodeEnum::GrantStmt(grant) => self.grant(grant),
            NodeEnum::GrantRoleStmt(grant) => self.grant_role(grant),
            other => {
                let name = node::name(&other);
                Err(self.refuse(&format!("statement/{name}"), &[name]))
            }
        }
    }
}
