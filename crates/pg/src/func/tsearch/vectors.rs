//! Functions of `tsvector` (`tsvector_op.c`).

use super::{texts, weight};
use crate::func::args::Char;
use crate::tsearch::{Lexeme, TsQuery, TsVector, matches};
use crate::{Array, Error, Result, SqlState, Value, oid};

kernels!(KERNELS(call) {
    "tsvector_length" => |a: &TsVector| a.lexemes.len() as i32;
    "tsvector_strip" => |a: &TsVector| TsVector { lexemes: words(a).map(Lexeme::new).collect() };
    "tsvector_setweight" => |a: &TsVector, letter: Char| set_weight(a, letter.0, |_| true);
    "tsvector_setweight_by_filter" => |a: &TsVector, letter: Char, lexemes: &Array| {
        set_weight(a, letter.0, |lexeme| texts(lexemes).any(|text| *lexeme.word == *text))
    };
    "tsvector_concat" => |a: &TsVector, b: &TsVector| a.concat(b);
    "tsvector_to_array" => |a: &TsVector| {
        Array::one_dimensional(oid::TEXT, words(a).map(Value::text).collect())
    };
    "array_to_tsvector" => |a: &Array| of_array(a);
    "tsvector_delete_str" => |a: &TsVector, text: &str| without(a, |word| word == text);
    "tsvector_delete_arr" => |a: &TsVector, lexemes: &Array| {
        without(a, |word| texts(lexemes).any(|text| text == word))
    };
    "tsvector_filter" => |a: &TsVector, weights: &Array| filter(a, weights);
    "ts_match_vq" => |a: &TsVector, query: &TsQuery| matches(a, query);
    "ts_match_qv" => |query: &TsQuery, a: &TsVector| matches(a, query);
    "tsvector_cmp" => |a: &TsVector, b: &TsVector| a.difference(b);
    "tsquery_cmp" => |a: &TsQuery, b: &TsQuery| a.compare(b) as i32;
});

comparisons!(COMPARISONS {
    "tsvector_" "": &TsVector, &TsVector => TsVector::compare;
    "tsquery_" "": &TsQuery, &TsQuery => TsQuery::compare;
});

fn words(vector: &TsVector) -> impl Iterator<Item = &str> {
    vector.lexemes.iter().map(|lexeme| &*lexeme.word)
}

fn set_weight(vector: &TsVector, letter: u8, of: impl Fn(&Lexeme) -> bool) -> Result<TsVector> {
    let weight = weight(letter)?;
    let mut vector = vector.clone();
    for lexeme in vector.lexemes.iter_mut().filter(|lexeme| of(lexeme)) {
        lexeme.positions.iter_mut().for_each(|position| *position = position.with_weight(weight));
    }
    Ok(vector)
}

fn of_array(array: &Array) -> Result<TsVector> {
    let mut lexemes = Vec::with_capacity(array.items.len());
    for item in &array.items {
        let no = |code, what: &str| Err(Error::new(code, format!("lexeme array may not contain {what}")));
        match item.as_str() {
            None => return no(SqlState::NULL_VALUE_NOT_ALLOWED, "nulls"),
            Some("") => return no(SqlState::ZERO_LENGTH_CHARACTER_STRING, "empty strings"),
            Some(text) => lexemes.push(Lexeme::new(text)),
        }
    }
    Ok(TsVector::of(lexemes))
}

fn without(vector: &TsVector, is: impl Fn(&str) -> bool) -> TsVector {
    TsVector { lexemes: vector.lexemes.iter().filter(|lexeme| !is(&lexeme.word)).cloned().collect() }
}

/// Only the positions of some weights, and the lexemes that have any.
fn filter(vector: &TsVector, weights: &Array) -> Result<TsVector> {
    let mut mask = 0;
    for item in &weights.items {
        match item {
            Value::Char(letter) => mask |= 1 << weight(*letter)?,
            _ => {
                let message = "weight array may not contain nulls";
                return Err(Error::new(SqlState::NULL_VALUE_NOT_ALLOWED, message));
            }
        }
    }
    let mut vector = vector.clone();
    vector.lexemes.retain_mut(|lexeme| {
        lexeme.positions.retain(|position| mask & (1 << position.weight()) != 0);
        !lexeme.positions.is_empty()
    });
    Ok(vector)
}
