//! How the rows of one table are found: all in key order, or by bounds on the primary key or a secondary index.
//!
//! Every index is tried: conditions on its first key, then its second, until a key has no equality; that one may have ranges, alone or in a row with those
//! after it. The estimate follows from the
//! conditions the bounds use. An index that also gives the wished order is kept beside the cheapest one.

use std::rc::Rc;

use borealis_catalog::{Index, IndexKeyPart, IndexState, Table};
use borealis_pgtypes::{Oid, Type};

use super::Planner;
use super::bounds::{self, Key, KeyBound};
use super::cost::{self, ACCESS_ANSWER, ACCESS_STARTUP, DESCENT, DISABLED, LOOKUP, OPERATOR, ROW, ROW_STORAGE};
use super::definition::{Definition, has_text};
use super::from::{Base, Wish};
use super::group::{QualRef, RelSet, relations};
use super::row_bounds::match_row;
use super::selectivity::array_length;
use crate::bound::Relation;
use crate::expr::{Expr, SortKey};
use crate::plan::Edge;

/// The index an access uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    Full,
    Primary,
    /// Index into `table.indexes`.
    Secondary(usize),
}

/// A match of one leading key.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub(crate) enum PrefixMatch {
    Equal(Expr),
    Any(Expr),
    IsNull,
}

/// A way to find a table's rows, with its price.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub(crate) struct Choice {
    pub which: Which,
    pub reverse: bool,
    pub prefix: Vec<PrefixMatch>,
    pub lower: Vec<Edge>,
    pub upper: Vec<Edge>,
    /// Conditions the bounds say completely, as indexes into the list given.
    pub exact: Vec<usize>,
    /// Conditions the bounds use.
    pub used: Vec<usize>,
    pub covering: bool,
    /// Rows after all conditions.
    pub rows: f64,
    /// At most one row can match.
    pub unique: bool,
    pub startup: f64,
    pub total: f64,
    /// Cost of running it once more, with storage reached already.
    pub rescan: f64,
    pub ordered: bool,
}

/// The cheapest access, and the cheapest one in the wished order when that is another.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub(crate) struct Choices {
    pub best: Rc<Choice>,
    pub ordered: Option<Rc<Choice>>,
}

/// Bounds found for the keys of one index.
#[derive(Default)]
struct Found {
    prefix: Vec<PrefixMatch>,
    lower: Vec<Edge>,
    upper: Vec<Edge>,
    exact: Vec<usize>,
    used: Vec<usize>,
    points: f64,
    equal_keys: usize,
}

impl Planner<'_> {
    /// All sensible ways into a table, given `quals` on it, when columns of `known` relations have values; reduced to the best.
    pub(crate) fn access(&self, bases: &[Base], relation: usize, quals: &[QualRef], known: RelSet, wish: &Wish) -> Choices {
        let base = &bases[relation];
        let Relation::Table(table) = &base.entry.relation else { unreachable!("only tables have access paths") };
        let rows = self.selectivity(bases, quals.iter().map(|qual| &qual.expr)) * base.table_rows;
        let mut candidates = vec![self.full(base, relation, quals.len(), rows, wish)];
        for which in indexes(table) {
            candidates.extend(self.indexed(bases, relation, table, which, quals, known, rows, wish));
        }
        pick(candidates, wish)
    }

    fn full(&self, base: &Base, relation: usize, quals: usize, rows: f64, wish: &Wish) -> Choice {
        let reverse = base.primary_key().and_then(|index| ordering(index, &base.keys(relation, index, None), &[], wish));
        let read = base.table_rows;
        let mut startup = ACCESS_STARTUP + ROW_STORAGE * read + 0.01;
        if !self.ctx.settings.enable_seqscan {
            startup += DISABLED;
        }
        let work = (ROW + OPERATOR * small(quals)) * read;
        let (startup, total) = streamed(startup, ACCESS_ANSWER + work, reverse.is_some(), rows, wish);
        Choice {
            which: Which::Full,
            reverse: reverse == Some(true),
            prefix: Vec::new(),
            lower: Vec::new(),
            upper: Vec::new(),
            exact: Vec::new(),
            used: Vec::new(),
            covering: true,
            rows: rows.max(1.0),
            unique: false,
            startup,
            total,
            rescan: total - ACCESS_STARTUP,
            ordered: reverse.is_some(),
        }
    }

    fn indexed(
        &self,
        bases: &[Base],
        relation: usize,
        table: &Table,
        which: Which,
        quals: &[QualRef],
        known: RelSet,
        rows: f64,
        wish: &Wish,
    ) -> Option<Choice> {
        let base = &bases[relation];
        let index = index_of(table, which)?;
        let definition = base.definition_of(which);
        if !is_usable(index, definition, quals) {
            return None;
        }
        let keys = base.keys(relation, index, definition);
        let mut found = find_bounds(&keys, quals, known);
        let reverse = ordering(index, &keys, &found.prefix, wish);
        let partial = definition.is_some_and(|definition| !definition.predicate.is_empty());
        if found.used.is_empty() && !partial && (reverse.is_none() || which == Which::Primary) {
            return None;
        }
        let bounded = !found.used.is_empty();
        if let Some(definition) = definition {
            found.take_ensured(definition, quals);
        }
        found.used.sort_unstable();
        found.used.dedup();
        let unique = index.unique && found.equal_keys == index.keys.len();
        let matched = self.selectivity(bases, found.used.iter().map(|used| &quals[*used].expr)) * base.table_rows;
        let matched = if unique { found.points } else { matched.max(1.0) };
        let covering = which == Which::Primary || is_covering(base, table, index);
        let lookup = if covering { 0.0 } else { LOOKUP };
        let storage = DESCENT * found.points.max(1.0) + (ROW_STORAGE + lookup) * matched;
        let processing = (ROW + OPERATOR * small(quals.len())) * matched;
        let enabled = self.ctx.settings.enable_indexscan && (!covering || self.ctx.settings.enable_indexonlyscan);
        let penalty = if enabled { 0.0 } else { DISABLED };
        let rows = if unique { rows.min(found.points) } else { rows.min(matched) }.max(if unique { 0.0 } else { 1.0 });
        let streams = reverse.is_some() || !bounded;
        let (startup, total) = streamed(ACCESS_STARTUP + storage + penalty, processing, streams, rows, wish);
        Some(Choice {
            which,
            reverse: reverse == Some(true),
            prefix: found.prefix,
            lower: found.lower,
            upper: found.upper,
            exact: found.exact,
            used: found.used,
            covering,
            rows: rows.max(1.0),
            unique: unique && found.points <= 1.0,
            startup,
            total,
            rescan: storage + processing + penalty,
            ordered: reverse.is_some(),
        })
    }
}

/// An ordered scan that will be stopped early reads only its share: its cost is spread over its rows.
fn streamed(startup: f64, work: f64, ordered: bool, rows: f64, wish: &Wish) -> (f64, f64) {
    let total = startup + work;
    if ordered && wish.wanted.is_some_and(|wanted| wanted < rows) { (ACCESS_STARTUP.min(total), total) } else { (startup, total) }
}

#[allow(clippy::cast_precision_loss)]
fn small(count: usize) -> f64 {
    count as f64
}

fn pick(candidates: Vec<Choice>, wish: &Wish) -> Choices {
    let price =
        |choice: &Choice| cost::partial(choice.startup, choice.total, choice.rows, if wish.order.is_empty() { wish.wanted } else { None });
    let ordered_price = |choice: &Choice| cost::partial(choice.startup, choice.total, choice.rows, wish.wanted);
    let mut candidates: Vec<Rc<Choice>> = candidates.into_iter().map(Rc::new).collect();
    // Stable: of equals the first, the primary key before secondary indexes.
    candidates.sort_by(|a, b| price(a).total_cmp(&price(b)));
    let ordered = candidates
        .iter()
        .filter(|choice| choice.ordered && !wish.order.is_empty())
        .min_by(|a, b| ordered_price(a).total_cmp(&ordered_price(b)));
    Choices { ordered: ordered.cloned(), best: candidates[0].clone() }
}

fn indexes(table: &Table) -> impl Iterator<Item = Which> {
    let primary = table.primary_key.as_ref().map(|_| Which::Primary);
    let valid = table.indexes.iter().enumerate().filter(|(_, index)| index.state == IndexState::Valid);
    primary.into_iter().chain(valid.map(|(position, _)| Which::Secondary(position)))
}

/// Whether the index has an entry for every row that the conditions let pass. One whose definition nobody has bound is not read.
fn is_usable(index: &Index, definition: Option<&Definition>, quals: &[QualRef]) -> bool {
    match definition {
        Some(definition) => definition.has_all_rows_of(quals.iter().map(|qual| &qual.expr)),
        None => !has_text(index),
    }
}

/// The descriptor of the index an access uses.
pub(crate) fn index_of(table: &Table, which: Which) -> Option<&Index> {
    match which {
        Which::Full => None,
        Which::Primary => table.primary_key.as_ref(),
        Which::Secondary(position) => table.indexes.get(position),
    }
}

impl Base {
    fn primary_key(&self) -> Option<&Index> {
        match &self.entry.relation {
            Relation::Table(table) => table.primary_key.as_ref(),
            _ => None,
        }
    }

    fn definition_of(&self, which: Which) -> Option<&Definition> {
        match which {
            Which::Secondary(place) => self.definition(place),
            Which::Full | Which::Primary => None,
        }
    }

    /// The place among the live columns, and the type, of the column that has this `attnum`.
    pub(crate) fn live_column(&self, number: i16) -> Option<(usize, Type)> {
        let Relation::Table(table) = &self.entry.relation else { return None };
        let place = usize::try_from(number).ok()?.checked_sub(1)?;
        // Without dropped columns before it, the place is the column.
        let dropped = table.columns.get(..place)?.iter().filter(|column| column.dropped).count();
        Some((place - dropped, Type::plain(table.columns.get(place)?.ty.oid)))
    }
}

fn find_bounds(keys: &[Key<'_>], quals: &[QualRef], known: RelSet) -> Found {
    let mut found = Found { points: 1.0, ..Found::default() };
    for key in keys {
        if !found.equality(*key, quals, known) {
            found.range(keys, quals, known);
            break;
        }
    }
    found
}

impl Found {
    /// Takes the best equality on a key: a value before a list, a list before NULL.
    fn equality(&mut self, key: Key<'_>, quals: &[QualRef], known: RelSet) -> bool {
        let mut best: Option<(usize, PrefixMatch, bool, u8)> = None;
        for (position, qual) in quals.iter().enumerate() {
            let Some(found) = bounds::match_key(&qual.expr, key, known) else { continue };
            let (matched, rank) = match found.bound {
                KeyBound::Equal(value) => (PrefixMatch::Equal(value), 0),
                KeyBound::Any(array) => (PrefixMatch::Any(array), 1),
                KeyBound::IsNull => (PrefixMatch::IsNull, 2),
                KeyBound::Lower(..) | KeyBound::Upper(..) | KeyBound::Between(..) => continue,
            };
            if best.as_ref().is_none_or(|best| rank < best.3) {
                best = Some((position, matched, found.exact, rank));
            }
        }
        let Some((position, matched, exact, _)) = best else { return false };
        match &matched {
            PrefixMatch::Equal(_) => self.equal_keys += 1,
            PrefixMatch::Any(array) => {
                self.equal_keys += 1;
                self.points *= array_length(array).max(1.0);
            }
            PrefixMatch::IsNull => {}
        }
        self.take(position, exact);
        self.prefix.push(matched);
        true
    }

    /// Takes every range on the keys behind the prefix: which is the narrowest is known when the values are.
    fn range(&mut self, keys: &[Key<'_>], quals: &[QualRef], known: RelSet) {
        let edge = |value, inclusive| Edge { values: vec![value], inclusive, near: false };
        for (position, qual) in quals.iter().enumerate() {
            if let Some(exact) = self.row_range(keys, &qual.expr, known) {
                self.take(position, exact);
                continue;
            }
            let Some(found) = bounds::match_key(&qual.expr, keys[self.prefix.len()], known) else { continue };
            match found.bound {
                KeyBound::Lower(edge) => self.lower.push(edge),
                KeyBound::Upper(edge) => self.upper.push(edge),
                KeyBound::Between(low, high) => {
                    self.lower.push(edge(low, true));
                    self.upper.push(edge(high, false));
                }
                KeyBound::Equal(_) | KeyBound::Any(_) | KeyBound::IsNull => continue,
            }
            self.take(position, found.exact);
        }
    }

    /// Takes a comparison of rows; whether it says all that the condition says.
    fn row_range(&mut self, keys: &[Key<'_>], condition: &Expr, known: RelSet) -> Option<bool> {
        let found = match_row(condition, keys, &self.prefix, known)?;
        let side = if found.is_lower { &mut self.lower } else { &mut self.upper };
        side.push(found.edge);
        Some(found.exact)
    }

    /// Conditions that hold for every entry of a partial index are not checked again.
    fn take_ensured(&mut self, definition: &Definition, quals: &[QualRef]) {
        for (position, qual) in quals.iter().enumerate() {
            if !self.exact.contains(&position) && definition.ensures(&qual.expr) {
                self.take(position, true);
            }
        }
    }

    fn take(&mut self, position: usize, exact: bool) {
        self.used.push(position);
        if exact {
            self.exact.push(position);
        }
    }
}

/// Whether an index gives the wished order: `Some(reverse)`. Keys fixed to one value do not matter.
fn ordering(index: &Index, keys: &[Key<'_>], prefix: &[PrefixMatch], wish: &Wish) -> Option<bool> {
    let relation = keys.first()?.relation;
    if wish.order.is_empty() {
        return None;
    }
    let mut rest = keys.iter().enumerate().peekable();
    let mut reverse = None;
    for wanted in &wish.order {
        loop {
            let (position, key) = rest.next()?;
            let fixed = matches!(prefix.get(position), Some(PrefixMatch::Equal(_) | PrefixMatch::IsNull));
            match direction(*key, wanted) {
                Some(_) if fixed => break,
                Some(way) if reverse.is_none_or(|known| known == way) => {
                    reverse = Some(way);
                    break;
                }
                Some(_) => return None,
                None if fixed => {}
                None => return None,
            }
        }
        // The primary key is exhausted: further columns of the same row cannot break a tie. Columns of another relation can: a join repeats the row.
        if rest.peek().is_none() && index.primary && wish.order.iter().all(|key| relations(&key.expr) == 1 << relation) {
            break;
        }
    }
    Some(reverse.unwrap_or(false))
}

/// Whether reading `key` backwards gives `wanted`; `None` when the key is something else or its NULLs are at the wrong end.
fn direction(key: Key<'_>, wanted: &SortKey) -> Option<bool> {
    if !bounds::is_key(&wanted.expr, key) {
        return None;
    }
    let nulls_fit = key.not_null || wanted.nulls_first == (key.nulls_first != wanted.descending);
    nulls_fit.then_some(wanted.descending)
}

/// Whether everything needed of the table is in the index: key columns whose values can be read back from a key, INCLUDE columns, the primary key.
fn is_covering(base: &Base, table: &Table, index: &Index) -> bool {
    if base.locator {
        return false;
    }
    base.columns.iter().all(|column| {
        let number = base.attnum(*column);
        let keys = |index: &Index| index.keys.iter().any(|key| key.part == IndexKeyPart::Column(number));
        let decodable = table.column_number(number).is_some_and(|column| is_decodable(column.ty.oid));
        (keys(index) && decodable) || index.include.contains(&number) || (table.primary_key.as_ref().is_some_and(keys) && decodable)
    })
}

fn is_decodable(oid: Oid) -> bool {
    matches!(
        oid,
        Oid::BOOL
            | Oid::INT2
            | Oid::INT4
            | Oid::INT8
            | Oid::DATE
            | Oid::TIMESTAMP
            | Oid::TIMESTAMPTZ
            | Oid::UUID
            | Oid::TEXT
            | Oid::VARCHAR
            | Oid::FLOAT4
            | Oid::FLOAT8
    )
}
