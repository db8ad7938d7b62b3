//! Expressions. Expected values are PostgreSQL's.

use std::sync::Arc;

use pg::array::Dimension;
use pg::{Array, Numeric, SqlState, TypeRef, Value, oid};

use super::support::*;
use crate::exec::fold;
use crate::query::{Call, CallForm, Coercion, Comparison, Expr, ExprKind, SqlValue, Subscript};

const T: Option<bool> = Some(true);
const F: Option<bool> = Some(false);

fn known(value: Value) -> Option<bool> {
    match value {
        Value::Bool(b) => Some(b),
        Value::Null => None,
        other => panic!("{other:?}"),
    }
}

fn holds(kind: ExprKind) -> Option<bool> {
    known(value(boolean(kind)))
}

fn array(items: &[Option<i32>]) -> Value {
    let items = items.iter().map(|item| item.map_or(Value::Null, Value::Int4)).collect();
    Value::Array(Arc::new(Array::one_dimensional(oid::INT4, items)))
}

fn int_array(items: &[Option<i32>]) -> Expr {
    Expr::constant(array(items), oid::INT4_ARRAY)
}

#[test]
fn three_valued_logic() {
    let values = [T, F, None];
    for a in values {
        for b in values {
            let and = holds(ExprKind::And(vec![truth(a), truth(b)]));
            let or = holds(ExprKind::Or(vec![truth(a), truth(b)]));
            let expected_and = if a == F || b == F { F } else { a.and(b).and(T) };
            let expected_or = if a == T || b == T { T } else { a.and(b).and(F) };
            assert_eq!((and, or), (expected_and, expected_or), "{a:?} {b:?}");
        }
        assert_eq!(holds(ExprKind::Not(Box::new(truth(a)))), a.map(|a| !a));
    }
    // What decides stops the evaluation.
    let fails = || op(op(int(1), "/", int(0)), "=", int(1));
    assert_eq!(holds(ExprKind::And(vec![truth(F), fails()])), F);
    assert_eq!(holds(ExprKind::Or(vec![truth(T), fails()])), T);
    assert!(try_value(boolean(ExprKind::And(vec![truth(None), fails()]))).is_err());
}

#[test]
fn tests_of_null_and_truth() {
    let row = |fields: Vec<Expr>| {
        let names = vec!["f1".into(); fields.len()];
        Expr::row(fields, names)
    };
    let is_null = |expr, negated| holds(ExprKind::IsNull { expr: Box::new(expr), negated });
    assert_eq!(is_null(int(None), false), T);
    assert_eq!(is_null(int(1), false), F);
    assert_eq!(is_null(row(vec![int(None), int(None)]), false), T);
    // Neither NULL nor not NULL.
    assert_eq!(is_null(row(vec![int(None), int(1)]), false), F);
    assert_eq!(is_null(row(vec![int(None), int(1)]), true), F);
    // A row among the fields is looked at from outside.
    assert_eq!(is_null(row(vec![int(None), row(vec![int(None)])]), false), F);
    let test = |operand, value, negated| {
        holds(ExprKind::BooleanTest { expr: Box::new(truth(operand)), value, negated })
    };
    assert_eq!((test(None, T, false), test(None, T, true)), (F, T));
    assert_eq!((test(None, None, false), test(T, None, false), test(F, F, false)), (T, F, T));
    let distinct = |a: Option<i32>, b: Option<i32>, negated| {
        let (left, right) = (Box::new(int(a)), Box::new(int(b)));
        holds(ExprKind::DistinctFrom { equal: operator("=", oid::INT4), left, right, negated })
    };
    assert_eq!((distinct(None, None, false), distinct(None, Some(1), false)), (F, T));
    assert_eq!((distinct(Some(1), Some(1), false), distinct(Some(1), Some(1), true)), (F, T));
}

#[test]
fn conditions() {
    let case_test = || Expr::new(ExprKind::CaseTest, oid::INT4);
    let case = |operand: i32| {
        Expr::new(
            ExprKind::Case {
                operand: Some(Box::new(int(operand))),
                arms: vec![
                    (op(case_test(), "=", int(1)), text("one")),
                    (op(case_test(), "=", int(None)), text("null")),
                    (op(case_test(), "=", int(2)), text("two")),
                ],
                otherwise: None,
            },
            oid::TEXT,
        )
    };
    assert_eq!(value(case(2)), Value::text("two"));
    assert_eq!(value(case(3)), Value::Null);
    let fails = || op(int(1), "/", int(0));
    let coalesce = Expr::new(ExprKind::Coalesce(vec![int(None), int(4), fails()]), oid::INT4);
    assert_eq!(value(coalesce), Value::Int4(4));
    let null_if = |a: Option<i32>, b: Option<i32>| {
        let (left, right) = (Box::new(int(a)), Box::new(int(b)));
        let kind = ExprKind::NullIf { equal: operator("=", oid::INT4), left, right };
        value(Expr::new(kind, oid::INT4))
    };
    assert_eq!(null_if(Some(1), Some(1)), Value::Null);
    assert_eq!(null_if(Some(1), Some(2)), Value::Int4(1));
    assert_eq!(null_if(Some(1), None), Value::Int4(1));
    let extreme = |greatest, args: &[Option<i32>]| {
        let args = args.iter().map(|arg| int(*arg)).collect();
        value(Expr::new(ExprKind::MinMax { greatest, args }, oid::INT4))
    };
    assert_eq!(extreme(true, &[Some(1), None, Some(3)]), Value::Int4(3));
    assert_eq!(extreme(false, &[Some(1), None, Some(3)]), Value::Int4(1));
    assert_eq!(extreme(false, &[None]), Value::Null);
}

#[test]
fn any_and_all_over_lists_and_arrays() {
    let any = |name: &str, all, left: Option<i32>, items: &[Option<i32>]| {
        let list = items.iter().map(|item| int(*item)).collect();
        let operator = operator(name, oid::INT4);
        let by_list = holds(ExprKind::AnyList { operator, all, left: Box::new(int(left)), list });
        let array = Box::new(int_array(items));
        let by_array = holds(ExprKind::AnyArray { operator, all, left: Box::new(int(left)), array });
        // Long lists of constants are looked up: the same answers.
        let long = (0..20).flat_map(|_| items.iter().map(|item| int(*item))).collect();
        let by_hash = holds(ExprKind::AnyList { operator, all, left: Box::new(int(left)), list: long });
        assert_eq!((by_list, by_list), (by_array, by_hash), "{name} {all} {left:?} {items:?}");
        by_list
    };
    assert_eq!(any("=", false, Some(1), &[Some(2), Some(1)]), T);
    assert_eq!(any("=", false, Some(1), &[Some(2), None]), None);
    assert_eq!(any("=", false, Some(1), &[Some(2)]), F);
    assert_eq!(any("=", false, None, &[Some(2)]), None);
    assert_eq!(any("<>", true, Some(1), &[Some(1), None]), F);
    assert_eq!(any("<>", true, Some(1), &[Some(2), None]), None);
    assert_eq!(any("<>", true, Some(1), &[Some(2)]), T);
    assert_eq!(any("<", true, Some(1), &[Some(2), None]), None);
    assert_eq!(any("<", false, Some(1), &[Some(2), None]), T);
    let empty = |all, array| {
        let (left, array) = (Box::new(int(None)), Box::new(array));
        holds(ExprKind::AnyArray { operator: operator("=", oid::INT4), all, left, array })
    };
    assert_eq!((empty(false, int_array(&[])), empty(true, int_array(&[]))), (F, T));
    assert_eq!(empty(false, null(oid::INT4_ARRAY)), None);
}

#[test]
fn rows_compare_in_order() {
    let compare = |name: &str, comparison, left: [Option<i32>; 2], right: [Option<i32>; 2]| {
        let exprs = |fields: [Option<i32>; 2]| fields.iter().map(|field| int(*field)).collect::<Vec<_>>();
        let operators = vec![operator(name, oid::INT4); 2];
        let (left, right) = (exprs(left), exprs(right));
        holds(ExprKind::RowCompare { comparison, operators, left, right })
    };
    let (a, b) = ([Some(1), Some(2)], [Some(1), Some(3)]);
    assert_eq!(compare("<", Comparison::Less, a, b), T);
    assert_eq!(compare("<", Comparison::Less, a, a), F);
    assert_eq!(compare("<", Comparison::LessOrEqual, a, a), T);
    assert_eq!(compare("<=", Comparison::LessOrEqual, a, a), T);
    assert_eq!(compare(">", Comparison::GreaterOrEqual, a, b), F);
    // The first field decides before the NULL is met, or not.
    assert_eq!(compare("<", Comparison::Less, [Some(0), None], b), T);
    assert_eq!(compare("<", Comparison::Less, [Some(1), None], b), None);
    assert_eq!(compare("=", Comparison::Equal, [Some(0), None], b), F);
    assert_eq!(compare("=", Comparison::Equal, [Some(1), None], b), None);
    assert_eq!(compare("=", Comparison::NotEqual, [Some(0), None], b), T);
    assert_eq!(compare("<>", Comparison::NotEqual, a, a), F);
}

#[test]
fn arrays_and_subscripts() {
    let grid = |lower| {
        let dims = vec![Dimension { length: 2, lower }; 2];
        let items = [1, 2, 3, 4].map(Value::Int4).to_vec();
        Expr::constant(Value::Array(Arc::new(Array { element: oid::INT4, dims, items })), oid::INT4_ARRAY)
    };
    let subscript = |expr: Expr, subscripts| {
        value(Expr::new(ExprKind::Subscript { expr: Box::new(expr), subscripts }, oid::INT4))
    };
    let index = |at: i32| Subscript::Index(int(at));
    let slice = |from: Option<i32>, to: Option<i32>| Subscript::Slice(from.map(int), to.map(int));
    let parts = |value: Value| match value {
        Value::Array(array) => {
            let items = array.items.iter().map(|item| item.as_i64().unwrap()).collect::<Vec<_>>();
            (array.dims.iter().map(|dim| (dim.length, dim.lower)).collect::<Vec<_>>(), items)
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(subscript(grid(1), vec![index(2), index(1)]), Value::Int4(3));
    assert_eq!(subscript(grid(1), vec![index(3), index(1)]), Value::Null);
    assert_eq!(subscript(grid(1), vec![index(1)]), Value::Null);
    assert_eq!(subscript(grid(0), vec![index(0), index(1)]), Value::Int4(2));
    assert_eq!(subscript(grid(1), vec![Subscript::Index(int(None)), index(1)]), Value::Null);
    let all = (vec![(2, 1), (2, 1)], vec![1, 2, 3, 4]);
    assert_eq!(parts(subscript(grid(1), vec![slice(Some(1), Some(2))])), all);
    assert_eq!(parts(subscript(grid(1), vec![slice(Some(-3), Some(9)), index(2)])), all);
    let first_column = (vec![(2, 1), (1, 1)], vec![1, 3]);
    assert_eq!(parts(subscript(grid(1), vec![slice(None, None), slice(Some(1), Some(1))])), first_column);
    assert_eq!(parts(subscript(grid(0), vec![slice(None, Some(0))])), (vec![(1, 1), (2, 1)], vec![1, 2]));
    assert_eq!(parts(subscript(grid(1), vec![slice(Some(3), Some(9))])), (vec![], vec![]));
    let nested = |items| Expr::new(ExprKind::Array { items, nested: true }, oid::INT4_ARRAY);
    let one = || int_array(&[Some(1)]);
    assert_eq!(parts(value(nested(vec![one(), one()]))), (vec![(2, 1), (1, 1)], vec![1, 1]));
    assert_eq!(parts(value(nested(vec![int_array(&[]), null(oid::INT4_ARRAY)]))), (vec![], vec![]));
    let error = try_value(nested(vec![one(), int_array(&[])])).unwrap_err();
    assert_eq!(error.code(), SqlState::ARRAY_SUBSCRIPT_ERROR);
}

#[test]
fn coercions() {
    let coerce = |expr: Expr, method, ty: TypeRef, explicit| {
        try_value(Expr::new(ExprKind::Coerce { expr: Box::new(expr), method, explicit }, ty))
    };
    let numeric =
        |text: &str| Expr::constant(Value::Numeric(Arc::new(Numeric::parse(text).unwrap())), oid::NUMERIC);
    let through = Coercion::InputOutput;
    assert_eq!(coerce(int(12), through, oid::TEXT.into(), true).unwrap(), Value::text("12"));
    assert_eq!(coerce(text(" 12 "), through, oid::INT4.into(), true).unwrap(), Value::Int4(12));
    assert_eq!(coerce(null(oid::TEXT), through, oid::INT4.into(), true).unwrap(), Value::Null);
    let error = coerce(text("x"), through, oid::INT4.into(), true).unwrap_err();
    assert_eq!(error.message(), "invalid input syntax for type integer: \"x\"");
    let rounded = coerce(
        numeric("1.26"),
        Coercion::Typmod,
        TypeRef { oid: oid::NUMERIC, typmod: (4 << 16 | 1) + 4 },
        true,
    );
    assert_eq!(rounded.unwrap(), value(numeric("1.3")));
    let varchar = TypeRef { oid: oid::VARCHAR, typmod: 4 + 2 };
    let long = || Expr { ty: oid::VARCHAR.into(), ..text("abc") };
    assert_eq!(coerce(long(), Coercion::Typmod, varchar, true).unwrap(), Value::text("ab"));
    let error = coerce(long(), Coercion::Typmod, varchar, false).unwrap_err();
    assert_eq!(error.code(), SqlState::STRING_DATA_RIGHT_TRUNCATION);
    let items = int_array(&[Some(1), None]);
    let texts = coerce(items, Coercion::ArrayInputOutput, oid::TEXT_ARRAY.into(), true).unwrap();
    let expected = Array::one_dimensional(oid::TEXT, vec![Value::text("1"), Value::Null]);
    assert_eq!(texts, Value::Array(Arc::new(expected)));
    let widened = coerce(
        int_array(&[Some(7)]),
        Coercion::ArrayElements(pg::catalog::cast(oid::INT4, oid::INT8).unwrap().func),
        oid::INT8_ARRAY.into(),
        false,
    );
    let expected = Array::one_dimensional(oid::INT8, vec![Value::Int8(7)]);
    assert_eq!(widened.unwrap(), Value::Array(Arc::new(expected)));
}

#[test]
fn the_clock_is_the_transactions() {
    let value = |kind, ty: pg::Oid| value(Expr::new(ExprKind::SqlValue(kind), ty));
    assert_eq!(value(SqlValue::CurrentDate, oid::DATE), Value::Date(1));
    assert_eq!(value(SqlValue::CurrentTimestamp(None), oid::TIMESTAMPTZ), Value::TimestampTz(86_400_000_000));
    assert_eq!(value(SqlValue::LocalTime(None), oid::TIME), Value::Time(0));
}

#[test]
fn variadic_arrays_are_spread() {
    let concat = |args: Vec<Expr>, variadic| {
        let proc = pg::catalog::proc_by_signature("concat", &[oid::ANY]).unwrap().oid;
        let call = Call { proc, args, form: CallForm::Function, retset: false, variadic };
        value(Expr::new(ExprKind::Call(Box::new(call)), oid::TEXT))
    };
    assert_eq!(concat(vec![int(1), text("a"), int(None)], false), Value::text("1a"));
    assert_eq!(concat(vec![int_array(&[Some(1), None, Some(2)])], true), Value::text("12"));
    assert_eq!(concat(vec![null(oid::INT4_ARRAY)], true), Value::Null);
}

#[test]
fn parameters_are_constants() {
    let mut context = context();
    context.params = Arc::new([Value::Int4(5)]);
    let expr = op(Expr::new(ExprKind::Param(0), oid::INT4), "+", int(1));
    assert_eq!(crate::exec::evaluate_constant(&expr, &context).unwrap(), Value::Int4(6));
    let missing = Expr::new(ExprKind::Param(1), oid::INT4);
    let error = crate::exec::evaluate_constant(&missing, &context).unwrap_err();
    assert_eq!(error.code(), SqlState::UNDEFINED_PARAMETER);
}

#[test]
fn deep_expressions_are_evaluated() {
    let deep = |depth| (0..depth).fold(int(0), |expr, _| op(expr, "+", int(1)));
    // Drops and clones take the thread's own.
    let test = move || {
        assert_eq!(value(deep(9_000)), Value::Int4(9_000));
        let slots = (0..9_000).fold(slot(0), |expr, _| op(expr, "+", int(1)));
        assert!(fold(slots, &pg::Env::default()).is_ok());
    };
    std::thread::Builder::new().stack_size(16 << 20).spawn(test).unwrap().join().unwrap();
}

#[test]
fn constants_are_folded() {
    let env = pg::Env::default();
    let constant = |expr: Expr| match fold(expr, &env).unwrap().kind {
        ExprKind::Const(value) => Some(value),
        _ => None,
    };
    assert_eq!(constant(op(int(1), "+", int(2))), Some(Value::Int4(3)));
    assert_eq!(constant(op(slot(0), "+", int(2))), None);
    assert_eq!(constant(op(slot(0), "+", int(None))), Some(Value::Null));
    // An error is an error at once, unless a constant before it decides.
    let fails = || op(op(int(1), "/", int(0)), "=", int(1));
    assert_eq!(fold(fails(), &env).unwrap_err().code(), SqlState::DIVISION_BY_ZERO);
    assert_eq!(constant(boolean(ExprKind::And(vec![truth(F), fails()]))), Some(Value::Bool(false)));
    assert!(fold(boolean(ExprKind::And(vec![fails(), truth(F)])), &env).is_err());
    let case = |condition| ExprKind::Case {
        operand: None,
        arms: vec![(condition, op(int(1), "/", int(0)))],
        otherwise: Some(Box::new(int(9))),
    };
    assert_eq!(constant(Expr::new(case(truth(F)), oid::INT4)), Some(Value::Int4(9)));
    assert!(fold(Expr::new(case(op(slot(0), "=", int(1))), oid::INT4), &env).is_err());
    // Constants among others are left out.
    let kept = op(slot(0), "=", int(1));
    let folded = fold(boolean(ExprKind::And(vec![truth(T), kept])), &env).unwrap();
    assert!(matches!(folded.kind, ExprKind::Call(_)));
}
