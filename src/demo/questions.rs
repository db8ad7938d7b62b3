//! The four questions about movies, and their answers as tables.

use std::io::Write;

use tokio_postgres::{Client, SimpleQueryMessage};

use super::Error;

/// The widest that a column is printed.
const WIDTH: usize = 60;
/// How many rows of an answer are printed.
const ROWS: usize = 10;

/// One question: what it means, and its SQL.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) meaning: &'static str,
    pub(super) sql: &'static str,
}

/// The questions of `demo/questions.sql`, each with the comment above it.
pub(super) fn questions() -> Vec<Question> {
    let blocks = include_str!("../../demo/questions.sql").split("\n\n");
    blocks
        .filter_map(|block| {
            let (meaning, sql) = block.trim().split_once('\n')?;
            Some(Question { meaning: meaning.trim_start_matches("-- "), sql })
        })
        .collect()
}

/// Asks all questions and prints the answers. An error when one of them has none.
pub(super) async fn check(client: &Client) -> Result<(), Error> {
    for question in questions() {
        let answer = ask(client, &question).await?;
        print(&question, &answer).map_err(Error::Print)?;
        if answer.rows.is_empty() {
            return Err(Error::NoAnswer(question.meaning.to_owned()));
        }
    }
    Ok(())
}

/// Names of columns, and values as text.
#[derive(Debug, Default)]
struct Answer {
    columns: Vec<String>,
    rows: Vec<Vec<Option<String>>>,
}

async fn ask(client: &Client, question: &Question) -> Result<Answer, Error> {
    let failed = |e: tokio_postgres::Error| Error::statement(format!("\"{}\"", question.meaning), &e);
    let mut answer = Answer::default();
    for message in client.simple_query(question.sql).await.map_err(failed)? {
        match message {
            SimpleQueryMessage::RowDescription(columns) => {
                answer.columns = columns.iter().map(|c| c.name().to_owned()).collect();
            }
            SimpleQueryMessage::Row(row) => {
                let cells = 0..row.len();
                answer.rows.push(cells.map(|i| row.get(i).map(str::to_owned)).collect());
            }
            _ => (),
        }
    }
    Ok(answer)
}

fn print(question: &Question, answer: &Answer) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{}\n", question.meaning)?;
    let shown: Vec<Vec<String>> = answer
        .rows
        .iter()
        .take(ROWS)
        .map(|row| row.iter().map(|cell| shorten(cell.as_deref().unwrap_or(""))).collect())
        .collect();
    let widths: Vec<usize> = answer
        .columns
        .iter()
        .enumerate()
        .map(|(i, name)| {
            let cells = shown.iter().filter_map(|row| row.get(i)).map(|cell| cell.chars().count());
            cells.chain([name.chars().count()]).max().unwrap_or(0)
        })
        .collect();
    writeln!(out, "  {}", line(&answer.columns, &widths, " | "))?;
    let rule: Vec<String> = widths.iter().map(|w| "-".repeat(*w)).collect();
    writeln!(out, "  {}", line(&rule, &widths, "-+-"))?;
    for row in &shown {
        writeln!(out, "  {}", line(row, &widths, " | "))?;
    }
    match (answer.rows.len(), answer.rows.len() - shown.len()) {
        (1, _) => writeln!(out, "  (1 row)"),
        (rows, 0) => writeln!(out, "  ({rows} rows)"),
        (rows, more) => writeln!(out, "  ({rows} rows; {more} not shown)"),
    }
}

fn line(cells: &[String], widths: &[usize], between: &str) -> String {
    let padded: Vec<String> =
        cells.iter().zip(widths).map(|(cell, w)| format!("{cell:w$}", w = *w)).collect();
    padded.join(between).trim_end().to_owned()
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= WIDTH {
        return text.to_owned();
    }
    text.chars().take(WIDTH - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_four_questions_each_with_its_meaning() {
        let questions = questions();
        assert_eq!(questions.len(), 4);
        for q in questions {
            assert!(q.meaning.ends_with('?') && !q.meaning.starts_with('-'), "{q:?}");
            assert!(q.sql.starts_with("SELECT ") && q.sql.ends_with(';'), "{q:?}");
        }
    }

    #[test]
    fn long_texts_are_cut_at_a_character() {
        assert_eq!(shorten("für"), "für");
        let cut = shorten(&"ü".repeat(WIDTH + 1));
        assert_eq!((cut.chars().count(), cut.chars().last()), (WIDTH, Some('…')));
    }
}
