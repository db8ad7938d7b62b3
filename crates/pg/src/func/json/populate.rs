//! `json_to_record`, `json_populate_record` and their relatives (`populate_record_worker`, `populate_recordset_worker`):
//! members of objects as values of types. The names and types of the columns come from the row that is given, or from the
//! column definition list, which analysis puts behind the arguments as a JSON array of `[name, oid, typmod]`.

use std::sync::Arc;

use super::raw::{self, Kind};
use super::{invalid, tree};
use crate::array::Dimension;
use crate::catalog::{
    SystemColumn, element_type, format_type, is_binary_coercible, system_relation, type_by_oid,
};
use crate::func::args::arity;
use crate::func::{Call, Kernel, SetKernel};
use crate::json::{Json, jsonb_in, validate_json_strings};
use crate::{Array, Env, Error, Oid, Record, Result, SqlState, TypeRef, Value, oid, text};

pub(super) const KERNELS: &[(&str, SetKernel)] = &[
    ("json_to_record", |call, args| record(call, args)),
    ("jsonb_to_record", |call, args| record(call, args)),
    ("json_to_recordset", |call, args| recordset(call, args, "json_to_recordset", ["an object", "a scalar"])),
    ("jsonb_to_recordset", |call, args| recordset(call, args, "jsonb_to_recordset", ["a non-array"; 2])),
    ("json_populate_record", |call, args| {
        Ok(vec![Target::new(call, args, "json_populate_record")?.record(args.get(1))?])
    }),
    ("jsonb_populate_record", |call, args| {
        Ok(vec![Target::new(call, args, "jsonb_populate_record")?.record(args.get(1))?])
    }),
    ("json_populate_recordset", |call, args| {
        populate_set(call, args, "json_populate_recordset", ["an object", "a scalar"])
    }),
    ("jsonb_populate_recordset", |call, args| {
        populate_set(call, args, "jsonb_populate_recordset", ["a non-array"; 2])
    }),
];

/// The functions that make one row, where no column definition list tells what it is.
pub(super) const OF_ROWS: &[(&str, Kernel)] = &[
    ("json_populate_record", |call, args| populate(call, args, "json_populate_record")),
    ("jsonb_populate_record", |call, args| populate(call, args, "jsonb_populate_record")),
];

/// A column that is wanted.
struct Column {
    name: String,
    ty: TypeRef,
}

/// The columns of a list that analysis has made.
fn told(list: Option<&Value>) -> Result<Vec<Column>> {
    let lost = || Error::internal("a column definition list is missing");
    let Some(Value::Text(list)) = list else { return Err(lost()) };
    let Json::Array(items) = tree(list)? else { return Err(lost()) };
    let number = |json: &Json| match json {
        Json::Number(number) => number.to_string().parse::<i64>().map_err(|_| lost()),
        _ => Err(lost()),
    };
    let column = |item: &Json| match item {
        Json::Array(parts) => match parts.as_slice() {
            [Json::String(name), ty, typmod] => {
                let oid = Oid(u32::try_from(number(ty)?).map_err(|_| lost())?);
                let typmod = i32::try_from(number(typmod)?).map_err(|_| lost())?;
                Ok(Column { name: name.clone(), ty: TypeRef { oid, typmod } })
            }
            _ => Err(lost()),
        },
        _ => Err(lost()),
    };
    items.iter().map(column).collect()
}

/// The row that an object's members are put into.
struct Target<'a> {
    columns: Vec<Column>,
    /// What stays where the object has no member.
    values: Vec<Value>,
    env: &'a Env,
    /// A column definition list told the columns, or they are a relation's: rows are given as their columns.
    spread: bool,
}

impl<'a> Target<'a> {
    /// What is told; otherwise the row that is the first argument, or its type.
    fn new(call: &Call<'a>, args: &[Value], name: &str) -> Result<Target<'a>> {
        let env = call.env;
        let list = args.last().filter(|last| args.len() > 2 && matches!(last, Value::Text(_)));
        let declared = list.map(|list| told(Some(list))).transpose()?;
        let spread = declared.is_some() || call.result != oid::RECORD;
        if let Some(Value::Record(row)) = args.first() {
            let names = row.names.iter().map(|name| name.to_string());
            let columns = names.zip(&row.types).map(|(name, ty)| Column { name, ty: TypeRef::of(*ty) });
            if let Some(declared) = declared {
                let declared: Vec<Oid> = declared.iter().map(|column| column.ty.oid).collect();
                check_row(&row.types, &declared)?;
            }
            return Ok(Target { columns: columns.collect(), values: row.fields.clone(), env, spread });
        }
        let columns = declared.or_else(|| of_type(*call.arg_types.first()?)).ok_or_else(|| {
            let message = format!("could not determine row type for result of {name}");
            Error::new(SqlState::FEATURE_NOT_SUPPORTED, message).hint(
                "Provide a non-null record argument, or call the function in the FROM clause using a column definition \
                 list.",
            )
        })?;
        Ok(Target { values: vec![Value::Null; columns.len()], columns, env, spread })
    }

    /// The row with the members of a document.
    fn record(&self, document: Option<&Value>) -> Result<Vec<Value>> {
        let Some(document) = document.and_then(Value::as_str) else { return Ok(self.values.clone()) };
        validate_json_strings(document)?;
        match raw::kind(document) {
            Kind::Object => self.row(document),
            Kind::Array => Err(invalid("cannot call populate_composite on an array")),
            _ => Err(invalid("cannot call populate_composite on a scalar")),
        }
    }

    /// A row for each object of the document. `wrong` is what objects and scalars are called.
    fn records(&self, document: &str, name: &str, wrong: [&str; 2]) -> Result<Vec<Vec<Value>>> {
        validate_json_strings(document)?;
        let [object, scalar] = wrong;
        match raw::kind(document) {
            Kind::Array => {}
            Kind::Object => return Err(invalid(format!("cannot call {name} on {object}"))),
            _ => return Err(invalid(format!("cannot call {name} on {scalar}"))),
        }
        let row = |item: &str| match raw::kind(item) {
            Kind::Object => self.row(item),
            _ => Err(invalid(format!("argument of {name} must be an array of objects"))),
        };
        raw::elements(document)?.into_iter().map(row).collect()
    }

    fn row(&self, object: &str) -> Result<Vec<Value>> {
        let members = raw::members(object)?;
        let value = |(column, own): (&Column, &Value)| {
            let member = members.iter().rev().find(|(name, _)| *name == column.name);
            member.map_or_else(|| Ok(own.clone()), |(_, part)| field(part, column, self.env))
        };
        self.columns.iter().zip(&self.values).map(value).collect()
    }

    /// A row as one value.
    fn value(&self, fields: Vec<Value>) -> Value {
        let types = self.columns.iter().map(|column| column.ty.oid).collect();
        let names = self.columns.iter().map(|column| column.name.as_str().into()).collect();
        Value::Record(Arc::new(Record { types, names, fields }))
    }
}

/// The columns of the row type of a relation of the catalog.
fn of_type(ty: Oid) -> Option<Vec<Column>> {
    let relation = system_relation(type_by_oid(ty).filter(|row| row.kind == 'c')?.relation)?;
    let column = |c: &SystemColumn| Column {
        name: c.name.to_string(),
        ty: TypeRef { oid: c.type_oid, typmod: c.typmod },
    };
    Some(relation.columns.iter().map(column).collect())
}

/// 42804 unless the columns of a row are what a column definition list says (`tupledesc_match`).
pub fn check_row(types: &[Oid], declared: &[Oid]) -> Result<()> {
    let wrong = |detail: String| {
        let message = "function return row and query-specified return row do not match";
        Err(Error::new(SqlState::DATATYPE_MISMATCH, message).detail(detail))
    };
    let (count, wanted) = (types.len(), declared.len());
    if count != wanted {
        let plural = if count == 1 { "" } else { "s" };
        return wrong(format!(
            "Returned row contains {count} attribute{plural}, but query expects {wanted}."
        ));
    }
    let mut pairs = types.iter().zip(declared).enumerate();
    match pairs.find(|(_, (own, declared))| !is_binary_coercible(**own, **declared)) {
        None => Ok(()),
        Some((at, (own, declared))) => wrong(format!(
            "Returned type {} at ordinal position {}, but query expects {}.",
            format_type(*own, None),
            at + 1,
            format_type(*declared, None)
        )),
    }
}

fn populate(call: &Call<'_>, args: &[Value], name: &str) -> Result<Value> {
    let [row, document, ..] = args else { return Err(arity(args)) };
    if document.is_null() {
        return Ok(row.clone());
    }
    let target = Target::new(call, args, name)?;
    Ok(target.value(target.record(Some(document))?))
}

fn populate_set(call: &Call<'_>, args: &[Value], name: &str, wrong: [&str; 2]) -> Result<Vec<Vec<Value>>> {
    let target = Target::new(call, args, name)?;
    let Some(document) = args.get(1).and_then(Value::as_str) else { return Ok(Vec::new()) };
    let rows = target.records(document, name, wrong)?;
    Ok(match target.spread {
        true => rows,
        false => rows.into_iter().map(|fields| vec![target.value(fields)]).collect(),
    })
}

/// A row of NULLs of the columns that are told behind the only argument.
fn of_told<'a>(call: &Call<'a>, args: &[Value]) -> Result<Target<'a>> {
    let columns = told(args.get(1))?;
    Ok(Target { values: vec![Value::Null; columns.len()], columns, env: call.env, spread: true })
}

fn record(call: &Call<'_>, args: &[Value]) -> Result<Vec<Vec<Value>>> {
    Ok(vec![of_told(call, args)?.record(args.first())?])
}

fn recordset(call: &Call<'_>, args: &[Value], name: &str, wrong: [&str; 2]) -> Result<Vec<Vec<Value>>> {
    let target = of_told(call, args)?;
    let Some(document) = args.first().and_then(Value::as_str) else { return Ok(Vec::new()) };
    target.records(document, name, wrong)
}

/// `populate_record_field`
fn field(part: &str, column: &Column, env: &Env) -> Result<Value> {
    let kind = raw::kind(part);
    if kind == Kind::Null {
        return Ok(Value::Null);
    }
    let Some(element) = element_type(column.ty.oid) else { return scalar(part, column.ty, env) };
    match kind {
        Kind::String => text::input(&raw::decoded(part)?, column.ty, env),
        Kind::Array => array(part, TypeRef { oid: element, typmod: column.ty.typmod }, env, &column.name),
        _ => Err(expected_array(&[], &column.name)),
    }
}

/// `populate_scalar`
fn scalar(part: &str, ty: TypeRef, env: &Env) -> Result<Value> {
    match (ty.oid, raw::kind(part)) {
        (oid::JSON, _) => Ok(Value::text(part)),
        (oid::JSONB, _) => Ok(Value::Jsonb(jsonb_in(part)?)),
        (oid::RECORD, _) => Err(Error::refused("rows inside JSON documents as values")),
        (_, Kind::String) => text::input(&raw::decoded(part)?, ty, env),
        _ => text::input(part, ty, env),
    }
}

/// `populate_array`
fn array(part: &str, element: TypeRef, env: &Env, key: &str) -> Result<Value> {
    let mut built = Built { lengths: Vec::new(), items: Vec::new(), element, env, key };
    built.dimension(part, &mut Vec::new())?;
    if built.items.is_empty() {
        built.lengths.clear();
    }
    let dims = built.lengths.into_iter().map(|length| Dimension { length, lower: 1 }).collect();
    Ok(Value::Array(Array { element: element.oid, dims, items: built.items }.into()))
}

/// An array on its way.
struct Built<'a> {
    lengths: Vec<i32>,
    items: Vec<Value>,
    element: TypeRef,
    env: &'a Env,
    /// The member that it is the value of.
    key: &'a str,
}

impl Built<'_> {
    /// `populate_array_dim_jsonb`: the first element says whether there is a dimension more. `place`: the subscripts, from
    /// 0, of the arrays around.
    fn dimension(&mut self, part: &str, place: &mut Vec<usize>) -> Result<()> {
        let elements = raw::elements(part)?;
        let length = i32::try_from(elements.len()).map_err(|_| Error::internal("a long array"))?;
        let depth = place.len();
        match self.lengths.get(depth) {
            None => self.lengths.push(length),
            Some(known) if *known == length => {}
            Some(_) => return Err(malformed()),
        }
        for (at, item) in elements.into_iter().enumerate() {
            let kind = raw::kind(item);
            place.push(at);
            if kind == Kind::Array && (self.items.is_empty() || self.lengths.len() > depth + 1) {
                self.dimension(item, place)?;
            } else if self.lengths.len() > depth + 1 {
                return Err(expected_array(place, self.key));
            } else if kind == Kind::Null {
                self.items.push(Value::Null);
            } else {
                self.items.push(scalar(item, self.element, self.env)?);
            }
            place.pop();
        }
        Ok(())
    }
}

/// `populate_array_report_expected_array`
fn expected_array(place: &[usize], key: &str) -> Error {
    let place: String = place.iter().map(|at| format!("[{at}]")).collect();
    let hint = match place.is_empty() {
        true => format!("See the value of key \"{key}\"."),
        false => format!("See the array element {place} of key \"{key}\"."),
    };
    Error::new(SqlState::INVALID_TEXT_REPRESENTATION, "expected JSON array").hint(hint)
}

fn malformed() -> Error {
    Error::new(SqlState::INVALID_TEXT_REPRESENTATION, "malformed JSON array")
        .detail("Multidimensional arrays must have sub-arrays with matching dimensions.")
}
