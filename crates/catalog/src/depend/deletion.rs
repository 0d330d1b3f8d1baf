//! What goes when something is dropped: `findDependentObjects` and `reportDependentObjects`.

use std::collections::BTreeMap;

use super::{Address, Edge, Strength};

/// An object that goes, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doomed {
    /// The object.
    pub object: Address,
    /// What it depends on, when it was not named itself.
    pub because_of: Option<Address>,
    /// Whether it goes without being asked for and without a word: it is a part of something that goes, or made to go along.
    pub silent: bool,
}

/// A named object is a part of another, which would have to be dropped instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// What was to be dropped.
    pub object: Address,
    /// What it is a part of.
    pub owner: Address,
}

/// Everything that goes with `roots`, dependent objects before what they depend on.
///
/// # Errors
/// When a root is a part of something that is not dropped.
pub fn deletion(edges: &[Edge], roots: &[Address]) -> Result<Vec<Doomed>, Blocked> {
    let mut search = Search { by_dependent: BTreeMap::new(), by_target: BTreeMap::new(), roots, stack: Vec::new(), doomed: Vec::new() };
    for edge in edges {
        search.by_dependent.entry((edge.dependent.class, edge.dependent.oid)).or_default().push(edge);
        search.by_target.entry((edge.on.class, edge.on.oid)).or_default().push(edge);
    }
    for root in roots {
        search.visit(*root, Arrival::Named)?;
    }
    Ok(search.doomed)
}

/// How the search came to an object.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Arrival {
    /// It was named by the statement.
    Named,
    /// It depends on the object before.
    By(Strength),
    /// A part of it depends on the object before.
    Owner,
}

impl Arrival {
    fn is_silent(self) -> bool {
        matches!(self, Self::Named | Self::By(Strength::Auto | Strength::Internal))
    }
}

struct Search<'e> {
    by_dependent: BTreeMap<(super::Class, borealis_pgtypes::Oid), Vec<&'e Edge>>,
    by_target: BTreeMap<(super::Class, borealis_pgtypes::Oid), Vec<&'e Edge>>,
    roots: &'e [Address],
    /// Objects being visited, outermost first. One found again while on it goes silently.
    stack: Vec<(Address, bool)>,
    doomed: Vec<Doomed>,
}

impl Search<'_> {
    fn visit(&mut self, object: Address, arrival: Arrival) -> Result<(), Blocked> {
        if self.is_known(object, arrival) {
            return Ok(());
        }
        if let Some(owner) = self.owner_elsewhere(object) {
            if self.stack.is_empty() {
                if self.roots.iter().any(|root| root.covers(owner)) {
                    return Ok(());
                }
                return Err(Blocked { object, owner });
            }
            return self.visit(owner, Arrival::Owner);
        }
        let mut dependents: Vec<&Edge> = self.by_target.get(&(object.class, object.oid)).cloned().unwrap_or_default();
        dependents.retain(|edge| object.covers(edge.on) && !object.covers(edge.dependent));
        // Newer objects first, as PostgreSQL sorts them; a column's number counts from the whole on.
        dependents.sort_by_key(|edge| {
            let at = edge.dependent;
            (std::cmp::Reverse(at.oid), at.class, at.column)
        });
        self.stack.push((object, arrival.is_silent()));
        for edge in dependents {
            self.visit(edge.dependent, Arrival::By(edge.strength))?;
        }
        let (_, silent) = self.stack.pop().unwrap_or((object, false));
        let because_of = self.stack.last().map(|(before, _)| *before);
        self.doomed.push(Doomed { object, because_of, silent });
        Ok(())
    }

    /// Whether the object, or the whole it is a column of, is being or has been visited; one more way to it may make it silent.
    fn is_known(&mut self, object: Address, arrival: Arrival) -> bool {
        let silent = arrival.is_silent();
        if let Some(entry) = self.stack.iter_mut().find(|(known, _)| known.covers(object)) {
            entry.1 |= silent && entry.0 == object;
            return true;
        }
        match self.doomed.iter_mut().find(|known| known.object.covers(object)) {
            Some(known) => {
                known.silent |= silent && known.object == object;
                true
            }
            None => false,
        }
    }

    /// What the object is a part of, unless that is being dropped already.
    fn owner_elsewhere(&self, object: Address) -> Option<Address> {
        let owned = self.by_dependent.get(&(object.class, object.oid))?;
        let owners = owned.iter().filter(|edge| edge.strength == Strength::Internal && edge.dependent == object).map(|edge| edge.on);
        owners.into_iter().find(|owner| {
            let visiting = self.stack.iter().any(|(known, _)| known.covers(*owner));
            !visiting && !self.doomed.iter().any(|known| known.object.covers(*owner))
        })
    }
}
