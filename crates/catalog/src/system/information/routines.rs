//! Functions and procedures, and their arguments.

use borealis_pgtypes::{Datum, Oid, Result, Type, Volatility};

use super::data_type::DataType;
use super::{catalog, schema, standing};
use crate::acl::Rights;
use crate::describe::{Names, Procedure, procedures};
use crate::privilege::Guarded;
use crate::snapshot::INFORMATION_SCHEMA;
use crate::system::value::{NULL, maybe, text, yes_or_no};
use crate::system::{DATABASE_NAME, SystemContext, by_name};
use crate::{Argument, Routine, RoutineBody};

/// A row of one of the standard's widest views, most of whose columns PostgreSQL leaves NULL: values by the column's name.
fn row(view: &str, values: Vec<(&'static str, Datum)>) -> Vec<Datum> {
    let columns = by_name(INFORMATION_SCHEMA, view).map(|relation| relation.columns).unwrap_or_default();
    debug_assert!(values.iter().all(|(name, _)| columns.iter().any(|column| column.0 == *name)), "a value for no column of {view}");
    let value = |name: &str| values.iter().find(|(candidate, _)| *candidate == name).map_or(NULL, |(_, value)| value.clone());
    columns.iter().map(|(name, _)| value(name)).collect()
}

fn specific_name(procedure: &Procedure) -> Datum {
    text(&format!("{}_{}", procedure.name, procedure.oid))
}

/// Functions and procedures proper: the standard knows no aggregates and window functions.
fn listed() -> impl Iterator<Item = &'static Procedure> {
    procedures().iter().filter(|procedure| matches!(procedure.kind, 'f' | 'p'))
}

fn routine(context: &SystemContext<'_>, names: &Names<'_>, procedure: &Procedure) -> Vec<Datum> {
    let schema = schema(context, procedure.schema);
    let is_procedure = procedure.kind == 'p';
    let ty = DataType::of(names, Type::plain(procedure.result));
    let [udt_catalog, udt_schema, udt_name] = ty.udt;
    let result = |value: Datum| if is_procedure { NULL } else { value };
    let values = vec![
        ("specific_catalog", catalog()),
        ("specific_schema", schema.clone()),
        ("specific_name", specific_name(procedure)),
        ("routine_catalog", catalog()),
        ("routine_schema", schema),
        ("routine_name", text(procedure.name)),
        ("routine_type", text(if is_procedure { "PROCEDURE" } else { "FUNCTION" })),
        ("data_type", result(ty.name)),
        ("type_udt_catalog", result(udt_catalog)),
        ("type_udt_schema", result(udt_schema)),
        ("type_udt_name", result(udt_name)),
        ("dtd_identifier", result(text("0"))),
        ("routine_body", text("EXTERNAL")),
        ("routine_definition", text(procedure.name)),
        ("external_language", text("INTERNAL")),
        ("parameter_style", text("GENERAL")),
        ("is_deterministic", yes_or_no(procedure.volatility == Volatility::Immutable)),
        ("sql_data_access", text("MODIFIES")),
        ("is_null_call", result(yes_or_no(procedure.strict))),
        ("schema_level_routine", yes_or_no(true)),
        ("max_dynamic_result_sets", Datum::Int4(0)),
        ("security_type", text("INVOKER")),
        ("as_locator", yes_or_no(false)),
        ("is_udt_dependent", yes_or_no(false)),
    ];
    row("routines", values)
}

pub(super) fn routines(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let names = Names { catalog: context.catalog, search_path: &[], database: DATABASE_NAME };
    let own = usable(context).map(|routine| own_routine(context, &names, routine));
    Ok(listed().map(|procedure| routine(context, &names, procedure)).chain(own).collect())
}

/// The user's functions that the current role may call.
fn usable<'a>(context: &'a SystemContext<'_>) -> impl Iterator<Item = &'a Routine> {
    let standing = standing(context);
    let allowed =
        move |routine: &&Routine| standing.has_privileges_of(routine.owner) || standing.holds(&Guarded::routine(routine), Rights::EXECUTE);
    context.catalog.routines().map(AsRef::as_ref).filter(allowed)
}

pub(super) fn own_name(routine: &Routine) -> Datum {
    text(&format!("{}_{}", routine.name, routine.oid))
}

fn own_routine(context: &SystemContext<'_>, names: &Names<'_>, routine: &Routine) -> Vec<Datum> {
    let schema = schema(context, routine.schema);
    let ty = DataType::of(names, Type::plain(routine.result.catalog_oid()));
    let [udt_catalog, udt_schema, udt_name] = ty.udt;
    // The source is for the owner's eyes.
    let owned = standing(context).has_privileges_of(routine.owner);
    let source = match &routine.body {
        RoutineBody::Text(body) if owned => text(body),
        RoutineBody::Text(_) | RoutineBody::Standard { .. } => NULL,
    };
    let values = vec![
        ("specific_catalog", catalog()),
        ("specific_schema", schema.clone()),
        ("specific_name", own_name(routine)),
        ("routine_catalog", catalog()),
        ("routine_schema", schema),
        ("routine_name", text(&routine.name)),
        ("routine_type", text("FUNCTION")),
        ("data_type", ty.name),
        ("type_udt_catalog", udt_catalog),
        ("type_udt_schema", udt_schema),
        ("type_udt_name", udt_name),
        ("dtd_identifier", text("0")),
        ("routine_body", text("SQL")),
        ("routine_definition", source),
        ("external_language", text("SQL")),
        ("parameter_style", text("GENERAL")),
        ("is_deterministic", yes_or_no(routine.volatility() == Volatility::Immutable)),
        ("sql_data_access", text("MODIFIES")),
        ("is_null_call", yes_or_no(routine.strict)),
        ("schema_level_routine", yes_or_no(true)),
        ("max_dynamic_result_sets", Datum::Int4(0)),
        ("security_type", text(if routine.security_definer { "DEFINER" } else { "INVOKER" })),
        ("as_locator", yes_or_no(false)),
        ("is_udt_dependent", yes_or_no(false)),
    ];
    row("routines", values)
}

fn own_parameters(context: &SystemContext<'_>, names: &Names<'_>, routine: &Routine) -> Vec<Vec<Datum>> {
    let one = |(number, argument): (i32, &Argument)| {
        let ty = DataType::of(names, Type::plain(argument.ty.catalog_oid()));
        let [udt_catalog, udt_schema, udt_name] = ty.udt;
        let mode = match argument.mode {
            'b' => "INOUT",
            'o' | 't' => "OUT",
            _ => "IN",
        };
        let values = vec![
            ("specific_catalog", catalog()),
            ("specific_schema", schema(context, routine.schema)),
            ("specific_name", own_name(routine)),
            ("ordinal_position", Datum::Int4(number)),
            ("parameter_mode", text(mode)),
            ("is_result", yes_or_no(false)),
            ("as_locator", yes_or_no(false)),
            ("parameter_name", if argument.name.is_empty() { NULL } else { text(&argument.name) }),
            ("data_type", ty.name),
            ("udt_catalog", udt_catalog),
            ("udt_schema", udt_schema),
            ("udt_name", udt_name),
            ("dtd_identifier", text(&number.to_string())),
            ("parameter_default", maybe(argument.default.as_deref())),
        ];
        row("parameters", values)
    };
    (1..).zip(&routine.arguments).map(one).collect()
}

fn parameter(
    context: &SystemContext<'_>,
    names: &Names<'_>,
    procedure: &Procedure,
    number: i32,
    mode: &str,
    name: Option<&str>,
    ty: Oid,
) -> Vec<Datum> {
    let ty = DataType::of(names, Type::plain(ty));
    let [udt_catalog, udt_schema, udt_name] = ty.udt;
    let values = vec![
        ("specific_catalog", catalog()),
        ("specific_schema", schema(context, procedure.schema)),
        ("specific_name", specific_name(procedure)),
        ("ordinal_position", Datum::Int4(number)),
        ("parameter_mode", text(mode)),
        ("is_result", yes_or_no(false)),
        ("as_locator", yes_or_no(false)),
        ("parameter_name", name.map_or(NULL, text)),
        ("data_type", ty.name),
        ("udt_catalog", udt_catalog),
        ("udt_schema", udt_schema),
        ("udt_name", udt_name),
        ("dtd_identifier", text(&number.to_string())),
    ];
    row("parameters", values)
}

pub(super) fn parameters(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let names = Names { catalog: context.catalog, search_path: &[], database: DATABASE_NAME };
    let of = |procedure: &'static Procedure| {
        let inputs = procedure.args.iter().map(|ty| ("IN", None, *ty));
        let outputs = procedure.columns.iter().map(|(name, ty)| ("OUT", Some(*name), *ty));
        (1..).zip(inputs.chain(outputs)).map(move |(number, (mode, name, ty))| (procedure, number, mode, name, ty))
    };
    let rows = listed().flat_map(of);
    let own = usable(context).flat_map(|routine| own_parameters(context, &names, routine));
    Ok(rows.map(|(procedure, number, mode, name, ty)| parameter(context, &names, procedure, number, mode, name, ty)).chain(own).collect())
}
