//! The films of the Python client's example, told in Rust: mappings, loading, the four questions, and the same maps
//! without SQL.
//!
//! `cargo run -p hazelcast-client --example movies -- dev@127.0.0.1:5701`

#![allow(clippy::print_stdout)]

use futures::TryStreamExt;
use hazelcast_client::{Aggregator, Client, Predicate, Result, ToData, Value};

/// The names of the maps begin so: the example leaves other maps alone.
const MAPPINGS: [&str; 4] = [
    "CREATE OR REPLACE MAPPING example_movies (__key INT, id INT, title VARCHAR, description VARCHAR, popularity DOUBLE, \
     release_date VARCHAR, vote_average DOUBLE, vote_count INT) \
     TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')",
    "CREATE OR REPLACE MAPPING example_casts (__key INT, movie_id INT, actor_id INT) \
     TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')",
    "CREATE OR REPLACE MAPPING example_actors (__key INT, gender INT, id INT, name VARCHAR, popularity DOUBLE) \
     TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')",
    "CREATE OR REPLACE MAPPING example_reviews (__key INT, movie_id INT, author VARCHAR, rating DOUBLE, content VARCHAR) \
     TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')",
];

const QUESTIONS: [(&str, &str); 4] = [
    (
        "Well-known films of before 2015, the most popular first",
        "SELECT m.title AS name, m.vote_average AS average, m.vote_count AS cont FROM example_movies m \
         WHERE m.vote_count > 20000 AND m.vote_average > 7 AND m.release_date < '2015-01-01' ORDER BY m.popularity DESC",
    ),
    (
        "Films by the popularity of who plays in them",
        "SELECT m.title AS title, m.release_date AS r_date, SUM(a.popularity) AS point FROM example_movies m \
         JOIN example_casts c ON m.id = c.movie_id JOIN example_actors a ON c.actor_id = a.id \
         GROUP BY m.title, m.release_date HAVING SUM(a.popularity) > 150 ORDER BY point DESC",
    ),
    (
        "The best reviewed films",
        "SELECT m.title AS name, AVG(r.rating) AS rating FROM example_movies m \
         JOIN example_reviews r ON r.movie_id = m.id \
         GROUP BY m.title HAVING AVG(r.rating) > 8 AND COUNT(*) > 5 ORDER BY rating DESC LIMIT 10",
    ),
    (
        "Some review that recommends its film",
        "SELECT m.title, r.author, r.rating, r.content FROM example_movies m, example_reviews r \
         WHERE r.movie_id = m.id AND r.content LIKE '%recommend%' AND r.rating IS NOT NULL ORDER BY RAND() LIMIT 1",
    ),
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let argument = std::env::args().nth(1).unwrap_or_else(|| "dev@127.0.0.1:5701".to_string());
    let (cluster, member) = argument.split_once('@').unwrap_or(("dev", &argument));
    let client = Client::builder().cluster_name(cluster).address(member).connect().await?;
    for mapping in MAPPINGS {
        let _ = client.sql(mapping).execute().await?;
    }
    load_movies(&client).await?;
    load_people(&client).await?;
    for (question, sql) in QUESTIONS {
        println!("\n{question}:");
        print_rows(&client, sql).await?;
    }
    without_sql(&client).await?;
    client.shutdown().await;
    Ok(())
}

/// By SQL, a statement for each row: its arguments are converted by their Rust types.
async fn load_movies(client: &Client) -> Result<()> {
    let movies = [
        (603, "The Matrix", 73.5, "1999-03-30", 8.2, 23_900),
        (27205, "Inception", 99.1, "2010-07-15", 8.4, 34_500),
        (157_336, "Interstellar", 140.2, "2014-11-05", 8.4, 32_100),
        (19, "Metropolis", 20.3, "1927-02-06", 8.1, 2_500),
    ];
    let sink = "SINK INTO example_movies(__key, id, title, description, popularity, release_date, vote_average, vote_count) \
                VALUES(?, ?, ?, ?, ?, ?, ?, ?)";
    for (key, (id, title, popularity, date, average, votes)) in (1i32..).zip(movies) {
        let statement = client.sql(sink).arg(key).arg(id).arg(title).arg(None::<String>).arg(popularity);
        let _ = statement.arg(date).arg(average).arg(votes).execute().await?;
    }
    Ok(())
}

/// Without SQL: many entries at once, each to the owner of its partition.
async fn load_people(client: &Client) -> Result<()> {
    let actors = [
        (6384, "Keanu Reeves", 88.0),
        (6193, "Leonardo DiCaprio", 91.5),
        (10297, "Matthew McConaughey", 77.0),
    ];
    let actor = |(id, name, popularity)| {
        Value::Json(format!(r#"{{"gender":2,"id":{id},"name":"{name}","popularity":{popularity}}}"#))
    };
    let entries: Vec<_> = (1i32..).zip(actors.map(actor)).collect();
    client.map("example_actors").put_all(&entries).await?;
    let casts = [(603, 6384), (27205, 6193), (157_336, 10297), (27205, 6384)];
    let cast = |(movie, actor)| Value::Json(format!(r#"{{"movie_id":{movie},"actor_id":{actor}}}"#));
    client.map("example_casts").put_all(&(1i32..).zip(casts.map(cast)).collect::<Vec<_>>()).await?;
    let review = |key: i32| {
        let (movie, rating) = if key % 2 == 0 { (603, "9.0") } else { (27205, "8.5") };
        let text = format!("Review {key}: I recommend it.");
        (
            key,
            Value::Json(format!(
                r#"{{"movie_id":{movie},"author":"a{key}","rating":{rating},"content":"{text}"}}"#
            )),
        )
    };
    client.map("example_reviews").put_all(&(1..=12).map(review).collect::<Vec<_>>()).await
}

/// Rows are a stream of pages, and are read where they lie.
async fn print_rows(client: &Client, sql: &str) -> Result<()> {
    let Some(mut rows) = client.sql(sql).execute().await?.rows() else { return Ok(()) };
    let names: Vec<_> = rows.columns().iter().map(|column| column.name.clone()).collect();
    while let Some(page) = rows.try_next().await? {
        for row in 0..page.rows() {
            let cells = names
                .iter()
                .enumerate()
                .map(|(column, name)| format!("{name} = {:?}", page.value(row, column)));
            println!("  {}", cells.collect::<Vec<_>>().join(", "));
        }
    }
    Ok(())
}

/// The same map by predicate, by aggregator, and in a transaction.
async fn without_sql(client: &Client) -> Result<()> {
    let movies = client.map("example_movies");
    let old = Predicate::less("release_date", "1950-01-01") | Predicate::like("title", "Inter%");
    println!("\nFilms that are old, or begin with Inter: {}", movies.keys_where(&old).await?.len());
    if let Some(votes) = movies.aggregate(&Aggregator::fixed_point_sum("vote_count")).await? {
        println!("Votes in all: {:?}", votes.to_value()?);
    }
    let transaction = client.transaction().begin().await?;
    let views = transaction.map("example_views");
    let before = match views.get_for_update("The Matrix").await?.map(|data| data.to_value()).transpose()? {
        Some(Value::BigInt(count)) => count,
        _ => 0,
    };
    views.set("The Matrix", &(before + 1)).await?;
    transaction.commit().await?;
    let seen = client.map("example_views").get(&"The Matrix".to_data()?).await?;
    println!("The Matrix was seen {:?} times", seen.map(|data| data.to_value()).transpose()?);
    Ok(())
}
