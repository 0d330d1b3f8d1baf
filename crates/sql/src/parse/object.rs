//! Statements about named objects of many kinds: DROP, RENAME, COMMENT, SET SCHEMA, OWNER TO; schemas, views, functions.

use borealis_pgtypes::SqlError;
use pg_query::NodeEnum;
use pg_query::protobuf::{
    AlterObjectSchemaStmt, AlterOwnerStmt, CommentStmt, CreateSchemaStmt, DropBehavior, DropStmt, Node, ObjectType, RangeVar, RenameStmt,
    ViewCheckOption, ViewStmt,
};

use super::lower::{Lower, R, non_empty, string, strings, unexpected};
use super::node;
use super::session::option_text;
use crate::ast::{
    AlterFunction, AlterFunctionAction, CommentTarget, CreateView, Drop, DropFunction, ObjectKind, ObjectName, Rename, RenameTarget,
    Statement,
};

/// The kinds of object that the syntax tree names.
fn object_kind(object: ObjectType) -> Option<ObjectKind> {
    Some(match object {
        ObjectType::ObjectTable => ObjectKind::Table,
        ObjectType::ObjectIndex => ObjectKind::Index,
        ObjectType::ObjectSchema => ObjectKind::Schema,
        ObjectType::ObjectView => ObjectKind::View,
        ObjectType::ObjectSequence => ObjectKind::Sequence,
        ObjectType::ObjectStatisticExt => ObjectKind::Statistics,
        ObjectType::ObjectDomain => ObjectKind::Domain,
        _ => return None,
    })
}

impl Lower<'_> {
    /// The kind, or the refusal of `action` on it.
    fn known_kind(&self, object: ObjectType, action: &str) -> R<ObjectKind> {
        if let Some(kind) = object_kind(object).filter(|kind| *kind != ObjectKind::Statistics || self.knows_statistics(action)) {
            return Ok(kind);
        }
        Err(self.refuse(&format!("object/{action}"), &[]))
    }

    /// Statistics objects came late, and are not among what COMMENT knows.
    fn knows_statistics(&self, action: &str) -> bool {
        action != "COMMENT" && borealis_dialect::require("statement/CreateStats", &[], self.dialect).is_ok()
    }

    pub(super) fn drop(&self, drop: DropStmt) -> R<Statement> {
        let (object, cascade) = (drop.remove_type(), drop.behavior() == DropBehavior::DropCascade);
        let DropStmt { objects, remove_type: _, behavior: _, missing_ok, concurrent } = drop;
        if let Some(routine) = self.is_function(object)? {
            let functions = objects.into_iter().map(|object| self.function_name(object)).collect::<R<_>>()?;
            return Ok(Statement::DropFunction(DropFunction { functions, if_exists: missing_ok, cascade, routine }));
        }
        if object == ObjectType::ObjectTrigger {
            return self.drop_trigger(objects, missing_ok);
        }
        self.forbid(object == ObjectType::ObjectMatview, "object/DROP materialized view")?;
        let kind = self.known_kind(object, "DROP")?;
        self.forbid(concurrent, "object/DROP CONCURRENTLY")?;
        let names = objects.into_iter().map(|object| self.named_object(object)).collect::<R<_>>()?;
        Ok(Statement::Drop(Drop { kind, names, if_exists: missing_ok, cascade }))
    }

    /// `[schema.]table.trigger`: there are no triggers, so IF EXISTS is what can be said.
    fn drop_trigger(&self, objects: Vec<Node>, if_exists: bool) -> R<Statement> {
        self.forbid(!if_exists, "object/DROP trigger")?;
        let Some(NodeEnum::List(mut list)) = objects.into_iter().next().and_then(|object| object.node) else {
            return Err(unexpected("DROP TRIGGER"));
        };
        let name = string(list.items.pop().ok_or_else(|| unexpected("DROP TRIGGER"))?)?;
        Ok(Statement::DropTrigger { name, table: self.object_name(list.items, -1)? })
    }

    /// An object as DROP, COMMENT and friends name it.
    fn named_object(&self, node: Node) -> R<ObjectName> {
        match node.node {
            Some(NodeEnum::List(list)) => self.object_name(list.items, -1),
            Some(NodeEnum::String(name)) => Ok(ObjectName { schema: None, name: name.sval, at: -1 }),
            Some(NodeEnum::TypeName(ty)) => self.object_name(ty.names, ty.location),
            _ => Err(unexpected("the name of an object")),
        }
    }

    pub(super) fn rename(&self, rename: RenameStmt) -> R<Statement> {
        let (object, table_kind) = (rename.rename_type(), rename.relation_type());
        // A column of a view is renamed without CASCADE; behaviour concerns types alone.
        if let Some(routine) = self.is_function(object)? {
            return self.alter_function(rename.object, AlterFunctionAction::Rename(rename.newname), routine);
        }
        let RenameStmt { rename_type: _, relation_type: _, relation, object: named, subname, newname, behavior: _, missing_ok } = rename;
        let target = match object {
            ObjectType::ObjectColumn if matches!(table_kind, ObjectType::ObjectTable | ObjectType::ObjectView) => {
                let view = table_kind == ObjectType::ObjectView;
                RenameTarget::Column { view, table: self.renamed_relation(relation)?, column: subname }
            }
            ObjectType::ObjectTabconstraint => RenameTarget::Constraint { table: self.renamed_relation(relation)?, constraint: subname },
            ObjectType::ObjectRole => RenameTarget::Role(subname),
            ObjectType::ObjectIndex => {
                borealis_dialect::require("object/RENAME index", &[], self.dialect).map_err(|_| self.refuse("object/RENAME index", &[]))?;
                RenameTarget::Object { kind: ObjectKind::Index, name: self.renamed_relation(relation)? }
            }
            ObjectType::ObjectDomain | ObjectType::ObjectDomconstraint => return Err(self.refuse("object/RENAME", &[])),
            ObjectType::ObjectSchema => {
                RenameTarget::Object { kind: ObjectKind::Schema, name: ObjectName { schema: None, name: subname, at: -1 } }
            }
            other => {
                let kind = self.known_kind(other, "RENAME")?;
                let name = match (relation, named) {
                    (Some(relation), _) => self.relation(relation)?,
                    (None, Some(named)) => self.named_object(*named)?,
                    (None, None) => return Err(unexpected("RENAME")),
                };
                RenameTarget::Object { kind, name }
            }
        };
        Ok(Statement::Rename(Rename { target, if_exists: missing_ok, new_name: newname }))
    }

    fn renamed_relation(&self, relation: Option<RangeVar>) -> R<ObjectName> {
        self.relation(relation.ok_or_else(|| unexpected("RENAME"))?)
    }

    pub(super) fn set_schema(&self, alter: AlterObjectSchemaStmt) -> R<Statement> {
        let object = alter.object_type();
        if let Some(routine) = self.is_function(object)? {
            return self.alter_function(alter.object, AlterFunctionAction::SetSchema(alter.newschema), routine);
        }
        let AlterObjectSchemaStmt { object_type: _, relation, object: named, newschema, missing_ok } = alter;
        let kind = self.known_kind(object, "SET SCHEMA")?;
        let name = match (relation, named) {
            (Some(relation), _) => self.relation(relation)?,
            (None, Some(named)) => self.named_object(*named)?,
            (None, None) => return Err(unexpected("SET SCHEMA")),
        };
        Ok(Statement::SetSchema { kind, name, if_exists: missing_ok, schema: newschema })
    }

    pub(super) fn set_owner(&self, alter: AlterOwnerStmt) -> R<Statement> {
        let object = alter.object_type();
        if let Some(routine) = self.is_function(object)? {
            let owner = self.role(alter.newowner.ok_or_else(|| unexpected("OWNER TO"))?);
            return self.alter_function(alter.object, AlterFunctionAction::OwnerTo(owner), routine);
        }
        let AlterOwnerStmt { object_type: _, relation, object: named, newowner } = alter;
        let kind = self.known_kind(object, "OWNER TO")?;
        let name = match (relation, named) {
            (Some(relation), _) => self.relation(relation)?,
            (None, Some(named)) => self.named_object(*named)?,
            (None, None) => return Err(unexpected("OWNER TO")),
        };
        let owner = self.role(newowner.ok_or_else(|| unexpected("OWNER TO"))?);
        Ok(Statement::SetOwner { kind, name, owner })
    }

    fn alter_function(&self, named: Option<Box<Node>>, action: AlterFunctionAction, routine: bool) -> R<Statement> {
        let function = self.function_name(*named.ok_or_else(|| unexpected("ALTER FUNCTION"))?)?;
        Ok(Statement::AlterFunction(Box::new(AlterFunction { function, action, routine })))
    }

    pub(super) fn comment(&self, comment: CommentStmt) -> R<Statement> {
        let object = comment.objtype();
        let CommentStmt { objtype: _, object: named, comment } = comment;
        let named = *named.ok_or_else(|| unexpected("COMMENT"))?;
        let target = match object {
            ObjectType::ObjectColumn => {
                let (table, column) = self.member(named)?;
                CommentTarget::Column { table, column }
            }
            ObjectType::ObjectTabconstraint => {
                let (table, constraint) = self.member(named)?;
                CommentTarget::Constraint { table, constraint }
            }
            ObjectType::ObjectDomain | ObjectType::ObjectDomconstraint => return Err(self.refuse("object/COMMENT", &[])),
            ObjectType::ObjectRole => CommentTarget::Role(string(named)?),
            other if self.is_function(other)?.is_some() => CommentTarget::Function(self.function_name(named)?),
            other => CommentTarget::Object { kind: self.known_kind(other, "COMMENT")?, name: self.named_object(named)? },
        };
        // An empty comment removes the comment, in PostgreSQL too.
        Ok(Statement::Comment { target, text: non_empty(comment) })
    }

    /// `[schema.]table.member` as one list.
    fn member(&self, node: Node) -> R<(ObjectName, String)> {
        let Some(NodeEnum::List(list)) = node.node else { return Err(unexpected("COMMENT")) };
        let mut parts = list.items;
        let member = string(parts.pop().ok_or_else(|| unexpected("COMMENT"))?)?;
        if parts.is_empty() {
            let error = SqlError::new(borealis_pgtypes::SqlState::SYNTAX_ERROR, "column name must be qualified");
            return Err(error);
        }
        Ok((self.object_name(parts, -1)?, member))
    }

    pub(super) fn create_schema(&self, schema: CreateSchemaStmt) -> R<Statement> {
        let CreateSchemaStmt { schemaname, authrole, schema_elts, if_not_exists } = schema;
        let elements = schema_elts.into_iter().map(|element| self.schema_element(element)).collect::<R<_>>()?;
        let authorization = authrole.map(|role| self.role(role));
        Ok(Statement::CreateSchema { name: non_empty(schemaname), if_not_exists, authorization, elements })
    }

    fn schema_element(&self, element: Node) -> R<Statement> {
        let tree = element.node.ok_or_else(|| unexpected("CREATE SCHEMA"))?;
        let name = node::name(&tree);
        match name {
            "Create" | "View" => self.statement(tree),
            "Grant" | "CreateSeq" => {
                let refusal = borealis_dialect::refusal(&format!("schema/{name}"), &[name], self.dialect);
                refusal.map_or_else(|| self.statement(tree), |refusal| Err(super::lower::from_dialect(refusal)))
            }
            _ => Err(self.refuse("schema/element", &[name])),
        }
    }

    pub(super) fn create_view(&self, view: ViewStmt) -> R<Statement> {
        let check = match view.with_check_option() {
            ViewCheckOption::NoCheckOption | ViewCheckOption::Undefined => None,
            ViewCheckOption::LocalCheckOption => Some("local"),
            ViewCheckOption::CascadedCheckOption => Some("cascaded"),
        };
        let ViewStmt { view, aliases, query, replace, options, with_check_option: _ } = view;
        let view = view.ok_or_else(|| unexpected("CREATE VIEW"))?;
        self.forbid(view.relpersistence == "t", "view/TEMPORARY")?;
        self.forbid(view.relpersistence == "u", "view/UNLOGGED")?;
        let mut options = view_options(options)?;
        options.extend(check.map(|value| ("check_option".to_owned(), Some(value.to_owned()))));
        let query = self.query_node(*query.ok_or_else(|| unexpected("CREATE VIEW"))?)?;
        Ok(Statement::CreateView(Box::new(CreateView { name: self.relation(view)?, columns: strings(aliases)?, replace, options, query })))
    }
}

/// Options of a view: names, each with a value or without.
pub(super) fn view_options(options: Vec<Node>) -> R<Vec<(String, Option<String>)>> {
    let option = |node: Node| match node.node {
        Some(NodeEnum::DefElem(element)) => {
            // A name that another name qualifies is no option of a view.
            let name = if element.defnamespace.is_empty() {
                element.defname.clone()
            } else {
                format!("{}.{}", element.defnamespace, element.defname)
            };
            Ok((name, option_text(&element)))
        }
        _ => Err(unexpected("the options of a view")),
    };
    options.into_iter().map(option).collect()
}
