//! One batch at a time: decide, append, apply, publish.
//!
//! All of this runs under the commit queue's lock, by whichever caller leads. The order matters: a commit is durable before it is
//! applied, applied before it is visible, visible before it is acknowledged.

use std::cell::OnceCell;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

use borealis_base::Clock;

use crate::adjudicator::Adjudicator;
use crate::base_store::Checkpoint;
use crate::checkpoint::{Checkpoints, Frozen};
use crate::commit::{Answer, Request};
use crate::error::{Cause, CommitError, Damage, OpenError, Outcome, Unavailable};
use crate::journal::{AppendError, Journal};
use crate::options::Limits;
use crate::record::{self, Record};
use crate::table::Table;
use crate::views::Views;
use crate::{Conflict, Position};

/// How often a batch is decided anew because others appended first, before its callers are told to come back.
const LOST_RACES_MAX: usize = 64;

pub(crate) struct Committer {
    journal: Arc<dyn Journal>,
    views: Arc<Views>,
    checkpoints: Arc<Checkpoints>,
    limits: Limits,
    adjudicator: Adjudicator,
    /// The table that takes commits.
    active: Arc<Table>,
    /// The last position applied, and the last one that wrote a catalog descriptor.
    applied: Checkpoint,
    /// Bytes appended since the active table was begun.
    journal_bytes: usize,
    clock: Arc<dyn Clock>,
    /// The time of the latest record, appended or refused.
    time_ns: i64,
    /// Why nothing is accepted any more.
    stopped: Option<String>,
}

impl Committer {
    /// A committer that starts from what `views` shows.
    pub(crate) fn new(
        journal: Arc<dyn Journal>,
        views: Arc<Views>,
        checkpoints: Arc<Checkpoints>,
        limits: Limits,
        from: Checkpoint,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let adjudicator = Adjudicator::new(from.position, limits.claim_keys_max);
        let active = views.active();
        Self { journal, views, checkpoints, limits, adjudicator, active, applied: from, journal_bytes: 0, clock, time_ns: 0, stopped: None }
    }

    #[cfg(test)]
    pub(crate) fn journal(&self) -> Arc<dyn Journal> {
        Arc::clone(&self.journal)
    }

    /// Commits a batch. One answer for each request, in order.
    pub(crate) fn commit(&mut self, batch: &mut [Request]) -> Vec<Answer> {
        let answers = match self.ready() {
            Ok(()) => {
                self.stamp(batch);
                self.commit_in_order(batch)
            }
            Err(unavailable) => batch.iter().map(|_| Err(CommitError::Unavailable(unavailable.clone()))).collect(),
        };
        debug_assert_eq!(answers.len(), batch.len());
        answers
    }

    /// Gives each record a time of its own: who follows the commits tells two of one row apart by it.
    fn stamp(&mut self, batch: &mut [Request]) {
        let now_ns = self.clock.unix_micros().saturating_mul(1000);
        for request in batch {
            self.time_ns = now_ns.max(self.time_ns + 1);
            record::stamp(&mut request.bytes, self.time_ns);
        }
    }

    /// Waits while the tables in memory are at their bound.
    fn ready(&mut self) -> Result<(), Unavailable> {
        if let Some(reason) = &self.stopped {
            return Err(Unavailable { outcome: Outcome::NotCommitted, cause: Cause::Stopped, detail: reason.clone() });
        }
        if self.active.bytes() >= self.limits.table_bytes_max {
            self.checkpoints.wait_for_room()?;
            self.freeze_if_due();
        }
        Ok(())
    }

    fn commit_in_order(&mut self, batch: &[Request]) -> Vec<Answer> {
        let records: Vec<Record<'_>> = batch.iter().map(Request::record).collect();
        for _ in 0..LOST_RACES_MAX {
            self.adjudicator.forget(self.views.oldest());
            let verdicts = self.decide(&records);
            let winners = batch.iter().zip(&verdicts).filter(|(_, verdict)| verdict.is_ok());
            let payloads: Vec<&[u8]> = winners.map(|(request, _)| &request.bytes[..]).collect();
            if payloads.is_empty() {
                return verdicts.into_iter().map(|verdict| verdict.map_err(CommitError::Conflict)).collect();
            }
            match self.journal.append(self.applied.position, &payloads) {
                Ok(last) => {
                    self.adjudicator.settle();
                    self.journal_bytes += payloads.iter().map(|payload| payload.len()).sum::<usize>();
                    return self.finish(&records, verdicts, last);
                }
                Err(AppendError::LostRace) => {
                    self.adjudicator.roll_back();
                    if let Err(error) = self.catch_up() {
                        return self.fail(&verdicts, &unavailable(Outcome::NotCommitted, error_cause(&error), &error));
                    }
                }
                Err(error) => return self.refuse(&verdicts, error),
            }
        }
        let contended = unavailable(Outcome::NotCommitted, Cause::Contended, &"other nodes kept committing first");
        batch.iter().map(|_| Err(CommitError::Unavailable(contended.clone()))).collect()
    }

    /// Judges each record against everything before it, the winners of this batch among that.
    fn decide(&mut self, records: &[Record<'_>]) -> Vec<Result<Position, Conflict>> {
        let mut next = self.applied.position.next();
        let mut decide_one = |record: &Record<'_>| {
            self.adjudicator.judge(record)?;
            let position = next;
            self.adjudicator.admit(position, record);
            next = next.next();
            Ok(position)
        };
        records.iter().map(&mut decide_one).collect()
    }

    /// The winners are durable: apply and publish them.
    fn finish(&mut self, records: &[Record<'_>], verdicts: Vec<Result<Position, Conflict>>, last: Position) -> Vec<Answer> {
        let live = OnceCell::new();
        for (record, verdict) in records.iter().zip(&verdicts) {
            if let Ok(position) = *verdict {
                self.apply(position, record, &live);
            }
        }
        assert_eq!(self.applied.position, last, "the journal appended exactly the winners");
        self.publish();
        self.freeze_if_due();
        verdicts.into_iter().map(|verdict| verdict.map_err(CommitError::Conflict)).collect()
    }

    fn apply(&mut self, position: Position, record: &Record<'_>, live: &OnceCell<Vec<Position>>) {
        for entry in &record.entries {
            if let Some(value) = entry.change {
                self.active.apply(entry.key, position, value.map(Arc::from), || live.get_or_init(|| self.views.live()));
            }
        }
        self.applied.position = position;
        if record.writes_catalog() {
            self.applied.catalog = position;
        }
    }

    fn publish(&self) {
        self.views.publish(self.applied.position, self.applied.catalog);
    }

    /// The append failed: nobody won.
    fn refuse(&mut self, verdicts: &[Result<Position, Conflict>], error: AppendError) -> Vec<Answer> {
        self.adjudicator.roll_back();
        let reason = match error {
            AppendError::Refused(error) => unavailable(Outcome::NotCommitted, io_cause(&error), &error),
            AppendError::Unknown(error) => {
                tracing::error!(%error, "a flush of the journal failed; the store accepts no more commits");
                self.stopped = Some(format!("a flush of the journal failed: {error}"));
                unavailable(Outcome::Unknown, Cause::Stopped, &error)
            }
            AppendError::LostRace => unavailable(Outcome::NotCommitted, Cause::Contended, &"another node committed first"),
        };
        self.fail(verdicts, &reason)
    }

    /// Answers a batch of which nothing was appended. Who lost to a commit that stands has still lost; who lost to a member of the batch
    /// has lost to nobody.
    fn fail(&self, verdicts: &[Result<Position, Conflict>], reason: &Unavailable) -> Vec<Answer> {
        let answer = |verdict: &Result<Position, Conflict>| match verdict {
            Err(conflict) if conflict.winner <= self.applied.position => Err(CommitError::Conflict(conflict.clone())),
            Err(_) => Err(CommitError::Unavailable(Unavailable { outcome: Outcome::NotCommitted, ..reason.clone() })),
            Ok(_) => Err(CommitError::Unavailable(reason.clone())),
        };
        verdicts.iter().map(answer).collect()
    }

    /// Takes over what the journal has at the start. No snapshot is older than the start, so no claim from before it matters then.
    pub(crate) fn recover(&mut self) -> Result<(), OpenError> {
        self.catch_up()?;
        self.adjudicator.forget(self.applied.position);
        self.freeze_if_due(); // what was replayed need not stay in memory
        Ok(())
    }

    /// Takes over every record after the last one applied: at the start all of them, later those of other nodes.
    fn catch_up(&mut self) -> Result<(), OpenError> {
        let journal = Arc::clone(&self.journal);
        let mut result = Ok(());
        journal.read(self.applied.position, &mut |position, bytes| match self.replay(position, bytes) {
            Ok(()) => ControlFlow::Continue(()),
            Err(damage) => {
                result = Err(OpenError::Damaged(damage));
                ControlFlow::Break(())
            }
        })?;
        self.publish();
        result
    }

    fn replay(&mut self, position: Position, bytes: &[u8]) -> Result<(), Damage> {
        let damage = |detail: String| Damage {
            file: "the journal".to_owned(),
            offset: 0,
            first_lost: position,
            last_lost: None,
            detail: format!("record {position}: {detail}"),
        };
        if position != self.applied.position.next() {
            return Err(damage(format!("comes after {}", self.applied.position)));
        }
        let record = Record::decode(bytes).map_err(|malformed| damage(malformed.0.to_owned()))?;
        // Every record in the journal won when it was appended. Losing now would mean that the journal is not the one it was decided on.
        self.adjudicator.verify(&record).map_err(|conflict| damage(format!("replay decides against it: {conflict:?}")))?;
        self.adjudicator.admit(position, &record);
        self.adjudicator.settle();
        self.adjudicator.forget(Position::ZERO); // nothing but what is beyond the bound
        self.apply(position, &record, &OnceCell::new());
        self.time_ns = self.time_ns.max(record.time_ns);
        self.journal_bytes += bytes.len();
        Ok(())
    }

    /// Hands the active table to the checkpoint when it is large, or its journal long.
    fn freeze_if_due(&mut self) {
        let due = self.active.bytes() >= self.limits.table_bytes || self.journal_bytes >= self.limits.journal_bytes;
        if due && self.checkpoints.is_idle() {
            self.freeze();
        }
    }

    /// Hands whatever the active table holds to the checkpoint; `false` when one is running already.
    pub(crate) fn freeze_rest(&mut self) -> bool {
        if self.active.is_empty() {
            return true;
        }
        let idle = self.checkpoints.is_idle();
        if idle {
            self.freeze();
        }
        idle
    }

    /// Begins a new table, and leaves the old one to the checkpoint.
    pub(crate) fn freeze(&mut self) {
        let active = Arc::new(Table::default());
        let table = std::mem::replace(&mut self.active, Arc::clone(&active));
        self.journal_bytes = 0;
        self.views.freeze(active);
        self.checkpoints.submit(Frozen { table, checkpoint: self.applied });
    }
}

fn unavailable(outcome: Outcome, cause: Cause, detail: &dyn std::fmt::Display) -> Unavailable {
    Unavailable { outcome, cause, detail: detail.to_string() }
}

pub(crate) fn io_cause(error: &io::Error) -> Cause {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Cause::DiskFull,
        _ => Cause::Io,
    }
}

fn error_cause(error: &OpenError) -> Cause {
    match error {
        OpenError::Io { source, .. } => io_cause(source),
        OpenError::InUse { .. } | OpenError::Version { .. } | OpenError::Damaged(_) => Cause::Io,
    }
}
