//! Function resolution: `func_get_detail`.

use std::borrow::Cow;

use borealis_pgtypes::functions::{self, Home};
use borealis_pgtypes::{Body, CastContext, Function, Oid, Result, SqlError, SqlState, types};

use super::coerce::{Pathway, can_coerce_all, category, pathway, type_text};
use super::{candidates, polymorphic};

mod argument_names;
mod sys;

/// The arguments of a call as far as resolution looks at them.
pub(crate) struct CallShape<'a> {
    pub(crate) name: &'a [String],
    /// Types, in the order written.
    pub(crate) inputs: &'a [Oid],
    /// Names of the last `names.len()` arguments.
    pub(crate) names: &'a [String],
    /// The last argument was written with VARIADIC.
    pub(crate) variadic: bool,
}

/// A function for a call.
pub(crate) struct Resolved {
    pub(crate) function: &'static Function,
    /// Types the arguments must have, per parameter.
    pub(crate) args: Vec<Oid>,
    /// Where each parameter's value comes from.
    pub(crate) sources: Vec<Source>,
    /// From this parameter on, the arguments are elements of a VARIADIC array.
    pub(crate) pack: Option<usize>,
    pub(crate) result: Oid,
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
    /// `type(value)`: a cast in a call's clothes.
    Cast(Oid),
}

struct Candidate {
    function: &'static Function,
    /// Declared types per argument, in parameter order, VARIADIC expanded.
    declared: Vec<Oid>,
    sources: Vec<Source>,
    pack: Option<usize>,
}

impl Candidate {
    /// Declared types in the order the arguments were written.
    fn written(&self, count: usize) -> Vec<Oid> {
        let mut written = vec![Oid::INVALID; count];
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

/// All functions a qualified or bare name may mean.
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

/// Whether the name is an aggregate's.
pub(crate) fn is_aggregate_name(name: &[String]) -> bool {
    overloads(name).iter().any(|function| matches!(function.body, Body::Aggregate(_)))
}

/// Finds the function for a call.
pub(crate) fn resolve(shape: &CallShape<'_>) -> Result<Found> {
    sys::check_procedure(shape)?;
    let mut all: Vec<Candidate> = overloads(shape.name).iter().filter_map(|function| candidate(function, shape)).collect();
    remove_shadowed(&mut all, shape);
    let count = shape.inputs.len();
    let exact = all.iter().position(|candidate| candidate.written(count) == shape.inputs);
    if let Some(index) = exact {
        return finish(all.swap_remove(index), shape);
    }
    if let Some(target) = as_cast(shape) {
        return Ok(Found::Cast(target));
    }
    all.retain(|candidate| can_coerce_all(shape.inputs, &candidate.written(count), CastContext::Implicit));
    match all.len() {
        0 => Err(missing(shape)),
        1 => finish(all.swap_remove(0), shape),
        _ => {
            let written: Vec<Vec<Oid>> = all.iter().map(|candidate| candidate.written(count)).collect();
            let index = candidates::select(shape.inputs, &written).ok_or_else(|| ambiguous(shape))?;
            finish(all.swap_remove(index), shape)
        }
    }
}

fn finish(candidate: Candidate, shape: &CallShape<'_>) -> Result<Found> {
    let mut actual = Vec::with_capacity(candidate.declared.len());
    for (declared, source) in candidate.declared.iter().zip(&candidate.sources) {
        actual.push(match source {
            Source::Argument(index) => shape.inputs[*index],
            Source::Default(_) => *declared,
        });
    }
    let (args, result) = polymorphic::resolve(&actual, &candidate.declared, candidate.function.result)?;
    Ok(Found::Function(Resolved { function: candidate.function, args, sources: candidate.sources, pack: candidate.pack, result }))
}

fn candidate(function: &'static Function, shape: &CallShape<'_>) -> Option<Candidate> {
    if shape.names.is_empty() { positional(function, shape) } else { named(function, shape) }
}

fn positional(function: &'static Function, shape: &CallShape<'_>) -> Option<Candidate> {
    let (given, declared) = (shape.inputs.len(), function.args.len());
    if function.variadic && !shape.variadic && given >= declared {
        return expanded(function, given);
    }
    if given > declared || given + function.defaults.len() < declared || shape.variadic && (!function.variadic || given != declared) {
        return None;
    }
    let first_default = declared - function.defaults.len();
    let source = |index| if index < given { Source::Argument(index) } else { Source::Default(index - first_default) };
    Some(Candidate { function, declared: function.args.to_vec(), sources: (0..declared).map(source).collect(), pack: None })
}

/// A VARIADIC function called with the elements one by one.
fn expanded(function: &'static Function, given: usize) -> Option<Candidate> {
    let (last, fixed) = function.args.split_last()?;
    let element = match *last {
        Oid::ANY => Oid::ANY,
        Oid::ANYARRAY => Oid::ANYELEMENT,
        Oid::ANYCOMPATIBLEARRAY => Oid::ANYCOMPATIBLE,
        array => types::element_of(array)?,
    };
    let mut declared = fixed.to_vec();
    declared.resize(given, element);
    let pack = (element != Oid::ANY).then_some(fixed.len());
    Some(Candidate { function, declared, sources: (0..given).map(Source::Argument).collect(), pack })
}

fn named(function: &'static Function, shape: &CallShape<'_>) -> Option<Candidate> {
    let names = argument_names::of(function.oid)?;
    let (given, declared) = (shape.inputs.len(), function.args.len());
    if given > declared || function.variadic {
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
    let first_default = declared - function.defaults.len();
    let filled: Option<Vec<Source>> = sources
        .into_iter()
        .enumerate()
        .map(|(index, source)| source.or_else(|| index.checked_sub(first_default).map(Source::Default)))
        .collect();
    Some(Candidate { function, declared: function.args.to_vec(), sources: filled?, pack: None })
}

/// Of candidates with the same argument types, one that expands VARIADIC or fills in more defaults gives way.
fn remove_shadowed(all: &mut Vec<Candidate>, shape: &CallShape<'_>) {
    let count = shape.inputs.len();
    let keys: Vec<(Vec<Oid>, (bool, usize))> = all
        .iter()
        .map(|candidate| {
            (
                candidate.written(count),
                (candidate.declared.len() != candidate.function.args.len() || candidate.pack.is_some(), candidate.defaults()),
            )
        })
        .collect();
    let mut index = 0;
    all.retain(|_| {
        let (types, rank) = &keys[index];
        index += 1;
        !keys.iter().any(|(other, other_rank)| other == types && other_rank < rank)
    });
}

/// `type(value)` is a cast when there is one that needs no function of that name.
fn as_cast(shape: &CallShape<'_>) -> Option<Oid> {
    let ([source], true, [name] | [_, name]) = (shape.inputs, shape.names.is_empty(), shape.name) else { return None };
    let target = types::by_name(name)?.oid;
    if *source == Oid::UNKNOWN {
        return Some(target);
    }
    match pathway(*source, target, CastContext::Explicit)? {
        Pathway::Relabel => Some(target),
        Pathway::InOut => (category(*source) != 'C' && *source != Oid::RECORD || category(target) != 'S').then_some(target),
        Pathway::Function(_) | Pathway::Array => None,
    }
}

/// The call as messages write it.
pub(crate) fn signature(shape: &CallShape<'_>) -> String {
    let plain = shape.inputs.len() - shape.names.len().min(shape.inputs.len());
    let args: Vec<Cow<'_, str>> = shape
        .inputs
        .iter()
        .enumerate()
        .map(|(index, oid)| match index.checked_sub(plain).and_then(|named| shape.names.get(named)) {
            Some(name) => Cow::Owned(format!("{name} => {}", type_text(*oid))),
            None => Cow::Owned(type_text(*oid)),
        })
        .collect();
    format!("{}({})", shape.name.join("."), args.join(", "))
}

pub(crate) fn missing(shape: &CallShape<'_>) -> SqlError {
    if let Some(unsupported) = unsupported_type_function(shape) {
        return unsupported;
    }
    SqlError::new(SqlState::UNDEFINED_FUNCTION, format!("function {} does not exist", signature(shape)))
        .hint("No function matches the given name and argument types. You might need to add explicit type casts.")
}

/// Constructors of types that the service has no values for are refused by the type's name.
fn unsupported_type_function(shape: &CallShape<'_>) -> Option<SqlError> {
    let [name] = shape.name else { return None };
    const GEOMETRIC: [&str; 7] = ["box", "circle", "line", "lseg", "path", "point", "polygon"];
    GEOMETRIC.contains(&name.as_str()).then(|| SqlError::unsupported(format!("datatype {name} not supported")))
}

fn ambiguous(shape: &CallShape<'_>) -> SqlError {
    SqlError::new(SqlState::AMBIGUOUS_FUNCTION, format!("function {} is not unique", signature(shape)))
        .hint("Could not choose a best candidate function. You might need to add explicit type casts.")
}
