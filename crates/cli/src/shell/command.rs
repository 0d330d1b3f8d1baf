//! Commands to the shell itself: what follows a backslash.

use std::path::{Path, PathBuf};

use borealis_client::Endpoint;

use super::print::Layout;
use super::variables::Variables;
use super::{Flow, Shell, copy, describe, edit, help};
use crate::Failure;

/// A command line taken apart.
struct Line {
    name: String,
    arguments: Vec<String>,
    /// The name's rest, unparsed, for commands that take all of the line.
    whole: String,
    /// What stands behind the command and is none of its own.
    rest: String,
}

impl Line {
    fn first(&self) -> Option<&str> {
        self.arguments.first().map(String::as_str)
    }
}

impl Shell {
    /// Carries a command out and gives back the part of the line that was not its own.
    pub(super) async fn command(&mut self, text: &str, pending: &mut String) -> Result<(Flow, String), Failure> {
        let line = parse(text, &self.variables);
        let flow = match line.name.as_str() {
            "q" => Flow::Quit,
            "g" | "gx" => self.go(pending, line.name == "gx").await?,
            "i" | "include" | "ir" | "include_relative" => self.include(&line).await?,
            "copy" => {
                let done = copy::meta(self, &line.whole).await?;
                return Ok((done, String::new()));
            }
            "e" | "edit" => self.edit(&line, pending)?,
            "c" | "connect" => self.reconnect(&line).await?,
            name if name.starts_with('d') || name == "l" || name == "list" => describe::run(self, name, line.first()).await?,
            _ => self.settle(&line, pending),
        };
        Ok((flow, line.rest))
    }

    /// The commands that touch nothing but the shell's own settings.
    fn settle(&mut self, line: &Line, pending: &mut String) -> Flow {
        match line.name.as_str() {
            "timing" => self.set_timing(line.first()),
            "x" => set_switch("expanded", "Expanded display", &mut self.format.expanded, line.first(), self.quiet),
            "t" => self.set("tuples_only", line.first()),
            "a" => {
                let layout = if self.format.layout == Layout::Aligned { Layout::Unaligned } else { Layout::Aligned };
                self.set_layout(layout)
            }
            "f" => self.set("fieldsep", line.first()),
            "pset" => match line.first() {
                Some(name) => self.set(name, line.arguments.get(1).map(String::as_str)),
                None => complain("\\pset: name an option: expanded, fieldsep, footer, format, null or tuples_only"),
            },
            "set" => self.set_variable(line),
            "unset" => {
                line.arguments.iter().for_each(|name| self.variables.unset(name));
                Flow::Done
            }
            "echo" => {
                println!("{}", line.arguments.join(" "));
                Flow::Done
            }
            "p" | "print" => {
                println!("{}", if pending.is_empty() { &self.previous } else { &*pending });
                Flow::Done
            }
            "r" | "reset" => {
                pending.clear();
                self.say("Query buffer reset (cleared).")
            }
            "conninfo" => self.say_connection(),
            "?" => {
                print!("{}", help::TEXT);
                Flow::Done
            }
            other => self.unknown(other),
        }
    }

    /// The statement before it, or once more the last one.
    async fn go(&mut self, pending: &mut String, expanded: bool) -> Result<Flow, Failure> {
        let sql = std::mem::take(pending);
        let sql = if sql.trim().is_empty() { self.previous.clone() } else { sql };
        let before = self.format.expanded;
        self.format.expanded |= expanded;
        let flow = self.execute(&sql).await;
        self.format.expanded = before;
        flow
    }

    async fn include(&mut self, line: &Line) -> Result<Flow, Failure> {
        let Some(name) = line.first() else { return Ok(complain(&format!("\\{}: missing required argument", line.name))) };
        let path = match &self.source {
            Some(source) if line.name.starts_with("ir") || line.name == "include_relative" => {
                Path::new(&source.name).parent().unwrap_or(Path::new("")).join(name)
            }
            _ => PathBuf::from(name),
        };
        self.run_file(&path).await
    }

    /// `\e [FILE]`: the statement so far, or the last one, goes through an editor.
    fn edit(&mut self, line: &Line, pending: &mut String) -> Result<Flow, Failure> {
        let text = if pending.trim().is_empty() { &self.previous } else { &*pending };
        match edit::edit(text, line.first().map(Path::new)) {
            Ok(edited) => {
                *pending = edited.trim_end().to_owned();
                Ok(Flow::Done)
            }
            Err(failure) => Ok(complain(&failure.to_string())),
        }
    }

    /// `\c [- [USER]]`: a fresh session with a fresh token.
    async fn reconnect(&mut self, line: &Line) -> Result<Flow, Failure> {
        let database = line.first().filter(|name| *name != "-").unwrap_or(&self.endpoint.database);
        let user = line.arguments.get(1).filter(|name| *name != "-").unwrap_or(&self.endpoint.user);
        let endpoint = Endpoint { database: database.to_owned(), user: user.clone(), ..self.endpoint.clone() };
        match borealis_client::connect(&endpoint).await {
            Ok(fresh) => {
                if let Some(old) = self.connection.replace(fresh) {
                    old.close().await;
                }
                self.endpoint = endpoint;
                let text = format!("You are now connected to database \"{}\" as user \"{}\".", self.endpoint.database, self.endpoint.user);
                Ok(self.say(&text))
            }
            Err(error) => Ok(complain(&format!("{error}\nPrevious connection kept"))),
        }
    }

    fn say_connection(&self) -> Flow {
        let endpoint = &self.endpoint;
        println!(
            "You are connected to database \"{}\" as user \"{}\" on host \"{}\" at port \"{}\".",
            endpoint.database, endpoint.user, endpoint.host, endpoint.port
        );
        Flow::Done
    }

    fn set_variable(&mut self, line: &Line) -> Flow {
        match line.arguments.split_first() {
            None => self.variables.iter().for_each(|(name, value)| println!("{name} = '{value}'")),
            Some((name, values)) => self.variables.set(name, &values.concat()),
        }
        Flow::Done
    }

    /// `\pset`: how results are printed.
    fn set(&mut self, name: &str, value: Option<&str>) -> Flow {
        match (name, value) {
            ("format", Some("aligned")) => self.set_layout(Layout::Aligned),
            ("format", Some("unaligned")) => self.set_layout(Layout::Unaligned),
            ("format", Some("csv")) => self.set_layout(Layout::Csv),
            ("format", _) => complain("\\pset: allowed formats are aligned, csv, unaligned"),
            ("expanded" | "x", value) => set_switch("expanded", "Expanded display", &mut self.format.expanded, value, self.quiet),
            // Of these two psql tells the new state only when it was not given.
            ("tuples_only" | "t", value) => {
                set_switch("tuples_only", "Tuples only", &mut self.format.tuples_only, value, self.quiet || value.is_some())
            }
            ("footer", value) => set_switch("footer", "Default footer", &mut self.format.footer, value, self.quiet || value.is_some()),
            ("null", value) => {
                value.unwrap_or_default().clone_into(&mut self.format.null);
                let text = format!("Null display is \"{}\".", self.format.null);
                self.say(&text)
            }
            ("fieldsep", value) => {
                if let Some(value) = value {
                    value.clone_into(&mut self.format.separator);
                }
                let text = format!("Field separator is \"{}\".", self.format.separator);
                self.say(&text)
            }
            (other, _) => complain(&format!("\\pset: unknown option: {other}")),
        }
    }

    /// As psql, which tells the state even when the word was none of its.
    fn set_timing(&mut self, word: Option<&str>) -> Flow {
        let flow = set_switch("\\timing", "Timing", &mut self.timing, word, true);
        self.say(if self.timing { "Timing is on." } else { "Timing is off." });
        flow
    }

    fn set_layout(&mut self, layout: Layout) -> Flow {
        self.format.layout = layout;
        let name = match layout {
            Layout::Aligned => "aligned",
            Layout::Unaligned => "unaligned",
            Layout::Csv => "csv",
        };
        self.say(&format!("Output format is {name}."))
    }

    pub(super) fn unknown(&self, name: &str) -> Flow {
        complain(&format!("invalid command \\{name}{}", if self.interactive { "\nTry \\? for help." } else { "" }))
    }

    fn say(&self, text: &str) -> Flow {
        if !self.quiet {
            println!("{text}");
        }
        Flow::Done
    }
}

/// A command that failed: the message is on stderr, and a script stops if it is to.
pub(super) fn complain(text: &str) -> Flow {
    eprintln!("{text}");
    Flow::Failed
}

/// On, off, or the other way round when nothing is said.
fn set_switch(name: &str, what: &str, value: &mut bool, word: Option<&str>, quiet: bool) -> Flow {
    match word.map(switch) {
        None => *value = !*value,
        Some(Some(on)) => *value = on,
        Some(None) => return complain(&format!("unrecognized value \"{}\" for \"{name}\": Boolean expected", word.unwrap_or_default())),
    }
    if !quiet {
        println!("{what} is {}.", if *value { "on" } else { "off" });
    }
    Flow::Done
}

/// The truth of a word, as PostgreSQL reads one.
pub(super) fn switch(word: &str) -> Option<bool> {
    let word = word.to_ascii_lowercase();
    let starts = |whole: &str, least: usize| word.len() >= least && whole.starts_with(&word);
    match () {
        () if word == "1" || starts("true", 1) || starts("yes", 1) || word == "on" => Some(true),
        () if word == "0" || starts("false", 1) || starts("no", 1) || starts("off", 2) => Some(false),
        () => None,
    }
}

/// The name up to a blank, then words; quotes hold a word together, a backslash outside of them ends the command.
fn parse(text: &str, variables: &Variables) -> Line {
    let end = text.find(|letter: char| letter.is_whitespace() || letter == '\\').unwrap_or(text.len());
    let (name, behind) = text.split_at(end);
    let mut letters = behind.chars().peekable();
    let mut arguments = Vec::new();
    loop {
        while letters.next_if(|letter| letter.is_whitespace()).is_some() {}
        match letters.peek() {
            None => break,
            Some('\\') => {
                letters.next();
                // `\\` only separates; another backslash starts the next command.
                let separates = letters.next_if_eq(&'\\').is_some();
                let rest: String = letters.collect();
                let rest = if separates { rest } else { format!("\\{rest}") };
                return Line { name: name.to_owned(), arguments, whole: behind.trim().to_owned(), rest };
            }
            Some(_) => arguments.push(word(&mut letters, variables)),
        }
    }
    Line { name: name.to_owned(), arguments, whole: behind.trim().to_owned(), rest: String::new() }
}

fn word(letters: &mut std::iter::Peekable<std::str::Chars<'_>>, variables: &Variables) -> String {
    let mut word = String::new();
    while let Some(letter) = letters.next_if(|letter| !letter.is_whitespace() && *letter != '\\') {
        match letter {
            '\'' => single(letters, &mut word),
            // Of a double-quoted word the quotes stay: they are part of a name's pattern.
            '"' => {
                word.push('"');
                for inner in letters.by_ref() {
                    word.push(inner);
                    if inner == '"' {
                        break;
                    }
                }
            }
            ':' => {
                let rest: String = format!(":{}", letters.clone().collect::<String>());
                match variables.substitute(&rest) {
                    Some((value, length)) => {
                        word.push_str(&value);
                        letters.by_ref().take(length - 1).for_each(drop);
                    }
                    None => word.push(':'),
                }
            }
            other => word.push(other),
        }
    }
    word
}

/// The inside of a single-quoted word, with C's escapes.
fn single(letters: &mut std::iter::Peekable<std::str::Chars<'_>>, word: &mut String) {
    while let Some(letter) = letters.next() {
        match letter {
            '\'' if letters.next_if_eq(&'\'').is_some() => word.push('\''),
            '\'' => return,
            '\\' => match letters.next() {
                Some('n') => word.push('\n'),
                Some('t') => word.push('\t'),
                Some('r') => word.push('\r'),
                Some('b') => word.push('\u{8}'),
                Some('f') => word.push('\u{c}'),
                Some(other) => word.push(other),
                None => {}
            },
            other => word.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::shell::variables::Variables;

    #[test]
    fn words_quotes_variables_and_ends() {
        let mut variables = Variables::default();
        variables.set("v", "a b");
        for (text, name, arguments, rest) in [
            ("x", "x", vec![], ""),
            ("x on", "x", vec!["on"], ""),
            ("set a 'b c' d", "set", vec!["a", "b c", "d"], ""),
            (r"echo 'a''b\tc' :v :'v' :w", "echo", vec!["a'b\tc", "a b", "'a b'", ":w"], ""),
            (r"x on \\ SELECT 1;", "x", vec!["on"], " SELECT 1;"),
            (r"x\t on", "x", vec![], r"\t on"),
            ("d \"A b\".c*", "d", vec!["\"A b\".c*"], ""),
        ] {
            let line = parse(text, &variables);
            assert_eq!((line.name.as_str(), line.rest.as_str()), (name, rest), "{text}");
            assert_eq!(line.arguments, arguments, "{text}");
        }
    }
}
