//! Text forms, binary forms, order and the date and time functions against PostgreSQL 16's answers, kept in `data/*.tsv`.
//!
//! Every line was answered by PostgreSQL 16.14. Fields are separated by tabs, with `\t`, `\n` and `\\` escaped. The first field of the text and call
//! corpora holds the parameters in force, as `name=value;...`. An outcome is `=value`, `~` for NULL, or `!SQLSTATE message|DETAIL ..|HINT ..`.

use std::cmp::Ordering;
use std::collections::hash_map::DefaultHasher;
use std::fmt::Write as _;
use std::hash::Hasher as _;

use borealis_pgtypes::datetime::TimeZone;
use borealis_pgtypes::{
    Body, CallContext, DateOrder, DateStyle, Datum, EvalContext, Host, IntervalStyle, Oid, Result, SessionFunction, Settings, SqlError,
    Type, binary, compare, functions, text, types, typmod,
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

/// 2026-06-01 12:00 UTC.
const NOW: i64 = 833_630_400_000_000;

fn with_context<T>(settings: &Settings, run: impl FnOnce(&EvalContext<'_>) -> T) -> T {
    run(&EvalContext { settings, transaction_timestamp: NOW, statement_timestamp: NOW, host: &NoSession })
}

fn unescape(field: &str) -> String {
    let mut out = String::new();
    let mut characters = field.chars();
    while let Some(character) = characters.next() {
        match (character, character == '\\') {
            (_, true) => match characters.next() {
                Some('t') => out.push('\t'),
                Some('n') => out.push('\n'),
                Some(other) => out.push(other),
                None => {}
            },
            (other, false) => out.push(other),
        }
    }
    out
}

fn settings(text: &str) -> Settings {
    let mut settings = Settings::default();
    for (name, value) in text.split(';').filter_map(|pair| pair.split_once('=')) {
        match name {
            "zone" => settings.time_zone = TimeZone::parse(value).expect("zone"),
            "datestyle" => value.split(',').map(str::trim).for_each(|word| date_style(&mut settings, word)),
            "intervalstyle" => settings.interval_style = interval_style(value),
            "extra" => settings.extra_float_digits = value.parse().expect("digits"),
            "bytea" => settings.bytea_escape = value == "escape",
            other => panic!("parameter {other}"),
        }
    }
    settings
}

fn date_style(settings: &mut Settings, word: &str) {
    match word {
        "ISO" => settings.date_style = DateStyle::Iso,
        "SQL" => settings.date_style = DateStyle::Sql,
        "Postgres" => settings.date_style = DateStyle::Postgres,
        "German" => settings.date_style = DateStyle::German,
        "DMY" => settings.date_order = DateOrder::Dmy,
        "MDY" => settings.date_order = DateOrder::Mdy,
        "YMD" => settings.date_order = DateOrder::Ymd,
        other => panic!("date style {other}"),
    }
}

fn interval_style(value: &str) -> IntervalStyle {
    match value {
        "postgres" => IntervalStyle::Postgres,
        "postgres_verbose" => IntervalStyle::PostgresVerbose,
        "sql_standard" => IntervalStyle::SqlStandard,
        "iso_8601" => IntervalStyle::Iso8601,
        other => panic!("interval style {other}"),
    }
}

/// A type as SQL writes it, with a modifier: `numeric(10,2)`, `timestamp(3)`, `interval day to second(2)`, `varchar(5)[]`.
fn parse_type(text: &str) -> Type {
    if let Some(fields) = text.strip_prefix("interval ") {
        return Type::new(Oid::INTERVAL, interval_typmod(fields));
    }
    let Some((name, rest)) = text.split_once('(') else {
        return Type::plain(types::sql_name(text).unwrap_or_else(|| panic!("type {text}")).oid);
    };
    let (modifiers, array) = rest.split_once(')').expect("closing parenthesis");
    let mut modifiers: Vec<i32> = modifiers.split(',').map(|number| number.parse().expect("modifier")).collect();
    let oid = types::sql_name(&format!("{name}{array}")).unwrap_or_else(|| panic!("type {text}")).oid;
    if name == "interval" {
        modifiers.insert(0, typmod::interval_field::FULL);
    }
    Type::new(oid, typmod::input(oid, &modifiers).expect("modifier").0)
}

fn interval_typmod(fields: &str) -> i32 {
    (0..=0x7fff_i32)
        .flat_map(|bits| [typmod::INTERVAL_FULL_PRECISION, 0, 1, 2, 3, 4, 5, 6].map(|precision| (bits << 16) | precision))
        .find(|modifier| typmod::output(Oid::INTERVAL, *modifier).trim_start() == fields)
        .unwrap_or_else(|| panic!("interval fields {fields}"))
}

fn failure(error: &SqlError) -> String {
    let fields = error.fields();
    let mut text = format!("!{} {}", fields.sqlstate, fields.message);
    if let Some(detail) = &fields.detail {
        let _ = write!(text, "|DETAIL {detail}");
    }
    if let Some(hint) = &fields.hint {
        let _ = write!(text, "|HINT {hint}");
    }
    text
}

fn shown(value: &Datum, oid: Oid, ctx: &EvalContext<'_>) -> Result<String> {
    if value.is_null() {
        return Ok("~".to_owned());
    }
    text::to_text(value, oid, ctx).map(|text| format!("={text}"))
}

/// Runs `answer` over a corpus and reports every line whose outcome differs.
fn check(corpus: &str, answer: impl Fn(&[&str]) -> (String, String)) {
    let mut failures = String::new();
    let (mut failed, mut total) = (0, 0);
    for line in corpus.lines() {
        let (got, expected) = answer(&line.split('\t').collect::<Vec<_>>());
        total += 1;
        if got != expected {
            failed += 1;
            let _ = writeln!(failures, "{line}\n    got: {got}");
        }
    }
    assert!(total > 0, "the corpus is empty");
    assert!(failed == 0, "{failed} of {total} differ from PostgreSQL:\n{failures}");
}

fn check_text(corpus: &str) {
    check(corpus, |fields| {
        let [parameters, type_name, input, expected] = fields else { panic!("fields: {fields:?}") };
        let (settings, ty) = (settings(parameters), parse_type(type_name));
        let got = with_context(&settings, |ctx| text::input(ty, &unescape(input), ctx).and_then(|value| shown(&value, ty.oid, ctx)));
        (got.unwrap_or_else(|error| failure(&error)), unescape(expected))
    });
}

fn call(name: &str, args: &[(Type, Option<String>)], ctx: &EvalContext<'_>) -> Result<String> {
    let arg_types: Vec<Oid> = args.iter().map(|(ty, _)| ty.oid).collect();
    let function = functions::by_name(name).iter().find(|function| function.args == arg_types);
    let function = function.unwrap_or_else(|| panic!("no function {name}({arg_types:?})"));
    let call = CallContext { eval: ctx, arg_types: &arg_types, result_type: function.result };
    let read = |(ty, text): &(Type, Option<String>)| text.as_ref().map_or(Ok(Datum::Null), |text| text::input(*ty, text, ctx));
    let values = args.iter().map(read).collect::<Result<Vec<_>>>()?;
    if function.strict && values.iter().any(Datum::is_null) {
        return Ok("~".to_owned());
    }
    match function.body {
        Body::Scalar(body) => shown(&body(&call, &values)?, function.result, ctx),
        Body::Set(body) => {
            let rows = body(&call, &values)?.map(|row| text::to_text(&row?[0], function.result, ctx)).collect::<Result<Vec<_>>>()?;
            Ok(if rows.is_empty() { "~".to_owned() } else { format!("={}", rows.join("|")) })
        }
        _ => panic!("{name} is not called here"),
    }
}

fn check_calls(corpus: &str) {
    check(corpus, |fields| {
        let [parameters, name, expected, args @ ..] = fields else { panic!("fields: {fields:?}") };
        let settings = settings(parameters);
        let arg = |field: &&str| {
            let (type_name, text) = field.split_once('=').expect("typed argument");
            (parse_type(type_name), (text != "\\N").then(|| unescape(text)))
        };
        let args: Vec<_> = args.iter().map(arg).collect();
        let got = with_context(&settings, |ctx| call(name, &args, ctx)).unwrap_or_else(|error| failure(&error));
        (got, unescape(expected))
    });
}

macro_rules! corpora {
    ($($name:ident: $check:ident;)*) => {
        $(#[test]
        fn $name() {
            $check(include_str!(concat!("data/", stringify!($name), ".tsv")));
        })*
    };
}

corpora! {
    text_numbers: check_text;
    text_strings: check_text;
    text_arrays: check_text;
    text_dates: check_text;
    text_times: check_text;
    text_timestamps: check_text;
    text_intervals: check_text;
    text_styles: check_text;
    text_zones: check_text;
    calls_arithmetic: check_calls;
    calls_compare: check_calls;
    calls_extract: check_calls;
    calls_make: check_calls;
    calls_to_char: check_calls;
    calls_to_timestamp: check_calls;
    calls_casts: check_calls;
    calls_zones: check_calls;
    calls_series: check_calls;
}

/// Sends a value as PostgreSQL does, and reads back what PostgreSQL sends.
#[test]
fn binary_forms() {
    check(include_str!("data/binary.tsv"), |fields| {
        let [type_name, input, hex] = fields else { panic!("fields: {fields:?}") };
        let ty = parse_type(type_name);
        let got = with_context(&Settings::default(), |ctx| {
            let value = text::input(ty, &unescape(input), ctx)?;
            let mut sent = Vec::new();
            binary::send(&value, ty.oid, &mut sent)?;
            let received = binary::receive(ty, &sent, ctx)?;
            let (before, after) = (shown(&value, ty.oid, ctx)?, shown(&received, ty.oid, ctx)?);
            assert_eq!(before, after, "{type_name} does not come back");
            Ok(sent.iter().fold(String::new(), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            }))
        });
        (got.unwrap_or_else(|error: SqlError| failure(&error)), (*hex).to_owned())
    });
}

fn hashed(value: &Datum, oid: Oid) -> u64 {
    let mut state = DefaultHasher::new();
    compare::hash_typed(value, oid, &mut state);
    state.finish()
}

#[test]
fn order_of_values() {
    check(include_str!("data/order.tsv"), |fields| {
        let [type_name, left, right, expected] = fields else { panic!("fields: {fields:?}") };
        let ty = parse_type(type_name);
        let got = with_context(&Settings::default(), |ctx| {
            let read = |text: &str| text::input(ty, &unescape(text), ctx).expect("value");
            let (left, right) = (read(left), read(right));
            let order = compare::compare_typed(&left, &right, ty.oid);
            assert_eq!(order.reverse(), compare::compare_typed(&right, &left, ty.oid));
            if order == Ordering::Equal {
                assert_eq!(hashed(&left, ty.oid), hashed(&right, ty.oid), "{type_name}: equal values hash apart");
            }
            match order {
                Ordering::Less => "<",
                Ordering::Equal => "=",
                Ordering::Greater => ">",
            }
        });
        (got.to_owned(), (*expected).to_owned())
    });
}

#[test]
fn every_cast_can_be_found_and_run() {
    use borealis_pgtypes::{CastMethod, cast};
    for row in cast::CASTS {
        let found = cast::find(row.source, row.target).expect("bisected");
        assert_eq!((found.source, found.target), (row.source, row.target));
        if let CastMethod::Function(oid) = row.method {
            assert!(functions::by_oid(oid).is_some(), "the cast {} to {} names function {oid}, which is missing", row.source, row.target);
        }
    }
}
