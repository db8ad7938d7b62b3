//! Functions of `pg_lsn`, `xid8` and `tid`.

use super::{Lsn, Xid8};
use crate::func::Kernel;
use crate::func::args::{Arg, mismatch};
use crate::other::{Bits, Inet, Other};
use crate::{Error, Numeric, Oid, Result, SqlState, Value};

/// A `tid`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Tid(u32, u16);

impl<'a> Arg<'a> for Tid {
    fn arg(value: &'a Value) -> Result<Tid> {
        match value {
            Value::Other(other) => match &**other {
                Other::Tid(block, place) => Ok(Tid(*block, *place)),
                _ => Err(mismatch(value)),
            },
            _ => Err(mismatch(value)),
        }
    }
}

impl crate::func::args::Ret for Tid {
    fn ret(self) -> Result<Value> {
        Ok(Other::Tid(self.0, self.1).into())
    }
}

kernels!(KERNELS(call) {
    "pg_lsn_eq" => |a: Lsn, b: Lsn| a.0 == b.0;
    "pg_lsn_ne" => |a: Lsn, b: Lsn| a.0 != b.0;
    "pg_lsn_lt" => |a: Lsn, b: Lsn| a.0 < b.0;
    "pg_lsn_le" => |a: Lsn, b: Lsn| a.0 <= b.0;
    "pg_lsn_gt" => |a: Lsn, b: Lsn| a.0 > b.0;
    "pg_lsn_ge" => |a: Lsn, b: Lsn| a.0 >= b.0;
    "pg_lsn_cmp" => |a: Lsn, b: Lsn| a.0.cmp(&b.0) as i32;
    "pg_lsn_larger" => |a: Lsn, b: Lsn| Lsn(a.0.max(b.0));
    "pg_lsn_smaller" => |a: Lsn, b: Lsn| Lsn(a.0.min(b.0));
    "pg_lsn_mi" => |a: Lsn, b: Lsn| difference(a.0, b.0);
    "pg_wal_lsn_diff" => |a: Lsn, b: Lsn| difference(a.0, b.0);
    "pg_lsn_pli" => |a: Lsn, n: &Numeric| shifted(&a, n, "add", false);
    "pg_lsn_mii" => |a: Lsn, n: &Numeric| shifted(&a, n, "subtract", true);
    "numeric_pg_lsn" => |n: &Numeric| from_numeric(n);
    "xid8eq" => |a: Xid8, b: Xid8| a.0 == b.0;
    "xid8ne" => |a: Xid8, b: Xid8| a.0 != b.0;
    "xid8lt" => |a: Xid8, b: Xid8| a.0 < b.0;
    "xid8le" => |a: Xid8, b: Xid8| a.0 <= b.0;
    "xid8gt" => |a: Xid8, b: Xid8| a.0 > b.0;
    "xid8ge" => |a: Xid8, b: Xid8| a.0 >= b.0;
    "xid8cmp" => |a: Xid8, b: Xid8| a.0.cmp(&b.0) as i32;
    "xid8_larger" => |a: Xid8, b: Xid8| Xid8(a.0.max(b.0));
    "xid8_smaller" => |a: Xid8, b: Xid8| Xid8(a.0.min(b.0));
    "xid8toxid" => |a: Xid8| Oid(a.0 as u32);
    "tideq" => |a: Tid, b: Tid| a == b;
    "tidne" => |a: Tid, b: Tid| a != b;
    "tidlt" => |a: Tid, b: Tid| a < b;
    "tidle" => |a: Tid, b: Tid| a <= b;
    "tidgt" => |a: Tid, b: Tid| a > b;
    "tidge" => |a: Tid, b: Tid| a >= b;
    "bttidcmp" => |a: Tid, b: Tid| a.cmp(&b) as i32;
    "tidlarger" => |a: Tid, b: Tid| a.max(b);
    "tidsmaller" => |a: Tid, b: Tid| a.min(b);
});

/// `bit_length(bit)`, `bigint + inet`, `numeric + pg_lsn`
pub(super) const SQL_FUNCTIONS: &[(u32, Kernel)] = &[
    (1812, kernel!(call; |a: Bits| a.len as i32)),
    (2631, kernel!(call; |n: i64, a: Inet| super::net::add(a, n.into()))),
    (5023, kernel!(call; |n: &Numeric, a: Lsn| shifted(&a, n, "add", false))),
];

fn difference(a: u64, b: u64) -> Numeric {
    Numeric::new(i128::from(a).wrapping_sub(i128::from(b)).into(), 0)
}

fn shifted(lsn: &Lsn, by: &Numeric, what: &str, minus: bool) -> Result<Lsn> {
    if by.is_nan() {
        let preposition = if minus { "from" } else { "to" };
        return Err(Error::new(
            SqlState::FEATURE_NOT_SUPPORTED,
            format!("cannot {what} NaN {preposition} pg_lsn"),
        ));
    }
    let base = Numeric::new(lsn.0.into(), 0);
    from_numeric(&if minus { base.sub(by)? } else { base.add(by)? })
}

fn from_numeric(number: &Numeric) -> Result<Lsn> {
    if number.is_nan() {
        return Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, "cannot convert NaN to pg_lsn"));
    }
    if number.is_infinite() {
        return Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, "cannot convert infinity to pg_lsn"));
    }
    let rounded = number.round(0)?;
    rounded
        .to_string()
        .parse()
        .map(Lsn)
        .map_err(|_| Error::new(SqlState::INVALID_PARAMETER_VALUE, "pg_lsn out of range"))
}
