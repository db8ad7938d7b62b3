//! SQL names of types (`format_type_extended` in format_type.c).

use super::ident::quote_qualified;
use super::types::{PG_CATALOG, type_by_oid};
use crate::{Oid, oid};

/// What has to be known of a type to print it.
#[derive(Clone, Debug)]
pub struct TypeName<'a> {
    /// `typname`
    pub name: &'a str,
    /// The name of its namespace, when that has to be said.
    pub schema: Option<&'a str>,
    /// The element type, when it is a true array type that is not stored plain (`oidvector` goes by its own name).
    pub element: Option<Oid>,
}

/// `format_type(oid, typmod)` as it is with the default search path, for the built-in types: `???` for an unknown oid,
/// `-` for 0. A modifier of `None` is that of `format_type(oid, NULL)`; see [`format_type_with`].
pub fn format_type(type_oid: Oid, typmod: Option<i32>) -> String {
    format_type_with(type_oid, typmod, |oid| {
        type_by_oid(oid).map(|row| TypeName {
            name: row.name,
            schema: (row.namespace != PG_CATALOG).then_some(if row.namespace.0 == 99 {
                "pg_toast"
            } else {
                "information_schema"
            }),
            // Fixed-dimension vectors are stored plain, and go by their own name.
            element: (row.is_array() && row.storage != 'p').then_some(row.element),
        })
    })
}

/// `format_type` with the caller's knowledge of names. Without a modifier (`None`), `bit`, `char` and `"char"`-like
/// types are shown so that the length is left open; with -1 they show as what the grammar would make of their name
/// (`FORMAT_TYPE_TYPEMOD_GIVEN`).
pub fn format_type_with<'a>(
    type_oid: Oid,
    typmod: Option<i32>,
    find: impl Fn(Oid) -> Option<TypeName<'a>>,
) -> String {
    if !type_oid.is_valid() {
        return "-".into();
    }
    let Some(outer) = find(type_oid) else { return "???".into() };
    // An array is its element's name with brackets; the modifier is the element's.
    let (base_oid, base, is_array) = match outer.element {
        Some(element) => match find(element) {
            Some(base) => (element, base, true),
            None => return "???[]".into(),
        },
        None => (type_oid, outer, false),
    };
    let mut text = match special(base_oid, typmod) {
        Some(text) => text,
        None => {
            let name = quote_qualified(base.schema, base.name);
            match typmod {
                Some(typmod) if typmod >= 0 => with_modifier(name, base_oid, typmod),
                _ => name,
            }
        }
    };
    if is_array {
        text.push_str("[]");
    }
    text
}

/// The types that SQL has its own words for.
fn special(type_oid: Oid, typmod: Option<i32>) -> Option<String> {
    let modifier = typmod.filter(|typmod| *typmod >= 0);
    let given = typmod.is_some();
    let word = match type_oid {
        oid::BIT if modifier.is_none() && given => "\"bit\"",
        oid::BIT => "bit",
        oid::BOOL => "boolean",
        oid::BPCHAR if modifier.is_none() && given => "bpchar",
        oid::BPCHAR => "character",
        oid::FLOAT4 => "real",
        oid::FLOAT8 => "double precision",
        oid::INT2 => "smallint",
        oid::INT4 => "integer",
        oid::INT8 => "bigint",
        oid::NUMERIC => "numeric",
        oid::INTERVAL => "interval",
        oid::TIME => return Some(time("time", modifier, " without time zone")),
        oid::TIMETZ => return Some(time("time", modifier, " with time zone")),
        oid::TIMESTAMP => return Some(time("timestamp", modifier, " without time zone")),
        oid::TIMESTAMPTZ => return Some(time("timestamp", modifier, " with time zone")),
        oid::VARBIT => "bit varying",
        oid::VARCHAR => "character varying",
        _ => return None,
    };
    Some(match modifier {
        Some(modifier) if type_by_oid(type_oid).is_some_and(|row| row.modout.is_valid()) => {
            with_modifier(word.to_owned(), type_oid, modifier)
        }
        _ => word.to_owned(),
    })
}

fn time(word: &str, modifier: Option<i32>, zone: &str) -> String {
    match modifier {
        Some(precision) => format!("{word}({precision}){zone}"),
        None => format!("{word}{zone}"),
    }
}

/// The name with its modifier (`printTypmod`, and the `typmodout` functions of the built-in types).
fn with_modifier(name: String, type_oid: Oid, typmod: i32) -> String {
    match type_oid {
        // bpchartypmodout, varchartypmodout
        oid::BPCHAR | oid::VARCHAR if typmod > 4 => format!("{name}({})", typmod - 4),
        oid::BPCHAR | oid::VARCHAR => name,
        oid::BIT | oid::VARBIT => format!("{name}({typmod})"),
        oid::NUMERIC if typmod >= 4 => {
            let typmod = typmod - 4;
            // numeric_typmod_scale: the scale is 11 bits, signed.
            let scale = ((typmod & 0x7ff) ^ 1024) - 1024;
            format!("{name}({},{scale})", (typmod >> 16) & 0xffff)
        }
        oid::NUMERIC => name,
        oid::INTERVAL => format!("{name}{}", interval_modifier(typmod)),
        _ => format!("{name}({typmod})"),
    }
}

/// `intervaltypmodout`: the fields, and the precision of the seconds.
fn interval_modifier(typmod: i32) -> String {
    const MONTH: i32 = 1 << 1;
    const YEAR: i32 = 1 << 2;
    const DAY: i32 = 1 << 3;
    const HOUR: i32 = 1 << 10;
    const MINUTE: i32 = 1 << 11;
    const SECOND: i32 = 1 << 12;
    let (fields, precision) = ((typmod >> 16) & 0x7fff, typmod & 0xffff);
    let fields = match fields {
        0x7fff => "",
        f if f == YEAR => " year",
        f if f == MONTH => " month",
        f if f == DAY => " day",
        f if f == HOUR => " hour",
        f if f == MINUTE => " minute",
        f if f == SECOND => " second",
        f if f == YEAR | MONTH => " year to month",
        f if f == DAY | HOUR => " day to hour",
        f if f == DAY | HOUR | MINUTE => " day to minute",
        f if f == DAY | HOUR | MINUTE | SECOND => " day to second",
        f if f == HOUR | MINUTE => " hour to minute",
        f if f == HOUR | MINUTE | SECOND => " hour to second",
        f if f == MINUTE | SECOND => " minute to second",
        _ => "",
    };
    if precision == 0xffff { fields.to_owned() } else { format!("{fields}({precision})") }
}
