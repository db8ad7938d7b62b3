//! Makes a statement smaller as long as something about it stays true: tokens are left out, in ever smaller runs.

/// The smallest statement that `holds`, as far as leaving out runs of tokens leads.
pub fn reduce(sql: &str, mut holds: impl FnMut(&str) -> bool) -> String {
    let mut tokens: Vec<&str> = tokens(sql);
    let mut size = tokens.len() / 2;
    while size > 0 {
        let mut at = 0;
        let mut smaller = false;
        while at < tokens.len() {
            let end = (at + size).min(tokens.len());
            let rest: Vec<&str> = tokens[..at].iter().chain(&tokens[end..]).copied().collect();
            if holds(&rest.concat()) {
                tokens = rest;
                smaller = true;
            } else {
                at += size.div_ceil(2);
            }
        }
        if !smaller || size > 1 {
            size /= 2;
        }
    }
    tokens.concat()
}

/// The tokens of a statement, each with the blanks behind it.
fn tokens(sql: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' | '"' => quoted(rest, first),
            '$' => dollar(rest),
            c if c.is_alphanumeric() || c == '_' => {
                rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').unwrap_or(rest.len())
            }
            c => c.len_utf8(),
        };
        let blanks = rest[length..].len() - rest[length..].trim_start().len();
        let (token, after) = rest.split_at(length + blanks);
        tokens.push(token);
        rest = after;
    }
    tokens
}

/// The length of a parameter, or of a string between two tags.
fn dollar(text: &str) -> usize {
    let digits = text[1..].find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len() - 1);
    if digits > 0 {
        return digits + 1;
    }
    let Some(tag) = text[1..].find('$').map(|at| &text[..at + 2]) else { return 1 };
    text[tag.len()..].find(tag).map_or(tag.len(), |at| at + 2 * tag.len())
}

/// The length of what stands in quotes.
fn quoted(text: &str, quote: char) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == quote && chars.next_if(|(_, next)| *next == quote).is_none() {
            return at + 1;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_matter_goes() {
        let sql = "SELECT a, 'it''s' || lower(b), 1/0 FROM t WHERE c";
        assert_eq!(reduce(sql, |s| s.contains("SELECT") && s.contains("1/0")), "SELECT 1/0 ");
        assert_eq!(tokens(sql).concat(), sql);
        let strings = "a $$it's$$ $1 $q$ $$ $q$ b";
        assert_eq!(reduce(strings, |s| s.contains("it")), "$$it's$$ ");
        assert_eq!(reduce(strings, |s| s.contains("$1")), "$1 ");
        assert_eq!(reduce("a 'it''s' b", |s| s.contains("''")), "'it''s' ");
    }
}
