//! CREATE SEQUENCE and ALTER SEQUENCE. After `DefineSequence`, `AlterSequence` and `init_params`.

use std::sync::Arc;

use borealis_catalog::{Change, DefaultObjects, Sequence, SequenceOwner, SequenceState};
use borealis_pgtypes::{Datum, Oid, Result, SqlError, SqlState, Type, text};

use super::ownership::Owned;
use super::{Work, limits, lookup};
use crate::ast::{AlterSequence, CreateSequence, ObjectName, SequenceOption, SequenceValue};
use crate::bind::{BindContext, RelationFound, find_relation};
use crate::bound::SequenceEffect;

/// A bound that an option sets: a value, or the widest there is (`NO MAXVALUE`).
type Bound = Option<Option<i64>>;

/// The options of one statement, each at most once.
#[derive(Default)]
pub(crate) struct Options<'s> {
    increment: Option<i64>,
    start: Option<i64>,
    /// RESTART, with a value or without.
    restart: Bound,
    max: Bound,
    min: Bound,
    cache: Option<i64>,
    cycle: Option<bool>,
    owned_by: Option<&'s [String]>,
    pub(crate) name: Option<&'s [String]>,
}

impl<'s> Options<'s> {
    /// Sorts options by name. `for_identity`: SEQUENCE NAME may stand, AS may not: the column has the type.
    pub(crate) fn read(options: &'s [SequenceOption], for_identity: bool, ctx: &BindContext<'_>) -> Result<Self> {
        let mut read = Self::default();
        let mut seen: Vec<&str> = Vec::new();
        for option in options {
            if seen.contains(&option.name.as_str()) || for_identity && option.name == "as" {
                return Err(SqlError::new(SqlState::SYNTAX_ERROR, "conflicting or redundant options").at(option.at));
            }
            seen.push(&option.name);
            read.add(option, for_identity, ctx)?;
        }
        Ok(read)
    }

    fn add(&mut self, option: &'s SequenceOption, for_identity: bool, ctx: &BindContext<'_>) -> Result<()> {
        let number = || option_number(&option.value, ctx);
        match (option.name.as_str(), &option.value) {
            ("increment", _) => self.increment = number()?,
            ("start", _) => self.start = number()?,
            ("restart", _) => self.restart = Some(number()?),
            ("maxvalue", _) => self.max = Some(number()?),
            ("minvalue", _) => self.min = Some(number()?),
            ("cache", _) => self.cache = number()?,
            ("cycle", SequenceValue::Flag(cycle)) => self.cycle = Some(*cycle),
            ("owned_by", SequenceValue::Names(names)) => self.owned_by = Some(names),
            ("sequence_name", SequenceValue::Names(names)) if for_identity => self.name = Some(names),
            ("sequence_name", _) => {
                return Err(SqlError::new(SqlState::SYNTAX_ERROR, "invalid sequence option SEQUENCE NAME").at(option.at));
            }
            // The parser lets no type but bigint through.
            ("as", SequenceValue::Type(_)) => {}
            (other, _) => return Err(SqlError::internal(format!("sequence option {other}"))),
        }
        Ok(())
    }

    /// Whether what follows the last value may be another than before.
    fn changes_values(&self) -> bool {
        let Self { increment, start, restart, max, min, cache, cycle, owned_by: _, name: _ } = self;
        increment.or(*start).or(*cache).is_some() || restart.or(*max).or(*min).is_some() || cycle.is_some()
    }

    /// Puts the options into a sequence and checks the whole: where it is to go on from, if anywhere.
    fn apply(&self, sequence: &mut Sequence, new: bool) -> Result<Option<i64>> {
        if let Some(increment) = self.increment {
            if increment == 0 {
                return Err(invalid("INCREMENT must not be zero"));
            }
            sequence.increment = increment;
        }
        sequence.cycle = self.cycle.unwrap_or(sequence.cycle);
        let ascending = sequence.increment > 0;
        match self.max {
            Some(Some(max)) => sequence.max = max,
            None if !new => {}
            _ => sequence.max = if ascending { i64::MAX } else { -1 },
        }
        match self.min {
            Some(Some(min)) => sequence.min = min,
            None if !new => {}
            _ => sequence.min = if ascending { 1 } else { i64::MIN },
        }
        if sequence.min >= sequence.max {
            return Err(invalid(format!("MINVALUE ({}) must be less than MAXVALUE ({})", sequence.min, sequence.max)));
        }
        match self.start {
            Some(start) => sequence.start = start,
            None if new => sequence.start = if ascending { sequence.min } else { sequence.max },
            None => {}
        }
        check_start(sequence)?;
        let restart = self.restart.map(|value| value.unwrap_or(sequence.start)).or(new.then_some(sequence.start));
        if let Some(value) = restart {
            sequence.check_restart(value)?;
        }
        sequence.cache = self.cache.unwrap_or(sequence.cache);
        Ok(restart)
    }
}

fn invalid(message: impl Into<String>) -> SqlError {
    SqlError::new(SqlState::INVALID_PARAMETER_VALUE, message)
}

fn check_start(sequence: &Sequence) -> Result<()> {
    let start = sequence.start;
    if start < sequence.min {
        return Err(invalid(format!("START value ({start}) cannot be less than MINVALUE ({})", sequence.min)));
    }
    if start > sequence.max {
        return Err(invalid(format!("START value ({start}) cannot be greater than MAXVALUE ({})", sequence.max)));
    }
    Ok(())
}

/// `defGetInt64`; nothing for an option that says NO.
fn option_number(value: &SequenceValue, ctx: &BindContext<'_>) -> Result<Option<i64>> {
    match value {
        SequenceValue::Number(digits) => match text::input(Type::plain(Oid::INT8), digits, ctx.eval)? {
            Datum::Int8(value) => Ok(Some(value)),
            other => Err(SqlError::internal(format!("a sequence option read as {other:?}"))),
        },
        _ => Ok(None),
    }
}

impl Work<'_> {
    pub(crate) fn create_sequence(&mut self, create: &CreateSequence) -> Result<&'static str> {
        const TAG: &str = "CREATE SEQUENCE";
        let schema = self.creation_schema(&create.name)?;
        let name = &create.name.name;
        let exists = self.ctx.catalog.relation_exists(schema.oid, name);
        if exists && create.if_not_exists {
            self.notice(SqlState::DUPLICATE_TABLE, format!("relation \"{name}\" already exists, skipping"));
            return Ok(TAG);
        }
        let options = Options::read(&create.options, false, self.ctx)?;
        let (mut sequence, start) = self.new_sequence(schema.oid, name, &options)?;
        if exists {
            return Err(lookup::duplicate_relation(name));
        }
        if let Some(names) = options.owned_by {
            self.own_sequence(&mut sequence, names)?;
        }
        self.put_new_sequence(sequence, start)?;
        Ok(TAG)
    }

    /// A sequence as its options make it, and its first value.
    pub(crate) fn new_sequence(&self, schema: Oid, name: &str, options: &Options<'_>) -> Result<(Sequence, i64)> {
        let mut sequence = Sequence {
            oid: self.next_oid(),
            schema,
            name: name.to_owned(),
            owner: self.ctx.current_role,
            start: 1,
            increment: 1,
            min: 1,
            max: i64::MAX,
            cache: 1,
            cycle: false,
            version: 0,
            owned_by: None,
            acl: self.new_acl(DefaultObjects::Sequences, self.ctx.current_role, schema),
            comment: None,
        };
        let first = options.apply(&mut sequence, true)?.unwrap_or(sequence.start);
        Ok((sequence, first))
    }

    pub(crate) fn put_new_sequence(&mut self, sequence: Sequence, first: i64) -> Result<()> {
        let count = self.catalog().sequences().count() + 1;
        limits::check("sequences", count, self.ctx.limits)?;
        self.sequences.push(SequenceEffect::Set(sequence.oid, SequenceState { last_value: first, is_called: false }));
        self.put_sequence(sequence);
        Ok(())
    }

    pub(crate) fn put_sequence(&mut self, sequence: Sequence) {
        self.affected.push(sequence.oid);
        self.changes.push(Change::PutSequence(Arc::new(sequence)));
    }

    pub(crate) fn alter_sequence(&mut self, alter: &AlterSequence) -> Result<&'static str> {
        if let Some(sequence) = self.owned_sequence(&alter.name, alter.if_exists)? {
            let options = Options::read(&alter.options, false, self.ctx)?;
            self.change_sequence(&sequence, &options)?;
        }
        Ok("ALTER SEQUENCE")
    }

    /// Changes what options say. Without RESTART the sequence goes on where it is, which must be within the bounds it has then.
    pub(crate) fn change_sequence(&mut self, sequence: &Sequence, options: &Options<'_>) -> Result<()> {
        let mut next = sequence.clone();
        let restart = options.apply(&mut next, false)?;
        if let Some(names) = options.owned_by {
            self.own_sequence(&mut next, names)?;
        }
        if options.changes_values() {
            next.version = sequence.version.wrapping_add(1);
            self.sequences.push(match restart {
                Some(last_value) => SequenceEffect::Set(next.oid, SequenceState { last_value, is_called: false }),
                None => SequenceEffect::Keep(Arc::new(next.clone())),
            });
        }
        self.put_sequence(next);
        Ok(())
    }

    /// OWNED BY: `process_owned_by`.
    fn own_sequence(&mut self, sequence: &mut Sequence, names: &[String]) -> Result<()> {
        let owner = match names {
            [] => None,
            [none] if none == "none" => None,
            [_] => {
                let error = SqlError::new(SqlState::SYNTAX_ERROR, "invalid OWNED BY option");
                return Err(error.hint("Specify OWNED BY table.column or OWNED BY NONE."));
            }
            [table @ .., column] => Some(self.new_owner(sequence, table, column)?),
        };
        if let Some(SequenceOwner { table, identity: true, .. }) = sequence.owned_by {
            return Err(self.linked("cannot change ownership of identity sequence".to_owned(), sequence, table));
        }
        sequence.owned_by = owner;
        Ok(())
    }

    fn new_owner(&self, sequence: &Sequence, table: &[String], column: &str) -> Result<SequenceOwner> {
        let name = match table {
            [name] => ObjectName { schema: None, name: name.clone(), at: -1 },
            [.., schema, name] => ObjectName { schema: Some(schema.clone()), name: name.clone(), at: -1 },
            [] => return Err(SqlError::internal("OWNED BY without a table")),
        };
        let wrong =
            |what: &str| SqlError::new(SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE, format!("sequence must {what} table it is linked to"));
        let table = match find_relation(self.ctx, name.schema.as_deref(), &name.name)? {
            Some(RelationFound::Table(table)) => table,
            Some(RelationFound::Sequence(_)) => return Err(not_an_owner(&name, "sequences")),
            Some(RelationFound::View(_)) => return Err(not_an_owner(&name, "views")),
            Some(RelationFound::System(_)) => return Err(wrong("have same owner as")),
            None if self.index(&name).is_some() => return Err(not_an_owner(&name, "indexes")),
            None => return Err(lookup::undefined_relation(&name)),
        };
        if table.owner != sequence.owner {
            return Err(wrong("have same owner as"));
        }
        if table.schema != sequence.schema {
            return Err(wrong("be in same schema as"));
        }
        let column = table.column(column).ok_or_else(|| lookup::undefined_column(column, &table))?.number;
        Ok(SequenceOwner { table: table.oid, column, identity: false })
    }

    /// What is refused to a sequence because of the table it belongs to.
    pub(crate) fn linked(&self, message: String, sequence: &Sequence, table: Oid) -> SqlError {
        let table = self.ctx.catalog.table_by_oid(table).map_or("?", |table| table.name.as_str());
        SqlError::unsupported(message).detail(format!("Sequence \"{}\" is linked to table \"{table}\".", sequence.name))
    }

    /// The sequence of that name; an error when the name is that of something else.
    pub(crate) fn sequence_if_any(&self, name: &ObjectName) -> Result<Option<Arc<Sequence>>> {
        match find_relation(self.ctx, name.schema.as_deref(), &name.name)? {
            Some(RelationFound::Sequence(sequence)) => Ok(Some(sequence)),
            None if self.index(name).is_none() => Ok(None),
            _ => Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, format!("\"{}\" is not a sequence", name.name))),
        }
    }

    /// The sequence; `None` with a notice where IF EXISTS allows it to be missing.
    pub(crate) fn existing_sequence(&mut self, name: &ObjectName, if_exists: bool) -> Result<Option<Arc<Sequence>>> {
        let found = self.sequence_if_any(name)?;
        if found.is_none() {
            if !if_exists {
                return Err(lookup::undefined_relation(name));
            }
            self.notice(SqlState::SUCCESSFUL_COMPLETION, format!("relation \"{}\" does not exist, skipping", name.name));
        }
        Ok(found)
    }

    /// The same for a statement that changes it, which is its owner's.
    pub(crate) fn owned_sequence(&mut self, name: &ObjectName, if_exists: bool) -> Result<Option<Arc<Sequence>>> {
        let found = self.existing_sequence(name, if_exists)?;
        if let Some(sequence) = &found {
            self.must_own(Owned::sequence(sequence))?;
        }
        Ok(found)
    }

    /// Changes the sequences that belong to columns of a table along with it.
    pub(crate) fn change_owned_sequences(&mut self, table: Oid, change: impl Fn(&mut Sequence)) {
        let owned = |sequence: &&Arc<Sequence>| sequence.owned_by.is_some_and(|owner| owner.table == table);
        let sequences: Vec<Sequence> = self.catalog().sequences().filter(owned).map(|sequence| (**sequence).clone()).collect();
        for mut sequence in sequences {
            change(&mut sequence);
            self.put_sequence(sequence);
        }
    }

    pub(crate) fn rename_sequence(&mut self, sequence: &Sequence, new_name: &str) -> Result<()> {
        self.may_create_beside(sequence.schema)?;
        if self.ctx.catalog.relation_exists(sequence.schema, new_name) {
            return Err(lookup::duplicate_relation(new_name));
        }
        self.put_sequence(Sequence { name: new_name.to_owned(), ..sequence.clone() });
        Ok(())
    }

    pub(crate) fn set_sequence_schema(&mut self, sequence: &Sequence, schema: &str) -> Result<()> {
        if let Some(owner) = sequence.owned_by {
            return Err(self.linked("cannot move an owned sequence into another schema".to_owned(), sequence, owner.table));
        }
        let schema = self.target_schema(schema)?;
        if schema.oid == sequence.schema {
            return Ok(());
        }
        if self.ctx.catalog.relation_exists(schema.oid, &sequence.name) {
            let message = format!("relation \"{}\" already exists in schema \"{}\"", sequence.name, schema.name);
            return Err(SqlError::new(SqlState::DUPLICATE_TABLE, message));
        }
        self.put_sequence(Sequence { schema: schema.oid, ..sequence.clone() });
        Ok(())
    }

    pub(crate) fn set_sequence_owner(&mut self, sequence: &Sequence, owner: Oid) -> Result<()> {
        if owner == sequence.owner {
            return Ok(());
        }
        if let Some(SequenceOwner { table, .. }) = sequence.owned_by {
            return Err(self.linked(format!("cannot change owner of sequence \"{}\"", sequence.name), sequence, table));
        }
        let acl = sequence.acl.with_owner(sequence.owner, owner);
        self.put_sequence(Sequence { owner, acl, ..sequence.clone() });
        Ok(())
    }
}

fn not_an_owner(name: &ObjectName, kind: &str) -> SqlError {
    let error = SqlError::new(SqlState::WRONG_OBJECT_TYPE, format!("sequence cannot be owned by relation \"{}\"", name.name));
    error.detail(format!("This operation is not supported for {kind}."))
}
