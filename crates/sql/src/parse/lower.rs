//! What every family of the lowering uses: refusals, names, lists.

use borealis_dialect::Dialect;
use borealis_pgtypes::{SqlError, SqlState};
use pg_query::NodeEnum;
use pg_query::protobuf::{Node, RangeVar, RoleSpec, RoleSpecType, Token, a_const};

use crate::ast::{ObjectName, RoleName};

/// Result of lowering.
pub(super) type R<T> = Result<T, SqlError>;

/// Lowers the nodes of one statement.
#[derive(Clone, Copy)]
pub(super) struct Lower<'a> {
    pub(super) dialect: Dialect,
    /// The whole string, for the few errors that quote it.
    pub(super) text: &'a str,
    /// The statement had Aurora DSQL's ASYNC.
    pub(super) asynchronous: bool,
}

/// The refusal of `key`, for a form that is refused whatever the dialect.
pub(super) fn refusal(key: &str, args: &[&str], dialect: Dialect) -> SqlError {
    match borealis_dialect::refusal(key, args, dialect) {
        Some(refusal) => from_dialect(refusal),
        None => SqlError::internal(format!("the dialect accepts {key}, which has no place in the syntax tree")),
    }
}

pub(super) fn from_dialect(refusal: borealis_dialect::Refusal) -> SqlError {
    SqlError::new(SqlState::from_text(refusal.sqlstate).unwrap_or(SqlState::FEATURE_NOT_SUPPORTED), refusal.message).form(refusal.form)
}

/// A tree that PostgreSQL's grammar does not build.
pub(super) fn unexpected(place: &str) -> SqlError {
    SqlError::internal(format!("unexpected node in {place}"))
}

impl Lower<'_> {
    pub(super) fn refuse(&self, key: &str, args: &[&str]) -> SqlError {
        refusal(key, args, self.dialect)
    }

    /// `Ok` when the dialect accepts the form.
    pub(super) fn require(&self, key: &str) -> R<()> {
        borealis_dialect::require(key, &[], self.dialect).map_err(from_dialect)
    }

    /// Refuses the form when it is `present`.
    pub(super) fn forbid(&self, present: bool, key: &str) -> R<()> {
        if present { Err(self.refuse(key, &[])) } else { Ok(()) }
    }

    /// The syntax error of PostgreSQL 16 where a newer grammar goes on: at the first of `words` from byte `from` on.
    pub(super) fn not_in_16(&self, from: i32, words: &[Token]) -> SqlError {
        let start = usize::try_from(from).unwrap_or(0);
        let rest = self.text.get(start..).unwrap_or("");
        let tokens = pg_query::scan(rest).map(|scan| scan.tokens).unwrap_or_default();
        let found = tokens.iter().find(|token| words.contains(&token.token()));
        let place = found.map(|token| (usize::try_from(token.start).unwrap_or(0), usize::try_from(token.end).unwrap_or(0)));
        let (at, end) = place.unwrap_or((0, 0));
        let message = format!("syntax error at or near \"{}\"", rest.get(at..end).unwrap_or(""));
        SqlError::new(SqlState::SYNTAX_ERROR, message).at(i32::try_from(start + at).unwrap_or(-1))
    }

    pub(super) fn relation(&self, range: RangeVar) -> R<ObjectName> {
        let RangeVar { catalogname, schemaname, relname, inh: _, relpersistence: _, alias: _, location } = range;
        self.same_database(&catalogname, &schemaname, &relname, location)?;
        Ok(ObjectName { schema: non_empty(schemaname), name: relname, at: location })
    }

    fn same_database(&self, catalog: &str, schema: &str, name: &str, at: i32) -> R<()> {
        // There is one database. A name may spell it out.
        if catalog.is_empty() || catalog == "postgres" {
            return Ok(());
        }
        let message = format!("cross-database references are not implemented: \"{catalog}.{schema}.{name}\"");
        Err(SqlError::unsupported(message).at(at))
    }

    /// A dotted name given as a list of strings.
    pub(super) fn object_name(&self, parts: Vec<Node>, at: i32) -> R<ObjectName> {
        let mut names = strings(parts)?;
        if names.len() > 3 || names.is_empty() {
            let message = format!("improper qualified name (too many dotted names): {}", names.join("."));
            return Err(SqlError::new(SqlState::SYNTAX_ERROR, message).at(at));
        }
        let name = names.pop().unwrap_or_default();
        let schema = names.pop();
        self.same_database(names.first().map_or("", String::as_str), schema.as_deref().unwrap_or(""), &name, at)?;
        Ok(ObjectName { schema, name, at })
    }

    pub(super) fn role(&self, role: RoleSpec) -> RoleName {
        let kind = role.roletype();
        let RoleSpec { roletype: _, rolename, location: _ } = role;
        match kind {
            RoleSpecType::RolespecCurrentRole | RoleSpecType::RolespecCurrentUser => RoleName::CurrentUser,
            RoleSpecType::RolespecSessionUser => RoleName::SessionUser,
            RoleSpecType::RolespecPublic => RoleName::Public,
            RoleSpecType::RolespecCstring | RoleSpecType::Undefined => RoleName::Named(rolename),
        }
    }

    pub(super) fn roles(&self, roles: Vec<Node>) -> R<Vec<RoleName>> {
        let lower = |node: Node| match node.node {
            Some(NodeEnum::RoleSpec(role)) => Ok(self.role(role)),
            _ => Err(unexpected("a list of roles")),
        };
        roles.into_iter().map(lower).collect()
    }
}

pub(super) fn non_empty(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// A list of `String` nodes.
pub(super) fn strings(nodes: Vec<Node>) -> R<Vec<String>> {
    nodes.into_iter().map(string).collect()
}

pub(super) fn string(node: Node) -> R<String> {
    match node.node {
        Some(NodeEnum::String(text)) => Ok(text.sval),
        _ => Err(unexpected("a list of names")),
    }
}

/// The text of a constant as SET, COPY and DDL options carry it; `None` for anything else.
pub(super) fn constant_text(node: &NodeEnum) -> Option<String> {
    match node {
        NodeEnum::String(text) => Some(text.sval.clone()),
        NodeEnum::Integer(number) => Some(number.ival.to_string()),
        NodeEnum::Float(number) => Some(number.fval.clone()),
        NodeEnum::Boolean(value) => Some(if value.boolval { "true" } else { "false" }.to_owned()),
        NodeEnum::AConst(constant) => match constant.val.as_ref()? {
            a_const::Val::Ival(number) => Some(number.ival.to_string()),
            a_const::Val::Fval(number) => Some(number.fval.clone()),
            a_const::Val::Boolval(value) => Some(if value.boolval { "true" } else { "false" }.to_owned()),
            a_const::Val::Sval(text) => Some(text.sval.clone()),
            a_const::Val::Bsval(bits) => Some(bits.bsval.clone()),
        },
        NodeEnum::TypeName(ty) => match ty.names.last()?.node.as_ref()? {
            NodeEnum::String(text) => Some(text.sval.clone()),
            _ => None,
        },
        _ => None,
    }
}
