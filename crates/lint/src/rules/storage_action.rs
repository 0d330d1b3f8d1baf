//! Actions of ALTER TABLE about how a table is stored.

use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};
use crate::shape::Action;

pub(super) const RULE: Rule = Rule {
    id: "storage-action",
    rows: &["alter_table/ALTER COLUMN ... SET STATISTICS", "alter_table/*"],
    own: false,
    severity: Severity::Error,
    what: "ALTER TABLE with SET COMPRESSION, SET STATISTICS, SET (...), CLUSTER ON, SET TABLESPACE, SET LOGGED, REPLICA IDENTITY and the like",
    why: "How a table is stored, clustered and gathered statistics on is the service's own business.",
    fix: "The action goes, and the statement with it when it is the only one. REPLICA IDENTITY is a loss: what a change record carries cannot be chosen. Actions that mean something \
          (INHERIT, ATTACH PARTITION, ENABLE ROW LEVEL SECURITY, named triggers, SET DATA TYPE) are left to you.",
    example: include_str!("storage_action.sql"),
    check,
};

/// Words behind the column's name, and PostgreSQL's name of the form.
const OF_COLUMN: &[(&[&str], &str)] = &[
    (&["set", "compression"], "ALTER COLUMN ... SET COMPRESSION"),
    (&["set", "statistics"], "ALTER COLUMN ... SET STATISTICS"),
    (&["set", "("], "ALTER COLUMN ... SET"),
    (&["reset", "("], "ALTER COLUMN ... RESET"),
];
const OF_TABLE: &[(&[&str], &str)] = &[
    (&["set", "("], "SET"),
    (&["reset", "("], "RESET"),
    (&["cluster", "on"], "CLUSTER ON"),
    (&["set", "without", "cluster"], "SET WITHOUT CLUSTER"),
    (&["set", "without", "oids"], "SET WITHOUT OIDS"),
    (&["set", "tablespace"], "SET TABLESPACE"),
    (&["set", "logged"], "SET LOGGED"),
    (&["set", "unlogged"], "SET UNLOGGED"),
    (&["replica", "identity"], "REPLICA IDENTITY"),
];

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let (view, Some(alter)) = (check.view, &check.alter_table) else { return };
    for action in &alter.actions {
        let (forms, start) = match action {
            Action::AlterColumn { rest, .. } => (OF_COLUMN, rest.start),
            Action::Other(tokens) => (OF_TABLE, tokens.start),
            _ => continue,
        };
        let Some((_, form)) = forms.iter().find(|(words, _)| view.are(start, words)) else { continue };
        let loss = (*form == "REPLICA IDENTITY").then(|| "what a change record carries cannot be chosen".to_owned());
        let edit = if alter.actions.len() == 1 { check.remove_statement() } else { view.remove_element(action.tokens()) };
        let finding = check.refused(&RULE, &format!("alter_table/{form}"), &[form], action.tokens());
        found.extend(finding.map(|finding| finding.fix(Fix::losing(loss, vec![edit]))));
    }
}
