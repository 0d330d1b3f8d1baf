//! One rule: what it is about, when it fires, and how it is written.
//!
//! A rule is a JSON object. Every field is known here, every combination that would say nothing is refused: a rule that silently does
//! something else than its author meant would test nothing.

use std::sync::Arc;
use std::time::Duration;

use borealis_base::{Random as _, SeededRandom};
use borealis_pgtypes::jsonb::Jsonb;
use borealis_pgtypes::{Datum, Result, SqlError, SqlState};
use borealis_storage::ConflictKind;

use super::{CommitFault, JobFault};

/// The fields of a rule, as messages list them.
const FIELDS: &str = "application_name, delay_ms, job_type, kind, nth, probability, seed, table, times";
/// The kinds, likewise.
const KINDS: &str = "OC000, OC001, drop_before_commit, drop_after_commit, job_failure, slow_job";
/// The job types, likewise.
const JOB_TYPES: [&str; 4] = ["INDEX_BUILD", "VALIDATE_CONSTRAINT", "DROP", "ANALYZE"];
/// The longest delay of a job's batch.
const DELAY_MS_MAX: i64 = 600_000;

/// What a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Commit(CommitFault),
    Job(JobFault),
}

/// When a rule that matches fires.
#[derive(Debug)]
enum When {
    Always,
    /// At the n-th match since it was added.
    Nth(i64),
    /// At each match with this probability.
    Probability {
        of_one: f64,
        seed: i64,
        generator: SeededRandom,
    },
}

/// A rule.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) id: i64,
    pub(super) kind: Kind,
    name: Arc<str>,
    /// `name` or `schema.name`.
    table: Option<Arc<str>>,
    application_name: Option<Arc<str>>,
    job_type: Option<Arc<str>>,
    when: When,
    /// How often it fires at most.
    times: Option<i64>,
    matched: i64,
    fired: i64,
}

/// The fields as written.
#[derive(Default)]
struct Fields {
    kind: Option<Arc<str>>,
    table: Option<Arc<str>>,
    application_name: Option<Arc<str>>,
    job_type: Option<Arc<str>>,
    nth: Option<i64>,
    probability: Option<f64>,
    seed: Option<i64>,
    times: Option<i64>,
    delay_ms: Option<i64>,
}

impl Rule {
    pub(super) fn read(id: i64, document: &Jsonb) -> Result<Self> {
        let fields = Fields::read(document)?;
        let (kind, name) = fields.kind()?;
        let when = fields.when()?;
        if let Some(times) = fields.times.filter(|times| *times < 1) {
            return Err(invalid(format!("\"times\" must be at least 1, not {times}")));
        }
        if fields.nth.is_some() && fields.times.is_some() {
            return Err(invalid("\"nth\" fires once: \"times\" has no place beside it".to_owned()));
        }
        let Fields { table, application_name, job_type, times, .. } = fields;
        Ok(Self { id, kind, name, table, application_name, job_type, when, times, matched: 0, fired: 0 })
    }

    /// Whether it concerns work on these tables (schema and name) by this session.
    pub(super) fn is_about(&self, tables: &[(String, String)], application_name: Option<&str>) -> bool {
        let is_table = |wanted: &str| {
            tables.iter().any(|(schema, name)| match wanted.split_once('.') {
                Some((wanted_schema, wanted_name)) => wanted_schema == schema && wanted_name == name,
                None => wanted == name,
            })
        };
        self.table.as_deref().is_none_or(is_table) && self.application_name.as_deref().is_none_or(|name| Some(name) == application_name)
    }

    pub(super) fn is_about_job(&self, job_type: &str) -> bool {
        self.job_type.as_deref().is_none_or(|wanted| wanted == job_type)
    }

    /// Counts a match and says whether it fires.
    pub(super) fn fires(&mut self) -> bool {
        self.matched += 1;
        let fires = match &self.when {
            When::Always => true,
            When::Nth(nth) => self.matched == *nth,
            When::Probability { of_one, generator, .. } => unit(generator) < *of_one,
        };
        let fires = fires && self.times.is_none_or(|times| self.fired < times);
        self.fired += i64::from(fires);
        fires
    }

    /// The row of `borealis.inject`.
    pub(super) fn row(&self) -> Vec<Datum> {
        let text = |text: &Option<Arc<str>>| text.as_deref().map_or(Datum::Null, Datum::text);
        let number = |number: Option<i64>| number.map_or(Datum::Null, Datum::Int8);
        let (nth, probability, seed) = match &self.when {
            When::Always => (None, None, None),
            When::Nth(nth) => (Some(*nth), None, None),
            When::Probability { of_one, seed, .. } => (None, Some(*of_one), Some(*seed)),
        };
        let delay = match self.kind {
            Kind::Job(JobFault::Slow(delay)) => i64::try_from(delay.as_millis()).ok(),
            Kind::Job(JobFault::Failure) | Kind::Commit(_) => None,
        };
        vec![
            Datum::Int8(self.id),
            Datum::text(&self.name),
            text(&self.table),
            text(&self.application_name),
            text(&self.job_type),
            number(nth),
            probability.map_or(Datum::Null, Datum::Float8),
            number(seed),
            number(self.times),
            number(delay),
            Datum::Int8(self.matched),
            Datum::Int8(self.fired),
        ]
    }
}

/// A number from 0 to 1, 1 excluded.
#[allow(clippy::cast_precision_loss)] // 53 bits are what a double holds
fn unit(generator: &SeededRandom) -> f64 {
    (generator.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}

impl Fields {
    fn read(document: &Jsonb) -> Result<Self> {
        let Jsonb::Object(members) = document else {
            return Err(invalid("a rule of borealis.inject is a JSON object".to_owned()));
        };
        let mut fields = Self::default();
        for (name, value) in members {
            match &**name {
                "kind" => fields.kind = Some(string(name, value)?),
                "table" => fields.table = Some(string(name, value)?),
                "application_name" => fields.application_name = Some(string(name, value)?),
                "job_type" => fields.job_type = Some(string(name, value)?),
                "nth" => fields.nth = Some(integer(name, value)?),
                "seed" => fields.seed = Some(integer(name, value)?),
                "times" => fields.times = Some(integer(name, value)?),
                "delay_ms" => fields.delay_ms = Some(integer(name, value)?),
                "probability" => fields.probability = Some(number(name, value)?),
                other => return Err(invalid(format!("unknown field \"{other}\"")).hint(format!("The fields are {FIELDS}."))),
            }
        }
        Ok(fields)
    }

    fn kind(&self) -> Result<(Kind, Arc<str>)> {
        let missing = || invalid("a rule needs a \"kind\"".to_owned()).hint(format!("The kinds are {KINDS}."));
        let name = self.kind.clone().ok_or_else(missing)?;
        let kind = match &*name {
            "OC000" => Kind::Commit(CommitFault::Conflict(ConflictKind::Data)),
            "OC001" => Kind::Commit(CommitFault::Conflict(ConflictKind::Catalog)),
            "drop_before_commit" => Kind::Commit(CommitFault::DropBefore),
            "drop_after_commit" => Kind::Commit(CommitFault::DropAfter),
            "job_failure" => Kind::Job(JobFault::Failure),
            "slow_job" => Kind::Job(JobFault::Slow(self.delay()?)),
            other => return Err(invalid(format!("unknown kind \"{other}\"")).hint(format!("The kinds are {KINDS}."))),
        };
        let misplaced = match kind {
            Kind::Commit(_) => [("job_type", self.job_type.is_some()), ("delay_ms", self.delay_ms.is_some())],
            Kind::Job(fault) => {
                [("application_name", self.application_name.is_some()), ("delay_ms", self.delay_ms.is_some() && fault == JobFault::Failure)]
            }
        };
        if let Some((field, _)) = misplaced.iter().find(|(_, given)| *given) {
            return Err(invalid(format!("\"{field}\" says nothing about kind \"{name}\"")));
        }
        match &self.job_type {
            Some(job_type) if !JOB_TYPES.contains(&&**job_type) => {
                Err(invalid(format!("unknown job type \"{job_type}\"")).hint(format!("The job types are {}.", JOB_TYPES.join(", "))))
            }
            _ => Ok((kind, name)),
        }
    }

    fn delay(&self) -> Result<Duration> {
        match self.delay_ms {
            Some(delay @ 1..=DELAY_MS_MAX) => Ok(Duration::from_millis(delay.unsigned_abs())),
            Some(delay) => Err(invalid(format!("\"delay_ms\" must be between 1 and {DELAY_MS_MAX}, not {delay}"))),
            None => Err(invalid("kind \"slow_job\" needs \"delay_ms\"".to_owned())),
        }
    }

    fn when(&self) -> Result<When> {
        match (self.nth, self.probability, self.seed) {
            (Some(_), Some(_), _) => Err(invalid("\"nth\" and \"probability\" contradict each other".to_owned())),
            (Some(nth), None, None) if nth >= 1 => Ok(When::Nth(nth)),
            (Some(nth), None, None) => Err(invalid(format!("\"nth\" must be at least 1, not {nth}"))),
            (_, None, Some(_)) => Err(invalid("\"seed\" needs a \"probability\"".to_owned())),
            (None, Some(_), None) => Err(invalid("\"probability\" needs a \"seed\": a rule fires the same way each time".to_owned())),
            (None, Some(of_one), Some(seed)) if (0.0..=1.0).contains(&of_one) => {
                Ok(When::Probability { of_one, seed, generator: SeededRandom::new(seed.cast_unsigned()) })
            }
            (None, Some(of_one), Some(_)) => Err(invalid(format!("\"probability\" must be between 0 and 1, not {of_one}"))),
            (None, None, None) => Ok(When::Always),
        }
    }
}

fn string(name: &str, value: &Jsonb) -> Result<Arc<str>> {
    match value {
        Jsonb::String(text) => Ok(text.clone()),
        _ => Err(invalid(format!("\"{name}\" must be a string"))),
    }
}

fn integer(name: &str, value: &Jsonb) -> Result<i64> {
    let whole = match value {
        Jsonb::Number(number) => number.to_i64().ok().filter(|whole| number.to_f64_lossy().fract() == 0.0 || *whole > 1 << 53),
        _ => None,
    };
    whole.ok_or_else(|| invalid(format!("\"{name}\" must be a whole number")))
}

fn number(name: &str, value: &Jsonb) -> Result<f64> {
    match value {
        Jsonb::Number(number) => Ok(number.to_f64_lossy()),
        _ => Err(invalid(format!("\"{name}\" must be a number"))),
    }
}

fn invalid(text: String) -> SqlError {
    SqlError::new(SqlState::INVALID_PARAMETER_VALUE, format!("invalid rule of borealis.inject: {text}"))
}

pub(super) fn too_many(limit: usize) -> SqlError {
    SqlError::new(SqlState::PROGRAM_LIMIT_EXCEEDED, format!("more than {limit} rules of borealis.inject are not allowed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Rule> {
        Rule::read(1, &Jsonb::parse(text).expect("JSON"))
    }

    fn fired(text: &str, matches: usize) -> Vec<usize> {
        let mut rule = read(text).expect("a rule");
        (1..=matches).filter(|_| rule.fires()).collect()
    }

    #[test]
    fn a_rule_fires_when_it_says() {
        assert_eq!(fired(r#"{"kind": "OC000"}"#, 3), [1, 2, 3]);
        assert_eq!(fired(r#"{"kind": "OC000", "nth": 2}"#, 5), [2]);
        assert_eq!(fired(r#"{"kind": "OC000", "times": 2}"#, 5), [1, 2]);
        let half = r#"{"kind": "OC001", "probability": 0.5, "seed": 7}"#;
        let times = fired(half, 1000);
        assert!((400..600).contains(&times.len()), "{}", times.len());
        assert_eq!(times, fired(half, 1000), "the same each time");
        assert_ne!(times, fired(r#"{"kind": "OC001", "probability": 0.5, "seed": 8}"#, 1000));
        assert_eq!(fired(r#"{"kind": "OC001", "probability": 0, "seed": 7}"#, 100), [0; 0]);
        assert_eq!(fired(r#"{"kind": "OC001", "probability": 1, "seed": 7}"#, 3), [1, 2, 3]);
    }

    #[test]
    fn a_rule_is_about_what_it_names() {
        let tables = [("public".to_owned(), "t".to_owned())];
        let about = |text: &str, name| read(text).expect("a rule").is_about(&tables, name);
        assert!(about(r#"{"kind": "OC000"}"#, Some("shop")));
        assert!(about(r#"{"kind": "OC000", "table": "t"}"#, None));
        assert!(about(r#"{"kind": "OC000", "table": "public.t", "application_name": "shop"}"#, Some("shop")));
        assert!(!about(r#"{"kind": "OC000", "table": "other.t"}"#, None));
        assert!(!about(r#"{"kind": "OC000", "table": "u"}"#, None));
        assert!(!about(r#"{"kind": "OC000", "application_name": "shop"}"#, Some("desk")));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (text, wanted) in [
            ("[]", "a rule of borealis.inject is a JSON object"),
            ("{}", "a rule needs a \"kind\""),
            (r#"{"kind": "OC002"}"#, "unknown kind \"OC002\""),
            (r#"{"kind": "OC000", "tabel": "t"}"#, "unknown field \"tabel\""),
            (r#"{"kind": 1}"#, "\"kind\" must be a string"),
            (r#"{"kind": "OC000", "nth": 1.5}"#, "\"nth\" must be a whole number"),
            (r#"{"kind": "OC000", "nth": 0}"#, "\"nth\" must be at least 1, not 0"),
            (r#"{"kind": "OC000", "nth": 1, "times": 2}"#, "\"nth\" fires once: \"times\" has no place beside it"),
            (r#"{"kind": "OC000", "nth": 1, "probability": 0.5, "seed": 1}"#, "\"nth\" and \"probability\" contradict each other"),
            (r#"{"kind": "OC000", "seed": 1}"#, "\"seed\" needs a \"probability\""),
            (r#"{"kind": "OC000", "probability": 0.5}"#, "\"probability\" needs a \"seed\": a rule fires the same way each time"),
            (r#"{"kind": "OC000", "probability": 2, "seed": 1}"#, "\"probability\" must be between 0 and 1, not 2"),
            (r#"{"kind": "OC000", "times": 0}"#, "\"times\" must be at least 1, not 0"),
            (r#"{"kind": "OC000", "delay_ms": 5}"#, "\"delay_ms\" says nothing about kind \"OC000\""),
            (r#"{"kind": "job_failure", "application_name": "x"}"#, "\"application_name\" says nothing about kind \"job_failure\""),
            (r#"{"kind": "slow_job"}"#, "kind \"slow_job\" needs \"delay_ms\""),
            (r#"{"kind": "slow_job", "delay_ms": 0}"#, "\"delay_ms\" must be between 1 and 600000, not 0"),
            (r#"{"kind": "job_failure", "job_type": "REINDEX"}"#, "unknown job type \"REINDEX\""),
        ] {
            let error = read(text).expect_err(text);
            assert_eq!(error.message(), format!("invalid rule of borealis.inject: {wanted}"), "{text}");
            assert_eq!(error.sqlstate(), SqlState::INVALID_PARAMETER_VALUE);
        }
    }
}
