//! The change of names, and what must happen between its two halves.
//!
//! A transaction holds one DDL statement, so the two renames cannot be one. The original goes first: from then on no writer reaches it, by its
//! name or by a view; what wrote before is in it; what was about to write fails with OC001. Behind this fence the last differences are mended,
//! and only then does the new table get the name.

use crate::carry_over::{constraint_exists, relation_exists, rename_constraint, views};
use crate::operations::direct::Step;
use crate::plan::Recreation;
use crate::sql;
use crate::table::{ConstraintKind, ForeignKey, Sequence};

/// Views away, then the name: nothing writes to the original any more.
pub(crate) fn fence(recreation: &Recreation) -> Vec<Step> {
    let original = &recreation.original;
    let views = original.views.iter().rev().map(|view| {
        Step::new(format!("DROP VIEW {}", view.qualified())).done(format!("SELECT NOT ({})", relation_exists(&view.schema, &view.name)))
    });
    views.chain([rename_original(recreation)]).collect()
}

fn rename_original(recreation: &Recreation) -> Step {
    let original = &recreation.original;
    Step::new(format!("ALTER TABLE {} RENAME TO {}", original.qualified(), sql::name(&recreation.old_table)))
        .done(relation_exists(&original.schema, &recreation.old_table))
}

/// The way back from behind the fence: the name, then the views.
pub(crate) fn unfence(recreation: &Recreation) -> Vec<Step> {
    let original = &recreation.original;
    let rename = Step::new(format!("ALTER TABLE {} RENAME TO {}", recreation.old_qualified(), sql::name(&original.name)))
        .done(format!("SELECT NOT ({})", relation_exists(&original.schema, &recreation.old_table)));
    std::iter::once(rename).chain(views(original)).collect()
}

/// Foreign keys to other tables, before the last comparison: a cascade then reaches both tables alike. Not those to the table itself, which
/// the last repairs could break for a moment.
pub(crate) fn foreign_keys(recreation: &Recreation) -> Vec<Step> {
    recreation
        .references
        .iter()
        .filter(|key| !is_to_itself(key))
        .map(|key| add_to_new(recreation, key, &key.referenced_qualified()))
        .collect()
}

/// The foreign keys taken off the new table again, when the swap is given up.
pub(crate) fn remove_foreign_keys(recreation: &Recreation) -> Vec<Step> {
    let schema = &recreation.original.schema;
    let keys = recreation.references.iter().filter(|key| !is_to_itself(key));
    keys.map(|key| drop_constraint(schema, &recreation.new_table, &key.name)).collect()
}

/// Foreign keys of a table that exists already to itself, which would hold rows in place while it is mended; [`switch`] adds them again.
pub(crate) fn drop_keys_to_itself(recreation: &Recreation) -> Vec<Step> {
    let keys = recreation.references.iter().filter(|key| is_to_itself(key));
    keys.map(|key| drop_constraint(&recreation.original.schema, &recreation.new_table, &key.name)).collect()
}

/// Everything from the last comparison to the second rename, which is the last statement.
pub(crate) fn switch(recreation: &Recreation) -> Vec<Step> {
    let original = &recreation.original;
    let mut steps = Vec::new();
    for key in recreation.references.iter().filter(|key| is_to_itself(key)) {
        steps.push(add_to_new(recreation, key, &recreation.new_qualified()));
    }
    for key in &original.referenced_by {
        steps.extend(turn_to_new(recreation, key));
    }
    // The original would go on holding rows of other tables in place.
    for key in original.references.iter().filter(|key| !is_to_itself(key)) {
        steps.push(drop_constraint(&original.schema, &recreation.old_table, &key.name));
    }
    for check in recreation.constraints.iter().filter(|constraint| constraint.kind == ConstraintKind::Check && !constraint.validated) {
        let sql =
            format!("ALTER TABLE {} ADD CONSTRAINT {} {} NOT VALID", recreation.new_qualified(), sql::name(&check.name), check.definition);
        steps.push(Step::new(sql).done(either_name(recreation, &check.name)));
    }
    let kept = |sequence: &&Sequence| sequence.identity && recreation.columns.iter().any(|column| column.column.name == sequence.column);
    for sequence in original.sequences.iter().filter(kept) {
        steps.extend(carry_counter(recreation, sequence));
    }
    let rename = format!("ALTER TABLE {} RENAME TO {}", recreation.new_qualified(), sql::name(&original.name));
    steps.push(Step::new(rename).done(new_has_the_name(recreation)));
    steps
}

/// Validations that may take their time.
pub(crate) fn validations(recreation: &Recreation) -> Vec<Step> {
    let original = &recreation.original;
    let mut steps = Vec::new();
    for key in &recreation.references {
        steps.push(validate(&original.schema, &original.name, &key.name));
    }
    for key in &original.referenced_by {
        let interim = recreation.interim(&key.name);
        let (schema, table) = (&key.from.0, &key.from.1);
        let mut rename = rename_constraint(schema, table, &interim, &key.name);
        rename.done = Some(constraint_exists(schema, table, &key.name, ""));
        steps.push(rename);
        steps.push(validate(schema, table, &key.name));
    }
    steps
}

fn validate(schema: &str, table: &str, name: &str) -> Step {
    Step::new(format!("ALTER TABLE ASYNC {} VALIDATE CONSTRAINT {}", sql::qualified(schema, table), sql::name(name)))
        .job()
        .done(constraint_exists(schema, table, name, " AND k.convalidated"))
}

fn is_to_itself(key: &ForeignKey) -> bool {
    key.from == key.to
}

/// The new table has the constraint, whichever of its names it has by now.
fn either_name(recreation: &Recreation, constraint: &str) -> String {
    let (schema, name) = (&recreation.original.schema, &recreation.original.name);
    format!(
        "SELECT ({}) OR ({})",
        constraint_exists(schema, &recreation.new_table, constraint, ""),
        constraint_exists(schema, name, constraint, "")
    )
}

fn add_to_new(recreation: &Recreation, key: &ForeignKey, to: &str) -> Step {
    let sql =
        format!("ALTER TABLE {} ADD CONSTRAINT {} {} NOT VALID", recreation.new_qualified(), sql::name(&key.name), key.definition(to));
    Step::new(sql).done(either_name(recreation, &key.name))
}

/// Another table's foreign key, from the original to the new table: never without one of the two.
fn turn_to_new(recreation: &Recreation, key: &ForeignKey) -> [Step; 2] {
    let (schema, table) = (&key.from.0, &key.from.1);
    let interim = recreation.interim(&key.name);
    let add = format!(
        "ALTER TABLE {} ADD CONSTRAINT {} {} NOT VALID",
        key.referencing_qualified(),
        sql::name(&interim),
        key.definition(&recreation.new_qualified())
    );
    let added = format!("SELECT ({}) OR ({})", constraint_exists(schema, table, &interim, ""), new_has_the_name(recreation));
    let mut drop = drop_constraint(schema, table, &key.name);
    drop.done = Some(format!("SELECT NOT ({}) OR ({})", constraint_exists(schema, table, &key.name, ""), new_has_the_name(recreation)));
    [Step::new(add).done(added), drop]
}

fn drop_constraint(schema: &str, table: &str, name: &str) -> Step {
    Step::new(format!("ALTER TABLE {} DROP CONSTRAINT {}", sql::qualified(schema, table), sql::name(name)))
        .done(format!("SELECT NOT ({})", constraint_exists(schema, table, name, "")))
}

fn new_has_the_name(recreation: &Recreation) -> String {
    format!("SELECT NOT ({})", relation_exists(&recreation.original.schema, &recreation.new_table))
}

/// The counter of an identity column: its name is taken from the original's first, so that nobody can take a number from it any more, then
/// its state is set. The state is never set once the new table has its name and counts by itself.
fn carry_counter(recreation: &Recreation, sequence: &Sequence) -> [Step; 3] {
    let schema = &sequence.schema;
    let old = recreation.kept(&sequence.name);
    let made = recreation.made_sequence(sequence);
    let rename = |from: &str, to: &str| format!("ALTER SEQUENCE {} RENAME TO {}", sql::qualified(schema, from), sql::name(to));
    let away = Step::new(rename(&sequence.name, &old)).done(relation_exists(schema, &old));
    let set = format!(
        "SELECT setval({}, s.last_value, s.is_called) FROM {} AS s",
        sql::text(&sql::qualified(schema, &made)),
        sql::qualified(schema, &old)
    );
    let set = Step::new(set).done(format!("SELECT NOT ({})", relation_exists(schema, &made)));
    let onto = Step::new(rename(&made, &sequence.name)).done(format!("SELECT NOT ({})", relation_exists(schema, &made)));
    [away, set, onto]
}
