//! CREATE INDEX without ASYNC, CONCURRENTLY among it.

use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};

pub(super) const RULE: Rule = Rule {
    id: "index-async",
    rows: &["index/without async", "index/CONCURRENTLY"],
    own: false,
    severity: Severity::Error,
    what: "an index that is not built in the background",
    why: "Aurora DSQL builds every index by a job that blocks nobody.",
    fix: "ASYNC is put in, in the place of CONCURRENTLY where that stands. What is lost: the statement returns a job's id at once, and the index can be relied on, a unique one \
          too, when the job has completed (`CALL sys.wait_for_job('id')`).",
    example: include_str!("index_async.sql"),
    check,
};

const LOSS: &str = "the statement returns before the index is built: wait for its job";

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let (view, Some(create)) = (check.view, &check.create_index) else { return };
    if let Some(word) = create.concurrently {
        let fix = Fix::lossy(LOSS, vec![view.replace(word..word + 1, "ASYNC")]);
        found.extend(check.refused(&RULE, "index/CONCURRENTLY", &[], word..word + 1).map(|finding| finding.fix(fix)));
    } else if !create.asynchronous {
        let fix = Fix::lossy(LOSS, vec![view.insert_after(create.index, " ASYNC")]);
        found.extend(check.refused(&RULE, "index/without async", &[], 0..create.index + 1).map(|finding| finding.fix(fix)));
    }
}
