//! The type map, row by row, and dumps that are broken.

use borealis_dialect::Dialect;
use proptest::prelude::*;

use super::types::column_type;
use crate::options::{Options, ZeroDates};
use crate::verify::Verifier;

/// MySQL's type, choices, and what it becomes: type, checks on a column `c`, codes of losses.
#[rustfmt::skip]
const TYPES: &[(&str, &str, &str, &str, &str)] = &[
    ("tinyint", "", "smallint", "", ""),
    ("tinyint(4)", "", "smallint", "", ""),
    ("tinyint(1)", "", "boolean", "", ""),
    ("tinyint(1)", "tinyint1=smallint", "smallint", "", ""),
    ("bool", "", "boolean", "", ""),
    ("boolean", "", "boolean", "", ""),
    ("tinyint(3) unsigned", "", "smallint", "c >= 0", ""),
    ("smallint(6)", "", "smallint", "", ""),
    ("smallint unsigned", "", "smallint", "c >= 0", "unsigned-range"),
    ("smallint unsigned", "unsigned=widen", "integer", "c >= 0", ""),
    ("mediumint(9)", "", "integer", "", ""),
    ("mediumint unsigned", "", "integer", "c >= 0", ""),
    ("int", "", "integer", "", ""),
    ("integer(11)", "", "integer", "", ""),
    ("int(10) unsigned", "", "integer", "c >= 0", "unsigned-range"),
    ("int unsigned", "unsigned=widen", "bigint", "c >= 0", ""),
    ("int(6) unsigned zerofill", "unsigned=widen", "bigint", "c >= 0", "zerofill"),
    ("bigint(20)", "", "bigint", "", ""),
    ("bigint unsigned", "", "bigint", "c >= 0", "unsigned-range"),
    ("bigint unsigned", "unsigned=widen", "numeric(20,0)", "c >= 0", ""),
    ("float", "", "real", "", ""),
    ("float(24)", "", "real", "", ""),
    ("float(25)", "", "double precision", "", ""),
    ("float(7,4)", "", "real", "", "float-digits"),
    ("double", "", "double precision", "", ""),
    ("double precision", "", "double precision", "", ""),
    ("real", "", "double precision", "", ""),
    ("double(10,2) unsigned", "", "double precision", "c >= 0", "float-digits"),
    ("decimal", "", "numeric(10,0)", "", ""),
    ("decimal(10,2)", "", "numeric(10,2)", "", ""),
    ("numeric(12,4) unsigned", "", "numeric(12,4)", "c >= 0", ""),
    ("decimal(65,30)", "", "numeric(65,30)", "", ""),
    ("decimal(65,30)", "2026-02", "numeric(38,30)", "", "numeric-precision"),
    ("bit(1)", "", "boolean", "", ""),
    ("bit", "", "boolean", "", ""),
    ("bit(8)", "", "bytea", "", "bit-bytes"),
    ("bit(15)", "bit=integer", "smallint", "", ""),
    ("bit(31)", "bit=integer", "integer", "", ""),
    ("bit(63)", "bit=integer", "bigint", "", ""),
    ("bit(64)", "bit=integer", "numeric(20,0)", "", ""),
    ("char(10)", "", "char(10)", "", ""),
    ("char", "", "char(1)", "", ""),
    ("char(0)", "", "varchar(1)", "c = ''", ""),
    ("varchar(255)", "", "varchar(255)", "", ""),
    ("varchar(20) character set latin1 collate latin1_bin", "", "varchar(20)", "", ""),
    ("national varchar(20)", "", "varchar(20)", "", ""),
    ("varchar(20) character set binary", "", "bytea", "", ""),
    ("tinytext", "", "text", "", ""),
    ("text", "", "text", "", ""),
    ("mediumtext", "", "text", "", "value-size"),
    ("longtext", "", "text", "", "value-size"),
    ("enum('a','b''c')", "", "varchar(255)", "c IN ('a', 'b''c')", "enum-order"),
    ("enum(\"x\")", "enum=text", "text", "c IN ('x')", "enum-order"),
    ("set('a','b')", "", "text", "string_to_array(c, ',') <@ ARRAY['a', 'b']", "set-number"),
    ("set('a')", "set=jsonb", "jsonb", "jsonb_typeof(c) = 'array' AND c <@ '[\"a\"]'::jsonb", "set-number"),
    ("date", "", "date", "", ""),
    ("datetime", "", "timestamp", "", ""),
    ("datetime(3)", "", "timestamp(3)", "", ""),
    ("timestamp", "", "timestamp", "", "timestamp-zone"),
    ("timestamp(6)", "timestamp=timestamptz", "timestamptz(6)", "", ""),
    ("time", "", "time", "", "time-range"),
    ("time(2)", "time=interval", "interval(2)", "", ""),
    ("year(4)", "", "integer", "", ""),
    ("year", "year=smallint", "smallint", "", ""),
    ("binary(16)", "", "bytea", "", ""),
    ("varbinary(20)", "", "bytea", "", ""),
    ("tinyblob", "", "bytea", "", ""),
    ("blob", "", "bytea", "", ""),
    ("mediumblob", "", "bytea", "", "value-size"),
    ("longblob", "", "bytea", "", "value-size"),
    ("json", "", "json", "", ""),
    ("json", "json=jsonb", "jsonb", "", ""),
    ("json", "json=text", "text", "", "json-text"),
    ("json", "2026-02", "text", "", "json-text"),
    ("geometry", "", "bytea", "", "spatial-bytes"),
    ("point", "", "bytea", "", "spatial-bytes"),
    ("geomcollection", "", "bytea", "", "spatial-bytes"),
    ("uuid", "", "uuid", "", ""),
    ("inet4", "", "varchar(15)", "", "network-type"),
    ("inet6", "", "varchar(39)", "", "network-type"),
];

#[test]
fn every_type_becomes_what_the_map_says() {
    for (source, choice, sql_type, checks, losses) in TYPES {
        let mut options = Options::of(Dialect::D2026_09);
        match *choice {
            "" => {}
            "2026-02" => options.dialect = Dialect::D2026_02,
            choice => options.choices.set(choice).expect("a choice"),
        }
        let mapped = column_type(source, &options).unwrap_or_else(|error| panic!("{source}: {error}"));
        let conditions: Vec<String> = mapped.checks.iter().map(|check| check.condition("c")).collect();
        let codes: Vec<&str> = mapped.losses.iter().map(|loss| loss.code).collect();
        let found = (mapped.sql_type.as_str(), conditions.join("; "), codes.join(", "));
        assert_eq!(found, (*sql_type, (*checks).to_owned(), (*losses).to_owned()), "{source} {choice}");
    }
}

#[test]
fn unknown_types_and_refused_ones_stop() {
    let mut options = Options::of(Dialect::D2026_09);
    for text in ["hypercube", "int(", "enum", "int unsigned twice", "", "national int"] {
        let result = column_type(text, &options);
        assert!(result.is_err() || text == "enum", "{text}: {result:?}");
    }
    options.choices.set("spatial=error").expect("a choice");
    assert!(column_type("point", &options).is_err());
}

const DUMP: &str = "/*!40101 SET NAMES utf8mb4 */;\nCREATE TABLE `a b` (`id` int(10) unsigned NOT NULL AUTO_INCREMENT, `e` enum('x','y') DEFAULT 'x', `d` date DEFAULT NULL,\n\
    `t` tinyint(1) DEFAULT b'0', `s` varchar(20) COMMENT 'it''s', `g` int GENERATED ALWAYS AS (`id` + 1) VIRTUAL, PRIMARY KEY (`id`), KEY `k` (`s`(5)),\n\
    CONSTRAINT `c` CHECK (`id` > 0 and `t` in (0,1))) ENGINE=InnoDB AUTO_INCREMENT=5 /*!50100 PARTITION BY HASH (`id`) PARTITIONS 2 */;\n\
    INSERT INTO `a b` (`id`, `e`, `d`, `t`, `s`) VALUES (1,'x','2026-01-31',1,'a\\'b\\\\'),(2,NULL,NULL,b'1',0x41);\n\
    ALTER TABLE `a b` ADD COLUMN n DECIMAL(5,2) DEFAULT -1.5 AFTER `e`, DROP KEY k, MODIFY s TEXT NOT NULL;\nALTER TABLE other DROP COLUMN c;\n\
    DELIMITER ;;\nCREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW BEGIN SET NEW.a = 1; END ;;\nDELIMITER ;\n";

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// A dump with bytes changed, cut out or doubled gives an answer or an error, never a panic.
    #[test]
    fn broken_dumps_are_answered(edits in prop::collection::vec((0..DUMP.len(), 0..4_u8, any::<u8>(), 1..40_usize), 1..6)) {
        let mut bytes = DUMP.as_bytes().to_vec();
        for (at, kind, byte, length) in edits {
            let at = at.min(bytes.len().saturating_sub(1));
            let end = (at + length).min(bytes.len());
            match kind {
                0 if at < bytes.len() => bytes[at] = byte,
                1 => drop(bytes.drain(at..end)),
                2 => { let copy = bytes[at..end].to_vec(); bytes.splice(at..at, copy); }
                _ => bytes.truncate(at.max(1)),
            }
        }
        let options = Options { zero_dates: ZeroDates::Null, ..Options::of(Dialect::D2026_09) };
        let _ = super::convert(&bytes, &options);
    }
}

#[test]
fn rows_come_in_batches_and_counters_go_on_behind_them() {
    let rows: Vec<String> = (1..=2_500).map(|id| format!("({id},'v{id}')")).collect();
    let source = format!("CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, v TEXT);\nINSERT INTO t VALUES {};", rows.join(","));
    let conversion = super::convert(source.as_bytes(), &Options::of(Dialect::D2026_09)).expect("it converts");
    let batches: Vec<usize> =
        conversion.statements.iter().filter(|one| one.sql.starts_with("INSERT")).map(|one| one.sql.lines().count() - 1).collect();
    assert_eq!(batches, [1_000, 1_000, 500]);
    assert!(
        conversion.statements[0].sql.contains("GENERATED BY DEFAULT AS IDENTITY (START WITH 2501 CACHE 65536)"),
        "{}",
        conversion.statements[0].sql
    );
}

#[test]
fn numbers_become_uuids_that_references_follow() {
    let source = "CREATE TABLE p (id INT AUTO_INCREMENT PRIMARY KEY); CREATE TABLE c (p INT, FOREIGN KEY (p) REFERENCES p (id));\n\
                  INSERT INTO p VALUES (255); INSERT INTO c VALUES (255), (NULL);";
    let options = Options { auto_increment: Some(crate::AutoIncrement::Uuid), ..Options::of(Dialect::D2026_09) };
    let conversion = super::convert(source.as_bytes(), &options).expect("it converts");
    let script = conversion.script(false);
    assert_eq!(script.matches("'00000000-0000-0000-0000-0000000000ff'").count(), 2, "{script}");
    assert!(script.contains("p uuid"), "{script}");
}

#[test]
fn a_hundred_values_that_do_not_fit_are_listed() {
    let rows: Vec<String> = (0..250).map(|row| format!("({row}, {})", if row % 2 == 0 { 2 } else { 1 })).collect();
    let source = format!("CREATE TABLE t (id int, ok tinyint(1));\nINSERT INTO t VALUES\n{};", rows.join(",\n"));
    let error = super::convert(source.as_bytes(), &Options::of(Dialect::D2026_09)).expect_err("2 is no truth");
    assert_eq!((error.place.line, error.further.len() + 1), (3, 100));
    assert_eq!(error.further.last().map(|(place, _)| place.line), Some(3 + 2 * 99));
    assert!(error.to_string().starts_with("values do not fit; the first 100:\nline 3, column 5: t.ok: 2 is neither"), "{error}");
}

/// Statements for tables that are not in the source, on a catalog that has them.
#[test]
fn changes_of_other_tables_are_accepted() {
    let mut verifier = Verifier::new(Dialect::D2026_09);
    for statement in include_str!("../../tests/corpus/mysql/alter.tables").split_terminator(";\n") {
        verifier.run(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    let source = include_bytes!("../../tests/corpus/mysql/alter.sql");
    let conversion = super::convert(source, &Options::of(Dialect::D2026_09)).expect("it converts");
    for statement in conversion.statements {
        verifier.run(&statement.sql).unwrap_or_else(|error| panic!("{}: {error}", statement.sql));
    }
}
