//! Names in scope: what each relation and column is called where an expression is written. After `set_deparse_for_query`.

use borealis_catalog::Catalog;
use borealis_catalog::describe::relation_name;
use borealis_pgtypes::Oid;

use super::QueryStyle;
use super::clauses::window_spec;
use crate::bind::equal::equal;
use crate::bind::row_when_there;
use crate::bound::{Query, QueryBody, Relation, RelationEntry, Select};
use crate::deparse::{ColumnNames, quote};
use crate::expr::{ColumnRef, Expr, ExprKind, Subquery, SubqueryKind};
use crate::planner::walk;

/// One query level, and those around it.
#[derive(Clone)]
pub(super) struct Scope<'s> {
    parent: Option<&'s Scope<'s>>,
    pub(super) style: &'s QueryStyle<'s>,
    pub(super) query: &'s Query,
    /// Indentation where the query began.
    pub(super) indent: i32,
    /// Common table expressions in scope.
    pub(super) ctes: Vec<(usize, String)>,
    relations: Vec<Named>,
    /// Whether columns are written with their relation's name.
    prefix: bool,
}

/// What a relation and its columns are called.
#[derive(Clone)]
struct Named {
    name: String,
    columns: Vec<String>,
    /// The column names to list after the name, where they have to be: those of columns that are there by now.
    listed: Vec<String>,
}

impl<'s> Scope<'s> {
    pub(super) fn top(query: &'s Query, style: &'s QueryStyle<'s>, ctes: &[(usize, String)]) -> Self {
        Self::new(None, query, style, ctes.to_vec())
    }

    pub(super) fn child<'c>(&'c self, query: &'c Query) -> Scope<'c> {
        Scope::new(Some(self), query, self.style, self.ctes.clone())
    }

    fn new(parent: Option<&'s Scope<'s>>, query: &'s Query, style: &'s QueryStyle<'s>, ctes: Vec<(usize, String)>) -> Self {
        let mut scope = Self { parent, style, query, indent: 0, ctes, relations: Vec::new(), prefix: true };
        if let QueryBody::Select(select) = &query.body {
            scope.prefix = style.stored || parent.is_some() || select.relations.len() != 1;
            for index in 0..select.relations.len() {
                let named = scope.named(select, index);
                scope.relations.push(named);
            }
        }
        scope
    }

    fn named(&self, select: &Select, index: usize) -> Named {
        let entry = &select.relations[index];
        let wanted = match self.table(entry) {
            Some((oid, _)) if !entry.form.alias => own_name_of(self.style.names.catalog, oid).unwrap_or_else(|| entry.alias.clone()),
            _ => entry.alias.clone(),
        };
        let real = self.real_columns(entry);
        let merged = |name: &str| select.form.joins.iter().any(|join| join.using.iter().any(|(using, _)| using == name));
        // A column that a USING clause names keeps that name, whatever it is called by now.
        let keep = entry.columns.iter().zip(&real).any(|(column, real)| column.name != *real && merged(&column.name));
        let columns: Vec<String> = entry
            .columns
            .iter()
            .zip(&real)
            .enumerate()
            .map(|(place, (column, real))| if keep || place < entry.form.columns { column.name.clone() } else { real.clone() })
            .collect();
        let is_listed = match &entry.relation {
            _ if self.table(entry).is_some() => columns != real,
            Relation::Function { .. } => true,
            _ => entry.form.columns > 0,
        };
        // PostgreSQL lists the columns of SEARCH and CYCLE, and cannot read that back: they have no aliases.
        let nameable = if self.style.stored { columns.len() - entry.form.added } else { columns.len() };
        let there = columns.iter().enumerate().take(nameable).filter(|(place, _)| is_listed && !self.is_gone(entry, *place));
        let listed = there.map(|(_, name)| name.clone()).collect();
        Named { name: self.unused(&wanted), columns, listed }
    }

    /// Whether the column has been dropped since the query was bound.
    fn is_gone(&self, entry: &RelationEntry, place: usize) -> bool {
        let (None, Relation::Table(table)) = (&entry.form.view, &entry.relation) else { return false };
        let number = table.live_columns().nth(place).map(|column| column.number);
        let now = self.style.names.catalog.table_by_oid(table.oid);
        number.and_then(|number| now.and_then(|now| now.column_number(number))).is_some_and(|column| column.dropped)
    }

    /// The name, with the first number that no relation in scope has.
    fn unused(&self, wanted: &str) -> String {
        if !self.is_used(wanted) {
            return wanted.to_owned();
        }
        (1..).map(|number| format!("{wanted}_{number}")).find(|name| !self.is_used(name)).unwrap_or_default()
    }

    fn is_used(&self, name: &str) -> bool {
        self.relations.iter().any(|known| known.name == name) || self.parent.is_some_and(|parent| parent.is_used(name))
    }

    /// The table, view or system relation that an entry reads, and whether it is one of those.
    fn table(&self, entry: &RelationEntry) -> Option<(Oid, &str)> {
        match (entry.form.view.or(entry.form.sequence), &entry.relation) {
            (Some(named), _) => Some((named, "")),
            (None, Relation::Table(table)) => Some((table.oid, "")),
            (None, Relation::System(relation)) => Some((relation.oid, "")),
            _ => None,
        }
    }

    /// Column names as they are by now in the catalog.
    fn real_columns(&self, entry: &RelationEntry) -> Vec<String> {
        let catalog = self.style.names.catalog;
        let name_of = |place: usize, known: &str| -> String {
            let now = match (&entry.form.view, &entry.relation) {
                (Some(view), _) => catalog.view_by_oid(*view).and_then(|view| view.columns.get(place)).map(|column| &column.name),
                (None, Relation::Table(table)) => {
                    let number = table.live_columns().nth(place).map(|column| column.number);
                    let table = catalog.table_by_oid(table.oid);
                    number.and_then(|number| table.and_then(|table| table.column_number(number))).map(|column| &column.name)
                }
                (None, Relation::System(relation)) => {
                    return relation.columns.get(place).map_or_else(|| known.to_owned(), |(name, _)| (*name).to_owned());
                }
                _ => None,
            };
            now.cloned().unwrap_or_else(|| known.to_owned())
        };
        entry.columns.iter().enumerate().map(|(place, column)| name_of(place, &column.name)).collect()
    }

    /// Whether the query stands inside another.
    pub(super) fn is_nested(&self) -> bool {
        self.parent.is_some()
    }

    fn select(&self) -> Option<&'s Select> {
        match &self.query.body {
            QueryBody::Select(select) => Some(select),
            QueryBody::Values(_) | QueryBody::SetOperation { .. } => None,
        }
    }

    /// The scope of the only relation, when that is a subquery.
    pub(super) fn only_subquery(&self) -> Option<Scope<'_>> {
        match self.select()?.relations.first().map(|entry| &entry.relation) {
            Some(Relation::Subquery(query)) => Some(self.child(query)),
            _ => None,
        }
    }

    /// What a relation of this level is called.
    pub(super) fn relation_name(&self, index: usize) -> &str {
        self.relations.get(index).map_or("?", |named| named.name.as_str())
    }

    /// The column names to list after a relation's name.
    pub(super) fn column_aliases(&self, index: usize) -> Vec<String> {
        self.relations.get(index).map(|named| named.listed.clone()).unwrap_or_default()
    }

    /// The column names to list after a join's alias: all of them when one is not what its side calls it by now.
    pub(super) fn join_aliases(&self, columns: &[(String, Expr)]) -> Vec<String> {
        let own = |expr: &Expr| match &expr.kind {
            ExprKind::Column(column) => Some(self.column_name(column)),
            _ => None,
        };
        let renamed = columns.iter().any(|(name, expr)| own(expr).is_some_and(|own| own != *name));
        if renamed { columns.iter().map(|(name, _)| name.clone()).collect() } else { Vec::new() }
    }

    /// What a column is called through the alias of a join around its relation.
    fn through_alias(&self, column: &ColumnRef) -> Option<(&str, &str)> {
        if self.style.open_joins {
            return None;
        }
        let own = ColumnRef { depth: 0, ..*column };
        let is_it = |expr: &Expr| matches!(expr.kind, ExprKind::Column(known) if known == own);
        let aliases = self.select()?.form.joins.iter().rev().filter_map(|join| join.alias.as_ref());
        let mut found = aliases
            .filter_map(|(alias, columns)| columns.iter().find(|(_, expr)| is_it(expr)).map(|(name, _)| (alias.as_str(), name.as_str())));
        found.next()
    }

    /// A column with its relation's name before it, whatever else is in scope.
    pub(super) fn qualified(&self, column: &ColumnRef) -> String {
        let Some(scope) = self.level(column.depth) else { return quote::identifier(&self.column_name(column)) };
        if let Some((alias, name)) = scope.through_alias(column) {
            return format!("{}.{}", quote::identifier(alias), quote::identifier(name));
        }
        let relation = scope.relations.get(column.relation).map_or("?", |named| named.name.as_str());
        format!("{}.{}", quote::identifier(relation), quote::identifier(&self.column_name(column)))
    }

    /// Whether a bare column name in ORDER BY would mean another output column.
    pub(super) fn is_shadowed(&self, expr: &Expr, column: &ColumnRef) -> bool {
        let Some(select) = self.select().filter(|_| !self.prefix && column.depth == 0) else { return false };
        let name = self.column_name(column);
        let mut outputs = select.targets.iter().zip(&self.query.columns);
        outputs.any(|(target, output)| output.name == name && !equal(target, expr))
    }

    /// A relation as FROM names it, with its schema where the search path would not find it.
    pub(super) fn table_name(&self, index: usize) -> String {
        let entry = self.select().and_then(|select| select.relations.get(index));
        let Some((oid, _)) = entry.and_then(|entry| self.table(entry)) else { return "?".to_owned() };
        let name = relation_name(&self.style.names, oid).unwrap_or_else(|| oid.to_string());
        let own = own_name_of(self.style.names.catalog, oid).unwrap_or_default();
        // A CTE of that name would be found first.
        let hidden = self.ctes.iter().any(|(_, cte)| *cte == own) && !name.contains('.');
        if !hidden {
            return name;
        }
        let unseen = borealis_catalog::describe::Names { search_path: &[], ..self.style.names };
        relation_name(&unseen, oid).unwrap_or(name)
    }

    /// The name a relation has without being given one.
    pub(super) fn own_name(&self, index: usize) -> Option<String> {
        let entry = self.select()?.relations.get(index)?;
        self.table(entry).and_then(|(oid, _)| own_name_of(self.style.names.catalog, oid))
    }

    pub(super) fn cte_name(&self, id: usize) -> String {
        self.ctes.iter().rev().find(|(known, _)| *known == id).map_or_else(|| "?".to_owned(), |(_, name)| name.clone())
    }

    /// The name a target shows by itself, without AS.
    pub(super) fn shown_name(&self, expr: &Expr) -> Option<String> {
        match &expr.kind {
            ExprKind::Column(column) => {
                let alias = self.level(column.depth).and_then(|scope| scope.through_alias(column)).map(|(_, name)| name.to_owned());
                Some(alias.unwrap_or_else(|| self.column_name(column)))
            }
            _ => self.merged_name(expr).map(str::to_owned),
        }
    }

    /// The name of the column that a FULL JOIN merges into this expression.
    fn merged_name(&self, expr: &Expr) -> Option<&str> {
        // A bare name is not kept: a column of that name that comes later would make it ambiguous.
        if self.style.stored || !matches!(expr.kind, ExprKind::Coalesce(_)) {
            return None;
        }
        let joins = &self.select()?.form.joins;
        joins.iter().flat_map(|join| &join.using).find(|(_, merged)| equal(merged, expr)).map(|(name, _)| name.as_str())
    }

    fn level(&self, depth: u32) -> Option<&Scope<'s>> {
        let mut scope = self;
        for _ in 0..depth {
            scope = scope.parent?;
        }
        Some(scope)
    }

    /// A column's own name.
    pub(super) fn column_name(&self, column: &ColumnRef) -> String {
        let relation = self.level(column.depth).and_then(|scope| scope.relations.get(column.relation));
        relation.and_then(|named| named.columns.get(column.column)).cloned().unwrap_or_else(|| "?".to_owned())
    }

    /// The name of a relation of this level all of whose columns these are, in order.
    fn whole_relation(&self, items: &[Expr]) -> Option<&str> {
        let first = match &items.first()?.kind {
            ExprKind::Column(column) => *column,
            _ => return None,
        };
        let scope = self.level(first.depth)?;
        let named = scope.relations.get(first.relation)?;
        let is_it =
            |(place, item): (usize, &Expr)| matches!(item.kind, ExprKind::Column(column) if column == ColumnRef { column: place, ..first });
        (named.columns.len() == items.len() && items.iter().enumerate().all(is_it)).then_some(named.name.as_str())
    }
}

fn own_name_of(catalog: &Catalog, oid: Oid) -> Option<String> {
    borealis_catalog::describe::relation_by_oid(catalog, oid).map(|relation| relation.name().to_owned())
}

impl ColumnNames for Scope<'_> {
    fn slot(&self, slot: usize) -> String {
        (slot + 1).to_string()
    }

    fn column(&self, column: &ColumnRef) -> String {
        if self.prefix || column.depth > 0 { self.qualified(column) } else { quote::identifier(&self.column_name(column)) }
    }

    fn subquery(&self, subquery: &Subquery, indent: usize) -> String {
        let indent = i32::try_from(indent).unwrap_or(i32::MAX);
        let mut out = super::Out::new(indent);
        out.query(&self.child(&subquery.query), None, false);
        let body = out.text;
        match &subquery.kind {
            SubqueryKind::Scalar => format!("({body})"),
            SubqueryKind::Exists => format!("(EXISTS ({body}))"),
            SubqueryKind::Array => format!("ARRAY({body})"),
            SubqueryKind::Quantified { all, left, operators, .. } => {
                let sides: Vec<String> = left.iter().map(|expr| self.expr(expr, indent)).collect();
                let left = if let [only] = sides.as_slice() { only.clone() } else { format!("({})", sides.join(", ")) };
                match (operators.first().map_or("=", |operator| operator.name), all) {
                    ("=", false) => format!("({left} IN ({body}))"),
                    (name, false) => format!("({left} {name} ANY ({body}))"),
                    (name, true) => format!("({left} {name} ALL ({body}))"),
                }
            }
        }
    }

    fn grouping(&self, level: u32, places: &[usize]) -> Vec<String> {
        let Some(select) = self.level(level).and_then(Scope::select) else { return Vec::new() };
        let written = |expr: &Expr| {
            let mut expr = expr.clone();
            walk::shift(&mut expr, 0, level.cast_signed());
            self.expr(&expr, 0)
        };
        places.iter().filter_map(|place| select.group_by.get(*place)).map(written).collect()
    }

    fn window(&self, window: usize, indent: usize) -> String {
        let Some(select) = self.select() else { return "(?)".to_owned() };
        match (select.form.window_names.get(window).and_then(Option::as_ref), select.windows.get(window)) {
            (Some(name), _) => quote::identifier(name),
            (None, Some(spec)) => window_spec(self, spec, i32::try_from(indent).unwrap_or(0)),
            (None, None) => "(?)".to_owned(),
        }
    }

    fn whole(&self, expr: &Expr) -> Option<String> {
        match &row_when_there(expr).unwrap_or(expr).kind {
            ExprKind::Coalesce(_) => self.merged_name(expr).map(quote::identifier),
            // Fields called f1, f2, .. are those of ROW itself.
            ExprKind::Row { items, names } if names.first().is_some_and(|name| name != "f1") => {
                self.whole_relation(items).map(|name| format!("{}.*", quote::identifier(name)))
            }
            _ => None,
        }
    }
}
