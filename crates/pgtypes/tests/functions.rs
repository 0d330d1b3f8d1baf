//! Every function against PostgreSQL 16's answers, kept in `data/functions_*.tsv`. A line is a call by signature, its arguments as text, and what
//! PostgreSQL gave: a value, NULL, or an error with its SQLSTATE and text.

use std::fmt::Write as _;

use borealis_pgtypes::{
    ArrayValue, Body, CallContext, Datum, EvalContext, Function, Host, Oid, Result, SessionFunction, Settings, SqlError, Type, functions,
    text, types,
};

struct NoSession;

impl Host for NoSession {
    fn clock_timestamp(&self) -> i64 {
        0
    }

    fn random_bytes(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }

    fn session_function(&self, function: SessionFunction, _: &CallContext<'_>, _: &[Datum]) -> Result<Datum> {
        Err(SqlError::internal(format!("no session for {function:?}")))
    }

    fn check_interrupt(&self) -> Result<()> {
        Ok(())
    }
}

fn type_oid(name: &str) -> Oid {
    types::by_name(name).unwrap_or_else(|| panic!("type {name}")).oid
}

fn unescape(field: &str) -> String {
    let mut out = String::new();
    let mut characters = field.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('t') => out.push('\t'),
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some(other) => out.push(other),
                None => {}
            },
            other => out.push(other),
        }
    }
    out
}

/// Whether a declared argument type takes an actual one.
fn accepts(declared: Oid, actual: Oid) -> bool {
    let is_array = types::element_of(actual).is_some();
    match declared {
        Oid::ANY | Oid::ANYELEMENT | Oid::ANYCOMPATIBLE => true,
        Oid::ANYARRAY | Oid::ANYCOMPATIBLEARRAY => is_array,
        Oid::ANYNONARRAY | Oid::ANYCOMPATIBLENONARRAY => !is_array,
        declared => declared == actual,
    }
}

fn matches(function: &Function, actual: &[Oid], exact: bool) -> bool {
    let spread = function.variadic && function.args.last() == Some(&Oid::ANY);
    let fits = |declared: Oid, actual: Oid| if exact { declared == actual } else { accepts(declared, actual) };
    if spread {
        let fixed = function.args.len() - 1;
        return !exact
            && actual.len() > fixed
            && function.args[..fixed].iter().zip(actual).all(|(declared, actual)| fits(*declared, *actual));
    }
    function.args.len() == actual.len() && function.args.iter().zip(actual).all(|(declared, actual)| fits(*declared, *actual))
}

fn resolve(name: &str, actual: &[Oid]) -> &'static Function {
    let candidates = functions::by_name(name);
    let exact = candidates.iter().find(|function| matches(function, actual, true));
    exact
        .or_else(|| candidates.iter().find(|function| matches(function, actual, false)))
        .unwrap_or_else(|| panic!("no function {name} for {actual:?}"))
}

struct Case<'a> {
    name: &'a str,
    arg_types: Vec<Oid>,
    result_type: Oid,
    args: Vec<Option<String>>,
    expected: String,
}

fn parse(line: &str) -> Case<'_> {
    let mut fields = line.split('\t');
    let signature = fields.next().expect("signature");
    let (call, result) = signature.split_once(" -> ").expect("result type");
    let (name, arg_types) = call.split_once('(').expect("arguments");
    let arg_types = arg_types.trim_end_matches(')');
    let mut args: Vec<&str> = fields.collect();
    let outcome = args.pop().expect("outcome");
    let expected = match outcome {
        "\\N" => outcome.to_owned(),
        outcome => unescape(outcome),
    };
    Case {
        name,
        arg_types: if arg_types.is_empty() { Vec::new() } else { arg_types.split(", ").map(type_oid).collect() },
        result_type: type_oid(result),
        args: args.into_iter().map(|field| (field != "\\N").then(|| unescape(field))).collect(),
        expected,
    }
}

fn print(value: &Datum, oid: Oid, ctx: &EvalContext<'_>) -> String {
    // The corpus was made with a cast to text, which prints booleans in full.
    match value {
        Datum::Null => "\\N".to_owned(),
        Datum::Bool(value) => value.to_string(),
        value => {
            let mut out = String::new();
            text::output_in(value, oid, ctx, &mut out).expect("output");
            out
        }
    }
}

fn print_rows(function: &'static Function, call: &CallContext<'_>, rows: impl Iterator<Item = Result<Vec<Datum>>>) -> Result<String> {
    let mut printed = Vec::new();
    for row in rows {
        let row = row?;
        let column_type = |index: usize| function.columns_of_call(call.arg_types).nth(index).map_or(call.result_type, |(_, oid)| oid);
        let columns: Vec<String> = row.iter().enumerate().map(|(index, value)| print(value, column_type(index), call.eval)).collect();
        printed.push(columns.join("|"));
    }
    Ok(if printed.is_empty() { "\\N".to_owned() } else { format!("={}", printed.join("\u{1e}")) })
}

fn evaluate(function: &'static Function, call: &CallContext<'_>, args: &[Datum]) -> Result<String> {
    let null_argument = function.strict && args.iter().any(Datum::is_null);
    match function.body {
        _ if null_argument => Ok("\\N".to_owned()),
        Body::Scalar(body) => body(call, args).map(|value| match value {
            Datum::Null => "\\N".to_owned(),
            value => format!("={}", print(&value, call.result_type, call.eval)),
        }),
        Body::Set(body) => print_rows(function, call, body(call, args)?),
        Body::Aggregate(_) | Body::Session(_) | Body::SessionSet(_) | Body::Window => panic!("{} is not called here", function.name),
    }
}

fn run_aggregate(function: &Function, call: &CallContext<'_>, columns: &[Datum]) -> Result<String> {
    let Body::Aggregate(start) = function.body else { panic!("{} is no aggregate", function.name) };
    let arrays: Vec<&ArrayValue> = columns
        .iter()
        .map(|column| match column {
            Datum::Array(array) => &**array,
            other => panic!("input {other:?}"),
        })
        .collect();
    let mut state = start(call);
    for row in 0..arrays[0].elements.len() {
        let values: Vec<Datum> = arrays.iter().map(|array| array.elements[row].clone()).collect();
        if !(function.strict && values.iter().any(Datum::is_null)) {
            state.add(call, &values)?;
        }
    }
    Ok(match state.finish(call)? {
        Datum::Null => "\\N".to_owned(),
        value => format!("={}", print(&value, call.result_type, call.eval)),
    })
}

fn run(case: &Case<'_>, is_aggregate: bool) -> String {
    let settings = Settings::default();
    let eval = EvalContext { settings: &settings, transaction_timestamp: 0, statement_timestamp: 0, host: &NoSession };
    let function = resolve(case.name, &case.arg_types);
    let call = CallContext { eval: &eval, arg_types: &case.arg_types, result_type: case.result_type };
    let outcome = (|| {
        let mut args = Vec::new();
        for (value, oid) in case.args.iter().zip(&case.arg_types) {
            let oid = if is_aggregate { types::array_of(*oid).expect("array type") } else { *oid };
            args.push(value.as_ref().map_or(Ok(Datum::Null), |value| text::input(Type::plain(oid), value, &eval))?);
        }
        if is_aggregate { run_aggregate(function, &call, &args) } else { evaluate(function, &call, &args) }
    })();
    outcome.unwrap_or_else(|error| format!("!{} {}", error.sqlstate(), error.message()))
}

fn check(corpus: &str, is_aggregate: bool) {
    let mut failures = String::new();
    let (mut failed, mut total) = (0, 0);
    for line in corpus.lines().filter(|line| !line.starts_with('#')) {
        let case = parse(line);
        let got = run(&case, is_aggregate);
        total += 1;
        if got != case.expected {
            failed += 1;
            let _ = writeln!(failures, "{line}\n    got: {got}");
        }
    }
    assert!(total > 0, "the corpus is empty");
    assert!(failed == 0, "{failed} of {total} differ from PostgreSQL:\n{failures}");
}

macro_rules! corpora {
    ($($name:ident $aggregate:literal;)*) => {
        $(#[test]
        fn $name() {
            check(include_str!(concat!("data/functions_", stringify!($name), ".tsv")), $aggregate);
        })*
    };
}

corpora! {
    compare false;
    int false;
    introspect false;
    to_number false;
    float false;
    numeric false;
    number_format false;
    text false;
    bytes false;
    compose false;
    like false;
    regexp false;
    array false;
    json false;
    jsonb false;
    aggregate true;
}
