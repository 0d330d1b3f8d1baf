use std::collections::HashSet;

use super::*;

fn guide() -> Guide {
    Guide::open()
}

/// Pages and sections that a search finds, the best first.
fn found(query: &str) -> Vec<String> {
    guide().search(query, 5).into_iter().map(|hit| format!("{}#{}", hit.page, hit.section)).collect()
}

#[test]
fn every_page_has_a_title_a_summary_and_sections_of_its_own_names() {
    let mut titles = HashSet::new();
    for page in guide().pages() {
        assert!(page.text.starts_with("# ") && titles.insert(page.title), "{}", page.id);
        assert!(page.summary.chars().count() > 40, "{}: a first paragraph that says what the page is about", page.id);
        let ids: HashSet<&str> = page.sections.iter().map(|section| section.id.as_str()).collect();
        assert_eq!(ids.len(), page.sections.len(), "{}", page.id);
        assert!(page.section("see-also").is_some(), "{}: what to read next", page.id);
    }
}

#[test]
fn sections_make_up_the_page() {
    for page in guide().pages() {
        let whole: String = page.sections.iter().map(|section| page.section_text(section)).collect();
        assert_eq!(whole, page.text, "{}", page.id);
    }
}

#[test]
fn search_finds_the_section_that_is_about_it() {
    assert_eq!(found("write skew")[0], "transactions#write-skew");
    assert_eq!(found("40001")[0], "errors#40001-serialization-failure");
    assert!(found("OC001")[..2].contains(&"errors#oc001".to_owned()));
    assert!(found("retry after a conflict").iter().any(|place| place.starts_with("retry-patterns#")));
    assert!(found("serial auto increment").contains(&"schema-design#identity-and-sequences".to_owned()));
}

#[test]
fn words_are_stemmed_and_misspellings_forgiven() {
    assert!(found("isolating").contains(&"transactions#isolation".to_owned()), "{:?}", found("isolating"));
    assert_eq!(found("wriet skwe")[0], "transactions#write-skew");
    assert_eq!(found("serialisation failure")[0], "errors#40001-serialization-failure");
}

#[test]
fn search_takes_anything() {
    for query in ["", "   ", "a", "*", "\"", "(", "AND OR NOT", "title:x", "\u{0}", "🙂", &"word ".repeat(1000), &"x".repeat(100_000)] {
        assert!(guide().search(query, 5).len() <= 5);
    }
    assert!(guide().search("transaction", 0).is_empty());
    assert!(guide().search("transaction", usize::MAX).len() <= HITS_MAX);
    assert!(guide().search("zzzzqqqq", 5).is_empty());
}

#[test]
fn a_page_is_read_in_parts() {
    let guide = guide();
    let whole = guide.read("concepts", 0, usize::MAX).expect("a page");
    assert_eq!(whole.next_index, None);
    let mut text = String::new();
    let mut next = Some(0);
    while let Some(start) = next {
        let part = guide.read("concepts", start, 777).expect("a page");
        assert!(part.content.chars().count() <= 777 && part.start_index == start);
        text.push_str(&part.content);
        next = part.next_index;
    }
    assert_eq!(text, whole.content);
    assert_eq!(guide.read("concepts", usize::MAX, 10).expect("past the end").content, "");
}

#[test]
fn pages_have_several_names() {
    let guide = guide();
    for name in ["transactions#isolation", "borealis://guide/transactions#isolation", "docs/guide/transactions.md#isolation"] {
        let extract = guide.read(name, 0, 12).expect(name);
        assert_eq!(extract.content, "## Isolation", "{name}");
    }
    let error = guide.read("https://example.com/transactions", 0, 10).expect_err("somebody else's page");
    assert!(error.to_string().starts_with("the guide has no page \"https://example.com/transactions\"; near it: "), "{error}");
    assert!(guide.read("transactions#nonsense", 0, 10).is_err());
}

#[test]
fn rules_about_statements_name_rows_of_the_dialect_table() {
    for key in statement::keys() {
        assert!(borealis_dialect::rows().iter().any(|row| row.key == key), "{key}");
    }
}

#[test]
fn every_file_of_the_folder_is_a_page() {
    let folder = std::path::Path::new("../../docs/guide");
    let files = std::fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path());
    let names: HashSet<String> = files.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
    assert_eq!(names, guide().pages().iter().map(|page| page.id.to_owned()).collect());
}

#[test]
fn every_link_inside_the_guide_arrives() {
    let guide = guide();
    for page in guide.pages() {
        for link in page.text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = if link.starts_with('#') { format!("{}{link}", page.id) } else { link.to_owned() };
            assert!(link.contains("://") || guide.resolve(&target).is_some(), "{}: {link}", page.id);
        }
    }
}

#[test]
fn rules_about_statements_point_at_sections() {
    let guide = guide();
    for place in statement::places() {
        assert!(guide.resolve(place).is_some(), "{place}");
    }
}

/// Advice is keyed by the dialect table, and the table has an example of every refusal: each is recognised.
#[test]
fn every_example_of_a_refusal_is_recognised() {
    let missing: Vec<String> = borealis_dialect::examples()
        .filter(|(key, sql)| !statement::findings(sql).iter().any(|finding| finding.key == Some(key)))
        .map(|(key, sql)| format!("{key}: {sql}"))
        .collect();
    assert!(missing.is_empty(), "no rule of data/statements.tsv knows these; add one: {missing:#?}");
}

/// The first thing that is recommended.
fn first(input: &str) -> Recommendation {
    guide().recommend(input).into_iter().next().unwrap_or_else(|| panic!("nothing about {input}"))
}

#[test]
fn statements_are_advised_upon() {
    let about = |sql: &str| {
        let one = first(sql);
        format!("{}#{} {}", one.page, one.section, one.reason)
    };
    assert_eq!(
        about("create index i on t (a)"),
        "indexes-and-jobs#creating-an-index 0A000 unsupported mode. please use CREATE INDEX ASYNC.; instead: CREATE INDEX ASYNC"
    );
    assert_eq!(first("CREATE TABLE t (id serial PRIMARY KEY)").section, "identity-and-sequences");
    assert_eq!(first("/* x */ alter table t alter column a type bigint").section, "changing-a-type");
    // Words in literals, comments and quoted names are no keywords.
    assert_eq!(first("SELECT 'x FOR SHARE' AS \"FOR SHARE\" -- FOR SHARE").page, "sql-reference");
}

#[test]
fn errors_are_explained() {
    assert_eq!(first("40001").section, "40001-serialization-failure");
    assert_eq!(first("oc001").section, "oc001");
    assert!(first("ERROR: change conflicts with another transaction (OC000)").reason.contains("OC000"));
    assert!(first("setting configuration parameter \"work_mem\" not supported").reason.starts_with("0A000"));
    assert!(first("insert or update on table \"child\" violates foreign key constraint \"c_fkey\"").page == "errors");
    let all = guide().recommend("transaction row limit exceeded");
    assert!(all.iter().any(|one| one.section == "54000-program-limit-exceeded"), "{all:#?}");
}

#[test]
fn a_page_recommends_what_it_links_to() {
    let found = guide().recommend("borealis://guide/foreign-keys");
    assert_eq!(found[0].url, "borealis://guide/transactions#what-conflicts");
    assert_eq!(found[0].reason, "the matrix of conflicts.");
}

#[test]
fn anything_can_be_recommended_upon() {
    for input in ["", "?", "hello", "\u{0}", "'", "$$", "\"", "SELECT '", &"(".repeat(10_000), &"a ".repeat(10_000)] {
        assert!(guide().recommend(input).len() <= 8);
    }
}

#[test]
fn the_skill_is_made_of_the_guide() {
    let guide = guide();
    let files = skill::files(&guide, skill::Agent::Claude);
    let paths: HashSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths.len(), files.len());
    let page = &files.iter().find(|file| file.path == "SKILL.md").expect("the skill's page").content;
    // Every link of the page leads to a file that comes along.
    for link in page.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        assert!(paths.contains(link.split('#').next().unwrap_or(link)), "{link}");
    }
    for workflow in ["Workflow 1:", "Workflow 2:", "Workflow 3:", "Workflow 4:", "Workflow 5:", "Workflow 6:", "Workflow for MySQL"] {
        assert!(page.contains(&format!("## {workflow}")), "{workflow}");
    }
    let scripts: Vec<&str> = files.iter().filter(|file| file.is_script).map(|file| file.path.as_str()).collect();
    assert_eq!(
        scripts,
        ["create-cluster", "delete-cluster", "list-clusters", "cluster-info", "psql-connect"].map(|name| format!("scripts/{name}.sh"))
    );
    assert!(skill::files(&guide, skill::Agent::Codex).iter().any(|file| file.path == "mcp/database.toml"));
}
