//! Values of the types that are met more rarely, one file each: bit strings, money, network addresses, ranges and others.

pub mod bits;
pub mod inet;
pub mod mac;
pub mod money;
pub mod multirange;
pub mod range;

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use bytes::BufMut;

use crate::tsearch::{TsQuery, TsVector};
use crate::{Env, Error, Oid, Result, SqlState, TypeRef, Value, catalog, oid};

pub use bits::Bits;
pub use inet::Inet;
pub use range::{Bound, Range};

/// A value of one of these types.
#[derive(Clone, Debug, PartialEq)]
pub enum Other {
    /// `bit`, `bit varying`
    Bits(Bits),
    /// `money`: hundredths
    Money(i64),
    /// `inet`, `cidr`
    Inet(Inet),
    /// `macaddr`
    Mac([u8; 6]),
    /// `macaddr8`
    Mac8([u8; 8]),
    /// any range type
    Range(Range),
    /// any multirange type: ranges in order, apart from each other, none of them empty
    Multirange(Vec<Range>),
    /// `pg_lsn`
    Lsn(u64),
    /// `xid8`
    Xid8(u64),
    /// `tid`: block and place
    Tid(u32, u16),
    /// `jsonpath`
    JsonPath(crate::json::path::JsonPath),
    /// `tsvector`
    TsVector(TsVector),
    /// `tsquery`
    TsQuery(TsQuery),
}

impl From<Other> for Value {
    fn from(value: Other) -> Value {
        Value::Other(value.into())
    }
}

/// Reads a value; `None` when the type is none of these.
pub(crate) fn input(text: &str, ty: TypeRef, env: &Env) -> Result<Option<Value>> {
    let value = match ty.oid {
        oid::BIT => Other::Bits(bits::bit_in(text, ty.typmod)?),
        oid::VARBIT => Other::Bits(bits::varbit_in(text, ty.typmod)?),
        oid::MONEY => Other::Money(money::parse(text)?),
        oid::INET => Other::Inet(inet::parse(text, false)?),
        oid::CIDR => Other::Inet(inet::parse(text, true)?),
        oid::MACADDR => Other::Mac(mac::parse(text)?),
        MACADDR8 => Other::Mac8(mac::parse8(text)?),
        oid::PG_LSN => Other::Lsn(parse_lsn(text)?),
        oid::XID8 => Other::Xid8(parse_xid8(text)?),
        oid::TID => parse_tid(text)?,
        JSONPATH => Other::JsonPath(crate::json::path::parse(text)?),
        oid::TSVECTOR => Other::TsVector(TsVector::parse(text)?),
        oid::TSQUERY => Other::TsQuery(crate::tsearch::query_in(text)?),
        _ => match catalog::type_by_oid(ty.oid).map(|row| row.kind) {
            Some('r') => Other::Range(range::parse(text, ty.oid, env)?),
            Some('m') => Other::Multirange(multirange::parse(text, ty.oid, env)?),
            _ => return Ok(None),
        },
    };
    Ok(Some(value.into()))
}

/// `macaddr8`
pub const MACADDR8: Oid = Oid(774);
/// `jsonpath`
pub const JSONPATH: Oid = Oid(4072);

/// Writes a value.
pub(crate) fn output<B: BufMut>(value: &Other, ty: Oid, env: &Env, out: &mut B) -> Result<()> {
    let text = match value {
        Other::Bits(bits) => bits.to_text(),
        Other::Money(amount) => money::write(*amount),
        Other::Inet(address) => address.to_text(ty == oid::CIDR),
        Other::Mac(bytes) => mac::write(bytes),
        Other::Mac8(bytes) => mac::write(bytes),
        Other::Range(range) => range::write(range, env)?,
        Other::Multirange(ranges) => multirange::write(ranges, env)?,
        Other::Lsn(lsn) => format!("{:X}/{:X}", lsn >> 32, lsn & 0xFFFF_FFFF),
        Other::Xid8(xid) => xid.to_string(),
        Other::Tid(block, place) => format!("({block},{place})"),
        Other::JsonPath(path) => path.to_string(),
        Other::TsVector(vector) => vector.to_text(),
        Other::TsQuery(query) => query.to_text(),
    };
    out.put_slice(text.as_bytes());
    Ok(())
}

/// The binary form.
pub(crate) fn send<B: BufMut>(value: &Other, ty: Oid, env: &Env, out: &mut B) -> Result<()> {
    match value {
        Other::Bits(bits) => {
            out.put_i32(bits.len as i32);
            out.put_slice(&bits.bytes);
        }
        Other::Money(amount) => out.put_i64(*amount),
        Other::Inet(address) => address.send(ty == oid::CIDR, out),
        Other::Mac(bytes) => out.put_slice(bytes),
        Other::Mac8(bytes) => out.put_slice(bytes),
        Other::Range(range) => range::send(range, env, out)?,
        Other::Multirange(ranges) => multirange::send(ranges, env, out)?,
        Other::Lsn(lsn) | Other::Xid8(lsn) => out.put_u64(*lsn),
        Other::Tid(block, place) => {
            out.put_u32(*block);
            out.put_u16(*place);
        }
        Other::JsonPath(path) => {
            out.put_u8(1);
            out.put_slice(path.to_string().as_bytes());
        }
        Other::TsVector(vector) => vector.send(out),
        Other::TsQuery(query) => query.send(out),
    }
    Ok(())
}

/// Reads the binary form; `None` when the type is none of these.
pub(crate) fn recv(bytes: &[u8], ty: TypeRef, env: &Env) -> Result<Option<Value>> {
    let value = match ty.oid {
        oid::BIT | oid::VARBIT => Other::Bits(bits::recv(bytes, ty)?),
        oid::MONEY => Other::Money(i64::from_be_bytes(exact(bytes)?)),
        oid::INET | oid::CIDR => Other::Inet(inet::recv(bytes, ty.oid == oid::CIDR)?),
        oid::MACADDR => Other::Mac(octets(bytes)?),
        MACADDR8 if bytes.len() == 6 => Other::Mac8(mac::widen(octets(bytes)?)),
        MACADDR8 => Other::Mac8(octets(bytes)?),
        oid::PG_LSN => Other::Lsn(u64::from_be_bytes(exact(bytes)?)),
        oid::XID8 => Other::Xid8(u64::from_be_bytes(exact(bytes)?)),
        oid::TID => {
            let [a, b, c, d, e, f] = exact(bytes)?;
            Other::Tid(u32::from_be_bytes([a, b, c, d]), u16::from_be_bytes([e, f]))
        }
        oid::TSVECTOR => Other::TsVector(TsVector::recv(bytes)?),
        oid::TSQUERY => Other::TsQuery(TsQuery::recv(bytes)?),
        JSONPATH => match bytes {
            [1, text @ ..] => Other::JsonPath(crate::json::path::parse(crate::wire::reader::utf8(text)?)?),
            [version, ..] => {
                return Err(Error::internal(format!("unsupported jsonpath version number: {version}")));
            }
            [] => return Err(insufficient()),
        },
        _ => match catalog::type_by_oid(ty.oid).map(|row| row.kind) {
            Some('r') => Other::Range(range::recv(bytes, ty.oid, env)?),
            Some('m') => Other::Multirange(multirange::recv(bytes, ty.oid, env)?),
            _ => return Ok(None),
        },
    };
    Ok(Some(value.into()))
}

/// The same of values that are read byte by byte (`pq_getmsgbyte`).
fn octets<const N: usize>(bytes: &[u8]) -> Result<[u8; N]> {
    if bytes.len() < N { Err(no_data()) } else { exact(bytes) }
}

/// What [`octets`] says when there are too few.
pub(crate) fn no_data() -> Error {
    Error::new(SqlState::PROTOCOL_VIOLATION, "no data left in message")
}

/// All bytes of a value of a fixed length.
fn exact<const N: usize>(bytes: &[u8]) -> Result<[u8; N]> {
    if bytes.len() < N {
        return Err(insufficient());
    }
    bytes
        .try_into()
        .map_err(|_| Error::new(SqlState::INVALID_BINARY_REPRESENTATION, "incorrect binary data format"))
}

/// That nothing is left of a binary form (`pq_getmsgend`).
fn end(rest: &[u8]) -> Result<()> {
    match rest {
        [] => Ok(()),
        _ => Err(Error::new(SqlState::PROTOCOL_VIOLATION, "invalid message format")),
    }
}

fn insufficient() -> Error {
    Error::new(SqlState::PROTOCOL_VIOLATION, "insufficient data left in message")
}

/// The btree order of two values of one type.
pub(crate) fn compare(a: &Other, b: &Other) -> Ordering {
    match (a, b) {
        (Other::Bits(a), Other::Bits(b)) => a.bytes.cmp(&b.bytes).then_with(|| a.len.cmp(&b.len)),
        (Other::Money(a), Other::Money(b)) => a.cmp(b),
        (Other::Inet(a), Other::Inet(b)) => a.compare(b),
        (Other::Mac(a), Other::Mac(b)) => a.cmp(b),
        (Other::Mac8(a), Other::Mac8(b)) => a.cmp(b),
        (Other::Range(a), Other::Range(b)) => range::compare(a, b),
        (Other::Multirange(a), Other::Multirange(b)) => multirange::compare(a, b),
        (Other::Lsn(a), Other::Lsn(b)) | (Other::Xid8(a), Other::Xid8(b)) => a.cmp(b),
        (Other::Tid(a, x), Other::Tid(b, y)) => a.cmp(b).then_with(|| x.cmp(y)),
        (Other::JsonPath(a), Other::JsonPath(b)) => a.to_string().cmp(&b.to_string()),
        (Other::TsVector(a), Other::TsVector(b)) => a.compare(b),
        (Other::TsQuery(a), Other::TsQuery(b)) => a.compare(b),
        _ => Ordering::Equal,
    }
}

/// Hashes a value so that values that are equal by [`compare`] have the same hash.
pub(crate) fn hash<H: Hasher>(value: &Other, state: &mut H) {
    match value {
        Other::Bits(bits) => (bits.len, &bits.bytes).hash(state),
        Other::Money(amount) => amount.hash(state),
        Other::Inet(address) => address.hash(state),
        Other::Mac(bytes) => bytes.hash(state),
        Other::Mac8(bytes) => bytes.hash(state),
        Other::Range(range) => range::hash(range, state),
        Other::Multirange(ranges) => ranges.iter().for_each(|range| range::hash(range, state)),
        Other::Lsn(lsn) | Other::Xid8(lsn) => lsn.hash(state),
        Other::Tid(block, place) => (block, place).hash(state),
        Other::JsonPath(path) => path.to_string().hash(state),
        Other::TsVector(vector) => vector.hash(state),
        // Queries that differ in weights alone are equal.
        Other::TsQuery(query) => query.words().for_each(|word| word.hash(state)),
    }
}

/// About how many bytes a value takes beside itself.
pub fn size(value: &Other) -> usize {
    let bound = |bound: &Bound| bound.value.as_ref().map_or(0, |_| 48);
    let range = |range: &Range| 96 + bound(&range.lower) + bound(&range.upper);
    match value {
        Other::Bits(bits) => 48 + bits.bytes.len(),
        Other::Range(one) => range(one),
        Other::Multirange(ranges) => 32 + ranges.iter().map(range).sum::<usize>(),
        Other::JsonPath(path) => 64 + path.size(),
        Other::TsVector(vector) => 48 + vector.bytes() + 48 * vector.lexemes.len(),
        Other::TsQuery(query) => 48 + 48 * query.items.len() + query.words().map(str::len).sum::<usize>(),
        _ => 48,
    }
}

/// `pg_lsn_in`: two hexadecimal numbers.
fn parse_lsn(text: &str) -> Result<u64> {
    let part = |part: &str| {
        let digits = (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_hexdigit());
        digits.then(|| u64::from_str_radix(part, 16).ok()).flatten()
    };
    let both = text.split_once('/').and_then(|(high, low)| Some(part(high)? << 32 | part(low)?));
    both.ok_or_else(|| crate::text::invalid_syntax("pg_lsn", text))
}

/// `xid8in`: what `strtoul` makes of it.
fn parse_xid8(text: &str) -> Result<u64> {
    let trimmed = text.trim_start_matches(crate::text::is_space);
    let (negative, digits) = match trimmed.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
    };
    let (radix, digits) = match digits.get(..2) {
        Some("0x" | "0X") => (16, &digits[2..]),
        _ if digits.len() > 1 && digits.starts_with('0') => (8, digits),
        _ => (10, digits),
    };
    let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    let value = match &digits[..end] {
        "" => 0,
        digits => u64::from_str_radix(digits, radix).unwrap_or(u64::MAX),
    };
    Ok(if negative && value != u64::MAX { value.wrapping_neg() } else { value })
}

/// `tidin`
fn parse_tid(text: &str) -> Result<Other> {
    let invalid = || crate::text::invalid_syntax("tid", text);
    let inner = text.strip_prefix('(').and_then(|rest| rest.split_once(')')).ok_or_else(invalid)?.0;
    let (block, place) = inner.split_once(',').ok_or_else(invalid)?;
    Ok(Other::Tid(block.parse().map_err(|_| invalid())?, place.parse().map_err(|_| invalid())?))
}
