//! Whether what `docs/clients/breakages.md` names is there.

use std::fs;
use std::path::Path;

use super::folder::{self, Folder};
use crate::run::root;

/// How many cases there are.
const CASES: usize = 68;

/// What is wrong with the page; nothing when all is there.
fn mistakes(page: &str, root: &Path, folders: &[Folder]) -> Vec<String> {
    let lines: Vec<(usize, &str)> = page.lines().filter_map(case).collect();
    let mut wrong: Vec<String> = (1..=CASES)
        .filter(|number| lines.iter().filter(|(n, _)| n == number).count() != 1)
        .map(|number| format!("case {number} has not one line"))
        .collect();
    for (number, held) in lines {
        if held.starts_with("does not apply: ") {
            continue;
        }
        let names: Vec<&str> = held.split('`').skip(1).step_by(2).collect();
        if names.is_empty() {
            wrong.push(format!("case {number} is held by nothing"));
        }
        let missing = names.iter().filter(|name| !exists(name, root, folders));
        wrong.extend(missing.map(|name| format!("case {number}: there is no {name}")));
    }
    wrong
}

/// The number of a case, and what holds it.
fn case(line: &str) -> Option<(usize, &str)> {
    let (number, rest) = line.strip_prefix("| ")?.split_once(" | ")?;
    let (_, held) = rest.split_once(" | ")?;
    Some((number.parse().ok()?, held.trim_end_matches('|').trim()))
}

/// Whether there is a client, a test or a case of this name.
fn exists(name: &str, root: &Path, folders: &[Folder]) -> bool {
    if let Some(client) = name.strip_prefix("client ") {
        return folders.iter().flat_map(|folder| &folder.clients).any(|c| c.name == client);
    }
    let read = |file: &str| fs::read_to_string(root.join(file)).unwrap_or_default();
    if let Some((file, test)) = name.split_once("::") {
        return read(file).contains(&format!("fn {test}("));
    }
    if let Some((file, number)) = name.split_once(" case ") {
        return read(file).contains(&format!("-- case {number}:"));
    }
    root.join(name).is_file()
}

#[test]
fn every_case_is_held_by_something_that_exists() {
    let page = fs::read_to_string(root().join("docs/clients/breakages.md")).unwrap_or_default();
    let folders = folder::all(&root().join("tests/clients")).unwrap_or_default();
    assert_eq!(mistakes(&page, &root(), &folders), Vec::<String>::new());
}

#[test]
fn what_is_missing_is_found() {
    let page = (1..=CASES)
        .map(|n| match n {
            7 => "| 7 | x | `xtask/src/clients/breakages.rs::nowhere` |\n".to_owned(),
            8 => "| 8 | x | because |\n".to_owned(),
            9 => String::new(),
            _ => format!(
                "| {n} | x | `client psql`, `xtask/src/clients/breakages.rs::what_is_missing_is_found` |\n"
            ),
        })
        .collect::<String>();
    let folders = folder::all(&root().join("tests/clients")).unwrap_or_default();
    let wrong = mistakes(&page, &root(), &folders);
    assert_eq!(wrong.len(), 3, "{wrong:?}");
    assert!(
        wrong.iter().any(|w| w == "case 7: there is no xtask/src/clients/breakages.rs::nowhere"),
        "{wrong:?}"
    );
}
