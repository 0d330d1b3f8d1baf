//! What statements of PostgreSQL say, whether Aurora DSQL accepts them or not: for those who translate them. The facts are PostgreSQL's own, and
//! incomplete on purpose: of a statement that a translator has no use for, only its node is told.
//!
//! Expressions are slices of the source, found on the token stream: libpg_query's writer is not made for every tree that its reader makes.

use borealis_pgtypes::SqlError;
use pg_query::NodeEnum;
use pg_query::protobuf::{
    self, AlterTableCmd, AlterTableType, ColumnDef, ConstrType, Constraint as ConstraintNode, CreateStmt, IndexElem, IndexStmt, Node,
    ObjectType, RangeVar, SortByDir, SortByNulls, Token, TypeName,
};

use super::lower::{constant_text, non_empty, strings};
use super::slices::Slices;
use super::{node, raw};
use crate::ast::ObjectName;

/// One statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// CREATE TABLE.
    CreateTable(Box<Table>),
    /// ALTER TABLE, or ALTER INDEX and its like.
    AlterTable {
        /// What is altered.
        name: ObjectName,
        /// Whether it is a table.
        is_table: bool,
        /// The changes.
        actions: Vec<Action>,
    },
    /// CREATE INDEX.
    CreateIndex(Box<Index>),
    /// CREATE SEQUENCE.
    CreateSequence {
        /// Its name.
        name: ObjectName,
        /// Its numbers.
        numbers: Numbers,
    },
    /// ALTER SEQUENCE … OWNED BY.
    OwnSequence {
        /// The sequence.
        sequence: ObjectName,
        /// Table and column; empty for NONE.
        owner: Vec<String>,
    },
    /// CREATE TYPE … AS ENUM.
    CreateEnum {
        /// Schema and name.
        name: Vec<String>,
        /// Its values.
        labels: Vec<String>,
    },
    /// CREATE DOMAIN.
    CreateDomain {
        /// Schema and name.
        name: Vec<String>,
        /// What it is made of.
        ty: ColumnType,
        /// NOT NULL, DEFAULT and CHECK.
        constraints: Vec<Constraint>,
    },
    /// CREATE VIEW, or CREATE MATERIALIZED VIEW.
    CreateView {
        /// Its name.
        name: ObjectName,
        /// Whether its rows are kept.
        materialized: bool,
    },
    /// CREATE FUNCTION.
    CreateFunction {
        /// Its name, without schema.
        name: String,
        /// Its language, in lower case.
        language: String,
    },
    /// COPY … FROM stdin.
    CopyIn {
        /// The table.
        table: ObjectName,
        /// Its columns; empty for all.
        columns: Vec<String>,
        /// Whether it has options: another format than text.
        options: bool,
    },
    /// INSERT.
    Insert {
        /// The table.
        table: ObjectName,
    },
    /// Anything else.
    Other {
        /// PostgreSQL's name of the node, without `Stmt`.
        node: &'static str,
    },
}

/// CREATE TABLE.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Its name.
    pub name: ObjectName,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// Constraints of the table.
    pub constraints: Vec<Constraint>,
    /// The parents of INHERITS, or the one of PARTITION OF.
    pub parents: Vec<ObjectName>,
    /// Whether it is a partition of its parent.
    pub is_partition: bool,
    /// Whether it has PARTITION BY.
    pub is_partitioned: bool,
    /// UNLOGGED or TEMPORARY; empty for an ordinary table.
    pub persistence: &'static str,
    /// Whether LIKE is among its elements.
    pub has_like: bool,
    /// Whether it has storage parameters, a tablespace or an access method.
    pub has_storage: bool,
    /// IF NOT EXISTS.
    pub if_not_exists: bool,
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: ColumnType,
    /// COLLATE.
    pub collation: Option<String>,
    /// Its constraints.
    pub constraints: Vec<Constraint>,
}

/// A type as it is written.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ColumnType {
    /// Schema, when given and not `pg_catalog`.
    pub schema: Option<String>,
    /// Its name: `int4`, `varchar`, `mood`.
    pub name: String,
    /// Its modifiers.
    pub modifiers: Vec<String>,
    /// Dimensions of an array.
    pub dimensions: usize,
}

/// A constraint of a column or a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Constraint {
    /// Its name, when given.
    pub name: Option<String>,
    /// What it says.
    pub kind: ConstraintKind,
}

/// What a constraint says; expressions are written as PostgreSQL reads them.
#[derive(Clone, Debug, PartialEq)]
pub enum ConstraintKind {
    /// NOT NULL.
    NotNull,
    /// DEFAULT.
    Default(String),
    /// GENERATED ALWAYS AS (…) STORED.
    Generated(String),
    /// GENERATED … AS IDENTITY.
    Identity {
        /// ALWAYS, not BY DEFAULT.
        always: bool,
        /// Its numbers.
        numbers: Numbers,
    },
    /// CHECK.
    Check(String),
    /// PRIMARY KEY.
    PrimaryKey {
        /// Its columns; empty behind a column.
        columns: Vec<String>,
        /// INCLUDE.
        include: Vec<String>,
    },
    /// UNIQUE.
    Unique {
        /// Its columns; empty behind a column.
        columns: Vec<String>,
        /// INCLUDE.
        include: Vec<String>,
        /// NULLS NOT DISTINCT.
        nulls_not_distinct: bool,
    },
    /// FOREIGN KEY.
    ForeignKey(ForeignKey),
    /// EXCLUDE.
    Exclude,
    /// NULL, DEFERRABLE and what else says nothing about rows.
    Nothing,
}

/// FOREIGN KEY.
#[derive(Clone, Debug, PartialEq)]
pub struct ForeignKey {
    /// Its columns; empty behind a column.
    pub columns: Vec<String>,
    /// What it refers to.
    pub target: ObjectName,
    /// The columns there; empty for the primary key.
    pub target_columns: Vec<String>,
    /// MATCH FULL.
    pub match_full: bool,
    /// Behind ON DELETE, with columns; empty for NO ACTION.
    pub on_delete: String,
    /// Behind ON UPDATE.
    pub on_update: String,
    /// DEFERRABLE.
    pub deferrable: bool,
    /// INITIALLY DEFERRED.
    pub initially_deferred: bool,
}

/// The numbers of a sequence, where they are said.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Numbers {
    /// START WITH.
    pub start: Option<i64>,
    /// INCREMENT BY.
    pub increment: Option<i64>,
    /// MINVALUE.
    pub min: Option<i64>,
    /// MAXVALUE.
    pub max: Option<i64>,
    /// CYCLE.
    pub cycle: bool,
}

/// One change of ALTER TABLE.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// ADD CONSTRAINT.
    AddConstraint {
        /// The constraint.
        constraint: Constraint,
        /// NOT VALID.
        not_valid: bool,
    },
    /// ALTER COLUMN SET DEFAULT.
    SetDefault {
        /// The column.
        column: String,
        /// The expression.
        expression: String,
    },
    /// ALTER COLUMN SET NOT NULL.
    SetNotNull(String),
    /// ALTER COLUMN ADD GENERATED … AS IDENTITY.
    AddIdentity {
        /// The column.
        column: String,
        /// ALWAYS.
        always: bool,
        /// Its numbers.
        numbers: Numbers,
    },
    /// ATTACH PARTITION.
    AttachPartition(ObjectName),
    /// INHERIT.
    Inherit(ObjectName),
    /// OWNER TO.
    Owner,
    /// How rows are kept: STORAGE, STATISTICS, CLUSTER ON, SET (…), REPLICA IDENTITY.
    Storage,
    /// Row security and its policies, triggers, rules.
    Other(&'static str),
}

/// CREATE INDEX.
#[derive(Clone, Debug, PartialEq)]
pub struct Index {
    /// Its name; empty when the server is to choose.
    pub name: String,
    /// The table.
    pub table: ObjectName,
    /// UNIQUE.
    pub unique: bool,
    /// `btree`, `gin`.
    pub method: String,
    /// What it is ordered by.
    pub parts: Vec<IndexPart>,
    /// INCLUDE.
    pub include: Vec<String>,
    /// NULLS NOT DISTINCT.
    pub nulls_not_distinct: bool,
    /// WHERE.
    pub predicate: Option<String>,
}

/// What an index is ordered by.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexPart {
    /// A column; empty for an expression.
    pub column: String,
    /// An expression; empty for a column.
    pub expression: String,
    /// Operator class.
    pub operator_class: Option<String>,
    /// COLLATE.
    pub collation: Option<String>,
    /// DESC.
    pub descending: bool,
    /// NULLS FIRST or LAST, where said.
    pub nulls_first: Option<bool>,
}

/// Reads one statement.
///
/// # Errors
/// A syntax error, PostgreSQL's own.
pub fn read(text: &str) -> Result<Source, SqlError> {
    // As in `parse`: a tree too deep for the caller's stack is not built.
    let depth = super::tokens::scan(text)?.depth;
    if depth > super::SHALLOW {
        return Ok(Source::Other { node: "DeeplyNested" });
    }
    let tree = raw::parse(text)?.into_iter().next().and_then(|statement| statement.stmt).and_then(|node| node.node);
    let slices = Slices::new(text);
    Ok(tree.map_or(Source::Other { node: "Empty" }, |tree| source(tree, &slices)))
}

fn source(tree: NodeEnum, slices: &Slices<'_>) -> Source {
    let other = Source::Other { node: node::name(&tree) };
    let read = match tree {
        NodeEnum::CreateStmt(create) => Some(Source::CreateTable(Box::new(table(create, slices)))),
        NodeEnum::AlterTableStmt(alter) => alter_table(alter, slices),
        NodeEnum::IndexStmt(create) => index(*create, slices),
        NodeEnum::CreateSeqStmt(create) => {
            create.sequence.map(|name| Source::CreateSequence { name: object(name), numbers: numbers(&create.options) })
        }
        NodeEnum::AlterSeqStmt(alter) => {
            owner(&alter.options).and_then(|owner| Some(Source::OwnSequence { sequence: object(alter.sequence?), owner }))
        }
        NodeEnum::CreateEnumStmt(create) => Some(Source::CreateEnum { name: names(create.type_name), labels: names(create.vals) }),
        NodeEnum::CreateDomainStmt(create) => Some(Source::CreateDomain {
            name: names(create.domainname),
            ty: column_type(create.type_name.unwrap_or_default()),
            constraints: constraints(create.constraints, slices),
        }),
        NodeEnum::ViewStmt(create) => create.view.map(|name| Source::CreateView { name: object(name), materialized: false }),
        NodeEnum::CreateTableAsStmt(create) if create.objtype() == ObjectType::ObjectMatview => {
            create.into.and_then(|into| into.rel).map(|name| Source::CreateView { name: object(name), materialized: true })
        }
        NodeEnum::CreateFunctionStmt(create) => Some(function(*create)),
        NodeEnum::CopyStmt(copy) if copy.is_from && copy.filename.is_empty() && !copy.is_program => {
            let options = !copy.options.is_empty() || copy.where_clause.is_some();
            let columns = names(copy.attlist);
            copy.relation.map(|table| Source::CopyIn { table: object(table), columns, options })
        }
        NodeEnum::InsertStmt(insert) => insert.relation.map(|table| Source::Insert { table: object(table) }),
        _ => None,
    };
    read.unwrap_or(other)
}

fn alter_table(alter: protobuf::AlterTableStmt, slices: &Slices<'_>) -> Option<Source> {
    let is_table = alter.objtype() == ObjectType::ObjectTable;
    let name = object(alter.relation?);
    let mut defaults = slices.set_defaults().into_iter();
    let actions = alter.cmds.into_iter().filter_map(|node| match node.node {
        Some(NodeEnum::AlterTableCmd(command)) => Some(action(*command, slices, &mut defaults)),
        _ => None,
    });
    let actions = actions.collect();
    Some(Source::AlterTable { name, is_table, actions })
}

fn object(range: RangeVar) -> ObjectName {
    ObjectName { schema: non_empty(range.schemaname), name: range.relname, at: range.location }
}

fn names(nodes: Vec<Node>) -> Vec<String> {
    strings(nodes).unwrap_or_default()
}

fn table(create: CreateStmt, slices: &Slices<'_>) -> Table {
    let persistence = match create.relation.as_ref().map_or("", |relation| relation.relpersistence.as_str()) {
        "t" => "TEMPORARY",
        "u" => "UNLOGGED",
        _ => "",
    };
    let has_storage = !create.options.is_empty() || !create.tablespacename.is_empty() || !create.access_method.is_empty();
    let mut read = Table {
        name: create.relation.map(object).unwrap_or_else(|| ObjectName { schema: None, name: String::new(), at: -1 }),
        columns: Vec::new(),
        constraints: Vec::new(),
        parents: Vec::new(),
        is_partition: create.partbound.is_some(),
        is_partitioned: create.partspec.is_some(),
        persistence,
        has_like: false,
        has_storage,
        if_not_exists: create.if_not_exists,
    };
    for parent in create.inh_relations {
        if let Some(NodeEnum::RangeVar(parent)) = parent.node {
            read.parents.push(object(parent));
        }
    }
    for element in create.table_elts {
        match element.node {
            Some(NodeEnum::ColumnDef(definition)) => read.columns.push(column(*definition, slices)),
            Some(NodeEnum::Constraint(node)) => read.constraints.push(constraint(*node, slices)),
            _ => read.has_like = true,
        }
    }
    read
}

fn column(definition: ColumnDef, slices: &Slices<'_>) -> Column {
    Column {
        name: definition.colname,
        ty: column_type(definition.type_name.unwrap_or_default()),
        collation: definition.coll_clause.map(|clause| names(clause.collname).join(".")),
        constraints: constraints(definition.constraints, slices),
    }
}

fn constraints(nodes: Vec<Node>, slices: &Slices<'_>) -> Vec<Constraint> {
    let read = nodes.into_iter().filter_map(|node| match node.node {
        Some(NodeEnum::Constraint(node)) => Some(constraint(*node, slices)),
        _ => None,
    });
    read.collect()
}

fn column_type(ty: TypeName) -> ColumnType {
    let mut path = names(ty.names);
    let name = path.pop().unwrap_or_default();
    let modifiers = ty.typmods.into_iter().filter_map(|node| constant_text(node.node.as_ref()?)).collect();
    ColumnType { schema: path.pop().filter(|schema| schema != "pg_catalog"), name, modifiers, dimensions: ty.array_bounds.len() }
}

fn constraint(node: ConstraintNode, slices: &Slices<'_>) -> Constraint {
    let name = non_empty(node.conname.clone());
    let (at, brackets) = (node.location, |at| slices.brackets(at));
    let kind = match node.contype() {
        ConstrType::ConstrNotnull => ConstraintKind::NotNull,
        ConstrType::ConstrDefault => slices.default(at).map_or(ConstraintKind::Nothing, ConstraintKind::Default),
        ConstrType::ConstrGenerated => brackets(at).map_or(ConstraintKind::Nothing, ConstraintKind::Generated),
        ConstrType::ConstrCheck => brackets(at).map_or(ConstraintKind::Nothing, ConstraintKind::Check),
        ConstrType::ConstrIdentity => ConstraintKind::Identity { always: node.generated_when == "a", numbers: numbers(&node.options) },
        ConstrType::ConstrPrimary => ConstraintKind::PrimaryKey { columns: names(node.keys), include: names(node.including) },
        ConstrType::ConstrUnique => ConstraintKind::Unique {
            columns: names(node.keys),
            include: names(node.including),
            nulls_not_distinct: node.nulls_not_distinct,
        },
        ConstrType::ConstrForeign => foreign_key(node),
        ConstrType::ConstrExclusion => ConstraintKind::Exclude,
        _ => ConstraintKind::Nothing,
    };
    Constraint { name, kind }
}

fn foreign_key(node: ConstraintNode) -> ConstraintKind {
    let Some(target) = node.pktable else { return ConstraintKind::Nothing };
    let set_columns = names(node.fk_del_set_cols);
    let mut on_delete = action_words(&node.fk_del_action).to_owned();
    if !set_columns.is_empty() {
        let quoted: Vec<String> = set_columns.iter().map(|name| crate::deparse::quote::identifier(name)).collect();
        on_delete = format!("{on_delete} ({})", quoted.join(", "));
    }
    ConstraintKind::ForeignKey(ForeignKey {
        columns: names(node.fk_attrs),
        target: object(target),
        target_columns: names(node.pk_attrs),
        match_full: node.fk_matchtype == "f",
        on_delete,
        on_update: action_words(&node.fk_upd_action).to_owned(),
        deferrable: node.deferrable,
        initially_deferred: node.initdeferred,
    })
}

fn action_words(letter: &str) -> &'static str {
    match letter {
        "r" => "RESTRICT",
        "c" => "CASCADE",
        "n" => "SET NULL",
        "d" => "SET DEFAULT",
        _ => "",
    }
}

fn numbers(options: &[Node]) -> Numbers {
    let mut numbers = Numbers::default();
    for option in options {
        let Some(NodeEnum::DefElem(option)) = &option.node else { continue };
        let value = option.arg.as_ref().and_then(|arg| constant_text(arg.node.as_ref()?));
        let number = value.as_deref().and_then(|text| text.parse().ok());
        match option.defname.as_str() {
            "start" => numbers.start = number,
            "increment" => numbers.increment = number,
            "minvalue" => numbers.min = number,
            "maxvalue" => numbers.max = number,
            "cycle" => numbers.cycle = value.as_deref() != Some("false"),
            _ => {}
        }
    }
    numbers
}

/// What OWNED BY names, when it is among the options.
fn owner(options: &[Node]) -> Option<Vec<String>> {
    let owned = options.iter().find_map(|option| match &option.node {
        Some(NodeEnum::DefElem(option)) if option.defname == "owned_by" => option.arg.clone(),
        _ => None,
    })?;
    match owned.node {
        Some(NodeEnum::List(list)) => Some(names(list.items)),
        _ => None,
    }
}

fn function(create: protobuf::CreateFunctionStmt) -> Source {
    let language = create.options.iter().find_map(|option| match &option.node {
        Some(NodeEnum::DefElem(option)) if option.defname == "language" => constant_text(option.arg.as_ref()?.node.as_ref()?),
        _ => None,
    });
    // A body in SQL's own syntax needs no language.
    let language = if create.is_procedure { "procedure".to_owned() } else { language.unwrap_or_else(|| "sql".to_owned()).to_lowercase() };
    Source::CreateFunction { name: names(create.funcname).pop().unwrap_or_default(), language }
}

/// `defaults` are the expressions of SET DEFAULT that are still to come, in order.
fn action(command: AlterTableCmd, slices: &Slices<'_>, defaults: &mut dyn Iterator<Item = String>) -> Action {
    let subtype = command.subtype();
    let node = command.def.and_then(|node| node.node);
    match (subtype, node) {
        (AlterTableType::AtAddConstraint, Some(NodeEnum::Constraint(node))) => {
            let not_valid = node.skip_validation;
            Action::AddConstraint { constraint: constraint(*node, slices), not_valid }
        }
        (AlterTableType::AtColumnDefault, Some(_)) => match defaults.next() {
            Some(expression) => Action::SetDefault { column: command.name, expression },
            None => Action::Other("ALTER COLUMN SET DEFAULT"),
        },
        (AlterTableType::AtSetNotNull, _) => Action::SetNotNull(command.name),
        (AlterTableType::AtAddIdentity, Some(NodeEnum::Constraint(node))) => {
            Action::AddIdentity { column: command.name, always: node.generated_when == "a", numbers: numbers(&node.options) }
        }
        (AlterTableType::AtAttachPartition, Some(NodeEnum::PartitionCmd(partition))) => {
            partition.name.map_or(Action::Other("ATTACH PARTITION"), |name| Action::AttachPartition(object(name)))
        }
        (AlterTableType::AtAddInherit, Some(NodeEnum::RangeVar(parent))) => Action::Inherit(object(parent)),
        (AlterTableType::AtChangeOwner, _) => Action::Owner,
        (
            AlterTableType::AtSetStatistics
            | AlterTableType::AtSetOptions
            | AlterTableType::AtSetStorage
            | AlterTableType::AtSetCompression
            | AlterTableType::AtClusterOn
            | AlterTableType::AtDropCluster
            | AlterTableType::AtSetLogged
            | AlterTableType::AtSetUnLogged
            | AlterTableType::AtSetTableSpace
            | AlterTableType::AtSetRelOptions
            | AlterTableType::AtReplicaIdentity
            | AlterTableType::AtSetAccessMethod,
            _,
        ) => Action::Storage,
        (AlterTableType::AtEnableRowSecurity | AlterTableType::AtForceRowSecurity, _) => Action::Other("ENABLE ROW LEVEL SECURITY"),
        (AlterTableType::AtAddColumn, _) => Action::Other("ADD COLUMN"),
        (AlterTableType::AtDropColumn, _) => Action::Other("DROP COLUMN"),
        (AlterTableType::AtAlterColumnType, _) => Action::Other("ALTER COLUMN TYPE"),
        (AlterTableType::AtDropConstraint, _) => Action::Other("DROP CONSTRAINT"),
        _ => Action::Other("a change"),
    }
}

fn index(create: IndexStmt, slices: &Slices<'_>) -> Option<Source> {
    let table = object(create.relation?);
    let texts = slices.index_parts();
    let elements = create.index_params.into_iter().filter_map(|node| match node.node {
        Some(NodeEnum::IndexElem(element)) => Some(*element),
        _ => None,
    });
    let parts = elements.enumerate().map(|(at, element)| index_part(element, texts.get(at))).collect();
    let include = create.index_including_params.into_iter().filter_map(|node| match node.node {
        Some(NodeEnum::IndexElem(element)) => Some(element.name),
        _ => None,
    });
    Some(Source::CreateIndex(Box::new(Index {
        name: create.idxname,
        table,
        unique: create.unique,
        method: create.access_method,
        parts,
        include: include.collect(),
        nulls_not_distinct: create.nulls_not_distinct,
        predicate: create.where_clause.and_then(|_| slices.last_where()),
    })))
}

fn index_part(element: IndexElem, text: Option<&String>) -> IndexPart {
    let descending = element.ordering() == SortByDir::SortbyDesc;
    let nulls_first = match element.nulls_ordering() {
        SortByNulls::SortbyNullsFirst => Some(true),
        SortByNulls::SortbyNullsLast => Some(false),
        _ => None,
    };
    let expression = if element.name.is_empty() { text.cloned().unwrap_or_default() } else { String::new() };
    IndexPart {
        column: element.name,
        expression,
        operator_class: non_empty(names(element.opclass).join(".")),
        collation: non_empty(names(element.collation).join(".")),
        descending,
        nulls_first,
    }
}

/// Rewrites the casts of an expression: `::name` becomes `::` and what `rename` answers for the name as it is written, with its schema. COLLATE and the
/// collation after it are taken out; the second value says whether there was one.
#[must_use]
pub fn rewrite_casts(expression: &str, rename: &dyn Fn(&str) -> Option<String>) -> (String, bool) {
    let Ok(scanned) = pg_query::scan(expression) else { return (expression.to_owned(), false) };
    let range = |token: &protobuf::ScanToken| usize::try_from(token.start).unwrap_or(0)..usize::try_from(token.end).unwrap_or(0);
    let text = |at: usize| scanned.tokens.get(at).map_or("", |token| expression.get(range(token)).unwrap_or(""));
    let (mut out, mut copied, mut at, mut collated) = (String::new(), 0, 0, false);
    while at < scanned.tokens.len() {
        let token = &scanned.tokens[at];
        let name_end = |from: usize| if text(from + 1) == "." { from + 2 } else { from };
        let replaced = match token.token() {
            Token::Typecast => {
                let last = name_end(at + 1);
                let name: String = (at + 1..=last).map(text).collect();
                rename(&name.replace('"', "")).map(|new| (last, format!("::{new}")))
            }
            Token::Collate => {
                collated = true;
                Some((name_end(at + 1), String::new()))
            }
            _ => None,
        };
        if let Some((last, new)) = replaced {
            let end = scanned.tokens.get(last).map_or(expression.len(), |token| range(token).end);
            out.push_str(expression.get(copied..range(token).start).unwrap_or(""));
            out.push_str(&new);
            (copied, at) = (end, last);
        }
        at += 1;
    }
    out.push_str(expression.get(copied..).unwrap_or(""));
    (out, collated)
}
