//! Which clause an expression stands in, as far as messages and restrictions depend on it.

use borealis_pgtypes::{Result, SqlError, SqlState};

/// PostgreSQL's `ParseExprKind`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Clause {
    #[default]
    None,
    JoinOn,
    JoinUsing,
    FromSubselect,
    FromFunction,
    Where,
    Having,
    Filter,
    WindowPartition,
    WindowOrder,
    WindowRange,
    WindowRows,
    WindowGroups,
    SelectTarget,
    /// Subscripts of the columns that an INSERT names.
    InsertTarget,
    UpdateSource,
    GroupBy,
    OrderBy,
    DistinctOn,
    Limit,
    Offset,
    Returning,
    Values,
    ValuesSingle,
    Check,
    Default,
    Generated,
    /// Default of a function's parameter.
    FunctionDefault,
    IndexExpression,
    IndexPredicate,
    Statistics,
    Call,
    CopyWhere,
}

impl Clause {
    /// `ParseExprKindName`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "invalid expression context",
            Self::JoinOn => "JOIN/ON",
            Self::JoinUsing => "JOIN/USING",
            Self::FromSubselect => "sub-SELECT in FROM",
            Self::FromFunction => "function in FROM",
            Self::Where | Self::CopyWhere => "WHERE",
            Self::Having => "HAVING",
            Self::Filter => "FILTER",
            Self::WindowPartition => "window PARTITION BY",
            Self::WindowOrder => "window ORDER BY",
            Self::WindowRange => "window RANGE",
            Self::WindowRows => "window ROWS",
            Self::WindowGroups => "window GROUPS",
            Self::SelectTarget => "SELECT",
            Self::InsertTarget => "INSERT",
            Self::UpdateSource => "UPDATE",
            Self::GroupBy => "GROUP BY",
            Self::OrderBy => "ORDER BY",
            Self::DistinctOn => "DISTINCT ON",
            Self::Limit => "LIMIT",
            Self::Offset => "OFFSET",
            Self::Returning => "RETURNING",
            Self::Values | Self::ValuesSingle => "VALUES",
            Self::Check => "CHECK",
            Self::Default | Self::FunctionDefault => "DEFAULT",
            Self::Generated => "GENERATED AS",
            Self::IndexExpression => "index expression",
            Self::IndexPredicate => "index predicate",
            Self::Statistics => "statistics expression",
            Self::Call => "CALL",
        }
    }

    /// What messages call the clause in the plural, where they do not use [`Clause::name`].
    fn plural(self) -> Option<&'static str> {
        Some(match self {
            Self::JoinOn | Self::JoinUsing => "JOIN conditions",
            Self::FromFunction => "functions in FROM",
            Self::Check => "check constraints",
            Self::Default | Self::FunctionDefault => "DEFAULT expressions",
            Self::Generated => "column generation expressions",
            Self::IndexExpression => "index expressions",
            Self::IndexPredicate => "index predicates",
            Self::Statistics => "statistics expressions",
            Self::Call => "CALL arguments",
            Self::CopyWhere => "COPY FROM WHERE conditions",
            _ => return None,
        })
    }

    fn place(self) -> &'static str {
        self.plural().unwrap_or_else(|| self.name())
    }

    /// Refuses an aggregate (or GROUPING) where it may not stand.
    pub(crate) fn check_aggregate(self, what: &str, at: i32) -> Result<()> {
        let place = match self {
            Self::None
            | Self::Having
            | Self::WindowPartition
            | Self::WindowOrder
            | Self::SelectTarget
            | Self::OrderBy
            | Self::DistinctOn => return Ok(()),
            // Only a LATERAL one sees the level's columns.
            Self::FromSubselect => "FROM clause of their own query level",
            other => other.place(),
        };
        Err(SqlError::new(SqlState::GROUPING_ERROR, format!("{what} are not allowed in {place}")).at(at))
    }

    /// Refuses a window function where it may not stand.
    pub(crate) fn check_window(self, at: i32) -> Result<()> {
        let place = match self {
            Self::None | Self::SelectTarget | Self::OrderBy | Self::DistinctOn => return Ok(()),
            other if other.in_window() => "window definitions",
            other => other.place(),
        };
        Err(SqlError::new(SqlState::WINDOWING_ERROR, format!("window functions are not allowed in {place}")).at(at))
    }

    fn in_window(self) -> bool {
        matches!(self, Self::WindowPartition | Self::WindowOrder | Self::WindowRange | Self::WindowRows | Self::WindowGroups)
    }

    /// Refuses a set-returning function where it may not stand.
    pub(crate) fn check_set_function(self, at: i32) -> Result<()> {
        let place = match self {
            Self::None
            | Self::SelectTarget
            | Self::GroupBy
            | Self::OrderBy
            | Self::DistinctOn
            | Self::ValuesSingle
            | Self::FromFunction => return Ok(()),
            Self::WindowPartition | Self::WindowOrder => return Ok(()),
            other if other.in_window() => "window definitions",
            other => other.place(),
        };
        Err(SqlError::unsupported(format!("set-returning functions are not allowed in {place}")).at(at))
    }

    /// Refuses a subquery where it may not stand.
    pub(crate) fn check_subquery(self, at: i32) -> Result<()> {
        let place = match self {
            Self::Check => "check constraint",
            Self::Default | Self::FunctionDefault => "DEFAULT expression",
            Self::Generated => "column generation expression",
            Self::IndexExpression => "index expression",
            Self::IndexPredicate => "index predicate",
            Self::Statistics => "statistics expression",
            Self::Call => "CALL argument",
            Self::CopyWhere => "COPY FROM WHERE condition",
            _ => return Ok(()),
        };
        Err(SqlError::unsupported(format!("cannot use subquery in {place}")).at(at))
    }
}
