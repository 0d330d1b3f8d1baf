//! Polymorphic signatures: what `anyelement`, `anyarray` and the `anycompatible` family stand for in one call. After `check_generic_type_consistency` and
//! `enforce_generic_type_consistency`.

use borealis_pgtypes::{CastContext, Oid, Result, SqlError, SqlState, types};

use super::coerce::{can_coerce, is_array, is_polymorphic, type_text};
use super::common::common_oid;

/// What the polymorphic names of a signature were found to be; [`Oid::INVALID`] where nothing tells.
#[derive(Default)]
struct Found {
    element: Oid,
    array: Oid,
    compatible: Oid,
}

/// Whether the actual types fit the declared ones.
pub(crate) fn consistent(actual: &[Oid], declared: &[Oid]) -> bool {
    find(actual, declared).is_ok()
}

/// The concrete argument types and result type of a call.
pub(crate) fn resolve(actual: &[Oid], declared: &[Oid], result: Oid) -> Result<(Vec<Oid>, Oid)> {
    let mut concrete: Vec<Oid> = declared.to_vec();
    if !declared.iter().any(|oid| is_polymorphic(*oid)) {
        return Ok((concrete, result));
    }
    let found = find(actual, declared)?;
    let first_family = declared.iter().any(|oid| matches!(*oid, Oid::ANYELEMENT | Oid::ANYARRAY | Oid::ANYNONARRAY | Oid::ANYENUM));
    if first_family && found.element == Oid::INVALID {
        let message = "could not determine polymorphic type because input has type unknown";
        return Err(SqlError::new(SqlState::DATATYPE_MISMATCH, message));
    }
    for (index, oid) in concrete.iter_mut().enumerate() {
        // The service's arrays keep the type they came with: int2vector stays int2vector.
        if *oid == Oid::ANYARRAY && actual.get(index).is_some_and(|oid| *oid != Oid::UNKNOWN) {
            *oid = actual[index];
        } else {
            *oid = substitute(*oid, &found)?;
        }
    }
    Ok((concrete, substitute(result, &found)?))
}

fn substitute(oid: Oid, found: &Found) -> Result<Oid> {
    match oid {
        Oid::ANYELEMENT | Oid::ANYNONARRAY | Oid::ANYENUM => Ok(found.element),
        Oid::ANYARRAY if found.array != Oid::INVALID => Ok(found.array),
        Oid::ANYARRAY => array_over(found.element),
        Oid::ANYCOMPATIBLE | Oid::ANYCOMPATIBLENONARRAY => Ok(found.compatible),
        Oid::ANYCOMPATIBLEARRAY => array_over(found.compatible),
        other => Ok(other),
    }
}

fn array_over(element: Oid) -> Result<Oid> {
    if element == Oid::RECORD {
        return Ok(Oid::RECORD_ARRAY);
    }
    types::array_of(element)
        .ok_or_else(|| SqlError::new(SqlState::UNDEFINED_OBJECT, format!("could not find array type for data type {}", type_text(element))))
}

fn find(actual: &[Oid], declared: &[Oid]) -> Result<Found> {
    let mut found = Found::default();
    let mut compatible: Vec<Oid> = Vec::new();
    let mut no_array = false;
    for (&actual, &declared) in actual.iter().zip(declared) {
        no_array |= declared == Oid::ANYNONARRAY;
        if actual == Oid::UNKNOWN || !is_polymorphic(declared) {
            continue;
        }
        match declared {
            Oid::ANYARRAY => alike(&mut found.array, actual, "anyarray")?,
            Oid::ANYCOMPATIBLE | Oid::ANYCOMPATIBLENONARRAY => compatible.push(actual),
            Oid::ANYCOMPATIBLEARRAY => compatible.push(element(actual, "anycompatiblearray")?),
            _ => alike(&mut found.element, actual, "anyelement")?,
        }
    }
    settle_array(&mut found)?;
    if no_array && is_array(found.element) {
        return Err(mismatch(format!("type matched to anynonarray is an array type: {}", type_text(found.element))));
    }
    found.compatible = settle_compatible(&compatible)?;
    Ok(found)
}

fn settle_array(found: &mut Found) -> Result<()> {
    if found.array == Oid::INVALID {
        return Ok(());
    }
    let of_array = element(found.array, "anyarray")?;
    if found.element == Oid::INVALID {
        found.element = of_array;
    } else if found.element != of_array {
        let message = "argument declared anyarray is not consistent with argument declared anyelement".to_owned();
        return Err(mismatch(message).detail(format!("{} versus {}", type_text(found.array), type_text(found.element))));
    }
    Ok(())
}

fn settle_compatible(actual: &[Oid]) -> Result<Oid> {
    let common = common_oid(actual).map_err(|pair| {
        let message = "arguments of anycompatible family cannot be cast to a common type".to_owned();
        mismatch(message).detail(format!("{} versus {}", type_text(pair.first), type_text(pair.second)))
    })?;
    if actual.iter().all(|oid| can_coerce(*oid, common, CastContext::Implicit)) {
        Ok(common)
    } else {
        Err(mismatch("arguments of anycompatible family cannot be cast to a common type".to_owned()))
    }
}

fn alike(known: &mut Oid, actual: Oid, name: &str) -> Result<()> {
    if *known == Oid::INVALID {
        *known = actual;
    } else if *known != actual {
        let error = mismatch(format!("arguments declared \"{name}\" are not all alike"));
        return Err(error.detail(format!("{} versus {}", type_text(*known), type_text(actual))));
    }
    Ok(())
}

fn element(array: Oid, name: &str) -> Result<Oid> {
    types::element_of(array).ok_or_else(|| mismatch(format!("argument declared {name} is not an array but type {}", type_text(array))))
}

fn mismatch(message: String) -> SqlError {
    SqlError::new(SqlState::DATATYPE_MISMATCH, message)
}
