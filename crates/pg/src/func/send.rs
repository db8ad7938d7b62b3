//! The binary forms of values as functions (`int4send`, `uuid_send` …).

use super::{Call, Kernel};
use crate::{Result, Value, binary, oid};

pub(super) const KERNELS: &[(&str, Kernel)] = &[
    ("json_send", send),
    ("array_send", send),
    ("int2send", send),
    ("int4send", send),
    ("int8send", send),
    ("byteasend", send),
    ("textsend", send),
    ("oidsend", send),
    ("namesend", send),
    ("float4send", send),
    ("float8send", send),
    ("bpcharsend", send),
    ("varcharsend", send),
    ("charsend", send),
    ("boolsend", send),
    ("xidsend", send),
    ("cidsend", send),
    ("bit_send", send),
    ("varbit_send", send),
    ("numeric_send", send),
    ("date_send", send),
    ("time_send", send),
    ("timetz_send", send),
    ("timestamp_send", send),
    ("timestamptz_send", send),
    ("interval_send", send),
    ("cash_send", send),
    ("macaddr_send", send),
    ("inet_send", send),
    ("cidr_send", send),
    ("uuid_send", send),
    ("pg_lsn_send", send),
    ("macaddr8_send", send),
    ("jsonb_send", send),
    ("range_send", send),
    ("jsonpath_send", send),
    ("multirange_send", send),
    ("record_send", send),
    ("xid8send", send),
    ("regclasssend", send),
    ("regtypesend", send),
    ("regprocsend", send),
    ("regproceduresend", send),
    ("regnamespacesend", send),
    ("regrolesend", send),
    ("int2vectorsend", send),
    ("oidvectorsend", send),
    ("tsvectorsend", send),
    ("tsquerysend", send),
    ("regconfigsend", send),
    ("regdictionarysend", send),
];

fn send(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    let ty = call.arg_types.first().copied().unwrap_or(oid::UNKNOWN);
    let mut bytes = Vec::new();
    if let Some(value) = args.first() {
        binary::send(value, ty, call.env, &mut bytes)?;
    }
    Ok(Value::Bytea(bytes.into()))
}
