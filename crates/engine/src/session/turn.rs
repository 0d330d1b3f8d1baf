//! Where a session that has lost waits for its turn.

#[cfg(test)]
#[path = "turn_tests.rs"]
mod tests;

use borealis_pgtypes::Result;

use super::Session;

/// What begins no transaction that could win or lose: words that a statement of transaction control or of settings starts with.
const WITHOUT_SNAPSHOT: &[&str] = &["abort", "begin", "commit", "discard", "end", "reset", "rollback", "set", "show", "start"];

impl Session {
    /// Called before a statement is made ready: after a loss its snapshot waits until those are done who lost over the same key before.
    ///
    /// # Errors
    /// `57014` and `57P01` when the wait is interrupted.
    pub async fn take_turn(&mut self, text: &str) -> Result<()> {
        if self.lost.is_none() || self.active.is_some() || takes_no_snapshot(text) {
            return Ok(());
        }
        self.wait_for_turn().await
    }

    /// As [`Session::take_turn`], for a statement that was prepared.
    ///
    /// # Errors
    /// The same.
    pub async fn take_turn_for(&mut self, statement: &str) -> Result<()> {
        if self.lost.is_none() {
            return Ok(());
        }
        match self.prepared.get(statement).map(|prepared| prepared.text.clone()) {
            Some(text) => self.take_turn(&text).await,
            None => Ok(()),
        }
    }

    async fn wait_for_turn(&mut self) -> Result<()> {
        let Some(key) = self.lost.take() else { return Ok(()) };
        let turn = self.cluster.turns.queue(key);
        let interrupt = self.interrupt.clone();
        let interrupted = interrupt.notify.notified();
        tokio::pin!(interrupted);
        interrupted.as_mut().enable();
        let waited = interrupt.check();
        self.checked(waited)?;
        tokio::select! {
            biased;
            () = interrupted => {}
            () = turn.come() => {}
        }
        let waited = interrupt.check();
        self.checked(waited)?;
        self.turn = Some(turn);
        Ok(())
    }
}

/// Judged by the first word. A wrong guess costs a wait or a chance, never an answer.
fn takes_no_snapshot(text: &str) -> bool {
    let word = text.trim_start().split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    WITHOUT_SNAPSHOT.iter().any(|control| control.eq_ignore_ascii_case(word))
}
