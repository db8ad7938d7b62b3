//! Reading `jsonpath` (`jsonpath_gram.y`).

use super::lex::{Token, syntax_error, tokens};
use super::{Head, Item, JsonPath, Operator, Step};
use crate::{Error, Numeric, Result, SqlState};

/// How deep parentheses may go.
const MAX_DEPTH: usize = 400;

/// `jsonpath_in`
pub fn parse(text: &str) -> Result<JsonPath> {
    let tokens = tokens(text)?;
    if tokens.is_empty() {
        return Err(crate::text::invalid_syntax("jsonpath", text));
    }
    let mut parser = Parser { tokens, at: 0, depth: 0 };
    let strict = parser.eat_word("strict");
    if !strict {
        parser.eat_word("lax");
    }
    let root = parser.expression(0)?;
    if parser.at < parser.tokens.len() {
        return Err(parser.unexpected());
    }
    check(&root, false, false)?;
    Ok(JsonPath { strict, root })
}

/// `@` stands in filters only, `last` in subscripts only.
fn check(item: &Item, in_filter: bool, in_subscript: bool) -> Result<()> {
    let error = |message: &str| Err(Error::new(SqlState::SYNTAX_ERROR, message));
    match &item.head {
        Head::Current if !in_filter => return error("@ is not allowed in root expressions"),
        Head::Last if !in_subscript => return error("LAST is allowed only in array subscripts"),
        Head::Unary { operand, .. }
        | Head::Not(operand)
        | Head::IsUnknown(operand)
        | Head::Exists(operand)
        | Head::LikeRegex { operand, .. } => check(operand, in_filter, in_subscript)?,
        Head::Binary { left, right, .. } | Head::StartsWith(left, right) => {
            check(left, in_filter, in_subscript)?;
            check(right, in_filter, in_subscript)?;
        }
        _ => {}
    }
    for step in &item.steps {
        match step {
            Step::Filter(predicate) => check(predicate, true, in_subscript)?,
            Step::Index(ranges) => {
                for (from, to) in ranges {
                    check(from, in_filter, true)?;
                    to.as_ref().map_or(Ok(()), |to| check(to, in_filter, true))?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

struct Parser<'a> {
    tokens: Vec<(Token, &'a str)>,
    at: usize,
    depth: usize,
}

/// The levels of operators, the loosest first.
const LEVELS: &[&[(&str, Operator)]] = &[
    &[("||", Operator::Or)],
    &[("&&", Operator::And)],
    &[
        ("==", Operator::Equal),
        ("!=", Operator::NotEqual),
        ("<>", Operator::NotEqual),
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("<", Operator::Less),
        (">", Operator::Greater),
    ],
    &[("+", Operator::Add), ("-", Operator::Sub)],
    &[("*", Operator::Mul), ("/", Operator::Div), ("%", Operator::Mod)],
];

/// Comparisons, which do not follow each other.
const COMPARISONS: usize = 2;

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    fn unexpected(&self) -> Error {
        syntax_error("syntax error", self.tokens.get(self.at).map_or("", |(_, text)| text))
    }

    fn at_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), Some(Token::Symbol(s)) if *s == symbol)
    }

    fn eat(&mut self, symbol: &str) -> bool {
        let found = self.at_symbol(symbol);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &str) -> Result<()> {
        if self.eat(symbol) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(w)) if w.eq_ignore_ascii_case(word));
        self.at += usize::from(found);
        found
    }

    /// Operators of a level and of those that bind tighter.
    fn expression(&mut self, level: usize) -> Result<Item> {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.expression(level + 1)?;
        loop {
            if level == COMPARISONS
                && let Some(tested) = self.text_predicate(&left)?
            {
                return Ok(tested);
            }
            let found = operators.iter().find(|(symbol, _)| self.at_symbol(symbol));
            let Some((symbol, operator)) = found else { return Ok(left) };
            // Predicates are combined with predicates, values with values.
            let wanted = |item: &Item| is_predicate(item) == (level < COMPARISONS);
            if !wanted(&left) {
                return Err(self.unexpected());
            }
            self.expect(symbol)?;
            let right = self.expression(level + 1)?;
            if !wanted(&right) {
                return Err(self.unexpected());
            }
            left =
                Item::of(Head::Binary { operator: *operator, left: Box::new(left), right: Box::new(right) });
            if level == COMPARISONS {
                return Ok(left);
            }
        }
    }

    /// `starts with`, `like_regex`
    fn text_predicate(&mut self, left: &Item) -> Result<Option<Item>> {
        if self.eat_word("starts") {
            if !self.eat_word("with") {
                return Err(self.unexpected());
            }
            let head = match self.peek().cloned() {
                Some(Token::String(text)) => Head::String(text),
                Some(Token::Variable(name)) => Head::Variable(name),
                _ => return Err(self.unexpected()),
            };
            self.at += 1;
            let right = Box::new(Item::of(head));
            return Ok(Some(Item::of(Head::StartsWith(Box::new(left.clone()), right))));
        }
        if !self.eat_word("like_regex") {
            return Ok(None);
        }
        let pattern = self.string()?;
        let flags = if self.eat_word("flag") { regex_flags(&self.string()?)? } else { String::new() };
        crate::func::check_like_regex(&pattern, &flags)?;
        Ok(Some(Item::of(Head::LikeRegex { operand: Box::new(left.clone()), pattern, flags })))
    }

    fn string(&mut self) -> Result<String> {
        match self.peek().cloned() {
            Some(Token::String(text)) => {
                self.at += 1;
                Ok(text)
            }
            _ => Err(self.unexpected()),
        }
    }

    fn unary(&mut self) -> Result<Item> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Error::stack_depth());
        }
        let item = self.unary_within();
        self.depth -= 1;
        item
    }

    fn unary_within(&mut self) -> Result<Item> {
        let minus = matches!(self.peek(), Some(Token::Symbol("-")));
        if minus || matches!(self.peek(), Some(Token::Symbol("+"))) {
            self.at += 1;
            let operand = self.unary()?;
            if is_predicate(&operand) {
                return Err(self.unexpected());
            }
            // Signs of numbers are part of them.
            if let (Head::Number(number), true) = (&operand.head, operand.steps.is_empty()) {
                return Ok(Item::of(Head::Number(if minus { number.neg() } else { number.clone() })));
            }
            return Ok(Item::of(Head::Unary { minus, operand: Box::new(operand) }));
        }
        if self.eat("!") {
            if !matches!(self.peek(), Some(Token::Symbol("("))) && !self.at_exists() {
                return Err(self.unexpected());
            }
            let predicate = if self.at_exists() { self.primary()? } else { self.predicate()? };
            return Ok(Item::of(Head::Not(Box::new(predicate))));
        }
        if matches!(self.peek(), Some(Token::Symbol("("))) {
            let inner = self.parenthesised()?;
            if is_predicate(&inner) && self.eat_word("is") {
                if !self.eat_word("unknown") {
                    return Err(self.unexpected());
                }
                return Ok(Item::of(Head::IsUnknown(Box::new(inner))));
            }
            return self.steps(inner);
        }
        let primary = self.primary()?;
        self.steps(primary)
    }

    fn at_exists(&self) -> bool {
        let word = matches!(self.peek(), Some(Token::Word(w)) if w.eq_ignore_ascii_case("exists"));
        word && matches!(self.tokens.get(self.at + 1), Some((Token::Symbol("("), _)))
    }

    /// A predicate in parentheses.
    fn predicate(&mut self) -> Result<Item> {
        self.expect("(")?;
        let inner = self.expression(0)?;
        if !is_predicate(&inner) {
            return Err(self.unexpected());
        }
        self.expect(")")?;
        Ok(inner)
    }

    fn parenthesised(&mut self) -> Result<Item> {
        self.expect("(")?;
        let inner = self.expression(0)?;
        self.expect(")")?;
        Ok(inner)
    }

    fn primary(&mut self) -> Result<Item> {
        if self.at_exists() {
            self.at += 1;
            self.expect("(")?;
            let inner = self.expression(COMPARISONS + 1)?;
            self.expect(")")?;
            return Ok(Item::of(Head::Exists(Box::new(inner))));
        }
        let head = match self.peek().cloned() {
            Some(Token::String(text)) => Head::String(text),
            Some(Token::Variable(name)) => Head::Variable(name),
            Some(Token::Integer(digits) | Token::Number(digits)) => {
                let digits = digits.strip_suffix('.').unwrap_or(&digits);
                Head::Number(Numeric::parse(digits)?)
            }
            Some(Token::Symbol("$")) => Head::Root,
            Some(Token::Symbol("@")) => Head::Current,
            // These three are words in lower case only.
            Some(Token::Word(word)) if word == "null" => Head::Null,
            Some(Token::Word(word)) if word == "true" => Head::Bool(true),
            Some(Token::Word(word)) if word == "false" => Head::Bool(false),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("last") => Head::Last,
            _ => return Err(self.unexpected()),
        };
        self.at += 1;
        Ok(Item::of(head))
    }

    /// The accessors behind an item.
    fn steps(&mut self, mut item: Item) -> Result<Item> {
        loop {
            let step = if self.eat(".") {
                self.member()?
            } else if self.eat("[") {
                self.subscripts()?
            } else if self.eat("?") {
                Step::Filter(Box::new(self.predicate()?))
            } else {
                return Ok(item);
            };
            // What already has accessors keeps them in front.
            item.steps.push(step);
        }
    }

    fn member(&mut self) -> Result<Step> {
        const METHODS: &[&str] = &["type", "size", "double", "abs", "floor", "ceiling", "keyvalue"];
        if self.eat("**") {
            return self.levels();
        }
        if self.eat("*") {
            return Ok(Step::AnyKey);
        }
        let name = match self.peek().cloned() {
            Some(Token::Word(name)) => name,
            Some(Token::String(name)) => {
                self.at += 1;
                return Ok(Step::Key(name));
            }
            _ => return Err(self.unexpected()),
        };
        self.at += 1;
        let called = matches!(self.peek(), Some(Token::Symbol("(")));
        if !called {
            return Ok(Step::Key(name));
        }
        if name.eq_ignore_ascii_case("datetime") {
            self.expect("(")?;
            let template = if self.eat(")") { None } else { Some(self.string()?) };
            if template.is_some() {
                self.expect(")")?;
            }
            return Ok(Step::Datetime(template));
        }
        let Some(method) = METHODS.iter().find(|method| name.eq_ignore_ascii_case(method)) else {
            return Err(self.unexpected());
        };
        self.expect("(")?;
        self.expect(")")?;
        Ok(Step::Method(method))
    }

    fn levels(&mut self) -> Result<Step> {
        if !self.eat("{") {
            return Ok(Step::Any { first: 0, last: u32::MAX });
        }
        let first = self.level()?;
        let last = if self.eat_word("to") { self.level()? } else { first };
        self.expect("}")?;
        Ok(Step::Any { first, last })
    }

    fn level(&mut self) -> Result<u32> {
        if self.eat_word("last") {
            return Ok(u32::MAX);
        }
        match self.peek().cloned() {
            Some(Token::Integer(digits)) => {
                self.at += 1;
                Ok(digits.parse().unwrap_or(i32::MAX as u32))
            }
            _ => Err(self.unexpected()),
        }
    }

    fn subscripts(&mut self) -> Result<Step> {
        let star = matches!(self.peek(), Some(Token::Symbol("*")));
        if star && matches!(self.tokens.get(self.at + 1), Some((Token::Symbol("]"), _))) {
            self.at += 2;
            return Ok(Step::AnyArray);
        }
        let mut ranges = Vec::new();
        loop {
            let from = self.expression(COMPARISONS + 1)?;
            let to = if self.eat_word("to") { Some(self.expression(COMPARISONS + 1)?) } else { None };
            ranges.push((from, to));
            if !self.eat(",") {
                break;
            }
        }
        self.expect("]")?;
        Ok(Step::Index(ranges))
    }
}

/// Whether an item is a predicate, which yields true, false or unknown.
pub(crate) fn is_predicate(item: &Item) -> bool {
    use Operator::*;
    item.steps.is_empty()
        && match &item.head {
            Head::Binary { operator, .. } => !matches!(operator, Add | Sub | Mul | Div | Mod),
            Head::Not(_)
            | Head::IsUnknown(_)
            | Head::Exists(_)
            | Head::StartsWith(..)
            | Head::LikeRegex { .. } => true,
            _ => false,
        }
}

/// The flags of `like_regex`, in the order in which they are written out.
fn regex_flags(text: &str) -> Result<String> {
    if let Some(wrong) = text.chars().find(|c| !"ismxq".contains(*c)) {
        return Err(Error::new(SqlState::SYNTAX_ERROR, "invalid input syntax for type jsonpath")
            .detail(format!("Unrecognized flag character \"{wrong}\" in LIKE_REGEX predicate.")));
    }
    if text.contains('x') && !text.contains('q') {
        return Err(Error::new(
            SqlState::FEATURE_NOT_SUPPORTED,
            "XQuery \"x\" flag (expanded regular expressions) is not implemented",
        ));
    }
    Ok("ismxq".chars().filter(|c| text.contains(*c)).collect())
}
