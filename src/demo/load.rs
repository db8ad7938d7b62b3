//! Loads the data through the gateway's PostgreSQL port, as any client would.

use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls};

use super::data::Table;
use super::screen::Screen;
use super::{Error, signs};

/// How long the gateway may take to find its cluster.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many rows are under way at once.
const PIPELINE: usize = 64;

/// A connection to the gateway, which answers 57P03 until it has found its cluster.
pub(super) async fn connect(port: u16) -> Result<Client, Error> {
    let begun = Instant::now();
    let address = format!("host=127.0.0.1 port={port} user={0} dbname={0}", signs::NAME);
    loop {
        match tokio_postgres::connect(&address, NoTls).await {
            Ok((client, connection)) => {
                tokio::spawn(connection);
                return Ok(client);
            }
            Err(error) if is_starting(&error) && begun.elapsed() < PATIENCE => {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Err(error) => return Err(Error::statement("connecting to the gateway", &error)),
        }
    }
}

fn is_starting(error: &tokio_postgres::Error) -> bool {
    error.code() == Some(&SqlState::CANNOT_CONNECT_NOW)
}

/// Creates the four mappings.
pub(super) async fn create_mappings(client: &Client) -> Result<(), Error> {
    let text = include_str!("../../demo/mappings.sql");
    client.batch_execute(text).await.map_err(|e| Error::statement("creating the mappings", &e))
}

/// Loads one table, many rows under way at once.
pub(super) async fn load(client: &Client, table: &'static Table, screen: &Screen) -> Result<(), Error> {
    let rows = table.rows()?;
    let failed = |e: tokio_postgres::Error| Error::statement(format!("loading {}", table.name), &e);
    let statement = client.prepare(&table.sink()).await.map_err(failed)?;
    let mut progress = screen.rows(table.name, rows.len());
    let mut answers = stream::iter(rows)
        .map(|row| {
            let statement = &statement;
            async move {
                let cells: Vec<&(dyn ToSql + Sync)> = row.iter().map(|c| c.as_ref() as _).collect();
                client.execute(statement, &cells).await
            }
        })
        .buffer_unordered(PIPELINE);
    while let Some(answer) = answers.next().await {
        answer.map_err(failed)?;
        progress.one();
    }
    progress.all();
    Ok(())
}
