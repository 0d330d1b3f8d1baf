//! The library as other programs call it: suppression, selection, severities, schema across files, rows counted.

use borealis_lint::{Linter, Options, Selector, Severity, Verdict, lint};

fn rules(text: &str, options: &Options) -> Vec<String> {
    lint(text, options).findings.iter().map(|finding| format!("{}:{} {}", finding.line, finding.severity.name(), finding.rule)).collect()
}

fn found(text: &str) -> Vec<String> {
    rules(text, &Options::default())
}

const NOTHING: [String; 0] = [];

#[test]
fn a_comment_suppresses_for_the_next_statement_or_the_file() {
    assert_eq!(found("TRUNCATE t;\nTRUNCATE t;"), ["1:error statement/truncate", "2:error statement/truncate"]);
    assert_eq!(found("-- borealis-lint: disable=statement/truncate\nTRUNCATE t;\nTRUNCATE t;"), ["3:error statement/truncate"]);
    assert_eq!(found("TRUNCATE /* borealis-lint: disable=truncate */ t;"), NOTHING);
    assert_eq!(found("TRUNCATE t;\n-- borealis-lint: disable-file=statement,index: as agreed"), ["2:warning suppression"]);
    assert_eq!(found("TRUNCATE t;\n-- borealis-lint: disable-file=statement,index as agreed"), NOTHING);
    assert_eq!(found("-- borealis-lint: disable\nTRUNCATE t;"), NOTHING);
    assert_eq!(found("-- borealis-lint: enable=truncate\nSELECT 1;"), ["1:warning suppression"]);
}

#[test]
fn rules_are_selected_ignored_and_weighed() {
    let text = "CREATE TABLE t (a int);\nTRUNCATE t;\nDELETE FROM t;";
    let selector = |text: &str| Selector::new(text).unwrap();
    let select = |rules: &[&str]| Options { select: rules.iter().map(|rule| selector(rule)).collect(), ..Options::default() };
    assert_eq!(rules(text, &select(&["unfiltered-write"])), ["3:warning unfiltered-write"]);
    assert_eq!(rules(text, &select(&["statement"])), ["2:error statement/truncate"]);
    let ignore = Options { ignore: vec![selector("truncate"), selector("missing-primary-key")], ..Options::default() };
    assert_eq!(rules(text, &ignore), ["3:warning unfiltered-write"]);
    let severity = vec![(selector("all"), Severity::Off), (selector("missing-primary-key"), Severity::Error)];
    assert_eq!(rules(text, &Options { severity, ..Options::default() }), ["1:error missing-primary-key"]);
    let twice = "CREATE TABLE t (a int PRIMARY KEY);\nCREATE TABLE t (a int PRIMARY KEY);";
    let ignore = Options { ignore: vec![selector("sql/42P07"), selector("sequential-key")], ..Options::default() };
    assert!(found(twice).contains(&"2:error sql/42p07".to_owned()));
    assert_eq!(rules(twice, &ignore), NOTHING);
    assert!(Selector::new("sql/42").is_err());
    assert_eq!(
        Selector::new("missing-primary-kee").unwrap_err(),
        "no rule is called \"missing-primary-kee\"; did you mean \"missing-primary-key\"? (borealis lint --list-rules names all)"
    );
}

#[test]
fn a_configuration_says_what_it_means_or_is_an_error() {
    let options = Options::from_toml("dialect = \"2026-02\"\nidentity-cache = 65536\n[severity]\ntruncate = \"warning\"").unwrap();
    assert_eq!(rules("TRUNCATE t", &options), ["1:warning statement/truncate"]);
    assert_eq!(options.identity_cache.get(), 65_536);
    for (text, problem) in [
        ("dialekt = \"2026-02\"", "unknown field `dialekt`"),
        ("dialect = \"2025-01\"", "unknown dialect \"2025-01\""),
        ("ignore = [\"nothing\"]", "no rule is called \"nothing\""),
        ("identity-cache = 20", "identity-cache 20 is none that Aurora DSQL takes"),
        ("[severity]\ntruncate = \"loud\"", "unknown variant `loud`"),
        ("dialect = ", "TOML parse error at line 1"),
    ] {
        let error = Options::from_toml(text).unwrap_err();
        assert!(error.contains(problem), "{text}: {error}");
    }
}

#[test]
fn files_are_one_schema_and_what_they_do_not_say_is_no_mistake() {
    let mut linter = Linter::new(Options::default());
    assert!(linter.lint("CREATE TABLE t (id serial PRIMARY KEY, a text);").count(Severity::Error) == 1);
    let report = linter.lint("SELECT b FROM t;\nSELECT b FROM elsewhere;\nALTER TABLE t DROP COLUMN id;");
    let shown: Vec<_> = report.findings.iter().map(|finding| (finding.line, finding.severity, finding.message.as_str())).collect();
    assert_eq!(shown, [(1, Severity::Error, "column \"b\" does not exist"), (3, Severity::Error, "cannot drop primary key column id")]);
    let strict = Options { strict_schema: true, ..Options::default() };
    assert_eq!(rules("SELECT b FROM elsewhere;", &strict), ["1:error sql/42p01"]);
}

#[test]
fn every_refusal_of_a_statement_is_found_not_only_the_first() {
    let text =
        "CREATE TABLE t (id serial PRIMARY KEY, price money, tags text[], a text COLLATE \"C\") WITH (fillfactor = 70) TABLESPACE fast;";
    let report = lint(text, &Options::default());
    let rules: Vec<&str> =
        report.findings.iter().filter(|finding| finding.severity == Severity::Error).map(|finding| finding.rule.as_str()).collect();
    assert_eq!(rules, ["serial", "type/money", "type/array", "column/collate", "create_table/with", "create_table/tablespace"]);
}

#[test]
fn a_dump_is_linted_as_it_is() {
    let dump = "\\connect shop\nSET statement_timeout = 0;\nSELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE public.t (\n    id bigint NOT NULL\n);\n\nCOPY public.t (id) FROM stdin;\n1\n'\n\\.\n\n\nALTER TABLE ONLY public.t\n    ADD CONSTRAINT t_pkey PRIMARY KEY (id);\n";
    assert_eq!(found(dump), ["1:info psql-command", "2:error setting/other", "15:error alter_table/add-constraint"]);
    let fixed = lint(dump, &Options::default()).fixed();
    assert_eq!(
        fixed,
        "\\connect shop\nSELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE public.t (\n    id bigint NOT NULL,\n    CONSTRAINT t_pkey PRIMARY KEY (id)\n);\n\nCOPY public.t (id) FROM stdin;\n1\n'\n\\.\n\n\n"
    );
    assert_eq!(found("COPY t FROM stdin;\n1\t2\n"), ["2:error copy-data"]);
    assert_eq!(found("SELECT :x;"), ["1:info sql/42601"]);
}

#[test]
fn rows_of_a_transaction_are_counted() {
    let rows: Vec<String> = (0..7000).map(|n| format!("({n}, 'a(b,c')")).collect();
    let text = format!("INSERT INTO t (a, b) VALUES\n{}\nON CONFLICT DO NOTHING;\n", rows.join(",\n"));
    let report = lint(&text, &Options::default());
    assert_eq!(report.findings[0].message, "transaction row limit exceeded");
    let fixed = report.fix(false);
    assert_eq!(fixed.text.matches("INSERT INTO t (a, b) VALUES\n").count(), 3);
    assert_eq!(fixed.text.matches("ON CONFLICT DO NOTHING;").count(), 3);
    assert_eq!((fixed.applied.len(), fixed.applied[0].verdict), (1, Verdict::Loss));
    assert!(fixed.remaining.findings.is_empty(), "{:?}", fixed.remaining.findings);
    let inside = lint(&format!("BEGIN;\n{text}COMMIT;"), &Options::default());
    assert_eq!(inside.findings[0].fix.as_ref().map(|fix| fix.verdict), Some(Verdict::Impossible));
    let data = format!("COPY t FROM stdin;\n{}\\.\n", "1\n".repeat(3001));
    assert_eq!(found(&data), ["1:error limit/rows-per-transaction"]);
}

#[test]
fn an_index_that_hangs_on_more_than_its_row_is_advised_on() {
    let report = lint(
        "CREATE TABLE t (id uuid PRIMARY KEY, at timestamptz);\nCREATE INDEX ASYNC ON t (date_trunc('day', at));",
        &Options::default(),
    );
    let finding = report.findings.last().unwrap();
    assert_eq!((finding.rule.as_str(), finding.message.as_str()), ("sql/42p17", "functions in index expression must be marked IMMUTABLE"));
    assert!(finding.hint.as_ref().is_some_and(|hint| hint.contains("AT TIME ZONE")), "{finding:?}");
}

#[test]
fn a_fix_says_what_this_very_fix_loses() {
    let loss = |text: &str| {
        let fix = lint(text, &Options::default()).findings.into_iter().find_map(|finding| finding.fix).unwrap();
        fix.loss.unwrap_or_default()
    };
    let table = "CREATE TABLE t (id uuid PRIMARY KEY);\n";
    assert_eq!(
        loss(&format!("{table}ALTER TABLE t ADD COLUMN n int UNIQUE;")),
        "several statements take the place of one; UNIQUE is a unique index, which a job builds"
    );
    assert_eq!(
        loss(&format!("{table}ALTER TABLE t ADD COLUMN n int DEFAULT 0;")),
        "several statements take the place of one; rows that exist are filled in batches"
    );
    assert_eq!(
        loss("ALTER TABLE elsewhere ADD COLUMN n int DEFAULT 0;"),
        "several statements take the place of one; rows that exist are filled by one statement, which is refused beyond 3,000: batches need a key"
    );
}

#[test]
fn a_trigger_is_dropped_only_where_that_does_nothing() {
    assert_eq!(found("DROP TRIGGER x ON t;"), ["1:error object/drop-trigger"]);
    assert_eq!(found("DROP TRIGGER IF EXISTS x ON t;"), NOTHING);
}

#[test]
fn a_report_is_data() {
    let value = serde_json::to_value(lint("TRUNCATE t", &Options::default())).unwrap();
    let finding = &value["findings"][0];
    assert_eq!(finding["rule"], "statement/truncate");
    assert_eq!(finding["sqlstate"], "0A000");
    assert_eq!(finding["span"], serde_json::json!({ "start": 0, "end": 8 }));
    assert_eq!(finding["fix"]["edits"][0]["text"], "DELETE FROM t WHERE true");
}
