//! SELECT, VALUES, set operations, WITH.

use pg_query::NodeEnum;
use pg_query::protobuf::{
    CommonTableExpr, CteCycleClause, CteMaterialize, CteSearchClause, GroupingSet, GroupingSetKind, LimitOption, LockClauseStrength,
    LockWaitPolicy, LockingClause, Node, ResTarget, SelectStmt, SetOperation, SortBy, SortByDir, SortByNulls, WithClause,
};

use super::lower::{Lower, R, non_empty, strings, unexpected};
use crate::ast::{
    Cte, Cycle, Distinct, GroupItem, LockStrength, Locking, OrderBy, Query, QueryBody, Search, Select, SetOperator, Statement, Target,
    WaitPolicy, With,
};

impl Lower<'_> {
    pub(super) fn query_node(&self, node: Node) -> R<Query> {
        match node.node {
            Some(NodeEnum::SelectStmt(select)) => self.query(*select),
            _ => Err(unexpected("a query")),
        }
    }

    pub(super) fn query(&self, select: SelectStmt) -> R<Query> {
        let op = select.op();
        let limit_option = select.limit_option();
        let SelectStmt {
            distinct_clause,
            into_clause,
            target_list,
            from_clause,
            where_clause,
            group_clause,
            group_distinct,
            having_clause,
            window_clause,
            values_lists,
            sort_clause,
            limit_offset,
            limit_count,
            limit_option: _,
            locking_clause,
            with_clause,
            op: _,
            all,
            larg,
            rarg,
        } = select;
        self.forbid(into_clause.is_some(), "select/into")?;
        let with = with_clause.map(|with| self.with(with)).transpose()?;
        let body = if let Some(op) = set_operator(op) {
            let side = |arm: Option<Box<SelectStmt>>| self.query(*arm.ok_or_else(|| unexpected("a set operation"))?).map(Box::new);
            QueryBody::SetOperation { op, all, left: side(larg)?, right: side(rarg)? }
        } else if values_lists.is_empty() {
            QueryBody::Select(Box::new(Select {
                distinct: self.distinct(distinct_clause)?,
                targets: self.targets(target_list)?,
                from: self.tables(from_clause)?,
                filter: self.optional(where_clause)?,
                group_by: self.group_items(group_clause)?,
                group_distinct,
                having: self.optional(having_clause)?,
                windows: window_clause.into_iter().map(|window| self.named_window(window)).collect::<R<_>>()?,
            }))
        } else {
            QueryBody::Values(values_lists.into_iter().map(|row| self.exprs(list(row)?)).collect::<R<_>>()?)
        };
        Ok(Query {
            with,
            body,
            order_by: self.order_by(sort_clause)?,
            limit: self.optional(limit_count)?,
            with_ties: limit_option == LimitOption::WithTies,
            offset: self.optional(limit_offset)?,
            locking: locking_clause.into_iter().map(|clause| self.locking(clause)).collect::<R<_>>()?,
        })
    }

    pub(super) fn with(&self, with: WithClause) -> R<With> {
        let WithClause { ctes, recursive, location: _ } = with;
        Ok(With { recursive, ctes: ctes.into_iter().map(|cte| self.cte(cte)).collect::<R<_>>()? })
    }

    fn cte(&self, node: Node) -> R<Cte> {
        let Some(NodeEnum::CommonTableExpr(cte)) = node.node else { return Err(unexpected("WITH")) };
        let materialized = match cte.ctematerialized() {
            CteMaterialize::Always => Some(true),
            CteMaterialize::Never => Some(false),
            CteMaterialize::Default | CteMaterialize::CtematerializeUndefined => None,
        };
        let CommonTableExpr {
            ctename,
            aliascolnames,
            ctematerialized: _,
            ctequery,
            search_clause,
            cycle_clause,
            location,
            cterecursive: _,
            cterefcount: _,
            ctecolnames: _,
            ctecoltypes: _,
            ctecoltypmods: _,
            ctecolcollations: _,
        } = *cte;
        let statement = self.cte_statement(*ctequery.ok_or_else(|| unexpected("WITH"))?)?;
        Ok(Cte {
            name: ctename,
            columns: strings(aliascolnames)?,
            materialized,
            statement,
            search: search_clause.map(search).transpose()?,
            cycle: cycle_clause.map(|clause| self.cycle(*clause)).transpose()?.map(Box::new),
            at: location,
        })
    }

    fn cycle(&self, clause: CteCycleClause) -> R<Cycle> {
        let CteCycleClause {
            cycle_col_list,
            cycle_mark_column,
            cycle_mark_value,
            cycle_mark_default,
            cycle_path_column,
            location,
            cycle_mark_type: _,
            cycle_mark_typmod: _,
            cycle_mark_collation: _,
            cycle_mark_neop: _,
        } = clause;
        let constant = |node: Option<Box<Node>>| self.expr(*node.ok_or_else(|| unexpected("CYCLE"))?);
        Ok(Cycle {
            columns: strings(cycle_col_list)?,
            mark: cycle_mark_column,
            value: constant(cycle_mark_value)?,
            default: constant(cycle_mark_default)?,
            path: cycle_path_column,
            at: location,
        })
    }

    fn cte_statement(&self, node: Node) -> R<Statement> {
        match node.node {
            Some(NodeEnum::SelectStmt(select)) => Ok(Statement::Query(Box::new(self.query(*select)?))),
            Some(NodeEnum::InsertStmt(insert)) => Ok(Statement::Insert(Box::new(self.insert(*insert)?))),
            Some(NodeEnum::UpdateStmt(update)) => Ok(Statement::Update(Box::new(self.update(*update)?))),
            Some(NodeEnum::DeleteStmt(delete)) => Ok(Statement::Delete(Box::new(self.delete(*delete)?))),
            Some(NodeEnum::MergeStmt(_)) => Err(self.refuse("select/merge in cte", &[])),
            _ => Err(unexpected("WITH")),
        }
    }

    /// Plain DISTINCT is a list of one empty node.
    fn distinct(&self, clause: Vec<Node>) -> R<Distinct> {
        match clause.first() {
            None => Ok(Distinct::No),
            Some(Node { node: None }) => Ok(Distinct::All),
            Some(_) => Ok(Distinct::On(self.exprs(clause)?)),
        }
    }

    pub(super) fn targets(&self, targets: Vec<Node>) -> R<Vec<Target>> {
        targets.into_iter().map(|target| self.target(target)).collect()
    }

    fn target(&self, node: Node) -> R<Target> {
        let Some(NodeEnum::ResTarget(target)) = node.node else { return Err(unexpected("a target list")) };
        let ResTarget { name, indirection: _, val, location } = *target;
        Ok(Target { expr: *self.boxed(val)?, alias: non_empty(name), at: location })
    }

    fn group_items(&self, items: Vec<Node>) -> R<Vec<GroupItem>> {
        items.into_iter().map(|item| self.group_item(item)).collect()
    }

    fn group_item(&self, node: Node) -> R<GroupItem> {
        let set = match node.node {
            Some(NodeEnum::GroupingSet(set)) => set,
            tree => return Ok(GroupItem::Expr(self.expr(Node { node: tree })?)),
        };
        let kind = set.kind();
        let GroupingSet { kind: _, content, location: _ } = set;
        Ok(match kind {
            GroupingSetKind::GroupingSetEmpty => GroupItem::Empty,
            GroupingSetKind::GroupingSetRollup => GroupItem::Rollup(self.exprs(content)?),
            GroupingSetKind::GroupingSetCube => GroupItem::Cube(self.exprs(content)?),
            GroupingSetKind::GroupingSetSets => GroupItem::Sets(self.group_items(content)?),
            GroupingSetKind::GroupingSetSimple | GroupingSetKind::Undefined => return Err(unexpected("GROUP BY")),
        })
    }

    pub(super) fn order_by(&self, items: Vec<Node>) -> R<Vec<OrderBy>> {
        items.into_iter().map(|item| self.order_item(item)).collect()
    }

    fn order_item(&self, node: Node) -> R<OrderBy> {
        let Some(NodeEnum::SortBy(sort)) = node.node else { return Err(unexpected("ORDER BY")) };
        let (direction, nulls) = (sort.sortby_dir(), sort.sortby_nulls());
        let SortBy { node, sortby_dir: _, sortby_nulls: _, use_op, location: _ } = *sort;
        let using = (direction == SortByDir::SortbyUsing).then(|| strings(use_op)).transpose()?;
        Ok(OrderBy { expr: *self.boxed(node)?, descending: direction == SortByDir::SortbyDesc, nulls_first: nulls_first(nulls), using })
    }

    fn locking(&self, node: Node) -> R<Locking> {
        let Some(NodeEnum::LockingClause(clause)) = node.node else { return Err(unexpected("a locking clause")) };
        let strength = match clause.strength() {
            LockClauseStrength::LcsForupdate => LockStrength::Update,
            LockClauseStrength::LcsForkeyshare => {
                self.require("select/for key share")?;
                LockStrength::KeyShare
            }
            _ => return Err(self.refuse("select/for share", &[])),
        };
        let wait_policy = match clause.wait_policy() {
            LockWaitPolicy::LockWaitSkip => WaitPolicy::SkipLocked,
            LockWaitPolicy::LockWaitError => WaitPolicy::NoWait,
            LockWaitPolicy::LockWaitBlock | LockWaitPolicy::Undefined => WaitPolicy::Block,
        };
        let LockingClause { locked_rels, strength: _, wait_policy: _ } = clause;
        let relation = |node: Node| match node.node {
            Some(NodeEnum::RangeVar(range)) => self.relation(range),
            _ => Err(unexpected("a locking clause")),
        };
        Ok(Locking { strength, of: locked_rels.into_iter().map(relation).collect::<R<_>>()?, wait_policy })
    }
}

pub(super) fn nulls_first(nulls: SortByNulls) -> Option<bool> {
    match nulls {
        SortByNulls::SortbyNullsFirst => Some(true),
        SortByNulls::SortbyNullsLast => Some(false),
        SortByNulls::SortbyNullsDefault | SortByNulls::Undefined => None,
    }
}

fn set_operator(op: SetOperation) -> Option<SetOperator> {
    match op {
        SetOperation::SetopUnion => Some(SetOperator::Union),
        SetOperation::SetopIntersect => Some(SetOperator::Intersect),
        SetOperation::SetopExcept => Some(SetOperator::Except),
        SetOperation::SetopNone | SetOperation::Undefined => None,
    }
}

pub(super) fn list(node: Node) -> R<Vec<Node>> {
    match node.node {
        Some(NodeEnum::List(list)) => Ok(list.items),
        _ => Err(unexpected("a list")),
    }
}

fn search(clause: CteSearchClause) -> R<Search> {
    let CteSearchClause { search_col_list, search_breadth_first, search_seq_column, location } = clause;
    Ok(Search { breadth_first: search_breadth_first, columns: strings(search_col_list)?, sequence: search_seq_column, at: location })
}
