//! The same tables on both sides of the bed: the movies, a table of every type, and one to write into.

use std::path::Path;

use testbed::wire::Client;

use crate::bed::Bed;
use crate::run::{command, output, root};
use crate::setup;

/// Creates and fills the tables.
pub fn load(bed: &Bed) -> Result<(), String> {
    let (mut gateway, mut oracle) = (Client::connect(bed.gateway.port), Client::connect(bed.oracle.port));
    testbed::data::load_movies(&root(), &mut gateway, &mut oracle);
    let data = root().join("tests/clients/data");
    psql(bed.gateway.port, &data.join("mappings.sql"))?;
    psql(bed.oracle.port, &data.join("tables.sql"))?;
    psql(bed.gateway.port, &data.join("rows.sql"))?;
    psql(bed.oracle.port, &data.join("rows.sql"))
}

/// Empties the table that clients write into: one that has failed may have left rows.
pub fn clear(port: u16) -> Result<(), String> {
    let mut client = Client::try_connect(port).map_err(|fields| format!("{fields:?}"))?;
    client.try_simple("DELETE FROM notes").map(|_| ())
}

/// Runs a file.
fn psql(port: u16, file: &Path) -> Result<(), String> {
    let mut psql = command(setup::tool("psql")?);
    psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U", "postgres", "-d", "postgres"]);
    output(psql.args(["-p", &port.to_string(), "-f"]).arg(file)).map(|_| ())
}
