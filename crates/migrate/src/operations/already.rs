//! What need not be done, because it is so already.

use super::Operation;
use super::argument::Type;
use crate::error::Result;
use crate::link::Link;
use crate::sql;
use crate::table::{Column, Table};

/// Why an operation would change nothing, in words; none when it would.
pub(crate) async fn as_wished(link: &Link<'_>, table: &Table, operation: &Operation) -> Result<Option<String>> {
    let column = |name: &str| table.column(name);
    Ok(match operation {
        Operation::AddColumn { name, ty, default, not_null } => column(name)
            .filter(|there| is_of_type(there, ty) && there.not_null == *not_null && there.default == *default)
            .filter(|there| there.identity.is_none() && there.generated.is_none())
            .map(|there| format!("there is a column {name} {} already", there.ty)),
        Operation::RenameColumn { column: from, to } => {
            column(to).filter(|_| from == to).map(|_| format!("column {to} has that name already"))
        }
        Operation::RetypeColumn { column: name, ty, using: None } => {
            column(name).filter(|there| is_of_type(there, ty)).map(|there| format!("column {name} is of type {} already", there.ty))
        }
        Operation::SetNotNull { column: name, .. } => {
            column(name).filter(|there| there.not_null).map(|_| format!("column {name} is NOT NULL already"))
        }
        Operation::DropNotNull { column: name } => {
            column(name).filter(|there| !there.not_null).map(|_| format!("column {name} may be NULL already"))
        }
        Operation::DropDefault { column: name } => column(name)
            .filter(|there| there.default.is_none() && there.identity.is_none() && there.generated.is_none())
            .map(|_| format!("column {name} has no default already")),
        Operation::SetDefault { column: name, default } => match column(name).and_then(|there| there.default.as_deref()) {
            Some(now) if printed(link, table, name, default).await?.as_deref() == Some(now) => {
                Some(format!("the default of column {name} is {now} already"))
            }
            _ => None,
        },
        Operation::PrimaryKey { columns } => table
            .primary_key()
            .filter(|key| key.columns == *columns)
            .map(|_| format!("({}) is the primary key already", sql::names(columns.iter().map(String::as_str)))),
        // What is dropped and not there, or made and there under its name, is as likely a slip, and is refused as one.
        Operation::RetypeColumn { .. }
        | Operation::DropColumn { .. }
        | Operation::AddConstraint { .. }
        | Operation::DropConstraint { .. }
        | Operation::CreateIndex { .. }
        | Operation::SplitColumn { .. }
        | Operation::MergeColumns { .. } => None,
    })
}

fn is_of_type(column: &Column, ty: &str) -> bool {
    column.ty == ty || Type::read(ty).is_some_and(|wished| Type::read(&column.ty) == Some(wished))
}

/// A default in the server's own words, which alone can be compared with what the catalog prints; none where the dialect, or the server, refuses it.
async fn printed(link: &Link<'_>, table: &Table, column: &str, default: &str) -> Result<Option<String>> {
    let statements = [
        format!("ALTER TABLE {} ALTER COLUMN {} SET DEFAULT {default}", table.qualified(), sql::name(column)),
        "SET LOCAL search_path TO ''".to_owned(),
        format!(
            "SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d JOIN pg_catalog.pg_attribute a \
             ON a.attrelid = d.adrelid AND a.attnum = d.adnum WHERE d.adrelid = {} AND a.attname = {}",
            table.oid,
            sql::text(column)
        ),
    ];
    match link.rehearse("trying the default", statements).await {
        Ok(outcomes) => Ok(outcomes.last().and_then(|outcome| outcome.rows.first()).and_then(|row| row.get(0)).map(str::to_owned)),
        // The plan itself says what is wrong with it.
        Err(error) if error.code().is_some() && !error.is_conflict() => Ok(None),
        Err(error) => Err(error),
    }
}
