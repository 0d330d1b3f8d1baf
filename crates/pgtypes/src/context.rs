//! What a value's formats and functions need to know of the session that asks.

use crate::functions::random::RandomSequence;
use crate::{Datum, Oid, Result, RowSet, SqlError};

/// The session parameters that change what values look like.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Settings {
    pub time_zone: crate::datetime::TimeZone,
    pub date_style: DateStyle,
    pub date_order: DateOrder,
    pub interval_style: IntervalStyle,
    /// -15..=3; above 0 floats are printed shortest-exact.
    pub extra_float_digits: i32,
    pub bytea_escape: bool,
}

impl Default for Settings {
    /// What a session starts with.
    fn default() -> Self {
        Self {
            time_zone: crate::datetime::TimeZone::utc(),
            date_style: DateStyle::Iso,
            date_order: DateOrder::Mdy,
            interval_style: IntervalStyle::Postgres,
            extra_float_digits: 1,
            bytea_escape: false,
        }
    }
}

/// `DateStyle`, output part.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum DateStyle {
    Iso,
    Postgres,
    Sql,
    German,
}

/// `DateStyle`, input part.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum DateOrder {
    Mdy,
    Dmy,
    Ymd,
}

/// `IntervalStyle`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum IntervalStyle {
    Postgres,
    PostgresVerbose,
    SqlStandard,
    Iso8601,
}

/// Functions whose signature lives here with all others and whose answer only the session and its catalog know.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum SessionFunction {
    CurrentUser,
    SessionUser,
    CurrentDatabase,
    CurrentSchema,
    CurrentSchemas,
    CurrentSetting,
    SetConfig,
    Version,
    PgBackendPid,
    PgIsInRecovery,
    TxidCurrent,
    InetServerPort,
    FormatType,
    ToRegclass,
    ToRegtype,
    ToRegnamespace,
    ToRegproc,
    ToRegprocedure,
    ToRegrole,
    /// Text to and from the `reg*` types; argument types tell which.
    RegIn,
    RegOut,
    PgTableIsVisible,
    PgTypeIsVisible,
    PgFunctionIsVisible,
    PgCollationIsVisible,
    PgOpclassIsVisible,
    PgOpfamilyIsVisible,
    PgOperatorIsVisible,
    PgGetExpr,
    PgGetIndexdef,
    PgGetConstraintdef,
    PgGetViewdef,
    PgGetFunctiondef,
    PgGetFunctionArguments,
    PgGetFunctionIdentityArguments,
    PgGetFunctionResult,
    PgGetSerialSequence,
    PgGetUserById,
    PgEncodingToChar,
    PgGetStatisticsobjdef,
    PgGetStatisticsobjdefColumns,
    PgStatisticsObjIsVisible,
    PgRelationSize,
    PgTotalRelationSize,
    PgTableSize,
    PgIndexesSize,
    PgDatabaseSize,
    ObjDescription,
    ColDescription,
    ShobjDescription,
    HasTablePrivilege,
    HasSchemaPrivilege,
    HasDatabasePrivilege,
    HasColumnPrivilege,
    HasAnyColumnPrivilege,
    HasSequencePrivilege,
    HasFunctionPrivilege,
    HasLanguagePrivilege,
    HasTypePrivilege,
    HasTablespacePrivilege,
    PgHasRole,
    NextVal,
    NextIdentity,
    SequenceRow,
    PgSequenceLastValue,
    PgSequenceParameters,
    CurrVal,
    SetVal,
    LastVal,
    PgSleep,
    SysCurrentSessionId,
    InjectAdd,
    InjectRemove,
    InjectClear,
    FollowChanges,
    AdvanceFollower,
    UnfollowChanges,
    TableChanges,
    CommitPosition,
}

/// The outside world of an expression: the engine's session implements it.
pub trait Host {
    /// `clock_timestamp()`: microseconds since 2000-01-01 UTC.
    fn clock_timestamp(&self) -> i64;
    /// Random bytes.
    fn random_bytes(&self, bytes: &mut [u8]);
    /// 64 random bits: the next of the session's sequence where it has begun one with `setseed()`.
    fn draw(&self) -> u64 {
        let mut bytes = [0; 8];
        self.random_bytes(&mut bytes);
        u64::from_le_bytes(bytes)
    }
    /// `setseed()`: what `draw` gives from now on.
    ///
    /// # Errors
    /// Outside of a session there is nothing to begin.
    fn seed(&self, _sequence: RandomSequence) -> Result<()> {
        Err(SqlError::internal("a seed outside of a session"))
    }
    /// Answers a function that needs the session or the catalog.
    ///
    /// # Errors
    /// Whatever the function answers in PostgreSQL.
    fn session_function(&self, function: SessionFunction, call: &CallContext<'_>, args: &[Datum]) -> Result<Datum>;
    /// Answers a function that gives rows of the session's or the cluster's.
    ///
    /// # Errors
    /// Whatever the function answers; outside of a session there is none.
    fn session_rows(&self, function: SessionFunction, _call: &CallContext<'_>, _args: &[Datum]) -> Result<RowSet> {
        Err(SqlError::internal(format!("{function:?} outside of a session")))
    }
    /// Called now and then by long loops.
    ///
    /// # Errors
    /// `57014` when the statement was cancelled.
    fn check_interrupt(&self) -> Result<()>;
}

/// What one statement's evaluation may use.
#[derive(Clone, Copy)]
pub struct EvalContext<'a> {
    /// Session parameters.
    pub settings: &'a Settings,
    /// `now()`: start of the transaction, microseconds since 2000-01-01 UTC.
    pub transaction_timestamp: i64,
    /// Start of the statement, microseconds since 2000-01-01 UTC.
    pub statement_timestamp: i64,
    /// Everything else.
    pub host: &'a dyn Host,
}

/// What one call of a function may use: the statement's context and the types the binder resolved.
#[derive(Clone, Copy)]
pub struct CallContext<'a> {
    /// The statement's context.
    pub eval: &'a EvalContext<'a>,
    /// Actual argument types after resolution (polymorphic and `any` arguments made concrete).
    pub arg_types: &'a [Oid],
    /// Actual result type.
    pub result_type: Oid,
}
