//! Clauses of CREATE INDEX that Aurora DSQL does not take.

use std::ops::Range;

use crate::finding::{Finding, Fix, Severity};
use crate::rule::{Check, Rule};
use crate::shape::CreateIndex;

pub(super) const RULE: Rule = Rule {
    id: "index-clause",
    rows: &["index/USING", "index/WITH", "index/TABLESPACE", "index/ONLY", "index/WHERE"],
    own: false,
    severity: Severity::Error,
    what: "USING, WITH, TABLESPACE, ONLY, or WHERE in a dialect that has no partial indexes",
    why: "There is one kind of index, stored as the service likes.",
    fix: "The clause goes. USING of anything but btree is a loss: the index serves comparisons only. Without WHERE an index holds every row, which is a loss of space; a unique one \
          would refuse other rows too, and is left to you.",
    example: include_str!("index_clause.sql"),
    check,
};

fn check(check: &Check<'_>, found: &mut Vec<Finding>) {
    let (view, Some(create)) = (check.view, &check.create_index) else { return };
    if let Some(tokens) = &create.using {
        found.extend(method(check, create, tokens.clone()));
    }
    let mut clause = |form: &str, tokens: Range<usize>, loss: Option<String>| {
        let fix = Fix::losing(loss, vec![view.remove(tokens.clone())]);
        found.extend(check.refused(&RULE, form, &[], tokens).map(|finding| finding.fix(fix)));
    };
    if let Some(only) = create.only {
        clause("index/ONLY", only..only + 1, None);
    }
    for (word, form) in [("with", "index/WITH"), ("tablespace", "index/TABLESPACE")] {
        if let Some(tokens) = create.clause(view, word) {
            clause(form, tokens, None);
        }
    }
    found.extend(predicate(check, create));
}

/// USING. Without it every key must be of a type that can be compared.
fn method(check: &Check<'_>, create: &CreateIndex, tokens: Range<usize>) -> Option<Finding> {
    let method = check.view.slice(tokens.start + 1);
    let fix = if let Some((column, ty)) = unkeyed(check, create) {
        Fix::impossible(format!("column {column} is of type {ty}, which no key may have: index what is looked up in it, in a column or an expression"))
    } else {
        let loss = (!method.eq_ignore_ascii_case("btree")).then(|| format!("the index serves comparisons, not what {method} was made for"));
        Fix::losing(loss, vec![check.view.remove(tokens.clone())])
    };
    Some(check.refused(&RULE, "index/USING", &[], tokens)?.fix(fix))
}

/// A key column that is of a type no key may have, where the files make the table.
fn unkeyed(check: &Check<'_>, create: &CreateIndex) -> Option<(String, String)> {
    let table = check.schema.table(&create.table)?;
    create.keys.iter().find_map(|key| {
        let column = table.column(key.column.as_deref()?)?;
        let ty = borealis_pgtypes::types::format_type(borealis_pgtypes::Type::plain(column.ty.oid));
        borealis_dialect::key_type_refusal(&ty, check.options.dialect)?;
        Some((column.name.clone(), ty))
    })
}

fn predicate(check: &Check<'_>, create: &CreateIndex) -> Option<Finding> {
    let tokens = create.clause(check.view, "where")?;
    let fix = if create.unique {
        Fix::impossible("without WHERE the index would refuse rows that it was not made for")
    } else {
        Fix::lossy("the index holds every row", vec![check.view.remove(tokens.clone())])
    };
    Some(check.refused(&RULE, "index/WHERE", &[], tokens)?.fix(fix))
}
