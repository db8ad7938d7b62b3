//! Templates of numbers and what they say together (`parse_format`, `NUMDesc_prepare`).

use crate::{Error, Result, SqlState};

/// A pattern of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    Comma,
    Point,
    Zero,
    Nine,
    Blank,
    /// `C` and `SP`: nothing.
    Nothing,
    /// `D`
    LocalPoint,
    Exponent,
    Fill,
    Group,
    Currency,
    Minus,
    Plus,
    Brackets,
    /// In upper case or not.
    Roman(bool),
    /// `SG`
    Sign,
    /// `S`
    LocalSign,
    /// In upper case or not.
    Ordinal(bool),
    Multiply,
}

/// In the order in which they are tried.
const PATTERNS: &[(&str, Pattern)] = &[
    (",", Pattern::Comma),
    (".", Pattern::Point),
    ("0", Pattern::Zero),
    ("9", Pattern::Nine),
    ("B", Pattern::Blank),
    ("C", Pattern::Nothing),
    ("D", Pattern::LocalPoint),
    ("EEEE", Pattern::Exponent),
    ("FM", Pattern::Fill),
    ("G", Pattern::Group),
    ("L", Pattern::Currency),
    ("MI", Pattern::Minus),
    ("PL", Pattern::Plus),
    ("PR", Pattern::Brackets),
    ("RN", Pattern::Roman(true)),
    ("SG", Pattern::Sign),
    ("SP", Pattern::Nothing),
    ("S", Pattern::LocalSign),
    ("TH", Pattern::Ordinal(true)),
    ("V", Pattern::Multiply),
    ("b", Pattern::Blank),
    ("c", Pattern::Nothing),
    ("d", Pattern::LocalPoint),
    ("eeee", Pattern::Exponent),
    ("fm", Pattern::Fill),
    ("g", Pattern::Group),
    ("l", Pattern::Currency),
    ("mi", Pattern::Minus),
    ("pl", Pattern::Plus),
    ("pr", Pattern::Brackets),
    ("rn", Pattern::Roman(false)),
    ("sg", Pattern::Sign),
    ("sp", Pattern::Nothing),
    ("s", Pattern::LocalSign),
    ("th", Pattern::Ordinal(false)),
    ("v", Pattern::Multiply),
];

/// A part of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Pattern(Pattern),
    /// A character that stands for itself.
    Char(char),
}

/// Where the sign of `S` stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum LocalSign {
    #[default]
    None,
    Before,
    After,
}

/// What all patterns together say (`NUMDesc`).
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    /// Digits before the decimal point.
    pub pre: usize,
    /// Digits after it.
    pub post: usize,
    /// Digits behind `V`.
    pub multi: usize,
    /// The first `0`, counted from one; none is zero.
    pub zero_start: usize,
    /// The digits up to the last `0`.
    pub zero_end: usize,
    pub local_sign: LocalSign,
    /// The digits before `S`.
    pub pre_sign: usize,
    pub decimal: bool,
    pub zero: bool,
    pub blank: bool,
    pub fill: bool,
    pub has_local_sign: bool,
    pub brackets: bool,
    pub minus: bool,
    pub plus: bool,
    pub roman: bool,
    pub multiply: bool,
    pub exponent: bool,
}

/// A template taken apart.
pub(super) struct Template {
    pub nodes: Vec<Node>,
    pub shape: Shape,
}

/// The parts of a template.
pub(super) fn parse(template: &str) -> Result<Template> {
    let mut parsed = Template { nodes: Vec::new(), shape: Shape::default() };
    let mut rest = template;
    while !rest.is_empty() {
        let found = PATTERNS.iter().find_map(|(name, pattern)| Some((rest.strip_prefix(name)?, *pattern)));
        if let Some((after, pattern)) = found {
            parsed.shape.add(pattern)?;
            parsed.nodes.push(Node::Pattern(pattern));
            rest = after;
        } else {
            rest = literal(rest, &mut parsed.nodes);
        }
    }
    Ok(parsed)
}

/// Text in quotes, or one character; what follows it.
fn literal<'a>(text: &'a str, nodes: &mut Vec<Node>) -> &'a str {
    let Some(quoted) = text.strip_prefix('"') else {
        let text = if text.starts_with("\\\"") { &text[1..] } else { text };
        let mut chars = text.chars();
        nodes.extend(chars.next().map(Node::Char));
        return chars.as_str();
    };
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => nodes.push(Node::Char(chars.next().unwrap_or('\\'))),
            c => nodes.push(Node::Char(c)),
        }
    }
    chars.as_str()
}

fn refuse<T>(message: &str) -> Result<T> {
    Err(Error::new(SqlState::SYNTAX_ERROR, message))
}

impl Shape {
    /// `NUMDesc_prepare`
    fn add(&mut self, pattern: Pattern) -> Result<()> {
        if self.exponent && pattern != Pattern::Exponent {
            return refuse("\"EEEE\" must be the last pattern used");
        }
        match pattern {
            Pattern::Nine | Pattern::Zero => return self.digit(pattern == Pattern::Zero),
            Pattern::Blank => self.blank |= self.pre == 0 && self.post == 0 && !self.zero,
            Pattern::LocalPoint | Pattern::Point => {
                if self.decimal {
                    return refuse("multiple decimal points");
                }
                if self.multiply {
                    return refuse("cannot use \"V\" and decimal point together");
                }
                self.decimal = true;
            }
            Pattern::Fill => self.fill = true,
            Pattern::Roman(_) => self.roman = true,
            Pattern::Multiply => {
                if self.decimal {
                    return refuse("cannot use \"V\" and decimal point together");
                }
                self.multiply = true;
            }
            Pattern::Exponent => return self.scientific(),
            Pattern::LocalSign | Pattern::Minus | Pattern::Plus | Pattern::Sign | Pattern::Brackets => {
                return self.sign(pattern);
            }
            Pattern::Comma | Pattern::Group | Pattern::Currency | Pattern::Ordinal(_) | Pattern::Nothing => {}
        }
        Ok(())
    }

    fn digit(&mut self, zero: bool) -> Result<()> {
        if self.brackets {
            let digit = if zero { 0 } else { 9 };
            return refuse(&format!("\"{digit}\" must be ahead of \"PR\""));
        }
        if !zero && self.multiply {
            self.multi += 1;
            return Ok(());
        }
        if zero && !self.zero && !self.decimal {
            self.zero = true;
            self.zero_start = self.pre + 1;
        }
        if self.decimal {
            self.post += 1;
        } else {
            self.pre += 1;
        }
        if zero {
            self.zero_end = self.pre + self.post;
        }
        Ok(())
    }

    fn sign(&mut self, pattern: Pattern) -> Result<()> {
        match pattern {
            Pattern::LocalSign => {
                if self.has_local_sign {
                    return refuse("cannot use \"S\" twice");
                }
                if self.plus || self.minus || self.brackets {
                    return refuse("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together");
                }
                self.has_local_sign = true;
                if self.decimal {
                    self.local_sign = LocalSign::After;
                } else {
                    self.local_sign = LocalSign::Before;
                    self.pre_sign = self.pre;
                }
            }
            Pattern::Brackets => {
                if self.has_local_sign || self.plus || self.minus {
                    return refuse("cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together");
                }
                self.brackets = true;
            }
            other => {
                let name = match other {
                    Pattern::Minus => "MI",
                    Pattern::Plus => "PL",
                    _ => "SG",
                };
                if self.has_local_sign {
                    return refuse(&format!("cannot use \"S\" and \"{name}\" together"));
                }
                self.minus |= other != Pattern::Plus;
                self.plus |= other != Pattern::Minus;
            }
        }
        Ok(())
    }

    fn scientific(&mut self) -> Result<()> {
        if self.exponent {
            return refuse("cannot use \"EEEE\" twice");
        }
        let others = [
            self.blank,
            self.fill,
            self.has_local_sign,
            self.brackets,
            self.minus,
            self.plus,
            self.roman,
            self.multiply,
        ];
        if others.contains(&true) {
            return Err(Error::new(SqlState::SYNTAX_ERROR, "\"EEEE\" is incompatible with other formats")
                .detail("\"EEEE\" may only be used together with digit and decimal point patterns."));
        }
        self.exponent = true;
        Ok(())
    }
}
