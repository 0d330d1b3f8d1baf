//! Functions that only the session and its catalog can answer.
//!
//! Their rows stand in pgtypes' function table like all others; the body there names a [`SessionFunction`], and [`call`] answers it from the catalog
//! snapshot and from what the session tells through [`SessionFacts`]. NULL arguments of strict functions never arrive here.

mod changes;
mod comment;
mod definition;
mod extended;
mod inject;
mod names;
mod privilege;
mod sequence;
mod session;
pub(crate) mod size;

use borealis_pgtypes::jsonb::Jsonb;
use borealis_pgtypes::{CallContext, Datum, Oid, Result, SessionFunction, SqlError};

use crate::describe::Names;
use crate::{Catalog, Sequence, SequenceState};

/// What a session knows and the catalog does not.
pub trait SessionFacts {
    /// The statement's catalog snapshot.
    fn catalog(&self) -> &Catalog;
    /// Schemas searched, in order, the implicit ones included: `pg_catalog` first unless the setting names it elsewhere.
    fn search_path(&self) -> Vec<Oid>;
    /// Existing schemas of the setting, without the implicit ones.
    fn explicit_search_path(&self) -> Vec<Oid>;
    /// `current_user`
    fn current_role(&self) -> Oid;
    /// `session_user`
    fn session_role(&self) -> Oid;
    /// Name of the current database.
    fn database(&self) -> &str;
    /// A parameter as SHOW prints it.
    fn show(&self, name: &str) -> Option<String>;
    /// Sets a parameter, for the transaction only when `local`; answers the new value.
    ///
    /// # Errors
    /// Those of SET.
    fn set_config(&self, name: &str, value: &str, local: bool) -> Result<String>;
    /// Puts a parameter back to its default, as `set_config(name, NULL, local)` does.
    ///
    /// # Errors
    /// Those of RESET; `0A000` from a session that cannot.
    fn reset_config(&self, _name: &str, _local: bool) -> Result<String> {
        Err(SqlError::unsupported("set_config() with a NULL value is not supported"))
    }
    /// `pg_backend_pid()`
    fn backend_pid(&self) -> i32;
    /// `sys.current_session_id()`
    fn session_id(&self) -> String;
    /// The port the client connected to; `None` for a session without a socket.
    fn server_port(&self) -> Option<i32>;
    /// Waits.
    ///
    /// # Errors
    /// `57014` when the statement is cancelled meanwhile.
    fn sleep(&self, micros: i64) -> Result<()>;
    /// `reltuples` of a table, -1 when it was never analysed.
    fn estimated_rows(&self, table: Oid) -> f32;
    /// A view's query as `pg_get_viewdef` shows it; `None` when there is no such view.
    ///
    /// # Errors
    /// When the stored query does not bind.
    fn view_definition(&self, view: Oid, pretty: bool) -> Result<Option<String>>;
    /// `txid_current()`
    fn transaction_id(&self) -> i64;
    /// `borealis.inject_add(rule)`
    ///
    /// # Errors
    /// Those of the rule; `0A000` from a session that cannot.
    fn inject_add(&self, _rule: &Jsonb) -> Result<i64> {
        Err(no_injection())
    }
    /// `borealis.inject_remove(id)`
    ///
    /// # Errors
    /// `42501`; `0A000` from a session that cannot.
    fn inject_remove(&self, _id: i64) -> Result<bool> {
        Err(no_injection())
    }
    /// `borealis.inject_clear()`
    ///
    /// # Errors
    /// As for [`SessionFacts::inject_remove`].
    fn inject_clear(&self) -> Result<i64> {
        Err(no_injection())
    }
    /// `borealis.follow_changes(follower)`: the position after which changes stay known.
    ///
    /// # Errors
    /// `42501`, and when the store cannot be written; `0A000` from a session that cannot.
    fn follow_changes(&self, _follower: [u8; 16]) -> Result<i64> {
        Err(changes::cannot_be_followed())
    }
    /// `borealis.advance_follower(follower, position)`: what committed up to the position is no longer needed.
    ///
    /// # Errors
    /// As for [`SessionFacts::follow_changes`].
    fn advance_follower(&self, _follower: [u8; 16], _position: i64) -> Result<()> {
        Err(changes::cannot_be_followed())
    }
    /// `borealis.unfollow_changes(follower)`
    ///
    /// # Errors
    /// As for [`SessionFacts::follow_changes`].
    fn unfollow_changes(&self, _follower: [u8; 16]) -> Result<()> {
        Err(changes::cannot_be_followed())
    }
    /// `borealis.commit_position()`: the newest commit.
    ///
    /// # Errors
    /// `42501`; `0A000` from a session that cannot.
    fn commit_position(&self) -> Result<i64> {
        Err(changes::cannot_be_followed())
    }
    /// Takes the next value of a sequence, for this session.
    ///
    /// # Errors
    /// `2200H` at the sequence's end, `25006` in a read-only transaction, and those of a commit but a conflict.
    fn next_value(&self, sequence: &Sequence) -> Result<i64>;
    /// The value the session last took from the sequence, or set it to.
    fn current_value(&self, sequence: Oid) -> Option<i64>;
    /// The sequence that the session last took a value from.
    fn last_sequence(&self) -> Option<Oid>;
    /// Puts the sequence where `state` says.
    ///
    /// # Errors
    /// As for [`SessionFacts::next_value`].
    fn set_sequence(&self, sequence: &Sequence, state: SequenceState) -> Result<()>;
    /// How far the sequence has come.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn sequence_state(&self, sequence: &Sequence) -> Result<SequenceState>;
}

fn no_injection() -> SqlError {
    SqlError::unsupported("faults cannot be injected here")
}

/// One call: its arguments and where their meaning comes from.
struct Call<'a> {
    context: &'a CallContext<'a>,
    args: &'a [Datum],
    facts: &'a dyn SessionFacts,
}

impl Call<'_> {
    fn arg(&self, at: usize) -> &Datum {
        self.args.get(at).unwrap_or(&Datum::Null)
    }

    fn text(&self, at: usize) -> Result<&str> {
        match self.arg(at) {
            Datum::Text(text) => Ok(text),
            other => Err(wrong(at, other)),
        }
    }

    fn oid(&self, at: usize) -> Result<Oid> {
        match self.arg(at) {
            Datum::Oid(oid) => Ok(*oid),
            other => Err(wrong(at, other)),
        }
    }

    fn integer(&self, at: usize) -> Result<i32> {
        match self.arg(at) {
            Datum::Int4(value) => Ok(*value),
            Datum::Int2(value) => Ok(i32::from(*value)),
            other => Err(wrong(at, other)),
        }
    }

    fn bigint(&self, at: usize) -> Result<i64> {
        match self.arg(at) {
            Datum::Int8(value) => Ok(*value),
            other => Err(wrong(at, other)),
        }
    }

    /// A flag; absent or NULL is false.
    fn flag(&self, at: usize) -> bool {
        matches!(self.arg(at), Datum::Bool(true))
    }

    /// Runs `answer` with the session's name look-up.
    fn with_names<T>(&self, answer: impl FnOnce(&Names<'_>) -> T) -> T {
        let search_path = self.facts.search_path();
        answer(&Names { catalog: self.facts.catalog(), search_path: &search_path, database: self.facts.database() })
    }
}

fn wrong(at: usize, found: &Datum) -> SqlError {
    SqlError::internal(format!("argument {} of a session function is {found:?}", at + 1))
}

/// Text, or NULL for nothing.
fn text_or_null(text: Option<impl AsRef<str>>) -> Datum {
    text.map_or(Datum::Null, |text| Datum::text(text.as_ref()))
}

/// Answers a session function.
///
/// # Errors
/// Whatever the function answers in PostgreSQL.
pub fn call(function: SessionFunction, context: &CallContext<'_>, args: &[Datum], facts: &dyn SessionFacts) -> Result<Datum> {
    use SessionFunction as F;
    let call = Call { context, args, facts };
    match function {
        F::CurrentUser => session::user(&call, facts.current_role()),
        F::SessionUser => session::user(&call, facts.session_role()),
        F::CurrentDatabase => Ok(Datum::text(facts.database())),
        F::CurrentSchema => Ok(session::current_schema(&call)),
        F::CurrentSchemas => Ok(session::current_schemas(&call)),
        F::CurrentSetting => session::current_setting(&call),
        F::SetConfig => session::set_config(&call),
        F::Version => Ok(Datum::text(session::VERSION)),
        F::PgBackendPid => Ok(Datum::Int4(facts.backend_pid())),
        // A cluster takes writes as long as it runs.
        F::PgIsInRecovery => Ok(Datum::Bool(false)),
        F::TxidCurrent => Ok(Datum::Int8(facts.transaction_id())),
        F::InetServerPort => Ok(facts.server_port().map_or(Datum::Null, Datum::Int4)),
        F::PgEncodingToChar => session::encoding_name(&call),
        F::PgSleep => session::sleep(&call),
        F::InjectAdd | F::InjectRemove | F::InjectClear => inject::change(&call, function),
        F::FollowChanges => changes::follow(&call),
        F::AdvanceFollower => changes::advance(&call),
        F::UnfollowChanges => changes::unfollow(&call),
        F::CommitPosition => Ok(Datum::Int8(facts.commit_position()?)),
        F::TableChanges => Err(SqlError::internal("table_changes gives rows")),
        F::SysCurrentSessionId => Ok(Datum::text(&facts.session_id())),
        F::FormatType => names::format_type(&call),
        F::ToRegclass | F::ToRegtype | F::ToRegnamespace | F::ToRegproc | F::ToRegprocedure | F::ToRegrole => {
            names::to_registered(&call, function)
        }
        F::RegIn => names::registered_in(&call),
        F::RegOut => names::registered_out(&call),
        F::PgTableIsVisible | F::PgTypeIsVisible | F::PgFunctionIsVisible => names::is_visible(&call, function),
        F::PgCollationIsVisible | F::PgOpclassIsVisible | F::PgOpfamilyIsVisible | F::PgOperatorIsVisible => {
            names::is_visible_builtin(&call, function)
        }
        F::PgGetUserById => names::user_by_id(&call),
        F::PgGetExpr => definition::expression(&call),
        F::PgGetIndexdef => definition::index(&call),
        F::PgGetConstraintdef => definition::constraint(&call),
        F::PgGetViewdef => definition::view(&call),
        F::PgGetFunctiondef => definition::function(&call),
        F::PgGetFunctionArguments => definition::function_arguments(&call),
        F::PgGetFunctionIdentityArguments => definition::function_identity_arguments(&call),
        F::PgGetFunctionResult => definition::function_result(&call),
        F::PgGetStatisticsobjdef => extended::definition(&call),
        F::PgGetStatisticsobjdefColumns => extended::columns(&call),
        F::PgStatisticsObjIsVisible => extended::is_visible(&call),
        F::PgGetSerialSequence => sequence::serial_sequence(&call),
        F::NextVal => sequence::next(&call),
        F::NextIdentity => sequence::next_identity(&call),
        F::CurrVal => sequence::current(&call),
        F::SetVal => sequence::set(&call),
        F::LastVal => sequence::last(&call),
        F::SequenceRow => sequence::row(&call),
        F::PgSequenceLastValue => sequence::last_of(&call),
        F::PgSequenceParameters => sequence::parameters(&call),
        F::PgRelationSize | F::PgTotalRelationSize | F::PgTableSize | F::PgIndexesSize => size::relation_size(&call, function),
        F::PgDatabaseSize => size::database_size(&call),
        F::ObjDescription => comment::object(&call),
        F::ColDescription => comment::column(&call),
        F::ShobjDescription => comment::shared_object(&call),
        F::HasTablePrivilege => privilege::table(&call),
        F::HasSchemaPrivilege => privilege::schema(&call),
        F::HasDatabasePrivilege => privilege::database(&call),
        F::HasColumnPrivilege => privilege::column(&call),
        F::HasAnyColumnPrivilege => privilege::any_column(&call),
        F::HasSequencePrivilege => privilege::sequence(&call),
        F::HasFunctionPrivilege => privilege::function(&call),
        F::HasLanguagePrivilege => privilege::language(&call),
        F::HasTypePrivilege => privilege::type_of(&call),
        F::HasTablespacePrivilege => privilege::tablespace(&call),
        F::PgHasRole => privilege::role(&call),
    }
}

#[cfg(test)]
mod tests;
