//! What the demo prints when everything is there: how to connect, and what to ask.

use std::io::Write;
use std::time::Duration;

use super::Error;
use super::questions::questions;

/// The user and the database. Any name would do.
pub(super) const NAME: &str = "demo";

/// Prints lines that are ready to be pasted.
pub(super) fn print(port: u16, elapsed: Duration) -> Result<(), Error> {
    std::io::stdout().lock().write_all(text(port, elapsed).as_bytes()).map_err(Error::Print)
}

fn text(port: u16, elapsed: Duration) -> String {
    let mut text = format!(
        "
Ready after {seconds:.1} s. There is no password; use any.

  psql      psql -h 127.0.0.1 -p {port} -U {NAME} {NAME}
  JDBC      jdbc:postgresql://127.0.0.1:{port}/{NAME}?user={NAME}
  ODBC      Driver={{PostgreSQL Unicode}};Server=127.0.0.1;Port={port};Database={NAME};Uid={NAME}
  Metabase  Database type: PostgreSQL    Host: 127.0.0.1    Port: {port}
            Database name: {NAME}    Username: {NAME}    Use a secure connection (SSL): off

Four questions to begin with:
",
        seconds = elapsed.as_secs_f64()
    );
    for question in questions() {
        text.push_str(&format!("\n-- {}\n{}\n", question.meaning, question.sql));
    }
    text.push_str("\nCtrl-C ends the gateway and the cluster.\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_in_names_the_port_and_every_question_is_there() {
        let text = text(5433, Duration::from_millis(1500));
        for way in [
            "psql -h 127.0.0.1 -p 5433 -U demo demo",
            "jdbc:postgresql://127.0.0.1:5433/demo?user=demo",
            "Server=127.0.0.1;Port=5433;Database=demo;Uid=demo",
            "Port: 5433",
        ] {
            assert!(text.contains(way), "{way}");
        }
        assert!(questions().iter().all(|q| text.contains(q.sql)));
    }
}
