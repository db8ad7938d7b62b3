//! The tables of TPC-H on both sides, by `COPY`.

use testbed::wire::{Client, message};
use tpchgen::generators::{
    CustomerGenerator, LineItemGenerator, NationGenerator, OrderGenerator, PartGenerator, PartSuppGenerator,
    RegionGenerator, SupplierGenerator,
};

/// A table: its columns with the kinds of their types, and how many of the first make its key.
struct Table {
    name: &'static str,
    key: usize,
    columns: &'static [(&'static str, Type)],
}

/// The types that the tables have.
#[derive(Clone, Copy)]
enum Type {
    Integer,
    Decimal,
    Text,
    Date,
}

use Type::{Date, Decimal, Integer, Text};

const TABLES: [Table; 8] = [
    Table {
        name: "region",
        key: 1,
        columns: &[("r_regionkey", Integer), ("r_name", Text), ("r_comment", Text)],
    },
    Table {
        name: "nation",
        key: 1,
        columns: &[("n_nationkey", Integer), ("n_name", Text), ("n_regionkey", Integer), ("n_comment", Text)],
    },
    Table {
        name: "supplier",
        key: 1,
        columns: &[
            ("s_suppkey", Integer),
            ("s_name", Text),
            ("s_address", Text),
            ("s_nationkey", Integer),
            ("s_phone", Text),
            ("s_acctbal", Decimal),
            ("s_comment", Text),
        ],
    },
    Table {
        name: "part",
        key: 1,
        columns: &[
            ("p_partkey", Integer),
            ("p_name", Text),
            ("p_mfgr", Text),
            ("p_brand", Text),
            ("p_type", Text),
            ("p_size", Integer),
            ("p_container", Text),
            ("p_retailprice", Decimal),
            ("p_comment", Text),
        ],
    },
    Table {
        name: "partsupp",
        key: 2,
        columns: &[
            ("ps_partkey", Integer),
            ("ps_suppkey", Integer),
            ("ps_availqty", Integer),
            ("ps_supplycost", Decimal),
            ("ps_comment", Text),
        ],
    },
    Table {
        name: "customer",
        key: 1,
        columns: &[
            ("c_custkey", Integer),
            ("c_name", Text),
            ("c_address", Text),
            ("c_nationkey", Integer),
            ("c_phone", Text),
            ("c_acctbal", Decimal),
            ("c_mktsegment", Text),
            ("c_comment", Text),
        ],
    },
    Table {
        name: "orders",
        key: 1,
        columns: &[
            ("o_orderkey", Integer),
            ("o_custkey", Integer),
            ("o_orderstatus", Text),
            ("o_totalprice", Decimal),
            ("o_orderdate", Date),
            ("o_orderpriority", Text),
            ("o_clerk", Text),
            ("o_shippriority", Integer),
            ("o_comment", Text),
        ],
    },
    Table {
        name: "lineitem",
        key: 2,
        columns: &[
            ("l_orderkey", Integer),
            ("l_linenumber", Integer),
            ("l_partkey", Integer),
            ("l_suppkey", Integer),
            ("l_quantity", Decimal),
            ("l_extendedprice", Decimal),
            ("l_discount", Decimal),
            ("l_tax", Decimal),
            ("l_returnflag", Text),
            ("l_linestatus", Text),
            ("l_shipdate", Date),
            ("l_commitdate", Date),
            ("l_receiptdate", Date),
            ("l_shipinstruct", Text),
            ("l_shipmode", Text),
            ("l_comment", Text),
        ],
    },
];

/// The order in which the generator tells the columns of a line item: the key's second part is its fourth.
const LINEITEM: &str = "l_orderkey, l_partkey, l_suppkey, l_linenumber, l_quantity, l_extendedprice, l_discount, l_tax, \
     l_returnflag, l_linestatus, l_shipdate, l_commitdate, l_receiptdate, l_shipinstruct, l_shipmode, l_comment";

/// Makes the tables on both sides, and fills them: by a scale factor, and with so many orders at most.
pub(super) fn load((scale, orders): (f64, Option<usize>), gateway: u16, oracle: u16) -> Result<(), String> {
    let (mut gateway, mut oracle) = (Client::connect(gateway), Client::connect(oracle));
    let mut last_order = u64::MAX;
    for table in &TABLES {
        gateway.query(&table.mapping()).ok();
        oracle.query(&table.table()).ok();
        let lines = match (table.name, orders) {
            ("orders", Some(orders)) => {
                let lines: Vec<String> = lines(table.name, scale).into_iter().take(orders).collect();
                last_order = lines.last().map_or(0, |line| number(line));
                lines
            }
            (name, _) => lines(name, scale),
        };
        let lines = match table.name {
            "lineitem" => lines.into_iter().filter(|line| number(line) <= last_order).collect(),
            _ => lines,
        };
        let columns = match table.name {
            "lineitem" => LINEITEM.to_owned(),
            _ => table.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", "),
        };
        for client in [&mut gateway, &mut oracle] {
            copy(
                client,
                &format!("COPY {} ({columns}) FROM STDIN WITH (DELIMITER '|')", table.name),
                &lines,
            )?;
        }
    }
    oracle.query("ANALYZE").ok();
    Ok(())
}

impl Table {
    fn mapping(&self) -> String {
        let column = |(at, (name, ty)): (usize, &(&str, Type))| {
            let ty = match ty {
                Integer => "INT",
                Decimal => "DECIMAL",
                Text => "VARCHAR",
                Date => "DATE",
            };
            let external =
                if at < self.key { format!(" EXTERNAL NAME \"__key.{name}\"") } else { String::new() };
            format!("{name} {ty}{external}")
        };
        let columns: Vec<String> = self.columns.iter().enumerate().map(column).collect();
        format!(
            "CREATE OR REPLACE MAPPING {} ({}) TYPE IMap OPTIONS ('keyFormat' = 'json-flat', 'valueFormat' = 'json-flat')",
            self.name,
            columns.join(", ")
        )
    }

    /// No modifiers: the cluster's types have none, and they are a part of the answers' types.
    fn table(&self) -> String {
        let column = |(name, ty): &(&str, Type)| {
            let ty = match ty {
                Integer => "int",
                Decimal => "numeric",
                Text => "varchar",
                Date => "date",
            };
            format!("{name} {ty}")
        };
        let columns: Vec<String> = self.columns.iter().map(column).collect();
        let key: Vec<&str> = self.columns.iter().take(self.key).map(|(name, _)| *name).collect();
        format!("CREATE TABLE {} ({}, PRIMARY KEY ({}))", self.name, columns.join(", "), key.join(", "))
    }
}

/// The rows of a table as text: fields with `|` behind each.
fn lines(table: &str, scale: f64) -> Vec<String> {
    fn texts<T: ToString>(rows: impl Iterator<Item = T>) -> Vec<String> {
        rows.map(|row| row.to_string()).collect()
    }
    match table {
        "region" => texts(RegionGenerator::default().iter()),
        "nation" => texts(NationGenerator::default().iter()),
        "supplier" => texts(SupplierGenerator::new(scale, 1, 1).iter()),
        "part" => texts(PartGenerator::new(scale, 1, 1).iter()),
        "partsupp" => texts(PartSuppGenerator::new(scale, 1, 1).iter()),
        "customer" => texts(CustomerGenerator::new(scale, 1, 1).iter()),
        "orders" => texts(OrderGenerator::new(scale, 1, 1).iter()),
        _ => texts(LineItemGenerator::new(scale, 1, 1).iter()),
    }
}

/// The number that a line begins with.
fn number(line: &str) -> u64 {
    line.split('|').next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// Copies lines into a table.
fn copy(client: &mut Client, sql: &str, lines: &[String]) -> Result<(), String> {
    client.write(&message(b'Q', &[sql.as_bytes(), b"\0"].concat()));
    let answer = client.read();
    if answer.tag != b'G' {
        return Err(format!("{sql}: {}", String::from_utf8_lossy(&answer.body)));
    }
    for lines in lines.chunks(1000) {
        let text: String = lines.iter().map(|line| format!("{}\n", line.trim_end_matches('|'))).collect();
        client.write(&message(b'd', text.as_bytes()));
    }
    client.write(&message(b'c', b""));
    match client.until_ready().into_iter().find(|message| message.tag == b'E') {
        Some(error) => Err(format!("{sql}: {}", String::from_utf8_lossy(&error.body))),
        None => Ok(()),
    }
}
