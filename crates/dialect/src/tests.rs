use std::collections::{BTreeSet, HashMap};

use super::compat::FAMILIES;
use super::*;

fn day_is_well_formed(day: Option<&str>) -> bool {
    day.is_none_or(|d| d.len() == 10 && d.as_bytes()[4] == b'-' && d.as_bytes()[7] == b'-' && d.starts_with("202"))
}

#[test]
fn every_row_is_well_formed() {
    for row in rows() {
        assert!(row.key.contains('/') && !row.form().is_empty(), "{row:?}");
        assert!(day_is_well_formed(row.since) && day_is_well_formed(row.until), "{row:?}");
        let refuses = row.verdict != Verdict::Accepted;
        assert_eq!(refuses, row.message != "-", "a refusal has a message and nothing else has: {row:?}");
        assert_eq!(refuses, row.sqlstate.len() == 5, "{row:?}");
        assert_eq!(row.family() == "limit", row.value.parse::<u64>().is_ok(), "limits have numbers: {row:?}");
        assert!(!row.key.ends_with(' ') && !row.message.ends_with(' '), "{row:?}");
    }
}

#[test]
fn no_two_rows_of_a_key_hold_on_one_day() {
    let mut seen: HashMap<&str, Vec<&Row>> = HashMap::new();
    for row in rows() {
        let others = seen.entry(row.key).or_default();
        for other in others.iter() {
            let disjoint = match ((row.since, row.until), (other.since, other.until)) {
                ((Some(start), _), (_, Some(end))) if end <= start => true,
                ((_, Some(end)), (Some(start), _)) if end <= start => true,
                _ => false,
            };
            assert!(disjoint, "two rows of {} overlap", row.key);
        }
        others.push(row);
    }
}

#[test]
fn every_family_has_a_section_of_the_page() {
    let families: BTreeSet<&str> = rows().iter().map(Row::family).collect();
    let sections: BTreeSet<&str> = FAMILIES.iter().map(|(family, _)| *family).collect();
    assert_eq!(families, sections);
}

#[test]
fn arguments_fill_the_template() {
    let refusal = refusal("setting/*", &["work_mem"], Dialect::D2026_09).expect("work_mem is on no allow list");
    assert_eq!(
        refusal,
        Refusal { form: "setting/*", sqlstate: "0A000", message: "setting configuration parameter \"work_mem\" not supported".into() }
    );
}

#[test]
fn a_form_without_a_row_is_refused_by_its_family() {
    let message = |key: &str, arg: &str| refusal(key, &[arg], Dialect::D2026_09).map(|r| r.message);
    assert_eq!(message("statement/CreateAm", "CreateAm").as_deref(), Some("unsupported statement: CreateAm"));
    assert_eq!(message("alter_table/INHERIT", "INHERIT").as_deref(), Some("unsupported ALTER TABLE INHERIT statement"));
    assert_eq!(message("nonsense", ""), Some("nonsense is not supported by this version of Borealis".into()));
}

#[test]
fn dates_decide() {
    assert!(refusal("alter_table/DROP COLUMN", &[], Dialect::D2026_09).is_none());
    let old = refusal("alter_table/DROP COLUMN", &[], Dialect::D2026_02).expect("not before August");
    assert_eq!(old.message, "unsupported ALTER TABLE DROP COLUMN statement");
    assert_eq!(limit("numeric precision", Dialect::D2026_02), 38);
    assert_eq!(limit("numeric precision", Dialect::D2026_09), 1000);
    assert_eq!("2026-02".parse(), Ok(Dialect::D2026_02));
    assert!("2025-12".parse::<Dialect>().is_err());
}

#[test]
fn types_of_columns_and_keys() {
    let now = Dialect::D2026_09;
    assert_eq!(column_type("integer", false, now), ColumnType::Key);
    assert_eq!(column_type("jsonb", false, now), ColumnType::NotKey);
    let text = |ty| match ty {
        ColumnType::Refused(refusal) => refusal.message,
        other => format!("{other:?}"),
    };
    assert_eq!(text(column_type("integer", true, now)), "datatype integer[] not supported");
    assert_eq!(text(column_type("bit varying", false, now)), "datatype bit varying not supported");
    assert_eq!(text(column_type("tstzrange", false, now)), "datatype tstzrange not supported");
    assert_eq!(text(column_type("jsonb", false, Dialect::D2026_02)), "datatype jsonb not supported");
    assert_eq!(key_type_refusal("bytea", now).map(|r| r.message), Some("datatype bytea is not supported in a key".into()));
    assert_eq!(key_type_refusal("uuid", now), None);
}

#[test]
fn the_allow_list_of_parameters() {
    let refused = |name, usage| setting_refusal(name, usage, Dialect::D2026_09).is_some();
    assert!(!refused("TimeZone", SettingUse::Session));
    assert!(refused("statement_timeout", SettingUse::Session));
    assert!(refused("role", SettingUse::Session));
    assert!(!refused("role", SettingUse::Local));
    assert!(!refused("role", SettingUse::Reset));
    assert!(refused("my.custom", SettingUse::Local));
}

#[test]
fn the_page_lists_every_row_of_the_dialect() {
    for dialect in Dialect::ALL {
        let page = compat_markdown(dialect);
        for row in rows().iter().filter(|row| row.holds(dialect) && row.verdict != Verdict::Accepted) {
            assert!(page.contains(&row.message_with(&[])), "{} is missing from the page of {dialect}", row.key);
        }
    }
}

#[test]
fn a_cluster_lowers_its_limits() {
    let lowered = |texts: &[&str]| {
        let mut lowered = Lowered::default();
        texts.iter().try_for_each(|text| lowered.add(text)).and_then(|()| Limits::lowered(Dialect::D2026_09, lowered))
    };
    let limits = lowered(&["rows-per-transaction=10", "indexes per table=2"]).expect("both can be lowered");
    assert_eq!((limits.get("rows per transaction"), limits.get("schemas")), (10, 10));
    assert_eq!(limits.check("indexes per table", 2, &[]), Ok(()));
    let refusal = limits.check("indexes per table", 3, &[]).expect_err("one too many");
    assert_eq!(refusal.message, "more than 2 indexes per table are not allowed");
    let problem = |texts: &[&str]| lowered(texts).map(|_| ()).expect_err("refused");
    assert_eq!(problem(&["schemas"]), LimitError::Form("schemas".into()));
    assert_eq!(problem(&["schemas=many"]), LimitError::Form("schemas=many".into()));
    assert_eq!(problem(&["wishes=3"]), LimitError::Unknown("wishes".into()));
    assert_eq!(problem(&["syntax-depth=3"]), LimitError::Fixed("syntax depth"));
    assert_eq!(problem(&["schemas=3", "schemas=4"]), LimitError::Contradiction("schemas"));
    assert_eq!(problem(&["schemas=11"]), LimitError::Raised { name: "schemas", value: 11, most: 10 });
}

#[test]
fn every_refused_form_has_an_example() {
    let examples: BTreeSet<&str> = examples().map(|(key, _)| key).collect();
    let keys: BTreeSet<&str> = rows().iter().map(|row| row.key).collect();
    assert_eq!(examples.difference(&keys).collect::<Vec<_>>(), Vec::<&&str>::new(), "examples of no row");
    // Columns of every type are made up from the type's name, limits are reached one by one, and two rows need an open transaction.
    let elsewhere = |row: &Row| {
        matches!(row.family(), "type" | "key_type" | "limit") || matches!(row.key, "transaction/multiple ddl" | "transaction/ddl and dml")
    };
    let refused = rows().iter().filter(|row| row.verdict == Verdict::Refused && !elsewhere(row));
    let without: Vec<&str> = refused.map(|row| row.key).filter(|key| !examples.contains(key)).collect();
    assert_eq!(without, Vec::<&str>::new(), "add an example to data/examples.tsv");
}
