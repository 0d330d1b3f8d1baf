//! ALTER TABLE. Forms are named as PostgreSQL names them, which is how Aurora DSQL words its refusals.

use pg_query::NodeEnum;
use pg_query::protobuf::{AlterTableCmd, AlterTableStmt, AlterTableType, DropBehavior, Node, ObjectType, Token};

use super::lower::{Lower, R, constant_text, unexpected};
use super::object::view_options;
use crate::ast::{
    AlterAction, AlterTable, AlterView, IdentityChange, ObjectKind, Statement, TableConstraint, TableConstraintKind, ViewAction,
};

impl Lower<'_> {
    pub(super) fn alter_table(&self, alter: AlterTableStmt) -> R<Statement> {
        let object = alter.objtype();
        let AlterTableStmt { relation, cmds, objtype: _, missing_ok } = alter;
        let relation = relation.ok_or_else(|| unexpected("ALTER TABLE"))?;
        match object {
            ObjectType::ObjectTable => {}
            ObjectType::ObjectView => return self.alter_view(relation, cmds, missing_ok),
            ObjectType::ObjectSequence => return self.alter_sequence_node(relation, cmds),
            ObjectType::ObjectIndex => return Err(self.refuse("statement/*", &["AlterTable"])),
            _ => return Err(self.refuse("statement/*", &["AlterTable"])),
        }
        let only = !relation.inh;
        let actions = cmds.into_iter().map(|command| self.alter_command(command)).collect::<R<Vec<_>>>()?;
        let name = self.relation(relation)?;
        Ok(Statement::AlterTable(Box::new(AlterTable { name, if_exists: missing_ok, only, asynchronous: self.asynchronous, actions })))
    }

    /// ALTER VIEW.
    fn alter_view(&self, relation: pg_query::protobuf::RangeVar, commands: Vec<Node>, if_exists: bool) -> R<Statement> {
        let actions = commands.into_iter().map(|command| self.view_action(command)).collect::<R<Vec<_>>>()?;
        Ok(Statement::AlterView(Box::new(AlterView { name: self.relation(relation)?, if_exists, actions })))
    }

    fn view_action(&self, node: Node) -> R<ViewAction> {
        let Some(NodeEnum::AlterTableCmd(command)) = node.node else { return Err(unexpected("ALTER VIEW")) };
        let subtype = command.subtype();
        let AlterTableCmd { subtype: _, name, num: _, newowner, def, behavior: _, missing_ok: _, recurse: _ } = *command;
        let options = |def: Option<Box<Node>>| match def.and_then(|def| def.node) {
            Some(NodeEnum::List(list)) => view_options(list.items),
            _ => Err(unexpected("ALTER VIEW")),
        };
        Ok(match subtype {
            AlterTableType::AtColumnDefault => ViewAction::SetDefault { column: name, default: self.optional(def)? },
            AlterTableType::AtSetRelOptions => ViewAction::SetOptions(options(def)?),
            AlterTableType::AtResetRelOptions => ViewAction::ResetOptions(options(def)?.into_iter().map(|(name, _)| name).collect()),
            AlterTableType::AtChangeOwner => ViewAction::OwnerTo(self.role(newowner.ok_or_else(|| unexpected("OWNER TO"))?)),
            _ => return Err(self.refuse("alter_table/*", &[form(subtype)])),
        })
    }

    /// ALTER SEQUENCE shares the node; OWNER TO is the form with a place in the tree.
    fn alter_sequence_node(&self, relation: pg_query::protobuf::RangeVar, mut commands: Vec<Node>) -> R<Statement> {
        let owner = match commands.pop().and_then(|node| node.node) {
            Some(NodeEnum::AlterTableCmd(command)) if command.subtype() == AlterTableType::AtChangeOwner && commands.is_empty() => {
                command.newowner
            }
            _ => return Err(self.refuse("object/not yet", &["ALTER", "sequence"])),
        };
        let owner = self.role(owner.ok_or_else(|| unexpected("OWNER TO"))?);
        Ok(Statement::SetOwner { kind: ObjectKind::Sequence, name: self.relation(relation)?, owner })
    }

    fn alter_command(&self, node: Node) -> R<AlterAction> {
        let Some(NodeEnum::AlterTableCmd(command)) = node.node else { return Err(unexpected("ALTER TABLE")) };
        let subtype = command.subtype();
        let form = form(subtype);
        if self.asynchronous && subtype != AlterTableType::AtValidateConstraint {
            return Err(self.refuse("alter_table/ASYNC", &[]));
        }
        let cascade = command.behavior() == DropBehavior::DropCascade;
        // `num` counts columns of an index, `recurse` is the analysis's.
        let AlterTableCmd { subtype: _, name, num: _, newowner, def, behavior: _, missing_ok, recurse: _ } = *command;
        use AlterTableType as Form;
        match subtype {
            Form::AtAddColumn => return self.add_column(def, missing_ok),
            Form::AtAddConstraint => return self.add_constraint(def),
            Form::AtValidateConstraint => return self.validate_constraint(name),
            Form::AtSetExpression => return Err(self.not_in_16(0, &[Token::Expression])),
            Form::AtSetAccessMethod if name.is_empty() => return Err(self.not_in_16(0, &[Token::Default])),
            Form::AtSetIdentity | Form::AtAddIdentity | Form::AtDropIdentity => {
                return self.identity_change(subtype, name, def, missing_ok);
            }
            _ => {}
        }
        self.require_form(form)?;
        Ok(match subtype {
            Form::AtDropColumn => AlterAction::DropColumn { name, if_exists: missing_ok, cascade },
            Form::AtColumnDefault => AlterAction::SetDefault { column: name, default: self.optional(def)? },
            Form::AtDropNotNull => AlterAction::DropNotNull { column: name },
            Form::AtDropExpression => AlterAction::DropExpression { column: name, if_exists: missing_ok },
            Form::AtSetStorage => AlterAction::SetStorage { column: name, storage: option_word(def)? },
            Form::AtDropConstraint => AlterAction::DropConstraint { name, if_exists: missing_ok, cascade },
            Form::AtAlterConstraint => altered_constraint(def)?,
            Form::AtEnableTrigAll | Form::AtDisableTrigAll | Form::AtEnableTrigUser | Form::AtDisableTrigUser => AlterAction::Triggers,
            Form::AtChangeOwner => AlterAction::OwnerTo(self.role(newowner.ok_or_else(|| unexpected("OWNER TO"))?)),
            _ => return Err(self.refuse("alter_table/*", &[form])),
        })
    }

    fn require_form(&self, form: &str) -> R<()> {
        borealis_dialect::require(&format!("alter_table/{form}"), &[form], self.dialect).map_err(super::lower::from_dialect)
    }

    fn add_column(&self, def: Option<Box<Node>>, if_not_exists: bool) -> R<AlterAction> {
        let Some(NodeEnum::ColumnDef(column)) = def.and_then(|node| node.node) else { return Err(unexpected("ADD COLUMN")) };
        self.forbid(!column.constraints.is_empty(), "alter_table/ADD COLUMN with constraint")?;
        Ok(AlterAction::AddColumn { column: self.column_definition(*column)?, if_not_exists })
    }

    fn add_constraint(&self, def: Option<Box<Node>>) -> R<AlterAction> {
        let Some(NodeEnum::Constraint(constraint)) = def.and_then(|node| node.node) else { return Err(unexpected("ADD CONSTRAINT")) };
        if !constraint.skip_validation {
            // Without NOT VALID only an index may be adopted, whatever the constraint says.
            self.forbid(constraint.indexname.is_empty(), "alter_table/ADD CONSTRAINT")?;
        }
        let constraint = self.table_constraint(*constraint).or_else(|error| self.constraint_refusal(error))?;
        self.require_form(added_form(&constraint))?;
        Ok(AlterAction::AddConstraint(constraint))
    }

    /// Where a dialect has no foreign keys at all, adding one is refused as an added constraint.
    fn constraint_refusal(&self, error: borealis_pgtypes::SqlError) -> R<TableConstraint> {
        let row = borealis_dialect::lookup("constraint/FOREIGN KEY", self.dialect);
        let is_that = row.is_some_and(|row| row.verdict == borealis_dialect::Verdict::Refused && row.message == error.message());
        Err(if is_that { self.refuse("alter_table/ADD CONSTRAINT", &[]) } else { error })
    }

    fn validate_constraint(&self, name: String) -> R<AlterAction> {
        self.require_form(if self.asynchronous { "ASYNC VALIDATE CONSTRAINT" } else { "VALIDATE CONSTRAINT" })?;
        Ok(AlterAction::ValidateConstraint { name })
    }

    fn identity_change(&self, subtype: AlterTableType, column: String, def: Option<Box<Node>>, if_exists: bool) -> R<AlterAction> {
        let tree = def.and_then(|node| node.node);
        let change = match (subtype, tree) {
            (AlterTableType::AtAddIdentity, Some(NodeEnum::Constraint(constraint))) => {
                self.require_form("ALTER COLUMN ... ADD IDENTITY")?;
                let options = self.sequence_options(constraint.options)?;
                self.check_cache(&options, "column/identity without cache")?;
                IdentityChange::Add { always: constraint.generated_when == "a", options }
            }
            (AlterTableType::AtSetIdentity, Some(NodeEnum::List(list))) => {
                self.require_form("ALTER COLUMN ... SET IDENTITY")?;
                let options = self.sequence_options(list.items)?;
                self.check_new_cache(&options)?;
                IdentityChange::Set { options }
            }
            (AlterTableType::AtDropIdentity, _) => {
                self.require_form("ALTER COLUMN ... DROP IDENTITY")?;
                IdentityChange::Drop { if_exists }
            }
            _ => return Err(unexpected("an identity column")),
        };
        Ok(AlterAction::Identity { column, change })
    }
}

/// A clause that is left out is the opposite one.
fn altered_constraint(def: Option<Box<Node>>) -> R<AlterAction> {
    let Some(NodeEnum::Constraint(constraint)) = def.and_then(|node| node.node) else { return Err(unexpected("ALTER CONSTRAINT")) };
    let pg_query::protobuf::Constraint { conname: name, deferrable, initdeferred: initially_deferred, .. } = *constraint;
    Ok(AlterAction::AlterConstraint { name, deferrable, initially_deferred })
}

/// The row that decides on an added constraint.
fn added_form(constraint: &TableConstraint) -> &'static str {
    match &constraint.kind {
        TableConstraintKind::Check { .. } if constraint.not_valid => "ADD CONSTRAINT CHECK NOT VALID",
        TableConstraintKind::ForeignKey { .. } if constraint.not_valid => "ADD CONSTRAINT FOREIGN KEY NOT VALID",
        TableConstraintKind::Unique { using_index: Some(_), .. } => "ADD CONSTRAINT UNIQUE USING INDEX",
        TableConstraintKind::PrimaryKey { using_index: Some(_), .. } => "ADD CONSTRAINT PRIMARY KEY USING INDEX",
        _ => "ADD CONSTRAINT",
    }
}

fn option_word(def: Option<Box<Node>>) -> R<String> {
    let tree = def.and_then(|node| node.node).ok_or_else(|| unexpected("SET STORAGE"))?;
    constant_text(&tree).ok_or_else(|| unexpected("SET STORAGE"))
}

/// PostgreSQL's `alter_table_type_to_string`.
fn form(subtype: AlterTableType) -> &'static str {
    use AlterTableType as Form;
    match subtype {
        Form::AtAddColumn | Form::AtAddColumnToView => "ADD COLUMN",
        Form::AtColumnDefault | Form::AtCookedColumnDefault => "ALTER COLUMN ... SET DEFAULT",
        Form::AtDropNotNull => "ALTER COLUMN ... DROP NOT NULL",
        Form::AtSetNotNull | Form::AtCheckNotNull => "ALTER COLUMN ... SET NOT NULL",
        Form::AtSetExpression => "ALTER COLUMN ... SET EXPRESSION",
        Form::AtDropExpression => "ALTER COLUMN ... DROP EXPRESSION",
        Form::AtSetStatistics => "ALTER COLUMN ... SET STATISTICS",
        Form::AtSetOptions | Form::AtSetIdentity => "ALTER COLUMN ... SET",
        Form::AtResetOptions => "ALTER COLUMN ... RESET",
        Form::AtSetStorage => "ALTER COLUMN ... SET STORAGE",
        Form::AtSetCompression => "ALTER COLUMN ... SET COMPRESSION",
        Form::AtDropColumn => "DROP COLUMN",
        Form::AtAddConstraint | Form::AtReAddConstraint | Form::AtReAddDomainConstraint | Form::AtAddIndexConstraint => "ADD CONSTRAINT",
        Form::AtAddIndex | Form::AtReAddIndex => "ADD INDEX",
        Form::AtAlterConstraint => "ALTER CONSTRAINT",
        Form::AtValidateConstraint => "VALIDATE CONSTRAINT",
        Form::AtDropConstraint => "DROP CONSTRAINT",
        Form::AtAlterColumnType => "ALTER COLUMN ... SET DATA TYPE",
        Form::AtAlterColumnGenericOptions => "ALTER COLUMN ... OPTIONS",
        Form::AtChangeOwner => "OWNER TO",
        Form::AtAddIdentity => "ALTER COLUMN ... ADD IDENTITY",
        Form::AtDropIdentity => "ALTER COLUMN ... DROP IDENTITY",
        other => table_form(other),
    }
}

/// Forms about the table as a whole.
fn table_form(subtype: AlterTableType) -> &'static str {
    use AlterTableType as Form;
    match subtype {
        Form::AtClusterOn => "CLUSTER ON",
        Form::AtDropCluster => "SET WITHOUT CLUSTER",
        Form::AtSetAccessMethod => "SET ACCESS METHOD",
        Form::AtSetLogged => "SET LOGGED",
        Form::AtSetUnLogged => "SET UNLOGGED",
        Form::AtDropOids => "SET WITHOUT OIDS",
        Form::AtSetTableSpace => "SET TABLESPACE",
        Form::AtSetRelOptions => "SET",
        Form::AtResetRelOptions => "RESET",
        Form::AtEnableTrig => "ENABLE TRIGGER",
        Form::AtEnableAlwaysTrig => "ENABLE ALWAYS TRIGGER",
        Form::AtEnableReplicaTrig => "ENABLE REPLICA TRIGGER",
        Form::AtDisableTrig => "DISABLE TRIGGER",
        Form::AtEnableTrigAll => "ENABLE TRIGGER ALL",
        Form::AtDisableTrigAll => "DISABLE TRIGGER ALL",
        Form::AtEnableTrigUser => "ENABLE TRIGGER USER",
        Form::AtDisableTrigUser => "DISABLE TRIGGER USER",
        Form::AtEnableRule => "ENABLE RULE",
        Form::AtEnableAlwaysRule => "ENABLE ALWAYS RULE",
        Form::AtEnableReplicaRule => "ENABLE REPLICA RULE",
        Form::AtDisableRule => "DISABLE RULE",
        Form::AtAddInherit => "INHERIT",
        Form::AtDropInherit => "NO INHERIT",
        Form::AtAddOf => "OF",
        Form::AtDropOf => "NOT OF",
        Form::AtReplicaIdentity => "REPLICA IDENTITY",
        Form::AtEnableRowSecurity => "ENABLE ROW SECURITY",
        Form::AtDisableRowSecurity => "DISABLE ROW SECURITY",
        Form::AtForceRowSecurity => "FORCE ROW SECURITY",
        Form::AtNoForceRowSecurity => "NO FORCE ROW SECURITY",
        Form::AtGenericOptions => "OPTIONS",
        Form::AtAttachPartition => "ATTACH PARTITION",
        Form::AtDetachPartition => "DETACH PARTITION",
        Form::AtDetachPartitionFinalize => "DETACH PARTITION ... FINALIZE",
        _ => "action",
    }
}
