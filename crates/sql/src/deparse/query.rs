//! Queries: `get_query_def` and its family. What a view is kept as, and what `pg_get_viewdef` shows.
//!
//! The bound tree is PostgreSQL's analysed tree, so names are those of now, not those that were written: a renamed table or column is followed by
//! writing the query again. [`crate::bound::SelectForm`] and [`crate::bound::RelationForm`] keep what only the wording tells.

mod clauses;
mod from;
mod scope;
mod traversal;

use borealis_catalog::describe::Names;
use borealis_pgtypes::{Oid, Settings};

use self::scope::Scope;
use super::{Style, expression, quote};
use crate::bind::row_when_there;
use crate::bound::{BoundDistinct, CteBody, Query, QueryBody, Select};
use crate::expr::{Expr, ExprKind};

/// How to write a query.
#[derive(Clone, Copy)]
pub struct QueryStyle<'a> {
    /// What names are taken from, and which of them need their schema.
    pub names: Names<'a>,
    /// For the text form of constants.
    pub settings: &'a Settings,
    /// To be read back: every column has its relation's name before it, whatever else is in scope.
    pub stored: bool,
    /// Leave out parentheses that the reader does not need.
    pub pretty: bool,
    /// Take the aliases off joins: their columns have places, and one more or fewer in a table would move them.
    pub open_joins: bool,
}

/// Blanks per level: `PRETTYINDENT_STD`, `_JOIN` and `_VAR`.
const STD: i32 = 8;
const JOIN: i32 = 4;
const VAR: i32 = 4;
/// Where indentation starts to grow slower: `PRETTYINDENT_LIMIT`.
const LIMIT: i32 = 40;

/// The query as SQL, its columns called `columns`.
#[must_use]
pub fn query(query: &Query, columns: &[String], style: QueryStyle<'_>) -> String {
    let mut out = Out::new(0);
    let ctes = Vec::new();
    let scope = Scope::top(query, &style, &ctes);
    out.query(&scope, Some(columns), true);
    out.text
}

/// Text that grows, and how far its lines are indented.
struct Out {
    text: String,
    indent: i32,
}

impl Out {
    fn new(indent: i32) -> Self {
        Self { text: String::new(), indent }
    }

    fn put(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn trim(&mut self) {
        self.text.truncate(self.text.trim_end_matches(' ').len());
    }

    /// `appendContextKeyword`
    fn keyword(&mut self, word: &str, before: i32, after: i32, plus: i32) {
        self.indent += before;
        self.trim();
        self.text.push('\n');
        let mut amount = self.indent.max(0);
        if self.indent >= LIMIT {
            amount = (LIMIT + (self.indent - LIMIT) / (STD / 2)) % LIMIT;
        }
        self.text.push_str(&" ".repeat(usize::try_from(amount + plus).unwrap_or(0)));
        self.put(word);
        self.indent = (self.indent + after).max(0);
    }

    /// Adds an item of a list on a line of its own, unless it begins with one.
    fn item(&mut self, item: &str, newline: bool) {
        if item.starts_with('\n') {
            self.trim();
        } else if newline {
            self.keyword("", -STD, STD, VAR);
        }
        self.put(item);
    }

    /// A query with everything around its body. `visible`: its column names matter to whoever reads its rows.
    fn query(&mut self, scope: &Scope<'_>, columns: Option<&[String]>, visible: bool) {
        let scope = &self.with(scope);
        let query = scope.query;
        match &query.body {
            QueryBody::Select(select) if select.form.casts_of_subquery => {
                if let Some(inner) = scope.only_subquery() {
                    self.query(&inner, columns, visible);
                }
                return;
            }
            QueryBody::Select(select) => self.select(scope, select, columns, visible),
            QueryBody::Values(rows) => self.values_query(scope, rows, columns),
            QueryBody::SetOperation { .. } => self.set_operation(scope, columns, visible),
        }
        self.order_by(scope);
        self.limits(scope);
        self.locks(scope);
        self.indent = scope.indent;
    }

    /// `get_with_clause`; the scope in which the query's own CTEs have their names.
    fn with<'s>(&mut self, scope: &Scope<'s>) -> Scope<'s> {
        let query = scope.query;
        let mut scope = scope.clone();
        scope.indent = self.indent;
        if query.ctes.is_empty() {
            return scope;
        }
        for cte in &query.ctes {
            scope.ctes.push((cte.id, cte.name.clone()));
        }
        self.indent += STD;
        self.put(" ");
        let recursive = query.ctes.iter().any(|cte| matches!(cte.body, CteBody::Recursive { .. }));
        for (index, cte) in query.ctes.iter().enumerate() {
            self.put(match (index, recursive) {
                (0, true) => "WITH RECURSIVE ",
                (0, false) => "WITH ",
                _ => ", ",
            });
            self.cte(&scope, cte);
        }
        self.indent -= STD;
        self.keyword("", 0, 0, 0);
        scope
    }

    /// VALUES alone, or as the relation it is when its columns have other names than it gives them.
    fn values_query(&mut self, scope: &Scope<'_>, rows: &[Vec<Expr>], columns: Option<&[String]>) {
        self.indent += STD;
        self.put(" ");
        let own = |place: usize| format!("column{}", place + 1);
        let named = columns.filter(|names| names.iter().enumerate().any(|(place, name)| *name != own(place)));
        let Some(names) = named else { return self.values(scope, rows) };
        let prefix = if scope.is_nested() { "\"*VALUES*\"." } else { "" };
        let item = |(place, name): (usize, &String)| format!("{prefix}{} AS {}", own(place), quote::identifier(name));
        self.put("SELECT ");
        for (place, item) in names.iter().enumerate().map(item).enumerate() {
            self.put(if place == 0 { "" } else { ", " });
            self.item(&item, place > 0);
        }
        self.keyword(" FROM (", -STD, STD, 2);
        self.values(scope, rows);
        self.put(") \"*VALUES*\"");
    }

    /// `get_values_def`
    fn values(&mut self, scope: &Scope<'_>, rows: &[Vec<Expr>]) {
        self.put("VALUES ");
        for (index, row) in rows.iter().enumerate() {
            if index > 0 {
                self.put(", ");
            }
            let values: Vec<String> = row.iter().map(|value| scope.expr(value, self.indent)).collect();
            self.put(&format!("({})", values.join(",")));
        }
    }

    /// `get_basic_select_query`
    fn select(&mut self, scope: &Scope<'_>, select: &Select, columns: Option<&[String]>, visible: bool) {
        self.indent += STD;
        self.put(" SELECT");
        match &select.distinct {
            BoundDistinct::No => {}
            BoundDistinct::All => self.put(" DISTINCT"),
            BoundDistinct::On(exprs) => {
                let keys: Vec<String> = exprs.iter().map(|expr| scope.key(expr, self.indent)).collect();
                self.put(&format!(" DISTINCT ON ({})", keys.join(", ")));
            }
        }
        self.targets(scope, select, columns, visible);
        self.put_from(scope, select);
        if let Some(filter) = &select.filter {
            self.keyword(" WHERE ", -STD, STD, 1);
            let text = scope.expr(filter, self.indent);
            self.put(&text);
        }
        self.group_by(scope, select);
        if let Some(having) = &select.having {
            self.keyword(" HAVING ", -STD, STD, 0);
            let text = scope.expr(having, self.indent);
            self.put(&text);
        }
        self.window_clause(scope, select);
    }

    /// `get_target_list`
    fn targets(&mut self, scope: &Scope<'_>, select: &Select, columns: Option<&[String]>, visible: bool) {
        let mut multiline = false;
        for (index, target) in select.targets.iter().enumerate() {
            self.put(if index == 0 { " " } else { ", " });
            let mut item = scope.expr(target, self.indent);
            // In a target list `t.*` would be expanded; the relation's name alone is its row.
            if matches!(row_when_there(target).unwrap_or(target).kind, ExprKind::Row { .. }) && item.ends_with(".*") {
                item.truncate(item.len() - 2);
            }
            let shown = scope.shown_name(target).or_else(|| (!visible).then(|| "?column?".to_owned()));
            let name = columns.and_then(|names| names.get(index)).or_else(|| scope.query.columns.get(index).map(|column| &column.name));
            if let Some(name) = name.filter(|name| shown.as_deref() != Some(name.as_str())) {
                item.push_str(&format!(" AS {}", quote::identifier(name)));
            }
            self.item(&item, index > 0);
            multiline = multiline || item.contains('\n');
        }
    }

    /// `get_setop_query`
    fn set_operation(&mut self, scope: &Scope<'_>, columns: Option<&[String]>, visible: bool) {
        let QueryBody::SetOperation { op, all, left, right, .. } = &scope.query.body else { return };
        let same = matches!(&left.body, QueryBody::SetOperation { op: inner, all: inner_all, .. } if inner == op && inner_all == all);
        let paren = left.is_bare_set_operation() && !same;
        let sub = if paren { STD } else { 0 };
        if paren {
            self.put("(");
            self.keyword("", sub, 0, 0);
        }
        self.side(scope, left, columns, visible);
        self.keyword(if paren { ") " } else { "" }, -sub, 0, 0);
        self.put(crate::bind::set_operation_word(*op));
        self.put(if *all { " ALL " } else { " " });
        let paren = right.is_bare_set_operation();
        let sub = if paren { STD } else { 0 };
        if paren {
            self.put("(");
        }
        self.keyword("", sub, 0, 0);
        self.side(scope, right, columns, false);
        self.indent -= sub;
        if paren {
            self.keyword(")", 0, 0, 0);
        }
    }

    /// One side: another set operation goes on in the same query, anything else is a query of its own.
    fn side(&mut self, scope: &Scope<'_>, side: &Query, columns: Option<&[String]>, visible: bool) {
        let inner = scope.child(side);
        if side.is_bare_set_operation() {
            self.set_operation(&inner, columns, visible);
            return;
        }
        let whole = !side.is_bare() || matches!(side.body, QueryBody::SetOperation { .. });
        self.put(if whole { "(" } else { "" });
        self.query(&inner, columns, visible);
        self.put(if whole { ")" } else { "" });
    }
}

/// A count as it was written: LIMIT and its like are read as `bigint`.
fn without_widening(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Call { operator: None, args, .. } if expr.ty.oid == Oid::INT8 && args.len() == 1 && args[0].ty.oid == Oid::INT4 => {
            &args[0]
        }
        _ => expr,
    }
}

impl Scope<'_> {
    /// An expression of this level on lines indented by `indent`.
    fn expr(&self, expr: &Expr, indent: i32) -> String {
        let style = Style { settings: self.style.settings, indent: true, pretty: self.style.pretty };
        expression::at(expr, self, style, usize::try_from(indent).unwrap_or(0))
    }

    /// `get_rule_sortgroupclause`: an expression where a bare number or name would mean something else.
    fn key(&self, expr: &Expr, indent: i32) -> String {
        let text = self.expr(expr, indent);
        match &expr.kind {
            ExprKind::Const(value) => super::constant::constant(value, expr.ty, self.style.settings, super::constant::Label::Always),
            _ if expression::key_needs_parentheses(expr, self.style.pretty) => format!("({text})"),
            _ => text,
        }
    }
}
