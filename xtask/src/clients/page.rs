//! The table of clients in `docs/clients/README.md`.

use std::collections::BTreeMap;
use std::fs;

use super::folder::Folder;
use super::report::{Ran, Report};
use crate::run::{root, say};

const HEAD: &str = "| client | version | what is run | result |\n| --- | --- | --- | --- |\n";

/// Replaces the lines of the clients that were run; those of the others stay as they are.
pub fn write(folders: &[Folder], report: &Report) -> Result<(), String> {
    let path = root().join("docs/clients/README.md");
    let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let (before, table) = text.split_once(HEAD).ok_or("docs/clients/README.md has no table of clients")?;
    let (table, after) = table.split_once("\n\n").unwrap_or((table, ""));
    let before_that: BTreeMap<&str, &str> =
        table.lines().filter_map(|line| Some((name(line)?, line))).collect();
    let mut new = String::new();
    for client in folders.iter().flat_map(|folder| &folder.clients) {
        let ran = report.ran.iter().find(|ran| ran.name == client.name);
        match (ran, before_that.get(client.name.as_str())) {
            (Some(ran), _) => new.push_str(&line(ran, &client.what)),
            (None, Some(line)) => new.push_str(&format!("{line}\n")),
            (None, None) => {}
        }
    }
    say("Writing docs/clients/README.md");
    let page = format!("{before}{HEAD}{}\n\n{}", new.trim_end(), after.trim_start());
    fs::write(&path, page.trim_end().to_owned() + "\n").map_err(|e| format!("{}: {e}", path.display()))
}

fn line(ran: &Ran, what: &str) -> String {
    format!(
        "| {} | {} | {what} | {} |\n",
        ran.name,
        ran.version.as_deref().unwrap_or("?"),
        ran.outcome.words()
    )
}

/// The client that a line of the table is about.
fn name(line: &str) -> Option<&str> {
    line.strip_prefix("| ")?.split(" |").next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::folder;

    #[test]
    fn each_client_has_a_line() {
        let folders = folder::all(&root().join("tests/clients")).unwrap_or_default();
        let page = fs::read_to_string(root().join("docs/clients/README.md")).unwrap_or_default();
        let (_, table) = page.split_once(HEAD).unwrap_or_default();
        let lines: BTreeMap<&str, &str> =
            table.lines().filter_map(|line| Some((name(line)?, line))).collect();
        assert!(folders.iter().map(|f| f.clients.len()).sum::<usize>() > 20, "{}", folders.len());
        for client in folders.iter().flat_map(|folder| &folder.clients) {
            let line = lines.get(client.name.as_str()).copied().unwrap_or_default();
            assert!(line.contains(&client.what) && !line.contains("not run"), "{}: {line}", client.name);
        }
    }
}
