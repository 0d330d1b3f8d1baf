//! Runs a page.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use borealis_client::{ClientError, Connection, CredentialsSource, Endpoint, Outcome as Answered, Roots, Tls, TransactionStatus};

use super::page::{Language, Page, Sample, Script, Statement};
use crate::admission::connect;
use crate::serve::Server;

/// How often a statement that meets a change of the schema is sent.
const ATTEMPTS_MAX: u32 = 5;

/// What a page's samples answered.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Samples that were run.
    pub ran: usize,
    /// Scripts that were not, for want of an interpreter.
    pub skipped: usize,
    /// `page:line: what is wrong`.
    pub wrong: Vec<String>,
}

/// Where pages are run.
#[derive(Debug)]
pub struct Runner {
    /// The server's binary.
    pub binary: PathBuf,
    /// A Python with psycopg and asyncpg; without one, such samples are skipped.
    pub python: Option<PathBuf>,
}

struct Cluster {
    endpoint: Endpoint,
    /// What `borealis env` says, for scripts.
    environment: BTreeMap<String, String>,
    server: Server,
    folder: tempfile::TempDir,
}

impl Runner {
    /// Runs all of a page. A wrong answer does not keep the rest from being run.
    ///
    /// # Errors
    /// When the page has no cluster to run on.
    pub async fn run(&self, page: &Page) -> Result<Outcome, String> {
        let cluster = self.start(page)?;
        let mut outcome = Outcome::default();
        let mut sessions: BTreeMap<char, Connection> = BTreeMap::new();
        let mut job = String::new();
        for sample in &page.samples {
            let (line, result) = match sample {
                Sample::Sql(statement) => (statement.line, ask(&cluster, &mut sessions, statement, &mut job).await),
                Sample::Script(script) => (script.line, self.script(&cluster, script)),
            };
            match result {
                Ok(true) => outcome.ran += 1,
                Ok(false) => outcome.skipped += 1,
                Err(problem) => outcome.wrong.push(format!("docs/guide/{}.md:{line}: {problem}", page.name)),
            }
        }
        drop(cluster.server);
        Ok(outcome)
    }

    fn start(&self, page: &Page) -> Result<Cluster, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        if !page.iam {
            let server = Server::start(&self.binary, "2026-09", &limits(page)).map_err(|error| error.to_string())?;
            let mut endpoint = Endpoint::resolve(server.address(), None, "admin").map_err(|error| error.to_string())?;
            endpoint.tls = Tls::DisabledForLoopback;
            return Ok(Cluster { endpoint, environment: BTreeMap::new(), server, folder });
        }
        let server = Server::start_iam(&self.binary, folder.path(), &page.serve).map_err(|error| error.to_string())?;
        let environment = environment(&self.binary, folder.path())?;
        let endpoint = endpoint(&environment)?;
        Ok(Cluster { endpoint, environment, server, folder })
    }

    fn script(&self, cluster: &Cluster, script: &Script) -> Result<bool, String> {
        let mut command = match (script.language, &self.python) {
            (Language::Python, None) => return Ok(false),
            (Language::Python, Some(python)) => Command::new(python),
            (Language::Shell, _) => Command::new("bash"),
        };
        if script.language == Language::Shell {
            command.args(["-euo", "pipefail"]);
        }
        let binaries = self.binary.parent().map_or_else(PathBuf::new, Path::to_owned);
        let path = std::env::var("PATH").unwrap_or_default();
        command.arg("-c").arg(&script.text).env("PATH", format!("{}:{path}", binaries.display()));
        command.envs(&cluster.environment).current_dir(cluster.folder.path()).stdin(Stdio::null());
        let done = command.output().map_err(|error| error.to_string())?;
        let printed = String::from_utf8_lossy(&done.stdout);
        if !done.status.success() {
            return Err(format!("{}\n{printed}{}", done.status, String::from_utf8_lossy(&done.stderr)));
        }
        let mut lines = printed.lines();
        match script.printed.iter().find(|wanted| !lines.any(|line| is(wanted, line.trim()))) {
            Some(missing) => Err(format!("it does not print \"{missing}\" in its turn:\n{printed}")),
            None => Ok(true),
        }
    }
}

/// `--limit` arguments, which a server in memory takes by themselves.
fn limits(page: &Page) -> Vec<String> {
    page.serve.iter().filter(|word| *word != "--limit").cloned().collect()
}

fn environment(binary: &Path, folder: &Path) -> Result<BTreeMap<String, String>, String> {
    let done = Command::new(binary).args(["env", "--json", "--data"]).arg(folder).output().map_err(|error| error.to_string())?;
    serde_json::from_slice(&done.stdout).map_err(|error| format!("borealis env: {error}: {}", String::from_utf8_lossy(&done.stderr)))
}

fn endpoint(environment: &BTreeMap<String, String>) -> Result<Endpoint, String> {
    let get = |name: &str| environment.get(name).cloned().ok_or_else(|| format!("borealis env gives no {name}"));
    let mut endpoint = Endpoint::resolve(&get("PGHOST")?, Some(&get("REGION")?), "admin").map_err(|error| error.to_string())?;
    endpoint.port = get("PGPORT")?.parse().map_err(|_| "borealis env gives a port that is no number".to_owned())?;
    endpoint.address = Some(get("PGHOSTADDR")?);
    endpoint.roots = Roots::File(get("PGSSLROOTCERT")?.into());
    endpoint.credentials =
        CredentialsSource::Profile { path: Some(get("AWS_SHARED_CREDENTIALS_FILE")?.into()), profile: get("AWS_PROFILE")? };
    Ok(endpoint)
}

async fn ask(
    cluster: &Cluster,
    sessions: &mut BTreeMap<char, Connection>,
    statement: &Statement,
    job: &mut String,
) -> Result<bool, String> {
    let connection = match sessions.entry(statement.session) {
        Entry::Occupied(open) => open.into_mut(),
        Entry::Vacant(place) => place.insert(connect(&cluster.endpoint).await.map_err(|error| error.to_string())?),
    };
    // As drivers send it: the line's end and the semicolon are the page's.
    let text = statement.text.trim_end().trim_end_matches(';').replace("<job_id>", job);
    let got = match insist(connection, &text, &statement.answer).await {
        Ok(answers) => {
            let answer = answers.into_iter().next_back().ok_or("no answer")?;
            if let Some(at) = answer.columns.iter().position(|column| column.name == "job_id")
                && let Some(id) = answer.rows.last().and_then(|row| row.get(at))
            {
                id.clone_into(job);
            }
            lines(&answer, &statement.answer)
        }
        Err(error) => {
            let Some(server) = error.server() else { return Err(error.to_string()) };
            let mut lines = vec![format!("ERROR {}: {}", server.code, server.message)];
            lines.extend(server.detail.as_ref().map(|detail| format!("DETAIL: {detail}")));
            lines.extend(server.hint.as_ref().map(|hint| format!("HINT: {hint}")));
            if statement.answer.is_empty() {
                return Err(format!("{}\n  answers {}", text.trim(), lines.join("\n          ")));
            }
            // DETAIL and HINT are told where the page tells them.
            lines.truncate(statement.answer.len());
            lines
        }
    };
    if statement.answer.is_empty() || equal(&statement.answer, &got) {
        return Ok(true);
    }
    Err(format!(
        "{}\n  should answer {}\n  and answers   {}",
        text.trim(),
        statement.answer.join("\n                "),
        got.join("\n                ")
    ))
}

/// Runs a statement, and one that stands outside of every transaction again when the schema has changed under it: an index that becomes
/// valid in the background does that, and the guide tells its readers to do the same. A page that expects a conflict sees the first.
async fn insist(connection: &mut Connection, text: &str, answer: &[String]) -> Result<Vec<Answered>, ClientError> {
    let expected = answer.first().is_some_and(|line| line.starts_with("ERROR 40001"));
    for _ in 1..ATTEMPTS_MAX {
        match connection.simple(text).await {
            Err(error) if !expected && is_schema_race(&error) && connection.status() == TransactionStatus::Idle => {}
            done => return done,
        }
    }
    connection.simple(text).await
}

fn is_schema_race(error: &ClientError) -> bool {
    error.server().is_some_and(|server| server.code == "40001" && server.message.contains("OC001"))
}

/// An answer as the page would write it: its tag when that is what the page writes, else its columns and rows.
fn lines(answer: &Answered, wanted: &[String]) -> Vec<String> {
    if wanted.len() == 1 || answer.columns.is_empty() {
        return vec![answer.tag.clone()];
    }
    let names: Vec<&str> = answer.columns.iter().map(|column| column.name.as_str()).collect();
    let mut lines = vec![names.join(" | ")];
    for row in &answer.rows {
        let cells: Vec<&str> = row.iter().map(|cell| cell.unwrap_or("NULL")).collect();
        lines.push(cells.join(" | "));
    }
    if answer.rows.is_empty() {
        lines.push("(0 rows)".to_owned());
    }
    lines
}

fn equal(wanted: &[String], got: &[String]) -> bool {
    let open = wanted.len() > 1 && wanted.last().is_some_and(|last| last == "…");
    let wanted = if open { &wanted[..wanted.len() - 1] } else { wanted };
    let long_enough = if open { got.len() >= wanted.len() } else { got.len() == wanted.len() };
    long_enough && wanted.iter().zip(got).all(|(wanted, got)| is_row(wanted, got))
}

fn is_row(wanted: &str, got: &str) -> bool {
    let wanted: Vec<&str> = wanted.split('|').map(str::trim).collect();
    let got: Vec<&str> = got.split('|').map(str::trim).collect();
    wanted.len() == got.len() && wanted.iter().zip(got).all(|(wanted, got)| is(wanted, got))
}

/// Equality in which `…` stands for anything.
fn is(wanted: &str, got: &str) -> bool {
    let Some((before, after)) = wanted.split_once('…') else { return wanted == got };
    let Some(mut rest) = got.strip_prefix(before) else { return false };
    let pieces: Vec<&str> = after.split('…').collect();
    for (at, piece) in pieces.iter().enumerate() {
        if at + 1 == pieces.len() {
            return rest.ends_with(piece);
        }
        match rest.find(piece) {
            Some(found) => rest = &rest[found + piece.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{equal, is};

    #[test]
    fn dots_stand_for_anything() {
        assert!(is("a…c", "abc") && is("…", "") && is("x…y…", "x1y2") && is("abc", "abc"));
        assert!(!is("a…c", "ab") && !is("abc", "abcd") && !is("x…y…z", "xz"));
    }

    #[test]
    fn rows_are_compared_by_cell_and_the_rest_may_be_left_open() {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        assert!(equal(&lines("a | b\n1 |…"), &lines("a | b\n1 | x")));
        assert!(equal(&lines("a\n1\n…"), &lines("a\n1\n2\n3")));
        assert!(!equal(&lines("a\n1"), &lines("a\n1\n2")));
        assert!(!equal(&lines("a\n1\n2"), &lines("a\n1")));
    }
}
