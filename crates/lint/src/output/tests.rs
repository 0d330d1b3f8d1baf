use super::*;
use crate::{Options, lint};

fn files(name: &str, text: &str) -> Vec<FileReport> {
    vec![FileReport { name: name.to_owned(), report: lint(text, &Options::default()), applied: Vec::new(), fixed: None }]
}

const TEXT: &str = "-- first\nCREATE INDEX i ON \"tä\" (a);\n";

#[test]
fn text_shows_the_line_and_what_to_do() {
    let expected = "\
a.sql:2:1: error 0A000: unsupported mode. please use CREATE INDEX ASYNC. [index/without-async]
    CREATE INDEX i ON \"tä\" (a);
    ^^^^^^^^^^^^
    instead: CREATE INDEX ASYNC
    --fix mends it; lost: the statement returns before the index is built: wait for its job
1 error, 0 warnings; --fix mends 1 in 1 file
";
    assert_eq!(write(&files("a.sql", TEXT), Format::Text), expected);
}

#[test]
fn github_escapes_what_would_end_a_property() {
    let expected = "::error file=a%3Ab.sql,line=2,col=1,title=index/without-async::unsupported mode. please use CREATE INDEX ASYNC. (0A000). Instead: CREATE INDEX ASYNC\n";
    assert_eq!(write(&files("a:b.sql", TEXT), Format::GitHub), expected);
}

#[test]
fn json_holds_findings_and_counts() {
    let value: serde_json::Value = serde_json::from_str(&write(&files("a.sql", TEXT), Format::Json)).unwrap();
    let finding = &value["files"][0]["findings"][0];
    assert_eq!(
        (finding["rule"].as_str(), finding["line"].as_u64(), finding["fix"]["verdict"].as_str()),
        (Some("index/without-async"), Some(2), Some("loss"))
    );
    assert_eq!((value["summary"]["errors"].as_u64(), value["version"].as_u64()), (Some(1), Some(1)));
}

#[test]
fn sarif_names_rules_regions_and_fixes() {
    let value: serde_json::Value = serde_json::from_str(&write(&files("a.sql", TEXT), Format::Sarif)).unwrap();
    let run = &value["runs"][0];
    let result = &run["results"][0];
    assert_eq!(run["tool"]["driver"]["rules"][0]["id"], result["ruleId"]);
    assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"], 2);
    let replacement = &result["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(
        (replacement["insertedContent"]["text"].as_str(), replacement["deletedRegion"]["startColumn"].as_u64()),
        (Some(" ASYNC"), Some(13))
    );
}

#[test]
fn gitlab_tells_equal_findings_apart() {
    let value: serde_json::Value = serde_json::from_str(&write(&files("a.sql", &TEXT.repeat(2)), Format::GitLab)).unwrap();
    assert_ne!(value[0]["fingerprint"], value[1]["fingerprint"]);
    assert_eq!(value[1]["location"]["lines"]["begin"], 4);
}
