//! INSERT, UPDATE, DELETE.

use borealis_pgtypes::{SqlError, SqlState};
use pg_query::NodeEnum;
use pg_query::protobuf::{
    DeleteStmt, IndexElem, InferClause, InsertStmt, MergeMatchKind, MergeStmt, MultiAssignRef, Node, OnConflictAction, OnConflictClause,
    OverridingKind, RangeVar, ResTarget, Token, UpdateStmt,
};

use super::expr::at;
use super::from::alias;
use super::lower::{Lower, R, unexpected};
use crate::ast::{
    Alias, Assignment, ConflictTarget, Delete, Expr, ExprKind, Insert, InsertColumn, InsertSource, ObjectName, OnConflict, Overriding,
    Step, Update,
};

impl Lower<'_> {
    pub(super) fn insert(&self, insert: InsertStmt) -> R<Insert> {
        let overriding = match insert.r#override() {
            OverridingKind::OverridingUserValue => Overriding::UserValue,
            OverridingKind::OverridingSystemValue => Overriding::SystemValue,
            OverridingKind::OverridingNotSet | OverridingKind::Undefined => Overriding::None,
        };
        let InsertStmt { relation, cols, select_stmt, on_conflict_clause, returning_list, with_clause, r#override: _ } = insert;
        let (table, alias) = self.target_relation(relation)?;
        let source = match select_stmt {
            Some(query) => InsertSource::Query(Box::new(self.query_node(*query)?)),
            None => InsertSource::DefaultValues,
        };
        Ok(Insert {
            with: with_clause.map(|with| self.with(with)).transpose()?,
            table,
            alias: alias.map(|alias| alias.name),
            columns: cols.into_iter().map(|column| self.plain_column(column)).collect::<R<_>>()?,
            overriding,
            source,
            on_conflict: on_conflict_clause.map(|clause| self.on_conflict(*clause)).transpose()?,
            returning: self.targets(returning_list)?,
            access: None,
        })
    }

    /// The table a statement writes. ONLY changes nothing where no table has children.
    fn target_relation(&self, range: Option<RangeVar>) -> R<(ObjectName, Option<Alias>)> {
        let mut range = range.ok_or_else(|| unexpected("a statement that writes"))?;
        let alias = range.alias.take().map(alias).transpose()?;
        Ok((self.relation(range)?, alias))
    }

    /// A column of INSERT's list.
    fn plain_column(&self, node: Node) -> R<InsertColumn> {
        let Some(NodeEnum::ResTarget(target)) = node.node else { return Err(unexpected("a column list")) };
        Ok(self.assigned(*target)?.0)
    }

    /// The column a target names, and its value.
    fn assigned(&self, target: ResTarget) -> R<(InsertColumn, Option<Box<Node>>)> {
        let ResTarget { name, indirection, val, location } = target;
        let steps = indirection.into_iter().map(|step| self.step(step)).collect::<R<_>>()?;
        Ok((InsertColumn { name, steps, at: location }, val))
    }

    fn step(&self, node: Node) -> R<Step> {
        match node.node {
            Some(NodeEnum::AIndices(indices)) => Ok(Step::Subscript(self.subscript(*indices)?)),
            Some(NodeEnum::String(field)) => Ok(Step::Field(field.sval)),
            Some(NodeEnum::AStar(_)) => Ok(Step::Star),
            _ => Err(unexpected("an assignment")),
        }
    }

    fn on_conflict(&self, clause: OnConflictClause) -> R<OnConflict> {
        let update = clause.action() == OnConflictAction::OnconflictUpdate;
        let OnConflictClause { action: _, infer, target_list, where_clause, location } = clause;
        let target = infer.map(|infer| self.conflict_target(*infer)).transpose()?;
        let update = if update { Some((self.assignments(target_list)?, self.optional(where_clause)?)) } else { None };
        Ok(OnConflict { target, update, at: location })
    }

    fn conflict_target(&self, infer: InferClause) -> R<ConflictTarget> {
        let InferClause { index_elems, where_clause, conname, location } = infer;
        if !conname.is_empty() {
            return Ok(ConflictTarget::Constraint(conname));
        }
        let elements = index_elems.into_iter().map(|element| self.conflict_element(element, location)).collect::<R<_>>()?;
        Ok(ConflictTarget::Columns { elements, filter: self.optional(where_clause)? })
    }

    fn conflict_element(&self, node: Node, location: i32) -> R<Expr> {
        let Some(NodeEnum::IndexElem(element)) = node.node else { return Err(unexpected("ON CONFLICT")) };
        self.forbid(!element.collation.is_empty(), "column/COLLATE")?;
        self.forbid(!element.opclass.is_empty() || !element.opclassopts.is_empty(), "index/operator class")?;
        if element.ordering > 1 || element.nulls_ordering > 1 {
            return Err(ordering_not_allowed(element.ordering > 1, location));
        }
        let IndexElem { name, expr, .. } = *element; // the rest was refused above
        match expr {
            Some(expr) => self.expr(*expr),
            None => Ok(at(location, ExprKind::Column(vec![name]))),
        }
    }

    /// SET lists. `(a, b) = row` arrives as one target a column, the first carrying the row.
    pub(super) fn assignments(&self, targets: Vec<Node>) -> R<Vec<Assignment>> {
        let mut assignments = Vec::with_capacity(targets.len());
        for target in targets {
            let Some(NodeEnum::ResTarget(target)) = target.node else { return Err(unexpected("SET")) };
            let (column, value) = self.assigned(*target)?;
            match value.map(|node| *node) {
                Some(Node { node: Some(NodeEnum::MultiAssignRef(part)) }) => self.multiple(&mut assignments, column, *part)?,
                Some(node) => assignments.push(Assignment::Single { column, value: self.expr(node)? }),
                None => return Err(unexpected("SET")),
            }
        }
        Ok(assignments)
    }

    fn multiple(&self, assignments: &mut Vec<Assignment>, column: InsertColumn, part: MultiAssignRef) -> R<()> {
        let MultiAssignRef { source, colno, ncolumns: _ } = part;
        if colno == 1 {
            assignments.push(Assignment::Multiple { columns: vec![column], source: *self.boxed(source)? });
            return Ok(());
        }
        match assignments.last_mut() {
            Some(Assignment::Multiple { columns, .. }) => columns.push(column),
            _ => return Err(unexpected("SET")),
        }
        Ok(())
    }

    pub(super) fn update(&self, update: UpdateStmt) -> R<Update> {
        let UpdateStmt { relation, target_list, where_clause, from_clause, returning_list, with_clause } = update;
        let (table, alias) = self.target_relation(relation)?;
        Ok(Update {
            with: with_clause.map(|with| self.with(with)).transpose()?,
            table,
            alias,
            assignments: self.assignments(target_list)?,
            from: self.tables(from_clause)?,
            filter: self.optional(where_clause)?,
            returning: self.targets(returning_list)?,
            access: None,
        })
    }

    /// MERGE is refused, after the syntax errors of the forms that PostgreSQL 16 does not have.
    pub(super) fn merge(&self, merge: &MergeStmt) -> SqlError {
        if !merge.returning_list.is_empty() {
            return self.not_in_16(0, &[Token::Returning]);
        }
        let by_source = |node: &Node| match &node.node {
            Some(NodeEnum::MergeWhenClause(when)) => when.match_kind() == MergeMatchKind::MergeWhenNotMatchedBySource,
            _ => false,
        };
        if merge.merge_when_clauses.iter().any(by_source) {
            return self.not_in_16(0, &[Token::By]);
        }
        self.refuse("statement/Merge", &[])
    }

    pub(super) fn delete(&self, delete: DeleteStmt) -> R<Delete> {
        let DeleteStmt { relation, using_clause, where_clause, returning_list, with_clause } = delete;
        let (table, alias) = self.target_relation(relation)?;
        Ok(Delete {
            with: with_clause.map(|with| self.with(with)).transpose()?,
            table,
            alias,
            using: self.tables(using_clause)?,
            filter: self.optional(where_clause)?,
            returning: self.targets(returning_list)?,
            access: None,
        })
    }
}

/// PostgreSQL's own refusal in its analysis of ON CONFLICT.
fn ordering_not_allowed(direction: bool, location: i32) -> SqlError {
    let clause = if direction { "ASC/DESC" } else { "NULLS FIRST/LAST" };
    let message = format!("{clause} is not allowed in ON CONFLICT clause");
    SqlError::new(SqlState::INVALID_COLUMN_REFERENCE, message).at(location)
}
