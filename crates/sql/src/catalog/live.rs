//! The rows that mappings and views have in PostgreSQL's catalog, in the order of its columns.

use std::sync::Arc;

use pg::catalog::{default_opclass, type_by_oid};
use pg::{Array, Oid, Value, oid};

use super::Column;
use super::database::{Database, KeyIndex, LiveRelation};
use super::index::IndexColumn;
use super::system::{PUBLIC, SYSTEM_COLUMNS, tables::*, with_system_columns};

/// The bootstrap superuser, who owns everything.
pub const OWNER: Oid = Oid(10);

/// `pg_am`: heap.
const HEAP: Oid = Oid(2);

type Row = Vec<Value>;

/// Whether mappings and views have rows in a table.
pub fn has_rows(relation: Oid) -> bool {
    builder(relation).is_some()
}

/// The tables that mappings and views have rows in.
pub fn with_rows() -> impl Iterator<Item = Oid> {
    const ALL: [Oid; 8] =
        [PG_CLASS, PG_ATTRIBUTE, PG_TYPE, PG_INDEX, PG_CONSTRAINT, PG_REWRITE, PG_DESCRIPTION, PG_DEPEND];
    ALL.into_iter().filter(|relation| has_rows(*relation))
}

/// The columns by which tools and system views look up these tables: their own oids, and whose they are.
pub fn often_looked_up() -> impl Iterator<Item = (Oid, Vec<IndexColumn>)> {
    let by = |relation: Oid, column: usize| (relation, vec![(column, oid::OID)]);
    let own = [PG_CLASS, PG_TYPE, PG_CONSTRAINT, PG_REWRITE].map(|relation| by(relation, 0));
    let others = [
        by(PG_CLASS, 2),      // relnamespace
        by(PG_ATTRIBUTE, 0),  // attrelid
        by(PG_INDEX, 0),      // indexrelid
        by(PG_INDEX, 1),      // indrelid
        by(PG_CONSTRAINT, 7), // conrelid
        by(PG_REWRITE, 2),    // ev_class
        by(PG_DESCRIPTION, 0),
        (PG_CLASS, vec![(1, oid::TEXT)]),
        (PG_ATTRIBUTE, vec![(0, oid::OID), (5, oid::INT8)]),
        (PG_DESCRIPTION, vec![(0, oid::OID), (2, oid::INT8)]),
        (PG_DEPEND, vec![(4, oid::OID), (5, oid::INT8)]),
    ];
    own.into_iter().chain(others)
}

type Builder = fn(&LiveRelation, &mut Vec<Row>);

fn builder(relation: Oid) -> Option<Builder> {
    Some(match relation {
        PG_CLASS => class_rows,
        PG_ATTRIBUTE => attribute_rows,
        PG_TYPE => type_rows,
        PG_INDEX => |table, rows| rows.extend(table.indexes().map(|index| index_row(table, index))),
        PG_CONSTRAINT => |table, rows| rows.extend(table.key.as_ref().map(|key| constraint_row(table, key))),
        PG_REWRITE => |table, rows| rows.extend(table.rule.is_valid().then(|| rule_row(table))),
        PG_DESCRIPTION => |table, rows| rows.extend(description_row(table)),
        PG_DEPEND => depend_rows,
        _ => return None,
    })
}

/// Adds the rows of all mappings and views, with their system columns.
pub fn append(database: &Database, relation: Oid, rows: &mut Vec<Row>) {
    let Some(build) = builder(relation) else { return };
    let mut made = Vec::new();
    for table in database.tables() {
        build(table, &mut made);
        for row in made.drain(..) {
            let line = rows.len() + 1;
            rows.push(with_system_columns(row, relation, line, table.state));
        }
    }
}

fn oid(oid: Oid) -> Value {
    Value::Oid(oid)
}

fn text(text: &Arc<str>) -> Value {
    Value::Text(text.clone())
}

const NO: Value = Value::Bool(false);
const YES: Value = Value::Bool(true);
const NONE: Value = Value::Oid(Oid::INVALID);

fn count(n: usize) -> Value {
    Value::Int2(i16::try_from(n).unwrap_or(i16::MAX))
}

/// `pg_class`: the relation, and its index.
fn class_rows(table: &LiveRelation, rows: &mut Vec<Row>) {
    let is_view = table.kind() == b'v';
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let estimate = table.estimate.map_or(-1.0, |rows| rows as f32);
    rows.push(class_row(&ClassRow {
        oid: table.relation.oid,
        name: &table.relation.name,
        row_type: table.row_type,
        method: if is_view { Oid::INVALID } else { HEAP },
        estimate: if is_view { -1.0 } else { estimate },
        has_index: table.indexes().next().is_some(),
        kind: table.kind(),
        columns: table.visible_columns().count(),
        has_rules: is_view,
        identity: if is_view { b'n' } else { b'd' },
    }));
    for key in table.indexes() {
        rows.push(class_row(&ClassRow {
            oid: key.oid,
            name: &key.name,
            row_type: Oid::INVALID,
            method: key.method,
            estimate: estimate.max(0.0),
            has_index: false,
            kind: b'i',
            columns: key.columns.len(),
            has_rules: false,
            identity: b'n',
        }));
    }
}

/// What differs between the rows of `pg_class`.
struct ClassRow<'a> {
    oid: Oid,
    name: &'a Arc<str>,
    row_type: Oid,
    method: Oid,
    estimate: f32,
    has_index: bool,
    kind: u8,
    columns: usize,
    has_rules: bool,
    identity: u8,
}

fn class_row(row: &ClassRow<'_>) -> Row {
    vec![
        oid(row.oid),
        text(row.name),
        oid(PUBLIC),
        oid(row.row_type),
        NONE, // reloftype
        oid(OWNER),
        oid(row.method),
        NONE, // relfilenode: there is no file
        NONE, // reltablespace: the database's
        // relpages: none, whatever the map takes. DuckDB reads a table that has some by ranges of ctid, and an entry has no place.
        Value::Int4(0),
        Value::Float4(row.estimate),
        Value::Int4(0), // relallvisible
        NONE,           // reltoastrelid
        Value::Bool(row.has_index),
        NO, // relisshared
        Value::Char(b'p'),
        Value::Char(row.kind),
        count(row.columns),
        Value::Int2(0), // relchecks
        Value::Bool(row.has_rules),
        NO,  // relhastriggers
        NO,  // relhassubclass
        NO,  // relrowsecurity
        NO,  // relforcerowsecurity
        YES, // relispopulated
        Value::Char(row.identity),
        NO,   // relispartition
        NONE, // relrewrite
        NONE, // relfrozenxid
        NONE, // relminmxid
        Value::Null,
        Value::Null,
        Value::Null,
    ]
}

/// `pg_attribute`: the columns that are not hidden, the system columns of a table, and the columns of its indexes.
fn attribute_rows(table: &LiveRelation, rows: &mut Vec<Row>) {
    let key = table.key.as_ref();
    for (i, column) in table.relation.columns.iter().enumerate().filter(|(_, column)| !column.hidden) {
        let not_null = column.not_null || key.is_some_and(|key| key.columns.contains(&i));
        rows.push(attribute_row(table.relation.oid, column, column.attnum, not_null));
    }
    if table.relation.has_system_columns() {
        let system = SYSTEM_COLUMNS.map(|column| column.column());
        rows.extend(system.iter().map(|c| attribute_row(table.relation.oid, c, c.attnum, c.not_null)));
    }
    for index in table.indexes() {
        for (column, number) in key_columns(table, index).zip(1..) {
            rows.push(attribute_row(index.oid, column, number, false));
        }
    }
}

fn attribute_row(relation: Oid, column: &Column, number: i16, not_null: bool) -> Row {
    let ty = type_by_oid(column.ty.oid);
    let letter = |c: Option<char>| Value::Char(c.and_then(|c| u8::try_from(c).ok()).unwrap_or(0));
    vec![
        oid(relation),
        text(&column.name),
        oid(column.ty.oid),
        Value::Int4(if number < 0 { 0 } else { -1 }), // attstattarget
        Value::Int2(ty.map_or(-1, |ty| ty.len)),
        Value::Int2(number),
        Value::Int4(0),  // attndims
        Value::Int4(-1), // attcacheoff
        Value::Int4(column.ty.typmod),
        Value::Bool(ty.is_some_and(|ty| ty.by_value)),
        letter(ty.map(|ty| ty.align)),
        letter(ty.map(|ty| ty.storage)),
        Value::Char(0), // attcompression
        Value::Bool(not_null),
        NO,             // atthasdef
        NO,             // atthasmissing
        Value::Char(0), // attidentity
        Value::Char(0), // attgenerated
        NO,             // attisdropped
        YES,            // attislocal
        Value::Int4(0), // attinhcount
        oid(ty.map_or(Oid::INVALID, |ty| ty.collation)),
        Value::Null, // attacl
        Value::Null, // attoptions
        Value::Null, // attfdwoptions
        Value::Null, // attmissingval
    ]
}

/// `pg_type`: the row type, and the array type over it.
fn type_rows(table: &LiveRelation, rows: &mut Vec<Row>) {
    rows.push(type_row(table, false));
    rows.push(type_row(table, true));
}

fn type_row(table: &LiveRelation, array: bool) -> Row {
    let pick = |of_array: u32, of_record: u32| oid(Oid(if array { of_array } else { of_record }));
    vec![
        oid(if array { table.array_type } else { table.row_type }),
        text(if array { &table.array_name } else { &table.relation.name }),
        oid(PUBLIC),
        oid(OWNER),
        Value::Int2(-1),
        NO, // typbyval
        Value::Char(if array { b'b' } else { b'c' }),
        Value::Char(if array { b'A' } else { b'C' }),
        NO,  // typispreferred
        YES, // typisdefined
        Value::Char(b','),
        oid(if array { Oid::INVALID } else { table.relation.oid }),
        pick(6179, 0), // array_subscript_handler
        oid(if array { table.row_type } else { Oid::INVALID }),
        oid(if array { Oid::INVALID } else { table.array_type }),
        pick(750, 2290),  // array_in, record_in
        pick(751, 2291),  // array_out, record_out
        pick(2400, 2402), // array_recv, record_recv
        pick(2401, 2403), // array_send, record_send
        NONE,             // typmodin
        NONE,             // typmodout
        pick(3816, 0),    // array_typanalyze
        Value::Char(b'd'),
        Value::Char(b'x'),
        NO,   // typnotnull
        NONE, // typbasetype
        Value::Int4(-1),
        Value::Int4(0), // typndims
        NONE,           // typcollation
        Value::Null,
        Value::Null,
        Value::Null,
    ]
}

/// The columns of a key with their numbers.
fn key_columns<'a>(table: &'a LiveRelation, key: &'a KeyIndex) -> impl Iterator<Item = &'a Column> {
    key.columns.iter().filter_map(|i| table.relation.columns.get(*i))
}

fn vector(element: Oid, items: impl Iterator<Item = Value>) -> Value {
    Value::Array(Arc::new(Array::vector(element, items.collect())))
}

fn index_row(table: &LiveRelation, key: &KeyIndex) -> Row {
    let columns = || key_columns(table, key);
    let collation = |column: &Column| type_by_oid(column.ty.oid).map_or(Oid::INVALID, |ty| ty.collation);
    let class =
        |column: &Column| default_opclass(column.ty.oid, key.method).map_or(Oid::INVALID, |class| class.oid);
    let primary = Value::Bool(key.constraint.is_valid());
    vec![
        oid(key.oid),
        oid(table.relation.oid),
        count(key.columns.len()),
        count(key.columns.len()),
        primary.clone(), // indisunique
        NO,              // indnullsnotdistinct
        primary,         // indisprimary
        NO,              // indisexclusion
        YES,             // indimmediate
        NO,              // indisclustered
        YES,             // indisvalid
        NO,              // indcheckxmin
        YES,             // indisready
        YES,             // indislive
        NO,              // indisreplident
        vector(oid::INT2, columns().map(|column| Value::Int2(column.attnum))),
        vector(oid::OID, columns().map(|column| oid(collation(column)))),
        vector(oid::OID, columns().map(|column| oid(class(column)))),
        vector(oid::INT2, columns().map(|_| Value::Int2(0))),
        Value::Null,
        Value::Null,
    ]
}

fn constraint_row(table: &LiveRelation, key: &KeyIndex) -> Row {
    let numbers = key_columns(table, key).map(|column| Value::Int2(column.attnum)).collect();
    let mut row = vec![
        oid(key.constraint),
        text(&key.name),
        oid(PUBLIC),
        Value::Char(b'p'),
        NO,  // condeferrable
        NO,  // condeferred
        YES, // convalidated
        oid(table.relation.oid),
        NONE, // contypid
        oid(key.oid),
        NONE, // conparentid
        NONE, // confrelid
        Value::Char(b' '),
        Value::Char(b' '),
        Value::Char(b' '),
        YES,            // conislocal
        Value::Int4(0), // coninhcount
        YES,            // connoinherit
        Value::Array(Arc::new(Array::one_dimensional(oid::INT2, numbers))),
    ];
    row.extend([const { Value::Null }; 7]); // confkey … conbin
    row
}

fn rule_row(table: &LiveRelation) -> Row {
    vec![
        oid(table.rule),
        Value::text("_RETURN"),
        oid(table.relation.oid),
        Value::Char(b'1'),
        Value::Char(b'O'),
        YES,
        Value::text("<>"),
        Value::text("<>"),
    ]
}

fn description_row(table: &LiveRelation) -> Option<Row> {
    let description = table.description.as_ref()?;
    Some(vec![oid(table.relation.oid), oid(PG_CLASS), Value::Int4(0), text(description)])
}

/// `pg_depend`: what would go with what.
fn depend_rows(table: &LiveRelation, rows: &mut Vec<Row>) {
    let relation = table.relation.oid;
    let mut depend = |class: Oid, object: Oid, on_class: Oid, on: Oid, on_column: i16, kind: u8| {
        rows.push(vec![
            oid(class),
            oid(object),
            Value::Int4(0),
            oid(on_class),
            oid(on),
            Value::Int4(on_column.into()),
            Value::Char(kind),
        ]);
    };
    depend(PG_TYPE, table.row_type, PG_CLASS, relation, 0, b'i');
    depend(PG_TYPE, table.array_type, PG_TYPE, table.row_type, 0, b'i');
    depend(PG_CLASS, relation, PG_NAMESPACE, PUBLIC, 0, b'n');
    if table.rule.is_valid() {
        depend(PG_REWRITE, table.rule, PG_CLASS, relation, 0, b'i');
    }
    if let Some(key) = &table.key {
        for column in key_columns(table, key) {
            depend(PG_CONSTRAINT, key.constraint, PG_CLASS, relation, column.attnum, b'a');
        }
        depend(PG_CLASS, key.oid, PG_CONSTRAINT, key.constraint, 0, b'i');
    }
    for index in &table.others {
        for column in key_columns(table, index) {
            depend(PG_CLASS, index.oid, PG_CLASS, relation, column.attnum, b'a');
        }
    }
}
