//! Types that no column may have.

use borealis_dialect::ColumnType;

use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};
use crate::shape::{Action, Column};

pub(super) const RULE: Rule = Rule {
    id: "column-type",
    rows: &[
        "type/*", "type/money", "type/xml", "type/inet", "type/cidr", "type/macaddr", "type/point", "type/line", "type/lseg", "type/box", "type/path",
        "type/polygon", "type/circle", "type/tsvector", "type/tsquery", "type/int4range", "type/tsrange", "type/pg_lsn", "type/bit", "type/bit varying", "type/array",
        "type/json", "type/jsonb", "limit/char bytes", "limit/varchar bytes",
    ],
    own: false,
    severity: Severity::Error,
    what: "a column of a type that Aurora DSQL does not store",
    why: "Many types of PostgreSQL exist at run time only, and some not at all.",
    fix: "Where a type that is stored can hold the values, it takes the place: text for inet, cidr, macaddr, xml and (in dialect 2026-02) json and jsonb, numeric(19,2) for money, \
          jsonb for arrays, text for varchar beyond 65,535 and varchar for char beyond 4,096. The operators of the old type are lost, or need a cast. A column with a default is left \
          alone where the default would have to be written otherwise. Geometric types, ranges and bit strings have no such place.",
    example: include_str!("column_type.sql"),
    check,
};

/// The column's type as written, the dialect's name of it, what takes its place, and what is lost.
const PLACES: &[(&str, &str, &str, &str)] = &[
    ("money", "money", "numeric(19,2)", "values are numbers without a currency sign"),
    ("inet", "inet", "text", "cast to inet where its operators are used"),
    ("cidr", "cidr", "text", "the form of a network is not checked"),
    ("macaddr", "macaddr", "text", "the form of an address is not checked"),
    ("macaddr8", "macaddr8", "text", "the form of an address is not checked"),
    ("xml", "xml", "text", "that it is well-formed is not checked"),
    ("json", "json", "text", "that it is JSON is not checked; cast to json when reading"),
    ("jsonb", "jsonb", "text", "that it is JSON is not checked; cast to jsonb when reading"),
    ("pg_lsn", "pg_lsn", "text", "positions are compared as text"),
    ("point", "point", "", ""),
    ("line", "line", "", ""),
    ("lseg", "lseg", "", ""),
    ("box", "box", "", ""),
    ("path", "path", "", ""),
    ("polygon", "polygon", "", ""),
    ("circle", "circle", "", ""),
    ("tsvector", "tsvector", "", ""),
    ("tsquery", "tsquery", "", ""),
    ("int4range", "int4range", "", ""),
    ("int8range", "int8range", "", ""),
    ("numrange", "numrange", "", ""),
    ("tsrange", "tsrange", "", ""),
    ("tstzrange", "tstzrange", "", ""),
    ("daterange", "daterange", "", ""),
    ("bit", "bit", "", ""),
    ("bit varying", "bit varying", "", ""),
    ("varbit", "bit varying", "", ""),
];

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    for column in check.create_table.iter().flat_map(|create| create.columns()) {
        found.extend(column_type(check, column));
    }
    for action in check.alter_table.iter().flat_map(|alter| &alter.actions) {
        if let Action::AddColumn { column, .. } = action {
            found.extend(column_type(check, column));
        }
    }
}

fn column_type(check: &Check<'_>, column: &Column) -> Option<Finding> {
    let written = column.type_text(check.view);
    let bare = written.trim_start_matches("pg_catalog.");
    if let Some(end) = bare.find('[') {
        return array(check, column, bare[..end].trim());
    }
    if let Some(element) = bare.strip_suffix(" array") {
        return array(check, column, element.trim());
    }
    let (name, modifier) = bare.split_once('(').map_or((bare, None), |(name, rest)| (name.trim(), rest.split(')').next()));
    if let Some(finding) = length(check, column, name, modifier.unwrap_or("")) {
        return Some(finding);
    }
    let (_, listed, place, loss) = PLACES.iter().find(|(spelled, ..)| *spelled == name)?;
    let ColumnType::Refused(refusal) = borealis_dialect::column_type(listed, false, check.options.dialect) else { return None };
    let fix = if place.is_empty() {
        Fix::impossible(format!("no type that is stored holds what {listed} holds"))
    } else if column.part("default").is_some() && *place != "text" {
        Fix::impossible(format!("the default has to be written as one of {place}"))
    } else {
        Fix::lossy(format!("{} is {place}: {loss}", column.name), vec![check.view.replace(column.ty.clone(), *place)])
    };
    Some(check.refusal(&RULE, &refusal, column.ty.clone()).fix(fix))
}

fn array(check: &Check<'_>, column: &Column, element: &str) -> Option<Finding> {
    let canonical = canonical(element);
    let ColumnType::Refused(refusal) = borealis_dialect::column_type(canonical, true, check.options.dialect) else { return None };
    let stored = borealis_dialect::column_type("jsonb", false, check.options.dialect);
    let place = if matches!(stored, ColumnType::Refused(_)) { "text" } else { "jsonb" };
    let fix = if column.part("default").is_some() {
        Fix::impossible(format!("the default has to be written as JSON: make the column {place}"))
    } else {
        let loss = format!("{} is {place}: values are written as JSON, and operators of arrays do not apply", column.name);
        Fix::lossy(loss, vec![check.view.replace(column.ty.clone(), place)])
    };
    Some(check.refusal(&RULE, &refusal, column.ty.clone()).fix(fix))
}

/// `format_type`'s name of a type as it may be spelled.
fn canonical(name: &str) -> &str {
    match name.split('(').next().unwrap_or(name).trim() {
        "int" | "int4" => "integer",
        "int8" => "bigint",
        "int2" => "smallint",
        "float4" => "real",
        "float8" | "float" => "double precision",
        "bool" => "boolean",
        "decimal" | "dec" => "numeric",
        "varchar" => "character varying",
        "char" => "character",
        "timestamp" => "timestamp without time zone",
        "timestamptz" => "timestamp with time zone",
        "time" => "time without time zone",
        "varbit" => "bit varying",
        other => other,
    }
}

/// char and varchar that are too long.
fn length(check: &Check<'_>, column: &Column, name: &str, modifier: &str) -> Option<Finding> {
    let (limit, place) = match name {
        "varchar" | "character varying" | "char varying" => ("varchar bytes", "text".to_owned()),
        "char" | "character" | "bpchar" => ("char bytes", format!("varchar({})", modifier.trim())),
        _ => return None,
    };
    let length: u64 = modifier.trim().parse().ok()?;
    let refusal = borealis_dialect::Limits::of(check.options.dialect).check(limit, length, &[]).err()?;
    let loss = if limit == "varchar bytes" { "the length is not limited" } else { "values are not padded with blanks" };
    let fix = Fix::lossy(format!("{} is {place}: {loss}", column.name), vec![check.view.replace(column.ty.clone(), place)]);
    Some(check.refusal(&RULE, &refusal, column.ty.clone()).fix(fix))
}
