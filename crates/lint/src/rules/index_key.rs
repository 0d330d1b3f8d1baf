//! Sort order and operator classes of an index's keys.

use std::ops::Range;

use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};
use crate::shape::CreateIndex;

pub(super) const RULE: Rule = Rule {
    id: "index-key",
    rows: &["index/sort order", "index/operator class"],
    own: false,
    severity: Severity::Error,
    what: "ASC, DESC or an operator class behind an index's key",
    why: "Keys are kept in ascending order, and an index is read in both directions.",
    fix: "The word goes. DESC is a loss where other keys of the index ascend: an ORDER BY that mixes directions is then sorted. The operator classes for text patterns are not needed, \
          because text is in C collation; any other class is a loss.",
    example: include_str!("index_key.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let (view, Some(create)) = (check.view, &check.create_index) else { return };
    for key in &create.keys {
        if let Some(tokens) = &key.opclass {
            let fix = Fix::losing(loss_of_class(check, tokens.clone()), vec![view.remove(tokens.clone())]);
            found.extend(check.refused(&RULE, "index/operator class", &[], tokens.clone()).map(|finding| finding.fix(fix)));
        }
        if let Some(word) = key.order {
            let loss = (view.is(word, "desc") && is_mixed(check, create)).then(|| "an ORDER BY in this mixed order is sorted, not read off the index".to_owned());
            let fix = Fix::losing(loss, vec![view.remove(word..word + 1)]);
            found.extend(check.refused(&RULE, "index/sort order", &[], word..word + 1).map(|finding| finding.fix(fix)));
        }
    }
}

fn is_mixed(check: &Check<'_>, create: &CreateIndex) -> bool {
    let descending = create.keys.iter().filter(|key| key.order.is_some_and(|word| check.view.is(word, "desc"))).count();
    descending != create.keys.len()
}

fn loss_of_class(check: &Check<'_>, tokens: Range<usize>) -> Option<String> {
    let class = check.view.name(tokens.start)?.name;
    let same = matches!(
        class.as_str(),
        "text_pattern_ops" | "varchar_pattern_ops" | "bpchar_pattern_ops" | "text_ops" | "varchar_ops" | "bpchar_ops" | "int4_ops" | "int8_ops" | "int2_ops"
            | "uuid_ops" | "date_ops" | "timestamp_ops" | "timestamptz_ops" | "bool_ops" | "numeric_ops" | "float8_ops" | "float4_ops"
    );
    (!same).then(|| format!("the index serves comparisons, not what {class} was made for"))
}
