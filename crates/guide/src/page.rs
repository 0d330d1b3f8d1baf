//! A page of Markdown and its sections.

use crate::ADDRESS;

/// A page.
#[derive(Clone, Debug)]
pub struct Page {
    /// The file's name without its ending.
    pub id: &'static str,
    /// The text of its first heading.
    pub title: &'static str,
    /// Its first paragraph, as plain text.
    pub summary: String,
    /// All of it, as Markdown.
    pub text: &'static str,
    /// Its sections in order; the first is what stands before the first heading of the second level.
    pub sections: Vec<Section>,
}

/// What stands between two headings.
#[derive(Clone, Debug)]
pub struct Section {
    /// The heading as an anchor, in the way that code hosts make them; empty for the beginning of a page. Ids are addresses: they are
    /// kept when a heading moves.
    pub id: String,
    /// The heading.
    pub title: &'static str,
    /// Byte of the page at which the heading begins.
    pub start: usize,
    /// Byte behind the section: where the next heading begins.
    pub end: usize,
}

impl Page {
    /// Splits a page. A page begins with its title.
    #[must_use]
    pub fn parse(id: &'static str, text: &'static str) -> Self {
        let mut sections = vec![Section { id: String::new(), title: "", start: 0, end: text.len() }];
        for (start, heading) in headings(text) {
            if let Some(before) = sections.last_mut() {
                before.end = start;
            }
            sections.push(Section { id: unique(anchor(heading), &sections), title: heading, start, end: text.len() });
        }
        let title = text.lines().next().and_then(|line| line.strip_prefix("# ")).unwrap_or(id);
        let summary = text.split("\n\n").nth(1).map(plain).unwrap_or_default();
        Self { id, title, summary, text, sections }
    }

    /// `borealis://guide/<id>`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{ADDRESS}{}", self.id)
    }

    /// The section with this id.
    #[must_use]
    pub fn section(&self, id: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.id == id)
    }

    /// The text of a section, heading included.
    #[must_use]
    pub fn section_text(&self, section: &Section) -> &'static str {
        &self.text[section.start..section.end]
    }

    /// The address of a section.
    #[must_use]
    pub fn section_address(&self, section: &Section) -> String {
        if section.id.is_empty() { self.address() } else { format!("{ADDRESS}{}#{}", self.id, section.id) }
    }

    /// `page: section`.
    #[must_use]
    pub fn section_title(&self, section: &Section) -> String {
        if section.title.is_empty() { self.title.to_owned() } else { format!("{}: {}", self.title, plain(section.title)) }
    }
}

/// Headings of the second and third level outside of code, with the byte at which each begins.
fn headings(text: &'static str) -> Vec<(usize, &'static str)> {
    let mut found = Vec::new();
    let mut in_code = false;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        if content.starts_with("```") || content.starts_with("````") {
            in_code = !in_code;
        }
        let heading = content.strip_prefix("## ").or_else(|| content.strip_prefix("### "));
        if let Some(heading) = heading.filter(|_| !in_code) {
            found.push((at, heading));
        }
        at += line.len();
    }
    found
}

/// Lower case, blanks to dashes, anything but letters, digits, dashes and underscores gone.
pub(crate) fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

fn unique(id: String, sections: &[Section]) -> String {
    let taken = |id: &str| sections.iter().any(|section| section.id == id);
    let numbered = (1..).map(|number| format!("{id}-{number}"));
    std::iter::once(id.clone()).chain(numbered).find(|id| !taken(id)).unwrap_or(id)
}

/// Markdown without its marks: code quotes, emphasis, link addresses, table bars, comments.
pub(crate) fn plain(markdown: &str) -> String {
    let mut text = String::with_capacity(markdown.len());
    let mut rest = markdown;
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("<!--") {
            rest = after.split_once("-->").map_or("", |(_, after)| after);
        } else if let Some(after) = rest.strip_prefix("](") {
            rest = after.split_once(')').map_or("", |(_, after)| after);
        } else {
            text.push(if matches!(c, '`' | '*' | '[' | '|' | '#') { ' ' } else { c });
            rest = &rest[c.len_utf8()..];
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
