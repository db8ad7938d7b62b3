//! Aggregates that keep all their values: `string_agg`, `array_agg`.

use crate::array::Dimension;
use crate::func::args::{arity, mismatch};
use crate::func::{Accumulator, Call, NewAccumulator};
use crate::{Array, Error, Oid, Result, SqlState, Value, catalog};

pub(super) const AGGREGATES: &[(u32, NewAccumulator)] = &[
    (3538, || Box::new(StringAgg(None))),          // string_agg(text, text)
    (3545, || Box::new(ByteaAgg(None))),           // string_agg(bytea, bytea)
    (2335, || Box::new(ArrayAgg(None))),           // array_agg(anynonarray)
    (4053, || Box::new(ArrayOfArrays::default())), // array_agg(anyarray)
];

/// `string_agg`: NULLs are left out; the separator is that of the later value, none if NULL.
struct StringAgg(Option<String>);

impl Accumulator for StringAgg {
    fn step(&mut self, _: &Call<'_>, args: &[Value]) -> Result<()> {
        let [value, separator] = args else { return Err(arity(args)) };
        let Some(value) = value.as_str() else { return Ok(()) };
        match &mut self.0 {
            None => self.0 = Some(value.to_owned()),
            Some(all) => {
                all.push_str(separator.as_str().unwrap_or(""));
                all.push_str(value);
            }
        }
        Ok(())
    }

    fn finish(&mut self, _: &Call<'_>) -> Result<Value> {
        Ok(self.0.take().map_or(Value::Null, Value::text))
    }
}

struct ByteaAgg(Option<Vec<u8>>);

impl Accumulator for ByteaAgg {
    fn step(&mut self, _: &Call<'_>, args: &[Value]) -> Result<()> {
        let [value, separator] = args else { return Err(arity(args)) };
        let Value::Bytea(value) = value else { return Ok(()) };
        match &mut self.0 {
            None => self.0 = Some(value.to_vec()),
            Some(all) => {
                if let Value::Bytea(separator) = separator {
                    all.extend_from_slice(separator);
                }
                all.extend_from_slice(value);
            }
        }
        Ok(())
    }

    fn finish(&mut self, _: &Call<'_>) -> Result<Value> {
        Ok(self.0.take().map_or(Value::Null, |bytes| Value::Bytea(bytes.into())))
    }
}

/// The type of an array's elements.
fn element_of(array: Oid) -> Oid {
    catalog::element_type(array).unwrap_or(Oid::INVALID)
}

/// `array_agg` of what isn't an array; NULLs are elements.
struct ArrayAgg(Option<Vec<Value>>);

impl Accumulator for ArrayAgg {
    fn step(&mut self, _: &Call<'_>, args: &[Value]) -> Result<()> {
        let value = args.first().ok_or_else(|| arity(args))?;
        self.0.get_or_insert_default().push(value.clone());
        Ok(())
    }

    fn finish(&mut self, call: &Call<'_>) -> Result<Value> {
        let array = self.0.take().map(|items| Array::one_dimensional(element_of(call.result), items));
        Ok(array.map_or(Value::Null, |array| Value::Array(array.into())))
    }
}

/// `array_agg` of arrays: one dimension more (`accumArrayResultArr`).
#[derive(Default)]
struct ArrayOfArrays {
    count: i32,
    dims: Vec<Dimension>,
    items: Vec<Value>,
}

impl Accumulator for ArrayOfArrays {
    fn step(&mut self, _: &Call<'_>, args: &[Value]) -> Result<()> {
        let refuse = |code, message: &str| Err(Error::new(code, message));
        let array = match args.first().ok_or_else(|| arity(args))? {
            Value::Null => {
                return refuse(SqlState::NULL_VALUE_NOT_ALLOWED, "cannot accumulate null arrays");
            }
            Value::Array(array) => array,
            other => return Err(mismatch(other)),
        };
        if self.count == 0 && array.dims.is_empty() {
            return refuse(SqlState::ARRAY_SUBSCRIPT_ERROR, "cannot accumulate empty arrays");
        }
        if self.count == 0 {
            self.dims.clone_from(&array.dims);
        } else if self.dims != array.dims {
            return refuse(
                SqlState::ARRAY_SUBSCRIPT_ERROR,
                "cannot accumulate arrays of different dimensionality",
            );
        }
        self.count += 1;
        self.items.extend(array.items.iter().cloned());
        Ok(())
    }

    fn finish(&mut self, call: &Call<'_>) -> Result<Value> {
        if self.count == 0 {
            return Ok(Value::Null);
        }
        let mut dims = vec![Dimension { length: self.count, lower: 1 }];
        dims.append(&mut self.dims);
        let items = std::mem::take(&mut self.items);
        Ok(Value::Array(Array { element: element_of(call.result), dims, items }.into()))
    }
}
