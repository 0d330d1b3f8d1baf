//! Functions in SQL as text: what `pg_get_functiondef` and its kin print.

use std::fmt::Write as _;

use borealis_pgtypes::functions::compose::quote_identifier;
use borealis_pgtypes::{Oid, Type};

use super::{Names, format_type};
use crate::{Argument, Routine, RoutineBody};

/// Costs and rows that `CREATE FUNCTION` assumes, and therefore does not show.
const COST: f32 = 100.0;
const ROWS: f32 = 1000.0;

fn type_text(names: &Names<'_>, ty: Type) -> String {
    format_type(names, ty.catalog_oid(), None)
}

fn argument(names: &Names<'_>, argument: &Argument) -> String {
    let mode = match argument.mode {
        'o' => "OUT ",
        'b' => "INOUT ",
        'v' => "VARIADIC ",
        _ => "",
    };
    let name = if argument.name.is_empty() { String::new() } else { format!("{} ", quote_identifier(&argument.name)) };
    format!("{mode}{name}{}", type_text(names, argument.ty))
}

/// The arguments in parentheses of `CREATE FUNCTION`, with defaults.
pub(super) fn arguments(names: &Names<'_>, routine: &Routine) -> String {
    let text = |given: &Argument| match &given.default {
        Some(default) => format!("{} DEFAULT {default}", argument(names, given)),
        None => argument(names, given),
    };
    routine.arguments.iter().filter(|argument| argument.mode != 't').map(text).collect::<Vec<_>>().join(", ")
}

/// Without defaults and without columns: what names the function among its overloads.
pub(super) fn identity_arguments(names: &Names<'_>, routine: &Routine) -> String {
    let shown = routine.arguments.iter().filter(|argument| argument.mode != 't');
    shown.map(|given| argument(names, given)).collect::<Vec<_>>().join(", ")
}

/// `RETURNS`
pub(super) fn result(names: &Names<'_>, routine: &Routine) -> String {
    let table: Vec<String> =
        routine.arguments.iter().filter(|argument| argument.mode == 't').map(|column| argument(names, column)).collect();
    if !table.is_empty() {
        return format!("TABLE({})", table.join(", "));
    }
    let set = if routine.returns_set { "SETOF " } else { "" };
    format!("{set}{}", type_text(names, routine.result))
}

/// `CREATE OR REPLACE FUNCTION ..`
pub(super) fn definition(names: &Names<'_>, routine: &Routine) -> String {
    let mut text =
        format!("CREATE OR REPLACE FUNCTION {}({})\n", names.qualified(routine.schema, &routine.name), arguments(names, routine));
    let _ = write!(text, " RETURNS {}\n LANGUAGE sql\n", result(names, routine));
    let words = attributes(routine);
    if !words.is_empty() {
        let _ = writeln!(text, " {}", words.join(" "));
    }
    match &routine.body {
        RoutineBody::Text(body) => {
            let tag = dollar_tag(body);
            let _ = writeln!(text, "AS {tag}{body}{tag}");
        }
        RoutineBody::Standard { text: body, .. } => {
            let _ = writeln!(text, "{body}");
        }
    }
    text
}

/// What differs from the defaults, in the order that PostgreSQL writes it.
fn attributes(routine: &Routine) -> Vec<String> {
    let word = |present: bool, word: &str| present.then(|| word.to_owned());
    let rows_default = if routine.returns_set { ROWS } else { 0.0 };
    [
        word(routine.volatility == 'i', "IMMUTABLE"),
        word(routine.volatility == 's', "STABLE"),
        word(routine.parallel == 's', "PARALLEL SAFE"),
        word(routine.parallel == 'r', "PARALLEL RESTRICTED"),
        word(routine.strict, "STRICT"),
        word(routine.security_definer, "SECURITY DEFINER"),
        (routine.cost != COST).then(|| format!("COST {}", routine.cost)),
        (routine.rows != rows_default).then(|| format!("ROWS {}", routine.rows)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// `$function$`, longer while the body contains it.
fn dollar_tag(body: &str) -> String {
    let mut tag = "$function".to_owned();
    while body.contains(&tag) {
        tag.push('x');
    }
    tag.push('$');
    tag
}

/// The name with its argument types, `bare` or with the schema before it.
pub(super) fn signature(names: &Names<'_>, routine: &Routine, bare: bool, separator: &str) -> String {
    let types: Vec<String> = routine.inputs().map(|argument| type_text(names, argument.ty)).collect();
    let name = if bare { quote_identifier(&routine.name) } else { names.qualified(routine.schema, &routine.name) };
    format!("{name}({})", types.join(separator))
}

/// Whether the bare name with these argument types finds this function first.
pub(super) fn is_visible(names: &Names<'_>, routine: &Routine) -> bool {
    let signature = routine.signature();
    let in_schema = |schema: Oid| names.catalog.routines_named(schema, &routine.name).any(|other| other.signature() == signature);
    let builtin = |schema: Oid| {
        super::procedures().iter().any(|known| known.schema == schema && known.name == routine.name && known.args == signature.as_slice())
    };
    names.search_path.iter().copied().find(|schema| in_schema(*schema) || builtin(*schema)) == Some(routine.schema)
}
