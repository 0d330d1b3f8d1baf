//! What a person writes as a part of an operation, read by PostgreSQL's grammar before it becomes part of a statement: a type is a type, an
//! expression is one expression, and nothing else rides along.

use borealis_dialect::Dialect;
use borealis_sql::ast::{Distinct, Expr, ExprKind, Query, QueryBody, Statement, TableElement, TypeName};
use borealis_sql::parse::parse;

use crate::error::{MigrateError, Result};

/// A type as the grammar reads it, whatever its spelling: `int` and `integer` are the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Type {
    /// The name in `pg_type`, with the schema when that is not PostgreSQL's own.
    pub(crate) base: String,
    /// What stands in the parentheses.
    pub(crate) modifiers: Vec<i64>,
    /// Of an array.
    dimensions: usize,
}

impl Type {
    /// The type that a text names; `None` when it names none, or says more than that.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let statement = only_statement(&format!("CREATE TABLE t (c {text})")).ok()?;
        let Statement::CreateTable(create) = statement else { return None };
        match create.elements.as_slice() {
            [TableElement::Column(column)] if column.constraints.is_empty() && column.storage.is_none() => Self::of(&column.ty),
            _ => None,
        }
    }

    fn of(name: &TypeName) -> Option<Self> {
        let base = match name.names.as_slice() {
            [name] => name.clone(),
            [schema, name] if schema == "pg_catalog" => name.clone(),
            names => names.join("."),
        };
        let mut modifiers = name.modifiers.iter().map(number).collect::<Option<Vec<_>>>()?;
        match (base.as_str(), modifiers.as_slice()) {
            ("numeric", [_]) => modifiers.push(0),
            // All fields.
            ("interval", [INTERVAL_FULL]) => modifiers.clear(),
            _ => {}
        }
        Some(Self { base, modifiers, dimensions: name.array_dimensions })
    }

    /// The length of a character type that has one.
    pub(crate) fn length(&self) -> Option<u32> {
        let is_text = self.dimensions == 0 && matches!(self.base.as_str(), "varchar" | "bpchar");
        self.modifiers.first().filter(|_| is_text).and_then(|length| u32::try_from(*length).ok())
    }

    pub(crate) fn is_array(&self) -> bool {
        self.dimensions > 0
    }
}

/// `INTERVAL_FULL_RANGE`: no fields are named.
pub(crate) const INTERVAL_FULL: i64 = 0x7FFF;

fn number(modifier: &Expr) -> Option<i64> {
    match &modifier.kind {
        ExprKind::Integer(number) => Some(i64::from(*number)),
        ExprKind::Unary { arg, .. } => number(arg).map(|number| -number),
        _ => None,
    }
}

/// Refuses what is not one type.
pub(super) fn must_be_type(of: &str, text: &str) -> Result<()> {
    let refused = |why: &str| {
        Err(MigrateError::refused(format!("the type of {of}, `{text}`: {why}. Write a type and nothing else, such as numeric(12,2)")))
    };
    match only_statement(&format!("CREATE TABLE t (c {text})")) {
        Err(why) => refused(&why),
        Ok(Statement::CreateTable(create)) => match create.elements.as_slice() {
            [TableElement::Column(column)] if column.constraints.is_empty() && column.storage.is_none() => Ok(()),
            [TableElement::Column(_)] => refused("a rule stands behind the type; --not-null, --default and `add-constraint` are for rules"),
            _ => refused("that is more than a type"),
        },
        Ok(_) => refused("that is no type"),
    }
}

/// Refuses what is not one expression.
pub(super) fn must_be_expression(of: &str, text: &str) -> Result<()> {
    // By itself, so that its parentheses are in pairs; between parentheses, so that no comment runs over what comes behind it.
    for written in [format!("SELECT {text}"), format!("SELECT ({text})")] {
        let why = match only_statement(&written) {
            Ok(Statement::Query(query)) if is_one_value(&query) => continue,
            Ok(_) => "that is more than a value".to_owned(),
            Err(why) => why,
        };
        return Err(MigrateError::refused(format!("{of}, `{text}`: {why}. Write one expression, such as 'new' or lower(name)")));
    }
    Ok(())
}

fn is_one_value(query: &Query) -> bool {
    let Query { with: None, body: QueryBody::Select(select), order_by, limit: None, with_ties: false, offset: None, locking } = query
    else {
        return false;
    };
    let [target] = select.targets.as_slice() else { return false };
    order_by.is_empty()
        && locking.is_empty()
        && select.distinct == Distinct::No
        && target.alias.is_none()
        && !matches!(target.expr.kind, ExprKind::Star(_))
        && select.from.is_empty()
        && select.filter.is_none()
        && select.group_by.is_empty()
        && select.having.is_none()
        && select.windows.is_empty()
}

/// A default as it stands in a column's definition, where the grammar takes less than a whole expression without parentheses.
pub(super) fn default_text(default: &str) -> String {
    let bare = only_statement(&format!("CREATE TABLE t (c text DEFAULT {default})"));
    let is_one = match bare {
        Ok(Statement::CreateTable(create)) => {
            matches!(create.elements.as_slice(), [TableElement::Column(column)] if column.constraints.len() == 1)
        }
        _ => false,
    };
    if is_one { default.to_owned() } else { format!("({default})") }
}

/// The only statement of a text, or why it is none.
pub(super) fn only_statement(text: &str) -> std::result::Result<Statement, String> {
    let parsed = parse(text, Dialect::default()).map_err(|error| error.message().to_owned())?;
    let [_] = parsed.as_slice() else { return Err(format!("that is {} statements", parsed.len())) };
    let statement = parsed.into_iter().next().ok_or("nothing is written")?;
    statement.statement.map_err(|error| error.message().to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Type, default_text, must_be_expression, must_be_type};

    #[test]
    fn types_are_read_whatever_their_spelling() {
        for (text, base, modifiers, length) in [
            ("varchar(20)", "varchar", vec![20], Some(20)),
            ("CHARACTER VARYING ( 7 )", "varchar", vec![7], Some(7)),
            ("char", "bpchar", vec![1], Some(1)),
            ("char(3)", "bpchar", vec![3], Some(3)),
            ("bpchar", "bpchar", vec![], None),
            ("varchar", "varchar", vec![], None),
            ("int", "int4", vec![], None),
            ("decimal(10)", "numeric", vec![10, 0], None),
            ("timestamp(3) without time zone", "timestamp", vec![3], None),
            ("s.mine", "s.mine", vec![], None),
        ] {
            let ty = Type::read(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((ty.base.as_str(), &ty.modifiers, ty.length()), (base, &modifiers, length), "{text}");
        }
        assert_eq!(Type::read("int, d int"), None);
    }

    #[test]
    fn a_type_is_nothing_but_a_type() {
        must_be_type("column c", "double precision").unwrap();
        for (text, why) in [
            ("int; drop table ops", "syntax error at or near \";\""),
            ("int); drop table ops; --", "that is 2 statements"),
            ("int not null default 7", "a rule stands behind the type"),
            ("int, d int", "that is more than a type"),
        ] {
            let error = must_be_type("column c", text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("the type of column c, `{text}`: {why}")), "{error}");
        }
        assert!(must_be_type("column c", "").is_err());
    }

    #[test]
    fn an_expression_is_nothing_but_an_expression() {
        for text in ["7", "'it''s'", "now()", "a AND b", "coalesce(a, (SELECT 1))", "lower(a) /* so */"] {
            must_be_expression("the default", text).unwrap();
        }
        for text in [
            "1; drop table ops",
            "1), (2",
            "1) + (2",
            "1 FROM t",
            "a, b",
            "a AS b",
            "1 -- to the end",
            "",
            "*",
            "1 WHERE true",
            "1 ORDER BY 1",
        ] {
            assert!(must_be_expression("the default", text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_default_that_is_more_than_the_grammar_takes_there_gets_parentheses() {
        for (text, expected) in
            [("7", "7"), ("now()", "now()"), ("a AND b", "(a AND b)"), ("1 IS NOT NULL", "(1 IS NOT NULL)"), ("NOT true", "(NOT true)")]
        {
            assert_eq!(default_text(text), expected);
        }
    }
}
