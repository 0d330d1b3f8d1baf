//! All rules; one a file, each with an example beside it.

use crate::rule::Rule;

macro_rules! rules {
    ($($module:ident),* $(,)?) => {
        $(mod $module;)*

        /// In the order in which they look at a statement.
        pub(crate) const RULES: &[Rule] = &[$($module::RULE),*];
    };
}

rules! {
    add_column_constraint,
    add_constraint,
    chained_transaction,
    collation,
    column_clause,
    column_type,
    constraint_clause,
    drop_cascade,
    drop_concurrently,
    enforced,
    enum_type,
    extension,
    extension_type,
    fold_column,
    foreign_key,
    identity,
    index_async,
    index_clause,
    index_key,
    index_schema,
    inherits,
    isolation,
    key_size,
    locking,
    maintenance,
    materialized_view,
    missing_primary_key,
    mixed_transaction,
    rows_per_transaction,
    sequence,
    sequential_key,
    serial,
    set_not_null,
    setting,
    storage_action,
    table_clause,
    temporary,
    tenant_column,
    truncate,
    unbounded_insert,
    unfiltered_write,
    validate_constraint,
}
