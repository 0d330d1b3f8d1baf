//! CREATE, ALTER and DROP FUNCTION. After `CreateFunction`, `interpret_function_parameter_list` and `ProcedureCreate`.

use std::sync::Arc;

use borealis_catalog::depend::{Address, Class};
use borealis_catalog::describe::Names;
use borealis_catalog::system::DATABASE_NAME;
use borealis_catalog::{Argument, Catalog, Change, DefaultObjects, Routine, RoutineBody, Schema};
use borealis_pgtypes::{CastContext, Oid, Result, Settings, SqlError, SqlState, Type, types};

use super::ownership::Owned;
use super::{Work, limits};
use crate::ast::{self, AlterFunction, AlterFunctionAction, CreateFunction, DropFunction, FunctionBody, FunctionName, FunctionParameter};
use crate::bind::{BindContext, Binder, Clause, check_routine, display_name, resolve_type};
use crate::bound::BoundStatement;
use crate::deparse::{ColumnNames, Style};
use crate::expr::ColumnRef;
use crate::planner::{self, NoStatistics, PlanContext, PlannerSettings};

/// The most arguments a function may have.
const ARGUMENTS_MAX: usize = 100;

/// A default names nothing.
struct Nothing;

impl ColumnNames for Nothing {
    fn slot(&self, slot: usize) -> String {
        format!("?{slot}")
    }

    fn column(&self, column: &ColumnRef) -> String {
        self.slot(column.column)
    }
}

fn definition_error(message: impl Into<String>) -> SqlError {
    SqlError::new(SqlState::INVALID_FUNCTION_DEFINITION, message)
}

impl Work<'_> {
    pub(crate) fn create_function(&mut self, create: &CreateFunction) -> Result<&'static str> {
        const TAG: &str = "CREATE FUNCTION";
        let schema = self.creation_schema(&create.name)?;
        let arguments = self.arguments(&create.parameters)?;
        let (result, returns_set) = self.result(create, &arguments)?;
        check_polymorphic_result(&arguments, result, self.ctx)?;
        let options = &create.options;
        if options.rows.is_some() && !returns_set {
            return Err(SqlError::new(SqlState::INVALID_PARAMETER_VALUE, "ROWS is not applicable when function does not return a set"));
        }
        let routine = Routine {
            oid: Oid::INVALID,
            schema: schema.oid,
            name: create.name.name.clone(),
            owner: self.ctx.current_role,
            arguments,
            result,
            returns_set,
            body: match &create.body {
                FunctionBody::Text { text, .. } => RoutineBody::Text(text.clone()),
                FunctionBody::Standard { text, .. } => RoutineBody::Standard { text: text.clone(), path: self.ctx.search_path.to_vec() },
            },
            volatility: options.volatility.unwrap_or('v'),
            strict: options.strict.unwrap_or(false),
            security_definer: options.security_definer.unwrap_or(false),
            parallel: options.parallel.unwrap_or('u'),
            cost: options.cost.unwrap_or(100.0),
            rows: options.rows.unwrap_or(if returns_set { 1000.0 } else { 0.0 }),
            depends: Vec::new(),
            acl: self.new_acl(DefaultObjects::Functions, self.ctx.current_role, schema.oid),
            comment: None,
        };
        let routine = self.place(routine, create.replace)?;
        let depends = self.check_body(&Arc::new(routine.clone()), &create.body)?;
        self.affected.push(routine.oid);
        self.changes.push(Change::PutRoutine(Arc::new(Routine { depends, ..routine })));
        Ok(TAG)
    }

    /// The function with its number: a new one, or that of the function it replaces.
    fn place(&mut self, routine: Routine, replace: bool) -> Result<Routine> {
        let same = |other: &&Arc<Routine>| other.signature() == routine.signature();
        let existing = self.ctx.catalog.routines_named(routine.schema, &routine.name).find(same).cloned();
        let Some(old) = existing else { return Ok(Routine { oid: self.next_oid(), ..routine }) };
        if !replace {
            let message = format!("function \"{}\" already exists with same argument types", routine.name);
            return Err(SqlError::new(SqlState::DUPLICATE_FUNCTION, message));
        }
        self.must_own(Owned::routine(&old))?;
        self.check_replacement(&old, &routine)?;
        Ok(Routine { oid: old.oid, owner: old.owner, acl: old.acl.clone(), comment: old.comment.clone(), ..routine })
    }

    /// What calls rely on stays as it is.
    fn check_replacement(&self, old: &Routine, new: &Routine) -> Result<()> {
        let names = Names { catalog: self.ctx.catalog, search_path: self.ctx.search_path, database: DATABASE_NAME };
        let signature = borealis_catalog::describe::procedure_signature(&names, old.oid).unwrap_or_default();
        let refuse = |message: String| definition_error(message).hint(format!("Use DROP FUNCTION {signature} first."));
        if old.result.catalog_oid() != new.result.catalog_oid() || old.returns_set != new.returns_set {
            return Err(refuse("cannot change return type of existing function".to_owned()));
        }
        let columns = |routine: &Routine| -> Vec<(String, Oid)> {
            routine.outputs().map(|output| (output.name.clone(), output.ty.catalog_oid())).collect()
        };
        if old.result.oid == Oid::RECORD && columns(old) != columns(new) {
            let error = refuse("cannot change return type of existing function".to_owned());
            return Err(error.detail("Row type defined by OUT parameters is different."));
        }
        for (before, after) in old.inputs().zip(new.inputs()) {
            if !before.name.is_empty() && before.name != after.name {
                return Err(refuse(format!("cannot change name of input parameter \"{}\"", before.name)));
            }
        }
        if old.defaults() > new.defaults() {
            return Err(refuse("cannot remove parameter defaults from existing function".to_owned()));
        }
        Ok(())
    }

    /// Binds the body; answers what a body of the standard's form depends on. One that is a string is read anew each time and depends on nothing.
    fn check_body(&self, routine: &Arc<Routine>, body: &FunctionBody) -> Result<Vec<Address>> {
        // A function may call itself: it is there already while its body is read.
        let catalog = self.ctx.catalog.apply(&[Change::PutRoutine(routine.clone())], self.ctx.catalog.position);
        let ctx = BindContext { catalog: &catalog, ..*self.ctx };
        let bound = check_routine(routine, &ctx).map_err(|mut error| {
            let place = match body {
                FunctionBody::Text { at, .. } => usize::try_from(*at).ok(),
                FunctionBody::Standard { .. } => None,
            };
            match (error.fields().position, place) {
                (Some(inside), Some(start)) => {
                    error.fields_mut().position = Some(start + inside);
                    error
                }
                _ => {
                    error.fields_mut().position = None;
                    error.context(format!("SQL function \"{}\"", routine.name))
                }
            }
        })?;
        match body {
            FunctionBody::Text { .. } => Ok(Vec::new()),
            FunctionBody::Standard { .. } => named_objects(bound, routine.oid, &catalog),
        }
    }

    fn arguments(&mut self, parameters: &[FunctionParameter]) -> Result<Vec<Argument>> {
        let mut arguments: Vec<Argument> = Vec::with_capacity(parameters.len());
        for parameter in parameters {
            let argument = self.argument(parameter, &arguments)?;
            arguments.push(argument);
        }
        if arguments.iter().filter(|argument| argument.is_input()).count() > ARGUMENTS_MAX {
            let message = format!("functions cannot have more than {ARGUMENTS_MAX} arguments");
            return Err(SqlError::new(SqlState::TOO_MANY_ARGUMENTS, message));
        }
        Ok(arguments)
    }

    fn argument(&mut self, parameter: &FunctionParameter, before: &[Argument]) -> Result<Argument> {
        if parameter.ty.setof {
            return Err(definition_error("functions cannot accept set arguments"));
        }
        let ty = self.routine_type(&parameter.ty, false)?;
        let mode = parameter.mode;
        let input = matches!(mode, 'i' | 'b' | 'v');
        if input && before.iter().any(|other| other.mode == 'v') {
            return Err(definition_error("VARIADIC parameter must be the last input parameter"));
        }
        if mode == 'v' && types::element_of(ty.oid).is_none() && !matches!(ty.oid, Oid::ANY | Oid::ANYARRAY | Oid::ANYCOMPATIBLEARRAY) {
            return Err(definition_error("VARIADIC parameter must be an array"));
        }
        check_argument_type(ty, input, self.ctx)?;
        let name = parameter.name.clone().unwrap_or_default();
        // Inputs and outputs have name spaces of their own, and INOUT stands in both.
        let clashes = |other: &Argument| {
            let both_in = input && other.is_input();
            let both_out = matches!(mode, 'o' | 'b' | 't') && other.is_output();
            other.name == name && (both_in || both_out || mode == 't' || other.mode == 't')
        };
        if !name.is_empty() && before.iter().any(clashes) {
            return Err(definition_error(format!("parameter name \"{name}\" used more than once")));
        }
        let default = match &parameter.default {
            Some(_) if !input => return Err(definition_error("only input parameters can have default values")),
            Some(expr) => Some(self.argument_default(expr, ty)?),
            None if input && before.iter().any(|other| other.default.is_some()) => {
                return Err(definition_error("input parameters after one with a default value must also have defaults"));
            }
            None => None,
        };
        Ok(Argument { name, ty, mode, default })
    }

    fn argument_default(&self, expr: &ast::Expr, ty: Type) -> Result<String> {
        let mut binder = Binder::new(self.ctx);
        let node = binder.in_clause(Clause::FunctionDefault, |binder| binder.expr(expr))?;
        let source = node.expr.ty;
        let node = match binder.coerce_to(node, ty, CastContext::Assignment)? {
            Some(node) => node,
            None => {
                let message =
                    format!("argument of DEFAULT must be type {}, not type {}", self.ctx.type_name(ty), self.ctx.type_name(source));
                return Err(SqlError::new(SqlState::DATATYPE_MISMATCH, message));
            }
        };
        let settings = Settings::default();
        Ok(crate::deparse::expression(&node.expr, &Nothing, Style { settings: &settings, indent: false, pretty: false }))
    }

    /// A type of an argument or a result; its modifier says nothing.
    fn routine_type(&mut self, name: &ast::TypeName, result: bool) -> Result<Type> {
        let single = ast::TypeName { setof: false, ..name.clone() };
        let (ty, warning) = resolve_type(&single, self.ctx).map_err(|mut error| {
            error.fields_mut().position = None;
            if error.sqlstate() == SqlState::UNDEFINED_OBJECT && !result {
                error.fields_mut().message = format!("type {} does not exist", name.names.join("."));
            }
            error
        })?;
        self.notices.extend(warning);
        self.may_use_type(ty.declared)?;
        Ok(if ty.declared.is_invalid() { Type::plain(ty.oid) } else { ty })
    }

    /// The type of the result, and whether there is a set of them.
    fn result(&mut self, create: &CreateFunction, arguments: &[Argument]) -> Result<(Type, bool)> {
        let outputs: Vec<&Argument> = arguments.iter().filter(|argument| argument.is_output()).collect();
        let required = match outputs.as_slice() {
            [] => None,
            [only] => Some(only.ty),
            _ => Some(Type::plain(Oid::RECORD)),
        };
        let is_table = arguments.iter().any(|argument| argument.mode == 't');
        match (&create.returns, required) {
            (None, None) => Err(definition_error("function result type must be specified")),
            (None, Some(required)) => Ok((required, false)),
            (Some(_), Some(required)) if is_table => Ok((required, true)),
            (Some(returns), required) => {
                let ty = self.routine_type(returns, true)?;
                if let Some(required) = required.filter(|required| required.catalog_oid() != ty.catalog_oid()) {
                    let message = format!("function result type must be {} because of OUT parameters", self.ctx.type_name(required));
                    return Err(definition_error(message));
                }
                check_result_type(ty, self.ctx)?;
                Ok((ty, returns.setof))
            }
        }
    }

    pub(crate) fn alter_function(&mut self, alter: &AlterFunction) -> Result<&'static str> {
        let routine = self.routine(&alter.function, alter.routine)?;
        let next = match &alter.action {
            AlterFunctionAction::Rename(name) => {
                self.must_own(Owned::routine(&routine))?;
                self.may_create_beside(routine.schema)?;
                self.check_free(&routine, routine.schema, name)?;
                Routine { name: name.clone(), ..(*routine).clone() }
            }
            AlterFunctionAction::OwnerTo(owner) => {
                let owner = self.role(owner)?;
                self.may_hand_over(Owned::routine(&routine), &owner)?;
                Routine { owner: owner.oid, acl: routine.acl.with_owner(routine.owner, owner.oid), ..(*routine).clone() }
            }
            AlterFunctionAction::SetSchema(schema) => {
                self.must_own(Owned::routine(&routine))?;
                let schema: Arc<Schema> = self.target_schema(schema)?;
                if schema.oid != routine.schema {
                    self.check_free(&routine, schema.oid, &routine.name)?;
                }
                Routine { schema: schema.oid, ..(*routine).clone() }
            }
        };
        self.affected.push(next.oid);
        self.changes.push(Change::PutRoutine(Arc::new(next)));
        Ok(if alter.routine { "ALTER ROUTINE" } else { "ALTER FUNCTION" })
    }

    /// Refuses a name that a function with the same arguments has.
    fn check_free(&self, routine: &Routine, schema: Oid, name: &str) -> Result<()> {
        let signature = routine.signature();
        if !self.ctx.catalog.routines_named(schema, name).any(|other| other.signature() == signature) {
            return Ok(());
        }
        let names = Names { catalog: self.ctx.catalog, search_path: self.ctx.search_path, database: DATABASE_NAME };
        let types: Vec<String> = routine.inputs().map(|input| self.ctx.type_name(input.ty)).collect();
        let schema = borealis_catalog::describe::schema_name(names.catalog, schema).unwrap_or_default();
        let message = format!("function {name}({}) already exists in schema \"{schema}\"", types.join(", "));
        Err(SqlError::new(SqlState::DUPLICATE_FUNCTION, message))
    }

    pub(crate) fn drop_function(&mut self, drop: &DropFunction) -> Result<&'static str> {
        let mut roots: Vec<Address> = Vec::new();
        for name in &drop.functions {
            match self.routine(name, drop.routine) {
                Ok(routine) if roots.iter().any(|known| known.oid == routine.oid) => {}
                Ok(routine) => {
                    self.may_drop(Owned { name: &display_name(&name.name), ..Owned::routine(&routine) })?;
                    roots.push(Address::new(Class::Function, routine.oid));
                }
                Err(error) if drop.if_exists && is_missing(&error) => self.skipping(name, &error),
                Err(error) => return Err(error),
            }
        }
        self.delete(&roots, drop.cascade)?;
        Ok(if drop.routine { "DROP ROUTINE" } else { "DROP FUNCTION" })
    }

    fn skipping(&mut self, name: &FunctionName, error: &SqlError) {
        let schema_missing = error.sqlstate() == SqlState::INVALID_SCHEMA_NAME || error.sqlstate() == SqlState::UNDEFINED_OBJECT;
        let message = if schema_missing {
            format!("{}, skipping", error.message())
        } else {
            let args: Vec<String> = name.arguments.iter().flatten().map(|ty| ty.names.join(".")).collect();
            format!("function {}({}) does not exist, skipping", display_name(&name.name), args.join(","))
        };
        self.notice(SqlState::SUCCESSFUL_COMPLETION, message);
    }

    /// `LookupFuncWithArgs`
    pub(crate) fn routine(&self, wanted: &FunctionName, routine: bool) -> Result<Arc<Routine>> {
        let word = if routine { "routine" } else { "function" };
        let named = self.routines_named(&wanted.name)?;
        let display = display_name(&wanted.name);
        let Some(arguments) = &wanted.arguments else {
            return match named.as_slice() {
                [] => Err(self.not_a_routine(&wanted.name, &format!("could not find a {word} named \"{display}\""))),
                [only] => Ok(only.clone()),
                _ => Err(SqlError::new(SqlState::AMBIGUOUS_FUNCTION, format!("{word} name \"{display}\" is not unique"))
                    .hint(format!("Specify the argument list to select the {word} unambiguously."))),
            };
        };
        let mut signature = Vec::with_capacity(arguments.len());
        let mut texts = Vec::with_capacity(arguments.len());
        for name in arguments {
            let ty = resolve_type(name, self.ctx).map_err(without_position)?.0;
            texts.push(self.ctx.type_name(ty));
            signature.push(ty.catalog_oid());
        }
        let found = named.into_iter().find(|candidate| candidate.signature() == signature);
        found.ok_or_else(|| {
            let message = format!("{word} {display}({}) does not exist", texts.join(", "));
            self.not_a_routine(&wanted.name, &message)
        })
    }

    /// A function of the system cannot be touched; of anything else it is said that it is not there.
    fn not_a_routine(&self, name: &ast::ObjectName, message: &str) -> SqlError {
        let names: Vec<String> = name.schema.iter().chain([&name.name]).cloned().collect();
        if !crate::bind::builtin_functions(&names).is_empty() {
            return limits::system_entity();
        }
        SqlError::new(SqlState::UNDEFINED_FUNCTION, message)
    }

    fn routines_named(&self, name: &ast::ObjectName) -> Result<Vec<Arc<Routine>>> {
        let catalog = self.ctx.catalog;
        if let Some(schema) = &name.schema {
            let schema = self.usable_schema(schema)?;
            return Ok(catalog.routines_named(schema.oid, &name.name).cloned().collect());
        }
        let mut found: Vec<Arc<Routine>> = Vec::new();
        for schema in self.ctx.search_path {
            for routine in catalog.routines_named(*schema, &name.name) {
                // One of an earlier schema hides those with the same arguments.
                if !found.iter().any(|known| known.signature() == routine.signature()) {
                    found.push(routine.clone());
                }
            }
        }
        Ok(found)
    }

    pub(crate) fn comment_on_function(&mut self, name: &FunctionName, text: Option<String>) -> Result<()> {
        let routine = self.routine(name, false)?;
        self.must_own(Owned { name: &display_name(&name.name), ..Owned::routine(&routine) })?;
        self.changes.push(Change::PutRoutine(Arc::new(Routine { comment: text, ..(*routine).clone() })));
        Ok(())
    }
}

/// The tables and functions that statements name.
fn named_objects(statements: Vec<BoundStatement>, own: Oid, catalog: &Catalog) -> Result<Vec<Address>> {
    let settings = PlannerSettings::default();
    let context = PlanContext { binding: None, statistics: &NoStatistics, settings: &settings };
    let mut objects = Vec::new();
    for statement in statements {
        for oid in planner::plan(statement, &context)?.tables {
            let class = if catalog.routine_by_oid(oid).is_some() { Class::Function } else { Class::Relation };
            let object = Address::new(class, oid);
            if oid != own && !objects.contains(&object) {
                objects.push(object);
            }
        }
    }
    Ok(objects)
}

fn is_missing(error: &SqlError) -> bool {
    matches!(error.sqlstate(), SqlState::UNDEFINED_FUNCTION | SqlState::INVALID_SCHEMA_NAME | SqlState::UNDEFINED_OBJECT)
}

fn without_position(mut error: SqlError) -> SqlError {
    error.fields_mut().position = None;
    error
}

fn is_polymorphic(oid: Oid) -> bool {
    polymorphic_family(oid).is_some()
}

/// Which of the two families of polymorphic types.
fn polymorphic_family(oid: Oid) -> Option<bool> {
    match oid {
        Oid::ANYELEMENT | Oid::ANYARRAY | Oid::ANYNONARRAY | Oid::ANYENUM => Some(true),
        Oid::ANYCOMPATIBLE | Oid::ANYCOMPATIBLEARRAY | Oid::ANYCOMPATIBLENONARRAY => Some(false),
        _ => None,
    }
}

fn is_pseudo(ty: Type) -> bool {
    ty.declared.is_invalid() && types::by_oid(ty.oid).is_some_and(|info| info.kind == 'p')
}

fn check_argument_type(ty: Type, input: bool, ctx: &BindContext<'_>) -> Result<()> {
    let allowed = !is_pseudo(ty) || is_polymorphic(ty.oid) || ty.oid == Oid::RECORD;
    if allowed {
        return check_values(ty, ctx);
    }
    let name = ctx.type_name(ty);
    Err(definition_error(match input {
        true => format!("SQL functions cannot have arguments of type {name}"),
        false => format!("SQL functions cannot return type {name}"),
    }))
}

fn check_result_type(ty: Type, ctx: &BindContext<'_>) -> Result<()> {
    if is_pseudo(ty) && !is_polymorphic(ty.oid) && !matches!(ty.oid, Oid::RECORD | Oid::VOID) {
        return Err(definition_error(format!("SQL functions cannot return type {}", ctx.type_name(ty))));
    }
    check_values(ty, ctx)
}

/// Types that exist by name only have no values to give or take.
fn check_values(ty: Type, ctx: &BindContext<'_>) -> Result<()> {
    if types::by_oid(ty.oid).is_some_and(|info| !info.has_values()) {
        return Err(SqlError::unsupported(format!("datatype {} not supported", ctx.type_name(ty))));
    }
    Ok(())
}

/// A polymorphic result needs an argument that tells what it is.
fn check_polymorphic_result(arguments: &[Argument], result: Type, ctx: &BindContext<'_>) -> Result<()> {
    let outputs = arguments.iter().filter(|argument| argument.is_output()).map(|argument| argument.ty);
    for ty in outputs.chain([result]) {
        let Some(family) = polymorphic_family(ty.oid) else { continue };
        if arguments.iter().any(|argument| argument.is_input() && polymorphic_family(argument.ty.oid) == Some(family)) {
            continue;
        }
        let inputs = match family {
            true => "anyelement, anyarray, anynonarray, anyenum, anyrange, or anymultirange",
            false => "anycompatible, anycompatiblearray, anycompatiblenonarray, anycompatiblerange, or anycompatiblemultirange",
        };
        let detail = format!("A result of type {} requires at least one input of type {inputs}.", ctx.type_name(ty));
        return Err(definition_error("cannot determine result data type").detail(detail));
    }
    Ok(())
}
