//! Texts of definitions (ruleutils.c): indexes, constraints, views, rules, stored expressions.

use std::sync::Arc;

use pg::catalog::{
    default_opclass, node_tree_text, quote_identifier, quote_qualified, system_relation, view_definition,
};
use pg::{Error, Oid, Result, SqlState, Value};

use super::{SystemCall, SystemFunction, args};
use crate::catalog::system::tables::*;
use crate::catalog::{Catalog, RelationKind, RowRef, SYSTEM_COLUMNS};

pub(super) const FUNCTIONS: &[(&str, SystemFunction)] = &[
    ("pg_get_expr", |_, args| Ok(expression(args, false))),
    ("pg_get_expr_ext", |_, args| Ok(expression(args, args::bool(args, 2)?))),
    ("pg_get_indexdef", |call, args| Ok(args::text_or_null(index(call, args::oid(args, 0)?, 0, false)))),
    ("pg_get_indexdef_ext", |call, args| {
        let text = index(call, args::oid(args, 0)?, args::int(args, 1)?, args::bool(args, 2)?);
        Ok(args::text_or_null(text))
    }),
    ("pg_get_constraintdef", |call, args| {
        Ok(args::text_or_null(constraint(call, args::oid(args, 0)?, false)))
    }),
    ("pg_get_constraintdef_ext", |call, args| {
        Ok(args::text_or_null(constraint(call, args::oid(args, 0)?, args::bool(args, 1)?)))
    }),
    ("pg_get_viewdef", |call, args| Ok(args::text_or_null(view(call.catalog, args::oid(args, 0)?, false)))),
    ("pg_get_viewdef_ext", |call, args| {
        Ok(args::text_or_null(view(call.catalog, args::oid(args, 0)?, args::bool(args, 1)?)))
    }),
    // Where lines are broken is the only thing that the width decides.
    ("pg_get_viewdef_wrap", |call, args| {
        Ok(args::text_or_null(view(call.catalog, args::oid(args, 0)?, true)))
    }),
    ("pg_get_viewdef_name", |call, args| {
        let view_oid = call.catalog.class_by_text(args::text(args, 0)?, &call.path())?;
        Ok(args::text_or_null(view(call.catalog, view_oid, false)))
    }),
    ("pg_get_viewdef_name_ext", |call, args| {
        let view_oid = call.catalog.class_by_text(args::text(args, 0)?, &call.path())?;
        Ok(args::text_or_null(view(call.catalog, view_oid, args::bool(args, 1)?)))
    }),
    ("pg_get_ruledef", |call, args| Ok(args::text_or_null(rule(call, args::oid(args, 0)?, false)))),
    ("pg_get_ruledef_ext", |call, args| {
        Ok(args::text_or_null(rule(call, args::oid(args, 0)?, args::bool(args, 1)?)))
    }),
    // Nothing here has triggers, extended statistics or partitions.
    ("pg_get_triggerdef", |_, _| Ok(Value::Null)),
    ("pg_get_triggerdef_ext", |_, _| Ok(Value::Null)),
    ("pg_get_statisticsobjdef", |_, _| Ok(Value::Null)),
    ("pg_get_statisticsobjdef_columns", |_, _| Ok(Value::Null)),
    ("pg_get_statisticsobjdef_expressions", |_, _| Ok(Value::Null)),
    ("pg_get_partkeydef", |_, _| Ok(Value::Null)),
    ("pg_get_partition_constraintdef", |_, _| Ok(Value::Null)),
    ("pg_partition_root", |_, _| Ok(Value::Null)),
    ("pg_get_serial_sequence", serial_sequence),
    // There are no sequences.
    ("pg_sequence_last_value", |_, _| Ok(Value::Null)),
    ("pg_collation_actual_version", |_, _| Ok(Value::Null)),
];

/// `pg_get_expr(tree, relation)`. Stored expressions are all built in: clients can't make values of this type.
fn expression(args: &[Value], pretty: bool) -> Value {
    let text = args.first().and_then(Value::as_str).and_then(|tree| node_tree_text(tree, pretty));
    args::text_or_null(text)
}

/// The visible columns of a relation of any kind, and the system columns of a table: numbers and names.
pub(super) fn columns(catalog: &Catalog, relation: Oid) -> Vec<(i16, Arc<str>)> {
    let system = |has: bool| {
        let columns = SYSTEM_COLUMNS.into_iter().filter(move |_| has);
        columns.map(|column| (column.attnum, Arc::from(column.name)))
    };
    if let Some(row) = system_relation(relation) {
        let own = row.columns.iter().zip(1..).map(|(column, number)| (number, column.name.into()));
        return own.chain(system(row.kind == 'r')).collect();
    }
    let database = catalog.database();
    if let Some(table) = database.table_by_oid(relation) {
        let own = table.visible_columns().map(|column| (column.attnum, column.name.clone()));
        return own.chain(system(table.relation.has_system_columns())).collect();
    }
    let Some((table, key)) = database.table_by_index(relation) else { return Vec::new() };
    let columns = key.columns.iter().filter_map(|i| table.relation.columns.get(*i));
    columns.zip(1..).map(|(column, number)| (number, column.name.clone())).collect()
}

/// The name of a column of a relation by its number.
pub(super) fn column_name(catalog: &Catalog, relation: Oid, number: i64) -> Option<Arc<str>> {
    columns(catalog, relation)
        .into_iter()
        .find(|(known, _)| i64::from(*known) == number)
        .map(|(_, name)| name)
}

/// The row of `pg_index` of an index. (Its first column is the index's oid.)
fn index_row(catalog: &Catalog, index: Oid) -> Option<RowRef> {
    catalog.find(PG_INDEX, index)
}

/// A relation's name, with its schema unless the caller wants it short and it is visible.
fn relation_name(call: &SystemCall<'_>, relation: Oid, short: bool) -> Option<String> {
    let name = call.catalog.database().class_name(relation)?;
    let hide = short && call.catalog.class_is_visible(relation, &call.path()).unwrap_or(false);
    Some(quote_qualified((!hide).then_some(&*name.schema), &name.name))
}

/// `pg_get_indexdef_worker`: the whole definition, or one column of it.
fn index(call: &SystemCall<'_>, index: Oid, column: i64, pretty: bool) -> Option<String> {
    let row = index_row(call.catalog, index)?;
    let table = row.oid(1);
    let (numbers, classes, options) = (row.ints(15), row.ints(17), row.ints(18));
    let key_count = usize::try_from(row.int(3)).unwrap_or(0);
    let mut keys = Vec::new();
    for (i, number) in numbers.iter().take(key_count).enumerate() {
        let name = column_name(call.catalog, table, *number)?;
        let name = quote_identifier(&name).into_owned();
        if column > 0 {
            if usize::try_from(column).ok() == Some(i + 1) {
                return Some(name);
            }
            continue;
        }
        let class = classes.get(i).map(|oid| Oid(u32::try_from(*oid).unwrap_or(0)));
        let class = class.and_then(|class| class_suffix(call, class)).unwrap_or_default();
        keys.push(format!("{name}{class}{}", order_suffix(options.get(i).copied().unwrap_or(0))));
    }
    if column > 0 {
        return None;
    }
    let class = call.catalog.find(PG_CLASS, index)?;
    let method = call.catalog.find(PG_AM, class.oid(6))?;
    Some(format!(
        "CREATE {}INDEX {} ON {} USING {} ({}){}",
        if row.is(4) { "UNIQUE " } else { "" },
        quote_identifier(class.text(1)),
        relation_name(call, table, pretty)?,
        quote_identifier(method.text(1)),
        keys.join(", "),
        if row.is(5) { " NULLS NOT DISTINCT" } else { "" },
    ))
}

/// An operator class, when it is not its type's default (`get_opclass_name`).
fn class_suffix(call: &SystemCall<'_>, class: Oid) -> Option<String> {
    let row = call.catalog.find(PG_OPCLASS, class)?;
    let (method, input) = (row.oid(1), row.oid(6));
    let is_default = default_opclass(input, method).is_some_and(|default| default.oid == class);
    (!is_default).then(|| format!(" {}", quote_identifier(row.text(2))))
}

/// `DESC`, `NULLS FIRST`: from the bits of `indoption`.
fn order_suffix(option: i64) -> &'static str {
    match option & 3 {
        0 => "",
        1 => " DESC NULLS LAST",
        2 => " NULLS FIRST",
        _ => " DESC",
    }
}

/// `pg_get_constraintdef_worker`
fn constraint(call: &SystemCall<'_>, constraint: Oid, pretty: bool) -> Option<String> {
    let row = call.catalog.find(PG_CONSTRAINT, constraint)?;
    let names = || {
        let names: Option<Vec<String>> = row
            .ints(18)
            .iter()
            .map(|number| {
                let name = column_name(call.catalog, row.oid(7), *number)?;
                Some(quote_identifier(&name).into_owned())
            })
            .collect();
        names.map(|names| names.join(", "))
    };
    match row.char(3) {
        b'p' => Some(format!("PRIMARY KEY ({})", names()?)),
        b'u' => Some(format!("UNIQUE ({})", names()?)),
        b'c' => Some(format!("CHECK ({})", node_tree_text(row.text(25), pretty)?)),
        _ => None,
    }
}

/// The query of a view; none for anything else.
pub(super) fn view(catalog: &Catalog, view: Oid, pretty: bool) -> Option<String> {
    if let Some(text) = view_definition(view, pretty) {
        return Some(text.to_owned());
    }
    match &catalog.database().table_by_oid(view)?.relation.kind {
        RelationKind::ClusterView { definition } => Some(terminated(definition)),
        RelationKind::View { definition } => Some(terminated(definition)),
        _ => None,
    }
}

fn terminated(definition: &str) -> String {
    let text = definition.trim_end();
    if text.ends_with(';') { text.to_owned() } else { format!("{text};") }
}

/// The `_RETURN` rule of a view.
fn rule(call: &SystemCall<'_>, rule: Oid, pretty: bool) -> Option<String> {
    let row = call.catalog.find(PG_REWRITE, rule)?;
    let relation = row.oid(2);
    if row.char(3) != b'1' {
        return None;
    }
    Some(format!(
        "CREATE RULE {} AS\n    ON SELECT TO {} DO INSTEAD {}",
        quote_identifier(row.text(1)),
        relation_name(call, relation, pretty)?,
        view(call.catalog, relation, pretty)?
    ))
}

/// `pg_get_serial_sequence(table, column)`: no column has a sequence, but both must exist.
fn serial_sequence(call: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    let table = call.catalog.class_by_text(args::text(args, 0)?, &call.path())?;
    let column = args::text(args, 1)?;
    if columns(call.catalog, table).iter().any(|(_, name)| **name == *column) {
        return Ok(Value::Null);
    }
    let name = call.catalog.database().class_name(table).map(|name| name.name).unwrap_or_default();
    Err(Error::new(
        SqlState::UNDEFINED_COLUMN,
        format!("column \"{column}\" of relation \"{name}\" does not exist"),
    ))
}
