//! CREATE STATISTICS and ALTER STATISTICS.

use pg_query::NodeEnum;
use pg_query::protobuf::{AlterStatsStmt, CreateStatsStmt, Node};

use super::lower::{Lower, R, constant_text, strings, unexpected};
use crate::ast::{CreateStatistics, Expr, ExprKind, Statement};

impl Lower<'_> {
    pub(super) fn create_statistics(&self, create: CreateStatsStmt) -> R<Statement> {
        // A comment and the mark of the analysis are never the parser's.
        let CreateStatsStmt { defnames, stat_types, exprs, relations, stxcomment: _, transformed: _, if_not_exists } = create;
        self.require("statement/CreateStats")?;
        let name = if defnames.is_empty() { None } else { Some(self.object_name(defnames, -1)?) };
        let exprs = exprs.into_iter().map(|node| self.statistics_element(node)).collect::<R<_>>()?;
        let (kinds, from) = (strings(stat_types)?, self.tables(relations)?);
        Ok(Statement::CreateStatistics(Box::new(CreateStatistics { name, if_not_exists, kinds, exprs, from })))
    }

    fn statistics_element(&self, node: Node) -> R<Expr> {
        let Some(NodeEnum::StatsElem(element)) = node.node else { return Err(unexpected("CREATE STATISTICS")) };
        match element.expr {
            Some(expr) => Ok(*self.boxed(Some(expr))?),
            None => Ok(Expr { kind: ExprKind::Column(vec![element.name]), at: -1 }),
        }
    }

    pub(super) fn alter_statistics(&self, alter: AlterStatsStmt) -> R<Statement> {
        let AlterStatsStmt { defnames, stxstattarget, missing_ok } = alter;
        self.require("statement/AlterStats")?;
        let written = stxstattarget.and_then(|node| node.node).and_then(|node| constant_text(&node));
        let target = written.map_or(Ok(-1), |text| text.parse().map_err(|_| unexpected("ALTER STATISTICS")))?;
        Ok(Statement::AlterStatistics { name: self.object_name(defnames, -1)?, if_exists: missing_ok, target })
    }
}
