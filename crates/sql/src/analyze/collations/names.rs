//! Collations by name (`pg_collation`).

use pg::catalog::{quote_identifier, system_table};
use pg::{Oid, Result, Value, oid};

/// `DEFAULT_COLLATION_OID`
pub(super) const DEFAULT: Oid = Oid(100);

/// The names of those that mean our order of text.
const OURS: [&str; 5] = ["C", "POSIX", "default", "ucs_basic", "C.utf8"];

fn rows() -> impl Iterator<Item = (Oid, String)> {
    system_table("pg_collation").into_iter().flat_map(|table| table.rows()).filter_map(|mut row| {
        let oid = row.next().flatten()?.parse().ok()?;
        Some((Oid(oid), row.next().flatten()?.into_owned()))
    })
}

/// One of those that we have.
pub(in crate::analyze) fn by_name(name: &str) -> Option<Oid> {
    let name = if name == "C.UTF-8" { "C.utf8" } else { name };
    OURS.iter().find(|known| **known == name)?;
    Some(rows().find(|(_, known)| known == name).map_or(DEFAULT, |(oid, _)| oid))
}

/// Whether PostgreSQL has one.
pub(in crate::analyze) fn exists(name: &str) -> bool {
    rows().any(|(_, known)| known == name)
}

/// `get_collation_name`
pub(super) fn name_of(collation: Oid) -> String {
    rows().find(|(oid, _)| *oid == collation).map_or_else(String::new, |(_, name)| name)
}

/// `pg_collation_for`
pub(super) fn collation_for(ty: Oid, collation: Oid) -> Result<Value> {
    if !super::is_collatable(ty) && ty != oid::UNKNOWN {
        return Err(super::not_collatable(ty));
    }
    if !collation.is_valid() {
        return Ok(Value::Null);
    }
    Ok(Value::Text(quote_identifier(&name_of(collation)).as_ref().into()))
}
