//! Aggregates whose values in Hazelcast are PostgreSQL's.

use pg::{Value, oid};

use crate::hazelcast::SqlType;
use crate::plan::ArgForm;
use crate::plan::piece::{Piece, column_of};
use crate::query::*;

use super::functions::refusal;
use super::{Exact, Risk, Scope};

impl Scope<'_> {
    /// The number of rows. The key is never NULL; for `COUNT(*)` Hazelcast reads all columns of all entries, and fails
    /// when one of them can't be read.
    fn count_rows(&self) -> Piece {
        if let [source] = self.sources.as_slice() {
            let mut keys = source.relation.key_columns();
            if let (Some((_, key)), None) = (keys.next(), keys.next())
                && key.external_name.as_deref() == Some("__key")
            {
                return Piece::wrapped("COUNT(", column_of(&source.alias, key), ")");
            }
        }
        Piece::sql("COUNT(*)")
    }

    /// An aggregate. (`avg` over integers and decimals is not among them: it is finished here from a sum and a count.)
    pub(in crate::plan) fn aggregate(&self, aggregate: &Aggregate) -> Option<Exact> {
        if !aggregate.order_by.is_empty() || aggregate.within_group {
            return None;
        }
        let name = pg::catalog::proc_by_oid(aggregate.proc)?.name;
        let scope = Scope { grouped: false, ..self.guarded() };
        let filter = aggregate.filter.as_ref().map(|filter| scope.condition(filter));
        let filter = match filter {
            Some(None) => return None,
            Some(found) => found,
            None => None,
        };
        let Some(arg) = aggregate.args.first() else {
            let piece = match filter {
                Some(filter) => Piece::wrapped("COUNT(CASE WHEN ", filter, " THEN 1 END)"),
                None => self.count_rows(),
            };
            return (name == "count").then_some(Exact::new(piece, SqlType::BigInt));
        };
        if aggregate.args.len() != 1 {
            return None;
        }
        let value = match name {
            "sum" if arg.ty.oid == oid::NUMERIC => scope.summable(arg)?,
            _ => scope.value(arg)?,
        };
        let once = !matches!(name, "min" | "max" | "bool_and" | "bool_or" | "every");
        // What is never NULL is counted without being looked at.
        if name == "count" && !value.piece.tells_null() {
            return None;
        }
        if aggregate.distinct && once && !value.is_groupable() {
            return None;
        }
        let distinct = if aggregate.distinct && once { "DISTINCT " } else { "" };
        scope.over(name, value, distinct, filter)
    }

    fn over(&self, name: &str, value: Exact, distinct: &str, filter: Option<Piece>) -> Option<Exact> {
        use SqlType::*;
        let Exact { piece, cluster_type, .. } = value;
        let piece = match filter {
            Some(filter) => {
                let mut case = Piece::wrapped("CASE WHEN ", filter, " THEN ");
                case.append(piece).push(" END");
                case
            }
            None => piece,
        };
        let call = |function: &str| Piece::wrapped(&format!("{function}({distinct}"), piece.clone(), ")");
        Some(match (name, cluster_type) {
            ("count", _) => Exact::new(call("COUNT"), BigInt),
            ("sum", TinyInt | SmallInt | Integer) => Exact::new(call("SUM"), BigInt),
            ("sum", BigInt | Decimal) => Exact::new(call("SUM"), Decimal),
            ("sum", Double) => self.float_sum(&piece)?,
            ("avg", Double) => self.float_average(&piece)?,
            ("bool_and" | "every", Boolean) => Exact::new(call("MIN"), Boolean),
            ("bool_or", Boolean) => Exact::new(call("MAX"), Boolean),
            (
                "min" | "max",
                Varchar | TinyInt | SmallInt | Integer | BigInt | Decimal | Real | Double | Date | Time
                | Timestamp | TimestampTz,
            ) => Exact::new(call(if name == "min" { "MIN" } else { "MAX" }), cluster_type),
            _ => return None,
        })
    }

    /// The cluster's sum becomes infinite where PostgreSQL's fails, and is 0 where PostgreSQL's is -0.
    fn float_sum(&self, value: &Piece) -> Option<Exact> {
        let operands = [value.clone(), double(f64::INFINITY), double(f64::NEG_INFINITY), double(-0.0)];
        let wrong = "SUM({0}) >= {1} OR SUM({0}) <= {2} OR (SUM({0}) >= {3} AND MAX({0}) <= {3})";
        self.unless(wrong, "SUM({0})", &operands)
    }

    /// PostgreSQL computes the sum of squares beside the average, and fails when that overflows.
    fn float_average(&self, value: &Piece) -> Option<Exact> {
        let operands = [value.clone(), double(1e140), double(-1e140), double(-0.0)];
        let wrong = "MAX({0}) > {1} OR MIN({0}) < {2} OR (AVG({0}) >= {3} AND MAX({0}) <= {3})";
        self.unless(wrong, "AVG({0})", &operands)
    }

    /// A DOUBLE, unless a condition says that it would be wrong.
    fn unless(&self, wrong: &str, value: &str, operands: &[Piece]) -> Option<Exact> {
        if self.risk < Risk::Guards {
            return None;
        }
        let mut operands = operands.to_vec();
        operands.push(refusal(SqlType::Double));
        let refused = operands.len() - 1;
        let template = format!("CASE WHEN {wrong} THEN {{{refused}}} ELSE {value} END");
        Some(Exact::new(Piece::template(&template, &operands).risky(), SqlType::Double))
    }
}

fn double(value: f64) -> Piece {
    let value = Expr::constant(Value::Float8(value), oid::FLOAT8);
    Piece::wrapped("CAST(", Piece::argument(&value, SqlType::Double, ArgForm::Plain), " AS DOUBLE)")
}
