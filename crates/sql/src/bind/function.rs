//! Function resolution: `func_get_detail`.

use std::sync::Arc;

use borealis_catalog::Routine;
use borealis_catalog::snapshot::PG_CATALOG_SCHEMA;
use borealis_pgtypes::functions::{self, Home};
use borealis_pgtypes::{Body, CastContext, Function, Oid, Result, SqlError, SqlState, Type, types};

use super::coerce::{Pathway, can_coerce_all, category, pathway};
use super::{BindContext, candidates, polymorphic};

mod argument_names;
mod sys;

/// The arguments of a call as far as resolution looks at them.
pub(crate) struct CallShape<'a> {
    pub(crate) name: &'a [String],
    /// Types, in the order written.
    pub(crate) types: &'a [Type],
    /// Names of the last `names.len()` arguments.
    pub(crate) names: &'a [String],
    /// The last argument was written with VARIADIC.
    pub(crate) variadic: bool,
}

impl CallShape<'_> {
    /// The types that represent the arguments.
    fn inputs(&self) -> Vec<Oid> {
        self.types.iter().map(|ty| ty.oid).collect()
    }
}

/// A function for a call.
pub(crate) struct Resolved<F = &'static Function> {
    pub(crate) function: F,
    /// Types the arguments must have, per parameter.
    pub(crate) args: Vec<Type>,
    /// Where each parameter's value comes from.
    pub(crate) sources: Vec<Source>,
    /// From this parameter on, the arguments are elements of a VARIADIC array.
    pub(crate) pack: Option<usize>,
    pub(crate) result: Type,
}

/// Where a parameter's value comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Source {
    /// The n-th argument as written.
    Argument(usize),
    /// The n-th default of the function.
    Default(usize),
}

/// What a call's name turned out to be.
pub(crate) enum Found {
    Function(Resolved),
    /// A user's function.
    Routine(Resolved<Arc<Routine>>),
    /// `type(value)`: a cast in a call's clothes.
    Cast(Type),
}

/// Anything that can be called.
#[derive(Clone)]
enum Callable {
    Builtin(&'static Function),
    Routine(Arc<Routine>),
}

impl Callable {
    fn args(&self) -> Vec<Type> {
        match self {
            Self::Builtin(function) => function.args.iter().map(|oid| Type::plain(*oid)).collect(),
            Self::Routine(routine) => routine.inputs().map(|argument| argument.ty).collect(),
        }
    }

    fn is_variadic(&self) -> bool {
        match self {
            Self::Builtin(function) => function.variadic,
            Self::Routine(routine) => routine.variadic(),
        }
    }

    fn defaults(&self) -> usize {
        match self {
            Self::Builtin(function) => function.defaults.len(),
            Self::Routine(routine) => routine.defaults(),
        }
    }

    /// Names of the inputs, where they have any.
    fn names(&self) -> Option<Vec<&str>> {
        match self {
            Self::Builtin(function) => argument_names::of(function.oid).map(<[&str]>::to_vec),
            Self::Routine(routine) => Some(routine.inputs().map(|argument| argument.name.as_str()).collect()),
        }
    }

    fn result(&self) -> Type {
        match self {
            Self::Builtin(function) => Type::plain(function.result),
            Self::Routine(routine) => routine.result,
        }
    }
}

struct Candidate {
    function: Callable,
    /// Place of its schema in the search path.
    place: usize,
    /// Declared types per argument, in parameter order, VARIADIC expanded.
    declared: Vec<Type>,
    sources: Vec<Source>,
    pack: Option<usize>,
    /// VARIADIC was expanded.
    expanded: bool,
}

impl Candidate {
    /// Declared types in the order the arguments were written.
    fn written(&self, count: usize) -> Vec<Type> {
        let mut written = vec![Type::plain(Oid::INVALID); count];
        for (declared, source) in self.declared.iter().zip(&self.sources) {
            if let Source::Argument(index) = source {
                written[*index] = *declared;
            }
        }
        written
    }

    fn defaults(&self) -> usize {
        self.sources.iter().filter(|source| matches!(source, Source::Default(_))).count()
    }
}

/// All built-in functions a qualified or bare name may mean.
pub(crate) fn overloads(name: &[String]) -> &'static [&'static Function] {
    let (schema, name) = match name {
        [name] => (None, name),
        [schema, name] => (Some(schema.as_str()), name),
        _ => return &[],
    };
    let all = functions::by_name(name);
    // No name is used in two schemas; `pg_catalog` is on every path, the others are named.
    let found = all.first().is_some_and(|function| match functions::home(function.oid) {
        Home::PgCatalog => matches!(schema, None | Some("pg_catalog")),
        Home::InformationSchema => schema == Some("information_schema"),
        Home::Sys => schema == Some("sys"),
        Home::Borealis => schema == Some("borealis"),
    });
    if found { all } else { &[] }
}

/// Functions of users that a name may mean, with the place of their schema in the search path.
fn routines(name: &[String], ctx: &BindContext<'_>) -> Vec<(usize, Arc<Routine>)> {
    let in_schema = |place: usize, schema: Oid, name: &str| -> Vec<(usize, Arc<Routine>)> {
        ctx.catalog.routines_named(schema, name).map(|routine| (place, routine.clone())).collect()
    };
    match name {
        [name] => ctx.search_path.iter().enumerate().flat_map(|(place, schema)| in_schema(place, *schema, name)).collect(),
        [schema, name] => ctx.catalog.schema(schema).map(|schema| in_schema(0, schema.oid, name)).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// Whether a call of that name with so many arguments is an aggregate's.
pub(crate) fn is_aggregate_name(name: &[String], arguments: usize, ctx: &BindContext<'_>) -> bool {
    let aggregates = || overloads(name).iter().filter(|function| matches!(function.body, Body::Aggregate(_)));
    if aggregates().next().is_none() {
        return false;
    }
    // A user may have given an aggregate's name to a function with another number of arguments.
    let fits = |routine: &Routine| routine.inputs().count() == arguments;
    aggregates().any(|function| function.variadic || function.args.len() == arguments)
        || !routines(name, ctx).iter().any(|(_, routine)| fits(routine))
}

/// Finds the function for a call.
pub(crate) fn resolve(shape: &CallShape<'_>, ctx: &BindContext<'_>) -> Result<Found> {
    sys::check_procedure(shape)?;
    let pg_catalog = ctx.search_path.iter().position(|schema| *schema == PG_CATALOG_SCHEMA).unwrap_or_default();
    let builtin = overloads(shape.name).iter().map(|function| (pg_catalog, Callable::Builtin(function)));
    let own = routines(shape.name, ctx).into_iter().map(|(place, routine)| (place, Callable::Routine(routine)));
    let mut all: Vec<Candidate> = builtin.chain(own).filter_map(|(place, function)| candidate(function, place, shape)).collect();
    remove_shadowed(&mut all, shape);
    let count = shape.types.len();
    if let Some(index) = exact(&all, shape) {
        return finish(all.swap_remove(index), shape);
    }
    if let Some(target) = as_cast(shape, ctx) {
        return Ok(Found::Cast(target));
    }
    let inputs = shape.inputs();
    all.retain(|candidate| fits(shape, &inputs, &candidate.written(count)));
    match all.len() {
        0 => Err(missing(shape, ctx)),
        1 => finish(all.swap_remove(0), shape),
        _ => {
            let written: Vec<Vec<Oid>> = all.iter().map(|candidate| oids(&candidate.written(count))).collect();
            let index = candidates::select(&inputs, &written).ok_or_else(|| ambiguous(shape, ctx))?;
            finish(all.swap_remove(index), shape)
        }
    }
}

fn oids(types: &[Type]) -> Vec<Oid> {
    types.iter().map(|ty| ty.oid).collect()
}

/// The candidate whose types are those of the call: first as they are declared, then a domain's as the type it is over.
fn exact(all: &[Candidate], shape: &CallShape<'_>) -> Option<usize> {
    let count = shape.types.len();
    let find = |same: fn(&Type, &Type) -> bool| {
        all.iter().position(|candidate| shape.types.iter().zip(&candidate.written(count)).all(|(given, wanted)| same(given, wanted)))
    };
    find(|given, wanted| given.catalog_oid() == wanted.catalog_oid())
        .or_else(|| find(|given, wanted| given.oid == wanted.oid && wanted.declared.is_invalid()))
}

/// Whether the arguments can become what the candidate wants. A row of one table is none of another.
fn fits(shape: &CallShape<'_>, inputs: &[Oid], written: &[Type]) -> bool {
    let is_row = |ty: &Type| matches!(ty.oid, Oid::RECORD | Oid::RECORD_ARRAY) && !ty.declared.is_invalid();
    let other_row = |(given, wanted): (&Type, &Type)| is_row(given) && is_row(wanted) && given.declared != wanted.declared;
    can_coerce_all(inputs, &oids(written), CastContext::Implicit) && !shape.types.iter().zip(written).any(other_row)
}

fn finish(candidate: Candidate, shape: &CallShape<'_>) -> Result<Found> {
    let mut actual = Vec::with_capacity(candidate.declared.len());
    for (declared, source) in candidate.declared.iter().zip(&candidate.sources) {
        actual.push(match source {
            Source::Argument(index) => shape.types[*index].oid,
            Source::Default(_) => declared.oid,
        });
    }
    let declared = oids(&candidate.declared);
    let result = candidate.function.result();
    let (args, result_oid) = polymorphic::resolve(&actual, &declared, result.oid)?;
    // What is polymorphic has no declaration; what has one is not polymorphic.
    let args = candidate.declared.iter().zip(args).map(|(ty, oid)| if ty.oid == oid { *ty } else { Type::plain(oid) }).collect();
    let result = if result.oid == result_oid { result } else { Type::plain(result_oid) };
    let Candidate { function, sources, pack, .. } = candidate;
    Ok(match function {
        Callable::Builtin(function) => Found::Function(Resolved { function, args, sources, pack, result }),
        Callable::Routine(function) => Found::Routine(Resolved { function, args, sources, pack, result }),
    })
}

fn candidate(function: Callable, place: usize, shape: &CallShape<'_>) -> Option<Candidate> {
    if shape.names.is_empty() { positional(function, place, shape) } else { named(function, place, shape) }
}

fn positional(function: Callable, place: usize, shape: &CallShape<'_>) -> Option<Candidate> {
    let args = function.args();
    let (given, declared, defaults) = (shape.types.len(), args.len(), function.defaults());
    let variadic = function.is_variadic();
    if variadic && !shape.variadic && given >= declared {
        return expanded(function, place, args, given);
    }
    if given > declared || given + defaults < declared || shape.variadic && (!variadic || given != declared) {
        return None;
    }
    let first_default = declared - defaults;
    let source = |index| if index < given { Source::Argument(index) } else { Source::Default(index - first_default) };
    let sources = (0..declared).map(source).collect();
    Some(Candidate { function, place, declared: args, sources, pack: None, expanded: false })
}

/// A VARIADIC function called with the elements one by one.
fn expanded(function: Callable, place: usize, args: Vec<Type>, given: usize) -> Option<Candidate> {
    let (last, fixed) = args.split_last()?;
    let element = match last.oid {
        Oid::ANY => Oid::ANY,
        Oid::ANYARRAY => Oid::ANYELEMENT,
        Oid::ANYCOMPATIBLEARRAY => Oid::ANYCOMPATIBLE,
        array => types::element_of(array)?,
    };
    let mut declared = fixed.to_vec();
    declared.resize(given, Type::plain(element));
    let pack = (element != Oid::ANY).then_some(fixed.len());
    let sources = (0..given).map(Source::Argument).collect();
    Some(Candidate { function, place, declared, sources, pack, expanded: true })
}

fn named(function: Callable, place: usize, shape: &CallShape<'_>) -> Option<Candidate> {
    let names = function.names()?;
    let args = function.args();
    let (given, declared) = (shape.types.len(), args.len());
    if given > declared || function.is_variadic() && !shape.variadic {
        return None;
    }
    let plain = given - shape.names.len();
    let mut sources: Vec<Option<Source>> = (0..declared).map(|index| (index < plain).then_some(Source::Argument(index))).collect();
    for (index, name) in shape.names.iter().enumerate() {
        let parameter = names.iter().position(|known| known == name)?;
        let slot = sources.get_mut(parameter)?;
        if slot.replace(Source::Argument(plain + index)).is_some() {
            return None;
        }
    }
    let first_default = declared - function.defaults();
    let filled: Option<Vec<Source>> = sources
        .into_iter()
        .enumerate()
        .map(|(index, source)| source.or_else(|| index.checked_sub(first_default).map(Source::Default)))
        .collect();
    Some(Candidate { function, place, declared: args, sources: filled?, pack: None, expanded: false })
}

/// Of candidates with the same argument types, one that comes later in the search path, expands VARIADIC or fills in more defaults gives way.
fn remove_shadowed(all: &mut Vec<Candidate>, shape: &CallShape<'_>) {
    let count = shape.types.len();
    let key = |candidate: &Candidate| {
        let types: Vec<Oid> = candidate.written(count).iter().map(|ty| ty.catalog_oid()).collect();
        (types, (candidate.place, candidate.expanded, candidate.defaults()))
    };
    let keys: Vec<(Vec<Oid>, (usize, bool, usize))> = all.iter().map(key).collect();
    let mut index = 0;
    all.retain(|_| {
        let (types, rank) = &keys[index];
        index += 1;
        !keys.iter().any(|(other, other_rank)| other == types && other_rank < rank)
    });
}

/// `type(value)` is a cast when there is one that needs no function of that name.
fn as_cast(shape: &CallShape<'_>, ctx: &BindContext<'_>) -> Option<Type> {
    let ([source], true) = (shape.types, shape.names.is_empty()) else { return None };
    let target = match shape.name {
        [_, name] if types::by_name(name).is_some() => Type::plain(types::by_name(name)?.oid),
        name => super::typename::find(name, ctx)?,
    };
    if source.oid == Oid::UNKNOWN {
        return Some(target);
    }
    // To a domain there is always a way from what can become the type it is over, but only the same type needs no function.
    match pathway(source.oid, target.oid, CastContext::Explicit)? {
        Pathway::Relabel => Some(target),
        Pathway::InOut => (category(source.oid) != 'C' && source.oid != Oid::RECORD || category(target.oid) != 'S').then_some(target),
        Pathway::Function(_) | Pathway::Array => None,
    }
}

/// The call as messages write it.
pub(crate) fn signature(shape: &CallShape<'_>, ctx: &BindContext<'_>) -> String {
    let plain = shape.types.len() - shape.names.len().min(shape.types.len());
    let arg = |(index, ty): (usize, &Type)| {
        let text = ctx.type_name(*ty);
        match index.checked_sub(plain).and_then(|named| shape.names.get(named)) {
            Some(name) => format!("{name} => {text}"),
            None => text,
        }
    };
    let args: Vec<String> = shape.types.iter().enumerate().map(arg).collect();
    format!("{}({})", shape.name.join("."), args.join(", "))
}

pub(crate) fn missing(shape: &CallShape<'_>, ctx: &BindContext<'_>) -> SqlError {
    if let Some(unsupported) = unsupported_type_function(shape) {
        return unsupported;
    }
    SqlError::new(SqlState::UNDEFINED_FUNCTION, format!("function {} does not exist", signature(shape, ctx)))
        .hint("No function matches the given name and argument types. You might need to add explicit type casts.")
}

/// Constructors of types that the service has no values for are refused by the type's name.
fn unsupported_type_function(shape: &CallShape<'_>) -> Option<SqlError> {
    let [name] = shape.name else { return None };
    const GEOMETRIC: [&str; 7] = ["box", "circle", "line", "lseg", "path", "point", "polygon"];
    GEOMETRIC.contains(&name.as_str()).then(|| SqlError::unsupported(format!("datatype {name} not supported")))
}

fn ambiguous(shape: &CallShape<'_>, ctx: &BindContext<'_>) -> SqlError {
    SqlError::new(SqlState::AMBIGUOUS_FUNCTION, format!("function {} is not unique", signature(shape, ctx)))
        .hint("Could not choose a best candidate function. You might need to add explicit type casts.")
}
