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
    assert_eq!(found("OC001")[0], "errors#oc001");
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
