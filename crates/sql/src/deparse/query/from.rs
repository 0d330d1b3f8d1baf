//! FROM: `get_from_clause` and `get_from_clause_item`.

use super::scope::Scope;
use super::{JOIN, Out, STD};
use crate::ast::JoinKind;
use crate::bound::{FromItem, JoinForm, Relation, Select, TableFunction};
use crate::deparse::quote;
use borealis_pgtypes::types::format_type;

impl Out {
    pub(super) fn put_from(&mut self, scope: &Scope<'_>, select: &Select) {
        let mut joins = select.form.joins.iter();
        for (index, item) in select.from.iter().enumerate() {
            if index == 0 {
                self.keyword(" FROM ", -STD, STD, 2);
                self.put_from_item(scope, select, item, &mut joins);
                continue;
            }
            self.put(", ");
            let mut inner = Out::new(self.indent);
            inner.put_from_item(scope, select, item, &mut joins);
            self.item(&inner.text, true);
        }
    }

    fn put_from_item<'j>(&mut self, scope: &Scope<'_>, select: &Select, item: &FromItem, joins: &mut impl Iterator<Item = &'j JoinForm>) {
        match item {
            FromItem::Relation(index) => self.relation(scope, select, *index),
            FromItem::Join { kind, left, right, condition } => {
                let pretty = scope.style.pretty;
                // What the join itself was written as is known only after its sides: forms come in the order joins were bound.
                let mut inner = Out::new(self.indent);
                inner.put_from_item(scope, select, left, joins);
                inner.keyword(join_word(*kind, condition.is_some()), -STD, STD, JOIN);
                let mut right_text = Out::new(inner.indent);
                right_text.put_from_item(scope, select, right, joins);
                let mut form = joins.next().cloned().unwrap_or_default();
                form.alias.take_if(|_| scope.style.open_joins);
                let paren_right = pretty && matches!(**right, FromItem::Join { .. }) && !right_text.text.starts_with('(');
                inner.put(&if paren_right { format!("({})", right_text.text) } else { right_text.text });
                let paren = !pretty || form.alias.is_some();
                self.put(if paren { "(" } else { "" });
                self.put(&inner.text);
                self.join_condition(scope, *kind, condition.as_ref(), &form);
                self.put(if paren { ")" } else { "" });
                if let Some((alias, columns)) = &form.alias {
                    self.put(&format!(" {}{}", quote::identifier(alias), name_list(&scope.join_aliases(columns))));
                }
            }
        }
    }

    fn join_condition(&mut self, scope: &Scope<'_>, kind: JoinKind, condition: Option<&crate::expr::Expr>, form: &JoinForm) {
        if !form.using.is_empty() {
            let names: Vec<String> = form.using.iter().map(|(name, _)| quote::identifier(name)).collect();
            self.put(&format!(" USING ({})", names.join(", ")));
            if let Some(alias) = &form.using_alias {
                self.put(&format!(" AS {}", quote::identifier(alias)));
            }
        } else if let Some(condition) = condition {
            let text = scope.expr(condition, self.indent);
            self.put(&if scope.style.pretty { format!(" ON {text}") } else { format!(" ON ({text})") });
        } else if kind != JoinKind::Inner {
            self.put(" ON TRUE");
        }
    }

    fn relation(&mut self, scope: &Scope<'_>, select: &Select, index: usize) {
        let Some(entry) = select.relations.get(index) else { return };
        if entry.lateral && !matches!(entry.relation, Relation::Function { .. }) || entry.form.lateral {
            self.put("LATERAL ");
        }
        match &entry.relation {
            _ if entry.form.view.is_some() || entry.form.sequence.is_some() => self.put(&scope.table_name(index)),
            Relation::Table(_) | Relation::System(_) => self.put(&scope.table_name(index)),
            Relation::Subquery(query) => {
                self.put("(");
                let mut inner = Out::new(self.indent);
                inner.query(&scope.child(query), None, true);
                self.put(&inner.text);
                self.put(")");
            }
            Relation::Function { functions, ordinality } => self.functions(scope, functions, *ordinality),
            Relation::Values(rows) => {
                self.put("(");
                self.values(scope, rows);
                self.put(")");
            }
            Relation::Cte(id) | Relation::WorkTable(id) => self.put(&quote::identifier(&scope.cte_name(*id))),
        }
        self.alias(scope, select, index);
    }

    /// `get_rte_alias` and the column names after it.
    fn alias(&mut self, scope: &Scope<'_>, select: &Select, index: usize) {
        let entry = &select.relations[index];
        let name = scope.relation_name(index);
        let columns = scope.column_aliases(index);
        let own = match &entry.relation {
            Relation::Cte(id) | Relation::WorkTable(id) => Some(scope.cte_name(*id)),
            _ => scope.own_name(index),
        };
        let needed = entry.form.alias || !columns.is_empty() || own.as_deref() != Some(name);
        if needed {
            self.put(&format!(" {}", quote::identifier(name)));
        }
        if let Relation::Function { functions, .. } = &entry.relation
            && let [function] = functions.as_slice()
            && function.defined
        {
            self.put(&format!("({})", definitions(function)));
            return;
        }
        self.put(&name_list(&columns));
    }

    fn functions(&mut self, scope: &Scope<'_>, functions: &[TableFunction], ordinality: bool) {
        let calls: Vec<String> = functions.iter().map(|function| scope.expr(&function.expr, self.indent)).collect();
        match (functions, calls.as_slice()) {
            ([function], [call]) if !(function.defined && ordinality) => self.put(call),
            _ => {
                let items: Vec<String> = functions
                    .iter()
                    .zip(&calls)
                    .map(|(function, call)| if function.defined { format!("{call} AS ({})", definitions(function)) } else { call.clone() })
                    .collect();
                self.put(&format!("ROWS FROM({})", items.join(", ")));
            }
        }
        if ordinality {
            self.put(" WITH ORDINALITY");
        }
    }
}

fn definitions(function: &TableFunction) -> String {
    let column = |(name, ty): &(String, borealis_pgtypes::Type)| format!("{} {}", quote::identifier(name), format_type(*ty));
    function.columns.iter().map(column).collect::<Vec<_>>().join(", ")
}

fn name_list(names: &[String]) -> String {
    if names.is_empty() {
        return String::new();
    }
    format!("({})", names.iter().map(|name| quote::identifier(name)).collect::<Vec<_>>().join(", "))
}

fn join_word(kind: JoinKind, conditional: bool) -> &'static str {
    match kind {
        JoinKind::Inner if conditional => " JOIN ",
        JoinKind::Inner => " CROSS JOIN ",
        JoinKind::Left => " LEFT JOIN ",
        JoinKind::Right => " RIGHT JOIN ",
        JoinKind::Full => " FULL JOIN ",
    }
}
