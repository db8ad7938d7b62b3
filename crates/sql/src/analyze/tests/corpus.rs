//! The statements of real tools, from a folder beside the repository, when it is there.

use std::path::Path;

use super::*;

#[test]
fn tools_statements_have_postgres_columns() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/queries");
    let folder = std::env::var_os("CORPUS_QUERIES").map_or(folder, Into::into);
    let Ok(files) = std::fs::read_dir(&folder) else {
        eprintln!("skipped: there is no corpus at {}", folder.display());
        return;
    };
    let catalog = Arc::new(catalog(&fixture()));
    let (mut wrong, mut count) = (Vec::new(), 0);
    for file in files.flatten() {
        let text = std::fs::read_to_string(file.path()).expect("a readable file");
        for line in text.lines() {
            let line: Json = serde_json::from_str(line).expect("a line of JSON");
            let kind = line["kind"].as_str().unwrap_or_default();
            let sql = line["sql"].as_str().unwrap_or_default();
            let columns = &line["expected"]["columns"];
            if !matches!(kind, "data" | "catalog") || columns.is_null() {
                continue;
            }
            count += 1;
            if let Err(difference) = compare(&catalog, sql, &line, columns) {
                let tool = line["tool"].as_str().unwrap_or_default();
                wrong.push(format!("{tool} ({kind}): {sql}\n    {difference}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count} statements:\n{}", wrong.len(), wrong.join("\n"));
}

fn compare(catalog: &Arc<Catalog>, sql: &str, line: &Json, columns: &Json) -> Result<(), String> {
    let oids = |key: &str| -> Vec<Oid> {
        let list = line[key].as_array().into_iter().flatten();
        list.map(|oid| Oid(oid.as_u64().unwrap_or_default() as u32)).collect()
    };
    let analyzed = analyze_with(catalog, sql, &oids("declared_param_oids"))
        .map_err(|e| format!("{e} at {:?} {:?}", e.fields().position, e.fields().detail))?;
    let ours: Vec<_> = analyzed.columns.iter().flatten().map(|c| (c.name.to_string(), c.ty.oid.0)).collect();
    let theirs: Vec<_> = columns
        .as_array()
        .into_iter()
        .flatten()
        .map(|c| {
            (
                c["name"].as_str().unwrap_or_default().to_owned(),
                c["type_oid"].as_u64().unwrap_or_default() as u32,
            )
        })
        .collect();
    if ours != theirs {
        let differ: Vec<_> = ours.iter().zip(&theirs).filter(|(a, b)| a != b).take(4).collect();
        return Err(format!("{} and {} columns; {differ:?}", ours.len(), theirs.len()));
    }
    let expected = oids("param_type_oids");
    if !expected.is_empty() && analyzed.params != expected {
        return Err(format!("parameters {:?}, not {expected:?}", analyzed.params));
    }
    Ok(())
}
