//! Calls: functions of the system by a list, users' functions by what they are made of.

use borealis_pgtypes::Result;

use super::facts::{Routine, RoutineText};
use super::system::{self, BuiltIn};
use super::{Enforcement, Place, Walk, qualified, refused};
use crate::ast::{FunctionArg, FunctionBody, FunctionCall, Over, Statement};
use crate::parse;

impl Walk<'_> {
    pub(super) fn call(&mut self, call: &mut FunctionCall, at: i32) -> Result<()> {
        let FunctionCall { name, args, variadic: _, star: _, distinct: _, order_by, within_group: _, filter, over, sql_syntax: _ } = call;
        for FunctionArg { name: _, value } in args {
            self.expr(value)?;
        }
        self.order_by(order_by)?;
        self.exprs(filter)?;
        match over {
            None | Some(Over::Named(..)) => {}
            Some(Over::Spec(window)) => self.window(window)?,
        }
        if self.place == Place::View && name.len() == 1 {
            name.insert(0, "pg_catalog".to_owned());
        }
        self.function(name, at)
    }

    /// Whether a function of that name may be called.
    fn function(&mut self, name: &[String], at: i32) -> Result<()> {
        let (schema, name) = match name {
            [name] => (None, name),
            [schema, name] | [_, schema, name] => (Some(schema.as_str()), name),
            _ => return Ok(()),
        };
        let routines = self.schema.routines(schema, name);
        let (found, any) = (system::function(name), !routines.is_empty());
        for routine in routines {
            self.routine(&routine).map_err(|error| error.at(at))?;
        }
        match found {
            BuiltIn::Open => Ok(()),
            BuiltIn::Closed => Err(refused(format!("function {name} shows or changes what belongs to other tenants")).at(at)),
            BuiltIn::Unknown if any || self.enforcement == Enforcement::Engine => Ok(()),
            BuiltIn::Unknown => Err(refused(format!("function {name} is not known, so what it reads cannot be told")).at(at)),
        }
    }

    /// `row.name` may be a call of a function that takes the row.
    pub(super) fn field(&mut self, name: &str, at: i32) -> Result<()> {
        let routines = self.schema.routines(None, name);
        routines.iter().try_for_each(|routine| self.routine(routine).map_err(|error| error.at(at)))
    }

    /// Clears a user's function: its statements read no relation and call only functions that may be called.
    fn routine(&mut self, routine: &Routine) -> Result<()> {
        // A function that calls itself reads nothing more the second time.
        if !self.cleared.insert(routine.clone()) {
            return Ok(());
        }
        let name = qualified(&routine.schema, &routine.name);
        let statements = self.body(routine)?;
        let walked = self.inside(Place::Function, &format!("function {name}"), |walk| {
            statements.into_iter().try_for_each(|statement| walk.body_statement(statement, &name))
        });
        walked.map_err(|mut error| {
            error.fields_mut().position = None;
            error.context(format!("function {name}"))
        })
    }

    fn body_statement(&mut self, statement: Statement, name: &str) -> Result<()> {
        match statement {
            Statement::Query(mut query) => self.query(&mut query),
            _ => Err(refused(format!("function {name} does more than compute a value"))),
        }
    }

    fn body(&self, routine: &Routine) -> Result<Vec<Statement>> {
        let unreadable = || refused(format!("what function {} does cannot be told", qualified(&routine.schema, &routine.name)));
        let text = match &routine.body {
            RoutineText::Sql(text) => return parse::parse(text, self.dialect)?.into_iter().map(|parsed| parsed.statement).collect(),
            RoutineText::Standard(text) => format!("CREATE FUNCTION f() RETURNS void LANGUAGE sql {text}"),
            RoutineText::Opaque => return Err(unreadable()),
        };
        match parse::parse(&text, self.dialect)?.into_iter().next().map(|parsed| parsed.statement) {
            Some(Ok(Statement::CreateFunction(create))) => match create.body {
                FunctionBody::Standard { text: _, statements } => Ok(statements),
                FunctionBody::Text { .. } => Err(unreadable()),
            },
            _ => Err(unreadable()),
        }
    }
}
