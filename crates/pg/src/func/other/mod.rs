//! Functions of bit strings, money, network addresses, ranges and other types of [`crate::other`].

mod aggregate;
mod bits;
mod hash;
mod money;
mod multirange;
mod net;
mod range;
mod system;

use super::args::{Arg, Ret, mismatch};
use super::{Kernel, NewAccumulator, SetKernel};
use crate::other::{Bits, Inet, Other, Range};
use crate::{Result, TypeRef, Value, oid};

/// The tables of this folder.
pub(super) const TABLES: [&[(&str, Kernel)]; 8] = [
    bits::KERNELS,
    hash::KERNELS,
    money::KERNELS,
    money::PRODUCTS,
    multirange::KERNELS,
    net::KERNELS,
    range::KERNELS,
    system::KERNELS,
];

/// Functions that PostgreSQL defines in SQL, by oid.
pub(super) const SQL_FUNCTIONS: &[(u32, Kernel)] = system::SQL_FUNCTIONS;

/// Its set-returning functions.
pub(super) const SET_KERNELS: &[(&str, SetKernel)] = multirange::SETS;

/// Its aggregates.
pub(super) const AGGREGATES: &[(u32, NewAccumulator)] = aggregate::AGGREGATES;

/// A bit string in the length of its type.
pub(crate) fn coerce_bits(value: &Other, ty: TypeRef, explicit: bool) -> Result<Value> {
    let Other::Bits(bits) = value else { return Ok(value.clone().into()) };
    let convert = if ty.oid == oid::BIT { bits::to_bit } else { bits::to_varbit };
    convert(bits.clone(), ty.typmod, explicit).map(|bits| Other::Bits(bits).into())
}

/// `money`
#[derive(Clone, Copy)]
struct Money(i64);
/// `macaddr`
struct Mac([u8; 6]);
/// `macaddr8`
struct Mac8([u8; 8]);
/// `pg_lsn`
struct Lsn(u64);
/// `xid8`
struct Xid8(u64);
/// A multirange.
struct Multirange(Vec<Range>);

macro_rules! of_other {
    ($($variant:ident($x:ident): $rust:ty => $read:expr, $make:expr;)*) => {$(
        impl<'a> Arg<'a> for $rust {
            fn arg(value: &'a Value) -> Result<$rust> {
                match value {
                    Value::Other(other) => match &**other {
                        Other::$variant($x) => Ok($read),
                        _ => Err(mismatch(value)),
                    },
                    _ => Err(mismatch(value)),
                }
            }
        }
        impl Ret for $rust {
            fn ret(self) -> Result<Value> {
                let $x = self;
                Ok(Other::$variant($make).into())
            }
        }
    )*};
}
of_other! {
    Money(x): Money => Money(*x), x.0;
    Mac(x): Mac => Mac(*x), x.0;
    Mac8(x): Mac8 => Mac8(*x), x.0;
    Lsn(x): Lsn => Lsn(*x), x.0;
    Xid8(x): Xid8 => Xid8(*x), x.0;
    Inet(x): Inet => *x, x;
    Bits(x): Bits => x.clone(), x;
    Range(x): Range => x.clone(), x;
    Multirange(x): Multirange => Multirange(x.clone()), x.0;
}
