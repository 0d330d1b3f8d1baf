//! Verdicts and how they are shown.

use std::fmt::{self, Write as _};

use serde_json::{Value, json};

use crate::probe::{Covers, Probe, Protocol};
use crate::run::{Attempt, Failure};

/// What a probe's answers come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Proven, expected and right in every protocol.
    Passed,
    /// Proven, expected and wrong.
    Failed,
    /// Not expected of the server yet, whatever it answered.
    NotYet,
    /// What is right is only inferred, so an answer proves nothing.
    Unproven,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotYet => "not yet",
            Self::Unproven => "unproven",
        })
    }
}

/// A probe and how it went.
#[derive(Debug, Clone)]
pub struct Scored {
    /// The probe.
    pub probe: Probe,
    /// One run for each of its protocols.
    pub attempts: Vec<Attempt>,
}

impl Scored {
    /// Whether every answer was the expected one.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.attempts.iter().all(|attempt| attempt.failure.is_none())
    }

    /// What that comes to.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match (self.probe.settings.covers, self.probe.is_proven(), self.agrees()) {
            (Covers::Later, _, _) => Verdict::NotYet,
            (Covers::Foundation, false, _) => Verdict::Unproven,
            (Covers::Foundation, true, true) => Verdict::Passed,
            (Covers::Foundation, true, false) => Verdict::Failed,
        }
    }

    /// One line for people, and one more for each further way in which it went wrong.
    #[must_use]
    pub fn lines(&self) -> String {
        let (verdict, title) = (self.verdict(), self.probe.title());
        let mut text = String::new();
        if self.agrees() {
            let remark = match verdict {
                Verdict::Passed | Verdict::Failed => "",
                Verdict::NotYet => ": answers as it should; promote it to 'covers: foundation'",
                Verdict::Unproven => ": answers as inferred",
            };
            let _ = writeln!(text, "{verdict} {title}{remark}");
        }
        for (protocols, failure) in self.failures() {
            let Failure { line, asked, expected, got } = failure;
            let what = format!("line {line}: {asked}: expected {expected}, got {got}").replace('\n', " ");
            let _ = writeln!(text, "{verdict} {title} ({}) {what}", names(&protocols));
        }
        for left in self.attempts.iter().filter_map(|attempt| attempt.left_behind.as_ref()) {
            let _ = writeln!(text, "note {title}: could not clean up: {}", left.replace('\n', " "));
        }
        text
    }

    /// Different failures, each with the protocols that saw it.
    fn failures(&self) -> Vec<(Vec<Protocol>, &Failure)> {
        let mut failures: Vec<(Vec<Protocol>, &Failure)> = Vec::new();
        for attempt in &self.attempts {
            let Some(failure) = &attempt.failure else { continue };
            // A captured value in the statement, such as a job's id, makes no new failure.
            let same = |known: &&mut (Vec<Protocol>, &Failure)| known.1.line == failure.line && known.1.got == failure.got;
            match failures.iter_mut().find(same) {
                Some((protocols, _)) => protocols.push(attempt.protocol),
                None => failures.push((vec![attempt.protocol], failure)),
            }
        }
        failures
    }

    fn json(&self) -> Value {
        let settings = &self.probe.settings;
        let attempts: Vec<Value> = self.attempts.iter().map(attempt_json).collect();
        json!({
            "probe": self.probe.title(),
            "line": self.probe.line,
            "verdict": self.verdict().to_string(),
            "agrees": self.agrees(),
            "proof": settings.proof.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "attempts": attempts,
        })
    }
}

fn names(protocols: &[Protocol]) -> String {
    protocols.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn attempt_json(attempt: &Attempt) -> Value {
    let failure = attempt
        .failure
        .as_ref()
        .map(|failure| json!({ "line": failure.line, "asked": failure.asked, "expected": failure.expected, "got": failure.got }));
    json!({ "protocol": attempt.protocol.to_string(), "failure": failure, "left_behind": attempt.left_behind })
}

/// How many probes came to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Probes that passed.
    pub passed: usize,
    /// Probes that failed.
    pub failed: usize,
    /// Probes of what is not built yet.
    pub not_yet: usize,
    /// Probes whose answers are inferred.
    pub unproven: usize,
}

impl Summary {
    /// The count over `scored`.
    #[must_use]
    pub fn of(scored: &[Scored]) -> Self {
        let mut summary = Self::default();
        for one in scored {
            *match one.verdict() {
                Verdict::Passed => &mut summary.passed,
                Verdict::Failed => &mut summary.failed,
                Verdict::NotYet => &mut summary.not_yet,
                Verdict::Unproven => &mut summary.unproven,
            } += 1;
        }
        summary
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { passed, failed, not_yet, unproven } = self;
        write!(f, "{passed} passed, {failed} failed, {not_yet} not yet, {unproven} unproven")
    }
}

/// The whole report, for programs.
#[must_use]
pub fn json(scored: &[Scored]) -> Value {
    let Summary { passed, failed, not_yet, unproven } = Summary::of(scored);
    json!({
        "summary": { "passed": passed, "failed": failed, "not_yet": not_yet, "unproven": unproven },
        "probes": scored.iter().map(Scored::json).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::{Scored, Summary, json};
    use crate::parse::parse;
    use crate::probe::Protocol;
    use crate::run::{Attempt, Failure};

    fn scored(settings: &str, got: [Option<&str>; 2]) -> Scored {
        let probe = parse("f", &format!("== p\n{settings}\na: SELECT 1\n-> SELECT 1\n")).expect("a probe").remove(0);
        let attempts = [Protocol::Simple, Protocol::Extended].into_iter().zip(got).map(|(protocol, got)| {
            let failure = got.map(|got| Failure { line: 3, asked: "a: X".to_owned(), expected: "Y".to_owned(), got: got.to_owned() });
            Attempt { protocol, failure, left_behind: None }
        });
        Scored { attempts: attempts.collect(), probe }
    }

    #[test]
    fn only_what_is_proven_expected_and_right_in_both_protocols_has_passed() {
        for (settings, got, lines) in [
            ("proof: oracle", [None, None], "passed f/p\n"),
            ("proof: recorded", [None, Some("Z")], "failed f/p (extended) line 3: a: X: expected Y, got Z\n"),
            ("proof: recorded", [Some("Z"), Some("Z")], "failed f/p (simple, extended) line 3: a: X: expected Y, got Z\n"),
            ("covers: later", [None, None], "not yet f/p: answers as it should; promote it to 'covers: foundation'\n"),
            ("covers: later", [Some("Z"), None], "not yet f/p (simple) line 3: a: X: expected Y, got Z\n"),
            ("proof: inferred", [None, None], "unproven f/p: answers as inferred\n"),
            ("proof: inferred", [Some("Z"), None], "unproven f/p (simple) line 3: a: X: expected Y, got Z\n"),
        ] {
            assert_eq!(scored(settings, got).lines(), lines);
        }
    }

    #[test]
    fn different_failures_have_a_line_each() {
        let lines = scored("proof: recorded", [Some("Z"), Some("W")]).lines();
        assert_eq!(lines.lines().count(), 2, "{lines}");
    }

    #[test]
    fn the_summary_counts_probes() {
        let all = [
            scored("proof: recorded", [None, None]),
            scored("proof: recorded", [Some("Z"), Some("W")]),
            scored("covers: later", [None, None]),
            scored("proof: inferred", [None, None]),
            scored("proof: inferred", [None, Some("Z")]),
        ];
        assert_eq!(Summary::of(&all).to_string(), "1 passed, 1 failed, 1 not yet, 2 unproven");
        let report = json(&all);
        assert_eq!(report["summary"]["unproven"], 2);
        assert_eq!(report["probes"][1]["attempts"][1]["failure"]["got"], "W");
        assert_eq!(report["probes"][2]["verdict"], "not yet");
    }
}
