//! `int2`, `int4`, `int8`, `oid`: arithmetic, bits, comparisons, and casts among them (PostgreSQL's int.c, int8.c).

use super::args::Char;
use crate::{Error, Oid, Result, SqlState};

/// 22003 for an integer type.
pub(super) fn out_of_range(type_name: &str) -> Error {
    Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, format!("{type_name} out of range"))
}

/// 22012.
pub(super) fn division_by_zero() -> Error {
    Error::new(SqlState::DIVISION_BY_ZERO, "division by zero")
}

/// An integer type with PostgreSQL's name.
trait Integer: Copy {
    const NAME: &'static str;
    fn range<T>(value: Option<T>) -> Result<T> {
        value.ok_or_else(|| out_of_range(Self::NAME))
    }
}
impl Integer for i16 {
    const NAME: &'static str = "smallint";
}
impl Integer for i32 {
    const NAME: &'static str = "integer";
}
impl Integer for i64 {
    const NAME: &'static str = "bigint";
}

macro_rules! arithmetic {
    ($($prefix:literal: $left:ty, $right:ty => $wide:ty;)*) => {
        pub(super) const ARITHMETIC: &[(&str, super::Kernel)] = &[$(
            (concat!($prefix, "pl"), kernel!(call; |a: $left, b: $right|
                <$wide>::range(<$wide>::from(a).checked_add(<$wide>::from(b))))),
            (concat!($prefix, "mi"), kernel!(call; |a: $left, b: $right|
                <$wide>::range(<$wide>::from(a).checked_sub(<$wide>::from(b))))),
            (concat!($prefix, "mul"), kernel!(call; |a: $left, b: $right|
                <$wide>::range(<$wide>::from(a).checked_mul(<$wide>::from(b))))),
            (concat!($prefix, "div"), kernel!(call; |a: $left, b: $right| {
                if b == 0 { Err(division_by_zero()) }
                else { <$wide>::range(<$wide>::from(a).checked_div(<$wide>::from(b))) }
            })),
        )*];
    };
}
arithmetic! {
    "int2": i16, i16 => i16; "int4": i32, i32 => i32; "int8": i64, i64 => i64;
    "int24": i16, i32 => i32; "int42": i32, i16 => i32;
    "int28": i16, i64 => i64; "int82": i64, i16 => i64;
    "int48": i32, i64 => i64; "int84": i64, i32 => i64;
}

macro_rules! bits {
    ($($prefix:literal $int:ty, $shift:ty;)*) => {
        pub(super) const BITS: &[(&str, super::Kernel)] = &[$(
            (concat!($prefix, "and"), kernel!(call; |a: $int, b: $int| a & b)),
            (concat!($prefix, "or"), kernel!(call; |a: $int, b: $int| a | b)),
            (concat!($prefix, "xor"), kernel!(call; |a: $int, b: $int| a ^ b)),
            (concat!($prefix, "not"), kernel!(call; |a: $int| !a)),
            // C shifts the promoted operand, and the processor takes the count modulo its width.
            (concat!($prefix, "shl"), kernel!(call; |a: $int, n: i32| <$shift>::from(a).wrapping_shl(n as u32) as $int)),
            (concat!($prefix, "shr"), kernel!(call; |a: $int, n: i32| <$shift>::from(a).wrapping_shr(n as u32) as $int)),
            (concat!($prefix, "mod"), kernel!(call; |a: $int, b: $int| {
                if b == 0 { Err(division_by_zero()) } else { Ok(a.wrapping_rem(b)) }
            })),
            (concat!($prefix, "abs"), kernel!(call; |a: $int| <$int>::range(a.checked_abs()))),
            (concat!($prefix, "um"), kernel!(call; |a: $int| <$int>::range(a.checked_neg()))),
            (concat!($prefix, "up"), kernel!(call; |a: $int| a)),
        )*];
    };
}
bits! { "int2" i16, i32; "int4" i32, i32; "int8" i64, i64; }

kernels!(UNARY(call) {
    "int4inc" => |a: i32| i32::range(a.checked_add(1));
    "int8inc" => |a: i64| i64::range(a.checked_add(1));
    "int4gcd" => |a: i32, b: i32| i32::range(i32::try_from(gcd(a.into(), b.into())).ok());
    "int8gcd" => |a: i64, b: i64| i64::range(i64::try_from(gcd(a.into(), b.into())).ok());
    "int4lcm" => |a: i32, b: i32| i32::range(lcm(a.into(), b.into()).and_then(|lcm| TryInto::<i32>::try_into(lcm).ok()));
    "int8lcm" => |a: i64, b: i64| i64::range(lcm(a.into(), b.into()).and_then(|lcm| TryInto::<i64>::try_into(lcm).ok()));
    "to_hex32" => |a: i32| format!("{a:x}");
    "to_hex64" => |a: i64| format!("{a:x}");
});

/// The greatest common divisor, not negative.
fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.abs(), b.abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// The least common multiple; `None` where PostgreSQL's own way there overflows.
fn lcm(a: i128, b: i128) -> Option<i128> {
    if a == 0 || b == 0 {
        return Some(0);
    }
    (a.abs() / gcd(a, b)).checked_mul(b.abs())
}

kernels!(CASTS(call) {
    "i2toi4" => |a: i16| i32::from(a);
    "int28" => |a: i16| i64::from(a);
    "int48" => |a: i32| i64::from(a);
    "i4toi2" => |a: i32| i16::range(i16::try_from(a).ok());
    "int82" => |a: i64| i16::range(i16::try_from(a).ok());
    "int84" => |a: i64| i32::range(i32::try_from(a).ok());
    "i8tooid" => |a: i64| u32::try_from(a).map(Oid).map_err(|_| out_of_range("OID"));
    "oidtoi8" => |a: Oid| i64::from(a.0);
    // "char" is C's signed char here, and unsigned in comparisons.
    "chartoi4" => |a: Char| i32::from(a.0 as i8);
    "i4tochar" => |a: i32| i8::try_from(a).map(|c| Char(c as u8)).map_err(|_| out_of_range("\"char\""));
    "bool_int4" => |a: bool| i32::from(a);
    "int4_bool" => |a: i32| a != 0;
});

macro_rules! widened {
    ($wide:ty) => {
        |a, b| <$wide>::from(a).cmp(&<$wide>::from(b))
    };
}

kernels!(CROSS_ORDERS(call) {
    "btint24cmp" => |a: i16, b: i32| i32::from(a).cmp(&b) as i32;
    "btint42cmp" => |a: i32, b: i16| a.cmp(&b.into()) as i32;
    "btint28cmp" => |a: i16, b: i64| i64::from(a).cmp(&b) as i32;
    "btint82cmp" => |a: i64, b: i16| a.cmp(&b.into()) as i32;
    "btint48cmp" => |a: i32, b: i64| i64::from(a).cmp(&b) as i32;
    "btint84cmp" => |a: i64, b: i32| a.cmp(&b.into()) as i32;
    "btcharcmp" => |a: Char, b: Char| i32::from(a.0) - i32::from(b.0);
    "btint2cmp" => |a: i16, b: i16| i32::from(a) - i32::from(b);
});

comparisons!(COMPARISONS {
    "int2" "": i16, i16 => widened!(i16);
    "int4" "": i32, i32 => widened!(i32);
    "int8" "": i64, i64 => widened!(i64);
    "int24" "": i16, i32 => widened!(i32);
    "int42" "": i32, i16 => widened!(i32);
    "int28" "": i16, i64 => widened!(i64);
    "int82" "": i64, i16 => widened!(i64);
    "int48" "": i32, i64 => widened!(i64);
    "int84" "": i64, i32 => widened!(i64);
    "oid" "": Oid, Oid => |a: Oid, b: Oid| a.cmp(&b);
    "char" "": Char, Char => |a: Char, b: Char| a.cmp(&b);
});

orders!(ORDERS {
    "" "int2larger" "int2smaller": i16 => |a: i16, b: i16| a.cmp(&b);
    "btint4cmp" "int4larger" "int4smaller": i32 => |a: i32, b: i32| a.cmp(&b);
    "btint8cmp" "int8larger" "int8smaller": i64 => |a: i64, b: i64| a.cmp(&b);
    "btoidcmp" "oidlarger" "oidsmaller": Oid => |a: Oid, b: Oid| a.cmp(&b);
});

/// The bits of so many bytes.
pub(super) fn bit_length(bytes: usize) -> Result<i32> {
    i32::range(i32::try_from(bytes).ok().and_then(|bytes| bytes.checked_mul(8)))
}
