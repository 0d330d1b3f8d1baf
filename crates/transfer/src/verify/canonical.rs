//! Values the way their column's type prints them.

use borealis_pgtypes::{CallContext, Datum, EvalContext, Host, Oid, Result as TypeResult, SessionFunction, Settings, SqlError, Type, text};

use super::meaning::Meaning;
use crate::table::Table;
use borealis_pgtypes::copy_text;

/// The types of the columns compared.
pub(super) struct Canonical {
    /// `None` where values stay as they are.
    types: Vec<Option<Type>>,
    /// The forms that they are compared in.
    meanings: Vec<Meaning>,
    settings: Settings,
}

impl Canonical {
    pub(super) fn new(table: &Table, columns: &[String]) -> Self {
        let types = columns.iter().map(|name| {
            let column = &table.columns[table.column(name)?];
            let ty = Type { oid: Oid(column.base_type), typmod: column.type_modifier, declared: Oid::default() };
            // Text prints itself, and a type that is unknown here can be compared only as it is.
            let is_text = matches!(ty.oid, Oid::TEXT | Oid::VARCHAR) && column.type_modifier < 0;
            (!is_text && borealis_pgtypes::types::by_oid(ty.oid).is_some_and(borealis_pgtypes::types::TypeInfo::has_values)).then_some(ty)
        });
        Self { types: types.collect(), meanings: Meaning::of_columns(table, table, columns), settings: Settings::default() }
    }

    /// Rewrites a row; says why a value is none of its type.
    pub(super) fn row(&self, row: &[u8], out: &mut Vec<u8>) -> Result<(), String> {
        let eval = EvalContext { settings: &self.settings, transaction_timestamp: 0, statement_timestamp: 0, host: &Nobody };
        out.clear();
        for (place, value) in row.split(|byte| *byte == b'\t').enumerate() {
            if place > 0 {
                out.push(b'\t');
            }
            match self.types.get(place) {
                Some(Some(ty)) if value != copy_text::NULL => {
                    let plain = copy_text::unescape(value);
                    let plain = String::from_utf8_lossy(&plain);
                    let printed = text::input(*ty, &plain, &eval).and_then(|datum| text::to_text(&datum, ty.oid, &eval));
                    let printed = printed.map_err(|error| error.message().to_owned())?;
                    let meaning = self.meanings.get(place).copied().unwrap_or(Meaning::Printed);
                    copy_text::escape(meaning.of_printed(&printed).as_bytes(), out);
                }
                _ => out.extend_from_slice(value),
            }
        }
        Ok(())
    }
}

/// There is no session: values are read and printed, nothing is called.
struct Nobody;

impl Host for Nobody {
    fn clock_timestamp(&self) -> i64 {
        0
    }

    fn random_bytes(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }

    fn session_function(&self, function: SessionFunction, _: &CallContext<'_>, _: &[Datum]) -> TypeResult<Datum> {
        Err(SqlError::unsupported(format!("{function:?} needs a session")))
    }

    fn check_interrupt(&self) -> TypeResult<()> {
        Ok(())
    }
}
