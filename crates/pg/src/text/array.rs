//! Arrays to text (`array_out`), and the limits of arrays.

use bytes::BufMut;

use super::output::output as output_value;
use crate::{Array, Env, Oid, Result, catalog, oid};

/// The most elements (`MaxArraySize`).
pub(crate) const MAX_SIZE: i64 = 134_217_727;

pub(super) fn output<B: BufMut>(array: &Array, ty: Oid, env: &Env, out: &mut B) -> Result<()> {
    if matches!(ty, oid::INT2VECTOR | oid::OIDVECTOR) {
        for (at, item) in array.items.iter().enumerate() {
            if at > 0 {
                out.put_u8(b' ');
            }
            output_value(item, array.element, env, out)?;
        }
        return Ok(());
    }
    write_array(array, env, out)
}

pub(super) fn delimiter_of(element: Oid) -> u8 {
    // Only `box` has another one; the look-up is for the rest of eternity.
    match element {
        oid::INT4 | oid::INT8 | oid::TEXT | oid::VARCHAR | oid::NAME | oid::OID => b',',
        _ => catalog::type_by_oid(element).and_then(|ty| u8::try_from(ty.delimiter).ok()).unwrap_or(b','),
    }
}

/// `array_out`
pub fn write_array<B: BufMut>(array: &Array, env: &Env, out: &mut B) -> Result<()> {
    if array.items.is_empty() {
        out.put_slice(b"{}");
        return Ok(());
    }
    if array.dims.iter().any(|dim| dim.lower != 1) {
        for dim in &array.dims {
            let upper = i64::from(dim.lower) + i64::from(dim.length) - 1;
            out.put_slice(format!("[{}:{upper}]", dim.lower).as_bytes());
        }
        out.put_u8(b'=');
    }
    let delimiter = delimiter_of(array.element);
    let lengths: Vec<usize> =
        array.dims.iter().map(|dim| usize::try_from(dim.length).unwrap_or(1).max(1)).collect();
    let mut scratch = Vec::new();
    for (at, item) in array.items.iter().enumerate() {
        // How many of the inner dimensions begin, and how many end, at this element.
        let mut size = 1;
        let begins = lengths
            .iter()
            .rev()
            .take_while(|length| {
                size *= **length;
                at.is_multiple_of(size)
            })
            .count();
        size = 1;
        let ends = lengths
            .iter()
            .rev()
            .take_while(|length| {
                size *= **length;
                (at + 1).is_multiple_of(size)
            })
            .count();
        if at > 0 {
            out.put_u8(delimiter);
        }
        out.put_bytes(b'{', begins);
        if item.is_null() {
            out.put_slice(b"NULL");
        } else {
            scratch.clear();
            output_value(item, array.element, env, &mut scratch)?;
            put_item(&scratch, delimiter, out);
        }
        out.put_bytes(b'}', ends);
    }
    Ok(())
}

/// An element, in quotes where it needs them.
fn put_item(text: &[u8], delimiter: u8, out: &mut impl BufMut) {
    let special = |b: &u8| {
        *b == delimiter
            || matches!(b, b'"' | b'\\' | b'{' | b'}' | b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
    };
    let plain = !text.is_empty() && !text.eq_ignore_ascii_case(b"NULL") && !text.iter().any(special);
    if plain {
        return out.put_slice(text);
    }
    out.put_u8(b'"');
    for &byte in text {
        if matches!(byte, b'"' | b'\\') {
            out.put_u8(b'\\');
        }
        out.put_u8(byte);
    }
    out.put_u8(b'"');
}
