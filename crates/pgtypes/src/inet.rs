//! `inet` and `cidr`: run-time values only; no column has these types.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::{Result, SqlError, SqlState, text::integer};

/// An address with the length of its network part.
#[derive(Clone, Copy, Debug)]
pub struct Inet {
    /// The address.
    pub address: IpAddr,
    /// Bits of the network part.
    pub bits: u8,
    /// Whether the value is a `cidr`, which always prints its length.
    pub network: bool,
}

/// `PGSQL_AF_INET`, `PGSQL_AF_INET6` of the binary format.
const FAMILY_V4: u8 = 2;
const FAMILY_V6: u8 = 3;

impl Inet {
    /// A single host.
    #[must_use]
    pub const fn host(address: IpAddr) -> Self {
        Self { address, bits: if address.is_ipv4() { 32 } else { 128 }, network: false }
    }

    const fn bits_max(&self) -> u8 {
        if self.address.is_ipv4() { 32 } else { 128 }
    }

    /// Reads an `inet`, or a `cidr` when `network`.
    ///
    /// # Errors
    /// `22P02`
    pub fn parse(text: &str, network: bool) -> Result<Self> {
        let type_name = if network { "cidr" } else { "inet" };
        let value = Self::read(text, network).ok_or_else(|| integer::invalid(text, type_name))?;
        if network && value.has_host_bits() {
            return Err(SqlError::new(SqlState::INVALID_TEXT_REPRESENTATION, format!("invalid cidr value: \"{text}\""))
                .detail("Value has bits set to right of mask."));
        }
        Ok(value)
    }

    fn read(text: &str, network: bool) -> Option<Self> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let (address, implied) = if address.contains(':') {
            (IpAddr::V6(address.parse::<Ipv6Addr>().ok()?), 128)
        } else {
            read_v4(address, network || bits.is_some())?
        };
        let max = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            None => implied,
            Some(bits) if !bits.is_empty() && bits.len() <= 3 && bits.bytes().all(|byte| byte.is_ascii_digit()) => bits.parse().ok()?,
            Some(_) => return None,
        };
        (bits <= max).then_some(Self { address, bits, network })
    }

    fn has_host_bits(&self) -> bool {
        self.masked_host() != 0
    }

    /// The bits right of the network part.
    fn masked_host(&self) -> u128 {
        let (value, max) = self.as_number();
        let host = u32::from(max - self.bits);
        if host == 0 { 0 } else { value & (u128::MAX >> (128 - host)) }
    }

    fn as_number(&self) -> (u128, u8) {
        match self.address {
            IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
            IpAddr::V6(address) => (u128::from(address), 128),
        }
    }

    /// This as a `cidr`: host bits cleared.
    #[must_use]
    pub fn to_cidr(self) -> Self {
        let (value, max) = self.as_number();
        let network = value & !self.masked_host();
        let address = if max == 32 { IpAddr::V4(Ipv4Addr::from(network as u32)) } else { IpAddr::V6(Ipv6Addr::from(network)) };
        Self { address, bits: self.bits, network: true }
    }

    /// The text with its length always shown, as the cast to `text` gives.
    #[must_use]
    pub fn to_full_text(self) -> String {
        format!("{}/{}", self.address, self.bits)
    }

    /// Appends the binary format.
    pub fn send(&self, out: &mut Vec<u8>) {
        let (family, length) = if self.address.is_ipv4() { (FAMILY_V4, 4) } else { (FAMILY_V6, 16) };
        out.extend_from_slice(&[family, self.bits, u8::from(self.network), length]);
        match self.address {
            IpAddr::V4(address) => out.extend_from_slice(&address.octets()),
            IpAddr::V6(address) => out.extend_from_slice(&address.octets()),
        }
    }

    /// Reads the binary format.
    ///
    /// # Errors
    /// `22P03`
    pub fn receive(bytes: &[u8], network: bool) -> Result<Self> {
        let type_name = if network { "cidr" } else { "inet" };
        let invalid = |what: &str| {
            SqlError::new(SqlState::INVALID_BINARY_REPRESENTATION, format!("invalid {what} in external \"{type_name}\" value"))
        };
        let &[family, bits, _, length, ref octets @ ..] = bytes else { return Err(invalid("length")) };
        let address = match family {
            FAMILY_V4 => <[u8; 4]>::try_from(octets).map(IpAddr::from),
            FAMILY_V6 => <[u8; 16]>::try_from(octets).map(IpAddr::from),
            _ => return Err(invalid("address family")),
        };
        let value = Self { address: address.map_err(|_| invalid("length"))?, bits, network };
        if bits > value.bits_max() {
            return Err(invalid("bits"));
        }
        if usize::from(length) != octets.len() {
            return Err(invalid("length"));
        }
        if network && value.has_host_bits() {
            return Err(invalid("\"cidr\" value").detail("Value has bits set to right of mask."));
        }
        Ok(value)
    }
}

/// Four octets, or fewer with zeros implied where a length says how many count.
fn read_v4(text: &str, abbreviated: bool) -> Option<(IpAddr, u8)> {
    let mut octets = [0_u8; 4];
    let mut count = 0;
    for part in text.split('.') {
        if count == 4 || part.is_empty() || part.len() > 3 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        octets[count] = part.parse().ok()?;
        count += 1;
    }
    if count < 4 && !abbreviated {
        return None;
    }
    let bits = if count == 4 { 32 } else { classful_bits(octets[0]).max(count as u8 * 8) };
    Some((IpAddr::V4(Ipv4Addr::from(octets)), bits))
}

/// The network part that an abbreviated address without a length has.
const fn classful_bits(first: u8) -> u8 {
    match first {
        240.. => 32,
        224..240 => 8,
        192..224 => 24,
        128..192 => 16,
        _ => 8,
    }
}

impl fmt::Display for Inet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)?;
        if self.network || self.bits != self.bits_max() {
            write!(f, "/{}", self.bits)?;
        }
        Ok(())
    }
}

/// An `inet` and a `cidr` of the same address and length are equal.
impl PartialEq for Inet {
    fn eq(&self, other: &Self) -> bool {
        self.address == other.address && self.bits == other.bits
    }
}

impl Eq for Inet {}

impl std::hash::Hash for Inet {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (self.address, self.bits).hash(state);
    }
}

impl PartialOrd for Inet {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Family, then the common network bits, then the length of the network part, then the whole address.
impl Ord for Inet {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let ((left, left_max), (right, right_max)) = (self.as_number(), other.as_number());
        left_max.cmp(&right_max).then_with(|| {
            let common = u32::from(self.bits.min(other.bits));
            let shift = u32::from(left_max) - common;
            let head = |value: u128| value.checked_shr(shift).unwrap_or(0);
            head(left).cmp(&head(right)).then(self.bits.cmp(&other.bits)).then(left.cmp(&right))
        })
    }
}
