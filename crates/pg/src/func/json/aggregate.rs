//! `json_agg`, `json_object_agg` and their `jsonb` forms.

use super::datum::{key_text, to_tree, write, write_key};
use super::{invalid, jsonb};
use crate::func::args::arity;
use crate::func::output::arg_type;
use crate::func::{Accumulator, Call, NewAccumulator};
use crate::json::Json;
use crate::{Result, Value};

pub(super) const AGGREGATES: &[(u32, NewAccumulator)] = &[
    (3175, || Box::new(JsonAgg(None))),        // json_agg(anyelement)
    (3197, || Box::new(JsonObjectAgg(None))),  // json_object_agg("any", "any")
    (3267, || Box::new(JsonbAgg(None))),       // jsonb_agg(anyelement)
    (3270, || Box::new(JsonbObjectAgg(None))), // jsonb_object_agg("any", "any")
];

struct JsonAgg(Option<String>);

impl Accumulator for JsonAgg {
    fn step(&mut self, call: &Call<'_>, args: &[Value]) -> Result<()> {
        let value = args.first().ok_or_else(|| arity(args))?;
        let out = match &mut self.0 {
            None => self.0.insert("[".into()),
            Some(out) => {
                out.push_str(", ");
                // Rows and arrays go on lines of their own.
                if matches!(value, Value::Array(_) | Value::Record(_)) {
                    out.push_str("\n ");
                }
                out
            }
        };
        write(call, arg_type(call, 0), value, out)
    }

    fn finish(&mut self, _: &Call<'_>) -> Result<Value> {
        Ok(self.0.take().map_or(Value::Null, |out| Value::text(out + "]")))
    }
}

struct JsonObjectAgg(Option<String>);

impl Accumulator for JsonObjectAgg {
    fn step(&mut self, call: &Call<'_>, args: &[Value]) -> Result<()> {
        let [key, value] = args else { return Err(arity(args)) };
        let out = match &mut self.0 {
            None => self.0.insert("{ ".into()),
            Some(out) => {
                out.push_str(", ");
                out
            }
        };
        if key.is_null() {
            return Err(invalid("field name must not be null"));
        }
        write_key(call, arg_type(call, 0), key, out)?;
        out.push_str(" : ");
        write(call, arg_type(call, 1), value, out)
    }

    fn finish(&mut self, _: &Call<'_>) -> Result<Value> {
        Ok(self.0.take().map_or(Value::Null, |out| Value::text(out + " }")))
    }
}

struct JsonbAgg(Option<Vec<Json>>);

impl Accumulator for JsonbAgg {
    fn step(&mut self, call: &Call<'_>, args: &[Value]) -> Result<()> {
        let value = args.first().ok_or_else(|| arity(args))?;
        let json = to_tree(call, arg_type(call, 0), value)?;
        self.0.get_or_insert_default().push(json);
        Ok(())
    }

    fn finish(&mut self, _: &Call<'_>) -> Result<Value> {
        Ok(self.0.take().map_or(Value::Null, |items| jsonb(&Json::Array(items))))
    }
}

struct JsonbObjectAgg(Option<Vec<(String, Json)>>);

impl Accumulator for JsonbObjectAgg {
    fn step(&mut self, call: &Call<'_>, args: &[Value]) -> Result<()> {
        let [key, value] = args else { return Err(arity(args)) };
        if key.is_null() {
            return Err(invalid("field name must not be null"));
        }
        let member = (key_text(call, arg_type(call, 0), key)?, to_tree(call, arg_type(call, 1), value)?);
        self.0.get_or_insert_default().push(member);
        Ok(())
    }

    fn finish(&mut self, _: &Call<'_>) -> Result<Value> {
        Ok(self.0.take().map_or(Value::Null, |members| jsonb(&Json::object(members))))
    }
}
