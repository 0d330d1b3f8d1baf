//! CREATE TABLE: columns and constraints.

use borealis_pgtypes::{SqlError, SqlState};
use pg_query::NodeEnum;
use pg_query::protobuf::{ColumnDef, ConstrType, Constraint, CreateStmt, Node, OnCommitAction, RangeVar, TableLikeClause};

use super::lower::{Lower, R, non_empty, strings, unexpected};
use crate::ast::{
    ColumnConstraint, ColumnConstraintKind, ColumnDefinition, CreateTable, LikeOption, ObjectName, References, Statement, TableConstraint,
    TableConstraintKind, TableElement, TypeName,
};

/// Bits of `TableLikeClause.options` (PostgreSQL, parsenodes.h), COMPRESSION aside.
const LIKE_OPTIONS: &[(u32, LikeOption)] = &[
    (1, LikeOption::Comments),
    (1 << 2, LikeOption::Constraints),
    (1 << 3, LikeOption::Defaults),
    (1 << 4, LikeOption::Generated),
    (1 << 5, LikeOption::Identity),
    (1 << 6, LikeOption::Indexes),
    (1 << 7, LikeOption::Statistics),
    (1 << 8, LikeOption::Storage),
];
const LIKE_COMPRESSION: u32 = 1 << 1;
/// A bit that only INCLUDING ALL sets.
const LIKE_ALL_MARK: u32 = 1 << 30;

impl Lower<'_> {
    pub(super) fn create_table(&self, create: CreateStmt) -> R<Statement> {
        let on_commit = create.oncommit();
        let CreateStmt {
            relation,
            table_elts,
            inh_relations,
            partbound,
            partspec,
            of_typename,
            constraints,
            options,
            oncommit: _,
            tablespacename,
            access_method,
            if_not_exists,
        } = create;
        let relation = relation.ok_or_else(|| unexpected("CREATE TABLE"))?;
        let without_on_commit = matches!(on_commit, OnCommitAction::OncommitNoop | OnCommitAction::Undefined);
        self.forbid(relation.relpersistence == "t", "create_table/TEMPORARY")?;
        self.forbid(relation.relpersistence == "u", "create_table/UNLOGGED")?;
        self.forbid(partbound.is_some(), "create_table/PARTITION OF")?;
        self.forbid(partspec.is_some(), "create_table/PARTITION BY")?;
        self.forbid(!inh_relations.is_empty(), "create_table/INHERITS")?;
        self.forbid(of_typename.is_some(), "create_table/OF")?;
        self.forbid(!options.is_empty(), "create_table/WITH")?;
        self.forbid(!without_on_commit, "create_table/ON COMMIT")?;
        self.forbid(!tablespacename.is_empty(), "create_table/TABLESPACE")?;
        self.forbid(!access_method.is_empty(), "create_table/USING")?;
        // The raw tree keeps table constraints among the elements; this list is filled by the analysis.
        self.forbid(!constraints.is_empty(), "create_table/OF")?;
        let elements = table_elts.into_iter().map(|element| self.table_element(element)).collect::<R<_>>()?;
        Ok(Statement::CreateTable(Box::new(CreateTable { name: self.relation(relation)?, if_not_exists, elements })))
    }

    fn table_element(&self, node: Node) -> R<TableElement> {
        match node.node {
            Some(NodeEnum::ColumnDef(column)) => Ok(TableElement::Column(self.column_definition(*column)?)),
            Some(NodeEnum::Constraint(constraint)) => Ok(TableElement::Constraint(self.table_constraint(*constraint)?)),
            Some(NodeEnum::TableLikeClause(like)) => self.like_clause(like),
            _ => Err(unexpected("CREATE TABLE")),
        }
    }

    fn like_clause(&self, like: TableLikeClause) -> R<TableElement> {
        let TableLikeClause { relation, options, relation_oid: _ } = like;
        let compression_alone = options & LIKE_COMPRESSION != 0 && options & LIKE_ALL_MARK == 0;
        self.forbid(compression_alone, "create_table/LIKE INCLUDING COMPRESSION")?;
        let name = self.relation(relation.ok_or_else(|| unexpected("LIKE"))?)?;
        let including = LIKE_OPTIONS.iter().filter(|(bit, _)| options & bit != 0).map(|(_, option)| *option).collect();
        Ok(TableElement::Like { name, including })
    }

    pub(super) fn column_definition(&self, column: ColumnDef) -> R<ColumnDefinition> {
        let ColumnDef {
            colname,
            type_name,
            compression,
            inhcount: _,
            is_local: _,
            is_not_null: _, // constraints say it in the raw tree
            is_from_type: _,
            storage: _,
            storage_name,
            raw_default: _, // as above
            cooked_default: _,
            identity: _, // as above
            identity_sequence: _,
            generated: _, // as above
            coll_clause,
            coll_oid: _,
            constraints,
            fdwoptions,
            location,
        } = column;
        self.forbid(coll_clause.is_some(), "column/COLLATE")?;
        self.forbid(!compression.is_empty(), "column/COMPRESSION")?;
        self.forbid(!fdwoptions.is_empty(), "column/OPTIONS")?;
        let storage = non_empty(storage_name);
        if storage.is_some() {
            self.require("column/STORAGE")?;
        }
        let ty = self.type_name(type_name.ok_or_else(|| unexpected("a column"))?)?;
        let constraints = self.column_constraints(constraints, &ty)?;
        Ok(ColumnDefinition { name: colname, ty, storage, constraints, at: location })
    }

    /// Constraints of a column. DEFERRABLE and its kin are nodes of their own that belong to the constraint before them.
    fn column_constraints(&self, nodes: Vec<Node>, ty: &TypeName) -> R<Vec<ColumnConstraint>> {
        let mut lowered: Vec<ColumnConstraint> = Vec::with_capacity(nodes.len());
        let mut attributes = Attributes::default();
        for node in nodes {
            let Some(NodeEnum::Constraint(constraint)) = node.node else { return Err(unexpected("a column")) };
            if attributes.apply(&constraint, lowered.last_mut())? {
                continue;
            }
            attributes = Attributes::default();
            lowered.push(self.column_constraint(*constraint, ty)?);
        }
        Ok(lowered)
    }

    fn column_constraint(&self, constraint: Constraint, ty: &TypeName) -> R<ColumnConstraint> {
        let (name, at, kind) = (non_empty(constraint.conname.clone()), constraint.location, constraint.contype());
        let kind = match kind {
            ConstrType::ConstrNull => ColumnConstraintKind::Null,
            ConstrType::ConstrNotnull => ColumnConstraintKind::NotNull,
            ConstrType::ConstrDefault => ColumnConstraintKind::Default(*self.boxed(constraint.raw_expr)?),
            ConstrType::ConstrIdentity => self.identity(constraint, ty)?,
            ConstrType::ConstrGenerated => ColumnConstraintKind::Generated(*self.boxed(constraint.raw_expr)?),
            ConstrType::ConstrCheck => {
                self.forbid(constraint.is_no_inherit, "constraint/NO INHERIT")?;
                ColumnConstraintKind::Check { expr: *self.boxed(constraint.raw_expr)? }
            }
            ConstrType::ConstrPrimary => {
                self.index_constraint(&constraint, "PRIMARY KEY")?;
                ColumnConstraintKind::PrimaryKey { include: strings(constraint.including)? }
            }
            ConstrType::ConstrUnique => {
                self.index_constraint(&constraint, "UNIQUE")?;
                let nulls_not_distinct = constraint.nulls_not_distinct;
                ColumnConstraintKind::Unique { nulls_not_distinct, include: strings(constraint.including)? }
            }
            ConstrType::ConstrForeign => ColumnConstraintKind::References(self.references(constraint)?),
            ConstrType::ConstrExclusion => return Err(self.refuse("constraint/EXCLUDE", &[])),
            _ => return Err(unexpected("a column constraint")),
        };
        Ok(ColumnConstraint { name, kind, at })
    }

    fn identity(&self, constraint: Constraint, ty: &TypeName) -> R<ColumnConstraintKind> {
        let always = constraint.generated_when == "a";
        let options = self.sequence_options(constraint.options)?;
        self.check_cache(&options, "column/identity without cache")?;
        self.check_identity_type(ty)?;
        self.require("constraint/IDENTITY")?;
        Ok(ColumnConstraintKind::Identity { always, options })
    }

    /// The two smaller integers are refused by name; any other type is for the binder, which knows domains.
    fn check_identity_type(&self, ty: &TypeName) -> R<()> {
        let name = match ty.names.last().map(String::as_str) {
            Some("int4") => "integer",
            Some("int2") => "smallint",
            _ => return Ok(()),
        };
        Err(self.refuse("column/identity type", &[name]))
    }

    /// What PRIMARY KEY and UNIQUE may not carry.
    fn index_constraint(&self, constraint: &Constraint, name: &str) -> R<()> {
        let refuse = |present: bool, key: &str| if present { Err(self.refuse(key, &[name])) } else { Ok(()) };
        refuse(constraint.deferrable || constraint.initdeferred, "constraint/index DEFERRABLE")?;
        refuse(!constraint.options.is_empty(), "constraint/index WITH")?;
        refuse(!constraint.indexspace.is_empty(), "constraint/index TABLESPACE")
    }

    pub(super) fn table_constraint(&self, constraint: Constraint) -> R<TableConstraint> {
        let (name, at, contype) = (non_empty(constraint.conname.clone()), constraint.location, constraint.contype());
        let not_valid = constraint.skip_validation;
        let using_index = non_empty(constraint.indexname.clone());
        let kind = match contype {
            ConstrType::ConstrCheck => {
                self.forbid(constraint.is_no_inherit, "constraint/NO INHERIT")?;
                TableConstraintKind::Check { expr: *self.boxed(constraint.raw_expr)? }
            }
            ConstrType::ConstrPrimary => {
                self.index_constraint(&constraint, "PRIMARY KEY")?;
                TableConstraintKind::PrimaryKey { columns: strings(constraint.keys)?, include: strings(constraint.including)?, using_index }
            }
            ConstrType::ConstrUnique => {
                self.index_constraint(&constraint, "UNIQUE")?;
                TableConstraintKind::Unique {
                    columns: strings(constraint.keys)?,
                    include: strings(constraint.including)?,
                    nulls_not_distinct: constraint.nulls_not_distinct,
                    using_index,
                }
            }
            ConstrType::ConstrForeign => {
                let columns = strings(constraint.fk_attrs.clone())?;
                TableConstraintKind::ForeignKey { columns, references: self.references(constraint)? }
            }
            ConstrType::ConstrExclusion => return Err(self.refuse("constraint/EXCLUDE", &[])),
            _ => return Err(unexpected("a table constraint")),
        };
        Ok(TableConstraint { name, kind, not_valid, at })
    }

    fn references(&self, constraint: Constraint) -> R<References> {
        // What this version does not build yet is DDL's to refuse: the tree has its place already.
        let row = borealis_dialect::lookup("constraint/FOREIGN KEY", self.dialect);
        self.forbid(row.is_some_and(|row| row.verdict == borealis_dialect::Verdict::Refused), "constraint/FOREIGN KEY")?;
        let letter = |text: &str, default: char| text.chars().next().unwrap_or(default);
        let match_type = letter(&constraint.fk_matchtype, 's');
        self.forbid(match_type == 'p', "constraint/MATCH PARTIAL")?;
        Ok(References {
            table: self.referenced(constraint.pktable)?,
            columns: strings(constraint.pk_attrs)?,
            match_type,
            on_update: letter(&constraint.fk_upd_action, 'a'),
            on_delete: letter(&constraint.fk_del_action, 'a'),
            delete_columns: strings(constraint.fk_del_set_cols)?,
            deferrable: constraint.deferrable,
            initially_deferred: constraint.initdeferred,
        })
    }

    fn referenced(&self, table: Option<RangeVar>) -> R<ObjectName> {
        self.relation(table.ok_or_else(|| unexpected("REFERENCES"))?)
    }
}

/// Which attributes a constraint has had; PostgreSQL's transformConstraintAttrs.
#[derive(Default)]
struct Attributes {
    deferrability: bool,
    initially: bool,
}

impl Attributes {
    /// Applies an attribute node to the constraint before it; `false` when `node` is a constraint of its own.
    fn apply(&mut self, node: &Constraint, before: Option<&mut ColumnConstraint>) -> R<bool> {
        let (clause, deferrability) = match node.contype() {
            ConstrType::ConstrAttrDeferrable => ("DEFERRABLE", true),
            ConstrType::ConstrAttrNotDeferrable => ("NOT DEFERRABLE", true),
            ConstrType::ConstrAttrDeferred => ("INITIALLY DEFERRED", false),
            ConstrType::ConstrAttrImmediate => ("INITIALLY IMMEDIATE", false),
            _ => return Ok(false),
        };
        let error = |message: String| Err(SqlError::new(SqlState::SYNTAX_ERROR, message).at(node.location));
        let Some(ColumnConstraint { kind: ColumnConstraintKind::References(references), .. }) = before else {
            return error(format!("misplaced {clause} clause"));
        };
        let seen = if deferrability { &mut self.deferrability } else { &mut self.initially };
        if std::mem::replace(seen, true) {
            let what = if deferrability { "DEFERRABLE/NOT DEFERRABLE" } else { "INITIALLY IMMEDIATE/DEFERRED" };
            return error(format!("multiple {what} clauses not allowed"));
        }
        match clause {
            "DEFERRABLE" => references.deferrable = true,
            "NOT DEFERRABLE" => references.deferrable = false,
            "INITIALLY DEFERRED" => references.initially_deferred = true,
            _ => references.initially_deferred = false,
        }
        if references.initially_deferred && !references.deferrable {
            if self.deferrability {
                return error("constraint declared INITIALLY DEFERRED must be DEFERRABLE".to_owned());
            }
            references.deferrable = true;
        }
        Ok(true)
    }
}
