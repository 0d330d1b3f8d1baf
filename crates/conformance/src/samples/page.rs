//! A page's samples as values.

use std::path::Path;

/// A page of the guide, as far as it can be run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// The file's name without its ending.
    pub name: String,
    /// Arguments for the server, `iam` taken out.
    pub serve: Vec<String>,
    /// Whether clients bring tokens.
    pub iam: bool,
    /// Its samples in order.
    pub(crate) samples: Vec<Sample>,
}

/// What is run in one piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sample {
    /// A statement.
    Sql(Statement),
    /// A script in another language.
    Script(Script),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) line: usize,
    pub(crate) session: char,
    pub(crate) text: String,
    /// The lines of its answer; empty when it must only succeed.
    pub(crate) answer: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Script {
    pub(crate) line: usize,
    pub(crate) language: Language,
    pub(crate) text: String,
    /// What must be printed, in order.
    pub(crate) printed: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Shell,
    Python,
}

/// Every page of `folder` that `only` does not rule out, by name.
///
/// # Errors
/// When a file cannot be read or a sample does not keep to the format.
pub fn read_folder(folder: &Path, only: Option<&str>) -> Result<Vec<Page>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths: Vec<_> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.extension().is_some_and(|e| e == "md")).collect();
    paths.sort();
    let mut pages = Vec::new();
    for path in paths {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if only.is_none_or(|part| name.contains(part)) {
            let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            pages.push(parse(&name, &text).map_err(|problem| format!("{}:{problem}", path.display()))?);
        }
    }
    Ok(pages)
}

/// # Errors
/// `line: what is wrong`.
pub(crate) fn parse(name: &str, text: &str) -> Result<Page, String> {
    let mut page = Page { name: name.to_owned(), ..Page::default() };
    let mut session = 'A';
    let mut lines = text.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        if let Some(arguments) = line.strip_prefix("<!-- serve: ").and_then(|rest| rest.strip_suffix(" -->")) {
            let words = arguments.split_whitespace();
            page.iam = arguments.split_whitespace().any(|word| word == "iam");
            page.serve = words.filter(|word| *word != "iam").map(str::to_owned).collect();
        }
        let Some(info) = line.trim_start().strip_prefix("```") else { continue };
        let mut block = Vec::new();
        loop {
            let Some((_, line)) = lines.next() else { return Err(format!("{}: the block has no end", at + 1)) };
            if line.trim_start().starts_with("```") {
                break;
            }
            block.push(line);
        }
        match info.trim() {
            "sql" => page.samples.extend(statements(&block, at + 2, &mut session)?.into_iter().map(Sample::Sql)),
            "sh run" => page.samples.push(Sample::Script(script(Language::Shell, &block, at + 2))),
            "python run" => page.samples.push(Sample::Script(script(Language::Python, &block, at + 2))),
            _ => {}
        }
    }
    page.iam |= page.samples.iter().any(|sample| matches!(sample, Sample::Script(_)));
    Ok(page)
}

fn script(language: Language, block: &[&str], line: usize) -> Script {
    let printed = block.iter().filter_map(|line| line.trim_start().strip_prefix("#>")).map(|line| line.trim().to_owned()).collect();
    Script { line, language, text: block.join("\n"), printed }
}

fn statements(block: &[&str], first: usize, session: &mut char) -> Result<Vec<Statement>, String> {
    let mut found: Vec<Statement> = Vec::new();
    let mut open: Option<Statement> = None;
    for (at, line) in block.iter().enumerate() {
        let number = first + at;
        if let Some(answer) = line.strip_prefix("-->") {
            let statement = found.last_mut().filter(|_| open.is_none()).ok_or(format!("{number}: an answer without a statement"))?;
            statement.answer.push(answer.trim().to_owned());
        } else if let Some(name) = line.strip_prefix("-- session ").filter(|_| open.is_none()) {
            *session = name.chars().next().ok_or(format!("{number}: a session without a name"))?;
        } else if open.is_some() || !(line.trim().is_empty() || line.trim_start().starts_with("--")) {
            let statement =
                open.get_or_insert_with(|| Statement { line: number, session: *session, text: String::new(), answer: Vec::new() });
            statement.text.push_str(line);
            statement.text.push('\n');
            if is_complete(&statement.text) {
                found.extend(open.take());
            }
        }
    }
    match open {
        Some(statement) => Err(format!("{}: the statement does not end in a semicolon", statement.line)),
        None => Ok(found),
    }
}

/// Whether the text ends in a semicolon, outside of dollar quotes; a comment may follow on the line.
fn is_complete(text: &str) -> bool {
    let last = text.lines().next_back().unwrap_or_default();
    let code = last.split_once(" --").map_or(last, |(code, _)| code);
    code.trim_end().ends_with(';') && text.matches("$$").count().is_multiple_of(2)
}

#[cfg(test)]
mod tests {
    use super::{Language, Sample, parse};

    const TEXT: &str = "# Title\n\n<!-- serve: iam --limit key-bytes=9 -->\n\n```sql\n-- a remark\nSELECT 1 AS a; -- one\n--> a\n--> 1\n-- session B\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\n  SELECT 1;\n$$;\n```\n\n```sql sketch\nSELECT …\n```\n\n```sh run\necho x\n#> x\n```\n";

    #[test]
    fn samples_are_read_with_their_answers() {
        let page = parse("p", TEXT).expect("well formed");
        assert!(page.iam);
        assert_eq!(page.serve, ["--limit", "key-bytes=9"]);
        let shown: Vec<String> = page
            .samples
            .iter()
            .map(|sample| match sample {
                Sample::Sql(s) => format!("{} {} {:?} {:?}", s.line, s.session, s.text, s.answer),
                Sample::Script(s) => format!("{} {} {:?}", s.line, s.language == Language::Shell, s.printed),
            })
            .collect();
        assert_eq!(
            shown,
            [
                r#"7 A "SELECT 1 AS a; -- one\n" ["a", "1"]"#,
                r#"11 B "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\n  SELECT 1;\n$$;\n" []"#,
                r#"21 true ["x"]"#,
            ]
        );
    }

    #[test]
    fn what_cannot_be_run_is_named_by_its_line() {
        assert_eq!(parse("p", "```sql\nSELECT 1\n```\n").unwrap_err(), "2: the statement does not end in a semicolon");
        assert_eq!(parse("p", "```sql\n--> 1\n```\n").unwrap_err(), "2: an answer without a statement");
        assert_eq!(parse("p", "```sql\nSELECT 1;\n").unwrap_err(), "1: the block has no end");
    }
}
