//! Tours of Rust's clients. Arguments: which one, and the folder of these sources.

mod native;
mod sqlx_tour;

#[tokio::main]
async fn main() {
    let which = std::env::args().nth(1).unwrap();
    match which.as_str() {
        "sqlx" => sqlx_tour::tour().await,
        _ => native::tour().await,
    }
}

/// The demo's first three questions.
fn questions() -> Vec<String> {
    let file = format!("{}/../../../demo/questions.sql", std::env::args().nth(2).unwrap());
    let text = std::fs::read_to_string(file).unwrap();
    let blocks = text.split("\n\n").map(|block| block.trim().trim_end_matches(';').to_owned());
    blocks.filter(|block| !block.is_empty()).take(3).collect()
}

/// A connection string of tokio-postgres's.
fn place() -> String {
    let get = |name: &str| std::env::var(name).unwrap();
    format!("host={} port={} user={} dbname={}", get("PGHOST"), get("PGPORT"), get("PGUSER"), get("PGDATABASE"))
}
