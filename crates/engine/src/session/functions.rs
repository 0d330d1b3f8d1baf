//! Functions that only the session and its catalog can answer.

use std::time::Duration;

use borealis_catalog::functions::SessionFacts;
use borealis_catalog::snapshot::ADMIN_ROLE;
use borealis_catalog::{Catalog, Sequence, SequenceState};
use borealis_pgtypes::jsonb::Jsonb;
use borealis_pgtypes::{CallContext, Datum, Oid, Result, SessionFunction, SqlError, SqlState};

use super::Session;
use super::host::SessionHost;
use super::portal::blocking;

/// Name of the one database.
pub(super) const DATABASE: &str = "postgres";

pub(super) fn call(host: &SessionHost<'_>, function: SessionFunction, call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    borealis_catalog::functions::call(function, call, args, host)
}

impl Session {
    /// Faults are injected, and everybody's changes followed, by the administrator only.
    pub(super) fn require_admin(&self, function: &str) -> Result<()> {
        if self.current_role() == ADMIN_ROLE {
            return Ok(());
        }
        Err(SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, format!("permission denied for function {function}")))
    }
}

impl SessionFacts for SessionHost<'_> {
    fn catalog(&self) -> &Catalog {
        self.catalog
    }

    fn search_path(&self) -> Vec<Oid> {
        self.session.resolved_path(self.catalog, true)
    }

    fn explicit_search_path(&self) -> Vec<Oid> {
        self.session.resolved_path(self.catalog, false)
    }

    fn current_role(&self) -> Oid {
        self.session.current_role()
    }

    fn session_role(&self) -> Oid {
        self.session.role.oid
    }

    fn database(&self) -> &str {
        DATABASE
    }

    fn show(&self, name: &str) -> Option<String> {
        self.session.parameters.borrow().show(name).ok().map(|(_, value)| value)
    }

    fn set_config(&self, name: &str, value: &str, local: bool) -> Result<String> {
        let role = match name.eq_ignore_ascii_case("role") && local && value != "none" {
            true => Some(self.session.settable_role(self.catalog, value)?),
            false => None,
        };
        let mut parameters = self.session.parameters.borrow_mut();
        if let Some(role) = role {
            parameters.set_role(value, role, local)?;
            return Ok(value.to_owned());
        }
        parameters.set_from_text(name, value, local)?;
        Ok(parameters.show(name)?.1)
    }

    fn backend_pid(&self) -> i32 {
        self.session.pid
    }

    fn session_id(&self) -> String {
        self.session.id.to_string()
    }

    fn server_port(&self) -> Option<i32> {
        None
    }

    fn sleep(&self, micros: i64) -> Result<()> {
        let time = Duration::from_micros(u64::try_from(micros).unwrap_or(0));
        blocking(|| self.session.interrupt.wait(time))
    }

    fn estimated_rows(&self, table: Oid) -> f32 {
        #[allow(clippy::cast_possible_truncation)] // `reltuples` is a float4
        self.session.cluster.statistics.table(table).map_or(-1.0, |statistics| statistics.rows as f32)
    }

    fn inject_add(&self, rule: &Jsonb) -> Result<i64> {
        self.session.require_admin("inject_add")?;
        self.session.cluster.injections.add(rule)
    }

    fn inject_remove(&self, id: i64) -> Result<bool> {
        self.session.require_admin("inject_remove")?;
        Ok(self.session.cluster.injections.remove(id))
    }

    fn inject_clear(&self) -> Result<i64> {
        self.session.require_admin("inject_clear")?;
        Ok(self.session.cluster.injections.clear())
    }

    fn follow_changes(&self, follower: [u8; 16]) -> Result<i64> {
        self.session.follow_changes(follower)
    }

    fn commit_position(&self) -> Result<i64> {
        self.session.commit_position()
    }

    fn advance_follower(&self, follower: [u8; 16], position: i64) -> Result<()> {
        self.session.advance_follower(follower, position)
    }

    fn unfollow_changes(&self, follower: [u8; 16]) -> Result<()> {
        self.session.unfollow_changes(follower)
    }

    fn view_definition(&self, view: Oid, pretty: bool) -> Result<Option<String>> {
        self.session.view_text(self.catalog, view, pretty)
    }

    fn transaction_id(&self) -> i64 {
        i64::try_from(self.session.cluster.store.position().0).unwrap_or(i64::MAX)
    }

    fn next_value(&self, sequence: &Sequence) -> Result<i64> {
        self.may_move("nextval()", sequence)?;
        self.session.next_value(sequence)
    }

    fn current_value(&self, sequence: Oid) -> Option<i64> {
        self.session.sequences.borrow().current(sequence)
    }

    fn last_sequence(&self) -> Option<Oid> {
        self.session.sequences.borrow().last()
    }

    fn set_sequence(&self, sequence: &Sequence, state: SequenceState) -> Result<()> {
        self.may_move("setval()", sequence)?;
        self.session.set_sequence(sequence, state)
    }

    fn sequence_state(&self, sequence: &Sequence) -> Result<SequenceState> {
        borealis_catalog::system::ServerState::sequence_state(self.session, sequence)
    }
}
