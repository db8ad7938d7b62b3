//! The same entries by the cluster's SQL and by this client's reader.

use std::collections::BTreeMap;
use std::time::Duration;

use hazelcast_client::{
    Client, Data, EntryColumn, EntryError, EntryFormat, EntryLayout, Error, Page, SqlColumnType, SqlResult,
    Value, ValueRef,
};

pub const LIMIT: Duration = Duration::from_secs(30);

pub async fn client() -> Client {
    let member =
        std::env::var("HAZELGRES_TEST_MEMBER").expect("HAZELGRES_TEST_MEMBER names a member, host:port");
    let cluster = std::env::var("HAZELGRES_TEST_CLUSTER").unwrap_or_else(|_| "dev".to_string());
    let builder = Client::builder().address(member).cluster_name(cluster).client_name("entry-tests");
    let client = builder.connect_within(LIMIT).await.expect("the member answers");
    // The list of members comes a moment after the connection.
    let known = |state: &hazelcast_client::ClientState| !state.members.is_empty();
    tokio::time::timeout(LIMIT, client.state().wait_for(known)).await.expect("a member").expect("a client");
    client
}

/// The version of the cluster's members: of the same statement, SQL of another may say something else.
pub fn version(client: &Client) -> (u8, u8, u8) {
    client.state().borrow().members.first().map(|member| member.version).expect("a member")
}

pub async fn run(client: &Client, sql: &str) {
    if let Err(error) = client.sql(sql).local_timeout(LIMIT).execute().await {
        panic!("{sql}: {error}");
    }
}

/// All types that a mapping can declare, with their names.
pub const TYPES: [(SqlColumnType, &str); 14] = [
    (SqlColumnType::Varchar, "VARCHAR"),
    (SqlColumnType::Boolean, "BOOLEAN"),
    (SqlColumnType::TinyInt, "TINYINT"),
    (SqlColumnType::SmallInt, "SMALLINT"),
    (SqlColumnType::Integer, "INTEGER"),
    (SqlColumnType::BigInt, "BIGINT"),
    (SqlColumnType::Decimal, "DECIMAL"),
    (SqlColumnType::Real, "REAL"),
    (SqlColumnType::Double, "DOUBLE"),
    (SqlColumnType::Date, "DATE"),
    (SqlColumnType::Time, "TIME"),
    (SqlColumnType::Timestamp, "TIMESTAMP"),
    (SqlColumnType::TimestampTz, "TIMESTAMP WITH TIME ZONE"),
    (SqlColumnType::Json, "JSON"),
];

pub fn type_name(column_type: SqlColumnType) -> &'static str {
    match TYPES.iter().find(|(known, _)| *known == column_type) {
        Some((_, name)) => name,
        None => "OBJECT",
    }
}

/// A mapping that both read.
pub struct Mapping {
    pub name: String,
    pub map: String,
    pub columns: Vec<(String, String, SqlColumnType)>,
    pub options: Vec<(String, String)>,
}

impl Mapping {
    /// A mapping of `int` keys to values of a format; `columns`: external name and type of each.
    pub fn new(name: &str, value: &[(&str, &str)], columns: &[(&str, SqlColumnType)]) -> Self {
        let mut options = vec![("keyFormat".to_string(), "int".to_string())];
        options.extend(value.iter().map(|(name, value)| ((*name).to_string(), (*value).to_string())));
        let mut all = vec![("__key".to_string(), "__key".to_string(), SqlColumnType::Integer)];
        all.extend(columns.iter().enumerate().map(|(index, (external, column_type))| {
            let name = if *external == "this" { "this".to_string() } else { format!("c{index}") };
            (name, (*external).to_string(), *column_type)
        }));
        Self { name: name.to_string(), map: name.to_string(), columns: all, options }
    }

    /// The same, over another map.
    pub fn over(mut self, map: &str) -> Self {
        self.map = map.to_string();
        self
    }

    pub fn layout(&self) -> EntryLayout {
        let option = |wanted: &str| {
            self.options.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
        };
        let column = |(name, external, column_type): &(String, String, SqlColumnType)| EntryColumn {
            name: name.clone(),
            external_name: external.clone(),
            column_type: *column_type,
        };
        EntryLayout::new(
            self.map.clone(),
            EntryFormat::of_mapping(true, option),
            EntryFormat::of_mapping(false, option),
            self.columns.iter().map(column),
        )
    }

    /// Makes the mapping, and its map empty.
    pub async fn create(&self, client: &Client) {
        self.declare(client).await;
        client.map(self.map.clone()).clear().await.unwrap();
    }

    /// Makes the mapping.
    pub async fn declare(&self, client: &Client) {
        let column = |(name, external, column_type): &(String, String, SqlColumnType)| {
            let name_is_external = name == "__key" || name == "this";
            let external =
                if name_is_external { String::new() } else { format!(" EXTERNAL NAME \"{external}\"") };
            format!("\"{name}\" {}{external}", type_name(*column_type))
        };
        let columns: Vec<_> = self.columns.iter().map(column).collect();
        let option = |(name, value): &(String, String)| format!("'{name}'='{value}'");
        let options: Vec<_> = self.options.iter().map(option).collect();
        let (columns, options) = (columns.join(", "), options.join(", "));
        let (name, map) = (&self.name, &self.map);
        let sql = format!(
            "CREATE OR REPLACE MAPPING \"{name}\" EXTERNAL NAME \"{map}\" ({columns}) TYPE IMap OPTIONS ({options})"
        );
        run(client, &sql).await;
    }
}

/// A value, or the message of the error in its place.
pub type Answer = Result<String, String>;

impl Mapping {
    /// Writes an entry by SQL.
    pub async fn sink(&self, client: &Client, key: i32, values: Vec<Value>) {
        self.try_sink(client, key, values).await.unwrap();
    }

    /// Writes an entry by SQL, if the member can.
    pub async fn try_sink(&self, client: &Client, key: i32, values: Vec<Value>) -> Result<(), Error> {
        let places = vec!["?"; values.len() + 1].join(", ");
        let sql = format!("SINK INTO \"{}\" VALUES ({places})", self.name);
        let arguments = std::iter::once(Value::Integer(key)).chain(values);
        client.sql(sql).args(arguments).local_timeout(LIMIT).execute().await.map(drop)
    }
}

pub fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Real(value) => format!("Real({value}, {:x})", value.to_bits()),
        ValueRef::Double(value) => format!("Double({value}, {:x})", value.to_bits()),
        ValueRef::Decimal(value) => format!("Decimal({}, scale {})", value.to_decimal(), value.scale),
        other => format!("{other:?}"),
    }
}

/// What SQL says.
pub async fn by_sql(client: &Client, sql: &str, arguments: Vec<Value>) -> Result<Vec<Page>, String> {
    let message = |error: Error| match error {
        Error::Sql(error) => error.root_message().to_string(),
        other => panic!("{sql}: {other}"),
    };
    let result = client.sql(sql).args(arguments).local_timeout(LIMIT).execute().await.map_err(message)?;
    let SqlResult::Rows(mut rows) = result else { panic!("{sql}: no rows") };
    let mut pages = Vec::new();
    while let Some(page) = rows.next_page().await.map_err(message)? {
        pages.push(page);
    }
    Ok(pages)
}

/// What was compared.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub equal: usize,
    pub errors: usize,
    /// Left to SQL.
    pub left: usize,
}

/// Reads one column of one entry.
pub async fn by_reader(
    client: &Client,
    layout: &EntryLayout,
    column: usize,
    (key, value): &(Data, Data),
) -> Result<Answer, String> {
    let mut reader = layout.reader(client, &[column]).map_err(|error| error.what)?;
    let mut page = reader.page();
    loop {
        return match reader.read(key.as_bytes(), value.as_bytes(), &mut page) {
            Ok(()) => Ok(Ok(shown(page.finish(true).value(0, 0)))),
            Err(EntryError::Invalid { message, .. }) => Ok(Err(message)),
            Err(EntryError::NeedsSql(reason)) => Err(reason.what),
            Err(EntryError::UnknownSchema(id)) => {
                assert!(client.compact_schema(id).await.unwrap().is_some(), "the cluster has no schema {id}");
                continue;
            }
            Err(other) => panic!("{other}"),
        };
    }
}

/// Compares every column of every entry, one by one by key and all together by a scan. Keys are of a basic type.
pub async fn compare(client: &Client, mapping: &Mapping) -> Count {
    let layout = mapping.layout();
    let entries = client.map(mapping.map.clone()).entry_set().await.unwrap();
    let mut count = Count::default();
    let mut wrong = Vec::new();
    for (column, (name, _, _)) in mapping.columns.iter().enumerate() {
        // What a scan must show.
        let mut good = BTreeMap::new();
        let mut bad = 0;
        for entry in &entries {
            let key = entry.0.to_value().unwrap();
            let sql = format!("SELECT \"{name}\" FROM \"{}\" WHERE __key = ?", mapping.name);
            let theirs = by_sql(client, &sql, vec![key.clone()]).await;
            let theirs = theirs.map(|pages| {
                let page = pages.iter().find(|page| page.rows() > 0).expect("the entry is there");
                shown(page.value(0, 0))
            });
            match by_reader(client, &layout, column, entry).await {
                Err(_) => count.left += 1,
                Ok(ours) if ours != theirs => {
                    let value = format!("{:?}", entry.1.to_value());
                    let start: String = value.chars().take(100).collect();
                    wrong.push(format!("{name} of {key:?} = {start}\n  SQL: {theirs:?}\n  we:  {ours:?}"));
                }
                Ok(Ok(value)) => {
                    count.equal += 1;
                    good.insert(format!("{key:?}"), (key, value));
                }
                Ok(Err(_)) => {
                    count.errors += 1;
                    bad += 1;
                }
            }
        }
        scan(client, mapping, name, &good).await;
        // A scan that fails takes its time: one for each mapping.
        if bad > 0 && count.errors == bad {
            let sql = format!("SELECT \"{name}\" FROM \"{}\"", mapping.name);
            let all = by_sql(client, &sql, vec![]).await;
            assert!(all.is_err(), "a scan of {}.{name} reads what look-ups can't", mapping.name);
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    count
}

/// A scan shows the values that are good.
async fn scan(client: &Client, mapping: &Mapping, column: &str, good: &BTreeMap<String, (Value, String)>) {
    let map = &mapping.name;
    let keys: Vec<String> = good.values().filter_map(|(key, _)| literal(key)).collect();
    if keys.is_empty() {
        return;
    }
    let sql = format!("SELECT __key, \"{column}\" FROM \"{map}\" WHERE __key IN ({})", keys.join(", "));
    let pages = by_sql(client, &sql, vec![]).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    let mut rows = 0;
    for page in &pages {
        for row in 0..page.rows() {
            let key = format!("{:?}", Value::Integer(page.i32(row, 0).unwrap_or_default()));
            let (_, value) = good.get(&key).expect("a key that was asked for");
            assert_eq!(shown(page.value(row, 1)), *value, "a scan of {map}.{column} at {key}");
            rows += 1;
        }
    }
    assert_eq!(rows, keys.len());
}

fn literal(key: &Value) -> Option<String> {
    match key {
        Value::Integer(key) => Some(key.to_string()),
        _ => None,
    }
}
