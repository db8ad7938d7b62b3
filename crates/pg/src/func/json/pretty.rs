//! `jsonb_pretty`.

use super::{jsonb, tree};
use crate::Value;
use crate::func::args::Jsonb;
use crate::json::{Json, write_json_string};

kernels!(KERNELS(call) {
    "jsonb_pretty" => |a: Jsonb<'_>| tree(a.0).map(|a| {
        let mut out = String::new();
        write(&a, 0, &mut out);
        out
    });
});

fn new_line(level: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n("    ", level));
}

fn write(json: &Json, level: usize, out: &mut String) {
    match json {
        Json::Object(members) => {
            out.push('{');
            for (at, (name, value)) in members.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                new_line(level + 1, out);
                write_json_string(name, out);
                out.push_str(": ");
                write(value, level + 1, out);
            }
            new_line(level, out);
            out.push('}');
        }
        Json::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                new_line(level + 1, out);
                write(item, level + 1, out);
            }
            new_line(level, out);
            out.push(']');
        }
        scalar => {
            if let Value::Jsonb(text) = jsonb(scalar) {
                out.push_str(&text);
            }
        }
    }
}
