//! Comments: `obj_description`, `col_description`, `shobj_description`. PostgreSQL writes them in SQL over
//! `pg_description`, which has thousands of rows: here the rows are found by their key.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use pg::{Oid, Result, Value};

use super::{SystemCall, SystemFunction, args};
use crate::catalog::Snapshot;
use crate::catalog::session::{oid_at, text_at};
use crate::catalog::system::{self, tables::*};

pub(super) const FUNCTIONS: &[(&str, SystemFunction)] =
    &[("obj_description", object), ("col_description", column), ("shobj_description", shared)];

/// Comments on built-in objects by class, object and column.
static COMMENTS: LazyLock<HashMap<(Oid, Oid, i64), Arc<str>>> = LazyLock::new(|| {
    let rows = system::rows(PG_DESCRIPTION);
    let read = |row: &Vec<Value>| {
        Some(((oid_at(row, 1)?, oid_at(row, 0)?, row.get(2)?.as_i64()?), text_at(row, 3)?))
    };
    rows.iter().filter_map(read).collect()
});

fn comment(call: &SystemCall<'_>, class: Oid, object: Oid, column: i64) -> Option<Arc<str>> {
    let live = || match (class, column) {
        (PG_CLASS, 0) => call.catalog.database().table_by_oid(object)?.description.clone(),
        _ => None,
    };
    COMMENTS.get(&(class, object, column)).cloned().or_else(live)
}

/// `obj_description(object, catalog)`; without the catalog's name, the first comment on that number.
fn object(call: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    let object = args::oid(args, 0)?;
    let found = if args.len() > 1 {
        call.catalog
            .database()
            .class_oid("pg_catalog", args::text(args, 1)?)
            .and_then(|class| comment(call, class, object, 0))
    } else {
        let rows = call.catalog.rows(PG_DESCRIPTION);
        rows.iter()
            .find(|row| oid_at(row, 0) == Some(object) && row.get(2).and_then(Value::as_i64) == Some(0))
            .and_then(|row| text_at(row, 3))
    };
    Ok(found.map_or(Value::Null, Value::Text))
}

fn column(call: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    let found = comment(call, PG_CLASS, args::oid(args, 0)?, args::int(args, 1)?);
    Ok(found.map_or(Value::Null, Value::Text))
}

fn shared(call: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    let object = args::oid(args, 0)?;
    let class = call.catalog.database().class_oid("pg_catalog", args::text(args, 1)?);
    let rows = call.catalog.rows(PG_SHDESCRIPTION);
    let row = rows.iter().find(|row| oid_at(row, 0) == Some(object) && oid_at(row, 1) == class);
    Ok(row.and_then(|row| text_at(row, 2)).map_or(Value::Null, Value::Text))
}
