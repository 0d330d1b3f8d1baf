//! What names mean where: the stack of query levels and their name spaces.

use std::sync::Arc;

use borealis_pgtypes::{Oid, SqlError, Type};

use super::equal::equal;
use super::parameter::Params;
use super::recursion::Bar;
use super::{BindContext, Clause};
use crate::bound::{Cte, GroupForm, JoinForm, OutputColumn, Relation, RelationEntry, RelationForm};
use crate::expr::{ColumnRef, Expr, ExprKind, RoutineSpec, Window};
use crate::permission::Permissions;

/// The binder of one statement.
pub(crate) struct Binder<'a> {
    pub(crate) ctx: &'a BindContext<'a>,
    pub(crate) params: Params,
    /// Query levels, the innermost last.
    pub(crate) levels: Vec<Level>,
    /// Common table expressions in scope, the innermost last.
    pub(crate) ctes: Vec<CteScope>,
    pub(crate) next_cte: usize,
    /// What the part that is being bound stands behind, outermost first.
    pub(crate) bars: Vec<Bar>,
    pub(crate) notices: Vec<SqlError>,
    /// The function whose body is being bound.
    pub(crate) routine: Option<Arc<RoutineSpec>>,
    /// Functions that are being inlined, which are not inlined into themselves.
    pub(crate) inlining: Vec<Oid>,
    /// Users' functions that the statement calls, those inlined included.
    pub(crate) routines: Vec<Oid>,
    /// What is needed of relations, and whose rights are asked; none: the current role's.
    pub(crate) permissions: Permissions,
    pub(crate) checked_as: Option<Oid>,
    /// Views used, and how many of them are being expanded around what is bound.
    pub(crate) views: Vec<Oid>,
    pub(crate) expanding: Vec<Oid>,
}

/// A query being bound.
#[derive(Default)]
pub(crate) struct Level {
    pub(crate) relations: Vec<RelationEntry>,
    pub(crate) namespace: Vec<NsItem>,
    /// Relations that an outer join bound so far may leave without a row.
    pub(crate) nullable: Vec<usize>,
    /// A LATERAL item is being bound: items marked `lateral_only` are visible.
    pub(crate) lateral_active: bool,
    pub(crate) clause: Clause,
    /// The arguments of a window function are being bound.
    pub(crate) in_window: bool,
    pub(crate) has_aggregates: bool,
    /// Where the aggregates and GROUPING calls of this level stand, and the set-returning and window functions written in it: what errors point at.
    pub(crate) aggregates: Vec<i32>,
    pub(crate) set_functions: Vec<i32>,
    pub(crate) window_functions: Vec<i32>,
    /// Why a set-returning function may not stand here although the clause would allow it: `CASE`, `COALESCE`.
    pub(crate) set_function_barrier: Option<&'static str>,
    pub(crate) has_set_functions: bool,
    pub(crate) windows: Vec<Window>,
    /// Named windows: name and index into `windows`.
    pub(crate) window_names: Vec<(String, usize)>,
    /// Every reference to a column of this level, in order, for the errors of grouping.
    pub(crate) uses: Vec<ColumnUse>,
    /// GROUPING calls not resolved yet: their arguments. [`ExprKind::Grouping`] holds the index until GROUP BY is known.
    pub(crate) groupings: Vec<GroupingArgs>,
    /// Joins bound so far, and the items of GROUP BY: what [`crate::bound::SelectForm`] keeps.
    pub(crate) joins: Vec<JoinForm>,
    pub(crate) group_forms: Vec<GroupForm>,
}

/// How much a level had noted when a part of it began to be bound.
#[derive(Clone, Copy, Default)]
pub(crate) struct Noted {
    pub(crate) uses: usize,
    pub(crate) aggregates: usize,
    pub(crate) set_functions: usize,
    pub(crate) window_functions: usize,
    pub(crate) groupings: usize,
}

impl Level {
    pub(crate) fn noted(&self) -> Noted {
        Noted {
            uses: self.uses.len(),
            aggregates: self.aggregates.len(),
            set_functions: self.set_functions.len(),
            window_functions: self.window_functions.len(),
            groupings: self.groupings.len(),
        }
    }
}

impl Level {
    /// The number of a GROUPING call: the same for the same arguments, so that two such calls are the same expression.
    pub(crate) fn grouping_number(&mut self, call: GroupingArgs) -> usize {
        let same = |known: &GroupingArgs| {
            known.columns_only == call.columns_only
                && known.args.len() == call.args.len()
                && known.args.iter().zip(&call.args).all(|((a, _), (b, _))| equal(a, b))
        };
        if let Some(number) = self.groupings.iter().position(same) {
            return number;
        }
        self.groupings.push(call);
        self.groupings.len() - 1
    }
}

/// The arguments of a GROUPING call as its level reads them, with their places.
pub(crate) struct GroupingArgs {
    pub(crate) args: Vec<(Expr, i32)>,
    /// It stands in a subquery, where only columns are known again.
    pub(crate) columns_only: bool,
}

/// A reference to a column.
#[derive(Clone, Copy)]
pub(crate) struct ColumnUse {
    pub(crate) relation: usize,
    pub(crate) column: usize,
    pub(crate) at: i32,
    /// As part of what a FULL JOIN makes of two columns, which has no place of its own.
    pub(crate) merged: bool,
    /// Read by the rows of an aggregate of its level.
    pub(crate) in_aggregate: bool,
}

/// A name that stands for rows: a relation of FROM or a join.
#[derive(Clone, Debug)]
pub(crate) struct NsItem {
    /// Empty for a join without alias.
    pub(crate) name: String,
    /// Schema and oid of the relation when it is a table known by its own name.
    pub(crate) table: Option<(Oid, Oid)>,
    pub(crate) columns: Vec<NsColumn>,
    /// Index into the level's relations, for a plain relation.
    pub(crate) relation: Option<usize>,
    /// `name.column` works.
    pub(crate) name_visible: bool,
    /// `column` works.
    pub(crate) columns_visible: bool,
    pub(crate) lateral_only: bool,
    pub(crate) lateral_ok: bool,
}

/// A column in a name space: what it is called and what it is.
#[derive(Clone, Debug)]
pub(crate) struct NsColumn {
    pub(crate) name: String,
    pub(crate) expr: Expr,
    pub(crate) origin: Option<(Oid, i16)>,
    /// `*` stands for it too.
    pub(crate) in_star: bool,
}

/// A common table expression in scope.
pub(crate) struct CteScope {
    pub(crate) name: String,
    pub(crate) id: usize,
    pub(crate) state: CteState,
    pub(crate) columns: Vec<OutputColumn>,
    /// The columns that SEARCH and CYCLE add, behind `columns`.
    pub(crate) added: Vec<OutputColumn>,
    /// Number of query levels that were there when it was defined.
    pub(crate) level: usize,
    pub(crate) references: usize,
    /// Number of bars around its recursive term.
    pub(crate) bars: usize,
    /// Where its name stands in WITH.
    pub(crate) at: i32,
}

/// What a reference to a CTE's name means at the moment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum CteState {
    /// Bound: may be read.
    Ready,
    /// Its recursive term is being bound: a reference reads the work table.
    WorkTable,
    /// Its base term is being bound: a reference is an error.
    BaseTerm,
    /// It is no UNION, under WITH RECURSIVE: a reference is an error of another kind.
    NotUnion,
    /// Comes later in a WITH that is not RECURSIVE, or is itself being bound: not visible, known for the sake of the message.
    NotYet,
    /// Changes data and has no RETURNING: there is nothing to read.
    NoRows,
}

impl<'a> Binder<'a> {
    pub(crate) fn new(ctx: &'a BindContext<'a>) -> Self {
        Self {
            ctx,
            params: Params::new(ctx.param_types, ctx.catalog),
            levels: Vec::new(),
            ctes: Vec::new(),
            next_cte: 0,
            bars: Vec::new(),
            notices: Vec::new(),
            routine: None,
            inlining: Vec::new(),
            routines: Vec::new(),
            permissions: Permissions::default(),
            checked_as: None,
            views: Vec::new(),
            expanding: Vec::new(),
        }
    }

    /// The innermost level.
    pub(crate) fn level(&mut self) -> &mut Level {
        if self.levels.is_empty() {
            self.levels.push(Level::default());
        }
        let last = self.levels.len() - 1;
        &mut self.levels[last]
    }

    /// Runs `f` with the innermost level's clause set.
    pub(crate) fn in_clause<T>(&mut self, clause: Clause, f: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.level().clause, clause);
        let result = f(self);
        self.level().clause = before;
        result
    }

    /// Runs `f` one query level down.
    pub(crate) fn in_level<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        let ctes = self.ctes.len();
        self.levels.push(Level::default());
        let result = f(self);
        self.levels.pop();
        self.ctes.truncate(ctes);
        result
    }

    /// Makes a whole row of slots visible under a name.
    pub(crate) fn slot_relation(&mut self, name: &str, table: &borealis_catalog::Table, first: usize) {
        let mut item = NsItem::of_slots(name, table, first);
        // The relation is never read from; it stands here for messages that ask what names there are.
        let entry = RelationEntry {
            relation: Relation::Table(Arc::new(table.clone())),
            alias: name.to_owned(),
            columns: super::from::table_columns(table),
            lateral: false,
            form: RelationForm::default(),
        };
        let level = self.level();
        item.relation = Some(level.relations.len());
        level.relations.push(entry);
        level.namespace.push(item);
    }

    /// Forgets the rows made visible so.
    pub(crate) fn clear_slots(&mut self) {
        let level = self.level();
        level.relations.clear();
        level.namespace.clear();
    }

    /// Takes the CTEs put into scope since `start`, counting references.
    pub(crate) fn take_ctes(&mut self, start: usize, mut bound: Vec<Cte>) -> Vec<Cte> {
        for scope in self.ctes.drain(start..) {
            if let Some(cte) = bound.iter_mut().find(|cte| cte.id == scope.id) {
                cte.references = scope.references;
            }
        }
        bound
    }
}

impl NsItem {
    /// A relation's own name space.
    pub(crate) fn of_relation(entry: &RelationEntry, relation: usize) -> Self {
        let columns = entry.columns.iter().enumerate().map(|(column, output)| NsColumn {
            name: output.name.clone(),
            expr: Expr::new(ExprKind::Column(ColumnRef { depth: 0, relation, column }), output.ty),
            origin: output.origin,
            in_star: true,
        });
        Self {
            name: entry.alias.clone(),
            table: None,
            columns: columns.collect(),
            relation: Some(relation),
            name_visible: true,
            columns_visible: true,
            lateral_only: false,
            lateral_ok: true,
        }
    }

    /// A row whose columns are slots from `first` on.
    pub(crate) fn of_slots(name: &str, table: &borealis_catalog::Table, first: usize) -> Self {
        let columns = table.live_columns().map(|column| NsColumn {
            name: column.name.clone(),
            expr: Expr::new(ExprKind::Slot(first + slot(column.number)), column.ty),
            origin: Some((table.oid, column.number)),
            in_star: true,
        });
        Self {
            name: name.to_owned(),
            table: (name == table.name).then_some((table.schema, table.oid)),
            columns: columns.collect(),
            relation: None,
            name_visible: true,
            columns_visible: true,
            lateral_only: false,
            lateral_ok: true,
        }
    }
}

/// Place of a column in a whole row.
pub(crate) fn slot(number: i16) -> usize {
    usize::try_from(number - 1).unwrap_or_default()
}

/// An output column without origin.
pub(crate) fn output(name: &str, ty: Type) -> OutputColumn {
    OutputColumn { name: name.to_owned(), ty, origin: None }
}
