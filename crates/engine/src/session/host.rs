//! The session as the outside world of its expressions.

use borealis_catalog::Catalog;
use borealis_pgtypes::{CallContext, Datum, EvalContext, Host, Result, SessionFunction};

use super::transaction::{Active, Start};
use super::{Session, functions};

/// What a statement's functions may ask.
pub(super) struct SessionHost<'a> {
    pub(super) session: &'a Session,
    pub(super) catalog: &'a Catalog,
}

impl Host for SessionHost<'_> {
    fn clock_timestamp(&self) -> i64 {
        self.session.cluster.now()
    }

    fn random_bytes(&self, bytes: &mut [u8]) {
        self.session.cluster.random.fill(bytes);
    }

    fn session_function(&self, function: SessionFunction, call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
        functions::call(self, function, call, args)
    }

    fn check_interrupt(&self) -> Result<()> {
        self.session.interrupt.check()
    }
}

impl Session {
    /// The open transaction, begun now if there is none.
    pub(super) fn active(&mut self) -> Result<&mut Active> {
        let start = self.started();
        if self.active.is_none() {
            super::transaction::check_age(&self.cluster, start)?;
            let read_only = matches!(self.block, super::Block::Explicit { read_only: true });
            self.active = Some(Box::new(Active::begin(&self.cluster, read_only)?));
        }
        Ok(self.active.as_mut().expect("begun above"))
    }

    /// Start of the transaction, set now if it has not begun.
    pub(super) fn started(&mut self) -> Start {
        *self.start.get_or_insert_with(|| Start { timestamp: self.cluster.now(), monotonic: self.cluster.clock.monotonic() })
    }

    /// Runs `body` with the open transaction and the context its expressions evaluate in.
    ///
    /// The transaction is out of the session meanwhile, so that the session can be read while the transaction is written.
    pub(super) fn with_eval<T>(&mut self, body: impl FnOnce(&Self, &mut Active, &EvalContext<'_>) -> Result<T>) -> Result<T> {
        self.active()?;
        let mut active = self.active.take().expect("begun above");
        let catalog = active.catalog.clone();
        let settings = self.parameters.borrow().types().clone();
        let host = SessionHost { session: self, catalog: &catalog };
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
