//! Statements about the session: transactions, settings, COPY, CALL.

use borealis_dialect::SettingUse;
use borealis_pgtypes::SqlError;
use pg_query::NodeEnum;
use pg_query::protobuf::{
    CallStmt, ConstraintsSetStmt, CopyStmt, DeallocateStmt, DefElem, Node, TransactionStmt, TransactionStmtKind, TypeCast, VariableSetKind,
    VariableSetStmt,
};

use super::lower::{Lower, R, constant_text, from_dialect, string, unexpected};
use crate::ast::{Call, Copy, CopyOption, CopySource, Expr, ExprKind, InsertColumn, Set, Statement, Transaction};

impl Lower<'_> {
    pub(super) fn transaction(&self, transaction: TransactionStmt) -> R<Statement> {
        use TransactionStmtKind as Kind;
        let kind = transaction.kind();
        let TransactionStmt { kind: _, options, savepoint_name: _, gid: _, chain, location: _ } = transaction;
        let form = match kind {
            Kind::TransStmtBegin | Kind::TransStmtStart => return self.begin(options),
            Kind::TransStmtCommit if chain => "COMMIT AND CHAIN",
            Kind::TransStmtCommit => return Ok(Statement::Transaction(Transaction::Commit)),
            Kind::TransStmtRollback if chain => "ROLLBACK AND CHAIN",
            Kind::TransStmtRollback => return Ok(Statement::Transaction(Transaction::Rollback)),
            Kind::TransStmtSavepoint => "SAVEPOINT",
            Kind::TransStmtRelease => "RELEASE",
            Kind::TransStmtRollbackTo => "ROLLBACK TO",
            Kind::TransStmtPrepare => "PREPARE TRANSACTION",
            Kind::TransStmtCommitPrepared => "COMMIT PREPARED",
            Kind::TransStmtRollbackPrepared => "ROLLBACK PREPARED",
            Kind::Undefined => return Err(unexpected("a transaction statement")),
        };
        Err(self.refuse(&format!("transaction/{form}"), &[]))
    }

    fn begin(&self, options: Vec<Node>) -> R<Statement> {
        let mut read_only = None;
        for option in options {
            let (name, value) = def_element(option)?;
            match name.as_str() {
                "transaction_isolation" => self.isolation(value.as_deref().unwrap_or(""))?,
                "transaction_read_only" => read_only = Some(is_true(value.as_deref())),
                // NOT DEFERRABLE is what every transaction is.
                "transaction_deferrable" => self.forbid(is_true(value.as_deref()), "transaction/deferrable")?,
                _ => return Err(unexpected("BEGIN")),
            }
        }
        Ok(Statement::Transaction(Transaction::Begin { read_only }))
    }

    fn isolation(&self, level: &str) -> R<()> {
        let level = level.to_ascii_uppercase();
        if self.require(&format!("transaction/isolation {level}")).is_ok() {
            return Ok(());
        }
        Err(self.refuse("transaction/isolation", &[&level]))
    }

    pub(super) fn set(&self, set: VariableSetStmt) -> R<Statement> {
        let kind = set.kind();
        let VariableSetStmt { kind: _, name, args, is_local } = set;
        match kind {
            VariableSetKind::VarSetMulti => Err(self.set_transaction(&name, args)?),
            VariableSetKind::VarSetValue | VariableSetKind::VarSetDefault => {
                let default = kind == VariableSetKind::VarSetDefault;
                self.settable(&name, set_use(default, is_local))?;
                let values = args.into_iter().map(setting_value).collect::<R<Vec<_>>>()?;
                Ok(Statement::Set(Set { local: is_local, name, values: (!default).then_some(values) }))
            }
            VariableSetKind::VarReset => {
                self.settable(&name, SettingUse::Reset)?;
                Ok(Statement::Reset { name: Some(name), at: -1 })
            }
            VariableSetKind::VarResetAll => Ok(Statement::Reset { name: None, at: -1 }),
            VariableSetKind::VarSetCurrent => Err(self.refuse("setting/*", &[&name])),
            VariableSetKind::Undefined => Err(unexpected("SET")),
        }
    }

    fn settable(&self, name: &str, usage: SettingUse) -> R<()> {
        borealis_dialect::setting_refusal(name, usage, self.dialect).map_or(Ok(()), |refusal| Err(from_dialect(refusal)))
    }

    /// SET TRANSACTION and SET SESSION CHARACTERISTICS: refused as a parameter, after an isolation level that would be refused by itself.
    fn set_transaction(&self, name: &str, options: Vec<Node>) -> R<SqlError> {
        for option in options {
            if matches!(&option.node, Some(NodeEnum::DefElem(element)) if element.defname == "transaction_isolation") {
                self.isolation(def_element(option)?.1.as_deref().unwrap_or(""))?;
            }
        }
        Ok(self.refuse("setting/*", &[name]))
    }

    pub(super) fn set_constraints(&self, set: ConstraintsSetStmt) -> R<Statement> {
        self.require("statement/ConstraintsSet")?;
        let ConstraintsSetStmt { constraints, deferred } = set;
        let name = |node: Node| match node.node {
            Some(NodeEnum::RangeVar(range)) => self.relation(range),
            _ => Err(unexpected("SET CONSTRAINTS")),
        };
        let names = constraints.into_iter().map(name).collect::<R<Vec<_>>>()?;
        Ok(Statement::SetConstraints { names: (!names.is_empty()).then_some(names), deferred })
    }

    pub(super) fn copy(&self, copy: CopyStmt) -> R<Statement> {
        let CopyStmt { relation, query, attlist, is_from, is_program, filename, options, where_clause } = copy;
        self.forbid(is_program, "copy/program")?;
        self.forbid(!filename.is_empty(), "copy/file")?;
        let source = match (relation, query) {
            (Some(relation), _) => CopySource::Table { name: self.relation(relation)?, columns: copy_columns(attlist)? },
            (None, Some(query)) => CopySource::Query(Box::new(self.statement(query.node.ok_or_else(|| unexpected("COPY"))?)?)),
            (None, None) => return Err(unexpected("COPY")),
        };
        let options = options.into_iter().map(copy_option).collect::<R<_>>()?;
        Ok(Statement::Copy(Box::new(Copy { source, from: is_from, options, filter: self.optional(where_clause)?, access: None })))
    }

    pub(super) fn call(&self, call: CallStmt) -> R<Statement> {
        let CallStmt { funccall, funcexpr: _, outargs: _ } = call;
        let call = *funccall.ok_or_else(|| unexpected("CALL"))?;
        let at = call.location;
        let function = self.function_call(call)?;
        self.forbid(function.args.iter().any(|arg| has_subquery(&arg.value)), "call/subquery")?;
        Ok(Statement::Call(Call { function, at }))
    }

    pub(super) fn deallocate(&self, deallocate: DeallocateStmt) -> R<Statement> {
        let DeallocateStmt { name: _, isall, location: _ } = deallocate;
        if !isall {
            return Err(self.refuse("statement/Deallocate", &["Deallocate"]));
        }
        self.require("statement/DeallocateAll")?;
        Ok(Statement::Deallocate { name: None })
    }
}

fn set_use(default: bool, local: bool) -> SettingUse {
    match (default, local) {
        (true, _) => SettingUse::Default,
        (false, true) => SettingUse::Local,
        (false, false) => SettingUse::Session,
    }
}

/// Name and constant of an option.
fn def_element(node: Node) -> R<(String, Option<String>)> {
    let Some(NodeEnum::DefElem(element)) = node.node else { return Err(unexpected("a list of options")) };
    let value = option_text(&element);
    Ok((element.defname, value))
}

pub(super) fn option_text(element: &DefElem) -> Option<String> {
    constant_text(element.arg.as_ref()?.node.as_ref()?)
}

/// The grammar writes READ ONLY and the like as the integer 1.
fn is_true(value: Option<&str>) -> bool {
    matches!(value, Some("1" | "true"))
}

/// A value of SET as text. `SET TIME ZONE INTERVAL '...'` keeps the word, as PostgreSQL does.
fn setting_value(node: Node) -> R<String> {
    let tree = node.node.ok_or_else(|| unexpected("SET"))?;
    if let NodeEnum::TypeCast(cast) = tree {
        let TypeCast { arg, type_name: _, location: _ } = *cast; // the grammar allows INTERVAL alone
        let text = arg.and_then(|arg| constant_text(arg.node.as_ref()?));
        return Ok(format!("INTERVAL '{}'", text.ok_or_else(|| unexpected("SET"))?));
    }
    constant_text(&tree).ok_or_else(|| unexpected("SET"))
}

fn copy_columns(columns: Vec<Node>) -> R<Vec<InsertColumn>> {
    // Names in COPY's list have no place in the tree.
    columns.into_iter().map(|node| Ok(InsertColumn::whole(string(node)?, -1))).collect()
}

fn copy_option(node: Node) -> R<CopyOption> {
    let Some(NodeEnum::DefElem(element)) = node.node else { return Err(unexpected("COPY")) };
    let DefElem { defnamespace: _, defname, arg, defaction: _, location, arg_location: _ } = *element;
    let values = match arg.and_then(|arg| arg.node) {
        None => Vec::new(),
        Some(NodeEnum::AStar(_)) => vec!["*".to_owned()],
        Some(NodeEnum::List(list)) => list.items.into_iter().map(string).collect::<R<_>>()?,
        Some(constant) => vec![constant_text(&constant).ok_or_else(|| unexpected("COPY"))?],
    };
    Ok(CopyOption { name: defname, values, at: location })
}

/// Is there a sub-query anywhere in an argument of CALL?
fn has_subquery(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Subquery { .. } => true,
        _ => match expr.as_call() {
            Some(call) => call.args.iter().any(|arg| has_subquery(&arg.value)),
            None => expr.parts().into_iter().any(has_subquery),
        },
    }
}
