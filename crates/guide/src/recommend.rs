//! What to read about what somebody is looking at.

use borealis_dialect::{Dialect, Row, Verdict, lookup, rows};
use serde::Serialize;

use crate::page::plain;
use crate::statement::{self, Finding};
use crate::{Guide, Page, Section, message};

/// Recommendations at most.
const MOST: usize = 8;
/// Hits of a plain search that are worth a recommendation when nothing better is known.
const SEARCHED: usize = 5;

/// A place to read, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recommendation {
    /// `page title: section title`.
    pub title: String,
    /// What it has to do with the question; for a refused form, what is answered and what to do instead.
    pub reason: String,
    /// Id of the page.
    pub page: String,
    /// Id of the section; empty for the whole page.
    pub section: String,
    /// What [`Guide::read`] takes.
    pub url: String,
}

pub(crate) fn recommend(guide: &Guide, input: &str) -> Vec<Recommendation> {
    let input = input.trim();
    let mut list = List { guide, found: Vec::new() };
    if let Some((page, _)) = guide.resolve(input) {
        list.see_also(page);
    } else if is_code(input) {
        list.of_code(&input.to_uppercase());
    } else if is_statement(input) {
        list.of_statement(input);
    } else {
        list.of_message(input);
    }
    if list.found.is_empty() {
        list.of_search(input);
    }
    list.found.truncate(MOST);
    list.found
}

/// An SQLSTATE, or the code that a conflict's message carries.
fn is_code(input: &str) -> bool {
    input.len() == 5 && input.chars().all(|c| c.is_ascii_alphanumeric()) && input.chars().any(|c| c.is_ascii_digit())
}

/// Whether the text begins as a statement does. Messages that do are known by their words first.
fn is_statement(input: &str) -> bool {
    message::row_of(input).is_none() && !statement::findings(input).is_empty()
}

struct List<'g> {
    guide: &'g Guide,
    found: Vec<Recommendation>,
}

impl List<'_> {
    fn add(&mut self, page: &Page, section: Option<&Section>, reason: String) {
        let section = section.unwrap_or(&page.sections[0]);
        let url = page.section_address(section);
        if self.found.iter().all(|known| known.url != url) {
            let title = page.section_title(section);
            self.found.push(Recommendation { title, reason, page: page.id.to_owned(), section: section.id.clone(), url });
        }
    }

    fn add_place(&mut self, place: &str, reason: &str) {
        if let Some((page, section)) = self.guide.resolve(place) {
            self.add(page, section, reason.to_owned());
        }
    }

    /// The links of the page's last section, each with what the page says of it.
    fn see_also(&mut self, page: &Page) {
        let Some(section) = page.section("see-also") else { return };
        for line in page.section_text(section).lines() {
            let link = line.split_once("](").and_then(|(before, rest)| Some((before, rest.split_once(')')?)));
            if let Some((_, (place, reason))) = link {
                let reason = plain(reason.trim_start_matches(':'));
                self.add_place(place, if reason.is_empty() { "the page links to it" } else { &reason });
            }
        }
    }

    /// The sections headed by the code, those that begin with it first, then those that speak of it.
    fn of_code(&mut self, code: &str) {
        let names = |section: &Section| section.title.split(|c: char| !c.is_alphanumeric()).any(|word| word == code);
        let sections = self.guide.pages().iter().flat_map(|page| page.sections.iter().map(move |section| (page, section)));
        let mut headed: Vec<(&Page, &Section)> = sections.filter(|(_, section)| names(section)).collect();
        headed.sort_by_key(|(page, section)| (page.id != "errors", !section.title.starts_with(code)));
        for (page, section) in headed {
            self.add(page, Some(section), format!("what {code} means and what to do about it"));
        }
        for hit in self.guide.search(code, SEARCHED) {
            self.add_place(&hit.url, &format!("speaks of {code}"));
        }
    }

    fn of_statement(&mut self, sql: &str) {
        for Finding { key, place } in statement::findings(sql) {
            let row = key.and_then(present_row);
            let reason = row.map_or_else(|| "what there is to know about this statement".to_owned(), answer);
            self.add_place(place, &reason);
        }
    }

    fn of_message(&mut self, text: &str) {
        if let Some(row) = message::row_of(text) {
            let place = statement::place_of(row.key).map_or_else(|| self.errors_place(row.sqlstate), str::to_owned);
            self.add_place(&place, &answer(row));
            self.add_place(&self.errors_place(row.sqlstate), &format!("what {} means and what to do about it", row.sqlstate));
        }
        // A code in the text is as good as its words.
        let words = text.split(|c: char| !c.is_ascii_alphanumeric());
        let code = words.filter(|word| is_code(word)).map(str::to_uppercase).find(|code| self.is_headed(code));
        if let Some(code) = code {
            self.of_code(&code);
        }
        if self.found.len() < SEARCHED {
            self.of_search(text);
        }
    }

    fn is_headed(&self, code: &str) -> bool {
        self.guide.pages().iter().flat_map(|page| &page.sections).any(|section| section.title.contains(code))
    }

    /// The section of the errors page that is headed by a code, or the page.
    fn errors_place(&self, sqlstate: &str) -> String {
        let page = self.guide.page("errors");
        let section = page.and_then(|page| page.sections.iter().find(|section| section.title.starts_with(sqlstate)));
        section.map_or_else(|| "errors".to_owned(), |section| format!("errors#{}", section.id))
    }

    fn of_search(&mut self, text: &str) {
        for hit in self.guide.search(text, SEARCHED) {
            self.add_place(&hit.url, &hit.snippet);
        }
    }
}

/// The row of today, or the latest that there was.
fn present_row(key: &str) -> Option<&'static Row> {
    lookup(key, Dialect::default()).or_else(|| rows().iter().rfind(|row| row.key == key))
}

/// What a form answers and what to do instead.
fn answer(row: &Row) -> String {
    let message = row.message_with(&["…", "…"]);
    match (row.verdict, row.advice) {
        (Verdict::Accepted, None) => "accepted".to_owned(),
        (Verdict::Accepted, Some(advice)) => format!("accepted: {advice}"),
        (_, None) => format!("{} {message}", row.sqlstate),
        (_, Some(advice)) => format!("{} {message}; instead: {advice}", row.sqlstate),
    }
}
