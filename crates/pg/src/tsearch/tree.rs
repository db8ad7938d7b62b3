//! A query as a tree, whose `AND` and `OR` may have any number of operands: for comparing queries, and for replacing a
//! part of one by another (`tsquery_util.c`, `tsquery_rewrite.c`).

use std::cmp::Ordering;

use super::deeper;
use super::query::{Item, Operator, TsQuery};

/// A part of a query.
#[derive(Clone, Debug)]
pub(super) struct Node {
    kind: Kind,
    /// Of two operands the right one is the first.
    children: Vec<Node>,
    /// It came in place of another and stays as it is.
    replaced: bool,
}

#[derive(Clone, Debug)]
enum Kind {
    Word { text: Box<str>, weights: u8, prefix: bool, hash: i32 },
    Operator(Operator),
}

impl Node {
    /// `QT2QTN`; none of an empty query.
    pub(super) fn of(query: &TsQuery) -> Option<Node> {
        Node::from_items(query, 0)
    }

    fn from_items(query: &TsQuery, at: usize) -> Option<Node> {
        let (kind, children) = match query.item(at)? {
            Item::Word { text, weights, prefix } => {
                let hash = hash(text.as_bytes());
                (Kind::Word { text: text.clone(), weights: *weights, prefix: *prefix, hash }, Vec::new())
            }
            Item::Operator { operator, left } => {
                let mut children = vec![deeper(|| Node::from_items(query, at + 1))?];
                if *operator != Operator::Not {
                    children.push(deeper(|| Node::from_items(query, at + left))?);
                }
                (Kind::Operator(*operator), children)
            }
        };
        Some(Node { kind, children, replaced: false })
    }

    /// `QTN2QT`
    fn into_items(self, items: &mut Vec<Item>) {
        let at = items.len();
        match self.kind {
            Kind::Word { text, weights, prefix, .. } => items.push(Item::Word { text, weights, prefix }),
            Kind::Operator(operator) => {
                items.push(Item::Operator { operator, left: 1 });
                for child in self.children {
                    // The last operand is the left one.
                    let place = items.len() - at;
                    if let Some(Item::Operator { left, .. }) = items.get_mut(at) {
                        *left = place;
                    }
                    deeper(|| child.into_items(items));
                }
            }
        }
    }

    /// `QTNodeCompare`: operators first, the last of them first; words by a hash before their text.
    pub(super) fn compare(&self, other: &Node) -> Ordering {
        match (&self.kind, &other.kind) {
            (Kind::Operator(_), Kind::Word { .. }) => Ordering::Less,
            (Kind::Word { .. }, Kind::Operator(_)) => Ordering::Greater,
            (Kind::Word { text: a, hash: x, .. }, Kind::Word { text: b, hash: y, .. }) => {
                y.cmp(x).then_with(|| a.cmp(b))
            }
            (Kind::Operator(a), Kind::Operator(b)) => {
                let counts = b.code().cmp(&a.code()).then(other.children.len().cmp(&self.children.len()));
                counts.then_with(|| self.compare_children(other)).then_with(|| match (a, b) {
                    (Operator::Phrase(x), Operator::Phrase(y)) => y.cmp(x),
                    _ => Ordering::Equal,
                })
            }
        }
    }

    fn compare_children(&self, other: &Node) -> Ordering {
        let pairs = self.children.iter().zip(&other.children);
        let mut orders = pairs.map(|(a, b)| deeper(|| a.compare(b)));
        orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }

    /// `QTNTernary`: an `AND` below an `AND` becomes a part of it, and so with `OR`.
    fn flatten(&mut self) {
        self.children.iter_mut().for_each(|child| deeper(|| child.flatten()));
        let Kind::Operator(operator @ (Operator::And | Operator::Or)) = self.kind else { return };
        let children = std::mem::take(&mut self.children);
        self.children = children
            .into_iter()
            .flat_map(|child| match child.kind {
                Kind::Operator(own) if own == operator => child.children,
                _ => vec![child],
            })
            .collect();
    }

    /// `QTNSort`
    fn sort(&mut self) {
        self.children.iter_mut().for_each(|child| deeper(|| child.sort()));
        if !matches!(self.kind, Kind::Operator(Operator::Phrase(_))) {
            self.children.sort_by(Node::compare);
        }
    }

    /// `QTNBinary`: operators of two operands again.
    fn split(&mut self) {
        self.children.iter_mut().for_each(|child| deeper(|| child.split()));
        while self.children.len() > 2 {
            // The last operand takes the place of the first two, which become one before it.
            let first = self.children.swap_remove(0);
            let second = self.children.remove(1);
            let joined = Node { kind: self.kind.clone(), children: vec![first, second], replaced: false };
            self.children.insert(0, joined);
        }
    }

    /// `findeq`: replaces this part when it is `part`, or the operands of this `AND` or `OR` among which `part`'s are.
    fn replace_here(mut self, part: &Node, by: Option<&Node>) -> Option<Node> {
        let same_operator = match (&self.kind, &part.kind) {
            (Kind::Operator(a), Kind::Operator(b)) => a.code() == b.code(),
            (Kind::Word { .. }, Kind::Word { .. }) => true,
            _ => false,
        };
        if self.replaced || !same_operator {
            return Some(self);
        }
        let new = || by.map(|by| Node { replaced: true, ..by.clone() });
        if self.children.len() == part.children.len() {
            return if self.compare(part).is_eq() { new() } else { Some(self) };
        }
        if let Some(matched) = self.places_of(part) {
            let mut place = 0;
            self.children.retain(|_| {
                place += 1;
                !matched.contains(&(place - 1))
            });
            self.children.extend(new());
            self.sort();
        }
        Some(self)
    }

    /// Where all operands of `part` are among its own; both are sorted.
    fn places_of(&self, part: &Node) -> Option<Vec<usize>> {
        let mut wanted = part.children.iter().peekable();
        let mut places = Vec::new();
        for (at, child) in self.children.iter().enumerate() {
            let Some(next) = wanted.peek() else { break };
            match child.compare(next) {
                Ordering::Equal => {
                    places.push(at);
                    wanted.next();
                }
                Ordering::Less => {}
                Ordering::Greater => return None,
            }
        }
        (wanted.peek().is_none() && !places.is_empty()).then_some(places)
    }

    /// `dofindsubquery`
    fn replace(self, part: &Node, by: Option<&Node>) -> Option<Node> {
        let mut node = self.replace_here(part, by)?;
        if node.replaced {
            return Some(node);
        }
        let Kind::Operator(operator) = node.kind else { return Some(node) };
        let children = std::mem::take(&mut node.children);
        node.children = children.into_iter().filter_map(|child| deeper(|| child.replace(part, by))).collect();
        match node.children.len() {
            0 => None,
            1 if operator != Operator::Not => node.children.pop(),
            _ => Some(node),
        }
    }
}

impl TsQuery {
    /// `ts_rewrite`: with every `part` replaced by another query.
    pub fn rewrite(&self, part: &TsQuery, by: &TsQuery) -> TsQuery {
        let (Some(mut tree), Some(mut part)) = (Node::of(self), Node::of(part)) else { return self.clone() };
        tree.flatten();
        tree.sort();
        part.flatten();
        part.sort();
        let Some(mut tree) = tree.replace(&part, Node::of(by).as_ref()) else { return TsQuery::default() };
        tree.split();
        let mut items = Vec::new();
        tree.into_items(&mut items);
        TsQuery { items }
    }
}

/// PostgreSQL's old CRC of a word (`COMP_LEGACY_CRC32`), which orders queries: the table of a reflected polynomial, used
/// as if it were not.
fn hash(bytes: &[u8]) -> i32 {
    let entry = |index: u32| {
        (0..8).fold(index, |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 })
    };
    let crc = bytes.iter().fold(u32::MAX, |crc, byte| crc << 8 ^ entry(crc >> 24 ^ u32::from(*byte)));
    !crc as i32
}
