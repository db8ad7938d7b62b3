//! `ts_headline` of texts and of the strings of JSON documents.

use super::{arg, configuration};
use crate::func::json_parts;
use crate::func::{Call, Kernel};
use crate::tsearch::Headline;
use crate::{Result, Value};

pub(in crate::func) const KERNELS: &[(&str, Kernel)] = &[
    ("ts_headline", headline),
    ("ts_headline_opt", headline),
    ("ts_headline_byid", headline),
    ("ts_headline_byid_opt", headline),
    ("ts_headline_json", headline),
    ("ts_headline_json_opt", headline),
    ("ts_headline_json_byid", headline),
    ("ts_headline_json_byid_opt", headline),
    ("ts_headline_jsonb", headline),
    ("ts_headline_jsonb_opt", headline),
    ("ts_headline_jsonb_byid", headline),
    ("ts_headline_jsonb_byid_opt", headline),
];

fn headline(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    let (configuration, args) = configuration(call, args)?;
    let options = if args.len() > 2 { arg(args, 2)? } else { "" };
    let mut headline = Headline::new(configuration, arg(args, 1)?, options)?;
    match args {
        [Value::Jsonb(text), ..] => {
            json_parts::map_tree(text, &mut |part| headline.of(part)).map(Value::Jsonb)
        }
        [Value::Text(text), ..] if call.result == crate::oid::JSON => {
            json_parts::map_text(text, &mut |part| headline.of(part)).map(Value::text)
        }
        [Value::Text(text), ..] => headline.of(text).map(Value::text),
        _ => Err(crate::func::args::arity(args)),
    }
}
