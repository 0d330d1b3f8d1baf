//! The session as the outside world of its expressions.

use borealis_catalog::describe::Names;
use borealis_catalog::{Catalog, Sequence};
use borealis_pgtypes::{CallContext, Datum, EvalContext, Host, Oid, RandomSequence, Result, RowSet, SessionFunction, SqlError};

use super::transaction::{Active, Start};
use super::{Session, functions};

/// What a statement's functions may ask.
pub(super) struct SessionHost<'a> {
    pub(super) session: &'a Session,
    pub(super) catalog: &'a Catalog,
    /// Sequences that the open transaction has made or changed.
    changed_sequences: Vec<Oid>,
}

impl Host for SessionHost<'_> {
    fn clock_timestamp(&self) -> i64 {
        self.session.cluster.now()
    }

    fn random_bytes(&self, bytes: &mut [u8]) {
        self.session.cluster.random.fill(bytes);
    }

    fn draw(&self) -> u64 {
        let Some(mut sequence) = self.session.seeded.get() else { return self.session.cluster.random.next_u64() };
        let drawn = sequence.draw();
        self.session.seeded.set(Some(sequence));
        drawn
    }

    fn seed(&self, sequence: RandomSequence) -> Result<()> {
        self.session.seeded.set(Some(sequence));
        Ok(())
    }

    fn session_function(&self, function: SessionFunction, call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
        functions::call(self, function, call, args)
    }

    fn session_rows(&self, function: SessionFunction, call: &CallContext<'_>, args: &[Datum]) -> Result<RowSet> {
        match function {
            SessionFunction::TableChanges => self.session.table_changes(self.catalog, call.eval.settings, args),
            other => Err(SqlError::internal(format!("{other:?} gives no rows"))),
        }
    }

    fn check_interrupt(&self) -> Result<()> {
        self.session.interrupt.check()
    }
}

impl<'a> SessionHost<'a> {
    /// For printing values, outside of any transaction.
    pub(super) fn for_output(session: &'a Session, catalog: &'a Catalog) -> Self {
        Self { session, catalog, changed_sequences: Vec::new() }
    }

    /// Whether the transaction may move a sequence. One that it has changed itself is not yet what others see, so its values cannot be handed out.
    pub(super) fn may_move(&self, function: &str, sequence: &Sequence) -> Result<()> {
        super::portal::refuse_read_only(self.session.is_read_only(), function)?;
        if self.changed_sequences.contains(&sequence.oid) { Err(super::transaction::ddl_with_dml()) } else { Ok(()) }
    }
}

impl Session {
    /// Whether the block was begun READ ONLY.
    fn is_read_only(&self) -> bool {
        matches!(self.block, super::Block::Explicit { read_only: true })
    }

    /// The open transaction, begun now if there is none.
    pub(super) fn active(&mut self) -> Result<&mut Active> {
        let start = self.started();
        if self.active.is_none() {
            super::transaction::check_age(&self.cluster, start)?;
            let read_only = self.is_read_only();
            self.active = Some(Box::new(Active::begin(&self.cluster, read_only, self.application_name.clone(), self.turn.take())?));
        }
        Ok(self.active.as_mut().expect("begun above"))
    }

    /// The query of a view as `pg_get_viewdef` shows it.
    pub(super) fn view_text(&self, catalog: &Catalog, view: Oid, pretty: bool) -> Result<Option<String>> {
        let settings = self.parameters.borrow().types().clone();
        // A definition moves no sequence.
        let host = SessionHost { session: self, catalog, changed_sequences: Vec::new() };
        let eval = EvalContext { settings: &settings, transaction_timestamp: 0, statement_timestamp: 0, host: &host };
        let path = self.resolved_path(catalog, true);
        let names = Names { catalog, search_path: &path, database: functions::DATABASE };
        borealis_sql::bind::view_definition(view, names, &eval, self.cluster.dialect, pretty)
    }

    /// Start of the transaction, set now if it has not begun.
    pub(super) fn started(&mut self) -> Start {
        // The transaction is as old as its first statement.
        let timestamp = self.statement_start;
        *self.start.get_or_insert_with(|| Start { timestamp, monotonic: self.cluster.clock.monotonic() })
    }

    /// Runs `body` with the open transaction and the context its expressions evaluate in.
    ///
    /// The transaction is out of the session meanwhile, so that the session can be read while the transaction is written.
    pub(super) fn with_eval<T>(&mut self, body: impl FnOnce(&Self, &mut Active, &EvalContext<'_>) -> Result<T>) -> Result<T> {
        self.active()?;
        let mut active = self.active.take().expect("begun above");
        let catalog = active.catalog.clone();
        let settings = self.parameters.borrow().types().clone();
        let host = SessionHost { session: self, catalog: &catalog, changed_sequences: active.changed_sequences() };
        let eval = EvalContext {
            settings: &settings,
            transaction_timestamp: self.start.map_or(self.statement_start, |start| start.timestamp),
            statement_timestamp: self.statement_start,
            host: &host,
        };
        let result = body(self, &mut active, &eval);
        self.active = Some(active);
        result
    }
}
