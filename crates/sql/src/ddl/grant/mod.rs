//! GRANT and REVOKE on objects. After `ExecuteGrantStmt` and `restrict_and_check_grant`.
//!
//! A statement becomes a [`Request`]: who is granted or loses what, how. Each kind of object finds its list of rights and has it changed by
//! [`Work::changed_list`], which finds the grantor and leaves out what that one may not grant.

mod default_privileges;
mod membership;
mod object;
mod relation;

use borealis_catalog::acl::{self, AclItem, Behavior, Editor, Rights};
use borealis_catalog::privilege::{Guarded, PUBLIC};
use borealis_pgtypes::{Oid, Result, Severity, SqlError, SqlState};

use super::{Work, ownership};
use crate::ast::{Grant, GrantTarget, RoleName};

/// `WARNING_PRIVILEGE_NOT_GRANTED` and its reverse.
const NOT_GRANTED: SqlState = SqlState(*b"01007");
const NOT_REVOKED: SqlState = SqlState(*b"01006");

/// What a statement does to every list it touches.
struct Request {
    revoke: bool,
    grantees: Vec<Oid>,
    /// The grant option is granted too, or only it is revoked.
    grant_option: bool,
    behavior: Behavior,
    /// Rights on the whole object.
    rights: Rights,
    /// ALL PRIVILEGES.
    all: bool,
}

/// An object as messages of GRANT speak of it.
struct Subject<'a> {
    kind: &'static str,
    name: &'a str,
    /// The column, of a relation called `name`.
    column: Option<&'a str>,
}

impl Subject<'_> {
    fn denied(&self) -> SqlError {
        match self.column {
            None => ownership::permission_denied(self.kind, self.name),
            Some(column) => {
                let message = format!("permission denied for column \"{column}\" of relation \"{}\"", self.name);
                SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, message)
            }
        }
    }

    fn shown(&self) -> String {
        match self.column {
            None => format!("\"{}\"", self.name),
            Some(column) => format!("column \"{column}\" of relation \"{}\"", self.name),
        }
    }
}

impl Work<'_> {
    pub(crate) fn grant(&mut self, grant: &Grant) -> Result<&'static str> {
        if let Some(grantor) = &grant.grantor
            && self.role(grantor)?.oid != self.ctx.current_role
        {
            return Err(SqlError::unsupported("grantor must be current user"));
        }
        match &grant.target {
            GrantTarget::Tables(names) => self.grant_relations(grant, names)?,
            GrantTarget::AllTablesInSchema(schemas) => self.grant_all_relations(grant, schemas)?,
            GrantTarget::Sequences(names) => self.grant_sequences(grant, names)?,
            GrantTarget::AllSequencesInSchema(schemas) => self.grant_all_sequences(grant, schemas)?,
            GrantTarget::Schemas(names) => self.grant_schemas(grant, names)?,
            GrantTarget::Functions { functions, routine } => self.grant_functions(grant, functions, *routine)?,
            GrantTarget::AllFunctionsInSchema { schemas, routine } => self.grant_all_functions(grant, schemas, *routine)?,
        }
        Ok(if grant.revoke { "REVOKE" } else { "GRANT" })
    }

    /// The request of a statement about objects that have no columns. `word`: what such an object is called in messages.
    fn request(&self, grant: &Grant, known: Rights, word: &str) -> Result<Request> {
        let mut request = self.empty_request(grant, known)?;
        for (privilege, columns) in &grant.privileges {
            if !columns.is_empty() {
                return Err(SqlError::new(SqlState::INVALID_GRANT_OPERATION, "column privileges are only valid for relations"));
            }
            request.rights = request.rights | right(privilege, known, word)?;
        }
        Ok(request)
    }

    /// The request with its grantees, and its rights if they are ALL PRIVILEGES.
    fn empty_request(&self, grant: &Grant, known: Rights) -> Result<Request> {
        let all = grant.privileges.is_empty();
        Ok(Request {
            revoke: grant.revoke,
            grantees: self.grantees(&grant.grantees)?,
            grant_option: grant.grant_option,
            behavior: behavior(grant.cascade),
            rights: if all { known } else { Rights::NONE },
            all,
        })
    }

    fn grantees(&self, names: &[RoleName]) -> Result<Vec<Oid>> {
        let grantee = |name: &RoleName| match name {
            RoleName::Public => Ok(PUBLIC),
            other => Ok(self.role(other)?.oid),
        };
        names.iter().map(grantee).collect()
    }

    /// An object's list after the request. `object` is what rights are asked of, `list` what is changed: for a column the one has the relation's too.
    fn changed_list(
        &mut self,
        request: &Request,
        object: &Guarded<'_>,
        list: Vec<AclItem>,
        rights: Rights,
        all: bool,
        subject: &Subject<'_>,
    ) -> Result<Vec<AclItem>> {
        let (grantor, grantable) = acl::best_grantor(&object.items(), object.owner, &self.standing, rights);
        let known = object.class.all();
        let stranger = self.standing.held(object, known).is_empty() && self.standing.grantable(object, known).is_empty();
        if grantable.is_empty() && stranger {
            return Err(subject.denied());
        }
        self.warn_of_rest(request.revoke, grantable, rights, all, subject);
        let mut editor = Editor::new(self.ctx.catalog, object.owner, list);
        for grantee in &request.grantees {
            edit(&mut editor, request, *grantee, grantor, grantable)?;
        }
        Ok(editor.finish())
    }

    /// What the grantor may not grant is left out, with a warning.
    fn warn_of_rest(&mut self, revoke: bool, grantable: Rights, rights: Rights, all: bool, subject: &Subject<'_>) {
        let (done, state) = if revoke { ("could be revoked", NOT_REVOKED) } else { ("were granted", NOT_GRANTED) };
        let which = match (grantable.is_empty(), grantable == rights) {
            (true, _) => "no",
            (false, false) if !all => "not all",
            _ => return,
        };
        let message = format!("{which} privileges {done} for {}", subject.shown());
        self.notices.push(SqlError::with_severity(Severity::Warning, state, message));
    }
}

/// Grants to one grantee, or revokes.
fn edit(editor: &mut Editor<'_>, request: &Request, grantee: Oid, grantor: Oid, rights: Rights) -> Result<()> {
    if request.revoke {
        let taken = if request.grant_option { Rights::NONE } else { rights };
        return editor.revoke(AclItem { grantee, grantor, rights: taken, grantable: rights }, request.behavior);
    }
    if request.grant_option && grantee == PUBLIC {
        return Err(SqlError::new(SqlState::INVALID_GRANT_OPERATION, "grant options can only be granted to roles"));
    }
    let grantable = if request.grant_option { rights } else { Rights::NONE };
    if rights.is_empty() { Ok(()) } else { editor.grant(AclItem { grantee, grantor, rights, grantable }) }
}

fn behavior(cascade: bool) -> Behavior {
    if cascade { Behavior::Cascade } else { Behavior::Restrict }
}

/// The right that a key word names, if it is one of `known`.
fn right(privilege: &str, known: Rights, word: &str) -> Result<Rights> {
    let found = Rights::named(privilege)
        .ok_or_else(|| SqlError::new(SqlState::SYNTAX_ERROR, format!("unrecognized privilege type \"{privilege}\"")))?;
    if known.contains(found) {
        return Ok(found);
    }
    let message = format!("invalid privilege type {} for {word}", found.word());
    Err(SqlError::new(SqlState::INVALID_GRANT_OPERATION, message))
}
