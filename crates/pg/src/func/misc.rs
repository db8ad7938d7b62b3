//! What has no subject of its own: random UUIDs, types of values, relabelling.

use super::args::Uuid;
use super::output::arg_type;
use crate::{Error, Oid, Result, Value};

kernels!(KERNELS(call) {
    "gen_random_uuid" => |  | random_uuid();
    "pg_typeof" => |a: &Value| { let _ = a; arg_type(call, 0) };
    "pg_size_pretty" => |bytes: i64| size_pretty(bytes);
});

/// A version 4 UUID, from the operating system's random bits.
fn random_uuid() -> Result<Uuid> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| Error::internal("could not generate random values"))?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    Ok(Uuid(bytes))
}

/// `pg_size_pretty(bigint)` of dbsize.c: half-rounded units of 1024, each used up to 10240 (with a bit more for halves).
fn size_pretty(bytes: i64) -> String {
    const UNITS: [(&str, u32, bool); 6] = [
        ("bytes", 0, false),
        ("kB", 9, true),
        ("MB", 19, true),
        ("GB", 29, true),
        ("TB", 39, true),
        ("PB", 49, true),
    ];
    let mut size = bytes;
    let mut taken = 0;
    for (at, &(name, bits, rounds)) in UNITS.iter().enumerate() {
        size /= 1i64 << (bits - taken);
        taken = bits;
        let limit = if at == 0 { 10 * 1024 } else { 20 * 1024 - 1 };
        let last = at + 1 == UNITS.len();
        if last || size.unsigned_abs() < limit {
            let shown = if rounds { (size + if size < 0 { -1 } else { 1 }) / 2 } else { size };
            return format!("{shown} {name}");
        }
    }
    String::new()
}

/// Changes a value to another type of the same binary form (`castmethod` b): only where our values differ.
pub fn relabel(value: Value, target: Oid) -> Value {
    use crate::oid;
    match (value, target) {
        (Value::Int4(i), target) if target != oid::INT4 => Value::Oid(Oid(i as u32)),
        (Value::Oid(o), oid::INT4) => Value::Int4(o.0 as i32),
        (value, _) => value,
    }
}
