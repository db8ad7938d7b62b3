//! The kernels against what PostgreSQL 15 returned: `vectors/func/*.tsv`, recorded by `record.py` beside them.

use std::cmp::Ordering;
use std::path::Path;

use pg::func::{Call, aggregate, kernel, set_kernel};
use pg::{Env, Error, Oid, Record, Result, TypeRef, Value, catalog, text};

/// A recorded call.
struct Vector {
    kind: String,
    zone: String,
    proc: Oid,
    name: String,
    types: Vec<Oid>,
    result: Oid,
    status: String,
    expected: Option<String>,
    args: Vec<Option<String>>,
}

fn unescape(field: &str) -> Option<String> {
    if field == "\\N" {
        return None;
    }
    let mut out = String::new();
    let mut chars = field.chars();
    while let Some(c) = chars.next() {
        out.push(match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('t')) => '\t',
            ('\\', Some('n')) => '\n',
            ('\\', Some('r')) => '\r',
            (_, Some(other)) => other,
            (c, None) => c,
        });
    }
    Some(out)
}

fn parse(line: &str) -> Vector {
    let fields: Vec<Option<String>> = line.split('\t').map(unescape).collect();
    let text = |at: usize| fields[at].clone().unwrap_or_default();
    let oid = |text: &str| Oid(text.parse().expect("an oid"));
    Vector {
        kind: text(0),
        zone: text(1),
        proc: oid(&text(2)),
        name: text(3),
        types: text(4).split(',').filter(|t| !t.is_empty()).map(oid).collect(),
        result: oid(&text(5)),
        status: text(6),
        expected: fields[7].clone(),
        args: fields[8..].to_vec(),
    }
}

/// `coalesce`, casts to `text` are not `output` for every type.
fn shown(env: &Env, ty: Oid, value: &Value) -> Result<Option<String>> {
    match value {
        Value::Null => Ok(None),
        Value::Bool(b) => Ok(Some(b.to_string())),
        // A cast of character to text drops the padding.
        Value::Text(text) if ty == pg::oid::BPCHAR => Ok(Some(text.trim_end_matches(' ').to_owned())),
        value => {
            let mut out = Vec::new();
            text::output(value, ty, env, &mut out)?;
            Ok(Some(String::from_utf8_lossy(&out).into_owned()))
        }
    }
}

fn input(env: &Env, ty: Oid, text: &Option<String>) -> Result<Value> {
    text.as_ref().map_or(Ok(Value::Null), |text| text::input(text, TypeRef::of(ty), env))
}

/// What we return for the call, as the recorder wrote it.
fn ours(vector: &Vector, env: &Env) -> Result<Option<String>> {
    // The type of an error's result was not recorded; kernels that look at it take the declared one.
    let result = if vector.result.is_valid() { vector.result } else { declared_result(vector) };
    let call = Call { env, arg_types: &vector.types, result };
    match vector.kind.as_str() {
        "a" => run_aggregate(vector, &call),
        "o" | "od" | "of" => run_ordered_set(vector, &call),
        "s" => run_set(vector, &call),
        _ => {
            let args = arguments(vector, env)?;
            let value = kernel(vector.proc).expect("a kernel")(&call, &args)?;
            shown(env, result, &value)
        }
    }
}

fn declared_result(vector: &Vector) -> Oid {
    let declared = catalog::proc_by_oid(vector.proc).map_or(Oid::INVALID, |proc| proc.result);
    match declared {
        pg::oid::ANYARRAY | pg::oid::ANYCOMPATIBLEARRAY => vector
            .types
            .iter()
            .find_map(
                |ty| if catalog::element_type(*ty).is_some() { Some(*ty) } else { catalog::array_type(*ty) },
            )
            .unwrap_or(declared),
        other => other,
    }
}

fn arguments(vector: &Vector, env: &Env) -> Result<Vec<Value>> {
    vector.types.iter().zip(&vector.args).map(|(ty, text)| input(env, *ty, text)).collect()
}

fn run_set(vector: &Vector, call: &Call<'_>) -> Result<Option<String>> {
    let args = arguments(vector, call.env)?;
    let rows = set_kernel(vector.proc).expect("a kernel")(call, &args)?;
    let proc = catalog::proc_by_oid(vector.proc).expect("a function");
    let types: Vec<Oid> = proc.outputs().iter().map(|(_, ty)| *ty).collect();
    let mut items = Vec::new();
    for row in rows {
        items.push(match row.as_slice() {
            [value] => shown(call.env, call.result, value)?.map_or(Value::Null, Value::text),
            fields => {
                let record = Record { types: types.clone(), names: Vec::new(), fields: fields.to_vec() };
                let text = shown(call.env, pg::oid::RECORD, &Value::Record(record.into()))?;
                text.map_or(Value::Null, Value::text)
            }
        });
    }
    let array = pg::Array::one_dimensional(pg::oid::TEXT, items);
    shown(call.env, pg::oid::TEXT_ARRAY, &Value::Array(array.into()))
}

/// A JSON array of texts and nulls, as the recorder writes the rows of an aggregate.
fn column(text: &str) -> Vec<Option<String>> {
    match pg::json::parse_json(text) {
        Ok(pg::json::Json::Array(items)) => items
            .into_iter()
            .map(|item| match item {
                pg::json::Json::String(text) => Some(text),
                _ => None,
            })
            .collect(),
        other => panic!("not a column: {other:?}"),
    }
}

fn run_aggregate(vector: &Vector, call: &Call<'_>) -> Result<Option<String>> {
    let mut state = aggregate(vector.proc).expect("an aggregate")();
    let columns: Vec<Vec<Option<String>>> =
        vector.args.iter().map(|text| column(text.as_deref().unwrap_or("[]"))).collect();
    let rows = columns.first().map_or(2, Vec::len);
    for row in 0..rows {
        let args: Vec<Value> = vector
            .types
            .iter()
            .zip(&columns)
            .map(|(ty, column)| input(call.env, *ty, &column[row]))
            .collect::<Result<_>>()?;
        state.step(call, &args)?;
    }
    let value = state.finish(call)?;
    shown(call.env, call.result, &value)
}

/// Sorts as `WITHIN GROUP` says, leaves NULLs out unless the aggregate is a hypothetical-set one, which learns how rows
/// compare with the direct arguments: what is the executor's business otherwise.
fn run_ordered_set(vector: &Vector, call: &Call<'_>) -> Result<Option<String>> {
    let hypothetical = catalog::aggregate(vector.proc).expect("an aggregate").kind == 'h';
    let direct = match catalog::aggregate(vector.proc).expect("an aggregate").direct_args {
        _ if hypothetical => vector.types.len() / 2,
        direct => direct as usize,
    };
    let (direct_types, types) = vector.types.split_at(direct);
    let values = direct_types.iter().zip(&vector.args).map(|(ty, text)| input(call.env, *ty, text));
    let direct_values: Vec<Value> = values.collect::<Result<_>>()?;
    let columns: Vec<_> =
        vector.args[direct..].iter().map(|text| column(text.as_deref().unwrap_or("[]"))).collect();
    let row = |at: usize| types.iter().zip(&columns).map(|(ty, c)| input(call.env, *ty, &c[at])).collect();
    let mut rows: Vec<Vec<Value>> = (0..columns[0].len()).map(row).collect::<Result<_>>()?;
    let compare = |a: &Vec<Value>, b: &Vec<Value>| {
        let one = |(ty, (a, b)): (&Oid, (&Value, &Value))| {
            let order = pg::compare::compare(*ty, a, b);
            let null = a.is_null() != b.is_null();
            if vector.kind == "od" || null && vector.kind == "of" { order.reverse() } else { order }
        };
        types.iter().zip(a.iter().zip(b)).map(one).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    };
    rows.sort_by(compare);
    let call = &Call { arg_types: types, ..*call };
    let mut state = aggregate(vector.proc).expect("an aggregate")();
    state.direct(call, direct_values.clone())?;
    for mut row in rows {
        if hypothetical {
            row.push(Value::Int4(compare(&row, &direct_values) as i32));
        } else if row.iter().any(Value::is_null) {
            continue;
        }
        state.step(call, &row)?;
    }
    shown(call.env, call.result, &state.finish(call)?)
}

/// Floats may differ in the last digits where a library computes them.
fn same(comparison: bool, ty: Oid, ours: &Option<String>, theirs: &Option<String>) -> bool {
    if ours == theirs {
        return true;
    }
    let number = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<f64>().ok());
    match (ty, number(ours), number(theirs)) {
        // The sign of a comparison is what counts.
        (pg::oid::INT4, Some(a), Some(b)) if comparison => (a > 0.0) == (b > 0.0) && (a < 0.0) == (b < 0.0),
        (pg::oid::FLOAT8, Some(a), Some(b)) => (a - b).abs() <= 1e-14 * a.abs().max(b.abs()),
        _ => false,
    }
}

fn describe(vector: &Vector, ours: &Result<Option<String>, Error>) -> String {
    format!(
        "{} {}({:?}) {:?} at {}\n    PostgreSQL {} {:?}\n    ours       {:?}",
        vector.proc,
        vector.name,
        vector.types,
        vector.args,
        vector.zone,
        vector.status,
        vector.expected,
        ours
    )
}

fn check(file: &Path) -> (usize, Vec<String>) {
    let content = std::fs::read_to_string(file).expect("a file of vectors");
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in content.lines() {
        let vector = parse(line);
        let env = Env { time_zone: vector.zone.as_str().into(), ..Env::default() };
        count += 1;
        let ours = ours(&vector, &env);
        let right = match &ours {
            Ok(text) => {
                vector.status == "="
                    && same(vector.name.ends_with("cmp"), vector.result, text, &vector.expected)
            }
            Err(error) => {
                error.code().as_str() == vector.status && Some(error.message()) == vector.expected.as_deref()
            }
        };
        if !right {
            wrong.push(describe(&vector, &ours));
        }
    }
    (count, wrong)
}

fn check_all(files: &[&str]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/func");
    for file in files {
        let (count, wrong) = check(&folder.join(file));
        assert!(count > 0, "{file} is empty");
        assert!(wrong.is_empty(), "{file}: {} of {count} are wrong\n{}", wrong.len(), wrong.join("\n"));
    }
}

#[test]
fn functions_return_what_postgres_returns() {
    check_all(&["calls.tsv"]);
}

#[test]
fn templates_of_numbers_do_what_postgres_does() {
    check_all(&["numbers.tsv"]);
}

#[test]
fn ordered_set_aggregates_return_what_postgres_returns() {
    check_all(&["ordered_sets.tsv"]);
}

/// For other files: VECTORS=… cargo test -p pg --test functions other -- --ignored --nocapture
#[test]
#[ignore = "needs a file that is named by the environment"]
#[allow(clippy::print_stdout)]
fn other_vectors() {
    let file = std::env::var("VECTORS").expect("the variable VECTORS");
    let (count, wrong) = check(Path::new(&file));
    println!("{}\n{} of {count} are wrong", wrong.join("\n"), wrong.len());
    assert!(wrong.is_empty());
}

/// For record.py.
#[test]
#[ignore = "prints what there is"]
#[allow(clippy::print_stdout)]
fn list() {
    for proc in catalog::procs() {
        if kernel(proc.oid).is_some() {
            println!("f {}", proc.oid);
        }
        if set_kernel(proc.oid).is_some() {
            println!("s {}", proc.oid);
        }
        if aggregate(proc.oid).is_some() {
            println!("a {}", proc.oid);
        }
    }
}
