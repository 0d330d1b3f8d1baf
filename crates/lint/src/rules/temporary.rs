//! Temporary and unlogged tables and views, ON COMMIT.

use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    id: "temporary",
    rows: &["create_table/TEMPORARY", "create_table/UNLOGGED", "create_table/ON COMMIT", "view/TEMPORARY", "view/UNLOGGED"],
    own: false,
    severity: Severity::Error,
    what: "a temporary or unlogged table or view",
    why: "Every table and view of Aurora DSQL is there for everybody and durable.",
    fix: "TEMPORARY goes, with ON COMMIT: the table is a permanent one, shared by all sessions, and has to be emptied and dropped by hand. UNLOGGED goes without a loss: \
          the table is durable.",
    example: include_str!("temporary.sql"),
    check,
};

const LOSS: &str = "it is permanent and shared by all sessions: drop it when it is done with";

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let view = check.view;
    if let Some(create) = &check.create_table {
        for word in create.modifiers.clone() {
            let (form, loss) = match () {
                () if view.is(word, "unlogged") => ("create_table/UNLOGGED", None),
                () if view.is_any(word, &["temp", "temporary"]) => ("create_table/TEMPORARY", Some(LOSS.to_owned())),
                () => continue,
            };
            let fix = Fix::losing(loss, vec![view.remove(create.modifiers.clone())]);
            found.extend(check.refused(&RULE, form, &[], word..word + 1).map(|finding| finding.fix(fix)));
        }
        if let Some(tokens) = create.clause(view, &["on", "commit"]) {
            let fix = Fix::losing(loss_of_on_commit(check, tokens.start), vec![view.remove(tokens.clone())]);
            found.extend(check.refused(&RULE, "create_table/ON COMMIT", &[], tokens).map(|finding| finding.fix(fix)));
        }
    } else if view.is(0, "create") {
        let start = view.skip(1, &["or", "replace"]);
        let Some(word) = (start..start + 4).find(|index| view.is(*index, "view")) else { return };
        let word = if view.is(word - 1, "recursive") { word - 1 } else { word };
        if start < word && (start..word).all(|index| view.is_any(index, &["global", "local", "temp", "temporary"])) {
            let fix = Fix::lossy(LOSS, vec![view.remove(start..word)]);
            found.extend(check.refused(&RULE, "view/TEMPORARY", &[], start..word).map(|finding| finding.fix(fix)));
        }
    }
}

fn loss_of_on_commit(check: &Check<'_>, at: usize) -> Option<String> {
    let kept = check.view.are(at + 2, &["preserve", "rows"]);
    (!kept).then(|| "rows stay when the transaction ends".to_owned())
}
