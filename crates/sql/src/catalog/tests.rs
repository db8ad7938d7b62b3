//! The four mappings of the movie data, as a cluster tells of them.

use std::sync::Arc;

use pg::catalog::system_relation;
use pg::{Oid, Value, oid};

use super::system::SYSTEM_COLUMNS;
use super::system::tables::*;
use super::*;

fn columns(table: &str, list: &[(&str, &str)]) -> Vec<ColumnRow> {
    list.iter()
        .zip(1..)
        .map(|((name, data_type), ordinal)| ColumnRow {
            schema: "public".into(),
            table: table.into(),
            name: (*name).into(),
            external_name: Some(if *name == "__key" { "__key".into() } else { format!("this.{name}") }),
            ordinal,
            data_type: (*data_type).into(),
            nullable: true,
        })
        .collect()
}

fn mapping(name: &str, rows: u64) -> MappingRow {
    MappingRow {
        schema: "public".into(),
        name: name.into(),
        external_name: format!("\"{name}\""),
        connector: "IMap".into(),
        options: r#"{"keyFormat":"int","valueFormat":"json-flat"}"#.into(),
        rows: Some(rows),
        entry_bytes: None,
        network: Network::default(),
    }
}

/// `corpus/movies.sql`, after loading.
pub(crate) fn movies() -> Metadata {
    let mut metadata = Metadata { cluster: "dev".into(), ..Metadata::default() };
    metadata.mappings =
        vec![mapping("movies", 500), mapping("casts", 2400), mapping("actors", 900), mapping("reviews", 300)];
    metadata.columns = [
        columns(
            "movies",
            &[
                ("__key", "INTEGER"),
                ("id", "INTEGER"),
                ("title", "VARCHAR"),
                ("description", "VARCHAR"),
                ("popularity", "DOUBLE"),
                ("release_date", "VARCHAR"),
                ("vote_average", "DOUBLE"),
                ("vote_count", "INTEGER"),
            ],
        ),
        columns("casts", &[("__key", "INTEGER"), ("movie_id", "INTEGER"), ("actor_id", "INTEGER")]),
        columns(
            "actors",
            &[
                ("__key", "INTEGER"),
                ("gender", "INTEGER"),
                ("id", "INTEGER"),
                ("name", "VARCHAR"),
                ("popularity", "DOUBLE"),
            ],
        ),
        columns(
            "reviews",
            &[
                ("__key", "INTEGER"),
                ("movie_id", "INTEGER"),
                ("author", "VARCHAR"),
                ("rating", "DOUBLE"),
                ("content", "VARCHAR"),
            ],
        ),
    ]
    .concat();
    metadata
}

/// With the fifth table of the recorded statements.
pub(crate) fn corpus_metadata() -> Metadata {
    let mut metadata = movies();
    metadata.mappings.push(mapping("types", 6));
    metadata.columns.extend(columns(
        "types",
        &[
            ("__key", "INTEGER"),
            ("c_smallint", "SMALLINT"),
            ("c_int", "INTEGER"),
            ("c_bigint", "BIGINT"),
            ("c_real", "REAL"),
            ("c_double", "DOUBLE"),
            ("c_numeric", "DECIMAL"),
            ("c_boolean", "BOOLEAN"),
            ("c_varchar", "VARCHAR"),
            ("c_date", "DATE"),
            ("c_time", "TIME"),
            ("c_timestamp", "TIMESTAMP"),
            ("c_timestamptz", "TIMESTAMP WITH TIME ZONE"),
            ("c_json", "JSON"),
        ],
    ));
    metadata
}

pub(crate) fn catalog(metadata: &Metadata) -> Catalog {
    Catalog::new(Arc::new(Database::new(metadata, 1)), "hazelcast", "postgres", Vec::new())
}

fn find(catalog: &Catalog, relation: Oid, column: &str, value: &Value) -> Vec<Vec<Value>> {
    let table = catalog.relation_by_oid(relation).expect("a table");
    let at = table.columns.iter().position(|c| c.name.as_ref() == column).expect("a column");
    catalog.rows(relation).iter().filter(|row| row[at] == *value).cloned().collect()
}

/// A field by the name of its column.
fn field<'a>(relation: Oid, row: &'a [Value], column: &str) -> &'a Value {
    let columns = &system_relation(relation).expect("a table").columns;
    &row[columns.iter().position(|c| c.name == column).expect("a column")]
}

fn public() -> Vec<Arc<str>> {
    vec!["public".into()]
}

#[test]
fn names_are_found_by_their_three_readings() {
    let mut metadata = movies();
    for name in ["Mixed", "UPPER", "Two", "TWO"] {
        metadata.mappings.push(mapping(name, 0));
    }
    let catalog = catalog(&metadata);
    let find = |name: Name| catalog.relation(None, &name, &public()).map(|r| r.name.to_string());
    assert_eq!(find(Name::unquoted("Movies")).as_deref(), Some("movies"));
    assert_eq!(find(Name::quoted("Movies")), None);
    assert_eq!(find(Name::unquoted("mixed")).as_deref(), Some("Mixed"));
    assert_eq!(find(Name::unquoted("upper")).as_deref(), Some("UPPER"));
    assert_eq!(find(Name::unquoted("Two")).as_deref(), Some("Two"));
    assert_eq!(find(Name::unquoted("two")), None);
    assert_eq!(find(Name::unquoted("PG_CLASS")).as_deref(), Some("pg_class"));
    assert_eq!(find(Name::unquoted("tables")), None);
    let schema = Name::unquoted("INFORMATION_SCHEMA");
    let tables = catalog.relation(Some(&schema), &Name::unquoted("tables"), &public()).expect("a view");
    assert!(matches!(&tables.kind, RelationKind::View { definition } if definition.contains("pg_class")));
    assert_eq!(tables.columns.len(), 12);
}

/// Every row of every table has a value of its column's type in every column.
#[test]
fn rows_have_the_shape_of_their_tables() {
    let mut metadata = movies();
    metadata.views.push(ViewRow { schema: "public".into(), name: "v".into(), definition: "SELECT 1".into() });
    metadata.columns.push(ColumnRow {
        external_name: None,
        ..columns("v", &[("x", "TIMESTAMP_WITH_TIME_ZONE")])[0].clone()
    });
    metadata.mappings[0].connector = "Kafka".into();
    let catalog = catalog(&metadata);
    for relation in pg::catalog::system_relations().iter().filter(|r| r.kind == 'r') {
        let Some(table) = catalog.relation_by_oid(relation.oid) else { continue };
        for row in catalog.rows(relation.oid).iter() {
            assert_eq!(row.len(), table.columns.len(), "{}", table.name);
            for (value, column) in row.iter().zip(&table.columns) {
                let place = format!("{}.{} {value:?}", table.name, column.name);
                assert!(has_type(value, column.ty.oid), "{place}");
                assert!(!(column.not_null && value.is_null()), "{place}");
            }
        }
    }
}

fn has_type(value: &Value, ty: Oid) -> bool {
    let ty = pg::catalog::base_type(ty, -1).0;
    match value {
        Value::Null => true,
        Value::Bool(_) => ty == oid::BOOL,
        Value::Char(_) => ty == oid::CHAR,
        Value::Int2(_) => ty == oid::INT2,
        Value::Int4(_) => ty == oid::INT4,
        Value::Int8(_) => ty == oid::INT8,
        Value::Float4(_) => ty == oid::FLOAT4,
        Value::Oid(_) => matches!(ty, oid::OID | oid::REGPROC | oid::XID | oid::CID),
        Value::Array(array) => pg::catalog::element_type(ty) == Some(array.element),
        Value::Text(_) => matches!(ty, oid::TEXT | oid::NAME | oid::PG_NODE_TREE | oid::TID | oid::VARCHAR),
        _ => false,
    }
}

#[test]
fn a_mapping_is_a_table_with_a_primary_key() {
    let mut metadata = movies();
    metadata.mappings.iter_mut().for_each(|mapping| mapping.entry_bytes = Some(100));
    let catalog = catalog(&metadata);
    let class = find(&catalog, PG_CLASS, "relname", &Value::text("movies"));
    assert_eq!(class.len(), 1);
    let get = |column| field(PG_CLASS, &class[0], column);
    assert_eq!(get("relkind"), &Value::Char(b'r'));
    assert_eq!(get("relnatts"), &Value::Int2(8));
    assert_eq!(get("reltuples"), &Value::Float4(500.0));
    // What has pages is read by ranges of ctid.
    assert_eq!(get("relpages"), &Value::Int4(0));
    assert_eq!(get("relhasindex"), &Value::Bool(true));
    assert_eq!(get("relreplident"), &Value::Char(b'd'));
    let oid = get("oid").clone();

    let columns = find(&catalog, PG_ATTRIBUTE, "attrelid", &oid);
    assert_eq!(columns.len(), 8 + SYSTEM_COLUMNS.len());
    let title = |column| field(PG_ATTRIBUTE, &columns[2], column);
    assert_eq!(title("attname"), &Value::text("title"));
    assert_eq!(title("atttypid"), &Value::Oid(oid::VARCHAR));
    assert_eq!(title("attcollation"), &Value::Oid(Oid(100)));
    assert_eq!(title("attstorage"), &Value::Char(b'x'));
    assert_eq!(title("attnotnull"), &Value::Bool(false));
    let key = |column| field(PG_ATTRIBUTE, &columns[0], column);
    assert_eq!(
        (key("attnotnull"), key("attlen"), key("attalign")),
        (&Value::Bool(true), &Value::Int2(4), &Value::Char(b'i'))
    );

    let index = find(&catalog, PG_INDEX, "indrelid", &oid);
    assert_eq!(index.len(), 1);
    let get = |column| field(PG_INDEX, &index[0], column);
    assert_eq!(get("indisprimary"), &Value::Bool(true));
    assert_eq!(get("indkey"), &Value::Array(Arc::new(pg::Array::vector(oid::INT2, vec![Value::Int2(1)]))));
    assert_eq!(
        get("indclass"),
        &Value::Array(Arc::new(pg::Array::vector(oid::OID, vec![Value::Oid(Oid(1978))])))
    );
    let relation = find(&catalog, PG_CLASS, "oid", get("indexrelid"));
    assert_eq!(field(PG_CLASS, &relation[0], "relname"), &Value::text("movies_pkey"));
    let constraint = find(&catalog, PG_CONSTRAINT, "conrelid", &oid);
    assert_eq!(field(PG_CONSTRAINT, &constraint[0], "conname"), &Value::text("movies_pkey"));
    let types = find(&catalog, PG_TYPE, "typname", &Value::text("_movies"));
    assert_eq!(field(PG_TYPE, &types[0], "typelem"), field(PG_CLASS, &class[0], "reltype"));
    assert!(find(&catalog, PG_DESCRIPTION, "objoid", &oid).is_empty());
}

#[test]
fn what_hazelcast_hides_is_hidden() {
    let mut metadata = movies();
    metadata.mappings.push(mapping("flat", 0));
    metadata.columns.extend(columns("flat", &[("a", "INTEGER")]));
    let catalog = catalog(&metadata);
    let relation = catalog.relation(None, &Name::unquoted("flat"), &public()).expect("flat");
    let hidden: Vec<_> = relation.columns.iter().filter(|c| c.hidden).map(|c| (&*c.name, c.ty.oid)).collect();
    assert_eq!(hidden, [("__key", oid::INT4), ("this", oid::TEXT)]);
    assert_eq!(relation.columns[1].attnum, 2);
    // Nothing of the key is declared: no primary key.
    let oid = Value::Oid(relation.oid);
    assert!(find(&catalog, PG_INDEX, "indrelid", &oid).is_empty());
    assert_eq!(find(&catalog, PG_ATTRIBUTE, "attrelid", &oid).len(), 1 + SYSTEM_COLUMNS.len());
}

#[test]
fn data_connections_are_foreign_servers() {
    let mut metadata = movies();
    let connection =
        |name: &str, connector: &str| ConnectionRow { name: name.into(), connector: connector.into() };
    metadata.connections =
        vec![connection("hr", "Jdbc"), connection("shop", "Jdbc"), connection("log", "Kafka")];
    let catalog = catalog(&metadata);
    let wrappers = catalog.rows(PG_FOREIGN_DATA_WRAPPER);
    assert_eq!(
        wrappers.iter().map(|row| row[1].clone()).collect::<Vec<_>>(),
        ["Jdbc", "Kafka"].map(Value::text)
    );
    let servers = catalog.rows(PG_FOREIGN_SERVER);
    let of: Vec<(&Value, &Value)> = servers.iter().map(|row| (&row[1], &row[3])).collect();
    let names = ["hr", "shop", "log"].map(Value::text);
    assert_eq!(
        of,
        [(&names[0], &wrappers[0][0]), (&names[1], &wrappers[0][0]), (&names[2], &wrappers[1][0])]
    );
    assert!(servers.iter().all(|row| row[7] == Value::Null));
}

#[test]
fn composite_keys_and_other_connectors() {
    let mut metadata = movies();
    metadata.mappings.push(mapping("pairs", 0));
    metadata.mappings.push(MappingRow { connector: "Kafka".into(), ..mapping("topic", 0) });
    metadata.mappings.push(mapping("pairs_pkey", 0));
    let mut pairs = columns("pairs", &[("a", "INTEGER"), ("b", "VARCHAR"), ("c", "DOUBLE")]);
    pairs[0].external_name = Some("__key.a".into());
    pairs[1].external_name = Some("__key.b".into());
    metadata.columns.extend(pairs);
    metadata.columns.extend(columns("topic", &[("__key", "INTEGER"), ("x", "JSON")]));
    let catalog = catalog(&metadata);
    let table = catalog.database().table("public", "pairs").expect("pairs");
    let key = table.key.as_ref().expect("a key");
    assert_eq!((&*key.name, key.columns.as_slice()), ("pairs_pkey1", &[0, 1][..]));
    assert!(!table.relation.columns[0].not_null);
    let oid = Value::Oid(table.relation.oid);
    let columns = find(&catalog, PG_ATTRIBUTE, "attrelid", &oid);
    assert_eq!(field(PG_ATTRIBUTE, &columns[1], "attnotnull"), &Value::Bool(true));
    let topic = catalog.database().table("public", "topic").expect("topic");
    assert!(topic.key.is_none() && topic.relation.mapping().is_some_and(|m| m.streaming));
    assert_eq!(topic.description.as_deref(), Some("Kafka topic"));
}

#[test]
fn identifiers_depend_on_names_alone() {
    let oids = |metadata: &Metadata| -> Vec<(String, Oid)> {
        Database::new(metadata, 7)
            .tables()
            .iter()
            .map(|t| (t.relation.name.to_string(), t.relation.oid))
            .collect()
    };
    let first = oids(&movies());
    let mut turned = movies();
    turned.mappings.reverse();
    turned.columns.reverse();
    assert_eq!(first, oids(&turned));
    assert!(first.iter().all(|(_, oid)| oid.0 >= 16384 && oid.0 < 1 << 31));
    turned.cluster = "other".into();
    assert_ne!(first, oids(&turned));
}

#[test]
fn the_session_is_in_the_catalog() {
    let database = Arc::new(Database::new(&movies(), 1));
    let catalog = Catalog::new(database, "cinema", "alice", vec!["other".into()]);
    let names = |relation| -> Vec<String> {
        catalog.rows(relation).iter().filter_map(|row| row[1].as_str().map(str::to_owned)).collect()
    };
    assert_eq!(names(PG_DATABASE), ["template1", "template0", "cinema", "other"]);
    assert!(names(PG_AUTHID).contains(&"alice".into()) && names(PG_AUTHID).contains(&"postgres".into()));
    let alice = catalog.role_oid("alice").expect("alice");
    assert_eq!(catalog.role_name(alice).as_deref(), Some("alice"));
    assert_eq!(catalog.role_oid("postgres"), Some(Oid(10)));
}

#[test]
fn hazelcasts_own_view_is_reachable() {
    let catalog = catalog(&movies());
    let schema = Name::unquoted("information_schema");
    let mappings = catalog.relation(Some(&schema), &Name::unquoted("mappings"), &public()).expect("mappings");
    let rows = catalog.rows(mappings.oid);
    assert_eq!((rows.len(), mappings.columns.len()), (4, 6));
    let texts: Vec<_> = rows[2].iter().map(|value| value.as_str().unwrap_or_default()).collect();
    let options = r#"{"keyFormat":"int","valueFormat":"json-flat"}"#;
    assert_eq!(texts, ["hazelcast", "public", "movies", "movies", "IMap", options]);
}

/// A view's columns are of the types that PostgreSQL gives its definition, if it understands that.
#[test]
fn views_mean_what_their_definitions_mean() {
    let mut metadata = movies();
    let mut view = |name: &str, types: &[(&str, &str)], definition: &str| {
        metadata.columns.extend(columns(name, types));
        let definition = definition.to_owned();
        metadata.views.push(ViewRow { schema: "public".into(), name: name.into(), definition });
    };
    let averages = [("n", "DOUBLE"), ("q", "TINYINT")];
    // Named so that it is read before the view that it reads.
    view(
        "above",
        &[("x", "DOUBLE")],
        r#"SELECT "v"."n" + 1 AS "x" FROM "hazelcast"."public"."averages" AS "v""#,
    );
    view(
        "averages",
        &averages,
        r#"SELECT AVG("vote_count") AS "n", 7 / 2 AS "q" FROM "hazelcast"."public"."movies""#,
    );
    view(
        "json",
        &[("j", "JSON")],
        r#"SELECT JSON_QUERY("title", '$') AS "j" FROM "hazelcast"."public"."movies""#,
    );
    view(
        "typed",
        &[("d", "DOUBLE"), ("t", "TINYINT"), ("n", "DECIMAL"), ("v", "VARCHAR")],
        r#"SELECT CAST(1 AS DOUBLE) AS "d",
      CAST(1 AS TINYINT) AS "t", CAST("m"."id" AS DECIMAL(76, 38)) - 1.5 AS "n",
      CAST("m"."id" AS VARCHAR CHARACTER SET "UTF-16LE") || 'hazelcast.x' AS "v" FROM "hazelcast"."public"."movies" AS "m""#,
    );
    let database = Database::new(&metadata, 1);
    let types = |name: &str| -> Vec<Oid> {
        database.table("public", name).unwrap().relation.columns.iter().map(|column| column.ty.oid).collect()
    };
    assert_eq!(types("averages"), [oid::NUMERIC, oid::INT4]);
    assert_eq!(types("above"), [oid::NUMERIC]);
    assert_eq!(types("json"), [oid::JSON]);
    assert_eq!(types("typed"), [oid::FLOAT8, oid::INT2, oid::NUMERIC, oid::TEXT]);
    let RelationKind::View { definition } = &database.table("public", "typed").unwrap().relation.kind else {
        panic!()
    };
    assert!(definition.contains(r#"CAST("m"."id" AS DECIMAL) - 1.5"#), "{definition}");
    assert!(
        definition
            .ends_with(r#"CAST("m"."id" AS VARCHAR ) || 'hazelcast.x' AS "v" FROM "public"."movies" AS "m""#)
    );
    let kind = |name: &str| &database.table("public", name).unwrap().relation.kind;
    assert!(matches!(kind("above"), RelationKind::View { .. }));
    assert!(matches!(kind("json"), RelationKind::ClusterView { .. }));
}
