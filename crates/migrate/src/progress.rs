//! How far a run is, for people and programs.

use serde::Serialize;

use crate::journal::{Phase, Run, Status};
use crate::plan::Way;

/// Where a run stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Progress {
    /// The run.
    pub run: String,
    /// Its table.
    pub table: String,
    /// What it does.
    pub goal: String,
    /// What it is doing.
    pub status: Status,
    /// Where a recreation stands.
    pub phase: Phase,
    /// Rows copied, or statements run.
    pub done: u64,
    /// Of about so many.
    pub total: u64,
    /// Comparisons of the whole table so far.
    pub rounds: u32,
    /// Ranges that the last one had to mend.
    pub differences: u64,
    /// Seconds that the copy still takes at its speed so far.
    pub seconds_left: Option<u64>,
    /// Seconds since the last sign of life of its process; none when no process is at it.
    pub silent_seconds: Option<u64>,
    /// Why it stopped.
    pub error: Option<String>,
}

impl Progress {
    /// Where a run of the journal stands.
    pub(crate) fn of(run: &Run) -> Self {
        let state = &run.state;
        let (done, total) = match &run.plan.way {
            Way::Direct { steps, .. } => (state.step as u64, steps.len() as u64),
            Way::Recreate(_) => (state.rows, run.plan.estimate.rows.max(state.rows)),
        };
        let copying = state.phase == Phase::Copy && state.status == Status::Running && done > 0;
        Self {
            run: run.id.clone(),
            table: run.plan.table.clone(),
            goal: run.plan.goal.clone(),
            status: state.status,
            phase: state.phase,
            done,
            total,
            rounds: state.rounds,
            differences: state.differences,
            seconds_left: copying.then(|| run.age_seconds * (total - done) / done),
            silent_seconds: run.owned.then_some(run.silent_seconds),
            error: state.error.clone(),
        }
    }

    /// One line for people, with a bar of the rows.
    #[must_use]
    pub fn line(&self) -> String {
        const WIDTH: u64 = 24;
        let filled = (self.done * WIDTH).checked_div(self.total).map_or(WIDTH, |filled| filled.min(WIDTH));
        let bar: String = (0..WIDTH).map(|at| if at < filled { '#' } else { '.' }).collect();
        let phase = serde_json::to_value(self.phase).ok().and_then(|phase| phase.as_str().map(str::to_owned)).unwrap_or_default();
        let left = self.seconds_left.map(|seconds| format!(", about {seconds} s left")).unwrap_or_default();
        let rounds = if self.rounds > 0 {
            format!(", {} comparisons, {} ranges mended in the last", self.rounds, self.differences)
        } else {
            String::new()
        };
        format!("[{bar}] {} of {} {}{left}{rounds}", self.done, self.total, phase)
    }
}

/// A number of bytes as people say it.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let mut unit = 0;
    let mut value = count;
    while value >= 10_240 && unit + 1 < UNITS.len() {
        value /= 1_024;
        unit += 1;
    }
    format!("{value} {}", UNITS[unit])
}
