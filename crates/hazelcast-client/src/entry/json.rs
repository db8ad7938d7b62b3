//! The members of a JSON object, one after the other, as Jackson's streaming parser (which members use) sees them: no
//! tree, nothing copied, and broken text is noticed only when the scan gets there.

/// Nesting beyond which versions of Jackson differ (`StreamReadConstraints`).
const MAX_DEPTH: usize = 400;
/// Longer numbers are refused by some versions, which makes them null.
const MAX_NUMBER: usize = 500;
/// Longer names, and texts of this length in bytes, are refused by some versions.
const MAX_NAME: usize = 20_000;
const MAX_TEXT: usize = 10_000_000;

/// Why a scan ends early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The text is no JSON from here on.
    Broken,
    /// Whether it is depends on the version of the member's parser.
    Doubtful,
}

/// The value of a member.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'a> {
    Text(Text<'a>),
    /// A number without point and exponent.
    Int(&'a str),
    Float(&'a str),
    Bool(bool),
    Null,
    /// An object or array, which is still to be passed over.
    Nested,
}

/// What stands between the quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Text<'a> {
    pub(super) raw: &'a str,
    /// Whether there are escapes in it.
    pub(super) escaped: bool,
}

/// An object whose members are being read.
#[derive(Debug)]
pub(super) struct Object<'a> {
    text: &'a str,
    at: usize,
    first: bool,
}

impl<'a> Object<'a> {
    /// Enters the object that the text is; nothing if it is something else.
    pub(super) fn open(text: &'a str) -> Result<Option<Self>, Stop> {
        // What begins with a byte order mark, or like UTF-16, is read in one way by key and in another by a scan.
        let head = text.as_bytes().get(..4).unwrap_or(text.as_bytes());
        if head.contains(&0) || head.starts_with(&[0xef, 0xbb, 0xbf]) || text.len() > MAX_TEXT {
            return Err(Stop::Doubtful);
        }
        let mut object = Self { text, at: 0, first: true };
        object.blanks();
        Ok(object.take(b'{').then_some(object))
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    #[inline]
    fn blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.at += 1;
        }
    }

    /// The name of the next member, or nothing at the end of the object. The member's value must be read before the next.
    #[inline]
    pub(super) fn name(&mut self) -> Result<Option<Text<'a>>, Stop> {
        self.blanks();
        // Not after a comma: that has been followed by a member.
        if self.take(b'}') {
            return Ok(None);
        }
        if !std::mem::take(&mut self.first) {
            if !self.take(b',') {
                return Err(Stop::Broken);
            }
            self.blanks();
        }
        let name = self.quoted()?;
        if name.raw.len() > MAX_NAME {
            return Err(Stop::Doubtful);
        }
        self.blanks();
        if !self.take(b':') {
            return Err(Stop::Broken);
        }
        self.blanks();
        Ok(Some(name))
    }

    #[inline]
    fn quoted(&mut self) -> Result<Text<'a>, Stop> {
        if !self.take(b'"') {
            return Err(Stop::Broken);
        }
        let from = self.at;
        let mut escaped = false;
        loop {
            self.at = special(self.text.as_bytes(), self.at);
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                _ => return Err(Stop::Broken),
            }
        }
        let raw = self.text.get(from..self.at).ok_or(Stop::Broken)?;
        self.at += 1;
        Ok(Text { raw, escaped })
    }

    fn escape(&mut self) -> Result<(), Stop> {
        let length = match self.text.as_bytes().get(self.at + 1).copied() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') => {
                let digits = self.text.as_bytes().get(self.at + 2..self.at + 6).ok_or(Stop::Broken)?;
                if !digits.iter().all(u8::is_ascii_hexdigit) {
                    return Err(Stop::Broken);
                }
                6
            }
            _ => return Err(Stop::Broken),
        };
        self.at += length;
        Ok(())
    }

    /// The value of the member whose name was read. Of an object or array only that it is one.
    #[inline]
    pub(super) fn value(&mut self) -> Result<Token<'a>, Stop> {
        match self.peek() {
            Some(b'"') => self.quoted().map(Token::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'{' | b'[') => Ok(Token::Nested),
            Some(b't') => self.word("true", Token::Bool(true)),
            Some(b'f') => self.word("false", Token::Bool(false)),
            Some(b'n') => self.word("null", Token::Null),
            _ => Err(Stop::Broken),
        }
    }

    fn digits(&mut self) -> usize {
        let from = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        self.at - from
    }

    #[inline]
    fn number(&mut self) -> Result<Token<'a>, Stop> {
        let from = self.at;
        self.take(b'-');
        let zero = self.peek() == Some(b'0');
        let digits = self.digits();
        if digits == 0 || (zero && digits > 1) {
            return Err(Stop::Broken);
        }
        let mut float = false;
        if self.take(b'.') {
            float = true;
            if self.digits() == 0 {
                return Err(Stop::Broken);
            }
        }
        if let Some(b'e' | b'E') = self.peek() {
            float = true;
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(Stop::Broken);
            }
        }
        let number = self.text.get(from..self.at).ok_or(Stop::Broken)?;
        if number.len() > MAX_NUMBER {
            return Err(Stop::Doubtful);
        }
        Ok(if float { Token::Float(number) } else { Token::Int(number) })
    }

    /// A word must not go on (`_checkMatchEnd` of Jackson).
    fn word(&mut self, word: &str, token: Token<'a>) -> Result<Token<'a>, Stop> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return Err(Stop::Broken);
        }
        match rest.get(word.len()) {
            Some(byte) if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | 0x7f) => {
                return Err(Stop::Broken);
            }
            // Which characters belong to a word depends on the member's Java.
            Some(0x80..) => return Err(Stop::Doubtful),
            _ => {}
        }
        self.at += word.len();
        Ok(token)
    }

    /// Passes over the object or array that stands here.
    pub(super) fn skip(&mut self) -> Result<(), Stop> {
        // One bit for each level: whether it is an object.
        let mut levels = [0u64; MAX_DEPTH.div_ceil(64)];
        let mut depth = 0usize;
        loop {
            // A value is expected.
            match self.peek() {
                Some(open @ (b'{' | b'[')) => {
                    self.at += 1;
                    let object = open == b'{';
                    let level = levels.get_mut(depth / 64).ok_or(Stop::Doubtful)?;
                    *level = (*level & !(1 << (depth % 64))) | (u64::from(object) << (depth % 64));
                    depth += 1;
                    self.blanks();
                    if !self.take(if object { b'}' } else { b']' }) {
                        if object {
                            self.member()?;
                        }
                        continue;
                    }
                    depth -= 1;
                }
                _ => drop(self.value()?),
            }
            // After a value: the ends of what it was the last of, or the next one.
            loop {
                if depth == 0 {
                    return Ok(());
                }
                let object = levels.get((depth - 1) / 64).is_some_and(|l| l & (1 << ((depth - 1) % 64)) != 0);
                self.blanks();
                if self.take(b',') {
                    self.blanks();
                    if object {
                        self.member()?;
                    }
                    break;
                }
                if !self.take(if object { b'}' } else { b']' }) {
                    return Err(Stop::Broken);
                }
                depth -= 1;
            }
        }
    }

    /// The name of a member that is passed over, and its colon.
    fn member(&mut self) -> Result<(), Stop> {
        if self.quoted()?.raw.len() > MAX_NAME {
            return Err(Stop::Doubtful);
        }
        self.blanks();
        if !self.take(b':') {
            return Err(Stop::Broken);
        }
        self.blanks();
        Ok(())
    }
}

/// Where the next quote, backslash or control character is; the end of the text if there is none.
#[inline]
fn special(bytes: &[u8], from: usize) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    let rest = bytes.get(from..).unwrap_or_default();
    let (words, tail) = rest.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let zero = |x: u64| x.wrapping_sub(ONES) & !x;
        let quote = zero(word ^ (ONES * 0x22));
        let backslash = zero(word ^ (ONES * 0x5c));
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        // The lowest bit that is set is right; a borrow can only make wrong ones above it.
        let found = (quote | backslash | control) & HIGH;
        if found != 0 {
            return from + index * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    let at = tail.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)).unwrap_or(tail.len());
    from + words.len() * 8 + at
}

impl Text<'_> {
    /// Whether this is `name`.
    #[inline]
    pub(super) fn is(&self, name: &str) -> bool {
        if !self.escaped {
            return self.raw == name;
        }
        let mut decoded = Vec::new();
        // Half a surrogate pair is in no name of a column, but in its place stands what could be.
        self.decode(&mut decoded).is_some_and(|whole| whole && decoded == name.as_bytes())
    }

    /// Appends the text without its escapes. Half a surrogate pair becomes a question mark, as in what members send.
    /// Answers whether there was none.
    pub(super) fn decode(&self, out: &mut Vec<u8>) -> Option<bool> {
        let mut rest = self.raw;
        let mut whole = true;
        while let Some(at) = rest.find('\\') {
            out.extend_from_slice(rest.get(..at)?.as_bytes());
            let escape = *rest.as_bytes().get(at + 1)?;
            rest = rest.get(at + 2..)?;
            let plain = match escape {
                b'b' => 8,
                b'f' => 12,
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'u' => {
                    let (character, after) = unit(rest)?;
                    rest = after;
                    whole &= character.is_some();
                    out.extend_from_slice(character.unwrap_or('?').encode_utf8(&mut [0; 4]).as_bytes());
                    continue;
                }
                other => other,
            };
            out.push(plain);
        }
        out.extend_from_slice(rest.as_bytes());
        Some(whole)
    }
}

/// The character whose hexadecimal digits stand at the front, perhaps with a second escape; nothing for half a pair.
fn unit(text: &str) -> Option<(Option<char>, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    let first = u32::from_str_radix(digits, 16).ok()?;
    if let Some(character) = char::from_u32(first) {
        return Some((Some(character), rest));
    }
    let second = rest.strip_prefix("\\u").and_then(|rest| rest.split_at_checked(4));
    let second = second.and_then(|(digits, rest)| Some((u32::from_str_radix(digits, 16).ok()?, rest)));
    match second {
        Some((low @ 0xdc00..0xe000, rest)) if first < 0xdc00 => {
            Some((char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (low - 0xdc00)), rest))
        }
        _ => Some((None, rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The members before the end or the first error.
    fn members(text: &str) -> (Vec<(String, String)>, Option<Stop>) {
        let mut all = Vec::new();
        let mut scan = || {
            let Some(mut object) = Object::open(text)? else { return Ok(()) };
            while let Some(name) = object.name()? {
                let token = object.value()?;
                let mut decoded = Vec::new();
                name.decode(&mut decoded);
                let value = match token {
                    Token::Text(text) => format!("'{}'", text.raw),
                    Token::Int(number) => number.to_string(),
                    Token::Float(number) => format!("~{number}"),
                    Token::Bool(value) => value.to_string(),
                    Token::Null => "null".to_string(),
                    Token::Nested => "nested".to_string(),
                };
                all.push((String::from_utf8(decoded).unwrap(), value));
                if token == Token::Nested {
                    object.skip()?;
                }
            }
            Ok(())
        };
        let stop = scan().err();
        (all, stop)
    }

    fn values(text: &str) -> (Vec<String>, Option<Stop>) {
        let (all, stop) = members(text);
        (all.into_iter().map(|(_, value)| value).collect(), stop)
    }

    #[test]
    fn members_in_order() {
        let text = r#" { "a" : 1 , "b":-2.5e3,"c":"x\"y" , "d": true,"e":null,"f":{"x":[1,{"y":"}"}],"z":[]},"g":[ ] } rest"#;
        let (all, stop) = members(text);
        let names: String = all.iter().map(|(name, _)| name.as_str()).collect();
        let values: Vec<_> = all.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!((names.as_str(), stop), ("abcdefg", None));
        assert_eq!(values, ["1", "~-2.5e3", "'x\\\"y'", "true", "null", "nested", "nested"]);
        assert_eq!(members("{}"), (vec![], None));
        for text in ["", "  ", "[1]", "1", "\"{}\"", "x"] {
            assert_eq!(members(text), (vec![], None), "{text}");
        }
    }

    #[test]
    fn broken_text_counts_from_where_it_breaks() {
        for (text, before) in [
            (r#"{"a":1,"b":}"#, 1),
            (r#"{"a":1,"b":01}"#, 1),
            (r#"{"a":1 "b":2}"#, 1),
            (r#"{"a":1,"b":2,}"#, 2),
            (r#"{"a":1,,"b":2}"#, 1),
            (r#"{"a":1x,"b":2}"#, 1),
            (r#"{"a":truex}"#, 0),
            (r#"{"a":+1}"#, 0),
            (r#"{"a":.5}"#, 0),
            (r#"{"a":1.}"#, 0),
            (r#"{"a":1e}"#, 0),
            (r#"{"a":NaN}"#, 0),
            (r#"{"a":"x"#, 0),
            (r#"{"a":"\x"}"#, 0),
            (r#"{"a":"\u12g4"}"#, 0),
            ("{\"a\":\"\n\"}", 0),
            (r#"{a:1}"#, 0),
            (r#"{'a':1}"#, 0),
            (r#"{"a":1"#, 1),
            (r#"{"a":{"x":1],"b":2}"#, 1),
            (r#"{"a":[1,],"b":2}"#, 1),
            (r#"{"a":[1 2],"b":2}"#, 1),
            (r#"{"a":{"x"},"b":2}"#, 1),
            (r#"{"a":{"x":1,},"b":2}"#, 1),
            (r#"{"a":[}"#, 1),
            (r#"/**/{"a":1}"#, 0),
            (r#"{,"a":1}"#, 0),
        ] {
            let (all, stop) = values(text);
            let expected = (!text.starts_with('/')).then_some(Stop::Broken);
            assert_eq!((all.len(), stop), (before, expected), "{text}");
        }
    }

    #[test]
    fn what_versions_may_read_otherwise_is_doubtful() {
        let deep = format!(r#"{{"a":{}1{}}}"#, "[".repeat(2000), "]".repeat(2000));
        let long = format!(r#"{{"a":1{}}}"#, "0".repeat(2000));
        for text in ["\u{feff}{}", "\0{}", "{\0", &deep, &long, r#"{"a":trueé}"#] {
            assert_eq!(members(text).1, Some(Stop::Doubtful), "{}", text.get(..12).unwrap_or(text));
        }
        let deep = format!(r#"{{"a":{}1{},"b":2}}"#, "[".repeat(300), "]".repeat(300));
        assert_eq!(values(&deep), (vec!["nested".to_string(), "2".to_string()], None));
    }

    #[test]
    fn escapes() {
        let decoded = |raw| {
            let mut out = Vec::new();
            let whole = Text { raw, escaped: true }.decode(&mut out).unwrap();
            (String::from_utf8(out).unwrap(), whole)
        };
        assert_eq!(decoded(r#"\"\\\/\b\f\n\r\tA\u0041\u00e9z"#).0, "\"\\/\u{8}\u{c}\n\r\tAAéz");
        assert_eq!(decoded(r"\ud83d\ude00"), ("😀".to_string(), true));
        assert_eq!(decoded(r"\ud83dx\ude00\ud83d\u0041"), ("?x??A".to_string(), false));
        assert!(Text { raw: r"\u0061b", escaped: true }.is("ab"));
        assert!(!Text { raw: r"\ud800", escaped: true }.is("?"));
    }

    #[test]
    fn special_characters_are_found_at_every_place() {
        for length in 0..40 {
            for at in 0..length {
                for (byte, is_special) in
                    [(b'"', true), (b'\\', true), (0x1f, true), (b' ', false), (0xc3, false)]
                {
                    let mut bytes = vec![b'a'; length];
                    bytes[at] = byte;
                    assert_eq!(special(&bytes, 0), if is_special { at } else { length });
                }
            }
        }
    }
}
