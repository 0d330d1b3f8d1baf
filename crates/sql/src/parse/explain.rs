//! EXPLAIN and ANALYZE.

use borealis_pgtypes::{SqlError, SqlState};
use pg_query::NodeEnum;
use pg_query::protobuf::{DefElem, ExplainStmt, Node, VacuumRelation, VacuumStmt};

use super::lower::{Lower, R, string, unexpected};
use super::session::option_text;
use super::{memory, raw};
use crate::ast::{Explain, ExplainFormat, ObjectName, Statement, Transaction};

impl Lower<'_> {
    pub(super) fn explain(&self, explain: ExplainStmt) -> R<Statement> {
        let ExplainStmt { query, options } = explain;
        let mut plan = Explain {
            analyze: false,
            verbose: false,
            costs: true,
            timing: None,
            summary: None,
            settings: false,
            generic_plan: false,
            format: ExplainFormat::Text,
            identifier: None,
            statement: Statement::Transaction(Transaction::Commit),
        };
        for option in options {
            self.explain_option(&mut plan, option)?;
        }
        let tree = query.and_then(|node| node.node).ok_or_else(|| unexpected("EXPLAIN"))?;
        if plan.analyze && plan.verbose {
            plan.identifier = raw::fingerprint(&tree);
        }
        plan.statement = self.statement(tree)?;
        Ok(Statement::Explain(Box::new(plan)))
    }

    fn explain_option(&self, plan: &mut Explain, option: Node) -> R<()> {
        let Some(NodeEnum::DefElem(element)) = option.node else { return Err(unexpected("EXPLAIN")) };
        let on = || boolean_option(&element);
        match element.defname.as_str() {
            "analyze" => plan.analyze = on()?,
            "verbose" => plan.verbose = on()?,
            "costs" => plan.costs = on()?,
            "timing" => plan.timing = Some(on()?),
            "summary" => plan.summary = Some(on()?),
            "format" => plan.format = self.explain_format(&element)?,
            "settings" => plan.settings = on()?,
            "generic_plan" => plan.generic_plan = on()?,
            // Off is what they are; there is nothing here that they would count.
            name @ ("buffers" | "wal") => {
                if on()? {
                    return Err(self.refuse("explain/option not yet", &[&name.to_ascii_uppercase()]));
                }
            }
            name => return Err(self.refuse("explain/option", &[name]).at(element.location)),
        }
        Ok(())
    }

    fn explain_format(&self, element: &DefElem) -> R<ExplainFormat> {
        let value = option_text(element).unwrap_or_default().to_ascii_lowercase();
        match value.as_str() {
            "text" => Ok(ExplainFormat::Text),
            "json" => Ok(ExplainFormat::Json),
            "xml" => Ok(ExplainFormat::Xml),
            "yaml" => Ok(ExplainFormat::Yaml),
            _ => {
                let message = format!("unrecognized value for EXPLAIN option \"format\": \"{value}\"");
                Err(SqlError::new(SqlState::INVALID_PARAMETER_VALUE, message).at(element.location))
            }
        }
    }

    /// VACUUM and ANALYZE are one node.
    pub(super) fn vacuum(&self, vacuum: VacuumStmt) -> R<Statement> {
        let VacuumStmt { options, rels, is_vacuumcmd } = vacuum;
        self.forbid(is_vacuumcmd, "statement/Vacuum")?;
        let mut verbose = false;
        for option in options {
            self.analyze_option(&mut verbose, option)?;
        }
        self.forbid(rels.is_empty(), "statement/AnalyzeAll")?;
        let tables = rels.into_iter().map(|node| self.analyzed_table(node)).collect::<R<_>>()?;
        Ok(Statement::Analyze { verbose, tables })
    }

    fn analyze_option(&self, verbose: &mut bool, option: Node) -> R<()> {
        let Some(NodeEnum::DefElem(element)) = option.node else { return Err(unexpected("ANALYZE")) };
        match element.defname.as_str() {
            "verbose" => *verbose = boolean_option(&element)?,
            // There is no lock that ANALYZE would wait for, and there are no shared buffers to use sparingly: once their values are found right, both ask
            // for what is the case.
            "skip_locked" => {
                boolean_option(&element)?;
            }
            "buffer_usage_limit" => memory::check_buffer_usage_limit(option_text(&element).as_deref())?,
            name => return Err(self.refuse("analyze/option", &[name]).at(element.location)),
        }
        Ok(())
    }

    fn analyzed_table(&self, node: Node) -> R<(ObjectName, Vec<String>)> {
        let Some(NodeEnum::VacuumRelation(relation)) = node.node else { return Err(unexpected("ANALYZE")) };
        let VacuumRelation { relation, oid: _, va_cols } = relation;
        let columns = va_cols.into_iter().map(string).collect::<R<_>>()?;
        Ok((self.relation(relation.ok_or_else(|| unexpected("ANALYZE"))?)?, columns))
    }
}

/// PostgreSQL's defGetBoolean: nothing, 0, 1, true, false, on, off.
fn boolean_option(element: &DefElem) -> R<bool> {
    let Some(value) = option_text(element) else { return Ok(true) };
    match value.to_ascii_lowercase().as_str() {
        "true" | "on" | "1" => Ok(true),
        "false" | "off" | "0" => Ok(false),
        _ => Err(SqlError::new(SqlState::SYNTAX_ERROR, format!("{} requires a Boolean value", element.defname))),
    }
}
