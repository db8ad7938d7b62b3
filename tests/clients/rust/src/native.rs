//! tokio-postgres: prepared in binary, simple queries, pipelines, portals, COPY, cancel.

use std::pin::pin;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use futures_util::{StreamExt, TryStreamExt, future};
use tokio_postgres::{Client, NoTls, Row, SimpleQueryMessage};

pub async fn tour() {
    let (mut c, connection) = tokio_postgres::connect(&crate::place(), NoTls).await.unwrap();
    tokio::spawn(connection);
    for question in crate::questions() {
        for row in c.query(question.as_str(), &[]).await.unwrap() {
            println!("question: {}", cells(&row));
        }
        for message in c.simple_query(&question).await.unwrap() {
            match message {
                SimpleQueryMessage::Row(row) => println!("simple: {:?}", (0..row.len()).map(|i| row.get(i)).collect::<Vec<_>>()),
                SimpleQueryMessage::CommandComplete(rows) => println!("rows: {rows}"),
                _ => {}
            }
        }
    }
    let types = c.prepare("SELECT t.*, $1::int4 AS p FROM types t WHERE __key <> ALL($2) ORDER BY __key").await.unwrap();
    println!("parameters: {:?}", types.params());
    println!("columns: {:?}", types.columns().iter().map(|c| (c.name(), c.type_().name(), c.column_id())).collect::<Vec<_>>());
    for row in c.query(&types, &[&7, &vec![2, 3]]).await.unwrap() {
        println!("types: {}", cells(&row));
    }
    let by_key = c.prepare("SELECT title FROM movies WHERE __key = $1").await.unwrap();
    let keys: Vec<i32> = (1..20).collect();
    let all = future::join_all(keys.iter().map(|key| c.query_one(&by_key, std::slice::from_ref(key).iter().map(|k| k as _).collect::<Vec<_>>().leak())));
    for row in all.await {
        println!("pipelined: {}", cells(&row.unwrap()));
    }
    for sql in ["SELEC 1", "SELECT * FROM nowhere", "SELECT m.nothing FROM movies m", "SELECT 1/0"] {
        println!("{sql}: {}", c.query(sql, &[]).await.unwrap_err().as_db_error().unwrap());
    }
    changes(&mut c).await;
    let rows: Vec<_> = c.copy_out("COPY (SELECT __key, title FROM movies ORDER BY __key LIMIT 3) TO STDOUT").await.unwrap().try_collect().await.unwrap();
    println!("copied: {rows:?}");
    let cancel = c.cancel_token();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        cancel.cancel_query(NoTls).await.unwrap();
    });
    println!("cancelled: {}", c.query("SELECT pg_sleep(20)", &[]).await.unwrap_err().as_db_error().unwrap());
    println!("alive: {}", c.query_one("SELECT 1", &[]).await.unwrap().get::<_, i32>(0));
}

async fn changes(c: &mut Client) {
    for n in 0..5i32 {
        c.execute("INSERT INTO notes VALUES ($1, $2, NULL, $3)", &[&n, &"a", &(n * 2)]).await.unwrap();
    }
    println!("updated: {}", c.execute("UPDATE notes SET words = $1 WHERE stars > $2", &[&"w", &4]).await.unwrap());
    println!("returned: {:?}", c.query("DELETE FROM notes WHERE __key = $1 RETURNING stars", &[&3]).await.unwrap().iter().map(cells).collect::<Vec<_>>());
    let t = c.transaction().await.unwrap();
    let portal = t.bind("SELECT __key FROM casts ORDER BY __key", &[]).await.unwrap();
    let first = t.query_portal(&portal, 3).await.unwrap();
    let second = t.query_portal(&portal, 2).await.unwrap();
    println!("portal: {:?}", first.iter().chain(&second).map(cells).collect::<Vec<_>>());
    let mut rows = pin!(t.query_raw("SELECT movie_id FROM casts", Vec::<i32>::new()).await.unwrap());
    let mut sum = 0i64;
    while let Some(row) = rows.next().await {
        sum += i64::from(row.unwrap().get::<_, i32>(0));
    }
    println!("streamed: {sum}");
    t.commit().await.unwrap();
    println!("deleted: {}", c.execute("DELETE FROM notes", &[]).await.unwrap());
}

fn cells(row: &Row) -> String {
    let cell = |(i, column): (usize, &tokio_postgres::Column)| match column.type_().name() {
        "int2" => format!("{:?}", row.get::<_, Option<i16>>(i)),
        "int4" => format!("{:?}", row.get::<_, Option<i32>>(i)),
        "int8" => format!("{:?}", row.get::<_, Option<i64>>(i)),
        "float4" => format!("{:?}", row.get::<_, Option<f32>>(i)),
        "float8" => format!("{:?}", row.get::<_, Option<f64>>(i)),
        "bool" => format!("{:?}", row.get::<_, Option<bool>>(i)),
        "date" => format!("{:?}", row.get::<_, Option<NaiveDate>>(i)),
        "time" => format!("{:?}", row.get::<_, Option<NaiveTime>>(i)),
        "timestamp" => format!("{:?}", row.get::<_, Option<NaiveDateTime>>(i)),
        "timestamptz" => format!("{:?}", row.get::<_, Option<DateTime<Utc>>>(i)),
        "varchar" | "text" => format!("{:?}", row.get::<_, Option<String>>(i)),
        other => other.to_owned(),
    };
    row.columns().iter().enumerate().map(cell).collect::<Vec<_>>().join(" | ")
}
