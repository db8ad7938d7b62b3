//! The functions, operators and casts that Hazelcast computes as PostgreSQL does: one table, keyed by `pg_proc`.

use pg::{Numeric, Oid, Value, oid};

use crate::hazelcast::SqlType;
use crate::plan::ArgForm;
use crate::plan::piece::Piece;
use crate::query::*;

use super::value::Exact;
use super::{Risk, Scope};

/// A row of the table.
pub(super) struct Function {
    /// `proname`
    pub(super) name: &'static str,
    /// `proargtypes`
    pub(super) args: &'static [Oid],
    /// Hazelcast SQL; `{0}` is the first operand.
    pub(super) sql: &'static str,
    /// Its type there.
    pub(super) result: SqlType,
    /// What the cluster may fail at.
    pub(super) risk: Risk,
}

const fn row(name: &'static str, args: &'static [Oid], sql: &'static str, result: SqlType) -> Function {
    Function { name, args, sql, result, risk: Risk::None }
}

/// One that fails where PostgreSQL fails.
const fn failing(name: &'static str, args: &'static [Oid], sql: &'static str, result: SqlType) -> Function {
    Function { name, args, sql, result, risk: Risk::Errors }
}

use oid::{BOOL, DATE, FLOAT4, FLOAT8, INT2, INT4, INT8, NUMERIC, TEXT, TIMESTAMP};

const PLUS: [&str; 3] = [
    "CAST(({0} + {1}) AS SMALLINT)",
    "CAST(({0} + {1}) AS INTEGER)",
    "(CAST({0} AS BIGINT) + CAST({1} AS BIGINT))",
];
const MINUS: [&str; 3] = [
    "CAST(({0} - {1}) AS SMALLINT)",
    "CAST(({0} - {1}) AS INTEGER)",
    "(CAST({0} AS BIGINT) - CAST({1} AS BIGINT))",
];
const TIMES: [&str; 3] = [
    "CAST(({0} * {1}) AS SMALLINT)",
    "CAST(({0} * {1}) AS INTEGER)",
    "(CAST({0} AS BIGINT) * CAST({1} AS BIGINT))",
];
const OVER: [&str; 3] = [
    "CAST(({0} / {1}) AS SMALLINT)",
    "CAST(({0} / {1}) AS INTEGER)",
    "(CAST({0} AS BIGINT) / CAST({1} AS BIGINT))",
];

/// Hazelcast gives integers the next wider type, so that what overflows must be seen by a cast; BIGINT overflows by
/// itself.
pub(super) static FUNCTIONS: &[Function] = &[
    failing("int2pl", &[INT2, INT2], PLUS[0], SqlType::SmallInt),
    failing("int4pl", &[INT4, INT4], PLUS[1], SqlType::Integer),
    failing("int24pl", &[INT2, INT4], PLUS[1], SqlType::Integer),
    failing("int42pl", &[INT4, INT2], PLUS[1], SqlType::Integer),
    failing("int8pl", &[INT8, INT8], PLUS[2], SqlType::BigInt),
    failing("int28pl", &[INT2, INT8], PLUS[2], SqlType::BigInt),
    failing("int82pl", &[INT8, INT2], PLUS[2], SqlType::BigInt),
    failing("int48pl", &[INT4, INT8], PLUS[2], SqlType::BigInt),
    failing("int84pl", &[INT8, INT4], PLUS[2], SqlType::BigInt),
    failing("int2mi", &[INT2, INT2], MINUS[0], SqlType::SmallInt),
    failing("int4mi", &[INT4, INT4], MINUS[1], SqlType::Integer),
    failing("int24mi", &[INT2, INT4], MINUS[1], SqlType::Integer),
    failing("int42mi", &[INT4, INT2], MINUS[1], SqlType::Integer),
    failing("int8mi", &[INT8, INT8], MINUS[2], SqlType::BigInt),
    failing("int28mi", &[INT2, INT8], MINUS[2], SqlType::BigInt),
    failing("int82mi", &[INT8, INT2], MINUS[2], SqlType::BigInt),
    failing("int48mi", &[INT4, INT8], MINUS[2], SqlType::BigInt),
    failing("int84mi", &[INT8, INT4], MINUS[2], SqlType::BigInt),
    failing("int2mul", &[INT2, INT2], TIMES[0], SqlType::SmallInt),
    failing("int4mul", &[INT4, INT4], TIMES[1], SqlType::Integer),
    failing("int24mul", &[INT2, INT4], TIMES[1], SqlType::Integer),
    failing("int42mul", &[INT4, INT2], TIMES[1], SqlType::Integer),
    failing("int8mul", &[INT8, INT8], TIMES[2], SqlType::BigInt),
    failing("int28mul", &[INT2, INT8], TIMES[2], SqlType::BigInt),
    failing("int82mul", &[INT8, INT2], TIMES[2], SqlType::BigInt),
    failing("int48mul", &[INT4, INT8], TIMES[2], SqlType::BigInt),
    failing("int84mul", &[INT8, INT4], TIMES[2], SqlType::BigInt),
    failing("int2div", &[INT2, INT2], OVER[0], SqlType::SmallInt),
    failing("int4div", &[INT4, INT4], OVER[1], SqlType::Integer),
    failing("int24div", &[INT2, INT4], OVER[1], SqlType::Integer),
    failing("int42div", &[INT4, INT2], OVER[1], SqlType::Integer),
    failing("int8div", &[INT8, INT8], OVER[2], SqlType::BigInt),
    failing("int28div", &[INT2, INT8], OVER[2], SqlType::BigInt),
    failing("int82div", &[INT8, INT2], OVER[2], SqlType::BigInt),
    failing("int48div", &[INT4, INT8], OVER[2], SqlType::BigInt),
    failing("int84div", &[INT8, INT4], OVER[2], SqlType::BigInt),
    failing("int2mod", &[INT2, INT2], "MOD({0}, {1})", SqlType::SmallInt),
    failing("int4mod", &[INT4, INT4], "MOD({0}, {1})", SqlType::Integer),
    failing("int8mod", &[INT8, INT8], "MOD({0}, {1})", SqlType::BigInt),
    failing("mod", &[INT2, INT2], "MOD({0}, {1})", SqlType::SmallInt),
    failing("mod", &[INT4, INT4], "MOD({0}, {1})", SqlType::Integer),
    failing("mod", &[INT8, INT8], "MOD({0}, {1})", SqlType::BigInt),
    failing("int2um", &[INT2], "CAST((- {0}) AS SMALLINT)", SqlType::SmallInt),
    failing("int4um", &[INT4], "CAST((- {0}) AS INTEGER)", SqlType::Integer),
    failing("int8um", &[INT8], "(- {0})", SqlType::BigInt),
    row("int2up", &[INT2], "{0}", SqlType::SmallInt),
    row("int4up", &[INT4], "{0}", SqlType::Integer),
    row("int8up", &[INT8], "{0}", SqlType::BigInt),
    failing("abs", &[INT2], "CAST(ABS({0}) AS SMALLINT)", SqlType::SmallInt),
    failing("abs", &[INT4], "CAST(ABS({0}) AS INTEGER)", SqlType::Integer),
    failing("abs", &[INT8], "ABS({0})", SqlType::BigInt),
    failing("int2abs", &[INT2], "CAST(ABS({0}) AS SMALLINT)", SqlType::SmallInt),
    failing("int4abs", &[INT4], "CAST(ABS({0}) AS INTEGER)", SqlType::Integer),
    failing("int8abs", &[INT8], "ABS({0})", SqlType::BigInt),
    // Casts among numbers. Those from floats, and those that would round, are made here.
    row("int4", &[INT2], "CAST({0} AS INTEGER)", SqlType::Integer),
    row("int8", &[INT2], "CAST({0} AS BIGINT)", SqlType::BigInt),
    row("int8", &[INT4], "CAST({0} AS BIGINT)", SqlType::BigInt),
    failing("int2", &[INT4], "CAST({0} AS SMALLINT)", SqlType::SmallInt),
    failing("int2", &[INT8], "CAST({0} AS SMALLINT)", SqlType::SmallInt),
    failing("int4", &[INT8], "CAST({0} AS INTEGER)", SqlType::Integer),
    row("numeric", &[INT2], "CAST({0} AS DECIMAL)", SqlType::Decimal),
    row("numeric", &[INT4], "CAST({0} AS DECIMAL)", SqlType::Decimal),
    row("numeric", &[INT8], "CAST({0} AS DECIMAL)", SqlType::Decimal),
    row("float8", &[INT2], "CAST({0} AS DOUBLE)", SqlType::Double),
    row("float8", &[INT4], "CAST({0} AS DOUBLE)", SqlType::Double),
    row("float8", &[INT8], "CAST({0} AS DOUBLE)", SqlType::Double),
    row("float8", &[FLOAT4], "CAST({0} AS DOUBLE)", SqlType::Double),
    // Floats: what neither overflows nor underflows.
    row("abs", &[FLOAT8], "ABS({0})", SqlType::Double),
    row("abs", &[FLOAT4], "ABS({0})", SqlType::Real),
    // Text.
    row("textcat", &[TEXT, TEXT], "({0} || {1})", SqlType::Varchar),
    row("btrim", &[TEXT], "TRIM({0})", SqlType::Varchar),
    row("ltrim", &[TEXT], "LTRIM({0})", SqlType::Varchar),
    row("rtrim", &[TEXT], "RTRIM({0})", SqlType::Varchar),
    row("replace", &[TEXT, TEXT, TEXT], "REPLACE({0}, {1}, {2})", SqlType::Varchar),
    row("text", &[BOOL], "CAST({0} AS VARCHAR)", SqlType::Varchar),
    // Dates.
    row("date", &[TIMESTAMP], "CAST({0} AS DATE)", SqlType::Date),
];

/// Decimals: guarded, so that no digit gets lost ([`guarded`]); what is computed of them has digits that are known.
const DECIMALS: &[(&str, &[Oid], &str)] = &[
    ("numeric_add", &[NUMERIC, NUMERIC], "({0} + {1})"),
    ("numeric_sub", &[NUMERIC, NUMERIC], "({0} - {1})"),
    ("numeric_mul", &[NUMERIC, NUMERIC], "({0} * {1})"),
    ("numeric_uminus", &[NUMERIC], "(- {0})"),
    ("abs", &[NUMERIC], "ABS({0})"),
];

/// The fields of a date that EXTRACT has as PostgreSQL has them, and of what.
const FIELDS: &[(&str, &[Oid], &str)] = &[
    ("year", &[DATE, TIMESTAMP], "YEAR"),
    ("quarter", &[DATE, TIMESTAMP], "QUARTER"),
    ("month", &[DATE, TIMESTAMP], "MONTH"),
    ("day", &[DATE, TIMESTAMP], "DAY"),
    ("doy", &[DATE, TIMESTAMP], "DOY"),
    ("dow", &[DATE, TIMESTAMP], "DOW"),
    ("isodow", &[DATE, TIMESTAMP], "ISODOW"),
    ("hour", &[TIMESTAMP], "HOUR"),
    ("minute", &[TIMESTAMP], "MINUTE"),
];

/// Digits before and after the point that a decimal may have to be computed with: of a product of three, a sum over
/// ten thousand million rows has 70 digits; Hazelcast rounds at 76.
const DECIMAL_DIGITS: (u32, u32) = (12, 8);
/// Digits that a sum adds.
const SUM_DIGITS: u32 = 10;
/// Where Hazelcast rounds.
const PRECISION: u32 = 76;

impl Scope<'_> {
    /// A function call.
    pub(super) fn function(&self, call: &Call) -> Option<Exact> {
        if call.retset || call.variadic {
            return None;
        }
        let proc = pg::catalog::proc_by_oid(call.proc)?;
        if proc.namespace != pg::catalog::PG_CATALOG {
            return None;
        }
        if let Some(extracted) = self.extract(proc.name, call) {
            return Some(extracted);
        }
        if let Some((_, _, sql)) =
            DECIMALS.iter().find(|(name, args, _)| proc.name == *name && *proc.args == **args)
        {
            return self.decimal(proc.name, sql, &call.args);
        }
        let function = FUNCTIONS.iter().find(|f| f.name == proc.name && *f.args == *proc.args)?;
        if function.risk > self.risk {
            return None;
        }
        let operands: Vec<Exact> =
            call.args.iter().map(|arg| self.natural_value(arg)).collect::<Option<_>>()?;
        let pieces: Vec<Piece> = operands.into_iter().map(|operand| operand.piece).collect();
        let mut piece = Piece::template(function.sql, &pieces);
        piece.risky |= function.risk > Risk::None;
        let mut exact = Exact::new(piece, function.result);
        if function.result == SqlType::Decimal {
            // An integer: its scale is 0.
            exact.canonical = true;
            exact.digits = Some((19, 0));
        }
        Some(exact)
    }

    /// `extract(field from x)`, `date_part('field', x)`
    fn extract(&self, name: &str, call: &Call) -> Option<Exact> {
        let [field, from] = call.args.as_slice() else { return None };
        let ExprKind::Const(Value::Text(field)) = &field.kind else { return None };
        let result = match name {
            "extract" => SqlType::Decimal,
            "date_part" => SqlType::Double,
            _ => return None,
        };
        let known = |(name, types, _): &&(&str, &[Oid], &str)| {
            name.eq_ignore_ascii_case(field) && types.contains(&from.ty.oid)
        };
        let (field, _, word) = FIELDS.iter().find(known)?;
        let from = self.natural_value(from)?.piece;
        let sql = match *field {
            // There is no year 0 in PostgreSQL.
            "year" => "CASE WHEN EXTRACT(YEAR FROM {0}) > 0 THEN EXTRACT(YEAR FROM {0}) ELSE EXTRACT(YEAR FROM {0}) - 1 END"
                .to_string(),
            _ => format!("EXTRACT({word} FROM {{0}})"),
        };
        let piece = Piece::template(&format!("CAST({sql} AS {})", result.name()), &[from]);
        let digits = (result == SqlType::Decimal).then_some((10, 0));
        Some(Exact { canonical: true, digits, ..Exact::new(piece, result) })
    }

    /// Arithmetic of decimals.
    fn decimal(&self, name: &str, sql: &str, args: &[Expr]) -> Option<Exact> {
        let operands: Vec<Exact> = args.iter().map(|arg| self.measured(arg)).collect::<Option<_>>()?;
        let digits: Vec<(u32, u32)> = operands.iter().filter_map(|operand| operand.digits).collect();
        let digits = match (name, digits.as_slice()) {
            ("numeric_mul", [(a, b), (c, d)]) => (a + c, b + d),
            (_, [(a, b), (c, d)]) => (a.max(c) + 1, *b.max(d)),
            (_, [digits]) => *digits,
            _ => return None,
        };
        if digits.0 + digits.1 > PRECISION {
            return None;
        }
        let pieces: Vec<Piece> = operands.into_iter().map(|operand| operand.piece).collect();
        Some(Exact { digits: Some(digits), ..Exact::new(Piece::template(sql, &pieces), SqlType::Decimal) })
    }

    /// A decimal of known length: by itself, or because of a guard.
    pub(super) fn measured(&self, expr: &Expr) -> Option<Exact> {
        let value = self.natural_value(expr)?;
        if value.cluster_type != SqlType::Decimal {
            return None;
        }
        match value.digits {
            Some(_) => Some(value),
            None if self.risk >= Risk::Guards => Some(guarded(value)),
            None => None,
        }
    }

    /// A decimal over which sums are exact.
    pub(super) fn summable(&self, expr: &Expr) -> Option<Exact> {
        let value = self.measured(expr)?;
        let (before, after) = value.digits?;
        (before + after + SUM_DIGITS <= PRECISION).then_some(value)
    }
}

/// Fails in the cluster for a value that is too long; a value with zeros instead of digits before the point
/// (`1E+3`) gets them, since the scale of what is computed of it follows from its own.
fn guarded(value: Exact) -> Exact {
    let (before, after) = DECIMAL_DIGITS;
    let most = format!("1{}", "0".repeat(before as usize));
    let zero = Piece::wrapped(
        "CAST(",
        Piece::argument(&Expr::constant(Value::Int4(0), INT4), SqlType::Decimal, ArgForm::Plain),
        " AS DECIMAL)",
    );
    let refusal = refusal(SqlType::Decimal);
    let template = format!(
        "CASE WHEN {{0}} >= {most} OR {{0}} <= -{most} OR {{0}} <> ROUND({{0}}, {after}) THEN {{2}} ELSE {{0}} + {{1}} END"
    );
    let piece = Piece::template(&template, &[value.piece, zero, refusal]).risky();
    Exact { digits: Some(DECIMAL_DIGITS), ..Exact::new(piece, SqlType::Decimal) }
}

/// Something at which the cluster fails when it is evaluated, and not before.
pub(super) fn refusal(ty: SqlType) -> Piece {
    let text = Expr::constant(Value::text("computed by the gateway"), TEXT);
    let argument = Piece::argument(&text, SqlType::Varchar, ArgForm::Plain);
    Piece::wrapped("CAST(CAST(", argument, &format!(" AS VARCHAR) AS {})", ty.name()))
}

/// The digits of a constant before and after its point.
pub(super) fn digits_of(numeric: &Numeric) -> Option<(u32, u32)> {
    let text = numeric.to_string();
    let (before, after) =
        text.trim_start_matches('-').split_once('.').unwrap_or((text.trim_start_matches('-'), ""));
    let all_digits = before.bytes().chain(after.bytes()).all(|b| b.is_ascii_digit());
    let count = |part: &str| u32::try_from(part.len()).ok();
    all_digits.then_some((count(before)?, count(after)?))
}
