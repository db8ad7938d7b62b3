//! Movies in a cluster: a mapping, a few rows, a query, and the same map without SQL.
//!
//! `cargo run -p hazelcast-client --example movies -- dev@127.0.0.1:5701`

#![allow(clippy::print_stdout)]

use hazelcast_client::{Client, Data, Result, Value};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let argument = std::env::args().nth(1).unwrap_or_else(|| "dev@127.0.0.1:5701".to_string());
    let (cluster, member) = argument.split_once('@').unwrap_or(("dev", &argument));
    let client = Client::builder().cluster_name(cluster).address(member).connect().await?;

    let mapping = "CREATE OR REPLACE MAPPING example_movies (__key INT, title VARCHAR, year_made INT, rating DECIMAL) \
                   TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')";
    let _ = client.sql(mapping).execute().await?;

    let movies = [
        (1, "Metropolis", 1927, Some("8.3")),
        (2, "Le Voyage dans la Lune", 1902, Some("8.1")),
        (3, "The General", 1926, None),
    ];
    for (id, title, year, rating) in movies {
        let rating = rating.map(|text| Value::Varchar(text.to_string()));
        let insert = "SINK INTO example_movies VALUES (?, ?, ?, CAST(? AS DECIMAL))";
        let _ = client.sql(insert).arg(id).arg(title).arg(year).arg(rating).execute().await?;
    }

    let query = "SELECT title, year_made, rating FROM example_movies WHERE year_made > ? ORDER BY year_made";
    if let Some(mut rows) = client.sql(query).arg(1910).execute().await?.rows() {
        while let Some(page) = rows.next_page().await? {
            for row in 0..page.rows() {
                let title = page.str(row, 0).unwrap_or("?");
                let year = page.i32(row, 1).unwrap_or_default();
                let rating =
                    page.decimal(row, 2).map_or("not rated".to_string(), |rating| rating.to_string());
                println!("{year}  {title}  ({rating})");
            }
        }
    }

    let map = client.map("example_movies");
    if let Some(key) = Data::from_value(&Value::Integer(1))?
        && let Some(movie) = map.get(&key).await?
    {
        println!("{} movies; the first is {:?}", map.size().await?, movie.to_value()?);
    }
    client.shutdown().await;
    Ok(())
}
