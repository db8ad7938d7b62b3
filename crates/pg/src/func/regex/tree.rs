//! The tree that says which parts of a match its captures are. It is built as PostgreSQL's regcomp.c builds it, so that
//! the same preferences are asked in the same order: what has no captures, no back references and one preference is
//! one leaf, whose inside nobody asks about.

use super::ast::{Alternatives, Atom, Constraint, Item, Prefer};
use super::nfa::{Automaton, Check, Expr};
use super::parse::invalid;
use crate::Result;

/// Flags of a subexpression (regguts.h).
const LONGER: u8 = 1;
pub(super) const SHORTER: u8 = 2;
const MIXED: u8 = 4;
const CAPTURES: u8 = 8;
const BACKREF: u8 = 16;
const PREFERENCES: u8 = LONGER | SHORTER;

fn up(flags: u8) -> u8 {
    let mixed = if flags & PREFERENCES == PREFERENCES { MIXED } else { 0 };
    flags & !PREFERENCES | mixed
}

fn messy(flags: u8) -> bool {
    flags & (MIXED | CAPTURES | BACKREF) != 0
}

fn preference(flags: u8) -> u8 {
    flags & PREFERENCES
}

fn combine(a: u8, b: u8) -> u8 {
    up(a | b) | if preference(a) != 0 { preference(a) } else { preference(b) }
}

/// A subexpression.
#[derive(Debug)]
pub(super) struct Sub {
    pub kind: Kind,
    pub flags: u8,
    /// The captures that are all of this.
    pub captures: Vec<usize>,
    pub automaton: Automaton,
    expr: Expr,
}

#[derive(Debug)]
pub(super) enum Kind {
    Leaf,
    Concat(Box<Sub>, Box<Sub>),
    Either(Vec<Sub>),
    Repeat(Box<Sub>, u32, Option<u32>),
    Backref(usize, u32, Option<u32>),
}

impl Sub {
    fn new(kind: Kind, flags: u8, expr: Expr) -> Result<Sub> {
        Ok(Sub { kind, flags, captures: Vec::new(), automaton: Automaton::new(&expr)?, expr })
    }

    fn leaf(flags: u8, parts: Vec<Expr>) -> Result<Sub> {
        Sub::new(Kind::Leaf, flags, Expr::Sequence(parts))
    }

    fn concat(left: Sub, right: Sub, flags: u8) -> Result<Sub> {
        let expr = Expr::Sequence(vec![left.expr.clone(), right.expr.clone()]);
        Sub::new(Kind::Concat(Box::new(left), Box::new(right)), flags, expr)
    }

    /// Whether the shortest match is preferred.
    pub(super) fn prefers_shorter(&self) -> bool {
        self.flags & SHORTER != 0
    }

    /// Whether there are back references, so that the automaton is only an approximation.
    pub(super) fn has_backrefs(&self) -> bool {
        self.flags & BACKREF != 0
    }
}

/// Builds trees; remembers what each capture matches, for the back references to it.
pub(super) struct Builder {
    groups: Vec<Option<Expr>>,
    depth: usize,
}

/// How deep a tree may be: each capture in a row is one deeper.
const MAX_DEPTH: usize = 400;

impl Builder {
    pub(super) fn new(captures: usize) -> Builder {
        Builder { groups: vec![None; captures + 1], depth: 0 }
    }

    /// `parse` of regcomp.c.
    pub(super) fn alternatives(&mut self, branches: &Alternatives) -> Result<Sub> {
        if let [branch] = branches.as_slice() {
            return self.branch(branch);
        }
        let subs = branches.iter().map(|branch| self.branch(branch)).collect::<Result<Vec<_>>>()?;
        let flags = subs.iter().fold(LONGER, |flags, sub| flags | up(flags | sub.flags));
        let expr = Expr::Either(subs.iter().map(|sub| sub.expr.clone()).collect());
        Sub::new(if messy(flags) { Kind::Either(subs) } else { Kind::Leaf }, flags, expr)
    }

    /// `parsebranch` and `parseqatom` of regcomp.c.
    fn branch(&mut self, items: &[Item]) -> Result<Sub> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(invalid("regular expression is too complex"));
        }
        let sub = self.branch_at(items);
        self.depth -= 1;
        sub
    }

    fn branch_at(&mut self, items: &[Item]) -> Result<Sub> {
        let mut flags = 0;
        let mut parts = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let prefer = match item.prefer {
                Prefer::Nothing => 0,
                Prefer::Longer => LONGER,
                Prefer::Shorter => SHORTER,
            };
            let atom = self.atom(&item.atom)?;
            if item.max == Some(0) {
                continue;
            }
            let all = flags | prefer | atom.flags;
            if !messy(up(all)) {
                parts.push(repeated(atom.expr, item));
                flags = all;
                continue;
            }
            let combined = combine(prefer, atom.flags);
            let first = quantify(atom, item, prefer)?;
            let rest = self.branch(items.get(at + 1..).unwrap_or(&[]))?;
            let tail_flags = combined | combine(combined, rest.flags);
            let tail = Sub::concat(first, rest, tail_flags)?;
            let top_flags = combine(flags, tail.flags);
            return Sub::concat(Sub::leaf(flags, parts)?, tail, top_flags);
        }
        Sub::leaf(flags, parts)
    }

    fn atom(&mut self, atom: &Atom) -> Result<Sub> {
        match atom {
            Atom::Set(set) => Sub::new(Kind::Leaf, 0, Expr::Set(set.clone())),
            Atom::Constraint(constraint) => Sub::new(Kind::Leaf, 0, Expr::Check(self.check(constraint)?)),
            Atom::Group(inner) => self.alternatives(inner),
            Atom::Capture(number, inner) => {
                let mut sub = self.alternatives(inner)?;
                sub.flags |= CAPTURES;
                sub.captures.push(*number);
                if let Some(group) = self.groups.get_mut(*number) {
                    *group = Some(without_checks(&sub.expr));
                }
                Ok(sub)
            }
            Atom::Backref(number) => {
                let expr = self.groups.get(*number).cloned().flatten().unwrap_or(Expr::Sequence(Vec::new()));
                Sub::new(Kind::Backref(*number, 1, Some(1)), BACKREF, expr)
            }
        }
    }

    fn check(&mut self, constraint: &Constraint) -> Result<Check> {
        Ok(match constraint {
            Constraint::Look { ahead, negative, inner } => Check::Look {
                ahead: *ahead,
                negative: *negative,
                inner: Box::new(self.alternatives(inner)?.automaton),
            },
            simple => Check::Simple(simple.clone()),
        })
    }
}

fn repeated(expr: Expr, item: &Item) -> Expr {
    if item.min == 1 && item.max == Some(1) { expr } else { Expr::Repeat(Box::new(expr), item.min, item.max) }
}

/// "It's quantifier time" of `parseqatom`.
fn quantify(atom: Sub, item: &Item, prefer: u8) -> Result<Sub> {
    let flags = combine(prefer, atom.flags);
    let own = atom.flags & (PREFERENCES | MIXED);
    let expr = repeated(atom.expr.clone(), item);
    if let Kind::Backref(number, _, _) = atom.kind {
        return Sub::new(Kind::Backref(number, item.min, item.max), atom.flags | flags, expr);
    }
    if item.min == 1 && item.max == Some(1) && (prefer == 0 || own == 0 || prefer == own) {
        return Ok(atom);
    }
    if atom.flags & (CAPTURES | BACKREF) == 0 {
        return Sub::new(Kind::Leaf, flags, expr);
    }
    if item.min > 0 && atom.flags & BACKREF == 0 {
        // Only the last iteration's captures are asked for: x{m,n} is x{m-1,n-1} and x.
        let before = Expr::Repeat(
            Box::new(atom.expr.clone()),
            item.min - 1,
            item.max.map(|max| max.saturating_sub(1)),
        );
        return Sub::concat(Sub::new(Kind::Leaf, preference(flags), before)?, atom, flags);
    }
    Sub::new(Kind::Repeat(Box::new(atom), item.min, item.max), flags, expr)
}

/// What a back reference may match, as far as an automaton can tell: the conditions held where the group matched.
fn without_checks(expr: &Expr) -> Expr {
    match expr {
        Expr::Set(set) => Expr::Set(set.clone()),
        Expr::Check(_) => Expr::Sequence(Vec::new()),
        Expr::Sequence(parts) => Expr::Sequence(parts.iter().map(without_checks).collect()),
        Expr::Either(parts) => Expr::Either(parts.iter().map(without_checks).collect()),
        Expr::Repeat(inner, min, max) => Expr::Repeat(Box::new(without_checks(inner)), *min, *max),
    }
}
