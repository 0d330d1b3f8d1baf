//! What the guard must know of the schema.

/// Answers what names mean. In the engine it is the catalog; for a remote database, what its catalog said ([`super`] asks nothing twice that matters: a
/// name that means something else by the time the statement runs is written with its schema and fails, or is a table with the same tenant column).
pub trait Schema {
    /// The relation of that name: by the search path when no schema is given.
    fn relation(&self, schema: Option<&str>, name: &str) -> Option<Relation>;
    /// All functions written by users that a call by that name may mean, whatever their arguments.
    fn routines(&self, schema: Option<&str>, name: &str) -> Vec<Routine>;
}

/// A relation.
#[derive(Clone, Debug, PartialEq)]
pub enum Relation {
    /// A table with rows of users.
    Table(Table),
    /// A view.
    View(View),
    /// A relation of `pg_catalog`, `information_schema`, `sys` or `borealis`: its schema and name.
    #[allow(missing_docs)]
    System { schema: String, name: String },
    /// Something else that can stand in FROM; what to call it.
    Other(&'static str),
}

/// A table.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Table {
    pub schema: String,
    pub name: String,
    /// In order, without dropped ones.
    pub columns: Vec<Column>,
    /// Foreign keys of other tables, or its own, that do something to referencing rows when this table's rows change.
    pub cascades: Vec<Cascade>,
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Column {
    pub name: String,
    /// As `format_type` shows it, without modifiers: `uuid`, `character varying`.
    pub ty: String,
    /// GENERATED ALWAYS AS (..) or AS IDENTITY: takes no value.
    pub generated: bool,
}

/// A foreign key with an action.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Cascade {
    /// The referencing table.
    pub schema: String,
    pub table: String,
    /// Referencing column and referenced column.
    pub columns: Vec<(String, String)>,
    /// Letters of `confdeltype` and `confupdtype`.
    pub on_delete: char,
    pub on_update: char,
}

/// A view.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct View {
    pub schema: String,
    pub name: String,
    pub columns: Vec<String>,
    /// Its query with every name qualified that is not `pg_catalog`'s: what `pg_get_viewdef` shows when nothing is on the search path.
    pub query: String,
}

/// A function written by a user.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub struct Routine {
    pub schema: String,
    pub name: String,
    pub body: RoutineText,
}

/// What a function is made of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RoutineText {
    /// Statements in SQL.
    Sql(String),
    /// `RETURN ..` or `BEGIN ATOMIC .. END`.
    Standard(String),
    /// Something that cannot be looked into.
    Opaque,
}
