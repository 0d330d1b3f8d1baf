//! Statements that change the catalog.

use super::{Expr, ObjectName, Query, RoleName, TableRef, TypeName};

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct CreateTable {
    pub name: ObjectName,
    pub if_not_exists: bool,
    pub elements: Vec<TableElement>,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum TableElement {
    Column(ColumnDefinition),
    Constraint(TableConstraint),
    Like { name: ObjectName, including: Vec<LikeOption> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum LikeOption {
    Comments,
    Constraints,
    Defaults,
    Generated,
    Identity,
    Indexes,
    Statistics,
    Storage,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct ColumnDefinition {
    pub name: String,
    pub ty: TypeName,
    pub storage: Option<String>,
    pub constraints: Vec<ColumnConstraint>,
    pub at: i32,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct ColumnConstraint {
    pub name: Option<String>,
    pub kind: ColumnConstraintKind,
    pub at: i32,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum ColumnConstraintKind {
    NotNull,
    Null,
    Default(Expr),
    Check { expr: Expr },
    PrimaryKey { include: Vec<String> },
    Unique { nulls_not_distinct: bool, include: Vec<String> },
    References(References),
    Generated(Expr),
    Identity { always: bool, options: Vec<SequenceOption> },
}

/// Constraint kinds of a table; `NOT VALID` only for CHECK and FOREIGN KEY.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct TableConstraint {
    pub name: Option<String>,
    pub kind: TableConstraintKind,
    pub not_valid: bool,
    pub at: i32,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum TableConstraintKind {
    PrimaryKey { columns: Vec<String>, include: Vec<String>, using_index: Option<String> },
    Unique { columns: Vec<String>, include: Vec<String>, nulls_not_distinct: bool, using_index: Option<String> },
    Check { expr: Expr },
    ForeignKey { columns: Vec<String>, references: References },
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct References {
    pub table: ObjectName,
    pub columns: Vec<String>,
    /// Letters of `confmatchtype`, `confupdtype`, `confdeltype`.
    pub match_type: char,
    pub on_update: char,
    pub on_delete: char,
    pub delete_columns: Vec<String>,
    pub deferrable: bool,
    pub initially_deferred: bool,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct SequenceOption {
    /// PostgreSQL's own word for it: `increment`, `owned_by`, `generated`.
    pub name: String,
    pub value: SequenceValue,
    pub at: i32,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum SequenceValue {
    /// `NO MAXVALUE`, RESTART.
    None,
    /// As written: whether it is a bigint is found out later.
    Number(String),
    Flag(bool),
    Names(Vec<String>),
    Type(TypeName),
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct CreateSequence {
    pub name: ObjectName,
    pub if_not_exists: bool,
    pub options: Vec<SequenceOption>,
}

/// `CREATE STATISTICS`.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct CreateStatistics {
    pub name: Option<ObjectName>,
    pub if_not_exists: bool,
    /// As written; none: all.
    pub kinds: Vec<String>,
    /// A column is `ExprKind::Column` with one name.
    pub exprs: Vec<Expr>,
    pub from: Vec<TableRef>,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct AlterSequence {
    pub name: ObjectName,
    pub if_exists: bool,
    pub options: Vec<SequenceOption>,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct AlterTable {
    pub name: ObjectName,
    pub if_exists: bool,
    pub only: bool,
    /// `ALTER TABLE ASYNC`.
    pub asynchronous: bool,
    pub actions: Vec<AlterAction>,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum AlterAction {
    AddColumn {
        column: ColumnDefinition,
        if_not_exists: bool,
    },
    DropColumn {
        name: String,
        if_exists: bool,
        cascade: bool,
    },
    SetDefault {
        column: String,
        default: Option<Expr>,
    },
    DropNotNull {
        column: String,
    },
    DropExpression {
        column: String,
        if_exists: bool,
    },
    SetStorage {
        column: String,
        storage: String,
    },
    AddConstraint(TableConstraint),
    DropConstraint {
        name: String,
        if_exists: bool,
        cascade: bool,
    },
    ValidateConstraint {
        name: String,
    },
    /// ALTER CONSTRAINT.
    AlterConstraint {
        name: String,
        deferrable: bool,
        initially_deferred: bool,
    },
    /// ENABLE and DISABLE TRIGGER ALL and USER: there are no triggers to switch.
    Triggers,
    Identity {
        column: String,
        change: IdentityChange,
    },
    OwnerTo(RoleName),
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum IdentityChange {
    Add { always: bool, options: Vec<SequenceOption> },
    Set { options: Vec<SequenceOption> },
    Drop { if_exists: bool },
}

/// `CREATE [UNIQUE] INDEX ASYNC`.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct CreateIndex {
    pub name: Option<String>,
    pub if_not_exists: bool,
    pub unique: bool,
    pub asynchronous: bool,
    pub table: ObjectName,
    pub keys: Vec<IndexElement>,
    pub include: Vec<String>,
    pub nulls_not_distinct: bool,
    pub filter: Option<Expr>,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct IndexElement {
    /// A column is `ExprKind::Column` with one name.
    pub expr: Expr,
    pub nulls_first: Option<bool>,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Drop {
    pub kind: ObjectKind,
    pub names: Vec<ObjectName>,
    pub if_exists: bool,
    pub cascade: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ObjectKind {
    Table,
    Index,
    Schema,
    View,
    Sequence,
    Statistics,
    Domain,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Rename {
    pub target: RenameTarget,
    pub if_exists: bool,
    pub new_name: String,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum RenameTarget {
    Object {
        kind: ObjectKind,
        name: ObjectName,
    },
    /// `view`: the statement says ALTER VIEW.
    Column {
        view: bool,
        table: ObjectName,
        column: String,
    },
    Constraint {
        table: ObjectName,
        constraint: String,
    },
    Role(String),
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum CommentTarget {
    Object { kind: ObjectKind, name: ObjectName },
    Column { table: ObjectName, column: String },
    Constraint { table: ObjectName, constraint: String },
    Role(String),
    Function(FunctionName),
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum RoleOption {
    Login(bool),
    CreateRole(bool),
    InRole(Vec<RoleName>),
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Grant {
    pub revoke: bool,
    pub target: GrantTarget,
    /// Empty: ALL PRIVILEGES. Each with its column list.
    pub privileges: Vec<(String, Vec<String>)>,
    pub grantees: Vec<RoleName>,
    /// WITH GRANT OPTION, or GRANT OPTION FOR.
    pub grant_option: bool,
    pub grantor: Option<RoleName>,
    pub cascade: bool,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum GrantTarget {
    Tables(Vec<ObjectName>),
    AllTablesInSchema(Vec<String>),
    Sequences(Vec<ObjectName>),
    AllSequencesInSchema(Vec<String>),
    Schemas(Vec<String>),
    /// `routine`: written with that word.
    Functions {
        functions: Vec<FunctionName>,
        routine: bool,
    },
    AllFunctionsInSchema {
        schemas: Vec<String>,
        routine: bool,
    },
}

/// Membership of roles in roles.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct GrantRoles {
    pub revoke: bool,
    pub roles: Vec<String>,
    pub members: Vec<RoleName>,
    pub options: MembershipOptions,
    pub grantor: Option<RoleName>,
    pub cascade: bool,
}

/// Options of a membership that a statement speaks of. REVOKE says false of those it takes away; without any, the membership itself goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct MembershipOptions {
    pub admin: Option<bool>,
    pub inherit: Option<bool>,
    pub set: Option<bool>,
}

/// ALTER DEFAULT PRIVILEGES.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct AlterDefaultPrivileges {
    /// Empty: the current role.
    pub roles: Vec<RoleName>,
    /// Empty: everywhere.
    pub schemas: Vec<String>,
    pub revoke: bool,
    pub objects: borealis_catalog::DefaultObjects,
    /// Empty: ALL PRIVILEGES.
    pub privileges: Vec<String>,
    pub grantees: Vec<RoleName>,
    pub grant_option: bool,
    pub cascade: bool,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct CreateView {
    pub name: ObjectName,
    pub columns: Vec<String>,
    pub replace: bool,
    /// `WITH (..)`; `WITH .. CHECK OPTION` is the option `check_option`.
    pub options: Vec<(String, Option<String>)>,
    pub query: Query,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct AlterView {
    pub name: ObjectName,
    pub if_exists: bool,
    pub actions: Vec<ViewAction>,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum ViewAction {
    SetDefault { column: String, default: Option<Expr> },
    SetOptions(Vec<(String, Option<String>)>),
    ResetOptions(Vec<String>),
    OwnerTo(RoleName),
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct CreateDomain {
    pub name: ObjectName,
    pub ty: TypeName,
    pub constraints: Vec<DomainConstraint>,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct DomainConstraint {
    pub name: Option<String>,
    pub kind: DomainConstraintKind,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum DomainConstraintKind {
    NotNull,
    Null,
    Default(Expr),
    Check(Expr),
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum AlterDomain {
    /// `None`: DROP DEFAULT.
    SetDefault(Option<Expr>),
    DropNotNull,
    DropConstraint {
        name: String,
        if_exists: bool,
    },
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct CreateFunction {
    pub name: ObjectName,
    pub replace: bool,
    pub parameters: Vec<FunctionParameter>,
    /// RETURNS; SETOF is the type name's. With TABLE the columns are parameters.
    pub returns: Option<TypeName>,
    pub body: FunctionBody,
    pub options: FunctionOptions,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct FunctionParameter {
    pub name: Option<String>,
    pub ty: TypeName,
    /// i, o, b (INOUT), v (VARIADIC) or t (TABLE).
    pub mode: char,
    pub default: Option<Expr>,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum FunctionBody {
    /// A string, and where it begins in the statement's text when it stands there as it is.
    Text { text: String, at: i32 },
    /// `RETURN ..` or `BEGIN ATOMIC .. END`, with its text.
    Standard { text: String, statements: Vec<super::Statement> },
}

/// Clauses of CREATE FUNCTION; `None`: not written.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(missing_docs)]
pub struct FunctionOptions {
    /// `provolatile`
    pub volatility: Option<char>,
    pub strict: Option<bool>,
    pub security_definer: Option<bool>,
    /// `proparallel`
    pub parallel: Option<char>,
    pub cost: Option<f32>,
    pub rows: Option<f32>,
}

/// A function as DROP and ALTER name it.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct FunctionName {
    pub name: ObjectName,
    /// Types of the input arguments; `None`: the name alone.
    pub arguments: Option<Vec<TypeName>>,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct DropFunction {
    pub functions: Vec<FunctionName>,
    pub if_exists: bool,
    pub cascade: bool,
    /// Written as ROUTINE.
    pub routine: bool,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct AlterFunction {
    pub function: FunctionName,
    pub action: AlterFunctionAction,
    /// Written as ROUTINE.
    pub routine: bool,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum AlterFunctionAction {
    Rename(String),
    SetSchema(String),
    OwnerTo(RoleName),
}
