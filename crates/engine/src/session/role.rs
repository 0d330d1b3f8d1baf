//! Whose rights count, and whether they suffice.
//!
//! A session is a role's; `SET LOCAL role` makes it another's until the transaction ends, and a SECURITY DEFINER function is its owner's while it runs.
//! What a plan needs is asked once per plan and role: a plan is made for one version of the catalog, and nothing that rights depend on changes within it.

use std::sync::atomic::{AtomicU32, Ordering};

use borealis_catalog::privilege::Standing;
use borealis_catalog::snapshot::ADMIN_ROLE;
use borealis_catalog::{Catalog, membership};
use borealis_pgtypes::{Oid, Result, SqlError, SqlState};
use borealis_sql::permission::Permissions;

use super::Session;

/// The role that was last found to have what something needs.
#[derive(Debug, Default)]
pub(crate) struct Permitted(AtomicU32);

impl Permitted {
    /// Asks whether the role has what is needed, unless it was asked before.
    ///
    /// # Errors
    /// `42501`
    pub(crate) fn check(&self, permissions: &Permissions, catalog: &Catalog, role: Oid) -> Result<()> {
        if self.0.load(Ordering::Relaxed) != role.0 {
            permissions.check(catalog, role)?;
            self.0.store(role.0, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Whether the role was asked for before.
    pub(crate) fn is(&self, role: Oid) -> bool {
        self.0.load(Ordering::Relaxed) == role.0
    }
}

impl Session {
    /// `current_user`
    pub(super) fn current_role(&self) -> Oid {
        self.acting.get().or_else(|| self.parameters.borrow().role()).unwrap_or(self.role.oid)
    }

    /// Runs `body` with another role's rights.
    pub(super) fn as_role<T>(&self, role: Oid, body: impl FnOnce() -> T) -> T {
        let before = self.acting.replace(Some(role));
        let result = body();
        self.acting.set(before);
        result
    }

    /// The same until [`Session::act_as_before`] is called with what this answers.
    pub(super) fn act_as(&self, role: Oid) -> Option<Oid> {
        self.acting.replace(Some(role))
    }

    /// See [`Session::act_as`].
    pub(super) fn act_as_before(&self, before: Option<Oid>) {
        self.acting.set(before);
    }

    /// The role that SET names, which the session must be able to become.
    pub(super) fn settable_role(&self, catalog: &Catalog, name: &str) -> Result<Oid> {
        if self.acting.get().is_some() {
            let text = "cannot set parameter \"role\" within security-definer function";
            return Err(SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, text));
        }
        let role = catalog.role(name);
        let role = role.ok_or_else(|| SqlError::new(SqlState::INVALID_PARAMETER_VALUE, format!("role \"{name}\" does not exist")))?;
        if membership::can_set_role(catalog, self.role.oid, role.oid) {
            return Ok(role.oid);
        }
        Err(SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, format!("permission denied to set role \"{name}\"")))
    }

    /// Whose objects' affairs are this session's: admin's are everybody's.
    pub(super) fn sees(&self, catalog: &Catalog) -> impl Fn(Oid) -> bool + use<> {
        let role = self.current_role();
        let standing = Standing::of(catalog, role);
        move |owner| role == ADMIN_ROLE || standing.has_privileges_of(owner)
    }

    /// Refuses what the current role may not do.
    pub(super) fn permit(&mut self, permissions: &Permissions) -> Result<()> {
        let role = self.current_role();
        permissions.check(&self.active()?.catalog, role)
    }
}
