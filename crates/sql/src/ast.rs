//! The syntax tree: what the parser accepted, with nothing resolved. Every clause of PostgreSQL's grammar is either a field here or was refused by
//! [`crate::parse`]; nothing is dropped.
//!
//! `at` is a byte offset into the statement string, -1 when unknown.

mod call;
mod definition;
mod dml;
mod json;
mod kinds;
mod parts;
mod recursion;

pub use definition::*;
pub use dml::*;
pub use json::*;
pub use recursion::*;

/// A possibly qualified name: `[schema.]name`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub struct ObjectName {
    pub schema: Option<String>,
    pub name: String,
    pub at: i32,
}

/// A statement that this dialect knows.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Statement {
    Query(Box<Query>),
    Insert(Box<Insert>),
    Update(Box<Update>),
    Delete(Box<Delete>),
    Explain(Box<Explain>),
    Transaction(Transaction),
    Set(Set),
    Show {
        name: String,
    },
    Reset {
        name: Option<String>,
        at: i32,
    },
    Copy(Box<Copy>),
    Call(Call),
    Deallocate {
        name: Option<String>,
    },
    /// Tables, each with the columns named; none: all.
    Analyze {
        verbose: bool,
        tables: Vec<(ObjectName, Vec<String>)>,
    },
    CreateTable(Box<CreateTable>),
    AlterTable(Box<AlterTable>),
    CreateIndex(Box<CreateIndex>),
    CreateSchema {
        name: Option<String>,
        if_not_exists: bool,
        authorization: Option<RoleName>,
        elements: Vec<Statement>,
    },
    Drop(Drop),
    Rename(Rename),
    SetSchema {
        kind: ObjectKind,
        name: ObjectName,
        if_exists: bool,
        schema: String,
    },
    SetOwner {
        kind: ObjectKind,
        name: ObjectName,
        owner: RoleName,
    },
    Comment {
        target: CommentTarget,
        text: Option<String>,
    },
    CreateRole {
        name: String,
        options: Vec<RoleOption>,
        at: i32,
    },
    DropRole {
        names: Vec<RoleName>,
        if_exists: bool,
    },
    Grant(Box<Grant>),
    GrantRoles(Box<GrantRoles>),
    AlterDefaultPrivileges(Box<AlterDefaultPrivileges>),
    /// ALTER ROLE .. RESET; no role has settings of its own. `None`: ALL.
    ResetRole {
        role: Option<RoleName>,
        database: Option<String>,
    },
    IamGrant {
        revoke: bool,
        role: String,
        arn: String,
    },
    CreateView(Box<CreateView>),
    AlterView(Box<AlterView>),
    CreateSequence(Box<CreateSequence>),
    AlterSequence(Box<AlterSequence>),
    CreateDomain(Box<CreateDomain>),
    AlterDomain {
        name: ObjectName,
        action: AlterDomain,
    },
    CreateFunction(Box<CreateFunction>),
    AlterFunction(Box<AlterFunction>),
    DropFunction(DropFunction),
    /// DROP TRIGGER IF EXISTS, which finds none.
    DropTrigger {
        name: String,
        table: ObjectName,
    },
    CreateStatistics(Box<CreateStatistics>),
    /// A target of -1 is the default.
    AlterStatistics {
        name: ObjectName,
        if_exists: bool,
        target: i32,
    },
    SetConstraints {
        names: Option<Vec<ObjectName>>,
        deferred: bool,
    },
}

/// A role as written: a name, or one of the keywords.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum RoleName {
    Named(String),
    CurrentUser,
    SessionUser,
    Public,
}

/// SELECT, VALUES, TABLE, set operations: anything that yields rows.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Query {
    pub with: Option<With>,
    pub body: QueryBody,
    pub order_by: Vec<OrderBy>,
    pub limit: Option<Expr>,
    pub with_ties: bool,
    pub offset: Option<Expr>,
    pub locking: Vec<Locking>,
}

impl Query {
    /// `SELECT targets FROM from` and nothing else.
    pub(crate) fn selecting(targets: Vec<Target>, from: Vec<TableRef>) -> Self {
        let select = Select {
            distinct: Distinct::No,
            targets,
            from,
            filter: None,
            group_by: Vec::new(),
            group_distinct: false,
            having: None,
            windows: Vec::new(),
        };
        let body = QueryBody::Select(Box::new(select));
        Self { with: None, body, order_by: Vec::new(), limit: None, with_ties: false, offset: None, locking: Vec::new() }
    }
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum QueryBody {
    Select(Box<Select>),
    Values(Vec<Vec<Expr>>),
    SetOperation { op: SetOperator, all: bool, left: Box<Query>, right: Box<Query> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum SetOperator {
    Union,
    Intersect,
    Except,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct With {
    pub recursive: bool,
    pub ctes: Vec<Cte>,
}

/// One common table expression.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Cte {
    pub name: String,
    pub columns: Vec<String>,
    /// `Some(true)` MATERIALIZED, `Some(false)` NOT MATERIALIZED.
    pub materialized: Option<bool>,
    /// A query, or INSERT/UPDATE/DELETE.
    pub statement: Statement,
    pub search: Option<Search>,
    pub cycle: Option<Box<Cycle>>,
    pub at: i32,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Select {
    pub distinct: Distinct,
    pub targets: Vec<Target>,
    pub from: Vec<TableRef>,
    pub filter: Option<Expr>,
    pub group_by: Vec<GroupItem>,
    pub group_distinct: bool,
    pub having: Option<Expr>,
    pub windows: Vec<(String, WindowSpec)>,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Distinct {
    No,
    All,
    On(Vec<Expr>),
}

/// An item of a target list or RETURNING; `*` and `t.*` are [`ExprKind::Star`].
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Target {
    pub expr: Expr,
    pub alias: Option<String>,
    pub at: i32,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum GroupItem {
    Expr(Expr),
    Empty,
    Rollup(Vec<Expr>),
    Cube(Vec<Expr>),
    Sets(Vec<GroupItem>),
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct OrderBy {
    pub expr: Expr,
    pub descending: bool,
    /// `None`: PostgreSQL's default (last for ascending, first for descending).
    pub nulls_first: Option<bool>,
    /// `USING operator`.
    pub using: Option<Vec<String>>,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Locking {
    pub strength: LockStrength,
    pub of: Vec<ObjectName>,
    /// NOWAIT and SKIP LOCKED change nothing where nobody waits; kept for the record.
    pub wait_policy: WaitPolicy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum LockStrength {
    Update,
    KeyShare,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum WaitPolicy {
    Block,
    NoWait,
    SkipLocked,
}

#[derive(Clone, Debug, PartialEq, Default)]
#[allow(missing_docs)]
pub struct Alias {
    pub name: String,
    pub columns: Vec<String>,
}

/// Which rows of a relation a statement may touch, as [`crate::guard`] found. The parser never says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// All: a table that tenants share, a relation that describes the schema.
    Whole,
    /// Those whose column has this value; new rows must have it.
    #[allow(missing_docs)]
    Rows { column: String, value: String },
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum TableRef {
    Table { name: ObjectName, only: bool, alias: Option<Alias>, access: Option<Access> },
    Subquery { query: Box<Query>, lateral: bool, alias: Option<Alias>, at: i32 },
    Function(Box<FunctionRef>),
    Join { kind: JoinKind, left: Box<TableRef>, right: Box<TableRef>, condition: JoinCondition, alias: Option<Alias>, at: i32 },
}

/// Functions in FROM: one, or several by ROWS FROM.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct FunctionRef {
    pub functions: Vec<(Expr, Vec<ColumnDefinitionItem>)>,
    pub rows_from: bool,
    pub lateral: bool,
    pub ordinality: bool,
    pub alias: Option<Alias>,
    pub at: i32,
}

/// An entry of a column definition list: `AS t(a int, b text)`.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct ColumnDefinitionItem {
    pub name: String,
    pub ty: TypeName,
    pub at: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum JoinCondition {
    /// CROSS JOIN.
    None,
    On(Expr),
    Using {
        columns: Vec<String>,
        alias: Option<String>,
    },
    Natural,
}

/// A type as written.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct TypeName {
    /// Schema-qualified or not; `pg_catalog.int4` for `integer`, as the grammar itself normalises.
    pub names: Vec<String>,
    /// Modifiers, constants in practice: `(10,2)`; for interval the field mask first, as in PostgreSQL's grammar.
    pub modifiers: Vec<Expr>,
    /// Number of `[]`.
    pub array_dimensions: usize,
    pub setof: bool,
    /// `%TYPE`.
    pub percent_type: bool,
    pub at: i32,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Expr {
    pub kind: ExprKind,
    pub at: i32,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum ExprKind {
    Null,
    Bool(bool),
    Integer(i32),
    /// A numeric literal that is no `integer`: text as written (`1.5`, `1e3`, `9999999999`).
    Number(String),
    String(String),
    BitString(String),
    Column(Vec<String>),
    /// `*` (empty) or `[schema.]table.*`.
    Star(Vec<String>),
    Param(u32),
    DefaultKeyword,
    Unary {
        op: Operator,
        arg: Box<Expr>,
    },
    Binary {
        op: Operator,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// `left op ANY|ALL (array)`.
    ScalarArray {
        op: Operator,
        all: bool,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    In {
        arg: Box<Expr>,
        list: Vec<Expr>,
        negated: bool,
    },
    Like {
        arg: Box<Expr>,
        pattern: Box<Expr>,
        escape: Option<Box<Expr>>,
        kind: LikeKind,
        negated: bool,
    },
    Between {
        arg: Box<Expr>,
        low: Box<Expr>,
        high: Box<Expr>,
        symmetric: bool,
        negated: bool,
    },
    IsDistinct {
        left: Box<Expr>,
        right: Box<Expr>,
        negated: bool,
    },
    NullIf(Box<Expr>, Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    IsNull {
        arg: Box<Expr>,
        negated: bool,
    },
    BooleanTest {
        arg: Box<Expr>,
        test: BooleanTest,
    },
    Case {
        arg: Option<Box<Expr>>,
        whens: Vec<(Expr, Expr)>,
        otherwise: Option<Box<Expr>>,
    },
    Coalesce(Vec<Expr>),
    Greatest(Vec<Expr>),
    Least(Vec<Expr>),
    Function(Box<FunctionCall>),
    Cast {
        arg: Box<Expr>,
        ty: TypeName,
    },
    Subquery {
        kind: SubqueryKind,
        query: Box<Query>,
    },
    Array(Vec<Expr>),
    Row {
        items: Vec<Expr>,
        explicit: bool,
    },
    Subscript {
        base: Box<Expr>,
        subscripts: Vec<Subscript>,
    },
    Field {
        base: Box<Expr>,
        field: String,
    },
    FieldStar(Box<Expr>),
    Collate {
        arg: Box<Expr>,
        collation: Vec<String>,
    },
    SqlValue {
        function: SqlValue,
        precision: Option<i32>,
    },
    Grouping(Vec<Expr>),
    Json(Box<JsonConstructor>),
    JsonAggregate(Box<JsonAggregate>),
    IsJson(Box<IsJson>),
}

/// An operator as written, schema-qualified when `OPERATOR(schema.op)`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Operator {
    pub schema: Option<String>,
    pub name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum LikeKind {
    Like,
    Ilike,
    Similar,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum BooleanTest {
    True,
    NotTrue,
    False,
    NotFalse,
    Unknown,
    NotUnknown,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum SubqueryKind {
    Scalar,
    Exists,
    /// `test op ANY (query)`; IN is `=`.
    Any {
        test: Box<Expr>,
        op: Operator,
    },
    All {
        test: Box<Expr>,
        op: Operator,
    },
    Array,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Subscript {
    Index(Expr),
    Slice(Option<Expr>, Option<Expr>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum SqlValue {
    CurrentDate,
    CurrentTime,
    CurrentTimestamp,
    LocalTime,
    LocalTimestamp,
    CurrentRole,
    CurrentUser,
    User,
    SessionUser,
    CurrentCatalog,
    CurrentSchema,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct FunctionCall {
    /// `[schema, ]name`. SQL-syntax calls (EXTRACT, TRIM, SUBSTRING, ...) arrive as the functions PostgreSQL's grammar maps them to, with `sql_syntax` set.
    pub name: Vec<String>,
    pub args: Vec<FunctionArg>,
    pub variadic: bool,
    /// `count(*)`.
    pub star: bool,
    pub distinct: bool,
    pub order_by: Vec<OrderBy>,
    pub within_group: bool,
    pub filter: Option<Expr>,
    pub over: Option<Over>,
    pub sql_syntax: bool,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct FunctionArg {
    pub name: Option<String>,
    pub value: Expr,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Over {
    /// A window's name and where it stands.
    Named(String, i32),
    Spec(WindowSpec),
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct WindowSpec {
    pub base: Option<String>,
    pub partition_by: Vec<Expr>,
    pub order_by: Vec<OrderBy>,
    pub frame: Option<Frame>,
    /// Written behind OVER, not in the WINDOW clause.
    pub in_over: bool,
    pub at: i32,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Frame {
    pub mode: FrameMode,
    pub start: FrameBound,
    pub end: FrameBound,
    pub exclusion: FrameExclusion,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum FrameMode {
    Rows,
    Range,
    Groups,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum FrameBound {
    UnboundedPreceding,
    Preceding(Box<Expr>),
    CurrentRow,
    Following(Box<Expr>),
    UnboundedFollowing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum FrameExclusion {
    None,
    CurrentRow,
    Group,
    Ties,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Explain {
    pub analyze: bool,
    pub verbose: bool,
    pub costs: bool,
    pub timing: Option<bool>,
    pub summary: Option<bool>,
    /// Parameters of the planner that are not as they come.
    pub settings: bool,
    /// The statement's parameters have no values.
    pub generic_plan: bool,
    pub format: ExplainFormat,
    /// With ANALYZE VERBOSE: the same number for statements that differ in constants only.
    pub identifier: Option<u64>,
    pub statement: Statement,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ExplainFormat {
    Text,
    Json,
    Yaml,
    Xml,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Transaction {
    Begin { read_only: Option<bool> },
    Commit,
    Rollback,
}

/// `SET [SESSION|LOCAL] name {TO|=} values`; `values` empty: `TO DEFAULT`.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Set {
    pub local: bool,
    pub name: String,
    pub values: Option<Vec<String>>,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Copy {
    pub source: CopySource,
    pub from: bool,
    pub options: Vec<CopyOption>,
    pub filter: Option<Expr>,
    pub access: Option<Access>,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum CopySource {
    Table { name: ObjectName, columns: Vec<InsertColumn> },
    Query(Box<Statement>),
}

/// One option as written, validated by the binder.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct CopyOption {
    pub name: String,
    pub values: Vec<String>,
    pub at: i32,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Call {
    pub function: FunctionCall,
    pub at: i32,
}
