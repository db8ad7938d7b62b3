//! `jsonpath`: its syntax tree, and the text that PostgreSQL writes for it (`jsonpath.c`).

mod lex;
mod parse;

pub use parse::parse;

use std::fmt;

use crate::Numeric;

use super::write_json_string;

/// A path.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonPath {
    /// `strict`
    pub strict: bool,
    /// What is computed.
    pub root: Item,
}

/// An expression or a predicate, and the accessors behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// What it begins with.
    pub head: Head,
    /// What is done to each of its items, one after the other.
    pub steps: Vec<Step>,
}

/// What an item begins with.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Head {
    Null,
    Bool(bool),
    Number(Numeric),
    String(String),
    Variable(String),
    /// `$`
    Root,
    /// `@`
    Current,
    /// `last`
    Last,
    Unary {
        minus: bool,
        operand: Box<Item>,
    },
    Binary {
        operator: Operator,
        left: Box<Item>,
        right: Box<Item>,
    },
    Not(Box<Item>),
    IsUnknown(Box<Item>),
    Exists(Box<Item>),
    StartsWith(Box<Item>, Box<Item>),
    LikeRegex {
        operand: Box<Item>,
        pattern: String,
        flags: String,
    },
}

/// The operators between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Operator {
    And,
    Or,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Sub,
    Mul,
    Div,
    Mod,
}

/// An accessor.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Step {
    /// `.key`
    Key(String),
    /// `.*`
    AnyKey,
    /// `[*]`
    AnyArray,
    /// `[1, 2 to last]`
    Index(Vec<(Item, Option<Item>)>),
    /// `.**{1 to last}`; `u32::MAX` is last
    Any { first: u32, last: u32 },
    /// `? (predicate)`
    Filter(Box<Item>),
    /// `.size()` and its relatives
    Method(&'static str),
    /// `.datetime("template")`
    Datetime(Option<String>),
}

impl Item {
    /// A head without accessors.
    pub fn of(head: Head) -> Item {
        Item { head, steps: Vec::new() }
    }

    /// How tightly it binds (`operationPriority`).
    fn priority(&self) -> u8 {
        use Operator::*;
        match &self.head {
            Head::Binary { operator, .. } => match operator {
                Or => 0,
                And => 1,
                Equal | NotEqual | Less | LessOrEqual | Greater | GreaterOrEqual => 2,
                Add | Sub => 3,
                Mul | Div | Mod => 4,
            },
            Head::StartsWith(..) => 2,
            Head::Unary { .. } => 5,
            _ => 6,
        }
    }

    fn write(&self, out: &mut String, brackets: bool) {
        self.write_head(out, brackets);
        for step in &self.steps {
            step.write(out);
        }
    }

    fn write_head(&self, out: &mut String, brackets: bool) {
        let operand = |item: &Item, out: &mut String| item.write(out, item.priority() <= self.priority());
        let (open, close) = if brackets { ("(", ")") } else { ("", "") };
        match &self.head {
            Head::Null => out.push_str("null"),
            Head::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Head::Number(number) if self.steps.is_empty() => out.push_str(&number.to_string()),
            Head::Number(number) => out.push_str(&format!("({number})")),
            Head::String(text) => write_json_string(text, out),
            Head::Variable(name) => {
                out.push('$');
                write_json_string(name, out);
            }
            Head::Root => out.push('$'),
            Head::Current => out.push('@'),
            Head::Last => out.push_str("last"),
            Head::Unary { minus, operand: item } => {
                out.push_str(open);
                out.push(if *minus { '-' } else { '+' });
                operand(item, out);
                out.push_str(close);
            }
            Head::Binary { operator, left, right } => {
                out.push_str(open);
                operand(left, out);
                out.push_str(&format!(" {} ", operator.symbol()));
                operand(right, out);
                out.push_str(close);
            }
            Head::Not(item) => {
                out.push_str("!(");
                item.write(out, false);
                out.push(')');
            }
            Head::IsUnknown(item) => {
                out.push('(');
                item.write(out, false);
                out.push_str(") is unknown");
            }
            Head::Exists(item) => {
                out.push_str("exists (");
                item.write(out, false);
                out.push(')');
            }
            Head::StartsWith(left, right) => {
                out.push_str(open);
                operand(left, out);
                out.push_str(" starts with ");
                operand(right, out);
                out.push_str(close);
            }
            Head::LikeRegex { operand: item, pattern, flags } => {
                out.push_str(open);
                operand(item, out);
                out.push_str(" like_regex ");
                write_json_string(pattern, out);
                if !flags.is_empty() {
                    out.push_str(&format!(" flag \"{flags}\""));
                }
                out.push_str(close);
            }
        }
    }
}

impl Operator {
    /// As it is written.
    pub fn symbol(self) -> &'static str {
        use Operator::*;
        match self {
            And => "&&",
            Or => "||",
            Equal => "==",
            NotEqual => "!=",
            Less => "<",
            LessOrEqual => "<=",
            Greater => ">",
            GreaterOrEqual => ">=",
            Add => "+",
            Sub => "-",
            Mul => "*",
            Div => "/",
            Mod => "%",
        }
    }
}

impl Step {
    fn write(&self, out: &mut String) {
        match self {
            Step::Key(name) => {
                out.push('.');
                write_json_string(name, out);
            }
            Step::AnyKey => out.push_str(".*"),
            Step::AnyArray => out.push_str("[*]"),
            Step::Index(ranges) => {
                out.push('[');
                for (at, (from, to)) in ranges.iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    from.write(out, false);
                    if let Some(to) = to {
                        out.push_str(" to ");
                        to.write(out, false);
                    }
                }
                out.push(']');
            }
            Step::Any { first, last } => {
                const LAST: u32 = u32::MAX;
                out.push_str(&match (*first, *last) {
                    (0, LAST) => ".**".into(),
                    (LAST, LAST) => ".**{last}".into(),
                    (first, last) if first == last => format!(".**{{{first}}}"),
                    (LAST, last) => format!(".**{{last to {last}}}"),
                    (first, LAST) => format!(".**{{{first} to last}}"),
                    (first, last) => format!(".**{{{first} to {last}}}"),
                });
            }
            Step::Filter(predicate) => {
                out.push_str("?(");
                predicate.write(out, false);
                out.push(')');
            }
            Step::Method(name) => out.push_str(&format!(".{name}()")),
            Step::Datetime(None) => out.push_str(".datetime()"),
            Step::Datetime(Some(template)) => {
                out.push_str(".datetime(");
                write_json_string(template, out);
                out.push(')');
            }
        }
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        if self.strict {
            out.push_str("strict ");
        }
        self.root.write(&mut out, true);
        f.write_str(&out)
    }
}

impl JsonPath {
    /// About how many bytes it takes.
    pub fn size(&self) -> usize {
        self.to_string().len() * 8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_as_postgresql_writes_them() {
        for (text, written) in [
            ("$", "$"),
            ("$.a", "$.\"a\""),
            ("strict $.a[*].b", "strict $.\"a\"[*].\"b\""),
            ("$[0 to last, 3]", "$[0 to last,3]"),
            ("$.a + 1 * 2", "($.\"a\" + 1 * 2)"),
            ("($.a + 1) * 2", "(($.\"a\" + 1) * 2)"),
            ("$ ? (@.a == 1 && !(@.b > 2))", "$?(@.\"a\" == 1 && !(@.\"b\" > 2))"),
            ("$.** ? (exists(@.a))", "$.**?(exists (@.\"a\"))"),
            ("$.a.size()", "$.\"a\".size()"),
            ("-$.a", "(-$.\"a\")"),
            ("$.a like_regex \"^x\" flag \"i\"", "($.\"a\" like_regex \"^x\" flag \"i\")"),
            ("$x", "$\"x\""),
            ("($.a > 1) is unknown", "($.\"a\" > 1) is unknown"),
            ("$.**{2 to last}", "$.**{2 to last}"),
        ] {
            assert_eq!(parse(text).unwrap().to_string(), written, "{text}");
        }
        for wrong in ["", "$.", "@", "last", "$ ? @", "$[", "$.a b", "1a", "$.foo("] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
