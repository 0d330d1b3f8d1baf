//! The user guide, embedded in the binary: read by page, searched, and recommended by what somebody is looking at.
//!
//! The text is `docs/guide/*.md`, compiled in, so that documentation needs no network and is that of this version. Tables of what is
//! accepted and refused stand in the pages between marks and come from the dialect table (`cargo xtask guide`); the agent skill is made of
//! the same pages ([`skill`]). `docs/architecture/guide.md` explains how it fits together.
//!
//! This crate knows the dialect table and nothing else of the database: no SQL tree, no catalog, no connection. What it says about a
//! statement it recognises by the statement's words.

mod library;
mod message;
pub mod online;
mod page;
mod recommend;
mod search;
pub mod skill;

mod statement;

use std::fmt;
use std::sync::OnceLock;

use serde::Serialize;

pub use page::{Page, Section};
pub use recommend::Recommendation;

use search::SearchIndex;

/// The address of a page is this, its id, and `#section` for a section.
pub const ADDRESS: &str = "borealis://guide/";

/// Characters that [`Guide::read`] gives when nothing else is asked for.
pub const LENGTH_DEFAULT: usize = 10_000;
/// Hits that [`Guide::search`] gives at most, whatever is asked for.
pub const HITS_MAX: usize = 50;

/// The guide. Opening it splits the pages; the search index is built in memory by the first search.
#[derive(Debug)]
pub struct Guide {
    pages: Vec<Page>,
    index: OnceLock<SearchIndex>,
}

/// A section that a search found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hit {
    /// Id of the page.
    pub page: String,
    /// Id of the section; empty for the page's beginning.
    pub section: String,
    /// `page title: section title`.
    pub title: String,
    /// The part of the section that speaks of it most, as plain text.
    pub snippet: String,
    /// Greater is nearer; comparable within one answer only.
    pub score: f32,
    /// What [`Guide::read`] takes.
    pub url: String,
}

/// A part of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Extract {
    /// Id of the page.
    pub page: String,
    /// Its title.
    pub title: String,
    /// Its address.
    pub url: String,
    /// First character of the part, from 0.
    pub start_index: usize,
    /// Characters of the whole page.
    pub total_length: usize,
    /// Where the next part begins; `None` when this is the last.
    pub next_index: Option<usize>,
    /// Markdown.
    pub content: String,
}

/// No page or section has this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSuchPage {
    /// What was asked for.
    pub asked: String,
    /// The nearest things that exist.
    pub nearest: Vec<String>,
}

impl fmt::Display for NoSuchPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the guide has no page \"{}\"", self.asked)?;
        if !self.nearest.is_empty() {
            write!(f, "; near it: {}", self.nearest.join(", "))?;
        }
        f.write_str("; `borealis docs list` names all pages")
    }
}

impl std::error::Error for NoSuchPage {}

impl Guide {
    /// The guide of this version.
    #[must_use]
    pub fn open() -> Self {
        Self { pages: library::PAGES.iter().map(|(id, text)| Page::parse(id, text)).collect(), index: OnceLock::new() }
    }

    /// All pages, in reading order.
    #[must_use]
    pub fn pages(&self) -> &[Page] {
        &self.pages
    }

    /// The page called `id`.
    #[must_use]
    pub fn page(&self, id: &str) -> Option<&Page> {
        self.pages.iter().find(|page| page.id == id)
    }

    /// The sections that answer `query` best, the best first; at most `limit` and at most [`HITS_MAX`].
    #[must_use]
    pub fn search(&self, query: &str, limit: usize) -> Vec<Hit> {
        self.index.get_or_init(|| SearchIndex::build(&self.pages)).search(&self.pages, query, limit.min(HITS_MAX))
    }

    /// `max_length` characters of a page, from character `start` on.
    ///
    /// `reference` is a page's id, its address, or its path in the repository, each with `#section` if wanted: then `start` counts from
    /// the section.
    ///
    /// # Errors
    /// When there is no such page or section.
    pub fn read(&self, reference: &str, start: usize, max_length: usize) -> Result<Extract, NoSuchPage> {
        let (page, section) = self.resolve(reference).ok_or_else(|| self.no_such_page(reference))?;
        let from = section.map_or(0, |section| page.text[..section.start].chars().count());
        let total = page.text.chars().count();
        let start = from.saturating_add(start).min(total);
        let content: String = page.text.chars().skip(start).take(max_length.max(1)).collect();
        let end = start + content.chars().count();
        Ok(Extract {
            page: page.id.to_owned(),
            title: page.title.to_owned(),
            url: page.address(),
            start_index: start,
            total_length: total,
            next_index: (end < total).then_some(end),
            content,
        })
    }

    /// What to read, and to do, about a page, an SQLSTATE or `OC000`, the text of an error, or a statement. The most to the point first.
    #[must_use]
    pub fn recommend(&self, input: &str) -> Vec<Recommendation> {
        recommend::recommend(self, input)
    }

    /// The page and, when one is named, the section that `reference` means.
    #[must_use]
    pub fn resolve(&self, reference: &str) -> Option<(&Page, Option<&Section>)> {
        let (name, anchor) = reference.trim().split_once('#').unwrap_or((reference.trim(), ""));
        let name = name.trim_end_matches('/');
        let last = name.rsplit('/').next().unwrap_or(name);
        let id = last.strip_suffix(".md").unwrap_or(last);
        // A stranger's address may end in a word that is a page of ours; it is not ours for that.
        let ours = name == last || name.starts_with(ADDRESS) || name.ends_with(&format!("docs/guide/{last}"));
        let page = self.page(id).filter(|_| ours)?;
        if anchor.is_empty() { Some((page, None)) } else { Some((page, Some(page.section(anchor)?))) }
    }

    fn no_such_page(&self, reference: &str) -> NoSuchPage {
        let words: String = reference.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
        let mut nearest: Vec<String> = Vec::new();
        for hit in self.search(&words, 8) {
            if !nearest.contains(&hit.page) && nearest.len() < 3 {
                nearest.push(hit.page);
            }
        }
        NoSuchPage { asked: reference.to_owned(), nearest }
    }
}

#[cfg(test)]
mod tests;
