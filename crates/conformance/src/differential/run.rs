//! Asks an endpoint a corpus, and holds the answers against the recorded ones.

use std::fmt::Write as _;
use std::io;
use std::time::Duration;

use borealis_client::{ClientError, Connection, Endpoint};

use super::answer::Reply;
use super::recorded::{self, Recorded};
use super::script::{Statement, is_copy_out};
use super::{Corpus, CorpusError};
use crate::admission::connect;
use crate::compare::Got;
use crate::probe::Protocol;

/// The longest silence of a server that owes an answer.
const ANSWER_SECONDS_MAX: u64 = 60;
/// Where corpora work. Its name is in some answers, so it is always the same.
const SCHEMA: &str = "corpus";

/// What a statement's answers come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As PostgreSQL answers.
    Same,
    /// As Aurora DSQL answers where it differs on purpose.
    OnPurpose,
    /// Marked as not built yet.
    NotYet,
    /// Wrong.
    Wrong,
}

/// A statement whose answer was not the recorded one.
#[derive(Debug)]
pub struct Difference {
    /// Whether it is a defect or a known gap.
    pub verdict: Verdict,
    /// For people, several lines.
    pub text: String,
}

/// How a run went.
#[derive(Debug, Default)]
pub struct Summary {
    /// Statements answered as PostgreSQL answers them.
    pub same: usize,
    /// Statements answered otherwise on purpose.
    pub on_purpose: usize,
    /// Statements of what is not built yet.
    pub not_yet: usize,
    /// Wrong answers.
    pub wrong: usize,
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { same, on_purpose, not_yet, wrong } = self;
        write!(f, "{same} as PostgreSQL 16, {on_purpose} otherwise on purpose, {not_yet} not yet, {wrong} wrong")
    }
}

impl Summary {
    /// Counts one statement.
    pub fn count(&mut self, verdict: Verdict) {
        *match verdict {
            Verdict::Same => &mut self.same,
            Verdict::OnPurpose => &mut self.on_purpose,
            Verdict::NotYet => &mut self.not_yet,
            Verdict::Wrong => &mut self.wrong,
        } += 1;
    }
}

/// An endpoint that is asked corpora.
pub struct Runner {
    endpoint: Endpoint,
    /// The endpoint is PostgreSQL itself: differences on purpose and gaps are not expected of it.
    pub is_oracle: bool,
}

impl Runner {
    /// Asks `endpoint`.
    #[must_use]
    pub fn new(mut endpoint: Endpoint, is_oracle: bool) -> Self {
        endpoint.answer_timeout = Some(Duration::from_secs(ANSWER_SECONDS_MAX));
        Self { endpoint, is_oracle }
    }

    /// Records the answers to a corpus beside it.
    ///
    /// # Errors
    /// When the endpoint cannot be reached or the file cannot be written.
    pub async fn record(&self, corpus: &Corpus) -> Result<(), Box<dyn std::error::Error>> {
        let answers = self.ask(corpus, Protocol::Simple).await?;
        let recorded: Vec<Recorded> = corpus
            .script
            .statements
            .iter()
            .zip(answers)
            .map(|(statement, answer)| Recorded { sql: statement.sql.clone(), answer })
            .collect();
        std::fs::write(&corpus.answers_path, recorded::write(&recorded)).map_err(|error| write_failed(corpus, &error))?;
        Ok(())
    }

    /// Asks a corpus in both protocols and counts the answers; the wrong ones and the gaps are described.
    ///
    /// # Errors
    /// When the endpoint cannot be reached or the recorded answers are not those of this corpus.
    pub async fn compare(&self, corpus: &Corpus, summary: &mut Summary) -> Result<Vec<Difference>, Box<dyn std::error::Error>> {
        check_recorded(corpus)?;
        let simple = self.ask(corpus, Protocol::Simple).await?;
        let extended = self.ask(corpus, Protocol::Extended).await?;
        let mut differences = Vec::new();
        for (index, statement) in corpus.script.statements.iter().enumerate() {
            let expected = &corpus.recorded[index].answer;
            let answers = [(Protocol::Simple, &simple[index]), (Protocol::Extended, &extended[index])];
            let (verdict, remark) = self.judge(statement, expected, answers.map(|(_, answer)| answer.as_str()));
            summary.count(verdict);
            if let Some(remark) = remark {
                differences.push(Difference { verdict, text: describe(corpus, statement, remark, expected, &answers) });
            }
        }
        Ok(differences)
    }

    fn judge(&self, statement: &Statement, recorded: &str, answers: [&str; 2]) -> (Verdict, Option<&'static str>) {
        let all_are = |expected: &str| answers.iter().all(|answer| *answer == expected);
        match (&statement.differs, &statement.not_yet) {
            _ if self.is_oracle => {
                if all_are(recorded) {
                    (Verdict::Same, None)
                } else {
                    (Verdict::Wrong, Some("was recorded otherwise"))
                }
            }
            (_, Some(_)) if all_are(recorded) => (Verdict::Wrong, Some("answers as PostgreSQL: take its mark --? away")),
            (_, Some(_)) => (Verdict::NotYet, Some("not yet")),
            (Some(exception), None) if exception.answer == recorded => (Verdict::Wrong, Some("PostgreSQL answers so too: no exception")),
            (Some(exception), None) if all_are(&exception.answer) => (Verdict::OnPurpose, None),
            (None, None) if all_are(recorded) => (Verdict::Same, None),
            _ => (Verdict::Wrong, Some("wrong")),
        }
    }

    /// The answers to all statements. A connection that is lost costs the statement that lost it, not the ones behind.
    async fn ask(&self, corpus: &Corpus, protocol: Protocol) -> Result<Vec<String>, ClientError> {
        let mut connection = connect(&self.endpoint).await?;
        connection.simple(&format!("DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")).await?;
        connection.simple(&format!("CREATE SCHEMA {SCHEMA}")).await?;
        enter(&mut connection).await?;
        let mut answers = Vec::with_capacity(corpus.script.statements.len());
        for statement in &corpus.script.statements {
            let reply = ask_one(&mut connection, statement, protocol).await;
            answers.push(reply.text(statement.ordered));
            if !connection.is_usable() {
                connection = connect(&self.endpoint).await?;
                enter(&mut connection).await?;
            }
        }
        connection.close().await;
        Ok(answers)
    }
}

async fn enter(connection: &mut Connection) -> Result<(), ClientError> {
    connection.simple(&format!("SET search_path = {SCHEMA}")).await.map(drop)
}

async fn ask_one(connection: &mut Connection, statement: &Statement, protocol: Protocol) -> Reply {
    let mut copied = None;
    let answer = if let Some(data) = &statement.data {
        copy_in(connection, &statement.sql, data).await
    } else if is_copy_out(&statement.sql) {
        let (answer, data) = copy_out(connection, &statement.sql).await;
        copied = Some(data);
        answer
    } else {
        match protocol {
            Protocol::Simple => connection.simple(&statement.sql).await,
            Protocol::Extended => connection.query(&statement.sql, &[]).await.map(|outcome| vec![outcome]),
        }
    };
    let got = match answer {
        Ok(outcomes) => Got::Results(outcomes),
        Err(ClientError::Server(error)) => Got::Refusal(error),
        Err(error) => Got::Nothing(error.to_string()),
    };
    Reply { got, copied }
}

async fn copy_in(connection: &mut Connection, sql: &str, data: &str) -> Result<Vec<borealis_client::Outcome>, ClientError> {
    let mut copy = connection.copy_in(sql).await?;
    copy.send(data.as_bytes()).await?;
    copy.finish().await.map(|outcome| vec![outcome])
}

/// The outcome, and what came before it.
async fn copy_out(connection: &mut Connection, sql: &str) -> (Result<Vec<borealis_client::Outcome>, ClientError>, Vec<u8>) {
    let mut data = Vec::new();
    let mut copy = match connection.copy_out(sql).await {
        Ok(copy) => copy,
        Err(error) => return (Err(error), data),
    };
    loop {
        match copy.next().await {
            Ok(Some(bytes)) => data.extend_from_slice(&bytes),
            Ok(None) => return (Ok(vec![copy.outcome()]), data),
            Err(error) => return (Err(error), data),
        }
    }
}

fn check_recorded(corpus: &Corpus) -> Result<(), CorpusError> {
    let asked = corpus.script.statements.iter().map(|statement| &statement.sql);
    if asked.eq(corpus.recorded.iter().map(|recorded| &recorded.sql)) {
        return Ok(());
    }
    let message = "these are not the answers to the statements beside it: record them (make differential-record)".to_owned();
    Err(CorpusError { path: corpus.answers_path.clone(), message })
}

fn write_failed(corpus: &Corpus, error: &io::Error) -> CorpusError {
    CorpusError { path: corpus.answers_path.clone(), message: error.to_string() }
}

fn describe(corpus: &Corpus, statement: &Statement, remark: &str, recorded: &str, answers: &[(Protocol, &String); 2]) -> String {
    let gap = statement.not_yet.as_ref().map_or(String::new(), |gap| format!(" ({gap})"));
    let mut text = format!("{}.sql:{}: {remark}{gap}\n", corpus.name, statement.line);
    let mut block = |name: &str, lines: &str| {
        let _ = writeln!(text, "  {name}:");
        lines.lines().for_each(|line| {
            let _ = writeln!(text, "    {line}");
        });
    };
    block("statement", &statement.sql);
    block("expected", statement.differs.as_ref().map_or(recorded, |exception| &exception.answer));
    let [(_, simple), (_, extended)] = answers;
    if simple == extended {
        block("answered", simple);
    } else {
        answers.iter().for_each(|(protocol, answer)| block(&protocol.to_string(), answer));
    }
    text
}

#[cfg(test)]
mod tests {
    use borealis_client::Endpoint;

    use super::super::script::{Exception, Statement};
    use super::{Runner, Verdict};

    fn verdict(is_oracle: bool, statement: &Statement, answers: [&str; 2]) -> Verdict {
        let endpoint = Endpoint::resolve("localhost:1", None, "postgres").expect("an endpoint");
        Runner::new(endpoint, is_oracle).judge(statement, "right", answers).0
    }

    #[test]
    fn only_what_both_protocols_answer_as_recorded_is_the_same() {
        let plain = Statement::default();
        assert_eq!(verdict(false, &plain, ["right", "right"]), Verdict::Same);
        assert_eq!(verdict(false, &plain, ["right", "other"]), Verdict::Wrong);
    }

    #[test]
    fn an_exception_has_its_own_answer_and_must_be_needed() {
        let exception = |answer: &str| Statement {
            differs: Some(Exception { reason: "so".to_owned(), answer: answer.to_owned() }),
            ..Statement::default()
        };
        assert_eq!(verdict(false, &exception("own"), ["own", "own"]), Verdict::OnPurpose);
        assert_eq!(verdict(false, &exception("own"), ["right", "right"]), Verdict::Wrong);
        assert_eq!(verdict(false, &exception("right"), ["right", "right"]), Verdict::Wrong);
        assert_eq!(verdict(true, &exception("own"), ["right", "right"]), Verdict::Same);
    }

    #[test]
    fn a_gap_that_is_closed_must_lose_its_mark() {
        let gap = Statement { not_yet: Some("frames".to_owned()), ..Statement::default() };
        assert_eq!(verdict(false, &gap, ["other", "right"]), Verdict::NotYet);
        assert_eq!(verdict(false, &gap, ["right", "right"]), Verdict::Wrong);
    }
}
