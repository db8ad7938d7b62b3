//! Functions of `tsquery` (`tsquery_op.c`, `tsquery_rewrite.c`), and those that make one of text (`to_tsany.c`).

use super::{arg, configuration, default_configuration};
use crate::func::{Call, Kernel};
use crate::tsearch::{Document, Grammar, Operands, Operator, TsQuery, matches, to_tsquery};
use crate::{Result, Value};

kernels!(KERNELS(call) {
    "tsquery_numnode" => |a: &TsQuery| a.items.len() as i32;
    "tsquerytree" => |a: &TsQuery| a.indexable();
    "tsquery_and" => |a: &TsQuery, b: &TsQuery| a.join(b, Operator::And);
    "tsquery_or" => |a: &TsQuery, b: &TsQuery| a.join(b, Operator::Or);
    "tsquery_not" => |a: &TsQuery| a.negate();
    "tsquery_phrase" => |a: &TsQuery, b: &TsQuery| a.join(b, Operator::Phrase(1));
    "tsquery_phrase_distance" => |a: &TsQuery, b: &TsQuery, distance: i32| {
        Operator::phrase(distance).and_then(|operator| a.join(b, operator))
    };
    "tsq_mcontains" => |a: &TsQuery, b: &TsQuery| a.contains(b);
    "tsq_mcontained" => |a: &TsQuery, b: &TsQuery| b.contains(a);
    "tsquery_rewrite" => |a: &TsQuery, part: &TsQuery, by: &TsQuery| a.rewrite(part, by);
    "ts_match_tq" => |text: &str, query: &TsQuery| {
        let mut document = Document::default();
        document.add(default_configuration(call)?, text)?;
        document.into_vector().map(|vector| matches(&vector, query))
    };
    "ts_match_tt" => |text: &str, query: &str| {
        let configuration = default_configuration(call)?;
        let mut document = Document::default();
        document.add(configuration, text)?;
        let query = to_tsquery(configuration, query, Grammar::Plain, Operands::All)?;
        document.into_vector().map(|vector| matches(&vector, &query))
    };
});

pub(in crate::func) const OF_TEXT: &[(&str, Kernel)] = &[
    ("to_tsquery", with_operators),
    ("to_tsquery_byid", with_operators),
    ("plainto_tsquery", plain),
    ("plainto_tsquery_byid", plain),
    ("phraseto_tsquery", phrase),
    ("phraseto_tsquery_byid", phrase),
    ("websearch_to_tsquery", web),
    ("websearch_to_tsquery_byid", web),
];

fn of_text(call: &Call<'_>, args: &[Value], grammar: Grammar, operands: Operands) -> Result<Value> {
    let (configuration, args) = configuration(call, args)?;
    let query = to_tsquery(configuration, arg(args, 0)?, grammar, operands)?;
    Ok(crate::Other::TsQuery(query).into())
}

fn with_operators(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    of_text(call, args, Grammar::Operators, Operands::Phrase)
}

fn plain(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    of_text(call, args, Grammar::Plain, Operands::All)
}

fn phrase(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    of_text(call, args, Grammar::Plain, Operands::Phrase)
}

fn web(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    of_text(call, args, Grammar::Web, Operands::Phrase)
}
