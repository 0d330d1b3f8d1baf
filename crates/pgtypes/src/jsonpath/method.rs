//! Item methods: `.type()`, `.size()`, `.double()`, …

use std::sync::Arc;

use super::exec::{Item, Run, soft};
use super::{Fault, Method, Outcome, place};
use crate::jsonb::Jsonb;
use crate::numeric::Numeric;
use crate::text::float;

/// Objects of one document are told apart by its number times this.
const ID_OF_DOCUMENT: i64 = 10_000_000_000;

impl<'a> Run<'a> {
    pub(super) fn method(&mut self, method: Method, item: Item<'a>) -> Outcome<Vec<Item<'a>>> {
        let one = |value: Jsonb| Ok(vec![Item::computed(value)]);
        match method {
            Method::Type => one(Jsonb::string(type_name(&item))),
            Method::Size => one(Jsonb::Number(Numeric::from(self.size(&item)?))),
            Method::Abs | Method::Floor | Method::Ceiling => {
                let Some(number) = item.number() else {
                    let message = format!("jsonpath item method .{}() can only be applied to a numeric value", method.name());
                    return Err(soft(b"22036", &message));
                };
                one(Jsonb::Number(match method {
                    Method::Abs => number.abs(),
                    Method::Floor => number.floor(),
                    _ => number.ceil(),
                }))
            }
            Method::Double => one(Jsonb::Number(double(&item)?)),
            Method::KeyValue => self.key_values(&item),
        }
    }

    fn size(&self, item: &Item<'a>) -> Outcome<i64> {
        match item.json() {
            Some(Jsonb::Array(items)) => Ok(i64::try_from(items.len()).unwrap_or(i64::MAX)),
            _ if self.is_lax() => Ok(1),
            _ => Err(soft(b"22039", "jsonpath item method .size() can only be applied to an array")),
        }
    }

    fn key_values(&mut self, item: &Item<'a>) -> Outcome<Vec<Item<'a>>> {
        let Some(Jsonb::Object(members)) = item.json() else {
            return Err(soft(b"2203C", "jsonpath item method .keyvalue() can only be applied to an object"));
        };
        let id = match item {
            Item::Json(std::borrow::Cow::Borrowed(value)) => place::of(value, self.root).unwrap_or_default(),
            _ => ID_OF_DOCUMENT * self.generated,
        };
        let pair = |(key, value): &(Arc<str>, Jsonb)| {
            Item::computed(Jsonb::object(vec![
                (Arc::from("id"), Jsonb::Number(Numeric::from(id))),
                (Arc::from("key"), Jsonb::String(Arc::clone(key))),
                (Arc::from("value"), value.clone()),
            ]))
        };
        let pairs = members.iter().map(pair).collect();
        self.generated += 1;
        Ok(pairs)
    }
}

fn type_name(item: &Item<'_>) -> &'static str {
    match item {
        Item::Json(value) => value.type_name(),
        Item::Moment(moment) => moment.type_name(),
    }
}

fn double(item: &Item<'_>) -> Outcome<Numeric> {
    if let Some(number) = item.number() {
        let message = "numeric argument of jsonpath item method .double() is out of range for type double precision";
        return number.to_f64().map(|_| number.clone()).map_err(|_| soft(b"22036", message));
    }
    let Some(text) = item.string() else {
        return Err(soft(b"22036", "jsonpath item method .double() can only be applied to a string or numeric value"));
    };
    let value = float::parse8(text).ok().filter(|value| value.is_finite());
    let message = "string argument of jsonpath item method .double() is not a valid representation of a double precision number";
    let value = value.ok_or_else(|| soft(b"22036", message))?;
    Ok::<_, Fault>(Numeric::from_f64(value))
}
