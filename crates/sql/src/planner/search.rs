//! The order of joins: all orders by dynamic programming over sets of members for few members, the cheapest next pair for many.

use std::rc::Rc;

use borealis_pgtypes::{Result, SqlError};

use super::Planner;
use super::access::{Choice, Choices};
use super::cost;
use super::from::{Base, Wish};
use super::group::{Group, Member, QualRef, RelSet, Role, Source};
use super::method::{JoinInput, Method};
use crate::plan::PlanJoinKind;

/// Above this many members the order is searched greedily.
const EXHAUSTIVE_MAX: usize = 8;
/// Above this many members only orders that add one member at a time are tried.
const BUSHY_MAX: usize = 6;

/// A way to get the rows of some relations, not built yet.
#[derive(Debug)]
#[allow(missing_docs)]
pub(crate) struct Path {
    pub step: Step,
    pub rels: RelSet,
    /// Relations it asks values of (lateral) that are not in it.
    pub required: RelSet,
    pub rows: f64,
    pub startup: f64,
    pub total: f64,
    /// Cost of running it again for another outer row.
    pub rescan: f64,
    /// Whether the rows come in the wished order.
    pub ordered: bool,
}

pub(crate) type PathRef = Rc<Path>;

/// The topmost step of a path.
#[derive(Debug)]
#[allow(missing_docs)]
pub(crate) enum Step {
    Table {
        relation: usize,
        choice: Rc<Choice>,
        filters: Vec<QualRef>,
    },
    /// A relation with a plan of its own.
    Other {
        relation: usize,
    },
    Join {
        kind: PlanJoinKind,
        left: PathRef,
        right: PathRef,
        method: Method,
    },
    Filter {
        input: PathRef,
        quals: Vec<QualRef>,
    },
    /// Distinct rows by these columns.
    Unique {
        input: PathRef,
        columns: Vec<(usize, usize)>,
    },
}

/// The cheapest path for a set of members, and the cheapest that has the wished order.
#[derive(Clone, Default)]
pub(crate) struct Best {
    cheapest: Option<PathRef>,
    ordered: Option<PathRef>,
}

impl Best {
    fn offer(&mut self, path: Path, wanted: Option<f64>) {
        let path = Rc::new(path);
        if path.ordered && self.ordered.as_ref().is_none_or(|known| price(&path, wanted) < price(known, wanted)) {
            self.ordered = Some(path.clone());
        }
        if self.cheapest.as_ref().is_none_or(|known| path.total < known.total) {
            self.cheapest = Some(path);
        }
    }

    fn paths(&self) -> impl Iterator<Item = &PathRef> {
        let second = self.ordered.iter().filter(|ordered| self.cheapest.as_ref().is_none_or(|cheapest| !Rc::ptr_eq(ordered, cheapest)));
        self.cheapest.iter().chain(second)
    }

    fn is_some(&self) -> bool {
        self.cheapest.is_some()
    }
}

fn price(path: &Path, wanted: Option<f64>) -> f64 {
    cost::partial(path.startup, path.total, path.rows, wanted)
}

/// One search: the level's relations and what is wished of the result.
struct Search<'s, 'p> {
    planner: &'s Planner<'p>,
    bases: &'s [Base],
}

impl Planner<'_> {
    /// The cheapest path for all relations of a group.
    pub(crate) fn search(&self, bases: &[Base], group: &Group, wish: &Wish) -> Result<PathRef> {
        let search = Search { planner: self, bases };
        let best = search.group(group, wish)?;
        choose(best, wish).ok_or_else(|| SqlError::internal("no join order satisfies all lateral references"))
    }
}

/// Sorting the cheapest, or taking the ordered one.
fn choose(best: Best, wish: &Wish) -> Option<PathRef> {
    let cheapest = best.cheapest?;
    let Some(ordered) = best.ordered else { return Some(cheapest) };
    let input = crate::plan::Estimate { startup_cost: cheapest.startup, total_cost: cheapest.total, rows: cheapest.rows, width: 0 };
    let otherwise =
        if wish.grouping { cheapest.total + cost::HASH_BUILD * cheapest.rows } else { cost::sort_estimate(&input, wish.wanted).total_cost };
    Some(if price(&ordered, wish.wanted) <= otherwise { ordered } else { cheapest })
}

impl Search<'_, '_> {
    fn group(&self, group: &Group, wish: &Wish) -> Result<Best> {
        let members = &group.members;
        let singles = members.iter().map(|member| self.member(group, member, wish)).collect::<Result<Vec<_>>>()?;
        let problem = Problem { search: self, group, singles, wish };
        let best = match members.len() {
            0 => return Err(SqlError::internal("an empty join group")),
            1 => problem.singles.into_iter().next().unwrap_or_default(),
            count if count <= EXHAUSTIVE_MAX => problem.exhaustive()?,
            _ => problem.greedy()?,
        };
        // Of the outermost group these were taken before.
        let constants: Vec<QualRef> = group.quals.iter().filter(|qual| qual.rels == 0).cloned().collect();
        Ok(self.filtered(best, constants, wish))
    }

    /// The paths of `best` with conditions checked on top.
    fn filtered(&self, best: Best, quals: Vec<QualRef>, wish: &Wish) -> Best {
        if quals.is_empty() {
            return best;
        }
        let mut filtered = Best::default();
        for path in best.paths() {
            filtered.offer(self.filter(path.clone(), quals.clone()), wish.wanted);
        }
        filtered
    }

    fn filter(&self, input: PathRef, quals: Vec<QualRef>) -> Path {
        let selectivity = self.planner.selectivity(self.bases, quals.iter().map(|qual| &qual.expr));
        Path {
            rels: input.rels,
            required: input.required,
            rows: (input.rows * selectivity).max(1.0),
            startup: input.startup,
            total: input.total + cost::OPERATOR * input.rows,
            rescan: input.rescan + cost::OPERATOR * input.rows,
            ordered: input.ordered,
            step: Step::Filter { input, quals },
        }
    }

    /// A member by itself, with the conditions of its group that look at nothing else.
    fn member(&self, group: &Group, member: &Member, wish: &Wish) -> Result<Best> {
        let best = match &member.source {
            Source::Relation(relation) => self.relation(*relation, wish),
            Source::Group(group) => self.group(group, &Wish::default())?,
            Source::Full { left, right, on } => self.full(left, right, on)?,
        };
        if member.role != Role::Inner {
            return Ok(best);
        }
        let own = group.quals.iter().filter(|qual| qual.rels != 0 && qual.rels & !member.rels == 0).cloned().collect();
        Ok(self.filtered(best, own, wish))
    }

    fn relation(&self, relation: usize, wish: &Wish) -> Best {
        let base = &self.bases[relation];
        let mut best = Best::default();
        if !base.is_table() {
            let (estimate, required) = (base.plan.as_ref().map(|plan| plan.estimate).unwrap_or_default(), base.required());
            let (rows, startup, total) = (estimate.rows, estimate.startup_cost, estimate.total_cost);
            let rescan = if required == 0 { cost::OPERATOR * rows } else { total };
            let path = Path { step: Step::Other { relation }, rels: 1 << relation, required, rows, startup, total, rescan, ordered: false };
            best.offer(path, None);
            return best;
        }
        let Choices { best: cheapest, ordered } = self.planner.access(self.bases, relation, &base.filters, 0, wish);
        for choice in std::iter::once(cheapest).chain(ordered) {
            best.offer(table_path(relation, choice, base.filters.clone()), wish.wanted);
        }
        best
    }

    fn full(&self, left: &Group, right: &Group, on: &[QualRef]) -> Result<Best> {
        let none = Wish::default();
        let (left, right) = (self.group(left, &none)?, self.group(right, &none)?);
        let (Some(left), Some(right)) = (left.cheapest, right.cheapest) else { return Ok(Best::default()) };
        let input = JoinInput { kind: PlanJoinKind::Full, left: &left, right: &right, quals: on.to_vec() };
        let mut best = Best::default();
        for path in self.planner.join_methods(self.bases, &input, None)? {
            best.offer(path, None);
        }
        Ok(best)
    }
}

/// The path of a table access.
pub(crate) fn table_path(relation: usize, choice: Rc<Choice>, filters: Vec<QualRef>) -> Path {
    Path {
        rels: 1 << relation,
        required: 0,
        rows: choice.rows,
        startup: choice.startup,
        total: choice.total,
        rescan: choice.rescan,
        ordered: choice.ordered,
        step: Step::Table { relation, choice, filters },
    }
}

impl Role {
    fn join_kind(self) -> PlanJoinKind {
        match self {
            Self::Inner => PlanJoinKind::Inner,
            Self::Left => PlanJoinKind::Left,
            Self::Semi => PlanJoinKind::Semi,
            Self::Anti => PlanJoinKind::Anti,
        }
    }
}

/// The relation a member is, when it is one (its conditions have been given to the relation).
fn sole_relation(source: &Source) -> Option<usize> {
    match source {
        Source::Relation(relation) => Some(*relation),
        Source::Group(group) => match group.members.as_slice() {
            [member] if group.quals.is_empty() && member.role == Role::Inner => sole_relation(&member.source),
            _ => None,
        },
        Source::Full { .. } => None,
    }
}

/// Ordering the members of one group.
struct Problem<'a, 's, 'p> {
    search: &'a Search<'s, 'p>,
    group: &'a Group,
    singles: Vec<Best>,
    wish: &'a Wish,
}

impl Problem<'_, '_, '_> {
    fn exhaustive(self) -> Result<Best> {
        let count = self.group.members.len();
        let mut table: Vec<Best> = vec![Best::default(); 1 << count];
        for (index, single) in self.singles.iter().enumerate() {
            if self.starts(index) {
                table[1 << index] = single.clone();
            }
        }
        for set in 1..table.len() {
            if set.count_ones() < 2 {
                continue;
            }
            let best = self.best_of(set, &table)?;
            table[set] = best;
        }
        Ok(table.pop().unwrap_or_default())
    }

    /// Whether a member may stand on its own: those that are added to others may not.
    fn starts(&self, index: usize) -> bool {
        self.group.members[index].role == Role::Inner
    }

    fn best_of(&self, set: usize, table: &[Best]) -> Result<Best> {
        let mut best = Best::default();
        // First only joins with a condition between the sides; a product when there is none.
        for connected in [true, false] {
            for index in (0..self.group.members.len()).filter(|index| set & (1 << index) != 0) {
                let rest = set & !(1 << index);
                if table[rest].is_some() {
                    self.try_join(&table[rest], rest, index, connected, &mut best)?;
                }
            }
            if self.group.members.len() <= BUSHY_MAX {
                self.try_bushy(set, table, connected, &mut best)?;
            }
            if best.is_some() {
                break;
            }
        }
        Ok(best)
    }

    /// Both sides sets of several members.
    fn try_bushy(&self, set: usize, table: &[Best], connected: bool, best: &mut Best) -> Result<()> {
        let mut part = (set - 1) & set;
        while part > 0 {
            let other = set & !part;
            if part.count_ones() > 1 && other.count_ones() > 1 && table[part].is_some() && table[other].is_some() {
                self.join_sets(&table[part], &table[other], PlanJoinKind::Inner, &[], connected, None, best)?;
            }
            part = (part - 1) & set;
        }
        Ok(())
    }

    /// Adds one member to a set.
    fn try_join(&self, left: &Best, left_set: usize, index: usize, connected: bool, best: &mut Best) -> Result<()> {
        let member = &self.group.members[index];
        let right = &self.singles[index];
        if member.required & !self.rels(left_set) != 0 {
            return Ok(());
        }
        let kind = member.role.join_kind();
        self.join_sets(left, right, kind, &member.on, connected, Some(member), best)?;
        if member.role == Role::Inner && left_set.count_ones() > 1 {
            // The single member on the left: it may drive an index of the rest only as a set, so only hashing can profit.
            self.join_sets(right, left, kind, &[], connected, None, best)?;
        }
        Ok(())
    }

    fn rels(&self, set: usize) -> RelSet {
        let members = self.group.members.iter().enumerate().filter(|(index, _)| set & (1 << index) != 0);
        members.fold(0, |rels, (_, member)| rels | member.rels)
    }

    fn join_sets(
        &self,
        left: &Best,
        right: &Best,
        kind: PlanJoinKind,
        on: &[QualRef],
        connected: bool,
        member: Option<&Member>,
        best: &mut Best,
    ) -> Result<()> {
        let (Some(right), Some(first)) = (&right.cheapest, &left.cheapest) else { return Ok(()) };
        // What the left side asks of the right can never be handed over.
        if first.required & right.rels != 0 {
            return Ok(());
        }
        // Lateral references into this group must be satisfied by the left side entirely.
        let in_group = self.group.rels();
        if right.required & in_group & !(first.rels | right.rels) != 0 {
            return Ok(());
        }
        let covered = self.newly_covered(first.rels, right.rels);
        let is_connected = !on.is_empty() || !covered.is_empty() || right.required & first.rels != 0;
        if connected && !is_connected && kind == PlanJoinKind::Inner {
            return Ok(());
        }
        let (quals, after) = if kind == PlanJoinKind::Inner { (covered, Vec::new()) } else { (on.to_vec(), covered) };
        let index_member =
            member.and_then(|member| sole_relation(&member.source)).filter(|relation| self.search.bases[*relation].is_table());
        for left in left.paths() {
            let input = JoinInput { kind, left, right, quals: quals.clone() };
            for path in self.search.planner.join_methods(self.search.bases, &input, index_member)? {
                let path = if after.is_empty() { path } else { self.search.filter(Rc::new(path), after.clone()) };
                best.offer(path, self.wish.wanted);
            }
        }
        Ok(())
    }

    /// Conditions of the group that can be checked now and could not on either side.
    fn newly_covered(&self, left: RelSet, right: RelSet) -> Vec<QualRef> {
        let both = left | right;
        let applies = |qual: &&QualRef| qual.rels & !both == 0 && qual.rels & left != 0 && qual.rels & right != 0;
        // A condition on the nullable side alone is checked when that side has been joined.
        let late = |qual: &&QualRef| qual.rels & !right == 0 && self.is_nullable(right) && qual.rels != 0;
        self.group.quals.iter().filter(|qual| applies(qual) || late(qual)).cloned().collect()
    }

    fn is_nullable(&self, rels: RelSet) -> bool {
        self.group.members.iter().any(|member| member.role == Role::Left && member.rels == rels)
    }

    /// Grows from the smallest member, always by the member that is cheapest to add.
    fn greedy(self) -> Result<Best> {
        let count = self.group.members.len();
        let rows = |index: &usize| self.singles[*index].cheapest.as_ref().map_or(f64::MAX, |path| path.rows);
        let independent = |index: &usize| self.singles[*index].cheapest.as_ref().is_some_and(|path| path.required & self.group.rels() == 0);
        let start = (0..count).filter(|index| self.starts(*index)).filter(independent).min_by(|a, b| rows(a).total_cmp(&rows(b)));
        let Some(start) = start else { return Ok(Best::default()) };
        let (mut set, mut current) = (1_u128 << start, self.singles[start].clone());
        while set.count_ones() < u32::try_from(count).unwrap_or(u32::MAX) {
            let Some((index, best)) = self.cheapest_addition(set, &current)? else { return Ok(Best::default()) };
            set |= 1 << index;
            current = best;
        }
        Ok(current)
    }

    fn cheapest_addition(&self, set: u128, current: &Best) -> Result<Option<(usize, Best)>> {
        let joined = current.cheapest.as_ref().map_or(0, |path| path.rels) | self.joined_semis(set);
        for connected in [true, false] {
            let mut cheapest: Option<(usize, Best)> = None;
            for index in (0..self.group.members.len()).filter(|index| set & (1 << index) == 0) {
                let member = &self.group.members[index];
                if member.required & !joined != 0 {
                    continue;
                }
                let mut best = Best::default();
                self.add(current, index, connected, &mut best)?;
                let better = |known: &(usize, Best)| match (&best.cheapest, &known.1.cheapest) {
                    (Some(new), Some(old)) => new.total + new.rows < old.total + old.rows,
                    _ => false,
                };
                if best.is_some() && cheapest.as_ref().is_none_or(better) {
                    cheapest = Some((index, best));
                }
            }
            if cheapest.is_some() {
                return Ok(cheapest);
            }
        }
        Ok(None)
    }

    fn joined_semis(&self, set: u128) -> RelSet {
        let members = self.group.members.iter().enumerate().filter(|(index, _)| set & (1 << index) != 0);
        members.fold(0, |rels, (_, member)| rels | member.rels)
    }

    fn add(&self, current: &Best, index: usize, connected: bool, best: &mut Best) -> Result<()> {
        let member = &self.group.members[index];
        let kind = member.role.join_kind();
        self.join_sets(current, &self.singles[index], kind, &member.on, connected, Some(member), best)
    }
}
