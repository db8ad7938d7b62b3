//! `LIKE` and `ILIKE` (PostgreSQL's like.c, like_match.c).

use super::case::lower;
use crate::{Error, Result, SqlState};

kernels!(KERNELS(call) {
    "textlike" => |a: &str, pattern: &str| like(a, pattern);
    "textnlike" => |a: &str, pattern: &str| like(a, pattern).map(|found| !found);
    "namelike" => |a: &str, pattern: &str| like(a, pattern);
    "namenlike" => |a: &str, pattern: &str| like(a, pattern).map(|found| !found);
    "texticlike" => |a: &str, pattern: &str| like(&lower(a), &lower(pattern));
    "texticnlike" => |a: &str, pattern: &str| like(&lower(a), &lower(pattern)).map(|found| !found);
    "nameiclike" => |a: &str, pattern: &str| like(&lower(a), &lower(pattern));
    "nameicnlike" => |a: &str, pattern: &str| like(&lower(a), &lower(pattern)).map(|found| !found);
    "bytealike" => |a: &[u8], pattern: &[u8]| matches(a, pattern, one_byte);
    "byteanlike" => |a: &[u8], pattern: &[u8]| matches(a, pattern, one_byte).map(|found| !found);
    "like_escape" => |pattern: &str, escape: &str| like_escape(pattern, escape);
    "like_escape_bytea" => |pattern: &[u8], escape: &[u8]| with_backslash(pattern.iter().copied(), escape, b'\\');
});

/// `text LIKE pattern`.
pub(super) fn like(text: &str, pattern: &str) -> Result<bool> {
    matches(text.as_bytes(), pattern.as_bytes(), one_char)
}

/// The length of the character at the start.
fn one_char(text: &[u8]) -> usize {
    let following = text.iter().skip(1).take_while(|&&byte| byte & 0xC0 == 0x80).count();
    1 + following
}

fn one_byte(_: &[u8]) -> usize {
    1
}

fn trailing_escape() -> Error {
    Error::new(SqlState::INVALID_ESCAPE_SEQUENCE, "LIKE pattern must not end with escape character")
}

/// `MatchText`, without its recursion: what follows the last `%` is tried at each place after it; an earlier `%` need
/// not take more, since the last one can. A pattern that ends in its escape is an error only where the match gets there.
fn matches(text: &[u8], pattern: &[u8], step: fn(&[u8]) -> usize) -> Result<bool> {
    let (mut t, mut p) = (0, 0);
    // After the last `%`: the pattern's place, and the text's where the next trial begins.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        let Some(&byte) = text.get(t) else {
            // Only `%` matches nothing.
            return Ok(pattern[p..].iter().all(|&c| c == b'%'));
        };
        let matched = match pattern.get(p) {
            Some(b'%') => {
                // `%` and `_` in any order: as many characters as there are `_`, then any.
                while let Some(c @ (b'%' | b'_')) = pattern.get(p) {
                    if *c == b'_' {
                        if t >= text.len() {
                            return Ok(false);
                        }
                        t += step(&text[t..]);
                    }
                    p += 1;
                }
                match pattern.get(p) {
                    None => return Ok(true),
                    Some(b'\\') if p + 1 == pattern.len() => return Err(trailing_escape()),
                    Some(_) if t >= text.len() => return Ok(false),
                    Some(_) => retry = Some((p, t)),
                }
                continue;
            }
            Some(b'_') => {
                t += step(&text[t..]);
                p += 1;
                true
            }
            Some(b'\\') => match pattern.get(p + 1) {
                None => return Err(trailing_escape()),
                Some(&c) => {
                    let same = c == byte;
                    if same {
                        p += 2;
                        t += 1;
                    }
                    same
                }
            },
            Some(&c) => {
                let same = c == byte;
                if same {
                    p += 1;
                    t += 1;
                }
                same
            }
            None => false,
        };
        if !matched {
            let Some((after, from)) = retry else { return Ok(false) };
            let from = from + step(&text[from..]);
            if from >= text.len() {
                return Ok(false);
            }
            (p, t) = (after, from);
            retry = Some((after, from));
        }
    }
}

/// `like_escape`: the pattern with the backslash for its escape character.
pub(super) fn like_escape(pattern: &str, escape: &str) -> Result<String> {
    let escape: Vec<char> = escape.chars().take(2).collect();
    Ok(with_backslash(pattern.chars(), &escape, '\\')?.into_iter().collect())
}

/// A pattern of characters or bytes with the backslash for its escape character.
fn with_backslash<T: Copy + PartialEq>(
    pattern: impl Iterator<Item = T>,
    escape: &[T],
    backslash: T,
) -> Result<Vec<T>> {
    let escape = match escape {
        [] => None,
        [c] if *c == backslash => return Ok(pattern.collect()),
        [c] => Some(*c),
        _ => {
            return Err(Error::new(SqlState::INVALID_ESCAPE_SEQUENCE, "invalid escape string")
                .hint("Escape string must be empty or one character."));
        }
    };
    let mut out = Vec::with_capacity(pattern.size_hint().0);
    let mut escaped = false;
    for c in pattern {
        if Some(c) == escape && !escaped {
            out.push(backslash);
            escaped = true;
        } else if c == backslash {
            // Not special before; doubled unless it was escaped already.
            out.push(backslash);
            if !escaped {
                out.push(backslash);
            }
            escaped = false;
        } else {
            out.push(c);
            escaped = false;
        }
    }
    Ok(out)
}
