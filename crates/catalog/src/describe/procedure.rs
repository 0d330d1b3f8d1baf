//! Functions as `pg_proc` lists them: those that can be called, those that rows of `pg_type` refer to, and the procedures of `sys`.

use std::collections::HashMap;
use std::sync::LazyLock;

use borealis_pgtypes::functions::{self, Home, compose::quote_identifier};
use borealis_pgtypes::{Body, Function, Oid, Result, SqlError, SqlState, Volatility};

use super::name::{self, RegText};
use super::{Names, format_type, resolve_type, routine};
use crate::snapshot::{BOREALIS_SCHEMA, INFORMATION_SCHEMA, PG_CATALOG_SCHEMA, SYS_SCHEMA};
use crate::system::data::type_io;

/// A row of `pg_proc`.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Procedure {
    pub oid: Oid,
    pub schema: Oid,
    pub name: &'static str,
    pub args: &'static [Oid],
    pub result: Oid,
    /// OUT columns of a function that returns rows of its own.
    pub columns: &'static [(&'static str, Oid)],
    pub defaults: &'static [&'static str],
    pub variadic: bool,
    pub strict: bool,
    pub returns_set: bool,
    pub volatility: Volatility,
    /// `prokind`: f, a, w or p.
    pub kind: char,
}

/// `sys.wait_for_job(text)`
const WAIT_FOR_JOB: Oid = Oid(9902);

struct Table {
    all: Vec<Procedure>,
    by_oid: HashMap<Oid, usize>,
    by_name: HashMap<&'static str, Vec<usize>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut all: Vec<_> = functions::all().iter().map(|function| callable(function)).collect();
    let known: std::collections::HashSet<_> = all.iter().map(|procedure| procedure.oid).collect();
    all.extend(type_io::ROWS.iter().filter(|row| !known.contains(&Oid(row.0))).map(type_support));
    all.push(wait_for_job());
    all.sort_by_key(|procedure| procedure.oid);
    let mut table = Table { by_oid: HashMap::new(), by_name: HashMap::new(), all: Vec::new() };
    for (at, procedure) in all.iter().enumerate() {
        table.by_oid.insert(procedure.oid, at);
        table.by_name.entry(procedure.name).or_default().push(at);
    }
    table.all = all;
    table
});

fn callable(function: &'static Function) -> Procedure {
    let kind = match function.body {
        Body::Scalar(_) | Body::Session(_) | Body::Set(_) | Body::SessionSet(_) => 'f',
        Body::Aggregate(_) => 'a',
        Body::Window => 'w',
    };
    Procedure {
        oid: function.oid,
        schema: match functions::home(function.oid) {
            Home::PgCatalog => PG_CATALOG_SCHEMA,
            Home::InformationSchema => INFORMATION_SCHEMA,
            Home::Sys => SYS_SCHEMA,
            Home::Borealis => BOREALIS_SCHEMA,
        },
        name: function.name,
        args: function.args,
        result: function.result,
        columns: function.columns,
        defaults: function.defaults,
        variadic: function.variadic,
        strict: function.strict && kind == 'f',
        returns_set: function.returns_set(),
        volatility: function.volatility,
        kind,
    }
}

fn type_support(row: &type_io::Row) -> Procedure {
    let (oid, name, args, result, strict, volatility) = *row;
    Procedure {
        oid: Oid(oid),
        schema: PG_CATALOG_SCHEMA,
        name,
        args,
        result,
        columns: &[],
        defaults: &[],
        variadic: false,
        strict,
        returns_set: false,
        volatility,
        kind: 'f',
    }
}

fn wait_for_job() -> Procedure {
    Procedure {
        oid: WAIT_FOR_JOB,
        schema: SYS_SCHEMA,
        name: "wait_for_job",
        args: &[Oid::TEXT],
        result: Oid::RECORD,
        columns: &[("succeeded", Oid::BOOL)],
        defaults: &[],
        variadic: false,
        strict: false,
        returns_set: false,
        volatility: Volatility::Volatile,
        kind: 'p',
    }
}

/// Every row of `pg_proc`, by oid.
#[must_use]
pub fn procedures() -> &'static [Procedure] {
    &TABLE.all
}

/// The function with this oid.
#[must_use]
pub fn procedure_by_oid(oid: Oid) -> Option<&'static Procedure> {
    TABLE.by_oid.get(&oid).map(|at| &TABLE.all[*at])
}

/// A function that a name may mean.
struct Candidate {
    oid: Oid,
    args: Vec<Oid>,
}

/// What an unqualified or qualified name may mean; of functions with the same arguments, the first of the path.
fn candidates(names: &Names<'_>, schema: Option<Oid>, name: &str) -> Vec<Candidate> {
    let path: &[Oid] = match &schema {
        Some(schema) => std::slice::from_ref(schema),
        None => names.search_path,
    };
    let mut found: Vec<Candidate> = Vec::new();
    for schema in path {
        let builtin = TABLE.by_name.get(name).into_iter().flatten().map(|at| &TABLE.all[*at]);
        let builtin = builtin.filter(|procedure| procedure.schema == *schema).map(|procedure| (procedure.oid, procedure.args.to_vec()));
        let own = names.catalog.routines_named(*schema, name).map(|routine| (routine.oid, routine.signature()));
        for (oid, args) in builtin.chain(own) {
            if !found.iter().any(|known| known.args == args) {
                found.push(Candidate { oid, args });
            }
        }
    }
    found
}

/// `pg_function_is_visible`.
#[must_use]
pub fn procedure_is_visible(names: &Names<'_>, oid: Oid) -> Option<bool> {
    if let Some(own) = names.catalog.routine_by_oid(oid) {
        return Some(routine::is_visible(names, own));
    }
    procedure_by_oid(oid).map(|procedure| names.search_path.contains(&procedure.schema))
}

/// `regprocout`: qualified unless the bare name means this function alone.
#[must_use]
pub fn procedure_name(names: &Names<'_>, oid: Oid) -> Option<String> {
    let (schema, name) = match names.catalog.routine_by_oid(oid) {
        Some(own) => (own.schema, own.name.as_str()),
        None => procedure_by_oid(oid).map(|procedure| (procedure.schema, procedure.name))?,
    };
    let alone = matches!(candidates(names, None, name).as_slice(), [only] if only.oid == oid);
    Some(if alone { quote_identifier(name) } else { names.qualified(schema, name) })
}

/// `regprocedureout`: with argument types.
#[must_use]
pub fn procedure_signature(names: &Names<'_>, oid: Oid) -> Option<String> {
    if let Some(own) = names.catalog.routine_by_oid(oid) {
        return Some(routine::signature(names, own, routine::is_visible(names, own), ","));
    }
    let procedure = procedure_by_oid(oid)?;
    let visible = names.search_path.contains(&procedure.schema);
    let name = if visible { quote_identifier(procedure.name) } else { names.qualified(procedure.schema, procedure.name) };
    let args: Vec<_> = procedure.args.iter().map(|arg| format_type(names, *arg, Some(-1))).collect();
    Some(format!("{name}({})", args.join(",")))
}

fn undefined(text: &str) -> SqlError {
    SqlError::new(SqlState::UNDEFINED_FUNCTION, format!("function \"{text}\" does not exist"))
}

/// The schema a qualified name says, and the name. A schema that is missing means that nothing is found.
fn lookup(names: &Names<'_>, parts: &[String]) -> Result<Vec<Candidate>> {
    let (schema, name) = name::schema_and_name(names, parts, "qualified name")?;
    let Some(schema) = schema else { return Ok(candidates(names, None, name)) };
    Ok(names.catalog.schema(schema).map(|schema| candidates(names, Some(schema.oid), name)).unwrap_or_default())
}

/// `regprocin`: a name that only one function has.
///
/// # Errors
/// `42883` when there is none, `42725` when there are several.
pub fn resolve_procedure(names: &Names<'_>, text: &str) -> Result<Oid> {
    let parts = match name::read(text)? {
        RegText::Oid(oid) => return Ok(oid),
        RegText::Name(parts) => parts,
    };
    match lookup(names, &parts)?.as_slice() {
        [] => Err(undefined(text)),
        [only] => Ok(only.oid),
        _ => Err(SqlError::new(SqlState::AMBIGUOUS_FUNCTION, format!("more than one function named \"{text}\""))),
    }
}

/// `regprocedurein`: a name with argument types.
///
/// # Errors
/// `42883` when there is no such function, `42704` for an unknown type, `22P02` for text of another form.
pub fn resolve_procedure_signature(names: &Names<'_>, text: &str) -> Result<Oid> {
    if let Some(oid) = name::as_oid(text) {
        return Ok(oid);
    }
    let (name, args) = signature(names, text)?;
    let found = lookup(names, &name::split(name)?)?.into_iter().find(|procedure| procedure.args == args);
    found.map(|procedure| procedure.oid).ok_or_else(|| undefined(text))
}

fn malformed(message: &str) -> SqlError {
    SqlError::new(SqlState::INVALID_TEXT_REPRESENTATION, message)
}

/// `parseNameAndArgTypes`: the name, and the types between its parentheses.
pub(super) fn signature<'t>(names: &Names<'_>, text: &'t str) -> Result<(&'t str, Vec<Oid>)> {
    let (name, args) = text.split_once('(').ok_or_else(|| malformed("expected a left parenthesis"))?;
    let args = args.trim_end().strip_suffix(')').ok_or_else(|| malformed("expected a right parenthesis"))?;
    if args.trim().is_empty() {
        return Ok((name, Vec::new()));
    }
    let resolve = |arg: &str| if arg.eq_ignore_ascii_case("none") { Ok(Oid::INVALID) } else { resolve_type(names, arg) };
    let args = args.split(',').map(|arg| resolve(arg.trim())).collect::<Result<_>>()?;
    Ok((name, args))
}

/// `pg_get_function_arguments`: the argument list of `CREATE FUNCTION`, defaults included.
#[must_use]
pub fn function_arguments(names: &Names<'_>, oid: Oid) -> Option<String> {
    if let Some(own) = names.catalog.routine_by_oid(oid) {
        return Some(routine::arguments(names, own));
    }
    let procedure = procedure_by_oid(oid)?;
    let first_default = procedure.args.len() - procedure.defaults.len();
    let argument = |(at, arg): (usize, &Oid)| {
        let mut text = input(names, procedure, at, *arg);
        if let Some(default) = at.checked_sub(first_default).and_then(|at| procedure.defaults.get(at)) {
            text.push_str(" DEFAULT ");
            text.push_str(&default_text(names, *arg, default));
        }
        text
    };
    let inputs = procedure.args.iter().enumerate().map(argument);
    let outputs = procedure.columns.iter().map(|(name, ty)| format!("OUT {} {}", quote_identifier(name), format_type(names, *ty, None)));
    Some(inputs.chain(outputs).collect::<Vec<_>>().join(", "))
}

fn input(names: &Names<'_>, procedure: &Procedure, at: usize, arg: Oid) -> String {
    let variadic = if procedure.variadic && at + 1 == procedure.args.len() { "VARIADIC " } else { "" };
    format!("{variadic}{}", format_type(names, arg, None))
}

/// `pg_get_function_identity_arguments`: the arguments a call gives, without defaults.
#[must_use]
pub fn function_identity_arguments(names: &Names<'_>, oid: Oid) -> Option<String> {
    if let Some(own) = names.catalog.routine_by_oid(oid) {
        return Some(routine::identity_arguments(names, own));
    }
    let procedure = procedure_by_oid(oid)?;
    let inputs = procedure.args.iter().enumerate().map(|(at, arg)| input(names, procedure, at, *arg));
    Some(inputs.collect::<Vec<_>>().join(", "))
}

/// A default as an expression: numbers and booleans stand for themselves, everything else is a literal of its type.
fn default_text(names: &Names<'_>, ty: Oid, default: &str) -> String {
    match ty {
        Oid::INT4 | Oid::INT8 | Oid::INT2 | Oid::NUMERIC | Oid::FLOAT8 => default.to_owned(),
        Oid::BOOL => if default.starts_with('t') { "true" } else { "false" }.to_owned(),
        _ => format!("'{}'::{}", default.replace('\'', "''"), format_type(names, ty, None)),
    }
}

/// `pg_get_function_result`; `None` for a procedure.
#[must_use]
pub fn function_result(names: &Names<'_>, oid: Oid) -> Option<String> {
    if let Some(own) = names.catalog.routine_by_oid(oid) {
        return Some(routine::result(names, own));
    }
    let procedure = procedure_by_oid(oid).filter(|procedure| procedure.kind != 'p')?;
    let result = format_type(names, procedure.result, None);
    Some(if procedure.returns_set { format!("SETOF {result}") } else { result })
}

/// `pg_get_functiondef`; `None` when there is no such function.
///
/// # Errors
/// `42809` for an aggregate.
pub fn function_definition(names: &Names<'_>, oid: Oid) -> Result<Option<String>> {
    if let Some(own) = names.catalog.routine_by_oid(oid) {
        return Ok(Some(routine::definition(names, own)));
    }
    let Some(procedure) = procedure_by_oid(oid) else { return Ok(None) };
    if procedure.kind == 'a' {
        let message = format!("\"{}\" is an aggregate function", procedure.name);
        return Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, message));
    }
    let what = if procedure.kind == 'p' { "PROCEDURE" } else { "FUNCTION" };
    let mut text = format!(
        "CREATE OR REPLACE {what} {}({})\n",
        names.qualified(procedure.schema, procedure.name),
        function_arguments(names, oid).unwrap_or_default()
    );
    if let Some(result) = function_result(names, oid) {
        text.push_str(&format!(" RETURNS {result}\n"));
    }
    text.push_str(&format!(" LANGUAGE internal\n{}AS $function${}$function$\n", attributes(procedure), procedure.name));
    Ok(Some(text))
}

/// What differs from a function's defaults, on a line of its own.
fn attributes(procedure: &Procedure) -> String {
    let volatility = match procedure.volatility {
        Volatility::Immutable => Some("IMMUTABLE"),
        Volatility::Stable => Some("STABLE"),
        Volatility::Volatile => None,
    };
    let words = [
        (procedure.kind == 'w').then_some("WINDOW"),
        volatility,
        (procedure.kind != 'p').then_some("PARALLEL SAFE"),
        procedure.strict.then_some("STRICT"),
    ];
    let words: Vec<_> = words.into_iter().flatten().collect();
    if words.is_empty() { String::new() } else { format!(" {}\n", words.join(" ")) }
}
