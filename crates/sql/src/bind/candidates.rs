//! Choosing among overloads: `func_select_candidate`, shared by functions and operators.

use borealis_pgtypes::{CastContext, Oid};

use super::coerce::{can_coerce_all, category, is_preferred, is_preferred_in};

/// The index of the one candidate that the rules prefer for these argument types; `None` when more than one remains. All candidates accept the types and
/// are as long as `inputs`.
pub(crate) fn select(inputs: &[Oid], candidates: &[Vec<Oid>]) -> Option<usize> {
    let mut left: Vec<usize> = (0..candidates.len()).collect();
    // Most exact matches win; then most exact or preferred matches.
    left = best(&left, |index| exact_matches(inputs, &candidates[index]));
    if left.len() == 1 {
        return left.first().copied();
    }
    left = best(&left, |index| preferred_matches(inputs, &candidates[index]));
    if left.len() == 1 {
        return left.first().copied();
    }
    if !inputs.contains(&Oid::UNKNOWN) {
        return None;
    }
    left = by_unknown_categories(inputs, candidates, left);
    if left.len() == 1 {
        return left.first().copied();
    }
    by_known_type(inputs, candidates, &left)
}

fn best(left: &[usize], score: impl Fn(usize) -> usize) -> Vec<usize> {
    let top = left.iter().map(|index| score(*index)).max().unwrap_or_default();
    left.iter().copied().filter(|index| score(*index) == top).collect()
}

fn exact_matches(inputs: &[Oid], args: &[Oid]) -> usize {
    inputs.iter().zip(args).filter(|(input, arg)| **input != Oid::UNKNOWN && input == arg).count()
}

fn preferred_matches(inputs: &[Oid], args: &[Oid]) -> usize {
    let matches = |input: Oid, arg: Oid| input != Oid::UNKNOWN && (input == arg || is_preferred_in(category(input), arg));
    inputs.iter().zip(args).filter(|(input, arg)| matches(**input, **arg)).count()
}

/// What the candidates say about one unknown argument: the category they agree on, and whether it has a preferred type among them.
fn slot_category(candidates: &[Vec<Oid>], left: &[usize], position: usize) -> Option<(char, bool)> {
    let mut slot: Option<(char, bool)> = None;
    let mut conflict = false;
    for &index in left {
        let arg = candidates[index][position];
        let (current, preferred) = (category(arg), is_preferred(arg));
        match &mut slot {
            None => slot = Some((current, preferred)),
            Some((known, any_preferred)) if *known == current => *any_preferred |= preferred,
            // A string category wins over all others, since an unknown literal looks like a string.
            Some(known) if current == 'S' => *known = ('S', preferred),
            Some(_) => conflict = true,
        }
    }
    slot.filter(|(known, _)| !conflict || *known == 'S')
}

fn by_unknown_categories(inputs: &[Oid], candidates: &[Vec<Oid>], left: Vec<usize>) -> Vec<usize> {
    let mut wanted = Vec::new();
    for (position, input) in inputs.iter().enumerate() {
        if *input != Oid::UNKNOWN {
            continue;
        }
        let Some(slot) = slot_category(candidates, &left, position) else { return left };
        wanted.push((position, slot));
    }
    let keeps = |index: &usize| {
        wanted.iter().all(|(position, (known, has_preferred))| {
            let arg = candidates[*index][*position];
            category(arg) == *known && (!has_preferred || is_preferred(arg))
        })
    };
    let kept: Vec<usize> = left.iter().copied().filter(keeps).collect();
    if kept.is_empty() { left } else { kept }
}

/// Last rule: if all known arguments have one type, assume that the unknown ones have it too.
fn by_known_type(inputs: &[Oid], candidates: &[Vec<Oid>], left: &[usize]) -> Option<usize> {
    let mut known = inputs.iter().copied().filter(|oid| *oid != Oid::UNKNOWN);
    let first = known.next()?;
    if known.any(|oid| oid != first) {
        return None;
    }
    let assumed = vec![first; inputs.len()];
    let mut fitting = left.iter().copied().filter(|index| can_coerce_all(&assumed, &candidates[*index], CastContext::Implicit));
    let only = fitting.next()?;
    fitting.next().is_none().then_some(only)
}
