//! COPY: `\copy` between the server and a file here, and `COPY … FROM STDIN` and `TO STDOUT` as statements.

use std::fs::File;
use std::io::{Read, Write};

use borealis_client::{ClientError, Connection, Outcome};

use super::command::complain;
use super::input::Input;
use super::{Flow, Shell};
use crate::Failure;

/// Bytes that are read from a file at a time.
const PIECE_BYTES: usize = 64 * 1024;

/// Where rows go or come from.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    File(String),
    /// The shell's own input or output.
    Standard,
}

/// A `\copy` command taken apart.
#[derive(Debug, PartialEq, Eq)]
struct Meta {
    sql: String,
    into_server: bool,
    place: Place,
}

/// `\copy TABLE|(QUERY) FROM|TO FILE|STDIN|STDOUT [OPTIONS]`.
pub(super) async fn meta(shell: &mut Shell, text: &str) -> Result<Flow, Failure> {
    let Some(meta) = parse(text) else {
        return Ok(complain("\\copy: expected TABLE [(COLUMNS)] FROM|TO FILE, or (QUERY) TO FILE, and options behind it"));
    };
    let Some(connection) = shell.connection.as_mut() else { return Ok(complain(super::NOT_CONNECTED)) };
    let done = match (&meta.place, meta.into_server) {
        (Place::File(path), true) => match File::open(path) {
            Ok(file) => from_reader(connection, &meta.sql, file).await,
            Err(error) => return Ok(complain(&format!("{path}: {}", plain(&error)))),
        },
        (Place::File(path), false) => match File::create(path) {
            Ok(file) => to_writer(connection, &meta.sql, file).await,
            Err(error) => return Ok(complain(&format!("{path}: {}", plain(&error)))),
        },
        (Place::Standard, true) => from_input(connection, &meta.sql, &mut shell.input).await,
        (Place::Standard, false) => to_writer(connection, &meta.sql, std::io::stdout()).await,
    };
    shell.copied(done, &meta.sql, meta.place == Place::Standard && !meta.into_server).await
}

/// The direction of a statement that needs a stream of data: `Some(true)` into the server. Words in quotes and parentheses do not count.
pub(super) fn direction(sql: &str) -> Option<bool> {
    let words = words(sql);
    if !words.first()?.eq_ignore_ascii_case("copy") {
        return None;
    }
    words.windows(2).find_map(|pair| match (pair[0].to_ascii_lowercase().as_str(), pair[1].to_ascii_lowercase().as_str()) {
        ("from", "stdin") => Some(true),
        ("to", "stdout") => Some(false),
        _ => None,
    })
}

/// Runs a COPY statement whose data stands behind it in the shell's input, or goes to its output.
pub(super) async fn statement(shell: &mut Shell, sql: &str, into_server: bool) -> Result<Flow, Failure> {
    let Some(connection) = shell.connection.as_mut() else { return Ok(complain(super::NOT_CONNECTED)) };
    let done =
        if into_server { from_input(connection, sql, &mut shell.input).await } else { to_writer(connection, sql, std::io::stdout()).await };
    shell.copied(done, sql, !into_server).await
}

async fn from_reader(connection: &mut Connection, sql: &str, mut reader: impl Read) -> Result<Outcome, ClientError> {
    let mut copy = connection.copy_in(sql).await?;
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        match reader.read(&mut piece) {
            Ok(0) => return copy.finish().await,
            Ok(length) => copy.send(&piece[..length]).await?,
            Err(error) => {
                copy.abandon(&format!("could not read from the file: {error}")).await?;
                return Err(ClientError::Request(format!("could not read from the file: {error}")));
            }
        }
    }
}

/// Lines up to `\.` or the end.
async fn from_input(connection: &mut Connection, sql: &str, input: &mut Input) -> Result<Outcome, ClientError> {
    let mut copy = connection.copy_in(sql).await?;
    if input.is_interactive() {
        println!(
            "Enter data to be copied followed by a newline.\nEnd with a backslash and a period on a line by itself, or an EOF signal."
        );
    }
    loop {
        match input.line(">> ") {
            Ok(Some(line)) if line == "\\." => return copy.finish().await,
            Ok(Some(line)) => copy.send(format!("{line}\n").as_bytes()).await?,
            Ok(None) => return copy.finish().await,
            Err(error) => {
                copy.abandon("canceled by user").await?;
                return Err(ClientError::Request(error.to_string()));
            }
        }
    }
}

async fn to_writer(connection: &mut Connection, sql: &str, mut writer: impl Write) -> Result<Outcome, ClientError> {
    let mut copy = connection.copy_out(sql).await?;
    let mut failure = None;
    while let Some(piece) = copy.next().await? {
        // The rest is still read, so that the connection stays in step.
        if failure.is_none() {
            failure = writer.write_all(&piece).err();
        }
    }
    match failure.or(writer.flush().err()) {
        None => Ok(copy.outcome()),
        Some(error) => Err(ClientError::Request(format!("could not write the data: {error}"))),
    }
}

/// An operating system's error without its number.
fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

fn parse(text: &str) -> Option<Meta> {
    let (source, behind) = source(text)?;
    let (keyword, behind) = first_word(behind)?;
    let into_server = match keyword.to_ascii_lowercase().as_str() {
        "from" if !source.starts_with('(') => true,
        "to" => false,
        _ => return None,
    };
    let (place, options) = place(behind.trim_start(), into_server)?;
    let stream = if into_server { "FROM STDIN" } else { "TO STDOUT" };
    let sql = format!("COPY {source} {stream} {}", options.trim());
    Some(Meta { sql: sql.trim_end().to_owned(), into_server, place })
}

/// The table with its columns, or the query in parentheses.
fn source(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let mut end = 0;
    let (mut depth, mut quote) = (0usize, None);
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(open), _) => quote = Some(open).filter(|open| *open != letter),
            (None, '\'' | '"') => quote = Some(letter),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.checked_sub(1)?,
            (None, letter) if letter.is_whitespace() && depth == 0 => {
                let word = first_word(&text[at..]).map(|(word, _)| word.to_ascii_lowercase());
                if word.is_some_and(|word| word == "from" || word == "to") {
                    end = at;
                    break;
                }
            }
            _ => {}
        }
    }
    let table = text[..end].trim_end();
    (!table.is_empty()).then_some((table, &text[end..]))
}

fn place(text: &str, into_server: bool) -> Option<(Place, &str)> {
    if let Some(quoted) = text.strip_prefix('\'') {
        let end = quoted.find('\'')?;
        return Some((Place::File(quoted[..end].to_owned()), &quoted[end + 1..]));
    }
    let (word, behind) = first_word(text)?;
    let standard = if into_server { ["stdin", "pstdin"] } else { ["stdout", "pstdout"] };
    let place = if standard.contains(&word.to_ascii_lowercase().as_str()) { Place::Standard } else { Place::File(word.to_owned()) };
    // A program's output would need a shell command in the place of the file.
    (!word.eq_ignore_ascii_case("program")).then_some((place, behind))
}

fn first_word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// Words outside of quotes and parentheses.
fn words(sql: &str) -> Vec<String> {
    let (mut words, mut word) = (Vec::new(), String::new());
    let (mut depth, mut quote) = (0usize, None);
    for letter in sql.chars().chain([' ']) {
        let plain = quote.is_none() && depth == 0 && (letter.is_alphanumeric() || letter == '_');
        if plain {
            word.push(letter);
            continue;
        }
        if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (None, '\'' | '"') => quote = Some(letter),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{Meta, Place, direction, parse};

    #[test]
    fn copy_commands_are_taken_apart() {
        let file =
            |sql: &str, into_server: bool, path: &str| Some(Meta { sql: sql.to_owned(), into_server, place: Place::File(path.to_owned()) });
        for (text, want) in [
            ("t from a.csv csv header", file("COPY t FROM STDIN csv header", true, "a.csv")),
            ("t (a, b) FROM 'a b.csv' WITH (FORMAT csv)", file("COPY t (a, b) FROM STDIN WITH (FORMAT csv)", true, "a b.csv")),
            ("s.\"from x\" to /tmp/x", file("COPY s.\"from x\" TO STDOUT", false, "/tmp/x")),
            ("(select 1 from t) to x csv", file("COPY (select 1 from t) TO STDOUT csv", false, "x")),
            ("t to stdout", Some(Meta { sql: "COPY t TO STDOUT".to_owned(), into_server: false, place: Place::Standard })),
            ("t from program 'ls'", None),
            ("(select 1) from x", None),
            ("t", None),
            ("", None),
        ] {
            assert_eq!(parse(text), want, "{text}");
        }
    }

    #[test]
    fn statements_that_need_a_stream() {
        assert_eq!(direction("COPY t (a) FROM STDIN WITH (FORMAT csv)"), Some(true));
        assert_eq!(direction(" copy (select 'from stdin') to stdout"), Some(false));
        assert_eq!(direction("SELECT 'copy t from stdin'"), None);
        assert_eq!(direction("COPY t FROM 'stdin'"), None);
    }
}
