//! More than one DDL statement in a transaction, or DDL beside DML.

use crate::file::Mixture;
use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    id: "mixed-transaction",
    rows: &["transaction/multiple ddl", "transaction/ddl and dml"],
    own: false,
    severity: Severity::Error,
    what: "a transaction with more than one DDL statement, or with DDL and changes of rows",
    why: "A transaction of Aurora DSQL holds one DDL statement, and then no INSERT, UPDATE or DELETE.",
    fix: "The transaction is cut in front of the statement: COMMIT and BEGIN are put in. What is lost: when a later part fails, the earlier ones stay.",
    example: include_str!("mixed_transaction.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let statement = check.statement();
    let form = match statement.mixture {
        Mixture::Allowed => return,
        Mixture::SecondDdl => "transaction/multiple ddl",
        Mixture::DdlAndDml => "transaction/ddl and dml",
    };
    let Some(begin) = statement.transaction else { return };
    let begin_view = check.file.view(begin);
    let text = format!("COMMIT;\n{};\n", begin_view.text_of(0..begin_view.len()));
    let fix = Fix::lossy("the parts of the transaction commit one after the other", vec![check.insert_before(text)]);
    // What the transaction decides, parser and binder cannot acquit of.
    found.extend(check.refused(&RULE, form, &[], 0..1).map(|finding| Finding { refusal: false, ..finding.fix(fix) }));
}
