//! FROM: tables, sub-queries, functions, joins.

use pg_query::NodeEnum;
use pg_query::protobuf::{Alias as AliasNode, ColumnDef, JoinExpr, JoinType, Node, RangeFunction, RangeSubselect, RangeVar, Token};

use super::lower::{Lower, R, strings, unexpected};
use super::query::list;
use crate::ast::{Alias, ColumnDefinitionItem, Expr, FunctionRef, JoinCondition, JoinKind, TableRef};

impl Lower<'_> {
    pub(super) fn tables(&self, items: Vec<Node>) -> R<Vec<TableRef>> {
        items.into_iter().map(|item| self.table_reference(item)).collect()
    }

    fn table_reference(&self, node: Node) -> R<TableRef> {
        match node.node {
            Some(NodeEnum::RangeVar(range)) => self.table_ref(range),
            Some(NodeEnum::RangeSubselect(subselect)) => self.subquery_ref(*subselect),
            Some(NodeEnum::RangeFunction(function)) => Ok(TableRef::Function(Box::new(self.function_ref(function)?))),
            Some(NodeEnum::JoinExpr(join)) => self.join(*join),
            Some(NodeEnum::RangeTableSample(_)) => Err(self.refuse("select/tablesample", &[])),
            Some(NodeEnum::RangeTableFunc(_)) => Err(self.refuse("select/xmltable", &[])),
            // JSON_TABLE(... COLUMNS (...)) is PostgreSQL 17's; 16 stops at the first word that is no argument.
            Some(NodeEnum::JsonTable(table)) => Err(self.not_in_16(table.location, &[Token::Columns, Token::Passing, Token::As])),
            _ => Err(unexpected("FROM")),
        }
    }

    fn table_ref(&self, mut range: RangeVar) -> R<TableRef> {
        let alias = range.alias.take().map(alias).transpose()?;
        let only = !range.inh;
        Ok(TableRef::Table { name: self.relation(range)?, only, alias, access: None })
    }

    fn subquery_ref(&self, subselect: RangeSubselect) -> R<TableRef> {
        let RangeSubselect { lateral, subquery, alias: name } = subselect;
        let query = Box::new(self.query_node(*subquery.ok_or_else(|| unexpected("FROM"))?)?);
        // The node has no place of its own.
        Ok(TableRef::Subquery { query, lateral, alias: name.map(alias).transpose()?, at: -1 })
    }

    fn function_ref(&self, function: RangeFunction) -> R<FunctionRef> {
        let RangeFunction { lateral, ordinality, is_rowsfrom, functions, alias: name, coldeflist } = function;
        let mut functions = functions.into_iter().map(|item| self.function_item(item)).collect::<R<Vec<_>>>()?;
        if !coldeflist.is_empty() {
            // One function outside ROWS FROM carries its definition list on the alias.
            let first = functions.first_mut().ok_or_else(|| unexpected("a function in FROM"))?;
            first.1 = self.column_definition_list(coldeflist)?;
        }
        let at = functions.first().map_or(-1, |(function, _)| function.at);
        Ok(FunctionRef { functions, rows_from: is_rowsfrom, lateral, ordinality, alias: name.map(alias).transpose()?, at })
    }

    /// A pair: the call, and its column definition list or nothing.
    fn function_item(&self, node: Node) -> R<(Expr, Vec<ColumnDefinitionItem>)> {
        let mut pair = list(node)?.into_iter();
        let call = self.expr(pair.next().ok_or_else(|| unexpected("a function in FROM"))?)?;
        let definitions = match pair.next() {
            None | Some(Node { node: None }) => Vec::new(),
            Some(definitions) => self.column_definition_list(list(definitions)?)?,
        };
        Ok((call, definitions))
    }

    fn column_definition_list(&self, items: Vec<Node>) -> R<Vec<ColumnDefinitionItem>> {
        let item = |node: Node| {
            let Some(NodeEnum::ColumnDef(definition)) = node.node else { return Err(unexpected("a column definition list")) };
            let ColumnDef { colname, type_name, coll_clause, location, .. } = *definition; // the grammar sets nothing else here
            self.forbid(coll_clause.is_some(), "column/COLLATE")?;
            Ok(ColumnDefinitionItem {
                name: colname,
                ty: self.type_name(type_name.ok_or_else(|| unexpected("a column definition list"))?)?,
                at: location,
            })
        };
        items.into_iter().map(item).collect()
    }

    fn join(&self, join: JoinExpr) -> R<TableRef> {
        let kind = match join.jointype() {
            JoinType::JoinInner => JoinKind::Inner,
            JoinType::JoinLeft => JoinKind::Left,
            JoinType::JoinRight => JoinKind::Right,
            JoinType::JoinFull => JoinKind::Full,
            _ => return Err(unexpected("a join")),
        };
        let JoinExpr { jointype: _, is_natural, larg, rarg, using_clause, join_using_alias, quals, alias: name, rtindex: _ } = join;
        let side = |node: Option<Box<Node>>| self.table_reference(*node.ok_or_else(|| unexpected("a join"))?).map(Box::new);
        let condition = match (is_natural, using_clause.is_empty(), quals) {
            (true, _, _) => JoinCondition::Natural,
            (false, false, _) => {
                JoinCondition::Using { columns: strings(using_clause)?, alias: join_using_alias.map(|alias| alias.aliasname) }
            }
            (false, true, Some(quals)) => JoinCondition::On(self.expr(*quals)?),
            (false, true, None) => JoinCondition::None,
        };
        // The node has no place of its own.
        Ok(TableRef::Join { kind, left: side(larg)?, right: side(rarg)?, condition, alias: name.map(alias).transpose()?, at: -1 })
    }
}

pub(super) fn alias(node: AliasNode) -> R<Alias> {
    let AliasNode { aliasname, colnames } = node;
    Ok(Alias { name: aliasname, columns: strings(colnames)? })
}
