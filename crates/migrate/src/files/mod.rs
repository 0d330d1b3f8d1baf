//! Numbered migration files, for teams without a migration tool of their own.
//!
//! `0001_name.sql`, `0002_…`: each statement is a transaction of its own, and the journal's table `file` says how many statements of each file
//! have been run, with a hash of them. Statements about rows share their transaction with that note. DDL cannot; so before a DDL statement is
//! run it is rehearsed, and the journal notes that it is about to be. When the process dies there, the next one rehearses again: if the
//! statement still works it was not run; if the object is there already, or there no more, it was.

mod read;
mod text;

use std::path::Path;

use borealis_client::Database;
use borealis_dialect::Dialect;
use serde::Serialize;

use crate::error::{MigrateError, Result};
use crate::journal::{ATTEMPTS_MAX, Attempts, Journal, SCHEMA, State, Status, retried};
use crate::link::Link;
use crate::sql;
use read::{File, Found, Kind, Made, Written, hash};

pub use text::read_text;

/// The run that stands for all files.
const RUN: &str = "files";

/// A file and how much of it has been run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileStatus {
    /// Its number; none when its name begins with none.
    pub number: Option<u64>,
    /// Its name.
    pub name: String,
    /// Its statements, as far as it could be read.
    pub statements: usize,
    /// How many of them have been run.
    pub done: usize,
    /// Why `up` refuses it.
    pub error: Option<String>,
}

/// How files are to be run.
pub struct Up<'u> {
    /// The surface of the database, by which they are read.
    pub dialect: Dialect,
    /// Take them from a process that has not shown for some time that it is dead.
    pub take_over: bool,
    /// Numbers may be left out, as they are where they are dates.
    pub gaps: bool,
    /// Hears of each statement before it is run.
    pub told: &'u (dyn Fn(&str) + Send + Sync),
}

impl Default for Up<'_> {
    fn default() -> Self {
        Self { dialect: Dialect::default(), take_over: false, gaps: false, told: &|_| () }
    }
}

/// A file as the journal knows it.
struct Noted {
    number: u64,
    name: String,
    done: usize,
    complete: bool,
    hash: String,
    begun: bool,
}

/// Runs what has not been run of a folder's files.
///
/// # Errors
/// When a file cannot be read or was changed after it was run, when a statement fails (the files are resumable from it), when another process
/// is at them.
pub async fn up(database: &Database, folder: &Path, how: &Up<'_>) -> Result<Vec<FileStatus>> {
    let link = Link::new(database);
    up_over(&link, folder, how).await
}

pub(crate) async fn up_over(link: &Link<'_>, folder: &Path, how: &Up<'_>) -> Result<Vec<FileStatus>> {
    let found = read::folder(folder, how.dialect)?;
    let unreadable: Vec<String> = found.iter().filter_map(|one| Some(one.file.as_ref().err()?.to_string())).collect();
    if !unreadable.is_empty() {
        return Err(MigrateError::File(unreadable.join("\n")));
    }
    Journal::prepare(link).await?;
    prepare(link).await?;
    let journal = Journal::hold(link, RUN, how.take_over).await?;
    let outcome = run(&journal, &found, how).await;
    let error = outcome.as_ref().err().map(ToString::to_string);
    let release = State { status: Status::Stopped, error, ..State::new() };
    match (journal.write("letting go of the files", Vec::new(), &release).await, outcome) {
        (_, Err(error)) | (Err(error), Ok(())) => Err(error),
        (Ok(()), Ok(())) => Ok(listed(&found, &noted(link).await?, how.gaps)),
    }
}

/// The files of a folder, how much of each has been run, and what stands in the way of running the others.
///
/// # Errors
/// When the folder or the journal cannot be read.
pub async fn files(database: &Database, folder: &Path, dialect: Dialect, gaps: bool) -> Result<Vec<FileStatus>> {
    let link = Link::new(database);
    let found = read::folder(folder, dialect)?;
    Ok(listed(&found, &noted(&link).await?, gaps))
}

async fn prepare(link: &Link<'_>) -> Result<()> {
    let there = format!("SELECT to_regclass('{SCHEMA}.file') IS NOT NULL");
    if link.holds("looking for the journal of files", there).await? {
        return Ok(());
    }
    let make = format!(
        "CREATE TABLE IF NOT EXISTS {SCHEMA}.file (number bigint PRIMARY KEY, name text NOT NULL, done int NOT NULL, complete boolean NOT NULL, \
         hash text NOT NULL, begun boolean NOT NULL, changed_at timestamptz NOT NULL)"
    );
    retried(|| async { link.commit("making the journal of files", [make.clone()]).await }).await.map(drop)
}

async fn noted(link: &Link<'_>) -> Result<Vec<Noted>> {
    let query = format!("SELECT number, name, done, complete, hash, begun FROM {SCHEMA}.file ORDER BY number");
    let rows = match link.rows("reading the journal of files", query).await {
        Ok(rows) => rows,
        Err(error) if matches!(error.code(), Some("42P01" | "3F000")) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let cell = |row: &borealis_client::Row, column| row.get(column).unwrap_or_default().to_owned();
    let noted = rows.iter().map(|row| Noted {
        number: cell(row, 0).parse().unwrap_or(0),
        name: cell(row, 1),
        done: cell(row, 2).parse().unwrap_or(0),
        complete: cell(row, 3) == "t",
        hash: cell(row, 4),
        begun: cell(row, 5) == "t",
    });
    Ok(noted.collect())
}

fn listed(found: &[Found], noted: &[Noted], gaps: bool) -> Vec<FileStatus> {
    let of = |number: Option<u64>| noted.iter().find(|one| Some(one.number) == number);
    let status = |(at, one): (usize, &Found)| FileStatus {
        number: one.number,
        name: one.name.clone(),
        statements: one.file.as_ref().map_or(0, |file| file.statements.len()),
        done: of(one.number).map_or(0, |noted| noted.done),
        error: match &one.file {
            Err(error) => Some(error.to_string()),
            Ok(file) => against(file, at.checked_sub(1).and_then(|before| found[before].number), noted, gaps),
        },
    };
    let missing = noted.iter().filter(|one| !found.iter().any(|file| file.number == Some(one.number)));
    let missing = missing.map(|one| FileStatus {
        number: Some(one.number),
        name: one.name.clone(),
        statements: one.done,
        done: one.done,
        error: Some(format!("{} was run and is missing from the folder: put it back", one.name)),
    });
    let mut files: Vec<FileStatus> = found.iter().enumerate().map(status).chain(missing).collect();
    files.sort_by_key(|file| (file.number.is_none(), file.number));
    files
}

/// What speaks against a file: what was run is as it was, nothing new stands before it, and no number is left out for what would then come too late.
/// `before` is the number of the file before it.
fn against(file: &File, before: Option<u64>, noted: &[Noted], gaps: bool) -> Option<String> {
    if let Some(one) = noted.iter().find(|one| one.number == file.number) {
        let same = file.statements.len() >= one.done && hash(&file.statements[..one.done]) == one.hash;
        let is_whole = !one.complete || file.statements.len() == one.done;
        let what = if one.complete { "was run and has been changed since" } else { "has been changed in the statements that were run" };
        return (!same || !is_whole)
            .then(|| format!("{} {what}: put it back as it was and write a new file for what is to change", file.name));
    }
    let last = noted.iter().map(|one| one.number).max().unwrap_or(0);
    if file.number < last {
        return Some(format!("{} comes before number {last}, which was run already: give it a higher number", file.name));
    }
    // The first may be 0 or 1.
    let expected = before.map_or(1, |before| before.saturating_add(1));
    (file.number > expected && !gaps).then(|| {
        format!(
            "{}: number {expected} is missing before it, and could not be run any more afterwards. Put the file there, give this one the number \
             {expected}, or say --gaps if the numbers are dates or are left out on purpose",
            file.name
        )
    })
}

async fn run(journal: &Journal<'_>, found: &[Found], how: &Up<'_>) -> Result<()> {
    let noted = noted(journal.link).await?;
    let refused: Vec<String> = listed(found, &noted, how.gaps).into_iter().filter_map(|file| file.error).collect();
    if !refused.is_empty() {
        return Err(MigrateError::File(refused.join("\n")));
    }
    for file in found.iter().filter_map(|one| one.file.as_ref().ok()) {
        let known = noted.iter().find(|one| one.number == file.number);
        if known.is_some_and(|one| one.complete) {
            continue;
        }
        let (done, mut begun) = known.map_or((0, false), |one| (one.done, one.begun));
        if file.statements.is_empty() {
            journal.write("noting an empty file", vec![note(file, 0, false)], &State::new()).await?;
        }
        for (at, statement) in file.statements.iter().enumerate().skip(done) {
            (how.told)(&format!("{}:{}: {}", file.name, statement.line, first_line(&statement.sql)));
            let ran = run_one(journal, file, at, statement, begun).await;
            ran.map_err(|error| placed(file, statement, error))?;
            begun = false;
        }
    }
    Ok(())
}

fn first_line(sql: &str) -> &str {
    sql.lines().next().unwrap_or_default()
}

fn placed(file: &File, statement: &Written, error: MigrateError) -> MigrateError {
    match error {
        error @ MigrateError::Journal(_) => error,
        error => MigrateError::File(format!(
            "{}:{}: {error}\nthe statements before it have been run; `borealis migrate up` goes on from here",
            file.name, statement.line
        )),
    }
}

/// The journal's row of a file of which so many statements have been run.
fn note(file: &File, done: usize, begun: bool) -> String {
    let complete = done == file.statements.len();
    format!(
        "INSERT INTO {SCHEMA}.file (number, name, done, complete, hash, begun, changed_at) VALUES ({}, {}, {done}, {complete}, '{}', {begun}, now()) \
         ON CONFLICT (number) DO UPDATE SET name = excluded.name, done = excluded.done, complete = excluded.complete, hash = excluded.hash, \
         begun = excluded.begun, changed_at = excluded.changed_at",
        file.number,
        sql::text(&file.name),
        hash(&file.statements[..done])
    )
}

async fn run_one(journal: &Journal<'_>, file: &File, at: usize, statement: &Written, begun: bool) -> Result<()> {
    let doing = "running a statement of a file";
    if statement.kind == Kind::Rows {
        return journal.write(doing, vec![statement.sql.clone(), note(file, at + 1, false)], &State::new()).await;
    }
    let rehearsed = retried(|| async { journal.link.rehearse("rehearsing a statement of a file", [statement.sql.clone()]).await }).await;
    let ran = match rehearsed {
        Ok(_) => false,
        // Noted as about to be run after it had been rehearsed: what it makes was not there then, what it drops was.
        Err(error) if begun && has_happened(&error) => true,
        Err(error) => return Err(left_by_a_failure(journal, statement).await?.unwrap_or(error)),
    };
    let mut job = None;
    if !ran {
        journal.write("noting what is about to be run", vec![note(file, at, true)], &State::new()).await?;
        job = define(journal, statement).await?;
    }
    if statement.kind == Kind::Job
        && let Err(error) = finished(journal, statement, job.as_deref()).await
    {
        // It has been run, and has failed: what it left must not be taken for its success.
        journal.write("noting a job that failed", vec![note(file, at, false)], &State::new()).await?;
        return Err(error);
    }
    journal.write("noting a statement that was run", vec![note(file, at + 1, false)], &State::new()).await
}

/// Waits for a statement's job. A job whose name is not known, because another process began it, is judged by what it was to make; so is a statement
/// that began none, because IF NOT EXISTS found what an earlier failure had left.
async fn finished(journal: &Journal<'_>, statement: &Written, job: Option<&str>) -> Result<()> {
    let ended = journal.finish_jobs(job).await;
    if let Some(error) = left_by_a_failure(journal, statement).await? {
        return Err(error);
    }
    ended?;
    let Some(made) = &statement.made else { return Ok(()) };
    match retried(|| async { journal.link.holds("asking the catalog", made.is_usable()).await }).await? {
        true => Ok(()),
        false => Err(MigrateError::Job("its background job has not done what it was to do: look at sys.jobs for why".to_owned())),
    }
}

/// The index that a build which failed has left, and how to go on from there; none where there is no such thing.
async fn left_by_a_failure(journal: &Journal<'_>, statement: &Written) -> Result<Option<MigrateError>> {
    let Some((Made::Index(name), query)) = statement.made.as_ref().and_then(|made| Some((made, made.failure()?))) else { return Ok(None) };
    let rows = retried(|| async { journal.link.rows("asking after a failed build", query.as_str()).await }).await?;
    Ok(rows.first().and_then(|row| row.get(0)).map(|why| {
        MigrateError::Job(format!(
            "the build of index {name} has failed: {why}. What it left is an index that is not valid: mend the rows, then DROP INDEX {name}"
        ))
    }))
}

/// Runs a rehearsed statement. Behind a COMMIT without an answer the same signs tell as behind a process that died.
async fn define(journal: &Journal<'_>, statement: &Written) -> Result<Option<String>> {
    let (mut uncertain, mut attempts) = (false, Attempts::default());
    loop {
        match journal.define("running a statement of a file", &statement.sql).await {
            Ok(job) => return Ok(job),
            Err(error) if uncertain && has_happened(&error) => return Ok(None),
            Err(error) if error.is_unknown_outcome() => uncertain = true,
            Err(error) if error.is_conflict() => {}
            Err(error) => return Err(error),
        }
        if !attempts.another().await {
            return Err(MigrateError::Journal(format!(
                "other changes were in the way each of {ATTEMPTS_MAX} times; run `borealis migrate up` again when it is quieter"
            )));
        }
    }
}

/// What is to be made is there, or what is to go is gone.
fn has_happened(error: &MigrateError) -> bool {
    matches!(error.code(), Some("42P07" | "42P06" | "42701" | "42710" | "42723" | "42P01" | "42703" | "42704" | "42883" | "3F000"))
}
