//! The two servers that clients are run against, with the same tables in both.

use std::fs;
use std::path::PathBuf;

use member::{Cluster, Env, Options as Members};
use testbed::{Gateway, PostgreSql};

use crate::run::{cargo, command, output, root, run, say};
use crate::setup;

/// A cluster with the gateway in front of it, and PostgreSQL.
pub struct Bed {
    _cluster: Cluster,
    gateway: Gateway,
    oracle: PostgreSql,
}

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// PostgreSQL, which is right.
    Oracle,
    /// The gateway.
    Gateway,
}

impl Bed {
    /// Starts everything and loads the movies and a table of every type into both.
    pub fn start() -> Result<Bed, String> {
        say("Building the gateway");
        run(cargo().args(["build", "--quiet", "--bin", "hazelgres"]))?;
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
        let members = Members { name: "clients".into(), ..Members::default() };
        let cluster = Cluster::start(&Env::current(), &members, &|what: &str| say(what));
        let cluster = cluster.map_err(|e| e.to_string())?;
        let gateway = Gateway::start(&target.join("debug/hazelgres"), &cluster.address())?;
        let oracle = PostgreSql::start(&setup::tool("postgresql")?)?;
        let bed = Bed { _cluster: cluster, gateway, oracle };
        bed.load()?;
        Ok(bed)
    }

    /// The port of one side.
    pub fn port(&self, side: Side) -> u16 {
        match side {
            Side::Oracle => self.oracle.port,
            Side::Gateway => self.gateway.port,
        }
    }

    fn load(&self) -> Result<(), String> {
        let data = root().join("tests/clients/data");
        self.psql(Side::Gateway, &root().join("demo/mappings.sql"))?;
        self.psql(Side::Gateway, &data.join("mappings.sql"))?;
        self.psql(Side::Oracle, &data.join("tables.sql"))?;
        let movies = root().join(".cache/clients/movies.sql");
        let parent = root().join(".cache/clients");
        fs::create_dir_all(&parent).map_err(|e| format!("{}: {e}", parent.display()))?;
        fs::write(&movies, movies_as_sql()?).map_err(|e| format!("{}: {e}", movies.display()))?;
        for side in [Side::Oracle, Side::Gateway] {
            self.psql(side, &movies)?;
            self.psql(side, &data.join("rows.sql"))?;
        }
        Ok(())
    }

    /// Runs a file.
    fn psql(&self, side: Side, file: &std::path::Path) -> Result<(), String> {
        let mut psql = command(setup::tool("psql")?);
        psql.args([
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            "127.0.0.1",
            "-U",
            "postgres",
            "-d",
            "postgres",
        ]);
        output(psql.args(["-p", &self.port(side).to_string(), "-f"]).arg(file)).map(|_| ())
    }
}

/// The demo's data as INSERT statements of a hundred rows each.
fn movies_as_sql() -> Result<String, String> {
    let mut sql = String::new();
    for table in ["movies", "actors", "casts", "reviews"] {
        let file = root().join(format!("demo/{table}.tsv"));
        let text = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
        let mut lines = text.lines();
        let header = lines.next().unwrap_or_default().replace('\t', ", ");
        let rows: Vec<String> = lines.map(row_as_sql).collect();
        for rows in rows.chunks(100) {
            sql.push_str(&format!("INSERT INTO {table} ({header}) VALUES\n{};\n", rows.join(",\n")));
        }
    }
    Ok(sql)
}

/// A line of a table's file; an empty field is NULL.
fn row_as_sql(line: &str) -> String {
    let cell = |field: &str| match field {
        "" => "NULL".to_owned(),
        text => format!("'{}'", text.replace('\'', "''")),
    };
    format!("({})", line.split('\t').map(cell).collect::<Vec<_>>().join(", "))
}
