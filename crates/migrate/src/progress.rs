//! How far a run is, for people and programs.

use serde::Serialize;

use crate::journal::{Phase, Run, Status};
use crate::plan::{Basis, Way};

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
    /// Of so many: counted, or estimated, when the copy began. It does not follow `done`.
    pub total: u64,
    /// How the total is known. More may have come since it was counted: then it is the least that there are.
    pub total_is: Basis,
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
        let (done, total, total_is) = match &run.plan.way {
            Way::Direct { steps, .. } => (state.step as u64, steps.len() as u64, Basis::Counted),
            // Nothing is copied, only compared.
            Way::Recreate(recreation) if recreation.exists => (0, 0, Basis::Counted),
            Way::Recreate(_) if state.phase > Phase::Copy => (state.rows, state.rows, Basis::Counted),
            Way::Recreate(_) => {
                let estimate = &run.plan.estimate;
                let (total, known) = state.total.unwrap_or((estimate.rows, estimate.basis));
                (state.rows, total, if state.rows > total { Basis::AtLeast } else { known })
            }
        };
        let copying = state.phase == Phase::Copy && state.status == Status::Running && done > 0 && total_is != Basis::AtLeast;
        Self {
            run: run.id.clone(),
            table: run.plan.table.clone(),
            goal: run.plan.goal.clone(),
            status: state.status,
            phase: state.phase,
            done,
            total,
            total_is,
            rounds: state.rounds,
            differences: state.differences,
            seconds_left: copying.then(|| state.copying_ms * (total - done) / done / 1_000),
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
        let total = match self.total_is {
            Basis::Counted => self.total.to_string(),
            Basis::Statistics => format!("~{}", self.total),
            Basis::AtLeast => format!("{}+", self.total),
        };
        format!("[{bar}] {} of {total} {}{left}{rounds}", self.done, phase)
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

#[cfg(test)]
mod tests {
    use super::{Phase, Progress, Status};
    use crate::plan::Basis;

    #[test]
    fn the_total_says_how_it_is_known() {
        let progress = |total_is| Progress {
            run: "r".to_owned(),
            table: "public.t".to_owned(),
            goal: "g".to_owned(),
            status: Status::Running,
            phase: Phase::Copy,
            done: 300,
            total: 1_200,
            total_is,
            rounds: 0,
            differences: 0,
            seconds_left: None,
            silent_seconds: None,
            error: None,
        };
        for (total_is, expected) in [
            (Basis::Counted, "[######..................] 300 of 1200 copy"),
            (Basis::Statistics, "[######..................] 300 of ~1200 copy"),
            (Basis::AtLeast, "[######..................] 300 of 1200+ copy"),
        ] {
            assert_eq!(progress(total_is).line(), expected);
        }
    }
}
