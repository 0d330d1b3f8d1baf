//! The function and operator tables against PostgreSQL 16's `pg_proc` and `pg_operator`.

use std::collections::{HashMap, HashSet};

use borealis_pgtypes::{Body, Function, Oid, Volatility, functions, operators};

/// The lowest oid of a row that is Borealis's own and not PostgreSQL's.
const OWN_ROWS: u32 = 9900;

fn rows(extract: &'static str) -> HashMap<u32, Vec<&'static str>> {
    let lines = extract.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split('\t').collect::<Vec<_>>()).map(|row| (row[0].parse().expect("oid"), row)).collect()
}

fn describe(function: &Function) -> Vec<String> {
    let args: Vec<String> = function.args.iter().map(Oid::to_string).collect();
    let volatility = match function.volatility {
        Volatility::Immutable => "i",
        Volatility::Stable => "s",
        Volatility::Volatile => "v",
    };
    let kind = match function.body {
        Body::Aggregate(_) => "a",
        Body::Window => "w",
        Body::Scalar(_) | Body::Session(_) | Body::Set(_) | Body::SessionSet(_) => "f",
    };
    let flag = |value: bool| if value { "t" } else { "f" }.to_owned();
    vec![
        function.oid.to_string(),
        function.name.to_owned(),
        args.join(" "),
        function.result.to_string(),
        flag(function.strict),
        volatility.to_owned(),
        kind.to_owned(),
        flag(function.variadic),
    ]
}

#[test]
fn functions_are_rows_of_pg_proc() {
    let expected = rows(include_str!("data/pg_proc.tsv"));
    let mut wrong = Vec::new();
    for function in functions::all().iter().filter(|function| function.oid.0 < OWN_ROWS) {
        let mut found = describe(function);
        let Some(row) = expected.get(&function.oid.0) else {
            wrong.push(format!("{found:?} is not in pg_proc"));
            continue;
        };
        // Strictness of an aggregate is its transition function's: pg_proc says nothing of it.
        if matches!(function.body, Body::Aggregate(_)) {
            found[4] = row[4].to_owned();
        }
        if found != *row {
            wrong.push(format!("{found:?}\n    pg_proc: {row:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} rows differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn function_oids_are_unique() {
    let mut seen = HashSet::new();
    let twice: Vec<_> =
        functions::all().iter().filter(|function| !seen.insert(function.oid)).map(|function| (function.oid, function.name)).collect();
    assert!(twice.is_empty(), "listed twice: {twice:?}");
}

#[test]
fn lookups_agree_with_the_list() {
    for function in functions::all() {
        assert!(std::ptr::eq(functions::by_oid(function.oid).expect("by oid"), *function));
        assert!(functions::by_name(function.name).iter().any(|other| std::ptr::eq(*other, *function)));
    }
    for operator in operators::all() {
        assert!(std::ptr::eq(operators::by_oid(operator.oid).expect("by oid"), *operator));
        assert!(operators::by_name(operator.name).iter().any(|other| std::ptr::eq(*other, *operator)));
    }
    assert!(functions::by_name("no such function").is_empty() && operators::by_name("!!!").is_empty());
}

#[test]
fn operators_are_rows_of_pg_operator() {
    let expected = rows(include_str!("data/pg_operator.tsv"));
    let mut wrong = Vec::new();
    for operator in operators::all() {
        let links = [operator.commutator, operator.negator].map(|link| link.0);
        let found = [operator.oid, operator.left, operator.right, operator.result, operator.function].map(|oid| oid.to_string());
        let Some(row) = expected.get(&operator.oid.0) else {
            wrong.push(format!("{operator:?} is not in pg_operator"));
            continue;
        };
        // A link to an operator that Borealis does not have is left out.
        let linked = |index: usize, link: u32| {
            link.to_string() == row[index] || (link == 0 && row[index].parse().is_ok_and(|oid| operators::by_oid(Oid(oid)).is_none()))
        };
        if found != [row[0], row[2], row[3], row[4], row[5]].map(str::to_owned)
            || operator.name != row[1]
            || !linked(6, links[0])
            || !linked(7, links[1])
        {
            wrong.push(format!("{operator:?}\n    pg_operator: {row:?}"));
        }
        if functions::by_oid(operator.function).is_none() {
            wrong.push(format!("{operator:?} has no function"));
        }
    }
    assert!(wrong.is_empty(), "{} rows differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_operator_whose_function_exists_is_listed() {
    let missing: Vec<_> = rows(include_str!("data/pg_operator.tsv"))
        .into_values()
        .filter(|row| {
            functions::by_oid(Oid(row[5].parse().expect("oid"))).is_some() && operators::by_oid(Oid(row[0].parse().expect("oid"))).is_none()
        })
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
