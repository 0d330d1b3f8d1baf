//! The same statements on PostgreSQL 16 and on an endpoint, answer by answer.
//!
//! A *corpus* is a plain SQL file named after the behaviour it asks about; beside it stands what PostgreSQL 16 answered, recorded by the
//! same code that compares. So a run needs no PostgreSQL, and one with PostgreSQL at hand proves the recordings. Compared is all that a
//! client can see: command tags, column names and types, values (in order where the statement orders them, else as a bag), COPY
//! data, and of an error its SQLSTATE, words, detail, hint and position.
//!
//! Where Aurora DSQL differs on purpose the corpus says so above the statement, with the reason and the answer that is right there:
//!
//! ```sql
//! --! DSQL has no text search configuration but simple (recorded)
//! --= -> ERR 42704 text search configuration "english" does not exist
//! SELECT to_tsvector('english', 'cats');
//! --? what is not built yet: reported, never counted as right
//! SELECT ..;
//! ```

pub mod answer;
pub mod recorded;
pub mod run;
pub mod script;

use std::fmt;
use std::path::{Path, PathBuf};

use recorded::Recorded;
use script::Script;

/// A corpus: its statements, and the recorded answers if there are any yet.
#[derive(Debug)]
pub struct Corpus {
    /// The behaviour, from the file's name.
    pub name: String,
    /// Where the answers are kept.
    pub answers_path: PathBuf,
    /// The statements.
    pub script: Script,
    /// What PostgreSQL 16 answered, one for each statement; empty before the first recording.
    pub recorded: Vec<Recorded>,
}

/// A corpus that cannot be used.
#[derive(Debug)]
pub struct CorpusError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for CorpusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.message)
    }
}

impl std::error::Error for CorpusError {}

/// All corpora of a folder whose names contain `only`, by name.
///
/// # Errors
/// When a file cannot be read or does not keep to the format.
pub fn read_folder(folder: &Path, only: Option<&str>) -> Result<Vec<Corpus>, CorpusError> {
    let failed = |error: std::io::Error| CorpusError { path: folder.to_owned(), message: error.to_string() };
    let mut corpora = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.extension().is_some_and(|extension| extension == "sql") && only.is_none_or(|only| name.contains(only)) {
            corpora.push(read(&path, name)?);
        }
    }
    corpora.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(corpora)
}

fn read(path: &Path, name: String) -> Result<Corpus, CorpusError> {
    let failed = |path: &Path, message: String| CorpusError { path: path.to_owned(), message };
    let text = std::fs::read_to_string(path).map_err(|error| failed(path, error.to_string()))?;
    let script = script::parse(&text).map_err(|message| failed(path, message))?;
    let answers_path = path.with_extension("answers");
    let recorded = if answers_path.exists() {
        let text = std::fs::read_to_string(&answers_path).map_err(|error| failed(&answers_path, error.to_string()))?;
        recorded::parse(&text).map_err(|message| failed(&answers_path, message))?
    } else {
        Vec::new()
    };
    Ok(Corpus { name, answers_path, script, recorded })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::read_folder;

    #[test]
    fn every_corpus_has_an_answer_for_each_of_its_statements() {
        let corpora = read_folder(Path::new("corpus"), None).unwrap_or_else(|error| panic!("{error}"));
        assert!(!corpora.is_empty());
        for corpus in corpora {
            let asked: Vec<&str> = corpus.script.statements.iter().map(|statement| statement.sql.as_str()).collect();
            let answered: Vec<&str> = corpus.recorded.iter().map(|recorded| recorded.sql.as_str()).collect();
            assert_eq!(asked, answered, "{}: record it anew", corpus.name);
        }
    }
}
