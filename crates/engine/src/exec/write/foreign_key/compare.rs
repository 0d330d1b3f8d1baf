//! Comparing the values of both ends of a foreign key.

use borealis_pgtypes::{Datum, Oid, Result, SqlState};
use borealis_sql::bound::KeyPair;
use borealis_sql::expr::{Expr, ExprKind};

use crate::eval::order::Order;
use crate::eval::{Code, Compiler, Runtime};

/// A referencing column and the one it references.
pub(super) struct Pair {
    /// Both have one type.
    same: bool,
    to_parent: Code,
    to_child: Option<Code>,
    pub(super) child: Order,
    pub(super) parent: Order,
}

impl Pair {
    pub(super) fn compile(compiler: &Compiler<'_>, bound: &KeyPair, child: Oid, parent: Oid) -> Result<Self> {
        let same = is_slot(&bound.to_parent) && bound.to_child.as_ref().is_some_and(is_slot);
        Ok(Self {
            same,
            to_parent: compiler.compile(&bound.to_parent)?,
            to_child: compiler.optional(bound.to_child.as_ref())?,
            child: Order::of(child),
            parent: Order::of(parent),
        })
    }

    /// Whether a referenced value leads to at most one referencing value.
    pub(super) const fn is_searchable(&self) -> bool {
        self.to_child.is_some()
    }
}

fn is_slot(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Slot(_))
}

/// The referenced key that referencing values stand for, in the referenced types; `None` when no value there equals one of them.
pub(super) fn to_parent(rt: &mut Runtime<'_>, pairs: &[Pair], child: &[Datum]) -> Result<Option<Vec<Datum>>> {
    let mut key = Vec::with_capacity(pairs.len());
    for (place, pair) in pairs.iter().enumerate() {
        let Some(value) = convert(rt, pair.same, &pair.to_parent, child, place)? else { return Ok(None) };
        key.push(value);
    }
    Ok(matches(rt, pairs, child, &key)?.then_some(key))
}

/// The referencing values that stand for a referenced key, as far as they are known: all before the first that is not searchable. `None` when none can.
pub(super) fn to_child(rt: &mut Runtime<'_>, pairs: &[Pair], parent: &[Datum]) -> Result<Option<Vec<Datum>>> {
    let mut key = Vec::with_capacity(pairs.len());
    for (place, pair) in pairs.iter().enumerate() {
        let Some(code) = &pair.to_child else {
            key.push(Datum::Null);
            continue;
        };
        let Some(value) = convert(rt, pair.same, code, parent, place)? else { return Ok(None) };
        key.push(value);
    }
    Ok(Some(key))
}

/// Whether referencing values equal referenced ones: each, in the other's type, is the other.
pub(super) fn matches(rt: &mut Runtime<'_>, pairs: &[Pair], child: &[Datum], parent: &[Datum]) -> Result<bool> {
    for (place, pair) in pairs.iter().enumerate() {
        if pair.same {
            if child[place].is_null() || !pair.parent.same(&child[place], &parent[place]) {
                return Ok(false);
            }
            continue;
        }
        match convert(rt, false, &pair.to_parent, child, place)? {
            Some(value) if !value.is_null() && pair.parent.same(&value, &parent[place]) => {}
            _ => return Ok(false),
        }
        if let Some(code) = &pair.to_child {
            match convert(rt, false, code, parent, place)? {
                Some(value) if pair.child.same(&value, &child[place]) => {}
                _ => return Ok(false),
            }
        }
    }
    Ok(true)
}

/// The value at `place` in the other type; `None` when that type has no such value.
fn convert(rt: &mut Runtime<'_>, same: bool, code: &Code, values: &[Datum], place: usize) -> Result<Option<Datum>> {
    if same {
        return Ok(Some(values[place].clone()));
    }
    match code.eval(rt, values) {
        Ok(value) => Ok(Some(value)),
        Err(error) if matches!(error.sqlstate(), SqlState::NUMERIC_VALUE_OUT_OF_RANGE | SqlState::DATETIME_FIELD_OVERFLOW) => Ok(None),
        Err(error) => Err(error),
    }
}
