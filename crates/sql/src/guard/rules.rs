//! A guard's rules and the text they are given in.
//!
//! `column=tenant_id,value=acme[,shared=countries|public.currencies][,ddl=allow]`: each key once, in any order. A value with `,`, `|`, `"` or blanks at its
//! ends is written in double quotes, a double quote in it twice.

use borealis_pgtypes::{Result, SqlError, SqlState};

use super::SETTING;
use super::facts::{Column, Table};
use super::tenant::TenantType;
use crate::ast::Access;

/// The rules of a tenant guard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    column: String,
    value: String,
    shared: Vec<(Option<String>, String)>,
    ddl: bool,
}

impl Guard {
    /// A guard for the rows whose `column` has `value`. Tables listed as shared (`name` or `schema.name`) may be read whole and not written.
    #[must_use]
    pub fn new(column: impl Into<String>, value: impl Into<String>) -> Self {
        Self { column: column.into(), value: value.into(), shared: Vec::new(), ddl: false }
    }

    /// With one more table shared, as it is written: `name` or `schema.name`.
    #[must_use]
    pub fn with_shared(mut self, table: &str) -> Self {
        self.shared.push(table_name(table));
        self
    }

    /// Whether statements that change the schema are let through. They act on all tenants.
    #[must_use]
    pub fn with_ddl(mut self, allowed: bool) -> Self {
        self.ddl = allowed;
        self
    }

    /// Reads the setting's text.
    ///
    /// # Errors
    /// `22023`, saying what is wrong with it.
    pub fn parse(text: &str) -> Result<Self> {
        let mut parts = Parts::default();
        let mut rest = text;
        loop {
            let (key, after) = rest.split_once('=').ok_or_else(|| malformed(text, "a key without \"=\""))?;
            let (values, after) = values(text, after)?;
            parts.set(text, key.trim(), values)?;
            match after {
                Some(after) => rest = after,
                None => return parts.finish(text),
            }
        }
    }

    /// The text that [`Guard::parse`] reads as these rules.
    #[must_use]
    pub fn setting(&self) -> String {
        let mut text = format!("column={},value={}", in_quotes(&self.column), in_quotes(&self.value));
        for (number, (schema, name)) in self.shared.iter().enumerate() {
            let table = schema.as_ref().map_or_else(|| name.clone(), |schema| format!("{schema}.{name}"));
            text.push_str(if number == 0 { ",shared=" } else { "|" });
            text.push_str(&in_quotes(&table));
        }
        if self.ddl {
            text.push_str(",ddl=allow");
        }
        text
    }

    /// The tenant column.
    #[must_use]
    pub fn column(&self) -> &str {
        &self.column
    }

    /// The tenant's value as it was given.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    pub(super) fn allows_ddl(&self) -> bool {
        self.ddl
    }

    /// Whether `value`, as text, is the tenant's in a column of that type.
    #[must_use]
    pub fn admits(&self, value: &str, ty: TenantType) -> bool {
        ty.canonical(value).is_some_and(|value| ty.canonical(&self.value) == Some(value))
    }

    /// Whether the table is read by all tenants.
    pub(super) fn is_shared(&self, table: &Table) -> bool {
        self.shared.iter().any(|(schema, name)| *name == table.name && schema.as_ref().is_none_or(|schema| *schema == table.schema))
    }

    /// The tenant column of a table with its type and the tenant's value in it.
    pub(super) fn tenant<'t>(&self, table: &'t Table) -> Result<Tenant<'t>> {
        let name = &table.name;
        let Some(column) = table.columns.iter().find(|column| column.name == self.column) else {
            let error = super::refused(format!("table \"{name}\" has no column \"{}\"", self.column));
            return Err(error
                .hint(format!("Give the table the column, or list it as shared in {SETTING}: then it is read whole and never written.")));
        };
        let Some(ty) = TenantType::of(&column.ty) else {
            let message =
                format!("column \"{}\" of table \"{name}\" is of type {}, which cannot tell tenants apart", self.column, column.ty);
            return Err(super::refused(message).hint("Tenant columns are text, character varying, uuid, smallint, integer or bigint."));
        };
        match ty.canonical(&self.value) {
            Some(value) => Ok(Tenant { column, ty, value }),
            None => {
                let message = format!("\"{}\" is no value of column \"{}\" of table \"{name}\"", self.value, self.column);
                Err(super::refused(message).detail(format!("The column is of type {}.", column.ty)))
            }
        }
    }

    /// What a statement may see of a table.
    pub(super) fn access(&self, table: &Table) -> Result<Access> {
        if self.is_shared(table) {
            return Ok(Access::Whole);
        }
        let tenant = self.tenant(table)?;
        Ok(Access::Rows { column: tenant.column.name.clone(), value: tenant.value })
    }
}

/// The tenant as one table has it.
pub(super) struct Tenant<'t> {
    pub(super) column: &'t Column,
    pub(super) ty: TenantType,
    pub(super) value: String,
}

#[derive(Default)]
struct Parts {
    column: Option<String>,
    value: Option<String>,
    shared: Option<Vec<String>>,
    ddl: Option<String>,
}

impl Parts {
    fn set(&mut self, text: &str, key: &str, values: Vec<String>) -> Result<()> {
        let place = match key {
            "column" => &mut self.column,
            "value" => &mut self.value,
            "ddl" => &mut self.ddl,
            "shared" if self.shared.is_none() => {
                self.shared = Some(values);
                return Ok(());
            }
            "shared" => return Err(malformed(text, "\"shared\" is given twice")),
            _ => return Err(malformed(text, &format!("there is no key \"{key}\""))),
        };
        let [value] = <[String; 1]>::try_from(values).map_err(|_| malformed(text, &format!("\"{key}\" takes one value")))?;
        match place.replace(value) {
            Some(_) => Err(malformed(text, &format!("\"{key}\" is given twice"))),
            None => Ok(()),
        }
    }

    fn finish(self, text: &str) -> Result<Guard> {
        let given = |value: Option<String>, key: &str| match value {
            Some(value) if !value.is_empty() => Ok(value),
            _ => Err(malformed(text, &format!("\"{key}\" is missing or empty"))),
        };
        let shared = self.shared.unwrap_or_default();
        if shared.iter().any(String::is_empty) {
            return Err(malformed(text, "\"shared\" lists a table without a name"));
        }
        let ddl = match self.ddl.as_deref() {
            None | Some("refuse") => false,
            Some("allow") => true,
            Some(_) => return Err(malformed(text, "\"ddl\" is allow or refuse")),
        };
        Ok(Guard {
            column: given(self.column, "column")?,
            value: given(self.value, "value")?,
            shared: shared.iter().map(|table| table_name(table)).collect(),
            ddl,
        })
    }
}

fn table_name(table: &str) -> (Option<String>, String) {
    match table.split_once('.') {
        Some((schema, name)) => (Some(schema.to_owned()), name.to_owned()),
        None => (None, table.to_owned()),
    }
}

/// The values up to the next comma, and what follows it.
fn values<'t>(whole: &str, mut text: &'t str) -> Result<(Vec<String>, Option<&'t str>)> {
    let mut values = Vec::new();
    loop {
        let (value, after) = one_value(whole, text)?;
        values.push(value);
        match after.chars().next() {
            None => return Ok((values, None)),
            Some(',') => return Ok((values, Some(&after[1..]))),
            Some('|') => text = &after[1..],
            Some(_) => return Err(malformed(whole, "something follows a quoted value")),
        }
    }
}

fn one_value<'t>(whole: &str, text: &'t str) -> Result<(String, &'t str)> {
    let text = text.trim_start();
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find([',', '|']).unwrap_or(text.len());
        let value = text[..end].trim_end();
        if value.contains('"') {
            return Err(malformed(whole, "a double quote within a value that is not quoted"));
        }
        return Ok((value.to_owned(), &text[end..]));
    };
    let mut value = String::new();
    loop {
        let end = rest.find('"').ok_or_else(|| malformed(whole, "a quoted value without its end"))?;
        value.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(after) => {
                value.push('"');
                rest = after;
            }
            None => return Ok((value, rest.trim_start())),
        }
    }
}

fn in_quotes(value: &str) -> String {
    format!("\"{}\"", value.replace('"', "\"\""))
}

fn malformed(text: &str, why: &str) -> SqlError {
    let message = format!("invalid value for parameter \"{SETTING}\": \"{text}\"");
    SqlError::new(SqlState::INVALID_PARAMETER_VALUE, message)
        .detail(format!("{}.", capitalised(why)))
        .hint("Write column=NAME,value=VALUE[,shared=TABLE|TABLE..][,ddl=allow].")
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
