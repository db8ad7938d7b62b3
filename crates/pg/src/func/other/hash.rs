//! PostgreSQL's hash functions (`hashfn.c`, `hashfunc.c`), bit for bit.

use crate::compare::{interval_span, unpadded};
use crate::func::args::{arity, mismatch};
use crate::func::output::arg_type;
use crate::func::{Call, Kernel};
use crate::other::Other;
use crate::{Error, Numeric, Oid, Result, Value, oid};

macro_rules! hashes {
    ($($plain:literal $extended:literal;)*) => {
        pub(super) const KERNELS: &[(&str, Kernel)] = &[$(($plain, hash32 as Kernel), ($extended, hash64 as Kernel),)*];
    };
}
hashes! {
    "hashint2" "hashint2extended";
    "hashint4" "hashint4extended";
    "hashint8" "hashint8extended";
    "hashfloat4" "hashfloat4extended";
    "hashfloat8" "hashfloat8extended";
    "hashoid" "hashoidextended";
    "hashchar" "hashcharextended";
    "hashname" "hashnameextended";
    "hashtext" "hashtextextended";
    "hashbpchar" "hashbpcharextended";
    "hashoidvector" "hashoidvectorextended";
    "hashmacaddr" "hashmacaddrextended";
    "hashmacaddr8" "hashmacaddr8extended";
    "hashinet" "hashinetextended";
    "hashtid" "hashtidextended";
    "hash_numeric" "hash_numeric_extended";
    "hash_array" "hash_array_extended";
    "hash_record" "hash_record_extended";
    "hash_range" "hash_range_extended";
    "hash_multirange" "hash_multirange_extended";
    "time_hash" "time_hash_extended";
    "timetz_hash" "timetz_hash_extended";
    "timestamp_hash" "timestamp_hash_extended";
    "interval_hash" "interval_hash_extended";
    "uuid_hash" "uuid_hash_extended";
    "pg_lsn_hash" "pg_lsn_hash_extended";
}

fn hash32(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    let [value] = args else { return Err(arity(args)) };
    Ok(Value::Int4(hash(arg_type(call, 0), value, None)? as u32 as i32))
}

fn hash64(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    let [value, Value::Int8(seed)] = args else { return Err(arity(args)) };
    Ok(Value::Int8(hash(arg_type(call, 0), value, Some(*seed as u64))? as i64))
}

/// The hash of a value: of 32 bits without a seed, of 64 with one.
fn hash(ty: Oid, value: &Value, seed: Option<u64>) -> Result<u64> {
    Ok(match value {
        Value::Bool(b) => word(u32::from(*b), seed),
        Value::Char(c) => word(i32::from(*c as i8) as u32, seed),
        Value::Int2(i) => word(i32::from(*i) as u32, seed),
        Value::Int4(i) | Value::Date(i) => word(*i as u32, seed),
        Value::Oid(oid) => word(oid.0, seed),
        Value::Int8(i) | Value::Time(i) | Value::Timestamp(i) | Value::TimestampTz(i) => wide(*i, seed),
        Value::TimeTz(time, zone) => wide(*time, seed) ^ word(*zone as u32, seed),
        Value::Interval(interval) => wide(interval_span(interval) as i64, seed),
        Value::Float4(f) => float((*f).into(), seed),
        Value::Float8(f) => float(*f, seed),
        Value::Numeric(number) => numeric(number, seed),
        Value::Text(text) if ty == oid::BPCHAR => bytes(unpadded(text).as_bytes(), seed),
        Value::Text(text) => bytes(text.as_bytes(), seed),
        Value::Bytea(data) => bytes(data, seed),
        Value::Uuid(uuid) => bytes(uuid, seed),
        Value::Array(array) if ty == oid::OIDVECTOR => {
            let oids = array.items.iter().filter_map(Value::as_i64);
            bytes(&oids.flat_map(|oid| (oid as u32).to_le_bytes()).collect::<Vec<u8>>(), seed)
        }
        Value::Array(array) => elements(array.items.iter().map(|item| (array.element, item)), 1, seed)?,
        Value::Record(record) => elements(record.types.iter().copied().zip(&record.fields), 0, seed)?,
        Value::Other(other) => hash_other(other, seed)?,
        Value::Null | Value::Void | Value::Jsonb(_) => return Err(mismatch(value)),
    })
}

fn hash_other(value: &Other, seed: Option<u64>) -> Result<u64> {
    Ok(match value {
        Other::Mac(data) => bytes(data, seed),
        Other::Mac8(data) => bytes(data, seed),
        Other::Inet(address) => {
            let head = [if address.v6 { 3 } else { 2 }, address.bits];
            bytes(&[&head, address.address()].concat(), seed)
        }
        Other::Tid(block, place) => {
            let halves =
                [((block >> 16) as u16).to_le_bytes(), (*block as u16).to_le_bytes(), place.to_le_bytes()];
            bytes(&halves.concat(), seed)
        }
        Other::Lsn(lsn) | Other::Xid8(lsn) => wide(*lsn as i64, seed),
        Other::Range(range) => hash_range(range, seed)?,
        Other::Multirange(ranges) => {
            let mut result = 1u64;
            for range in ranges {
                result = fold(result, hash_range(range, seed)?, seed);
            }
            result
        }
        _ => return Err(Error::refused("a hash of a value of this type")),
    })
}

/// One more element: times 31, in 32 or 64 bits.
fn fold(result: u64, next: u64, seed: Option<u64>) -> u64 {
    let sum = (result << 5).wrapping_sub(result).wrapping_add(next);
    if seed.is_some() { sum } else { u64::from(sum as u32) }
}

fn elements<'a>(items: impl Iterator<Item = (Oid, &'a Value)>, start: u64, seed: Option<u64>) -> Result<u64> {
    let mut result = start;
    for (ty, item) in items {
        let next = if item.is_null() { 0 } else { hash(ty, item, seed)? };
        result = fold(result, next, seed);
    }
    Ok(result)
}

fn hash_range(range: &crate::other::Range, seed: Option<u64>) -> Result<u64> {
    let flag = |is: bool, flag: u32| if is { flag } else { 0 };
    let flags = if range.empty {
        1
    } else {
        flag(range.lower.inclusive, 2)
            | flag(range.upper.inclusive, 4)
            | flag(range.lower.value.is_none(), 8)
            | flag(range.upper.value.is_none(), 16)
    };
    let bound =
        |value: &Option<Value>| value.as_ref().map_or(Ok(0), |value| hash(range.element, value, seed));
    let (lower, upper) = (bound(&range.lower.value)?, bound(&range.upper.value)?);
    let result = word(flags, seed) ^ lower;
    let turned = match seed {
        // Both halves turn by themselves.
        Some(_) => {
            u64::from((result as u32).rotate_left(1))
                | u64::from(((result >> 32) as u32).rotate_left(1)) << 32
        }
        None => u64::from((result as u32).rotate_left(1)),
    };
    Ok(turned ^ upper)
}

/// `hashint8`: small numbers hash as those of four bytes do.
fn wide(value: i64, seed: Option<u64>) -> u64 {
    let (low, high) = (value as u32, (value >> 32) as u32);
    word(low ^ if value >= 0 { high } else { !high }, seed)
}

fn float(value: f64, seed: Option<u64>) -> u64 {
    if value == 0.0 {
        return seed.unwrap_or(0);
    }
    let value = if value.is_nan() { f64::NAN } else { value };
    bytes(&value.to_le_bytes(), seed)
}

/// `hash_numeric`: the digits of base 10000 without zeros around them, and the weight of the first.
fn numeric(number: &Numeric, seed: Option<u64>) -> u64 {
    let mut binary = Vec::new();
    number.write_binary(&mut binary);
    let words: Vec<i16> =
        binary.chunks(2).filter_map(|pair| Some(i16::from_be_bytes(pair.try_into().ok()?))).collect();
    let [_, weight, sign, _, digits @ ..] = words.as_slice() else { return 0 };
    // NaN and the infinities have the highest bits of the sign set, both of them.
    if *sign as u16 & 0xC000 == 0xC000 {
        return seed.unwrap_or(0);
    }
    let leading = digits.iter().take_while(|digit| **digit == 0).count();
    if leading == digits.len() {
        return seed.map_or(u64::from(u32::MAX), |seed| seed.wrapping_sub(1));
    }
    let trailing = digits.iter().rev().take_while(|digit| **digit == 0).count();
    let kept = &digits[leading..digits.len() - trailing];
    let weight = i64::from(*weight) - leading as i64;
    let data: Vec<u8> = kept.iter().flat_map(|digit| digit.to_le_bytes()).collect();
    let hash = bytes(&data, seed);
    if seed.is_some() { hash ^ weight as u64 } else { u64::from(hash as u32 ^ weight as u32) }
}

/// The state of Bob Jenkins' function.
struct State(u32, u32, u32);

impl State {
    fn new(len: usize, seed: Option<u64>) -> State {
        let start = 0x9e37_79b9_u32.wrapping_add(len as u32).wrapping_add(3_923_095);
        let mut state = State(start, start, start);
        if let Some(seed) = seed.filter(|seed| *seed != 0) {
            state.0 = state.0.wrapping_add((seed >> 32) as u32);
            state.1 = state.1.wrapping_add(seed as u32);
            state.mix();
        }
        state
    }

    fn mix(&mut self) {
        let State(mut a, mut b, mut c) = *self;
        macro_rules! step {
            ($x:ident $y:ident $z:ident $by:literal) => {
                $x = $x.wrapping_sub($z) ^ $z.rotate_left($by);
                $z = $z.wrapping_add($y);
            };
        }
        step!(a b c 4);
        step!(b c a 6);
        step!(c a b 8);
        step!(a b c 16);
        step!(b c a 19);
        step!(c a b 4);
        *self = State(a, b, c);
    }

    fn finish(mut self, seed: Option<u64>) -> u64 {
        let State(a, b, c) = &mut self;
        macro_rules! step {
            ($x:ident $y:ident $by:literal) => {
                *$x = (*$x ^ *$y).wrapping_sub($y.rotate_left($by));
            };
        }
        step!(c b 14);
        step!(a c 11);
        step!(b a 25);
        step!(c b 16);
        step!(a c 4);
        step!(b a 14);
        step!(c b 24);
        match seed {
            Some(_) => u64::from(*b) << 32 | u64::from(*c),
            None => u64::from(*c),
        }
    }
}

/// `hash_bytes`, `hash_bytes_extended`
fn bytes(data: &[u8], seed: Option<u64>) -> u64 {
    let mut state = State::new(data.len(), seed);
    let word = |bytes: &[u8]| {
        bytes.iter().take(4).enumerate().fold(0u32, |word, (at, byte)| word | u32::from(*byte) << (8 * at))
    };
    let mut chunks = data.chunks_exact(12);
    for chunk in chunks.by_ref() {
        state.0 = state.0.wrapping_add(word(chunk));
        state.1 = state.1.wrapping_add(word(&chunk[4..]));
        state.2 = state.2.wrapping_add(word(&chunk[8..]));
        state.mix();
    }
    let rest = chunks.remainder();
    state.0 = state.0.wrapping_add(word(rest));
    state.1 = state.1.wrapping_add(word(rest.get(4..).unwrap_or(&[])));
    // The lowest byte of the third word is the length's.
    state.2 = state.2.wrapping_add(word(rest.get(8..).unwrap_or(&[])) << 8);
    state.finish(seed)
}

/// `hash_bytes_uint32`
fn word(value: u32, seed: Option<u64>) -> u64 {
    let mut state = State::new(4, seed);
    state.0 = state.0.wrapping_add(value);
    state.finish(seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What PostgreSQL says.
    #[test]
    fn known_hashes() {
        assert_eq!(bytes(b"abc", None) as u32 as i32, -785_388_649);
        assert_eq!(bytes(b"hello world, long", Some(42)) as i64, -6_778_733_723_174_116_518);
        assert_eq!(numeric(&Numeric::parse("12345.678").unwrap(), None) as u32 as i32, 573_919_094);
        assert_eq!(wide(-5, None) as u32 as i32, 1_412_886_042);
        assert_eq!(float(1.5, None) as u32 as i32, 630_860_146);
        assert_eq!(word(1, None) as u32 as i32, -1_905_060_026);
    }
}
