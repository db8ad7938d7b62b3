//! What PostgreSQL 15 made of thousands of inputs (`vectors/*.tsv`, recorded by `vectors/record.sh`), and what this
//! crate makes of them: text and binary forms, errors, arithmetic, order.

use std::fs;
use std::hash::{DefaultHasher, Hasher};

use pg::env::{ByteaOutput, DateFormat, DateOrder, DateStyle, IntervalStyle};
use pg::numeric::{NumericSum, NumericVariance};
use pg::{Env, Error, Numeric, Oid, Result, TypeRef, Value, binary, catalog, compare, text};

/// The rows of a file of COPY's text format.
fn rows(name: &str) -> Vec<Vec<Option<String>>> {
    let path = format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    let file = fs::read_to_string(path).unwrap();
    file.lines().map(|line| line.split('\t').map(unescape).collect()).collect()
}

fn unescape(field: &str) -> Option<String> {
    if field == "\\N" {
        return None;
    }
    let mut out = Vec::new();
    let mut bytes = field.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'\\' => match bytes.next().unwrap() {
                b'n' => b'\n',
                b't' => b'\t',
                b'r' => b'\r',
                b'b' => 8,
                b'f' => 12,
                b'v' => 11,
                other => other,
            },
            other => other,
        });
    }
    Some(String::from_utf8(out).unwrap())
}

fn type_of(name: &str) -> Oid {
    catalog::type_by_name(name).unwrap_or_else(|| panic!("no type {name}")).oid
}

fn date_style(value: &str) -> DateStyle {
    let (format, order) = value.split_once(", ").unwrap();
    DateStyle {
        format: match format {
            "ISO" => DateFormat::Iso,
            "SQL" => DateFormat::Sql,
            "Postgres" => DateFormat::Postgres,
            _ => DateFormat::German,
        },
        order: match order {
            "MDY" => DateOrder::Mdy,
            "DMY" => DateOrder::Dmy,
            _ => DateOrder::Ymd,
        },
    }
}

fn environment(settings: &str) -> Env {
    let mut env = Env::default();
    for setting in settings.split(';').filter(|s| !s.is_empty()) {
        let (name, value) = setting.split_once('=').unwrap();
        match name {
            "DateStyle" => env.date_style = date_style(value),
            "TimeZone" => env.time_zone = value.into(),
            "IntervalStyle" => {
                env.interval_style = match value {
                    "postgres_verbose" => IntervalStyle::PostgresVerbose,
                    "sql_standard" => IntervalStyle::SqlStandard,
                    _ => IntervalStyle::Iso8601,
                }
            }
            "extra_float_digits" => env.extra_float_digits = value.parse().unwrap(),
            "bytea_output" => env.bytea_output = ByteaOutput::Escape,
            _ => panic!("setting {name}"),
        }
    }
    // The moment of the recording does not matter: no input names it.
    env.transaction_timestamp = 844_000_000_000_000;
    env
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn described(error: &Error) -> String {
    let fields = error.fields();
    let more = |text: &Option<String>| text.clone().unwrap_or_default();
    format!("{} {} [{}] [{}]", fields.code.as_str(), fields.message, more(&fields.detail), more(&fields.hint))
}

fn shown(value: &Value, ty: Oid, env: &Env) -> Result<String> {
    let mut out = Vec::new();
    text::output(value, ty, env, &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

/// Text to value to text and to binary; and binary back to the same value.
fn round_trip(input: &str, ty: TypeRef, env: &Env) -> Result<String> {
    let value = text::input(input, ty, env)?;
    let text = shown(&value, ty.oid, env)?;
    let mut bytes = Vec::new();
    binary::send(&value, ty.oid, env, &mut bytes)?;
    let back = binary::recv(&bytes, TypeRef::of(ty.oid), env)?;
    assert_eq!(shown(&back, ty.oid, env)?, text, "binary form of {input:?} read back");
    Ok(format!("{text} {}", hex(&bytes)))
}

/// Fails with the first differences, and their number.
fn report(differences: &[String], total: usize) {
    assert!(total > 1000, "the vectors are there");
    let first: Vec<_> = differences.iter().take(60).map(String::as_str).collect();
    assert!(differences.is_empty(), "{} of {total} differ:\n{}", differences.len(), first.join("\n"));
}

#[test]
fn input_and_output() {
    let rows = rows("io.tsv");
    let mut differences = Vec::new();
    for row in &rows {
        let field = |at: usize| row[at].clone().unwrap_or_default();
        let ty = TypeRef { oid: type_of(&field(1)), typmod: field(2).parse().unwrap() };
        let wanted = match &row[6] {
            None => format!("{} {}", field(4), field(5)),
            Some(code) => format!("{code} {} [{}] [{}]", field(7), field(8), field(9)),
        };
        let got = round_trip(&field(3), ty, &environment(&field(0))).unwrap_or_else(|e| described(&e));
        if got != wanted {
            differences.push(format!(
                "{} {} {:?} ({}):\n  wanted {wanted}\n  got    {got}",
                field(1),
                ty.typmod,
                field(3),
                field(0)
            ));
        }
    }
    report(&differences, rows.len());
}

fn calculate(op: &str, a: &str, b: &str) -> Result<String> {
    let numeric = |text: &str| Numeric::parse(text);
    let show = |n: Numeric| n.to_string();
    if let Some(result) = aggregate(op, a)? {
        return Ok(result);
    }
    let float = |value: Value, ty: &str| shown(&value, type_of(ty), &Env::default());
    match op {
        "from_float8" => return Ok(show(Numeric::from_f64(text::parse_float8(a)?))),
        "from_float4" => return Ok(show(Numeric::from_f32(text::parse_float4(a)?))),
        "round" => return numeric(a)?.round(b.parse().unwrap()).map(show),
        "trunc" => return numeric(a)?.trunc(b.parse().unwrap()).map(show),
        _ => {}
    }
    let (x, y) = (numeric(a)?, numeric(b)?);
    let result = match op {
        "+" => x.add(&y)?,
        "-" => x.sub(&y)?,
        "*" => x.mul(&y)?,
        "/" => x.div(&y)?,
        "%" => x.modulo(&y)?,
        "div" => x.div_trunc(&y)?,
        "gcd" => x.gcd(&y)?,
        "lcm" => x.lcm(&y)?,
        "power" => x.power(&y)?,
        "log" => y.log(&x)?,
        "-u" => x.neg(),
        "abs" => x.abs(),
        "sign" => x.sign(),
        "ceil" => x.ceil(),
        "floor" => x.floor(),
        "sqrt" => x.sqrt()?,
        "exp" => x.exp()?,
        "ln" => x.ln()?,
        "log10" => x.log10()?,
        "inc" => x.inc()?,
        "trim_scale" => x.trim_scale(),
        "scale" => return Ok(x.scale().map_or(String::new(), |s| s.to_string())),
        "min_scale" => return Ok(x.min_scale().map_or(String::new(), |s| s.to_string())),
        "int2" => return Ok(x.to_i16()?.to_string()),
        "int4" => return Ok(x.to_i32()?.to_string()),
        "int8" => return Ok(x.to_i64()?.to_string()),
        "float4" => return float(Value::Float4(x.to_f32()?), "float4"),
        "float8" => return float(Value::Float8(x.to_f64()?), "float8"),
        _ => panic!("operation {op}"),
    };
    Ok(show(result))
}

fn aggregate(op: &str, values: &str) -> Result<Option<String>> {
    let (mut sum, mut variance) = (NumericSum::default(), NumericVariance::default());
    if !matches!(op, "sum" | "avg" | "var_pop" | "var_samp" | "stddev_pop" | "stddev_samp") {
        return Ok(None);
    }
    for value in values.split(',') {
        let value = Numeric::parse(value)?;
        sum.add(&value);
        variance.add(&value);
    }
    let result = match op {
        "sum" => sum.sum()?,
        "avg" => sum.avg()?,
        "var_pop" => variance.variance(false)?,
        "var_samp" => variance.variance(true)?,
        "stddev_pop" => variance.stddev(false)?,
        _ => variance.stddev(true)?,
    };
    Ok(Some(result.map_or(String::new(), |n| n.to_string())))
}

#[test]
fn numeric_arithmetic() {
    let rows = rows("numeric.tsv");
    let mut differences = Vec::new();
    for row in &rows {
        let field = |at: usize| row[at].clone().unwrap_or_default();
        let wanted = match &row[4] {
            None => field(3),
            Some(code) => format!("{code} {}", field(5)),
        };
        let got = calculate(&field(0), &field(1), &field(2))
            .unwrap_or_else(|e| format!("{} {}", e.code().as_str(), e.message()));
        if got != wanted {
            differences.push(format!(
                "{} {} {}:\n  wanted {wanted}\n  got    {got}",
                field(0),
                field(1),
                field(2)
            ));
        }
    }
    report(&differences, rows.len());
}

#[test]
fn order_and_equality() {
    let rows = rows("compare.tsv");
    let env = Env::default();
    let mut differences = Vec::new();
    for row in &rows {
        let field = |at: usize| row[at].clone().unwrap_or_default();
        let ty = type_of(&field(0));
        let value = |at: usize| text::input(&field(at), TypeRef::of(ty), &env).unwrap();
        let (a, b) = (value(1), value(2));
        let order = compare::compare(ty, &a, &b) as i32;
        let hash = |value: &Value| {
            let mut hasher = DefaultHasher::new();
            compare::hash(ty, value, &mut hasher);
            hasher.finish()
        };
        if order.to_string() != field(3) || (order == 0 && hash(&a) != hash(&b)) {
            differences.push(format!(
                "{} {:?} {:?}: wanted {} got {order}",
                field(0),
                field(1),
                field(2),
                field(3)
            ));
        }
    }
    report(&differences, rows.len());
}
