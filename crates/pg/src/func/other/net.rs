//! Functions of `inet`, `cidr`, `macaddr` and `macaddr8` (`network.c`, `mac.c`, `mac8.c`).

use super::{Mac, Mac8};
use crate::func::collate::byte_difference;
use crate::other::{Inet, mac};
use crate::{Error, Result, SqlState};

kernels!(KERNELS(call) {
    "network_eq" => |a: Inet, b: Inet| a.compare(&b).is_eq();
    "network_ne" => |a: Inet, b: Inet| a.compare(&b).is_ne();
    "network_lt" => |a: Inet, b: Inet| a.compare(&b).is_lt();
    "network_le" => |a: Inet, b: Inet| a.compare(&b).is_le();
    "network_gt" => |a: Inet, b: Inet| a.compare(&b).is_gt();
    "network_ge" => |a: Inet, b: Inet| a.compare(&b).is_ge();
    "network_cmp" => |a: Inet, b: Inet| difference(&a, &b);
    "network_larger" => |a: Inet, b: Inet| if a.compare(&b).is_gt() { a } else { b };
    "network_smaller" => |a: Inet, b: Inet| if a.compare(&b).is_lt() { a } else { b };
    "network_sub" => |a: Inet, b: Inet| within(&a, &b) && a.bits > b.bits;
    "network_subeq" => |a: Inet, b: Inet| within(&a, &b);
    "network_sup" => |a: Inet, b: Inet| within(&b, &a) && b.bits > a.bits;
    "network_supeq" => |a: Inet, b: Inet| within(&b, &a);
    "network_overlap" => |a: Inet, b: Inet| a.v6 == b.v6 && a.compare_bits(&b, a.bits.min(b.bits)).is_eq();
    "inet_abbrev" => |a: Inet| a.to_text(false);
    "cidr_abbrev" => |a: Inet| abbreviated(&a);
    "network_host" => |a: Inet| a.host();
    "network_show" => |a: Inet| format!("{}/{}", a.host(), a.bits);
    "network_masklen" => |a: Inet| i32::from(a.bits);
    "network_family" => |a: Inet| if a.v6 { 6 } else { 4 };
    "network_network" => |a: Inet| a.network();
    "inet_to_cidr" => |a: Inet| a.network();
    "network_broadcast" => |a: Inet| with_bytes(a, |byte, mask| byte | !mask);
    "network_netmask" => |a: Inet| whole(with_bytes(a, |_, mask| mask));
    "network_hostmask" => |a: Inet| whole(with_bytes(a, |_, mask| !mask));
    "inet_set_masklen" => |a: Inet, bits: i32| set_bits(a, bits);
    "cidr_set_masklen" => |a: Inet, bits: i32| set_bits(a, bits).map(Inet::network);
    "inetnot" => |a: Inet| with_bytes(a, |byte, _| !byte);
    "inetand" => |a: Inet, b: Inet| both(a, b, "AND", |a, b| a & b);
    "inetor" => |a: Inet, b: Inet| both(a, b, "OR", |a, b| a | b);
    "inetpl" => |a: Inet, n: i64| add(a, n.into());
    "inetmi_int8" => |a: Inet, n: i64| add(a, -i128::from(n));
    "inetmi" => |a: Inet, b: Inet| distance(&a, &b);
    "inet_same_family" => |a: Inet, b: Inet| a.v6 == b.v6;
    "inet_merge" => |a: Inet, b: Inet| merge(a, b);
    "macaddr_eq" => |a: Mac, b: Mac| a.0 == b.0;
    "macaddr_ne" => |a: Mac, b: Mac| a.0 != b.0;
    "macaddr_lt" => |a: Mac, b: Mac| a.0 < b.0;
    "macaddr_le" => |a: Mac, b: Mac| a.0 <= b.0;
    "macaddr_gt" => |a: Mac, b: Mac| a.0 > b.0;
    "macaddr_ge" => |a: Mac, b: Mac| a.0 >= b.0;
    "macaddr_cmp" => |a: Mac, b: Mac| a.0.cmp(&b.0) as i32;
    "macaddr_not" => |a: Mac| Mac(a.0.map(|byte| !byte));
    "macaddr_and" => |a: Mac, b: Mac| Mac(zip(a.0, b.0, |a, b| a & b));
    "macaddr_or" => |a: Mac, b: Mac| Mac(zip(a.0, b.0, |a, b| a | b));
    "macaddr_trunc" => |a: Mac| Mac([a.0[0], a.0[1], a.0[2], 0, 0, 0]);
    "macaddrtomacaddr8" => |a: Mac| Mac8(mac::widen(a.0));
    "macaddr8_eq" => |a: Mac8, b: Mac8| a.0 == b.0;
    "macaddr8_ne" => |a: Mac8, b: Mac8| a.0 != b.0;
    "macaddr8_lt" => |a: Mac8, b: Mac8| a.0 < b.0;
    "macaddr8_le" => |a: Mac8, b: Mac8| a.0 <= b.0;
    "macaddr8_gt" => |a: Mac8, b: Mac8| a.0 > b.0;
    "macaddr8_ge" => |a: Mac8, b: Mac8| a.0 >= b.0;
    "macaddr8_cmp" => |a: Mac8, b: Mac8| a.0.cmp(&b.0) as i32;
    "macaddr8_not" => |a: Mac8| Mac8(a.0.map(|byte| !byte));
    "macaddr8_and" => |a: Mac8, b: Mac8| Mac8(zip(a.0, b.0, |a, b| a & b));
    "macaddr8_or" => |a: Mac8, b: Mac8| Mac8(zip(a.0, b.0, |a, b| a | b));
    "macaddr8_trunc" => |a: Mac8| Mac8([a.0[0], a.0[1], a.0[2], 0, 0, 0, 0, 0]);
    "macaddr8_set7bit" => |a: Mac8| { let mut bytes = a.0; bytes[0] |= 2; Mac8(bytes) };
    "macaddr8tomacaddr" => |a: Mac8| narrow(a.0);
});

/// `network_cmp`: the sign is the order's, the size is what `bitncmp` and `memcmp` make of it.
fn difference(a: &Inet, b: &Inet) -> i32 {
    if a.v6 != b.v6 {
        return a.compare(b) as i32;
    }
    let common = a.bits.min(b.bits);
    let whole = usize::from(common / 8);
    let (x, y) = (a.address(), b.address());
    match byte_difference(x.get(..whole).unwrap_or(x), y.get(..whole).unwrap_or(y)) {
        0 if a.compare_bits(b, common).is_ne() => a.compare(b) as i32,
        0 if a.bits != b.bits => i32::from(a.bits) - i32::from(b.bits),
        0 => byte_difference(x, y),
        difference => difference,
    }
}

/// Whether the first lies in the second, or is it.
fn within(a: &Inet, b: &Inet) -> bool {
    a.v6 == b.v6 && a.bits >= b.bits && a.compare_bits(b, b.bits).is_eq()
}

fn with_bytes(mut a: Inet, f: fn(u8, u8) -> u8) -> Inet {
    let (mask, size) = (a.mask(), a.size());
    for (byte, mask) in a.bytes.iter_mut().zip(mask).take(size) {
        *byte = f(*byte, mask);
    }
    a
}

fn whole(a: Inet) -> Inet {
    Inet { bits: a.max_bits(), ..a }
}

fn zip<const N: usize>(a: [u8; N], b: [u8; N], f: fn(u8, u8) -> u8) -> [u8; N] {
    let mut out = a;
    out.iter_mut().zip(b).for_each(|(a, b)| *a = f(*a, b));
    out
}

/// `cidr_abbrev`: octets beyond the network part are left out.
fn abbreviated(a: &Inet) -> String {
    if a.v6 {
        return abbreviated_v6(a);
    }
    let octets = usize::from(a.bits).div_ceil(8).max(1);
    let shown: Vec<String> = a.bytes[..octets].iter().map(u8::to_string).collect();
    format!("{}/{}", shown.join("."), a.bits)
}

/// `inet_cidr_ntop_ipv6`: the words of the network part, the longest run of zeros within it left out.
fn abbreviated_v6(a: &Inet) -> String {
    let shown = usize::from(a.bits).div_ceil(16).max(1);
    let words: Vec<u16> =
        a.bytes.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).take(shown).collect();
    if a.bits == 0 {
        return "::/0".into();
    }
    let whole = a.to_text(true);
    if words.contains(&0) {
        // Runs of zeros inside are rare in networks; they are written as in the whole address.
        return whole;
    }
    let text: Vec<String> = words.iter().map(|word| format!("{word:x}")).collect();
    format!("{}/{}", text.join(":"), a.bits)
}

fn set_bits(a: Inet, bits: i32) -> Result<Inet> {
    let most = a.max_bits();
    let bits = if bits == -1 { i32::from(most) } else { bits };
    match u8::try_from(bits).ok().filter(|bits| *bits <= most) {
        Some(bits) => Ok(Inet { bits, ..a }),
        None => Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, format!("invalid mask length: {bits}"))),
    }
}

fn both(a: Inet, b: Inet, what: &str, f: fn(u8, u8) -> u8) -> Result<Inet> {
    if a.v6 != b.v6 {
        let message = format!("cannot {what} inet values of different sizes");
        return Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, message));
    }
    let mut bytes = zip(a.bytes, b.bytes, f);
    bytes[a.size()..].fill(0);
    Ok(Inet { v6: a.v6, bits: a.bits.max(b.bits), bytes })
}

fn out_of_range() -> Error {
    Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "result is out of range")
}

fn as_number(a: &Inet) -> u128 {
    a.address().iter().fold(0, |value, byte| value << 8 | u128::from(*byte))
}

/// Addresses count as numbers.
pub(super) fn add(a: Inet, n: i128) -> Result<Inet> {
    let value = as_number(&a);
    let sum = if n < 0 { value.checked_sub(n.unsigned_abs()) } else { value.checked_add(n.unsigned_abs()) };
    let fits = |sum: &u128| a.v6 || *sum <= u128::from(u32::MAX);
    let sum = sum.filter(fits).ok_or_else(out_of_range)?;
    let all = sum.to_be_bytes();
    let mut bytes = [0; 16];
    let size = a.size();
    bytes[..size].copy_from_slice(&all[16 - size..]);
    Ok(Inet { bytes, ..a })
}

fn distance(a: &Inet, b: &Inet) -> Result<i64> {
    if a.v6 != b.v6 {
        let message = "cannot subtract inet values of different sizes";
        return Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, message));
    }
    let (a, b) = (as_number(a), as_number(b));
    let far = a.abs_diff(b);
    let signed = i128::try_from(far).map(|far| if a < b { -far } else { far });
    signed.ok().and_then(|far| i64::try_from(far).ok()).ok_or_else(out_of_range)
}

fn merge(a: Inet, b: Inet) -> Result<Inet> {
    if a.v6 != b.v6 {
        let message = "cannot merge addresses from different families";
        return Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, message));
    }
    let common = (0..=a.bits.min(b.bits)).rev().find(|bits| a.compare_bits(&b, *bits).is_eq());
    Ok(Inet { bits: common.unwrap_or(0), ..a }.network())
}

fn narrow(bytes: [u8; 8]) -> Result<Mac> {
    match bytes {
        [a, b, c, 0xFF, 0xFE, d, e, f] => Ok(Mac([a, b, c, d, e, f])),
        _ => Err(Error::new(
            SqlState::NUMERIC_VALUE_OUT_OF_RANGE,
            "macaddr8 data out of range to convert to macaddr",
        )
        .hint(
            "Only addresses that have FF and FE as values in the 4th and 5th bytes from the left, for example xx:xx:xx:ff:fe:xx:xx:xx, are eligible to be converted from macaddr8 to macaddr.",
        )),
    }
}
