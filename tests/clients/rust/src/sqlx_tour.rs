//! sqlx: describe (what its macros ask), pool, streams, transactions, errors.

use futures_util::TryStreamExt;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgRow};
use sqlx::{Column, Executor, Row, Statement, TypeInfo};

pub async fn tour() {
    let get = |name: &str| std::env::var(name).unwrap();
    let options = PgConnectOptions::new().host(&get("PGHOST")).port(get("PGPORT").parse().unwrap()).username(&get("PGUSER")).database(&get("PGDATABASE"));
    let pool = PgPoolOptions::new().max_connections(4).connect_with(options).await.unwrap();
    for question in crate::questions() {
        for row in sqlx::query(&question).fetch_all(&pool).await.unwrap() {
            println!("question: {}", first(&row));
        }
    }
    let described = pool.describe("SELECT m.title, m.vote_count, count(*) AS n, $1::int AS p FROM movies m GROUP BY 1, 2").await.unwrap();
    println!("described: {:?} {:?}", described.columns().iter().map(|c| (c.name(), c.type_info().name().to_owned())).collect::<Vec<_>>(), (0..4).map(|i| described.nullable(i)).collect::<Vec<_>>());
    let prepared = pool.prepare("SELECT title FROM movies WHERE __key = $1 AND title <> $2").await.unwrap();
    println!("prepared: {:?}", prepared.parameters().map(|p| format!("{p:?}")));
    for key in 1..8 {
        let title: String = sqlx::query_scalar("SELECT title FROM movies WHERE __key = $1").bind(key).fetch_one(&pool).await.unwrap();
        println!("by key: {title}");
    }
    let titles: Vec<(String,)> = sqlx::query_as("SELECT title FROM movies WHERE __key = ANY($1) ORDER BY 1").bind(vec![1, 2, 3]).fetch_all(&pool).await.unwrap();
    println!("by keys: {titles:?}");
    let mut rows = sqlx::query("SELECT __key FROM casts").fetch(&pool);
    let mut sum = 0i64;
    while let Some(row) = rows.try_next().await.unwrap() {
        sum += i64::from(row.get::<i32, _>(0));
    }
    drop(rows);
    println!("streamed: {sum}");
    let mut t = pool.begin().await.unwrap();
    for n in 0..5 {
        let done = sqlx::query("INSERT INTO notes VALUES ($1, $2, $3, $4)").bind(n).bind("a").bind(None::<String>).bind(n).execute(&mut *t).await.unwrap();
        println!("inserted: {}", done.rows_affected());
    }
    t.commit().await.unwrap();
    let counted: (i64, Option<i64>) = sqlx::query_as("SELECT count(*), sum(stars) FROM notes").fetch_one(&pool).await.unwrap();
    println!("notes: {counted:?}");
    println!("deleted: {}", sqlx::query("DELETE FROM notes").execute(&pool).await.unwrap().rows_affected());
    for sql in ["SELEC 1", "SELECT * FROM nowhere", "SELECT 1/0"] {
        println!("{sql}: {}", sqlx::query(sql).fetch_all(&pool).await.unwrap_err());
    }
    let (a, b) = tokio::join!(sqlx::query("SELECT 1").fetch_one(&pool), sqlx::raw_sql("SELECT 2; SELECT 3").fetch_all(&pool));
    println!("at once: {} {}", a.unwrap().get::<i32, _>(0), b.unwrap().len());
}

fn first(row: &PgRow) -> String {
    let names: Vec<&str> = row.columns().iter().map(|c| c.name()).collect();
    format!("{} {names:?}", row.get::<String, _>(0))
}
