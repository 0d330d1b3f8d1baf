//! Expanding GROUPING SETS, ROLLUP and CUBE into plain sets. After `expand_grouping_sets`.

use borealis_pgtypes::{Result, SqlError, SqlState};

/// The most sets one GROUP BY may expand to.
const SETS_MAX: usize = 4096;
/// The most elements of one CUBE.
const CUBE_MAX: usize = 12;

/// One item of GROUP BY.
pub(crate) enum Item {
    /// Expressions that are in every set.
    Plain(Vec<usize>),
    /// Alternatives.
    Sets(Vec<Vec<usize>>),
}

impl Item {
    pub(crate) fn is_plain(&self) -> bool {
        matches!(self, Self::Plain(_))
    }

    pub(crate) fn into_sets(self) -> Vec<Vec<usize>> {
        match self {
            Self::Plain(set) => vec![set],
            Self::Sets(sets) => sets,
        }
    }
}

/// All prefixes, the longest first.
pub(crate) fn rollup(lists: &[Vec<usize>]) -> Vec<Vec<usize>> {
    (0..=lists.len()).rev().map(|count| lists[..count].concat()).collect()
}

/// All subsets, the largest first in each pair.
pub(crate) fn cube(lists: &[Vec<usize>]) -> Result<Vec<Vec<usize>>> {
    if lists.len() > CUBE_MAX {
        return Err(SqlError::new(SqlState::TOO_MANY_COLUMNS, format!("CUBE is limited to {CUBE_MAX} elements")));
    }
    let mut sets = vec![Vec::new()];
    for list in lists {
        let with: Vec<Vec<usize>> = sets.iter().map(|set| [set.as_slice(), list].concat()).collect();
        sets = with.into_iter().chain(sets).collect();
    }
    Ok(sets)
}

/// The cross product of all items.
pub(crate) fn expand(items: &[Item], distinct: bool) -> Result<Vec<Vec<usize>>> {
    let mut sets: Vec<Vec<usize>> = vec![Vec::new()];
    for item in items {
        let alternatives: &[Vec<usize>] = match item {
            Item::Plain(set) => std::slice::from_ref(set),
            Item::Sets(sets) => sets,
        };
        if sets.len().saturating_mul(alternatives.len()) > SETS_MAX {
            let message = format!("too many grouping sets present (maximum {SETS_MAX})");
            return Err(SqlError::new(SqlState::STATEMENT_TOO_COMPLEX, message));
        }
        sets = sets.iter().flat_map(|set| alternatives.iter().map(move |other| union(set, other))).collect();
    }
    if distinct {
        let mut seen: Vec<Vec<usize>> = Vec::new();
        sets.retain(|set| {
            let mut key = set.clone();
            key.sort_unstable();
            let new = !seen.contains(&key);
            seen.push(key);
            new
        });
    }
    Ok(sets)
}

fn union(a: &[usize], b: &[usize]) -> Vec<usize> {
    let mut all = a.to_vec();
    all.extend(b.iter().filter(|index| !a.contains(index)));
    all.dedup();
    all
}
