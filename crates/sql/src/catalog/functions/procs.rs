//! Texts of functions (ruleutils.c): arguments, result, whole definition.

use pg::catalog::{Proc, node_tree_text, proc_by_oid, quote_identifier, quote_qualified, raw_node_tree_text};
use pg::{Error, Oid, Result, SqlState, Value};

use super::{SystemCall, SystemFunction, args};
use crate::catalog::system::{schema_name, tables::*};

pub(super) const FUNCTIONS: &[(&str, SystemFunction)] = &[
    ("pg_get_function_arguments", |call, args| with(call, args, |call, proc| arguments(call, proc, true))),
    ("pg_get_function_identity_arguments", |call, args| {
        with(call, args, |call, proc| arguments(call, proc, false))
    }),
    ("pg_get_function_result", |call, args| with(call, args, result)),
    ("pg_get_function_arg_default", argument_default),
    ("pg_get_function_sqlbody", |_, args| {
        let proc = proc_by_oid(args::oid(args, 0)?);
        Ok(args::text_or_null(proc.and_then(|proc| raw_node_tree_text(proc.sql_body?))))
    }),
    ("pg_get_functiondef", definition),
];

fn with(call: &SystemCall<'_>, args: &[Value], text: fn(&SystemCall<'_>, &Proc) -> String) -> Result<Value> {
    Ok(args::text_or_null(proc_by_oid(args::oid(args, 0)?).map(|proc| text(call, proc))))
}

/// The defaults of the last arguments, in order.
fn defaults(proc: &Proc) -> Vec<&'static str> {
    split(proc.default_tree.and_then(raw_node_tree_text).unwrap_or_default())
}

/// Cuts at commas outside parentheses, brackets and quotes.
fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut quote) = (Vec::new(), 0, 0, None);
    for (i, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth -= 1,
            (None, ',') if depth == 0 => {
                parts.extend(text.get(start..i).map(str::trim));
                start = i + 1;
            }
            _ => {}
        }
    }
    parts.extend(text.get(start..).map(str::trim).filter(|part| !part.is_empty()));
    parts
}

/// `print_function_arguments`: output arguments of a table function are left to the result.
fn arguments(call: &SystemCall<'_>, proc: &Proc, with_defaults: bool) -> String {
    let path = call.path();
    let types = proc.all_args.as_deref().unwrap_or(&proc.args);
    let defaults = if with_defaults { defaults(proc) } else { Vec::new() };
    let first_default = proc.args.len().saturating_sub(defaults.len());
    let direct = (proc.kind == 'a').then(|| pg::catalog::aggregate(proc.oid)).flatten();
    let direct = direct.filter(|aggregate| aggregate.kind != 'n');
    let (mut printed, mut inputs, mut text) = (0usize, 0usize, String::new());
    let mut last_variadic = String::new();
    for (i, ty) in types.iter().enumerate() {
        let mode = proc.modes.get(i).copied().unwrap_or('i');
        let word = match mode {
            'i' => "",
            'b' => "INOUT ",
            'o' => "OUT ",
            'v' => "VARIADIC ",
            _ => continue,
        };
        let is_input = mode != 'o';
        if let Some(aggregate) = direct
            && usize::try_from(aggregate.direct_args) == Ok(printed)
        {
            text.push_str(if printed > 0 { " " } else { "" });
            text.push_str("ORDER BY ");
        } else if printed > 0 {
            text.push_str(", ");
        }
        let name = proc.arg_names.get(i).copied().filter(|name| !name.is_empty());
        let name = name.map(|name| format!("{} ", quote_identifier(name))).unwrap_or_default();
        let one = format!("{word}{name}{}", call.catalog.format_type(*ty, None, &path));
        text.push_str(&one);
        last_variadic = if mode == 'v' { one } else { String::new() };
        printed += 1;
        if is_input {
            let default = inputs.checked_sub(first_default).and_then(|at| defaults.get(at));
            if let Some(default) = default {
                text.push_str(&format!(" DEFAULT {default}"));
            }
            inputs += 1;
        }
    }
    // A variadic direct argument takes the ordered ones too.
    if let Some(aggregate) = direct
        && usize::try_from(aggregate.direct_args) == Ok(printed)
        && !last_variadic.is_empty()
    {
        text.push_str(&format!(" ORDER BY {last_variadic}"));
    }
    text
}

/// `print_function_rettype`
fn result(call: &SystemCall<'_>, proc: &Proc) -> String {
    let path = call.path();
    if proc.modes.contains(&'t') {
        let columns: Vec<String> = proc
            .outputs()
            .iter()
            .map(|(name, ty)| {
                format!("{} {}", quote_identifier(name), call.catalog.format_type(*ty, None, &path))
            })
            .collect();
        return format!("TABLE({})", columns.join(", "));
    }
    let set = if proc.returns_set { "SETOF " } else { "" };
    format!("{set}{}", call.catalog.format_type(proc.result, None, &path))
}

/// `pg_get_function_arg_default(function, argument)`: the argument's number counts the output ones too.
fn argument_default(_: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    let Some(proc) = proc_by_oid(args::oid(args, 0)?) else { return Ok(Value::Null) };
    let number = usize::try_from(args::int(args, 1)?).unwrap_or(0);
    let is_input = |i: usize| !matches!(proc.modes.get(i), Some('o' | 't'));
    if number == 0 || !is_input(number - 1) {
        return Ok(Value::Null);
    }
    let input = (0..number).filter(|i| is_input(*i)).count() - 1;
    let defaults = defaults(proc);
    let at = input.checked_sub(proc.args.len().saturating_sub(defaults.len()));
    Ok(args::text_or_null(at.and_then(|at| defaults.get(at)).copied()))
}

/// `pg_get_functiondef(function)`
fn definition(call: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    let Some(proc) = proc_by_oid(args::oid(args, 0)?) else { return Ok(Value::Null) };
    if proc.kind == 'a' {
        return Err(Error::new(
            SqlState::WRONG_OBJECT_TYPE,
            format!("\"{}\" is an aggregate function", proc.name),
        ));
    }
    let Some(row) = call.catalog.find(PG_PROC, proc.oid) else { return Ok(Value::Null) };
    let language = call.catalog.find(PG_LANGUAGE, proc.language);
    let language = language.map(|row| row.text(1).to_owned()).unwrap_or_default();
    let name = quote_qualified(schema_name(proc.namespace), proc.name);
    let kind = if proc.kind == 'p' { "PROCEDURE" } else { "FUNCTION" };
    let mut text = format!("CREATE OR REPLACE {kind} {name}({})\n", arguments(call, proc, true));
    if proc.kind != 'p' {
        text.push_str(&format!(" RETURNS {}\n", result(call, proc)));
    }
    text.push_str(&format!(" LANGUAGE {}\n", quote_identifier(&language)));
    let attributes = attributes(call, proc, |column| row.get(column).clone());
    if !attributes.is_empty() {
        text.push_str(&format!(" {}\n", attributes.join(" ")));
    }
    match row.get(27).as_str().and_then(|tree| node_tree_text(tree, false)) {
        Some(body) => text.push_str(&format!("{body}\n")),
        None => {
            // C functions name their library first.
            let library = row.get(26).as_str().map(|library| format!("'{library}', ")).unwrap_or_default();
            let source = row.text(25);
            let mut tag = "$function$".to_owned();
            while source.contains(&tag) {
                tag.insert(tag.len() - 1, 'x');
            }
            match library.is_empty() {
                true => text.push_str(&format!("AS {tag}{source}{tag}\n")),
                false => text.push_str(&format!("AS {library}{tag}{source}{tag}\n")),
            }
        }
    }
    Ok(Value::text(text))
}

/// The words between LANGUAGE and AS, in PostgreSQL's order. Columns of `pg_proc` by number.
fn attributes(call: &SystemCall<'_>, proc: &Proc, column: impl Fn(usize) -> Value) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut add = |word: &str| words.push(word.to_owned());
    if proc.kind == 'w' {
        add("WINDOW");
    }
    match proc.volatility {
        'i' => add("IMMUTABLE"),
        's' => add("STABLE"),
        _ => {}
    }
    match column(15) {
        Value::Char(b's') => add("PARALLEL SAFE"),
        Value::Char(b'r') => add("PARALLEL RESTRICTED"),
        _ => {}
    }
    if proc.strict {
        add("STRICT");
    }
    if column(10).is_true() {
        add("SECURITY DEFINER");
    }
    if column(11).is_true() {
        add("LEAKPROOF");
    }
    let number = |value: Value| match value {
        Value::Float4(number) => number,
        _ => 0.0,
    };
    let internal = matches!(proc.language, Oid(12 | 13));
    let (cost, rows) = (number(column(5)), number(column(6)));
    if cost != if internal { 1.0 } else { 100.0 } {
        add(&format!("COST {cost}"));
    }
    if rows > 0.0 && rows != 1000.0 {
        add(&format!("ROWS {rows}"));
    }
    if let Value::Oid(support) = column(8)
        && let Some(name) =
            support.is_valid().then(|| call.catalog.reg_out(pg::oid::REGPROC, support, &call.path()))
    {
        add(&format!("SUPPORT {name}"));
    }
    words
}
