//! `jsonb_path_exists` and its relatives (`jsonpath_exec.c`).

use std::cmp::Ordering;

use super::datetime;
use super::{jsonb, tree};
use crate::func::args::{Arg, Jsonb, arity, mismatch};
use crate::func::regex;
use crate::func::{Call, Kernel, SetKernel};
use crate::json::path::{Head, Item, JsonPath, Operator, Step};
use crate::json::{Json, offset_of};
use crate::other::Other;
use crate::{Env, Error, Numeric, Result, SqlState, Value};

pub(super) const KERNELS: &[(&str, Kernel)] = &[
    ("jsonb_path_exists", |call, args| exists(call, args, Manner::Plain)),
    ("jsonb_path_exists_tz", |call, args| exists(call, args, Manner::Zoned)),
    ("jsonb_path_exists_opr", |call, args| exists(call, args, Manner::Silent)),
    ("jsonb_path_match", |call, args| matches(call, args, Manner::Plain)),
    ("jsonb_path_match_tz", |call, args| matches(call, args, Manner::Zoned)),
    ("jsonb_path_match_opr", |call, args| matches(call, args, Manner::Silent)),
    ("jsonb_path_query_array", |call, args| query_array(call, args, Manner::Plain)),
    ("jsonb_path_query_array_tz", |call, args| query_array(call, args, Manner::Zoned)),
    ("jsonb_path_query_first", |call, args| query_first(call, args, Manner::Plain)),
    ("jsonb_path_query_first_tz", |call, args| query_first(call, args, Manner::Zoned)),
];

pub(super) const SETS: &[(&str, SetKernel)] = &[
    ("jsonb_path_query", |call, args| query(call, args, Manner::Plain)),
    ("jsonb_path_query_tz", |call, args| query(call, args, Manner::Zoned)),
];

/// How a path is followed.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    Plain,
    /// Dates and times may be compared by the session's time zone.
    Zoned,
    /// Errors are hidden, unless an argument says otherwise.
    Silent,
}

impl<'a> Arg<'a> for &'a JsonPath {
    fn arg(value: &'a Value) -> Result<&'a JsonPath> {
        match value {
            Value::Other(other) => match &**other {
                Other::JsonPath(path) => Ok(path),
                _ => Err(mismatch(value)),
            },
            other => Err(mismatch(other)),
        }
    }
}

/// What a call is about.
struct Arguments<'a> {
    target: Json,
    path: &'a JsonPath,
    vars: Option<Json>,
    silent: bool,
    zoned: bool,
    env: &'a Env,
}

impl<'a> Arguments<'a> {
    fn new(call: &Call<'a>, args: &'a [Value], manner: Manner) -> Result<Arguments<'a>> {
        let (env, zoned) = (call.env, manner == Manner::Zoned);
        let [target, path, rest @ ..] = args else { return Err(arity(args)) };
        let vars = rest.first().map(|vars| Jsonb::arg(vars).and_then(|vars| tree(vars.0))).transpose()?;
        if !matches!(vars, None | Some(Json::Object(_))) {
            let message = "\"vars\" argument is not an object";
            return Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, message)
                .detail("Jsonpath parameters should be encoded as key-value pairs of \"vars\" object."));
        }
        let silent = rest.get(1).map_or(Ok(manner == Manner::Silent), bool::arg)?;
        let (target, path) = (tree(Jsonb::arg(target)?.0)?, <&JsonPath>::arg(path)?);
        Ok(Arguments { target, path, vars, silent, zoned, env })
    }

    fn run(&self) -> Run<'_> {
        let (root, vars, lax) = (&self.target, self.vars.as_ref(), !self.path.strict);
        Run { root, vars, lax, zoned: self.zoned, env: self.env }
    }

    /// All items that the path finds; none when it fails silently.
    fn items(&self) -> Result<Option<Vec<Json>>> {
        self.found().map(|(found, complete)| complete.then_some(found))
    }

    /// The items that the path finds until it fails silently, and whether it does not.
    fn found(&self) -> Result<(Vec<Json>, bool)> {
        let run = self.run();
        let scope = Scope { current: &self.target, last: None, structural: run.lax };
        let mut found = Vec::new();
        match run.item(&self.path.root, scope, &mut found) {
            Ok(()) => Ok((found, true)),
            Err(Failure::Soft(_)) if self.silent => Ok((found, false)),
            Err(Failure::Soft(error) | Failure::Hard(error)) => Err(error),
        }
    }

    /// Whether the path finds an item; unknown when it fails silently. A lax path need not be followed to its end.
    fn finds(&self) -> Result<Option<bool>> {
        if self.path.strict {
            return Ok(self.items()?.map(|items| !items.is_empty()));
        }
        let run = self.run();
        let scope = Scope { current: &self.target, last: None, structural: true };
        match run.first(&self.path.root, scope) {
            Ok(found) => Ok(Some(found)),
            Err(Failure::Soft(_)) if self.silent => Ok(None),
            Err(Failure::Soft(error) | Failure::Hard(error)) => Err(error),
        }
    }

    fn truth(&self) -> Result<Value> {
        match self.items()?.as_deref() {
            Some([Json::Bool(value)]) => Ok(Value::Bool(*value)),
            Some([Json::Null]) | None => Ok(Value::Null),
            _ if self.silent => Ok(Value::Null),
            _ => Err(Error::new(SqlState(*b"22038"), "single boolean result is expected")),
        }
    }
}

fn exists(call: &Call<'_>, args: &[Value], manner: Manner) -> Result<Value> {
    Ok(Arguments::new(call, args, manner)?.finds()?.map_or(Value::Null, Value::Bool))
}

fn matches(call: &Call<'_>, args: &[Value], manner: Manner) -> Result<Value> {
    Arguments::new(call, args, manner)?.truth()
}

fn query_array(call: &Call<'_>, args: &[Value], manner: Manner) -> Result<Value> {
    Ok(jsonb(&Json::Array(Arguments::new(call, args, manner)?.found()?.0)))
}

fn query_first(call: &Call<'_>, args: &[Value], manner: Manner) -> Result<Value> {
    let (items, _) = Arguments::new(call, args, manner)?.found()?;
    Ok(items.first().map_or(Value::Null, jsonb))
}

fn query(call: &Call<'_>, args: &[Value], manner: Manner) -> Result<Vec<Vec<Value>>> {
    let (items, _) = Arguments::new(call, args, manner)?.found()?;
    Ok(items.iter().map(|item| vec![jsonb(item)]).collect())
}

/// Why a path was not followed.
pub(super) enum Failure {
    /// Silence hides it, and makes a predicate unknown.
    Soft(Error),
    /// Nothing hides it.
    Hard(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Hard(error)
    }
}

pub(super) type Found<T = ()> = std::result::Result<T, Failure>;

fn fail<T>(code: &[u8; 5], message: impl Into<String>) -> Found<T> {
    Err(Failure::Soft(Error::new(SqlState(*code), message)))
}

/// A path on its way through a document.
struct Run<'a> {
    root: &'a Json,
    vars: Option<&'a Json>,
    lax: bool,
    /// Dates and times may be compared by the session's time zone.
    zoned: bool,
    env: &'a Env,
}

/// What `@` and `last` mean at a place.
#[derive(Clone, Copy)]
struct Scope<'a> {
    current: &'a Json,
    /// The size of the innermost array that is subscripted.
    last: Option<usize>,
    /// Errors of structure are overlooked (always in lax mode, and behind `**`).
    structural: bool,
}

/// What is true, false or unknown.
type Truth = Option<bool>;

impl Run<'_> {
    /// Finds whether there is any item.
    fn first(&self, item: &Item, scope: Scope<'_>) -> Found<bool> {
        if let (Head::Unary { operand, .. }, []) = (&item.head, item.steps.as_slice()) {
            // What is no number does not matter, as long as nobody wants to see it.
            return Ok(self.operand(operand, scope)?.iter().any(|value| matches!(value, Json::Number(_))));
        }
        let mut found = Vec::new();
        match self.item(item, scope, &mut found) {
            // What fails behind the first item is not reached.
            Err(_) if !found.is_empty() => Ok(true),
            Err(failure) => Err(failure),
            Ok(()) => Ok(!found.is_empty()),
        }
    }

    /// All items of an expression (`executeItem`).
    fn item(&self, item: &Item, scope: Scope<'_>, found: &mut Vec<Json>) -> Found {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.head(item, scope, found))
    }

    fn head(&self, item: &Item, scope: Scope<'_>, found: &mut Vec<Json>) -> Found {
        let steps = &item.steps;
        match &item.head {
            Head::Root => self.steps(steps, self.root, scope, found, self.lax),
            Head::Current => self.steps(steps, scope.current, scope, found, self.lax),
            Head::Null => self.steps(steps, &Json::Null, scope, found, self.lax),
            Head::Bool(value) => self.steps(steps, &Json::Bool(*value), scope, found, self.lax),
            Head::Number(number) => self.steps(steps, &Json::Number(number.clone()), scope, found, self.lax),
            Head::String(text) => self.steps(steps, &Json::String(text.clone()), scope, found, self.lax),
            Head::Variable(name) => {
                let value = self.variable(name)?;
                self.steps(steps, &value, scope, found, self.lax)
            }
            Head::Last => {
                let last = scope.last.map_or(-1, |size| size as i64 - 1);
                let last = Json::Number(Numeric::parse(&last.to_string())?);
                self.steps(steps, &last, scope, found, self.lax)
            }
            Head::Unary { minus, operand } => self.unary(*minus, operand, steps, scope, found),
            Head::Binary { operator, left, right } if is_arithmetic(*operator) => {
                let value = self.arithmetic(*operator, left, right, scope)?;
                self.steps(steps, &value, scope, found, self.lax)
            }
            _ => {
                let truth = self.truth(item, scope)?;
                self.steps(steps, &truth.map_or(Json::Null, Json::Bool), scope, found, self.lax)
            }
        }
    }

    fn variable(&self, name: &str) -> Found<Json> {
        let value = match self.vars {
            Some(Json::Object(members)) => {
                members.iter().find(|(key, _)| key == name).map(|(_, value)| value)
            }
            _ => None,
        };
        value.cloned().ok_or_else(|| {
            let message = format!("could not find jsonpath variable \"{name}\"");
            Failure::Hard(Error::new(SqlState::UNDEFINED_OBJECT, message))
        })
    }

    /// What the accessors make of one item. `unwrap`: arrays are taken apart where single items are wanted.
    fn steps(
        &self,
        steps: &[Step],
        value: &Json,
        scope: Scope<'_>,
        found: &mut Vec<Json>,
        unwrap: bool,
    ) -> Found {
        let Some((step, rest)) = steps.split_first() else {
            found.push(value.clone());
            return Ok(());
        };
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.step(step, rest, value, scope, found, unwrap))
    }

    fn step(
        &self,
        step: &Step,
        rest: &[Step],
        value: &Json,
        scope: Scope<'_>,
        found: &mut Vec<Json>,
        unwrap: bool,
    ) -> Found {
        let unwraps = !matches!(step, Step::AnyArray | Step::Index(_) | Step::Any { .. })
            && !matches!(step, Step::Method("type" | "size"));
        if let (Json::Array(items), true, true) = (value, unwrap, unwraps) {
            for item in items {
                self.step(step, rest, item, scope, found, false)?;
            }
            return Ok(());
        }
        let mut next = |value: &Json| self.steps(rest, value, scope, found, self.lax);
        match step {
            Step::Key(name) => match value {
                Json::Object(members) => match members.iter().find(|(key, _)| key == name) {
                    Some((_, value)) => next(value),
                    None if scope.structural => Ok(()),
                    None => fail(b"2203A", format!("JSON object does not contain key \"{name}\"")),
                },
                _ if scope.structural => Ok(()),
                _ => fail(b"2203A", "jsonpath member accessor can only be applied to an object"),
            },
            Step::AnyKey => match value {
                Json::Object(members) => members.iter().try_for_each(|(_, value)| next(value)),
                _ if scope.structural => Ok(()),
                _ => fail(b"2203C", "jsonpath wildcard member accessor can only be applied to an object"),
            },
            Step::AnyArray => match value {
                Json::Array(items) => items.iter().try_for_each(next),
                _ if self.lax => next(value),
                _ if scope.structural => Ok(()),
                _ => fail(b"22039", "jsonpath wildcard array accessor can only be applied to an array"),
            },
            Step::Index(ranges) => self.index(ranges, rest, value, scope, found),
            Step::Any { first, last } => self.any(*first, *last, rest, value, scope, found),
            Step::Filter(predicate) => {
                let inside = Scope { current: value, ..scope };
                match self.truth(predicate, inside)? {
                    Some(true) => next(value),
                    _ => Ok(()),
                }
            }
            Step::Method(name) => match self.method(name, value, scope)? {
                Some(values) => values.iter().try_for_each(next),
                None => Ok(()),
            },
            Step::Datetime(template) => next(&datetime::read(self.env, template.as_deref(), value)?),
        }
    }

    fn index(
        &self,
        ranges: &[(Item, Option<Item>)],
        rest: &[Step],
        value: &Json,
        scope: Scope<'_>,
        found: &mut Vec<Json>,
    ) -> Found {
        let single = std::slice::from_ref(value);
        let items = match value {
            Json::Array(items) => items.as_slice(),
            _ if self.lax => single,
            _ if scope.structural => return Ok(()),
            _ => return fail(b"22039", "jsonpath array accessor can only be applied to an array"),
        };
        let inside = Scope { last: Some(items.len()), ..scope };
        for (from, to) in ranges {
            let from = self.subscript(from, value, inside)?;
            let to = to.as_ref().map_or(Ok(from), |to| self.subscript(to, value, inside))?;
            let size = items.len() as i64;
            if !scope.structural && (from < 0 || from > to || to >= size) {
                return fail(b"22033", "jsonpath array subscript is out of bounds");
            }
            for at in from.max(0)..=to.min(size - 1) {
                if let Some(item) = items.get(at as usize) {
                    self.steps(rest, item, scope, found, self.lax)?;
                }
            }
        }
        Ok(())
    }

    /// `getArrayIndex`
    fn subscript(&self, item: &Item, value: &Json, scope: Scope<'_>) -> Found<i64> {
        let _ = value;
        let mut found = Vec::new();
        self.item(item, scope, &mut found)?;
        let [Json::Number(number)] = found.as_slice() else {
            return fail(b"22033", "jsonpath array subscript is not a single numeric value");
        };
        match number.trunc(0).and_then(|number| number.to_i32()) {
            Ok(index) => Ok(index.into()),
            Err(_) => fail(b"22033", "jsonpath array subscript is out of integer range"),
        }
    }

    fn any(
        &self,
        first: u32,
        last: u32,
        rest: &[Step],
        value: &Json,
        scope: Scope<'_>,
        found: &mut Vec<Json>,
    ) -> Found {
        let inside = Scope { structural: true, ..scope };
        if first == 0 {
            self.steps(rest, value, inside, found, self.lax)?;
        }
        self.descend(1, first, last, rest, value, inside, found)
    }

    /// `executeAnyItem`: what lies within, from one level to another; levels count from 1.
    #[allow(clippy::too_many_arguments)]
    fn descend(
        &self,
        level: u32,
        first: u32,
        last: u32,
        rest: &[Step],
        value: &Json,
        scope: Scope<'_>,
        found: &mut Vec<Json>,
    ) -> Found {
        if level > last {
            return Ok(());
        }
        let inner: Vec<&Json> = match value {
            Json::Array(items) => items.iter().collect(),
            Json::Object(members) => members.iter().map(|(_, value)| value).collect(),
            _ => return Ok(()),
        };
        for value in inner {
            let leaf = !matches!(value, Json::Array(_) | Json::Object(_));
            if level >= first || (first == u32::MAX && last == u32::MAX && leaf) {
                self.steps(rest, value, scope, found, self.lax)?;
            }
            if level < last && !leaf {
                stacker::maybe_grow(64 * 1024, 1024 * 1024, || {
                    self.descend(level + 1, first, last, rest, value, scope, found)
                })?;
            }
        }
        Ok(())
    }

    /// An item method: what it makes of a value, or nothing at all.
    fn method(&self, name: &str, value: &Json, scope: Scope<'_>) -> Found<Option<Vec<Json>>> {
        let number = |number: Numeric| Ok(Some(vec![Json::Number(number)]));
        match (name, value) {
            ("type", value) => Ok(Some(vec![Json::String(type_name(value).into())])),
            ("size", Json::Array(items)) => number(Numeric::parse(&items.len().to_string())?),
            ("size", _) if self.lax => number(Numeric::one()),
            ("size", _) if scope.structural => Ok(None),
            ("size", _) => fail(b"22039", "jsonpath item method .size() can only be applied to an array"),
            ("abs", Json::Number(n)) => number(n.abs()),
            ("floor", Json::Number(n)) => number(n.floor()),
            ("ceiling", Json::Number(n)) => number(n.ceil()),
            ("abs" | "floor" | "ceiling", _) => fail(
                b"22036",
                format!("jsonpath item method .{name}() can only be applied to a numeric value"),
            ),
            ("double", _) => double(value).map(|value| Some(vec![value])),
            ("keyvalue", Json::Object(members)) => self.key_values(value, members).map(Some),
            ("keyvalue", _) => {
                fail(b"2203C", "jsonpath item method .keyvalue() can only be applied to an object")
            }
            _ => Err(Failure::Hard(Error::internal("an item method that nobody knows"))),
        }
    }

    /// `.keyvalue()` numbers objects by where they are in the stored form, which only the whole document's is known of.
    fn key_values(&self, value: &Json, members: &[(String, Json)]) -> Found<Vec<Json>> {
        let Some(offset) = offset_of(value, self.root) else {
            return Err(Failure::Hard(Error::refused(
                "keyvalue() of jsonpath of what is not in the document",
            )));
        };
        let id = Numeric::parse(&offset.to_string())?;
        let member = |(key, value): &(String, Json)| {
            Json::object(vec![
                ("key".into(), Json::String(key.clone())),
                ("value".into(), value.clone()),
                ("id".into(), Json::Number(id.clone())),
            ])
        };
        Ok(members.iter().map(member).collect())
    }

    /// The items of an operand; in lax mode arrays among them are taken apart.
    fn operand(&self, item: &Item, scope: Scope<'_>) -> Found<Vec<Json>> {
        let mut found = Vec::new();
        self.item(item, scope, &mut found)?;
        if !self.lax {
            return Ok(found);
        }
        let apart = found.into_iter().flat_map(|value| match value {
            Json::Array(items) => items,
            other => vec![other],
        });
        Ok(apart.collect())
    }

    fn unary(
        &self,
        minus: bool,
        operand: &Item,
        steps: &[Step],
        scope: Scope<'_>,
        found: &mut Vec<Json>,
    ) -> Found {
        for value in self.operand(operand, scope)? {
            let Json::Number(number) = value else {
                let sign = if minus { "-" } else { "+" };
                let message = format!("operand of unary jsonpath operator {sign} is not a numeric value");
                return fail(b"2203B", message);
            };
            let number = if minus { number.neg() } else { number };
            self.steps(steps, &Json::Number(number), scope, found, self.lax)?;
        }
        Ok(())
    }

    fn arithmetic(&self, operator: Operator, left: &Item, right: &Item, scope: Scope<'_>) -> Found<Json> {
        let (left, right) = (self.operand(left, scope)?, self.operand(right, scope)?);
        let side = |side: &str| {
            let symbol = operator.symbol();
            fail(
                b"22038",
                format!("{side} operand of jsonpath operator {symbol} is not a single numeric value"),
            )
        };
        let [Json::Number(left)] = left.as_slice() else { return side("left") };
        let [Json::Number(right)] = right.as_slice() else { return side("right") };
        let result = match operator {
            Operator::Add => left.add(right),
            Operator::Sub => left.sub(right),
            Operator::Mul => left.mul(right),
            Operator::Div => left.div(right),
            _ => left.modulo(right),
        };
        result.map(Json::Number).map_err(Failure::Soft)
    }

    /// A predicate (`executeBoolItem`).
    fn truth(&self, item: &Item, scope: Scope<'_>) -> Found<Truth> {
        match &item.head {
            Head::Binary { operator: Operator::And, left, right } => {
                let left = self.truth(left, scope)?;
                if left == Some(false) {
                    return Ok(left);
                }
                let right = self.truth(right, scope)?;
                Ok(if right == Some(true) { left } else { right })
            }
            Head::Binary { operator: Operator::Or, left, right } => {
                let left = self.truth(left, scope)?;
                if left == Some(true) {
                    return Ok(left);
                }
                let right = self.truth(right, scope)?;
                Ok(if right == Some(false) { left } else { right })
            }
            Head::Not(inner) => Ok(self.truth(inner, scope)?.map(|truth| !truth)),
            Head::IsUnknown(inner) => Ok(Some(self.truth(inner, scope)?.is_none())),
            Head::Exists(inner) if self.lax => self.softly(self.first(inner, scope)),
            // Strictly, any failure makes it unknown, be it behind the first item.
            Head::Exists(inner) => {
                let mut found = Vec::new();
                let result = self.item(inner, scope, &mut found);
                self.softly(result.map(|()| !found.is_empty()))
            }
            Head::Binary { operator, left, right } => {
                let right = |run: &Self| run.operand(right, scope);
                self.predicate(left, right, scope, |a, b| self.compare(*operator, a, b))
            }
            Head::StartsWith(left, right) => {
                let right = |run: &Self| {
                    let mut found = Vec::new();
                    run.item(right, scope, &mut found).map(|()| found)
                };
                self.predicate(left, right, scope, |a, b| match (a, b) {
                    (Json::String(a), Json::String(b)) => Ok(Some(a.starts_with(b.as_str()))),
                    _ => Ok(None),
                })
            }
            Head::LikeRegex { operand, pattern, flags } => {
                let one = |_: &Self| Ok(vec![Json::Null]);
                self.predicate(operand, one, scope, |a, _| match a {
                    Json::String(text) => Ok(Some(regex::like_regex(text, pattern, flags)?)),
                    _ => Ok(None),
                })
            }
            _ => Err(Failure::Hard(Error::internal("invalid boolean jsonpath item type"))),
        }
    }

    /// `compareItems`
    fn compare(&self, operator: Operator, a: &Json, b: &Json) -> Result<Truth> {
        let order = match (a, b) {
            (Json::Null, Json::Null) => Ordering::Equal,
            (Json::Null, _) | (_, Json::Null) => return Ok(Some(operator == Operator::NotEqual)),
            (Json::Bool(a), Json::Bool(b)) => a.cmp(b),
            (Json::Number(a), Json::Number(b)) => a.compare(b),
            (Json::String(a), Json::String(b)) => a.as_bytes().cmp(b.as_bytes()),
            (Json::Datetime(a), Json::Datetime(b)) => {
                let zone = self.zoned.then_some(self.env);
                match datetime::compare(&a.value, &b.value, zone)? {
                    Some(order) => order,
                    None => return Ok(None),
                }
            }
            _ => return Ok(None),
        };
        Ok(Some(match operator {
            Operator::Equal => order.is_eq(),
            Operator::NotEqual => order.is_ne(),
            Operator::Less => order.is_lt(),
            Operator::LessOrEqual => order.is_le(),
            Operator::Greater => order.is_gt(),
            _ => order.is_ge(),
        }))
    }

    /// Failures that silence hides make a predicate unknown.
    fn softly(&self, result: Found<bool>) -> Found<Truth> {
        match result {
            Ok(truth) => Ok(Some(truth)),
            Err(Failure::Soft(_)) => Ok(None),
            Err(hard) => Err(hard),
        }
    }

    /// `executePredicate`: whether it holds for any pair of items.
    fn predicate(
        &self,
        left: &Item,
        right: impl FnOnce(&Self) -> Found<Vec<Json>>,
        scope: Scope<'_>,
        test: impl Fn(&Json, &Json) -> Result<Truth>,
    ) -> Found<Truth> {
        let soft = |result: Found<Vec<Json>>| match result {
            Ok(items) => Ok(Some(items)),
            Err(Failure::Soft(_)) => Ok(None),
            Err(hard) => Err(hard),
        };
        let Some(left) = soft(self.operand(left, scope))? else { return Ok(None) };
        let Some(right) = soft(right(self))? else { return Ok(None) };
        let (mut found, mut unknown) = (false, false);
        for a in &left {
            for b in &right {
                match test(a, b)? {
                    None if !self.lax => return Ok(None),
                    None => unknown = true,
                    Some(true) if self.lax => return Ok(Some(true)),
                    Some(true) => found = true,
                    Some(false) => {}
                }
            }
        }
        Ok(match (found, unknown) {
            (true, _) => Some(true),
            (false, true) => None,
            (false, false) => Some(false),
        })
    }
}

fn is_arithmetic(operator: Operator) -> bool {
    use Operator::*;
    matches!(operator, Add | Sub | Mul | Div | Mod)
}

fn type_name(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(_) => "number",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
        Json::Datetime(datetime) => datetime::type_name(&datetime.value),
    }
}

/// `.double()`
fn double(value: &Json) -> Found<Json> {
    const CODE: &[u8; 5] = b"22036";
    match value {
        Json::Number(number) => match number.to_f64() {
            Ok(_) => Ok(value.clone()),
            Err(_) => fail(
                CODE,
                "numeric argument of jsonpath item method .double() is out of range for type double precision",
            ),
        },
        Json::String(text) => {
            let invalid = "string argument of jsonpath item method .double() is not a valid representation of a double precision number";
            match crate::text::parse_float8(text) {
                Ok(number) if number.is_finite() => Ok(Json::Number(Numeric::from_f64(number))),
                _ => fail(CODE, invalid),
            }
        }
        _ => fail(CODE, "jsonpath item method .double() can only be applied to a string or numeric value"),
    }
}
