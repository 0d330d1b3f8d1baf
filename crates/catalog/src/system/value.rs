//! Values of rows, shortly.

use std::sync::Arc;

use borealis_pgtypes::{ArrayValue, Datum, Oid};

use crate::Catalog;
use crate::acl::{self, Acl, AclItem};

pub(super) const NULL: Datum = Datum::Null;
pub(super) const TRUE: Datum = Datum::Bool(true);
pub(super) const FALSE: Datum = Datum::Bool(false);
/// No object.
pub(super) const NONE: Datum = Datum::Oid(Oid::INVALID);
/// A `"char"` that holds nothing.
pub(super) const BLANK: Datum = Datum::Char(0);

pub(super) fn text(text: &str) -> Datum {
    Datum::text(text)
}

pub(super) fn maybe(text: Option<&str>) -> Datum {
    text.map_or(Datum::Null, Datum::text)
}

/// A `"char"`; every letter of the catalogs is ASCII.
pub(super) fn letter(letter: char) -> Datum {
    Datum::Char(u8::try_from(letter).unwrap_or(b'?'))
}

/// A number of columns, keys or arguments.
pub(super) fn count(count: usize) -> Datum {
    Datum::Int2(i16::try_from(count).unwrap_or(i16::MAX))
}

pub(super) fn array(element: Oid, elements: Vec<Datum>) -> Datum {
    Datum::Array(Arc::new(ArrayValue::one_dimensional(element, elements)))
}

pub(super) fn numbers(numbers: &[i16]) -> Datum {
    array(Oid::INT2, numbers.iter().map(|number| Datum::Int2(*number)).collect())
}

/// An `int2vector` or `oidvector`: its lower bound is 0, and one dimension is there even when it is empty.
fn vector(element: Oid, elements: Vec<Datum>) -> Datum {
    let dimensions = vec![(i32::try_from(elements.len()).unwrap_or(i32::MAX), 0)];
    Datum::Array(Arc::new(ArrayValue { element, dimensions, elements }))
}

pub(super) fn int2_vector(values: impl IntoIterator<Item = i16>) -> Datum {
    vector(Oid::INT2, values.into_iter().map(Datum::Int2).collect())
}

pub(super) fn oid_vector(values: impl IntoIterator<Item = Oid>) -> Datum {
    vector(Oid::OID, values.into_iter().map(Datum::Oid).collect())
}

/// `YES` or `NO`.
pub(super) fn yes_or_no(yes: bool) -> Datum {
    Datum::text(if yes { "YES" } else { "NO" })
}

/// `aclitem[]`
pub(super) fn acl_items(catalog: &Catalog, items: &[AclItem]) -> Datum {
    array(Oid::ACLITEM, items.iter().map(|item| text(&acl::text(catalog, item))).collect())
}

/// `aclitem[]`; NULL while nothing was granted or revoked, which stands for the default.
pub(super) fn acl(catalog: &Catalog, acl: &Acl) -> Datum {
    acl.items().map_or(NULL, |items| acl_items(catalog, items))
}
