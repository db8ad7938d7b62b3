//! The same expression for the `regex` crate, where that can say whether and where a match begins.

use std::fmt::Write;

use super::ast::{Alternatives, Atom, CharSet, Constraint, Item};
use crate::func::case::{lower_char, upper_char};
use crate::func::ctype::Class;

/// The pattern; `None` for what the crate doesn't have (back references, lookarounds) or has with another meaning
/// (word boundaries, classes beyond ASCII).
pub(super) fn translate(alternatives: &Alternatives) -> Option<String> {
    let mut out = String::new();
    write_alternatives(alternatives, &mut out)?;
    Some(out)
}

fn write_alternatives(alternatives: &Alternatives, out: &mut String) -> Option<()> {
    out.push_str("(?:");
    for (at, branch) in alternatives.iter().enumerate() {
        if at > 0 {
            out.push('|');
        }
        branch.iter().try_for_each(|item| write_item(item, out))?;
    }
    out.push(')');
    Some(())
}

fn write_item(item: &Item, out: &mut String) -> Option<()> {
    match &item.atom {
        Atom::Set(set) => write_set(set, out)?,
        Atom::Capture(_, inner) | Atom::Group(inner) => write_alternatives(inner, out)?,
        Atom::Backref(_) => return None,
        Atom::Constraint(constraint) => out.push_str(match constraint {
            Constraint::TextStart => "\\A",
            Constraint::TextEnd => "\\z",
            Constraint::LineStart => "(?m:^)",
            Constraint::LineEnd => "(?m:$)",
            _ => return None,
        }),
    }
    match (item.min, item.max) {
        (1, Some(1)) => {}
        (min, Some(max)) => write!(out, "{{{min},{max}}}").ok()?,
        (0, None) => out.push('*'),
        (min, None) => write!(out, "{{{min},}}").ok()?,
    }
    Some(())
}

fn write_set(set: &CharSet, out: &mut String) -> Option<()> {
    if set.ranges.is_empty() && set.classes.is_empty() {
        // A set of nothing, or of all.
        out.push_str(if set.negated { "[\\x{0}-\\x{10FFFF}]" } else { return None });
        return Some(());
    }
    out.push_str(if set.negated { "[^" } else { "[" });
    for &(first, last) in &set.ranges {
        write!(out, "\\x{{{:X}}}-\\x{{{:X}}}", first as u32, last as u32).ok()?;
        if set.ignore_case {
            write_cases(first, last, out)?;
        }
    }
    for &(class, complement) in &set.classes {
        let text = match class {
            Class::Digit => "0-9",
            Class::XDigit => "0-9A-Fa-f",
            Class::Blank => " \\t",
            _ => return None,
        };
        write!(out, "[{}{text}]", if complement { "^" } else { "" }).ok()?;
    }
    out.push(']');
    Some(())
}

/// The other cases of a range's characters, and the characters of which they are a case.
fn write_cases(first: char, last: char, out: &mut String) -> Option<()> {
    // Beyond ASCII several letters may share a case (K and the Kelvin sign): asked one by one.
    if first as u32 + 256 < last as u32 {
        return None;
    }
    for c in first..=last {
        if !c.is_ascii() || matches!(c.to_ascii_lowercase(), 'i' | 'k' | 's') {
            return None;
        }
        for other in [lower_char(c), upper_char(c)] {
            if other != c {
                write!(out, "\\x{{{:X}}}", other as u32).ok()?;
            }
        }
    }
    Some(())
}
