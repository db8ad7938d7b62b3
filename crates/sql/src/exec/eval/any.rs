//! `op ANY` and `op ALL` over lists and arrays.

use pg::catalog;
use pg::{Error, Oid, Result, Value, oid};

use super::call::Function;
use super::{Op, Scope};
use crate::exec::key::RowSet;
use crate::query::Operator;

/// The type by which an equality operator's operands can be hashed, when they can.
pub(in crate::exec) fn hashable(operator: Operator) -> Option<Oid> {
    let row = catalog::operator_by_oid(operator.oid)?;
    let equality = row.name == "=" && row.can_hash && row.code == operator.proc;
    (equality && same_hash(row.left, row.right)).then_some(row.left)
}

/// Whether values of both types that are equal have the same hash.
fn same_hash(left: Oid, right: Oid) -> bool {
    const INTEGERS: [Oid; 3] = [oid::INT2, oid::INT4, oid::INT8];
    const TEXTS: [Oid; 2] = [oid::TEXT, oid::NAME];
    left == right
        || (INTEGERS.contains(&left) && INTEGERS.contains(&right))
        || (TEXTS.contains(&left) && TEXTS.contains(&right))
}

/// Lists longer than this are looked up by hash.
const LONG_LIST: usize = 8;

/// `left op ANY|ALL (list)`.
pub(in crate::exec) struct AnyList {
    operator: Function,
    all: bool,
    left: Op,
    list: List,
}

enum List {
    Items(Vec<Op>),
    /// Constants compared for equality, or with `all` for inequality.
    Set {
        key: Oid,
        set: RowSet,
        has_null: bool,
    },
}

impl AnyList {
    /// `key` is the type to hash by when the operator is an equality (`ANY`) or its negation (`ALL`).
    pub(super) fn new(operator: Function, all: bool, left: Op, items: Vec<Op>, key: Option<Oid>) -> AnyList {
        let constant = items.iter().all(|item| matches!(item, Op::Const(_)));
        let list = match key {
            Some(key) if constant && items.len() > LONG_LIST => constant_set(key, items),
            _ => List::Items(items),
        };
        AnyList { operator, all, left, list }
    }

    pub(super) fn eval(&self, scope: &Scope<'_>) -> Result<Value> {
        let left = self.left.eval(scope)?;
        match &self.list {
            List::Items(items) => {
                let mut fold = Fold::new(self.all);
                for item in items {
                    let item = item.eval(scope)?;
                    if fold.add(&self.operator.call(&[left.clone(), item], scope)?) {
                        break;
                    }
                }
                Ok(fold.value())
            }
            List::Set { key, set, has_null } => Ok(if left.is_null() {
                Value::Null
            } else if set.find(&[*key], std::slice::from_ref(&left)).is_some() {
                Value::Bool(!self.all)
            } else if *has_null {
                Value::Null
            } else {
                Value::Bool(self.all)
            }),
        }
    }
}

fn constant_set(key: Oid, items: Vec<Op>) -> List {
    let mut set = RowSet::default();
    let mut has_null = false;
    for item in items {
        match item {
            Op::Const(Value::Null) => has_null = true,
            Op::Const(value) => {
                set.insert(&[key], vec![value]);
            }
            _ => {}
        }
    }
    List::Set { key, set, has_null }
}

/// Comparisons gathered with OR (`ANY`) or AND (`ALL`), of none at first.
pub(in crate::exec) struct Fold {
    all: bool,
    decided: bool,
    null: bool,
}

impl Fold {
    pub(in crate::exec) fn new(all: bool) -> Fold {
        Fold { all, decided: false, null: false }
    }

    /// Takes a comparison; whether no further one can change the answer.
    pub(in crate::exec) fn add(&mut self, value: &Value) -> bool {
        match value {
            Value::Null => self.null = true,
            value => self.decided |= value.is_true() != self.all,
        }
        self.decided
    }

    pub(in crate::exec) fn value(&self) -> Value {
        match (self.decided, self.null) {
            (true, _) => Value::Bool(!self.all),
            (false, true) => Value::Null,
            (false, false) => Value::Bool(self.all),
        }
    }
}

/// `left op ANY|ALL (array)`.
pub(in crate::exec) struct AnyArray {
    pub(super) operator: Function,
    pub(super) all: bool,
    pub(super) left: Op,
    pub(super) array: Op,
}

impl AnyArray {
    pub(super) fn eval(&self, scope: &Scope<'_>) -> Result<Value> {
        let left = self.left.eval(scope)?;
        let array = match self.array.eval(scope)? {
            Value::Null => return Ok(Value::Null),
            Value::Array(array) => array,
            other => return Err(Error::internal(format!("ANY of what is no array: {other:?}"))),
        };
        let mut fold = Fold::new(self.all);
        for item in &array.items {
            if fold.add(&self.operator.call(&[left.clone(), item.clone()], scope)?) {
                break;
            }
        }
        Ok(fold.value())
    }
}
