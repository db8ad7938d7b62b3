//! Which of the wanted fields a JSON member is. Rows of one map mostly have their members in one order: the order of the
//! last rows is tried first.

use super::json::Text;

/// Beyond so many corrections the members have no order.
const MAX_LEARNED: usize = 4096;
/// Members at the front of an object whose places are remembered.
const MAX_REMEMBERED: usize = 256;

/// The names that are wanted.
#[derive(Debug)]
pub(super) struct Names {
    wanted: Box<[Box<str>]>,
    /// By the place of a member: its name in an earlier row, and which of the wanted fields it is.
    remembered: Vec<(Box<str>, Option<usize>)>,
    learned: usize,
}

impl Names {
    pub(super) fn new(wanted: impl IntoIterator<Item = Box<str>>) -> Self {
        Self { wanted: wanted.into_iter().collect(), remembered: Vec::new(), learned: 0 }
    }

    /// Which of the wanted fields the member at this place is.
    #[inline]
    pub(super) fn find(&mut self, place: usize, name: Text<'_>) -> Option<usize> {
        if let Some((known, field)) = self.remembered.get(place)
            && !name.escaped
            && name.raw == &**known
        {
            return *field;
        }
        self.search(place, name)
    }

    #[cold]
    fn search(&mut self, place: usize, name: Text<'_>) -> Option<usize> {
        let field = self.wanted.iter().position(|wanted| name.is(wanted));
        if !name.escaped && self.learned < MAX_LEARNED && place < MAX_REMEMBERED {
            self.learned += 1;
            let known = (name.raw.into(), field);
            if place == self.remembered.len() {
                self.remembered.push(known);
            } else if let Some(old) = self.remembered.get_mut(place) {
                *old = known;
            }
        }
        field
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_order_is_found() {
        let mut names = Names::new(["a", "b"].map(Box::from));
        let mut find = |place, raw, escaped| names.find(place, Text { raw, escaped });
        for _ in 0..3 {
            assert_eq!(
                (find(0, "x", false), find(1, "b", false), find(2, "a", false)),
                (None, Some(1), Some(0))
            );
            assert_eq!((find(0, "b", false), find(1, "a", false)), (Some(1), Some(0)));
            assert_eq!((find(0, r"\u0062", true), find(900, "a", false)), (Some(1), Some(0)));
        }
    }
}
