//! Identity columns: a sequence that is a part of its column. After `generateSerialExtraStmts` and `ATExecAddIdentity` and its kin.

use borealis_catalog::{Change, Column, DefaultObjects, Identity, Sequence, SequenceOwner, Table};
use borealis_pgtypes::{Oid, Result, SqlError, SqlState, Type, types};

use super::sequence::Options;
use super::{Work, limits, lookup};
use crate::ast::{IdentityChange, SequenceOption, SequenceValue};

impl Work<'_> {
    /// Makes the column an identity, with a sequence of its own.
    pub(crate) fn make_identity(&mut self, table: &mut Table, number: i16, always: bool, options: &[SequenceOption]) -> Result<()> {
        let column = &table.columns[lookup::place(number)];
        check_type(column, self.ctx.dialect)?;
        let options = Options::read(options, true, self.ctx)?;
        let name = self.identity_sequence_name(table, column, &options)?;
        let (sequence, first) = self.new_sequence(table.schema, &name, &options)?;
        self.put_identity(table, number, always, sequence, first)
    }

    fn put_identity(&mut self, table: &mut Table, number: i16, always: bool, sequence: Sequence, first: i64) -> Result<()> {
        let column = &mut table.columns[lookup::place(number)];
        column.identity = Some(Identity { always, sequence: sequence.oid });
        column.not_null = true;
        let owned_by = Some(SequenceOwner { table: table.oid, column: number, identity: true });
        let acl = self.new_acl(DefaultObjects::Sequences, table.owner, table.schema);
        self.put_new_sequence(Sequence { owner: table.owner, owned_by, acl, ..sequence }, first)
    }

    /// The name that SEQUENCE NAME gives, or the first free one after table and column.
    fn identity_sequence_name(&self, table: &Table, column: &Column, options: &Options<'_>) -> Result<String> {
        match options.name {
            None => Ok(self.choose_sequence_name(table, &column.name)),
            Some([.., schema, _]) if self.schema(schema)?.oid != table.schema => {
                let message = "sequence must be in same schema as table it is linked to";
                Err(SqlError::new(SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE, message))
            }
            Some(names) => {
                let name = names.last().cloned().unwrap_or_default();
                if self.relation_name_taken(table, &name) || self.catalog().sequence(table.schema, &name).is_some() {
                    return Err(lookup::duplicate_relation(&name));
                }
                Ok(name)
            }
        }
    }

    /// LIKE .. INCLUDING IDENTITY: a sequence as the other column's, from its start.
    pub(crate) fn like_identity(&mut self, table: &mut Table, number: i16, source: &Identity) -> Result<()> {
        let Some(original) = self.ctx.catalog.sequence_by_oid(source.sequence).cloned() else {
            return Err(SqlError::internal("an identity column has no sequence"));
        };
        let name = self.choose_sequence_name(table, &table.columns[lookup::place(number)].name);
        let (oid, schema, first) = (self.next_oid(), table.schema, original.start);
        let sequence = Sequence { oid, schema, name, version: 0, comment: None, ..(*original).clone() };
        self.put_identity(table, number, source.always, sequence, first)
    }

    pub(crate) fn alter_identity(&mut self, table: &mut Table, name: &str, change: &IdentityChange) -> Result<()> {
        let number = super::alter_column::number(table, name)?;
        match change {
            IdentityChange::Add { always, options } => {
                check_type(&table.columns[lookup::place(number)], self.ctx.dialect)?;
                check_addable(table, number)?;
                self.make_identity(table, number, *always, options)
            }
            IdentityChange::Set { options } => self.set_identity(table, number, options),
            IdentityChange::Drop { if_exists } => self.drop_identity(table, number, *if_exists),
        }
    }

    /// SET GENERATED changes the column, all other options its sequence.
    fn set_identity(&mut self, table: &mut Table, number: i16, options: &[SequenceOption]) -> Result<()> {
        let Some(identity) = table.columns[lookup::place(number)].identity.clone() else { return Err(no_identity(table, number)) };
        let (generated, others): (Vec<_>, Vec<_>) = options.iter().cloned().partition(|option| option.name == "generated");
        match generated.as_slice() {
            [] => {}
            [only] => {
                let always = matches!(&only.value, SequenceValue::Number(letter) if letter == ALWAYS);
                table.columns[lookup::place(number)].identity = Some(Identity { always, ..identity });
            }
            _ => return Err(SqlError::new(SqlState::SYNTAX_ERROR, "conflicting or redundant options")),
        }
        if others.is_empty() {
            return Ok(());
        }
        let sequence = self.catalog().sequence_by_oid(identity.sequence).cloned();
        let sequence = sequence.ok_or_else(|| SqlError::internal("an identity column has no sequence"))?;
        let options = Options::read(&others, true, self.ctx)?;
        self.change_sequence(&sequence, &options)
    }

    fn drop_identity(&mut self, table: &mut Table, number: i16, if_exists: bool) -> Result<()> {
        let Some(identity) = table.columns[lookup::place(number)].identity.take() else {
            let error = no_identity(table, number);
            if if_exists {
                self.notice(SqlState::SUCCESSFUL_COMPLETION, format!("{}, skipping", error.message()));
                return Ok(());
            }
            return Err(error);
        };
        self.affected.push(identity.sequence);
        self.changes.push(Change::DropSequence(identity.sequence));
        Ok(())
    }
}

/// `attidentity` of GENERATED ALWAYS, as the grammar hands it over: the number of its letter.
const ALWAYS: &str = "97";

fn no_identity(table: &Table, number: i16) -> SqlError {
    let name = &table.columns[lookup::place(number)].name;
    let message = format!("column \"{name}\" of relation \"{}\" is not an identity column", table.name);
    SqlError::new(SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE, message)
}

fn check_type(column: &Column, dialect: borealis_dialect::Dialect) -> Result<()> {
    if column.ty.oid == Oid::INT8 {
        return Ok(());
    }
    let name = types::format_type(Type::plain(column.ty.oid));
    match borealis_dialect::refusal("column/identity type", &[&name], dialect) {
        Some(refusal) => Err(limits::error(refusal)),
        None => Ok(()),
    }
}

fn check_addable(table: &Table, number: i16) -> Result<()> {
    let column = &table.columns[lookup::place(number)];
    let wrong = match column {
        Column { not_null: false, .. } => "must be declared NOT NULL before identity can be added",
        Column { identity: Some(_), .. } => "is already an identity column",
        Column { default: Some(_), .. } | Column { generated: Some(_), .. } => "already has a default value",
        _ => return Ok(()),
    };
    let message = format!("column \"{}\" of relation \"{}\" {wrong}", column.name, table.name);
    Err(SqlError::new(SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE, message))
}
