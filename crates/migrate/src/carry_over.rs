//! What hangs on a table besides its rows, made again on the new one: owner, privileges, comments, indexes, views, statistics, sequences,
//! and the names of constraints and indexes.

use crate::operations::direct::{Step, create_index};
use crate::plan::Recreation;
use crate::sql;
use crate::table::{ConstraintKind, Grant, Index, Table, View, ViewColumn, grants};

/// Whether a relation of this name exists.
pub(crate) fn relation_exists(schema: &str, name: &str) -> String {
    format!(
        "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = {} AND c.relname = {})",
        sql::text(schema),
        sql::text(name)
    )
}

/// Whether a table has a constraint of this name, and `also` holds for it.
pub(crate) fn constraint_exists(schema: &str, table: &str, name: &str, also: &str) -> String {
    format!(
        "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = {} AND c.relname = {} AND k.conname = {}{also})",
        sql::text(schema),
        sql::text(table),
        sql::text(name)
    )
}

/// The new table with everything that it must have before the first row.
pub(crate) fn create(recreation: &Recreation) -> Vec<Step> {
    if recreation.exists {
        return crate::swap::drop_keys_to_itself(recreation);
    }
    let (original, new) = (&recreation.original, recreation.new_qualified());
    let mut steps = vec![
        Step::new(recreation.create_table())
            .done(relation_exists(&original.schema, &recreation.new_table))
            .undo(format!("DROP TABLE {new}")),
    ];
    // Built while there is nothing to build, so that no copied row ever breaks one.
    steps.extend(recreation.indexes.iter().filter(|index| index.unique).map(|index| build(recreation, index)));
    steps.push(Step::new(format!("ALTER TABLE {new} OWNER TO {}", sql::name(&original.owner))));
    steps.extend(privileges(&format!("TABLE {new}"), &original.owner, original.acl.as_deref(), &original.default_grantees));
    steps.extend(original.comment.as_deref().map(|comment| Step::new(format!("COMMENT ON TABLE {new} IS {}", sql::text(comment)))));
    for column in recreation.columns.iter().map(|column| &column.column) {
        let name = sql::name(&column.name);
        steps.extend(column.acl.as_deref().into_iter().flat_map(|acl| column_privileges(&name, &new, acl)));
        steps.extend(
            column.comment.as_deref().map(|comment| Step::new(format!("COMMENT ON COLUMN {new}.{name} IS {}", sql::text(comment)))),
        );
    }
    steps
}

/// A definition of the new table that changes nothing, for [`Journal::raise`](crate::journal::Journal::raise).
pub(crate) fn barrier(recreation: &Recreation) -> String {
    let comment = recreation.original.comment.as_deref().map_or_else(|| "NULL".to_owned(), sql::text);
    format!("COMMENT ON TABLE {} IS {comment}", recreation.new_qualified())
}

/// The indexes that are built once the rows are there.
pub(crate) fn indexes(recreation: &Recreation) -> Vec<Step> {
    let built = !recreation.exists;
    recreation.indexes.iter().filter(|index| built && !index.unique).map(|index| build(recreation, index)).collect()
}

fn build(recreation: &Recreation, index: &Index) -> Step {
    create_index(
        &recreation.new_qualified(),
        &recreation.original.schema,
        &recreation.interim(&index.name),
        index.unique,
        &index.definition,
    )
}

/// What is done once the new table has the name.
pub(crate) fn settle(recreation: &Recreation) -> Vec<Step> {
    let mut steps: Vec<Step> = views(&recreation.original).collect();
    steps.extend(crate::swap::validations(recreation));
    steps.extend(names(recreation));
    steps.extend(comments(recreation));
    steps.extend(comments_on_keys_of_others(recreation));
    steps.extend(statistics(recreation));
    steps.extend(owned_sequences(recreation));
    steps.extend(identity_sequences(recreation));
    steps
}

/// The views over a table, each behind those that it stands on.
pub(crate) fn views(original: &Table) -> impl Iterator<Item = Step> + '_ {
    original.views.iter().flat_map(|view| create_view(view, &original.default_grantees))
}

/// A view with all that belongs to it.
fn create_view(view: &View, default_grantees: &[String]) -> Vec<Step> {
    let name = view.qualified();
    let options = view.options.as_deref().map(|options| format!(" WITH {options}")).unwrap_or_default();
    let mut steps = vec![
        Step::new(format!("CREATE VIEW {name}{options} AS {}", view.definition)).done(relation_exists(&view.schema, &view.name)),
        Step::new(format!("ALTER VIEW {name} OWNER TO {}", sql::name(&view.owner))),
    ];
    steps.extend(privileges(&format!("TABLE {name}"), &view.owner, view.acl.as_deref(), default_grantees));
    steps.extend(view.comment.as_deref().map(|comment| Step::new(format!("COMMENT ON VIEW {name} IS {}", sql::text(comment)))));
    steps.extend(view.own.iter().flat_map(|column| own_of_column(&name, column)));
    steps
}

/// What hangs on a column of a view.
fn own_of_column(view: &str, column: &ViewColumn) -> Vec<Step> {
    let name = sql::name(&column.name);
    let default =
        column.default.as_deref().map(|default| Step::new(format!("ALTER VIEW {view} ALTER COLUMN {name} SET DEFAULT {default}")));
    let mut steps: Vec<Step> = default.into_iter().collect();
    steps.extend(column.acl.as_deref().into_iter().flat_map(|acl| column_privileges(&name, view, acl)));
    let comment = column.comment.as_deref();
    steps.extend(comment.map(|comment| Step::new(format!("COMMENT ON COLUMN {view}.{name} IS {}", sql::text(comment)))));
    steps
}

/// Privileges as they were; a relation without a list of its own has the owner's. What ALTER DEFAULT PRIVILEGES has given to the new one goes first.
fn privileges(object: &str, owner: &str, acl: Option<&str>, default_grantees: &[String]) -> Vec<Step> {
    let by_default = default_grantees.iter().filter(|grantee| *grantee != owner);
    let mut steps: Vec<Step> = by_default.map(|grantee| Step::new(format!("REVOKE ALL ON {object} FROM {}", role(grantee)))).collect();
    let Some(acl) = acl else { return steps };
    let entries = grants(acl);
    let everything = |grant: &&Grant| grant.role == owner && grant.plain.len() == 7;
    if !entries.iter().any(|grant| everything(&grant)) {
        steps.push(Step::new(format!("REVOKE ALL ON {object} FROM {}", sql::name(owner))));
    }
    steps.extend(entries.iter().filter(|grant| !everything(grant)).flat_map(|grant| given(grant, object)));
    steps
}

fn column_privileges(column: &str, table: &str, acl: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    for grant in grants(acl) {
        for (list, option) in [(&grant.plain, ""), (&grant.grantable, " WITH GRANT OPTION")] {
            if !list.is_empty() {
                let list = list.iter().map(|privilege| format!("{privilege} ({column})")).collect::<Vec<_>>().join(", ");
                steps.push(Step::new(format!("GRANT {list} ON TABLE {table} TO {}{option}", role(&grant.role))));
            }
        }
    }
    steps
}

fn role(name: &str) -> String {
    if name.is_empty() { "PUBLIC".to_owned() } else { sql::name(name) }
}

/// The names of constraints and indexes, first off the original, then onto the new table.
fn names(recreation: &Recreation) -> Vec<Step> {
    let original = &recreation.original;
    let mut steps = Vec::new();
    for constraint in original.constraints.iter().filter(|constraint| constraint.kind != ConstraintKind::Check) {
        let to = recreation.kept(&constraint.name);
        steps.push(rename_constraint(&original.schema, &recreation.old_table, &constraint.name, &to));
    }
    for constraint in recreation.constraints.iter().filter(|constraint| constraint.kind != ConstraintKind::Check) {
        let from = recreation.interim(&constraint.name);
        steps.push(rename_constraint(&original.schema, &original.name, &from, &constraint.name));
    }
    if recreation.renames_indexes {
        for index in original.indexes.iter().filter(|index| !index.constraint) {
            steps.push(rename_index(&original.schema, &index.name, &recreation.kept(&index.name)));
        }
        for index in &recreation.indexes {
            steps.push(rename_index(&original.schema, &recreation.interim(&index.name), &index.name));
        }
    }
    steps
}

pub(crate) fn rename_constraint(schema: &str, table: &str, from: &str, to: &str) -> Step {
    let sql = format!("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", sql::qualified(schema, table), sql::name(from), sql::name(to));
    Step::new(sql).done(constraint_exists(schema, table, to, ""))
}

/// The new name tells that it was done: the old one may be another index's by then.
fn rename_index(schema: &str, from: &str, to: &str) -> Step {
    let sql = format!("ALTER INDEX {} RENAME TO {}", sql::qualified(schema, from), sql::name(to));
    Step::new(sql).done(relation_exists(schema, to))
}

/// Comments on what has only now its name.
fn comments(recreation: &Recreation) -> Vec<Step> {
    if recreation.exists {
        return Vec::new();
    }
    let (schema, table) = (&recreation.original.schema, recreation.original.qualified());
    let of_constraints = recreation
        .constraints
        .iter()
        .map(|one| (&one.name, &one.comment))
        .chain(recreation.references.iter().map(|one| (&one.name, &one.comment)));
    let constraints = of_constraints.filter_map(|(name, comment)| {
        let comment = comment.as_deref()?;
        Some(Step::new(format!("COMMENT ON CONSTRAINT {} ON {table} IS {}", sql::name(name), sql::text(comment))))
    });
    let indexes = recreation.indexes.iter().filter_map(|index| {
        let comment = index.comment.as_deref()?;
        let name = if recreation.renames_indexes { index.name.clone() } else { recreation.interim(&index.name) };
        Some(Step::new(format!("COMMENT ON INDEX {} IS {}", sql::qualified(schema, &name), sql::text(comment))))
    });
    constraints.chain(indexes).chain(comments_behind_constraints(recreation)).collect()
}

/// Comments on the indexes of constraints that the new table has too.
fn comments_behind_constraints(recreation: &Recreation) -> impl Iterator<Item = Step> + '_ {
    let schema = &recreation.original.schema;
    let kept = |name: &str| recreation.constraints.iter().any(|one| one.kind != ConstraintKind::Check && one.name == name);
    let behind = recreation.original.indexes.iter().filter(move |index| index.constraint && kept(&index.name));
    behind.filter_map(move |index| {
        let comment = index.comment.as_deref()?;
        Some(Step::new(format!("COMMENT ON INDEX {} IS {}", sql::qualified(schema, &index.name), sql::text(comment))))
    })
}

/// Comments on the foreign keys of other tables, which are new ones under their old names.
fn comments_on_keys_of_others(recreation: &Recreation) -> impl Iterator<Item = Step> + '_ {
    recreation.original.referenced_by.iter().filter_map(|key| {
        let comment = key.comment.as_deref()?;
        let (name, table) = (sql::name(&key.name), key.referencing_qualified());
        Some(Step::new(format!("COMMENT ON CONSTRAINT {name} ON {table} IS {}", sql::text(comment))))
    })
}

/// What hangs on the sequence of an identity column, which is a new one under its old name. The table's owner has everything on it in any case.
fn identity_sequences(recreation: &Recreation) -> Vec<Step> {
    let original = &recreation.original;
    let kept = |column: &str| recreation.columns.iter().any(|new| new.column.name == column);
    let mut steps = Vec::new();
    for sequence in original.sequences.iter().filter(|sequence| sequence.identity && !recreation.exists && kept(&sequence.column)) {
        let name = sql::qualified(&sequence.schema, &sequence.name);
        for grant in sequence.acl.as_deref().map(grants).unwrap_or_default().iter().filter(|grant| grant.role != original.owner) {
            steps.extend(given(grant, &format!("SEQUENCE {name}")));
        }
        let comment = sequence.comment.as_deref();
        steps.extend(comment.map(|comment| Step::new(format!("COMMENT ON SEQUENCE {name} IS {}", sql::text(comment)))));
    }
    steps
}

/// The statements that give a role what it has.
fn given(grant: &Grant, object: &str) -> Vec<Step> {
    let statement = |(list, option): (&Vec<&'static str>, &str)| {
        (!list.is_empty()).then(|| Step::new(format!("GRANT {} ON {object} TO {}{option}", list.join(", "), role(&grant.role))))
    };
    [(&grant.plain, ""), (&grant.grantable, " WITH GRANT OPTION")].into_iter().filter_map(statement).collect()
}

fn statistics(recreation: &Recreation) -> Vec<Step> {
    let mut steps = Vec::new();
    for one in &recreation.original.statistics {
        let old = recreation.kept(&one.name);
        let exists = |name: &str| {
            format!(
                "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace \
                 WHERE n.nspname = {} AND s.stxname = {})",
                sql::text(&one.schema),
                sql::text(name)
            )
        };
        let rename = format!("ALTER STATISTICS {} RENAME TO {}", sql::qualified(&one.schema, &one.name), sql::name(&old));
        steps.push(Step::new(rename).done(exists(&old)));
        steps.push(Step::new(one.definition.clone()).done(exists(&one.name)));
    }
    steps
}

/// Sequences that belong to a column without being its identity.
fn owned_sequences(recreation: &Recreation) -> Vec<Step> {
    let table = recreation.original.qualified();
    let kept = |column: &str| recreation.columns.iter().any(|new| new.column.name == column);
    let owned = recreation.original.sequences.iter().filter(|sequence| !sequence.identity && kept(&sequence.column));
    owned
        .map(|sequence| {
            let name = sql::qualified(&sequence.schema, &sequence.name);
            Step::new(format!("ALTER SEQUENCE {name} OWNED BY {table}.{}", sql::name(&sequence.column)))
        })
        .collect()
}
