//! What a statement is about, by its words.
//!
//! The patterns of `data/statements.tsv` are matched against the words of a statement, comments and the insides of literals left out. It is
//! advice on reading, not a verdict: what the server accepts is decided by its parser and the dialect table. A test holds the patterns
//! against every example of a refusal that the table has.

/// A line of the file.
struct Rule {
    /// Row of the dialect table, or `-`.
    key: &'static str,
    pattern: &'static str,
    /// `page#section`.
    place: &'static str,
}

const DATA: &str = include_str!("../data/statements.tsv");

/// What a rule says about a statement.
pub(crate) struct Finding {
    /// Row of the dialect table.
    pub(crate) key: Option<&'static str>,
    /// `page#section`.
    pub(crate) place: &'static str,
}

/// Everything that is to be said about `sql`, in the order of the file. Empty when it is no statement.
pub(crate) fn findings(sql: &str) -> Vec<Finding> {
    let words = words(sql);
    let matching = rules().filter(|rule| matches(rule.pattern, &words));
    matching.map(|rule| Finding { key: (rule.key != "-").then_some(rule.key), place: rule.place }).collect()
}

/// Where a row of the dialect table is spoken of.
pub(crate) fn place_of(key: &str) -> Option<&'static str> {
    rules().find(|rule| rule.key == key).map(|rule| rule.place)
}

/// Places that rules point at; a test resolves them.
#[cfg(test)]
pub(crate) fn places() -> impl Iterator<Item = &'static str> {
    rules().map(|rule| rule.place)
}

/// Keys that rules name; a test looks them up.
#[cfg(test)]
pub(crate) fn keys() -> impl Iterator<Item = &'static str> {
    rules().map(|rule| rule.key).filter(|key| *key != "-")
}

fn rules() -> impl Iterator<Item = Rule> {
    let lines = DATA.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.filter_map(|line| {
        let mut fields = line.split('\t');
        Some(Rule { key: fields.next()?, pattern: fields.next()?, place: fields.next()? })
    })
}

/// Upper-case words and single signs. A literal is `'`, a number `0`; a quoted name keeps its quotes, so that it is no keyword.
fn words(sql: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = sql;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            _ if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            _ if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |at| at + 2),
            '\'' => quoted(rest, '\''),
            '"' => quoted(rest, '"'),
            '$' => dollar_quoted(rest).unwrap_or(1),
            _ if c.is_alphanumeric() || c == '_' => rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len()),
            _ => c.len_utf8(),
        };
        let (word, after) = rest.split_at(length);
        match c {
            _ if word.starts_with("--") || word.starts_with("/*") || c.is_whitespace() => {}
            '\'' => words.push("'".to_owned()),
            '$' if length > 1 => words.push("'".to_owned()),
            '0'..='9' => words.push("0".to_owned()),
            _ => words.push(word.to_uppercase()),
        }
        rest = after;
    }
    words
}

/// Bytes of a quoted thing at the start of `text`; a doubled quote belongs to it.
fn quoted(text: &str, quote: char) -> usize {
    let mut inside = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = inside.next() {
        if c == quote && inside.next_if(|(_, next)| *next == quote).is_none() {
            return at + quote.len_utf8();
        }
    }
    text.len()
}

/// Bytes of a dollar-quoted literal at the start of `text`.
fn dollar_quoted(text: &str) -> Option<usize> {
    let tag_end = text[1..].find('$')? + 2;
    let tag = &text[..tag_end];
    if !tag[1..tag_end - 1].chars().all(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    Some(text[tag_end..].find(tag).map_or(text.len(), |at| tag_end + at + tag.len()))
}

/// A pattern is words that follow each other; `..` skips any number of words, `?W` may be missing, `A|B` is either, `_` is any one word,
/// `!W` anywhere in the pattern means that `W` stands nowhere in the statement. It begins at the statement's first word, unless with `..`;
/// `$` is the statement's end.
fn matches(pattern: &str, words: &[String]) -> bool {
    let words = words.strip_suffix(&[";".to_owned()]).unwrap_or(words);
    let (without, elements): (Vec<&str>, Vec<&str>) = pattern.split(' ').partition(|element| element.starts_with('!'));
    let absent = without.iter().all(|element| !words.iter().any(|word| *word == element[1..]));
    absent && follows(&elements, words)
}

fn follows(elements: &[&str], words: &[String]) -> bool {
    let Some((first, rest)) = elements.split_first() else { return true };
    if *first == ".." {
        return (0..=words.len()).any(|skipped| follows(rest, &words[skipped..]));
    }
    if *first == "$" {
        return words.is_empty();
    }
    let is = |element: &str| words.first().is_some_and(|word| element.split('|').any(|choice| choice == "_" || choice == word));
    match first.strip_prefix('?') {
        Some(optional) => (is(optional) && follows(rest, &words[1..])) || follows(rest, words),
        None => is(first) && follows(rest, &words[1..]),
    }
}
