//! Functions and operators over `inet` and `cidr`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use super::args::{int4, int8, invalid_parameter};
use crate::inet::Inet;
use crate::{CallContext, Datum, Result, SqlError, SqlState};

fn inet(args: &[Datum], index: usize) -> Result<Inet> {
    match args.get(index) {
        Some(Datum::Inet(value)) => Ok(**value),
        other => Err(SqlError::internal(format!("function argument: expected inet, found {other:?}"))),
    }
}

fn give(value: Inet) -> Result<Datum> {
    Ok(Datum::Inet(Arc::new(value)))
}

/// The address as a number; IPv4 in the low 32 bits.
fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u32::from(address).into(),
        IpAddr::V6(address) => address.into(),
    }
}

/// An address of the family of `like`, from the low bits of a number.
#[allow(clippy::cast_possible_truncation)] // the low 32 bits are the address
fn address(number: u128, like: IpAddr) -> IpAddr {
    if like.is_ipv4() { IpAddr::V4(Ipv4Addr::from(number as u32)) } else { IpAddr::V6(Ipv6Addr::from(number)) }
}

const fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// Ones where the host part is.
fn host_mask(bits: u8, width: u8) -> u128 {
    1_u128.checked_shl(u32::from(width - bits)).map_or(u128::MAX, |bit| bit - 1)
}

fn same_network(left: Inet, right: Inet, bits: u8) -> bool {
    let shift = u32::from(width(left.address) - bits);
    let part = |value: Inet| number(value.address).checked_shr(shift).unwrap_or(0);
    left.address.is_ipv4() == right.address.is_ipv4() && part(left) == part(right)
}

macro_rules! comparisons {
    ($($name:ident = |$ordering:ident| $holds:expr;)*) => {
        $(pub(super) fn $name(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            let $ordering = inet(args, 0)?.cmp(&inet(args, 1)?);
            Ok(Datum::Bool($holds))
        })*
    };
}

comparisons! {
    network_eq = |ordering| ordering.is_eq();
    network_ne = |ordering| ordering.is_ne();
    network_lt = |ordering| ordering.is_lt();
    network_le = |ordering| ordering.is_le();
    network_gt = |ordering| ordering.is_gt();
    network_ge = |ordering| ordering.is_ge();
}

pub(super) fn network_cmp(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Int4(inet(args, 0)?.cmp(&inet(args, 1)?) as i32))
}

pub(super) fn network_larger(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give(inet(args, 0)?.max(inet(args, 1)?))
}

pub(super) fn network_smaller(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give(inet(args, 0)?.min(inet(args, 1)?))
}

macro_rules! containments {
    ($($name:ident = |$left:ident, $right:ident| $lengths:expr, $bits:expr;)*) => {
        $(pub(super) fn $name(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            let ($left, $right) = (inet(args, 0)?, inet(args, 1)?);
            Ok(Datum::Bool($lengths && same_network($left, $right, $bits)))
        })*
    };
}

containments! {
    network_sub = |left, right| left.bits > right.bits, right.bits;
    network_subeq = |left, right| left.bits >= right.bits, right.bits;
    network_sup = |left, right| left.bits < right.bits, left.bits;
    network_supeq = |left, right| left.bits <= right.bits, left.bits;
    network_overlap = |left, right| true, left.bits.min(right.bits);
}

pub(super) fn network_host(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::text(&Inet::host(inet(args, 0)?.address).to_string()))
}

pub(super) fn network_family(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Int4(if inet(args, 0)?.address.is_ipv4() { 4 } else { 6 }))
}

pub(super) fn network_masklen(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Int4(inet(args, 0)?.bits.into()))
}

pub(super) fn network_network(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give(inet(args, 0)?.to_cidr())
}

pub(super) fn network_broadcast(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let value = inet(args, 0)?;
    let last = number(value.address) | host_mask(value.bits, width(value.address));
    give(Inet { address: address(last, value.address), bits: value.bits, network: false })
}

/// An address made of bits alone is a host's.
fn mask(args: &[Datum], of_host: bool) -> Result<Datum> {
    let value = inet(args, 0)?;
    let width = width(value.address);
    let hosts = host_mask(value.bits, width);
    give(Inet::host(address(if of_host { hosts } else { host_mask(0, width) ^ hosts }, value.address)))
}

pub(super) fn network_netmask(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    mask(args, false)
}

pub(super) fn network_hostmask(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    mask(args, true)
}

pub(super) fn inet_set_masklen(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let value = with_length(args)?;
    give(value)
}

pub(super) fn cidr_set_masklen(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give(with_length(args)?.to_cidr())
}

fn with_length(args: &[Datum]) -> Result<Inet> {
    let (value, bits) = (inet(args, 0)?, int4(args, 1)?);
    let width = width(value.address);
    let bits = if bits == -1 { Some(width) } else { u8::try_from(bits).ok().filter(|bits| *bits <= width) };
    let bits = bits.ok_or_else(|| invalid_parameter(format!("invalid mask length: {}", int4(args, 1).unwrap_or_default())))?;
    Ok(Inet { bits, ..value })
}

pub(super) fn inet_abbrev(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::text(&inet(args, 0)?.to_string()))
}

/// Without the bytes behind the network part, where that is IPv4's.
pub(super) fn cidr_abbrev(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let value = inet(args, 0)?;
    let IpAddr::V4(address) = value.address else { return Ok(Datum::text(&value.to_string())) };
    let count = usize::from(value.bits.div_ceil(8).max(1));
    let octets: Vec<String> = address.octets()[..count].iter().map(u8::to_string).collect();
    Ok(Datum::text(&format!("{}/{}", octets.join("."), value.bits)))
}

fn same_family(left: Inet, right: Inet, what: &str) -> Result<()> {
    if left.address.is_ipv4() == right.address.is_ipv4() {
        return Ok(());
    }
    Err(invalid_parameter(format!("cannot {what} inet values of different sizes")))
}

fn bitwise(args: &[Datum], name: &str, operation: fn(u128, u128) -> u128) -> Result<Datum> {
    let (left, right) = (inet(args, 0)?, inet(args, 1)?);
    same_family(left, right, name)?;
    let value = operation(number(left.address), number(right.address));
    give(Inet { address: address(value, left.address), bits: left.bits.max(right.bits), network: false })
}

pub(super) fn inetand(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    bitwise(args, "AND", |left, right| left & right)
}

pub(super) fn inetor(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    bitwise(args, "OR", |left, right| left | right)
}

pub(super) fn inetnot(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let value = inet(args, 0)?;
    let inverted = number(value.address) ^ host_mask(0, width(value.address));
    give(Inet { address: address(inverted, value.address), network: false, ..value })
}

fn plus(value: Inet, offset: i128) -> Result<Datum> {
    let sum = number(value.address).checked_add_signed(offset).filter(|sum| *sum <= host_mask(0, width(value.address)));
    let sum = sum.ok_or_else(|| SqlError::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "result is out of range"))?;
    give(Inet { address: address(sum, value.address), network: false, ..value })
}

pub(super) fn inetpl(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    plus(inet(args, 0)?, int8(args, 1)?.into())
}

pub(super) fn int8pl_inet(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    plus(inet(args, 1)?, int8(args, 0)?.into())
}

pub(super) fn inetmi_int8(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    plus(inet(args, 0)?, -i128::from(int8(args, 1)?))
}

pub(super) fn inetmi(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let (left, right) = (inet(args, 0)?, inet(args, 1)?);
    same_family(left, right, "subtract")?;
    let (left, right) = (number(left.address), number(right.address));
    let size =
        i64::try_from(left.abs_diff(right)).map_err(|_| SqlError::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "result is out of range"))?;
    Ok(Datum::Int8(if left < right { -size } else { size }))
}

pub(super) fn inet_same_family(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Bool(inet(args, 0)?.address.is_ipv4() == inet(args, 1)?.address.is_ipv4()))
}

/// The smallest network that has both.
pub(super) fn inet_merge(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let (left, right) = (inet(args, 0)?, inet(args, 1)?);
    if left.address.is_ipv4() != right.address.is_ipv4() {
        return Err(invalid_parameter("cannot merge addresses from different families"));
    }
    let mut bits = left.bits.min(right.bits);
    while !same_network(left, right, bits) {
        bits -= 1;
    }
    give(Inet { bits, ..left }.to_cidr())
}
