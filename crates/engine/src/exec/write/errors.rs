//! What a refused write says.

use borealis_catalog::acl::Rights;
use borealis_catalog::privilege::{Guarded, Standing};
use borealis_catalog::{Column, ForeignKey, Index, IndexKey, IndexKeyPart, Table};
use borealis_pgtypes::{Datum, SqlError, SqlState, Type, text};

use crate::exec::QueryEnv;

/// Longest part of a value shown in DETAIL.
const VALUE_BYTES_MAX: usize = 64;

/// What of a table's rows the current role may read: nobody learns from an error what a SELECT would not tell.
struct Reader<'a> {
    table: &'a Table,
    standing: Standing,
    whole: bool,
}

impl<'a> Reader<'a> {
    fn new(env: &QueryEnv<'_>, table: &'a Table) -> Self {
        let standing = Standing::of(env.catalog, env.system.current_user());
        let whole = standing.holds(&Guarded::table(table), Rights::SELECT);
        Self { table, standing, whole }
    }

    fn reads(&self, column: &Column) -> bool {
        self.whole || self.standing.holds(&Guarded::column(self.table.owner, column), Rights::SELECT)
    }

    fn reads_all(&self, columns: &[i16]) -> bool {
        self.whole || columns.iter().all(|number| self.table.column_number(*number).is_some_and(|column| self.reads(column)))
    }

    fn reads_key(&self, index: &Index) -> bool {
        let reads = |key: &IndexKey| match key.part {
            IndexKeyPart::Column(number) => self.reads_all(&[number]),
            IndexKeyPart::Expression(..) => false,
        };
        self.whole || index.keys.iter().all(reads)
    }
}

fn with_detail(error: SqlError, detail: Option<String>) -> SqlError {
    match detail {
        Some(detail) => error.detail(detail),
        None => error,
    }
}

fn in_table(error: SqlError, env: &QueryEnv<'_>, table: &Table) -> SqlError {
    let schema = env.catalog.schema_by_oid(table.schema).map_or("", |schema| schema.name.as_str());
    error.table(schema, &table.name)
}

/// `23502`
pub(super) fn not_null(env: &QueryEnv<'_>, table: &Table, place: usize, row: &[Datum]) -> SqlError {
    let column = &table.columns[place].name;
    let message = format!("null value in column \"{column}\" of relation \"{}\" violates not-null constraint", table.name);
    let error = with_detail(SqlError::new(SqlState::NOT_NULL_VIOLATION, message), failing_row(env, table, row)).column(column);
    in_table(error, env, table)
}

/// `23514`
pub(super) fn check(env: &QueryEnv<'_>, table: &Table, constraint: &str, row: &[Datum]) -> SqlError {
    let message = format!("new row for relation \"{}\" violates check constraint \"{constraint}\"", table.name);
    let error = with_detail(SqlError::new(SqlState::CHECK_VIOLATION, message), failing_row(env, table, row)).constraint(constraint);
    in_table(error, env, table)
}

/// `23514` of a validation.
pub(crate) fn violated_by_some_row(env: &QueryEnv<'_>, table: &Table, constraint: &str) -> SqlError {
    let message = format!("check constraint \"{constraint}\" of relation \"{}\" is violated by some row", table.name);
    in_table(SqlError::new(SqlState::CHECK_VIOLATION, message).constraint(constraint), env, table)
}

/// `44000`
pub(super) fn view_check(env: &QueryEnv<'_>, table: &Table, view: &str, row: &[Datum]) -> SqlError {
    let message = format!("new row violates check option for view \"{view}\"");
    with_detail(SqlError::new(SqlState::WITH_CHECK_OPTION_VIOLATION, message), failing_row(env, table, row))
}

/// `42501`
pub(super) fn of_another_tenant(env: &QueryEnv<'_>, table: &Table, what: &str) -> SqlError {
    let message = format!("tenant guard: {what} in table \"{}\"", table.name);
    in_table(SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, message), env, table)
}

/// `23505`
pub(super) fn duplicate(env: &QueryEnv<'_>, table: &Table, index: &Index, keys: &[Datum]) -> SqlError {
    let message = format!("duplicate key value violates unique constraint \"{}\"", index.name);
    let detail = Reader::new(env, table).reads_key(index).then(|| format!("Key {} already exists.", describe_key(env, table, index, keys)));
    let error = with_detail(SqlError::new(SqlState::UNIQUE_VIOLATION, message), detail).constraint(&index.name);
    in_table(error, env, table)
}

/// `(a, b)=(1, x)`
fn describe_key(env: &QueryEnv<'_>, table: &Table, index: &Index, keys: &[Datum]) -> String {
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for (part, value) in index.keys.iter().zip(keys) {
        let (name, ty) = match &part.part {
            IndexKeyPart::Column(number) => match table.column_number(*number) {
                Some(column) => (column.name.as_str(), column.ty),
                None => continue,
            },
            IndexKeyPart::Expression(expression, ty) => (expression.as_str(), *ty),
        };
        names.push(name);
        values.push(show(env, value, ty));
    }
    format!("({})=({})", names.join(", "), values.join(", "))
}

/// `23503` of the referencing end.
pub(super) fn not_referenced(env: &QueryEnv<'_>, child: &Table, parent: &Table, key: &ForeignKey, values: &[Datum]) -> SqlError {
    let shown = describe_columns(env, child, &key.columns, values);
    let detail = format!("{shown} is not present in table \"{}\".", parent.name);
    referencing(env, child, key).detail(detail)
}

/// `23503` of MATCH FULL.
pub(super) fn mixed_nulls(env: &QueryEnv<'_>, child: &Table, key: &ForeignKey) -> SqlError {
    referencing(env, child, key).detail("MATCH FULL does not allow mixing of null and nonnull key values.")
}

fn referencing(env: &QueryEnv<'_>, child: &Table, key: &ForeignKey) -> SqlError {
    let message = format!("insert or update on table \"{}\" violates foreign key constraint \"{}\"", child.name, key.name);
    in_table(SqlError::new(SqlState::FOREIGN_KEY_VIOLATION, message).constraint(&key.name), env, child)
}

/// `23503` of the referenced end.
pub(super) fn still_referenced(env: &QueryEnv<'_>, child: &Table, parent: &Table, key: &ForeignKey, values: &[Datum]) -> SqlError {
    let (parent_name, child_name) = (&parent.name, &child.name);
    let message =
        format!("update or delete on table \"{parent_name}\" violates foreign key constraint \"{}\" on table \"{child_name}\"", key.name);
    let shown = describe_columns(env, parent, &key.target_columns, values);
    let error = SqlError::new(SqlState::FOREIGN_KEY_VIOLATION, message)
        .detail(format!("{shown} is still referenced from table \"{child_name}\"."))
        .constraint(&key.name);
    in_table(error, env, child)
}

/// `Key (a, b)=(1, x)`, or `Key` alone where the values are not for the role to see.
fn describe_columns(env: &QueryEnv<'_>, table: &Table, columns: &[i16], values: &[Datum]) -> String {
    if !Reader::new(env, table).reads_all(columns) {
        return "Key".to_owned();
    }
    let columns: Vec<_> = columns.iter().filter_map(|number| table.column_number(*number)).collect();
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let values: Vec<String> = columns.iter().zip(values).map(|(column, value)| show(env, value, column.ty)).collect();
    format!("Key ({})=({})", names.join(", "), values.join(", "))
}

/// The row, or those of its columns that the role may read, by name.
fn failing_row(env: &QueryEnv<'_>, table: &Table, row: &[Datum]) -> Option<String> {
    let reader = Reader::new(env, table);
    let shown = table.columns.iter().zip(row).filter(|(column, _)| !column.dropped && reader.reads(column));
    let (names, values): (Vec<&str>, Vec<String>) =
        shown.map(|(column, value)| (column.name.as_str(), clip(show(env, value, column.ty)))).unzip();
    if reader.whole {
        return Some(format!("Failing row contains ({}).", values.join(", ")));
    }
    (!names.is_empty()).then(|| format!("Failing row contains ({}) = ({}).", names.join(", "), values.join(", ")))
}

/// A value as DETAIL shows it. A value that cannot be shown does not hide the error that wants to show it.
fn show(env: &QueryEnv<'_>, value: &Datum, ty: Type) -> String {
    if value.is_null() {
        return "null".to_owned();
    }
    text::to_text(value, ty.oid, &env.eval).unwrap_or_else(|_| "?".to_owned())
}

fn clip(mut text: String) -> String {
    if text.len() > VALUE_BYTES_MAX {
        let end = (0..=VALUE_BYTES_MAX).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
        text.push_str("...");
    }
    text
}

/// `54000` for a value beyond what a column holds.
pub(super) fn value_too_large(limit: usize, type_name: &str) -> SqlError {
    let message = format!("datatype limit greater than {limit} bytes not supported for {type_name}");
    SqlError::new(SqlState::PROGRAM_LIMIT_EXCEEDED, message)
}

/// `54000` for a row beyond what a table holds.
pub(super) fn row_too_large() -> SqlError {
    SqlError::new(SqlState::PROGRAM_LIMIT_EXCEEDED, "maximum row size exceeded")
}
