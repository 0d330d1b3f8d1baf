//! Whether a text is a value of a type: `pg_input_is_valid` and `pg_input_error_info`.

use super::args::text;
use crate::{CallContext, Datum, Result, SqlError, SqlState, Type, text as format, types, typmod};

type Rows = crate::RowSet;

/// The error that reading the text gives, if any; errors about the type name are the caller's own.
fn input_error(call: &CallContext<'_>, args: &[Datum]) -> Result<Option<SqlError>> {
    let ty = type_by_name(text(args, 1)?)?;
    Ok(format::input(ty, text(args, 0)?, call.eval).err())
}

/// A type as SQL writes it, with its modifier.
fn type_by_name(written: &str) -> Result<Type> {
    let unknown = || SqlError::new(SqlState::UNDEFINED_OBJECT, format!("type \"{written}\" does not exist"));
    let name = written.trim().to_ascii_lowercase();
    let Some(open) = name.find('(') else {
        return types::sql_name(&name).map(|info| Type::plain(info.oid)).ok_or_else(unknown);
    };
    let close = name[open..].find(')').map(|length| open + length).ok_or_else(unknown)?;
    let plain = format!("{}{}", name[..open].trim_end(), &name[close + 1..]);
    let info = types::sql_name(&plain).ok_or_else(unknown)?;
    let modifiers = name[open + 1..close].split(',').map(|number| number.trim().parse::<i32>());
    let modifiers = modifiers.collect::<std::result::Result<Vec<_>, _>>().map_err(|_| unknown())?;
    let base = if info.is_array() { info.element } else { info.oid };
    let (typmod, _) = typmod::input(base, &modifiers)?;
    Ok(Type::new(info.oid, typmod))
}

pub(super) fn pg_input_is_valid(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Bool(input_error(call, args)?.is_none()))
}

pub(super) fn pg_input_error_info(call: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    let optional = |text: Option<&String>| text.map_or(Datum::Null, |text| Datum::text(text));
    let row = match input_error(call, args)? {
        None => vec![Datum::Null; 4],
        Some(error) => {
            let fields = error.fields();
            let code = Datum::text(error.sqlstate().as_str());
            vec![Datum::text(&fields.message), optional(fields.detail.as_ref()), optional(fields.hint.as_ref()), code]
        }
    };
    Ok(Box::new(std::iter::once(Ok(row))))
}
