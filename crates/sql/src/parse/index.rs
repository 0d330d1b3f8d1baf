//! CREATE INDEX ASYNC.

use pg_query::NodeEnum;
use pg_query::protobuf::{IndexElem, IndexStmt, Node, RangeVar, SortByDir};

use super::expr::at;
use super::lower::{Lower, R, non_empty, unexpected};
use super::query::nulls_first;
use crate::ast::{CreateIndex, ExprKind, IndexElement, Statement};

impl Lower<'_> {
    pub(super) fn create_index(&self, index: IndexStmt) -> R<Statement> {
        let IndexStmt {
            idxname,
            relation,
            access_method,
            table_space,
            index_params,
            index_including_params,
            options,
            where_clause,
            exclude_op_names: _, // exclusion constraints only
            idxcomment: _,
            index_oid: _,
            old_number: _,
            old_create_subid: _,
            old_first_relfilelocator_subid: _,
            unique,
            nulls_not_distinct,
            primary: _, // from constraints only, as the two deferrable ones
            isconstraint: _,
            deferrable: _,
            initdeferred: _,
            transformed: _,
            concurrent,
            if_not_exists,
            reset_default_tblspc: _,
        } = index;
        self.forbid(concurrent, "index/CONCURRENTLY")?;
        // Without ASYNC the session answers: disable_sync_create_index may allow it on an empty table.
        let relation: RangeVar = relation.ok_or_else(|| unexpected("CREATE INDEX"))?;
        self.forbid(!relation.inh, "index/ONLY")?;
        // The grammar fills in "btree" where USING is left out; written out it is refused too, which the text alone can tell.
        self.forbid(self.wrote_using(&relation, &access_method), "index/USING")?;
        self.forbid(!options.is_empty(), "index/WITH")?;
        self.forbid(!table_space.is_empty(), "index/TABLESPACE")?;
        if where_clause.is_some() {
            self.require("index/WHERE")?;
        }
        Ok(Statement::CreateIndex(Box::new(CreateIndex {
            name: non_empty(idxname),
            if_not_exists,
            unique,
            asynchronous: self.asynchronous,
            table: self.relation(relation)?,
            keys: index_params.into_iter().map(|key| self.index_key(key)).collect::<R<_>>()?,
            include: index_including_params.into_iter().map(|key| self.included(key)).collect::<R<_>>()?,
            nulls_not_distinct,
            filter: self.optional(where_clause)?,
        })))
    }

    /// After the table's name comes USING or a bracket, blanks and comments aside.
    fn wrote_using(&self, relation: &RangeVar, access_method: &str) -> bool {
        if access_method != "btree" {
            return true;
        }
        let start = usize::try_from(relation.location).unwrap_or(0);
        let rest = self.text.get(start..).unwrap_or("");
        let Ok(scan) = pg_query::scan(rest) else { return false };
        let end_of_head = scan.tokens.iter().find(|token| {
            use pg_query::protobuf::Token;
            matches!(token.token(), Token::Ascii40 | Token::Using)
        });
        end_of_head.is_some_and(|token| token.token() == pg_query::protobuf::Token::Using)
    }

    fn index_key(&self, node: Node) -> R<IndexElement> {
        let Some(NodeEnum::IndexElem(element)) = node.node else { return Err(unexpected("CREATE INDEX")) };
        let nulls = nulls_first(element.nulls_ordering());
        let sorted = !matches!(element.ordering(), SortByDir::SortbyDefault | SortByDir::Undefined);
        let IndexElem { name, expr, indexcolname: _, collation, opclass, opclassopts, ordering: _, nulls_ordering: _ } = *element;
        self.forbid(!collation.is_empty(), "column/COLLATE")?;
        self.forbid(!opclass.is_empty() || !opclassopts.is_empty(), "index/operator class")?;
        self.forbid(sorted, "index/sort order")?;
        let expr = match expr {
            Some(expr) => {
                self.require("index/expression")?;
                self.expr(*expr)?
            }
            None => at(-1, ExprKind::Column(vec![name])),
        };
        Ok(IndexElement { expr, nulls_first: nulls })
    }

    fn included(&self, node: Node) -> R<String> {
        let Some(NodeEnum::IndexElem(element)) = node.node else { return Err(unexpected("CREATE INDEX")) };
        let sorted = !matches!(element.ordering(), SortByDir::SortbyDefault | SortByDir::Undefined);
        let nulls = nulls_first(element.nulls_ordering()).is_some();
        let IndexElem { name, expr, indexcolname: _, collation, opclass, opclassopts, ordering: _, nulls_ordering: _ } = *element;
        self.forbid(expr.is_some(), "index/include expression")?;
        self.forbid(!collation.is_empty(), "column/COLLATE")?;
        self.forbid(!opclass.is_empty() || !opclassopts.is_empty(), "index/operator class")?;
        self.forbid(sorted || nulls, "index/sort order")?;
        Ok(name)
    }
}
