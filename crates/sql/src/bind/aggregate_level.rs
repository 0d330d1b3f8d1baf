//! Which query an aggregate belongs to, and what may stand inside it. After `check_agglevels_and_constraints` and `check_agg_arguments`.
//!
//! An aggregate is of the innermost query whose columns or aggregates its arguments read; one that reads nothing is of the query it stands in. So
//! `(SELECT max(t.x) FROM u)` in a query over `t` is an aggregate of that query, which is then a grouped one, and the rules of *its* clause decide whether
//! an aggregate may stand there.
//!
//! Bound expressions do not say where they stood. What errors point at is found by [`Mark`]s: the levels note in order what they bind.

use borealis_pgtypes::{Result, SqlError, SqlState};

use super::scope::{Level, Noted};
use super::{Binder, walk};
use crate::bound::{Query, Relation};
use crate::expr::{Expr, ExprKind};

/// What each level has noted so far, the outermost first.
pub(crate) type Mark = Vec<Noted>;

/// The parts of a call that decide on its level.
pub(crate) struct CallParts<'p> {
    /// Arguments computed once for a group: those before WITHIN GROUP.
    pub(crate) direct: &'p [Expr],
    /// Arguments, sort keys and the condition.
    pub(crate) rows: Vec<&'p Expr>,
    /// Before the direct arguments, and behind them.
    pub(crate) start: &'p Mark,
    pub(crate) behind_direct: &'p Mark,
    pub(crate) at: i32,
}

/// The nearest levels that an expression reaches.
#[derive(Default)]
struct Reach {
    variable: Option<u32>,
    aggregate: Option<u32>,
    cte: Option<(u32, String)>,
}

impl Binder<'_> {
    pub(crate) fn noted(&mut self) -> Mark {
        self.level();
        self.levels.iter().map(Level::noted).collect()
    }

    /// Finds the level of a call, as levels up from the innermost, and notes there that it has an aggregate. `what` is how messages call it.
    pub(crate) fn place_aggregate(&mut self, parts: &CallParts<'_>, what: &str) -> Result<u32> {
        let up = self.aggregate_level(parts)?;
        let level = self.levels.len() - 1 - up as usize;
        self.group_uses(level, parts);
        let level = &mut self.levels[level];
        level.clause.check_aggregate(what, parts.at)?;
        level.has_aggregates = true;
        level.aggregates.push(parts.at);
        Ok(up)
    }

    fn aggregate_level(&mut self, parts: &CallParts<'_>) -> Result<u32> {
        self.check_simple(parts.behind_direct, None)?;
        let reach = self.reach(parts.rows.iter().copied());
        let level = [reach.variable, reach.aggregate].into_iter().flatten().min().unwrap_or(0);
        if reach.aggregate == Some(level) {
            return Err(nested(self.aggregate_since(level, parts.behind_direct)));
        }
        check_cte(&reach, level, parts.at)?;
        if !parts.direct.is_empty() {
            self.check_direct(parts, level)?;
        }
        Ok(level)
    }

    /// Refuses set-returning functions and window functions, those in subqueries excepted. `from` and `to`: when the arguments were begun and done.
    fn check_simple(&mut self, from: &Mark, to: Option<&Mark>) -> Result<()> {
        let (from, level) = (from.last().copied().unwrap_or_default(), self.level());
        let to = to.and_then(|to| to.last().copied()).unwrap_or_else(|| level.noted());
        let first = |noted: &[i32], from: usize, to: usize| noted.get(from..to).and_then(<[i32]>::first).copied();
        let set = first(&level.set_functions, from.set_functions, to.set_functions);
        let window = first(&level.window_functions, from.window_functions, to.window_functions);
        match (set, window) {
            (Some(at), window) if window.is_none_or(|window| at < window) => {
                let error = SqlError::unsupported("aggregate function calls cannot contain set-returning function calls");
                Err(error.hint("You might be able to move the set-returning function into a LATERAL FROM item.").at(at))
            }
            (_, Some(at)) => {
                let message = "aggregate function calls cannot contain window function calls";
                Err(SqlError::new(SqlState::GROUPING_ERROR, message).at(at))
            }
            _ => Ok(()),
        }
    }

    fn check_direct(&mut self, parts: &CallParts<'_>, level: u32) -> Result<()> {
        let from = parts.start;
        self.check_simple(from, Some(parts.behind_direct))?;
        let reach = self.reach(parts.direct.iter());
        if let Some(variable) = reach.variable.filter(|variable| *variable < level) {
            let message = "outer-level aggregate cannot contain a lower-level variable in its direct arguments";
            return Err(SqlError::new(SqlState::GROUPING_ERROR, message).at(self.variable_since(variable, from)));
        }
        if let Some(aggregate) = reach.aggregate.filter(|aggregate| *aggregate <= level) {
            return Err(nested(self.aggregate_since(aggregate, from)));
        }
        check_cte(&reach, level, parts.at)
    }

    /// Columns read by the rows' arguments need not be grouped.
    fn group_uses(&mut self, level: usize, parts: &CallParts<'_>) {
        let first = parts.behind_direct.get(level).map_or(0, |noted| noted.uses);
        self.levels[level].uses[first..].iter_mut().for_each(|known| known.in_aggregate = true);
    }

    fn aggregate_since(&self, up: u32, mark: &Mark) -> i32 {
        let level = self.levels.len() - 1 - up as usize;
        let first = mark.get(level).map_or(0, |noted| noted.aggregates);
        self.levels[level].aggregates.get(first).copied().unwrap_or(-1)
    }

    fn variable_since(&self, up: u32, mark: &Mark) -> i32 {
        let level = self.levels.len() - 1 - up as usize;
        let first = mark.get(level).map_or(0, |noted| noted.uses);
        self.levels[level].uses.get(first).map_or(-1, |known| known.at)
    }

    fn reach<'e>(&self, exprs: impl Iterator<Item = &'e Expr>) -> Reach {
        let mut reach = Reach::default();
        for expr in exprs {
            walk::deep(expr, 0, &mut |expr, depth| {
                let near = |known: Option<u32>, level: u32| {
                    level.checked_sub(depth).map(|level| known.map_or(level, |known| known.min(level))).or(known)
                };
                match &expr.kind {
                    ExprKind::Column(column) => reach.variable = near(reach.variable, column.depth),
                    ExprKind::Slot(_) => reach.variable = near(reach.variable, 0),
                    ExprKind::Aggregate(call) => reach.aggregate = near(reach.aggregate, call.level),
                    ExprKind::Grouping { level, .. } => reach.aggregate = near(reach.aggregate, *level),
                    ExprKind::Subquery(subquery) => self.reach_ctes(&subquery.query, &mut reach),
                    _ => {}
                }
                true
            });
        }
        reach
    }

    /// Common table expressions of the queries around that `query` reads.
    fn reach_ctes(&self, query: &Query, reach: &mut Reach) {
        walk::relations(query, &mut |relation| {
            let (Relation::Cte(id) | Relation::WorkTable(id)) = relation else { return };
            let Some(cte) = self.ctes.iter().find(|cte| cte.id == *id) else { return };
            let up = u32::try_from(self.levels.len() - cte.level).unwrap_or(u32::MAX);
            if reach.cte.as_ref().is_none_or(|(known, _)| up < *known) {
                reach.cte = Some((up, cte.name.clone()));
            }
        });
    }
}

fn nested(at: i32) -> SqlError {
    SqlError::new(SqlState::GROUPING_ERROR, "aggregate function calls cannot be nested").at(at)
}

fn check_cte(reach: &Reach, level: u32, at: i32) -> Result<()> {
    match &reach.cte {
        Some((cte, name)) if *cte < level => Err(SqlError::unsupported("outer-level aggregate cannot use a nested CTE")
            .detail(format!("CTE \"{name}\" is below the aggregate's semantic level."))
            .at(at)),
        _ => Ok(()),
    }
}
