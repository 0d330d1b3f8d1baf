//! Views: CREATE, ALTER, and following what their queries name. After `view.c`.

use std::sync::Arc;

use borealis_catalog::describe::Names;
use borealis_catalog::describe::format_type;
use borealis_catalog::{Acl, Change, Column, DefaultObjects, View};
use borealis_pgtypes::{Oid, Result, SqlError, SqlState, types};

use super::ownership::Owned;
use super::{Work, expression, limits, lookup};
use crate::ast::{AlterView, CreateView, Cte, ObjectName, Query, QueryBody, Statement, ViewAction};
use crate::bind::{Binder, Params, RelationFound, find_relation, references, updatable, view as bound_view};
use crate::bound;

/// Options of a view as given: name and value.
type Given = [(String, Option<String>)];

impl Work<'_> {
    pub(crate) fn create_view(&mut self, create: &CreateView) -> Result<&'static str> {
        const TAG: &str = "CREATE VIEW";
        if modifies(&create.query) {
            return Err(SqlError::unsupported("views must not contain data-modifying statements in WITH"));
        }
        let mut binder = Binder::new(self.ctx);
        binder.params = Params::none();
        let query = binder.top_query(&create.query)?;
        let options = options(&create.options)?;
        if options.iter().any(|(name, _)| name == "check_option")
            && let Some(why) = updatable::obstacle(&query, true)
        {
            let message = "WITH CHECK OPTION is supported only on automatically updatable views";
            return Err(SqlError::unsupported(message).hint(why));
        }
        let columns = columns(create, &query)?;
        let schema = self.creation_schema(&create.name).map_err(|error| error.at(create.name.at))?;
        let name = &create.name.name;
        let known = self.ctx.catalog.view(schema.oid, name).cloned();
        if create.replace && known.is_none() && self.ctx.catalog.relation_exists(schema.oid, name) {
            return Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, format!("\"{name}\" is not a view")));
        }
        if !create.replace && self.ctx.catalog.relation_exists(schema.oid, name) {
            return Err(lookup::duplicate_relation(name));
        }
        let text = bound_view::stored_text(&query, self.ctx.catalog, false);
        limits::check("view bytes", text.len(), self.ctx.limits)?;
        let (base, base_columns) = simple(&query);
        let view = match known {
            Some(known) => {
                self.must_own(Owned::view(&known))?;
                let columns = self.replaced_columns(&known, columns)?;
                View { columns, query: text, options, depends: references::of_query(&query), base, base_columns, ..(*known).clone() }
            }
            None => {
                limits::check("views", self.ctx.catalog.views().count() + 1, self.ctx.limits)?;
                View {
                    oid: self.next_oid(),
                    schema: schema.oid,
                    name: name.clone(),
                    owner: self.ctx.current_role,
                    columns,
                    query: text,
                    options,
                    depends: references::of_query(&query),
                    base,
                    base_columns,
                    rule: self.next_oid(),
                    acl: self.new_acl(DefaultObjects::Tables, self.ctx.current_role, schema.oid),
                    comment: None,
                    row_type: self.next_oid(),
                    row_array_type: self.next_oid(),
                }
            }
        };
        let oid = view.oid;
        self.put_view(view);
        self.follow_columns(oid)?;
        Ok(TAG)
    }

    pub(crate) fn put_view(&mut self, view: View) {
        self.affected.push(view.oid);
        self.changes.push(Change::PutView(Arc::new(view)));
    }

    /// OR REPLACE may add columns at the end and nothing else: `checkViewColumns`.
    fn replaced_columns(&self, known: &View, columns: Vec<Column>) -> Result<Vec<Column>> {
        let refuse = |message: String| SqlError::new(SqlState::INVALID_TABLE_DEFINITION, message);
        if columns.len() < known.columns.len() {
            return Err(refuse("cannot drop columns from view".to_owned()));
        }
        let names = Names { catalog: self.ctx.catalog, search_path: self.ctx.search_path, database: "postgres" };
        for (old, new) in known.columns.iter().zip(&columns) {
            if old.name != new.name {
                let error = refuse(format!("cannot change name of view column \"{}\" to \"{}\"", old.name, new.name));
                return Err(error.hint("Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead."));
            }
            if old.ty != new.ty {
                let ty = |column: &Column| format_type(&names, column.ty.oid, Some(column.ty.typmod));
                return Err(refuse(format!("cannot change data type of view column \"{}\" from {} to {}", old.name, ty(old), ty(new))));
            }
        }
        let kept = known.columns.len();
        Ok(known.columns.iter().cloned().chain(columns.into_iter().skip(kept)).collect())
    }

    /// The view, or the error that names what it is instead.
    pub(crate) fn view(&mut self, name: &ObjectName, if_exists: bool) -> Result<Option<Arc<View>>> {
        match find_relation(self.ctx, name.schema.as_deref(), &name.name)? {
            Some(RelationFound::View(view)) => Ok(Some(view)),
            Some(RelationFound::Table(_) | RelationFound::Sequence(_)) => Err(not_a_view(name)),
            Some(RelationFound::System(_)) => Err(limits::system_entity()),
            None if self.index(name).is_some() => Err(not_a_view(name)),
            None if if_exists => {
                self.notice(SqlState::SUCCESSFUL_COMPLETION, format!("relation \"{}\" does not exist, skipping", name.name));
                Ok(None)
            }
            None => Err(lookup::undefined_relation(name)),
        }
    }

    /// The same for a statement that changes it, which is its owner's.
    pub(crate) fn owned_view(&mut self, name: &ObjectName, if_exists: bool) -> Result<Option<Arc<View>>> {
        let found = self.view(name, if_exists)?;
        if let Some(view) = &found {
            self.must_own(Owned::view(view))?;
        }
        Ok(found)
    }

    /// The view of that name, if that is what it names. Why a name may not be looked up is told by whoever then looks for something else.
    pub(crate) fn view_named(&self, name: &ObjectName) -> Option<Arc<View>> {
        match find_relation(self.ctx, name.schema.as_deref(), &name.name) {
            Ok(Some(RelationFound::View(view))) => Some(view),
            _ => None,
        }
    }

    pub(crate) fn is_view(&self, name: &ObjectName) -> bool {
        self.view_named(name).is_some()
    }

    pub(crate) fn alter_view(&mut self, alter: &AlterView) -> Result<&'static str> {
        let Some(view) = self.owned_view(&alter.name, alter.if_exists)? else { return Ok("ALTER VIEW") };
        let mut next = (*view).clone();
        for action in &alter.actions {
            self.view_action(&mut next, action)?;
        }
        self.put_view(next);
        Ok("ALTER VIEW")
    }

    pub(crate) fn view_action(&mut self, view: &mut View, action: &ViewAction) -> Result<()> {
        match action {
            ViewAction::SetDefault { column, default } => {
                let place = view.columns.iter().position(|known| known.name == *column).ok_or_else(|| {
                    let message = format!("column \"{column}\" of relation \"{}\" does not exist", view.name);
                    SqlError::new(SqlState::UNDEFINED_COLUMN, message)
                })?;
                let column = view.columns[place].clone();
                view.columns[place].default = match default {
                    Some(expr) => expression::default(expr, &*view, &column, self.ctx)?,
                    None => None,
                };
            }
            ViewAction::SetOptions(given) => {
                for (name, value) in options(given)? {
                    if name == "check_option"
                        && let Some(why) = updatable::obstacle(&bound_view::rebound(view, self.ctx)?, true)
                    {
                        let message = "WITH CHECK OPTION is supported only on automatically updatable views";
                        return Err(SqlError::unsupported(message).hint(why));
                    }
                    view.options.retain(|(known, _)| *known != name);
                    view.options.push((name, value));
                }
            }
            ViewAction::ResetOptions(names) => {
                names.iter().try_for_each(|name| known_option(name))?;
                view.options.retain(|(known, _)| !names.contains(known));
            }
            ViewAction::OwnerTo(owner) => {
                let owner = self.role(owner)?;
                self.may_hand_over(Owned::view(view), &owner)?;
                let old = std::mem::replace(&mut view.owner, owner.oid);
                view.acl = view.acl.with_owner(old, owner.oid);
                for column in &mut view.columns {
                    column.acl = column.acl.with_owner(old, owner.oid);
                }
            }
        }
        Ok(())
    }

    pub(crate) fn rename_view(&mut self, view: &View, new_name: &str) -> Result<()> {
        self.may_create_beside(view.schema)?;
        if self.ctx.catalog.relation_exists(view.schema, new_name) {
            return Err(lookup::duplicate_relation(new_name));
        }
        self.put_view(View { name: new_name.to_owned(), ..view.clone() });
        self.follow_names(&[view.oid])
    }

    pub(crate) fn rename_view_column(&mut self, view: &View, column: &str, new_name: &str) -> Result<()> {
        let Some(place) = view.columns.iter().position(|known| known.name == column) else {
            return Err(SqlError::new(SqlState::UNDEFINED_COLUMN, format!("column \"{column}\" does not exist")));
        };
        if view.column(new_name).is_some() {
            let message = format!("column \"{new_name}\" of relation \"{}\" already exists", view.name);
            return Err(SqlError::new(SqlState::DUPLICATE_COLUMN, message));
        }
        let mut next = view.clone();
        next.columns[place].name = new_name.to_owned();
        self.put_view(next);
        self.follow_names(&[view.oid])
    }

    pub(crate) fn set_view_schema(&mut self, view: &View, schema: &str) -> Result<()> {
        let schema = self.target_schema(schema)?;
        if schema.oid == view.schema {
            return Ok(());
        }
        if self.ctx.catalog.relation_exists(schema.oid, &view.name) {
            let message = format!("relation \"{}\" already exists in schema \"{}\"", view.name, schema.name);
            return Err(SqlError::new(SqlState::DUPLICATE_TABLE, message));
        }
        self.put_view(View { schema: schema.oid, ..view.clone() });
        self.follow_names(&[view.oid])
    }

    /// Writes the queries of views again that name one of these relations: bound with the old names, written with the new.
    pub(crate) fn follow_names(&mut self, relations: &[Oid]) -> Result<()> {
        self.write_views_again(relations, false)
    }

    /// The same for a relation that has a column more or fewer.
    pub(crate) fn follow_columns(&mut self, relation: Oid) -> Result<()> {
        self.write_views_again(&[relation], true)
    }

    fn write_views_again(&mut self, relations: &[Oid], open_joins: bool) -> Result<()> {
        let catalog = self.catalog();
        for view in self.ctx.catalog.views() {
            if !view.depends.iter().any(|on| relations.contains(&on.oid)) {
                continue;
            }
            let Some(current) = catalog.view_by_oid(view.oid) else { continue };
            let query = bound_view::stored_text(&bound_view::rebound(view, self.ctx)?, &catalog, open_joins);
            if current.query != query {
                self.put_view(View { query, ..(**current).clone() });
            }
        }
        Ok(())
    }
}

fn not_a_view(name: &ObjectName) -> SqlError {
    SqlError::new(SqlState::WRONG_OBJECT_TYPE, format!("\"{}\" is not a view", name.name))
}

/// The relation under a view over one relation, and which of its columns each of the view's plainly is (0: none).
fn simple(query: &bound::Query) -> (Option<Oid>, Vec<i16>) {
    let bound::QueryBody::Select(select) = &query.body else { return (None, Vec::new()) };
    if updatable::obstacle(query, false).is_some() {
        return (None, Vec::new());
    }
    let number = |place: usize| match select.relations.first().map(|entry| (&entry.form.view, &entry.relation)) {
        Some((None, bound::Relation::Table(table))) => table.live_columns().nth(place).map_or(0, |column| column.number),
        _ => i16::try_from(place + 1).unwrap_or(0),
    };
    (updatable::base(select), select.targets.iter().map(|target| updatable::base_column(target).map_or(0, number)).collect())
}

/// The view's columns: names of the list, then those of the query.
fn columns(create: &CreateView, query: &bound::Query) -> Result<Vec<Column>> {
    if create.columns.len() > query.columns.len() {
        return Err(SqlError::new(SqlState::SYNTAX_ERROR, "CREATE VIEW specifies more column names than columns"));
    }
    if query.columns.is_empty() {
        return Err(SqlError::new(SqlState::INVALID_TABLE_DEFINITION, "view must have at least one column"));
    }
    let mut columns: Vec<Column> = Vec::with_capacity(query.columns.len());
    for (place, output) in query.columns.iter().enumerate() {
        let name = create.columns.get(place).unwrap_or(&output.name);
        if columns.iter().any(|known| known.name == *name) {
            return Err(SqlError::new(SqlState::DUPLICATE_COLUMN, format!("column \"{name}\" specified more than once")));
        }
        if matches!(output.ty.oid, Oid::RECORD | Oid::RECORD_ARRAY) {
            let message = format!("column \"{name}\" has pseudo-type {}", types::format_type(output.ty));
            return Err(SqlError::new(SqlState::INVALID_TABLE_DEFINITION, message));
        }
        columns.push(Column {
            number: i16::try_from(place + 1).unwrap_or(i16::MAX),
            name: name.clone(),
            ty: output.ty,
            not_null: false,
            default: None,
            identity: None,
            generated: None,
            dropped: false,
            storage: types::by_oid(output.ty.oid).map_or('p', |info| info.storage),
            acl: Acl::default(),
            comment: None,
        });
    }
    Ok(columns)
}

fn known_option(name: &str) -> Result<()> {
    if matches!(name, "check_option" | "security_barrier" | "security_invoker") {
        return Ok(());
    }
    Err(SqlError::new(SqlState::INVALID_PARAMETER_VALUE, format!("unrecognized parameter \"{name}\"")))
}

/// Options checked, as `reloptions` keeps them: `view_reloptions`.
fn options(given: &Given) -> Result<Vec<(String, String)>> {
    let mut options: Vec<(String, String)> = Vec::with_capacity(given.len());
    for (name, value) in given {
        known_option(name)?;
        if options.iter().any(|(known, _)| known == name) {
            let message = format!("parameter \"{name}\" specified more than once");
            return Err(SqlError::new(SqlState::INVALID_PARAMETER_VALUE, message));
        }
        let value = value.clone().unwrap_or_else(|| "true".to_owned());
        if name == "check_option" {
            if !matches!(value.as_str(), "local" | "cascaded") {
                let message = format!("invalid value for enum option \"check_option\": {value}");
                let error = SqlError::new(SqlState::INVALID_PARAMETER_VALUE, message);
                return Err(error.detail("Valid values are \"local\" and \"cascaded\"."));
            }
        } else if borealis_pgtypes::text::input::boolean(&value).is_err() {
            let message = format!("invalid value for boolean option \"{name}\": {value}");
            return Err(SqlError::new(SqlState::INVALID_PARAMETER_VALUE, message));
        }
        options.push((name.clone(), value));
    }
    Ok(options)
}

/// Whether a WITH of the query changes data.
fn modifies(query: &Query) -> bool {
    let changes = |cte: &Cte| !matches!(cte.statement, Statement::Query(_));
    query.with.as_ref().is_some_and(|with| with.ctes.iter().any(changes))
        || match &query.body {
            QueryBody::SetOperation { left, right, .. } => modifies(left) || modifies(right),
            QueryBody::Select(_) | QueryBody::Values(_) => false,
        }
}
