//! `cargo xtask scripts`: what PostgreSQL can read must never be a syntax error here. Reads the statements of SQL scripts,
//! such as those of PostgreSQL's own regression tests, and asks a PostgreSQL about those that our parser refuses.

use std::path::{Path, PathBuf};

use testbed::wire::Client;

use crate::run::say;

/// What is to be read.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The folder of the scripts, for example `src/test/regress/sql` of PostgreSQL's sources.
    folder: PathBuf,
    /// The port of a PostgreSQL that runs already.
    #[arg(long)]
    oracle: u16,
}

/// Reads all scripts of a folder; whether no statement is refused that PostgreSQL reads.
pub fn scripts(options: &Options) -> Result<bool, String> {
    let wrong = |e: std::io::Error| format!("{}: {e}", options.folder.display());
    let mut files: Vec<PathBuf> = std::fs::read_dir(&options.folder)
        .map_err(wrong)?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "sql"))
        .collect();
    files.sort();
    let mut oracle = Client::connect(options.oracle);
    let (mut read, mut both, mut refused) = (0_usize, 0_usize, 0_usize);
    for file in &files {
        let bytes = std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
        for statement in statements(&String::from_utf8_lossy(&bytes)) {
            read += 1;
            let Err(error) = sql::parse::parse(&statement, sql::parse::ParseOptions::default()) else {
                continue;
            };
            if error.code() != pg::SqlState::SYNTAX_ERROR {
                continue;
            }
            if is_syntax_error(&mut oracle, &statement)? {
                both += 1;
            } else {
                refused += 1;
                say(&format!("\n{}: {statement}\n   {error}", name(file)));
            }
        }
    }
    say(&format!(
        "{read} statements of {} scripts: {both} are syntax errors on both sides, {refused} only here",
        files.len()
    ));
    Ok(refused == 0 && read > 0)
}

fn name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Whether PostgreSQL can't read a statement either: it is prepared, and so never run.
fn is_syntax_error(oracle: &mut Client, statement: &str) -> Result<bool, String> {
    let replies = oracle.try_prepare(statement)?;
    Ok(replies.first().and_then(testbed::wire::Reply::sqlstate) == Some("42601"))
}

/// The statements of a script, without what is psql's own: its commands, and the data of COPY.
fn statements(script: &str) -> Vec<String> {
    let (mut found, mut lines) = (Vec::new(), script.lines());
    let mut rest = String::new();
    while let Some(line) = lines.next() {
        if rest.trim().is_empty() && line.trim_start().starts_with('\\') {
            rest.clear();
            continue;
        }
        // A command behind a statement sends it, as a semicolon does.
        match line.split_once(" \\").filter(|(before, _)| !before.contains('\'')) {
            Some((before, _)) => rest.push_str(&format!("{before};\n")),
            None => rest.push_str(&format!("{line}\n")),
        }
        while let Some(end) = end_of_statement(&rest) {
            let statement = rest[..end].trim().to_owned();
            rest = rest[end + 1..].to_owned();
            let words = statement.to_ascii_lowercase();
            if words.starts_with("copy") && words.contains("from stdin") {
                lines.by_ref().find(|line| *line == "\\.");
            }
            if !statement.is_empty() {
                found.push(statement);
            }
        }
    }
    found
}

/// Where the semicolon is that ends the first statement of a text.
fn end_of_statement(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0_i32);
    while let Some(byte) = bytes.get(at) {
        let rest = &text[at..];
        at += match byte {
            b';' if depth <= 0 => return Some(at),
            b'(' => {
                depth += 1;
                1
            }
            b')' => {
                depth -= 1;
                1
            }
            b'-' if rest.starts_with("--") => rest.find('\n')? + 1,
            b'/' if rest.starts_with("/*") => rest.find("*/")? + 2,
            b'\'' | b'"' => {
                let escapes = at > 0 && matches!(bytes.get(at - 1), Some(b'E' | b'e'));
                quoted(rest, *byte, escapes)?
            }
            b'$' => dollar(rest)?,
            _ => 1,
        };
        while !text.is_char_boundary(at) {
            at += 1;
        }
    }
    None
}

fn quoted(text: &str, quote: u8, escapes: bool) -> Option<usize> {
    let mut bytes = text.bytes().enumerate().skip(1).peekable();
    while let Some((at, byte)) = bytes.next() {
        if escapes && byte == b'\\' {
            bytes.next();
        } else if byte == quote && bytes.next_if(|(_, next)| *next == quote).is_none() {
            return Some(at + 1);
        }
    }
    None
}

/// The length of a text between dollar quotes, or of a dollar alone.
fn dollar(text: &str) -> Option<usize> {
    let Some(end) = text[1..].find('$').filter(|end| {
        let tag = &text[1..=*end];
        tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && !tag.starts_with(|c: char| c.is_ascii_digit())
    }) else {
        return Some(1);
    };
    let tag = &text[..end + 2];
    text[tag.len()..].find(tag).map(|at| at + 2 * tag.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_cut_at_semicolons() {
        let script = "\\set x 1\nSELECT ';', $$;$$, \"a;\", E'\\';' -- ;\n; COPY t FROM STDIN;\n1;\n\\.\n\
                      CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);\nSELECT 3 \\gset\n/* ; */ SELECT 4;";
        assert_eq!(
            statements(script),
            [
                "SELECT ';', $$;$$, \"a;\", E'\\';' -- ;",
                "COPY t FROM STDIN",
                "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)",
                "SELECT 3",
                "/* ; */ SELECT 4",
            ]
        );
    }
}
