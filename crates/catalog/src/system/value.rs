//! Values of rows, shortly.

use std::sync::Arc;

use borealis_pgtypes::{ArrayValue, Datum, Oid};

use crate::describe::role_name;
use crate::{Acl, Catalog, Privileges, privilege};

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

/// The order in which an aclitem prints rights.
const RIGHTS: &str = "arwdDxtXUCTc";

/// Rights in an aclitem's order, each with its `*`.
fn in_order(rights: &Privileges) -> String {
    let mut text = String::new();
    for right in RIGHTS.chars().filter(|right| rights.holds(*right, false)) {
        text.push(right);
        if rights.holds(right, true) {
            text.push('*');
        }
    }
    text
}

/// `aclitem[]`; NULL while nothing was granted, which stands for the defaults. The owner's own rights come first, as GRANT writes them down.
pub(super) fn acl(catalog: &Catalog, owner: Oid, all_rights: &str, acl: &Acl) -> Datum {
    if acl.is_empty() {
        return NULL;
    }
    let owner_name = role_name(catalog, owner).unwrap_or("");
    let item = |grantee: &str, rights: &str| Datum::text(&format!("{grantee}={rights}/{owner_name}"));
    let implicit =
        (!acl.iter().any(|(grantee, _)| *grantee == owner)).then(|| item(owner_name, &in_order(&Privileges(all_rights.to_owned()))));
    let granted = acl.iter().map(|(grantee, rights)| {
        let name = if *grantee == privilege::PUBLIC { "" } else { role_name(catalog, *grantee).unwrap_or("") };
        item(name, &in_order(rights))
    });
    array(Oid::ACLITEM, implicit.into_iter().chain(granted).collect())
}
