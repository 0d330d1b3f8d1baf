//! INSERT, UPDATE and DELETE.

use super::{Access, Alias, Expr, ObjectName, Query, Subscript, TableRef, Target, With};

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Insert {
    pub with: Option<With>,
    pub table: ObjectName,
    pub alias: Option<String>,
    /// Column list; empty: all columns in order.
    pub columns: Vec<InsertColumn>,
    pub overriding: Overriding,
    pub source: InsertSource,
    pub on_conflict: Option<OnConflict>,
    pub returning: Vec<Target>,
    pub access: Option<Access>,
}

/// A column to write, or the part of it that `steps` lead to.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct InsertColumn {
    pub name: String,
    pub steps: Vec<Step>,
    pub at: i32,
}

/// A step into a value that is written: `[..]`, `.field`, `.*`.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Step {
    Subscript(Subscript),
    Field(String),
    Star,
}

impl InsertColumn {
    /// The column as a whole.
    #[must_use]
    pub fn whole(name: String, at: i32) -> Self {
        Self { name, steps: Vec::new(), at }
    }

    /// The expressions that stand in its steps.
    pub fn exprs(&self) -> impl Iterator<Item = &Expr> {
        self.steps.iter().flat_map(|step| match step {
            Step::Subscript(Subscript::Index(index)) => vec![index],
            Step::Subscript(Subscript::Slice(low, high)) => low.iter().chain(high).collect(),
            Step::Field(_) | Step::Star => Vec::new(),
        })
    }

    /// The same to be changed.
    pub fn exprs_mut(&mut self) -> impl Iterator<Item = &mut Expr> {
        self.steps.iter_mut().flat_map(|step| match step {
            Step::Subscript(Subscript::Index(index)) => vec![index],
            Step::Subscript(Subscript::Slice(low, high)) => low.iter_mut().chain(high).collect(),
            Step::Field(_) | Step::Star => Vec::new(),
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Overriding {
    None,
    UserValue,
    SystemValue,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum InsertSource {
    DefaultValues,
    /// VALUES (in which DEFAULT may stand) or any other query.
    Query(Box<Query>),
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct OnConflict {
    pub target: Option<ConflictTarget>,
    /// `None`: DO NOTHING.
    pub update: Option<(Vec<Assignment>, Option<Expr>)>,
    pub at: i32,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum ConflictTarget {
    Columns { elements: Vec<Expr>, filter: Option<Expr> },
    Constraint(String),
}

/// `column = expr`, or one column of `(a, b) = row`.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Assignment {
    Single { column: InsertColumn, value: Expr },
    Multiple { columns: Vec<InsertColumn>, source: Expr },
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Update {
    pub with: Option<With>,
    pub table: ObjectName,
    pub alias: Option<Alias>,
    pub assignments: Vec<Assignment>,
    pub from: Vec<TableRef>,
    pub filter: Option<Expr>,
    pub returning: Vec<Target>,
    pub access: Option<Access>,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Delete {
    pub with: Option<With>,
    pub table: ObjectName,
    pub alias: Option<Alias>,
    pub using: Vec<TableRef>,
    pub filter: Option<Expr>,
    pub returning: Vec<Target>,
    pub access: Option<Access>,
}
