//! CREATE, ALTER and DROP FUNCTION. After the grammar's `func_args` and `compute_function_attributes`.

use std::ops::Range;

use borealis_pgtypes::{SqlError, SqlState};
use pg_query::NodeEnum;
use pg_query::protobuf::{
    CreateFunctionStmt, DefElem, FunctionParameter as ParameterNode, FunctionParameterMode, Node, ObjectType, ObjectWithArgs, ReturnStmt,
    ScanToken, Token,
};

use super::lower::{Lower, R, constant_text, non_empty, unexpected};
use crate::ast::{CreateFunction, FunctionBody, FunctionName, FunctionOptions, FunctionParameter, Query, Statement, Target};

/// The options as they are collected.
#[derive(Default)]
struct Options {
    language: Option<String>,
    body: Option<(String, i32)>,
    rest: FunctionOptions,
}

impl Lower<'_> {
    pub(super) fn create_function(&self, create: CreateFunctionStmt) -> R<Statement> {
        let CreateFunctionStmt { is_procedure, replace, funcname, parameters, return_type, options, sql_body } = create;
        self.forbid(is_procedure, "function/procedure")?;
        let from = last_place(&parameters, return_type.as_ref().map(|ty| ty.location), &options);
        let options = self.function_options(options)?;
        let language = match (&options.language, &sql_body) {
            (Some(language), _) => language.to_ascii_lowercase(),
            (None, Some(_)) => "sql".to_owned(),
            (None, None) => return Err(definition_error("no language specified")),
        };
        if language != "sql" {
            return Err(self.refuse("function/language", &[&language]));
        }
        self.require("statement/CreateFunction")?;
        let body = match (options.body, sql_body) {
            (Some(_), Some(_)) => return Err(definition_error("duplicate function body specified")),
            (Some((text, from)), None) => FunctionBody::Text { at: self.place_of(&text, from), text },
            (None, Some(body)) => self.standard_body(*body, from)?,
            (None, None) => return Err(definition_error("no function body specified")),
        };
        let returns = return_type.map(|ty| self.type_name(ty)).transpose()?;
        let parameters = parameters.into_iter().map(|node| self.function_parameter(node)).collect::<R<_>>()?;
        let name = self.object_name(funcname, -1)?;
        Ok(Statement::CreateFunction(Box::new(CreateFunction { name, replace, parameters, returns, body, options: options.rest })))
    }

    fn function_parameter(&self, node: Node) -> R<FunctionParameter> {
        let Some(NodeEnum::FunctionParameter(parameter)) = node.node else { return Err(unexpected("a function's parameters")) };
        let mode = match parameter.mode() {
            FunctionParameterMode::FuncParamOut => 'o',
            FunctionParameterMode::FuncParamInout => 'b',
            FunctionParameterMode::FuncParamVariadic => 'v',
            FunctionParameterMode::FuncParamTable => 't',
            FunctionParameterMode::FuncParamIn | FunctionParameterMode::FuncParamDefault | FunctionParameterMode::Undefined => 'i',
        };
        let ParameterNode { name, arg_type, mode: _, defexpr } = *parameter;
        let ty = self.type_name(arg_type.ok_or_else(|| unexpected("a function's parameters"))?)?;
        Ok(FunctionParameter { name: non_empty(name), ty, mode, default: self.optional(defexpr)? })
    }

    fn function_options(&self, nodes: Vec<Node>) -> R<Options> {
        let mut options = Options::default();
        for node in nodes {
            let Some(NodeEnum::DefElem(element)) = node.node else { return Err(unexpected("a function's options")) };
            self.function_option(*element, &mut options)?;
        }
        Ok(options)
    }

    fn function_option(&self, element: DefElem, options: &mut Options) -> R<()> {
        let DefElem { defnamespace: _, defname, arg, defaction: _, location, arg_location: _ } = element;
        let arg = arg.and_then(|arg| arg.node);
        let text = arg.as_ref().and_then(constant_text);
        match defname.as_str() {
            "language" => once(&mut options.language, text.ok_or_else(|| unexpected("LANGUAGE"))?, location),
            "as" => once(&mut options.body, (body_text(arg)?, location), location),
            "volatility" => once(&mut options.rest.volatility, volatility(text.as_deref())?, location),
            "strict" => once(&mut options.rest.strict, is_true(text.as_deref()), location),
            "security" => once(&mut options.rest.security_definer, is_true(text.as_deref()), location),
            "parallel" => once(&mut options.rest.parallel, parallel(text.as_deref())?, location),
            "cost" => once(&mut options.rest.cost, positive(text.as_deref(), "COST")?, location),
            "rows" => once(&mut options.rest.rows, positive(text.as_deref(), "ROWS")?, location),
            "leakproof" if !is_true(text.as_deref()) => Ok(()),
            "leakproof" => Err(privilege("only superuser can define a leakproof function")),
            "support" => Err(privilege("must be superuser to specify a support function")),
            "window" => Err(self.refuse("function/clause", &["WINDOW"])),
            "set" => Err(self.refuse("function/clause", &["SET"])),
            "transform" => Err(self.refuse("function/clause", &["TRANSFORM"])),
            _ => Err(unexpected("a function's options")),
        }
    }

    /// Where a string begins in the statement's text, when it stands there without escapes.
    fn place_of(&self, body: &str, from: i32) -> i32 {
        let from = usize::try_from(from).unwrap_or(0);
        let found = self.text.get(from..).and_then(|rest| rest.find(body)).filter(|_| !body.is_empty());
        found.and_then(|at| i32::try_from(from + at).ok()).unwrap_or(-1)
    }

    /// `RETURN expression` and `BEGIN ATOMIC statement; .. END`.
    fn standard_body(&self, body: Node, from: i32) -> R<FunctionBody> {
        let statements = match body.node {
            Some(NodeEnum::ReturnStmt(result)) => vec![self.return_statement(*result)?],
            Some(NodeEnum::List(list)) => {
                let inner = list.items.into_iter().filter_map(|node| match node.node {
                    Some(NodeEnum::List(list)) => Some(list.items),
                    _ => None,
                });
                inner.flatten().filter_map(|node| node.node).map(|tree| self.body_statement(tree)).collect::<R<_>>()?
            }
            _ => return Err(unexpected("a function's body")),
        };
        let range = standard_body_range(self.text, usize::try_from(from).unwrap_or(0)).ok_or_else(|| unexpected("a function's body"))?;
        Ok(FunctionBody::Standard { text: self.text.get(range).unwrap_or_default().to_owned(), statements })
    }

    fn body_statement(&self, tree: NodeEnum) -> R<Statement> {
        match tree {
            NodeEnum::ReturnStmt(result) => self.return_statement(*result),
            NodeEnum::SelectStmt(_) | NodeEnum::InsertStmt(_) | NodeEnum::UpdateStmt(_) | NodeEnum::DeleteStmt(_) => self.statement(tree),
            other => {
                let name = super::node::name(&other);
                let message = format!("{} is not yet supported in unquoted SQL function body", name.to_uppercase());
                Err(SqlError::unsupported(message))
            }
        }
    }

    fn return_statement(&self, result: ReturnStmt) -> R<Statement> {
        let ReturnStmt { returnval } = result;
        let expr = *self.boxed(returnval)?;
        let at = expr.at;
        let targets = vec![Target { expr, alias: None, at }];
        Ok(Statement::Query(Box::new(Query::selecting(targets, Vec::new()))))
    }

    /// A function named with or without its argument types.
    pub(super) fn function_name(&self, node: Node) -> R<FunctionName> {
        let Some(NodeEnum::ObjectWithArgs(object)) = node.node else { return Err(unexpected("the name of a function")) };
        let ObjectWithArgs { objname, objargs, objfuncargs, args_unspecified } = object;
        let name = self.object_name(objname, -1)?;
        if args_unspecified {
            return Ok(FunctionName { name, arguments: None });
        }
        // With modes written, the inputs are told by them; otherwise every type is one.
        let mut arguments = Vec::new();
        if objfuncargs.is_empty() {
            for node in objargs {
                let Some(NodeEnum::TypeName(ty)) = node.node else { return Err(unexpected("the name of a function")) };
                arguments.push(self.type_name(ty)?);
            }
        } else {
            for node in objfuncargs {
                let parameter = self.function_parameter(node)?;
                if matches!(parameter.mode, 'i' | 'b' | 'v') {
                    arguments.push(parameter.ty);
                }
            }
        }
        Ok(FunctionName { name, arguments: Some(arguments) })
    }

    /// Whether the object is a function, and whether it was called a routine.
    pub(super) fn is_function(&self, object: ObjectType) -> R<Option<bool>> {
        match object {
            ObjectType::ObjectFunction => Ok(Some(false)),
            ObjectType::ObjectRoutine => {
                self.require("object/ROUTINE")?;
                Ok(Some(true))
            }
            _ => Ok(None),
        }
    }
}

fn definition_error(message: &str) -> SqlError {
    SqlError::new(SqlState::INVALID_FUNCTION_DEFINITION, message)
}

fn privilege(message: &str) -> SqlError {
    SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, message)
}

fn once<T>(slot: &mut Option<T>, value: T, at: i32) -> R<()> {
    if slot.replace(value).is_some() {
        return Err(SqlError::new(SqlState::SYNTAX_ERROR, "conflicting or redundant options").at(at));
    }
    Ok(())
}

fn is_true(value: Option<&str>) -> bool {
    matches!(value, Some("1" | "true"))
}

/// The string after AS; a second one is for functions in C.
fn body_text(arg: Option<NodeEnum>) -> R<String> {
    let Some(NodeEnum::List(list)) = arg else { return Err(unexpected("AS")) };
    let mut strings = super::lower::strings(list.items)?;
    if strings.len() != 1 {
        return Err(definition_error("only one AS item needed for language \"sql\""));
    }
    Ok(strings.pop().unwrap_or_default())
}

fn volatility(word: Option<&str>) -> R<char> {
    match word {
        Some("immutable") => Ok('i'),
        Some("stable") => Ok('s'),
        Some("volatile") => Ok('v'),
        _ => Err(unexpected("a function's volatility")),
    }
}

fn parallel(word: Option<&str>) -> R<char> {
    match word {
        Some("safe") => Ok('s'),
        Some("restricted") => Ok('r'),
        Some("unsafe") => Ok('u'),
        _ => Err(SqlError::new(SqlState::SYNTAX_ERROR, "parameter \"parallel\" must be SAFE, RESTRICTED, or UNSAFE")),
    }
}

fn positive(number: Option<&str>, clause: &str) -> R<f32> {
    let number: f32 = number.and_then(|number| number.parse().ok()).ok_or_else(|| unexpected(clause))?;
    if number > 0.0 {
        return Ok(number);
    }
    Err(SqlError::new(SqlState::INVALID_PARAMETER_VALUE, format!("{clause} must be positive")))
}

/// The last place before the body that the tree knows.
fn last_place(parameters: &[Node], returns: Option<i32>, options: &[Node]) -> i32 {
    let place = |node: &Node| match &node.node {
        Some(NodeEnum::FunctionParameter(parameter)) => parameter.arg_type.as_ref().map(|ty| ty.location),
        Some(NodeEnum::DefElem(element)) => Some(element.location),
        _ => None,
    };
    parameters.iter().chain(options).filter_map(place).chain(returns).max().unwrap_or(0)
}

/// Where a body of the standard's form stands, read off the tokens from `from` on: from RETURN to the end of the statement, or from BEGIN ATOMIC to its END.
fn standard_body_range(text: &str, from: usize) -> Option<Range<usize>> {
    let tokens = pg_query::scan(text.get(from..)?).ok()?.tokens;
    let place = |token: &ScanToken| (from + usize::try_from(token.start).unwrap_or(0), from + usize::try_from(token.end).unwrap_or(0));
    let mut depth = 0_i32;
    let mut body: Option<(usize, bool)> = None;
    let (mut cases, mut end) = (0_u32, None);
    for (index, token) in tokens.iter().enumerate() {
        let kind = token.token();
        match kind {
            Token::Ascii40 => depth += 1,
            Token::Ascii41 => depth -= 1,
            _ => {}
        }
        let Some((_, atomic)) = body else {
            let begins = kind == Token::BeginP && tokens.get(index + 1).is_some_and(|next| next.token() == Token::Atomic);
            if depth <= 0 && (kind == Token::Return || begins) {
                body = Some((place(token).0, begins));
            }
            continue;
        };
        match kind {
            Token::Ascii59 if !atomic => break,
            Token::Case => cases += 1,
            Token::EndP if cases > 0 => cases -= 1,
            Token::EndP if atomic => {
                end = Some(place(token).1);
                break;
            }
            _ => {}
        }
        if !matches!(kind, Token::SqlComment | Token::CComment) {
            end = Some(place(token).1);
        }
    }
    Some(body?.0..end?)
}

#[cfg(test)]
mod tests {
    use super::standard_body_range;

    #[test]
    fn a_body_is_found() {
        let body = |text: &str| standard_body_range(text, 0).map(|range| text[range].to_owned());
        assert_eq!(body("create function f(x int) returns int return x * (2) ; select 1").as_deref(), Some("return x * (2)"));
        let atomic = "begin atomic select case when true then 1 end; select 2; end";
        assert_eq!(body(&format!("create function f() returns int {atomic}; select 3")).as_deref(), Some(atomic));
        assert_eq!(body("select 1"), None);
    }
}
